"""Files brought from the addresses of the connectors: what is here whole and recent is not asked for again, and one
that fails stops no other.
"""

import datetime as dt
import hashlib
import json
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import fetch
from leadtime.importers.outcome import Refused
from leadtime.update import files
from leadtime.update.connector import Address, Connector, File
from leadtime.whole import whole

#: A file brought less long ago is not asked for again: an update that was cut off goes on where it was.
FRESH_HOURS = 12.0
#: The SEC refuses who does not say how to be reached.
_WANTS_CONTACT = ("data.sec.gov",)
_WIDTH = 4
#: Beside a download: what was brought, and when.
_MARK, _MOST_MARK = "brought.json", 10_000


def bring(
    connectors: list[Connector],
    evidence: Evidence,
    day: dt.date,
    place: Path,
    *,
    contact: str = "",
    wait_s: float = 1.0,
) -> tuple[dict[str, list[File]], list[Refused]]:
    """Return the files of each connector, and what could not be brought, by connector and address.

    Args:
        connectors: Who is asked.
        evidence: What is there: some addresses depend on what it lacks.
        day: Today.
        place: Where downloads are kept between updates.
        contact: An address at which the servers can reach who asks.
        wait_s: Seconds before a second try.
    """
    brought: dict[str, list[File]] = defaultdict(list)
    failed: list[Refused] = []
    jobs = [(c, a) for c in connectors for a in c.addresses(evidence, day)]
    hosts: dict[str, list[tuple[Connector, Address]]] = defaultdict(list)
    for c, a in jobs:
        hosts[urlsplit(a.url).netloc].append((c, a))
    agent = f"leadtime ({contact})" if contact else "leadtime"
    with ThreadPoolExecutor(_WIDTH) as pool:
        for got, lost in pool.map(
            lambda of_host: _from_host(of_host, day, place, agent, contact, wait_s), hosts.values()
        ):
            for name, file in got:
                brought[name].append(file)
            failed += lost
    return dict(brought), failed


def _from_host(
    jobs: list[tuple[Connector, Address]], day: dt.date, place: Path, agent: str, contact: str, wait_s: float
) -> tuple[list[tuple[str, File]], list[Refused]]:
    """Bring the files of one server, one after the other; where it cannot be reached the rest is not tried."""
    got: list[tuple[str, File]] = []
    lost: list[Refused] = []
    away = ""
    for c, a in jobs:
        label = f"{c.name}/{a.name}"
        if away:
            lost.append(Refused(file=label, row="", reason=f"not tried: {away}"))
            continue
        if urlsplit(a.url).hostname in _WANTS_CONTACT and not contact:
            lost.append(
                Refused(
                    file=label, row="", reason="not asked: this server wants to know who asks. Give --contact ADDRESS"
                )
            )
            continue
        folder = place / c.name / a.name.replace("/", "--")
        try:
            path, on = _one(a.url, folder, agent, wait_s)
            found, refused = files.given(path, min(on, day))
            alone = not path.name.endswith(".zip")
            got += [
                (c.name, File(name=a.name if alone else f"{a.name}/{f.name}", content=f.content, day=f.day, url=a.url))
                for f in found
            ]
            lost += refused
        except LeadtimeError as error:
            away = f"{urlsplit(a.url).netloc} {error.what}" if error.what.startswith("cannot be reached") else ""
            lost.append(Refused(file=label, row="", reason=_words(error)))
    return got, lost


def _one(url: str, folder: Path, agent: str, wait_s: float) -> tuple[Path, dt.date]:
    """Return a file and the day of its copy, brought now unless it is here, whole and recent."""
    mark = folder / _MARK
    if (before := _marked(mark, url)) is not None:
        return folder / fetch.FOLDER / before[0], before[1]
    found = fetch.fetch(url, folder, wait_s=wait_s, agent=agent)
    said = {"url": url, "file": found.file, "sha256": found.sha256, "day": str(found.modified_on), "at": time.time()}
    with whole(mark) as partial:
        partial.write_text(json.dumps(said), encoding="utf-8")
    return folder / fetch.FOLDER / found.file, found.modified_on


def _marked(mark: Path, url: str) -> tuple[str, dt.date] | None:
    """Return name and day of what was brought from an address a while ago, or None if that is long ago, or it is not as
    it was.
    """
    try:
        said = json.loads(stranger.read(mark, most=_MOST_MARK))
        name, day = Path(said["file"]).name, dt.date.fromisoformat(said["day"])
        if said["url"] != url or time.time() - said["at"] > FRESH_HOURS * 3600:
            return None
        content = stranger.read(mark.parent / fetch.FOLDER / name, most=fetch.MOST_BYTES)
    except (LeadtimeError, ValueError, KeyError, TypeError):
        return None
    return (name, day) if hashlib.sha256(content).hexdigest() == said["sha256"] else None


def _words(error: LeadtimeError) -> str:
    return (
        f"{error.what}; offline, name a folder with the files: --from DIR"
        if "cannot be reached" in error.what
        else error.what
    )
