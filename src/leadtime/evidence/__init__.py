"""What is known, since when, from whom."""

from leadtime.evidence.store import Evidence, Overlay
from leadtime.evidence.tables import TABLES, Column, Table

__all__ = ["TABLES", "Column", "Evidence", "Overlay", "Table"]
