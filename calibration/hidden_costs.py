"""How often do costs that were told from little hold the costs that what was disclosed gives?

    python calibration/hidden_costs.py [--jobs N]

Every run of the evidence whose chip and chip-hours are known is hidden in turn, twice: all of it, so that only its
model's ability, its day, its developer and country are left (the curve is fitted again without the model and what
continued the same run, chips and utilization without the run); then its chip and hours alone, so that its compute is
left too. The intervals are set against the median of what the disclosed chip and hours give by the same prices.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from record import Check, Run, Table, run_of

from leadtime.cost.by_ability import Known
from leadtime.cost.costing import Costing
from leadtime.cost.expected import others
from leadtime.cost.run import Run as TrainingRun
from leadtime.cost.run import find_run
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.study import Study

QUESTION = (
    "How often do 90 % intervals of the cost of a run of which little is known hold the cost that its disclosed chip"
    " and hours give?"
)
#: Declared before any run: 80 to 95 % where all is hidden. Where compute is known, intervals may be wider than need be.
BOUNDS, LEAST = (0.80, 0.95), 0.80
DEFINITIONS = ("rental", "amortized", "acquisition")
ALL, PART = "chip, hours and compute", "chip and hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """One cost of one run that was hidden: dollars that the disclosed figures give, and the interval without them."""

    run: str
    hidden: str
    measured: bool
    definition: str
    disclosed_usd: float
    low_usd: float
    median_usd: float
    high_usd: float

    @property
    def held(self) -> bool:
        """Whether the interval holds what the disclosed figures give."""
        return self.low_usd <= self.disclosed_usd <= self.high_usd


def disclosed(evidence: Evidence) -> list[str]:
    """Return the runs whose chip and chip-hours are known, whole trainings only."""
    runs = evidence["training_runs"].filter(
        pl.col("chip").is_not_null(),
        pl.col("scope").is_in(["all", "pre-training"]),
        pl.col("chip_hours").is_not_null() | (pl.col("n_chips").is_not_null() & pl.col("hours").is_not_null()),
    )
    return runs.sort("published_on", "id")["id"].to_list()


def hide(study: Study, name: str, *, draws: int = 2000) -> list[Hidden]:
    """Return the costs of one run, hidden in both ways, by each meaning."""
    evidence, run = study.evidence, find_run(study.evidence, name)
    measured = run.model in study.cost_known.models
    left = TrainingRun(
        id=run.id,
        model=run.model or run.id,
        organization=run.organization,
        published_on=run.published_on,
        ended_on=run.ended_on,
    )
    truth = Costing(run, evidence, seed=study.seed, draws=draws)
    ways = [(ALL, left)] + ([(PART, replace(left, flop=run.flop))] if run.flop else [])
    found = []
    for hidden, seen in ways:
        try:
            costing = Costing(seen, evidence, lambda: without(study.cost_known, run), seed=study.seed, draws=draws)
        except LeadtimeError:
            continue  # before there were runs or models to tell from: counted in the notes
        for definition in DEFINITIONS:
            drawn = costing.cost(definition).total_usd
            low, median, high = (float(v) for v in np.quantile(drawn, [0.05, 0.5, 0.95]))
            middle = float(np.median(truth.cost(definition).total_usd))
            found.append(
                Hidden(
                    run=name,
                    hidden=hidden,
                    measured=measured,
                    definition=definition,
                    disclosed_usd=middle,
                    low_usd=low,
                    median_usd=median,
                    high_usd=high,
                )
            )
    return found


def without(known: Known, run: TrainingRun) -> Known:
    """Return what is known of ability and compute, the curve fitted without a model and what continued its run."""
    data = known.curve.data
    if run.model not in data.models:
        return known
    left = tuple(m for m, keep in zip(data.models, others(data, run.model, "hindsight"), strict=True) if not keep)
    return replace(known, curve=known.without(left).curve)


def summarize(run: Run, found: list[Hidden], n: int) -> None:
    """Publish how many intervals hold, how far off medians are and how wide the intervals."""
    groups: dict[tuple[str, bool, str], list[Hidden]] = defaultdict(list)
    for h in found:
        groups[h.hidden, h.measured, h.definition].append(h)
    rows = [
        (hidden, "measured" if measured else "not measured", definition, len(some), share(some), *shape(some))
        for (hidden, measured, definition), some in sorted(groups.items())
    ]
    whole = [h for h in found if h.hidden == ALL]
    checks = [
        Check(what=f"{d}, all hidden, of {len(some)} runs", value=share(some), low=BOUNDS[0], high=BOUNDS[1])
        for d in DEFINITIONS
        for some in ([h for h in whole if h.definition == d],)
    ]
    checks += [
        Check(
            what=f"{d}, all hidden, ability measured, of {len(some)} runs",
            value=share(some),
            low=BOUNDS[0],
            high=BOUNDS[1],
        )
        for d in DEFINITIONS
        for some in ([h for h in whole if h.definition == d and h.measured],)
    ]
    checks += [
        Check(what=f"{d}, compute known, of {len(some)} runs", value=share(some), low=LEAST)
        for d in DEFINITIONS
        for some in ([h for h in found if h.hidden == PART and h.definition == d],)
    ]
    amortized = [h for h in whole if h.definition == "amortized"]
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="By what was hidden",
                columns=(
                    "hidden",
                    "ability",
                    "meaning of cost",
                    "n",
                    "90 % intervals that hold",
                    "median over disclosed",
                    "width, a factor",
                ),
                rows=rows,
            ),
            Table(
                title="Runs with all hidden, amortized",
                columns=("run", "ability", "disclosed, million USD", "5 %", "median", "95 %", "held"),
                rows=[
                    (
                        h.run,
                        "measured" if h.measured else "not measured",
                        *(v / 1e6 for v in (h.disclosed_usd, h.low_usd, h.median_usd, h.high_usd)),
                        h.held,
                    )
                    for h in amortized
                ],
            ),
        ],
        notes=[
            (
                f"{n - len(amortized)} of {n} runs are left out: nothing of their time told of a run like them."
                if n > len(amortized)
                else ""
            )
        ],
    )


def share(some: list[Hidden]) -> float:
    """Return how many intervals hold, of one."""
    return float(np.mean([h.held for h in some])) if some else float("nan")


def shape(some: list[Hidden]) -> tuple[float, float]:
    """Return the mean factor of medians over what was disclosed, and the median width of the intervals, a factor."""
    off = np.exp(np.mean([np.log(h.median_usd / h.disclosed_usd) for h in some]))
    return float(off), float(np.median([h.high_usd / h.low_usd for h in some]))


def main(arguments: list[str] | None = None) -> None:
    """Run the calibration."""
    whole = len(disclosed(Evidence.load()))
    run = run_of("hidden_costs", QUESTION, simulations=whole, quick=4, arguments=arguments)
    study = Study(evidence=run.evidence, seed=0, draws=1000, method="map")
    names = disclosed(run.evidence)
    names = names[:: max(1, len(names) // run.simulations)][: run.simulations]
    found = (
        run.each(lambda name: hide(study, name), names, label="runs")
        if run.jobs == 1
        else run.each(_alone, names, label="runs")
    )
    summarize(run, [h for some in found for h in some], len(names))


def _alone(name: str) -> list[Hidden]:
    return hide(Study(seed=0, draws=1000, method="map"), name)


if __name__ == "__main__":
    main()
