"""The figures of how ability is measured: where each test measures, and what developers report of their own models."""

from typing import TYPE_CHECKING

from leadtime.answers.drawn import figure
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_UNITS = {
    "logit": "effect_logit",
    "logit_low": "effect_low_logit",
    "logit_high": "effect_high_logit",
    "pp_at_half": "effect_at_half_fraction",
}


def tests(study: "Study") -> "Figure":
    """Return where each test measures, and how sharply."""
    from leadtime.figures.models import benchmark_map

    found = study.benchmarks_table()
    return figure(
        name="capability-tests",
        title="Where each test measures, and how sharply.",
        chart=benchmark_map(found),
        rows=found,
        n=f"{found.height} tests",
        method=(
            "Difficulty is the ability at which a model solves half; sharpness is the slope there, per 10 points."
            " Larger dots have more models. Middle values; ranges are in the data."
        ),
        stamp=study.stamp,
    ).named(f"The {found.height} tests, from the easiest to the hardest")


def developers(study: "Study") -> "Figure":
    """Return by how much the scores that developers report of their own models exceed those of others.

    Raises:
        LeadtimeError: No developer has enough pairs of scores.
    """
    import polars as pl

    from leadtime.figures.models import vendor_effect

    names = dict(study.evidence["organizations"].select("id", "name").iter_rows())
    found = study.vendor_effect().with_columns(pl.col("name").replace(names))
    own = found.filter((pl.col("level") == "organization") & pl.col("logit").is_finite())
    if own.is_empty():
        raise LeadtimeError("no developer has scores of its own beside those of others", fix="Ask for a later day.")
    return figure(
        name="capability-developers",
        title="A developer's own score, less others' score of the same model on the same test, in logits.",
        chart=vendor_effect(found),
        rows=found.rename(_UNITS, strict=False),
        n=f"{int(own['n_pairs'].sum())} pairs of {own.height} developers",
        method="Shrunk toward the mean; the number of pairs in parentheses. Bars are 90% intervals.",
        stamp=study.stamp,
    ).named(reported(own))


def reported(own: "pl.DataFrame") -> str:
    """Return for how many developers their own scores are clearly higher or lower than others', a headline."""
    import polars as pl

    higher, lower = own.filter(pl.col("logit_low") > 0).height, own.filter(pl.col("logit_high") < 0).height
    if not higher and not lower:
        return "No developer reports clearly higher or lower scores for its own models than others do"
    less = f", and {lower} lower" if lower else ""
    return f"Of {own.height} developers, {higher or 'none'} report clearly higher scores for their own models{less}"
