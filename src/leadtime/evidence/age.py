"""How old the evidence is: the newest frontier model that has scores, and the newest row."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

#: Headlines need a model to have scores on this many benchmarks.
HEADLINE_BENCHMARKS = 4
#: A laboratory leads when it released so many scored models in so many years before the day.
MODELS, YEARS = 5, 2
#: The two sides of the question.
SIDES = ("USA", "CHN")
#: Tables of our own record, whose days are those of its keeping.
_OWN = {"assumptions", "resolutions", "forecasts"}


class Age(NamedTuple):
    """What the age of evidence is told by, or None if there is no such row.

    Args:
        model: Id of the newest scored model of a leading laboratory.
        name: Its name.
        released_on: Its day of release.
        newest_row_on: The last day on which a fact of any table became known.
    """

    model: str | None
    name: str | None
    released_on: dt.date | None
    newest_row_on: dt.date | None

    def stamp(self) -> dict[str, str | None]:
        """Return it as a stamp carries it."""
        return {
            "newest_scored_model": self.model,
            "newest_scored_model_name": self.name,
            "newest_scored_model_on": None if self.released_on is None else self.released_on.isoformat(),
            "newest_row_on": None if self.newest_row_on is None else self.newest_row_on.isoformat(),
        }


def age(tables: Mapping[str, pl.DataFrame], day: dt.date) -> Age:
    """Return the age of evidence as known on a day.

    A leading laboratory is one of the United States or China that, in the two years before the day, released at least
    five models with scores on four benchmarks or more; where there is none yet, every laboratory of the two counts.
    """
    makers = tables["organizations"].filter(pl.col("country").is_in(SIDES)).select(organization="id")
    tested = (
        tables["scores"]
        .group_by("model")
        .agg(n=pl.col("benchmark").n_unique())
        .filter(pl.col("n") >= HEADLINE_BENCHMARKS)
    )
    scored = (
        tables["models"]
        .join(tested, left_on="id", right_on="model", how="semi")
        .join(makers, on="organization", how="semi")
    )
    scored = scored.filter(pl.col("released_on") <= day)
    recent = scored.filter(pl.col("released_on") > day - dt.timedelta(days=round(365.25 * YEARS)))
    leading = recent.group_by("organization").len().filter(pl.col("len") >= MODELS)
    ours = scored.join(leading, on="organization", how="semi") if leading.height else scored
    newest = ours.sort("released_on", "id").tail(1).select("id", "name", "released_on").rows()
    days: list[Any] = [_last(rows) for name, rows in tables.items() if name not in _OWN and "known_on" in rows.columns]
    model, name, on = newest[0] if newest else (None, None, None)
    return Age(model, name, on, max((d for d in days if d is not None), default=None))


def _last(rows: pl.DataFrame) -> Any:
    """Return the last day of a table; a judgment of ours is no fact that became known, nor is what is assumed."""
    facts = rows.filter(~pl.col("grade").is_in(["judgment", "assumed"])) if "grade" in rows.columns else rows
    return facts["known_on"].max()
