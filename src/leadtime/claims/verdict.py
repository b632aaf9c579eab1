"""The verdict on a claim, reading by reading: the probability that the quantity lies in the asserted range."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.claims.ledger import Claim, Reading
from leadtime.claims.support import ALLEGED, ESTIMATED, MEASURED, SIMULATED, SUPPORTS, support_of
from leadtime.errors import LeadtimeError
from leadtime.quantities import unit_of, value
from leadtime.resources import one_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

#: Lowest probability of each band.
BANDS = (("supported", 0.66), ("plausible", 0.33), ("unlikely", 0.05), ("refuted", 0.0))
NOT_MEASURABLE = "not measurable"
#: In place of a band: a simulation has a probability, and no verdict.
IN_SIMULATION = "in our simulation"
#: In place of a band: an allegation may be in the range that is asserted, and that it is true was not shown.
AS_ALLEGED = "as alleged"
_NO_BAND = {SIMULATED: IN_SIMULATION, ALLEGED: AS_ALLEGED}
#: What readings of one claim can differ in, as it is said.
_DIFFER = {
    "quantity": "what is asked",
    "definition": "the definition",
    "clock": "the clock",
    "benchmarks": "the benchmarks",
    "domain": "the domain",
    "country": "the country",
    "innovation": "the innovation",
    "against": "what it is compared with",
    "model": "the model",
    "first": "the model",
    "second": "the model",
    "view": "the view",
    "estimand": "the estimand",
    "sample": "the sample",
    "level_points": "the level of ability",
    "quarter": "the quarter",
    "before": "the periods",
    "after": "the periods",
    "measure": "stock or flow",
    "price_of": "the chip",
    "scenario": "the policy",
    "row": "the figure",
    "over": "what it is compared with",
    "less": "what it is compared with",
    "per": "the period",
    "day": "the day",
    "days": "the period",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one reading of a claim comes to.

    Args:
        claim: Id of the claim.
        reading: Its words. Empty if the claim cannot be measured.
        band: A word of `BANDS`, or not measurable. `In our simulation` and `as alleged` never support or refute.
        support: A word of `support.SUPPORTS`. Empty if the claim cannot be measured.
        probability: P(range | evidence), or None if it cannot be measured.
        low: 5% quantile of the quantity.
        median: Median.
        high: 95% quantile.
        unit: Its unit.
        undefined: Share of draws in which the quantity is not defined. They count against the claim.
        then: The probability by what was known on the day of the claim. None if nobody asked, or if it could not be
            measured then.
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
    support: str = ""
    then: float | None = None


def band(probability: float) -> str:
    """Return the word for a probability."""
    return next(word for word, least in BANDS if probability >= least)


def check(study: "Study", claims: Iterable[Claim]) -> list[Verdict]:
    """Return a verdict for each reading of each claim, by the evidence of the study."""
    found = []
    for claim in claims:
        if claim.not_measurable:
            found.append(_none(claim, "", claim.not_measurable))
        found.extend(_verdict(study, claim, r) for r in claim.readings)
    return found


def check_then(study: "Study", claims: Iterable[Claim], verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts with the probability each reading had by what was known on the day of its claim.

    Only rows known by that day count (`as_of`). Abilities are fitted by `map`, so forty days take minutes.
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
    return Verdict(
        claim=claim.id,
        reading=reading,
        band=NOT_MEASURABLE,
        probability=None,
        low=None,
        median=None,
        high=None,
        unit="",
        undefined=0.0,
        note=why,
    )


def _verdict(study: "Study", claim: Claim, r: Reading) -> Verdict:
    try:
        draws, unit = value(study, r.quantity, r.parameters), unit_of(study, r.quantity, r.parameters)
        support = support_of(study, r.quantity, r.parameters)
    except LeadtimeError as error:
        return _none(claim, r.name, f"{error.what}")
    if (ends := one_end(study, r.quantity, draws)) is not None:
        return _of_one_end(claim, r, ends, unit, support)
    defined = draws[np.isfinite(draws)]
    if not defined.size:
        return _none(claim, r.name, "the quantity is not defined in any draw")
    inside = float(np.mean((draws >= r.low) & (draws <= r.high)))
    low, median, high = (float(v) for v in np.quantile(defined, [0.05, 0.5, 0.95]))
    return Verdict(
        claim=claim.id,
        reading=r.name,
        band=_NO_BAND.get(support) or band(inside),
        support=support,
        probability=inside,
        low=low,
        median=median,
        high=high,
        unit=unit,
        undefined=1 - defined.size / draws.size,
        note=_change(r, median),
    )


def _of_one_end(
    claim: Claim, r: Reading, ends: "tuple[NDArray[np.float64], NDArray[np.float64], str]", unit: str, support: str
) -> Verdict:
    """Return what a figure that gives one end comes to: a verdict where that end decides it, whatever the other is."""
    low, high, words = ends
    known = low if words == "at least" else high
    if not np.isfinite(known).all():
        return _none(claim, r.name, "neither end of it is published")
    surely = float(np.mean((low >= r.low) & (high <= r.high)))
    perhaps = float(np.mean((low <= r.high) & (high >= r.low)))
    least, median, most = (float(v) for v in np.quantile(known, [0.05, 0.5, 0.95]))
    told = f"{words} {_number(median)}{'' if unit == 'ratio' else f' {unit}'} is published"
    if band(surely) != band(perhaps):
        return _none(claim, r.name, f"{told}, and that does not decide it")
    return Verdict(
        claim=claim.id,
        reading=r.name,
        band=_NO_BAND.get(support) or band(surely),
        support=support,
        probability=surely,
        low=least if words == "at least" else None,
        median=median,
        high=None if words == "at least" else most,
        unit=unit,
        undefined=0.0,
        note=f"{told}, and that decides it",
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a claim comes to as a whole.

    Args:
        claim: Its id.
        words: One word of `BANDS` only where its measured readings agree on it; else what it depends on, or that
            nothing is measured.
        agreed: That one word, empty if there is none.
        depends_on: What its readings differ in where they do not agree.
        counts: Readings by what they rest on.
    """

    claim: str
    words: str
    agreed: str
    depends_on: tuple[str, ...]
    counts: dict[str, int]


