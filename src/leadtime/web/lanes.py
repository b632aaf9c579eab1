"""Who waits where: processes for one kind of question, one question of a client at a time, the clients in turn."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from leadtime.web.asked import MOST_STUDIES, Which
from leadtime.web.workers import Call, Ended, Worker

#: Gives a call to the process, and returns what it gives.
Ask = Callable[[Call], bytes]
#: So often a lane without work looks for what is not wanted any more.
_LOOK_SECONDS = 15.0


class Busy(Exception):
    """The answer is being computed, or too much is waiting: come back.

    Args:
        words: What is the matter.
        key: By which the question that is being computed can be listened to; empty where there is none.
    """

    def __init__(self, words: str, key: str = "") -> None:
        super().__init__(words)
        self.key = key


@dataclass(slots=True, eq=False, kw_only=True)
class Question:
    """One question in a lane.

    Args:
        client: Who asks; empty for the server itself.
        work: Run in a thread of the lane; it gives its calls to the process.
        seconds: So many seconds of the processor a call may use (see `Watch`).
        which: The study, if it is put to one.
        kept: Its results are kept on disk, where another process finds them.
        future: What it comes to.
        ended: Why it is not wanted any more, if so.
        told: How far it is: words, and the fraction done.
    """

    client: str
    work: Callable[[Ask], Any]
    seconds: float
    which: Which | None = None
    kept: bool = False
    future: Future[Any] = field(default_factory=Future)
    ended: str = ""
    told: tuple[str, float] = ("waiting for its turn", 0.0)


class Lane:
    """A few processes, and the questions that wait for them.

    Args:
        name: Its name, for its threads.
        n: Processes; each is started when it is first needed.
        most_memory: Bytes that each may have in memory.
        most_waiting: Questions that may wait.
        most_of_a_client: Those of one client among them.
        fits: Its questions fit studies: one process a study, until what it computed is on disk; one process is for
            studies that are on disk alone; and they stand behind those of other lanes.
    """

    def __init__(
        self,
        name: str,
        n: int,
        most_memory: int,
        *,
        most_waiting: int = 64,
        most_of_a_client: int = 16,
        fits: bool = False,
    ) -> None:
        self.most_waiting, self.most_of_a_client, self.fits = most_waiting, most_of_a_client, fits
        self._workers = [Worker(most_memory, behind=fits) for _ in range(n)]
        self._held: list[list[Which]] = [[] for _ in range(n)]
        self._running: dict[int, Question] = {}
        self._waiting: list[Question] = []
        self._turns: dict[str, int] = {}
        self._count = itertools.count(1)
        self._on_disk: set[Which] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(k,), name=f"{name}-{k}", daemon=True) for k in range(n)
        ]

    def put(self, question: Question) -> None:
        """Let a question wait for its turn.

        Raises:
            Busy: Too many wait, or too many of this client.
        """
        with self._changed:
            if self._closed:
                raise Busy("the server stops")
            if len(self._waiting) >= self.most_waiting:
                raise Busy("too many questions are waiting")
            if sum(q.client == question.client for q in self._waiting) >= self.most_of_a_client:
                raise Busy("too many questions of yours are waiting")
            self._waiting.append(question)
            for thread in self._threads:
                if thread.ident is None:
                    thread.start()
            self._changed.notify_all()

    def end(self, wanted: Callable[[Question], bool], why: str) -> None:
        """End questions, waiting or under way."""
        with self._changed:
            for question in [*self._waiting, *self._running.values()]:
                if wanted(question):
                    question.ended = why
            self._changed.notify_all()

    def close(self) -> None:
        """End every question and process."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(2.0)
        for worker in self._workers:
            worker.end()

    def _serve(self, k: int) -> None:
        worker = self._workers[k]
        while (question := self._next(k)) is not None:
            found: Any = None
            wrong: BaseException | None = None

            def ask(call: Call, question: Question = question) -> bytes:
                def told(words: str, done: float) -> None:
                    question.told = (words, done)

                return worker.ask(call, seconds=question.seconds, unwanted=lambda: self._unwanted(question), told=told)

            try:
                found = question.work(ask)
            except BaseException as error:  # whatever happens to one, the next has its turn
                wrong = error
            self._over(k, question, well=wrong is None)
            _settle(question, found, wrong)

    def _unwanted(self, question: Question) -> str:
        return question.ended or ("was under way when the server stopped" if self._closed else "")

    def _next(self, k: int) -> Question | None:
        with self._changed:
            while not self._closed:
                self._clear()
                mine = [q for q in self._waiting if self._may_run(q) and self._best(q) == k]
                if mine:
                    question = min(mine, key=lambda q: self._turns.get(q.client, 0))
                    self._waiting.remove(question)
                    self._running[k] = question
                    question.told = ("under way", 0.0)
                    self._turns[question.client] = next(self._count)
                    return question
                self._changed.wait(_LOOK_SECONDS)
            self._clear()
            return None

    def _clear(self) -> None:
        """Drop what is not wanted any more, and the turns of clients that are gone."""
        for question in list(self._waiting):
            if why := self._unwanted(question):
                self._waiting.remove(question)
                _settle(question, None, Ended(why))
        here = {q.client for q in [*self._waiting, *self._running.values()]}
        self._turns = {c: turn for c, turn in self._turns.items() if c in here}

    def _may_run(self, question: Question) -> bool:
        running = self._running.values()
        if any(q.client == question.client for q in running):
            return False
        if not self.fits or question.which in self._on_disk:
            return True
        if any(q.which == question.which for q in running):
            return False
        most = max(len(self._workers) - 1, 1)  # a fit takes long: there is always a process for what is fitted
        return sum(q.which not in self._on_disk for q in running) < most

    def _best(self, question: Question) -> int:
        """Return the idle process that should take a question: one that holds its study, else one that runs already."""
        idle = [k for k in range(len(self._workers)) if k not in self._running]
        return min(idle, key=lambda k: (question.which not in self._held[k], not self._workers[k].runs, k))

    @property
    def idle(self) -> bool:
        """Whether nothing waits or is under way."""
        return not (self._waiting or self._running)

    def _over(self, k: int, question: Question, *, well: bool) -> None:
        with self._changed:
            del self._running[k]
            which = question.which
            if not self._workers[k].runs:
                self._held[k] = []
            elif which is not None and not question.ended:
                self._held[k] = [which, *(w for w in self._held[k] if w != which)][:MOST_STUDIES]
            if well and which is not None and question.kept:
                self._on_disk.add(which)
            self._changed.notify_all()


def _settle(question: Question, found: Any, wrong: BaseException | None) -> None:
    with contextlib.suppress(Exception):  # one that was given up has no one to tell
        if question.ended:
            wrong = Ended(question.ended)
        question.work = _nothing  # what it was asked with is not kept
        if wrong is not None:
            question.future.set_exception(wrong.with_traceback(None))
        else:
            question.future.set_result(found)


def _nothing(ask: Ask) -> Any:
    return None
