"""The web door: pages and API give what the command line gives, refuse what is wrong, and lose nothing."""

import asyncio
import re
import time

import httpx2 as httpx
import pytest

from conforms import conforms
from leadtime.answers import ask
from leadtime.answers.registry import questions
from leadtime.errors import LeadtimeError
from leadtime.report.site import REDIRECTS, pages
from leadtime.rules.rulebook import Rulebook
from leadtime.web.app import create
from leadtime.web.asked import Answer
from leadtime.web.guard import Shelf
from leadtime.web.settings import Settings, is_loopback
from web_client import API, client, command

PAGES = tuple(pages())

# -- pages
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_is_there_safe_and_linked(web, name):
    page = web.get(f"/{name}")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("style-src")[0]
    assert page.headers["x-content-type-options"] == "nosniff"
    inline = [m for m in re.findall(r"<script([^>]*)>", page.text) if "src=" not in m and "application/json" not in m]
    assert inline == []
    assert re.search(r"<h1[^>]*>.+?</h1>", page.text, flags=re.DOTALL)
    assert " onclick" not in page.text
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        found = web.get(asset)
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]


def test_links_between_pages_have_targets(web):
    texts = {name: web.get(f"/{name}").text for name in PAGES}
    ids = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in texts.items()}
    links = [
        (n, p, a) for n, text in texts.items() for p, a in re.findall(r'href="/([a-z-]*)(?:\?[^"#]*)?#([^"]+)"', text)
    ]
    links += [(n, n, a) for n, text in texts.items() for a in re.findall(r'href="#([^"?]+)"', text)]
    assert [(n, p, a) for n, p, a in links if p in ids and a not in ids[p]] == []


def test_addresses_of_before_lead_on(web):
    for old, new in REDIRECTS.items():
        moved = web.get(f"/{old}?as_of=2026-10-01", follow_redirects=False)
        assert (moved.status_code, moved.headers["location"]) == (308, f"/{new}?as_of=2026-10-01")


def test_the_state_of_a_page_is_its_address(web):
    assert "months behind" in web.get("/models", params={"model": "deepseek-v3"}).text
    page = web.get("/data", params={"table": "chips", "as_of": "2026-10-01"})
    assert 'value="2026-10-01"' in page.text and 'href="/cost?as_of=2026-10-01"' in page.text
    assert "You see what was known on October 1, 2026" in page.text
    rules = web.get("/rules", params={"chip": "h20", "to": "CHN", "on": "2025-05-01"})
    assert "No, not without a license" in rules.text
    rows = web.get("/data", params={"table": "scores", "where": "DeepSeek-V3"})
    assert "deepseek-v3" in rows.text
    assert web.get("/data/scores.csv?where=deepseek-v3").text.startswith("model,benchmark,score")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/cost?chip=h100-sxm&gpu_hours=abc", "is not a number of chip-hours"),
        ("/rules?chip=h20&to=Mars", "Mars"),
        ("/models?model=nobody", "nobody"),
        ("/what-if?by=2050Q1", "2050"),
        ("/data?table=nothing", "nothing"),
        ("/models?model=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(web, path, words):
    page = web.get(path)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert words in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "path", ["/models?model=deepseek-v3&clock=", "/chips?country=", "/what-if?by=", "/rules?chip="]
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
    assert "was not counted yet" in page.text and "You see what was known on January 29, 2025" in page.text
    none = web.get("/?as_of=2020-01-01", headers={"accept": "text/html"})
    assert none.status_code == 400
    assert "nobody had published a score" in none.text
    assert "text/html" in none.headers["content-type"]


# -- API
# ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/cost?model=deepseek-v3", ("cost", "deepseek-v3", "--draws", "200")),
        ("/lag?model=deepseek-v3", ("lag", "deepseek-v3", "--method", "map", "--draws", "200")),
        (
            "/rules/status?chip=h20&to=CHN&on=2025-05-01",
            ("rules", "status", "h20", "--to", "CHN", "--on", "2025-05-01"),
        ),
        ("/rules/timeline?since=2026-01-01", ("rules", "timeline", "--since", "2026-01-01")),
        ("/explain/cost.deepseek-v3", ("explain", "cost.deepseek-v3", "--method", "map", "--draws", "200")),
        ("/evidence/chips", ("evidence", "chips")),
    ],
)
def test_the_api_says_what_the_command_line_says(web, path, arguments):
    assert web.get(API + path).json() == command(*arguments, "--json")


