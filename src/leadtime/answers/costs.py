"""What a training run cost."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.answers.plain import program
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.bill import Bill
    from leadtime.cost.definitions import Cost
    from leadtime.cost.run import Run
    from leadtime.evidence import Evidence

#: Figures of others that are set beside ours, and what they are called.
_STATED = {
    "training_cost_usd": "cost of training",
    "capex_usd": "cost of the developer's servers",
    "opex_usd": "running the developer's cluster",
}


def cost(
    evidence: "Evidence", *, model: str | None = None, definition: str | None = None, against: str | None = None, chip: str | None = None,
    gpu_hours: float | None = None, flop: float | None = None, precision: str | None = None, mfu: float | None = None, chips: float | None = None,
    days: float | None = None, tokens: float | None = None, active_parameters: float | None = None, date: dt.date | None = None,
    price_usd: float | None = None, price_of: str | None = None, seed: int = 0, draws: int = 2000,
) -> dict[str, Any]:  # fmt: skip
    """Say what a training run cost, by each meaning of the word, with intervals."""
    own = {"chip": chip, "gpu_hours": gpu_hours, "flop": flop, "precision": precision, "mfu": mfu, "chips": chips, "days": days,
           "tokens": tokens, "active_parameters": active_parameters, "date": date}  # fmt: skip
    stamp = {**evidence.stamp, "seed": seed, "draws": draws}
    if against:
        a, b = pair(evidence, model, own, against, seed=seed, draws=draws, price_usd=price_usd, price_of=price_of)
        rows, _ = ratios(a, b, definition)
        return {**stamp, "run": a.run.id, "against": b.run.id, "ratios": rows}
    bill = bill_of(evidence, model, own, seed=seed, draws=draws, price_usd=price_usd, price_of=price_of)
    found = ladder(bill, definition)
    return {
        **stamp,
        "run": bill.run.id,
        "costs": [_record(bill, c) for c in found.values() if not isinstance(c, LeadtimeError)],
        "stated": stated(bill),
        "not_computed": {n: str(c) for n, c in found.items() if isinstance(c, LeadtimeError)},
    }


def network(*, config: str, sequence: int = 4096) -> dict[str, Any]:
    """Count the network in the text of a config.json: parameters by part, training FLOP per token, cache."""
    from leadtime.cost.config import parse_config, read_config
    from leadtime.cost.describe import describe

    return network_json(describe(read_config(parse_config(config)), sequence))


def network_json(rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the counts of a network by their labels; a label that begins with spaces is a part of the one above it."""
    return {**dict(rows), **program()}


def active_parameters(config: str) -> float:
    """Return the parameters that the network in the text of a config.json uses for a token."""
    from leadtime.cost.config import parse_config, read_config
    from leadtime.cost.counts import parameters

    return float(parameters(read_config(parse_config(config))).active_without_input_embedding)


def bill_of(
    evidence: "Evidence", model: str | None, own: dict[str, Any], *, seed: int, draws: int, price_usd: float | None, price_of: str | None
) -> "Bill":  # fmt: skip
    """Return the bill of a known run, or of one that is given by its figures.

    Raises:
        LeadtimeError: Nothing to cost, or a figure that makes no run.
    """
    from leadtime.cost.bill import Bill

    run = _run(evidence, model, own)
    try:
        return Bill(run, evidence, seed=seed, draws=draws, price_usd=price_usd, price_of=price_of)
    except LeadtimeError as error:
        published = "; ".join(
            f"${r['value_usd']:,.0f} by {r['by']}, {r['definition']}" for r in stated_of(evidence, run)
        )
        if not published:
            raise
        raise LeadtimeError(error.what, where=error.where, fix=f"{error.fix} Others published: {published}.") from error


