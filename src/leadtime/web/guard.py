"""What stands before every request: who may ask, how often, how much; and what every answer carries."""

import asyncio
import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from leadtime.web.asked import Answer
from leadtime.web.clients import Buckets, client_of, is_one_of, networks
from leadtime.web.elsewhere import page as elsewhere_page
from leadtime.web.elsewhere import whence
from leadtime.web.headers import HEADERS, Headers, Lasts, chosen, joined, kept
from leadtime.web.problems import problem_bytes
from leadtime.web.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
#: Status, words, what to do, and what else the answer carries.
Refusal = tuple[int, str, str, Headers]
#: An answer that is ready, its media type, and whose it is.
Ready = tuple[Answer, str, Lasts]
_MOST_READY, _MOST_BYTES = 500, 100_000_000
_LONGEST_QUERY = 8_000
#: What other sites may show of a server that everybody may read.
FOR_ALL = ("/embed/", "/chart/", "/card/", "/static/")
#: What is asked by who starts and stops servers: of every name for this machine, without a token.
HEALTH = ("/health", "/health/alive", "/health/ready")
#: Headers of a request, and their bytes.
_MOST_HEADERS, _LONGEST_HEAD = 200, 16_384
#: Wrong tokens from one client in a minute.
_MOST_GUESSES = 60
_OWN_NAMES = {"127.0.0.1", "localhost", "::1"}
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]*))(?::(\d{0,5}))?", re.ASCII)
_UNKNOWN: Refusal = (
    401,
    "a token is needed",
    "Send it as `Authorization: Bearer ...`, or open the address once with `?token=...`.",
    [(b"www-authenticate", b"Bearer")],
)
_LATER: Headers = [(b"retry-after", b"10")]


class Shelf:
    """Answers by address, ready to send: what was computed today is not parsed, routed and looked up again."""

    def __init__(self) -> None:
        self._ready: OrderedDict[bytes, Ready] = OrderedDict()
        self._day, self._size = dt.date.min, 0

    def put(self, address: bytes, answer: Answer, media: str, lasts: Lasts = "own") -> None:
        """Keep an answer; the oldest goes when there are many, and all go when the day is over."""
        today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
        if today != self._day:
            self._ready.clear()
            self._day, self._size = today, 0
        if address in self._ready:
            return
        self._ready[address] = (answer, media, lasts)
        self._size += len(answer.body) + len(answer.packed)
        while len(self._ready) > _MOST_READY or self._size > _MOST_BYTES:
            _, (old, _, _) = self._ready.popitem(last=False)
            self._size -= len(old.body) + len(old.packed)

    def clear(self) -> None:
        """Keep nothing."""
        self._ready.clear()
        self._size = 0

    def get(self, address: bytes) -> Ready | None:
        """Return the answer of an address, if it is one of today."""
        return self._ready.get(address) if dt.date.today() == self._day else None  # noqa: DTZ011


