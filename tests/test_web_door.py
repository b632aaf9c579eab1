"""The server's door: what comes as a request, from whom, and from where."""

import contextlib
import gzip
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.web import pages, posts
from leadtime.web.clients import Buckets, Places, client_of, networks
from leadtime.web.desk import Answer, Desk
from leadtime.web.headers import has_tag, takes_gzip
from leadtime.web.settings import Settings
from web_client import API, client

pytestmark = pytest.mark.usefixtures("light_pages")
TOKEN = "a token of sufficient length"
CROSS = {"sec-fetch-site": "cross-site"}
LINK = {**CROSS, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
PROMISED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def at_once(monkeypatch):
    """A desk that computes nothing."""

    async def ask(*_, **__):
        return Answer(b"{}", gzip.compress(b"{}"), "tag")

    monkeypatch.setattr(Desk, "ask", ask)


# -- what comes as a request
# ----------------------------------------------------------------------------------------------------

JSON = b'{"answer": "none"}'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", JSON),
        ("text/plain", JSON),
        ("multipart/form-data; boundary=a", b"--a--"),
        (None, JSON),
        (None, b""),
        ("", JSON),
        ("application/json, text/plain", JSON),
        ("application/jsonx", JSON),
        ("json", JSON),
        ("\xff/\xff", JSON),
        ("application/octet-stream", b"\xff\xfe"),
    ],
)
def test_a_body_of_another_type_is_told_in_words(web, kind, body):
    for path in ("jobs", "studies"):
        said = web.post(
            f"{API}/{path}", content=body, headers={} if kind is None else {"content-type": kind.encode("latin-1")}
        )
        assert said.status_code == 415 and said.headers["content-type"] == "application/problem+json"
        assert "send it as application/json" in said.json()["title"]
    packed = web.post(
        f"{API}/jobs", content=body, headers={"content-type": "application/json", "content-encoding": "gzip"}
    )
    assert packed.status_code == 415 and "without Content-Encoding" in packed.json()["title"]


def test_a_form_of_another_type_is_told_on_a_page(web):
    form = web.post(
        "/own/table",
        content=b"table=scores",
        headers={"content-type": "multipart/form-data; boundary=a", "accept": "text/html"},
    )
    assert form.status_code == 415 and "send it as application/x-www-form-urlencoded" in form.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08",
        b"[" * 100_000,
        b"1" * 5_000,
        b"null",
        b"[]",
        b'"\xc3"',
        '{"answer": "\u00e9"}'.encode("utf-7"),
        b"NaN",
    ],
)
def test_a_body_that_is_not_what_it_should_be_is_told_in_words(web, body):
    said = web.post(f"{API}/jobs", content=body, headers={"content-type": "application/json; charset=utf-7"})
    assert said.status_code in (400, 422) and said.json()["title"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_in_any_encoding_of_its_own_is_read(web, encoding):
    kind = {"content-type": f"APPLICATION/JSON ; charset={encoding}"}
    said = web.post(f"{API}/jobs", content='{"answer": "none"}'.encode(encoding), headers=kind)
    assert said.status_code == 400 and "'none'" in said.json()["title"]


_TYPES = [
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "",
    "a/b;c=\xff",
]
_FIELDS = [
    "accept",
    "accept-encoding",
    "if-none-match",
    "range",
    "if-modified-since",
    "cookie",
    "expect",
    "content-encoding",
    "transfer-encoding",
    "origin",
    "x-forwarded-for",
    "sec-fetch-site",
    "content-length",
    "content-type",
    "connection",
    "upgrade",
    "host",
    "x-http-method-override",
]


def test_whatever_method_type_and_body_come_nothing_breaks(web, at_once):
    paths = [
        *web.get(f"{API}/openapi.json").json()["paths"],
        *(r.path for r in (*pages.router.routes, *posts.router.routes)),
    ]
    assert len(paths) > 40
    paths += ["/none", "//", "/static/x", "/evidence/", "/[", f"{API}/jobs/", "*", "x"]
    text = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=30)
    values = text | st.sampled_from(
        ["*", "gzip;q=0", "bytes=0-", "text/html", "[::1", "127.0.0.1:99999", "chunked", "9" * 30, "-1", "cross-site"]
    )
    bodies = st.binary(max_size=60) | st.sampled_from(
        [b"{}", b"[]", JSON, b'{"files": {}}', b"names=as-is&n=1", b"\x00", b"[" * 5_000]
    )
    methods = [*["POST"] * 5, "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get"]

    @given(
        method=st.sampled_from(methods),
        id_=st.sampled_from(["0" * 32, "scores", "%00", "\xe9"]),
        kind=st.sampled_from(_TYPES),
        headers=st.dictionaries(st.sampled_from(_FIELDS), values, max_size=4),
        body=bodies,
        query=st.sampled_from(["", "?", "?token=x", "?as_of=%ff", "?table=scores", "?\xff"]),
    )
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    def one(method, id_, kind, headers, body, query):
        sent = {k: v.encode("latin-1") for k, v in {"host": "127.0.0.1", "content-type": kind, **headers}.items()}
        for path in paths:
            with contextlib.suppress(ValueError):  # an address that the client of this test cannot write
                url = f"http://127.0.0.1{re.sub('{[a-z_:]+}', id_, path)}{query}"
                said = web.request(method, url, content=body, headers=sent, follow_redirects=False)
                assert said.status_code < 500 or said.status_code == 503, (path, said.text)
                assert "content-security-policy" in said.headers

    one()


