"""An update against odd answers: nothing is lost, nothing half taken, and no failure stops the rest."""

import json
import random
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from leadtime.errors import LeadtimeError
from leadtime.update import bring
from leadtime.update.registry import CONNECTORS
from update_files import NEW, REGISTER, given, hub_csv, hub_row, rows, samples, updated, zipped

ODD = {
    "cut off": "cut",
    "a web page": b"<!DOCTYPE html><html><body>Just a moment</body></html>",
    "an empty file": b"",
    "another encoding": "x\u00e9,y\n".encode("utf-16"),
    "json of another shape": b'{"message": "moved", "results": {"model_type": 1}}',
    "a list": b"[1, 2]",
    "too many requests": 429,
    "gone": 404,
    "not there": 500,
}


@pytest.mark.parametrize("odd", list(ODD))
@pytest.mark.parametrize("name", [c.name for c in CONNECTORS if c.name != "tables"])
def test_an_odd_answer_is_told_by_connector_and_file_and_stops_no_other(publishers, tmp_path, name, odd):
    mine = [p for p in publishers.files if p.startswith(f"/{name}/")]
    publishers.odd = dict.fromkeys(mine, ODD[odd])
    other = "register" if name != "register" else "metr"
    found = updated(tmp_path, only=(name, other))
    asked = {a.name: a for a in found.found.asked}
    told = asked[name].failed + [
        r for r in found.found.rows.refused if r.file in {p.removeprefix(f"/{name}/") for p in mine}
    ]
    assert told and all(r.reason for r in told)
    assert asked[other].failed == [] and asked[other].n_files == 1
    assert (name in found.text and "What failed" in found.text) or "refused" in found.text
    assert not {"scores", "revenue", "architectures"} & set(found.found.rows.accepted) or name == "register"
    kept = [p for p in (tmp_path / "downloads" / name).rglob("*") if p.is_file() and ".part" in p.name]
    assert kept == []


def test_no_damage_to_a_file_stops_an_update_or_loses_the_sound_file_beside_it(tmp_path):
    rng = random.Random(7)
    folder = tmp_path / "in"
    for name, files in samples(tmp_path).items():
        for f, content in files.items():
            for i in range(12):
                bad = bytearray(content)
                for _ in range(rng.randint(1, 30)):
                    at = rng.randrange(len(bad))
                    bad[at : at + rng.randint(0, 3)] = rng.choice(
                        [b"", b"\x00", b"\xff", b"null", b"1e999", b"[", b'"', b",,", b"\n", b"-", b"{}"]
                    )
                given(folder, {f"{name}-{i}/{f}": bytes(bad)})
    given(
        folder,
        {
            "sound/federal_register_rules.json": json.dumps(REGISTER),
            "sound/gpqa_diamond.csv": hub_csv(hub_row(NEW[0], 0.9, *NEW[1:])),
        },
    )
    found = updated(tmp_path, given=folder)
    assert "2026-19999" in [lead.number for lead in found.found.leads]
    assert 0.9 in [r["score"] for r in rows(found, "scores") if r["model"] == "zhuque-9"]
    assert not [r for a in found.found.asked for r in a.failed if "please report it" in r.reason]
    assert not [r for r in found.found.rows.refused if "please report it" in r.reason]


def test_renamed_columns_and_a_table_of_which_half_is_malformed(publishers, tmp_path):
    publishers.files["/livebench/table_2026_09_30.csv"] = (
        b"model,spatial,typos,zebra_puzzle\ngpt-5.2-2025-12-11-high,90,80,70\ngpt-5-mini-2025-08-07-high,a,80,70\ngpt-5.1-2025-11-13-high,1,2\n"
    )
    found = updated(tmp_path, only=("livebench",))
    assert [r["model"] for r in rows(found, "scores")] == ["gpt-5-2"]
    assert [r.row for r in found.found.rows.refused] == ["row 4"] and "no number" in found.found.rows.aside[0].reason
    publishers.files["/livebench/table_2026_09_30.csv"] = b"name,spatial,typos,zebra_puzzle\ngpt-5.2,1,2,3\n"
    again = updated(tmp_path / "again", only=("livebench",))
    assert again.is_empty and "has no column 'model'" in again.text
    publishers.files["/epoch/benchmark_data.zip"] = zipped(
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-2025-08-07_high", 0.1)).replace("mean_score", "mean")}, tmp_path
    )
    renamed = updated(tmp_path / "third", only=("epoch",))
    assert renamed.is_empty and any("there is no column 'mean_score'" in n.text for n in renamed.found.rows.notes)


def test_what_is_here_whole_and_recent_is_not_asked_for_again_and_what_is_older_only_if_it_changed(
    publishers, tmp_path, monkeypatch
):
    updated(tmp_path, only=("metr", "register"))
    n = len(publishers.asked)
    publishers.odd = {"/metr/benchmark_results_1_1.yaml": 500}
    again = updated(tmp_path, only=("metr", "register"))
    assert len(publishers.asked) == n and [a.failed for a in again.found.asked] == [[], []]
    publishers.odd = {}
    monkeypatch.setattr(bring, "FRESH_HOURS", 0.0)
    assert [a.n_files for a in updated(tmp_path, only=("metr", "register")).found.asked] == [1, 1]
    assert len(publishers.asked) == n + 2


def test_a_redirect_is_followed(publishers, tmp_path):
    publishers.odd = {"/metr/benchmark_results_1_1.yaml": "moved"}
    assert updated(tmp_path, only=("metr",)).found.asked[0].n_files == 1


def test_offline_is_said_once_with_what_to_do(publishers, tmp_path):
    publishers.close()
    with pytest.raises(LeadtimeError) as told:
        updated(tmp_path)
    assert "nothing could be brought" in told.value.what and "--from DIR" in told.value.fix


def test_a_server_that_wants_to_know_who_asks_is_not_asked_without(publishers, tmp_path, monkeypatch):
    monkeypatch.setattr(bring, "_WANTS_CONTACT", ("127.0.0.1",))
    with pytest.raises(LeadtimeError, match="contact="):
        updated(tmp_path, only=("filings",))
    assert publishers.asked == []
    assert updated(tmp_path, only=("filings",), contact="us@example.org").found.asked[0].n_files == 1


def test_a_connector_that_breaks_is_told_and_stops_no_other(publishers, tmp_path, monkeypatch):
    broken = next(c for c in CONNECTORS if c.name == "metr")
    monkeypatch.setattr(type(broken), "read", lambda self, files, known: 1 / 0)
    found = updated(tmp_path, only=("metr", "register"))
    assert "ZeroDivisionError" in found.found.asked[0].failed[0].reason
    assert found.found.leads


def test_the_weekly_workflow_is_pinned_and_may_write_only_where_nothing_that_was_brought_runs():
    text = (Path(__file__).parents[1] / ".github" / "workflows" / "update.yml").read_text()
    used = re.findall(r"uses: (\S+)", text)
    assert used and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", u) for u in used)
    found = YAML(typ="safe", pure=True).load(text)
    assert found["permissions"] == {}
    assert found["jobs"]["propose"]["permissions"] == {"contents": "read"}
    assert "leadtime update" not in json.dumps(found["jobs"]["open"]) and "pip" not in json.dumps(found["jobs"]["open"])
