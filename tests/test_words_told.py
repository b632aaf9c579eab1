"""The words of answers on gaps: true in every direction, as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers import registry
from leadtime.answers.answer import Spread
from leadtime.answers.words import chance, grew, months_apart, number, significant
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.study import Study
from studies import quick_study

TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def study():
    return quick_study()


@pytest.mark.parametrize(
    ("low", "middle", "high", "said"),
    [
        (4.1, 4.9, 6.1, "They were 4.9 months behind the others (4.1 to 6.1)"),
        (-6.1, -4.9, -4.1, "They were 4.9 months ahead of the others (4.1 to 6.1)"),
        (-0.5, 0.8, 2.1, "They were 0.8 months behind the others (0.5 ahead to 2.1 behind)"),
        (-2.1, -0.8, 0.5, "They were 0.8 months ahead of the others (2.1 ahead to 0.5 behind)"),
        (-0.3, 0.01, 0.4, "They were level with the others (0.3 ahead to 0.4 behind)"),
        (0.0, 0.0, 0.0, "They were level with the others (the same in every draw)"),
        (3.0, 3.0, 3.0, "They were 3.0 months behind the others (the same in every draw)"),
        (0.0, 1.0, 2.0, "They were 1.0 month behind the others (0.0 to 2.0)"),
        (None, None, None, "How far They were behind the others cannot be measured"),
    ],
)  # fmt: skip
def test_a_gap_is_told_in_every_direction(low, middle, high, said):
    assert months_apart("They", "the others", Spread(low, middle, high)) == said


@given(st.floats(-60, 60), st.floats(0, 20), st.floats(0, 20))
def test_a_gap_is_told_on_the_side_of_its_middle(middle, below, above):
    said = months_apart("They", "the others", Spread(middle - below, middle, middle + above))
    assert ("behind the others" in said) == (middle >= 0.05) and ("ahead of the others" in said) == (middle <= -0.05)
    assert "-" not in said and "nan" not in said


@pytest.mark.parametrize(
    ("middle", "p", "said"),
    [
        (1.2, 0.97, "The gap grew by 1.2 months from the year before (chance 97 in 100)."),
        (-1.2, 0.02, "The gap shrank by 1.2 months from the year before (chance 98 in 100)."),
        (0.4, 0.64, "Whether the gap grew from the year before is unclear: the chance is 64 in 100."),
        (None, None, "Whether the gap grew from the year before is not known."),
    ],
)  # fmt: skip
def test_a_change_is_told_as_clear_or_unclear(middle, p, said):
    assert grew("The gap", Spread(None, middle, None), p, "the year before") == said


def test_chances_and_numbers_are_told_as_people_say_them():
    assert [chance(p) for p in (0.001, 0.86, 0.999, None)] == [
        "under 1 in 100",
        "86 in 100",
        "over 99 in 100",
        "not known",
    ]
    assert [number(-0.01), number(3.14159, 2), number(float("nan"))] == ["0.0", "3.14", "not known"]
    assert [significant(2_788_000), significant(0.0341, 2), significant(34e9)] == [
        "2.79 million",
        "0.034",
        "34 billion",
    ]


class _Lags:
    """A study whose lags are given."""

    def __init__(self, study, months):
        self.months, self.evidence, self.stamp, self.evidence_through = (
            months,
            study.evidence,
            study.stamp,
            study.evidence_through,
        )
        self.own_scores = ""

    def lag(self, model, of, behind, name, *settings):
        import numpy as np

        return Estimate(name=name, unit="months", draws=np.array(self.months), definition="It.", as_of=TODAY)

    def lag_year(self, *a, **k):
        raise LeadtimeError("no model in that year")


@pytest.mark.parametrize(
    ("asked", "months", "words"),
    [
        (
            {"of": "CHN"},
            [4.0, 5.0, 6.0] * 30,
            "China's best models were 5.0 months behind America's on average since July 2023 (4.0 to 6.0).",
        ),
        (
            {"of": "USA", "behind": "CHN"},
            [-4.0, -5.0, -6.0] * 30,
            "America's best models were 5.0 months ahead of China's",
        ),
        ({"of": "open", "behind": "closed"}, [0.0], "The best open models were level with the best closed models"),
        (
            {"model": "deepseek-v3"},
            list(range(1, 60)),
            "DeepSeek-V3 was 30.0 months behind America's best models when it came out (3.9 to 56.1).",
        ),
        (
            {"model": "deepseek-v3"},
            [3.0] * 80 + [5.0] * 20,
            (
                "DeepSeek-V3 was most likely 3.0 months behind America's best models when it came out (80 in 100); next"
                " comes 5.0 months behind (20 in 100)."
            ),
        ),
        (
            {"model": "deepseek-v3"},
            [float("nan")] * 9,
            "How far DeepSeek-V3 was behind America's best models when it came out cannot be measured.",
        ),
        (
            {"model": "deepseek-v3", "definition": "trend_gap_linear", "benchmarks": "math"},
            [1.0, 2.0, 3.0] * 30,
            "by the straight line through the records, on tests of math (1.0 to 3.0)",
        ),
    ],
)
def test_the_sentence_of_a_lag_is_true_in_every_direction(study, asked, months, words):
    fake = _Lags(study, [float(m) for m in months])
    assert words in registry.find("lag").ask(fake, asked).sentence


def test_the_claimed_range_stands_only_where_the_claim_is_about(study, monkeypatch):
    grid = study.lag_grid("deepseek-v3")
    monkeypatch.setattr(Study, "lag_grid", lambda self, *a, **k: grid)
    ask = registry.find("lag all").ask
    assert "p_7_10" in ask(study, {"model": "deepseek-v3"}).to_json()["rows"][0]
    assert "p_7_10" not in ask(study, {"model": "deepseek-r1"}).to_json()["rows"][0]


def test_which_of_two_is_abler_is_told_either_way_or_not_at_all():
    from leadtime.answers.questions.lag_versus import _sentence

    domain = {"level": "domain", "probability": 0.8}
    assert _sentence("A", "B", 0.97, [domain]) == "A is abler than B (chance 97 in 100), and in 1 of 1 domain."
    assert _sentence("A", "B", 0.03, [domain]) == "B is abler than A (chance 97 in 100), and in 0 of 1 domain."
    assert "not clear" in _sentence("A", "B", 0.5, []) and "not known" in _sentence("A", "B", None, [])
