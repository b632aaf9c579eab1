"""What the charts of chips are made of: draws by period and channel as bars, with what a newspaper calls each
channel.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.supplied import spread_of
from leadtime.answers.words import share, significant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.figures.stacked import Bar
    from leadtime.supply import Supply

#: What a newspaper would call each channel, and the token of its color.
CALLED = {
    "legal": "bought legally",
    "domestic": "made in China",
    "proxy": "made abroad via go-betweens",
    "diverted": "smuggled",
    "rented": "rented abroad",
    "usa": "all",
    "rest": "all",
}
HUES = {
    "legal": "bought",
    "domestic": "domestic",
    "proxy": "proxy",
    "diverted": "smuggled",
    "rented": "rented",
    "usa": "us",
    "rest": "other",
}
_MONTHS = ("Jan–Mar", "Apr–Jun", "Jul–Sep", "Oct–Dec")
_ENDS = ("March", "June", "September", "December")


def quarter_words(quarter: str) -> str:
    """Return a quarter in words: `Oct–Dec 2025`."""
    return f"{_MONTHS[int(quarter[-1]) - 1]} {quarter[:4]}"


def bar(
    period: tuple[dt.date, dt.date], label: str, words: str, draws: "Mapping[str, NDArray[Any]]", *, total: bool
) -> "Bar":
    """Return a period as a bar: as high as the middle of its total, its parts in proportion to the middles of their
    shares.

    Args:
        period: First and last day.
        label: Words below it.
        words: The period in words.
        draws: Of each channel, from the lowest up, shape (draw,).
        total: Its total stands above it.
    """
    import numpy as np

    from leadtime.figures.stacked import Bar, amount

    every = np.sum(list(draws.values()), axis=0)
    whole, parts = float(np.median(every)), shares(draws)
    scale = whole / (sum(s.median or 0 for s in parts.values()) or 1.0)
    s = spread_of(every)
    said = [f"{words}: {amount(whole)} ({amount(s.low or 0)} to {amount(s.high or 0)})"]
    some = [f"{CALLED[c]} {share(p.median)}" for c, p in reversed(parts.items()) if (p.median or 0) >= 0.005]
    return Bar(
        begin=period[0],
        end=period[1],
        label=label,
        total=amount(whole) if total else "",
        parts={c: (p.median or 0) * scale for c, p in parts.items()},
        words="\n".join([*said, *([", ".join(some)] if len(some) > 1 else [])]),
    )


def shares(draws: "Mapping[str, NDArray[Any]]") -> dict[str, Any]:
    """Return the share of each channel with its range, 0 if nothing came at all."""
    import numpy as np

    every = np.sum(list(draws.values()), axis=0)
    part = {c: np.divide(v, every, out=np.zeros_like(every), where=every > 0) for c, v in draws.items()}
    return {c: spread_of(v) for c, v in part.items()}


def labels(bars: "Sequence[Bar]", last: "Mapping[str, NDArray[Any]]") -> list[tuple[str, str]]:
    """Return the words beside the last bar: each channel with its share of it, or until when it came; the
    lowest first.
    """
    found, of = [], shares(last)
    for c in of:
        if (of[c].median or 0) >= 0.005:
            found.append((c, f"{share(of[c].median)} {CALLED[c]}".replace(" abroad via ", " abroad\nvia ")))
        elif came := [b for b in bars if b.parts.get(c, 0) > 0.005 * sum(b.parts.values())]:
            found.append((c, f"{CALLED[c]}, to {came[-1].end.year}".replace("made abroad via", "made abroad\nvia")))
    return found


def years(found: "Supply", streams: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Return the years, each with the places of its quarters; the last may be a part, and says so in a second line."""
    names = found.history.quarters
    by = {y: [i for i, q in enumerate(names) if q[:4] == y] for y in sorted({q[:4] for q in names})}
    return [(y if len(at) == 4 else f"{y}\nto {_ENDS[int(names[at[-1]][-1]) - 1]}", at) for y, at in by.items()]


