"""The lags of scenarios by quarter, beside the lags that were measured."""

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import polars as pl

from leadtime.figures.fork import BRACKETS, fans
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import middle
from leadtime.scenario.observed import quarter_readings

if TYPE_CHECKING:
    from leadtime.study.lags import Lags


def lag_fans(study: "Lags", bands: pl.DataFrame, titles: dict[str, str]) -> tuple[pl.DataFrame, alt.LayerChart]:
    """Return the lags of scenarios by quarter from 2023 on, and their chart beside the lags that were measured.

    Args:
        study: The study.
        bands: Rows of scenario, variable, quarter, low, median, high.
        titles: Title of each scenario.
    """
    lags = bands.filter(pl.col("variable") == "lag_months", pl.col("quarter") >= "2023Q1").with_columns(
        title=pl.col("scenario").replace(titles),
        when=pl.col("quarter").map_elements(lambda q: middle(QUARTERS.index(q)), return_dtype=pl.Date),
    )
    return lags.with_columns(when=pl.col("quarter")), fans(lags, _measured(study), list(titles.values()))


def _measured(study: "Lags") -> pl.DataFrame:
    """Return by quarter and reading the median of the measured lag, and from where to where both readings reach together."""
    rows = []
    for i, both in quarter_readings(study).items():
        low, high = float(np.quantile(both[0], 0.05)), float(np.quantile(both[1], 0.95))
        rows += [
            {"when": middle(i), "reading": name, "median": float(np.median(x)), "low": low, "high": high}
            for name, x in zip(BRACKETS, both, strict=True)
        ]
    kinds = {"when": pl.Date, "reading": pl.String, "median": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema=kinds)
