"""The report's chapter on the curve: how fast cost falls, whether V3 was expected, who was first, who followed."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.questions.curve import reinvestment
from leadtime.answers.registry import ask
from leadtime.cost import spread
from leadtime.cost.expected import VIEWS
from leadtime.errors import LeadtimeError
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter, json_rows
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.cost.curve import Curve
    from leadtime.study import Study

MODEL = "deepseek-v3"
_VIEWS = {
    "ex_ante": "before the fact",
    "hindsight": "in hindsight",
    "hindsight_reasoning": "in hindsight, reasoning set apart",
}


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None while too few models with a known compute were out, or V3 was not."""
    try:
        curve: Curve = study.curve
        study.progress("the cost curve", 0.88)
        verdict = curve.expected(MODEL)
        readings = curve.specifications
    except LeadtimeError:
        return None
    try:
        money = reinvestment(study)
    except LeadtimeError:
        money = None  # the fall of cost per FLOP was not published yet
    firsts = spread.firsts(curve.data)
    adopted = spread.adoption(study.evidence["adoptions"], study.evidence["organizations"])
    headline = curve.headline()
    return Chapter(
        name="curve",
        title="Was it an expected point on a falling curve?",
        lead=lead(verdict, readings),
        figures=_figures(study, money=money is not None),
        tables=(
            _expected_table(verdict, curve),
            _rates_table(headline),
            _firsts_table(firsts),
            _adoption_table(adopted),
        ),
        json={
            "rates": headline.to_dicts(),
            "expected": verdict,
            "specifications": json_rows(readings),
            "reinvestment": [] if money is None else json_rows(money),
            "firsts": json_rows(firsts),
            "adoption": json_rows(adopted),
            "chinese_over_us_compute_at_equal_ability": curve.contrast_quantiles(),
        },
    )


def lead(verdict: dict[str, Any], readings: pl.DataFrame) -> str:
    """Return what can be said of "an expected point", and of the rate."""
    views = {v["view"]: v for v in verdict["views"] if v["ability_percentile"] is not None}
    base = verdict["base_rate"]
    said = []
    if ahead := views.get("ex_ante"):
        low, high = ahead["ability_interval"]
        p = ahead["ability_percentile"]
        said.append(
            f"For its compute DeepSeek-V3 was abler than {p:.0f}% ({low:.0f}% to {high:.0f}%) of what models before it"
            f" led one to expect; {100 * base['at_least_90']:.0f}% of {base['n']} models tested the same way reached"
            " the 90th percentile"
        )
    if behind := views.get("hindsight"):
        said.append(f"seen with what came later it is at the {ordinal(behind['ability_percentile'])}")
    defined = readings.filter(pl.col("median").is_not_null()).sort("median")
    low, high = defined["median"][0], defined["median"][-1]
    holds = defined.filter((pl.col("low") <= 4) & (pl.col("high") >= 4)).height
    return (
        "; ".join(said)
        + f". How fast the curve falls is not known well: {defined.height} readings run from {low:.2g} to {high:.0f}"
        f" times a year, and 4 times lies in the intervals of {holds}."
    )


def ordinal(value: float) -> str:
    """Return `68th`."""
    n = round(value)
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _figures(study: "Study", *, money: bool) -> tuple[Figure, ...]:
    return (
        ask(study, "curve expected", model=MODEL).drawn(),
        ask(study, "curve spec").drawn(),
        *([ask(study, "curve", show="spending").drawn()] if money else []),
    )


