"""Long questions: each runs in a process of its own, so that it can be cancelled, and no page waits for it."""

import contextlib
import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from leadtime.errors import LeadtimeError
from leadtime.web.problems import of_error, problem
from leadtime.web.settings import Settings
from leadtime.web.store import Job, Store

_LOOK_SECONDS, _WITHOUT_STORE_SECONDS = 0.2, 2.0
#: A job that takes longer is stopped.
_MOST_SECONDS = 3600.0
_MOST_RESULT = 50_000_000


class Runner:
    """Takes jobs from the store, one at a time.

    Args:
        store: Where jobs are.
        settings: The server's.
        folder_of: From the id of a saved study to its folder.
    """

    def __init__(self, store: Store, settings: Settings, folder_of: Callable[[str], Path | None]) -> None:
        self.store, self.settings, self.folder_of = store, settings, folder_of
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin with what was running when the last server stopped."""
        self.store.again()
        self._thread.start()

    def stop(self) -> None:
        """Stop; what runs is put back in the queue when a server starts again."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _loop(self) -> None:
        swept = 0.0
        while not self._stop.is_set():
            try:
                if time.monotonic() - swept > 60:
                    self.store.expire(time.time() - 3600 * self.settings.job_hours)
                    swept = time.monotonic()
                if not self._take():
                    self._stop.wait(_LOOK_SECONDS)
            except SQLAlchemyError:  # a full disk, a database that is away: the jobs wait for it, and so do we
                self._stop.wait(_WITHOUT_STORE_SECONDS)
                with contextlib.suppress(SQLAlchemyError):
                    self.store.again()

    def _take(self) -> bool:
        """Run the next job, if there is one."""
        job = self.store.next()
        if job is not None:
            self._run(job)
        return job is not None

    def _run(self, job: Job) -> None:
        try:
            found = self.folder_of(str(job.question.get("study", "")))
        except LeadtimeError as error:  # the study was deleted while the job waited
            self.store.fail(job.id, of_error(error))
            return
        try:
            process, here = _begin(job, str(found) if found else None)
        except OSError as error:  # out of processes, memory or open files: the next job may find some again
            why = error.strerror or type(error).__name__
            self.store.fail(
                job.id,
                problem(503, f"the process of the job could not be started ({why})", fix="Ask again in a minute."),
            )
            return
        begun = time.monotonic()
        try:
            while not self._stop.is_set():
                if self._heard(job, here, process) or not self._wanted(job, begun):
                    return
        finally:
            process.terminate()
            process.join(5)
            if process.is_alive():
                process.kill()
            here.close()

    def _heard(self, job: Job, here: Connection, process: Any) -> bool:
        """Take one message; True when the job has ended."""
        if not here.poll(_LOOK_SECONDS):
            if process.is_alive() or here.poll(0):
                return False
            self.store.fail(
                job.id,
                problem(
                    500,
                    "the process of the job ended without an answer",
                    fix="Ask again; it may have wanted too much memory.",
                ),
            )
            return True
        try:
            kind, value = here.recv()
        except EOFError:
            self.store.fail(
                job.id,
                problem(
                    500,
                    "the process of the job ended without an answer",
                    fix="Ask again; it may have wanted too much memory.",
                ),
            )
            return True
        if kind == "progress":
            self.store.told(job.id, *value)
            return False
        if kind == "done":
            self.store.finish(job.id, value)
        else:
            self.store.fail(job.id, value)
        return True

    def _wanted(self, job: Job, begun: float) -> bool:
        now = self.store.get(job.id)
        if time.monotonic() - begun > _MOST_SECONDS:
            self.store.fail(
                job.id, problem(503, f"it took longer than {_MOST_SECONDS / 3600:g} hours", fix="Ask for less.")
            )
            return False
        return now is not None and now.status == "running"


def _begin(job: Job, folder: str | None) -> tuple[SpawnProcess, Connection]:
    """Return the process of a job, started, and where it is heard."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    try:
        process = spawn.Process(target=work, args=(there, job.answer, job.question, folder), daemon=True)
        process.start()
    except OSError:
        here.close()
        raise
    finally:
        there.close()
    return process, here


def work(to: Connection, answer: str, question: dict[str, Any], folder: str | None) -> None:
    """Compute one answer in this process, and send progress and the end of it."""
    from leadtime.web.api import computation

    told = 0.0

    def progress(words: str, done: float) -> None:
        nonlocal told
        if time.monotonic() - told > 0.5:
            told = time.monotonic()
            to.send(("progress", (words, float(done))))

    try:
        which, compute = computation(answer, question)
        from leadtime.study import Study

        study = Study(
            which.as_of,
            Path(folder) if folder else None,
            seed=which.seed,
            draws=which.draws,
            method=which.method,
            progress=progress,
        )
        body = json.dumps(compute(study), default=str, allow_nan=False, ensure_ascii=False).encode()
        if len(body) > _MOST_RESULT:
            raise LeadtimeError(f"the answer has {len(body):,} bytes", fix="Ask for fewer scenarios.")
        to.send(("done", body))
    except LeadtimeError as error:
        to.send(("failed", of_error(error)))
    except Exception as error:
        to.send(
            ("failed", problem(500, "this should not have happened", fix=f"Please report it: {type(error).__name__}."))
        )
    finally:
        to.close()
