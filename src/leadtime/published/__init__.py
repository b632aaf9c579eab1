"""Why others get other numbers: each published lag beside ours by the nearest definition, and what makes the
difference.
"""

from leadtime.published.comparison import Compared, Step, compare
from leadtime.published.shipped import compared, save
from leadtime.published.words import CHOICES, row, sentence

__all__ = ["CHOICES", "Compared", "Step", "compare", "compared", "row", "save", "sentence"]
