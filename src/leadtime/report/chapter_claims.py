"""The report's chapter on claims: what was said, and whether it is so, reading by reading."""

from typing import TYPE_CHECKING

from leadtime.claims import BANDS, built_in, check
from leadtime.claims.verdict import NOT_MEASURABLE, Verdict
from leadtime.report.chapter import Chapter, spread
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None before the first claim was made."""
    claims = [c for c in built_in() if c.said_on <= study.as_of]
    if not claims:
        return None
    verdicts = check(study, claims)
    said = {c.id: c for c in claims}
    return Chapter(
        name="claims",
        title="Is what they said so?",
        lead=lead(verdicts, len(claims)),
        figures=(),
        tables=(Table(
            name="claims-ledger", title="Claims, reading by reading",
            caption="A claim with several fair readings gets a verdict for each. P is the share of draws in the asserted range, by the evidence "
            "known now: " + ", ".join(f"{word} from {least:.2f}" for word, least in BANDS) + ". Ranges that nobody gave are our reading; what is "
            "simulated is conditional on its priors.",
            columns=(("Claim and reading", False), ("Verdict", False), ("P", True), ("Ours", True), ("Unit, or why not", False)),
            rows=tuple(
                (f"{said[v.claim].shown} {said[v.claim].who}, {said[v.claim].said_on}" + (f": {v.reading}" if v.reading else ""), v.band,
                 "–" if v.probability is None else f"{v.probability:.2f}", spread(v.low, v.median, v.high), v.unit or v.note)
                for v in verdicts
            ),
        ),),
        json={
            "bands": dict(BANDS),
            "claims": [
                {"claim": v.claim, "who": said[v.claim].who, "said_on": str(said[v.claim].said_on), "words": said[v.claim].words, "paraphrase": said[v.claim].paraphrase,
                 "source": said[v.claim].source, "interpretation": said[v.claim].note, "reading": v.reading, "verdict": v.band,
                 "probability": v.probability, "low": v.low, "median": v.median, "high": v.high, "unit": v.unit, "note": v.note}
                for v in verdicts
            ],
        },
    )  # fmt: skip


def lead(verdicts: list[Verdict], n_claims: int) -> str:
    """Return how many claims and readings there are, and how many fall in each band."""
    words = [word for word, _ in BANDS] + [NOT_MEASURABLE]
    counts = {w: sum(v.band == w for v in verdicts) for w in words}
    return (
        f"{n_claims} claims of the debate come to {len(verdicts)} readings: "
        + ", ".join(f"{counts[w]} {w}" for w in words if counts[w])
        + ". Few claims hold or fail under every fair reading, so each reading has its own verdict."
    )
