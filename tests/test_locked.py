"""Locked forecasts: a chain that shows what was changed, scores that come with the outcome, and a stranger's file."""

import csv
import datetime as dt
import json
import math
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime import answers
from leadtime.backtest import locked, others, questions, score
from leadtime.backtest.locked import Entry
from leadtime.backtest.locked_standing import of_study, standing
from leadtime.backtest.others import LAST_FIGURE
from leadtime.backtest.project import SIMPLE
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from studies import DRAWS, EARLY, quick_study

TODAY = dt.date.today()  # noqa: DTZ011 - the user's own calendar day


@pytest.fixture(scope="module")
def study():
    return quick_study(None)


@pytest.fixture(scope="module")
def file(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("locked") / "mine.jsonl"
    new, silent = locked.predict(study, path, today=TODAY)
    assert len(new) >= 3
    assert silent
    return path


def entry(n=1, before=locked.START, question="lag-daily-mean-2026-06-30", made_on="2026-01-29", values=None):
    said = sorted(values if values is not None else np.linspace(2, 8, locked.QUANTILES).tolist())
    return Entry(
        n=n,
        made_on=made_on,
        as_of=made_on,
        question=question,
        words="What will it be?",
        closes_on="2026-06-30",
        unit="months",
        evidence_hash="e" * 16,
        code="c" * 24,
        version="0.2.0",
        seed=0,
        draws=100,
        method="map",
        forecasts={"leadtime": said, "last value": [5.0] * locked.QUANTILES},
        before=before,
    )


def chain(n):
    entries = []
    for i in range(n):
        entries.append(entry(i + 1, locked.head(entries), values=np.linspace(i, i + 5, locked.QUANTILES).tolist()))
    return entries


def written(path, lines):
    path.write_text("".join(f"{x}\n" for x in lines), encoding="utf-8")
    return path


# -- the chain
# ----------------------------------------------------------------------------------------------------------------


def test_a_chain_is_read_as_it_was_written(tmp_path):
    entries = chain(4)
    path = written(tmp_path / "f.jsonl", [e.line() for e in entries])
    assert locked.read(path) == entries
    assert locked.head(locked.read(path)) == entries[-1].hash
    assert locked.read(written(tmp_path / "none.jsonl", [])) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_changed_taken_out_put_in_or_moved_is_told_by_its_line(tmp_path_factory, data):
    lines = [e.line() for e in chain(5)]
    k = data.draw(st.integers(0, 4))
    how = data.draw(st.sampled_from(["digit", "drop", "twice", "swap", "rehashed"]))
    told = k + 1
    if how == "digit":
        at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", lines[k])]))
        lines[k] = lines[k][:at] + str((int(lines[k][at]) + 1) % 10) + lines[k][at + 1 :]
    elif how == "drop":
        if k == 4:
            return  # the end may be cut off: the last hash, published, tells of that
        del lines[k]
    elif how == "twice":
        lines.insert(k, lines[k])
        told = k + 2
    elif how == "swap":
        j = data.draw(st.integers(0, 4).filter(lambda j: j != k))
        lines[k], lines[j] = lines[j], lines[k]
        told = min(k, j) + 1
    else:  # the forger works out the line's own hash anew: the next line tells
        if k == 4:
            return
        e = chain(5)[k]
        lines[k] = replace(e, forecasts={"leadtime": [9.0] * locked.QUANTILES}).line()
        told = k + 2
    path = written(tmp_path_factory.mktemp("f") / "f.jsonl", lines)
    with pytest.raises(LeadtimeError) as error:
        locked.read(path)
    assert f"line {told}" in str(error.value)


def test_a_forecast_is_added_and_nothing_before_it_is_touched(study, file, tmp_path):
    before = file.read_bytes()
    path = tmp_path / "more.jsonl"
    path.write_bytes(before)
    new, _ = locked.predict(study, path, today=TODAY)
    assert new == []  # of this day, evidence and program they are there already
    assert path.read_bytes() == before
    other = quick_study(None, seed=1)
    old = written(path, [replace(e, code="of before").line() for e in locked.read(file)[:1]])
    kept = old.read_bytes()
    added, _ = locked.predict(other, path, today=TODAY)
    assert added
    assert path.read_bytes().startswith(kept)
    assert locked.read(path)[1].before == locked.read(path)[0].hash


_AT_ONCE = """
import sys, time
import numpy as np
from pathlib import Path
import datetime as dt
from leadtime.backtest import locked
from leadtime.capability import cache
from leadtime.study import Study

file, mine, go = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
study = Study(method="map", draws=200)
locked.forecast = lambda study, q: ({} if q.kind == "event" else {"leadtime": np.linspace(1, 9, study.draws)}, "why")
cache.code = lambda: mine  # so that each has lines of its own to add
made = locked._made
locked._made = lambda *a: (time.sleep(0.03), made(*a))[1]
print("ready", flush=True)
while not go.exists():
    time.sleep(0.001)
new, _ = locked.predict(study, file, today=dt.date.today())
print(len(new))
"""


def test_two_at_once_follow_each_other_and_the_chain_holds(tmp_path):
    file, go = tmp_path / "f.jsonl", tmp_path / "go"
    both = [
        subprocess.Popen([sys.executable, "-c", _AT_ONCE, file, name, go], stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    assert [p.stdout.readline() for p in both] == ["ready\n"] * 2
    go.touch()
    n = [int(p.communicate(timeout=120)[0]) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert min(n) >= 3
    entries = locked.read(file)  # it would say which line broke the chain
    assert [sum(e.code == name for e in entries) for name in ("one", "two")] == n
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.jsonl", "go"]


def test_the_next_figures_of_others_have_a_forecast_and_the_rest_a_reason(study, tmp_path):
    new, silent = locked.predict(study, tmp_path / "f.jsonl", today=TODAY)
    said = {e.question: e for e in new}
    for name in ("epoch-next-lag", "caisi-next-lag", "uk-aisi-next-cyber-lag"):
        e = said[f"{name}-2027-06-30"]
        assert 0 < e.forecasts["leadtime"][2] < e.forecasts["leadtime"][25] < 36
    assert said["uk-aisi-next-cyber-lag-2027-06-30"].forecasts[LAST_FIGURE] == [5.5] * locked.QUANTILES  # 4 to 7 months
    arena = said["ai-index-arena-gap-2027"]
    assert arena.unit == "percent"
    assert arena.forecasts[LAST_FIGURE] == [2.7] * locked.QUANTILES
    asked = {q.id: q for q in questions(study.evidence)}
    assert all(silent.values())
    assert {asked[name].kind for name in silent} >= {"event"}


def test_a_range_weighs_less_than_a_figure_and_two_units_are_not_averaged(study):
    of = {q.id: q for q in questions(study.evidence)}
    rows = {r["id"]: r for r in study.evidence["published"].to_dicts()}
    whole, point = (others._figure(study, r) for r in (rows["uk-aisi-cyber-lag-2026"], rows["epoch-china-lag-mean"]))
    assert whole.theirs == 5.5
    assert whole.width == pytest.approx(math.log(7 / 4) / math.sqrt(12))
    assert point.width == 0
    assert of["ai-index-arena-gap-2027"].group != of["caisi-next-lag-2027-06-30"].group == "lag"
    assert of["ai-index-arena-gap-2027"].measure == "CRPS, percent"


def test_a_broken_chain_is_not_added_to(study, file, tmp_path):
    path = written(tmp_path / "f.jsonl", [re.sub(f'"draws":{DRAWS}', '"draws":1', file.read_text().splitlines()[0])])
    before = path.read_bytes()
    with pytest.raises(LeadtimeError, match="changed after it was written"):
        locked.predict(study, path, today=TODAY)
    assert path.read_bytes() == before


def test_nothing_is_locked_for_another_day(tmp_path):
    past = quick_study(EARLY)
    with pytest.raises(LeadtimeError, match="locked on the day it is made"):
        locked.predict(past, tmp_path / "f.jsonl", today=TODAY)
    assert not (tmp_path / "f.jsonl").exists()


def test_what_is_locked_is_of_open_questions_with_our_forecast_and_the_guesses(study, file):
    for e in locked.read(file):
        assert e.closes_on > str(TODAY)
        assert {"leadtime", *(SIMPLE if e.question.startswith("lag-") else ())} <= e.forecasts.keys()
        assert all(len(v) == locked.QUANTILES and v == sorted(v) for v in e.forecasts.values())
        assert e.evidence_hash == study.evidence.hash


# -- scores
# ---------------------------------------------------------------------------------------------------------------------


def test_an_outcome_scores_what_was_locked_before_it_and_nothing_later(study):
    entries = [
        entry(1), entry(2, made_on="2026-06-30"), entry(3, question="nobody-asks-this"),
        entry(4, question="lag-daily-mean-2027-06-30"), entry(5, question="h20-license-2025"),
    ]  # fmt: skip
    found = standing(study, "mine", entries)
    assert [r["state"] for r in found["forecasts"]] == ["scored", "too late", "unknown", "open", "too late"]
    first = found["forecasts"][0]
    assert 4 < first["outcome"] < 7
    assert first["scores"].keys() == {"leadtime", "last value"}
    assert {(r["forecaster"], r["n"]) for r in found["summary"]} == {("leadtime", 1), ("last value", 1)}
    assert "1 of 5 locked forecasts has been scored; 1 is open" in found["sentence"]


def test_fifty_quantiles_score_nearly_as_all_draws():
    rng = np.random.default_rng(0)
    for draws in (rng.normal(6, 2, 4000), rng.lognormal(1.5, 0.6, 4000)):
        kept = np.array(locked._quantiles(draws))
        for truth in (1.0, 5.0, 12.0):
            exact = score.crps(draws, np.array([truth]))
            assert score.crps(kept, np.array([truth])) == pytest.approx(exact, rel=0.03, abs=0.03)


def test_a_study_of_an_earlier_day_sees_no_forecast_of_a_later_one(study):
    early = quick_study("2026-02-01")
    found = standing(early, "mine", [entry(1), entry(2, made_on="2026-05-01")])
    assert (found["n"], found["forecasts"][0]["state"]) == (1, "open")


def test_the_built_in_file_holds_and_none_of_it_was_made_after_its_outcome(study):
    entries = locked.read(locked.SHIPPED)
    assert entries
    assert all(e.made_on < e.closes_on for e in entries)
    assert all(r["state"] in ("open", "scored", "too late") for r in of_study(study)["forecasts"])
    conforms("locked", answers.ask(study, "backtest locked").to_json())


# -- a stranger's file
# --------------------------------------------------------------------------------------------------------


def changed(**fields):
    content = json.loads(entry().line()) | fields
    return json.dumps({k: v for k, v in content.items() if v is not None})


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("", "not valid JSON"),
        ("[]", "fields of a locked"),
        ("[" * 100_000, "nested|valid JSON"),
        ("null", "fields of a locked"),
        (changed(n=None), "fields of a locked"),
        (changed(n=True), "whole number as n"),
        (changed(seed=-1), "whole number as seed"),
        (changed(question="a\x1b[2J"), "text as question"),
        (changed(words="x" * 5000), "text as words"),
        (changed(made_on="soon"), "day as made_on"),
        (changed(forecasts={}), "ascending"),
        (changed(forecasts={"leadtime": [2.0, 1.0]}), "ascending"),
        (changed(more=1), "fields of a locked"),
        (changed(forecasts={"leadtime": [1e200] * 50}), "ascending"),
        ('{"n": 1, "n": 1}', "twice"),
        (changed(unit=3), "text as unit"),
        (changed().replace("[2.0", "[NaN"), "NaN"),
        (changed(n=10**400).replace("1" + "0" * 400, "9" * 5000), "thousands of digits"),
    ],
)
def test_a_line_that_is_not_as_we_write_it_is_told(tmp_path, line, match):
    with pytest.raises(LeadtimeError, match=match) as error:
        locked.read(written(tmp_path / "f.jsonl", [line]))
    assert "line 1" in str(error.value)


def test_a_file_that_is_too_large_or_no_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(locked, "MOST_BYTES", 1000)
    with pytest.raises(LeadtimeError, match="more than 1,000 bytes"):
        locked.read(written(tmp_path / "f.jsonl", ["x" * 2000]))
    monkeypatch.setattr(locked, "MOST_LINES", 1)
    with pytest.raises(LeadtimeError, match="more than 1 lines"):
        locked.read(written(tmp_path / "g.jsonl", ["{}", "{}"]))
    with pytest.raises(LeadtimeError):
        locked.read(tmp_path)


def test_a_link_out_of_a_study_is_not_followed(tmp_path):
    outside = written(tmp_path / "outside.jsonl", [entry().line()])
    folder = tmp_path / "study"
    (folder / "evidence").mkdir(parents=True)
    (folder / locked.NAME).symlink_to(outside)
    s, before = quick_study(None, folder=folder), outside.read_bytes()
    with pytest.raises(LeadtimeError, match="leads out"):
        of_study(s)
    with pytest.raises(LeadtimeError, match="leads out"):
        locked.predict(s, folder / locked.NAME, today=TODAY, within=folder)
    assert outside.read_bytes() == before


# -- the commands
# --------------------------------------------------------------------------------------------------------------


def ask(*words):
    return CliRunner().invoke(app, list(words))


def test_the_commands_lock_check_and_tell(study, tmp_path, monkeypatch):
    monkeypatch.setattr("leadtime.cli.locked.open_study", lambda *a: study)
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a: study)
    path = tmp_path / "mine.jsonl"
    said = ask("predict", "--to", str(path))
    assert said.exit_code == 0, said.output
    assert locked.head(locked.read(path)) in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80
    again = ask("predict", "--to", str(path), "--json")
    conforms("locked", json.loads(again.stdout))
    shown = ask("backtest", "--locked", str(path))
    assert "the chain holds" in shown.stdout
    assert "have been scored" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    lines = path.read_text().splitlines()
    written(path, [*lines[1:]])
    broken = ask("backtest", "--locked", str(path))
    assert isinstance(broken.exception, LeadtimeError)
    assert "line 1" in str(broken.exception)


def test_the_commands_want_a_place_and_a_flag(tmp_path):
    assert "with to=" in str(ask("predict").exception)
    assert "`leadtime backtest` does not take FILE" in str(ask("backtest", str(tmp_path / "f.jsonl")).exception)


def test_a_study_has_a_file_of_its_own(tmp_path):
    folder = tmp_path / "study"
    (folder / "evidence").mkdir(parents=True)
    with (folder / "evidence" / "resolutions.csv").open("w", newline="") as f:
        row = {
            "id": "lag-own",
            "question": "How far behind by then",
            "topic": "lag",
            "kind": "number",
            "series": "lag:daily_mean",
            "opens_on": "2026-01-01",
            "closes_on": str(TODAY + dt.timedelta(days=200)),
            "resolved_by": "open",
            "unit": "months",
            "source": "epoch-eci-data-2026-08",
            "known_on": "2026-11-01",
            "dated_by": "published",
        }
        writer = csv.DictWriter(f, list(row))
        writer.writeheader()
        writer.writerow(row)
    s = quick_study(None, folder=folder)
    new, _ = locked.predict(s, folder / locked.NAME, today=TODAY)
    assert "lag-own" in [e.question for e in new]
    assert of_study(s)["file"] == locked.NAME
