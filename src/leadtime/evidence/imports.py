"""What imports wrote into a study folder: for each label the folder `imports/LABEL.N` of the highest number, and
nothing else.

An import fills a folder beside and renames it into place as the next number, so whoever reads finds the old one or the
new one, whatever is killed. Nothing here writes.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from leadtime import stranger
from leadtime.errors import LeadtimeError

T = TypeVar("T")
#: Folder of imports; the file in each that has what was not taken; where 0.1 put that as `LABEL.csv`, beside
#: `evidence/TABLE.LABEL.csv`.
FOLDER, ASIDE, EARLIER = "imports", "quarantine.csv", "quarantine"
MOST_NUMBER = 999_999_999
_NAME = re.compile(r"([a-z0-9][a-z0-9-]*)\.([1-9][0-9]{0,8})")
_PARTIAL = re.compile(r"\.([a-z0-9][a-z0-9-]*)\.[0-9]+\..*\.(?:partial|old)")
_LEFT = "what an import that was cut off left; the next import of that label clears it"
_TRIES = 20


def numbered(name: str) -> tuple[str, int]:
    """Return label and number of the folder of an import; "" and 0 for any other name."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else ("", 0)


def partial_of(name: str) -> str:
    """Return the label of a folder that an import has not finished; "" for any other name."""
    found = _PARTIAL.fullmatch(name)
    return found[1] if found else ""


def newest(study: Path) -> dict[str, int]:
    """Return the highest number of each label, in order of labels."""
    found: dict[str, int] = {}
    for label, number in map(numbered, stranger.entries(study / FOLDER, within=study)):
        if label:
            found[label] = max(number, found.get(label, 0))
    return dict(sorted(found.items()))


def tables(study: Path, without: str = "") -> list[Path]:
    """Return the files of rows that imports wrote, by label; without those of one label."""
    folders = [study / FOLDER / f"{label}.{n}" for label, n in newest(study).items() if label != without]
    found = [p for folder in folders for p in stranger.files(folder, (".csv",), within=study)]
    return [p for p in found if p.name != ASIDE and not p.name.startswith(".")]


def is_earlier(study: Path, label: str) -> bool:
    """Return whether 0.1 imported under a label: its files are marked by that of what was not taken."""
    return stranger.is_there(study / EARLIER / f"{label}.csv")


def replaced(study: Path) -> set[str]:
    """Return the labels of which 0.1 wrote files that a later import took the place of."""
    return {label for label in newest(study) if is_earlier(study, label)}


def steady(study: Path, read: Callable[[], T]) -> T:
    """Return what is read of a study; read again where an import took another's place meanwhile."""
    for _ in range(_TRIES):
        before = newest(study)
        try:
            found = read()
        except LeadtimeError:
            if newest(study) == before:
                raise
        else:
            if newest(study) == before:
                return found
    raise LeadtimeError(
        "changed while leadtime read it", where=str(study / FOLDER), fix="Try again when the other import is done."
    )


def left(study: Path) -> list[str]:
    """Return what lies there and is not read, with the reason where an import left it."""
    now, found = newest(study), []
    for name in stranger.entries(study / FOLDER, within=study):
        label, number = numbered(name)
        if partial_of(name) or number < now.get(label, 0):
            found.append(f"{FOLDER}/{stranger.shown(name)}: {_LEFT}")
        elif label:
            inside = stranger.entries(study / FOLDER / name, within=study)
            found += [f"{FOLDER}/{name}/{stranger.shown(n)}" for n in inside if not n.endswith(".csv")]
        elif not name.startswith(".") and name != "README.md":
            found.append(f"{FOLDER}/{stranger.shown(name)}")
    found += [f"{EARLIER}/{label}.csv: {_LEFT}" for label in sorted(replaced(study))]
    cut_off = f"{EARLIER}/.changes.json"
    return found + (
        [f"{cut_off}: an import of 0.1 was cut off: import again, and delete it"]
        if stranger.is_there(study / cut_off)
        else []
    )
