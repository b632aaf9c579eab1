"""What DeepSeek-V3's innovations saved against a network of equal quality without them."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import question
from leadtime.answers.words import listed, significant

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.figures.figure import Figure

FEATURES = {
    "sparse-experts": "sparse experts",
    "mla": "latent attention (MLA)",
    "fp8": "8-bit products (FP8)",
    "mtp": "multi-token prediction",
    "all": "all together",
}
#: What is saved, to the heading of its column.
METRICS = {
    "training_flop": "Operations, times less",
    "gpu_hours": "Chip hours, times less",
    "kv_bytes": "Cache per token, times less",
}


@question(
    "cost savings",
    "What did the innovations of DeepSeek-V3 save?",
    of="evidence",
    command="cost --savings",
    schema="cost-savings",
    docs="methods/cost",
)
def cost_savings(evidence: "Evidence") -> Answer:
    """Say how many times less computing and memory each innovation of DeepSeek-V3 took."""
    found = saved(evidence)
    by: dict[str, dict[str, Any]] = {}
    for r in found:
        row = by.setdefault(r["feature"], {"feature": r["feature"], "title": FEATURES[r["feature"]]})
        row |= {r["metric"]: r["factor"], f"{r['metric']}_saved": r["shapley"]}
        row.setdefault("against", r["words"])
    hours = {r["feature"]: r for r in found if r["metric"] == "gpu_hours"}
    return Answer(
        sentence=f"{saver(hours)}: {_times(hours)}.",
        rows=Table(
            rows=list(by.values()),
            columns=(
                Column(key="title", title="Innovation"),
                *(Column(key=k, title=t, kind="number", digits=2) for k, t in METRICS.items()),
                Column(key="against", title="Against"),
            ),
        ),
        tag="assumed in part",
        about=About(
            definition=(
                "Times less of each, the mean over all orders of adding the innovations (Shapley, on a log scale). The"
                " factors multiply to the last row. Below one, it took more."
            ),
            rests_on="The published networks and chip hours of DeepSeek-V3 and of others.",
            limits=(
                "The network of equal quality is a rule of thumb, so no range is known.",
                "The speed of 8-bit products is judged from another's measurement.",
            ),
            docs="methods/cost",
            see=("cost", "cost versus"),
        ),
        figure=functools.partial(_figure, hours, dict(evidence.stamp)),
    )


def saved(evidence: "Evidence") -> list[dict[str, Any]]:
    """Return what each innovation saved by each metric: feature, metric, shapley (in the metric's unit), factor,
    against (its id), words (the same in words).

    Raises:
        LeadtimeError: The runs that it is compared with were not public.
    """
    import polars as pl

    from leadtime.cost.published import v3_comparison
    from leadtime.cost.savings import ALTERNATIVES, savings
    from leadtime.errors import LeadtimeError

    rent = evidence["assumptions"].filter(pl.col("id") == "deepseek-rental-price")["value"]
    if rent.is_empty():
        raise LeadtimeError(
            "DeepSeek had not published what it paid for chips by this day", fix="Ask as of 2025-01-01 or later."
        )
    comparison = v3_comparison(evidence, price_usd=float(rent.item()))
    return [
        {
            "feature": s.feature,
            "metric": metric,
            "shapley": s.shapley,
            "factor": s.factor,
            "against": s.alternative,
            "words": ALTERNATIVES.get(s.feature, {}).get(s.alternative, s.alternative),
        }
        for metric in (*METRICS, "dollars")
        for s in savings(comparison, metric)
    ]


def saver(hours: dict[str, Any]) -> str:
    """Return which innovation took most off the chip hours, a headline; that none did where none did."""
    only = {f: r for f, r in hours.items() if f != "all"}
    most = max(only, key=lambda f: only[f]["shapley"])
    if only[most]["shapley"] <= 0:
        return "None of its innovations took anything off DeepSeek-V3's chip hours"
    words = FEATURES[most]
    return f"{words[:1].upper()}{words[1:]} took most off DeepSeek-V3's chip hours"


def _times(hours: dict[str, Any]) -> str:
    parts = [
        f"{FEATURES[f]} took {significant(r['factor'], 2)} times less"
        for f, r in sorted(hours.items(), key=lambda x: -x[1]["factor"])
        if f != "all" and r["factor"] >= 1.005
    ]
    whole = f"{significant(hours['all']['factor'], 2)} times less in all"
    return f"{listed(parts)}, {whole}" if parts else whole


def _figure(hours: dict[str, Any], stamp: dict[str, Any]) -> "Figure":
    from leadtime.figures.curve import waterfall

    whole = hours["all"]
    actual = whole["shapley"] / (whole["factor"] - 1)
    at = actual + whole["shapley"]
    steps = [_step("without any of them", 0.0, at, "whole run")]
    for feature, row in hours.items():
        if feature == "all":
            continue
        steps.append(_step(FEATURES[feature], at - row["shapley"], at, "saved" if row["shapley"] >= 0 else "added"))
        at -= row["shapley"]
    steps.append(_step("DeepSeek-V3", 0.0, actual, "whole run"))
    return figure(
        name="cost-savings",
        title="Millions of chip hours of pre-training, and what each innovation took off. No range is known.",
        chart=waterfall(steps),
        rows=steps,
        n=f"{len(hours) - 1} innovations",
        method=(
            "Each innovation's mean over all orders of adding them (Shapley). The network of equal quality is a rule of"
            " thumb, so no range is known."
        ),
        stamp=stamp,
    ).named(saver(hours))


def _step(name: str, start: float, end: float, kind: str) -> dict[str, Any]:
    low, high = sorted((start / 1e6, end / 1e6))
    sign = {"whole run": "", "saved": "−", "added": "+"}[kind]
    return {
        "step": name,
        "start": low,
        "end": high,
        "kind": kind,
        "change": high - low,
        "words": f"{sign}{high - low:.2f}M",
    }
