"""What stood before and after each rule, and the least change that could have been seen there.

A comparison that could see only a change larger than the whole lag is no evidence either way, and is told to be none.
"""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.effect.pass_through import NEAR_BEST_POINTS, SINCE
from leadtime.errors import LeadtimeError
from leadtime.supply.arrivals import quarter_of
from leadtime.units import DAYS_PER_MONTH, to_day

if TYPE_CHECKING:
    from leadtime.study import Study

#: The rules whose days are looked at; what changed on each is in the rules log.
RULE_DAYS = (
    (dt.date(2022, 10, 7), "controls of October 2022"),
    (dt.date(2023, 11, 17), "controls of October 2023"),
    (dt.date(2024, 12, 2), "memory and tools, December 2024"),
    (dt.date(2025, 4, 9), "H20 barred"),
    (dt.date(2026, 1, 15), "H200 case by case"),
)
#: Normal quantiles of a two-sided test at 5 % that finds what is there four times in five.
_SEEN = 1.959964 + 0.841621
_Z90 = 1.6448536269514722
#: American laboratories that set the frontier are no controls; months before a release counts as after a rule.
LEADERS, DELAYS_MONTHS, WINDOW_MONTHS = ("openai", "anthropic", "google-deepmind", "google"), (0, 6), 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A comparison before and after a day.

    Args:
        rule: The rule.
        on: Its day.
        measure: `lag`, `share`, `legal_share` or `releases` (gaps at release, Chinese laboratories against others).
        unit: `months` or `fraction`.
        change: Median and 90 % interval, or the estimate alone, twice empty, or None if it cannot be estimated.
        detectable: The least true change that would be found four times in five, or None if nothing can be.
        p: Share of assignments of laboratories with a difference as large, for `releases`.
        note: What stands against it, or why it cannot be estimated.
    """

    rule: str
    on: dt.date
    measure: str
    unit: str
    change: tuple[float, float, float] | None
    detectable: float | None
    p: float | None = None
    note: str = ""


def changes(study: "Study", days: Sequence[tuple[dt.date, str]] | None = None) -> list[Change]:
    """Return every comparison around every rule, with the least change that it could have shown.

    Args:
        study: The study.
        days: Other days with a name for each, instead of those of the rules.
    """
    wanted = RULE_DAYS if days is None else days
    lags, gaps = quarterly_lags(study), _gaps(study)
    scatter = _scatter(lags)
    found: list[Change] = []
    for day, rule in wanted:
        if day > study.as_of:
            continue
        found += _shares(study, day, rule)
        found.append(_lag(lags, scatter, day, rule))
        found += [_releases(gaps, day, rule, delay) for delay in DELAYS_MONTHS]
    return found


def quarterly_lags(study: "Study") -> pl.DataFrame:
    """Return the daily mean of the lag by quarter since mid-2023: rows of date (the day after), median, low, high."""
    from dataclasses import replace

    from leadtime import lag

    worlds, china, usa = study.worlds(), study.mask("CHN"), study.mask("USA")
    rows = []
    for day in pl.date_range(dt.date(SINCE.year, SINCE.month + 3, 1), study.evidence_through, "1q", eager=True):
        end = to_day(day)
        try:
            months = lag.daily_mean(replace(worlds, as_of=end), china, usa, start=end - 91.0, end=end).months
        except LeadtimeError:
            continue
        low, median, high = np.quantile(months[np.isfinite(months)], [0.05, 0.5, 0.95])
        rows.append({"date": day, "median": float(median), "low": float(low), "high": float(high)})
    return pl.DataFrame(rows, schema={"date": pl.Date, "median": pl.Float64, "low": pl.Float64, "high": pl.Float64})


def _scatter(lags: pl.DataFrame) -> float | None:
    """Return the standard deviation of the change of a yearly mean where nothing happened: the quarters as AR(1),
    integrated over a grid.

    Flat priors on persistence (0 to 0.98) and on the log of the spread; the first quarter as drawn from the stationary
    law.
    """
    y = lags["median"].to_numpy()
    if len(y) < 6:
        return None
    phi, sd = np.linspace(0, 0.98, 50)[:, None], np.exp(np.linspace(np.log(0.3), np.log(15), 60))[None, :]
    precision = 1 / (sd**2 * (1 - phi**2))  # of each step
    # mean integrated out: y = m + AR(1); sums of the joint precision
    ones = (1 - phi**2) + (len(y) - 1) * (1 - phi) ** 2
    step = (y[1:, None, None] - phi * y[:-1, None, None]) if len(y) > 1 else np.zeros((0, 1, 1))
    cross = (1 - phi**2) * y[0] + (1 - phi) * step.sum(axis=0)
    square = (1 - phi**2) * y[0] ** 2 + (step**2).sum(axis=0)
    log = (
        -0.5 * precision * (square - cross**2 / ones)
        + 0.5 * len(y) * np.log(precision)
        + 0.5 * np.log(1 - phi**2)
        - 0.5 * np.log(ones * precision)
    )
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    w = np.array([-0.25] * 4 + [0.0] + [0.25] * 4)
    apart = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    unit = np.array([float(w @ (p**apart) @ w) for p in phi[:, 0]])
    return float(np.sqrt((weight * unit[:, None] * sd**2).sum()))


def _lag(lags: pl.DataFrame, scatter: float | None, day: dt.date, rule: str) -> Change:
    found = lag_break(lags, day)
    change = (found["lag_change_low"], found["lag_change_median"], found["lag_change_high"]) if found else None
    if scatter is None or change is None:
        return Change(
            rule=rule,
            on=day,
            measure="lag",
            unit="months",
            change=change,
            detectable=None,
            note="No model was measured on both sides.",
        )
    error = float(((lags["high"] - lags["low"]) / (2 * _Z90)).mean() or 0.0)  # type: ignore[arg-type]
    least = _SEEN * float(np.hypot(scatter, error))
    late = " One American model alone bounded much of the lag before mid-2024." if day < dt.date(2025, 7, 1) else ""
    return Change(
        rule=rule,
        on=day,
        measure="lag",
        unit="months",
        change=change,
        detectable=least,
        note=f"By chance alone a year's mean moves by {scatter:.1f} months.{late}",
    )


def lag_break(lags: pl.DataFrame, day: dt.date) -> dict[str, float]:
    """Return the change of the mean lag from the year before a day to the year after; nothing without two quarters of
    each.

    The interval rests on the scatter of quarters, estimated from few (hence Student's t), and on the error of each;
    quarters share their abilities, so their own error does not average out.

    Args:
        lags: Rows of date, median, low and high by quarter, each date the day after it.
        day: The day; its own quarter counts for neither side.
    """
    from scipy.special import stdtrit

    known = {
        quarter_of(d - dt.timedelta(days=1)): v for d, *v in lags.select("date", "median", "low", "high").iter_rows()
    }
    at = day.year * 4 + (day.month - 1) // 3
    sides = [
        [known[q] for i in quarters if (q := f"{i // 4}Q{i % 4 + 1}") in known]
        for quarters in (range(at - 4, at), range(at + 1, at + 5))
    ]
    if min(map(len, sides)) < 2:
        return {}
    a, b = (np.array(s) for s in sides)
    change = float(b[:, 0].mean() - a[:, 0].mean())
    error = sum(x[:, 0].var(ddof=1) / len(x) + np.mean(((x[:, 2] - x[:, 1]) / (2 * _Z90)) ** 2) for x in (a, b))
    half = float(stdtrit(len(a) + len(b) - 2, 0.95) * np.sqrt(error))
    return {"lag_change_low": change - half, "lag_change_median": change, "lag_change_high": change + half}


def _shares(study: "Study", day: dt.date, rule: str) -> list[Change]:
    """Return the change of China's share of arrivals, a year before against a year after, as far as quarters are
    counted.
    """
    supply = study.supply
    names, f = supply.history.quarters, supply.flows
    at = (day.year - int(names[0][:4])) * 4 + (day.month - 1) // 3
    before, after = list(range(max(at - 4, 0), at)), [i for i in range(at + 1, at + 5) if i < len(names)]
    if not before or not after:
        return []
    legal = f["legal"] / sum(v for k, v in f.items() if k in ("legal", "usa", "rest"))
    out = []
    for name, values in (("legal_share", legal), ("share", supply.share_of_china("flow"))):
        change = values[:, after].mean(axis=1) - values[:, before].mean(axis=1)
        low, median, high = (float(v) for v in np.quantile(change, [0.05, 0.5, 0.95]))
        guessed = any(
            p.assumed and p.path[[*before, *after]].any() for p in supply.history.counts.pieces if p.stream != "inside"
        )
        out.append(
            Change(
                rule=rule,
                on=day,
                measure=name,
                unit="fraction",
                change=(low, median, high),
                detectable=_SEEN * float(change.std()),
                note="Partly assumed: not all chips were counted." if guessed else "",
            )
        )
    return out


def _releases(gaps: pl.DataFrame, day: dt.date, rule: str, delay: int) -> Change:
    """Return how gaps at release of Chinese laboratories changed against those of others, all assignments of
    laboratories permuted.
    """
    from scipy.special import stdtrit

    what = f"releases, {delay} months later" if delay else "releases"
    treated, control = (_differences(gaps, day, delay, chinese=c) for c in (True, False))
    base: dict[str, Any] = {"rule": rule, "on": day, "measure": what, "unit": "months"}
    if min(len(treated), len(control)) < 2:
        return Change(
            **base,
            change=None,
            detectable=None,
            note=(
                f"{len(treated)} Chinese and {len(control)} other laboratories released near their best on both sides."
            ),
        )
    both = np.concatenate([treated, control])
    effect = float(treated.mean() - control.mean())
    others = [
        both[list(c)].mean() - np.delete(both, list(c)).mean()
        for c in itertools.combinations(range(len(both)), len(treated))
    ]
    p = float(np.mean(np.abs(others) >= abs(effect) - 1e-9))
    free = len(both) - 2
    variance = (treated.var(ddof=1) * (len(treated) - 1) + control.var(ddof=1) * (len(control) - 1)) / free
    error = float(np.sqrt(variance * (1 / len(treated) + 1 / len(control))))
    half, least = (error * float(q) for q in (stdtrit(free, 0.95), stdtrit(free, 0.975) + stdtrit(free, 0.8)))
    return Change(
        **base,
        change=(effect - half, effect, effect + half),
        detectable=least,
        p=p,
        note=(
            f"{len(treated)} Chinese against {len(control)} other laboratories; the smallest possible p is"
            f" {1 / len(others):.2g}."
        ),
    )


def _differences(gaps: pl.DataFrame, day: dt.date, delay: int, *, chinese: bool) -> Floats:
    """Return, laboratory by laboratory, the mean gap at release in the year after a day less that in the year before,
    months.
    """
    start = to_day(day)
    wide = WINDOW_MONTHS * DAYS_PER_MONTH
    late = start + delay * DAYS_PER_MONTH
    out = []
    for lab in gaps["lab"].unique().sort():
        some = gaps.filter(pl.col("lab") == lab)
        if (some["country"][0] == "CHN") is not chinese or lab in LEADERS:
            continue
        before = some.filter(pl.col("day").is_between(start - wide, start, closed="left"))["gap"]
        after = some.filter(pl.col("day").is_between(late, late + wide, closed="left"))["gap"]
        if before.len() and after.len():
            out.append(float(after.to_numpy().mean() - before.to_numpy().mean()))
    return np.array(out)


def _gaps(study: "Study") -> pl.DataFrame:
    """Return the months from each release near its laboratory's best back to the first model as able of another
    laboratory.
    """
    worlds = study.worlds()
    info = (
        study.evidence["models"]
        .select("id", "organization")
        .join(
            study.evidence["organizations"].select(organization="id", country="country"), on="organization", how="left"
        )
    )
    lab, country = ({r[0]: r[i] for r in info.iter_rows()} for i in (1, 2))
    labs = np.array([lab[m] for m in worlds.models])
    ability, day = np.median(worlds.ability, axis=0), np.median(worlds.day, axis=0)
    near = NEAR_BEST_POINTS / float(np.median(worlds.scale_points))
    rows = []
    for i, name in enumerate(worlds.models):
        own = (labs == labs[i]) & (day <= day[i])
        if ability[i] < ability[own].max() - near:
            continue
        first = np.where((labs != labs[i]) & (ability >= ability[i]), day, np.inf).min()
        rows.append(
            {
                "lab": lab[name],
                "country": country[name] or "",
                "day": float(day[i]),
                "gap": float(max(day[i] - first, 0.0) / DAYS_PER_MONTH),
            }
        )
    return pl.DataFrame(rows)