def test_many_headers_and_cookies_are_refused_at_once(web):
    began = time.monotonic()
    for headers in (
        [("cookie", "leadtime-token=x")] * 3_000,
        [("x", "")] * 60_000,
        [("accept-encoding", "a," * 20_000)],
        [("a" * 20_000, "")],
    ):
        assert web.get("/own/table", headers=headers).status_code == 431
    assert web.get("/own/table", headers=[("cookie", "a=b; " * 3_000)]).status_code == 200
    assert time.monotonic() - began < 5


# -- which form of an answer
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; Q=0.000", False),
        ("*;q=0", False),
        ("identity;q=0", True),
        ("br, gzip;q=0.001", True),
        ("*", True),
        ("x-gzip", True),
        ("notgzip", False),
        ("br;q=1, *;q=0.1", True),
        ("gzip;q=0, *", False),
        ("gzip;q=nan", False),
        ("gzip;q=-1", False),
        ("gzip;q=0.5, identity", False),
        ("deflate", False),
        ("GZIP ;q=1.0", True),
        ("identity;q=0, gzip;q=0", False),
        ("gzip;q=1;q=0", False),
        (",,;;=", False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(accepts, packed):
    assert takes_gzip(accepts) is packed


@pytest.mark.parametrize(
    ("given", "has"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ("*", True),
        ('"x", W/"abc"', True),
        ('"xabc"', False),
        ('"abc', False),
        ("abc", False),
        ('"x"abc"', False),
        ("", False),
        ('*, "x"', False),
    ],
)
def test_a_tag_is_the_whole_tag(given, has):
    assert has_tag(given, "abc") is has


def test_pages_files_and_what_is_ready_speak_of_encodings_alike(web):
    asset = re.search(r'src="(/static/[^"]+)"', web.get("/own/table").text).group(1)
    for path in ("/data", "/data", asset):  # computed, from the shelf, a file
        plain = web.get(path, headers={"accept-encoding": "gzip;q=0"})
        packed = web.get(path, headers={"accept-encoding": "br, gzip"})
        assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
        assert plain.content == packed.content and plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
        tag = plain.headers["etag"]
        assert web.get(path, headers={"if-none-match": f'"x", W/{tag}'}).status_code == 304
        assert web.get(path, headers={"if-none-match": f'"x{tag}'}).status_code == 200
        part = web.get(path, headers={"range": "bytes=0-1", "if-modified-since": "Mon, 30 Nov 2099 00:00:00 GMT"})
        assert part.status_code == 200 and part.content == plain.content


# -- who asks
# -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "key"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("2001:db8::ffff:1", "", "2001:db8::/64"),
        ("2001:db8:0:1::1", "", "2001:db8:0:1::/64"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6,", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7:443", "192.0.2.7"),
        ("10.0.0.1", "[2001:db8::9]:443", "2001:db8::/64"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.1," * 5_000, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6" + ", 10.0.0.1" * 50, "10.0.0.1"),
        ("2001:db8:f::1", "192.0.2.8", "192.0.2.8"),
        ("testclient", "6.6.6.6", "testclient"),
    ],
)
def test_a_client_is_an_address_a_network_or_what_a_named_proxy_says(peer, forwarded, key):
    assert client_of(peer, forwarded, networks(("10.0.0.1", "10.1.2.0/24", "2001:db8:f::1"))) == key


