"""How arrivals of chips are drawn, and what stands over the drawing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.drawn import figure
from leadtime.answers.looks import Look
from leadtime.answers.supplied import IN_WORDS, STREAMS, spread_of
from leadtime.answers.supply_drawn import CALLED, HUES, bar, labels, line, quarter_words, sized, summed
from leadtime.answers.words import CLEAR, listed, number

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study
    from leadtime.supply import Supply


def within(found: "Supply", since: dt.date | None, until: dt.date | None) -> list[int]:
    """Return the places of the quarters that lie in a span of days, at least two."""
    from leadtime.supply.counts import begin, end

    names = found.history.quarters
    kept = [i for i, q in enumerate(names) if (since is None or end(q) > since) and (until is None or begin(q) < until)]
    return kept if len(kept) > 1 else list(range(len(names)))


def streams(found: "Supply", country: str, measure: str) -> list[str]:
    """Return the channels of a country that a measure has."""
    return [c for c in STREAMS[country] if c in (found.stocks if measure == "in-use" else found.flows)]


def name_of(country: str) -> str:
    """Return a country as a heading has it."""
    words = IN_WORDS[country].removeprefix("the ")
    return words[:1].upper() + words[1:]


def figure_of(
    study: "Study",
    whose: Sequence[str],
    measure: str,
    rows: Sequence[Mapping[str, Any]],
    look: Look,
) -> "Figure":
    """Return the figure of arrivals: bars, lines on a logarithmic scale, or a share with its range."""
    from leadtime.figures.channels_log import on_log
    from leadtime.figures.events import events_of
    from leadtime.figures.period import Shown, by_quarter

    found: Supply = study.supply
    at, most = within(found, look.since, look.until), look.most_events
    marks = () if most == 0 else events_of(study.rules.log.tables["rule_events"], study.as_of)
    words = {
        "arrived": (
            f"New AI computing power by quarter and channel in {_listed(whose)}, in chips as powerful as an Nvidia"
            " H100."
        ),
        "in-use": (
            f"AI computing power in use at the end of each quarter in {_listed(whose)}, in chips as powerful as an"
            " Nvidia H100."
        ),
        "share": "China's share of the computing power of AI chips delivered worldwide, by quarter, all makers.",
        "ratio": (
            "American AI chips in use for each Chinese one, by computing power; chips of other countries are left out."
        ),
    }
    if measure in ("share", "ratio"):
        quarters = [_quarter(r, measure, look.shaded) for r in rows]
        unit, hue = ("%", "china") if measure == "share" else ("", "us")
        shown = Shown(unit=unit, hue=hue, log=look.log)
        chart: Any = lambda width: by_quarter(width, quarters, (), marks, shown=shown)  # noqa: E731
    elif look.log:
        drawn = _lines(found, whose, measure, at)
        chart = lambda width: on_log(width, drawn, marks if len(whose) == 1 else (), most, bands=look.shaded)  # noqa: E731
    else:
        chart = _stacked(found, whose, measure, at, marks, most).drawn
    made = figure(
        name=f"chips-{measure}",
        title=words[measure],
        chart=chart,
        rows=list(rows),
        n=f"{len(at)} quarters",
        method=(
            "Shaded: 9 in 10 draws lie there."
            if measure in ("share", "ratio")
            else "Lines: the middle, each step multiplies. Shaded: 9 in 10 draws. Quarters without any are left out."
            if look.log
            else (
                "Each bar is as high as the middle of its total; its parts are in proportion to the middles of their"
                " shares. Those who point at a bar read its range. Smuggled chips are counted from 2024 only."
            )
        ),
        stamp=study.stamp,
    )
    return made.named(heading(found, whose, measure, rows))


def heading(found: "Supply", whose: Sequence[str], measure: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what the chart shows, a heading: arrivals lately, what is in use, or whether a share or a ratio rose or
    fell.
    """
    first, last = rows[0], rows[-1]
    if measure == "arrived":
        return _against_the_year_before(found, whose[0])
    if measure == "in-use":
        i = found.history.quarters.index(last["quarter"])
        total = spread_of(sum(found.stocks[c][:, i] for c in streams(found, whose[0], measure)))  # type: ignore[arg-type]
        return (
            f"By {last['quarter_words']}, {IN_WORDS[whose[0]]} had the use of AI chips worth about"
            f" {sized(total.median or 0)} H100s"
        )
    names = found.history.quarters
    draws = found.share_of_china("flow") if measure == "share" else found.ratio()
    rose = float((draws[:, names.index(last["quarter"])] > draws[:, names.index(first["quarter"])]).mean())
    before, now = first["median"], last["median"]
    moved = "up from" if rose >= CLEAR else "down from" if rose <= 1 - CLEAR else "not clearly changed from"
    if measure == "share":
        return (
            f"China got {number(now, 0)}% of the world's new AI chips in {last['quarter_words']}, {moved}"
            f" {number(before, 0)}% in {first['quarter_words']}"
        )
    return (
        f"America has {number(now)} AI chips for each Chinese one, {moved} {number(before)} in {first['quarter_words']}"
    )


