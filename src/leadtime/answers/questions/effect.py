"""What the rules changed, from what nobody assumes to what one model says."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Choice
from leadtime.answers.measures import Quarter
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, number

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

Row = Mapping[str, Any]
#: The figures that there are.
SHOWS = ("ladder", "computing", "links", "product", "seen")
_LADDER = (
    Column(key="assumes", title="What is assumed"),
    Column(
        key="median_months", title="Months added", kind="spread", unit="months", low="low_months", high="high_months"
    ),
    Column(key="robust_low_months", to="robust_high_months", title="Robust 90%", kind="range", unit="months"),
    Column(key="chance", title="Chance of over half a month"),
)
_COMPUTE = (
    Column(key="title", title="Had China bought"),
    Column(key="lower_e_folds", to="upper_e_folds", title="E-folds", kind="range", digits=2),
    Column(key="robust_low_e_folds", to="robust_high_e_folds", title="Robust 90%", kind="range", digits=2),
    Column(key="robust_low_times", to="robust_high_times", title="Times", kind="range"),
    Column(key="chance", title="Chance the rules left it less"),
)
_PASSED = (
    Column(key="title", title="Reading"),
    Column(key="lower_months", to="upper_months", title="Months", kind="range"),
    Column(key="robust_low_months", to="robust_high_months", title="90%", kind="range"),
    Column(key="chance", title="Chance of above 0"),
    Column(key="n_models", title="Models", kind="number", digits=0),
)
_SHOWN = ("chinese", "not-chinese", "production", "accounting")
_FOUND = (
    Column(key="title", title="Measure"),
    Column(key="change", title="Change"),
    Column(key="seen", title="Seen from"),
    Column(key="p", title="p by permutation"),
)


@question(
    "effect",
    "What did the rules change?",
    of="study",
    example={"at": "2025Q4"},
    schema="effect",
    docs="methods/effect",
)
def effect(
    study: "Study",
    *,
    at: (
        Annotated[
            str,
            Meaning(
                kind=Quarter(),
                help="The quarter whose end you ask about. The default is the last one counted.",
                example="2025Q4",
            ),
        ]
        | None
    ) = None,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=SHOWS),
            help="What the figure shows: the ladder of assumptions, a step, both steps together, or what tests see.",
            example="product",
        ),
    ] = "ladder",
) -> Answer:
    """Say what the rules changed, in layers: from what nobody assumes to what one model says."""
    from leadtime.backtest.simulated import beside
    from leadtime.effect.series import sentences

    found: dict[str, Any] = plain(beside(study.effect(at or "").to_json(), study.as_of))
    layers = {k: v for k, v in found.items() if k != "sentence"}
    simulation = found["simulation"]
    return Answer(
        sentence=found["short"],
        rows=Table(rows=_ladder(found), columns=_LADDER, title="The effect on the gap, by what is assumed"),
        more=(
            _compute(found),
            _passed(found["pass_through"]),
            _product(found["bounds"]["product"]),
            *_simulated(simulation),
            _detectable(found["detectable"]),
        ),
        values=layers,
        tag="assumed in part",
        about=About(
            definition="How many months longer China's gap is than it would be without the rules since 2022.",
            rests_on=(
                "Counted chips, published training runs and scores, named worlds without the rules, and one simulation."
            ),
            limits=(
                "Nobody has seen the gap without the rules.",
                "Months that go with computing power are correlations: laboratories choose how much a run gets.",
            ),
            docs="methods/effect",
            see=("scenario run",),
        ),
        notes=(
            (
                "An e-fold is a factor of 2.7 in American over Chinese computing power. Times: what China could use"
                " without the rules over what it can."
            ),
            (
                "How far the largest run follows the stock of chips is not known: the table of effects takes it to"
                " follow one for one. At 0 every effect is 0."
            ),
            (
                "Seen from: the least true change that would be found four times in five. What sees only more than the"
                " gap itself is no evidence either way."
            ),
            *([simulation["hindcasts"]["sentence"]] if "hindcasts" in simulation else ()),
            *sentences(found["series"]),
        ),
        figure=functools.partial(_figure, found, show, study.stamp),
    )


def _figure(found: Row, show: str, stamp: Mapping[str, Any]) -> "Figure":
    from leadtime.answers.effect_drawn import shown

    return shown(found, show, stamp)


def _chances(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return chance(low) if chance(low) == chance(high) else f"{chance(low).removesuffix(' in 100')} to {chance(high)}"


def _ladder(found: Row) -> list[dict[str, Any]]:
    """Return a row for each layer: what it assumes, and what effect that leaves."""

    def row(
        layer: str, assumes: str, low: Any, high: Any, robust: Sequence[Any], p: Sequence[Any], **more: Any
    ) -> dict[str, Any]:
        return {
            "layer": layer,
            "assumes": f"{layer}. {assumes}",
            "low_months": low,
            "median_months": None,
            "high_months": high,
            "robust_low_months": robust[0],
            "robust_high_months": robust[1],
            "lower_p_matters": p[0],
            "upper_p_matters": p[1],
            "chance": _chances(*p),
            "note": "",
            **more,
        }

    none = (None, None)
    lead = found["assumptions"][1]
    rows = [row("1", "nothing", None, None, none, none, note="No bound: nobody has seen the gap without the rules.")]
    rows.append(
        row(
            "2",
            "they never helped China, and it would not lead",
            lead["low_months"],
            lead["high_months"],
            (lead["robust_low_months"], lead["robust_high_months"]),
            none,
            note="That they never helped China is disputed.",
        )
    )
    for unit, words in (("int8", "8-bit rate"), ("bandwidth", "memory bandwidth")):
        r = found["bounds"]["range"][unit]
        p, robust = (r["lower_p_matters"], r["upper_p_matters"]), (r["robust_low_months"], r["robust_high_months"])
        rows.append(row("3-5", f"computing power alone, in {words}", r["lower_months"], r["upper_months"], none, none))
        rows.append(
            row(
                "3-5",
                f"the same, published growth rates too, in {words}",
                r["lower_months_accounting"],
                r["upper_months_accounting"],
                robust,
                p,
            )
        )
    s = found["simulation"]
    if "why_not" not in s:
        rows.append(
            row(
                "6",
                f"one simulation is right, in {s['quarter']}",
                s["low_months"],
                s["high_months"],
                none,
                (s["p_matters"],) * 2,
                median_months=s["median_months"],
                note=s["trend"],
            )
        )
    return rows


def _compute(found: Row) -> Table:
    from leadtime.effect.words import UNITS, WORLDS

    china = {
        r["unit"]: [r[f"{k}_h100e"] / 1e6 for k in ("median", "low", "high")]
        for r in found["bounds"]["as_is"]
        if r["part"] == "china"
    }
    heads = {
        u: "In {}: China can use {:.1f} million H100-equivalents ({:.1f} to {:.1f} million)".format(UNITS[u], *v)
        for u, v in china.items()
    }
    rows = [
        {
            **r,
            "title": WORLDS[r["world"]],
            "in": heads[r["unit"]],
            "chance": _chances(r["lower_p_less_compute"], r["upper_p_less_compute"]),
            "note": (
                ""
                if r["words"].rstrip(".") == WORLDS[r["world"]]
                else f"{r['words'][:1].upper()}{r['words'][1:].rstrip('.')}."
            ),
        }
        for r in found["bounds"]["compute"]
    ]
    return Table(
        name="",
        title=f"3. Computing power without the rules, end of {found['at']}",
        rows=rows,
        columns=_COMPUTE,
        by="in",
    )


def _passed(rows: Sequence[Row]) -> Table:
    from leadtime.effect.words import READINGS

    shown = [
        {
            **r,
            "title": READINGS[r["reading"]],
            "chance": _chances(r["lower_p_positive"], r["upper_p_positive"]),
            "n_models": r["n_models"] or None,
        }
        for r in rows
    ]
    return Table(
        name="", title="4. Months of the gap that go with an e-fold of computing power", rows=shown, columns=_PASSED
    )


def _product(product: Sequence[Row]) -> Table:
    """Return the effect by world and reading, with the chance of more than half a month in brackets."""
    from leadtime.effect.words import READINGS, UNITS, WORLDS

    rows: dict[tuple[str, str], dict[str, Any]] = {}
    readings = [k for k in _SHOWN if any(r["reading"] == k for r in product)]
    for r in product:
        low, high = number(r["robust_low_months"]), number(r["robust_high_months"])
        cells = rows.setdefault(
            (r["unit"], r["world"]),
            {"title": WORLDS[r["world"]], "in": f"In {UNITS[r['unit']]}", **dict.fromkeys(readings, "")},
        )
        cells[r["reading"]] = (
            f"{low} to {high} ({_chances(r['lower_p_matters'], r['upper_p_matters']).removesuffix(' in 100')})"
        )
    return Table(
        name="",
        title="5. Effect on the gap, months: robust 90%, and in brackets the chance in 100 of over half a month",
        by="in",
        rows=list(rows.values()),
        columns=(
            Column(key="title", title="World"),
            *(Column(key=k, title=READINGS[k].capitalize()) for k in readings),
        ),
    )


def _simulated(s: Row) -> tuple[Table, ...]:
    """Return the simulation's answer, with what it rests on, and its hindcasts."""
    title = "6. One model's answer (simulated)"
    columns = (Column(key="what", title="What"), Column(key="value", title="Value"))
    if "why_not" in s:
        return (Table(name="", title=title, rows=[{"what": "None", "value": s["why_not"]}], columns=columns),)

    def months(name: str) -> str:
        low, median, high = (number(s[f"{name}{k}_months"]) for k in ("low", "median", "high"))
        return f"{median} ({low} to {high})"

    told = {
        f"Months added by {s['quarter']}, by the priors": months("prior_"),
        f"Months added by {s['quarter']}, after the data": months(""),
        "Chance of over half a month, by the priors": chance(s["prior_p_matters"]),
        "Chance of over half a month, after the data": chance(s["p_matters"]),
        f"Variance explained by the {s['n_moved']} of {s['n_parameters']} inputs that the data moved": (
            f"{s['variance_moved']:.0%}"
        ),
        "Variance explained by the others": f"{s['variance_unmoved']:.0%}",
        f"By {s['strongest']} alone": f"{s['strongest_share']:.0%}",
        **{
            f"Chance, if the largest run follows the stock by {r['elasticity']:g}": chance(r["p_matters"])
            for r in s["elasticity"]
        },
        **{f"Chance, if denial teaches, in e-folds, {r['e_folds']:g}": chance(r["p_matters"]) for r in s["efficiency"]},
        **{
            f"Chance, if another prior has a weight of {r['weight']:g}": _chances(
                r["lower_p_matters"], r["upper_p_matters"]
            )
            for r in s["contamination"]
        },
        **{
            f"Chance that China would have bought for more than all its capital spending, {r['year']}": chance(
                r["p_more_than_all_capex"]
            )
            for r in s["budget"]
        },
    }
    return (
        Table(name="", title=title, rows=[{"what": k, "value": v} for k, v in told.items()], columns=columns),
        _hindcasts(s["hindcasts"]["scores"]),
    )


