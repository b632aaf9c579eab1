"""The report's chapter on chips and the fork: what arrived, what may follow, and how much the rules changed."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.answers.words import day
from leadtime.backtest.standing import standing
from leadtime.errors import LeadtimeError
from leadtime.figures import fork as figures
from leadtime.figures.fans import lag_fans
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter, json_rows, spread
from leadtime.report.fork_standing import standing_tables
from leadtime.report.said import percent
from leadtime.report.tables import Table
from leadtime.report.tables_supply import shares
from leadtime.scenario import sensitivity
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import middle
from leadtime.scenario.observed import quarter_lags
from leadtime.supply import like
from leadtime.supply.arrivals import quarter_of

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

SHOWN = ("as-is", "no-controls", "strengthened", "curtailed")
BY = "2028Q4"
_CHANNELS = ("legal", "diverted", "domestic", "rented")


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None on a day when no count of arrivals was public."""
    try:
        fork: Fork = study.fork
        study.progress("scenarios", 0.92)
        rows = fork.summary(list(fork.scenarios), BY)
    except LeadtimeError:
        return None
    now = quarter_of(study.as_of)
    effect, later = fork.effect().at(now), fork.effect().at(BY)
    price = fork.price_of_a_month("as-is", "no-controls", BY)
    compared = study.supply.compared()
    missed = _missed(fork, study)
    stands = standing(fork)
    bars = sensitivity.tornado(fork.draws, sensitivity.outcome(fork.world, fork.scenario("as-is"), BY)).head(12)
    return Chapter(
        name="fork",
        title="Chips that arrive, and the fork",
        lead=lead(stands, effect, now),
        figures=_figures(study, fork, bars),
        tables=(
            *_shares(study),
            _scenarios(rows),
            _effects(effect, later, now, price, fork.effect().denied(BY)),
            *standing_tables(stands),
            _calibration(fork, stands, missed),
            _estimates(compared),
        ),
        json={
            "layer": "conditional",
            "by": BY,
            "scenarios": rows,
            "effect": {now: effect, BY: later},
            "price_of_a_month_usd": price,
            "tornado": json_rows(bars),
            "constraints": json_rows(fork.ensemble.checks),
            "supply": json_rows(study.supply.table()),
            "estimates_of_others": json_rows(compared),
            "standing": stands,
            "effective_sample_size": fork.ensemble.effective,
            "ensemble": fork.ensemble.key,
        },
    )


def lead(stands: dict[str, Any], effect: dict[str, float], now: str) -> str:
    """Return first whether the simulation reproduces the measured path, then its effect, as one model's answer."""
    variance = stands["variance"]
    return (
        f"{stands['sentence']} In our simulation, one model's answer, the rules add {effect['median']:.1f} months"
        f" ({effect['low']:.1f} to {effect['high']:.1f}) to the lag of {now[:4]} Q{now[-1]}, and more than half a month"
        f" with probability {1 - effect['p_nothing_or_less']:.2f}. What the data moved explains"
        f" {percent(variance['by_moved'])} of the spread of that number; assumptions that they did not move,"
        f" {percent(variance['by_others'])}. The chapter on what the rules changed sets it beside what follows from"
        " less."
    )


def _shares(study: "Study") -> tuple[Table, ...]:
    """Return China's share before and now, each way it can be compared; nothing where a period is not counted."""
    try:
        return (shares(like.table(study.supply)),)
    except LeadtimeError:
        return ()


def _when(quarter: str) -> dt.date:
    return middle(QUARTERS.index(quarter))


