"""What the rules did to the gap: the ladder of assumptions, its two steps, and what tests could have seen."""

from collections.abc import Sequence
from typing import Any

from leadtime.figures.chart import BREAK, Row
from leadtime.figures.frame import Picture
from leadtime.figures.rows import Axis, Range, by_row

#: Worlds without the rules, as the page calls them: name and what it is.
WORLDS = {
    "early-2022": ("Its share of early 2022, before the rules", "Between the ends of what is assumed of it"),
    "a800-h800": ("Its share in the A800 and H800 era", "Counted, late 2022 to 2023"),
    "same-money": ("The same money, spent at US prices", "1 to 1.5 times what Chinese firms spent"),
    "peers": ("Its purchases grew as everyone else's", "Since the year before October 2023"),
    "any": ("Any of these", "From the least to the most"),
}
#: Readings of months by computing power, likewise.
READINGS = {
    "chinese": ("Chinese laboratories", "Gap at release against computing used"),
    "all": ("All laboratories", "The same"),
    "not-chinese": ("Laboratories outside China", "The same"),
    "production": ("What computing buys", "Points for computing, over points a month"),
    "accounting": ("Published growth rates", "How fast runs and methods grow"),
}
_MEASURED = ("chinese", "all", "not-chinese", "production")


def ladder(width: int, rungs: Sequence[Row]) -> Picture:
    """Return the ladder: a row for each assumption, and the simulation apart.

    Args:
        width: Of the picture, pixels.
        rungs: Rows of name, more, low, high, thin_high, median, note, simulated (see `rungs`).
    """
    most = max([4.0, *(v for r in rungs for v in (r["high"], r["thin_high"]) if v is not None)])
    least = min([0.0, *(r["low"] for r in rungs if r["low"] is not None)])
    ends = (min(-1.0, least - 0.2), most + 0.4)
    rows = [
        Range(
            label=r["name"],
            more=r["more"],
            low=r["low"],
            high=r["high"],
            thin_low=r["low"] if r["thin_high"] is not None else None,
            thin_high=r["thin_high"],
            dot=r["median"],
            note=r["note"],
            words=r["words"],
            hue="yours" if r["simulated"] else "ink" if r["thin_high"] is not None else "without",
            simulated=r["simulated"],
            faded=r["simulated"],
        )
        for r in rungs
    ]
    ticks = [t for t in range(int(ends[0]), int(ends[1]) + 1, 1 if width >= BREAK or most < 5 else 2)]
    return by_row(width, rows, Axis(ends=ends, ticks=ticks, say=lambda v: _months(v, ticks[-1])))


def _months(value: float, last: float) -> str:
    return f"{value:g} months" if value == last else f"{value:g}"


def computing(width: int, worlds: Sequence[Row]) -> Picture:
    """Return what China could use without the rules over what it can, in each world.

    Args:
        width: Of the picture, pixels.
        worlds: Rows of `effect.Layers.bounds["compute"]` of one unit.
    """
    rows = [
        Range(
            label=WORLDS[r["world"]][0],
            more=WORLDS[r["world"]][1],
            low=r["lower_times"],
            high=r["upper_times"],
            thin_low=r["robust_low_times"],
            thin_high=r["robust_high_times"],
            words=f"{r['lower_times']:.1f} to {r['upper_times']:.1f}",
        )
        for r in worlds
        if r["world"] in WORLDS
    ]
    values = [v for r in rows for v in (r.thin_low, r.thin_high) if v is not None]
    ends = (min(0.5, *values), max(4.0, *values))
    ticks = [t for t in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0) if ends[0] <= t <= ends[1]]
    return by_row(
        width,
        rows,
        Axis(ends=ends, ticks=ticks, say=lambda v: f"{v:g} times" if v == ticks[-1] else f"{v:g}", zero=1.0, log=True),
    )


def links(width: int, readings: Sequence[Row]) -> Picture:
    """Return months of the gap that go with 2.7 times the computing power, by reading.

    Args:
        width: Of the picture, pixels.
        readings: Rows of `effect.Layers.pass_through`.
    """
    rows = []
    for name, (label, more) in READINGS.items():
        r = next((r for r in readings if r["reading"] == name), None)
        if r is None:
            continue
        measured = name in _MEASURED
        rows.append(
            Range(
                label=label,
                more=f"{more}, {r['n_models']} models" if name == "chinese" else more,
                low=r["robust_low_months"],
                high=r["robust_high_months"],
                dot=r["lower_months"] if measured else None,
                words=f"{r['lower_months']:.1f}" if measured else f"{r['lower_months']:.1f} to {r['upper_months']:.1f}",
                hue="china" if name == "chinese" else "ink",
                faded=True,
            )
        )
    low, high = min(-1.0, *(r.low or 0.0 for r in rows)), max(6.5, *(r.high or 0.0 for r in rows))
    ticks = list(range(int(low), int(high) + 1, 1 if width >= BREAK else 2))
    return by_row(width, rows, Axis(ends=(low - 0.1, high), ticks=ticks, say=lambda v: _months(v, ticks[-1])))


def seen(width: int, tests: Sequence[Row], gap: float | None, simulated: float | None) -> Picture:
    """Return the least change that each test would have shown, beside the whole gap and the simulated effect.

    Args:
        width: Of the picture, pixels.
        tests: Rows of name, detectable (months, None where nothing is), note.
        gap: The whole gap now, months.
        simulated: The effect in the simulation, months.
    """
    rows = [
        Range(label=r["name"], note=r["note"])
        if r["detectable"] is None
        else Range(
            label=r["name"], low=0.0, high=r["detectable"], words=f"{r['detectable']:.1f}", hue="without", faded=True
        )
        for r in tests
    ]
    most = max([8.0, *(r["detectable"] for r in tests if r["detectable"] is not None)])
    marks: list[Any] = []
    if simulated is not None:
        marks.append((simulated, ("Simulated effect", f"of the rules: {simulated:.1f}"), "yours", True))
    if gap is not None:
        marks.append((gap, ("The whole gap", f"now: {gap:.1f}"), "china", False))
    ticks = list(range(0, int(most) + 1, 2))
    low = -1.5 if width < BREAK else -0.2
    return by_row(
        width, rows, Axis(ends=(low, most + 0.5), ticks=ticks, say=lambda v: _months(v, ticks[-1]), marks=marks)
    )
