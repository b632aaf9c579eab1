"""Lists of parties through every door: brought by an update, checked in a study, asked by command line, HTTP
and page.
"""

import csv
import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.folder import listed
from leadtime.rules import brought_lists, screening_lists
from leadtime.rules.brought_lists import Brought
from update_files import ALT, SDN, given
from web_client import API, client, save

FILE = Path(__file__).parent / "rules" / "lists.csv"
HEADER = FILE.read_text(encoding="utf-8").splitlines()[0]
QXL = "Shenzhen QXL"


def command(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


def as_json():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            {**r, "alt_names": [n.strip() for n in r["alt_names"].split(";") if n.strip()]}
            for r in csv.DictReader(file)
        ]
    return json.dumps({"total": len(rows), "results": [{k: v or None for k, v in r.items()} for r in rows]})


def study_with(tmp_path, files):
    return given(tmp_path / "study", {f"lists/{name}": content for name, content in files.items()})


# -- asked
# ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with a study that has lists."""
    folder = given(tmp_path_factory.mktemp("served") / "study", {"lists/consolidated.csv": FILE.read_bytes()})
    with client(study=folder, wait_seconds=300.0) as web:
        web.folder = folder
        yield web


def test_a_party_is_looked_up_over_http_as_by_the_command_line(served):
    found = served.get(f"{API}/rules/party", params={"name": QXL, "on": "2026-06-01"}).json()
    conforms("rules-party", found)
    assert (found["listed"], found["headline"]) == (True, "on the Entity List.")
    assert found["lists"][0]["n_entries"] == 7
    said = command("rules", "party", QXL, "--on", "2026-06-01", "--study", served.folder, "--json")
    ours = json.loads(said.stdout)
    assert {k: ours[k] for k in ("headline", "rows", "lists", "notes")} == {
        k: found[k] for k in ("headline", "rows", "lists", "notes")
    }


def test_a_status_over_http_takes_a_buyer_and_owners(served):
    def ask(**more):
        asked = {"chip": "h100-sxm", "to": "DEU", "on": "2025-10-15", **more}
        return served.get(f"{API}/rules/status", params=asked).json()

    assert ask(party=QXL)["verdict"] == "license-required"
    assert ask(party="Acme GmbH")["verdict"] == ask()["verdict"] == "not-enforced"
    assert ask(party="Acme GmbH", owner=["Qixinlong AI=60%"])["verdict"] == "license-required"
    assert conforms("rules-status", ask(party=QXL))["matches"][0]["notice"] == "88 FR 11111"
    refused = served.get(f"{API}/rules/status", params={"chip": "h20", "to": "CHN", "owner": "Nobody=60%"})
    assert refused.status_code == 400 and "no party was named" in refused.text


@pytest.mark.parametrize("asked", [{"name": "x" * 201}, {}, {"name": QXL, "owner": ["a=1%"] * 21}])
def test_a_name_over_http_is_bounded(served, asked):
    assert served.get(f"{API}/rules/party", params=asked).status_code == 422


def test_no_path_of_a_request_is_read(served):
    before = served.get(f"{API}/rules/party", params={"name": QXL, "on": "2026-06-01"}).json()["lists"]
    asked = {"name": QXL, "on": "2026-06-01", "list": "/etc/passwd", "lists": str(FILE)}
    found = served.get(f"{API}/rules/party", params=asked)
    assert found.status_code in (200, 422) and (found.status_code == 422 or found.json()["lists"] == before)


def test_a_saved_study_has_the_lists_of_the_study_that_is_served(served):
    made = save(served, {"scenarios/mine.yaml": "title: Mine\nnarrative: N.\nbase: as-is\nlevers: {uptake: 0}\n"})
    assert made.status_code == 201, made.text
    found = served.get(f"{API}/rules/party", params={"name": QXL, "on": "2026-06-01", "study": made.json()["id"]})
    assert found.json()["listed"] is True


def test_a_list_that_cannot_be_read_is_told_without_where_it_lies(tmp_path):
    folder = study_with(tmp_path, {"bad.csv": "a,b\n1,2\n"})
    with client(study=folder, wait_seconds=300.0) as web:
        found = web.get(f"{API}/rules/party", params={"name": QXL})
    assert found.status_code == 400 and "bad.csv" in found.text and str(tmp_path) not in found.text


