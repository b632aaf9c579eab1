"""What all commands share: their common options, and how they print."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.rules.rulebook import Rulebook
    from leadtime.study import Study
    from leadtime.study.known import Known

AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Use only what was public on this day.")]
StudyDir = Annotated[Path | None, typer.Option("--study", metavar="DIR", help="Study folder with your own evidence.")]
# An option that is left out is as the study's leadtime.toml has it, else as its help says.
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Same seed and evidence, same numbers; default 0.")]
Draws = Annotated[int | None, typer.Option("--draws", min=2, help="Joint draws per quantity; default 2000.")]
Method = Annotated[
    str | None,
    typer.Option("--method", help="nuts (default; a minute, then cached), map (seconds, narrower) or bootstrap."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def open_study(
    as_of: str | None, study: Path | None, seed: int | None, draws: int | None, method: str | None
) -> "Study":
    """Return the study the options name, telling its progress on a terminal."""
    from leadtime.study import Study

    found = Study(as_of, study, seed=seed, draws=draws, method=method, progress=progress())
    mind_the_lock(study, found.evidence)
    return found


def open_evidence(as_of: str | None, study: Path | None) -> "Evidence":
    """Return the evidence the options name."""
    from leadtime.evidence import Evidence
    from leadtime.study import parse_date

    found = Evidence.load(study, as_of=parse_date(as_of))
    mind_the_lock(study, found)
    return found


def open_rules(as_of: str | None, study: Path | None) -> "Rulebook":
    """Return the rules the options name; only the lock of a study asks for its evidence too."""
    from leadtime.rules.rulebook import Rulebook

    if study is not None:
        from leadtime.evidence import lock

        if lock.read(study) is not None:
            open_evidence(None, study)  # says, or refuses, what is not as the lock pins it
    return Rulebook.open(study, as_of)


def mind_the_lock(study: Path | None, evidence: "Evidence") -> None:
    """Say what is not as the lock of a study pins it for this day; refuse where `leadtime.toml` says locked.

    Raises:
        LeadtimeError: It is locked, and something differs.
    """
    from leadtime.evidence import lock, settings

    pinned = lock.read(study)
    if pinned is None or pinned.as_of != evidence.as_of:
        return
    differs = pinned.differs(evidence.hash)
    if differs and settings.read(study).locked:
        fix = (
            f"`leadtime lock {study}` pins what is here now; without locked = true in {settings.NAME} this is a"
            " warning."
        )
        raise LeadtimeError(f"is not as pinned: {'; '.join(differs)}", where=str(study), fix=fix)
    for words in differs:
        print(f"not as pinned in {lock.NAME}: {words}", file=sys.stderr)


def progress() -> Callable[[str, float], None]:
    """Return what tells the progress on a terminal, and nothing in a pipe."""
    if not sys.stderr.isatty():
        return lambda text, done: None
    width = 24

    def tell(text: str, done: float) -> None:
        bar = "#" * round(width * done)
        end = "\n" if done >= 1 else ""
        print(f"\r[{bar:<{width}}] {text[:48]:<48}", end=end, file=sys.stderr, flush=True)

    return tell


#: Control characters, which would move a terminal's cursor or set its title; lines and tabs stay.
_CONTROL = {c: "\ufffd" for c in (*range(32), *range(127, 160)) if c not in (9, 10)}


def plain(text: str) -> str:
    """Return text that a terminal only shows, whoever wrote it."""
    return text.translate(_CONTROL)


def put(text: str = "") -> None:
    """Print a line of the answer."""
    sys.stdout.write(plain(text) + "\n")


def put_json(value: Any) -> None:
    """Print JSON; a number that is not finite is refused, never written."""
    put(json.dumps(value, indent=2, default=str, allow_nan=False))


def wrap(text: str, indent: str = "  ", *, hang: int = 2) -> None:
    """Print a paragraph within 80 columns; later lines hang by so many more columns."""
    put(textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent + " " * hang))


def records(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a data frame with NaN as None."""
    rows: list[dict[str, Any]] = table.to_dicts()
    return [{k: None if isinstance(v, float) and v != v else v for k, v in r.items()} for r in rows]


def columns(rows: Iterable[tuple[str, ...]], widths: tuple[int, ...]) -> None:
    """Print rows in columns, cutting cells that are too long."""
    for row in rows:
        cells = [c if len(c) <= w else c[: w - 1] + "~" for c, w in zip(row, widths, strict=True)]
        put("  ".join(f"{c:<{w}}" for c, w in zip(cells, widths, strict=True)).rstrip())


def stamp(study: "Known") -> None:
    """Print what the answer rests on."""
    put_stamp(study.stamp)


def put_stamp(s: "Mapping[str, Any]") -> None:
    """Print the stamp of a study, or that of its evidence alone."""
    if s.get("newest_row_on"):
        model = (
            f"newest frontier model scored {s['newest_scored_model_name']} ({s['newest_scored_model_on']}), "
            if s["newest_scored_model"]
            else ""
        )
        wrap(f"{model}newest row {s['newest_row_on']}", "")
    if "method" not in s:
        return put(f"as of {s['as_of']}, evidence {s['evidence_hash']}, leadtime {s['version']}")
    return put(
        f"as of {s['as_of']} (scores known through {s['evidence_through']}), evidence {s['evidence_hash']},\n"
        f"leadtime {s['version']}, seed {s['seed']}, {s['draws']} draws, method {s['method']}"
    )


def put_csv(rows: list[dict[str, Any]]) -> None:
    """Print rows as CSV; nothing where there are none."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(k for r in rows for k in r)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    put(out.getvalue().rstrip("\n"))
