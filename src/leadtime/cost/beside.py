"""Published costs of training runs beside ours under the same meaning of cost, and why some cannot be compared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.cost.costing import Costing
from leadtime.cost.meaning import CostDefinition
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

#: Words by which a published definition names one of ours.
_NAMED = {
    "three-year committed": CostDefinition.CLOUD_COMMITTED,
    "rental": CostDefinition.RENTAL,
    "amortized": CostDefinition.AMORTIZED,
    "development": CostDefinition.DEVELOPMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A published cost beside ours.

    Args:
        subject: Id of the model, or of what the figure is of.
        by: Id of the organization that published it.
        theirs_usd: Their figure, US dollars as published; the middle of a range on a log scale.
        theirs_definition: What they mean, and in which dollars.
        definition: Ours of the same meaning; empty where theirs does not name one.
        run: Id of the run that ours is of, empty if there is none.
        ours_usd: 5 % quantile, median, 95 % quantile in dollars of the day, or None if it cannot be computed.
        ratio: The same of ours over theirs.
        flags: What was filled in, or is doubtful, in ours.
        why_not: Why ours cannot be computed, empty if it can.
    """

    subject: str
    by: str
    theirs_usd: float
    theirs_definition: str
    definition: str
    run: str
    ours_usd: tuple[float, float, float] | None
    ratio: tuple[float, float, float] | None
    flags: tuple[str, ...]
    why_not: str


def beside(evidence: Evidence, costing: Callable[[str], Costing]) -> list[Beside]:
    """Return every published cost of training, in the order of the models' names, with ours of the same meaning.

    Args:
        evidence: The tables.
        costing: Gives the costs of a model or run by its name.
    """
    rows = evidence["published"].filter(pl.col("quantity") == "training_cost_usd").sort("subject", "known_on", "id")
    return [_one(evidence, r, costing) for r in rows.iter_rows(named=True)]


def meaning_of(said: str) -> CostDefinition | None:
    """Return our meaning of cost that the words of a published definition name, or None if they name none."""
    return next((ours for words, ours in _NAMED.items() if words in said), None)


def _one(evidence: Evidence, r: dict[str, object], costing: Callable[[str], Costing]) -> Beside:
    said, low, high = str(r["definition"] or ""), r["low"], r["high"]
    theirs = float(str(r["value"])) if r["value"] else float(np.sqrt(float(str(low)) * float(str(high))))
    definition = meaning_of(said)
    run, ours, ratio, why_not = "", None, None, ""
    flags: tuple[str, ...] = ()
    try:
        if definition is None:
            raise LeadtimeError("the published figure does not say which cost it means")
        found = costing(_run_meant(evidence, str(r["subject"]), theirs))
        run = found.run.id
        cost = found.cost(definition)
        a, b, c = (float(v) for v in np.quantile(cost.total_usd, [0.05, 0.5, 0.95]))
        ours, ratio = (a, b, c), (a / theirs, b / theirs, c / theirs)
        flags = (*(f"{f.what} not published: {f.how}" for f in found.filled), *cost.flags)
    except LeadtimeError as error:
        why_not = error.what
    return Beside(
        subject=str(r["subject"]),
        by=str(r["published_by"]),
        theirs_usd=theirs,
        theirs_definition=said,
        definition=str(definition or ""),
        run=run,
        ours_usd=ours,
        ratio=ratio,
        flags=flags,
        why_not=why_not,
    )


def _run_meant(evidence: Evidence, subject: str, theirs_usd: float) -> str:
    """Return the run that a published figure is of: the one whose developer stated that cost, else the model's."""
    runs = evidence["training_runs"].filter((pl.col("model") == subject) & (pl.col("reported_cost_usd") == theirs_usd))
    return subject if runs.is_empty() else str(runs["id"][0])
