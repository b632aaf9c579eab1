"""What is wrong with a study folder, all of it, and what it changes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, imports, lock, parts, settings
from leadtime.evidence.store import Overlay, read_own
from leadtime.folder import effect, listed, provisional
from leadtime.folder.effect import Idle
from leadtime.rules.screening_lists import ListFile

T = TypeVar("T")
#: Files are looked at one by one until so much is wrong, a second each at worst; when that is mended, the next check
#: goes on.
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
        told: What a reader should know: sources without an address, counts that a row takes the place of.
        moves: The answers that its rows and files can move, each with what moves it.
        idle: Rows that move no answer, each with its place and the reason.
        provisional: Rows that no person has confirmed yet, by table and key.
        lists: The lists of parties in `lists/` that can be read.
    """

    problems: list[LeadtimeError] = field(default_factory=list)
    overlays: tuple[Overlay, ...] = ()
    evidence_hash: str = ""
    differs: list[str] = field(default_factory=list)
    locked: bool = False
    ignored: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    moves: dict[str, list[str]] = field(default_factory=dict)
    idle: list[Idle] = field(default_factory=list)
    provisional: list[str] = field(default_factory=list)
    lists: tuple[ListFile, ...] = ()


def check(folder: Path) -> Checked:
    """Return what is wrong with each part of a study folder, and what the sound ones change.

    Raises:
        LeadtimeError: It is not a folder.
    """
    from leadtime.folder import resolve
    from leadtime.rules import Rulebook
    from leadtime.scenario.files import available
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

    every = tried(Evidence.load, folder, as_of=dt.date.max)
    own_rules = tried(parts.files, folder, "rules")
    if every is not None and own_rules:
        tried(Rulebook.of, every)
    scenarios, forecasters, claims = tried(available, folder), tried(profiles, folder), []
    for part, path, wrong in parts.one_by_one(folder):
        if wrong is not None and str(wrong) not in map(str, problems):
            problems.append(wrong)
        elif path is not None and (
            part == "claims" or 0 < len(problems) < MOST_WRONG
        ):  # one is wrong: which others are?
            found = tried(_reader(part), path, within=folder)
            claims += [(path, c) for c in found or ()] if part == "claims" else []
    if every is not None and scenarios is not None:
        problems += resolve.claims(claims, every, scenarios)
        problems += resolve.priors("scenarios", scenarios.values(), every)
        problems += resolve.priors("scenarios/profiles", (forecasters or {}).values(), every)
    pinned = tried(lock.read, folder)
    own = tried(settings.read, folder)
    problems += _two_days(own, pinned, folder)
    parties = listed.look(folder, dt.date.today())  # noqa: DTZ011 - the user's own calendar day
    ignored = [*(tried(_ignored, folder) or []), *parties.ignored]
    day = (pinned.as_of if pinned else own.as_of if own else None) or dt.date.today()  # noqa: DTZ011 - the user's own calendar day
    evidence = tried(every.known_by, day) if every else None
    still = effect.idle(every, day) if every and not problems else []
    return Checked(
        problems=[*problems, *parties.problems],
        lists=parties.files,
        overlays=evidence.overlays if evidence else (),
        evidence_hash=evidence.hash if evidence else "",
        locked=bool(own and own.locked),
        differs=pinned.differs(evidence.hash) if pinned and evidence else [],
        ignored=ignored,
        told=[
            *(effect.without_address(every) if every else ()),
            *(effect.replaced(every, day) if every else ()),
            *parties.old,
        ],
        provisional=provisional.rows(evidence) if evidence else [],
        idle=still,
        moves=(
            effect.moved(every, still, claims=len(claims), scenarios=len(parts.files(folder, "scenarios")))
            if every and not problems
            else {}
        ),
    )


def _two_days(own: settings.Settings | None, pinned: lock.Lock | None, folder: Path) -> list[LeadtimeError]:
    """Return that the settings and the lock of a study are of two days, if they are."""
    if not (own and pinned and own.as_of and own.as_of != pinned.as_of):
        return []
    what = f"as_of is {own.as_of}, and {lock.NAME} pins {pinned.as_of}, which comes first"
    return [
        LeadtimeError(what, where=str(folder / settings.NAME), fix="Remove one of them, or run `leadtime lock` again.")
    ]


def _reader(part: str) -> Callable[..., Any]:
    """Return what reads a file of a part by itself."""
    from leadtime.claims.ledger import load_file
    from leadtime.evidence import rules_yaml
    from leadtime.scenario import files, profiles

    own = {
        "rules": rules_yaml.read,
        "scenarios": files.read_yaml,
        "scenarios/profiles": profiles.load,
        "claims": load_file,
    }
    return own.get(part, read_own)


def _ignored(folder: Path) -> list[str]:
    """Return files in the parts of a study that no reader takes up, such as `scores.xlsx`, and what imports left."""
    found = [
        f"{part}/{stranger.shown(name)}"
        for part, endings in parts.PARTS.items()
        for name in stranger.entries(folder / part, within=folder)
        if not name.endswith(endings)
        and f"{part}/{name}" not in parts.PARTS
        and name != "README.md"
        and not name.startswith(".")
    ]
    return sorted(found) + imports.left(folder)
