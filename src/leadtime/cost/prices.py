"""The price of a chip on a day: rents from dated quotes, purchases by Epoch AI's published rule, or what stands in for
them.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.stand_in import rent_by_peak
from leadtime.evidence import Evidence

#: Quotes this far from the day still tell of its price.
WINDOW_DAYS = 200
#: A market price wants more quotes than this.
FEW_SELLERS = 3
ON_DEMAND = "on-demand"
_CLOUDS = ("aws", "azure", "gcp", "lambda")
_METHOD_SOURCE = "epoch-gpu-prices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """The rent of a chip-hour.

    Args:
        draws_usd: Draws, shape (draw,).
        basis: What they rest on.
        n_sellers: Of how many sellers of the chip itself; 0 where others stand in.
        flags: What is doubtful.
    """

    draws_usd: Floats
    basis: str
    n_sellers: int = 0
    flags: tuple[str, ...] = ()


def rent_usd_per_hour(evidence: Evidence, stated: Assumptions, chip: str, day: dt.date, *, term: str) -> Rent:
    """Return the rent of a chip-hour: the market's, times how far one seller lies from it.

    The market's is the median over sellers of the quote nearest to the day; with n sellers it is known to about the
    spread of one over the root of n, so that a single seller widens the interval by half. What a developer takes the
    rent of its own chips to be is one reading beside those of sellers. All runs on a chip in a quarter share the draws.
    Without a quote of the chip, rents of others by their peak stand in; without any of the term, the discounts of four
    clouds on the on-demand rent.

    Raises:
        LeadtimeError: No rent of any chip is known near the day, or no peak of this one.
    """
    table = evidence["chip_prices"].filter(pl.col("kind") == "rental")
    said = pl.col("term").is_null() if term == ON_DEMAND else pl.lit(value=False)
    offers = table.filter((pl.col("term") == term) | said).with_columns(
        gap=(pl.col("priced_on") - day).dt.total_days().abs()
    )
    near = offers.filter((pl.col("gap") <= WINDOW_DAYS) & (pl.col("chip") == chip)).sort("gap")
    near = near.unique("seller", keep="first", maintain_order=True)
    if near.is_empty():
        return _stand_in(evidence, stated, chip, day, offers if term == ON_DEMAND else None)
    n, center = near.height, float(near["price_usd"].median())  # type: ignore[arg-type]
    own = near["term"].is_null().sum()
    flags = []
    if n < FEW_SELLERS:
        flags.append(f"{term} rent of {chip} from {n} seller{'s' * (n > 1)} only, and widened for it")
    if own:
        flags.append("one of its rents is what the developer assumes, not a quote")
    basis = f"{term} rent of ${center:.2f}, median of {n} seller{'s' * (n > 1)} near {day}"
    spread = stated.draw(_spread(chip), f"rent {chip} {day.year}Q{(day.month + 2) // 3}")
    return Rent(draws_usd=center * spread ** _widened(n), basis=basis, n_sellers=n, flags=tuple(flags))


def _spread(chip: str) -> str:
    family = chip.split("-", 1)[0]
    return f"rental-price-spread-{family if family in ('a100', 'h100') else 'pooled'}"


def _widened(n: int) -> float:
    """Return the width of one seller's rent about a market known from n, over that about a known one: errors of a
    median.
    """
    return float(np.sqrt(1 + (1 / n if n < FEW_SELLERS else np.pi / 2 / n)))


def _stand_in(evidence: Evidence, stated: Assumptions, chip: str, day: dt.date, offers: pl.DataFrame | None) -> Rent:
    """Return a rent from those of other chips; for a term of which there are none, from the on-demand rent less a
    discount.
    """
    if offers is None:
        found = rent_usd_per_hour(evidence, stated, chip, day, term=ON_DEMAND)
        parts = np.array([1 - stated.value(f"epoch-discount-{seller}-3-year") for seller in _CLOUDS])
        part = (
            parts[stated.choice(f"discount {chip}", len(parts)).astype(int)] if stated.n else np.full(1, parts.mean())
        )
        return Rent(
            draws_usd=found.draws_usd * part,
            basis=f"{found.basis}, less the discount of one of four clouds for three years",
            flags=(
                *found.flags,
                f"no three-year rent of {chip} is known near {day}: on-demand rent less a cloud's discount",
            ),
        )
    offers = offers.filter(pl.col("term").is_not_null())
    quotes = offers.filter(pl.col("gap") <= WINDOW_DAYS)
    late = quotes.is_empty() and not offers.is_empty()
    if late:
        quotes = offers.filter(pl.col("gap") <= offers["gap"].min() + WINDOW_DAYS)  # type: ignore[operator]
    market, n = rent_by_peak(evidence, stated, chip, day, quotes)
    one = stated.draw(_spread(chip), f"rent {chip} {day.year}Q{(day.month + 2) // 3}")
    others = f"rents of {n} other chip{'s' * (n > 1)} by their 16-bit peak"
    when = f", of {quotes['priced_on'].min()!s} to {quotes['priced_on'].max()!s}" if late else ""
    flag = f"no rent of {chip} is known near {day}: {others} stand in{when}"
    return Rent(draws_usd=market * one, basis=others, flags=(flag,))


def purchase_usd(evidence: Evidence, chip: str) -> tuple[float, dt.date, str] | None:
    """Return the purchase price that Epoch's method takes, its day, and its basis (chip, server, dgx, estimate); None
    without one.

    The earliest price of a complete system (DGX) in the chip's family, else the earliest of the chip; rows of Epoch's
    own price table where there are any. A family shares the first part of its ids where that has a number (h100-sxm,
    h100-pcie); one that is a brand (tesla-k80, ascend-910c) makes none.
    """
    first = chip.split("-", 1)[0]
    family = first if any(c.isdigit() for c in first) else chip
    table = evidence["chip_prices"].filter(pl.col("kind") == "purchase")
    rows = table.filter((pl.col("chip") == family) | pl.col("chip").str.starts_with(f"{family}-"))
    own = rows.filter(pl.col("source") == _METHOD_SOURCE)
    rows = (rows if own.is_empty() else own).sort("priced_on", "seller", nulls_last=False)
    systems = rows.filter(pl.col("basis") == "dgx")
    chosen = rows if systems.is_empty() else systems
    if chosen.is_empty():
        return None
    row = chosen.row(0, named=True)
    return float(row["price_usd"]), row["priced_on"], str(row["basis"] or "chip")
