"""What commands share that take in what others wrote: their options, where rows go, and what is told of them."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.kinds import File, Flag, Many, Pair, Text
from leadtime.answers.measures import Day
from leadtime.answers.plain import program
from leadtime.answers.question import Meaning
from leadtime.answers.words import count
from leadtime.cli.terminal import plain, put, put_json, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.importers.outcome import Note, Outcome, Refused
    from leadtime.importers.rows import Sorted

_SHOWN = 10

Into = Annotated[
    Path,
    Meaning(
        kind=File(word="DIR"),
        help="The study folder that gets the rows. It is made if it does not exist.",
        example="study",
    ),
]
IntoEither = Annotated[
    Path,
    Meaning(
        kind=File(word="FILE or DIR"),
        option="--into",
        help="A .parquet takes answers to single questions; a study folder takes scores.",
        example="study",
    ),
]
Label = Annotated[
    str,
    Meaning(
        kind=Text(),
        help="A name for this import. A second import with the same label replaces the first.",
        example="mine",
    ),
]
Rename = Annotated[
    tuple[tuple[str, str], ...],
    Meaning(
        kind=Many(each=Pair(by_last=True), at_most=10_000),
        option="--model",
        help="Use ID for the model that the files call NAME. Repeat it for several.",
        example="openai/ours=our-model",
    ),
]
Replace = Annotated[bool, Meaning(kind=Flag(), help="Let rows that differ from the evidence replace it.")]
KnownOn = Annotated[
    dt.date, Meaning(kind=Day(), help="The day of the copy. The default is today.", example="2026-11-01")
]
Evaluator = Annotated[
    str,
    Meaning(
        kind=Text(),
        help="Who ran the tests: an id of `leadtime evidence organizations`. The default is whom the files name.",
        example="epoch-ai",
    ),
]
Percent = Annotated[bool, Meaning(kind=Flag(), help="Read numbers as percent, if the file does not say what they are.")]
Strict = Annotated[bool, Meaning(kind=Flag(), help="Write nothing if anything is refused.")]
DryRun = Annotated[bool, Meaning(kind=Flag(), help="Show what would be imported, and write nothing.")]


def today(day: dt.date | None) -> dt.date:
    """Return a day, or that of the user's own calendar."""
    return day or dt.date.today()  # noqa: DTZ011 - the user's own calendar day