def test_no_list_is_said_over_http_and_never_taken_for_not_listed(web):
    found = web.get(f"{API}/rules/party", params={"name": "Acme GmbH"}).json()
    assert (found["listed"], found["headline"], found["lists"]) == (None, "not known: no list was read.", [])
    asked = {"chip": "rtx-3080", "to": "DEU", "on": "2026-06-01", "party": "Acme GmbH"}
    assert web.get(f"{API}/rules/status", params=asked).json()["verdict"] == "depends"


def test_the_terminal_says_it_first_and_within_eighty_columns(served):
    done = command("rules", "party", "Acme GmbH", "--on", "2026-12-01", "--study", served.folder)
    assert done.stdout.startswith("Acme GmbH is on none of the lists read")
    assert "it may be old" in " ".join(done.stdout.split()) and max(map(len, done.stdout.splitlines())) <= 80
    assert command("rules", "party", "Acme GmbH").stdout.startswith(
        "Whether Acme GmbH is on a list is not known: no list was read."
    )


# -- the page
# -------------------------------------------------------------------------------------------------------------


def test_the_page_of_rules_opens_on_an_answer_and_names_places(served, light_pages):
    page = served.get("/rules").text
    assert "No, not without a license" in page
    assert '<option value="CHN" selected>China</option>' in page and "Crimea (occupied, Ukraine)" in page


def test_the_form_looks_a_buyer_up_on_the_lists_of_the_study(served, light_pages):
    asked = {"chip": "h100-sxm", "to": "Germany", "hq": "CN", "party": QXL, "on": "2026-06-01"}
    page = served.get("/rules", params=asked).text
    assert '<option value="DEU" selected>Germany</option>' in page and f'value="{QXL}"' in page
    assert f"{QXL} is " in page and "88 FR 11111" in page and "7 entries of consolidated.csv were read" in page


# -- brought by an update
# --------------------------------------------------------------------------------------------------


def proposal(tmp_path, files, *more):
    folder = given(tmp_path / "in", files)
    return command(
        "update", "--from", folder, "--into", tmp_path / "p", "--no-headlines", "--known-on", "2026-11-20", *more
    )


def test_lists_stand_in_a_proposal_as_they_came_with_their_day(tmp_path):
    done = proposal(
        tmp_path,
        {"consolidated.csv": FILE.read_bytes(), "SDN.CSV": SDN, "ALT.CSV": ALT, "consolidated.json": as_json()},
        "--json",
    )
    found = conforms("update", json.loads(done.stdout))
    assert {x["file"]: x["n_entries"] for x in found["lists"]} == {"consolidated.csv": 7, "sdn.csv": 2}
    place = tmp_path / "p"
    assert (place / "lists" / "consolidated.csv").read_bytes() == FILE.read_bytes()
    note = (place / "PROPOSAL.md").read_text()
    assert "7 parties, of 2026-11-20 (0 days old)" in note and "There was no list of that name" in note
    assert {b.file: b.day for b in brought_lists.read(place)} == dict.fromkeys(
        ("alt.csv", "consolidated.csv", "sdn.csv"), dt.date(2026, 11, 20)
    )
    checked = conforms("check", json.loads(command("check", place, "--json").stdout))
    assert checked["problems"] == [] and {x["name"]: x["is_dated"] for x in checked["lists"]} == {
        "consolidated.csv": True,
        "sdn.csv": True,
    }
    other = json.loads(command("rules", "party", "Vektor-Elek", "--study", place, "--json").stdout)
    assert other["on_other_list"] is True and other["rows"][0]["source"].startswith("Specially Designated")


def test_a_list_as_json_is_read_where_it_comes_alone(tmp_path):
    found = json.loads(proposal(tmp_path, {"consolidated.json": as_json()}, "--json").stdout)
    assert [(x["file"], x["n_entries"]) for x in found["lists"]] == [("consolidated.json", 7)]


