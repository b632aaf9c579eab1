"""Attacks on what SECURITY.md promises of the server: each promise there names its test here."""

import asyncio
import base64
import contextlib
import csv
import html
import io
import json
import re
import tempfile
import time

import pytest

from leadtime.errors import LeadtimeError
from leadtime.web import guard
from leadtime.web.app import create
from leadtime.web.settings import Settings
from web_client import API, MINE, client

TOKEN = "a token of sufficient length"
SCRIPT = "</ScRiPt><script>alert(1)</script><img src=x onerror=alert(1)>"
HEADERS = {
    "content-security-policy": "frame-ancestors 'none'", "x-content-type-options": "nosniff", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip


def row(scores):
    """A row of the built-in scores as a study's file, with one column set otherwise."""
    return {k: v for k, v in scores.items() if v is not None}


def as_csv(*rows):
    out = io.StringIO()
    written = csv.DictWriter(out, list(rows[0]))
    written.writeheader()
    written.writerows(rows)
    return out.getvalue()


@pytest.fixture(autouse=True)
def light(request, monkeypatch):
    """Pages without the sections of the report, which take half a minute a study: `make calibrate` attacks the whole."""
    if "slow" not in request.keywords:
        empty = {
            "sections": [],
            "figures": [],
            "answer": "",
            "cause": "",
            "headline": "",
            "model_sentence": "",
            "stamp": {"as_of": ""},
        }
        monkeypatch.setattr("leadtime.web.parts.content", lambda study, name, query: dict(empty))


@pytest.fixture(scope="module")
def known(web):
    return own(row(web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()[0]))


def own(found):
    """A row without its stamp, as a reader would bring it."""
    return {k: v for k, v in found.items() if k not in ("version", "as_of", "evidence_hash")}


def save(web, files, **more):
    return web.post(f"{API}/studies", json={"files": files}, **more)


# -- who may ask ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8300", "testserver", "", "10.0.0.7"])  # fmt: skip
def test_a_name_that_was_bound_to_this_machine_is_refused(web, host):
    assert web.get(f"{API}/evidence", headers={"host": host}).status_code == 421
    assert web.post("/scenarios/long", data={"names": "as-is"}, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:8300", "[::1]:8300"])
def test_its_own_names_are_answered(web, host):
    assert web.get("/static/none", headers={"host": host}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1.evil.example"}, {"origin": "http://127.0.0.1@evil.example"},
        {"origin": "http://127.0.0.1:9999"}, {"referer": "https://evil.example/127.0.0.1"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
    ],
)  # fmt: skip
def test_a_page_of_another_site_changes_nothing(web, headers):
    body = json.dumps({"files": {"scenarios/mine.yaml": MINE}})
    for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
        assert web.post(f"{API}/studies", content=body, headers={**headers, "content-type": kind}).status_code == 403
    assert web.delete(f"{API}/studies/{'0' * 32}", headers=headers).status_code == 403
    assert web.post(f"/job/{'0' * 32}/cancel", headers=headers).status_code == 403


def test_a_page_of_another_site_loads_nothing_but_may_link_here(web):
    other = {"sec-fetch-site": "cross-site"}
    for mode in ("no-cors", "cors", "websocket"):
        assert web.get("/supply", headers={**other, "sec-fetch-mode": mode}).status_code == 403
    assert web.get("/static/none", headers={**other, "sec-fetch-mode": "navigate"}).status_code == 404


def test_a_token_is_not_guessed_by_trying():
    with client(token=TOKEN, per_minute=60) as c:
        tried = [c.get(f"{API}/evidence", headers={"authorization": f"Bearer {i}"}).status_code for i in range(80)]
        assert set(tried) == {401, 429}
        assert tried.count(401) <= 52  # then one a second
        assert c.get(f"{API}/evidence", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 429


@pytest.mark.parametrize("sent", ["", "a", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\xff", "%00"])
def test_what_is_not_the_token_opens_nothing(sent):
    with client(token=TOKEN) as c:
        assert c.get("/", headers={"authorization": f"Bearer {sent}".encode("latin-1")}).status_code == 401
        assert c.get("/", headers={"cookie": f"leadtime-token={sent}".encode("latin-1")}).status_code == 401
        assert c.get("/", params={"token": sent}).status_code == 401


def test_the_token_is_compared_in_a_time_that_tells_nothing(monkeypatch):
    compared = []
    monkeypatch.setattr(guard.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or False)
    with client(token=TOKEN) as c:
        assert c.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 401
    assert (TOKEN.encode(), TOKEN.encode()) in compared


def test_the_token_leaves_the_address_and_is_not_in_the_cookie():
    with client(token=TOKEN) as c:
        for path in ("/supply", "//evil.example/x", "/%5c%5cevil.example"):
            led = c.get(path, params={"token": TOKEN, "country": "CHN"}, follow_redirects=False)
            assert led.status_code == 303
            there = led.headers["location"]
            assert re.match(r"/[^/\\]", there) and there.endswith("?country=CHN") and "token" not in there
            cookie = led.headers["set-cookie"]
            assert (
                "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie and "Secure" not in cookie
            )
        c.base_url = "https://127.0.0.1"
        assert "; Secure" in c.get("/supply", params={"token": TOKEN}, follow_redirects=False).headers["set-cookie"]
        assert c.post(f"{API}/jobs?token={TOKEN}", json={"answer": "levers"}, headers={"cookie": ""}).status_code == 401


@pytest.mark.parametrize("token", ["tökén that is long enough", "a token\r\nset-cookie: x=1"])
def test_a_token_that_no_header_can_hold_is_refused(token):
    with pytest.raises(LeadtimeError, match="header"):
        create(Settings(token=token))


def test_no_socket_is_opened(web):
    sent = []

    async def ask():
        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message)

        scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "client": ("127.0.0.1", 1)}
        await web.app(scope, receive, send)

    asyncio.run(ask())
    assert [m["type"] for m in sent] == ["websocket.close"]


# -- what every answer carries -----------------------------------------------------------------------------------------------------


def test_every_kind_of_answer_carries_the_headers(web):
    asset = re.search(r'src="(/static/[^"]+)"', web.get("/evidence").text).group(1)
    made = save(web, {"scenarios/mine.yaml": MINE}).json()["links"]["self"]
    answers = {
        "page": web.get("/evidence"), "again": web.get("/evidence"), "asset": web.get(asset), "api": web.get(f"{API}/evidence"),
        "unchanged": web.get("/evidence", headers={"if-none-match": web.get("/evidence").headers["etag"]}),
        "download": web.get("/evidence/chips.csv"), "described": web.get(f"{API}/openapi.json"), "study": web.get(made), "own": web.get("/evidence/own"),
        "redirect": web.post("/evidence/own", data={"table": "scores", "text": "x"}), "400": web.get(f"{API}/lag?model=nobody"),
        "404": web.get("/nothing", headers={"accept": "text/html"}), "405": web.get(f"{API}/studies"), "422": web.get(f"{API}/lag?draws=1"),
        "421": web.get("/", headers={"host": "evil.example"}), "403": web.post("/", headers={"origin": "null"}), "414": web.get("/?" + "a" * 9000),
        "413": web.post(f"{API}/jobs", content=b"x" * 2_000_001), "head": web.head("/evidence"), "options": web.options("/evidence"),
    }  # fmt: skip
    for kind, answer in answers.items():
        for name, value in HEADERS.items():
            assert value in answer.headers.get(name, ""), (kind, name)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe-eval" not in policy, kind
        assert "server" not in answer.headers and "x-powered-by" not in answer.headers, kind


def test_a_failure_of_ours_tells_nothing(web, monkeypatch):
    from leadtime import answers

    def broken(*_, **__):
        raise RuntimeError("secret at /etc/secret, password=hunter2\nforged line of a log")

    monkeypatch.setattr(answers.looked_up, "rows_of", broken)
    monkeypatch.setattr("leadtime.web.pages.rows_of", broken)
    for accept in ("text/html", "application/json"):
        failed = web.get("/evidence/organizations.csv", headers={"accept": accept})
        assert failed.status_code == 500
        assert not re.search(r"Traceback|secret|hunter2|RuntimeError|\.py", failed.text)
        assert "default-src 'none'" in failed.headers["content-security-policy"]


# -- what readers bring, as it is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/lag?model={}", "/lag?behind={}&clock={}", "/cost?chip={}&gpu_hours={}", "/cost?config={}", "/rules?chip={}&to={}&on={}", "/supply?country={}",
        "/scenarios?name={}&by={}", "/scenarios?sets={}", "/scenarios?name=as-is&profile={}", "/evidence?table={}", "/evidence?table=chips&where={}",
        "/evidence/own?table={}", "/static/{}", "/job/{}", "/{}", "/?as_of={}", "/?study={}", "/supply?lever.uptake={}",
    ],
)  # fmt: skip
def test_no_script_comes_in_by_an_address(web, path):
    from urllib.parse import quote

    for text in (SCRIPT, "'\"><svg/onload=alert(1)>", "javascript:alert(1)"):
        found = web.get(path.replace("{}", quote(text, safe="")), headers={"accept": "text/html"})
        assert found.status_code in (200, 400, 404, 422)
        assert not re.search(r"<(img|svg)[ /]|<script>", found.text, flags=re.IGNORECASE)
        assert not re.search(r'(?:href|src|action)="\s*javascript:', found.text, flags=re.IGNORECASE)


def brought(web, known):
    """A study whose every text is a script."""
    sources = web.get(f"{API}/evidence/sources", params={"where": known["source"]}).json()
    source = own(row(next(s for s in sources if s["id"] == known["source"])))
    mine = MINE.replace("Mine", json.dumps(SCRIPT)).replace("None let in.", json.dumps(SCRIPT))
    said = f"- {{id: mine, who: {json.dumps(SCRIPT)}, said_on: 2026-01-01, source: {json.dumps(SCRIPT)}, words: {json.dumps(SCRIPT)}, not_measurable: {json.dumps(SCRIPT)}}}\n"
    files = {
        "evidence/scores.csv": as_csv({**known, "note": SCRIPT, "locator": SCRIPT}), "scenarios/mine.yaml": mine, "claims/mine.yaml": said,
        "evidence/sources.csv": as_csv({**source, "title": SCRIPT, "publisher": SCRIPT, "url": "javascript:alert(1)"}),
    }  # fmt: skip
    return save(web, files).json()["id"]


def is_text_alone(page):
    """Nothing of a reader's text is markup of the page."""
    return not re.search(r"<img src=x|<script>alert|</ScRiPt>|href=\"javascript:", page)


def test_no_script_comes_in_by_what_is_brought(web, known):
    study = brought(web, known)
    asked = {"scores": {"table": "scores", "where": "alert"}, "sources": {"table": "sources", "where": "alert"}}
    shown = {k: web.get("/evidence", params={**q, "study": study}) for k, q in asked.items()}
    shown |= {"own": web.get("/evidence/own", params={"table": "scores", "study": study})}
    mine = save(
        web, {"scenarios/mine.yaml": web.get(f"{API}/studies/{study}").json()["files"]["scenarios/mine.yaml"]}
    ).json()["id"]
    shown |= {"drawn": web.get("/scenarios", params={"name": "mine", "study": mine})}
    shown |= {"refused": web.post("/evidence/own", data={"table": SCRIPT, "text": SCRIPT})}
    for name, page in shown.items():
        assert page.status_code == (400 if name == "refused" else 200), name
        assert is_text_alone(page.text), name
    assert html.escape(SCRIPT) in shown["scores"].text  # it is shown, as text
    assert "\\u003c/ScRiPt" in shown["drawn"].text  # and drawn, from JSON that cannot end its element


@pytest.mark.slow
def test_no_script_comes_in_by_what_is_brought_on_any_page(web, known):
    from leadtime.web.parts import PAGES

    study = brought(web, known)
    pages = {name: web.get(f"/{name}", params={"study": study}) for name in PAGES}
    assert {p.status_code for p in pages.values()} == {200}
    assert [name for name, page in pages.items() if not is_text_alone(page.text)] == []
    assert html.escape(SCRIPT) in pages["methods"].text and html.escape(SCRIPT) in pages["claims"].text


def test_the_page_of_a_report_runs_its_own_scripts_alone():
    """The page of a stranger's study is opened from a folder, where no server sends a policy: it carries one, by hash."""
    from leadtime.report import html as page

    policy, scripts = page.policy(), page.scripts()
    assert "unsafe-inline" not in policy.split("style-src")[0] and "default-src 'none'" in policy
    for script in scripts:
        import hashlib

        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
        assert not re.search(r"</script|<!--", script, flags=re.IGNORECASE)
    template = page.template("index.html")
    assert template.count("<script") == 2 and "{{ policy }}" in template  # the data, and the loop over the two
    inert = page.inert(json.dumps({"title": SCRIPT + "<!-- <script>"}))
    assert "<" not in inert and json.loads(inert)["title"].startswith("</ScRiPt>")


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://evil.example")']


def test_no_download_holds_a_formula(web, known):
    rows = [{**known, "setting": f"s{i}", "note": text} for i, text in enumerate(FORMULAS)] + [
        {**known, "setting": "n", "note": "-5"}
    ]
    study = save(web, {"evidence/scores.csv": as_csv(*rows)}).json()["id"]
    text = web.get("/evidence/scores.csv", params={"study": study, "where": known["model"]}).text
    notes = {r["setting"]: r["note"] for r in csv.DictReader(io.StringIO(text))}
    assert [notes[f"s{i}"] for i in range(len(FORMULAS))] == [f"'{t}" for t in FORMULAS]
    assert notes["n"] == "-5"  # a number stays one


def test_the_built_in_tables_are_downloaded_as_they_are():
    from leadtime.evidence import Evidence
    from leadtime.report import tables

    assert [n for n, t in Evidence.load().tables.items() if tables.csv(t) != t.write_csv()] == []


def test_text_of_a_stranger_does_not_move_the_cursor(web, known, capsys):
    from leadtime.cli import terminal

    refused = save(web, {"evidence/scores.csv": as_csv({**known, "note": "\x1b]0;mine\x07"})})
    assert refused.status_code == 400 and "control character" in refused.text
    terminal.put("a\x1b[2Jb\rc\u009bd\te")
    assert capsys.readouterr().out == "a\ufffd[2Jb\ufffdc\ufffdd\te\n"


# -- studies and jobs of others ----------------------------------------------------------------------------------------------------


def test_studies_and_jobs_cannot_be_listed_or_guessed(web):
    import hashlib

    for path in (f"{API}/studies", f"{API}/studies/", f"{API}/jobs", f"{API}/jobs/", "/job/", "/job"):
        assert web.get(path, follow_redirects=True).status_code in (404, 405)
    files = {"scenarios/mine.yaml": MINE}
    id_ = save(web, files).json()["id"]
    guess = hashlib.sha256(json.dumps(["", files], sort_keys=True).encode()).hexdigest()[:32]
    assert id_ != guess and save(web, files).json()["id"] == id_
    with client() as other:  # whoever has the same files has no id of this server's
        assert save(other, files).json()["id"] != id_
        assert other.get(f"{API}/studies/{id_}").status_code == 404
    assert id_ not in "".join(
        web.get(p).text for p in ("/evidence", f"{API}/evidence", f"{API}/openapi.json", "/scenarios")
    )


@pytest.mark.parametrize(
    "id_",
    ["%2e%2e", "%2e%2e%2f%2e%2e", "../../etc/passwd", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "%00", "' or 1=1 --"],
)
def test_an_id_is_an_id(web, id_):
    for path in (f"{API}/studies/{id_}", f"{API}/jobs/{id_}", f"{API}/jobs/{id_}/result", f"/job/{id_}"):
        assert web.get(path, follow_redirects=False).status_code in (404, 405, 422)
    assert web.get("/evidence", params={"study": id_}).status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv", "evidence/../../evil.csv", "/etc/cron.d/evil", "evidence\\..\\evil.csv", "evidence/scores.csv/../../evil", "leadtime.toml",
        "leadtime.lock", "evidence/scores.CSV", "scenarios/.hidden.yaml", "scenarios/a.yaml\n", "evidence/scores.\x00.csv", "scenarios/\u202ea.yaml",
    ],
)  # fmt: skip
def test_no_file_is_written_but_those_of_a_study(web, name):
    refused = save(web, {name: "x"})
    assert refused.status_code == 400 and "not a file of a study" in refused.json()["title"]


