"""The answer to "what did the rules change?", layer by layer: each says what it assumes, and what follows from that
alone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.capability.result import Floats
from leadtime.effect import before_after, pass_through, simulated
from leadtime.effect.bounds import MATTERS_MONTHS, Box
from leadtime.effect.compute import UNITS, World, computes
from leadtime.effect.pass_through import Reading
from leadtime.effect.series import series
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

Row = dict[str, Any]
#: What the grid crosses: e-folds of the ratio of computing power, and months of lag that each is worth.
E_FOLDS, MONTHS_PER_E_FOLD = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5), (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What the rules changed by the end of a quarter.

    Args:
        at: The quarter.
        sentence: The whole answer in a few sentences.
        short: Its first half, for the front page.
        assumptions: What follows from no assumption, and from two. Rows of name, words, low and high (months, None for
            no bound).
        bounds: `compute` (worlds without the rules, by unit), `as_is` (what China can use), `product` (effect by world
            and reading), `grid`, `range`.
        pass_through: Months of lag that go with an e-fold of computing power, by reading.
        simulation: The answer of one model. Empty if the simulation cannot be run.
        detectable: Comparisons before and after, with the smallest change that each could have shown.
        series: What the quarters of lag and computing power show by themselves (see `series`).
    """

    at: str
    sentence: str
    short: str
    assumptions: list[Row]
    bounds: Row
    pass_through: list[Row]
    simulation: Row
    detectable: list[Row]
    series: Row

    def to_json(self) -> Row:
        """Return what JSON can hold."""
        return asdict(self)


def layers(study: "Study", at: str = "") -> Layers:
    """Compute every layer. The first time takes half a minute, since models are fitted and priors are run.

    Args:
        study: The study.
        at: The quarter. The default is the last one with counted arrivals.

    Raises:
        LeadtimeError: Arrivals of the quarter are not counted, or too few runs have a known compute.
    """
    at = at or str(study.supply.history.quarters[-1])
    study.progress("computing power with and without the rules", 0.1)
    worlds = {unit: (c, c.worlds()) for unit, c in computes(study.supply, at).items()}
    study.progress("months of lag per e-fold", 0.3)
    readings = pass_through.readings(study)
    product = [row for unit, (_, some) in worlds.items() for row in _product(unit, some, readings)]
    lag = lag_now(study)
    study.progress("the simulation and its priors", 0.6)
    simulation = _simulation(study, at)
    study.progress("what the data could have shown", 0.9)
    detectable = before_after.changes(study)
    extent = {unit: _range(unit, product) for unit in UNITS}
    return Layers(
        at=at,
        sentence=_sentence(at, extent, lag, detectable),
        short=short(at, extent["int8"]),
        assumptions=_assumptions(lag),
        bounds={
            "as_is": [
                _part(unit, name, draws)
                for unit, (c, _) in worlds.items()
                for name, draws in {**c.as_is, "china": c.china}.items()
            ],
            "compute": [_world(unit, w) for unit, (_, some) in worlds.items() for w in some],
            "product": product,
            "grid": _grid(),
            "range": extent,
        },
        pass_through=[_reading(r) for r in readings],
        simulation=simulation,
        detectable=[_change(c) for c in detectable],
        series=series(study),
    )


def lag_now(study: "Study") -> Floats:
    """Return the lag that the second layer is bounded by: the headline, the mean of the past year, months, shape
    (draw,).
    """
    draws = study.lag_year().draws
    return np.asarray(draws[np.isfinite(draws)])


def _assumptions(lag: Floats) -> list[Row]:
    low, median, high = (float(v) for v in np.quantile(lag, [0.05, 0.5, 0.95]))
    return [
        {
            "name": "nothing",
            "words": "Nothing is assumed: the lag without the rules was never seen.",
            "low_months": None,
            "high_months": None,
            "robust_low_months": None,
            "robust_high_months": None,
        },
        {
            "name": "no-help-no-lead",
            "words": (
                "The rules never helped China, and China would not lead without them: between nothing and the whole"
                f" lag of the past year, {median:.1f} months ({low:.1f} to {high:.1f}). The first is disputed."
            ),
            "low_months": 0.0,
            "high_months": median,
            "robust_low_months": 0.0,
            "robust_high_months": high,
        },
    ]


def _part(unit: str, name: str, draws: Floats) -> Row:
    low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return {"unit": unit, "part": name, "low_h100e": low, "median_h100e": median, "high_h100e": high}


def _box(box: Box, name: str) -> Row:
    (a, b), (c, d) = box.middle, box.robust
    return {f"lower_{name}": a, f"upper_{name}": b, f"robust_low_{name}": c, f"robust_high_{name}": d}


def _world(unit: str, w: World) -> Row:
    lower, upper = w.china.chance(1.0)
    return {
        "unit": unit,
        "world": w.name,
        "words": w.words,
        **_box(w.change, "e_folds"),
        **_box(w.china, "times"),
        "lower_p_less_compute": lower,
        "upper_p_less_compute": upper,
    }


def _reading(r: Reading) -> Row:
    lower, upper = r.months.chance(0.0)
    return {
        "reading": r.name,
        "words": r.words,
        "kind": r.kind,
        **_box(r.months, "months"),
        "lower_p_positive": lower,
        "upper_p_positive": upper,
        "n_models": r.n,
        "r_hat": r.r_hat,
    }


