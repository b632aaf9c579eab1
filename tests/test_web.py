"""The web door: pages and API give what the command line gives, refuse what is wrong, and lose nothing."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from leadtime.errors import LeadtimeError
from leadtime.web.api import ROUTES
from leadtime.web.app import create
from leadtime.web.desk import Answer
from leadtime.web.guard import Shelf
from leadtime.web.parts import PAGES
from leadtime.web.settings import Settings, is_loopback
from leadtime.web.store import Store

API = "/api/v1"
QUICK = {"method": "map", "draws": 200, "per_minute": 1_000_000}


def client(**more):
    app = create(Settings(**{**QUICK, "database": f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite3", **more}))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def web():
    with client(wait_seconds=300.0) as c:
        yield c


def command(*arguments):
    done = subprocess.run([sys.executable, "-m", "leadtime", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# -- pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_is_there_safe_and_linked(web, name):
    page = web.get(f"/{name}")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("style-src")[0]
    assert page.headers["x-content-type-options"] == "nosniff"
    inline = [m for m in re.findall(r"<script([^>]*)>", page.text) if "src=" not in m and "application/json" not in m]
    assert inline == []
    assert re.search(r"<h1>.+?</h1>", page.text)
    assert " onclick" not in page.text
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        found = web.get(asset)
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]


def test_links_between_pages_have_targets(web):
    pages = {name: web.get(f"/{name}").text for name in PAGES}
    ids = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    missing = [
        (name, page, anchor)
        for name, text in pages.items()
        for page, anchor in [(p, a) for p, a in re.findall(r'href="/([a-z]*)#([^"]+)"', text)]
        + [(name, a) for a in re.findall(r'href="#([^"?]+)"', text)]
        if anchor not in ids[page]
    ]
    assert missing == []


def test_the_state_of_a_page_is_its_address(web):
    page = web.get("/lag", params={"model": "deepseek-v3", "as_of": "2026-10-01"})
    assert "deepseek-v3 behind USA, in months" in page.text
    assert 'value="2026-10-01"' in page.text
    assert 'href="/cost?as_of=2026-10-01"' in page.text
    assert "as of</dt><dd>2026-10-01" in page.text
    rules = web.get("/rules", params={"chip": "h20", "to": "CHN", "on": "2025-05-01"})
    assert "License required" in rules.text
    compared = web.get("/scenarios", params={"name": ["as-is", "strengthened"], "by": "2028Q4"})
    assert compared.text.count('<tr><th scope="row">') >= 2
    assert "Strengthened" in compared.text
    own = web.get("/cost", params={"chip": "h100-sxm", "gpu_hours": "1,000,000"})
    assert "your-run, US dollars of the day" in own.text
    rows = web.get("/evidence", params={"table": "scores", "where": "DeepSeek-V3"})
    assert "deepseek-v3" in rows.text
    assert web.get("/evidence/scores.csv?where=deepseek-v3").text.startswith("model,benchmark,score")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/cost?chip=h100-sxm&gpu_hours=abc", "is not a number"), ("/rules?chip=h20&to=Mars", "Mars"), ("/lag?model=nobody", "nobody"),
        ("/scenarios?name=as-was", "as-was"), ("/scenarios?name=as-is&by=2050Q1", "2050Q1"), ("/evidence?table=nothing", "nothing"),
        ("/lag?model=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;"),
    ],
)  # fmt: skip
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(web, path, words):
    page = web.get(path)
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert words in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/lag?model=deepseek-v3&behind=",
        "/lag?model=deepseek-v3&clock=",
        "/supply?country=",
        "/scenarios?name=as-is&by=",
    ],
)
def test_a_field_left_empty_is_its_default(web, path):
    page = web.get(path)
    assert page.status_code == 200
    assert 'role="alert"' not in page.text


def test_what_is_kept_ready_is_bounded():
    shelf = Shelf()
    big = Answer(b"x" * 30_000_000, b"y" * 10_000_000, "tag")
    for i in range(10):
        shelf.put(b"/%d" % i, big, "text/plain")
    assert [shelf.get(b"/%d" % i) is not None for i in range(10)] == [False] * 8 + [True] * 2
    shelf.put(b"/9", big, "text/plain")  # the same again takes no more room
    assert shelf.get(b"/8") is not None


def test_an_early_day_is_a_page_too(web):
    page = web.get("/?as_of=2025-01-29")
    assert page.status_code == 200
    assert "was not counted yet" in page.text
    none = web.get("/?as_of=2020-01-01", headers={"accept": "text/html"})
    assert none.status_code == 400
    assert "no score was public" in none.text
    assert "text/html" in none.headers["content-type"]


# -- API ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/cost?model=deepseek-v3", ("cost", "deepseek-v3", "--draws", "200")),
        ("/lag?model=deepseek-v3", ("lag", "--model", "deepseek-v3", "--method", "map", "--draws", "200")),
        ("/rules/status?chip=h20&to=CHN&on=2025-05-01", ("rules", "status", "h20", "--to", "CHN", "--on", "2025-05-01")),
        ("/rules/timeline?since=2026-01-01", ("rules", "timeline", "--since", "2026-01-01")),
        ("/explain/cost.deepseek-v3", ("explain", "cost.deepseek-v3", "--without", "0", "--method", "map", "--draws", "200")),
        ("/evidence/chips", ("evidence", "chips")),
    ],
)  # fmt: skip
def test_the_api_says_what_the_command_line_says(web, path, arguments):
    assert web.get(API + path).json() == command(*arguments, "--json")


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.answer.__name__ not in ("sensitivity", "curve", "backtest")], ids=lambda r: r.path
)
def test_every_address_answers_its_example(web, route):
    named = {"name": "bis-2022-10-ifr" if "rules" in route.path else "cost.deepseek-v3", "table": "models"}
    found = web.get(f"{API}{route.path.format(**named)}?{route.example}")
    assert found.status_code == 200, found.text[:300]
    assert found.headers["content-type"] == "application/json"
    found.json()


def test_the_description_names_every_address_with_an_example(web):
    described = web.get(f"{API}/openapi.json").json()
    assert {f"{API}{r.path}" for r in ROUTES} <= set(described["paths"])
    names = {p["name"] for p in described["paths"][f"{API}/lag"]["get"]["parameters"]}
    assert {"model", "of", "behind", "definition", "as_of", "seed", "draws", "method"} <= names
    assert "Example" in described["paths"][f"{API}/lag"]["get"]["description"]


def test_what_has_not_changed_is_not_sent_again(web):
    first = web.get(f"{API}/rules/show/bis-2022-10-ifr")
    again = web.get(f"{API}/rules/show/bis-2022-10-ifr", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert web.get(f"{API}/rules/show/bis-2022-10-ifr", headers={"accept-encoding": "identity"}).text == first.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/lag?model=nobody", 400, "nobody"), ("/lag?draws=1", 422, "draws"), ("/lag?draws=10000000", 422, "draws"), ("/lag?as_of=soon", 422, "as_of"),
        ("/cost", 400, "nothing to cost"), ("/cost?mfu=7", 422, "mfu"), ("/cost?flop=nan&chip=h100-sxm", 422, "flop"), ("/rules/status", 422, "to"),
        ("/rules/status?to=CHN&tpp=abc", 400, "abc"), ("/evidence/nothing", 400, "nothing"), ("/scenarios/run", 400, "no scenario"),
        ("/scenarios/run?names=as-was", 400, "as-was"), ("/scenarios/sweep?lever=uptake&values=7", 400, "out of range"), ("/nothing", 404, ""),
        ("/explain/lags", 400, "lags"), ("/claims?claim=nothing", 400, "nothing"), ("/backtest?since=2031-01-01", 400, "after"),
        ("/scenarios/sensitivity?points=100", 400, "power of two"), ("/lag?as_of=2040-01-01", 400, "in the future"),
        ("/explain/curve.first.abc.1e25", 400, "no number"), ("/explain/lag.change?given=days%3Dabc", 400, "no number"), ("/lag?model=" + "a" * 300, 422, "model"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_in_one_shape(web, path, status, words):
    found = web.get(API + path)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    said = found.json()
    assert said["status"] == status
    assert words in found.text
    assert "Traceback" not in found.text


def test_a_lever_that_is_swept_leaves_nothing_behind(web):
    before = web.get(f"{API}/scenarios").json()
    assert web.get(f"{API}/scenarios/sweep?lever=uptake&values=0.25&values=0.75").status_code == 200
    assert web.get(f"{API}/scenarios?seed=0").json() == before


# -- who may ask, how often, how much -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.7", False),
        ("example.org", False),
    ],
)
def test_loopback_is_told_from_the_rest(host, own):
    assert is_loopback(host) == own


def test_listening_beyond_this_machine_wants_a_token():
    with pytest.raises(LeadtimeError, match="no token"):
        create(Settings(host="0.0.0.0"))
    with pytest.raises(LeadtimeError, match="no token"):
        create(Settings(host="0.0.0.0", token="short"))
    create(Settings(host="0.0.0.0", token="long enough to be one"))


def test_without_the_token_nothing_is_told():
    token = "a token of sufficient length"
    with client(token=token) as c:
        for path in ("/", f"{API}/evidence", f"{API}/openapi.json", "/static/x"):
            refused = c.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
        assert c.get(f"{API}/evidence", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert c.get(f"{API}/evidence", headers={"authorization": f"Bearer {token}"}).status_code == 200
        opened = c.get(f"{API}/evidence", params={"token": token})
        assert opened.status_code == 200
        assert "HttpOnly" in opened.headers["set-cookie"]


def test_another_name_for_this_machine_is_refused(web):
    assert web.get(f"{API}/evidence", headers={"host": "evil.example"}).status_code == 421
    assert web.get(f"{API}/evidence", headers={"host": "localhost:8300"}).status_code == 200


def test_too_many_requests_wait_and_too_large_ones_are_refused():
    with client(per_minute=60, most_body=1000) as c:
        statuses = [c.get("/static/none").status_code for _ in range(80)]
        assert statuses.count(429) >= 20
        time.sleep(1.2)
        assert c.post(f"{API}/jobs", content=b"x" * 2000).status_code == 413
        time.sleep(1.2)
        assert c.get(f"{API}/lag?model=" + "a" * 9000).status_code == 414


def test_a_body_that_does_not_say_its_length_is_cut_off():
    with client(most_body=1000) as c:
        refused = c.post(f"{API}/jobs", content=iter([b"x" * 600] * 4), headers={"content-type": "application/json"})
        assert refused.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/evidence/..%2f..%2fetc.csv", "/api/v1/evidence/..%2fsecret"],
)
def test_no_path_leads_out(web, path):
    assert web.get(path).status_code in (400, 404)


# -- jobs -----------------------------------------------------------------------------------------------------------------

BODY = {"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 20_000}}


def wait(c, id_, ends=("done", "failed", "cancelled"), seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = c.get(f"{API}/jobs/{id_}").json()
        if job["status"] in ends:
            return job
        time.sleep(0.2)
    raise AssertionError(job)


def test_a_job_is_made_heard_and_answered(web):
    made = web.post(f"{API}/jobs", json=BODY)
    assert made.status_code == 201
    assert made.headers["location"] == f"{API}/jobs/{made.json()['id']}"
    with web.stream("GET", f"{API}/jobs/{made.json()['id']}/events") as events:
        said = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert said[-1]["status"] == "done"
    assert [s["done"] for s in said] == sorted(s["done"] for s in said)
    found = web.get(said[-1]["links"]["result"]).json()
    assert found["n"] == 20_000
    assert {r["scenario"] for r in found["rows"]} == {"as-is"}


def test_a_job_that_fails_says_why_and_a_running_one_can_be_cancelled(web):
    failed = web.post(f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-was"]}}).json()
    assert wait(web, failed["id"])["problem"]["title"].startswith("there is no scenario called 'as-was'")
    assert web.get(f"{API}/jobs/{failed['id']}/result").status_code == 409
    long = web.post(
        f"{API}/jobs",
        json={"answer": "scenario_draws", "parameters": {"names": ["as-is", "no-controls"], "n": 10_000_000}},
    ).json()
    wait(web, long["id"], ends=("running",))
    begun = time.monotonic()
    assert web.delete(f"{API}/jobs/{long['id']}").json()["status"] == "cancelled"
    assert web.delete(f"{API}/jobs/{long['id']}").status_code == 409
    after = web.post(f"{API}/jobs", json=BODY).json()  # the worker is free again at once
    assert wait(web, after["id"])["status"] == "done"
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer": "nothing"}, 400), ({"answer": "lag", "parameters": {"draws": 1}}, 422), ({"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 10**9}}, 422),
        ({"answer": "lag", "parameters": {"model": "x", "shell": "rm"}}, 422), ({"answer": "lag", "parameters": []}, 422), ([], 422), ({"answer": 7}, 422),
    ],
)  # fmt: skip
def test_a_malformed_job_is_refused_at_once(web, body, status):
    refused = web.post(f"{API}/jobs", json=body)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert web.get(f"{API}/jobs/{'0' * 32}").status_code == 404
    assert web.get(f"{API}/jobs/nothing").status_code == 422


def test_the_queue_is_bounded():
    with client(most_jobs=1) as c:
        c.post(f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 5_000_000}})
        refused = c.post(f"{API}/jobs", json=BODY)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def server(database):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "leadtime", "serve", "--port", str(port), "--method", "map", "--draws", "200", "--database", database],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as c:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                c.get("/static/none")
                break
            time.sleep(0.1)
        try:
            yield c, process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def test_a_killed_server_loses_no_job(tmp_path):
    database = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with server(database) as (c, process):
        ids = [
            c.post(f"{API}/jobs", json={**BODY, "parameters": {"names": ["as-is"], "n": n}}).json()["id"]
            for n in (400_000, 10_000)
        ]
        wait(c, ids[0], ends=("running",))
        os.killpg(process.pid, signal.SIGKILL)
    with server(database) as (c, _):
        assert [wait(c, i)["status"] for i in ids] == ["done", "done"]


# -- the store, on both databases --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgresql():
    """A PostgreSQL of our own, in a folder of its own, gone afterward."""
    pytest.importorskip("psycopg")
    found = shutil.which("initdb") or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
    )
    if found is None:
        pytest.skip("there is no PostgreSQL here (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="leadtime-pg-"))
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--clear-groups"]
    binaries, port = Path(found).resolve().parent, free_port()
    start = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        subprocess.run(
            [*as_user, binaries / "initdb", "-D", folder / "data", "-U", "leadtime", "--auth=trust"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        subprocess.run(
            [*as_user, binaries / "pg_ctl", "-D", folder / "data", "-o", start, "-l", folder / "log", "-w", "start"],
            check=True,
            capture_output=True,
            cwd="/",
        )
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {getattr(error, 'stderr', b'') or error}")
    yield f"postgresql+psycopg://leadtime@127.0.0.1:{port}/postgres"
    subprocess.run(
        [*as_user, binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"],
        check=False,
        capture_output=True,
        cwd="/",
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    url = (
        request.getfixturevalue("postgresql") if request.param == "postgresql" else f"sqlite:///{tmp_path}/jobs.sqlite3"
    )
    made = Store(url)
    yield made
    made.expire(time.time() + 1e6)
    made.close()


def test_a_job_goes_its_way_once(store):
    first, second = (store.create("lag", {"model": m}) for m in ("a", "b"))
    assert store.waiting() == 2
    taken = store.next()
    assert (taken.id, taken.status) == (first.id, "queued")
    assert store.get(first.id).status == "running"
    assert store.told(first.id, "half", 0.5)
    assert store.get(first.id).done == 0.5
    assert store.again() == 1  # the server stopped: it waits again
    assert store.next().id == first.id
    assert store.finish(first.id, b"{}")
    assert store.result(first.id) == b"{}"
    assert not store.cancel(first.id)
    assert not store.fail(first.id, {})
    assert store.cancel(second.id)
    assert store.next() is None
    assert store.waiting() == 0
    assert store.expire(time.time() + 10) == 2
    assert store.get(first.id) is None


def test_saved_studies_outlive_the_server(store):
    files = {"scenarios/mine.yaml": MINE}
    store.save_study("a" * 32, files)
    store.save_study("a" * 32, {"scenarios/other.yaml": "x"})  # the same id is the same study: it stays as it is
    again = Store(store.engine.url.render_as_string(hide_password=False))
    assert again.study("a" * 32) == files and again.n_studies() >= 1
    assert again.drop_study("a" * 32) and not again.drop_study("a" * 32) and store.study("a" * 32) is None
    again.close()


def test_a_server_on_postgresql_runs_a_job(postgresql):
    with client(database=postgresql) as c:
        made = c.post(f"{API}/jobs", json={"answer": "levers"}).json()
        assert wait(c, made["id"])["status"] == "done"
        assert {r["lever"] for r in c.get(f"{API}/jobs/{made['id']}/result").json()} >= {"uptake", "quota_h100e"}


@pytest.mark.parametrize(
    "url", ["nothing", "sqlite:////nowhere/at/all.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/none"]
)
def test_a_store_that_cannot_be_opened_is_said(url):
    with pytest.raises(LeadtimeError, match="cannot be opened"):
        Store(url)


# -- many at once, and whatever comes ------------------------------------------------------------------------------------------


def test_a_thousand_mixed_requests_and_no_failure_of_ours(web):
    good = [
        f"{API}/evidence",
        f"{API}/rules/show/bis-2022-10-ifr",
        "/evidence?table=chips",
        f"{API}/cost?model=deepseek-v3",
        "/claims",
    ]
    bad = [
        "/rules?chip=x&to=y",
        f"{API}/lag?model=%00",
        f"{API}/evidence/%F0%9F%92%A9",
        f"{API}/cost?flop=1e400",
        "/lag?as_of=0000-00-00",
    ]
    app = web.app

    async def ask():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=120) as c:
            answers = await asyncio.gather(*(c.get((bad if i % 10 == 0 else good)[i % 5]) for i in range(1000)))
        return [a.status_code for a in answers]

    statuses = web.portal.call(ask)
    assert max(statuses) < 500
    assert statuses.count(200) >= 900


def test_whatever_is_asked_is_answered_as_described():
    """Schemathesis over the API: what is light is fuzzed here; heavy addresses have tests of their own."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, settings

    light = "^/api/v1/(cost|evidence|rules/(status|timeline|show|tariffs)|scenarios/(levers|profiles)|explain$|jobs|studies)"
    with client(most_jobs=0) as c:
        schema = schemathesis.openapi.from_asgi(f"{API}/openapi.json", c.app).include(path_regex=light)

        for operation in schema.get_all_operations():
            _fuzz(operation.ok(), c, settings, HealthCheck)


