"""Every quantity a claim or an explanation can name, what it means, and how a study computes it."""

from leadtime.quantities.quantity import Quantity
from leadtime.quantities.table import QUANTITIES
from leadtime.quantities.value import unit_of, value

__all__ = ["QUANTITIES", "Quantity", "unit_of", "value"]
