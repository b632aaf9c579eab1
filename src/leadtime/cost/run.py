"""One training run as it is known: its chips, hours, compute, and the chip-hours that follow."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.utilization import utilization
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

#: Achieved rates outside this share of the 16-bit peak are doubtful.
PLAUSIBLE = (0.05, 0.60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is known of one run, or None if it was not published.

    Args:
        id: Id of the run.
        organization: Who ran it.
        published_on: Publication of the model.
        started_on: Start of training, where known.
        chip: Id of the chip.
        n_chips: Chips used at once.
        hours: Wall-clock length.
        chip_hours: Chip-hours; `chip_hours_reported` tells whether they were published.
        flop, flop_low, flop_high: Training compute with its 90 % interval, where stated.
        flop_published: Whether the compute is the developer's figure or follows from it (6ND).
        tokens, active_parameters: For the compute where `flop` is not known.
        mfu, mfu_precision: Utilization, and the peak it refers to.
        source: Source id.
        model: Id of its model, empty if there is none, as for a run that a user brings.
        scope: all, pre-training, continued or post-training.
        confidence: How sure its source is of the figures.
        ended_on: End of training, where known.
        flop_drawn: Draws of the training compute, shape (draw,), that stand in for `flop`, and in `flop_how` what they
            rest on.
    """

    id: str
    organization: str
    published_on: dt.date
    chip: str | None = None
    started_on: dt.date | None = None
    n_chips: float | None = None
    hours: float | None = None
    chip_hours: float | None = None
    chip_hours_reported: bool = True
    flop: float | None = None
    flop_low: float | None = None
    flop_high: float | None = None
    flop_published: bool = True
    tokens: float | None = None
    active_parameters: float | None = None
    mfu: float | None = None
    mfu_precision: str | None = None
    source: str = ""
    model: str = ""
    scope: str = "all"
    confidence: str = ""
    ended_on: dt.date | None = None
    flop_drawn: Floats | None = field(default=None, compare=False, repr=False)
    flop_how: str = ""

    def __post_init__(self) -> None:
        for name in ("n_chips", "hours", "chip_hours", "flop", "tokens", "active_parameters"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise LeadtimeError(f"{name} is {value:g}", where=self.id, fix="Expected a number above zero.")
        if self.mfu is not None and not 0 < self.mfu <= 1:
            raise LeadtimeError(
                f"mfu is {self.mfu:g}", where=self.id, fix="Expected a fraction of the peak, such as 0.39."
            )
        if self.flop is not None and not 1e18 <= self.flop <= 1e29:
            raise LeadtimeError(
                f"{self.flop:g} FLOP is not the size of a training run",
                where=self.id,
                fix="Expected 1e18 to 1e29 in all (GPT-4: 2e25); write FLOP, not petaFLOP or exaFLOP.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Chip-hours of a run: draws, how they are known, what was filled in; draws of the utilization where it was one of
    these.
    """

    draws: Floats
    basis: str
    flags: tuple[str, ...] = ()
    rate: Floats | None = None


def find_run(evidence: Evidence, name: str) -> Run:
    """Return the run called `name`; or of that model the one that covers most of its training, else of the model it was
    made from.

    A model without any recorded run is one of which maker and day alone are known.

    Raises:
        LeadtimeError: There is no such run or model. The message has the nearest names.
    """
    table = evidence["training_runs"]
    if name in set(table["id"]):
        return _of_row(evidence, table.filter(table["id"] == name).row(0, named=True))
    known = set(evidence["models"]["id"])
    model = name if name in known else evidence.resolve_model(name)
    found, base = _run_of(evidence, model), model
    while found is None and (base := _base(evidence, base)):
        found = _run_of(evidence, base)
    row = evidence["models"].row(by_predicate=pl.col("id") == model, named=True)
    if found is None:
        return Run(
            id=model,
            model=model,
            organization=row["organization"],
            published_on=row["released_on"],
            ended_on=row["trained_by"],
            source=row["source"],
        )
    return found if base == model else replace(found, model=model)


def _run_of(evidence: Evidence, model: str) -> Run | None:
    table = evidence["training_runs"]
    rows = table.filter(table["model"] == model)
    if rows.is_empty():
        return None
    order = {"all": 0, "pre-training": 1, "continued": 2, "post-training": 3}
    best = min(rows.iter_rows(named=True), key=lambda r: (order[r["scope"]], r["chip"] is None))
    return _of_row(evidence, best)


def _base(evidence: Evidence, model: str) -> str:
    """Return the model that a model was made from, empty if none is recorded."""
    models = evidence["models"]
    found = models.filter(models["id"] == model)["base_model"]
    return str(found.item() or "") if len(found) else ""


def _of_row(evidence: Evidence, row: dict[str, Any]) -> Run:
    same = (
        "id",
        "organization",
        "published_on",
        "chip",
        "n_chips",
        "hours",
        "chip_hours",
        "flop",
        "flop_low",
        "flop_high",
        "tokens",
        "active_parameters",
        "mfu",
        "mfu_precision",
        "source",
        "scope",
        "confidence",
    )
    models = evidence["models"]
    ended = models.filter(pl.col("id") == (row["model"] or ""))["trained_by"]
    return Run(
        **{name: row[name] for name in same},
        chip_hours_reported=row["chip_hours_basis"] != "derived",
        flop_published=row["flop_basis"] in ("reported", "6nd"),
        model=row["model"] or "",
        ended_on=ended[0] if len(ended) and row["scope"] in ("all", "pre-training") else None,
    )


def peak_flop_s(evidence: Evidence, chip: str, precision: str) -> float:
    """Return the dense peak of a chip at one precision, FLOP/s.

    Raises:
        LeadtimeError: The chip does not offer it, with those it does.
    """
    peaks = evidence["chip_peaks"].filter(evidence["chip_peaks"]["chip"] == chip)
    offered = dict(peaks.select("precision", "tera_op_s").iter_rows())
    if precision not in offered:
        words = f"It offers {', '.join(sorted(offered))}." if offered else "No peak of it was published."
        raise LeadtimeError(f"{chip} has no peak at {precision}", where="--precision", fix=words)
    return float(offered[precision]) * 1e12


def sixteen_bit(evidence: Evidence, chip: str) -> str:
    """Return the name of a chip's 16-bit precision: bf16 where it has one, else fp16.

    Raises:
        LeadtimeError: No 16-bit peak of the chip is known.
    """
    peaks = evidence["chip_peaks"].filter(evidence["chip_peaks"]["chip"] == chip)
    offered = set(peaks["precision"])
    for precision in ("bf16", "fp16"):
        if precision in offered:
            return precision
    raise LeadtimeError(
        f"nobody has published the 16-bit peak of {chip}",
        where="chip_peaks",
        fix="Add a row to evidence/chip_peaks.csv of a study folder.",
    )


def chip_hours(run: Run, evidence: Evidence, stated: Assumptions) -> Hours:
    """Return the chip-hours of a run, from the best of what is known.

    Published hours; chips times days; compute over achieved rate (with `mfu`, always of the peak it refers to).

    Raises:
        LeadtimeError: Nothing known gives them.
    """
    own = f"run {run.id}"
    if run.chip_hours is not None and run.chip_hours_reported:
        return Hours(draws=np.full(max(stated.n, 1), run.chip_hours), basis="published")
    if run.chip_hours is not None or (run.n_chips and run.hours):
        center = run.chip_hours or (run.n_chips or 0) * (run.hours or 0)
        factor = stated.draw("uncertainty-quantity", own) * stated.draw("uncertainty-time", own)
        return Hours(
            draws=center * factor, basis="chips times days", flags=("chip-hours from estimated chips and days",)
        )
    if run.chip is None:
        raise LeadtimeError(
            f"nobody has published the chip-hours or the chip of {run.id}",
            where="training_runs",
            fix="Give --gpu-hours, or --chip with --flop, or add a row to training_runs in a study folder.",
        )
    flop, flags = compute(run, stated)
    precision = run.mfu_precision or sixteen_bit(evidence, run.chip)
    if run.mfu is None:
        mfu, flag = utilization(evidence, stated, own, precision, apart_from=(run.id, run.model or run.id))
        flags = (*flags, flag)
    else:
        mfu = np.full(1, run.mfu)
    rate = peak_flop_s(evidence, run.chip, precision) * mfu
    return Hours(
        draws=np.broadcast_to(flop / rate / 3600, (max(stated.n, 1),)),
        basis="compute over achieved rate",
        flags=flags,
        rate=mfu if run.mfu is None else None,
    )


def compute(run: Run, stated: Assumptions) -> tuple[Floats, tuple[str, ...]]:
    """Return draws of the training compute in FLOP, and what was filled in.

    Raises:
        LeadtimeError: Neither the compute nor tokens and parameters are known.
    """
    own = f"run {run.id}"
    if run.flop_drawn is not None:
        return run.flop_drawn, (run.flop_how,)
    if run.flop is not None:
        if run.flop_low and run.flop_high:
            spread = np.log(run.flop_high / run.flop_low) / 2 / 1.6448536269514722
            return run.flop * np.exp(spread * stated.normal(f"flop {own}")), ()
        if run.flop_published:
            return np.full(max(stated.n, 1), run.flop), ()
        return run.flop * stated.draw("uncertainty-compute", own), ("compute is another's estimate",)
    if run.tokens and run.active_parameters:
        flag = "compute as 6 x active parameters x tokens, which leaves out attention"
        return np.full(max(stated.n, 1), 6 * run.tokens * run.active_parameters), (flag,)
    raise LeadtimeError(
        f"nobody has published the compute of {run.id}",
        where="training_runs",
        fix="Give --flop, or --tokens with --active-parameters, or --gpu-hours.",
    )


def doubts(run: Run, evidence: Evidence, hours: Hours) -> tuple[str, ...]:
    """Return what does not fit: an achieved rate outside 5 to 60 % of the 16-bit peak.

    Raises:
        LeadtimeError: The rate is above every peak of the chip, or a thousandth of it: a figure is off.
    """
    if (
        run.chip is None
        or run.flop_drawn is not None
        or (run.flop is None and not (run.tokens and run.active_parameters))
    ):
        return ()
    try:
        peak = peak_flop_s(evidence, run.chip, sixteen_bit(evidence, run.chip))
    except LeadtimeError:
        return (f"no 16-bit peak of {run.chip} is known, so the achieved rate was not checked",)
    flop = run.flop or 6 * (run.tokens or 0) * (run.active_parameters or 0)
    share = flop / (float(np.median(hours.draws)) * 3600) / peak
    if not 1e-3 < share < 4:
        raise LeadtimeError(
            f"{flop:.3g} FLOP in {np.median(hours.draws):,.0f} hours is {share:.2g} of the 16-bit peak of {run.chip}",
            where=run.id,
            fix="One of the figures is wrong, perhaps by a factor of 1,000: check FLOP, hours and chip.",
        )
    low, high = PLAUSIBLE
    if low <= share <= high:
        return ()
    return (f"achieved rate is {share:.0%} of the 16-bit peak, outside {low:.0%} to {high:.0%}",)
