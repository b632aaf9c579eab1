"""Readers of a server: each on a connection that stays open, with a rhythm of its own; what they met is counted."""

import asyncio
import datetime as dt
import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

#: A reader looks at what it got for so many seconds, on average.
PAUSE_SECONDS = 3.0
_PAGES = ("/", "/chips", "/models", "/cost", "/rules", "/effect", "/what-if", "/claims", "/how", "/data", "/glossary")
_CHARTS = ("/chart/supply.svg?country=CHN", "/chart/supply.csv?country=CHN", "/chart/lag_path.svg?of=CHN&behind=USA")
_API = (
    "/api/v1/cost?model=deepseek-v3",
    "/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01",
    "/api/v1/rules/timeline?since=2025-01-01",
    "/api/v1/evidence/chips",
    "/api/v1/lag?model=deepseek-v3",
    "/search.json",
)
#: What one may see of a server under load: answers, what has not changed, what is under way, what is to be asked again.
WELL = frozenset({200, 201, 202, 204, 303, 304, 503})


@dataclass(slots=True)
class Met:
    """What readers met: by kind of request how long each took, and the statuses; and what is wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer: its status, its headers by name in lower case, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reader:
    """One reader.

    Args:
        port: Of the server on this machine.
        k: Its number, from which its address is made: a named proxy says it.
        met: Where it counts.
    """

    def __init__(self, port: int, k: int, met: Met) -> None:
        self.port, self.met = port, met
        self.random = random.Random(k)
        self._address = f"10.{k // 65536 % 256}.{k // 256 % 256}.{k % 256}"
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._tags: dict[str, str] = {}

    async def ask(self, kind: str, method: str, path: str, body: bytes = b"", media: str = "") -> Said:
        """Return what is answered to a request, and count it."""
        begun = time.monotonic()
        try:
            said = await asyncio.wait_for(self._asked(method, path, body, media), 120)
        except Exception as error:
            self.close()
            self.met.statuses[kind][type(error).__name__] += 1
            self.met.faults[kind].append(f"{method} {path}: {type(error).__name__} {error}")
            raise
        self.met.seconds[kind].append(time.monotonic() - begun)
        self.met.statuses[kind][str(said.status)] += 1
        if said.status not in WELL:
            self.met.faults[kind].append(f"{method} {path}: {said.status} {said.body[:200].decode(errors='replace')}")
        return said

    async def _asked(self, method: str, path: str, body: bytes, media: str) -> Said:
        for last in (False, True):
            was_open = self._ends is not None
            try:
                return await self._sent(method, path, body, media)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if last or not was_open:  # a connection that was open may have been closed while nothing was asked
                    raise
        raise AssertionError

    async def _sent(self, method: str, path: str, body: bytes, media: str) -> Said:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        reads, writes = self._ends
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"X-Forwarded-For: {self._address}"]
        head += ["Accept-Encoding: gzip", "Accept: text/html" if "/api/" not in path else "Accept: application/json"]
        head += [f"Content-Length: {len(body)}", f"Content-Type: {media}"] if body else []
        head += [f"If-None-Match: {self._tags[path]}"] if path in self._tags else []
        writes.write("\r\n".join([*head, "", ""]).encode() + body)
        await writes.drain()
        lines = (await reads.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:] if line)}
        length = int(headers.get("content-length", "0"))
        said = Said(status=int(lines[0].split()[1]), headers=headers, body=await reads.readexactly(length))
        if "etag" in headers and self.random.random() < 0.5:
            self._tags[path] = headers["etag"]
        if headers.get("connection") == "close":
            self.close()
        return said

    def close(self) -> None:
        """Leave the connection."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    async def json(self, kind: str, method: str, path: str, body: Any = None) -> tuple[Said, Any]:
        """Return an answer and what its JSON says."""
        sent = b"" if body is None else json.dumps(body).encode()
        said = await self.ask(kind, method, path, sent, "application/json")
        plain = said.body
        if said.headers.get("content-encoding") == "gzip":
            plain = gzip.decompress(plain)
        return said, json.loads(plain) if plain else None


async def browse(reader: Reader) -> None:
    """Look at a page, a chart or an answer."""
    kind, paths = reader.random.choices((("page", _PAGES), ("chart", _CHARTS), ("API", _API)), (5, 2, 3))[0]
    said = await reader.ask(kind, "GET", reader.random.choice(paths))
    if said.status in (202, 503):  # it is under way: as a browser without scripts does
        await asyncio.sleep(5)


async def slide(reader: Reader) -> None:
    """Move a slider of What if?, among sixty places."""
    value = reader.random.randrange(60) / 60
    await reader.ask("What if?", "GET", f"/what-if?{urlencode({'lever.uptake': f'{value:.3f}'})}")


async def look_up(reader: Reader) -> None:
    """Ask a short question that nobody has asked before: what a rule says on a day."""
    day = dt.date(2022, 10, 7) + dt.timedelta(days=reader.random.randrange(1500))
    chip = reader.random.choice(("h20", "h100-sxm", "h800-sxm"))
    await reader.ask("short question", "GET", f"/api/v1/rules/status?chip={chip}&to=CHN&on={day}")


async def fit(reader: Reader) -> None:
    """Ask what wants a fit that nobody has asked before."""
    seed = reader.random.randrange(10**6)
    await reader.ask("fit", "GET", f"/api/v1/lag?model=deepseek-v3&seed={seed}&method=map&draws=200")


async def bring(reader: Reader) -> None:
    """Bring scores of one's own, of twelve kinds, and look how far behind the model is."""
    score = 0.5 + reader.random.randrange(12) / 50
    form = {"text": f"model,benchmark,score\nour-model,GPQA Diamond,{score:.2f}\nour-model,MMLU-Pro,0.7\n"}
    form |= {"day.our-model": "2026-01-15", "country.our-model": "USA"}
    sent = urlencode(form).encode()
    there = ""
    for _ in range(24):
        if there:
            said = await reader.ask("own scores", "GET", there)
        else:
            said = await reader.ask("own scores", "POST", "/own", sent, "application/x-www-form-urlencoded")
            there = said.headers.get("location", "")
        if said.status not in (202, 303, 503):
            return
        await asyncio.sleep(0 if said.status == 303 else 5)


#: What a reader does, with how many in a hundred do nothing else.
KINDS: tuple[tuple[Callable[[Reader], Awaitable[None]], float, float], ...] = (
    (browse, 0.86, 1.0),
    (look_up, 0.05, 1.0),
    (slide, 0.05, 1.0),
    (fit, 0.02, 3.0),
    (bring, 0.02, 10.0),
)


async def read(reader: Reader, does: Callable[[Reader], Awaitable[None]], pause: float, until: float) -> None:
    """Do one thing again and again, with pauses, until a time; what goes wrong is counted, and it goes on."""
    await asyncio.sleep(reader.random.uniform(0, PAUSE_SECONDS))
    while time.monotonic() < until:
        try:
            await does(reader)
        except Exception:  # counted where it was met
            await asyncio.sleep(1)
        await asyncio.sleep(
            min(reader.random.expovariate(1 / (pause * PAUSE_SECONDS)), max(until - time.monotonic(), 0))
        )
    reader.close()
