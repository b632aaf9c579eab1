"""The lists of parties in a study folder: which can be read, how many parties each holds, how old each is."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.rules import brought_lists, screening_lists
from leadtime.rules.screening_lists import ListFile

#: What may lie beside the lists and is read by nobody, or by its own reader.
_BESIDE = ("README.md", Path(brought_lists.NAME).name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a look at `lists/` found.

    Args:
        files: The lists that can be read.
        problems: What is wrong with the others.
        old: In words, those that are or may be too old.
        ignored: Files that nothing reads.
    """

    files: tuple[ListFile, ...] = ()
    problems: tuple[LeadtimeError, ...] = ()
    old: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def look(study: Path, today: dt.date) -> Listed:
    """Return what is in `lists/` of a study, nothing if there is no such folder.

    Args:
        study: The study folder.
        today: Ages are counted to this day.
    """
    folder = study / screening_lists.FOLDER
    problems: list[LeadtimeError] = []
    try:
        names = stranger.entries(folder, within=study)
        paths, wrong = stranger.sorted_out(folder, screening_lists.ENDINGS, within=study)
    except LeadtimeError as error:
        return Listed(problems=(_named(error, screening_lists.FOLDER),))
    problems += [_named(error, f"{screening_lists.FOLDER}/{Path(error.where).name}") for error in wrong]
    try:
        brought = brought_lists.read(study)
    except LeadtimeError as error:
        brought = ()
        problems.append(error)
    content: dict[str, bytes] = {}
    for path in [p for p in paths if not p.name.startswith(".")]:
        try:
            content[path.name] = screening_lists.content_of(path, study)
        except LeadtimeError as error:
            problems.append(error)
    days = {b.file: b.day for b in brought if b.is_of(content.get(b.file, b""))}
    files, unsound = screening_lists.each_of(content, days)
    problems += [_named(error, f"{screening_lists.FOLDER}/{error.where}") for error in unsound]
    ignored = [
        f"{screening_lists.FOLDER}/{stranger.shown(n)}"
        for n in names
        if not n.endswith(screening_lists.ENDINGS) and n not in _BESIDE and not n.startswith(".")
    ]
    old = tuple(f"{screening_lists.FOLDER}/{f.told(today)}" for f in files if f.is_old(today))
    return Listed(files=tuple(files), problems=tuple(problems), old=old, ignored=tuple(ignored))


def _named(error: LeadtimeError, where: str) -> LeadtimeError:
    return LeadtimeError(error.what, where=where, fix=error.fix)
