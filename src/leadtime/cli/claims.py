"""`leadtime claims`: what was said of the rules and of DeepSeek, and whether it is so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadtime.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Draws,
    Method,
    Seed,
    StudyDir,
    open_study,
    put,
    put_json,
    stamp,
    wrap,
)

if TYPE_CHECKING:
    from leadtime.claims import Claim, Verdict
    from leadtime.study import Study

app = typer.Typer(
    invoke_without_command=True, help="What was said, and whether it is so: a probability for each fair reading."
)


@app.callback()
def claims(
    context: typer.Context,
    claim: Annotated[str | None, typer.Option("--claim", metavar="ID", help="One claim.")] = None,
    then: Annotated[
        bool,
        typer.Option("--then", help="Also by what was known on the day of each claim (abilities by map)."),
    ] = False,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Give a verdict on each claim of the ledger that was said by the as-of day."""
    if context.invoked_subcommand is not None:
        return None
    from leadtime.answers.claimed import of_ledger

    s = open_study(as_of, study, seed, draws, method)
    return _answer(s, of_ledger(s, claim), then=then, as_json=as_json, as_csv=as_csv)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Claims of your own, a YAML list.")],
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Give a verdict on claims of your own."""
    from leadtime.claims import load_file

    found = list(load_file(file))
    return _answer(open_study(as_of, study, seed, draws, method), found, as_json=as_json, as_csv=as_csv)


def _answer(s: "Study", found: "list[Claim]", *, then: bool = False, as_json: bool, as_csv: bool) -> None:
    from leadtime.answers.claimed import claim_row, claims_json, judged

    verdicts = judged(s, found, then=then)
    if as_csv:
        import polars as pl

        rows = [claim_row(c, v) for c in found for v in verdicts if v.claim == c.id]
        return put(pl.DataFrame(rows, infer_schema_length=None).write_csv().rstrip())
    if as_json:
        return put_json(claims_json(s, found, verdicts))
    from leadtime.claims import BANDS

    for c in found:
        _show(c, [v for v in verdicts if v.claim == c.id])

    wrap(
        "Bands: "
        + ", ".join(f"{word} from {least:.2f}" for word, least in BANDS)
        + ". P is the share of draws in the asserted range. A simulated reading has a probability, and no verdict.",
        "",
    )
    return stamp(s)


def _show(c: "Claim", verdicts: "list[Verdict]") -> None:
    from leadtime.claims import summary

    put(f"{c.id}, {c.said_on}")
    wrap(c.who, "  ")
    wrap(c.shown, "  ")
    if any(v.probability is not None for v in verdicts):
        wrap(f"In one line: {summary(c, verdicts).words}.", "  ")
    for v in verdicts:
        if v.probability is None:
            wrap(f"{v.reading + ': ' if v.reading else ''}{v.band}: {v.note}", "    ")
        else:
            then = "" if v.then is None else f", then {v.then:.2f}"
            wrap(f"{v.words}{then}: {v.reading}, {_n(v.median)} [{_n(v.low)}, {_n(v.high)}] {v.unit}; {v.note}", "    ")
    put()


def _n(x: float | None) -> str:
    if x is None:
        return "-"
    return f"{x:.3g}" if abs(x) < 1e4 else f"{x / 1e6:.3g} million"
