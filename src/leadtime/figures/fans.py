"""Sets of rules as lines of gaps, beside the gaps that were measured."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.figures.events import Event, events_of
from leadtime.figures.gaps import At, Line, Scene, gaps
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import middle, next_quarter
from leadtime.scenario.observed import quarter_lags, quarter_readings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leadtime.figures.frame import Picture
    from leadtime.study.lags import Lags

#: How scenarios that ship are named and colored on a chart; others take colors in turn.
_KNOWN = {
    "as-is": ("Today's rules", "ink"),
    "no-controls": ("No rules since 2022", "without"),
    "strengthened": ("Tougher rules", "yours"),
    "curtailed": ("Looser rules", "looser"),
}
_OTHERS = ("blue", "pink", "olive", "sky", "yours", "looser")
_LAST = "2028Q4"


def lag_fans(
    study: "Lags", bands: pl.DataFrame, titles: "Mapping[str, str]", by: str = _LAST, added: str = ""
) -> "tuple[pl.DataFrame, Callable[[int], Picture]]":
    """Return the gaps of scenarios by quarter from 2023 on with those measured, and their chart.

    Args:
        study: The study.
        bands: Rows of scenario, variable, quarter, low, median, high.
        titles: Title of each scenario.
        by: The last quarter that is drawn, at least `2028Q4`.
        added: What the rules add today, such as `1.4 months (0.2 to 3.5)`; empty where nothing is said.
    """
    last = max(by, _LAST)
    lags = bands.filter(
        pl.col("variable") == "lag_months", pl.col("quarter").is_between(pl.lit("2023Q1"), pl.lit(last))
    )
    spare = [c for c in _OTHERS if c not in {_KNOWN[n][1] for n in titles if n in _KNOWN}]
    lines: list[Line] = []
    for name in sorted(titles, key=lambda n: n != "as-is"):
        title, hue = _KNOWN.get(name) or (titles[name], spare.pop(0) if spare else "other")
        rows = lags.filter(pl.col("scenario") == name)
        lines.append(line(title[:24], rows, hue, dashed=name == "no-controls", band=not lines))
    drawn = Scene(
        measured=measured(study),
        begins=next_quarter(study.evidence.as_of),
        words=("Simulated:", "what would follow"),
        events=events(study),
        added=("What the rules add today,", f"simulated: {added}") if added else ("", ""),
    )
    seen = [
        {"scenario": "measured", "quarter": m.quarter, "low": m.low, "median": m.median, "high": m.high}
        for m in drawn.measured
    ]
    own = lags.with_columns(title=pl.col("scenario").replace(dict(titles)))
    data = pl.concat([own, pl.DataFrame(seen, infer_schema_length=None)], how="diagonal") if seen else own
    return data, lambda width: gaps(width, lines, drawn)


def line(title: str, rows: pl.DataFrame, hue: str, *, dashed: bool = False, band: bool = False) -> Line:
    """Return a line of rows of quarter, low, median, high."""
    points = [
        At(when(r["quarter"]), r["quarter"], r["low"], r["median"], r["high"]) for r in rows.iter_rows(named=True)
    ]
    return Line(title=title, points=points, hue=hue, dashed=dashed, band=band)


def measured(study: "Lags") -> list[At]:
    """Return the gaps that were measured by quarter: the middle of two readings, from the low end of one to the high
    end of the other.
    """
    middles = quarter_lags(study)
    return [
        At(
            middle(i),
            QUARTERS[i],
            float(np.quantile(both[0], 0.05)),
            float(np.median(middles[i])),
            float(np.quantile(both[1], 0.95)),
        )
        for i, both in quarter_readings(study).items()
        if QUARTERS[i] >= "2023Q1" and i in middles
    ]


def events(study: "Lags") -> tuple[Event, ...]:
    """Return the days of rules that charts mark and that were known on the study's day."""
    return events_of(study.rules.log.tables["rule_events"], study.evidence.as_of)


def when(quarter: str) -> dt.date:
    """Return the middle day of a simulated quarter."""
    return middle(QUARTERS.index(quarter))
