"""Who asks the server, and from where: clients, proxies, tokens, names, and pages of other sites."""

import gzip
import re

import pytest

from leadtime.errors import LeadtimeError
from leadtime.web.clients import Buckets, Places, client_of, networks
from leadtime.web.desk import Answer, Desk
from leadtime.web.settings import Settings
from web_client import API, client

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
