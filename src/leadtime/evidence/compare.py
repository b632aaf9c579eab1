"""Two versions of a table: which rows are new, which are gone, and which say something else."""

from typing import Any, NamedTuple

import polars as pl


class Differences(NamedTuple):
    """Rows that differ; `changed` has the old values in columns that end in `_old`."""

    added: pl.DataFrame
    gone: pl.DataFrame
    changed: pl.DataFrame


def differences(old: pl.DataFrame, new: pl.DataFrame, key: list[str]) -> Differences:
    """Return how a table differs from another of the same columns, by its key."""
    added = new.join(old, on=key, how="anti", nulls_equal=True)
    gone = old.join(new, on=key, how="anti", nulls_equal=True)
    rest = [c for c in new.columns if c not in key]
    both = new.join(old, on=key, how="inner", nulls_equal=True, suffix="_old")
    differ = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_old")) for c in rest) if rest else pl.lit(value=False)
    return Differences(added, gone, both.filter(differ))


def name_of(row: dict[str, Any], key: list[str]) -> str:
    """Return the key of a row in words."""
    return ", ".join(str(row[k]) for k in key if row[k] is not None)


def moved(row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return old and new value of each column in which a changed row differs."""
    return {c: (row[f"{c}_old"], v) for c, v in row.items() if f"{c}_old" in row and row[f"{c}_old"] != v}
