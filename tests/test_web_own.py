"""What readers bring to the server: rows of their own, levers, long runs, configurations."""

import json
import re
import tempfile
import time

import pytest

from conforms import conforms
from leadtime.evidence import TABLES
from web_client import API, MINE, client, save

# -- rows of one's own, levers, long runs
# ----------------------------------------------------------------------------------


def known_row(web):
    """A row of the built-in scores whose score is set otherwise: every id in it is one that is known."""
    rows = web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()["rows"]
    row = next(r for r in rows if r["model"] == "deepseek-v3")
    names = [c.name for c in TABLES["scores"].columns if row[c.name] is not None]  # without the stamp of the row
    return names, row


def as_csv(names, row, **other):
    import csv
    import io

    out = io.StringIO()
    written = csv.writer(out)
    written.writerow(names)
    written.writerow([{**row, **other}[k] for k in names])
    return out.getvalue()


def test_rows_of_ones_own_make_a_study_that_only_its_link_opens(web):
    names, row = known_row(web)
    text = as_csv(names, row, score=0.123)
    sent = web.post("/own/table", data={"table": "scores", "text": text}, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    study = re.search(r"study=([0-9a-f]{32})", sent.headers["location"]).group(1)
    mine = web.get(f"{API}/evidence/scores", params={"study": study, "where": "deepseek-v3"}).json()["rows"]
    assert [r["score"] for r in mine if all(r[k] == row[k] for k in names if k != "score")] == [0.123]
    assert 0.123 not in [
        r["score"] for r in web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()["rows"]
    ]
    again = conforms("study", web.post(f"{API}/studies", json={"files": {"evidence/scores.csv": text}}).json())
    assert again["id"] == study and again["overlays"] == [
        {"table": "scores", "file": "scores.csv", "n_added": 0, "n_replaced": 1}
    ]
    kept = web.get("/own/table", params={"study": study}).text
    assert "0.123" in kept
    more = web.post(f"{API}/studies", json={"files": {"scenarios/mine.yaml": MINE}, "onto": study}).json()
    assert sorted(conforms("study", web.get(f"{API}/studies/{more['id']}").json())["files"]) == [
        "evidence/scores.csv",
        "scenarios/mine.yaml",
    ]
    alone = save(web, {"scenarios/mine.yaml": MINE}).json()  # with other scores, its draws would be constrained anew
    ran = web.get(f"{API}/scenarios/run", params={"names": "mine", "study": alone["id"], "method": "map", "draws": 200})
    assert ran.json()["rows"][0]["title"] == "Mine"
    assert web.delete(f"{API}/studies/{more['id']}").status_code == 204
    gone = web.get(f"{API}/evidence", params={"study": more["id"]})
    assert gone.status_code == 400 and "there is no study" in gone.json()["title"]


def test_rows_come_over_those_of_the_folder_that_is_served(web, tmp_path):
    names, row = known_row(web)
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "scores.csv").write_text(as_csv(names, row, score=0.2))
    (tmp_path / "leadtime.lock").write_text(json.dumps({"as_of": "2026-10-01", "evidence_hash": "x", "packages": {}}))
    key = [k for k in names if k != "score"]
    with client(study=tmp_path, wait_seconds=300.0) as served:

        def scores(**more):
            rows = served.get(f"{API}/evidence/scores", params={"where": "deepseek-v3", **more}).json()["rows"]
            return [r["score"] for r in rows if all(r[k] == row[k] for k in key)]

        claim = (
            "- id: mine\n  who: Me\n  said_on: 2026-01-01\n  source: x\n  words: who knows\n  not_measurable: an"
            " opinion\n"
        )
        files = {"evidence/scores.csv": as_csv(names, row, score=0.3), "claims/mine.yaml": claim}
        made = served.post(f"{API}/studies", json={"files": files}).json()
        assert scores() == [0.2] and scores(study=made["id"]) == [0.3]
        assert served.get(f"{API}/evidence", params={"study": made["id"]}).json()["stamp"]["as_of"] == "2026-10-01"
        said = served.get(f"{API}/claims", params={"study": made["id"], "claim": "mine"}).json()
        assert said["rows"][0]["claim"] == "mine"


