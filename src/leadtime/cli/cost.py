"""`leadtime cost`: what a run cost, by every definition; and what a network's configuration comes to."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import Draws, Seed, open_evidence, put, put_json, wrap
from leadtime.errors import LeadtimeError

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
    seed: Seed = None,
    draws: Draws = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what a training run cost, by each meaning of the word, with intervals."""
    from leadtime.answers import costs

    if config is not None:
        from leadtime.cost.describe import config_report

        rows = config_report(config, sequence)
        return put_json(costs.network_json(rows)) if as_json else _lines(rows)
    from leadtime.evidence.settings import resolve
    from leadtime.study import parse_date

    evidence = open_evidence(as_of, study)
    own = {"chip": chip, "gpu_hours": gpu_hours, "flop": flop, "precision": precision, "mfu": mfu, "chips": chips, "days": days,
           "tokens": tokens, "active_parameters": active_parameters, "date": parse_date(date)}  # fmt: skip
    seed, draws, _ = resolve(study, seed, draws, None)
    settings = {
        "seed": seed,
        "draws": draws,
        "price_usd": price_usd,
        "price_of": price_of,
    }
    if as_json:
        return put_json(costs.cost(evidence, model=model, definition=definition, against=against, **own, **settings))  # type: ignore[arg-type]
    if against:
        a, b = costs.pair(evidence, model, own, against, **settings)  # type: ignore[arg-type]
        return _ratios(a, b, definition)
    return _ladder(costs.bill_of(evidence, model, own, **settings), definition)  # type: ignore[arg-type]


def _ladder(bill: "Bill", definition: str | None) -> None:
    from leadtime.answers.costs import ladder, stated

    found = ladder(bill, definition)
    put(f"{bill.run.id}: what it cost, in US dollars of the day\n")
    for row in stated(bill):
        put(f"  {row['by']:<18} {_usd(row['value_usd'])}")
        wrap(f"{row['words']}: {row['definition']}{row['note']} ({row['source']})", "      ")
    for name, c in found.items():
        _show(bill, name, c, whole=bool(definition))
    _show_flags([c for c in found.values() if not isinstance(c, LeadtimeError)])
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


def _ratios(a: "Bill", b: "Bill", definition: str | None) -> None:
    from leadtime.answers.costs import ratios

    rows, missing = ratios(a, b, definition)
    for name, why in missing.items():
        print(f"{name}: {why}", file=sys.stderr)
    put(f"cost of {a.run.id} over that of {b.run.id}\n")
    for r in rows:
        put(f"  {r['definition']:<18} {r['median']:.3g} [{r['low']:.2g}, {r['high']:.2g}]")
    return _stamp(a)


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
