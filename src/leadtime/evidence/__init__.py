"""What is known, since when, from whom."""

from leadtime.evidence.schema import Column, Table
from leadtime.evidence.store import Evidence, Overlay
from leadtime.evidence.tables import TABLES

__all__ = ["TABLES", "Column", "Evidence", "Overlay", "Table"]
