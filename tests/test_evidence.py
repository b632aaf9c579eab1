"""The evidence: what the tables must hold, how rows are checked, overlaid, dated and hashed."""

import contextlib
import csv
import datetime as dt
import io

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.claims.ledger import built_in
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence, validate
from leadtime.evidence.store import _BUILT_IN

TODAY = dt.date.today()  # noqa: DTZ011 - the user's own calendar day
SCORE = {
    "model": "deepseek-v3", "benchmark": "winogrande", "score": "0.5", "se": "", "effort": "", "setting": "test",
    "evaluator": "epoch-ai", "report_type": "independent", "measured_on": "", "known_on": "2025-02-01",
    "source": "ai-2027", "locator": "", "note": "",
}  # fmt: skip
SMALL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load()


def overlay(folder, table, *rows):
    """Write rows (dicts of text) as a study's file and return the study."""
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "evidence" / f"{table}.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder


def problem(folder, table, *rows):
    with pytest.raises(LeadtimeError) as caught:
        Evidence.load(overlay(folder, table, *rows))
    return str(caught.value)


# --- what is there ----------------------------------------------------------------------------------------------


def test_there_is_enough_of_everything(evidence):
    organizations = evidence["models"]["organization"].n_unique()
    assert evidence["models"].height >= 130
    assert organizations >= 25
    assert evidence["benchmarks"].height >= 25
    assert evidence["scores"].height >= 1500


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-v2",
        "deepseek-v3",
        "deepseek-r1",
        "deepseek-v3-1",
        "deepseek-v3-2",
        "claude-3-5-sonnet-2024-06",
        "claude-3-5-sonnet-2024-10",
    ],
)
def test_a_model_of_the_claim_is_there_with_scores(evidence, name):
    assert evidence.resolve_model(name) == name
    assert evidence["scores"].filter(pl.col("model") == name)["benchmark"].n_unique() >= 4


def test_a_deepseek_v4_is_there_with_scores(evidence):
    found = [m for m in evidence["models"]["id"] if m.startswith("deepseek-v4")]
    assert found
    assert evidence["scores"].filter(pl.col("model").is_in(found))["benchmark"].n_unique() >= 4


def test_at_least_100_scores_of_a_vendor_have_an_independent_twin_at_the_same_effort_and_setting(evidence):
    same = ["model", "benchmark", "effort", "setting"]
    scores = evidence["scores"]
    vendor = scores.filter(pl.col("report_type") == "vendor").select(same).unique()
    others = scores.filter(pl.col("report_type").is_in(["independent", "leaderboard"])).select(same).unique()
    assert vendor.join(others, on=same, nulls_equal=True).height >= 100


@pytest.mark.parametrize("table", [t for t in TABLES if t != "sources"])
def test_every_source_resolves_and_nothing_becomes_known_in_the_future(table):
    rows = Evidence.load(as_of=dt.date.max)[table]
    assert set(rows["source"]) <= set(Evidence.load()["sources"]["id"])
    assert rows["known_on"].max() <= TODAY


def test_every_source_is_the_source_of_something(evidence):
    used = set().union(*(evidence[t][c] for t in TABLES if t != "sources" for c in ("source", "read_in")))
    orphans = sorted(set(evidence["sources"]["id"]) - used)
    tables = [evidence[t] for t in TABLES if t != "sources" and "note" in evidence[t].columns]
    said = [n for rows in tables for n in rows["note"].drop_nulls()] + [c.source for c in built_in()]
    allowed = [o for o in orphans if any(o in n for n in said)]
    assert orphans == allowed, f"sources that no row names: {sorted(set(orphans) - set(allowed))}"


def test_no_score_is_known_before_its_model_or_measured_after_it_is_known(evidence):
    models = evidence["models"].select(model="id", model_known_on="known_on")
    joined = evidence["scores"].join(models, on="model")
    early = joined.filter(pl.col("known_on") < pl.col("model_known_on"))
    assert early.height == 0, early.select("model", "benchmark", "known_on", "model_known_on", "source").rows()[:10]
    assert joined.filter(pl.col("measured_on") > pl.col("known_on")).height == 0


def test_floors_lie_below_ceilings(evidence):
    assert evidence["benchmarks"].filter(pl.col("floor") >= pl.col("ceiling")).is_empty()


