"""What results.json holds of claims: what was said, and whether it is so, reading by reading."""

from typing import TYPE_CHECKING, Any

from leadtime.claims import BANDS, Claim, available, check
from leadtime.claims.then import known_then
from leadtime.claims.verdict import Verdict
from leadtime.report.chapter import Chapter

if TYPE_CHECKING:
    from leadtime.study import Study


def chapter(study: "Study") -> Chapter | None:
    """Return what results.json holds, or None before the first claim was made; the page has it from its question."""
    claims = [c for c in available(study.folder) if c.said_on <= study.as_of]
    if not claims:
        return None
    verdicts = check(study, claims)
    then = known_then(study)
    rows = [_row(c, v, then.get((v.claim, v.reading))) for c in claims for v in verdicts if v.claim == c.id]
    return Chapter(
        name="claims",
        title="Is what they said so?",
        json={"bands": dict(BANDS), "claims": rows},
    )


def _row(c: Claim, v: Verdict, then: float | None) -> dict[str, Any]:
    return {
        "claim": v.claim,
        "who": c.who,
        "said_on": str(c.said_on),
        "words": c.words,
        "paraphrase": c.paraphrase,
        "source": c.source,
        "interpretation": c.note,
        "reading": v.reading,
        "verdict": v.band,
        "support": v.support,
        "probability": v.probability,
        "probability_then": then,
        "low": v.low,
        "median": v.median,
        "high": v.high,
        "unit": v.unit,
        "note": v.note,
    }
