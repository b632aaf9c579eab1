"""Editions: the whole site as of a day, as files that a server of files, a cache or this server sends as they are."""

import contextlib
import datetime as dt
import functools
import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import leadtime
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.report import brief, site
from leadtime.report.editions import month_ends
from leadtime.study import Study
from leadtime.web import filled, pages, search
from leadtime.web.asked import Answer, Compute, body_of, packed, unpacked
from leadtime.web.filled import PAST_DAYS, Shared
from leadtime.web.places import is_gone, own_name
from leadtime.whole import whole_folder

#: Says in the folder of an edition what it is of.
STAMP = "edition.json"
#: Files that have themselves packed beside them, for servers of files.
_PACKED = (".html", ".json", ".csv", ".css", ".js")
#: A claim to write an edition that is older is of nobody any more.
_CLAIMED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of an edition.

    Args:
        address: Where the server has it, without the day.
        path: Where it lies in the folder.
        media: Its media type.
        compute: From the study of the day to its content.
        slow: It wants a fit.
    """

    address: str
    path: str
    media: str
    compute: Compute
    slow: bool


def files(day: dt.date, public: str) -> tuple[File, ...]:
    """Return what an edition holds: every page, the index of the search, every table, and the answer on paper.

    Args:
        day: The day.
        public: Name under which everybody may read the server; empty: none.
    """
    at, text = Shared(day, ""), "text/html; charset=utf-8"
    found = [
        File(
            address=f"/{page.path}",
            path=f"{page.path}/index.html".lstrip("/"),
            media=text,
            compute=functools.partial(filled.filled, page.path, at, {}, public),
            slow=page.slow,
        )
        for page in site.pages().values()
    ]
    found.append(
        File(
            address="/search.json",
            path="search.json",
            media="application/json",
            compute=functools.partial(search.indexed, at),
            slow=False,
        )
    )
    found += [
        File(
            address=f"/data/{table}.csv",
            path=f"data/{table}.csv",
            media="text/csv; charset=utf-8",
            compute=functools.partial(pages.downloaded, table, "", ()),
            slow=False,
        )
        for table in TABLES
    ]
    found.append(
        File(address="/brief.pdf", path="brief.pdf", media="application/pdf", compute=brief.pdf, slow=True),
    )
    return tuple(found)


def days(today: dt.date, n: int) -> list[dt.date]:
    """Return the days that are prepared: the ends of the last n months, the latest first, and those that the header
    offers.
    """
    return list(dict.fromkeys([*month_ends(today, n)[::-1], *PAST_DAYS])) if n else []


def stamp_of(study: Study) -> dict[str, Any]:
    """Return what an edition is of: while all of it is the same, so is the edition."""
    own = {"as_of": str(study.as_of), "draws": study.draws, "method": study.method, "seed": study.seed}
    return {**own, "evidence_hash": study.evidence.hash, "code": code()}


@functools.cache
def code() -> str:
    """Return the hash of everything in the package: code, templates, what ships."""
    digest, root = hashlib.sha256(), Path(leadtime.__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def write(study: Study, out: Path, public: str) -> Path:
    """Write the edition of a study's day into a folder, all or nothing, and return it.

    Args:
        study: The study.
        out: New or empty folder, or one that holds an edition, which is replaced.
        public: Name of the server that it belongs to.

    Raises:
        LeadtimeError: The folder holds other files or cannot be written, or no page has an answer on that day.
    """
    out = out.absolute()
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / STAMP).is_file())):
        raise LeadtimeError(
            "contains files that are not from an edition", where=str(out), fix="Name a new or empty folder."
        )
    with whole_folder(out) as partial:  # first of all: a place that cannot be written is told before the work
        found = files(study.as_of, public)
        made = {}
        for i, file in enumerate(found):
            study.progress(f"writing {file.path}", 0.05 + 0.9 * i / len(found))
            with contextlib.suppress(LeadtimeError):  # on an early day a page has no answer: the server says so
                made[file.path] = body_of(file.compute(study))
        if "index.html" not in made:
            raise LeadtimeError(f"there is no answer on {study.as_of}", fix="Choose a later day.")
        fill(partial, made, stamp_of(study))
    study.progress("done", 1.0)
    return out


def fill(folder: Path, made: dict[str, bytes], stamp: dict[str, Any]) -> None:
    """Put the files of an edition into a folder, with what its pages load, and what it is of; text packed too.

    Args:
        folder: An empty folder.
        made: The files, by path.
        stamp: What it is of.
    """
    loads = {f"static/{name}": body for name, (body, _, _) in filled.assets().items()}
    for path, body in {**made, **loads}.items():
        to = folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(body)
        if to.suffix in _PACKED:
            to.with_name(f"{to.name}.gz").write_bytes(gzip.compress(body, mtime=0))
    sums = {path: hashlib.sha256(body).hexdigest() for path, body in sorted(made.items())}
    text = json.dumps({**stamp, "version": leadtime.__version__, "files": sums}, indent=1)
    (folder / STAMP).write_text(text + "\n", encoding="utf-8")


class Editions:
    """The editions in a folder that a server may send: those whose stamps it has seen to be its own.

    Args:
        folder: Of which each folder in it, named by its day, is an edition.
        public: Name of the server.
    """

    def __init__(self, folder: Path, public: str) -> None:
        self.folder, self.public = folder, public
        self._known: dict[dt.date, dict[str, tuple[File, str]]] = {}

    def accept(self, day: dt.date, stamp: dict[str, Any]) -> bool:
        """Return whether there is an edition of a day with a stamp, which is then sent."""
        try:
            found = json.loads((self.folder / str(day) / STAMP).read_text(encoding="utf-8"))
            sums = dict(found["files"])
            if {k: found.get(k) for k in stamp} != stamp:
                return False
        except (OSError, ValueError, TypeError, KeyError):
            return False
        self._known[day] = {f.address: (f, str(sums[f.path])) for f in files(day, self.public) if f.path in sums}
        return True

    def there(self) -> list[dt.date]:
        """Return the days of which there is a folder."""
        found = []
        with contextlib.suppress(OSError):
            for entry in sorted(self.folder.iterdir()):
                with contextlib.suppress(ValueError):
                    found.append(dt.date.fromisoformat(entry.name))
        return found

    def get(self, day: dt.date | None, address: str) -> Answer | None:
        """Return what an edition has at an address; None where there is none, or its file is not what was written."""
        file, digest = self._known.get(day, {}).get(address, (None, "")) if day else (None, "")
        if file is None:
            return None
        try:
            body = (self.folder / str(day) / file.path).read_bytes()
        except OSError:
            return None
        return unpacked(packed(body)) if hashlib.sha256(body).hexdigest() == digest else None

    def put(self, day: dt.date, made: dict[str, bytes], stamp: dict[str, Any]) -> None:
        """Write an edition.

        Raises:
            LeadtimeError: It cannot be written.
        """
        with whole_folder(self.folder / str(day)) as partial:
            fill(partial, made, stamp)

    @contextlib.contextmanager
    def claimed(self, day: dt.date) -> Iterator[bool]:
        """Say whether this server alone writes the edition of a day: others on this folder let it.

        Raises:
            OSError: The folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        claim, mine = self.folder / f".{day}.claim", own_name()
        with contextlib.suppress(OSError):
            if is_gone(claim.read_text(encoding="ascii")) or time.time() - claim.stat().st_mtime > _CLAIMED_SECONDS:
                claim.unlink()
        try:
            with claim.open("x", encoding="ascii") as file:
                file.write(mine)
        except FileExistsError:
            yield False
            return
        try:
            yield True
        finally:
            claim.unlink(missing_ok=True)
