"""Long questions: each runs alone in a process of its own, so that it can be cancelled, and no page waits for it.

Whatever happens to a job, to its process or to the store: the job ends in words, and the next one begins.
"""

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from leadtime.errors import LeadtimeError
from leadtime.web import asked
from leadtime.web.api import computation
from leadtime.web.asked import Which
from leadtime.web.database import reason_of
from leadtime.web.lanes import Busy
from leadtime.web.places import own_name
from leadtime.web.problems import of_error, problem
from leadtime.web.settings import Settings
from leadtime.web.store import Job, Store
from leadtime.web.workers import Died, Ended, Unstarted, Worker

_LOOK_SECONDS, _AFTER_TROUBLE_SECONDS, _SWEEP_SECONDS = 0.2, 2.0, 60.0
#: So often a server says that it computes a job, and looks for jobs of servers that say so no more.
_HOLD_SECONDS, _TAKE_OVER_SECONDS = 3.0, 2.0
#: A job that uses more of the processor is stopped.
_MOST_SECONDS = 3600.0
_STOPPED, _CANCELLED = "was under way when the server stopped", "was cancelled"
#: So long a result is kept for a store that takes nothing.
_ROOM_SECONDS = 300.0
_DELETED = "was put to a study that was deleted"
_TAKEN = "was given to another server, for this one had not been heard of"


class Runner:
    """Takes jobs from the store, one at a time.

    Args:
        store: Where jobs are.
        settings: The server's.
        lent: From the id of a saved study to its folder, which stays while it is lent.
    """

    def __init__(
        self, store: Store, settings: Settings, lent: Callable[[str], AbstractContextManager[Path | None]]
    ) -> None:
        self.store, self.settings, self.lent = store, settings, lent
        self._worker = Worker(settings.most_memory, behind=True)
        self._stop = threading.Event()
        #: Why jobs wait, as the operator was told; empty where they do not.
        self.trouble = ""
        self._name = own_name()
        self._looked = self._held = 0.0
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin with what servers that are gone left running."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what runs is put back in the queue, for the next server."""
        self._stop.set()
        self._thread.join(timeout=2)
        self._worker.end()

    def _loop(self) -> None:
        swept = taken = float("-inf")
        while not self._stop.is_set():
            try:
                if self.store.replaced():
                    self.store.mend()
                if time.monotonic() - swept > _SWEEP_SECONDS:
                    self.store.expire(time.time() - 3600 * self.settings.job_hours)
                    swept = time.monotonic()
                if time.monotonic() - taken > _TAKE_OVER_SECONDS:
                    self.store.again(self._name)
                    taken = time.monotonic()
                job = self.store.next(self._name)
                self.trouble = ""
                if job is None:
                    self._stop.wait(_LOOK_SECONDS)
                else:
                    self._run(job)
            except Exception as error:  # a full disk, a database that is away: the jobs wait for it, and so do we
                if (trouble := f"the queue waits: {_in_a_line(error)}") != self.trouble:
                    self.trouble = trouble
                    _tell_operator(trouble)
                self._stop.wait(_AFTER_TROUBLE_SECONDS)
                with contextlib.suppress(Exception):
                    self.store.mend()
                taken = float("-inf")

    def _run(self, job: Job) -> None:
        """Bring a job to its end; what it comes to is stored, or why it cannot be."""
        try:
            body = self._computed(job)
        except Exception as error:
            if self._stop.is_set():
                self.store.back(job.id, self._name)
            elif not (isinstance(error, Died) and self.store.retry(job.id, self._name)):
                self.store.fail(job.id, self._name, _problem_of(error))
            return
        self._stored(job, body)

    def _stored(self, job: Job, body: bytes) -> None:
        """Store a result; where the store takes nothing, wait a while for it to have room again."""
        until = time.monotonic() + _ROOM_SECONDS
        while True:
            try:
                self.store.finish(job.id, self._name, body)
            except SQLAlchemyError as error:
                if time.monotonic() < until and not self._stop.wait(_AFTER_TROUBLE_SECONDS):
                    with contextlib.suppress(SQLAlchemyError):
                        self.store.hold(job.id, self._name)
                    continue
                if self._stop.is_set():
                    self.store.back(job.id, self._name)
                    return
                fix = "See whether its disk is full; then ask again."
                told = problem(503, f"the result could not be stored: {reason_of(error)}", fix=fix)
                self.store.fail(job.id, self._name, told)
            return

    def _computed(self, job: Job) -> bytes:
        if job.damaged:
            raise LeadtimeError("what is stored of the job cannot be read", fix="Ask again.")
        which, compute = computation(job.answer, job.question)
        keep = which == Which(as_of=which.as_of, draws=self.settings.draws, method=self.settings.method)
        try:
            with self.lent(which.study) as folder:
                call = functools.partial(asked.as_job, which, folder, keep, compute)
                told = functools.partial(self._told, job.id)
                unwanted = functools.partial(self._unwanted, job.id)
                return self._worker.ask(call, seconds=_MOST_SECONDS, unwanted=unwanted, told=told)
        finally:
            self._worker.end()

    def _told(self, id_: str, words: str, done: float) -> None:
        with contextlib.suppress(SQLAlchemyError):  # how far it is may be missed
            self.store.told(id_, self._name, words, done)

    def _unwanted(self, id_: str) -> str:
        if self._stop.is_set():
            return _STOPPED
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return ""
        self._looked = time.monotonic()
        try:
            if self.store.replaced():  # the job is gone with it
                self.store.mend()
            if time.monotonic() - self._held > _HOLD_SECONDS:
                self.store.hold(id_, self._name)
                self._held = time.monotonic()
            job = self.store.get(id_)
            if job is None or job.status != "running" or job.held_by != self._name:
                return _CANCELLED if job is None or job.status == "cancelled" else _TAKEN
            study = str(job.question.get("study", ""))
            return _DELETED if study and not self.store.has_study(study) else ""
        except Exception:  # a store that is away: the job goes on
            return ""


def _problem_of(error: Exception) -> dict[str, Any]:
    """Return what a job that failed says."""
    if isinstance(error, LeadtimeError):
        return of_error(error)
    if isinstance(error, Ended):
        fix = "Ask again in a minute." if isinstance(error, Unstarted) else "Ask for less."
        return problem(503, f"the process of the job {error}", fix=fix)
    if isinstance(error, Busy):
        return problem(503, str(error), fix="Ask again in a minute.")
    _tell_operator(f"a job failed: {_in_a_line(error)}")
    return problem(500, "this should not have happened", fix="Please report it.")


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {ascii(str(error))[:5000]}"


def _tell_operator(words: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{words}\n")