@pytest.mark.parametrize("named", ["", "proxy.example", "0.0.0.0/0", "::/0", "10.0.0.1/24", "*", "127.0.0.1:80000:1"])
def test_a_proxy_is_named_by_its_address(named):
    with pytest.raises(LeadtimeError) as told:
        Settings(proxies=(named,)).checked()
    assert told.value.where == "--proxy"


def test_the_word_of_a_named_proxy_counts_and_of_no_other():
    for proxies, secure in (((), False), (("127.0.0.1",), True)):
        with client(token=TOKEN, per_minute=60, proxies=proxies) as c:
            c._transport.client = ("127.0.0.1", 5)
            said = [c.get("/", headers={**bearer(i), "x-forwarded-for": f"192.0.2.{i}"}).status_code for i in range(80)]
            assert (429 in said) is not secure
            led = c.get(
                "/",
                params={"token": TOKEN},
                headers={"x-forwarded-for": "192.0.2.99", "x-forwarded-proto": "https"},
                follow_redirects=False,
            )
            assert ("; Secure" in led.headers.get("set-cookie", "")) is secure


def test_guesses_are_slow_and_lock_no_browser_out():
    with client(token=TOKEN, per_minute=6_000) as c:
        c.get("/none", params={"token": TOKEN})
        cookie = {"cookie": f"leadtime-token=tossed; a=b; leadtime-token={c.cookies['leadtime-token']}"}
        c.cookies.clear()
        asked = [c.get("/none", headers=bearer(TOKEN)).status_code for _ in range(150)]
        assert set(asked) == {404}  # who has the token spends none of the guesses
        assert {c.get("/none").status_code for _ in range(150)} == {401}  # who tries nothing guesses nothing
        assert c.get("/none", params=[("token", "x"), ("token", TOKEN)]).status_code == 401  # one guess a request
        tried = [c.get("/", headers=bearer(i)).status_code for i in range(150)]
        assert 45 <= tried.count(401) <= 60 and tried[-1] == 429
        assert c.get("/none", headers=bearer(TOKEN)).status_code == 429  # else guesses were told from it at speed
        assert {c.get("/none", headers=cookie).status_code for _ in range(100)} == {404}


def test_a_browser_stays_known_when_the_server_starts_again(tmp_path):
    seals = set()
    for token in (TOKEN, TOKEN, TOKEN + "!"):
        with client(token=token, database=f"sqlite:///{tmp_path}/jobs.sqlite3") as c:
            seals.add(c.get("/", params={"token": token}, follow_redirects=False).cookies["leadtime-token"])
    assert len(seals) == 2


@pytest.mark.parametrize(
    "host",
    [
        "[",
        "[::1",
        "[::zz]",
        "a b",
        "a/b",
        "127.0.0.1:99999",
        "127.0.0.1:x",
        "x@127.0.0.1",
        "a\\b",
        "127.0.0.1, evil.example",
    ],
)
def test_a_name_that_is_none_is_told(host):
    with client(token=TOKEN) as c:
        for path in ("/evidence/", "/none", "/own/table"):
            assert c.get(path, headers={**bearer(TOKEN), "host": host, "accept": "text/html"}).status_code == 400


