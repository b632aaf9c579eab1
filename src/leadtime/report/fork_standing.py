"""Tables of what the simulation rests on: its effect under other assumptions, what the data moved, its budget, its
hindcasts.
"""

from typing import Any

from leadtime.report.chapter import spread
from leadtime.report.said import percent
from leadtime.report.tables import Table

_KINDS = {
    "prior": "By the priors alone, before anything was observed",
    "posterior": "After the data, as it ships",
    "elasticity": "The largest run follows the stock of chips by {setting} (0: not at all, 1: fully)",
    "efficiency": "Denial teaches Chinese laboratories {setting} e-folds of efficiency",
    "budget": "Only draws whose purchases fit Chinese capital spending",
    "contaminated": "{percent} of the prior may be anything",
    "contaminated mildly": "{percent} of the prior may be our own prior on one side of half a month",
    "corner": "Priors near {setting}",
}
_WHO = {"all": "all origins"}


def standing_tables(found: dict[str, Any]) -> tuple[Table, ...]:
    """Return the tables of `backtest.standing.standing`."""
    return (_robust(found), _moved(found), _budget(found), _hindcasts(found))


def _robust(found: dict[str, Any]) -> Table:
    quarter = found["effect"]["quarter"]
    return Table(
        name="effect-robust",
        title="The simulated effect of the rules, under other assumptions",
        caption=(
            f"The rules as they are minus no rules, months of lag in {quarter}; P: of more than half a month, in our"
            " simulation. Each row weighs the same prior draws by the same observations, with one thing otherwise."
            " These are all weighted draws, not the sample of them that ships, so a last digit may differ. Of"
            " contamination the least and the greatest P. Rows under 50 effective draws are left out."
        ),
        columns=(("Assumed", False), ("Effect, months", True), ("P", True), ("Effective draws", True)),
        rows=tuple(
            (_name(r), spread(r["low"], r["median"], r["high"]), _chance(r), f"{r['effective']:,.0f}")
            for r in found["robust"]
        ),
    )


def _name(r: dict[str, Any]) -> str:
    setting = r["setting"].replace("-", " ")
    return _KINDS[r["kind"]].format(
        setting=setting, percent=f"{float(setting):.0%}" if "contaminated" in r["kind"] else ""
    )


def _chance(r: dict[str, Any]) -> str:
    if r["p_low"] == r["p_high"]:
        return f"{r['p_over_half']:.2f}"
    return f"{r['p_low']:.2f} to {r['p_high']:.2f}"


def _moved(found: dict[str, Any]) -> Table:
    v = found["variance"]
    return Table(
        name="effect-moved",
        title="Where the spread of the simulated effect comes from",
        caption=(
            "The parameters that the data moved (overlap of their draws before and after under 0.9) explain"
            f" {percent(v['by_moved'])} of its variance together, the others {percent(v['by_others'])}; the rest needs"
            " both. Alone: what a curve through the ranks of one parameter explains (adjusted R squared)."
        ),
        columns=(
            ("Parameter", False),
            ("Explains alone", True),
            ("Overlap before and after", True),
            ("Moved by the data", False),
        ),
        rows=tuple(
            (
                r["parameter"].replace("-", " "),
                percent(r["share"]),
                f"{r['overlap']:.2f}",
                "yes" if r["moved"] else "no",
            )
            for r in v["parameters"]
        ),
    )


def _budget(found: dict[str, Any]) -> Table:
    return Table(
        name="budget",
        title="Could China have paid?",
        caption=(
            "What China would buy of American chips without rules, by the simulation, beside the capital spending on"
            " record of its large firms for all purposes. ByteDance's of 2023 is not on record. Prices per"
            " H100-equivalent are an assumption."
        ),
        columns=(
            ("Year", False),
            ("Purchases, billion dollars", True),
            ("All capital spending", True),
            ("P(purchases exceed it)", True),
            ("Firms", False),
        ),
        rows=tuple(
            (
                str(r["year"]),
                spread(*(r[f"bought_{k}_usd"] / 1e9 for k in ("low", "median", "high"))),
                f"{r['capex_usd'] / 1e9:.0f}",
                f"{r['p_more_than_all']:.2f}",
                r["firms"],
            )
            for r in found["budget"]
        ),
    )


def _hindcasts(found: dict[str, Any]) -> Table:
    h = found["hindcasts"]
    return Table(
        name="hindcasts",
        title="What the simulation would have forecast, from past days",
        caption=(
            f"{h['sentence']} On each day: abilities fitted on its scores, chips from the revenue known then, the"
            " ensemble drawn anew; its quarters ahead against the lag"
            f" measured{' as of ' + h['as_of'] if 'as_of' in h else ''}. The priors keep today's centers, with twice"
            " the width where they were written later."
        ),
        columns=(
            ("From", False),
            ("Forecast", False),
            ("Quarters", True),
            ("Mean CRPS, months", True),
            ("Inside 90%", True),
        ),
        rows=tuple(
            (
                _WHO.get(r["origin"], r["origin"]),
                r["forecaster"],
                str(r["n"]),
                f"{r['crps']:.2f}",
                f"{100 * r['inside_90']:.0f}%",
            )
            for r in h["scores"]
        ),
    )
