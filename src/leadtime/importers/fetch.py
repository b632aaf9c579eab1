"""Public data brought into a study folder: only what changed, whole, checked, and again when the line is bad."""

import datetime as dt
import email.utils
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import urllib3

from leadtime.errors import LeadtimeError
from leadtime.whole import whole

FOLDER, RECORD = "downloads", "downloads.json"
CONNECT_S, READ_S, TRIES = 10.0, 60.0, 4
MOST_BYTES = 500_000_000
_CHUNK = 1 << 20
_FINE, _UNCHANGED, _BUSY = 200, 304, (429, 500, 502, 503, 504)


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


def fetch(url: str, study: Path, *, sha256: str = "", wait_s: float = 1.0, agent: str = "leadtime") -> Download:
    """Bring a file into `downloads` of a study folder unless the server says that it is as before.

    Args:
        url: An http or https address.
        study: The study folder; made if it is not there.
        sha256: The checksum that it must have, if one is known.
        wait_s: Seconds before the second try; each further one waits twice as long.
        agent: Who asks, as the server is told.

    Raises:
        LeadtimeError: Out of reach, refused, cut off, too large, or not of the checksum; nothing of it is kept then.
    """
    folder = study / FOLDER
    before = _record(folder).get(url)
    is_whole = before is not None and _sha256(folder / before["file"]) == before["sha256"]
    headers = {"User-Agent": agent, "Accept-Encoding": "identity"}
    if before and is_whole and before["etag"]:
        headers["If-None-Match"] = before["etag"]
    name = Path(urllib3.util.parse_url(url).path or "").name.lstrip(".") or "download"
    if name == RECORD:
        raise LeadtimeError(
            f"would take the place of {RECORD}", where=url, fix="Download it elsewhere and give the file."
        )
    with whole(folder / name) as partial:
        got = _get(url, headers, partial, wait_s)
        if got is None and before:
            return _of(before, "unchanged")
        digest, size, answer = got or ("", 0, {})
        if sha256 and digest != sha256.casefold():
            fix = "Nothing was kept. Ask its publisher, or leave out --sha256."
            raise LeadtimeError(f"has the checksum {digest}, not {sha256}", where=url, fix=fix)
    became = "new" if before is None else "unchanged" if is_whole and before["sha256"] == digest else "changed"
    found = Download(
        url=url, file=name, sha256=digest, n_bytes=size, etag=answer.get("ETag", ""), modified_on=_modified(answer), became=became,
    )  # fmt: skip
    _remember(folder, found)
    return found


def _get(
    url: str, headers: Mapping[str, str], partial: Path, wait_s: float
) -> tuple[str, int, Mapping[str, str]] | None:
    """Save what a server answers and return checksum, size and headers; None where it says that nothing changed.

    A server that is busy is asked again after a while, and so is one that cuts off what it sends.
    """
    retries = urllib3.Retry(total=TRIES - 1, backoff_factor=wait_s, status_forcelist=_BUSY, raise_on_status=False)
    timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
    has_tls = urllib3.util.parse_url(url).scheme == "https"
    with urllib3.PoolManager(timeout=timeout, retries=retries) as pool:
        if has_tls:  # whoever passes it on, at whichever step, nothing is asked or taken without TLS
            del pool.key_fn_by_scheme["http"]
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = pool.request("GET", url, headers=headers, preload_content=False)
                if answer.status == _UNCHANGED and "If-None-Match" in headers:
                    return None
                if answer.status != _FINE:
                    said = f"the server answers {answer.status} {answer.reason or ''}".strip()
                    raise LeadtimeError(said, where=url, fix=_offline())
                return *_save(answer, partial, url), answer.headers
            except (urllib3.exceptions.ProtocolError, urllib3.exceptions.ReadTimeoutError) as error:
                if attempt == TRIES:
                    raise LeadtimeError(
                        f"was cut off {TRIES} times ({type(error).__name__})", where=url, fix=_offline()
                    ) from None
            except urllib3.exceptions.HTTPError as error:
                if has_tls and isinstance(error, urllib3.exceptions.URLSchemeUnknown):
                    raise LeadtimeError("is passed on to an address without TLS", where=url, fix=_offline()) from None
                why = type(getattr(error, "reason", None) or error).__name__
                raise LeadtimeError(f"cannot be reached ({why})", where=url, fix=_offline()) from None


def _offline() -> str:
    return "Offline, download it elsewhere and give the file: leadtime fetch epoch --from FILE."


def _save(answer: urllib3.BaseHTTPResponse, partial: Path, url: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with partial.open("wb") as file:
        for chunk in answer.stream(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise LeadtimeError(f"has more than {MOST_BYTES:,} bytes", where=url)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


def _modified(headers: Mapping[str, str]) -> dt.date:
    try:
        return email.utils.parsedate_to_datetime(headers["Last-Modified"]).date()
    except (KeyError, ValueError, TypeError):
        return dt.datetime.now(tz=dt.UTC).date()


def _sha256(path: Path) -> str:
    """Return the checksum of a file; empty where it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _record(folder: Path) -> dict[str, dict[str, str]]:
    """Return what was brought before, by address; a damaged record is as none: all is brought again."""
    try:
        rows = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        whole = [r for r in rows if {"file", "sha256", "etag", "n_bytes", "modified_on"} <= r.keys()]
        return {
            r["url"]: r for r in whole if Path(r["file"]).name == r["file"]
        }  # a record of a stranger leads to no other file
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return {}


def _remember(folder: Path, found: Download) -> None:
    rows = {**_record(folder), found.url: {**asdict(found), "modified_on": str(found.modified_on)}}
    for row in rows.values():
        row.pop("became", None)
    with whole(folder / RECORD) as partial:
        partial.write_text(json.dumps([rows[u] for u in sorted(rows)], indent=1) + "\n", encoding="utf-8")


def _of(row: dict[str, str], became: str) -> Download:
    return Download(
        url=row["url"], file=row["file"], sha256=row["sha256"], n_bytes=int(row["n_bytes"]), etag=row["etag"],
        modified_on=dt.date.fromisoformat(row["modified_on"]), became=became,
    )  # fmt: skip
