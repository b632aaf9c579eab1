"""What every answer carries, and the form of an answer that a client takes: packed or not, or that it has it
already.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal

Headers = list[tuple[bytes, bytes]]
#: Nothing but our own files runs; figures carry styles of their own, so styles alone may be inline.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:"
    " blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Headers = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
#: Of an answer: it is for one reader alone; for all, until the day or the evidence changes; or for all and of a past
#: day, until the evidence or the code changes.
Lasts = Literal["own", "today", "past"]
_TODAY_SECONDS, _PAST_SECONDS = 60, 3600
#: Ends the tag of what is packed.
_PACKED = "-gz"
_WEIGHT = re.compile(r"[01](?:\.\d*)?")


def joined(sent: Headers) -> dict[str, str]:
    """Return the headers of a request by name; what comes twice is read as one list, so that no second one hides a
    first.
    """
    found: dict[str, str] = {}
    for name, value in sent:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in found else text
    return found


def kept(lasts: Lasts) -> str:
    """Return what a cache on the way may do with an answer (`Cache-Control`).

    Args:
        lasts: Whose the answer is, and how long it stays what it is.
    """
    if lasts == "own":
        return "private, no-cache"
    now = dt.datetime.now()  # noqa: DTZ005 - the day of the server, by which a study without a day is one of today
    left = int((dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time()) - now).total_seconds())
    seconds = _TODAY_SECONDS if lasts == "today" else _PAST_SECONDS
    fresh = min(seconds, left) if lasts == "today" else seconds
    return f"public, max-age={fresh}, stale-while-revalidate={seconds}, stale-if-error=86400"


def chosen(
    body: bytes, packed: bytes, tag: str, asked: Mapping[str, str], media: str, cache: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer that is ready, as the client takes it.

    The tag is a strong one: what is packed has another than what is not, for its bytes are others.

    Args:
        body: The answer as it is.
        packed: The answer in gzip.
        tag: Tag of its content.
        asked: Headers of the request, by name in lower case.
        media: Media type.
        cache: What may keep it, and how long.
    """
    gzip = takes_gzip(asked.get("accept-encoding", ""))
    own = {"etag": f'"{tag}{_PACKED if gzip else ""}"', "cache-control": cache, "vary": "Accept-Encoding"}
    given = asked.get("if-none-match", "")
    if has_tag(given, tag) or has_tag(given, tag + _PACKED):
        return 304, own, b""
    if gzip:
        return 200, {**own, "content-type": media, "content-encoding": "gzip"}, packed
    return 200, {**own, "content-type": media}, body


def takes_gzip(accepts: str) -> bool:
    """Return whether gzip is what a client wants by its Accept-Encoding, of which zero means: not this."""
    given: dict[str, float] = {}
    for part in accepts.lower().split(","):
        coding, *parameters = (p.strip() for p in part.split(";"))
        weights = [p[2:].strip() for p in parameters if p.startswith("q=")]
        known = not weights or (len(weights) == 1 and _WEIGHT.fullmatch(weights[0]) is not None)
        given["gzip" if coding == "x-gzip" else coding] = min(float((weights or ["1"])[0]), 1.0) if known else 0.0
    packed, plain = given.get("gzip", given.get("*")), given.get("identity")
    if packed is None:  # not named: only where the plain one is refused
        return plain == 0.0
    return packed > 0.0 and packed >= (plain or 0.0)


def has_tag(given: str, tag: str) -> bool:
    """Return whether the tag is one of an If-None-Match; weak ones count, as that header says."""
    named = [t.strip() for t in given.split(",")]
    return named == ["*"] or any(t.removeprefix("W/") == f'"{tag}"' for t in named)
