"""Who stated a row, where it was really read, how its day is known: what of that must not be missing."""

import polars as pl

from leadtime.evidence.csv_rows import Problem

#: Stands in `read_in` where no record was kept of what was read; counted as unconfirmed.
NOT_RECORDED = "not-recorded"
#: Stands in `source` where no document was found that states the fact.
NO_DOCUMENT = "general-knowledge-rules"


def without_address(sources: pl.DataFrame, file: str) -> list[Problem]:
    """Return the sources that have neither an address nor a reason why there is none.

    Args:
        sources: Rows of `sources` with `_row`.
        file: Its name, for messages.
    """
    bare = sources.filter(pl.col("url").is_null() & pl.col("no_url").is_null())
    wanted = "an address; or, in no_url, why the public can open none"
    return [
        Problem(file=file, row=row, column="url", found=source, expected=wanted)
        for row, source in bare.select("_row", "id").iter_rows()
    ]


def before_their_model(scores: pl.DataFrame, models: pl.DataFrame, file: str) -> list[Problem]:
    """Return the scores that would have been public before anyone outside had heard of their model.

    Args:
        scores: Rows of `scores` with `_row`.
        models: All models; a run with access before release counts from the announcement on.
        file: Its name, for messages.
    """
    begun = models.select(pl.col("id").alias("model"), pl.min_horizontal("announced_on", "released_on").alias("_begun"))
    early = scores.join(begun, on="model", how="inner").filter(pl.col("known_on") < pl.col("_begun"))
    return [
        Problem(
            file=file, row=row, column="known_on", found=str(known), expected=f"no day before {begun}, when {model} became public",
        )
        for row, model, known, begun in early.select("_row", "model", "known_on", "_begun").iter_rows()
    ]  # fmt: skip


def unconfirmed(rows: pl.DataFrame) -> pl.Expr:
    """Return what says of each row whether something of it could not be confirmed, by its own words or for want of a record."""
    said = pl.col("unconfirmed").is_not_null() if "unconfirmed" in rows.columns else pl.lit(value=False)
    return said | pl.col("read_in").eq_missing(NOT_RECORDED) | (pl.col("source") == NO_DOCUMENT)
