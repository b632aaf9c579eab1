"""One number explained: what it is, how it is computed, and every row and source behind it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.explain.derivation import Step, sources, steps
from leadtime.quantities import QUANTITIES, unit_of, value
from leadtime.resources import one_end

if TYPE_CHECKING:
    from leadtime.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A number and what it rests on.

    Args:
        quantity: Name in the registry.
        parameters: The parameters that were asked for.
        title: What it is, in a few words.
        unit: Its unit.
        low: 5% quantile of the draws in which it is defined.
        median: Median.
        high: 95% quantile.
        undefined: Share of draws in which it is not defined.
        sentence: Its definition.
        equation: The equation, in plain text.
        method: Page of the documentation.
        steps: From evidence to the number.
        sources: Rows of `sources` that the steps name: id, title, publisher, url, kind, n_rows.
    """

    quantity: str
    parameters: dict[str, Any]
    title: str
    unit: str
    low: float
    median: float
    high: float
    undefined: float
    sentence: str
    equation: str
    method: str
    steps: tuple[Step, ...]
    sources: pl.DataFrame


def explain(study: "Study", quantity: str, parameters: dict[str, Any]) -> Explanation:
    """Return where a number comes from.

    Raises:
        LeadtimeError: The quantity or a parameter is unknown, or the evidence is not enough.
    """
    draws, unit = value(study, quantity, parameters), unit_of(study, quantity, parameters)
    if (ends := one_end(study, quantity, draws)) is not None:
        draws = ends[0] if ends[2] == "at least" else ends[1]
        unit = f"{unit} or {'more' if ends[2] == 'at least' else 'less'}"
    defined = draws[np.isfinite(draws)]
    low, median, high = np.quantile(defined, [0.05, 0.5, 0.95]) if defined.size else (np.nan,) * 3
    found = steps(study, quantity, parameters)
    q = QUANTITIES[quantity]
    return Explanation(
        quantity=quantity,
        parameters=parameters,
        title=q.title,
        unit=unit,
        low=float(low),
        median=float(median),
        high=float(high),
        undefined=1 - defined.size / draws.size,
        sentence=_sentence(quantity, parameters),
        equation=q.equation,
        method=q.method,
        steps=tuple(found),
        sources=_named(study, found),
    )


def _sentence(quantity: str, parameters: dict[str, Any]) -> str:
    """Return the definition, with that of the reading that is asked for."""
    said = QUANTITIES[quantity].sentence
    name = parameters.get("definition")
    if quantity.startswith("lag."):
        from leadtime.lag import DEFINITIONS

        d = DEFINITIONS.get(str(name or ("age_of_equal" if quantity == "lag.model" else "daily_mean")))
        return f"{said} Here {d.title}: {d.sentence[0].lower()}{d.sentence[1:]}" if d else said
    if quantity.startswith("cost"):
        from leadtime.cost.meaning import SENTENCES

        own = {str(k): v for k, v in SENTENCES.items()}.get(str(name or "amortized"))
        return f"{said} Here: {own[0].lower()}{own[1:]}" if own else said
    return said


def _named(study: "Study", found: list[Step]) -> pl.DataFrame:
    names = sources(found)
    count = pl.concat(
        [s.rows.select("source") for s in found if "source" in s.rows.columns]
        or [pl.DataFrame({"source": []}, schema={"source": pl.String})]
    )["source"].value_counts(name="n_rows")
    order = pl.DataFrame({"id": names}, schema={"id": pl.String})
    rows = order.join(study.evidence["sources"], on="id", how="left", maintain_order="left")
    return rows.join(count, left_on="id", right_on="source", how="left", maintain_order="left").select(
        "id", "title", "publisher", "url", "kind", "n_rows"
    )
