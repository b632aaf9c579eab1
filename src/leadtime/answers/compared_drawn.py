"""The figures of sets of rules beside today's: the gap, where chips come from, and what each change does alone."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.drawn import figure
from leadtime.answers.words import number
from leadtime.days import month_words
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.figures.rows import Axis
    from leadtime.study import Study

#: What the figure shows; the first is the default.
SHOWS = ("gap", "chips", "alone")
#: Tokens of the colors of sets, in their order.
HUES = ("yours", "looser", "blue", "pink")
Rows = Sequence[Mapping[str, Any]]


def gap(study: "Study", rows: Rows, quarters: Rows, begin: dt.date) -> "Figure":
    """Return the gap by quarter, measured so far, and under each set of rules from a day on."""
    import polars as pl

    from leadtime.figures import fans
    from leadtime.figures.gaps import Scene, gaps

    data = pl.DataFrame(quarters)
    titles = [r["title"] for r in rows]
    lines = [
        fans.line(t, data.filter(pl.col("title") == t), "ink" if i == 0 else HUES[(i - 1) % len(HUES)], band=i < 2)
        for i, t in enumerate(titles)
    ]
    seen = fans.measured(study)
    words = (
        "Rules change" if len(titles) > 1 else "Simulated",
        month_words(begin, short=True) if len(titles) > 1 else "what would follow",
    )
    scene = Scene(measured=seen, begins=begin, words=words, events=fans.events(study))
    dots: list[dict[str, Any]] = [
        {"title": "measured", "quarter": m.quarter, "low": m.low, "median": m.median, "high": m.high} for m in seen
    ]
    return figure(
        name="what-if-gap",
        title="How far China's best models would be behind America's, in months.",
        chart=lambda width: gaps(width, lines, scene),
        rows=pl.concat([data, pl.DataFrame(dots, schema=data.schema)]),
        n=f"{study.fork.draws['us-share'].size:,} runs",
        method=(
            "Lines: middle of the runs. Shaded: 9 in 10 of them. Dots: measured, the middle of two readings, with the"
            " range of both."
        ),
        stamp=study.stamp,
    )


def chips(study: "Study", rows: Rows) -> "Figure":
    """Return where the chips in Chinese use come from under each set of rules, today's first."""
    from leadtime.figures.stacks import PARTS, stacks

    bars = [(r["title"], {k: r[f"{k}_h100e"] / 1e6 for k, *_ in PARTS}) for r in rows]
    return figure(
        name="what-if-chips",
        title=(
            "Simulated: chips in Chinese use at the end of the period, in millions of H100s. Middle values do not add"
            " up to the total."
        ),
        chart=lambda width: stacks(width, bars, unit=" million H100s"),
        rows=[
            {"rules": name, "source": words, "million_h100e": sizes[k]}
            for name, sizes in bars
            for k, words, *_ in PARTS
        ],
        n=f"{len(bars)} sets of rules",
        method="Each part is the middle of its runs.",
        stamp=study.stamp,
    ).named(chips_heading(rows))


def alone(study: "Study", rows: Rows, parts: Rows) -> "Figure":
    """Return what each change of the first set that changes anything does alone, and what all do together.

    Raises:
        LeadtimeError: No set changes a lever.
    """
    from leadtime.figures.rows import Range, by_row

    if not parts:
        raise LeadtimeError(
            "no set of rules changes anything", where="show", fix="Give a set such as `uptake=0.6 diversion_cut=0.5`."
        )
    title = parts[0]["title"]
    mine, row = [p for p in parts if p["title"] == title], next(r for r in rows if r["title"] == title)
    together = {"words": "All together", **{k: row[f"change_{k}"] for k in ("low", "median", "high")}}
    drawn = [*mine, together]
    ends = [v for r in drawn for v in (r["low"], r["high"])]
    axis = axis_of(min(ends), max(ends))
    ranges = [
        Range(
            label=_capital(r["words"]),
            low=r["low"],
            high=r["high"],
            dot=r["median"],
            faded=True,
            hue="yours" if r is together else "without",
            words=number(r["median"], signed=True),
        )
        for r in drawn
    ]
    return figure(
        name="what-if-alone",
        title="Simulated: change in the gap, in months, each change alone and all together.",
        chart=lambda width: by_row(width, ranges, axis, names=270),
        rows=[{"change": r["words"], "low": r["low"], "median": r["median"], "high": r["high"]} for r in drawn],
        n=f"{len(mine)} changes",
        method="Dots: middle of the runs. Bars: 9 in 10 of them. Each change alone is set against today's rules.",
        stamp=study.stamp,
    ).named(added_up([p["median"] for p in mine], row["change_median"]))


def axis_of(low: float, high: float) -> "Axis":
    """Return an axis of months with whole ticks around both ends and zero."""
    from leadtime.figures.rows import Axis

    low, high = min(low, 0.0), max(high, 0.0)
    step = next((s for s in (0.1, 0.2, 0.5, 1, 2, 3, 5) if (high - low) / s <= 6), 10)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = [i * step for i in range(first, max(last, first + 1) + 1)]
    return Axis(ends=(ticks[0], ticks[-1]), ticks=ticks, say=lambda v: f"{v:+.3g}" if abs(v) > 1e-9 else "0")


def added_up(parts: Sequence[float], whole: float) -> str:
    """Return how changes add up, from the middle of each and of all: a heading, in every direction."""
    up, down = sum(v for v in parts if v > 0), -sum(v for v in parts if v < 0)
    if max(up, down) < 0.05:
        return "None of the changes moves the gap"
    if min(up, down) > 0.1 and abs(whole) < 0.4 * max(up, down):
        return "The changes nearly cancel out"
    if min(up, down) > 0.1:
        return f"The changes pull both ways, and {'widen' if whole > 0 else 'narrow'} the gap together"
    return f"The changes {'widen' if whole > 0 else 'narrow'} the gap"


def chips_heading(rows: Rows) -> str:
    """Return how the sources of chips under one set differ from today's, a heading; where several sets stand beside
    each other, most of what today's chips would be.
    """
    from leadtime.figures.stacks import PARTS
    from leadtime.scenario.compare import YOURS

    today = rows[0]
    if len(rows) == 1 or (len(rows) > 2 and rows[1]["title"] != YOURS):
        sizes = {words: today[f"{key}_h100e"] for key, words, *_ in PARTS}
        most = max(sizes, key=lambda w: sizes[w])
        part = "Most" if 2 * sizes[most] > sum(sizes.values()) else "The largest part"
        return f"{part} of China's chips would be {most.lower()} under today's rules"
    row = rows[1]
    words = {"legal": "bought", "domestic": "made in China", "rented": "rented", "diverted": "smuggled"}
    moved = {k: row[f"{k}_h100e"] - today[f"{k}_h100e"] for k in words}
    total = sum(today[f"{k}_h100e"] for k in words)
    up = [words[k] for k, v in sorted(moved.items(), key=lambda x: -x[1]) if v > 0.02 * total]
    down = [words[k] for k, v in sorted(moved.items(), key=lambda x: x[1]) if v < -0.02 * total]
    if not up and not down:
        return "China's chips would come from the same sources"
    said = [f"{kind} {' and '.join(some[:2])}" for kind, some in (("more", up), ("fewer", down)) if some]
    return f"China's chips: {', '.join(said)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
