"""How good the evidence is: who speaks, what was really read, how the days are known."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.plain import plain
from leadtime.evidence import TABLES
from leadtime.evidence.provenance import NOT_RECORDED, unconfirmed
from leadtime.evidence.schema import DATED_BY
from leadtime.evidence.tables import SOURCES

if TYPE_CHECKING:
    from leadtime.evidence import Evidence


def evidence_quality(evidence: "Evidence") -> dict[str, Any]:
    """Count by table who states the rows, whether the source itself was read, how the days are known, and what is unconfirmed."""
    sources = evidence["sources"]
    kinds = dict(sources.select("id", "kind").iter_rows())
    tables = [
        {"table": name, **_counted(rows, kinds)}
        for name, rows in evidence.tables.items() if "known_on" in TABLES[name].column_names
    ]  # fmt: skip
    scores = evidence["scores"]
    bare = sources.filter(pl.col("url").is_null())
    return {
        **evidence.stamp,
        "tables": tables,
        "n_sources": sources.height,
        "sources_without_address": [
            {"source": s, "why": why} for s, why in bare.select("id", "no_url").sort("id").iter_rows()
        ],
        "n_models": evidence["models"].height,
        "n_models_scored": scores["model"].n_unique(),
        "n_benchmarks_scored": scores["benchmark"].n_unique(),
    }


def _counted(rows: pl.DataFrame, kinds: dict[str, str]) -> dict[str, Any]:
    """Return the counts of one table; what has no rows has no newest day."""
    said = rows.select(
        kind=pl.col("source").replace_strict(kinds, default=None, return_dtype=pl.String),
        read=pl.when(pl.col("read_in").is_null()).then(pl.lit("first_hand"))
        .when(pl.col("read_in") == NOT_RECORDED).then(pl.lit("not_recorded")).otherwise(pl.lit("second_hand")),
        dated=pl.col("dated_by").fill_null("not_said"),
        unconfirmed=unconfirmed(rows),
    )  # fmt: skip
    kind = SOURCES.column("kind").choices
    return {
        "rows": rows.height,
        "kind": _by(said["kind"], kind),
        "read": _by(said["read"], ("first_hand", "second_hand", "not_recorded")),
        "dated_by": _by(said["dated"], (*DATED_BY.choices, "not_said")),
        "n_unconfirmed": int(said["unconfirmed"].sum()),
        "newest": plain(rows["known_on"].max()),
    }


def _by(values: pl.Series, choices: tuple[str, ...]) -> dict[str, int]:
    return {c: int((values == c).sum()) for c in choices}
