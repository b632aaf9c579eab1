"""Charts of how ability is measured: a model's lag by every setting, scores of developers' own models, and where each
test measures.

A color means the same everywhere: teal the United States, orange China, gray anyone else.
"""

import math
from typing import Any

import polars as pl

from leadtime.figures.chart import Row, is_finite
from leadtime.figures.frame import Frame, Picture, dot, text, ticks_x
from leadtime.figures.intervals import Drawn, Ranges
from leadtime.figures.placed import Room, around
from leadtime.figures.tokens import color
from leadtime.study import CLAIM_MONTHS

#: Token of the color of each setting that is changed.
_HUES = {"clock": "blue", "models compared with": "yours", "benchmarks": "without"}
#: Token of the color of a test, by who can see its questions.
_ACCESS = {"public": "without", "semi-private": "blue", "private": "pink"}


def readings(grid: pl.DataFrame, claim: tuple[float, float] | None = CLAIM_MONTHS) -> Drawn:
    """Return a model's lag under every definition and setting as intervals, against a claimed range.

    Under each definition: a tick for each combination of settings, then the base case and each single change from it
    with its 90% interval.

    Args:
        grid: Rows of `Study.lag_grid(model, everything=True)`.
        claim: The claimed range, months; None where no claim is about it.
    """
    rows: list[Row] = []
    for (title,), part in grid.group_by(["title"], maintain_order=True):
        rows.append({"label": str(title)[:1].upper() + str(title)[1:], "head": True})
        known = [r for r in part.iter_rows(named=True) if is_finite(r["median"])]
        if part.height > 1:
            rows.append({"label": f"all {part.height} combinations", "ticks": [r["median"] for r in known]})
        for r in (r for r in known if len(_changes(r)) <= 1):
            changed = _changes(r)
            words, hue = (
                (READING_WORDS.get(changed[0][1], changed[0][1]), _HUES[changed[0][0]])
                if changed
                else ("base case", "china")
            )
            few = bool(r["atoms"]) or r["low"] == r["high"]
            rows.append({"label": words, "hue": hue, "few": few, **{k: r[k] for k in ("median", "low", "high")}})
    return Ranges(rows=rows, title="months behind", span=claim, digits=1).drawn


def vendor_effect(effects: pl.DataFrame) -> Drawn:
    """Return by how much each organization's own scores exceed others' scores of the same models.

    Args:
        effects: Rows of `Study.vendor_effect()`.
    """
    kept = effects.filter((pl.col("level") == "organization") & pl.col("logit").is_finite())
    rows = [
        {
            "label": f"{r['name']} ({r['n_pairs']})",
            "median": r["logit"],
            "low": r["logit_low"],
            "high": r["logit_high"],
            "hue": {"USA": "us", "CHN": "china"}.get(r["country"], "without"),
        }
        for r in kept.sort("logit", descending=True).iter_rows(named=True)
    ]
    return Ranges(rows=rows, title="own score minus others' score, logits", digits=2).drawn


def benchmark_map(benchmarks: pl.DataFrame) -> Drawn:
    """Return where each benchmark measures (difficulty) and how sharply (discrimination).

    Args:
        benchmarks: Rows of `Study.benchmarks_table()`.
    """
    kept = benchmarks.filter(pl.col("difficulty_points").is_finite() & pl.col("discrimination").is_finite())
    rows = sorted(kept.filter(pl.col("discrimination") > 0).iter_rows(named=True), key=lambda r: -r["n_models"])
    return lambda width: _map(rows, width)


def _map(rows: list[Row], width: int) -> Picture:
    xs, ys = ([r[key] for r in rows] or [1.0] for key in ("difficulty_points", "discrimination"))
    room_x = 0.04 * ((max(xs) - min(xs)) or 1.0)
    phone = width < 560
    f = Frame(
        width=width,
        height=400 if phone else 500,
        left=44,
        right=20,
        top=34,
        bottom=46,
        log_y=True,
        x=(min(xs) - room_x, max(xs) + room_x),
        y=(min(ys) / 1.2, max(ys) * 1.2),
    )
    step = 20 if max(xs) - min(xs) > 60 else 10
    tens = [step * i for i in range(math.ceil(f.x[0] / step), math.floor(f.x[1] / step) + 1)]  # type: ignore[operator]
    layers: list[Any] = list(ticks_x(f, tens, lambda v: f"{v:g}"))
    soft: Row = {"color": color("soft"), "fontSize": f.size - 1}
    for v in (0.2, 0.5, 1, 2, 5, 10):
        if f.y[0] <= v <= f.y[1]:
            layers.append(text(-8, f.at_y(v), f"{v:g}", align="right", **soft))
    layers.append(text(0, f.plot[1] + 36, "difficulty: ability at which half is solved, points", **soft))
    layers.append(text(-36, -12, "sharpness, per 10 points", **soft))
    x = f.plot[0] - (150 if phone else 300)
    for i, (name, hue) in enumerate(_ACCESS.items()):
        at = (x + i * 100, -12) if not phone else (f.plot[0] - 96, f.plot[1] - 50 + 17 * i)
        layers += [dot(at[0], at[1], color=color(hue), size=70), text(at[0] + 9, at[1], name, fontSize=f.size - 1)]
    room, points = Room(*f.plot), []
    for r in rows:
        px, py = f.at_x(r["difficulty_points"]), f.at_y(r["discrimination"])
        room.mark(px, py)
        hue = color(_ACCESS.get(r["access"], "without"))
        layers.append(dot(px, py, color=hue, size=20 + min(240, 3 * r["n_models"]), opacity=0.85))
        words = (
            f"{r['name']}: {r['n_models']} models\ndifficulty {r['difficulty_points']:.0f}, sharpness"
            f" {r['discrimination']:.2f}"
        )
        points.append(f.point(r["difficulty_points"], r["discrimination"], words))
    for r in rows:
        name = str(r["name"])
        px, py = f.at_x(r["difficulty_points"]), f.at_y(r["discrimination"])
        wide = 0.5 * (f.size - 1) * len(name)
        if box := room.place([(px + 10, py - 8, px + 10 + wide, py + 8), *around(px, py, wide, 16, above=False)]):
            layers.append(text(box[0], box[1] + 8, name, fontSize=f.size - 1))
    return Picture(chart=f.layer(*layers), points=points, frame=f)


READING_WORDS = {
    "trained": "end of training",
    "non-reasoning": "non-reasoning only",
    "open": "open weights only",
    "not-distilled": "not distilled only",
    "held-back": "held-back questions",
    "public": "public questions",
    "independent": "independent scores",
}


def _changes(row: Row) -> list[tuple[str, str]]:
    """Return which settings differ from the base case, and to what."""
    base = (
        ("clock", "clock", "released"),
        ("models compared with", "comparison", "all"),
        ("benchmarks", "benchmarks", "all"),
    )
    return [(words, str(row[key])) for words, key, usual in base if row.get(key) not in (usual, None, "")]
