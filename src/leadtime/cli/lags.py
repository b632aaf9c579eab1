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


def published_lags(study: Any) -> None:
    """Print each published lag beside ours, with what makes the difference below it."""
    from leadtime.published import compared, sentence

    found = compared(study)
    put(textwrap.fill(sentence(found), 79))
    put("\nmonths; ours by the nearest definition, on their benchmarks, sides and day\n")
    rows = [("who, day, about", "theirs", "ours [90 %]")]
    for c in (c for c in found if c.ours is not None):
        rows.append((f"{c.publisher}, {c.known_on}", c.given, "{:.1f} [{:.1f}, {:.1f}]".format(*(c.ours or ()))))
        rows.append((f"  {c.about}", "", "meets" if c.agrees else "apart"))
        rows.append((f"  by {c.nearest.replace('_', ' ')}", "", ""))
        rows += [(f"    {words}", "", f"{months:+.1f}") for words, months in _moves(c)]
    columns(rows, (44, 20, 16))
    put("\nno common footing:")
    seen: dict[str, list[str]] = {}
    for c in (c for c in found if c.ours is None):
        seen.setdefault(c.why, []).append(f"{c.publisher} {c.known_on}")
    for why, who in seen.items():
        put(textwrap.fill(f"{', '.join(dict.fromkeys(who))}: {why}", 79, initial_indent="  ", subsequent_indent="    "))
    stamp(study)


def _moves(c: Any) -> list[tuple[str, float]]:
    """Return the steps that move ours by a twentieth of a month or more, and what is left."""
    from leadtime.published import CHOICES

    moved = [(f"{CHOICES[s.choice]}: {s.value.replace('_', ' ')}", s.months) for s in c.steps if abs(s.months) >= 0.05]
    return [*moved, ("the rest: other scores, models or index", c.rest or 0.0)]
