"""How far behind, in months: every definition by name, on joint posterior draws.

Nothing here reads files or evidence: a study builds `Worlds` and masks for the two sides, and asks by name.
"""

from leadtime.lag.definition import DEFINITIONS, Definition
from leadtime.lag.definitions import (
    age_of_equal,
    age_of_equal_windowed,
    age_of_matched,
    catch_up,
    daily_mean,
    pairwise,
)
from leadtime.lag.frontier import (
    LagDraws,
    Records,
    Shrinkage,
    Worlds,
    first_reached,
    frontier,
    records,
    shrinkage,
)
from leadtime.lag.latent import Hyper, LatentFrontier, LatentGap, latent_frontier, trend_gap_latent
from leadtime.lag.own import define, forget
from leadtime.lag.readings import (
    AGE_OF_MATCHED,
    SINCE_EXCEEDED,
    CatchUp,
    DailyLag,
    MatchedLag,
    Matching,
    Pairwise,
    Reading,
)
from leadtime.lag.trend import Band, LinearGap, Lines, fit_lines, record_lines, trend_gap_linear, working_hotelling

__all__ = [
    "AGE_OF_MATCHED",
    "DEFINITIONS",
    "SINCE_EXCEEDED",
    "Band",
    "CatchUp",
    "DailyLag",
    "Definition",
    "Hyper",
    "LagDraws",
    "LatentFrontier",
    "LatentGap",
    "LinearGap",
    "Lines",
    "MatchedLag",
    "Matching",
    "Pairwise",
    "Reading",
    "Records",
    "Shrinkage",
    "Worlds",
    "age_of_equal",
    "age_of_equal_windowed",
    "age_of_matched",
    "catch_up",
    "daily_mean",
    "define",
    "first_reached",
    "fit_lines",
    "forget",
    "frontier",
    "latent_frontier",
    "pairwise",
    "record_lines",
    "records",
    "shrinkage",
    "trend_gap_latent",
    "trend_gap_linear",
    "working_hotelling",
]
