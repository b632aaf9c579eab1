"""`leadtime cost`: what a run cost, by every definition; and what a network's configuration comes to."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.errors import LeadtimeError
from leadtime.terminal import put, put_json, wrap

if TYPE_CHECKING:
    from leadtime.cost.bill import Bill
    from leadtime.cost.definitions import Cost
    from leadtime.evidence import Evidence


def cost(
    model: Annotated[str | None, typer.Argument(help="A model or a run, such as deepseek-v3.")] = None,
    definition: Annotated[
        str | None,
        typer.Option(
            "--definition", help="rental, amortized, cloud_committed, acquisition or development; default all."
        ),
    ] = None,
    against: Annotated[str | None, typer.Option("--against", help="A second run: the ratio of the two costs.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A Hugging Face config.json: count the network.")
    ] = None,
    sequence: Annotated[int, typer.Option("--sequence", min=1, help="With --config: tokens in a sequence.")] = 4096,
    chip: Annotated[str | None, typer.Option("--chip", help="A chip, such as h100-sxm.")] = None,
    gpu_hours: Annotated[float | None, typer.Option("--gpu-hours", help="Chip-hours.")] = None,
    flop: Annotated[float | None, typer.Option("--flop", help="Training compute.")] = None,
    precision: Annotated[
        str | None, typer.Option("--precision", help="The peak --mfu refers to; default 16 bits.")
    ] = None,
    mfu: Annotated[float | None, typer.Option("--mfu", help="Utilization, a fraction of that peak.")] = None,
    chips: Annotated[float | None, typer.Option("--chips", help="Chips used at once.")] = None,
    days: Annotated[float | None, typer.Option("--days", help="Length of the run.")] = None,
    tokens: Annotated[float | None, typer.Option("--tokens", help="Tokens trained on.")] = None,
    active_parameters: Annotated[
        float | None, typer.Option("--active-parameters", help="Parameters used per token.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", help="Start of training; default today.")] = None,
    price_usd: Annotated[float | None, typer.Option("--price-usd", help="Rent per chip-hour to use.")] = None,
    price_of: Annotated[str | None, typer.Option("--price-of", help="Another chip whose prices stand in.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Use only what was public then.")] = None,
    study: Annotated[Path | None, typer.Option("--study", metavar="DIR", help="A folder with evidence/*.csv.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    draws: Annotated[int, typer.Option("--draws", min=2)] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what a training run cost, by each meaning of the word, with intervals."""
    if config is not None:
        from leadtime.cost.describe import config_report

        rows = config_report(config, sequence)
        return put_json(dict(rows)) if as_json else _lines(rows)
    from leadtime.cost.bill import Bill
    from leadtime.cost.run import Run, find_run
    from leadtime.evidence import Evidence
    from leadtime.study import parse_date

    evidence = Evidence.load(study, as_of=parse_date(as_of))
    if model is not None:
        run = find_run(evidence, model)
    elif chip or gpu_hours or flop:
        start = parse_date(date) or evidence.as_of
        run = Run(
            id="your-run", organization="", published_on=start, started_on=start, chip=chip, n_chips=chips,
            hours=days * 24 if days is not None else None, chip_hours=gpu_hours, flop=flop, tokens=tokens,
            active_parameters=active_parameters, mfu=mfu, mfu_precision=precision,
        )  # fmt: skip
    else:
        raise LeadtimeError(
            "nothing to cost", fix="Name a model, or give --chip with --gpu-hours, --flop or --chips and --days, or --config."
        )  # fmt: skip
    bill = Bill(run, evidence, seed=seed, draws=draws, price_usd=price_usd, price_of=price_of)
    if against:
        second = find_run(evidence, against)
        other = Bill(second, evidence, seed=seed, draws=draws, price_of=None if second.chip else price_of)
        bill = Bill(run, evidence, seed=seed, draws=draws, price_usd=price_usd, price_of=None if run.chip else price_of)
        return _ratios(bill, other, definition, as_json=as_json)
    return _ladder(bill, definition, as_json=as_json)


