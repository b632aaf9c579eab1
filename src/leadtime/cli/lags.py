"""What the commands on lags print."""

import textwrap
from collections.abc import Iterable
from typing import Any

from leadtime.cli.terminal import columns, put, records, stamp, wrap
from leadtime.errors import LeadtimeError


def _months(row: dict[str, Any]) -> str:
    if row["median"] is None:
        return "not measurable"
    return cell(row["median"], row["low"], row["high"], row["censored"] or 0, atoms=bool(row["atoms"]))


def cell(median: float, low: float, high: float, censored: float, *, atoms: bool) -> str:
    """Return a lag in a table: with its interval, or with + where it has a few values that are told below."""
    mark = " *" if censored > 0.05 else ""
    if atoms:
        return f"{median:5.1f} +{mark}"
    if f"{low:.1f}" == f"{high:.1f}":
        return f"{median:5.1f} in all draws{mark}"
    return f"{median:5.1f} [{low:.1f}, {high:.1f}]{mark}"


def few_values(told: Iterable[tuple[str, str]]) -> None:
    """Print the values and probabilities (+) of lags that jump between a few."""
    for title, words in told:
        if words:
            put(textwrap.fill(f"+ {title}: {words}", 79, subsequent_indent="  "))


def lag_table(grid: Any, *, whole: bool) -> None:
    """Print a lag by every definition; `whole` with clock, comparison and benchmarks."""
    rows = records(grid)
    if whole:
        lines = [(r["title"], r["clock"], r["comparison"], r["benchmarks"], _months(r)) for r in rows]
        columns([("definition", "clock", "compared", "benchmarks", "months [90 %]"), *lines], (24, 8, 13, 11, 20))
    else:
        lines3 = [(r["title"], _months(r), "" if r["median"] is None else f"P(7-10) = {r['p_7_10']:.2f}") for r in rows]
        columns([("definition", "months [90 %]", ""), *lines3], (30, 22, 24))
    if not whole:
        few_values((r["title"], r["atoms"]) for r in rows)
    elif any(r["atoms"] for r in rows):
        put("+ jumps between a few values; without --all each is told with its probability")
    notes((r["title"], r["note"]) for r in rows)


def forecast_table(study: Any, found: dict[str, Any]) -> None:
    """Print a forecast of a quarter, the simple guesses beside it, and the record in a line."""
    from leadtime.lag import DEFINITIONS

    put(f"{found['of']} behind {found['behind']} in {found['quarter']}, in months: a forecast\n")
    lines = [
        (
            DEFINITIONS[r["definition"]].title,
            r["forecaster"],
            f"{r['median']:.1f}",
            f"[{r['low_50']:.1f}, {r['high_50']:.1f}]",
            f"[{r['low']:.1f}, {r['high']:.1f}]",
        )
        for r in found["rows"]
    ]
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


def headline_lines(study: Any, of: str, behind: str) -> None:
    """Print the headline, the gap of the past year and its change; nothing where the follower had no model then."""
    try:
        year = study.lag_year(of, behind)
    except LeadtimeError:
        return
    put(f"headline, the past year: {_spread(year)}")
    try:
        change = year - study.lag_year(of, behind, back=1)
    except LeadtimeError:
        return put()
    put(f"against the year before: {_signed(change)}  P(longer) = {float((change.draws > 0).mean()):.2f}")
    put("(now: leadtime lag --path; what bounds it and moves it: leadtime lag --headline)\n")


def path_table(path: Any) -> None:
    """Print the path of a lag by quarter."""
    put(f"{path.of} behind {path.behind} as a path in time, in months (positive: behind)\n")
    put(f"now                                 {_spread(path.now)}")
    if path.past_year is not None:
        put(f"mean of the path, past year         {_spread(path.past_year)}")
    if path.change is not None:
        put(f"  less that of the year before      {_signed(path.change)}")
    if path.growth is not None:
        put(f"now less a year before              {_signed(path.growth)}  P(growing) = {path.p_growing:.2f}")
    put(f"level that the process returns to   {_spread(path.level)}\n")
    lines = [
        (
            str(r["date"]),
            f"{r['median']:5.1f}",
            f"[{r['low_50']:.1f}, {r['high_50']:.1f}]",
            f"[{r['low']:.1f}, {r['high']:.1f}]",
        )
        for r in records(path.table)
    ]
    columns([("day", "median", "50 %", "90 %"), *lines], (12, 8, 14, 16))
    put()
    wrap(
        "All models of both sides inform it, by their joint draws as values measured with error. Intervals hold errors of "
        "measurement and of sampling. There is no start date to choose.",
        "",
    )
    put(
        f"sampler: R-hat {path.r_hat_max:.3f}, {path.ess_min:.0f} effective draws, {path.divergences} of {path.n_draws} diverged"
    )


def headline_table(found: Any, bounding: Any, choices: Any, of: str, behind: str) -> None:
    """Print the headline, the record that bounds the lag, and what other choices make of it."""
    put(f"{of} behind {behind}, in months (positive: behind)\n")
    put(f"headline: the past year             {_spread(found.past_year)}")
    if found.change is not None:
        put(f"  against the year before           {_signed(found.change)}  P(longer) = {found.p_grew:.2f}")
    if found.path is not None:
        grows = "" if found.path.p_growing is None else f"P(above a year ago) = {found.path.p_growing:.2f}"
        put(f"now (path)                          {_spread(found.path.now)}  {grows}")
    put(f"realized mean since July 2023       {_spread(found.since)}  measurement error only")
    if found.level is not None:
        put(f"level of the process                {_spread(found.level)}  sampling error too")
    put("\nWhich record bounds the lag, since July 2023")
    rows = [
        (
            r["name"],
            f"{100 * r['days_fraction']:.0f} %",
            f"{100 * r['mean_fraction']:.0f} %",
            f"{r['without_months']:.1f}",
        )
        for r in records(bounding.head(4))
    ]
    columns([("record", "of days", "of the mean", "mean on other days"), *rows], (30, 8, 12, 20))
    put("\nThe same by other choices")
    rows = [
        (
            r["choice"],
            f"{r['past_year']:4.1f} [{r['past_year_low']:.1f}, {r['past_year_high']:.1f}]",
            "" if r["change"] is None else f"{r['change']:+.1f}",
            "" if r["p_grew"] is None else f"{r['p_grew']:.2f}",
        )
        for r in records(choices)
    ]
    columns([("choice", "months [90 %]", "change", "P(grew)"), *rows], (44, 16, 7, 7))
    put()
    wrap(
        "Abilities are as fitted, but for scores measured by others alone: that row has fewer models and benchmarks.",
        "",
    )


def _spread(e: Any) -> str:
    return f"{e.median:.1f} [{e.low:.1f}, {e.high:.1f}]"


def _signed(e: Any) -> str:
    return f"{e.median:+.1f} [{e.low:+.1f}, {e.high:+.1f}]"
