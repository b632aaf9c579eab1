"""What all commands share: their common options, and how they print."""

import datetime as dt
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime import unseen
from leadtime.answers.parameters import AS_OF, DRAWS, METHOD, REFIT, SEED, STUDY
from leadtime.cli.declared import setting
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.rules.rulebook import Rulebook
    from leadtime.study import Study
    from leadtime.study.known import Known

# An option that is left out is as the study's leadtime.toml has it, else as its help says.
AsOf = Annotated[str | None, setting(AS_OF)]
StudyDir = Annotated[Path | None, setting(STUDY)]
Seed = Annotated[int | None, setting(SEED, min=0)]
Draws = Annotated[int | None, setting(DRAWS, min=2)]
Method = Annotated[str | None, setting(METHOD)]
Refit = Annotated[bool, setting(REFIT)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def open_study(
    as_of: dt.date | str | None,
    study: Path | None,
    seed: int | None,
    draws: int | None,
    method: str | None,
    refit: bool = False,
) -> "Study":
    """Return the study the options name, telling its progress on a terminal."""
    from leadtime.study import Study

    found = Study(as_of, study, seed=seed, draws=draws, method=method, refit=refit, progress=progress())
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
        raise LeadtimeError(f"differs from what {lock.NAME} pins: {'; '.join(differs)}", where=str(study), fix=fix)
    for words in differs:
        print(f"differs from {lock.NAME}: {words}", file=sys.stderr)


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


def plain(text: str) -> str:
    """Return text that a terminal only shows, whoever wrote it: nothing in it moves the cursor or
    turns a line around.
    """
    return unseen.replaced(text, "\ufffd").replace("\r", "\ufffd")


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
    """Print rows as CSV, nothing if there are none."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(k for r in rows for k in r)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    put(out.getvalue().rstrip("\n"))