def _ladder(bill: "Bill", definition: str | None, *, as_json: bool) -> None:
    from leadtime.cost.definitions import CostDefinition

    found: dict[str, Cost | LeadtimeError] = {}
    for name in [definition] if definition else list(CostDefinition):
        try:
            found[name] = bill.cost(name)
        except LeadtimeError as error:
            if definition:
                raise
            found[name] = error
    costs = [c for c in found.values() if not isinstance(c, LeadtimeError)]
    stated = _stated(bill)
    if as_json:
        missing = {n: str(c) for n, c in found.items() if isinstance(c, LeadtimeError)}
        return put_json(
            {"run": bill.run.id, "costs": [_record(bill, c) for c in costs], "stated": stated, "not_computed": missing}
        )
    put(f"{bill.run.id}: what it cost, in US dollars of the day\n")
    for row in stated:
        put(f"  {row['by']:<18} {_usd(row['value_usd'])}")
        wrap(f"{row['words']}: {row['definition']}{row['note']} ({row['source']})", "      ")
    for name, c in found.items():
        _show(bill, name, c, whole=bool(definition))
    _show_flags(costs)
    put(f"\nchip-hours: {bill.hours.basis}; chip: {bill.run.chip or 'not known'}")
    return _stamp(bill)


def _show_flags(costs: "list[Cost]") -> None:
    flags = dict.fromkeys(f for c in costs for f in c.flags)
    if flags:
        put("\nfilled in or doubtful:")
    for flag in flags:
        wrap(f"- {flag}", "  ")


def _show(bill: "Bill", name: str, c: "Cost | LeadtimeError", *, whole: bool) -> None:
    from leadtime.cost.definitions import SENTENCES

    if isinstance(c, LeadtimeError):
        put(f"  {name:<18} not computed")
        return wrap(" ".join(str(c).split()), "      ")
    e = bill.estimate(c)
    put(f"  {name:<18} {_usd(e.median)} [{_usd(e.low)}, {_usd(e.high)}]")
    wrap(SENTENCES[c.definition], "      ")
    for part in c.components if whole else ():
        put(f"      {part.name:<14} {_usd(_median(part.draws_usd))}")
        wrap(part.basis, "          ")
    return None


def _ratios(a: "Bill", b: "Bill", definition: str | None, *, as_json: bool) -> None:
    import numpy as np

    from leadtime.cost.definitions import CostDefinition, ratio

    rows: list[dict[str, Any]] = []
    for name in [definition] if definition else list(CostDefinition):
        try:
            x = ratio(a.cost(name), b.cost(name))
        except LeadtimeError as error:
            if definition:
                raise
            print(f"{name}: {error.what}", file=sys.stderr)
            continue
        low, mid, high = (float(v) for v in np.quantile(x, [0.05, 0.5, 0.95]))
        rows.append({"definition": str(name), "median": mid, "low": low, "high": high})
    if as_json:
        return put_json({"run": a.run.id, "against": b.run.id, "ratios": rows})
    put(f"cost of {a.run.id} over that of {b.run.id}\n")
    for r in rows:
        put(f"  {r['definition']:<18} {r['median']:.3g} [{r['low']:.2g}, {r['high']:.2g}]")
    return _stamp(a)


def _record(bill: "Bill", c: "Cost") -> dict[str, Any]:
    parts = [{"name": p.name, "median_usd": _median(p.draws_usd), "basis": p.basis} for p in c.components]
    return bill.estimate(c).to_json() | {"components": parts, "flags": list(c.flags)}


def _stated(bill: "Bill") -> list[dict[str, Any]]:
    """Return what others state about the run or its developer: each figure with what it means."""
    import polars as pl

    run, published = bill.run, bill.evidence["published"]
    ids = {run.id, run.organization} - {""}
    words = {
        "training_cost_usd": "cost of training",
        "capex_usd": "cost of the developer's servers",
        "opex_usd": "running the developer's cluster",
    }
    rows = published.filter(pl.col("subject").is_in(list(ids)) & pl.col("quantity").is_in(list(words)))
    return [
        {
            "by": r["published_by"],
            "words": words[r["quantity"]],
            "value_usd": r["value"] or (r["low"] * r["high"]) ** 0.5,
            "definition": r["definition"] or "",
            "note": f"; {r['note']}" if r["note"] else "",
            "source": r["source"],
        }
        for r in rows.iter_rows(named=True)
        if r["value"] or (r["low"] and r["high"])
    ]


def _median(draws: Any) -> float:
    import numpy as np

    return float(np.median(draws))


def _usd(value: float) -> str:
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"${value / size:.3g}{unit}"
    return f"${value:.3g}"


def _stamp(bill: "Bill") -> None:
    e: Evidence = bill.evidence
    put(f"as of {e.as_of}, evidence {e.hash}, seed {bill.stated.seed}, {bill.stated.n} draws, 90 % intervals")


def _lines(rows: list[tuple[str, str]]) -> None:
    for label, value in rows:
        put(f"{label:<46} {value}")
