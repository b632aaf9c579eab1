"""Questions and their answers: each question is declared once, in `answers.questions`, and all doors are made from that.

`ask(study, "lag path", of="China")` gives an answer. What is not declared yet is a function here, from a study to what JSON can hold.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadtime.answers.changed import effect
    from leadtime.answers.parties import rules_party
    from leadtime.answers.registry import ask, find, questions
    from leadtime.answers.regulated import (
        rules_coverage,
        rules_diff,
        rules_show,
        rules_status,
        rules_tariffs,
        rules_timeline,
    )
    from leadtime.answers.simulated import (
        levers,
        profiles,
        scenario_draws,
        scenario_run,
        scenarios,
        sensitivity,
        supply,
        sweep,
    )

_WHERE = {
    "changed": ("effect",),
    "parties": ("rules_party",),
    "registry": ("ask", "find", "questions"),
    "regulated": ("rules_coverage", "rules_diff", "rules_show", "rules_status", "rules_tariffs", "rules_timeline"),
    "simulated": (
        "levers",
        "profiles",
        "scenario_draws",
        "scenario_run",
        "scenarios",
        "sensitivity",
        "supply",
        "sweep",
    ),
}
__all__ = [
    "ask", "effect", "find", "levers", "profiles", "questions",
    "rules_coverage", "rules_diff", "rules_party", "rules_show", "rules_status", "rules_tariffs", "rules_timeline", "scenario_draws",
    "scenario_run", "scenarios",
    "sensitivity", "supply", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load an answer on first use."""
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"leadtime.answers.{module}"), name)
    raise AttributeError(f"module 'leadtime.answers' has no attribute {name!r}")
