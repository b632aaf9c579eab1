"""How good the evidence is: who speaks, what was really read, how the days are known."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.plain import plain
from leadtime.answers.question import question
from leadtime.answers.words import count, share

if TYPE_CHECKING:
    import polars as pl

    from leadtime.evidence import Evidence

#: What is counted of the rows of a table, and its heading.
_SPEAKS = {
    "primary": "Primary",
    "official": "Official",
    "vendor": "Vendor",
    "press": "Press",
    "analysis": "Analysis",
}
_READ = {"first_hand": "In the source", "second_hand": "In another", "not_recorded": "No record"}
_DATED = {
    "published": "Stated",
    "page": "On the page",
    "history": "History",
    "estimated": "Estimated",
    "copy": "By a copy",
    "not_said": "Not said",
}


@question(
    "evidence quality",
    "How good is the evidence?",
    of="evidence",
    command="evidence --quality",
    path="/quality",
    schema="evidence-quality",
    docs="trust/evidence",
    no_figure="It is a table of shares.",
)
def evidence_quality(evidence: "Evidence") -> Answer:
    """Count by table who states the rows, whether the source itself was read, how the days are known, and what is
    unconfirmed.
    """
    import polars as pl

    from leadtime.evidence import TABLES

    sources = evidence["sources"]
    kinds = dict(sources.select("id", "kind").iter_rows())
    tables = [
        {"table": name, **_counted(rows, kinds)}
        for name, rows in evidence.tables.items()
        if "known_on" in TABLES[name].column_names
    ]
    bare = [
        {"source": s, "why": why}
        for s, why in sources.filter(pl.col("url").is_null()).select("id", "no_url").sort("id").iter_rows()
    ]
    scores = evidence["scores"]
    scored, benchmarks = scores["model"].n_unique(), scores["benchmark"].n_unique()
    return Answer(
        sentence=_sentence(tables),
        rows=Table(
            rows=tables,
            columns=(
                Column(key="table", title="Table"),
                Column(key="rows", title="Rows", kind="number", digits=0),
                Column(key="n_unconfirmed", title="Unconfirmed", kind="number", digits=0),
                Column(key="newest", title="Newest", kind="day"),
            ),
        ),
        more=(
            _shares(tables, "kind", _SPEAKS, "Who states the rows"),
            _shares(tables, "read", _READ, "Where they were read"),
            _shares(tables, "dated_by", _DATED, "How their days are known"),
            Table(
                name="sources_without_address",
                title="Sources without an address",
                rows=bare,
                columns=(Column(key="source", title="Source"), Column(key="why", title="Why")),
            ),
        ),
        values={
            "n_sources": sources.height,
            "n_models": evidence["models"].height,
            "n_models_scored": scored,
            "n_benchmarks_scored": benchmarks,
        },
        tag="recorded",
        notes=(
            (
                f"{scored} of {count(evidence['models'].height, 'model')} have scores, on"
                f" {count(benchmarks, 'benchmark')}."
            ),
            f"{len(bare)} of {count(sources.height, 'source')} have no address.",
            "In another: not in the source itself, but in a text that quotes it.",
            "By a copy: public by that day at the latest. A day from a copy is late, never early.",
            "Estimated: between the days known_from and known_by, from how long such rows take.",
        ),
        about=About(
            definition="Shares of the rows of each table.",
            rests_on="What each row says about its source, about what was read, and about its day.",
            docs="trust/evidence",
        ),
    )


def _shares(tables: list[dict[str, Any]], of: str, words: dict[str, str], title: str) -> Table:
    """Return how the rows of each table, and of all, divide by one mark, as fractions, nothing if there are none."""
    total = {
        "table": "all",
        "rows": sum(t["rows"] for t in tables),
        of: {k: sum(t[of][k] for t in tables) for k in words},
    }
    rows = [
        {"table": t["table"], **{k: t[of][k] / t["rows"] if t[of][k] else None for k in words}}
        for t in [*tables, total]
    ]
    columns = (Column(key="table", title="Table"), *(Column(key=k, title=w, kind="share") for k, w in words.items()))
    return Table(name=f"by_{of.removesuffix('_by')}", title=title, rows=rows, columns=columns)


def _sentence(tables: list[dict[str, Any]]) -> str:
    """Return how many rows were read in the source itself, and how many of their days are no more than a bound."""
    n = sum(t["rows"] for t in tables)
    if not n:
        return "No row was known by that day."

    def of(mark: str, key: str) -> str:
        return share(sum(t[mark][key] for t in tables) / n)

    return (
        f"Of {count(n, 'row')} of evidence, {of('read', 'first_hand')} were read in the source itself; "
        f"of {of('dated_by', 'copy')} the day is only an upper bound."
    )


def _counted(rows: "pl.DataFrame", kinds: dict[str, str]) -> dict[str, Any]:
    """Return the counts of one table; what has no rows has no newest day."""
    import polars as pl

    from leadtime.evidence.provenance import NOT_RECORDED, unconfirmed

    said = rows.select(
        kind=pl.col("source").replace_strict(kinds, default=None, return_dtype=pl.String),
        read=pl.when(pl.col("read_in").is_null())
        .then(pl.lit("first_hand"))
        .when(pl.col("read_in") == NOT_RECORDED)
        .then(pl.lit("not_recorded"))
        .otherwise(pl.lit("second_hand")),
        dated=pl.col("dated_by").fill_null("not_said"),
        unconfirmed=unconfirmed(rows),
    )
    return {
        "rows": rows.height,
        "kind": {k: int((said["kind"] == k).sum()) for k in _SPEAKS},
        "read": {k: int((said["read"] == k).sum()) for k in _READ},
        "dated_by": {k: int((said["dated"] == k).sum()) for k in _DATED},
        "n_unconfirmed": int(said["unconfirmed"].sum()),
        "newest": plain(rows["known_on"].max()),
    }
