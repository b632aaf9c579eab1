"""What is wrong with a study folder, all of it, and what it changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, imports, lock, parts, settings
from leadtime.evidence.store import Overlay, read_own
from leadtime.folder import provisional

T = TypeVar("T")
#: Files are looked at one by one until so much is wrong, a second each at worst; when that is mended, the next check goes on.
MOST_WRONG = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at a folder found.

    Args:
        problems: Each as an error that says where and what to do.
        overlays: What its rows add and replace; empty when they are not sound.
        evidence_hash: Hash of the evidence with them; empty when they are not sound.
        differs: What is no longer as its lock pins it.
        locked: Whether that makes every command refuse.
        ignored: Files that nothing reads, with the reason where an import left them.
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
    from leadtime.rules import Rulebook
    from leadtime.scenario.levers import available
    from leadtime.scenario.profiles import available as profiles

    if not folder.is_dir():
        raise LeadtimeError("is not a folder", where=str(folder), fix="`leadtime new DIR` makes one.")
    problems: list[LeadtimeError] = []

    def tried(read: Callable[..., T], *given: Any, **more: Any) -> T | None:
        try:
            return read(*given, **more)
        except LeadtimeError as error:
            if str(error) not in map(str, problems):
                problems.append(error)
            return None

    evidence = tried(Evidence.load, folder)
    own_rules = tried(parts.files, folder, "rules")
    if evidence is not None and own_rules:
        tried(Rulebook.of, evidence)
    tried(available, folder)
    tried(profiles, folder)
    for part, path, wrong in parts.one_by_one(folder):
        if wrong is not None and str(wrong) not in map(str, problems):
            problems.append(wrong)
        elif path is not None and (
            part == "claims" or 0 < len(problems) < MOST_WRONG
        ):  # one is wrong: which others are?
            tried(_reader(part), path, within=folder)
    pinned = tried(lock.read, folder)
    own = tried(settings.read, folder)
    if own and pinned and own.as_of and own.as_of != pinned.as_of:
        what = f"as_of is {own.as_of}, and {lock.NAME} pins {pinned.as_of}, which comes first"
        problems.append(
            LeadtimeError(what, where=str(folder / settings.NAME), fix="Leave one of them out, or lock again.")
        )
    ignored = tried(_ignored, folder) or []
    return Checked(
        problems=problems, overlays=evidence.overlays if evidence else (), evidence_hash=evidence.hash if evidence else "",
        locked=bool(own and own.locked), differs=pinned.differs(evidence.hash) if pinned and evidence else [], ignored=ignored,
        provisional=provisional.rows(evidence) if evidence else [],
    )  # fmt: skip


def _reader(part: str) -> Callable[..., Any]:
    """Return what reads a file of a part by itself."""
    from leadtime.claims.ledger import load_file
    from leadtime.evidence import rules_yaml
    from leadtime.scenario import levers, profiles

    own = {
        "rules": rules_yaml.read,
        "scenarios": levers.read_yaml,
        "scenarios/profiles": profiles.load,
        "claims": load_file,
    }
    return own.get(part, read_own)


def _ignored(folder: Path) -> list[str]:
    """Return files in the parts of a study that no reader takes up, such as `scores.xlsx`, and what imports left."""
    found = [
        f"{part}/{stranger.shown(name)}" for part, endings in parts.PARTS.items() for name in stranger.entries(folder / part, within=folder)
        if not name.endswith(endings) and f"{part}/{name}" not in parts.PARTS and name != "README.md" and not name.startswith(".")
    ]  # fmt: skip
    return sorted(found) + imports.left(folder)
