"""Taking data out: SQL that reads and cannot write, exports that say what they hold."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.extract import export
from leadtime.extract.results import RESULTS
from leadtime.extract.sql import ask
from studies import EARLY, quick_study


@pytest.fixture(scope="module")
def study():
    return quick_study("2026-11-01")


def test_the_evidence_is_asked_as_of_the_day(study):
    n = ask(study, "select count(*) as n from scores")["n"][0]
    assert n == study.evidence["scores"].height
    then = quick_study(EARLY)
    assert ask(then, "select max(known_on) as last from scores")["last"][0] <= then.as_of < study.as_of
    both = ask(
        study,
        "select s.model, m.organization from scores s join models m on s.model = m.id where s.model = 'deepseek-v3'",
    )
    assert set(both["organization"]) == {"deepseek"}


def test_results_are_computed_when_they_are_named(study):
    found = ask(study, "select model, points from abilities order by points desc limit 1")
    assert found["model"][0] == study.abilities()["model"][0]
    assert ask(study, "select name, name from models limit 1").columns == ["name", "name_2"]


def test_every_kind_of_cell_can_be_written(study):
    kinds = (
        "interval 1 day as x, [1, 2] as y, 'a'::blob as b, 1.5::decimal(5, 2) as d, time '10:00' as t, null as n, {'a':"
        " 1} as s, map {'a': 1} as m"
    )
    found = ask(study, f"select {kinds}, date '2025-01-01' as on_day, timestamp '2025-01-01' as at, true as f")
    assert found.write_csv().splitlines()[1].startswith('"1 day, 0:00:00","[1, 2]"')
    assert json.dumps(found.to_dicts(), default=str)
    with pytest.raises(LeadtimeError, match="a time with a zone"):
        ask(study, "select [now()]")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select * from read_csv('/etc/passwd')", "disabled"),
        ("select * from '/etc/passwd'", "does not exist"),
        ("selec", "syntax"),
        ("copy scores to 'x.csv'", "not one SELECT"),
        ("attach 'x.db'", "not one SELECT"),
        ("set memory_limit='9GB'", "not one SELECT"),
        ("select 1; select 2", "not one SELECT"),
        ("", "not one SELECT"),
        ("install httpfs", "not one SELECT"),
        ("select nothing from scores", "nothing"),
        ("drop table scores", "not one SELECT"),
        ("insert into scores values (1)", "not one SELECT"),
        ("pragma database_list", "not one SELECT"),
        ("select '\udcff'", "is not UTF-8"),
    ],
)
def test_nothing_is_written_and_no_file_is_read(study, query, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LeadtimeError, match=words):
        ask(study, query)
    assert list(tmp_path.iterdir()) == []


def test_a_query_without_end_is_stopped(study):
    with pytest.raises(LeadtimeError, match="longer than"):
        ask(study, "select count(*) from scores a, scores b, scores c where a.score + b.score > c.score", seconds=0.3)


def test_exports_hold_every_table_and_read_back_the_same(study, tmp_path):
    files, left_out = export.write(study, tmp_path / "p", "parquet")
    assert set(left_out) == set()  # what they rest on counts from the day of its source
    assert {f.stem for f in files} == {*TABLES, *RESULTS, "stamp"} - set(left_out)
    assert pl.read_parquet(tmp_path / "p" / "scores.parquet").equals(study.evidence["scores"])
    assert json.loads((tmp_path / "p" / "stamp.json").read_text())["evidence_hash"] == study.evidence.hash
    with pytest.raises(LeadtimeError, match="empty folder"):
        export.write(study, tmp_path / "p", "parquet")
    with pytest.raises(LeadtimeError, match="no format"):
        export.write(study, tmp_path / "q", "xlsx")


def test_a_data_package_says_types_keys_and_sources(study, tmp_path):
    export.write(study, tmp_path / "d", "datapackage", results=False)
    package = json.loads((tmp_path / "d" / "datapackage.json").read_text())
    by = {r["name"]: r for r in package["resources"]}
    assert {r["path"] for r in package["resources"]} == {f.name for f in (tmp_path / "d").glob("*.csv")}
    scores = by["scores"]["schema"]
    assert [f["name"] for f in scores["fields"]] == study.evidence["scores"].columns
    assert {"fields": "model", "reference": {"resource": "models", "fields": "id"}} in scores["foreignKeys"]
    assert next(f for f in scores["fields"] if f["name"] == "score")["constraints"]["maximum"] == 1
    assert len(package["sources"]) == study.evidence["sources"].height


def test_the_posterior_reads_as_arviz_wants_it(study, tmp_path):
    import xarray

    export.write(study, tmp_path / "n", "netcdf")
    with xarray.open_dataset(tmp_path / "n" / "abilities.nc", engine="scipy") as found:
        assert found["ability"].dims == ("chain", "draw", "model")
        assert "deepseek-v3" in found["model"].values.astype(str)
        assert found.attrs["evidence_hash"] == study.evidence.hash


def test_from_the_command_line():
    run = CliRunner().invoke(app, ["sql", "select model, score from scores order by score limit 2", "--json"])
    assert len(json.loads(run.stdout)) == 2
    shown = CliRunner().invoke(app, ["sql", "select * from scores limit 3"]).stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "3 rows; not shown: locator, note, known_from, known_by; --csv gives all" in shown
