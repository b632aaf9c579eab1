"""What every answer carries, and the form of an answer that a client takes: packed or not, or that it has it
already.
"""

import re
from collections.abc import Mapping

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


def chosen(
    body: bytes, packed: bytes, tag: str, asked: Mapping[str, str], media: str, cache: str = "private, no-cache"
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer that is ready, as the client takes it.

    Args:
        body: The answer as it is.
        packed: The answer in gzip.
        tag: Tag of its content.
        asked: Headers of the request, by name in lower case.
        media: Media type.
        cache: What may keep it, and how long.
    """
    own = {"etag": f'"{tag}"', "cache-control": cache, "vary": "Accept-Encoding"}
    if has_tag(asked.get("if-none-match", ""), tag):
        return 304, own, b""
    if takes_gzip(asked.get("accept-encoding", "")):
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
