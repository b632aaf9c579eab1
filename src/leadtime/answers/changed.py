"""What the rules changed."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain

if TYPE_CHECKING:
    from leadtime.study import Study


def effect(study: "Study", *, at: str = "") -> dict[str, Any]:
    """Say what the rules changed by the end of a quarter, in layers: from what nobody assumes to what one model says."""
    from leadtime.backtest.simulated import beside

    return {**study.stamp, **plain(beside(study.effect(at).to_json(), study.as_of))}