def test_what_a_list_changes_is_told(tmp_path):
    lines = FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    study = study_with(tmp_path, {"consolidated.csv": "".join(lines[:-1]).replace("2023-03-02", "2023-03-03")})
    done = proposal(tmp_path, {"consolidated.csv": FILE.read_bytes()}, "--study", study, "--json")
    (found,) = json.loads(done.stdout)["lists"]
    assert (len(found["added"]), found["removed"], found["n_changed"], found["warning"]) == (1, [], 1, "")
    again = proposal(tmp_path, {"consolidated.csv": "".join(lines[:4])}, "--study", study)
    assert "it may be cut off" in " ".join(again.stdout.split())
    assert "**It has 3 parties" in (tmp_path / "p" / "PROPOSAL.md").read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (FILE.read_text(encoding="utf-8").rstrip()[:-40], "cut off"),
        (FILE.read_text(encoding="utf-8").replace("2020-12-23", "soon"), "is not a date"),
        (HEADER.replace(",name,", ",party,") + "\nx\n", "no connector reads"),
        ("<html>Just a moment</html>", "is a web page"),
        ("", "is empty"),
        (HEADER + "\n", "does not contain any party"),
    ],
)
def test_a_list_that_is_not_whole_is_left_out_whole_and_told(tmp_path, content, told):
    done = proposal(tmp_path, {"consolidated.csv": content, "sdn.csv": SDN, "alt.csv": ALT}, "--json")
    found = json.loads(done.stdout)
    assert [x["file"] for x in found["lists"]] == ["sdn.csv"]
    reasons = [
        r["reason"]
        for r in [*found["refused_because"], *found["unread"], *(f for c in found["connectors"] for f in c["failed"])]
    ]
    assert any(told in r for r in reasons), reasons
    assert not (tmp_path / "p" / "lists" / "consolidated.csv").exists()


def test_other_names_need_their_parties_and_a_cut_row_is_told():
    with pytest.raises(LeadtimeError, match="only other names"):
        screening_lists.of_files({"alt.csv": ALT.encode()}, {})
    with pytest.raises(LeadtimeError, match="not a row of 12 columns"):
        screening_lists.of_files({"sdn.csv": SDN.split("individual")[0].encode() + b'"'}, {})


# -- checked in a study
# ----------------------------------------------------------------------------------------------------


def test_a_check_tells_what_each_list_is_and_what_is_wrong(tmp_path):
    today = dt.date.today()  # noqa: DTZ011
    study = study_with(
        tmp_path,
        {
            "good.csv": FILE.read_bytes(),
            "columns.csv": "party,why\na,b\n",
            "latin.csv": b"name,list\nCaf\xe9,EL\n",
            "notes.xlsx": "x",
            "README.md": "mine",
            "empty.json": '{"results": []}',
            "fresh.csv": "name,list\nMadeup,EL\n",
        },
    )
    (study / "lists" / "out.csv").symlink_to(FILE)
    (study / "lists" / "dir.csv").mkdir()
    sha = hashlib.sha256((study / "lists" / "fresh.csv").read_bytes()).hexdigest()
    record = brought_lists.written(
        [
            Brought(file="fresh.csv", day=today, sha256=sha, url=""),
            Brought(file="good.csv", day=today, sha256="0", url=""),
        ]
    )
    (study / brought_lists.NAME).write_text(record)
    done = command("check", study, "--json")
    found = conforms("check", json.loads(done.stdout))
    assert done.exit_code == 1
    wrong = {p["where"].split(",")[0]: p["what"] for p in found["problems"]}
    assert set(wrong) == {f"lists/{n}" for n in ("columns.csv", "latin.csv", "empty.json", "out.csv", "dir.csv")}
    assert [(x["name"], x["n_entries"], x["is_dated"]) for x in found["lists"]] == [
        ("fresh.csv", 1, True),
        ("good.csv", 7, False),
    ]
    assert found["ignored"] == ["lists/notes.xlsx"]
    assert any("good.csv" in t and "it may be old" in t for t in found["told"]) and not any(
        "fresh.csv" in t for t in found["told"]
    )


@pytest.mark.parametrize(("days", "old"), [(45, False), (46, True)])
def test_a_list_is_old_after_forty_five_days(tmp_path, days, old):
    today = dt.date(2026, 11, 30)
    study = study_with(tmp_path, {"a.csv": "name,list\nMadeup,EL\n"})
    sha = hashlib.sha256((study / "lists" / "a.csv").read_bytes()).hexdigest()
    (study / brought_lists.NAME).write_text(
        brought_lists.written([Brought(file="a.csv", day=today - dt.timedelta(days), sha256=sha, url="")])
    )
    found = listed.look(study, today)
    assert bool(found.old) is old and found.problems == ()


@pytest.mark.parametrize(
    "record", ["list = 3", "[[list]]\nfile = 1", "\0", "[[list]]\nfile='a'\nday='soon'\nsha256=''\nurl=''"]
)
def test_a_record_that_cannot_be_read_is_told(tmp_path, record):
    study = study_with(tmp_path, {"a.csv": "name,list\nMadeup,EL\n", "brought.toml": record})
    (problem,) = listed.look(study, dt.date(2026, 11, 30)).problems
    assert problem.where == brought_lists.NAME


def test_a_study_without_lists_is_sound(tmp_path):
    assert listed.look(tmp_path, dt.date(2026, 11, 30)) == listed.Listed()
