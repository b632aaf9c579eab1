"""The report's chapter on cost: what DeepSeek-V3 cost by each meaning of the word, and what its innovations saved."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.answers.words import day
from leadtime.cost.beside import Beside, beside
from leadtime.cost.costing import Costing
from leadtime.cost.meaning import SENTENCES, CostDefinition
from leadtime.cost.published import v3_against_llama, v3_comparison
from leadtime.cost.savings import ALTERNATIVES, savings
from leadtime.errors import LeadtimeError
from leadtime.figures.curve import waterfall
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study

RUN = "deepseek-v3"
_STATED = {
    "training_cost_usd": "stated",
    "capex_usd": "servers owned",
    "opex_usd": "cluster, four years",
}
_FEATURES = {
    "sparse-experts": "sparse experts",
    "mla": "latent attention (MLA)",
    "fp8": "8-bit products (FP8)",
    "mtp": "multi-token prediction",
    "all": "all together",
}


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter on cost, or None before the run it is about was published."""
    evidence = study.evidence
    try:
        costing = study.costing(RUN)
    except LeadtimeError:
        return None
    rungs = ladder(costing)
    saved, split = _savings(study)
    others = beside(evidence, study.costing)
    return Chapter(
        name="cost",
        title="What DeepSeek-V3's innovations saved, and published costs beside ours",
        lead=lead(rungs, split),
        figures=(_waterfall(study, saved),) if saved else (),
        tables=(
            _beside_table(study, others),
            *([_savings_table(saved)] if saved else []),
        ),
        json={
            "ladder": rungs.to_dicts(),
            "beside_published": [_record(b) for b in others],
            "savings": saved,
            "against_llama_3_1_405b": split,
        },
    )


def ladder(costing: Costing) -> pl.DataFrame:
    """Return one row per figure: by, words, definition, low_usd, median_usd, high_usd, source; computed ones first."""
    rows: list[dict[str, Any]] = []
    for definition in CostDefinition:
        try:
            cost = costing.cost(definition)
        except LeadtimeError:
            continue  # the table says which are missing: a price that nobody published is no error of the reader
        low, mid, high = (float(v) for v in np.quantile(cost.total_usd, [0.05, 0.5, 0.95]))
        rows.append(
            {
                "by": "leadtime",
                "words": definition.replace("_", " "),
                "definition": SENTENCES[definition],
                "low_usd": low,
                "median_usd": mid,
                "high_usd": high,
                "source": "; ".join(cost.flags),
            }
        )
    published = costing.evidence["published"].filter(
        pl.col("subject").is_in([costing.run.id, costing.run.organization]) & pl.col("quantity").is_in(list(_STATED))
    )
    names = dict(costing.evidence["organizations"].select("id", "name").iter_rows())
    for r in published.filter(pl.col("value").is_not_null()).sort("value").iter_rows(named=True):
        by = names.get(r["published_by"], r["published_by"])
        meaning = "; ".join(t for t in (r["definition"], r["note"]) if t)
        rows.append(
            {
                "by": by,
                "words": f"{_STATED[r['quantity']]}, {by}",
                "definition": meaning,
                "low_usd": None,
                "median_usd": float(r["value"]),
                "high_usd": None,
                "source": r["source"],
            }
        )
    return pl.DataFrame(rows, schema_overrides={c: pl.Float64 for c in ("low_usd", "median_usd", "high_usd")})


def lead(rungs: pl.DataFrame, split: dict[str, float] | None) -> str:
    """Return the least and the greatest figure, and why Llama took more hours."""
    least, most = rungs.sort("median_usd").row(0, named=True), rungs.sort("median_usd").row(-1, named=True)
    said = (
        f"“What DeepSeek-V3 cost” has answers from {usd(least['median_usd'])} ({least['words']}) to "
        f"{usd(most['median_usd'])} ({most['words']}). They mean different things and do not compare."
    )
    if split is None:
        return said
    return (
        f"{said} Its pre-training took {split['gpu_hours']:.1f} times fewer GPU-hours than Llama 3.1 405B: "
        f"{split['flop_per_token']:.1f} times fewer operations per token, {split['tokens']:.2f} times fewer tokens, "
        f"{split['throughput']:.2f} times more operations per second and GPU."
    )


