"""The files of a study folder that can move an answer: which there are, in which order; none leads out, together they are bounded."""

from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import imports

#: Folder to endings of the files that are read there; imports have a folder of their own for each label.
PARTS = {
    "evidence": (".csv",),
    "rules": (".yaml", ".yml"),
    "scenarios": (".yaml",),
    "scenarios/profiles": (".yaml",),
    "claims": (".yaml",),
}
#: So many files of tables, and of each other part, and so many bytes in them.
MOST_FILES, MOST_YAML = 1000, 4_000_000


def tables(study: Path, without: str = "") -> list[Path]:
    """Return the files of rows in the order in which they are laid over: `evidence/TABLE.csv`, `TABLE.LABEL.csv`, then imports by label.

    Args:
        study: The study folder.
        without: A label whose files are left out.
    """
    aside = {without, *imports.replaced(study)}  # before the files are listed: an import removes the mark last
    own = [p for p in _listed(study, "evidence") if ".".join(p.name.split(".")[1:-1]) not in aside - {""}]
    found = [*sorted(own, key=lambda p: (p.name.count("."), p.name)), *imports.tables(study, without)]
    stranger.require_bounded(found, where=study, most_files=MOST_FILES, most=stranger.MOST_TABLE)
    return found


def files(study: Path, part: str) -> list[Path]:
    """Return the files of another part, by name."""
    found = _listed(study, part)
    stranger.require_bounded(found, where=study / part, most_files=MOST_FILES, most=MOST_YAML)
    return found


def every(study: Path) -> list[Path]:
    """Return all of them."""
    return [*tables(study), *(p for part in PARTS if part != "evidence" for p in files(study, part))]


def irregular(study: Path) -> list[LeadtimeError]:
    """Return what is wrong with each file that would be read and cannot: it leads out, or is no regular file."""
    found: list[LeadtimeError] = []
    for part, endings in PARTS.items():
        try:
            found += stranger.sorted_out(study / part, endings, within=study)[1]
        except LeadtimeError as error:
            found.append(error)
    return found


def _listed(study: Path, part: str) -> list[Path]:
    return [p for p in stranger.files(study / part, PARTS[part], within=study) if not p.name.startswith(".")]
