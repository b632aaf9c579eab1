"""The database below the store: its tables, how it is opened, its clock, and what it complains of."""

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_tables = sa.MetaData()
JOBS = sa.Table(
    "leadtime_jobs",
    _tables,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("answer", sa.String(64), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("done", sa.Float, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("result", sa.LargeBinary),
    sa.Column("problem", sa.Text),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("held_by", sa.String(80)),
    sa.Column("held_at", sa.Float),
)
STUDIES = sa.Table(
    "leadtime_studies",
    _tables,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)
SECRETS = sa.Table(
    "leadtime_secrets",
    _tables,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)
#: Columns that versions before did not have.
_ADDED = {"attempts": "INTEGER NOT NULL DEFAULT 0", "held_by": "VARCHAR(80)", "held_at": "FLOAT"}
#: Seconds since 1970 by the clock of the database, which servers on several machines share.
_CLOCKS = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}
#: The lock of who takes a job, by a number of our own.
_TAKING = 1_819_570_292


def opened(url: str) -> sa.Engine:
    """Return the database of a URL, with the tables that it lacked.

    Raises:
        SQLAlchemyError: It cannot be reached.
        ImportError: Its driver is not installed.
    """
    engine = sa.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _as_we_use_sqlite)
    made(engine)
    return engine


def now(engine: sa.Engine) -> sa.ColumnElement[float]:
    """Return the clock of a database as a part of a statement: seconds since 1970."""
    clock = _CLOCKS.get(engine.dialect.name)
    return sa.literal(time.time()) if clock is None else sa.literal_column(clock, sa.Float)


def alone(connection: sa.Connection) -> None:
    """Let no other server take a job until the transaction ends; in SQLite who writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TAKING)))


def made(engine: sa.Engine) -> None:
    """Make the tables, unless they are there, or another server makes them at this moment."""
    for left in range(5, -1, -1):
        try:
            _tables.create_all(engine)
            there = {c["name"] for c in sa.inspect(engine).get_columns(JOBS.name)}
            for name, kind in _ADDED.items():
                if name not in there:  # of a version before
                    with engine.begin() as c:
                        c.execute(sa.text(f"ALTER TABLE {JOBS.name} ADD COLUMN {name} {kind}"))
            return None
        except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            if not left:
                raise
            time.sleep(0.2)
    return None


def file_of(engine: sa.Engine) -> tuple[int, int] | None:
    """Return what tells the file of a SQLite database from another of its name; of other databases nothing that
    changes.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return (0, 0)
    try:
        found = Path(engine.url.database).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def reason_of(error: Exception) -> str:
    """Return in a line what a database complains of."""
    return str(error.args[0] if error.args else error).splitlines()[0]


def _as_we_use_sqlite(connection: Any, _: Any) -> None:
    """Write ahead, so that readers never wait and a killed server loses nothing that it said."""
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
