"""The verdict on a claim: P(the quantity lies in the asserted range | evidence), reading by reading, in published bands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.claims.ledger import Claim, Reading
from leadtime.errors import LeadtimeError
from leadtime.quantities import unit_of, value

if TYPE_CHECKING:
    from leadtime.study import Study

#: Lowest probability of each band.
BANDS = (("supported", 0.66), ("plausible", 0.33), ("unlikely", 0.05), ("refuted", 0.0))
NOT_MEASURABLE = "not measurable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one reading of a claim comes to.

    Args:
        claim: Id of the claim.
        reading: Its words; empty when the claim cannot be measured.
        band: A word of `BANDS`, or not measurable.
        probability: P(range | evidence), None when not measurable.
        low: 5 % quantile of the quantity.
        median: Median.
        high: 95 % quantile.
        unit: Its unit.
        undefined: Share of draws in which the quantity is not defined; they count against the claim.
        then: P by what was known on the day of the claim; None where not asked for, or not measurable then.
        note: Why it cannot be measured, or what would change the verdict.
    """

    claim: str
    reading: str
    band: str
    probability: float | None
    low: float | None
    median: float | None
    high: float | None
    unit: str
    undefined: float
    note: str
    then: float | None = None


def band(probability: float) -> str:
    """Return the word for a probability."""
    return next(word for word, least in BANDS if probability >= least)


def check(study: "Study", claims: Iterable[Claim]) -> list[Verdict]:
    """Return a verdict for each reading of each claim, by the evidence the study knows."""
    found = []
    for claim in claims:
        if claim.not_measurable:
            found.append(_none(claim, "", claim.not_measurable))
        found.extend(_verdict(study, claim, r) for r in claim.readings)
    return found


def check_then(study: "Study", claims: Iterable[Claim], verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts with the probability each reading had by what was known on the day of its claim.

    Only rows known by that day count (`as_of`); abilities are fitted by `map`, so that forty days take minutes.
    """
    from leadtime.study import Study

    by_day: dict[Any, list[Claim]] = {}
    for claim in claims:
        if claim.readings:
            by_day.setdefault(claim.said_on, []).append(claim)
    known: dict[tuple[str, str], float | None] = {}
    for i, (day, some) in enumerate(sorted(by_day.items())):
        study.progress(f"as known on {day}", i / len(by_day))
        past = Study(day, study.folder, seed=study.seed, draws=min(study.draws, 1000), method="map")
        known |= {(v.claim, v.reading): v.probability for v in check(past, some)}
    return [replace(v, then=known.get((v.claim, v.reading))) for v in verdicts]


def _none(claim: Claim, reading: str, why: str) -> Verdict:
    return Verdict(claim=claim.id, reading=reading, band=NOT_MEASURABLE, probability=None, low=None, median=None, high=None, unit="",
                   undefined=0.0, note=why)  # fmt: skip


def _verdict(study: "Study", claim: Claim, r: Reading) -> Verdict:
    try:
        draws = value(study, r.quantity, r.parameters)
    except LeadtimeError as error:
        return _none(claim, r.name, f"{error.what}")
    defined = draws[np.isfinite(draws)]
    if not defined.size:
        return _none(claim, r.name, "the quantity is not defined in any draw")
    inside = float(np.mean((draws >= r.low) & (draws <= r.high)))
    low, median, high = (float(v) for v in np.quantile(defined, [0.05, 0.5, 0.95]))
    return Verdict(
        claim=claim.id, reading=r.name, band=band(inside), probability=inside, low=low, median=median, high=high,
        unit=unit_of(r.quantity, r.parameters), undefined=1 - defined.size / draws.size, note=_change(r, median),
    )  # fmt: skip


def _change(r: Reading, median: float) -> str:
    """Return what would move the median into the asserted range, or out of it."""
    if median < r.low:
        return f"the median would have to rise to {_number(r.low)}"
    if median > r.high:
        return f"the median would have to fall to {_number(r.high)}"
    ends = [e for e in (r.low, r.high) if np.isfinite(e)]
    nearest = min(ends, key=lambda e: abs(e - median))
    return f"the median would have to pass {_number(nearest)} to leave the range"


def _number(x: float) -> str:
    return f"{x:,.3g}" if abs(x) < 1e4 else f"{x:,.0f}"


def summary(claim: Claim, verdicts: list[Verdict]) -> dict[str, Any]:
    """Return a claim's bands from its least to its most favorable reading, and how many readings fall in each."""
    order = [word for word, _ in BANDS]
    mine = [v for v in verdicts if v.claim == claim.id]
    words = [v.band for v in mine if v.band in order]
    if not words:
        return {"claim": claim.id, "from": NOT_MEASURABLE, "to": NOT_MEASURABLE, "n": 0, "counts": {}}
    ranked = sorted(words, key=order.index)
    return {
        "claim": claim.id,
        "from": ranked[-1],
        "to": ranked[0],
        "n": len(words),
        "counts": {w: words.count(w) for w in order if w in words},
    }
