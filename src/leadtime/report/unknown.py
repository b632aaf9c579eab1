"""What the first page does not know: the objections that a critical reader would raise, each with its number, before it
is raised.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.answers.words import chance
from leadtime.backtest.standing import standing
from leadtime.effect.series import sentences
from leadtime.errors import LeadtimeError
from leadtime.quantities import value
from leadtime.report.chapter import spread
from leadtime.report.said import DIVERTED_IN, band, compared, percent, percents, spoken
from leadtime.report.tables import months, number
from leadtime.study.headline import LINES_SINCE, MEAN_SINCE, OTHERS_ALONE
from leadtime.supply import like
from leadtime.supply.arrivals import designer, listed

if TYPE_CHECKING:
    from leadtime.study import Study


def unknown(study: "Study") -> tuple[str, ...]:
    """Return what is not known, a few sentences each; what cannot be told on the study's day is left out."""
    return tuple(u for make in _UNKNOWN if (u := _said(make, study)))


def _said(make: Callable[["Study"], str], study: "Study") -> str:
    try:
        return make(study)
    except LeadtimeError:
        return ""


def _cause_unknown(study: "Study") -> str:
    found = study.effect()
    seen = [r["detectable"] for r in found.detectable if r["measure"] == "lag" and r["detectable"] is not None]
    record = (
        f"The record of the gap around a rule could show {min(seen):.1f} months or more at best"
        if seen
        else "No rule has measured gaps on both sides"
    )
    return (
        f"What the rules caused. {record}. Computing power 2.7 times as large goes with anything from"
        f" {_least(found.pass_through)} months of gap. How much computing power China would have had without the rules"
        " is an assumption."
    )


def _least(rows: list[dict[str, Any]]) -> str:
    return f"{number(min(r['lower_months'] for r in rows))} to {number(max(r['upper_months'] for r in rows))}"


def _diversion_unknown(study: "Study") -> str:
    draws = value(study, "supply.diverted", {})
    low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return (
        f"How many chips evade the rules. One published estimate gives {spread(low, median, high)} H100-equivalents by"
        f" the end of {DIVERTED_IN}. It divides known cases by a guess of how many come to light."
    )


def _counted(study: "Study") -> str:
    s, same = (compared(study, like.BEFORE_ANY, makers) for makers in ("all", "same"))
    if not s.assumed:
        return ""
    said = (
        "How China's share moved since before any rule on chips. Nobody counted all chips then. We assume, with"
        f" ranges: {listed(s.assumed)}. If that holds, the share was {percents(s.first)} in {spoken(s.before)} and"
        f" {percents(s.second)} in {spoken(s.after)}. The chance that it fell is {chance(s.p_fell)}."
    )
    return (
        f"{said} With {listed([designer(m) for m in same.makers])} and counted Chinese chips alone it is"
        f" {chance(same.p_fell)}."
    )


def _few_quarters(study: "Study") -> str:
    s = study.effect().series
    if s["independent_median"] is None:
        return ""
    level = band(value(study, "lag.level", {}))
    return (
        "Whether one year is typical. The range of the past year holds error of measurement alone. "
        f"{sentences(s)[0]} The level behind the gaps, with error of sampling too, is {level} months."
    )


def _whose_scores(study: "Study") -> str:
    rows = {r["choice"]: r for r in study.lag_sensitivity().iter_rows(named=True)}
    if (r := rows.get(OTHERS_ALONE)) is None or r["p_grew"] is None:
        return ""
    lag = months(r["past_year"], r["past_year_low"], r["past_year_high"])
    return (
        f"Whose scores are right. By {OTHERS_ALONE} the gap of the past year is {lag} months, and the chance that it"
        f" grew is {chance(r['p_grew'])}. These are fewer models on fewer tests."
    )


def _first_day(study: "Study") -> str:
    rows = study.lag_sensitivity()
    mean, lines = (
        rows.filter(pl.col("choice").str.starts_with(words))["past_year"].to_list()
        for words in (MEAN_SINCE, LINES_SINCE)
    )
    if len(mean) < 2:
        return ""
    said = (
        f"From which day to count. Over {len(mean)} first days the mean gap goes from {number(mean[0])} to"
        f" {number(mean[-1])} months"
    )
    if len(lines) > 1:
        said += f", and the gap between two trend lines from {number(lines[0])} to {number(lines[-1])}"
    return f"{said}. The past year has no first day to choose."


def _simulation_unknown(study: "Study") -> str:
    stands = standing(study.fork)
    moved, quarter = stands["variance"], stands["effect"]["quarter"]
    return (
        f"Whether the simulation is right. {stands['sentence']} Of the spread of its effect in {spoken(quarter)},"
        f" assumptions that the data moved explain {percent(moved['by_moved'])}. Those that no data moved explain"
        f" {percent(moved['by_others'])}."
    )


def _released_only(study: "Study") -> str:
    return (
        "What is not released. Only models that others could test are measured. Secret and military use is not seen at"
        " all."
    )


def _definitions(study: "Study") -> str:
    from leadtime.study import lag_definitions

    medians = [m for d in lag_definitions("group") if np.isfinite(m := study.lag(definition=d.name).median)]
    return (
        f"Which gap is meant. By {len(medians)} meanings of “behind” the middle estimates run from {min(medians):.1f}"
        f" to {max(medians):.1f} months."
    )


_UNKNOWN: tuple[Callable[["Study"], str], ...] = (
    _cause_unknown,
    _simulation_unknown,
    _counted,
    _diversion_unknown,
    _definitions,
    _few_quarters,
    _whose_scores,
    _first_day,
    _released_only,
)
