"""Public data brought into a study folder: only what changed, whole, checked, and again when the line is bad."""

import contextlib
import datetime as dt
import email.utils
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import urllib3

from leadtime import json_text, stranger
from leadtime.errors import LeadtimeError
from leadtime.importers.deadline import Connections, Deadline
from leadtime.whole import whole

FOLDER, RECORD = "downloads", "downloads.json"
CONNECT_S, READ_S, TRIES = 10.0, 60.0, 4
#: Seconds that a download may take in all, and that is waited at most before another try, whatever the server asks for.
WITHIN_S, MOST_WAIT_S = 900.0, 60.0
MOST_BYTES = 500_000_000
_CHUNK, _REDIRECTS, _MOST_NAME, _MOST_ETAG = 1 << 20, 5, 100, 500
_FINE, _UNCHANGED, _BUSY = 200, 304, (429, 500, 502, 503, 504)
#: Names that mean devices on Windows, whatever ending they have.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file, as it was when it was last brought.

    Args:
        url: Where it comes from.
        file: Its name in the study's `downloads`.
        sha256: Checksum of its bytes.
        n_bytes: How many those are.
        etag: What the server calls this version, to ask for another only.
        modified_on: The day the server says it changed, else the day it was brought.
        became: new, changed or unchanged.
    """

    url: str
    file: str
    sha256: str
    n_bytes: int
    etag: str
    modified_on: dt.date
    became: str


def fetch(
    url: str, study: Path, *, sha256: str = "", wait_s: float = 1.0, within_s: float = WITHIN_S, agent: str = "leadtime"
) -> Download:
    """Bring a file into `downloads` of a study folder unless the server says that it is as before.

    Args:
        url: An http or https address.
        study: The study folder; made if it is not there.
        sha256: The checksum that it must have, if one is known.
        wait_s: Seconds before the second try; each further one waits twice as long, or as the server asks, up to
            MOST_WAIT_S.
        within_s: Seconds that all of it may take.
        agent: Who asks, as the server is told.

    Raises:
        LeadtimeError: Out of reach, refused, cut off, too slow, too large, or not of the checksum; nothing of it is
            kept then.
    """
    folder = study / FOLDER
    name = _name(url)
    for place in (folder, folder / name):
        if place.is_symlink() or (place.exists() and not (place.is_dir() if place == folder else place.is_file())):
            raise LeadtimeError(
                "already exists, and leadtime did not write it", where=str(place), fix="Move it to another place."
            )
    before = _record(folder).get(url)
    is_whole = before is not None and _sha256(folder / before.file) == before.sha256
    headers = {"User-Agent": agent, "Accept-Encoding": "identity"}
    if before and is_whole and _is_header(before.etag):
        headers["If-None-Match"] = before.etag
    with whole(folder / name) as partial:
        got = _get(url, headers, partial, wait_s, within_s)
        if got is None and before:
            return before
        digest, size, answer = got or ("", 0, {})
        if sha256 and digest != sha256.casefold():
            fix = "Nothing was kept. Ask the publisher, or leave out --sha256."
            raise LeadtimeError(f"has the checksum {digest}, not {sha256}", where=url, fix=fix)
    became = "new" if before is None else "unchanged" if is_whole and before.sha256 == digest else "changed"
    found = Download(
        url=url,
        file=name,
        sha256=digest,
        n_bytes=size,
        etag=answer.get("ETag", ""),
        modified_on=_modified(answer),
        became=became,
    )
    _remember(folder, found)
    return found


def _name(url: str) -> str:
    """Return what the file of an address is called here: short, and a name on every system."""
    try:
        parts = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError:
        raise LeadtimeError("is not a web address", where=ascii(url)[:200]) from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise LeadtimeError("is not an http or https address", where=ascii(url)[:200])
    given = (parts.path or "").rsplit("/", 1)[-1]
    name = re.sub(r"[^\w.%-]+", "-", given.replace("%5C", "-").replace("%5c", "-")).strip(".") or "download"
    if len(name) > _MOST_NAME:
        name = f"{hashlib.sha256(given.encode()).hexdigest()[:8]}-{name[-_MOST_NAME:].strip('.')}"
    name = f"_{name}" if _DEVICES.match(name) else name
    if name.casefold() == RECORD:
        raise LeadtimeError(f"would replace {RECORD}", where=url, fix="Download it yourself and give the file.")
    return name


def _get(
    url: str, headers: Mapping[str, str], partial: Path, wait_s: float, within_s: float
) -> tuple[str, int, Mapping[str, str]] | None:
    """Save what a server answers and return checksum, size and headers, or None if it says that nothing changed.

    A server that is busy is asked again after a while, and so is one that cuts off what it sends.
    """
    retries = urllib3.Retry(
        total=None,
        connect=False,
        read=False,
        other=False,
        redirect=_REDIRECTS,
        status=0,
        respect_retry_after_header=False,
    )
    has_tls = urllib3.util.parse_url(url).scheme == "https"
    with Deadline(within_s) as deadline, Connections(deadline, retries=retries) as pool:
        if has_tls:  # whoever passes it on, at whichever step, nothing is asked or taken without TLS
            del pool.key_fn_by_scheme["http"]
        for attempt in range(1, TRIES + 1):
            wait = wait_s * 2 ** (attempt - 1)
            timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
            try:
                request = pool.request("GET", url, headers=headers, preload_content=False, timeout=timeout)
                with contextlib.closing(request) as answer:
                    if answer.status == _UNCHANGED and "If-None-Match" in headers:
                        return None
                    if answer.status == _FINE:
                        saved = _save(answer, partial, url)
                        deadline.require(url)  # what was ended is not what is whole
                        return *saved, answer.headers
                    failed = f"the server answers {answer.status} {answer.reason or ''}".strip()
                    wait = _asked_for(answer.headers.get("Retry-After", ""), wait)
                if answer.status not in _BUSY:
                    break
            except (urllib3.exceptions.HTTPError, ValueError) as error:
                deadline.require(url)
                failed, again = _unreached(error, attempt, has_tls)
                if not again:
                    break
            deadline.require(url)
            if attempt < TRIES:
                deadline.wait(min(wait, MOST_WAIT_S))
                deadline.require(url)
        raise LeadtimeError(failed, where=url, fix=_offline())


def _unreached(error: Exception, attempt: int, has_tls: bool) -> tuple[str, bool]:
    """Return what an error of the line means, and whether it may go another time."""
    if isinstance(error, urllib3.exceptions.ProtocolError | urllib3.exceptions.ReadTimeoutError):
        return f"was cut off {attempt} times ({type(error).__name__})", True
    if has_tls and isinstance(error, urllib3.exceptions.URLSchemeUnknown):
        return "is passed on to an address without TLS", False
    again = isinstance(error, urllib3.exceptions.TimeoutError | urllib3.exceptions.NewConnectionError)
    return f"cannot be reached ({type(getattr(error, 'reason', None) or error).__name__})", again


def _asked_for(retry_after: str, wait_s: float) -> float:
    """Return how many seconds a server asks to wait, as a number or a day; as we would where it is neither."""
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(float(int(retry_after)), wait_s)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        then = email.utils.parsedate_to_datetime(retry_after)
        return max((then - dt.datetime.now(tz=then.tzinfo)).total_seconds(), wait_s)
    return wait_s


def _offline() -> str:
    return "Offline, download it elsewhere and give the file: `leadtime fetch epoch --from FILE`."


def _save(answer: urllib3.BaseHTTPResponse, partial: Path, url: str) -> tuple[str, int]:
    packed = answer.headers.get("Content-Encoding", "identity")
    if packed.strip().casefold() not in ("", "identity"):
        raise LeadtimeError(
            f"was sent compressed ({packed[:20]}), though leadtime asked for it uncompressed", where=url, fix=_offline()
        )
    digest, size = hashlib.sha256(), 0
    with partial.open("wb") as file:
        for chunk in answer.stream(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > MOST_BYTES:
                raise LeadtimeError(f"has more than {MOST_BYTES:,} bytes", where=url)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


def _modified(headers: Mapping[str, str]) -> dt.date:
    try:
        return email.utils.parsedate_to_datetime(headers["Last-Modified"]).date()
    except (KeyError, ValueError, TypeError, OverflowError):
        return dt.datetime.now(tz=dt.UTC).date()


def _sha256(path: Path) -> str:
    """Return the checksum of a file, empty if it is not there."""
    try:
        with stranger.opened(path, most=MOST_BYTES) as file:
            return hashlib.file_digest(cast("io.BufferedReader", file), "sha256").hexdigest()
    except (LeadtimeError, OSError):
        return ""


def _is_header(text: str) -> bool:
    return 0 < len(text) < _MOST_ETAG and text.isascii() and text.isprintable()


def _record(folder: Path) -> dict[str, Download]:
    """Return what was brought before, by address; a damaged record is as none: all is brought again."""
    try:
        found = [_of(row) for row in json_text.parsed(stranger.text(folder / RECORD))]
        # a record of a stranger leads to no other file
        return {d.url: d for d in found if Path(d.file).name == d.file}
    except (LeadtimeError, ValueError, TypeError, AttributeError, KeyError):
        return {}


def _remember(folder: Path, found: Download) -> None:
    rows = {**_record(folder), found.url: found}
    said = [{**asdict(rows[u]), "modified_on": str(rows[u].modified_on)} for u in sorted(rows)]
    for row in said:
        row.pop("became")
    with whole(folder / RECORD) as partial:
        partial.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _of(row: dict[str, str]) -> Download:
    return Download(
        url=str(row["url"]),
        file=str(row["file"]),
        sha256=str(row["sha256"]),
        n_bytes=int(row["n_bytes"]),
        etag=str(row["etag"]),
        modified_on=dt.date.fromisoformat(row["modified_on"]),
        became="unchanged",
    )
