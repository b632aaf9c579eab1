"""leadtime: are the US export rules on AI chips working? Numbers, uncertainty and sources."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_PUBLIC = {
    "Estimate": "leadtime.estimate",
    "Evidence": "leadtime.evidence",
    "LeadtimeError": "leadtime.errors",
    "Rulebook": "leadtime.rules",
    "Study": "leadtime.study",
    "ask": "leadtime.answers",
}
#: Steps of the argument, which `import leadtime` makes reachable without loading them.
_PACKAGES = frozenset(
    (
        "answers",
        "backtest",
        "capability",
        "claims",
        "cost",
        "evidence",
        "explain",
        "extract",
        "figures",
        "lag",
        "memo",
        "report",
        "rules",
        "scenario",
        "supply",
    )
)
__all__ = ["Estimate", "Evidence", "LeadtimeError", "Rulebook", "Study", "__version__", "ask"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that `import leadtime` stays quick."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _PACKAGES:
        return import_module(f"leadtime.{name}")
    raise AttributeError(f"module 'leadtime' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_PACKAGES})