def pair(
    evidence: "Evidence", model: str | None, own: dict[str, Any], against: str, *, seed: int, draws: int, price_usd: float | None, price_of: str | None
) -> "tuple[Bill, Bill]":  # fmt: skip
    """Return the bills of two runs; `price_of` stands in only where a chip is not known."""
    from leadtime.cost.bill import Bill
    from leadtime.cost.run import find_run

    run, second = _run(evidence, model, own), find_run(evidence, against)
    return (
        Bill(run, evidence, seed=seed, draws=draws, price_usd=price_usd, price_of=None if run.chip else price_of),
        Bill(second, evidence, seed=seed, draws=draws, price_of=None if second.chip else price_of),
    )


def _run(evidence: "Evidence", model: str | None, own: dict[str, Any]) -> Any:
    from leadtime.cost.run import Run, find_run

    if model is not None:
        return find_run(evidence, model)
    if not (own["chip"] or own["gpu_hours"] or own["flop"]):
        raise LeadtimeError(
            "nothing to cost", fix="Name a model, or give --chip with --gpu-hours, --flop or --chips and --days, or --config."
        )  # fmt: skip
    start = own["date"] or evidence.as_of
    return Run(
        id="your-run", organization="", published_on=start, started_on=start, chip=own["chip"], n_chips=own["chips"],
        hours=own["days"] * 24 if own["days"] is not None else None, chip_hours=own["gpu_hours"], flop=own["flop"], tokens=own["tokens"],
        active_parameters=own["active_parameters"], mfu=own["mfu"], mfu_precision=own["precision"],
    )  # fmt: skip


def ladder(bill: "Bill", definition: str | None) -> "dict[str, Cost | LeadtimeError]":
    """Return the cost by each definition, or why there is none; by one alone, that error is raised."""
    from leadtime.cost.definitions import CostDefinition

    found: dict[str, Cost | LeadtimeError] = {}
    for name in [definition] if definition else list(CostDefinition):
        try:
            found[str(name)] = bill.cost(name)
        except LeadtimeError as error:
            if definition:
                raise
            found[str(name)] = error
    return found


def ratios(a: "Bill", b: "Bill", definition: str | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the ratio of two costs by each definition, and why it cannot be told by the others."""
    from leadtime.cost.definitions import CostDefinition, ratio

    rows: list[dict[str, Any]] = []
    missing: dict[str, str] = {}
    for name in [definition] if definition else list(CostDefinition):
        try:
            x = ratio(a.cost(name), b.cost(name))
        except LeadtimeError as error:
            if definition:
                raise
            missing[str(name)] = error.what
            continue
        low, mid, high = (float(v) for v in np.quantile(x, [0.05, 0.5, 0.95]))
        rows.append({"definition": str(name), "median": mid, "low": low, "high": high})
    return rows, missing


def _record(bill: "Bill", c: "Cost") -> dict[str, Any]:
    parts = [{"name": p.name, "median_usd": float(np.median(p.draws_usd)), "basis": p.basis} for p in c.components]
    return bill.estimate(c).to_json() | {"components": parts, "flags": list(c.flags)}


def stated(bill: "Bill") -> list[dict[str, Any]]:
    """Return what others state about the run or its developer: each figure with what it means."""
    return stated_of(bill.evidence, bill.run)


def stated_of(evidence: "Evidence", run: "Run") -> list[dict[str, Any]]:
    """Return the same of a run, whether or not it can be costed here."""
    published = evidence["published"]
    ids = {run.id, run.organization} - {""}
    rows = published.filter(pl.col("subject").is_in(list(ids)) & pl.col("quantity").is_in(list(_STATED)))
    return [
        {
            "by": r["published_by"],
            "words": _STATED[r["quantity"]],
            "value_usd": r["value"] or (r["low"] * r["high"]) ** 0.5,
            "definition": r["definition"] or "",
            "note": f"; {r['note']}" if r["note"] else "",
            "source": r["source"],
        }
        for r in rows.iter_rows(named=True)
        if r["value"] or (r["low"] and r["high"])
    ]
