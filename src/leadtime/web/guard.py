"""What stands before every request: who may ask, how often, how much; and what every answer carries."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from leadtime.web.problems import problem_bytes
from leadtime.web.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
#: Nothing but our own files runs; vega sets styles by script, so styles alone may be inline.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", POLICY.encode()), (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"), (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]  # fmt: skip
_MOST_CLIENTS = 10_000
_MOST_READY, _MOST_BYTES = 500, 100_000_000
_LONGEST_QUERY = 8_000


class Shelf:
    """Answers by address, ready to send: what was computed today is not parsed, routed and looked up again."""

    def __init__(self) -> None:
        self._ready: OrderedDict[bytes, tuple[Any, bytes]] = OrderedDict()
        self._day, self._size = dt.date.min, 0

    def put(self, address: bytes, answer: Any, media: str) -> None:
        """Keep an answer; the oldest goes when there are many, and all go when the day is over."""
        today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
        if today != self._day:
            self._ready.clear()
            self._day, self._size = today, 0
        if address in self._ready:
            return
        self._ready[address] = (answer, media.encode())
        self._size += len(answer.body) + len(answer.packed)
        while len(self._ready) > _MOST_READY or self._size > _MOST_BYTES:
            _, (old, _) = self._ready.popitem(last=False)
            self._size -= len(old.body) + len(old.packed)

    def clear(self) -> None:
        """Keep nothing."""
        self._ready.clear()
        self._size = 0

    def get(self, address: bytes) -> tuple[Any, bytes] | None:
        """Return the answer of an address, if it is one of today."""
        return self._ready.get(address) if dt.date.today() == self._day else None  # noqa: DTZ011


class Guard:
    """Middleware: token, host, rate, size, headers; and what is ready is sent at once.

    Args:
        app: The application behind it.
        settings: The server's.
        shelf: What is ready.
    """

    def __init__(self, app: Any, settings: Settings, shelf: Shelf) -> None:
        self.app, self.settings, self.shelf = app, settings, shelf
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)  # type: ignore[no-any-return]
        if scope["type"] != "http":  # no page here speaks through a socket
            return await send({"type": "websocket.close", "code": 1008})
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        status, words, more = self._refused(scope, headers)
        if status:
            return await _refuse(send, status, words, more)
        ready = self.shelf.get(address_of(scope)) if scope["method"] == "GET" else None
        if ready is not None:
            return await _send_ready(send, *ready, headers, more)
        body = _Body(receive, self.settings)

        async def marked(message: MutableMapping[str, Any]) -> None:
            if body.refused:
                return  # what the application makes of a body that was cut off is not sent
            if message["type"] == "http.response.start":
                own = {k for k, _ in message["headers"]}
                message["headers"] = [*message["headers"], *((k, v) for k, v in _HEADERS if k not in own), *more]
            await send(message)

        with contextlib.suppress(CutOff):
            await self.app(scope, body.receive, marked)
        return await _refuse(send, *body.refused, []) if body.refused else None

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, Headers]:
        """Return the status and the reason of a refusal, zero for none, and what else the answer carries."""
        wait = self._wait(str((scope.get("client") or ("",))[0]))
        if wait > 0:  # before the token, so that it cannot be guessed at speed
            return 429, "too many requests", [(b"retry-after", str(int(wait) + 1).encode())]
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            return 414, "the address is too long", []
        try:
            length = int(headers.get("content-length", "0"))
        except ValueError:
            return 400, "content-length is not a number", []
        if length > self.settings.most_body:
            return 413, f"the request is larger than {self.settings.most_body} bytes", []
        if self.settings.token:
            status, words, more = self._known(scope, headers)
            if status:
                return status, words, more
        elif not _own_host(headers.get("host", ""), self.settings):
            # a page elsewhere may not reach this server by a name of its own
            return 421, "this server answers to its own address only", []
        if _from_elsewhere(scope["method"], headers):
            return 403, "a page of another site may not change or load anything here", []
        return 0, "", []

    def _known(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, Headers]:
        """Return nothing for a client that has the token; who has it in the address is led, with a cookie, to the one without."""
        own = self.settings.token
        given = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if scope["method"] == "GET" and any(k == "token" and _same(v, own) for k, v in given):
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"leadtime-token={_seal(own)}; HttpOnly; SameSite=Strict; Path=/{secure}"
            rest = urlencode([(k, v) for k, v in given if k != "token"])
            there = quote("/" + scope["path"].lstrip("/\\")) + (f"?{rest}" if rest else "")
            return 303, "go on without the token", [(b"location", there.encode()), (b"set-cookie", cookie.encode())]
        if _same(headers.get("authorization", "").removeprefix("Bearer ").strip(), own):
            return 0, "", []
        if _same(_cookie(headers.get("cookie", "")), _seal(own)):
            return 0, "", []
        return 401, "a token is needed", [(b"www-authenticate", b"Bearer")]

    def _wait(self, client: str) -> float:
        """Return how long a client has to wait: a bucket that fills evenly and holds ten seconds' worth, at least 50."""
        now, rate = time.monotonic(), self.settings.per_minute / 60
        most = max(10 * rate, 50.0)
        left, then = self._spent.pop(client, (most, now))
        left = min(most, left + (now - then) * rate)
        if left < 1:
            self._spent[client] = (left, now)
            return (1 - left) / rate
        self._spent[client] = (left - 1, now)
        while len(self._spent) > _MOST_CLIENTS:
            self._spent.popitem(last=False)
        return 0.0


