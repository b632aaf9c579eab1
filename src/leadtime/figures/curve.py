"""The charts of the curve: models against their compute, every reading of the yearly fall, savings, and spending."""

import functools
import math
from typing import Any

import altair as alt
import polars as pl

from leadtime.days import month_words
from leadtime.figures.chart import country, inline
from leadtime.figures.frame import Frame, Picture, Point, dot, rect, segment, text, ticks_x, ticks_y
from leadtime.figures.tokens import color

_LETTER = 0.5
_HUE_OF = {"China": "china", "United States": "us", "other": "other"}
_SERIES = ("blue", "yours", "olive")


def curve(models: pl.DataFrame, line: pl.DataFrame, marked: str) -> Any:
    """Return what draws models by compute and ability, with what those before `marked` led one to expect at its date.

    Args:
        models: Rows of model, name, country, released_on, flop, flop_low, flop_high, points, low, high.
        line: Rows of flop, low, median, high.
        marked: Id of the model that is tested.
    """
    return functools.partial(_curve, models=models.to_dicts(), line=line.to_dicts(), marked=marked)


def _curve(width: int, models: list[dict[str, Any]], line: list[dict[str, Any]], marked: str) -> Picture:
    least, most = (f([r[k] for r in models]) for f, k in ((min, "low"), (max, "high")))
    f = Frame(
        width=width,
        height=320 if width < 560 else 420,
        x=(min(r["flop_low"] for r in models) / 1.2, max(r["flop_high"] for r in models) * 1.2),
        y=(10 * math.floor(least / 10), most + 0.12 * (most - least)),
        left=44,
        right=14,
        log_x=True,
    )
    low, high = (math.log10(float(v)) for v in f.x)  # type: ignore[arg-type]
    powers = [10.0**e for e in range(math.ceil(low), math.floor(high) + 1)][:: 2 if f.phone else 1]
    inside = [r for r in line if f.x[0] <= r["flop"] <= f.x[1]]
    clipped = [{**r, **{k: min(max(r[k], f.y[0]), f.y[1]) for k in ("low", "median", "high")}} for r in inside]
    x, y = f.enc_x("flop"), f.enc_y("points")
    shaded = alt.Chart(inline(clipped)).encode(x=x)
    layers: list[Any] = [
        *ticks_y(f, range(int(f.y[0]), int(f.y[1]) + 1, 10 if not f.phone else 20), " points", zero=False),
        *ticks_x(f, powers, _power),
        shaded.mark_area(opacity=0.16, color=color("blue")).encode(y=f.enc_y("low"), y2=alt.Y2("high")),
        shaded.mark_line(color=color("blue"), strokeDash=[5, 3]).encode(y=f.enc_y("median")),
    ]
    for who, hue in _HUE_OF.items():
        mine = alt.Chart(inline([r for r in models if country(r["country"]) == who])).encode(x=x)
        layers.append(mine.mark_rule(opacity=0.35, color=color(hue)).encode(y=f.enc_y("low"), y2=alt.Y2("high")))
        layers.append(mine.mark_point(filled=True, size=46, opacity=0.9, color=color(hue)).encode(y=y))
    layers += _key(f, [("China", "china"), ("United States", "us"), ("others", "other")])
    for r in (r for r in models if r["model"] == marked):
        px, py = f.at_x(r["flop"]), f.at_y(r["points"])
        layers.append(dot(px, py, size=190, strokeWidth=2, fill=None, stroke=color("ink")))
        layers.append(text(px - 12, py - 16, r["name"], align="right", fontWeight=600, fontSize=f.size))
    points = [
        f.point(
            r["flop"],
            r["points"],
            f"{r['name']}, {month_words(r['released_on'])}\n{r['points']:.0f} points ({r['low']:.0f} to"
            f" {r['high']:.0f}), {r['flop']:.1e} operations",
        )
        for r in sorted(models, key=lambda r: r["flop"])
    ]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def _power(value: float) -> str:
    digits = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    return f"10{str(round(math.log10(value))).translate(digits)}"


def _key(f: Frame, words: list[tuple[str, str]]) -> list[Any]:
    """Return colored words in the headroom that name the colors of points."""
    layers, x = [], 64.0
    for said, hue in words:
        layers.append(
            text(x, 10, f"● {said}", fontWeight=600, fontSize=f.size, color=color(hue if hue != "other" else "soft"))
        )
        x += (len(said) + 5) * f.size * _LETTER
    return layers


def specifications(rows: pl.DataFrame, titles: dict[str, str]) -> Any:
    """Return what draws every reading of the yearly fall in order of its median, with 90% intervals cut at the edges
    of the chart.
    """
    kept = rows.filter(pl.col("median").is_not_null()).sort("median").to_dicts()
    return functools.partial(_specifications, rows=kept, titles=titles)


