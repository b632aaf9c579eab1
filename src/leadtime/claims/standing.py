"""What a claim comes to as a whole: one of five verdicts, by whether its readings agree in direction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from leadtime.claims.ledger import Claim
from leadtime.claims.support import ALLEGED, SIMULATED
from leadtime.claims.verdict import BANDS, Verdict, band, depends

HOLDS, DEPENDS, OPEN, NOT, CANNOT = "holds", "depends", "open", "does not hold", "cannot be measured"
#: The verdicts, in the order in which they are counted.
STANDINGS = (HOLDS, DEPENDS, OPEN, NOT, CANNOT)
#: Which way a band points: a claim may be unlikely on one reading and refuted on another, and does not hold on either.
DIRECTION = {"supported": HOLDS, "plausible": OPEN, "unlikely": NOT, "refuted": NOT}
#: Chances, in 100, at which one band ends and the next begins.
MARKS = tuple(sorted(round(100 * least) for _, least in BANDS if least))
#: Of what kind a quantity is, by the first part of its name.
_TOPICS = {
    "lag": "How far behind",
    "ability": "How far behind",
    "cost": "Cost",
    "curve": "Progress and cost curve",
    "adoption": "Progress and cost curve",
    "trained": "Progress and cost curve",
    "supply": "Chips",
    "row": "Money, power, people",
    "scenario": "Effect of the rules",
    "effect": "Effect of the rules",
}
OTHER = "Not in numbers"
_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a claim comes to.

    Args:
        claim: Its id.
        verdict: A word of `STANDINGS`.
        title: The verdict with what it depends on, or that it rests on a simulation.
        sentence: On how many of its readings it is so; why it cannot be measured.
        topic: What it is about.
        n: Readings that can be measured or simulated.
        n_simulated: Those of them that are simulated.
    """

    claim: str
    verdict: str
    title: str
    sentence: str
    topic: str
    n: int
    n_simulated: int


def counted(n: int) -> str:
    """Return a small number as a word."""
    return _COUNTS[n] if 0 <= n < len(_COUNTS) else f"{n:,}"


def standing(claim: Claim, verdicts: Iterable[Verdict]) -> Standing:
    """Return what a claim comes to, from the verdicts on its readings; a simulated one counts by its chance, and the
    title says so.

    A reading that rests on an allegation counts for none: that it is true was not shown.
    """
    mine = [v for v in verdicts if v.claim == claim.id]
    known = [replace(v, band=DIRECTION[band(v.probability)]) for v in mine if v.probability is not None]
    told = [v for v in known if v.support != ALLEGED]
    alleged = len(known) - len(told)
    simulated = sum(v.support == SIMULATED for v in told)
    ways = {v.band for v in told}
    verdict = CANNOT if not told else DEPENDS if len(ways) > 1 else ways.pop()
    return Standing(
        claim=claim.id,
        verdict=verdict,
        title=_title(claim, told, verdict, simulated),
        sentence=" ".join(
            x
            for x in (_sentence(told, verdict, simulated) if told else "" if alleged else _why(mine), _alleged(alleged))
            if x
        ),
        topic=_topic(claim),
        n=len(told),
        n_simulated=simulated,
    )


def _title(claim: Claim, told: list[Verdict], verdict: str, simulated: int) -> str:
    if verdict == DEPENDS:
        on = depends(claim, told)
        return f"Depends on {' and '.join(on)}" if on else "Depends on how it is read"
    word = verdict.capitalize()
    if not simulated:
        return word
    if simulated == len(told):
        return f"{word}, by simulation only"
    return (
        f"{word}, {counted(simulated)} {'reading' if simulated == 1 else 'readings'} of {counted(len(told))} by"
        " simulation"
    )


def _sentence(told: list[Verdict], verdict: str, simulated: int) -> str:
    n = len(told)
    only = (
        ""
        if not simulated
        else ", in our simulation"
        if simulated == n
        else f", {counted(simulated)} of them in our simulation"
    )
    which = {1: "its one reading", 2: "both readings"}.get(n, f"all {counted(n)} readings")
    if verdict == HOLDS:
        return f"True on {which}{only}."
    if verdict == NOT:
        on = {1: "its one reading", 2: "either reading"}.get(n, f"any of {counted(n)} readings")
        return f"Not so on {on}{only}."
    if verdict == OPEN:
        return f"Neither shown nor ruled out on {which}{only}."
    by = {way: sum(v.band == way for v in told) for way in (HOLDS, OPEN, NOT)}
    parts = [
        f"{word} {counted(by[way])}"
        for way, word in ((HOLDS, "true on"), (OPEN, "open on"), (NOT, "not so on"))
        if by[way]
    ]
    said = f"Of {counted(n)} readings, {', '.join(parts[:-1])} and {parts[-1]}"
    return f"{said}{only.replace('them', 'these')}."


def _alleged(n: int) -> str:
    """Return that some readings rest on what nobody has shown, a sentence; they count for no verdict."""
    which = "One reading rests" if n == 1 else f"{counted(n).capitalize()} readings rest"
    return f"{which} on what somebody alleges and nobody has shown." if n else ""


def _why(mine: list[Verdict]) -> str:
    note = next((v.note for v in mine if v.note), "")
    return f"{note[0].upper()}{note[1:].rstrip('.')}." if note else "Nothing public would settle it."


def _topic(claim: Claim) -> str:
    found = [_TOPICS.get(r.quantity.partition(".")[0], "") for r in claim.readings]
    if "Effect of the rules" in found:
        return "Effect of the rules"
    return next((t for t in found if t), OTHER)