def address_of(scope: Scope) -> bytes:
    """Return the path and query of a request, as they came."""
    return bytes(scope.get("raw_path") or scope["path"].encode()) + b"?" + bytes(scope.get("query_string", b""))


async def _send_ready(send: Send, answer: Any, media: bytes, headers: dict[str, str], more: Headers) -> None:
    tag = f'"{answer.tag}"'
    own = [
        (b"etag", tag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Accept-Encoding"),
        *_HEADERS,
        *more,
    ]
    if tag in headers.get("if-none-match", ""):
        await send({"type": "http.response.start", "status": 304, "headers": own})
        return await send({"type": "http.response.body", "body": b""})
    packed = "gzip" in headers.get("accept-encoding", "")
    body = answer.packed if packed else answer.body
    own += [
        (b"content-type", media),
        (b"content-length", str(len(body)).encode()),
        *([(b"content-encoding", b"gzip")] if packed else []),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": own})
    return await send({"type": "http.response.body", "body": body})


class CutOff(Exception):
    """A body went on past what is allowed."""


class _Body:
    """The body of a request, of bounded size and time."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive, self._left, self._whole = receive, settings.most_body, False
        self._seconds, self._until = settings.body_seconds, 0.0
        self.refused: tuple[int, str] | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        """Return the next part; when the body is whole, that the client has gone.

        Raises:
            CutOff: It is too large, or too slow.
        """
        if self._whole:
            return await self._receive()
        self._until = self._until or time.monotonic() + self._seconds
        try:
            message = await asyncio.wait_for(self._receive(), self._until - time.monotonic())
        except TimeoutError:
            self.refused = (408, "the request came too slowly")
            raise CutOff from None
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.refused = (413, "the request is too large")
            raise CutOff
        return message


def _same(a: str, b: str) -> bool:
    """Return whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


def _seal(token: str) -> str:
    """Return what a browser keeps instead of the token."""
    return hashlib.sha256(b"leadtime " + token.encode()).hexdigest()


def _cookie(header: str) -> str:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "leadtime-token":
            return value
    return ""


def _own_host(header: str, settings: Settings) -> bool:
    name = header.rsplit(":", 1)[0] if not header.endswith("]") else header
    return name.strip("[]").lower() in {"127.0.0.1", "localhost", "::1", settings.host.lower()}


def _from_elsewhere(method: str, headers: dict[str, str]) -> bool:
    """Return whether a browser says that a page of another site sent the request; to follow a link is no harm."""
    reads = method in ("GET", "HEAD", "OPTIONS")
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none") and not (
            reads and headers.get("sec-fetch-mode", "navigate") == "navigate"
        )
    said = headers.get("origin") or headers.get("referer")
    return not reads and said is not None and said.partition("://")[2].partition("/")[0] != headers.get("host", "")


async def _refuse(send: Send, status: int, words: str, more: Headers) -> None:
    body = problem_bytes(status, words)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        *_HEADERS,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