def evidence_for(study: Path | None, label: str) -> "Evidence":
    """Return all evidence of every day, that of the study among it, without what an earlier import of the
    label wrote.
    """
    from leadtime.evidence import Evidence

    there = study if study is not None and study.exists() else None
    return Evidence.load(there, as_of=dt.date.max, without=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How rows are taken: not at all if one is refused, only told of, and told as JSON."""

    strict: bool = False
    dry_run: bool = False
    as_json: bool = False


def take_rows(found: "Sorted", into: Path, label: str, way: Way, *, alone: bool = True) -> dict[str, Any]:
    """Place what was sorted out, tell it, and return it in plain.

    Raises:
        LeadtimeError: Something is refused, and all had to be sound.
    """
    from leadtime.importers.place import ASIDE, place

    if way.strict and found.refused:
        _tell("refused", found.refused)
        _tell("set aside", found.aside)
        raise LeadtimeError(
            f"{len(found.refused)} refused. With --strict nothing is written then", where=str(found.refused[0])
        )
    placed = [] if way.dry_run else place(found, into, label)
    n = {
        "files": found.n_files,
        "accepted": {t: r.height for t, r in found.accepted.items()},
        "known": found.n_known,
        "set_aside": len(found.aside),
        "refused": len(found.refused),
    }
    said = {
        **program(),
        **n,
        "notes": [str(n) for n in found.notes],
        "written": [
            {"file": p.file, "became": p.became, "n_added": p.n_added, "n_changed": p.n_changed, "n_gone": p.n_gone}
            for p in placed
        ],
        "set_aside_because": [_plain(r) for r in found.aside],
        "refused_because": [_plain(r) for r in found.refused],
    }
    if way.as_json:
        if alone:
            put_json(said)
        return said
    _tell("refused", found.refused)
    _tell("set aside", found.aside)
    _tell_notes(found.notes)
    taken = ", ".join(f"{r.height:,} {t}" for t, r in found.accepted.items() if t != "sources") or "nothing new"
    put(
        f"{found.n_files} file{'s' * (found.n_files != 1)}: {taken}; {found.n_known:,} rows known already;"
        f" {len(found.aside):,} set aside; {len(found.refused):,} refused"
    )
    for p in placed:
        moved = (
            f" ({p.n_added} new, {p.n_changed} changed, {p.n_gone} gone)"
            if p.became == "changed" and not p.file.endswith(f"/{ASIDE}")
            else ""
        )
        put(f"{into / p.file}: {p.became}{moved}")
        for line in p.changes[:_SHOWN] if p.became == "changed" else ():
            wrap(line, "    ")
    if way.dry_run:
        put("--dry-run: nothing was written")
    return said


def take_responses(found: "Outcome", into: Path, names: dict[str, str], way: Way) -> None:
    """Write responses, models by the names that are given, and tell it.

    Raises:
        LeadtimeError: Something is refused and all had to be sound, or names that the files have not, or share.
    """
    from leadtime.importers.outcome import write

    if not way.as_json or found.responses.is_empty() or (way.strict and found.refused):
        _tell("refused", found.refused)
        _tell_notes(found.notes)
    if way.strict and found.refused:
        raise LeadtimeError(
            f"{len(found.refused)} refused. With --strict nothing is written then", where=str(found.refused[0])
        )
    called = found.responses["model"].unique().sort()
    strange = [name for name in names if name not in set(called)]
    if strange and not found.responses.is_empty():
        raise LeadtimeError(
            f"no model in the logs is called {strange[0]!r}",
            where="--model",
            fix=f"The logs have {', '.join(map(repr, called.head(_SHOWN)))}.",
        )
    rows = found.responses.with_columns(found.responses["model"].replace(names)).sort("model", "item")
    if rows.select("model", "item").is_duplicated().any():
        raise LeadtimeError(
            "two models in the logs have one name and answered the same items",
            where="--model",
            fix="Give them different names.",
        )
    became = "not written" if way.dry_run else write(rows, into)
    n = {
        "files": found.n_files,
        "models": rows["model"].n_unique(),
        "items": rows["item"].n_unique(),
        "accepted": int(rows["count"].sum()),
        "refused": len(found.refused),
    }
    if way.as_json:
        said = {"notes": [str(n) for n in found.notes], "refused_because": [_plain(r) for r in found.refused]}
        return put_json({**program(), **n, "file": str(into), "became": became, **said})
    put(
        f"{count(n['accepted'], 'response')} of {count(n['models'], 'model')} to {count(n['items'], 'item')} from"
        f" {count(n['files'], 'file')}; {n['refused']:,} refused"
    )
    return put(f"{into}: {became}")


def _plain(r: "Refused") -> dict[str, str]:
    return {"file": r.file, "row": r.row, "reason": r.reason}


def _tell(what: str, rows: list["Refused"]) -> None:
    """Say the first rows on the error stream, and the rest by reason; the file of the quarantine has all."""
    for r in rows[:_SHOWN]:
        print(f"{what}: {plain(str(r))}", file=sys.stderr)
    if len(rows) > _SHOWN:
        why = Counter(r.reason for r in rows[_SHOWN:])
        most = "; ".join(f"{k} x {w}" for w, k in why.most_common(5))
        print(f"{what}: {len(rows) - _SHOWN:,} more: {most}{'; ...' if len(why) > 5 else ''}", file=sys.stderr)


def _tell_notes(notes: Iterable["Note"]) -> None:
    """Say what no rule covers, once for all files of which the same is true, with their rows summed."""
    alike: dict[str, list[Note]] = {}
    for note in notes:
        alike.setdefault(note.text, []).append(note)
    for same in alike.values():
        more = f" and {len(same) - 1} more" if len(same) > 1 else ""
        whole = same[0]._replace(file=f"{same[0].file}{more}", n_rows=sum(n.n_rows for n in same))
        print(f"note: {whole}", file=sys.stderr)