def _against_the_year_before(found: "Supply", country: str) -> str:
    """Return whether more chips arrived in the last four quarters than in the four before, a heading."""
    import numpy as np

    n = len(found.history.quarters)
    if n < 8:
        return f"AI chips that arrived in {IN_WORDS[country]}"
    before, after = (sum(summed(found, STREAMS[country], at).values()) for at in (range(n - 8, n - 4), range(n - 4, n)))
    more = float(np.mean(np.greater(after, before)))
    sizes = [sized(spread_of(x).median or 0) for x in (before, after)]  # type: ignore[arg-type]
    who = IN_WORDS[country]
    who = who[:1].upper() + who[1:]
    moved = "more" if more >= CLEAR else "fewer" if more <= 1 - CLEAR else ""
    if not moved:
        return f"{who} did not clearly get more or fewer AI chips than the year before: {sizes[1]}, after {sizes[0]}"
    return f"{who} got {moved} AI chips than the year before: {sizes[1]}, after {sizes[0]}"


def _listed(whose: Sequence[str]) -> str:
    return listed([IN_WORDS[c] for c in whose])


def _quarter(r: Mapping[str, Any], measure: str, bands: bool) -> Any:
    from leadtime.figures.period import Quarter
    from leadtime.supply.counts import end

    unit, digits = ("%", 0) if measure == "share" else (" for 1", 1)
    spread = f"{r['median']:.{digits}f}{unit} ({r['low']:.{digits}f} to {r['high']:.{digits}f})"
    low, high = (r["low"], r["high"]) if bands else (r["median"], r["median"])
    return Quarter(
        day=end(r["quarter"]) - dt.timedelta(days=45),
        low=low,
        median=r["median"],
        high=high,
        words=f"{r['quarter_words']}\n{spread}",
    )


def _stacked(
    found: "Supply", whose: Sequence[str], measure: str, at: Sequence[int], marks: Any, most: int | None
) -> Any:
    from leadtime.figures.stacked import Panel, Stacked
    from leadtime.supply.counts import begin, end

    of, names, panels = found.stocks if measure == "in-use" else found.flows, found.history.quarters, []
    for country in whose:
        parts = streams(found, country, measure)
        bars = [
            bar(
                (begin(names[i]), end(names[i])),
                "",
                quarter_words(names[i]),
                {c: of[c][:, i] for c in parts},
                total=False,
            )
            for i in at
        ]
        last = {c: of[c][:, at[-1]] for c in parts}
        panels.append(Panel(name=name_of(country), bars=bars, labels=labels(bars, last) if len(parts) > 1 else []))
    events = marks if len(whose) == 1 else ()
    return Stacked(panels=panels, hues=HUES, events=events, most_events=most, years=True)


def _lines(found: "Supply", whose: Sequence[str], measure: str, at: Sequence[int]) -> list[Any]:
    """Return a line for each channel of one country, or one for each of several countries."""
    of = found.stocks if measure == "in-use" else found.flows
    if len(whose) == 1:
        series = [(CALLED[c][:1].upper() + CALLED[c][1:], HUES[c], of[c]) for c in streams(found, whose[0], measure)]
    else:
        hues = {"CHN": "china", "USA": "us"}
        series = [
            (name_of(c), hues.get(c, "other"), sum(of[s] for s in streams(found, c, measure)))  # type: ignore[misc]
            for c in whose
        ]
    return [line(found, at, name, hue, draws) for name, hue, draws in series]
