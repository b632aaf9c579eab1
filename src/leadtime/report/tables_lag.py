"""The tables beside the headline: what other choices make of it, and which record bounds the lag."""

import polars as pl

from leadtime.report.said import percent as chance
from leadtime.report.tables import Table, months, number, percent


def choices(frame: pl.DataFrame) -> Table:
    """Return the headline by other choices.

    Args:
        frame: Rows of `Study.lag_sensitivity`.
    """
    return Table(
        name="choices",
        title="What other choices make of the headline",
        caption=(
            "Mean of the past year in months, median and 90% interval of measurement, and its change from the year"
            " before. Abilities are as fitted, but for scores measured by others alone: that row has fewer models and"
            " benchmarks."
        ),
        columns=(("Choice", False), ("Months behind", True), ("Change", True), ("It grew", True)),
        rows=tuple(
            (
                r["choice"],
                months(r["past_year"], r["past_year_low"], r["past_year_high"]),
                number(r["change"]),
                "–" if r["p_grew"] is None else chance(r["p_grew"]),
            )
            for r in frame.iter_rows(named=True)
        ),
    )


def bounding(frame: pl.DataFrame, most: int = 6) -> Table:
    """Return the records that bound the lag.

    Args:
        frame: Rows of `Study.lag_bounding`.
        most: So many of them.
    """
    return Table(
        name="bounding",
        title="Which record bounds the lag, since July 2023",
        caption=(
            "The lag of a day is the time since the first US model above China's best. Until China passes that model,"
            " the lag grows a day a day, whatever China does below it."
        ),
        columns=(("Record", False), ("Of the days", True), ("Of the mean", True), ("Mean on other days, months", True)),
        rows=tuple(
            (r["name"], percent(r["days_fraction"]), percent(r["mean_fraction"]), number(r["without_months"]))
            for r in frame.head(most).iter_rows(named=True)
        ),
    )
