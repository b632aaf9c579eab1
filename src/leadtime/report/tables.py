"""The tables of the report: what is shown, in which order, in which words."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from leadtime.estimate import atoms_text

#: How long a published figure's interval or range is written, by the words of the evidence.
LAG = "lag_months"

RENAMES = {
    "median": "median_months",
    "low": "low_months",
    "high": "high_months",
    "censored": "censored_fraction",
    "p_7_10": "within_7_10_fraction",
}
ABILITY_RENAMES = {
    "points": "ability_points",
    "points_low": "ability_low_points",
    "points_high": "ability_high_points",
    "logit": "ability_logit",
    "logit_low": "ability_low_logit",
    "logit_high": "ability_high_logit",
}
EFFECT_RENAMES = {
    "logit": "effect_logit",
    "logit_low": "effect_low_logit",
    "logit_high": "effect_high_logit",
    "pp_at_half": "effect_at_half_fraction",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the page, its cells already words.

    Args:
        name: Id on the page and key in results.json.
        title: Heading.
        caption: What it holds and how to read it.
        columns: Heading of each column, and whether it holds numbers.
        rows: Cells, the first of each row its heading.
    """

    name: str
    title: str
    caption: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


def months(median: Any, low: Any, high: Any, digits: int = 1) -> str:
    """Return `7.9 (5.1 to 10.6)`, a dash where there is no number; one value that all draws agree on is said to be
    that.
    """
    if not finite(median):
        return "–"
    mid = number(median, digits)
    if finite(low) and finite(high) and low == high and digits:
        return f"{mid} in all draws"
    return f"{mid} ({number(low, digits)} to {number(high, digits)})" if finite(low) and finite(high) else mid


