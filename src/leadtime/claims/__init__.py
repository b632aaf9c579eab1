"""Is what they said so? The ledger of claims, and a verdict on each."""

from leadtime.claims.ledger import Claim, Reading, available, built_in, load_file
from leadtime.claims.standing import STANDINGS, Standing, standing
from leadtime.claims.support import SUPPORTS
from leadtime.claims.then import known_then, with_then
from leadtime.claims.verdict import BANDS, Summary, Verdict, check, check_then, summary

__all__ = [
    "BANDS",
    "STANDINGS",
    "SUPPORTS",
    "Claim",
    "Reading",
    "Standing",
    "Summary",
    "Verdict",
    "available",
    "built_in",
    "check",
    "check_then",
    "known_then",
    "load_file",
    "standing",
    "summary",
    "with_then",
]
