"""The report's chapter on cost: what DeepSeek-V3 cost by each meaning of the word, and what its innovations saved."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.answers.questions.cost_savings import FEATURES, METRICS, saved
from leadtime.answers.registry import ask
from leadtime.cost.beside import Beside, beside
from leadtime.cost.costing import Costing
from leadtime.cost.meaning import SENTENCES, CostDefinition
from leadtime.cost.published import v3_against_llama
from leadtime.errors import LeadtimeError
from leadtime.figures.cost import PLAIN
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


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter on cost, or None before the run it is about was published."""
    evidence = study.evidence
    try:
        costing = study.costing(RUN)
    except LeadtimeError:
        return None
    rungs = ladder(costing)
    rows, split = _savings(study)
    others = beside(evidence, study.costing)
    return Chapter(
        name="cost",
        title="What DeepSeek-V3's innovations saved, and published costs beside ours",
        lead=lead(rungs, split),
        figures=(ask(study, "cost savings").drawn(),) if rows else (),
        tables=(
            _beside_table(study, others),
            *([_savings_table(rows)] if rows else []),
        ),
        json={
            "ladder": rungs.to_dicts(),
            "beside_published": [_record(b) for b in others],
            "savings": [{k: v for k, v in r.items() if k != "words"} for r in rows],
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
        f"“What DeepSeek-V3 cost” has answers from {usd(least['median_usd'])} ({_called(least)}) to "
        f"{usd(most['median_usd'])} ({_called(most)}). These answer different questions, so do not compare them."
    )
    if split is None:
        return said
    return (
        f"{said} Its pre-training took {split['gpu_hours']:.1f} times fewer chip hours than Llama 3.1 405B: "
        f"{split['flop_per_token']:.1f} times fewer operations per token, {split['tokens']:.2f} times fewer tokens, "
        f"{split['throughput']:.2f} times more operations a second on each chip."
    )


def _called(rung: dict[str, Any]) -> str:
    """Return what a page calls a figure: a meaning of cost of ours, or whose it is."""
    title = PLAIN.get(rung["words"].replace(" ", "_"), ("",))[0]
    return f"{title[:1].lower()}{title[1:]}" if title else str(rung["words"])


def usd(value: float) -> str:
    """Return dollars with three digits: $5.58M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"${value / size:.3g}{unit}"
    return f"${value:.3g}"


def _savings(study: "Study") -> tuple[list[dict[str, Any]], dict[str, float] | None]:
    try:
        split = v3_against_llama(study.evidence)
        rows = saved(study.evidence)
    except LeadtimeError:
        return [], None  # before the other runs it is compared with were public
    return rows, {name: getattr(split, name) for name in split.__slots__}


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


def _savings_table(rows: list[dict[str, Any]]) -> Table:
    factor = {(r["feature"], r["metric"]): r["factor"] for r in rows}
    against = {r["feature"]: r["words"] for r in rows}
    return Table(
        name="v3-savings",
        title="What each innovation of DeepSeek-V3 saved",
        caption=(
            "Times less, each feature's mean over all orders of adding them (Shapley, on a log scale): the factors"
            " multiply to the last row. Below one: it cost more. Against the named alternative; a network of equal"
            " quality is a rule of thumb, and the speed of 8-bit products is judged from another's measurement."
        ),
        columns=(("Innovation", False), *((t, True) for t in METRICS.values()), ("Against", False)),
        rows=tuple((FEATURES[f], *(f"{factor[f, m]:.2f}" for m in METRICS), against[f]) for f in against),
    )