def _product(unit: str, worlds: Sequence[World], readings: Sequence[Reading]) -> list[Row]:
    """Return the effect in months by world and reading, if the largest run follows the stock one for one."""
    rows = []
    for w in worlds:
        for r in readings:
            effect = w.change.times(r.months)
            lower, upper = effect.chance(MATTERS_MONTHS)
            rows.append(
                {
                    "unit": unit,
                    "world": w.name,
                    "reading": r.name,
                    "kind": r.kind,
                    **_box(effect, "months"),
                    "lower_p_matters": lower,
                    "upper_p_matters": upper,
                }
            )
    return rows


def _grid() -> list[Row]:
    return [
        {"e_folds": e, "months_per_e_fold": m, "months": e * m, "matters": e * m >= MATTERS_MONTHS}
        for e in E_FOLDS
        for m in MONTHS_PER_E_FOLD
    ]


def _range(unit: str, product: Sequence[Row]) -> Row:
    """Return the middle ends over all worlds: by what computing power went with among models, and by all readings; and
    the chances.
    """
    some = [r for r in product if r["unit"] == unit]
    ours = [r for r in some if r["kind"] != "accounting"] or some
    return {
        "lower_months": min(r["lower_months"] for r in ours),
        "upper_months": max(r["upper_months"] for r in ours),
        "lower_months_accounting": min(r["lower_months"] for r in some),
        "upper_months_accounting": max(r["upper_months"] for r in some),
        "robust_low_months": min(r["robust_low_months"] for r in some),
        "robust_high_months": max(r["robust_high_months"] for r in some),
        "lower_p_matters": min(r["lower_p_matters"] for r in some),
        "upper_p_matters": max(r["upper_p_matters"] for r in some),
    }


def _simulation(study: "Study", at: str) -> Row:
    try:
        return simulated.simulated(study, at)
    except LeadtimeError as error:
        return {"why_not": str(error.what)}


def _change(c: before_after.Change) -> Row:
    low, median, high = c.change or (None, None, None)
    return {
        "rule": c.rule,
        "on": str(c.on),
        "measure": c.measure,
        "unit": c.unit,
        "low": low,
        "median": median,
        "high": high,
        "detectable": c.detectable,
        "p_permutation": c.p,
        "note": c.note,
    }


def chance(p: float) -> str:
    """Return a probability as it is said."""
    return "over 99 in 100" if p > 0.99 else "under 1 in 100" if p < 0.01 else f"{100 * p:.0f} in 100"


def spoken(quarter: str) -> str:
    """Return the end of a quarter as it is said: the end of 2025, or of June 2026."""
    month = ("March", "June", "September", "")[int(quarter[-1]) - 1]
    return f"the end of {month}{' ' if month else ''}{quarter[:4]}"


def short(at: str, r: Row) -> str:
    """Return between what the effect lies by computing power alone, and between what its chance lies: in whichever
    direction.

    Args:
        at: The quarter at whose end.
        r: lower_months, upper_months, lower_p_matters and upper_p_matters; perhaps upper_months_accounting.
    """
    low, high = (f"{abs(r[k]):.1f}" for k in ("lower_months", "upper_months"))
    down, up = r["lower_months"] < 0 and low != "0.0", r["upper_months"] > 0 and high != "0.0"
    if down and up:
        moved = f"changed it by something between {low} months shorter and {high} longer"
    elif not (down or up):
        moved = "did not change it"
    else:
        ends = f"{low} months" if low == high else f"{low} to {high} months" if up else f"{high} to {low} months"
        moved = f"{'lengthened' if up else 'shortened'} it by {ends}"
    growth = r.get("upper_months_accounting")
    more = (
        f" By published growth rates it could be up to {growth:.1f}." if growth and growth > r["upper_months"] else ""
    )
    least, most = chance(r["lower_p_matters"]), chance(r["upper_p_matters"])
    odds = f"is {least}" if least == most else f"is anywhere from {least} to {most}, by what one assumes"
    return (
        "What the rules did to China's gap cannot be measured. If computing power is the only way they work, by"
        f" {spoken(at)} they {moved}.{more} The chance that they added more than half a month {odds}."
    )


def _sentence(at: str, extent: dict[str, Row], lag: Floats, detectable: Sequence[before_after.Change]) -> str:
    b = extent["bandwidth"]
    said = (
        f"{short(at, extent['int8'])} Counted in memory bandwidth the range is {_number(b['lower_months'])} to"
        f" {_number(b['upper_months'])} months. With nothing assumed there is no bound. If the rules never helped China"
        f" and it would not lead, the effect is at most {float(np.median(lag)):.1f} months."
    )
    seen = [c.detectable for c in detectable if c.measure == "lag" and c.detectable is not None]
    least = min(seen) if seen else None
    if least is None:
        return f"{said} No rule has measured models on both sides, so the record of the gap can show no effect."
    can = "less than the gap itself" if least < np.median(lag) else "more than the whole gap"
    return (
        f"{said} Around a rule the record of the gap could have shown a change of {least:.1f} months or more, which is"
        f" {can}."
    )


def _number(x: float) -> str:
    text = f"{x:.1f}"
    return text.replace("-", "−") if float(text) else "0.0"
