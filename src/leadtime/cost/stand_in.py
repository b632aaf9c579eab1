"""Prices and power of chips of which none was published: from those of other chips, by their 16-bit peak."""

import datetime as dt

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

#: Chips below this 16-bit peak, in 1e12 operations a second, are not what large models are trained on.
_LEAST_PEAK = 100.0
#: Chips this old, in years, are rented for what is left of them, not for what they do.
_YEARS_OLD = 5.0
_LEAST_CHIPS = 4
#: What that spread is taken to be where no quarter tells: a factor of three either way.
_UNMEASURED = 0.67


def peaks(evidence: Evidence) -> dict[str, float]:
    """Return the dense 16-bit peak of each chip of data centers, in 1e12 operations a second."""
    table = evidence["chip_peaks"].filter(pl.col("precision").is_in(["bf16", "fp16"]))
    best = table.group_by("chip").agg(pl.col("tera_op_s").max())
    chips = evidence["chips"].filter(pl.col("market") != "consumer")
    found = best.join(chips.select(chip="id"), on="chip").filter(pl.col("tera_op_s") >= _LEAST_PEAK)
    return dict(found.iter_rows())


def peak_of(evidence: Evidence, chip: str) -> float:
    """Return the 16-bit peak of a chip, in 1e12 operations a second.

    Raises:
        LeadtimeError: Nobody has published one, so nothing can be compared with it.
    """
    table = evidence["chip_peaks"].filter((pl.col("chip") == chip) & pl.col("precision").is_in(["bf16", "fp16"]))
    if table.is_empty():
        raise LeadtimeError(
            f"nobody has published a price or a 16-bit peak of {chip}",
            where="chip_prices",
            fix=(
                f"Give --price-usd, or --price-of another chip, or add a row (chip {chip}, kind, price_usd, priced_on)"
                " to evidence/chip_prices.csv of a study folder."
            ),
        )
    return float(table["tera_op_s"].max())  # type: ignore[arg-type]


def released(evidence: Evidence) -> dict[str, dt.date]:
    """Return when each chip was released, or announced where that is all that is known."""
    rows = evidence["chips"].select("id", pl.coalesce("released_on", "announced_on"))
    return {chip: day for chip, day in rows.iter_rows() if day is not None}


def rent_by_peak(
    evidence: Evidence, stated: Assumptions, chip: str, day: dt.date, quotes: pl.DataFrame
) -> tuple[Floats, int]:
    """Return draws of the market rent of a chip-hour, from the rents of others for each unit of their peak, and of how
    many.

    The median over chips of their median rent over their peak; how far one chip lies from the others is measured on
    the same quotes, or on those of all quarters where they are of fewer than four chips.

    Args:
        evidence: The tables.
        stated: Assumptions, for the draws.
        chip: The chip of which no rent is known.
        day: The day of the rent.
        quotes: Rents of other chips near the day: chip, priced_on, price_usd.

    Raises:
        LeadtimeError: No 16-bit peak of the chip, or no rent of any other, is known.
    """
    own = peak_of(evidence, chip)
    near = _by_peak(evidence, quotes.with_columns(quarter=pl.lit(0)))["log"].to_numpy()
    if not near.size:
        raise LeadtimeError(
            f"nobody has published the rent of a chip near {day}",
            where="chip_prices",
            fix="Give --price-usd, or a later --as-of.",
        )
    spread = float(np.std(near, ddof=1)) if near.size >= _LEAST_CHIPS else _usual_spread(evidence)
    z = stated.normal(f"rent by peak {chip}")
    return np.asarray(own * np.exp(np.median(near) + spread * np.sqrt(1 + 1 / near.size) * z)), near.size


def _by_peak(evidence: Evidence, quotes: pl.DataFrame) -> pl.DataFrame:
    """Return, by quarter, the log of the median rent over peak of each chip that was not old then: quarter, log."""
    known, since = peaks(evidence), released(evidence)
    info = pl.DataFrame(
        [(c, p, since[c]) for c, p in known.items() if c in since],
        schema={"chip": pl.String, "peak": pl.Float64, "since": pl.Date},
        orient="row",
    )
    young = (pl.col("priced_on") - pl.col("since")).dt.total_days() <= _YEARS_OLD * 365.25
    some = quotes.join(info, on="chip").filter(young).group_by("quarter", "chip", maintain_order=True)
    return some.agg(log=(pl.col("price_usd").median() / pl.col("peak").first()).log()).sort("quarter", "chip")