def summed(found: "Supply", streams: Sequence[str], at: Sequence[int]) -> "dict[str, NDArray[Any]]":
    """Return what arrived in some quarters, by channel, shape (draw,)."""
    return {c: found.flows[c][:, list(at)].sum(axis=1) for c in streams if c in found.flows}


def yearly(found: "Supply", streams: Sequence[str]) -> Any:
    """Return arrivals by year as a chart, with shares beside the last bar."""
    from leadtime.figures.stacked import Panel, Stacked

    bars, last = [], {}
    for label, at in years(found, streams):
        last = summed(found, streams, at)
        year = int(label[:4])
        period = dt.date(year, 1, 1), dt.date(year, 12, 31)
        bars.append(bar(period, label, label.replace("\n", " "), last, total=True))
    return Stacked(panels=[Panel(name="", bars=bars, labels=labels(bars, last))], hues=HUES)


def smuggled(found: "Supply", streams: Sequence[str]) -> str:
    """Return what part was smuggled in the last whole year and since, a heading: whether it is much, none, or
    unknown.
    """
    told = []
    for label, at in years(found, streams)[-2:]:
        draws = summed(found, streams, at)
        part = shares(draws)["diverted"].median
        when = label if len(at) == 4 else f"{label[:4]} so far"
        told.append((when, part, len(at) == 4))
    whole = [t for t in told if t[2]] or told
    first = whole[-1]
    if not first[1] or first[1] < 0.005:
        return f"Of the AI chips China got in {first[0]}, none is known to have been smuggled"
    later = [t for t in told if not t[2]]
    more = f", and {share(later[0][1])} in {later[0][0]}" if later and later[0][1] is not None else ""
    return f"About {share(first[1])} of the AI chips China got in {first[0]} were smuggled{more}"


def sized(value: float) -> str:
    """Return so many chips in words: `1.1 million`."""
    return significant(float(f"{value:.2g}"), 2)


def basis(found: "Supply") -> list[dict[str, Any]]:
    """Return how each channel is known, with the part of it that is assumed."""
    counts = found.history.counts
    how = {
        "legal": "Counted: designers' sales to China, chip by chip.",
        "domestic": "Estimated: published figures of Chinese output, which disagree.",
        "proxy": "Assumed: a share of Chinese designs whose dies were made abroad through others, in 2024 and 2025.",
        "diverted": "Estimated from few sources: published estimates of smuggling and cases in court.",
        "rented": "Assumed: a judged share of the chips in third countries.",
    }
    rows = []
    for c, words in how.items():
        name = {"proxy": "domestic"}.get(c, c)
        assumed, every = (0.0, 0.0)
        if name in ("legal", "domestic"):
            assumed, every = float(counts.median(name, assumed=True).sum()), float(counts.median(name).sum())
        part = assumed / every if every else 0.0
        more = f" Of all since 2022, {share(part)} is assumed." if part >= 0.005 and c == name else ""
        rows.append(
            {"channel": c, "title": CALLED[c][:1].upper() + CALLED[c][1:], "how": words + more, "assumed_share": part}
        )
    return rows


def line(found: "Supply", at: Sequence[int], name: str, hue: str, draws: Any) -> Any:
    """Return a channel or a country as a line through quarters.

    Args:
        found: The supply.
        at: Places of its quarters.
        name: What it is called.
        hue: Token of its color.
        draws: Amounts, shape (draw, quarter).
    """
    from leadtime.figures.channels_log import Line
    from leadtime.supply.counts import end

    quarters = []
    for i in at:
        s, quarter = spread_of(draws[:, i]), found.history.quarters[i]
        low, mid, high = s.low or 0.0, s.median or 0.0, s.high or 0.0
        words = f"{quarter_words(quarter)}: {sized(mid)} ({sized(low)} to {sized(high)})"
        quarters.append((end(quarter) - dt.timedelta(days=45), low, mid, high, words))
    return Line(name=name, hue="other" if hue == "rented" else hue, quarters=quarters)
