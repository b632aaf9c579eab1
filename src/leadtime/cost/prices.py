"""The price of a chip on a day: rents from dated quotes, purchases by Epoch AI's published rule."""

import datetime as dt

import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

#: Quotes this far from the day still tell of its price.
WINDOW_DAYS = 200
_METHOD_SOURCE = "epoch-gpu-prices"


def missing_price(chip: str, kind: str, day: dt.date) -> LeadtimeError:
    """Return the error that says which price is missing and what to do."""
    return LeadtimeError(
        f"no {kind} price of {chip} within {WINDOW_DAYS} days of {day} is known",
        where="chip_prices",
        fix=f"Give --price-usd, or --price-of another chip, or add a row (chip {chip}, kind, price_usd, priced_on) to "
        "evidence/chip_prices.csv of a study folder.",
    )


def rent_usd_per_hour(
    evidence: Evidence, stated: Assumptions, chip: str, day: dt.date, *, term: str
) -> tuple[Floats, str, int]:
    """Return draws of the rent of a chip-hour, what they rest on, and of how many sellers.

    The median over sellers of the quote nearest to the day, times the spread of one seller about the market. All runs
    on a chip in a quarter share the draws: they are offered the same market.

    Raises:
        LeadtimeError: No quote near the day.
    """
    table = evidence["chip_prices"]
    near = table.filter(
        (pl.col("chip") == chip) & (pl.col("kind") == "rental") & (pl.col("term") == term)
    ).with_columns(gap=(pl.col("priced_on") - day).dt.total_days().abs())
    near = near.filter(pl.col("gap") <= WINDOW_DAYS).sort("gap").unique("seller", keep="first", maintain_order=True)
    if near.is_empty():
        raise missing_price(chip, f"{term} rental", day)
    center = float(near["price_usd"].median())  # type: ignore[arg-type]
    family = chip.split("-", 1)[0]
    name = f"rental-price-spread-{family}" if family in ("a100", "h100") else "rental-price-spread-pooled"
    quarter = f"{day.year}Q{(day.month + 2) // 3}"
    spread = stated.draw(name, f"rent {chip} {quarter}")
    n = near.height
    return center * spread, f"{term} rent of ${center:.2f}, median of {n} seller{'s' * (n > 1)} near {day}", n


def purchase_usd(evidence: Evidence, chip: str) -> tuple[float, dt.date, str]:
    """Return the purchase price that Epoch's method takes, its day, and its basis (chip, server, dgx, estimate).

    The earliest price of a complete system (DGX) in the chip's family, else the earliest of the chip; rows of Epoch's
    own price table where there are any.

    Raises:
        LeadtimeError: No purchase price of the chip or its family.
    """
    family = chip if chip.startswith(("tpu", "trainium", "ascend")) else chip.split("-", 1)[0]
    table = evidence["chip_prices"].filter(pl.col("kind") == "purchase")
    rows = table.filter((pl.col("chip") == family) | pl.col("chip").str.starts_with(f"{family}-"))
    own = rows.filter(pl.col("source") == _METHOD_SOURCE)
    rows = (rows if own.is_empty() else own).sort("priced_on", "seller", nulls_last=False)
    systems = rows.filter(pl.col("basis") == "dgx")
    chosen = rows if systems.is_empty() else systems
    if chosen.is_empty():
        raise LeadtimeError(
            f"no purchase price of {chip} is known",
            where="chip_prices",
            fix=f"Add a row (chip {chip}, kind purchase, price_usd, priced_on) to evidence/chip_prices.csv of a study "
            "folder; --definition=rental does not need one.",
        )
    row = chosen.row(0, named=True)
    return float(row["price_usd"]), row["priced_on"], str(row["basis"] or "chip")