def _usual_spread(evidence: Evidence) -> float:
    """Return how far the rents of chips over their peaks lie apart in a quarter, a standard deviation of logarithms."""
    rents = evidence["chip_prices"].filter((pl.col("kind") == "rental") & (pl.col("term") == "on-demand"))
    logs = _by_peak(evidence, rents.with_columns(quarter=pl.col("priced_on").dt.truncate("1q")))
    apart = logs.group_by("quarter").agg(n=pl.len(), square=(pl.col("log") - pl.col("log").mean()).pow(2).sum())
    freedom = int((apart["n"] - 1).sum())
    return float(np.sqrt(float(apart["square"].sum()) / freedom)) if freedom > 0 else _UNMEASURED


def system_usd_by_peak(evidence: Evidence, stated: Assumptions, chip: str, overhead: float) -> Floats:
    """Return draws of the price of a chip with its share of the server, by its peak and day of release.

    The log of price over peak is regressed on the day of release and on whether the maker keeps the chip for itself,
    whose price is what it costs to make. Draws are of the prediction (Student-t).

    Args:
        evidence: The tables.
        stated: Assumptions, for the draws.
        chip: The chip of which no price is known.
        overhead: Price of a server over that of its chips, for prices of chips alone.

    Raises:
        LeadtimeError: No 16-bit peak or day of the chip, or too few prices of others, are known.
    """
    from scipy.special import stdtrit

    own, known, since = peak_of(evidence, chip), peaks(evidence), released(evidence)
    kept = set(evidence["chips"].filter(pl.col("market") == "internal")["id"])
    rows = evidence["chip_prices"].filter(
        (pl.col("kind") == "purchase") & pl.col("chip").is_in([c for c in known if c in since])
    )
    bare = pl.col("basis").is_null() | (pl.col("basis") == "chip")
    prices = rows.with_columns(usd=pl.col("price_usd") * pl.when(bare).then(overhead).otherwise(1.0))
    table = prices.group_by("chip", maintain_order=True).agg(pl.col("usd").median())
    names = table["chip"].to_list()
    if len(names) < _LEAST_CHIPS + 3 or chip not in since:
        raise LeadtimeError(
            f"nobody has published a purchase price of {chip}, and there are too few of other chips",
            where="chip_prices",
            fix="Choose a later --as-of, or give --price-of another chip.",
        )
    x = np.array([[1.0, _years(since[c]), float(c in kept)] for c in names])
    y = np.log(table["usd"].to_numpy() / np.array([known[c] for c in names]))
    x = x[:, : 3 if x[:, 2].any() else 2]
    at = np.array([1.0, _years(since[chip]), float(chip in kept)])[: x.shape[1]]
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    freedom = len(y) - x.shape[1]
    scatter = np.sqrt(((y - x @ beta) ** 2).sum() / freedom * (1 + at @ np.linalg.solve(x.T @ x, at)))
    share = _share(stated.normal(f"purchase by peak {chip}"))
    return np.asarray(own * np.exp(at @ beta + scatter * stdtrit(freedom, share)))


def _share(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(np.clip(ndtr(z), 1e-6, 1 - 1e-6))


def _years(day: dt.date) -> float:
    return (day - dt.date(2022, 1, 1)).days / 365.25


def watts_by_peak(evidence: Evidence, chip: str) -> float:
    """Return the power of a chip from the median power for each unit of peak of those released within two years of it.

    Raises:
        LeadtimeError: No 16-bit peak or day of the chip, or no power of another, is known.
    """
    own, known, since = peak_of(evidence, chip), peaks(evidence), released(evidence)
    watts = dict(evidence["chips"].filter(pl.col("tdp_w").is_not_null()).select("id", "tdp_w").iter_rows())
    if chip in since:
        near = [
            watts[c] / known[c]
            for c in known
            if c in watts and c in since and abs((since[c] - since[chip]).days) <= 731
        ]
        if near:
            return float(np.median(near)) * own
    raise LeadtimeError(
        f"nobody has published the power of {chip}", where="chips, column tdp_w", fix="Add it in a study folder."
    )
