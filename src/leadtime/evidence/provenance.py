"""Who stated a row, where it was really read, how its day is known: what of that must not be missing."""

import polars as pl

from leadtime.evidence.csv_rows import Problem

#: Stands in `read_in` where no record was kept of what was read; counted as unconfirmed.
NOT_RECORDED = "not-recorded"
#: Stands in `source` where no document was found that states the fact.
NO_DOCUMENT = "general-knowledge-rules"
#: Neither an address nor a reason why there is none.
IS_BARE = pl.col("url").is_null() & pl.col("no_url").is_null()


def without_address(sources: pl.DataFrame, file: str) -> list[Problem]:
    """Return the sources that have neither an address nor a reason why there is none.

    Args:
        sources: Rows of `sources` with `_row`.
        file: Its name, for messages.
    """
    bare = sources.filter(IS_BARE)
    wanted = "an address; or, in no_url, why the public can open none"
    return [
        Problem(file=file, row=row, column="url", found=source, expected=wanted)
        for row, source in bare.select("_row", "id").iter_rows()
    ]


def unconfirmed(rows: pl.DataFrame) -> pl.Expr:
    """Return what says of each row whether something of it could not be confirmed, by its own words or for want of a
    record.
    """
    said = pl.col("unconfirmed").is_not_null() if "unconfirmed" in rows.columns else pl.lit(value=False)
    return said | pl.col("read_in").eq_missing(NOT_RECORDED) | (pl.col("source") == NO_DOCUMENT)
