"""What is known, since when, from whom."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from leadtime.evidence.schema import Column, Table
from leadtime.evidence.tables import TABLES

if TYPE_CHECKING:
    from leadtime.evidence.store import Evidence, Overlay

__all__ = ["TABLES", "Column", "Evidence", "Overlay", "Table"]


def __getattr__(name: str) -> Any:
    """Load the store on first use: the declarations alone need no table library."""
    if name in {"Evidence", "Overlay"}:
        return getattr(import_module("leadtime.evidence.store"), name)
    raise AttributeError(f"module 'leadtime.evidence' has no attribute {name!r}")