class Guard:
    """Middleware: who asks and from where, token, host, rate, size, headers; and what is ready is sent at once.

    Args:
        app: The application behind it.
        settings: The server's.
        shelf: What is ready.
    """

    def __init__(self, app: Any, settings: Settings, shelf: Shelf) -> None:
        self.app, self.settings, self.shelf = app, settings, shelf
        self.proxies = networks(settings.proxies)
        #: Key of the cookies; the store's own where there is one, so that they outlive a restart.
        self.key = secrets.token_bytes(32)
        # Apart, so that neither guesses nor other sites spend what the owner asks for.
        self._asked, self._elsewhere = Buckets(settings.per_minute), Buckets(settings.per_minute)
        self._guessed = Buckets(min(settings.per_minute, _MOST_GUESSES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)  # type: ignore[no-any-return]
        if scope["type"] != "http":  # no page here speaks through a socket
            return await send({"type": "websocket.close", "code": 1008})
        if len(scope["headers"]) > _MOST_HEADERS or sum(len(k) + len(v) for k, v in scope["headers"]) > _LONGEST_HEAD:
            return await _refuse(
                send, 431, "the headers of the request are too long", "Send fewer or shorter ones.", []
            )
        headers = joined(scope["headers"])
        if scope["method"] == "HEAD" and not scope["path"].endswith("/events"):
            scope = {**scope, "method": "GET"}  # the web server leaves its body out
        if not await self._answered(scope, headers, send):
            await self._passed_on(scope, receive, send)
        return None

    async def _answered(self, scope: Scope, headers: dict[str, str], send: Send) -> bool:
        """Answer what needs no application, and return whether that was so."""
        client = self._client(scope, headers)
        if refused := self._misplaced(scope, headers):
            await _refuse(send, *refused)
        elif (came := whence(scope["method"], headers)) != "here" and not self._is_for_all(scope, came):
            await self._from_elsewhere(scope, headers, client, came, send)
        elif refused := self._refused(scope, headers, client):
            await _refuse(send, *refused)
        elif (ready := self._ready(scope)) is not None:
            await _send_ready(send, ready, headers)
        else:
            return False
        return True

    def _is_for_all(self, scope: Scope, came: str) -> bool:
        """Return whether a page of another site may have this: of a server that everybody may read, its pages by a
        link, and its charts.
        """
        shown = scope["method"] == "GET" and scope["path"].startswith(FOR_ALL)
        return bool(self.settings.public) and (came == "link" or shown)

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        body = _Body(receive, self.settings)
        started = False

        async def marked(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if body.cut_off:
                return  # what the application makes of a body that was cut off is not sent
            if message["type"] == "http.response.start":
                started = True
                own = {k for k, _ in message["headers"]}
                message["headers"] = [*message["headers"], *((k, v) for k, v in HEADERS if k not in own)]
            await send(message)

        try:
            await self.app(scope, body.receive, marked)
        except CutOff:
            pass
        except asyncio.CancelledError:  # the server stops, and waits no longer
            if not started:
                await _refuse(send, 503, "the server stops", "Send the request again when it runs.", _LATER)
        if body.refused:
            await _refuse(send, *body.refused)

    def _client(self, scope: Scope, headers: dict[str, str]) -> str:
        """Return by which key the client is counted, and leave it for others: `request.state.client`."""
        peer = str((scope.get("client") or ("",))[0])
        if is_one_of(peer, self.proxies):
            scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
            scope["scheme"] = scheme if scheme in ("http", "https") else scope.get("scheme", "http")
        client = client_of(peer, headers.get("x-forwarded-for", ""), self.proxies)
        scope.setdefault("state", {})["client"] = client
        return client

    def _misplaced(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        """Return what is wrong with where a request is sent to; this costs nobody anything."""
        name = _name(headers.get("host", ""))
        if name is None or not scope["path"].startswith("/"):
            return 400, "the address or the name of the host is malformed", "", []
        public = {self.settings.public} - {""}
        if (
            not self.settings.token
            and scope["path"] not in HEALTH
            and name not in {*_OWN_NAMES, self.settings.host.lower()} | public
        ):
            # a page elsewhere may not reach this server by a name of its own
            return (
                421,
                "this server answers to its own address only",
                f"Open http://127.0.0.1:{self.settings.port}, or run it with a token.",
                [],
            )
        return None

    async def _from_elsewhere(self, scope: Scope, headers: dict[str, str], client: str, came: str, send: Send) -> None:
        """Answer what a page of another site sent: a link leads to a page of ours, all else to nothing."""
        if came != "link":
            words = "a page of another site may not change or load anything here"
            return await _refuse(send, 403, words, "Open the address yourself.", [])
        ready = None if self.settings.token else self._ready(scope)
        if ready is not None and not self._elsewhere.wait(client):
            return await _send_ready(send, ready, headers)
        return await _send(send, 200, b"text/html; charset=utf-8", elsewhere_page(address_of(scope)), [])

    def _refused(self, scope: Scope, headers: dict[str, str], client: str) -> Refusal | None:
        """Return status, words and what to do for a request that goes no further, with what else the answer carries."""
        if self.settings.token and scope["path"] not in HEALTH and (refused := self._unknown(scope, headers, client)):
            return refused
        if wait := self._asked.wait(client):
            return _too_many("requests", wait)
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            return 414, "the address is too long", "Ask for less at once.", []
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return 400, "content-length is not a number", "", []
        if len(length) > 18 or int(length) > self.settings.most_body:
            return 413, f"the request is larger than {self.settings.most_body} bytes", "Send less at once.", []
        return None

    def _unknown(self, scope: Scope, headers: dict[str, str], client: str) -> Refusal | None:
        """Return nothing for a client that has the token; who has it in the address is led, with a cookie, to the one
        without.

        The key of the cookie is the server's own, so nobody gets at the token by guessing cookies: who has one is let
        in however many tokens others at the same address have tried. A token is looked at only while few wrong ones
        came from there, one a request.
        """
        own, seal = self.settings.token, self._seal()
        has_cookie = any(_same(cookie, seal) for cookie in _cookies(headers.get("cookie", "")))
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        led = next((v for k, v in query if k == "token"), None) if scope["method"] == "GET" else None
        sent = headers.get("authorization")
        if led is None and (has_cookie or sent is None):
            return None if has_cookie else _UNKNOWN
        if not has_cookie and (wait := self._guessed.wait(client, spend=False)):
            return _too_many("wrong tokens", wait)
        if led is not None and _same(led, own):
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"leadtime-token={seal}; HttpOnly; SameSite=Strict; Path=/{secure}"
            rest = urlencode([(k, v) for k, v in query if k != "token"])
            there = quote("/" + scope["path"].lstrip("/\\")) + (f"?{rest}" if rest else "")
            return 303, "go on without the token", "", [(b"location", there.encode()), (b"set-cookie", cookie.encode())]
        if has_cookie or (led is None and _same((sent or "").removeprefix("Bearer ").strip(), own)):
            return None
        self._guessed.wait(client)
        return _UNKNOWN

    def _seal(self) -> str:
        """Return what a browser keeps instead of the token."""
        return hmac.new(self.key, self.settings.token.encode(), hashlib.sha256).hexdigest()

    def _ready(self, scope: Scope) -> Ready | None:
        return self.shelf.get(address_of(scope)) if scope["method"] == "GET" else None


def address_of(scope: Scope) -> bytes:
    """Return the path and query of a request, as they came."""
    return bytes(scope.get("raw_path") or scope["path"].encode()) + b"?" + bytes(scope.get("query_string", b""))


async def _send_ready(send: Send, ready: Ready, headers: dict[str, str]) -> None:
    answer, media, lasts = ready
    status, own, body = chosen(answer.body, answer.packed, answer.tag, headers, media, kept(lasts))
    named = [(k.encode(), v.encode()) for k, v in own.items()]
    length = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*named, *length, *HEADERS]})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, status: int, words: str, fix: str, more: Headers) -> None:
    await _send(send, status, b"application/problem+json", problem_bytes(status, words, fix), more)


