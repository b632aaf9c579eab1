"""Is what they said so? The ledger of claims, and a verdict on each."""

from leadtime.claims.ledger import Claim, Reading, available, built_in, load_file
from leadtime.claims.support import SUPPORTS
from leadtime.claims.then import known_then, with_then
from leadtime.claims.verdict import BANDS, Summary, Verdict, check, check_then, summary

__all__ = [
    "BANDS",
    "SUPPORTS",
    "Claim",
    "Reading",
    "Summary",
    "Verdict",
    "available",
    "built_in",
    "check",
    "check_then",
    "known_then",
    "load_file",
    "summary",
    "with_then",
]
