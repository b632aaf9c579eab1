"""SQL over the tables of a study: read, never written, in bounded memory and time, with no way to any other file."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from leadtime import unseen
from leadtime.errors import LeadtimeError
from leadtime.extract.results import RESULTS
from leadtime.extras import missing

if TYPE_CHECKING:
    from leadtime.study import Study

#: A query may use this much memory, take this long, and give this many rows.
MEMORY_BYTES, SECONDS, ROWS = 1_000_000_000, 30.0, 1_000_000
#: What does not fit into memory is kept in the query's own folder, up to this much, and goes with it.
DISK_BYTES = 1_000_000_000
#: A query that does not listen is ended this much later, with its process.
_GRACE_SECONDS = 2.0
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_FIX = (
    f"Tables: those of `leadtime evidence`, and {', '.join(RESULTS)}. `leadtime evidence TABLE --schema` lists columns."
)
_FIXES = {
    "is not one SELECT": "Ask for rows: `select ... from scores where ...`.",
    "took longer": "Ask for less.",
    "gives a time": "Cast it: `x::timestamp`.",
    "gives more": "Count or group them, add a limit, or take the whole with `leadtime export`.",
    "wants more": "Ask for less.",
}


def ask(study: "Study", query: str, *, seconds: float = SECONDS, rows: int = ROWS) -> pl.DataFrame:
    """Return what a query gives over the evidence as known on the study's day, and over its results.

    Args:
        study: The study; a table of results (see `results.RESULTS`) is computed when the query names it.
        query: One SELECT in DuckDB's SQL.
        seconds: The query is stopped after this long.
        rows: It may give so many.

    Raises:
        LeadtimeError: DuckDB is not installed, the query is wrong, wants what it may not have, or takes too long.
    """
    if importlib.util.find_spec("duckdb") is None:
        raise missing("sql", "DuckDB is not installed", where="sql")
    if unseen.holds_half(query):
        raise LeadtimeError("is not UTF-8", where="sql", fix="Set the language of the terminal to one in UTF-8.")
    named = set(_WORD.findall(query.lower()))
    tables = {name: table for name, table in study.evidence.tables.items() if name in named}
    tables |= {name: compute(study) for name, (_, compute) in RESULTS.items() if name in named}
    with tempfile.TemporaryDirectory(prefix="leadtime-") as made:
        folder = Path(made)
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")
        limits = {
            "bytes": MEMORY_BYTES,
            "disk_bytes": DISK_BYTES,
            "seconds": seconds,
            "rows": rows,
            "not_loaded": sorted(study.evidence.tables.keys() - named),
        }
        (folder / "limits.json").write_text(json.dumps(limits), encoding="utf-8")
        (folder / "query.sql").write_text(query, encoding="utf-8")
        _run(folder, seconds)
        if (folder / "answer.arrow").is_file():
            return pl.read_ipc((folder / "answer.arrow").read_bytes())
        wrong = folder / "wrong.txt"
        raise _error(wrong.read_text(encoding="utf-8") if wrong.is_file() else "needs more memory than it may use")


def _run(folder: Path, seconds: float) -> None:
    """Run the query in a process of its own, and end it when it does not end itself."""
    # -P: no file of the folder that one stands in is taken for a module
    command = [sys.executable, "-P", "-m", "leadtime.extract.sql_process", str(folder), str(os.getpid())]
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=silent, stdout=subprocess.PIPE, stderr=silent, cwd=folder) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        try:
            process.stdout.read(1)  # it has begun, or ended
            process.wait(seconds + _GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            raise _error(f"took longer than {seconds:g} seconds") from None
        finally:
            process.kill()


def _error(words: str) -> LeadtimeError:
    fix = next((fix for start, fix in _FIXES.items() if words.startswith(start)), _FIX)
    return LeadtimeError(words, where="sql", fix=fix)
