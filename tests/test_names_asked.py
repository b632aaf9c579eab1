"""Values as people type them: names, aliases and kinds, found or refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.kinds import Choice, Contents, Flag, Kind, Many, Name, Text
from leadtime.answers.measures import Day, Interval, Number, Quarter, Whole
from leadtime.answers.names import resolved
from leadtime.errors import LeadtimeError
from studies import quick_study

TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def study():
    return quick_study()


@pytest.mark.parametrize(
    ("of", "text", "found"),
    [
        ("model", "DeepSeek-V3", "deepseek-v3"),
        ("model", "deepseek v3", "deepseek-v3"),
        ("side", "China", "CHN"),
        ("side", "cn", "CHN"),
        ("side", "the United States", "USA"),
        ("side", "Open", "open"),
        ("side", "DeepSeek", "deepseek"),
        ("side", "CHN", "CHN"),
        ("country", "Germany", "DEU"),
        ("country", "de", "DEU"),
        ("definition", "age of equal", "age_of_equal"),
        ("chip", "H20", "h20"),
        ("benchmark set", "Math", "math"),
        ("schema", "lag", "lag"),
    ],
)
def test_names_are_found_as_people_type_them(study, of, text, found):
    assert resolved(of, text, study) == found


@pytest.mark.parametrize(
    ("of", "text", "words"),
    [
        ("model", "gpt-4o", "several models begin"),
        ("model", "deepsek-v3", "deepseek-v3"),
        ("side", "Chinna", "China"),
        ("country", "Atlantis", "no country"),
        ("definition", "age", "age_of_equal"),
        ("chip", "H9000", "H9000"),
    ],
)
def test_a_name_of_nothing_or_of_several_things_is_told(study, of, text, words):
    with pytest.raises(LeadtimeError) as told:
        resolved(of, text, study)
    assert words.casefold() in str(told.value).casefold() or text in str(told.value)


KINDS_OF_VALUES = [
    Text(),
    Number(low=0, high=1),
    Number(low=0, above=True),
    Whole(low=1, high=9),
    Interval(low=0),
    Flag(),
    Choice(of=("a", "b")),
    Day(),
    Quarter(),
    Contents(),
    Many(each=Number(low=0)),
    Many(each=Text(), at_most=2),
    Name(of="model"),
]


@given(
    st.sampled_from(KINDS_OF_VALUES),
    st.one_of(
        st.text(max_size=300), st.floats(), st.integers(), st.none(), st.booleans(), st.lists(st.text(), max_size=4)
    ),
)
def test_a_value_is_of_its_kind_or_refused_in_words(kind: Kind, value):
    try:
        found = kind.parse(value)
    except LeadtimeError as error:
        assert error.what and error.fix
        return
    assert kind.parse(found) == found  # what was read is read again as itself
    assert "nan" not in str(found).casefold() or isinstance(found, str | tuple)


@pytest.mark.parametrize("kind", KINDS_OF_VALUES, ids=lambda k: type(k).__name__)
def test_a_kind_is_described_to_people_and_programs(kind):
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(kind.schema())
    assert (
        kind.expected
        and kind.metavar
        and kind.control in ("text", "textarea", "number", "date", "checkbox", "select", "datalist")
    )


def test_one_value_or_two_ends():
    assert Interval(low=0).parse("814") == (814.0, 814.0)
    assert Interval(low=0).parse("4500..5,200") == (4500.0, 5200.0)
    with pytest.raises(LeadtimeError, match="ends before"):
        Interval().parse("3..2")
