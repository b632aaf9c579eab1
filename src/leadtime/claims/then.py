"""What each claim's probability was on its own day: computed once for the built-in evidence, shipped with its key."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadtime.claims.ledger import LEDGER, Claim, built_in
from leadtime.claims.verdict import Verdict, check, check_then
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

SHIPPED = Path(__file__).parent / "data" / "then.json"


def key(study: "Study") -> str:
    """Return what shipped probabilities depend on: the evidence that a study of today knows, and the ledger."""
    from leadtime.capability.cache import key as content_key

    return content_key("claims then 1", study.evidence.hash, LEDGER.read_text(encoding="utf-8"))


def known_then(study: "Study") -> dict[tuple[str, str], float | None]:
    """Return by claim and reading the probability on the day of the claim, empty if nothing shipped fits
    the study.
    """
    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        if content["key"] != key(study):
            return {}
        return {(r["claim"], r["reading"]): r["probability"] for r in content["readings"]}
    except (OSError, ValueError, KeyError, LeadtimeError):
        return {}


def with_then(study: "Study", claims: list[Claim], verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts with the probabilities of their own days: the shipped ones, or else computed now."""
    known = known_then(study)
    if all((v.claim, v.reading) in known for v in verdicts if v.reading):
        return [replace(v, then=known.get((v.claim, v.reading))) for v in verdicts]
    return check_then(study, claims, verdicts)


def save(study: "Study", path: Path = SHIPPED) -> Path:
    """Compute the probabilities of the built-in ledger and write them with their key; a minute or two."""
    claims = [c for c in built_in() if c.said_on <= study.as_of]
    verdicts = check_then(study, claims, check(study, claims))
    rows = [{"claim": v.claim, "reading": v.reading, "probability": v.then} for v in verdicts if v.reading]
    path.write_text(
        json.dumps({"key": key(study), "as_of": str(study.as_of), "readings": rows}, indent=1) + "\n", encoding="utf-8"
    )
    return path
