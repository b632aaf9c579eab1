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
from typing import Any

import sqlalchemy as sa

from leadtime.errors import LeadtimeError
from leadtime.extras import missing
from leadtime.web.database import JOBS, SECRETS, STUDIES, alone, file_of, made, now, opened, reason_of
from leadtime.web.places import is_gone, kept_in

#: What a job can be; the last three are its ends.
STATUSES = ("queued", "running", "done", "failed", "cancelled")
ENDS = STATUSES[2:]
_QUEUED = {"status": "queued", "done": 0.0, "words": "waiting", "held_by": None, "held_at": None}
#: What is read of a job; its result is read apart.
_TOLD = [c for c in JOBS.c if c.name != "result"]
#: A job whose server has not said for so long that it computes it is given to another.
HELD_SECONDS = 20.0
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
        held_by: Name of the server that computes it, for a running one.
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
    held_by: str = ""


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
            self.engine = opened(url)
            self._file = file_of(self.engine)
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
            "held_by": None,
            "held_at": None,
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

    def next(self, server: str) -> Job | None:
        """Give a server the oldest job in the queue, which runs from then on, once more; None where there is none.

        One that asks what a running job asks waits for that one: its result is given to both.
        """
        twin = JOBS.alias()
        runs = sa.exists().where(
            twin.c.status == "running", twin.c.answer == JOBS.c.answer, twin.c.question == JOBS.c.question
        )
        may = JOBS.c.status == "queued", ~runs.correlate(JOBS)
        oldest = sa.select(*_TOLD).where(*may).order_by(JOBS.c.created_at, JOBS.c.id).limit(1)
        with self.engine.begin() as c:
            if c.execute(oldest).first() is None:
                return None
            alone(c)
            row = c.execute(oldest).mappings().first()
            if row is None:
                return None
            begun: dict[str, Any] = {
                "status": "running",
                "words": "starting",
                "attempts": JOBS.c.attempts + 1,
                "held_by": server,
            }
            begun |= {"held_at": now(self.engine), "changed_at": time.time()}
            taken = c.execute(JOBS.update().where(JOBS.c.id == row["id"], *may).values(begun)).rowcount
        return _job(dict(row)) if taken else None

    def hold(self, id_: str, server: str) -> bool:
        """Say that a server still computes a job; False when the job is not its own any more, or was cancelled."""
        held = JOBS.update().where(JOBS.c.id == id_, JOBS.c.status == "running", JOBS.c.held_by == server)
        with self.engine.begin() as c:
            return bool(c.execute(held.values(held_at=now(self.engine))).rowcount)

    def told(self, id_: str, server: str, words: str, done: float) -> bool:
        """Note progress of a job that a server computes; False when it is not its own any more."""
        return self._change(id_, server, words=words[:200], done=min(max(done, 0.0), 1.0))

    def finish(self, id_: str, server: str, result: bytes) -> bool:
        """Store the result of a job that a server computed, for it and for each in the queue that asks the same."""
        found: dict[str, Any] = {"status": "done", "done": 1.0, "words": "done", "changed_at": time.time()}
        mine = JOBS.update().where(JOBS.c.id == id_, JOBS.c.status == "running", JOBS.c.held_by == server)
        its = JOBS.alias()

        def of_it(column: sa.Column[Any]) -> Any:
            return sa.select(its.c[column.name]).where(its.c.id == id_).scalar_subquery()

        asks_the_same = [column == of_it(column) for column in (JOBS.c.answer, JOBS.c.question)]
        with self.engine.begin() as c:
            if not c.execute(mine.values({**found, "result": result})).rowcount:
                return False
            c.execute(
                JOBS.update()
                .where(JOBS.c.status == "queued", *asks_the_same)
                .values({**found, "result": of_it(JOBS.c.result)})
            )
        return True

    def fail(self, id_: str, server: str, problem: dict[str, Any]) -> bool:
        """Store why a job that a server computed failed."""
        short = {k: v[:_MOST_WORDS] if isinstance(v, str) else v for k, v in problem.items()}
        return self._change(id_, server, status="failed", words="failed", problem=json.dumps(short))

    def cancel(self, id_: str) -> bool:
        """Cancel a job that has not ended; False when it has, or there is none."""
        going = JOBS.update().where(JOBS.c.id == id_, JOBS.c.status.in_(("queued", "running")))
        ended = {"status": "cancelled", "words": "cancelled", "changed_at": time.time()}
        with self.engine.begin() as c:
            return bool(c.execute(going.values(ended)).rowcount)

    def back(self, id_: str, server: str) -> bool:
        """Put a job that a server computes back in the queue as if it had not been begun: the server stops."""
        return self._change(id_, server, **_QUEUED, attempts=JOBS.c.attempts - 1)

    def retry(self, id_: str, server: str) -> bool:
        """Put a job back in the queue whose process died; False when it was begun too often, or is not its own."""
        tried = JOBS.update().where(
            JOBS.c.id == id_, JOBS.c.status == "running", JOBS.c.held_by == server, JOBS.c.attempts < MOST_ATTEMPTS
        )
        with self.engine.begin() as c:
            return bool(c.execute(tried.values({**_QUEUED, "changed_at": time.time()})).rowcount)

    def again(self, server: str) -> int:
        """Put back in the queue what no server computes any more, but for what was begun too often; return how many.

        That is what this server holds without computing it, what a server of this machine held whose process is gone,
        and what nobody has held for `HELD_SECONDS`.

        Args:
            server: The one that asks, which computes nothing at this moment.
        """
        tried = {
            "status": 500,
            "type": "about:blank",
            "title": f"it was begun {MOST_ATTEMPTS} times, and the server ended each time",
        }
        failed = {"status": "failed", "words": "failed", "problem": json.dumps({**tried, "fix": "Ask for less."})}
        running, changed = JOBS.c.status == "running", {"changed_at": time.time()}
        with self.engine.begin() as c:
            holders = c.execute(sa.select(JOBS.c.held_by).where(running).distinct()).scalars()
            gone = [server, *(h for h in holders if h is not None and is_gone(h))]
            stale = sa.func.coalesce(JOBS.c.held_at, 0.0) < now(self.engine) - HELD_SECONDS
            left = running & (JOBS.c.held_by.in_(gone) | JOBS.c.held_by.is_(None) | stale)
            c.execute(JOBS.update().where(left, JOBS.c.attempts >= MOST_ATTEMPTS).values({**failed, **changed}))
            return int(c.execute(JOBS.update().where(left).values({**_QUEUED, **changed})).rowcount)

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
        return file_of(self.engine) != self._file

    def mend(self) -> None:
        """Open the database that is there now, and make the tables that it lacks."""
        self.engine.dispose()
        made(self.engine)
        self._file = file_of(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _one(self, which: Any) -> Job | None:
        with self.engine.connect() as c:
            row = c.execute(sa.select(*_TOLD).where(which)).mappings().first()
        return None if row is None else _job(dict(row))

    def _change(self, id_: str, server: str, **values: Any) -> bool:
        """Change a running job that is a server's own, and return whether it is."""
        mine = JOBS.update().where(JOBS.c.id == id_, JOBS.c.status == "running", JOBS.c.held_by == server)
        with self.engine.begin() as c:
            return bool(c.execute(mine.values({**values, "changed_at": time.time()})).rowcount)


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
        held_by=str(row.get("held_by") or ""),
    )


def _read(text: Any) -> dict[str, Any] | None:
    """Return the object in a text of the database; None where it is none, or damaged."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
