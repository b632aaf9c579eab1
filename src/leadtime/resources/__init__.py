"""What a lead rests on besides chips and models: published figures on talent, money, industry, leaks, military use and
access.
"""

from leadtime.resources.figures import Figure, Range, figures, named
from leadtime.resources.reading import change, one_end, ratio, unit, value

__all__ = ["Figure", "Range", "change", "figures", "named", "one_end", "ratio", "unit", "value"]