def test_dates_of_a_model_are_in_order(evidence):
    m = evidence["models"]
    assert m.filter(pl.col("trained_by_low") > pl.col("trained_by_high")).is_empty()
    assert m.filter(pl.col("announced_on") > pl.col("released_on")).is_empty()
    assert m.filter(pl.col("trained_by_low") > pl.col("released_on")).is_empty()


@pytest.mark.parametrize("table", TABLES)
def test_a_built_in_file_holds_exactly_the_declared_columns_and_no_stray_space(table):
    text = (_BUILT_IN / TABLES[table].folder / f"{table}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == TABLES[table].column_names
    assert not [cell for row in rows for cell in row if cell != cell.strip()]


# --- names ------------------------------------------------------------------------------------------------------


def test_a_model_is_found_by_id_name_and_alias(evidence):
    names = {evidence.resolve_model(n) for n in ("deepseek-v3", "DeepSeek-V3", "DEEPSEEK V3", "deepseek_v3")}
    assert names == {"deepseek-v3"}


def test_every_model_is_found_by_its_id(evidence):
    assert [evidence.resolve_model(m) for m in evidence["models"]["id"]] == evidence["models"]["id"].to_list()


def test_an_unknown_model_gives_the_nearest(evidence):
    with pytest.raises(LeadtimeError, match="deepseek-v3") as caught:
        evidence.resolve_model("deepseek-v33")
    assert "Did you mean" in str(caught.value)


# --- as of ------------------------------------------------------------------------------------------------------


@SMALL
@given(st.dates(dt.date(2023, 3, 1), dt.date(2026, 12, 31)), st.integers(0, 400))
def test_as_of_keeps_what_was_known_and_a_later_day_only_adds(evidence, day, more):
    early, late = evidence.known_by(day), evidence.known_by(day + dt.timedelta(days=more))
    for table in TABLES:
        if table != "sources":
            assert early[table].is_empty() or early[table]["known_on"].max() <= day
        kept = late[table].join(early[table], on=list(TABLES[table].key), how="semi", nulls_equal=True)
        assert kept.equals(early[table])
    assert early.as_of == day


def test_as_of_before_everything_says_when_the_evidence_begins():
    with pytest.raises(LeadtimeError, match="1990-01-01") as caught:
        Evidence.load(as_of=dt.date(1990, 1, 1))
    assert "2023" in str(caught.value)


# --- the hash ---------------------------------------------------------------------------------------------------


def test_the_hash_is_of_the_rows_only(evidence, tmp_path):
    assert evidence.hash == Evidence.load().hash
    assert len(evidence.hash) == 16
    (tmp_path / "evidence").mkdir()
    assert Evidence.load(tmp_path).hash == evidence.hash
    assert evidence.known_by(dt.date(2025, 1, 29)).hash != evidence.hash


@SMALL
@given(st.sampled_from([f"0.{n}" for n in range(10, 99)]))
def test_the_hash_depends_on_each_value_and_not_on_how_it_is_written(tmp_path, value):
    plain = Evidence.load(overlay(tmp_path / "a", "scores", SCORE | {"score": value})).hash
    padded = Evidence.load(overlay(tmp_path / "b", "scores", SCORE | {"score": f" {value}000 "})).hash
    other = Evidence.load(overlay(tmp_path / "c", "scores", SCORE | {"score": f"{value}1"})).hash
    assert plain == padded
    assert plain != other


# --- overlay ----------------------------------------------------------------------------------------------------


def test_an_overlay_adds_a_row(evidence, tmp_path):
    with_row = Evidence.load(overlay(tmp_path, "scores", SCORE))
    assert with_row["scores"].height == evidence["scores"].height + 1
    (told,) = with_row.overlays
    assert (told.table, told.file, told.n_added, told.n_replaced) == ("scores", "scores.csv", 1, 0)


@SMALL
@given(st.data())
def test_an_overlay_with_the_key_of_a_row_replaces_it(evidence, tmp_path, data):
    index = data.draw(st.integers(0, evidence["scores"].height - 1))
    row = {k: "" if v is None else str(v) for k, v in evidence["scores"].row(index, named=True).items()}
    changed = Evidence.load(overlay(tmp_path, "scores", row | {"score": "0.123", "note": "mine"}))
    assert changed["scores"].height == evidence["scores"].height
    assert changed["scores"].filter(pl.col("note") == "mine")["score"].to_list() == [0.123]
    assert (changed.overlays[0].n_added, changed.overlays[0].n_replaced) == (0, 1)


def test_an_overlay_may_bring_a_model_and_its_score(tmp_path):
    model = {
        "id": "my-model",
        "name": "Mine",
        "organization": "deepseek",
        "released_on": "2025-01-01",
        "weights": "open",
        "reasoning": "false",
        "stage": "instruct",
        "source": "ai-2027",
        "known_on": "2025-01-01",
        "confidence": "high",
    }
    overlay(tmp_path, "models", model)
    found = Evidence.load(overlay(tmp_path, "scores", SCORE | {"model": "my-model"}))
    assert found.resolve_model("Mine") == "my-model"


def test_a_study_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(LeadtimeError, match="not a folder"):
        Evidence.load(tmp_path / "nowhere")


def test_a_file_that_is_no_table_is_refused(tmp_path):
    assert "Known tables" in problem(tmp_path, "score", SCORE)


# --- validation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("score", "87", "87 percent is 0.87"),
        ("score", "-0.1", "between 0 and 1"),
        ("score", "nan", "a number"),
        ("score", "inf", "a number"),
        ("score", "0,87", "decimal point"),
        ("score", "", "a number"),
        ("known_on", "29.01.2025", "a date such as 2025-01-29"),
        ("known_on", "2025-02-30", "a date such as 2025-01-29"),
        ("known_on", "", "a date such as 2025-01-29"),
        ("model", "deepseek-v33", "nearest: deepseek-v3"),
        ("model", "DeepSeek V3", "kebab-case"),
        ("source", "no-such-source-at-all", "an id in sources"),
        ("report_type", "rumor", "one of vendor, competitor, leaderboard, independent"),
        ("se", "0.9", "between 0 and 0.5"),
    ],
)
def test_a_bad_cell_is_named_with_file_row_column_and_expectation(tmp_path, column, value, expected):
    text = problem(tmp_path, "scores", SCORE, SCORE | {"setting": "other", column: value})
    assert f"scores.csv, row 3, column {column}: found {value!r}, expected" in text
    assert expected in text


