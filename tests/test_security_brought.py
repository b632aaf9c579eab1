"""Attacks on what SECURITY.md promises of what strangers bring: texts, tables, files and bodies, as taken and
as shown.
"""

import base64
import csv
import html
import io
import json
import re
import tempfile
import time

import pytest

from web_client import API, MINE, as_csv, own, row, save

pytestmark = pytest.mark.usefixtures("light_pages")
SCRIPT = "</ScRiPt><script>alert(1)</script><img src=x onerror=alert(1)>"


# -- what readers bring, as it is shown
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/models?model={}",
        "/models?behind={}&clock={}",
        "/cost?chip={}&gpu_hours={}",
        "/cost?config={}",
        "/rules?chip={}&to={}&on={}&party={}",
        "/chips?country={}",
        "/what-if?name={}&by={}",
        "/what-if?sets={}",
        "/data?table={}",
        "/data?table=chips&where={}",
        "/search?q={}",
        "/chart/supply.svg?country={}",
        "/chart/lag.csv?model={}",
        "/embed/supply?country={}",
        "/card/models.png?model={}",
        "/own/table?table={}",
        "/static/{}",
        "/job/{}",
        "/{}",
        "/?as_of={}",
        "/?study={}",
        "/chips?lever.uptake={}",
    ],
)
def test_no_script_comes_in_by_an_address(web, path):
    from urllib.parse import quote

    for text in (SCRIPT, "'\"><svg/onload=alert(1)>", "javascript:alert(1)"):
        found = web.get(path.replace("{}", quote(text, safe="")), headers={"accept": "text/html"})
        assert found.status_code in (200, 400, 404, 422)
        assert not re.search(r"<img[ /]|<svg[ /]onload|<script>", found.text, flags=re.IGNORECASE)
        assert not re.search(r'(?:href|src|action)="\s*javascript:', found.text, flags=re.IGNORECASE)


def brought(web, known):
    """A study whose every text is a script."""
    sources = web.get(f"{API}/evidence/sources", params={"where": known["source"]}).json()["rows"]
    source = own(row(next(s for s in sources if s["id"] == known["source"])))
    mine = MINE.replace("Mine", json.dumps(SCRIPT)).replace("None let in.", json.dumps(SCRIPT))
    said = (
        f"- {{id: mine, who: {json.dumps(SCRIPT)}, said_on: 2026-01-01, source: {json.dumps(SCRIPT)}, words:"
        f" {json.dumps(SCRIPT)}, not_measurable: {json.dumps(SCRIPT)}}}\n"
    )
    files = {
        "evidence/scores.csv": as_csv({**known, "note": SCRIPT, "locator": SCRIPT}),
        "scenarios/mine.yaml": mine,
        "claims/mine.yaml": said,
        "evidence/sources.csv": as_csv({**source, "title": SCRIPT, "publisher": SCRIPT, "url": "javascript:alert(1)"}),
    }
    return save(web, files).json()["id"]


def is_text_alone(page):
    """Nothing of a reader's text is markup of the page."""
    return not re.search(r"<img src=x|<script>alert|</ScRiPt>|href=\"javascript:", page)


def test_no_script_comes_in_by_what_is_brought(web, known):
    study = brought(web, known)
    asked = {"scores": {"table": "scores", "where": "alert"}, "sources": {"table": "sources", "where": "alert"}}
    shown = {k: web.get("/data", params={**q, "study": study}) for k, q in asked.items()}
    shown |= {"own": web.get("/own/table", params={"table": "scores", "study": study})}
    mine = save(
        web, {"scenarios/mine.yaml": web.get(f"{API}/studies/{study}").json()["files"]["scenarios/mine.yaml"]}
    ).json()["id"]
    shown |= {"drawn": web.get("/what-if", params={"name": "mine", "study": mine})}
    shown |= {"refused": web.post("/own/table", data={"table": SCRIPT, "text": SCRIPT})}
    for name, page in shown.items():
        assert page.status_code == (400 if name == "refused" else 200), name
        assert is_text_alone(page.text), name
    assert html.escape(SCRIPT) in shown["scores"].text  # it is shown, as text


@pytest.mark.slow
def test_no_script_comes_in_by_what_is_brought_on_any_page(web, known):
    from leadtime.report.site import pages

    study = brought(web, known)
    texts = {name: web.get(f"/{name}", params={"study": study}) for name in pages()}
    assert {p.status_code for p in texts.values()} == {200}
    assert [name for name, page in texts.items() if not is_text_alone(page.text)] == []
    assert html.escape(SCRIPT) in texts["how"].text and html.escape(SCRIPT) in texts["claims"].text


def test_the_page_of_a_report_runs_its_own_scripts_alone():
    """The page of a stranger's study is opened from a folder, where no server sends a policy: it carries one,
    by hash.
    """
    import hashlib

    from leadtime.report import html as page

    policy, script = page.policy(), page.script()
    assert "unsafe-inline" not in policy.split("style-src")[0] and "default-src 'none'" in policy
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert not re.search(r"</script|<!--", script, flags=re.IGNORECASE)
    template = (page.TEMPLATES / "index.html").read_text(encoding="utf-8")
    assert template.count("<script") == 1 and "{{ policy }}" in template


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://evil.example")']


