"""How far behind, in months: every definition by name, on joint posterior draws."""

from leadtime.lag.definitions import (
    CatchUp,
    DailyLag,
    MatchedLag,
    Pairwise,
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