def _specifications(width: int, rows: list[dict[str, Any]], titles: dict[str, str]) -> Picture:
    ends = (0.5, 2000.0)
    f = Frame(
        width=width,
        height=320 if width < 560 else 400,
        x=(-1, len(rows)),
        y=(ends[0], ends[1] * 2.4),
        left=52,
        right=14,
        log_y=True,
    )
    hue = dict(zip(titles, _SERIES, strict=False))
    layers: list[Any] = [*ticks_y(f, (0.5, 1, 10, 100, 1000), " times", zero=False)]
    for estimand, token in hue.items():
        mine = [
            {
                "i": i,
                "low": max(r["low"], ends[0]),
                "high": min(r["high"], ends[1]),
                "at": min(max(r["median"], ends[0]), ends[1]),
            }
            for i, r in enumerate(rows)
            if r["estimand"] == estimand
        ]
        base = alt.Chart(inline(mine)).encode(x=f.enc_x("i"))
        layers.append(
            base.mark_rule(strokeWidth=2.5, opacity=0.45, color=color(token)).encode(
                y=f.enc_y("low"), y2=alt.Y2("high")
            )
        )
        layers.append(base.mark_point(filled=True, size=34, opacity=1, color=color(token)).encode(y=f.enc_y("at")))
    y = f.at_y(4)
    layers.append(segment((0, y), (f.plot[0], y), color=color("ink"), strokeWidth=1.5, strokeDash=[4, 3]))
    layers.append(text(f.plot[0] - 2, y + 12, "4 times a year, as the essay says", align="right", fontSize=f.size - 1))
    for i, (estimand, token) in enumerate(hue.items()):
        layers.append(
            text(
                74,
                8 + 18 * i,
                titles[estimand][: int(f.plot[0] / f.size / _LETTER)],
                fontWeight=600,
                fontSize=f.size - 1,
                color=color(token),
            )
        )
    points = [
        f.point(
            i,
            min(max(r["median"], ends[0]), ends[1]),
            f"{titles.get(r['estimand'], r['estimand'])}, {r['method'].replace('_', ' ')}\n{r['median']:.3g}"
            f" ({r['low']:.3g} to {r['high']:.3g}) times a year",
        )
        for i, r in enumerate(rows)
    ]
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def waterfall(steps: list[dict[str, Any]]) -> Any:
    """Return what draws how each innovation brings a run down from what it would have taken: rows of step, start, end,
    kind, words.
    """
    return functools.partial(_waterfall, steps=steps)


def _waterfall(width: int, steps: list[dict[str, Any]]) -> Picture:
    high = 44 if width < 560 else 34
    left = 2 if width < 560 else 210
    f = Frame(
        width=width,
        height=30 + high * len(steps) + 4,
        x=(0.0, max(s["end"] for s in steps) * 1.12),
        y=(0, 1),
        left=left,
        right=14,
        top=26,
        bottom=4,
    )
    hue = {"whole run": "without", "saved": "looser", "added": "china"}
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50) if float(f.x[1]) / s <= 6)  # type: ignore[arg-type]
    ticks = [i * step for i in range(int(float(f.x[1]) / step) + 1)]  # type: ignore[arg-type]
    layers: list[Any] = [*ticks_x(f, ticks, lambda v: f"{v:g}" + ("m hours" if v == ticks[-1] else ""), above=True)]
    points = []
    for i, s in enumerate(steps):
        y = i * high + (28 if f.phone else high / 2)
        a, b = f.at_x(s["start"]), f.at_x(s["end"])
        layers.append(rect(a, y - 9, max(b - a, 2), 18, hue[s["kind"]], 1))
        layers.append(
            text(
                0 if f.phone else -left,
                y - 18 if f.phone else y,
                s["step"][:1].upper() + s["step"][1:],
                fontSize=f.size,
            )
        )
        right, left_of = b + 60 < f.plot[0] + f.right, a > 60
        x, align = (b + 6, "left") if right else (a - 6, "right") if left_of else (b - 6, "right")
        inside = {} if right or left_of else {"color": color("paper")}
        layers.append(text(x, y, s["words"], align=align, fontWeight=600, fontSize=f.size, **inside))
        points.append(Point(round(f.left + (a + b) / 2, 1), f.top + y, f"{s['step']}\n{s['words']} chip hours"))
    return Picture(chart=f.layer(*layers), points=points, frame=f)


def reinvestment(rows: pl.DataFrame) -> Any:
    """Return what draws growth of spending and fall of cost at equal ability on one scale, factors a year."""
    return functools.partial(_reinvestment, rows=rows.to_dicts())


def _reinvestment(width: int, rows: list[dict[str, Any]]) -> Picture:
    step, most = 58, 300.0
    f = Frame(
        width=width,
        height=26 + step * len(rows) + 30,
        x=(1.0, most),
        y=(0, 1),
        left=4,
        right=20,
        top=20,
        bottom=28,
        log_x=True,
    )
    layers: list[Any] = [*ticks_x(f, (1, 2, 5, 10, 100), lambda v: f"{v:g}" + (" times a year" if v == 100 else ""))]
    points = []
    for i, r in enumerate(rows):
        y, hue = i * step + 28, "olive" if r["kind"] == "growth" else "blue"
        a, b, at = (f.at_x(min(max(r[k], 1.0), most)) for k in ("low", "high", "median"))
        layers += [
            text(
                0,
                y - 18,
                f"{r['quantity'][:1].upper()}{r['quantity'][1:]} {'grows' if r['kind'] == 'growth' else 'falls'}",
                fontSize=f.size,
            ),
            rect(a, y - 5, max(b - a, 2), 10, hue, 0.3),
            dot(at, y, size=80, color=color(hue)),
            text(
                at, y + 15, f"{r['median']:.2g}", align="center", fontWeight=600, fontSize=f.size - 1, color=color(hue)
            ),
        ]
        points.append(
            f.point(
                min(max(r["median"], 1.0), most),
                1 - y / f.plot[1],
                f"{r['quantity']}\n{r['median']:.3g} ({r['low']:.3g} to {r['high']:.3g}) times a year",
            )
        )
    return Picture(chart=f.layer(*layers), points=points, frame=f)