@pytest.mark.slow
def test_fuzzing_finds_nothing_on_the_whole_api():
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, settings

    with client(most_jobs=0, wait_seconds=120) as c:
        for operation in schemathesis.openapi.from_asgi(f"{API}/openapi.json", c.app).get_all_operations():
            _fuzz(operation.ok(), c, settings, HealthCheck, n=25)


def _quick(query):
    """The same question, to a study that is computed in seconds."""
    return {**query, **({"method": "map"} if query.get("method") == "nuts" else {}), **({"draws": 50} if str(query.get("draws", "")).isdigit() else {}),
            **({"points": 16} if str(query.get("points", "")).isdigit() else {})}  # fmt: skip


def _fuzz(operation, c, settings, checks, n=15):
    from hypothesis import given

    @given(case=operation.as_strategy())
    @settings(max_examples=n, deadline=None, suppress_health_check=list(checks))
    def one(case):
        path = case.formatted_path
        found = c.request(
            case.method,
            path,
            params=_quick(dict(case.query or {})),
            json=case.body if isinstance(case.body, dict | list) else None,
        )
        assert found.status_code in (200, 201, 204, 400, 404, 405, 409, 413, 414, 422, 503), (path, found.text[:300])
        if found.status_code >= 400:
            assert found.headers["content-type"] == "application/problem+json"
            assert found.json()["status"] == found.status_code

    one()