# -- files that are traps ---------------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))  # fmt: skip
TRAPS = {
    "aliases": BOMB, "merge": "a: &a {b: 1}\nc:\n  <<: *a\n", "object": "a: !!python/object/apply:os.system ['true']\n", "tag": "a: !!binary aGk=\n",
    "flow": "title: " + "[" * 20_000, "closed": "title: " + "[" * 5_000 + "]" * 5_000, "dashes": "- " * 5_000, "maps": "{a: " * 5_000, "day": "title: 2025-02-30\n",
    "digits": "title: " + "1" * 10_000, "twice": "title: a\ntitle: b\n", "long": "title: '" + "x" * 100_001 + "'", "control": "title: \x1b[2J\n", "keys": "? [a, b]\n: c\n",
    "documents": "--- a\n--- b\n", "half": "title: \ud800\n",
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_yaml_that_is_a_trap_is_refused_in_time(web, trap):
    for folder in ("scenarios", "claims", "rules"):
        begun = time.monotonic()
        refused = save(web, {f"{folder}/a.yaml": TRAPS[trap]}) if trap != "half" else web.post(
            f"{API}/studies", content=json.dumps({"files": {f"{folder}/a.yaml": TRAPS[trap]}}), headers={"content-type": "application/json"}
        )  # fmt: skip
        assert refused.status_code in (400, 422), (folder, refused.text[:200])
        assert tempfile.gettempdir() not in refused.text
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("leadtime.toml", "as_of = " + "[" * 5_000), ("leadtime.lock", "[" * 100_000), ("scenarios/a.yaml", BOMB), ("rules/a.yaml", "a: " + "[" * 5_000),
        ("claims/a.yaml", "- " * 5_000), ("evidence/scores.csv", ",".join(map(str, range(100_000)))),
    ],
)  # fmt: skip
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
        b"[" * 100_000, b'{"files":' * 5_000, b'{"files": {"scenarios/a.yaml": "\\ud800"}}', b'{"answer": "lag", "parameters": {"model": "\\udfff"}}', b"\xff\xfe", b"null", b"NaN",
        b'{"answer": "lag", "parameters": {"model": ' + b"[" * 900 + b"]" * 900 + b"}}", b'{"answer": "lag", "parameters": {"draws": 1e400}}', b'{"files": {}, "onto": "../x"}',
        b'{"answer": "' + b"a" * 1_000_000 + b'"}', b'{"answer": "lag", "parameters": {"draws": ' + b"9" * 5_000 + b"}}",
    ],
)  # fmt: skip
def test_a_body_that_is_a_trap_is_refused(web, body):
    for path in (f"{API}/studies", f"{API}/jobs", "/evidence/own", "/scenarios/long"):
        refused = web.post(path, content=body, headers={"content-type": "application/json"})
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


