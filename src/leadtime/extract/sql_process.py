"""The process that one query of `leadtime sql` runs in, so that it can be stopped and cannot take the machine's memory.

It reads `query.sql`, `limits.json` and the tables in the folder that it is given, says on its standard output when it
begins, and writes `answer.arrow` or `wrong.txt` there.
"""

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import polars as pl

#: Beyond what DuckDB may use, for the rows on their way out.
_ROOM_BYTES = 1_000_000_000
_LOOK_SECONDS, _MOST_TRIES = 0.5, 100


def main(folder: Path, parent: int) -> None:
    """Answer the query in a folder, for a process that asked."""
    threading.Thread(target=_end_with, args=(parent, folder), daemon=True).start()
    try:
        answer(folder).write_ipc(folder / "answer.arrow")
    except (_Wrong, MemoryError) as error:
        (folder / "wrong.txt").write_text(str(error) or "needs more memory than it may use", encoding="utf-8")
    finally:
        if os.getppid() != parent:  # there is no one left who would
            _clear(folder)


def answer(folder: Path) -> pl.DataFrame:
    """Return the rows of the query.

    Raises:
        _Wrong: It is not one SELECT, or what DuckDB says of it.
    """
    import duckdb

    limits = json.loads((folder / "limits.json").read_text(encoding="utf-8"))
    with duckdb.connect(":memory:", config={"threads": 2, "temp_directory": str(folder / "spilled")}) as connection:
        for name in limits["not_loaded"]:  # there, should an error want to name it
            connection.execute(f"CREATE VIEW {name} AS SELECT 1 AS not_loaded WHERE false")
        for path in sorted(folder.glob("*.parquet")):
            copy = f"CREATE TABLE {path.stem} AS SELECT * FROM read_parquet(?)"  # noqa: S608 - a name of our own tables
            connection.execute(copy, [str(path)])
        connection.execute(
            f"SET memory_limit='{limits['bytes']}B'; SET max_temp_directory_size='{limits['disk_bytes']}B';"
            "SET enable_external_access=false; SET lock_configuration=true"
        )
        _limit_memory(limits["bytes"] + _ROOM_BYTES)
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        return _asked(duckdb, connection, (folder / "query.sql").read_text(encoding="utf-8"), limits)


def _end_with(parent: int, folder: Path) -> None:
    """End, and leave nothing, when whoever asks was killed."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    _clear(folder)
    os._exit(1)


def _clear(folder: Path) -> None:
    """Remove a folder into which the query may be writing still."""
    for _ in range(_MOST_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(_LOOK_SECONDS / 10)


class _Wrong(Exception):
    """What is wrong with the query."""


def _asked(duckdb: Any, connection: Any, query: str, limits: dict[str, Any]) -> pl.DataFrame:
    try:
        statements = duckdb.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise _Wrong("is not one SELECT")
        timer = threading.Timer(limits["seconds"], connection.interrupt)
        timer.daemon = True
        timer.start()
        connection.execute(query)
        names = _distinct([d[0] for d in connection.description])
        rows = connection.fetchmany(limits["rows"] + 1)
        timer.cancel()
    except duckdb.InterruptException:
        raise _Wrong(f"took longer than {limits['seconds']:g} seconds") from None
    except duckdb.OutOfMemoryException:
        raise _Wrong("wants more memory and disk than it may have") from None
    except duckdb.Error as error:
        if "pytz" in str(error):  # without it DuckDB has no zones to give, and says so by a traceback
            raise _Wrong("gives a time with a zone") from None
        raise _Wrong(" ".join(str(error).split("\n\nLINE")[0].split())) from None
    if len(rows) > limits["rows"]:
        raise _Wrong(f"gives more than {limits['rows']:,} rows")
    return _frame(rows, names)


#: Kinds of cells, beside numbers, that every format we write can hold.
_PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Null)


def _frame(rows: list[tuple[Any, ...]], names: list[str]) -> pl.DataFrame:
    """Return rows as a table; what is no value of a table's (a list, an interval) as text, lists as JSON."""
    return pl.DataFrame([_column(name, [row[i] for row in rows]) for i, name in enumerate(names)])


def _column(name: str, values: list[Any]) -> pl.Series:
    with contextlib.suppress(pl.exceptions.PolarsError, TypeError, OverflowError):
        found = pl.Series(name, values, strict=False)
        if found.dtype.is_numeric() or found.dtype in _PLAIN:
            return found
    return pl.Series(name, [None if v is None else _text(v) for v in values], dtype=pl.String)


def _text(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, list | tuple | dict) else str(value)


def _distinct(names: list[str]) -> list[str]:
    """Return column names, those that come again with a number behind."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def _limit_memory(more: int) -> None:
    """Let this process have so many bytes more than now, where the system (Linux) can hold it to that."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