def _expected_table(verdict: dict[str, Any], curve: "Curve") -> Table:
    rows = []
    for v in verdict["views"]:
        if v["ability_percentile"] is None:
            rows.append((_VIEWS[v["view"]], "–", "–", "–", v["note"]))
            continue
        low, high = v["ability_interval"]
        rows.append(
            (
                _VIEWS[v["view"]],
                f"{v['ability_percentile']:.0f} ({low:.0f} to {high:.0f})",
                f"{v['compute_percentile']:.0f}",
                f"{v['compute_ratio'][1]:.1f} ({v['compute_ratio'][0]:.1f} to {v['compute_ratio'][2]:.1f})",
                f"{VIEWS[v['view']]}, n = {v['n']}",
            )
        )
    b = verdict["base_rate"]
    essay = " ".join(
        f"By the arithmetic of Dario Amodei's essay, V3 taken {_worse(e['quality'])} Claude 3.5 Sonnet:"
        f" ${e['expected_usd'][1] / 1e6:.1f}M expected (${e['expected_usd'][0] / 1e6:.1f}M to"
        f" ${e['expected_usd'][2] / 1e6:.1f}M)"
        + "".join(f", at or below the {k} cost with probability {v['p']:.2f}" for k, v in e["against"].items())
        + "."
        for e in verdict["essay"]
    )
    base = (
        f"Base rate: of {b['n']} models tested the same way before the fact, {100 * b['at_least_95']:.0f}% landed at"
        f" the 95th percentile or above and {100 * b['above_50']:.0f}% above the middle; V3 ranks {b['rank']}."
        if b["rank"]
        else ""
    )
    return Table(
        name="v3-expected",
        title="Was DeepSeek-V3 an expected point?",
        caption=(
            "Percentiles of its ability (high: abler than expected) and of its compute (low: cheaper than expected)."
            f" {base} {essay}"
        ),
        columns=(
            ("Seen", False),
            ("Ability percentile", True),
            ("Compute percentile", True),
            ("Expected over actual compute", True),
            ("Compared with", False),
        ),
        rows=tuple(rows),
    )


def _worse(quality: float) -> str:
    return "to be as good as" if quality == 1 else f"to be {quality:g} times worse than"


def _rates_table(headline: pl.DataFrame) -> Table:
    return Table(
        name="curve-rates",
        title="The fall per year, by what is meant",
        caption="All models. Different questions; none of them is “the” rate. Dollars: with the fall of cost per FLOP.",
        columns=(
            ("Meaning", False),
            ("Compute, times", True),
            ("Dollars, times", True),
            ("P(over 4, compute)", True),
            ("What it is", False),
        ),
        rows=tuple(
            (
                r["title"],
                f"{r['median']:.2g} ({r['low']:.2g} to {_cut(r['high'])})",
                (
                    "–"
                    if r["usd_median"] is None
                    else f"{r['usd_median']:.2g} ({r['usd_low']:.2g} to {_cut(r['usd_high'])})"
                ),
                f"{r['p_above_4']:.2f}",
                r["sentence"],
            )
            for r in headline.iter_rows(named=True)
        ),
    )


def _cut(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}" if value < 10_000 else "over 10,000"


def _firsts_table(firsts: pl.DataFrame) -> Table:
    def cell(level: int, budget: float, group: str) -> str:
        found = firsts.filter(
            pl.col("level_points") == level, pl.col("budget_flop") == budget, pl.col("country") == group
        )
        return f"{found['name'][0]}, {found['released_on'][0]:%Y-%m}" if found.height else "–"

    most, less = spread.BUDGETS_FLOP[0], spread.BUDGETS_FLOP[2]
    return Table(
        name="curve-firsts",
        title="Who was first at each ability and cost",
        caption=(
            "The likeliest first by release, among models whose compute is known: most closed models since 2025 are"
            f" not. Cheap: up to {less:.1e} FLOP, about DeepSeek-V3's."
        ),
        columns=(
            ("Points", True),
            ("US, any compute", False),
            ("China, any compute", False),
            ("US, cheap", False),
            ("China, cheap", False),
        ),
        rows=tuple(
            (
                str(level),
                cell(level, most, "USA"),
                cell(level, most, "CHN"),
                cell(level, less, "USA"),
                cell(level, less, "CHN"),
            )
            for level in spread.LEVELS
        ),
    )


def _adoption_table(adopted: pl.DataFrame) -> Table:
    def cell(row: dict[str, Any]) -> str:
        if not row["n"]:
            return "none recorded"
        return f"{row['first_months']:.0f} ({row['first']}); {row['n']} in all, median {row['median_months']:.0f}"

    groups: dict[str, dict[str, Any]] = {}
    for row in adopted.iter_rows(named=True):
        groups.setdefault(row["innovation"], {})[row["country"]] = row
    return Table(
        name="adoption",
        title="How long until others shipped what DeepSeek published",
        caption=(
            "Months from DeepSeek's release to the first recorded adopter of each country. Adopters that nobody"
            " recorded, and closed developers that do not say, are missing."
        ),
        columns=(
            ("Innovation", False),
            ("Published", False),
            ("China", False),
            ("United States", False),
            ("Other", False),
        ),
        rows=tuple(
            (name.replace("-", " "), str(g["CHN"]["shipped_on"]), *(cell(g[c]) for c in ("CHN", "USA", "other")))
            for name, g in groups.items()
        ),
    )
