"""Where a number comes from: definition, equation, rows, sources, assumptions, and what each source does to it."""

from leadtime.explain.explanation import Explanation, explain
from leadtime.explain.influence import BY, Moved, influence
from leadtime.explain.leave_out import Without, leave_out
from leadtime.explain.name import parse

__all__ = ["BY", "Explanation", "Moved", "Without", "explain", "influence", "leave_out", "parse"]
