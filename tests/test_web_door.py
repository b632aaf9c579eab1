"""The server's door: what comes as a request, from whom, and from where."""

import contextlib
import gzip
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.web import pages, posts
from leadtime.web.desk import Answer, Desk
from leadtime.web.headers import has_tag, takes_gzip
from web_client import API

pytestmark = pytest.mark.usefixtures("light_pages")
CROSS = {"sec-fetch-site": "cross-site"}


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
