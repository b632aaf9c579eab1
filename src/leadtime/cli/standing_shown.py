"""What stands beside the answers of the simulation in the terminal: first whether it reproduces the measured path, last its checks."""

from typing import TYPE_CHECKING, Any

from leadtime.cli.terminal import put, wrap

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork


def show_first(fork: "Fork") -> dict[str, Any]:
    """Say first what a reader must know of the simulation; return what else there is to say, nothing on draws of the priors."""
    from leadtime.backtest.standing import standing

    if fork.prior:
        wrap("These are draws of the priors: nothing observed constrains them.", "")
        put()
        return {}
    found = standing(fork)
    wrap(found["sentence"], "")
    put()
    return found


def show_rest(found: dict[str, Any]) -> None:
    """Say the effect before and after the data, how it moves with what is assumed, the budget, the p-values, and the hindcasts."""
    from leadtime.backtest.standing import budget_words, effect_words, robust_words

    if not found:
        return
    for words in (effect_words(found), robust_words(found), budget_words(found)):
        wrap(words, "")
    worst = min(found["p_values"], key=lambda r: r["p"])
    wrap(
        f"Posterior-predictive p-values: all observations together {found['p_all']:.2f}, least {worst['p']:.2g} ({worst['constraint']}).",
        "",
    )
    wrap(f"Hindcasts: {found['hindcasts']['sentence']}", "")
