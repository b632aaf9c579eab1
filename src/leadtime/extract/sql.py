"""SQL over the tables of a study: read, never written, in bounded memory and time, with no way to any other file."""

import re
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.extract.results import RESULTS

if TYPE_CHECKING:
    from leadtime.study import Study

#: A query may use this much memory, and take this long.
MEMORY, SECONDS = "1GB", 30.0
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def ask(study: "Study", query: str, *, seconds: float = SECONDS) -> pl.DataFrame:
    """Return what a query gives over the evidence as known on the study's day, and over its results.

    Args:
        study: The study; a table of results (see `results.RESULTS`) is computed when the query names it.
        query: One SELECT in DuckDB's SQL.
        seconds: The query is stopped after this long.

    Raises:
        LeadtimeError: DuckDB is not installed, the query is wrong, wants what it may not have, or takes too long.
    """
    try:
        import duckdb
    except ImportError:
        raise LeadtimeError("DuckDB is not installed", where="sql", fix="pip install 'leadtime[sql]'.") from None
    query = _legible(query)
    named = set(_WORD.findall(query.lower()))
    tables = {name: rows for name, rows in study.evidence.tables.items() if name in named}
    tables |= {name: compute(study) for name, (_, compute) in RESULTS.items() if name in named}
    with tempfile.TemporaryDirectory(prefix="leadtime-") as folder, duckdb.connect(":memory:") as connection:
        for name in study.evidence.tables.keys() - named:  # there, should an error want to name it
            connection.execute(f"CREATE VIEW {name} AS SELECT 1 AS not_loaded WHERE false")
        for name, rows in tables.items():
            path = Path(folder) / f"{name}.parquet"
            rows.write_parquet(path)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet(?)", [str(path)])
        connection.execute(
            f"SET memory_limit='{MEMORY}'; SET enable_external_access=false; SET lock_configuration=true"
        )
        return _answer(duckdb, connection, query, seconds)


def _legible(query: str) -> str:
    """Return a query as UTF-8 has it: where the terminal's language has no such letters, bytes stand for them."""
    try:
        return query.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise LeadtimeError(
            "is not UTF-8", where="sql", fix="Set the language of the terminal to one in UTF-8."
        ) from None


def _answer(duckdb: Any, connection: Any, query: str, seconds: float) -> pl.DataFrame:
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise _wrong(error) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise LeadtimeError("is not one SELECT", where="sql", fix="Ask for rows: `select ... from scores where ...`.")
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        found = connection.execute(query)
        names = _distinct([d[0] for d in found.description])
        rows = found.fetchall()
    except duckdb.InterruptException:
        raise LeadtimeError(f"took longer than {seconds:g} seconds", where="sql", fix="Ask for less.") from None
    except duckdb.Error as error:
        raise _wrong(error) from None
    finally:
        timer.cancel()
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None, strict=False)


def _distinct(names: list[str]) -> list[str]:
    """Return column names, those that come again with a number behind."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def _wrong(error: Exception) -> LeadtimeError:
    words = str(error).split("\n\nLINE")[0].strip()
    fix = f"Tables: those of `leadtime evidence`, and {', '.join(RESULTS)}. `leadtime evidence TABLE --schema` lists columns."
    return LeadtimeError(" ".join(words.split()), where="sql", fix=fix)