def test_all_bad_cells_are_told_and_many_are_counted(tmp_path):
    bad = [SCORE | {"setting": str(i), "score": "2"} for i in range(20)]
    text = problem(tmp_path, "scores", *bad)
    assert "20 problems" in text
    assert "and 12 more" in text


def test_a_row_given_twice_is_refused(tmp_path):
    assert "row 3, column model+benchmark+effort+setting+evaluator+source" in problem(tmp_path, "scores", SCORE, SCORE)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the column 'model' is missing"),
        (b"model,benchmark,skore\n", "no column 'skore'"),
        (b"model,benchmark,score,evaluator,report_type,known_on,source\na,b\n", "found '2 cells', expected 7 cells"),
        (b"model,model\n", "scores.csv, row 1"),
        (b'model,benchmark,score,evaluator,report_type,known_on,source\n"a,b\n', "scores.csv, row"),
        (b"model,\xff\xfe\n", "not valid UTF-8"),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path, content, expected):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "scores.csv").write_bytes(content)
    with pytest.raises(LeadtimeError) as caught:
        Evidence.load(tmp_path)
    assert expected in str(caught.value)


@SMALL
@given(st.binary(max_size=200))
def test_no_bytes_whatever_end_in_another_error_than_ours(tmp_path, content):
    (tmp_path / "scores.csv").write_bytes(content)
    with contextlib.suppress(LeadtimeError):
        validate.read_table(tmp_path / "scores.csv", TABLES["scores"])


@SMALL
@given(st.dictionaries(st.sampled_from(sorted(SCORE)), st.text(max_size=12), max_size=4))
def test_no_cells_whatever_end_in_another_error_than_ours(tmp_path, cells):
    try:
        Evidence.load(overlay(tmp_path, "scores", SCORE | cells))
    except LeadtimeError as error:
        assert "scores.csv" in str(error)


@SMALL
@given(st.floats(0, 1))
def test_a_valid_score_survives_to_the_last_digit(tmp_path, value):
    rows = Evidence.load(overlay(tmp_path, "scores", SCORE | {"score": repr(value)}))["scores"]
    assert rows.filter(pl.col("setting") == "test")["score"].to_list() == [value]


def test_every_column_says_what_it_expects():
    for table in TABLES.values():
        for column in table.columns:
            assert column.help.endswith("."), (table.name, column.name)
            assert column.expected