# -- rows of one's own, levers, long runs ----------------------------------------------------------------------------------


def known_row(web):
    """A row of the built-in scores whose score is set otherwise: every id in it is one that is known."""
    rows = web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()
    row = next(r for r in rows if r["model"] == "deepseek-v3")
    names = [k for k, v in row.items() if v is not None]
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
    sent = web.post("/evidence/own", data={"table": "scores", "text": text}, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    study = re.search(r"study=([0-9a-f]{32})", sent.headers["location"]).group(1)
    mine = web.get(f"{API}/evidence/scores", params={"study": study, "where": "deepseek-v3"}).json()
    assert [r["score"] for r in mine if all(r[k] == row[k] for k in names if k != "score")] == [0.123]
    assert 0.123 not in [r["score"] for r in web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()]
    again = web.post(f"{API}/studies", json={"files": {"evidence/scores.csv": text}}).json()
    assert again["id"] == study and again["overlays"] == [{"table": "scores", "file": "scores.csv", "n_added": 0, "n_replaced": 1}]  # fmt: skip
    kept = web.get("/evidence/own", params={"study": study}).text
    assert "0.123" in kept
    more = web.post(f"{API}/studies", json={"files": {"scenarios/mine.yaml": MINE}, "onto": study}).json()
    assert sorted(web.get(f"{API}/studies/{more['id']}").json()["files"]) == [
        "evidence/scores.csv",
        "scenarios/mine.yaml",
    ]
    ran = web.get(f"{API}/scenarios/run", params={"names": "mine", "study": more["id"], "method": "map", "draws": 100})
    assert ran.json()["scenarios"][0]["title"] == "Mine"
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
            rows = served.get(f"{API}/evidence/scores", params={"where": "deepseek-v3", **more}).json()
            return [r["score"] for r in rows if all(r[k] == row[k] for k in key)]

        claim = "- id: mine\n  who: Me\n  said_on: 2026-01-01\n  source: x\n  words: who knows\n  not_measurable: an opinion\n"
        files = {"evidence/scores.csv": as_csv(names, row, score=0.3), "claims/mine.yaml": claim}
        made = served.post(f"{API}/studies", json={"files": files}).json()
        assert scores() == [0.2] and scores(study=made["id"]) == [0.3]
        assert served.get(f"{API}/evidence", params={"study": made["id"]}).json()["as_of"] == "2026-10-01"
        said = served.get(f"{API}/claims", params={"study": made["id"], "claim": "mine"}).json()
        assert said["claims"][0]["claim"] == "mine"


MINE = "title: Mine\nnarrative: None let in.\nbase: as-is\nlevers: {uptake: 0}\n"


def test_unsound_rows_are_told_by_row_and_kept_in_the_form(web):
    names, row = known_row(web)
    text = as_csv(names, row, score=87)
    sent = web.post("/evidence/own", data={"table": "scores", "text": text})
    assert sent.status_code == 400
    assert "row 2, column score: found &#39;87&#39;" in sent.text and "87 per cent is 0.87" in sent.text
    assert "gpqa" in sent.text or row["benchmark"] in sent.text  # what was typed is still there
    assert web.post("/evidence/own", data={"table": "scores", "text": " "}).status_code == 400
    assert web.post("/evidence/own", content=b"\xff\xfe", headers={"content-type": "text/plain"}).status_code == 400


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "0 files"), ({"../../etc/passwd": "x"}, "not a file of a study"), ({"evidence/../x.csv": "x"}, "not a file of a study"),
        ({"evidence/nothing.csv": "x"}, "not a file of a study"), ({"evidence/scores.csv": "a,b\n1,2\n"}, "no column"),
        ({"evidence/scores.csv": "\x00"}, ""), ({"scenarios/a.yaml": "title: [\n"}, "cannot be read"),
        ({"scenarios/a.yaml": "a: &x [1]\nb: *x\n"}, "alias"), ({"scenarios/a.yaml": "!!python/object:os.system x"}, ""),
    ],
)  # fmt: skip
def test_files_that_make_no_study_are_refused(web, files, words):
    sent = web.post(f"{API}/studies", json={"files": files})
    assert sent.status_code == 400, sent.text
    assert words in sent.json()["title"]
    assert tempfile.gettempdir() not in sent.text


