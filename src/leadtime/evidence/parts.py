"""The files of a study folder that can move an answer: which there are, in which order; none leads out, together they
are bounded.
"""

from collections.abc import Iterator
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
#: So many files of tables and bytes in all of them; so many in each other part, where 30,000 bytes take a second at
#: worst.
MOST_FILES, MOST_TABLES, MOST_YAML_FILES, MOST_YAML = 1000, 250_000_000, 200, 500_000


def tables(study: Path, without: str = "") -> list[Path]:
    """Return the files of rows in the order in which they are laid over: `evidence/TABLE.csv`, `TABLE.LABEL.csv`, then
    imports by label.

    Args:
        study: The study folder.
        without: A label whose files are left out.
    """
    aside = {without, *imports.replaced(study)}  # before the files are listed: an import removes the mark last
    own = [p for p in _listed(study, "evidence") if ".".join(p.name.split(".")[1:-1]) not in aside - {""}]
    found = [*sorted(own, key=lambda p: (p.name.count("."), p.name)), *imports.tables(study, without)]
    stranger.require_bounded(found, where=study, most_files=MOST_FILES, most=MOST_TABLES)
    return found


def files(study: Path, part: str) -> list[Path]:
    """Return the files of another part, by name."""
    found = _listed(study, part)
    stranger.require_bounded(found, where=study / part, most_files=MOST_YAML_FILES, most=MOST_YAML)
    return found


def every(study: Path) -> list[Path]:
    """Return all of them."""
    return [*tables(study), *(p for part in PARTS if part != "evidence" for p in files(study, part))]


def one_by_one(study: Path) -> Iterator[tuple[str, Path | None, LeadtimeError | None]]:
    """Yield each file by its part, or what is wrong with it: it leads out, or is no regular file."""
    try:
        taken = [f"{imports.FOLDER}/{label}.{n}" for label, n in imports.newest(study).items()]
    except LeadtimeError as error:
        taken = []
        yield imports.FOLDER, None, error
    for part in [*PARTS, *taken]:
        try:
            found, wrong = stranger.sorted_out(study / part, PARTS.get(part, (".csv",)), within=study)
        except LeadtimeError as error:
            found, wrong = [], [error]
        for path in found:
            if path.name != imports.ASIDE and not path.name.startswith("."):
                yield part, path, None
        yield from ((part, None, one) for one in wrong)


def _listed(study: Path, part: str) -> list[Path]:
    return [p for p in stranger.files(study / part, PARTS[part], within=study) if not p.name.startswith(".")]