def test_the_description_names_every_address_with_an_example(web):
    described = web.get(f"{API}/openapi.json").json()
    assert {f"{API}{q.path}" for q in questions(local=False)} <= set(described["paths"])
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
        ("/lag?model=nobody", 400, "nobody"),
        ("/lag?draws=1", 422, "draws"),
        ("/lag?draws=10000000", 422, "draws"),
        ("/lag?as_of=soon", 422, "as_of"),
        ("/cost", 400, "no run was named"),
        ("/cost?mfu=7", 422, "mfu"),
        ("/cost?flop=nan&chip=h100-sxm", 422, "flop"),
        ("/rules/status", 422, "to"),
        ("/rules/status?to=CHN&tpp=abc", 422, "abc"),
        ("/evidence/nothing", 400, "nothing"),
        ("/scenarios/run", 400, "no scenario"),
        ("/scenarios/run?names=as-was", 400, "as-was"),
        ("/scenarios/sweep?lever=uptake&values=7", 400, "too large"),
        ("/nothing", 404, "/api/v1/openapi.json lists"),
        ("/explain/lags", 400, "lags"),
        ("/claims?claim=nothing", 400, "nothing"),
        ("/backtest?since=2031-01-01", 400, "after"),
        ("/scenarios/sensitivity?points=100", 400, "power of two"),
        ("/lag?as_of=2040-01-01", 400, "in the future"),
        ("/explain/curve.first.abc.1e25", 400, "not a number"),
        ("/explain/lag.change?given=days%3Dabc", 400, "not a number"),
        ("/lag?model=" + "a" * 300, 422, "model"),
    ],
)
def test_a_wrong_question_is_told_in_one_shape(web, path, status, words):
    found = web.get(API + path)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    said = conforms("problem", found.json())
    assert said["status"] == status
    assert words in found.text
    assert "Traceback" not in found.text
    assert said["fix"] and (status != 422 or said["where"].startswith("query."))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hbm_density", "hbm_gb_s_mm2"), ("die-area", "die_area_mm2"), ("veu", "validated_end_user"), ("modle", "")],
)
def test_a_parameter_as_another_door_spells_it_is_known_again(web, typed, meant):
    said = web.get(f"{API}/rules/status?to=CHN&tpp=5000&{typed}=3").json()
    assert said["where"] == f"query.{typed}" and "It takes chip, to, on" in said["fix"]
    assert said["fix"].startswith(f"Did you mean {meant}?") if meant else "Did you mean" not in said["fix"]
    with pytest.raises(LeadtimeError) as error:
        ask(Rulebook.open(), "rules status", to="CHN", tpp=5000, **{typed: 3})
    assert (f"Did you mean {meant}?" in error.value.fix) == bool(meant)


def test_what_a_study_is_told_is_no_parameter_of_a_question():
    with pytest.raises(LeadtimeError) as error:
        ask(Rulebook.open(), "rules status", to="CHN", tpp=5000, as_of="2025-01-01")
    assert "leadtime.Study(as_of=...)" in error.value.fix


def test_a_lever_that_is_swept_leaves_nothing_behind(web):
    before = web.get(f"{API}/scenarios").json()
    assert web.get(f"{API}/scenarios/sweep?lever=uptake&values=0.25&values=0.75").status_code == 200
    assert web.get(f"{API}/scenarios?seed=0").json() == before


# -- who may ask, how often, how much
# -----------------------------------------------------------------------------------------


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
    with pytest.raises(LeadtimeError, match="needs a token"):
        create(Settings(host="0.0.0.0"))
    with pytest.raises(LeadtimeError, match="needs a token"):
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
        opened = c.get(f"{API}/evidence?token={token}&as_of=2026-10-01", follow_redirects=False)
        assert (opened.status_code, opened.headers["location"]) == (303, f"{API}/evidence?as_of=2026-10-01")
        assert "HttpOnly; SameSite=Strict" in opened.headers["set-cookie"] and token not in opened.headers["set-cookie"]
        assert c.get(f"{API}/evidence").status_code == 200  # by the cookie


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


# -- many at once, and whatever comes
# ------------------------------------------------------------------------------------------


def test_a_thousand_mixed_requests_and_no_failure_of_ours(web):
    good = [
        f"{API}/evidence",
        f"{API}/rules/show/bis-2022-10-ifr",
        "/data?table=chips",
        f"{API}/cost?model=deepseek-v3",
        "/claims",
    ]
    bad = [
        "/rules?chip=x&to=y",
        f"{API}/lag?model=%00",
        f"{API}/evidence/%F0%9F%92%A9",
        f"{API}/cost?flop=1e400",
        "/models?as_of=0000-00-00",
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

    light = "^/api/v1/(cost|evidence|rules/(status|timeline|show|tariffs)|scenarios/(levers|profiles)|explain$|jobs"
    light += "|studies)"
    with client(most_jobs=0) as c:
        schema = schemathesis.openapi.from_dict(c.get(f"{API}/openapi.json").json()).include(path_regex=light)

        for operation in schema.get_all_operations():
            _fuzz(operation.ok(), c, settings, HealthCheck)


@pytest.mark.slow
def test_fuzzing_finds_nothing_on_the_whole_api():
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, settings

    with client(most_jobs=0, wait_seconds=120) as c:
        for operation in schemathesis.openapi.from_dict(c.get(f"{API}/openapi.json").json()).get_all_operations():
            _fuzz(operation.ok(), c, settings, HealthCheck, n=25)


def _quick(query):
    """The same question, to a study that is computed in seconds."""
    return {
        **query,
        **({"method": "map"} if query.get("method") == "nuts" else {}),
        **({"draws": 50} if str(query.get("draws", "")).isdigit() else {}),
        **({"points": 16} if str(query.get("points", "")).isdigit() else {}),
    }


def _fuzz(operation, c, settings, checks, n=15):
    from hypothesis import given
    from schemathesis.specs.openapi.checks import response_schema_conformance

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
        case.validate_response(found, checks=[response_schema_conformance])

    one()