def _figures(study: "Study", fork: "Fork", bars: pl.DataFrame) -> tuple[Figure, ...]:
    end = (
        f"leadtime, evidence {study.evidence.hash}, ensemble {fork.ensemble.key[:12]}, {fork.ensemble.n}"
        " configurations, 90% bands."
    )
    lags, chart = lag_fans(study, fork.table(SHOWN, ("lag_months",)), {n: fork.scenario(n).title for n in SHOWN})
    stock = (
        fork.table(["as-is"], tuple(f"{c}_h100e" for c in _CHANNELS))
        .filter(pl.col("quarter") <= "2028Q4")
        .with_columns(
            channel=pl.col("variable").str.strip_suffix("_h100e"),
            when=pl.col("quarter").map_elements(_when, return_dtype=pl.Date),
            **{c: pl.col(c) / 1e6 for c in ("low", "median", "high")},
        )
    )
    stock = stock.with_columns(place=pl.col("channel").replace_strict({c: i for i, c in enumerate(_CHANNELS)}))
    changed = fork.effect()
    effect, sales = _by_quarter(changed.months), _by_quarter(changed.revenue_forgone_usd / 1e9)
    return (
        Figure(
            name="fork",
            title="The fork: how far behind, under which policy",
            description=(
                "Lag of China behind the US by quarter under four policies, each a line with its band, and the lags"
                " measured so far."
            ),
            method="",
            n=f"{len(SHOWN)} scenarios",
            chart=chart,
            data=lags,
            caption=(
                f"As of {day(study.as_of)}. Conditional on each policy, no forecast of policy. Points: measured, mean"
                " of the quarter, by two readings; the shift between two like frontiers lies between them. Bars: from"
                " the low end of one to the high end of the other, 90%. The simulation is fitted to their middle. A"
                f" world without controls never was, so that line can never be checked. {end}"
            ),
        ),
        Figure(
            name="channels",
            title="What China has and uses, by channel, as it is",
            description=(
                "Stacked areas: chips imported under the rules, diverted, made at home, and rented in third countries."
            ),
            method="",
            n=f"{len(_CHANNELS)} channels",
            chart=figures.channels(stock),
            data=stock.drop("when", "place"),
            caption=(
                f"As of {day(study.as_of)}; counted to {max(fork.world.history.quarters)}, simulated after. Medians;"
                " domestic includes dies made abroad through others, at their rating. Arrivals: Epoch AI (CC BY 4.0)."
                f" {end}"
            ),
        ),
        Figure(
            name="effect",
            title="How much the rules changed the lag, by the simulation",
            description=(
                "The lag with the rules as they are minus the lag without rules since 2022, draw by draw, in months, by"
                " quarter."
            ),
            method="",
            n=f"{fork.ensemble.n} draws",
            chart=figures.difference(effect, " months"),
            data=effect.drop("when"),
            caption=(
                f"As of {day(study.as_of)}. Difference in the same draws. The data constrain its size little: see the"
                f" tables. {end}"
            ),
        ),
        Figure(
            name="costs",
            title="What the rules cost in sales, by the simulation",
            description="Sales to China forgone since 2022 against no controls, draw by draw, by quarter.",
            method="",
            n=f"{fork.ensemble.n} draws",
            chart=figures.difference(sales, " billion"),
            data=sales.drop("when"),
            caption=(
                f"As of {day(study.as_of)}. Chips that China would have bought at a price that falls each year; what"
                f" others bought in their place is not taken off. {end}"
            ),
        ),
        Figure(
            name="drivers",
            title="Which inputs move the lag of 2028 most, as it is",
            description=(
                "Bars from the median lag with one input at the low end of its range to that at the high end (dot)."
            ),
            method="",
            n=f"{bars.height} of {len(fork.draws)} inputs",
            chart=figures.tornado(bars),
            data=bars,
            caption=(
                f"As of {day(study.as_of)}. Each input at its 5% and 95% quantile in the ensemble, the others as"
                f" drawn. {end}"
            ),
        ),
    )


def _by_quarter(values: Any) -> pl.DataFrame:
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95], axis=1)
    bands = pl.DataFrame(
        {"quarter": QUARTERS, "when": [_when(q) for q in QUARTERS], "low": low, "median": median, "high": high}
    )
    return bands.filter(pl.col("quarter") >= "2022Q3")


def _band(r: dict[str, Any], name: str, form: str = "{:.1f}") -> str:
    if r.get(f"{name}_median") is None:
        return "–"
    low, median, high = (form.format(r[f"{name}_{k}"]).replace("-", "−") for k in ("low", "median", "high"))
    return f"{median} ({low} to {high})"


def _scenarios(rows: list[dict[str, Any]]) -> Table:
    return Table(
        name="scenarios",
        title=f"Scenarios at the end of {BY[:4]}",
        caption=(
            "Months behind; change against as it is, draw by draw; US stock over what China uses (dense 8-bit"
            " H100-equivalents); what 1, 5 and 20% of what China uses would be for military work, as no share is"
            " known."
        ),
        columns=(
            ("Scenario", False),
            ("Lag", True),
            ("Change", True),
            ("P(over 6 / 12 / 24)", True),
            ("US:China", True),
            ("1 / 5 / 20%, thousand H100e", True),
        ),
        rows=tuple(
            (
                r["title"],
                _band(r, "lag"),
                "–" if r["scenario"] == "as-is" else _band(r, "change", "{:+.1f}"),
                " / ".join(f"{r[f'p_over_{m}']:.2f}" for m in (6, 12, 24)),
                _band(r, "ratio_used"),
                " / ".join(f"{r[f'military_{s}_percent_h100e'] / 1e3:,.0f}" for s in (1, 5, 20)),
            )
            for r in rows
        ),
    )


