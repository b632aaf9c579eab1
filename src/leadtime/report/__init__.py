"""The report: figures, tables and one page that states the answer and shows its grounds.

Loading this package loads no chart library; `write` does.
"""

from importlib import import_module
from typing import Any

__all__ = ["page", "tables", "write"]


def __getattr__(name: str) -> Any:
    """Load on first use, so that commands that draw nothing start at once."""
    if name == "write":
        return import_module("leadtime.report.page").write
    if name in __all__:
        return import_module(f"leadtime.report.{name}")
    raise AttributeError(f"module 'leadtime.report' has no attribute {name!r}")
