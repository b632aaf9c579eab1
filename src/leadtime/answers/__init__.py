"""What both doors say: one function for each question, from a study to what JSON can hold.

The command line prints these with `--json`; the API serves them. Their parameters are the questions' own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadtime.answers.changed import effect
    from leadtime.answers.claimed import claims, explain, quantities
    from leadtime.answers.costs import cost, network
    from leadtime.answers.described import schema, schemas
    from leadtime.answers.looked_up import evidence, evidence_table
    from leadtime.answers.measured import capability, curve, expected, lag, lag_headline, lag_path
    from leadtime.answers.others import lag_published
    from leadtime.answers.parties import rules_party
    from leadtime.answers.quality import evidence_quality
    from leadtime.answers.recorded import backtest, lag_forecast, locked
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
    "claimed": ("claims", "explain", "quantities"),
    "costs": ("cost", "network"),
    "described": ("schema", "schemas"),
    "looked_up": ("evidence", "evidence_table"),
    "measured": ("capability", "curve", "expected", "lag", "lag_headline", "lag_path"),
    "others": ("lag_published",),
    "parties": ("rules_party",),
    "quality": ("evidence_quality",),
    "recorded": ("backtest", "lag_forecast", "locked"),
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
    "backtest", "capability", "claims", "cost", "curve", "effect", "evidence", "evidence_quality", "evidence_table", "expected",
    "explain", "lag", "lag_forecast", "lag_headline", "lag_path", "lag_published", "levers", "locked", "network", "profiles",
    "quantities", "rules_coverage", "rules_diff", "rules_party", "rules_show", "rules_status", "rules_tariffs", "rules_timeline", "scenario_draws",
    "scenario_run", "scenarios", "schema", "schemas",
    "sensitivity", "supply", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load an answer on first use."""
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"leadtime.answers.{module}"), name)
    raise AttributeError(f"module 'leadtime.answers' has no attribute {name!r}")
