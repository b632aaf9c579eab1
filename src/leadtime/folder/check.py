"""What is wrong with a study folder, all of it, and what it changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, lock, settings
from leadtime.evidence.parts import PARTS
from leadtime.evidence.store import Overlay
from leadtime.folder import provisional


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at a folder found.

    Args:
        problems: Each as an error that says where and what to do.
        overlays: What its rows add and replace; empty when they are not sound.
        evidence_hash: Hash of the evidence with them; empty when they are not sound.
        differs: What is no longer as its lock pins it.
        locked: Whether that makes every command refuse.
        ignored: Files that nothing reads.
        provisional: Rows that no person has confirmed yet, by table and key.
    """

    problems: list[LeadtimeError] = field(default_factory=list)
    overlays: tuple[Overlay, ...] = ()
    evidence_hash: str = ""
    differs: list[str] = field(default_factory=list)
    locked: bool = False
    ignored: list[str] = field(default_factory=list)
    provisional: list[str] = field(default_factory=list)


def check(folder: Path) -> Checked:
    """Return what is wrong with each part of a study folder, and what the sound ones change.

    Raises:
        LeadtimeError: It is not a folder.
    """
    from leadtime.claims.ledger import load_file
    from leadtime.rules import Rulebook
    from leadtime.scenario.levers import available

    if not folder.is_dir():
        raise LeadtimeError("is not a folder", where=str(folder), fix="`leadtime new DIR` makes one.")
    problems: list[LeadtimeError] = []

    def tried(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except LeadtimeError as error:
            problems.append(error)
            return None

    evidence = tried(lambda: Evidence.load(folder))
    if evidence is not None and any((folder / "rules").glob("*.y*ml")):
        tried(lambda: Rulebook.of(evidence))
    tried(lambda: available(folder))
    for path in sorted((folder / "claims").glob("*.yaml")):
        tried(lambda path=path: load_file(path))  # type: ignore[misc]
    pinned = tried(lambda: lock.read(folder))
    own = tried(lambda: settings.read(folder))
    if own and pinned and own.as_of and own.as_of != pinned.as_of:
        what = f"as_of is {own.as_of}, and {lock.NAME} pins {pinned.as_of}, which comes first"
        problems.append(
            LeadtimeError(what, where=str(folder / settings.NAME), fix="Leave one of them out, or lock again.")
        )
    return Checked(
        problems=problems, overlays=evidence.overlays if evidence else (), evidence_hash=evidence.hash if evidence else "",
        locked=bool(own and own.locked), differs=pinned.differs(evidence.hash) if pinned and evidence else [], ignored=_ignored(folder),
        provisional=provisional.rows(evidence) if evidence else [],
    )  # fmt: skip


def _ignored(folder: Path) -> list[str]:
    """Return files in the parts of a study that no reader takes up, such as `scores.xlsx`."""
    return sorted(
        f"{part}/{p.name}" for part, endings in PARTS.items() if (folder / part).is_dir() for p in (folder / part).iterdir()
        if p.suffix not in endings and f"{part}/{p.name}" not in PARTS and p.name != "README.md" and not p.name.startswith(".")
    )  # fmt: skip