def _hindcasts(scores: Sequence[Row]) -> Table:
    said = {(r["origin"], r["forecaster"]): f"{r['crps']:.2f} ({r['inside_90']:.0%})" for r in scores}
    who = ("simulation", "last value", "mean to date")
    days = list(dict.fromkeys(day for day, _ in said))
    rows = [{"day": "all days" if d == "all" else d, **{w: said.get((d, w), "") for w in who}} for d in days]
    columns = (Column(key="day", title="From"), *(Column(key=w, title=w.capitalize()) for w in who))
    return Table(
        name="",
        title="Forecasts from past days: mean error (CRPS), months, and outcomes inside 90%",
        rows=rows,
        columns=columns,
    )


def _detectable(found: Sequence[Row]) -> Table:
    from leadtime.effect.words import MEASURES

    def shown(r: Row, value: float, *, signed: bool = False) -> str:
        return number(100 * value, 0, signed=signed) if r["unit"] == "fraction" else number(value, signed=signed)

    rows = []
    for r in found:
        unit = "points" if r["unit"] == "fraction" else "months"
        change = "cannot be estimated"
        if r["median"] is not None:
            low, median, high = (shown(r, r[k], signed=True) for k in ("low", "median", "high"))
            change = f"{median} ({low} to {high}) {unit}"
        rows.append(
            {
                "rule": f"{r['rule'][:1].upper()}{r['rule'][1:]} ({r['on']})",
                "title": MEASURES.get(r["measure"], r["measure"].replace("_", " ")),
                "change": change,
                "seen": (
                    "nothing"
                    if r["detectable"] is None
                    else f"{number((100 if unit == 'points' else 1) * r['detectable'])} {unit}"
                ),
                "p": "" if r["p_permutation"] is None else number(r["p_permutation"], 2),
                "note": r["note"] or "",
            }
        )
    return Table(
        name="",
        title="7. What the data could have shown: a year before a rule against a year after",
        rows=rows,
        columns=_FOUND,
        by="rule",
    )
