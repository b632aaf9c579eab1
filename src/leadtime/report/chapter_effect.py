"""The report's chapter on what the rules changed: layer by layer, from what nobody assumes to what one model says."""

from typing import TYPE_CHECKING, Any

from leadtime.backtest.simulated import beside
from leadtime.effect.layers import chance, spoken
from leadtime.effect.series import sentences
from leadtime.effect.words import MEASURES, READINGS, UNITS, WORLDS
from leadtime.errors import LeadtimeError
from leadtime.figures.effect import bounds
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter
from leadtime.report.tables import Table, number

if TYPE_CHECKING:
    from leadtime.effect import Layers
    from leadtime.study import Study

Row = dict[str, Any]


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None on a day when no count of arrivals was public."""
    try:
        study.progress("what the rules changed", 0.93)
        found = study.effect()
    except LeadtimeError:
        return None
    said = beside(found.to_json(), study.as_of)
    return Chapter(
        name="effect",
        title="What the rules changed",
        lead=found.sentence,
        figures=(_figure(study, found),),
        tables=(
            _assumed(found),
            _compute(found),
            _passed(found),
            _product(found),
            _grid(found),
            _simulated(said["simulation"]),
            _detectable(found),
            _series(found),
        ),
        json=said,
    )


def _band(low: float, high: float, digits: int = 1) -> str:
    return f"[{number(low, digits)}, {number(high, digits)}]"


def _ends(r: Row, name: str, digits: int = 1) -> str:
    low, high = (number(r[f"{k}_{name}"], digits) for k in ("lower", "upper"))
    return low if low == high else f"{low} to {high}"


def _figure(study: "Study", found: "Layers") -> Figure:
    data, chart = bounds(found.bounds["product"])
    return Figure(
        name="effect-bounds",
        title="What the rules did to the lag, if computing power is the only channel",
        description="For each reading of months per e-fold of computing power a bar over all worlds without the rules, and the robust interval, in two units.",
        method="",
        n=f"{data.height} readings",
        chart=chart,
        data=data,
        caption=f"As of {study.as_of}, at {spoken(found.at)}. Bars: from the least to the most of the middle estimates over all worlds without the rules. "
        f"Lines: robust 90 %. Right of 0 the rules lengthened the lag. leadtime, evidence {study.evidence.hash}.",
    )


def _assumed(found: "Layers") -> Table:
    return Table(
        name="effect-assumptions",
        title="1, 2. What follows from nothing, and from two sentences",
        caption="Months of lag; no simulation, no regression.",
        columns=(("Assumed", False), ("Effect, months", True)),
        rows=tuple(
            (
                r["words"],
                "no bound" if r["high_months"] is None else f"{number(r['low_months'])} to {number(r['high_months'])}",
            )
            for r in found.assumptions
        ),
    )


def _compute(found: "Layers") -> Table:
    china = {r["unit"]: r for r in found.bounds["as_is"] if r["part"] == "china"}
    have = "; ".join(
        f"{number(china[u]['median_h100e'] / 1e6)} million [{number(china[u]['low_h100e'] / 1e6)}, {number(china[u]['high_h100e'] / 1e6)}] in {w}"
        for u, w in UNITS.items()
    )
    return Table(
        name="effect-compute",
        title="3. Computing power without the rules",
        caption=f"At {spoken(found.at)} China can use, at home and rented, {have} (an H100 is one of either). Change of ln(US:China) that the rules made, "
        "in e-folds (one is 2.7 times): least and most of each set, and the robust 90 % interval. Sets, no priors: corners are taken in each draw.",
        columns=(
            ("Had China bought", False),
            ("Counted in", False),
            ("e-folds", True),
            ("Robust 90 %", True),
            ("Its power without the rules, times", True),
            ("P(the rules left it less)", True),
        ),
        rows=tuple(
            (
                f"{WORLDS[r['world']]}: {r['words']}",
                UNITS[r["unit"]],
                _ends(r, "e_folds", 2),
                _band(r["robust_low_e_folds"], r["robust_high_e_folds"], 2),
                _band(r["robust_low_times"], r["robust_high_times"]),
                f"{r['lower_p_less_compute']:.2f} to {r['upper_p_less_compute']:.2f}",
            )
            for r in found.bounds["compute"]
        ),
    )


def _passed(found: "Layers") -> Table:
    return Table(
        name="effect-pass-through",
        title="4. Months of lag that go with an e-fold (2.7 times) of computing power",
        caption="Correlations: a laboratory chooses how much compute a run gets. Errors in compute and in ability, and laboratory effects, are modeled. How far the "
        "largest run follows the stock of chips is not known; at an elasticity of 0 every effect is 0.",
        columns=(("Reading", False), ("Months", True), ("90 %", True), ("P(above 0)", True), ("Models", True)),
        rows=tuple(
            (
                f"{READINGS[r['reading']]}: {r['words']}",
                _ends(r, "months"),
                _band(r["robust_low_months"], r["robust_high_months"]),
                f"{r['lower_p_positive']:.2f}",
                str(r["n_models"] or "–"),
            )
            for r in found.pass_through
        ),
    )


def _product(found: "Layers") -> Table:
    readings = [r["reading"] for r in found.pass_through]
    cells = {(r["unit"], r["world"], r["reading"]): r for r in found.bounds["product"]}
    keys = dict.fromkeys((u, w) for u, w, _ in cells)

    def cell(r: Row) -> str:
        return f"{_band(r['robust_low_months'], r['robust_high_months'])}; {r['lower_p_matters']:.2f} to {r['upper_p_matters']:.2f}"

    return Table(
        name="effect-product",
        title="5. Effect on the lag, months",
        caption="Robust 90 % interval; lower and upper probability of more than half a month. If the largest run follows the stock one for one, and nothing but computing "
        "power carries the effect.",
        columns=(("Had China bought", False), ("Counted in", False), *((READINGS[k], True) for k in readings)),
        rows=tuple((WORLDS[w], UNITS[u], *(cell(cells[u, w, k]) for k in readings)) for u, w in keys),
    )


def _grid(found: "Layers") -> Table:
    columns = list(dict.fromkeys(r["months_per_e_fold"] for r in found.bounds["grid"]))
    rows: dict[float, list[str]] = {}
    for r in found.bounds["grid"]:
        rows.setdefault(r["e_folds"], []).append(number(r["months"], 2) + (" *" if r["matters"] else ""))
    return Table(
        name="effect-grid",
        title="5. The same for any pair of values",
        caption="Months: e-folds of computing power (rows) times months per e-fold (columns). *: half a month or more.",
        columns=(("e-folds", False), *((f"{c:g}", True) for c in columns)),
        rows=tuple((f"{e:g}", *values) for e, values in rows.items()),
    )


def _simulated(s: Row) -> Table:
    return Table(
        name="effect-simulated",
        title="6. One model's answer (simulated)",
        caption="The rules as they are minus no rules. What the data did not move was put in by judgment. P is that of more than half a month, in our simulation. "
        f"Its hindcasts by day stand in the chapter on the fork. {s.get('trend', '')}",
        columns=(("What", False), ("Value", True)),
        rows=(("No simulation", str(s["why_not"])),) if "why_not" in s else tuple(_lines(s)),
    )


def _lines(s: Row) -> list[tuple[str, str]]:
    return [
        (
            f"Prior, months, {s['quarter']}",
            f"{number(s['prior_median_months'])} {_band(s['prior_low_months'], s['prior_high_months'])}",
        ),
        (
            f"Posterior, months, {s['quarter']}",
            f"{number(s['median_months'])} {_band(s['low_months'], s['high_months'])}",
        ),
        ("P by the priors", chance(s["prior_p_matters"])),
        ("P", chance(s["p_matters"])),
        (
            f"Variance explained by the {s['n_moved']} of {s['n_parameters']} parameters that the data moved",
            chance(s["variance_moved"]),
        ),
        ("Variance explained by the others", chance(s["variance_unmoved"])),
        (f"By {s['strongest']} alone", chance(s["strongest_share"])),
        *(
            (f"P, if the largest run follows the stock by {r['elasticity']:g}", chance(r["p_matters"]))
            for r in s["elasticity"]
        ),
        *(
            (
                f"P, if any other prior has a weight of {r['weight']:g}",
                f"{chance(r['lower_p_matters'])} to {chance(r['upper_p_matters'])}",
            )
            for r in s["contamination"]
        ),
        *(
            (f"P, if denial teaches {r['e_folds']:g} e-folds of efficiency", chance(r["p_matters"]))
            for r in s["efficiency"]
        ),
        *(
            (
                f"P(China would have bought for more than all its capital spending of {r['year']})",
                chance(r["p_more_than_all_capex"]),
            )
            for r in s["budget"]
        ),
        *(
            (
                f"Hindcasts, {r['forecaster']}: mean CRPS, months, over {r['n']} quarters; share inside 90 %",
                f"{number(r['crps'], 2)}; {chance(r['inside_90'])}",
            )
            for r in s["hindcasts"]["scores"]
            if r["origin"] == "all"
        ),
        ("Hindcasts, in words", s["hindcasts"]["sentence"]),
    ]


def _detectable(found: "Layers") -> Table:
    def shown(r: Row, value: float | None) -> str:
        return "–" if value is None else number(100 * value) if r["unit"] == "fraction" else number(value)

    return Table(
        name="effect-detectable",
        title="7. What the data could have shown",
        caption="A year before against a year after; shares in points, lags in months. Seen from: the least true change that would be found four times in five. What sees only more than "
        "the lag itself is no evidence either way. Releases: gap at release of Chinese laboratories against others.",
        columns=(
            ("Rule", False),
            ("Measure", False),
            ("Change [90 %]", True),
            ("Seen from", True),
            ("p by permutation", True),
            ("Note", False),
        ),
        rows=tuple(
            (
                f"{r['rule']} ({r['on']})",
                MEASURES.get(str(r["measure"]), str(r["measure"])),
                "cannot be estimated"
                if r["median"] is None
                else f"{shown(r, r['median'])} [{shown(r, r['low'])}, {shown(r, r['high'])}]",
                "nothing" if r["detectable"] is None else shown(r, r["detectable"]),
                "–" if r["p_permutation"] is None else f"{r['p_permutation']:.2f}",
                str(r["note"] or "–"),
            )
            for r in found.detectable
        ),
    )


def _series(found: "Layers") -> Table:
    s = found.series
    rows = [
        (
            f"{r['since'][:4]} Q{r['since'][-1]} to {r['until'][:4]} Q{r['until'][-1]}",
            str(r["n_quarters"]),
            f"{number(r['median_months'])} {_band(r['low_months'], r['high_months'])}",
            f"{r['p_positive']:.2f}",
        )
        for r in s["slopes"]
    ]
    return Table(
        name="effect-series",
        title="The quarters by themselves",
        caption=" ".join(sentences(s)) or "Too few quarters are measured.",
        columns=(("Quarters", False), ("How many", True), ("Months per e-fold", True), ("P(above 0)", True)),
        rows=tuple(rows),
    )