def _effects(
    effect: dict[str, float], later: dict[str, float], now: str, price: dict[str, float], denied: dict[str, float]
) -> Table:
    """Return what the rules changed by the simulation, and what that cost, in rows."""

    def row(what: str, found: dict[str, float], by: float, form: str) -> tuple[str, str]:
        low, median, high = (form.format(found[k] / by) for k in ("low", "median", "high"))
        return what, f"{median} ({low} to {high})"

    rows = [row(f"Months added to the lag, {q}", e, 1.0, "{:.1f}") for q, e in ((now, effect), (BY, later))]
    if price:
        rows.append(row(f"Sales forgone for each month until {BY[:4]}, billion US dollars", price, 1e9, "{:,.0f}"))
    rows.append(
        row(
            f"Computing power that China does without until {BY[:4]}, civil and other, million H100e-years",
            denied,
            1e6,
            "{:.0f}",
        )
    )
    return Table(
        name="rules-effect",
        title="What the rules changed, by the simulation",
        caption="Simulated: the rules as they are minus no rules, in the same draws.",
        columns=(("What", False), ("Median [90%]", True)),
        rows=tuple(rows),
    )


def _calibration(fork: "Fork", stands: dict[str, Any], missed: str) -> Table:
    e = fork.ensemble
    p = {r["constraint"]: r["p"] for r in stands["p_values"]}
    return Table(
        name="calibration",
        title="What was observed, and what it left of the priors",
        caption=(
            f"{e.prior_draws:,} prior draws, effective {e.effective:,.0f} after weighting; {e.n} kept. The last column:"
            f" the effective size were the observation left out. {missed} It is fitted to these years, so that its"
            " errors there are no forecasts: scored ones are in “Our own record”. p: the chance of an observation as"
            " far off as this one if the simulation held (posterior-predictive, two-sided); of all together"
            f" {stands['p_all']:.2f}. Figures of one source, and lags of neighboring years, err together and count"
            " little more than once."
        ),
        columns=(
            ("Observed", False),
            ("Value", True),
            ("Prior", True),
            ("Left", True),
            ("p", True),
            ("Effective without", True),
        ),
        rows=tuple(
            (
                f"{r['words']}, {r['constraint'].split('-', 1)[1]}",
                spread(r["observed_low"], r["observed"], r["observed_high"]),
                spread(r["prior_low"], r["prior_median"], r["prior_high"]),
                spread(r["posterior_low"], r["posterior_median"], r["posterior_high"]),
                f"{p[r['constraint']]:.2f}",
                f"{r['effective_without']:,.0f}",
            )
            for r in e.checks.iter_rows(named=True)
        ),
    )


def _missed(fork: "Fork", study: "Study") -> str:
    """Return how many measured quarters the simulation's band misses, though it was fitted to them."""
    band = np.quantile(fork.run("as-is")["lag_months"], [0.05, 0.95], axis=1)
    seen = {i: np.quantile(x, [0.05, 0.95]) for i, x in quarter_lags(study).items()}
    out = sum(high < band[0][i] or low > band[1][i] for i, (low, high) in seen.items())
    return (
        f"The simulation's 90% band misses {out} of {len(seen)} measured quarters altogether (the middle of both"
        " readings)."
    )


def _estimates(compared: pl.DataFrame) -> Table:
    return Table(
        name="supply-estimates",
        title="What others publish on chips, beside these tables",
        caption=(
            "Units, scopes and days differ: a ratio without them means nothing. A dash: later than the last counted"
            " quarter, or another unit."
        ),
        columns=(
            ("Quantity", False),
            ("Day", False),
            ("Published", True),
            ("Ours", True),
            ("Counted in; scope", False),
            ("Means", False),
        ),
        rows=tuple(
            (
                r["quantity"].replace("_", " "),
                str(r["period_end"]),
                spread(r["low"], r["value"], r["high"]),
                spread(r["our_low"], r["our_median"], r["our_high"]),
                "; ".join(x for x in (r["unit_basis"], r["scope"]) if x) or "–",
                r["definition"],
            )
            for r in compared.iter_rows(named=True)
        ),
    )