def usd(value: float) -> str:
    """Return dollars with three digits: $5.58M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"${value / size:.3g}{unit}"
    return f"${value:.3g}"


def _savings(study: "Study") -> tuple[list[dict[str, Any]], dict[str, float] | None]:
    try:
        rent = float(study.evidence["assumptions"].filter(pl.col("id") == "deepseek-rental-price")["value"].item())
        comparison = v3_comparison(study.evidence, price_usd=rent)
        split = v3_against_llama(study.evidence)
    except (LeadtimeError, ValueError):
        return [], None  # before the other runs it is compared with were public
    rows = [
        {"feature": s.feature, "metric": s.metric, "shapley": s.shapley, "factor": s.factor, "against": s.alternative}
        for metric in ("training_flop", "gpu_hours", "kv_bytes", "dollars")
        for s in savings(comparison, metric)
    ]
    return rows, {name: getattr(split, name) for name in split.__slots__}


def _waterfall(study: "Study", saved: list[dict[str, Any]]) -> Figure:
    """Return how each innovation brings V3's GPU-hours down from those of a network without them."""
    hours = {r["feature"]: r for r in saved if r["metric"] == "gpu_hours"}
    whole = hours.pop("all")
    actual = whole["shapley"] / (whole["factor"] - 1)
    at = actual + whole["shapley"]
    steps = [_step("without any of them", 0.0, at, "whole run")]
    for feature, row in hours.items():
        steps.append(_step(_FEATURES[feature], at - row["shapley"], at, "saved" if row["shapley"] >= 0 else "added"))
        at -= row["shapley"]
    steps.append(_step("DeepSeek-V3", 0.0, actual, "whole run"))
    return Figure(
        name="v3-waterfall",
        title="What each innovation of DeepSeek-V3 took off its GPU-hours",
        finding=saver(hours),
        description=(
            "A bar for a network of equal quality without the innovations, one for what each takes off or adds, and "
            "one for DeepSeek-V3."
        ),
        method="Millions of chip hours of pre-training.",
        n=f"{len(hours)} innovations",
        chart=waterfall(steps),
        data=pl.DataFrame(steps),
        caption=(
            f"As of {day(study.as_of)}. Each innovation's mean over all orders of adding them (Shapley). The network of"
            f" equal quality is a rule of thumb, no interval is known for it; leadtime, evidence {study.evidence.hash}."
        ),
    )


def saver(hours: dict[str, Any]) -> str:
    """Return which innovation took most off the chip hours, a headline; that none did where none did."""
    most = max(hours, key=lambda f: hours[f]["shapley"])
    if hours[most]["shapley"] <= 0:
        return "None of its innovations took anything off DeepSeek-V3's chip hours"
    words = _FEATURES[most]
    return f"{words[:1].upper()}{words[1:]} took most off DeepSeek-V3's chip hours"


def _step(name: str, start: float, end: float, kind: str) -> dict[str, Any]:
    low, high = sorted((start / 1e6, end / 1e6))
    sign = {"whole run": "", "saved": "−", "added": "+"}[kind]
    return {
        "step": name,
        "start": low,
        "end": high,
        "right": high,
        "kind": kind,
        "change": high - low,
        "words": f"{sign}{high - low:.2f}M",
    }


def _record(b: Beside) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(b).items()}


def _beside_table(study: "Study", others: list[Beside]) -> Table:
    names = dict(study.evidence["models"].select("id", "name").iter_rows())
    by = dict(study.evidence["organizations"].select("id", "name").iter_rows())
    held = [b.ratio for b in others if b.ratio]
    inside = sum(low <= 1 <= high for low, _, high in held)
    return Table(
        name="cost-beside",
        title="Published costs beside ours",
        caption=(
            f"Of {len(others)} published costs {len(held)} name a meaning that can be computed here. Theirs lies within"
            f" our 90% interval for {inside} of these. Theirs are in dollars of the year they name, ours in dollars of"
            " the day. Of the others the last column says why not."
        ),
        columns=(
            ("Model", False),
            ("By", False),
            ("Theirs, US dollars", True),
            ("What they mean", False),
            ("Ours, US dollars", True),
            ("Ours over theirs", True),
            ("Filled in or doubtful in ours; or why not", False),
        ),
        rows=tuple(
            (
                names.get(b.subject, b.subject),
                by.get(b.by, b.by),
                usd(b.theirs_usd),
                b.theirs_definition,
                "–" if b.ours_usd is None else f"{usd(b.ours_usd[1])} ({usd(b.ours_usd[0])} to {usd(b.ours_usd[2])})",
                "–" if b.ratio is None else f"{b.ratio[1]:.2f} ({b.ratio[0]:.2f} to {b.ratio[2]:.2f})",
                b.why_not or "; ".join(b.flags) or "–",
            )
            for b in others
        ),
    )


def _savings_table(saved: list[dict[str, Any]]) -> Table:
    units = {
        "training_flop": "operations",
        "gpu_hours": "GPU-hours",
        "kv_bytes": "cache per token",
        "dollars": "dollars at $2 an hour",
    }
    features = list(dict.fromkeys(r["feature"] for r in saved))
    factor = {(r["feature"], r["metric"]): r["factor"] for r in saved}
    against = {f: ALTERNATIVES.get(f, {}).get(r["against"], r["against"]) for r in saved for f in [r["feature"]]}
    metrics = [m for m in units if m != "dollars"]
    return Table(
        name="v3-savings",
        title="What each innovation of DeepSeek-V3 saved",
        caption=(
            "Times less, each feature's mean over all orders of adding them (Shapley, on a log scale): the factors"
            " multiply to the last row. Below one: it cost more. Against the named alternative; a network of equal"
            " quality is a rule of thumb, and the speed of 8-bit products is judged from another's measurement."
        ),
        columns=(("Innovation", False), *((units[m], True) for m in metrics), ("Against", False)),
        rows=tuple((_FEATURES[f], *(f"{factor[f, m]:.2f}" for m in metrics), against[f]) for f in features),
    )
