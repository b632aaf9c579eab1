"""Attacks on what SECURITY.md promises of the server: each promise there names its test here."""

import asyncio
import contextlib
import json
import re
import tempfile

import pytest

from leadtime.errors import LeadtimeError
from leadtime.web import guard
from leadtime.web.app import create
from leadtime.web.clients import Buckets
from leadtime.web.settings import Settings
from web_client import API, MINE, client, save
from worker_side import broken

pytestmark = pytest.mark.usefixtures("light_pages")
TOKEN = "a token of sufficient length"
SCRIPT = "</ScRiPt><script>alert(1)</script><img src=x onerror=alert(1)>"
HEADERS = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


# -- who may ask
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8300", "testserver", "", "10.0.0.7"]
)
def test_a_name_that_was_bound_to_this_machine_is_refused(web, host):
    assert web.get(f"{API}/evidence", headers={"host": host}).status_code == 421
    assert web.post("/what-if/long", data={"names": "as-is"}, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:8300", "[::1]:8300"])
def test_its_own_names_are_answered(web, host):
    assert web.get("/static/none", headers={"host": host}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "http://127.0.0.1@evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"referer": "https://evil.example/127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
    ],
)
def test_a_page_of_another_site_changes_nothing(web, headers):
    body = json.dumps({"files": {"scenarios/mine.yaml": MINE}})
    for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
        assert web.post(f"{API}/studies", content=body, headers={**headers, "content-type": kind}).status_code == 403
    assert web.delete(f"{API}/studies/{'0' * 32}", headers=headers).status_code == 403
    assert web.post(f"/job/{'0' * 32}/cancel", headers=headers).status_code == 403


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
        for path in ("/chips", "//evil.example/x", "/%5c%5cevil.example"):
            led = c.get(path, params={"token": TOKEN, "country": "CHN"}, follow_redirects=False)
            assert led.status_code == 303
            there = led.headers["location"]
            assert re.match(r"/[^/\\]", there) and there.endswith("?country=CHN") and "token" not in there
            cookie = led.headers["set-cookie"]
            assert (
                "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie and "Secure" not in cookie
            )
        c.base_url = "https://127.0.0.1"
        assert "; Secure" in c.get("/chips", params={"token": TOKEN}, follow_redirects=False).headers["set-cookie"]
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


# -- what every answer carries
# -----------------------------------------------------------------------------------------------------


def test_every_kind_of_answer_carries_the_headers(web):
    asset = re.search(r'src="(/static/[^"]+)"', web.get("/data").text).group(1)
    made = save(web, {"scenarios/mine.yaml": MINE}).json()["links"]["self"]
    answers = {
        "page": web.get("/data"),
        "again": web.get("/data"),
        "asset": web.get(asset),
        "api": web.get(f"{API}/evidence"),
        "unchanged": web.get("/data", headers={"if-none-match": web.get("/data").headers["etag"]}),
        "download": web.get("/data/chips.csv"),
        "described": web.get(f"{API}/openapi.json"),
        "study": web.get(made),
        "own": web.get("/own/table"),
        "redirect": web.post("/own/table", data={"table": "scores", "text": "x"}),
        "400": web.get(f"{API}/lag?model=nobody"),
        "404": web.get("/nothing", headers={"accept": "text/html"}),
        "405": web.get(f"{API}/studies"),
        "422": web.get(f"{API}/lag?draws=1"),
        "421": web.get("/", headers={"host": "evil.example"}),
        "403": web.post("/", headers={"origin": "null"}),
        "414": web.get("/?" + "a" * 9000),
        "413": web.post(f"{API}/jobs", content=b"x" * 2_000_001),
        "head": web.head("/data"),
        "options": web.options("/data"),
    }
    for kind, answer in answers.items():
        for name, value in HEADERS.items():
            assert value in answer.headers.get(name, ""), (kind, name)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe-eval" not in policy, kind
        assert "server" not in answer.headers and "x-powered-by" not in answer.headers, kind


def test_a_failure_of_ours_tells_nothing(web, monkeypatch):
    monkeypatch.setattr("leadtime.web.pages.downloaded", broken)
    for accept in ("text/html", "application/json"):
        failed = web.get("/data/organizations.csv", headers={"accept": accept})
        assert failed.status_code == 500
        assert not re.search(r"Traceback|secret|hunter2|RuntimeError|\.py", failed.text)
        assert "default-src 'none'" in failed.headers["content-security-policy"]


# -- studies and jobs of others
# ----------------------------------------------------------------------------------------------------


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
    assert id_ not in "".join(web.get(p).text for p in ("/data", f"{API}/evidence", f"{API}/openapi.json", "/what-if"))


@pytest.mark.parametrize(
    "id_",
    ["%2e%2e", "%2e%2e%2f%2e%2e", "../../etc/passwd", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "%00", "' or 1=1 --"],
)
def test_an_id_is_an_id(web, id_):
    for path in (f"{API}/studies/{id_}", f"{API}/jobs/{id_}", f"{API}/jobs/{id_}/result", f"/job/{id_}"):
        assert web.get(path, follow_redirects=False).status_code in (404, 405, 422)
    assert web.get("/data", params={"study": id_}).status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "evidence/../../evil.csv",
        "/etc/cron.d/evil",
        "evidence\\..\\evil.csv",
        "evidence/scores.csv/../../evil",
        "leadtime.toml",
        "leadtime.lock",
        "evidence/scores.CSV",
        "scenarios/.hidden.yaml",
        "scenarios/a.yaml\n",
        "evidence/scores.\x00.csv",
        "scenarios/\u202ea.yaml",
    ],
)
def test_no_file_is_written_but_those_of_a_study(web, name):
    refused = save(web, {name: "x"})
    assert refused.status_code == 400 and "not a file of a study" in refused.json()["title"]


# -- how often, how much, how slowly
# ---------------------------------------------------------------------------------------------------------


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

        scope = {
            "type": "http",
            "method": "POST",
            "path": f"{API}/jobs",
            "raw_path": f"{API}/jobs".encode(),
            "query_string": b"",
            "scheme": "http",
            "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1),
            "http_version": "1.1",
        }
        with contextlib.suppress(guard.CutOff):
            await asyncio.wait_for(app(scope, receive, send), 10)

    asyncio.run(ask())
    assert sent[0]["status"] == 408
    assert b"content-security-policy" in dict(sent[0]["headers"])


def test_one_client_does_not_slow_another():
    bucket = Buckets(60)
    assert [bucket.wait("a") > 0 for _ in range(60)].count(True) == 10
    assert bucket.wait("b") == 0
    for i in range(20_000):
        bucket.wait(str(i))
    assert len(bucket._left) <= 10_000


def test_no_line_of_a_log_or_header_is_forged(web, caplog):
    for path in (
        "/static/a%0d%0aset-cookie:x=1",
        f"{API}/lag?model=a%0d%0aERROR%20forged",
        "/own/table?table=a%0d%0ax:1",
    ):
        found = web.get(path)
        assert "set-cookie" not in found.headers and "x" not in found.headers
    sent = web.post("/own/table", data={"table": "scores\r\nx: 1", "text": "a"}, follow_redirects=False)
    assert sent.status_code == 400
    assert "forged" not in caplog.text