def test_unsound_rows_are_told_by_row_and_kept_in_the_form(web):
    names, row = known_row(web)
    text = as_csv(names, row, score=87)
    sent = web.post("/own/table", data={"table": "scores", "text": text})
    assert sent.status_code == 400
    assert "row 2, column score: found &#39;87&#39;" in sent.text and "87 percent is 0.87" in sent.text
    assert "gpqa" in sent.text or row["benchmark"] in sent.text  # what was typed is still there
    assert web.post("/own/table", data={"table": "scores", "text": " "}).status_code == 400
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert web.post("/own/table", content=b"\xff\xfe", headers=form).status_code == 400


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "0 files"),
        ({"../../etc/passwd": "x"}, "not a file of a study"),
        ({"evidence/../x.csv": "x"}, "not a file of a study"),
        ({"evidence/nothing.csv": "x"}, "not a file of a study"),
        ({"evidence/scores.csv": "a,b\n1,2\n"}, "no column"),
        ({"evidence/scores.csv": "\x00"}, ""),
        ({"scenarios/a.yaml": "title: [\n"}, "cannot be read"),
        ({"scenarios/a.yaml": "a: &x [1]\nb: *x\n"}, "alias"),
        ({"scenarios/a.yaml": "!!python/object:os.system x"}, ""),
    ],
)
def test_files_that_make_no_study_are_refused(web, files, words):
    sent = web.post(f"{API}/studies", json={"files": files})
    assert sent.status_code == 400, sent.text
    assert words in sent.json()["title"]
    assert tempfile.gettempdir() not in sent.text


def test_another_site_can_change_nothing(web):
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        sent = web.post("/what-if/long", data={"names": "as-is", "n": "1000"}, headers=headers)
        assert sent.status_code == 403
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert web.get("/chips", headers=link).status_code == 200


def test_levers_are_set_over_the_api_for_who_asks_alone(web):
    said = web.get(f"{API}/scenarios/run", params={"sets": "uptake=0@2027-01-01", "names": "as-is"}).json()
    lag = {r["scenario"]: r["lag_median"] for r in said["rows"]}
    assert lag["(yours)"] > lag["as-is"]
    plain = web.get(f"{API}/scenarios/run", params={"names": "as-is"}).json()
    assert [r["scenario"] for r in plain["rows"]] == ["as-is"]  # nobody else sees it
    for bad in ("uptake", "uptake=x", "uptake=2", "upteak=0", "uptake=0@2027-13-01", "uptake=0@1999-01-01"):
        assert web.get(f"{API}/scenarios/run", params={"sets": bad}).status_code == 400


def test_a_long_run_is_started_watched_and_ends_on_a_page(web):
    sent = web.post(
        "/what-if/long",
        data={"names": "as-is", "sets": "uptake=0", "base": "as-is", "n": "2000"},
        follow_redirects=False,
    )
    assert sent.status_code == 303, sent.text
    there = sent.headers["location"]
    assert "<progress" in web.get(there).text
    for _ in range(400):
        if "All of it as JSON" in (shown := web.get(there).text):
            break
        time.sleep(0.3)
    assert 'id="scenarios"' in shown and "2028Q4" in shown and 'http-equiv="refresh"' not in shown
    for n in ("", "many", "10", "99999999999"):
        assert web.post("/what-if/long", data={"names": "as-is", "n": n}).status_code in (400, 422)
    other = web.post("/what-if/long", data={"names": "as-is", "n": "10000000"}, follow_redirects=False).headers[
        "location"
    ]
    assert "cancelled" in web.post(f"{other}/cancel").text
    assert web.get("/job/" + "0" * 32).status_code == 404


def test_a_pasted_configuration_is_counted_and_costed(web):
    config = json.dumps(
        {
            "model_type": "llama",
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "vocab_size": 128256,
        }
    )
    page = web.get("/cost", params={"config": config}).text
    assert "8.03026 billion parameters" in page
    costed = web.get("/cost", params={"config": config, "tokens": "1.5e13", "chip": "h100-sxm", "mfu": "0.4"}).text
    assert "Rental" in costed or "Renting" in costed
    assert "line 1, column 2" in web.get("/cost", params={"config": "{"}).text


def test_lags_by_set_and_by_domain(web):
    said = web.get(f"{API}/lag", params={"of": "CHN", "benchmarks": "coding", "comparison": "open"}).json()["sentence"]
    assert "against open models only, on tests of coding" in said
    assert web.get(f"{API}/lag", params={"of": "CHN", "benchmarks": "nonsense"}).status_code == 400
