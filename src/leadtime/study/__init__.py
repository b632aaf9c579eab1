"""Study: evidence, a date and settings bound to every stage, in the order of the argument.

`known` (evidence, date, settings), `fits`, `abilities`, `lags`, `path`, `headline`, and `whole` (cost, rules, supply,
scenarios): each class is the one before it and one stage more, computed when first asked for and kept.
"""

from leadtime.study.abilities import COMPARISONS
from leadtime.study.headline import agreed
from leadtime.study.known import Progress, parse_date
from leadtime.study.lags import CLAIM_MONTHS, START, lag_definitions
from leadtime.study.whole import Study

__all__ = [
    "CLAIM_MONTHS",
    "COMPARISONS",
    "START",
    "Progress",
    "Study",
    "agreed",
    "lag_definitions",
    "parse_date",
]