def test_no_download_holds_a_formula(web, known):
    rows = [{**known, "setting": f"s{i}", "note": text} for i, text in enumerate(FORMULAS)] + [
        {**known, "setting": "n", "note": "-5"}
    ]
    study = save(web, {"evidence/scores.csv": as_csv(*rows)}).json()["id"]
    text = web.get("/data/scores.csv", params={"study": study, "where": known["model"]}).text
    notes = {r["setting"]: r["note"] for r in csv.DictReader(io.StringIO(text))}
    assert [notes[f"s{i}"] for i in range(len(FORMULAS))] == [f"'{t}" for t in FORMULAS]
    assert notes["n"] == "-5"  # a number stays one


def test_the_built_in_tables_are_downloaded_as_they_are():
    from leadtime.evidence import Evidence
    from leadtime.figures import spreadsheet

    assert [n for n, t in Evidence.load().tables.items() if spreadsheet.csv(t) != t.write_csv()] == []


def test_text_of_a_stranger_does_not_move_the_cursor(web, known, capsys):
    from leadtime.cli import terminal

    refused = save(web, {"evidence/scores.csv": as_csv({**known, "note": "\x1b]0;mine\x07"})})
    assert refused.status_code == 400 and "control character" in refused.text
    terminal.put("a\x1b[2Jb\rc\u009bd\te")
    assert capsys.readouterr().out == "a\ufffd[2Jb\ufffdc\ufffdd\te\n"


# -- files that are traps
# ---------------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
TRAPS = {
    "aliases": BOMB,
    "merge": "a: &a {b: 1}\nc:\n  <<: *a\n",
    "object": "a: !!python/object/apply:os.system ['true']\n",
    "tag": "a: !!binary aGk=\n",
    "flow": "title: " + "[" * 20_000,
    "closed": "title: " + "[" * 5_000 + "]" * 5_000,
    "dashes": "- " * 5_000,
    "maps": "{a: " * 5_000,
    "day": "title: 2025-02-30\n",
    "digits": "title: " + "1" * 10_000,
    "twice": "title: a\ntitle: b\n",
    "long": "title: '" + "x" * 100_001 + "'",
    "control": "title: \x1b[2J\n",
    "keys": "? [a, b]\n: c\n",
    "documents": "--- a\n--- b\n",
    "half": "title: \ud800\n",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_yaml_that_is_a_trap_is_refused_in_time(web, trap):
    for folder in ("scenarios", "claims", "rules"):
        begun = time.monotonic()
        refused = (
            save(web, {f"{folder}/a.yaml": TRAPS[trap]})
            if trap != "half"
            else web.post(
                f"{API}/studies",
                content=json.dumps({"files": {f"{folder}/a.yaml": TRAPS[trap]}}),
                headers={"content-type": "application/json"},
            )
        )
        assert refused.status_code in (400, 422), (folder, refused.text[:200])
        assert tempfile.gettempdir() not in refused.text
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("leadtime.toml", "as_of = " + "[" * 5_000),
        ("leadtime.lock", "[" * 100_000),
        ("scenarios/a.yaml", BOMB),
        ("rules/a.yaml", "a: " + "[" * 5_000),
        ("claims/a.yaml", "- " * 5_000),
        ("evidence/scores.csv", ",".join(map(str, range(100_000)))),
    ],
)
def test_a_study_folder_of_a_stranger_is_told_not_run(tmp_path, where, text):
    from leadtime.folder.check import check

    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text(text)
    begun = time.monotonic()
    assert len(check(tmp_path).problems) >= 1
    assert time.monotonic() - begun < 10


def test_many_unknown_names_are_told_in_time(tmp_path):
    from leadtime.folder.check import check

    (tmp_path / "evidence").mkdir()
    head = "model,benchmark,score,evaluator,report_type,known_on,source\n"
    lines = (f"m{i},b{i},0.5,e{i},independent,2026-01-01,s{i}\n" for i in range(8_000))
    (tmp_path / "evidence" / "scores.csv").write_text(head + "".join(lines))
    begun = time.monotonic()
    assert "32000 problems" in check(tmp_path).problems[0].what
    assert time.monotonic() - begun < 10  # names alone are compared milliseconds each


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"files":' * 5_000,
        b'{"files": {"scenarios/a.yaml": "\\ud800"}}',
        b'{"answer": "lag", "parameters": {"model": "\\udfff"}}',
        b"\xff\xfe",
        b"null",
        b"NaN",
        b'{"answer": "lag", "parameters": {"model": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"answer": "lag", "parameters": {"draws": 1e400}}',
        b'{"files": {}, "onto": "../x"}',
        b'{"answer": "' + b"a" * 1_000_000 + b'"}',
        b'{"answer": "lag", "parameters": {"draws": ' + b"9" * 5_000 + b"}}",
    ],
)
def test_a_body_that_is_a_trap_is_refused(web, body):
    for path in (f"{API}/studies", f"{API}/jobs", "/own/table", "/what-if/long"):
        kind = "application/json" if path.startswith(API) else "application/x-www-form-urlencoded"
        refused = web.post(path, content=body, headers={"content-type": kind})
        assert refused.status_code in (400, 422), (path, refused.text[:200])
        assert len(refused.content) < 100_000


def test_a_saved_study_does_not_grow_without_bound(web, known):
    id_, sent = "", None
    for n in range(4):  # each within what a request may hold, each onto the one before
        texts = (as_csv({**known, "setting": f"{n}.{i}", "note": "y" * 120_000}) for i in range(10))
        files = {f"evidence/scores.n{n}x{i}.csv": text for i, text in enumerate(texts)}
        sent = web.post(f"{API}/studies", json={"files": files, "onto": id_})
        if sent.status_code != 201:
            break
        id_ = sent.json()["id"]
    assert (n, sent.status_code) == (3, 400) and "4,000,000 characters" in sent.json()["title"]
