"""Where jobs and saved studies are kept: SQLite beside the cache by default, PostgreSQL by a URL; what is written
survives the server.
"""

import contextlib
import itertools
import json
import secrets
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from leadtime.errors import LeadtimeError
from leadtime.extras import missing
from leadtime.web.places import kept_in

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
#: What a job can be; the last three are its ends.
STATUSES = ("queued", "running", "done", "failed", "cancelled")
ENDS = STATUSES[2:]
_QUEUED = {"status": "queued", "done": 0.0, "words": "waiting"}
#: A job is begun so often; one that was under way each time a server died is not begun again.
MOST_ATTEMPTS = 3
#: Bytes of results, and jobs that ended, that are kept; the oldest go. Bytes of a question, and letters of each text of
#: a problem.
MOST_RESULTS, MOST_ENDED = 1_000_000_000, 10_000
_MOST_QUESTION, _MOST_WORDS = 100_000, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as it is stored.

    Args:
        id: Its id.
        answer: Name of the answer it computes.
        question: Its parameters and the settings of its study.
        status: A word of `STATUSES`.
        done: Fraction done, 0 to 1.
        words: What it is doing.
        problem: What went wrong, for a failed one.
        created_at: Seconds since 1970.
        changed_at: Seconds since 1970.
        damaged: What is stored of it cannot be read.
    """

    id: str
    answer: str
    question: dict[str, Any]
    status: str
    done: float
    words: str
    problem: dict[str, Any] | None
    created_at: float
    changed_at: float
    damaged: bool = False


class Store:
    """The jobs and saved studies of one server.

    Args:
        url: SQLAlchemy URL; empty: a SQLite file in the cache folder.

    Raises:
        LeadtimeError: The database cannot be reached.
    """

    def __init__(self, url: str = "") -> None:
        url = url or f"sqlite:///{kept_in() / 'server.sqlite3'}"
        try:
            self.engine = sa.create_engine(url, pool_pre_ping=True)
            if self.engine.dialect.name == "sqlite":
                sa.event.listen(self.engine, "connect", _as_we_use_sqlite)
            _made(self.engine)
            self._file = _file_of(self.engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            if isinstance(error, ImportError) and url.startswith("postgresql+psycopg:"):
                raise missing(
                    "postgresql", "psycopg, which reaches PostgreSQL, is not installed", where="--database"
                ) from None
            raise LeadtimeError(
                f"the store of jobs cannot be opened: {reason_of(error)}",
                where="--database",
                fix=(
                    "Expected a URL such as sqlite:////var/lib/leadtime/jobs.sqlite3 or"
                    " postgresql+psycopg://user@host/name."
                ),
            ) from None

    def create(self, answer: str, question: dict[str, Any]) -> Job:
        """Put a job in the queue.

        Raises:
            LeadtimeError: The question is too long.
        """
        now, asked = time.time(), json.dumps(question, default=str, sort_keys=True)
        if len(asked) > _MOST_QUESTION:
            raise LeadtimeError(
                f"the question has {len(asked):,} letters", where="parameters", fix=f"A job takes {_MOST_QUESTION:,}."
            )
        row = {
            "id": uuid.uuid4().hex,
            "answer": answer,
            "question": asked,
            "status": "queued",
            "done": 0.0,
            "words": "waiting",
            "result": None,
            "problem": None,
            "created_at": now,
            "changed_at": now,
            "attempts": 0,
        }
        with self.engine.begin() as c:
            c.execute(JOBS.insert().values(row))
        return _job(row)

    def get(self, id_: str) -> Job | None:
        """Return a job, or None."""
        return self._one(JOBS.c.id == id_)

    def result(self, id_: str) -> bytes | None:
        """Return what a job computed."""
        with self.engine.connect() as c:
            found: bytes | None = c.execute(sa.select(JOBS.c.result).where(JOBS.c.id == id_)).scalar()
        return found

    def waiting(self) -> int:
        """Return how many jobs have not ended."""
        with self.engine.connect() as c:
            return int(
                c.execute(sa.select(sa.func.count()).where(JOBS.c.status.in_(("queued", "running")))).scalar() or 0
            )

    def next(self) -> Job | None:
        """Return the oldest job in the queue, and mark it as running, once more."""
        job = self._one(JOBS.c.status == "queued")
        begun = {"status": "running", "words": "starting", "attempts": JOBS.c.attempts + 1}
        return job if job is not None and self._change(job.id, ("queued",), **begun) else None

    def told(self, id_: str, words: str, done: float) -> bool:
        """Note progress of a running job; False when it was cancelled meanwhile."""
        return self._change(id_, ("running",), words=words[:200], done=min(max(done, 0.0), 1.0))

    def finish(self, id_: str, result: bytes) -> bool:
        """Store the result of a running job."""
        return self._change(id_, ("running",), status="done", done=1.0, words="done", result=result)

    def fail(self, id_: str, problem: dict[str, Any]) -> bool:
        """Store why a running job failed."""
        short = {k: v[:_MOST_WORDS] if isinstance(v, str) else v for k, v in problem.items()}
        return self._change(id_, ("running",), status="failed", words="failed", problem=json.dumps(short))

    def cancel(self, id_: str) -> bool:
        """Cancel a job that has not ended; False when it has, or there is none."""
        return self._change(id_, ("queued", "running"), status="cancelled", words="cancelled")

    def back(self, id_: str) -> bool:
        """Put a running job back in the queue as if it had not been begun: the server stops."""
        return self._change(id_, ("running",), **_QUEUED, attempts=JOBS.c.attempts - 1)

    def again(self) -> int:
        """Put back in the queue what was running when a server died, but for what was each time; return how many."""
        tried = {
            "status": 500,
            "type": "about:blank",
            "title": f"it was begun {MOST_ATTEMPTS} times, and the server ended each time",
        }
        failed = {"status": "failed", "words": "failed", "problem": json.dumps({**tried, "fix": "Ask for less."})}
        running, now = JOBS.c.status == "running", {"changed_at": time.time()}
        with self.engine.begin() as c:
            c.execute(JOBS.update().where(running, JOBS.c.attempts >= MOST_ATTEMPTS).values({**failed, **now}))
            return int(c.execute(JOBS.update().where(running).values({**_QUEUED, **now})).rowcount)

    def expire(self, before: float) -> int:
        """Delete jobs that ended before a time, and the oldest of too many or too large ones; return how many."""
        ended = JOBS.c.status.in_(ENDS)
        size = sa.func.coalesce(sa.func.length(JOBS.c.result), 0)
        with self.engine.begin() as c:
            n = int(c.execute(JOBS.delete().where(ended, JOBS.c.changed_at < before)).rowcount)
            newest = c.execute(sa.select(JOBS.c.id, size).where(ended).order_by(JOBS.c.changed_at.desc())).all()
            kept = itertools.accumulate(int(r[1]) for r in newest)
            over = [
                r[0]
                for i, (r, total) in enumerate(zip(newest, kept, strict=True))
                if i >= MOST_ENDED or total > MOST_RESULTS
            ]
            for id_ in over:
                c.execute(JOBS.delete().where(JOBS.c.id == id_))
        return n + len(over)

    def save_study(self, id_: str, files: dict[str, str]) -> None:
        """Keep the files of a study; one that is there already stays as it is."""
        row = {"id": id_, "files": json.dumps(files, sort_keys=True), "created_at": time.time()}
        with self.engine.begin() as c:
            if c.execute(sa.select(STUDIES.c.id).where(STUDIES.c.id == id_)).first() is None:
                c.execute(STUDIES.insert().values(row))

    def study(self, id_: str) -> dict[str, str] | None:
        """Return the files of a saved study, or None."""
        with self.engine.connect() as c:
            found = c.execute(sa.select(STUDIES.c.files).where(STUDIES.c.id == id_)).scalar()
        return None if found is None else dict(json.loads(found))

    def has_study(self, id_: str) -> bool:
        """Return whether a study is kept."""
        with self.engine.connect() as c:
            return c.execute(sa.select(STUDIES.c.id).where(STUDIES.c.id == id_)).first() is not None

    def kept_studies(self) -> tuple[int, int]:
        """Return how many studies are kept, and how many letters they have."""
        asked = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.func.length(STUDIES.c.files)), 0))
        with self.engine.connect() as c:
            n, letters = c.execute(asked.select_from(STUDIES)).one()
        return int(n), int(letters)

    def drop_study(self, id_: str) -> bool:
        """Delete a saved study; False when there is none."""
        with self.engine.begin() as c:
            return bool(c.execute(STUDIES.delete().where(STUDIES.c.id == id_)).rowcount)

    def secret(self, name: str) -> bytes:
        """Return a random key of this store, made when it is first wanted, the same ever after."""
        with contextlib.suppress(sa.exc.IntegrityError), self.engine.begin() as c:  # another server was quicker
            if c.execute(sa.select(SECRETS.c.name).where(SECRETS.c.name == name)).first() is None:
                c.execute(SECRETS.insert().values({"name": name, "value": secrets.token_hex(32)}))
        with self.engine.connect() as c:
            return bytes.fromhex(str(c.execute(sa.select(SECRETS.c.value).where(SECRETS.c.name == name)).scalar_one()))

    def replaced(self) -> bool:
        """Return whether the file of the database is gone, or another has its name."""
        return _file_of(self.engine) != self._file

    def mend(self) -> None:
        """Open the database that is there now, and make the tables that it lacks."""
        self.engine.dispose()
        _made(self.engine)
        self._file = _file_of(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _one(self, which: Any) -> Job | None:
        columns = [c for c in JOBS.c if c.name != "result"]
        with self.engine.connect() as c:
            row = (
                c.execute(sa.select(*columns).where(which).order_by(JOBS.c.created_at, JOBS.c.id).limit(1))
                .mappings()
                .first()
            )
        return None if row is None else _job(dict(row))

    def _change(self, id_: str, while_in: tuple[str, ...], **values: Any) -> bool:
        values["changed_at"] = time.time()
        with self.engine.begin() as c:
            return bool(
                c.execute(JOBS.update().where(JOBS.c.id == id_, JOBS.c.status.in_(while_in)).values(values)).rowcount
            )


def _made(engine: sa.Engine) -> None:
    """Make the tables, unless they are there, or another server makes them at this moment."""
    for left in range(5, -1, -1):
        try:
            _tables.create_all(engine)
            if "attempts" not in {c["name"] for c in sa.inspect(engine).get_columns(JOBS.name)}:  # of a version before
                with engine.begin() as c:
                    c.execute(sa.text(f"ALTER TABLE {JOBS.name} ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0"))
            return None
        except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            if not left:
                raise
            time.sleep(0.2)
    return None


def _file_of(engine: sa.Engine) -> tuple[int, int] | None:
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


def _job(row: dict[str, Any]) -> Job:
    question, problem = _read(row["question"]), _read(row.get("problem") or "null")
    return Job(
        id=row["id"],
        answer=str(row["answer"]),
        question=question or {},
        status=row["status"],
        done=row["done"],
        words=str(row["words"]),
        problem=problem,
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        damaged=question is None,
    )


def _read(text: Any) -> dict[str, Any] | None:
    """Return the object in a text of the database; None where it is none, or damaged."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
