"""What the commands on lags print."""

import textwrap
from collections.abc import Iterable
from typing import Any

from leadtime.cli.terminal import columns, put, records, stamp, wrap


def _months(row: dict[str, Any]) -> str:
    if row["median"] is None:
        return "not measurable"
    mark = " *" if (row["censored"] or 0) > 0.05 else ""
    return f"{row['median']:5.1f} [{row['low']:.1f}, {row['high']:.1f}]{mark}"


def lag_table(grid: Any, *, whole: bool) -> None:
    """Print a lag by every definition; `whole` with clock, comparison and benchmarks."""
    rows = records(grid)
    if whole:
        lines = [(r["title"], r["clock"], r["comparison"], r["benchmarks"], _months(r)) for r in rows]
        columns([("definition", "clock", "compared", "benchmarks", "months [90 %]"), *lines], (24, 8, 13, 11, 20))
    else:
        lines3 = [(r["title"], _months(r), "" if r["median"] is None else f"P(7-10) = {r['p_7_10']:.2f}") for r in rows]
        columns([("definition", "months [90 %]", ""), *lines3], (30, 22, 24))
    notes((r["title"], r["note"]) for r in rows)


def forecast_table(study: Any, found: dict[str, Any]) -> None:
    """Print a forecast of a quarter, the simple guesses beside it, and the record in a line."""
    from leadtime.lag import DEFINITIONS

    put(f"{found['of']} behind {found['behind']} in {found['quarter']}, in months: a forecast\n")
    lines = [
        (DEFINITIONS[r["definition"]].title, r["forecaster"], f"{r['median']:.1f}", f"[{r['low_50']:.1f}, {r['high_50']:.1f}]",
         f"[{r['low']:.1f}, {r['high']:.1f}]")
        for r in found["rows"]
    ]  # fmt: skip
    columns([("definition", "forecaster", "half", "50 %", "90 %"), *lines], (18, 21, 5, 12, 14))
    put()
    wrap(f"How good it was. {found['record']}", "")
    wrap("`leadtime backtest` has the whole record; docs/methods/lag.md says how the forecast is made.", "")
    stamp(study)


def notes(notes: Iterable[tuple[str, str]]) -> None:
    """Print what must be known about bounds (*) and undefined draws, each text once."""
    seen: dict[str, str] = {}
    for title, note in notes:
        if note:
            seen.setdefault(note, title)
    for note, title in seen.items():
        put(textwrap.fill(f"* {title}: {note}", 79, subsequent_indent="  "))
