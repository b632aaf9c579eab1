"""What a fit says as tables: one of models, one of items; and items given by a table."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from leadtime import json_text, stranger
from leadtime.capability.items import scale
from leadtime.capability.items.diagnose import Differential, misfit
from leadtime.capability.items.precision import Precision
from leadtime.capability.items.result import ItemFit
from leadtime.errors import LeadtimeError
from leadtime.evidence.csv_rows import all_rows_of

#: A file of items in JSON may have so many bytes.
MOST_JSON = 100_000_000
_Z = 1.6448536269514722  # of a 90 % interval
_FIX = (
    "Expected what `leadtime capability --items FILE --json` printed, or a CSV with columns item, a, b and perhaps c."
)


def models_table(fitted: ItemFit, errors: Precision) -> pl.DataFrame:
    """Return each model's ability in theta and in points with 90 % intervals, and its number of items, best first."""
    r = fitted.responses
    n = np.zeros(len(r.models), dtype=np.int64)
    for block in r.raw_blocks():
        for part in block.chunks():
            here = slice(part.first, part.first + part.n)
            n[here] = len(r.items) if part.tries is None else np.asarray((part.tries > 0).sum(axis=1)).ravel()
    low, high = fitted.theta - _Z * errors.sd, fitted.theta + _Z * errors.sd
    table = pl.DataFrame({
        "model": r.models, "points": scale.points(fitted, fitted.theta), "points_low": scale.points(fitted, low),
        "points_high": scale.points(fitted, high), "theta": fitted.theta, "theta_se": errors.sd, "n_items": n,
    })  # fmt: skip
    return table.sort("theta", descending=True)


def items_table(fitted: ItemFit, errors: Precision, dif: Differential | None = None) -> pl.DataFrame:
    """Return each item's a, b and c with standard errors and its fit, hardest first; with `dif` whom it favors."""
    se, fit, curves = errors.item_errors, misfit(fitted, errors), fitted.curves
    table = pl.DataFrame(
        {
            "item": fitted.responses.items,
            "a": curves.a,
            "a_se": curves.a * se[:, 0],
            "b": curves.b,
            "b_se": se[:, 1],
            "c": curves.c,
            "infit": fit.infit,
            "outfit": fit.outfit,
        }
    )
    if dif is not None:
        table = table.with_columns(favor=dif.favor, favor_se=dif.error, p=dif.p, q=dif.q)
    return table.sort("b", descending=True)


def read_items(path: Path) -> dict[str, tuple[float, float, float]]:
    """Return discrimination, difficulty and guessing by item, to hold in another fit.

    Raises:
        LeadtimeError: The file cannot be read or is not such a table.
    """
    rows = _rows(path)
    try:
        found = {str(r["item"]): (float(r["a"]), float(r["b"]), float(r.get("c") or 0.0)) for r in rows}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
        raise LeadtimeError(f"is not a table of items ({first})", where=str(path), fix=_FIX) from None
    wrong = [k for k, (a, b, c) in found.items() if not (a > 0 and np.isfinite([a, b]).all() and 0 <= c < 1)]
    if wrong or not found:
        what = f"item {wrong[0]!r} has values out of range" if wrong else "there is no item"
        raise LeadtimeError(
            what, where=str(path), fix="a must be above 0, b must be a number, c must be from 0 up to 1."
        )
    if len(found) < len(rows):
        raise LeadtimeError(f"{len(rows) - len(found)} items appear twice", where=str(path), fix="Keep one of each.")
    return found


def _rows(path: Path) -> list[Any]:
    """Return the items of a file, in JSON or CSV, as they are written."""
    content = stranger.read(path, fix=_FIX)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return all_rows_of(content, str(path), _FIX).to_dicts()
    said = json_text.parsed(stranger.text(path, most=MOST_JSON, fix=_FIX), where=str(path), fix=_FIX)
    rows = said.get("items")
    if not isinstance(rows, list):
        raise LeadtimeError("`items` is not a list", where=str(path), fix=_FIX)
    return rows