def test_another_site_can_change_nothing(web):
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        sent = web.post("/scenarios/long", data={"names": "as-is", "n": "1000"}, headers=headers)
        assert sent.status_code == 403
    assert web.get("/supply", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_levers_are_set_on_the_page_and_over_the_api_alike(web):
    said = web.get(f"{API}/scenarios/run", params={"sets": "uptake=0@2027-01-01", "names": "as-is"}).json()
    lag = {r["scenario"]: r["lag_median"] for r in said["scenarios"]}
    assert lag["(yours)"] > lag["as-is"]
    page = web.get("/scenarios", params={"lever.uptake": "0", "from.uptake": "2027-01-01", "name": "as-is"}).text
    assert "As it is, but uptake 0 from 2027-01-01" in page and f"{lag['(yours)']:.1f} [" in page
    plain = web.get(f"{API}/scenarios/run", params={"names": "as-is"}).json()
    assert [r["scenario"] for r in plain["scenarios"]] == ["as-is"]  # nobody else sees it
    for bad in ("uptake", "uptake=x", "uptake=2", "upteak=0", "uptake=0@2027-13-01", "uptake=0@1999-01-01"):
        assert web.get(f"{API}/scenarios/run", params={"sets": bad}).status_code == 400
        assert 'role="alert"' in web.get("/scenarios", params={"sets": bad}).text


def test_a_long_run_is_started_watched_and_ends_on_a_page(web):
    sent = web.post(
        "/scenarios/long",
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
    assert "How far behind, compared" in shown and "2028Q4" in shown and 'http-equiv="refresh"' not in shown
    for n in ("", "many", "10", "99999999999"):
        assert web.post("/scenarios/long", data={"names": "as-is", "n": n}).status_code in (400, 422)
    other = web.post("/scenarios/long", data={"names": "as-is", "n": "10000000"}, follow_redirects=False).headers[
        "location"
    ]
    assert "cancelled" in web.post(f"{other}/cancel").text
    assert web.get("/job/" + "0" * 32).status_code == 404


def test_a_pasted_configuration_is_counted_and_costed(web):
    config = json.dumps({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
                         "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256})  # fmt: skip
    page = web.get("/cost", params={"config": config}).text
    assert "8.030 billion" in page
    costed = web.get("/cost", params={"config": config, "tokens": "1.5e13", "chip": "h100-sxm", "mfu": "0.4"}).text
    assert 'id="found"' in costed and "US dollars" in costed
    assert "line 1, column 2" in web.get("/cost", params={"config": "{"}).text


def test_lags_by_set_and_by_domain(web):
    page = web.get("/lag", params={"of": "CHN", "benchmarks": "coding", "comparison": "open"}).text
    assert "compared with open models; coding benchmarks" in page
    assert 'role="alert"' in web.get("/lag", params={"of": "CHN", "benchmarks": "nonsense"}).text
