"""Who may ship what to whom, on any day, as known on any day: the log of rules and the engine that reads it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.status import Status
    from leadtime.rules.transaction import Transaction

_PUBLIC = {
    "Rulebook": "leadtime.rules.rulebook",
    "Status": "leadtime.rules.status",
    "Transaction": "leadtime.rules.transaction",
}
__all__ = ["Rulebook", "Status", "Transaction"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'leadtime.rules' has no attribute {name!r}")