def test_places_and_buckets_are_bounded():
    places = Places(3, 2)
    assert [places.take(c) for c in "aaabb"] == [True, True, False, True, False]
    places.give("a")
    assert places.take("b") and not places.take("c") and len(places._held) == 2
    bucket = Buckets(600)
    for i in range(20_000):
        bucket.wait(str(i))
    assert len(bucket._left) == 10_000


# -- from where
# -----------------------------------------------------------------------------------------------------------------


def test_a_page_of_another_site_loads_nothing_but_may_link_here(web):
    for more in (
        {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-mode": "cors"},
        {"sec-fetch-mode": "websocket"},
        {},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "object"},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-purpose": "prefetch;prerender"},
    ):
        for site in ("cross-site", "same-site", "Same-Origin", "same-origin, cross-site", ""):
            refused = web.get("/chips", headers={**more, "sec-fetch-site": site})
            assert refused.status_code == 403 and "another site" in refused.json()["title"]
    for older in ({"origin": "null"}, {"referer": "https://news.example/a"}):
        assert web.get("/chips", headers=older).status_code == 403
        assert "Open this page" in web.get("/chips", headers={**older, "accept": "text/html"}).text
    assert web.get("/own/table", headers={"referer": "http://127.0.0.1/supply"}).status_code == 200
    assert web.post("/own/table", data={"a": "b"}, headers=LINK).status_code == 403


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/backtest?since=2025-01-29&seed=9", "/backtest?since=2025-01-29&amp;seed=9"),
        ("/api/v1/lag?model=x", "/api/v1/lag?model=x"),
        ("/data/chips.csv", "/data/chips.csv"),
        ("//evil.example/x", "/evil.example/x"),
        ("/\\evil.example", "/evil.example"),
        ("/%5c%5cevil.example?a=%22%3E", "/%5c%5cevil.example?a=%22%3E"),
        ('/a"><script>?<b>', "/a%22%3E%3Cscript%3E?%3Cb%3E"),
        ("/a?x='&y=\u00e9", "/a?x=&#x27;&amp;y=%C3%A9"),
    ],
)
def test_who_follows_a_link_opens_the_page_itself(path, there):
    from leadtime.web.elsewhere import page

    link = re.findall(r'<a href="([^"]*)">', page(path.encode()).decode())
    assert link == [there]


def test_another_site_spends_nothing_and_starts_nothing(monkeypatch):
    asked = []

    async def ask(desk, *which, **how):
        asked.append(which)
        return Answer(b"{}", gzip.compress(b"{}"), "tag")

    monkeypatch.setattr(Desk, "ask", ask)
    with client(per_minute=60) as c:
        for i in range(100):
            led = c.get(f"{API}/backtest?seed={i}", headers=LINK)
            assert (
                led.status_code == 200 and f'href="{API}/backtest?seed={i}"' in led.text and "<script" not in led.text
            )
            assert (
                c.get(f"/?as_of=2025-01-{i % 28 + 1}", headers={**LINK, "sec-fetch-dest": "iframe"}).status_code == 403
            )
            assert c.get("/", headers={"host": "evil.example"}).status_code == 421
        assert led.headers["cache-control"] == "no-store" and all(h in led.headers for h in PROMISED)
        assert asked == []
        assert c.get(f"{API}/evidence").status_code == 200 and len(asked) == 1
        ready = [
            c.get(f"{API}/evidence", headers=LINK).text for _ in range(80)
        ]  # at once, while there are not too many
        assert ready[0] == "{}" and "Open this page" in ready[-1] and len(asked) == 1
        assert c.get(f"{API}/evidence").status_code == 200


def test_another_site_learns_nothing_of_a_token(monkeypatch):
    from leadtime.web import guard

    with client(token=TOKEN, per_minute=60) as c:
        assert c.get(f"{API}/evidence", headers=bearer(TOKEN)).status_code == 200
        compared = []
        monkeypatch.setattr(guard, "_same", lambda *_: compared.append(1))
        given = {
            c.get(f"{API}/evidence", headers={**LINK, **more}).text
            for more in ({}, bearer(TOKEN), bearer("x"), {"cookie": "leadtime-token=x"})
        }
        assert len(given) == 1 and "Open this page" in given.pop() and compared == []