async def _send(send: Send, status: int, media: bytes, body: bytes, more: Headers) -> None:
    own = [(b"content-type", media), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *HEADERS, *more]})
    await send({"type": "http.response.body", "body": body})


class CutOff(Exception):
    """A body went on past what is allowed, or ended before it was whole."""


class _Body:
    """The body of a request, of bounded size and time."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive, self._left, self._whole = receive, settings.most_body, False
        self._seconds, self._until = settings.body_seconds, 0.0
        self.cut_off = False
        self.refused: Refusal | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        """Return the next part; when the body is whole, that the client has gone.

        Raises:
            CutOff: It is too large, or too slow; or the client has gone before it was whole.
        """
        if self._whole:
            return await self._receive()
        self._until = self._until or time.monotonic() + self._seconds
        try:
            message = await asyncio.wait_for(self._receive(), self._until - time.monotonic())
        except TimeoutError:
            raise self._cut((408, "the request came too slowly", "Send it whole, or less at once.", [])) from None
        if message["type"] == "http.disconnect":
            raise self._cut(None)
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._cut((413, "the request is too large", "Send less at once.", []))
        return message

    def _cut(self, refused: Refusal | None) -> CutOff:
        self.cut_off, self.refused = True, refused
        return CutOff()


def _same(a: str, b: str) -> bool:
    """Return whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


def _cookies(header: str) -> Iterator[str]:
    """Yield every cookie of ours: one that another server of the domain set beside it locks nobody out."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "leadtime-token":
            yield value


def _name(host: str) -> str | None:
    """Return the name in a Host header, without port and in lower case; None for what is no name."""
    found = _HOST.fullmatch(host.lower())
    if found is None or int(found[3] or 0) > 65_535:
        return None
    try:
        return found[2] or (str(ipaddress.ip_address(found[1])) if found[1] else "")
    except ValueError:
        return None


def _too_many(what: str, wait: float) -> Refusal:
    return 429, f"too many {what}", f"Wait {int(wait) + 1} s.", [(b"retry-after", str(int(wait) + 1).encode())]
