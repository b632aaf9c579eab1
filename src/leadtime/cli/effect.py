"""`leadtime effect`: what the rules changed, from what nobody assumes to what one model says."""

from typing import Annotated, Any

import typer

from leadtime.cli.terminal import (
    AsJson,
    AsOf,
    Draws,
    Method,
    Seed,
    StudyDir,
    columns,
    open_study,
    put,
    put_json,
    stamp,
    wrap,
)

Row = dict[str, Any]


def effect(
    at: Annotated[
        str, typer.Option("--at", metavar="QUARTER", help="At whose end; default the last one counted.")
    ] = "",
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Say what the rules changed, in layers: from what nobody assumes to what one model says."""
    from leadtime import answers

    s = open_study(as_of, study, seed, draws, method)
    found = answers.effect(s, at=at)
    if as_json:
        return put_json(found)
    wrap(found["sentence"], "")
    _assumed(found["assumptions"])
    _compute(found["bounds"], found["at"])
    _passed(found["pass_through"])
    _product(found["bounds"])
    _simulated(found["simulation"])
    _detectable(found["detectable"])
    _series(found["series"])
    return stamp(s)


def _title(text: str) -> None:
    put()
    put(text)


def _band(low: float, high: float, form: str = "{:.1f}") -> str:
    return f"[{form.format(low)}, {form.format(high)}]"


def _assumed(rows: list[Row]) -> None:
    _title("1, 2. What two sentences of assumption give, months")
    for r in rows:
        wrap(r["words"])


def _compute(bounds: Row, at: str) -> None:
    from leadtime.effect.words import UNITS, WORLDS

    have = {(r["unit"], r["part"]): r for r in bounds["as_is"]}
    _title(f"3. Computing power without the rules, end of {at}")
    for unit, words in UNITS.items():
        china = have[unit, "china"]
        low, median, high = (china[f"{k}_h100e"] / 1e6 for k in ("low", "median", "high"))
        put(f"in {words}: China can use {median:.1f} [{low:.1f}, {high:.1f}] million H100-equivalents")
        columns(
            [
                ("had China bought", "e-folds", "robust 90 %", "times", "P(left it less)"),
                *(
                    (
                        WORLDS[r["world"]],
                        f"{r['lower_e_folds']:.2f} .. {r['upper_e_folds']:.2f}",
                        _band(r["robust_low_e_folds"], r["robust_high_e_folds"], "{:.2f}"),
                        f"{r['robust_low_times']:.1f}-{r['robust_high_times']:.1f}",
                        f"{r['lower_p_less_compute']:.2f}-{r['upper_p_less_compute']:.2f}",
                    )
                    for r in bounds["compute"]
                    if r["unit"] == unit
                ),
            ],
            (19, 14, 13, 8, 15),
        )
    wrap(
        "e-folds: change of ln(US:China) that the rules made, least and most of each set. times: what China could use without them over what it "
        "can. `--json` says what each world assumes.",
        "",
    )


def _passed(rows: list[Row]) -> None:
    from leadtime.effect.words import READINGS

    _title("4. Months of lag that go with an e-fold of computing power")
    columns(
        [
            ("reading", "months", "90 %", "P(above 0)", "models"),
            *(
                (
                    READINGS[r["reading"]],
                    _middle(r, "months"),
                    _band(r["robust_low_months"], r["robust_high_months"]),
                    _middle_p(r, "p_positive"),
                    str(r["n_models"] or "-"),
                )
                for r in rows
            ),
        ],
        (25, 13, 14, 12, 7),
    )
    wrap(
        "Correlations: a laboratory chooses how much compute a run gets. How far the largest run follows the stock is not known; the next table "
        "takes it to follow one for one. An elasticity of 0 makes every effect 0.",
        "",
    )


def _middle(r: Row, name: str) -> str:
    low, high = (f"{r[f'{k}_{name}']:.1f}".replace("-0.0", "0.0") for k in ("lower", "upper"))
    return low if low == high else f"{low} .. {high}"


def _middle_p(r: Row, name: str) -> str:
    low, high = (f"{r[f'{k}_{name}']:.2f}" for k in ("lower", "upper"))
    return low if low == high else f"{low}-{high}"


def _product(bounds: Row) -> None:
    from leadtime.effect.words import READINGS, UNITS, WORLDS

    _title("5. Effect on the lag, months: robust 90 %, and P(over half a month)")
    shown = ("chinese", "not-chinese", "production", "accounting")
    for unit, words in UNITS.items():
        some = {(r["world"], r["reading"]): r for r in bounds["product"] if r["unit"] == unit}
        readings = [k for k in shown if any(k == reading for _, reading in some)]
        put(f"in {words}")
        lines = []
        for world in dict.fromkeys(w for w, _ in some):
            cells = [some[world, k] for k in readings]
            lines.append((WORLDS[world], *(_band(c["robust_low_months"], c["robust_high_months"]) for c in cells)))
            lines.append(("", *(f"{c['lower_p_matters']:.2f}-{c['upper_p_matters']:.2f}" for c in cells)))
        columns([("", *(READINGS[k] for k in readings)), *lines], (18, *(12,) * len(readings)))


def _simulated(s: Row) -> None:
    _title("6. One model's answer (simulated)")
    if "why_not" in s:
        return wrap(f"None: {s['why_not']}.", "")
    if s["trend"]:
        wrap(s["trend"], "")
    put(
        f"  prior      {s['prior_median_months']:.1f} months {_band(s['prior_low_months'], s['prior_high_months'])}, P(over half a month) = {s['prior_p_matters']:.2f}"
    )
    put(
        f"  posterior  {s['median_months']:.1f} months {_band(s['low_months'], s['high_months'])}, P(over half a month) = {s['p_matters']:.2f}, in {s['quarter']}"
    )
    wrap(
        f"The {s['n_moved']} of {s['n_parameters']} parameters that the data moved explain {s['variance_moved']:.0%} of the variance, the others "
        f"{s['variance_unmoved']:.0%}; {s['strongest']} alone {s['strongest_share']:.0%}."
    )
    by = {"elasticity": "the largest run follows the stock by", "efficiency": "denial teaches so many e-folds:"}
    for name, words in by.items():
        if s[name]:
            key = "elasticity" if name == "elasticity" else "e_folds"
            wrap(f"If {words} " + ", ".join(f"{r[key]:g}: {r['p_matters']:.2f}" for r in s[name]) + ".")
    if s["contamination"]:
        wrap(
            "If another prior has a weight of "
            + ", ".join(
                f"{r['weight']:g}: {r['lower_p_matters']:.2f}-{r['upper_p_matters']:.2f}" for r in s["contamination"]
            )
            + "."
        )
    if s["budget"]:
        wrap(
            "P(China would have bought for more than all its capital spending): "
            + ", ".join(f"{r['year']} {r['p_more_than_all_capex']:.2f}" for r in s["budget"])
            + "."
        )
    if s["hindcasts"]["scores"]:
        put("  hindcasts: mean CRPS in months, and share of outcomes inside 90 %")
        scored = {(r["origin"], r["forecaster"]): r for r in s["hindcasts"]["scores"]}
        who = ("simulation", "last value", "mean to date")
        columns(
            [
                ("from", *who),
                *(
                    (
                        "all days" if day == "all" else day,
                        *(f"{scored[day, w]['crps']:.2f}  {scored[day, w]['inside_90']:.0%}" for w in who),
                    )
                    for day in dict.fromkeys(day for day, _ in scored)
                ),
            ],
            (14, 15, 15, 15),
        )
    return wrap(s["hindcasts"]["sentence"])


def _detectable(rows: list[Row]) -> None:
    _title("7. What the data could have shown")
    lines = [("rule", "measure", "change [90 %]", "seen at")]
    for r in rows:
        scale, form = (100, "{:+.0f}") if r["unit"] == "fraction" else (1, "{:+.1f}")
        unit = "points" if r["unit"] == "fraction" else "months"
        change = "cannot be estimated"
        if r["median"] is not None:
            low, median, high = (form.format(scale * r[k]) for k in ("low", "median", "high"))
            change = f"{median} [{low}, {high}] {unit}"
        least = "nothing" if r["detectable"] is None else f"{scale * r['detectable']:.1f}"
        lines.append(
            (
                r["rule"].removeprefix("controls of ").removeprefix("memory and tools, "),
                r["measure"].replace("_", " "),
                change,
                least,
            )
        )
    columns(lines, (17, 24, 25, 8))
    wrap(
        "seen at: the least true change that would be found four times in five. A comparison that sees only more than the lag itself is no evidence "
        "either way. releases: gap at release of Chinese laboratories against others, a year before and after.",
        "",
    )


def _series(found: Row) -> None:
    from leadtime.effect.series import sentences

    for said in sentences(found):
        wrap(said, "")
