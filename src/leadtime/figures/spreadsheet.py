"""Tables as CSV that people open in a spreadsheet."""

import polars as pl

#: What a spreadsheet takes for a formula, and the numbers among that.
_FORMULA, _NEGATIVE = r"^[=+\-@\t\r]", r"^-[0-9.,]+(?:[eE][+-]?[0-9]+)?$"


def csv(frame: pl.DataFrame) -> str:
    """Return the table as CSV; text that a spreadsheet would run as a formula is quoted by an apostrophe."""
    texts = [c for c in frame.columns if frame.schema[c] == pl.String]
    return frame.with_columns(
        pl.when(pl.col(c).str.contains(_FORMULA) & ~pl.col(c).str.contains(_NEGATIVE))
        .then("'" + pl.col(c))
        .otherwise(pl.col(c))
        .alias(c)
        for c in texts
    ).write_csv()
