"""Why others get other numbers: each published lag beside ours by the nearest definition, and what makes the difference."""

from leadtime.published.compare import Compared, Step, compare
from leadtime.published.shipped import compared, save

__all__ = ["Compared", "Step", "compare", "compared", "save"]