def summary(claim: Claim, verdicts: Iterable[Verdict]) -> Summary:
    """Return what a claim comes to, from the verdicts on its readings."""
    mine = [v for v in verdicts if v.claim == claim.id and v.probability is not None]
    by = {word: [v for v in mine if v.support == word] for word in SUPPORTS}
    counts = {word: len(found) for word, found in by.items() if found}
    seen = by[MEASURED] + by[ESTIMATED]
    if not mine:
        return Summary(claim=claim.id, words=NOT_MEASURABLE, agreed="", depends_on=(), counts=counts)
    if not seen:
        parts = [_chances(by[SIMULATED])] if by[SIMULATED] else []
        parts += ["rests on what is alleged"] if by[ALLEGED] else []
        words = f"{'; '.join(parts)}; nothing measured"
        return Summary(claim=claim.id, words=words, agreed="", depends_on=(), counts=counts)
    bands = {v.band for v in seen}
    tail = "" if by[MEASURED] else f", {ESTIMATED}"
    if by[SIMULATED] or by[ALLEGED]:
        said = bands.pop() if len(bands) == 1 else "no one verdict"
        which = MEASURED if by[MEASURED] else ESTIMATED
        rest = "the rest is alleged" if by[ALLEGED] else _chances(by[SIMULATED])
        words = f"depends on {_DIFFER['quantity']}: {said} where it is {which}; {rest}"
        return Summary(claim=claim.id, words=words, agreed="", depends_on=(_DIFFER["quantity"],), counts=counts)
    if len(bands) == 1:
        agreed = bands.pop()
        return Summary(
            claim=claim.id, words=f"{agreed}{tail}", agreed=agreed if by[MEASURED] else "", depends_on=(), counts=counts
        )
    on = depends(claim, seen)
    return Summary(claim=claim.id, words=f"depends on {_listed(on)}{tail}", agreed="", depends_on=on, counts=counts)


def _chances(simulated: list[Verdict]) -> str:
    chances = sorted(v.probability for v in simulated if v.probability is not None)
    ends = dict.fromkeys(_of_100(p) for p in (chances[0], chances[-1]))
    return f"{' to '.join(ends)} in 100 in our simulation"


def _of_100(p: float) -> str:
    return "under 1" if p < 0.01 else "over 99" if p > 0.99 else f"{100 * p:.0f}"


def depends(claim: Claim, verdicts: list[Verdict]) -> tuple[str, ...]:
    """Return what differs between readings that come to different bands, as few things as tell them apart."""
    asked = {r.name: {"quantity": r.quantity, **r.parameters} for r in claim.readings}
    pairs = []
    for i, a in enumerate(verdicts):
        for b in verdicts[i + 1 :]:
            if a.band != b.band:
                x, y = asked[a.reading], asked[b.reading]
                pairs.append({k for k in {*x, *y} if x.get(k) != y.get(k)} & set(_DIFFER) or {"range"})
    found: list[str] = []
    for pair in sorted(pairs, key=lambda p: (len(p), sorted(p))):
        if not pair & set(found):
            found += ["quantity"] if "quantity" in pair else sorted(pair)[:1]
    return tuple(dict.fromkeys(_DIFFER.get(k, "the range") for k in found))


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