def number(value: Any, digits: int = 1) -> str:
    """Return a number in words of the page: a true minus, no minus zero, a dash for none."""
    if not finite(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else f"{0:.{digits}f}"


def percent(value: Any) -> str:
    """Return a fraction as percent."""
    return f"{100 * value:.0f}%" if finite(value) else "–"


def finite(value: Any) -> bool:
    """Return whether there is a number."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def abilities(frame: pl.DataFrame, n: int = 25) -> Table:
    """Return the ablest models that have enough benchmarks for a headline."""
    rows = frame.filter(pl.col("headline")).head(n)
    return Table(
        name="abilities",
        title=f"The {rows.height} ablest models",
        caption=(
            "Points of a scale like Epoch's ECI, median and 90% interval. The last column is the day the US "
            "frontier first stood there. Models with at least four benchmarks."
        ),
        columns=(
            ("Model", False),
            ("Organization", False),
            ("Country", False),
            ("Released", False),
            ("Weights", False),
            ("Benchmarks", True),
            ("Ability, points", True),
            ("US frontier there", False),
        ),
        rows=tuple(
            (
                r["name"],
                r["organization"],
                r["country"] or "–",
                day(r["released_on"]),
                r["weights"],
                str(r["n_benchmarks"]),
                months(r["points"], r["points_low"], r["points_high"]),
                day(r["frontier_date"]),
            )
            for r in rows.iter_rows(named=True)
        ),
    )


def grid(frame: pl.DataFrame, name: str, title: str, caption: str, *, claim: bool = False) -> Table:
    """Return a lag under every definition (and setting, where these vary)."""
    varied = [c for c in ("clock", "comparison", "benchmarks") if frame[c].n_unique() > 1]
    ours = [("Within 7 to 10", True)] if claim else []
    return Table(
        name=name,
        title=title,
        caption=caption,
        columns=(
            ("Definition", False),
            *((SETTING_WORDS[c], False) for c in varied),
            ("Months behind", True),
            *ours,
            ("Only a bound", True),
            ("Note", False),
        ),
        rows=tuple(
            (
                r["title"],
                *(str(r[c]) for c in varied),
                r["atoms"] or months(r["median"], r["low"], r["high"]),
                *([percent(r["p_7_10"])] if claim else []),
                percent(r["censored"]),
                r["note"] or "",
            )
            for r in frame.iter_rows(named=True)
        ),
    )


SETTING_WORDS = {"clock": "Clock", "comparison": "Compared with", "benchmarks": "Benchmarks"}


def model_lags(rows: Sequence[dict[str, Any]], organization: str) -> Table:
    """Return the lag of each model of one organization when it was released.

    Args:
        rows: name, released_on, points, points_low, points_high and `lag`, an Estimate.
        organization: Its name.
    """
    return Table(
        name="organization",
        title=f"{organization}'s models when released",
        caption=(
            "Months behind the United States by the age of the first US model at least as able: each value it can have"
            " with its probability and that model, or a 90% interval."
        ),
        columns=(
            ("Model", False),
            ("Released", False),
            ("Ability, points", True),
            ("Months behind", True),
            ("Only a bound", True),
        ),
        rows=tuple(
            (
                r["name"],
                day(r["released_on"]),
                months(r["points"], r["points_low"], r["points_high"]),
                atoms_text(r["lag"].atoms) or months(r["lag"].median, r["lag"].low, r["lag"].high),
                percent(r["lag"].censored),
            )
            for r in rows
        ),
    )


def published(frame: pl.DataFrame, ours: dict[str, str]) -> Table:
    """Return lags that others published beside ours of the same subject.

    Args:
        frame: Rows of the evidence whose quantity is a lag in months.
        ours: Subject to our estimate, in words.
    """
    rows = frame.sort("known_on", descending=True)
    return Table(
        name="published",
        title="What others published",
        caption=(
            "Lags in months as published, newest first, beside ours for the same subject. Definitions differ: read"
            " them."
        ),
        columns=(
            ("By", False),
            ("Day", False),
            ("Of", False),
            ("Behind", False),
            ("Theirs", True),
            ("Interval", False),
            ("Ours", True),
            ("Their definition", False),
        ),
        rows=tuple(
            (
                r["published_by"],
                day(r["known_on"]),
                r["subject"],
                r["reference_group"] or "–",
                _theirs(r),
                r["interval_kind"] or "–",
                ours.get(r["subject"], "–"),
                r["definition"] or "",
            )
            for r in rows.iter_rows(named=True)
        ),
    )


def vendor_effect(frame: pl.DataFrame) -> Table:
    """Return by how much own scores exceed others' scores, by organization, country and kind of report."""
    return Table(
        name="vendor",
        title="Own scores against others' scores",
        caption=(
            "How much higher a developer's report of its own model is than other reports of the same model on the "
            "same benchmark, in logits and at a score of one half; shrunk toward the mean; 90% interval."
        ),
        columns=(
            ("Who", False),
            ("Level", False),
            ("Country", False),
            ("Pairs", True),
            ("Effect, logits", True),
            ("At one half, points", True),
        ),
        rows=tuple(
            (
                r["name"],
                r["level"],
                r["country"] or "–",
                str(r["n_pairs"]),
                months(r["logit"], r["logit_low"], r["logit_high"], 2),
                number(100 * r["pp_at_half"]) if finite(r["pp_at_half"]) else "–",
            )
            for r in frame.sort("level", "logit", descending=[False, True]).iter_rows(named=True)
        ),
    )


def of_figure(frame: pl.DataFrame, name: str, title: str, most: int = 400) -> Table:
    """Return the data of a figure as a table, for readers who cannot see it."""
    kept = frame.head(most)
    numeric = [frame.schema[c].is_numeric() for c in frame.columns]
    rest = f" The first {most} of {frame.height} rows; all are in the CSV." if frame.height > most else ""
    return Table(
        name=f"{name}-data",
        title=title,
        caption=f"Data of the figure: {title.lower()}.{rest}",
        columns=tuple((c.replace("_", " "), n) for c, n in zip(frame.columns, numeric, strict=True)),
        rows=tuple(tuple(_cell(v) for v in row) for row in kept.iter_rows()),
    )


def day(value: dt.date | None) -> str:
    """Return an ISO date, a dash for none."""
    return value.isoformat() if value else "–"


def plain_rows(frame: pl.DataFrame, renames: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return rows for JSON: units in the keys, dates as text, no NaN."""
    names = {k: v for k, v in (renames or {}).items() if k in frame.columns}
    return [{k: _json(v) for k, v in row.items()} for row in frame.rename(names).iter_rows(named=True)]


def _theirs(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    if finite(row["value"]):
        return months(row["value"], low, high)
    if finite(low) and finite(high):
        return f"{number(low, 0)} to {number(high, 0)}"
    return f"at least {number(low)}" if finite(low) else f"at most {number(high)}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 2)
    return "–" if value is None else str(value)


def _json(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, dt.date) else value