# -- how often, how much, how slowly ---------------------------------------------------------------------------------------------------------


def test_a_body_that_trickles_is_cut_off():
    app = create(
        Settings(body_seconds=0.2, database=f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite3", method="map", draws=200)
    )
    sent = []

    async def ask():
        async def receive():
            await asyncio.sleep(0.05)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": f"{API}/jobs", "raw_path": f"{API}/jobs".encode(), "query_string": b"", "scheme": "http",
                 "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")], "client": ("127.0.0.1", 1), "http_version": "1.1"}  # fmt: skip
        with contextlib.suppress(guard.CutOff):
            await asyncio.wait_for(app(scope, receive, send), 10)

    asyncio.run(ask())
    assert sent[0]["status"] == 408
    assert b"content-security-policy" in dict(sent[0]["headers"])


def test_one_client_does_not_slow_another():
    bucket = guard.Guard(None, Settings(per_minute=60), guard.Shelf())
    assert [bucket._wait("a") > 0 for _ in range(60)].count(True) == 10
    assert bucket._wait("b") == 0
    for i in range(20_000):
        bucket._wait(str(i))
    assert len(bucket._spent) <= 10_001


def test_no_line_of_a_log_or_header_is_forged(web, caplog):
    for path in (
        "/static/a%0d%0aset-cookie:x=1",
        f"{API}/lag?model=a%0d%0aERROR%20forged",
        "/evidence/own?table=a%0d%0ax:1",
    ):
        found = web.get(path)
        assert "set-cookie" not in found.headers and "x" not in found.headers
    sent = web.post("/evidence/own", data={"table": "scores\r\nx: 1", "text": "a"}, follow_redirects=False)
    assert sent.status_code == 400
    assert "forged" not in caplog.text
