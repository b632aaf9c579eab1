"""Where questions are answered: each computed once for all who ask it, in a process of a lane, and kept as the bytes
that are sent.
"""

import asyncio
import contextlib
import datetime as dt
import functools
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.web import asked
from leadtime.web.asked import Answer, Compute, Which
from leadtime.web.lanes import Ask, Busy, Lane, Question
from leadtime.web.settings import Settings
from leadtime.web.workers import Died, Ended, Unstarted

#: Answers that are kept, and their bytes.
_MOST_ANSWERS, _MOST_BYTES = 1000, 200_000_000
#: Pages whose last answer is kept for the day after.
_MOST_GOOD = 100
#: What is quick uses no more of the processor; the server's own first page may.
_QUICK_SECONDS, _WARM_SECONDS = 60.0, 3600.0
#: So long a computation goes on for a page that was left, which comes back sooner if it is still looked at, and for
#: one who was told to ask again.
_LEFT_SECONDS, _RETURN_SECONDS = 10.0, 60.0
#: A question whose process was ended is not begun again for so long, however often it is asked.
_REMEMBERED_SECONDS = 300.0
_DELETED = "is put to a study that was deleted"


class TooMuch(Exception):
    """The computation was ended by its limits; the words say by which."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks what.

    Args:
        client: Who asks.
        name: Name of the question.
        which: The study.
        parameters: What is asked; part of the key.
    """

    client: str
    name: str
    which: Which
    parameters: dict[str, Any]


@dataclass(slots=True)
class _Asked:
    """A question that was asked, until when what it came to is of use, how many wait for it, how many listen to how far
    it is, and until when one may come back for it.
    """

    which: Which
    question: Question
    until: float = float("inf")
    waiting: int = 0
    listening: int = 0
    returns_until: float = 0.0

    def size(self) -> int:
        """Return how many bytes are kept."""
        future = self.question.future
        return (
            len(future.result().body) + len(future.result().packed) if future.done() and not future.exception() else 0
        )


class Desk:
    """The answers of one server; all but the computing is done in its event loop.

    Args:
        settings: The server's.
        lent: From the id of a saved study to its folder, which stays while it is lent; of no id, that which is served,
            or None for the built-in evidence.
    """

    def __init__(self, settings: Settings, lent: Callable[[str], AbstractContextManager[Path | None]]) -> None:
        self.settings, self.lent = settings, lent
        self._quick = Lane("quick", 2, settings.most_memory)
        self._slow = Lane("slow", 3, settings.most_memory, fits=True)
        self._answers: OrderedDict[str, _Asked] = OrderedDict()
        self._good: OrderedDict[str, Answer] = OrderedDict()
        self._deaths: OrderedDict[str, None] = OrderedDict()
        self._stops = False

    async def ask(self, asking: Asking, compute: Compute, *, slow: bool, wait: float | None = None) -> Answer:
        """Return the answer to a question, computed once for all who ask it.

        Args:
            asking: Who asks what.
            compute: From the study to what JSON can hold, or to bytes; a function at the top of a module, or a partial
                of one.
            slow: It wants a fit, or more; a question to a saved study does always.
            wait: So many seconds a request waits before it is told to come back; by default as the settings say.

        Raises:
            Busy: It takes longer than a request should wait, or too much is waiting.
            TooMuch: It was ended by its limits.
            LeadtimeError: The question is wrong.
        """
        slow = slow or bool(asking.which.study)
        seconds = self.settings.request_seconds if slow else min(_QUICK_SECONDS, self.settings.request_seconds)
        return await self._answer(asking, compute, slow, seconds, wait)

    async def at_once(self, compute: Compute) -> Answer:
        """Return the answer to a question that is put to no study: it waits for nothing."""
        return await asyncio.to_thread(lambda: asked.unpacked(asked.packed(asked.body_of(compute(None)))))

    async def own(self, name: str, which: Which, compute: Compute, *, slow: bool) -> Answer | None:
        """Compute something of a study before anyone asks, and return it; None where it has no answer.

        No client's limit holds for it, and nobody gives it up.
        """
        with contextlib.suppress(Busy, TooMuch, LeadtimeError):
            return await self._answer(Asking("", name, which, {}), compute, slow, _WARM_SECONDS, _WARM_SECONDS)
        return None

    @property
    def idle(self) -> bool:
        """Whether nothing is computed, and nothing waits."""
        return self._quick.idle and self._slow.idle

    async def _answer(
        self, asking: Asking, compute: Compute, slow: bool, seconds: float, wait: float | None = None
    ) -> Answer:
        name, which, parameters = asking.name, asking.which, asking.parameters
        today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
        key = hashlib.sha256(repr((name, which, today, sorted(parameters.items()))).encode()).hexdigest()
        found = self._answers.get(key)
        if found is None or found.until < time.monotonic():
            found = self._answers[key] = _Asked(which, self._begun(asking, today, compute, slow, seconds))
            self._trim()
        self._answers.move_to_end(key)
        question = found.question
        if not question.future.done():
            waited = asyncio.wrap_future(question.future)
            waited.add_done_callback(lambda f: f.cancelled() or f.exception())  # it is seen, though all have gone
            found.waiting += 1
            returns = 0.0
            try:
                await asyncio.wait({waited}, timeout=self.settings.wait_seconds if wait is None else wait)
                returns = _RETURN_SECONDS if wait is None else _LEFT_SECONDS
            finally:
                found.waiting -= 1
                self._left(key, found, returns)
            if not waited.done():
                raise Busy(f"{name} is being computed", key)
            self._trim()
        if self._died(key, found):
            return await self._answer(asking, compute, slow, seconds, wait)
        answer = self._come_to(key, found)
        if name.startswith("page "):
            self._good[repr((name, which, sorted(parameters.items())))] = answer
            while len(self._good) > _MOST_GOOD:
                self._good.popitem(last=False)
        return answer

    def progress(self, key: str) -> tuple[str, float] | None:
        """Return how far a question is: words, and the fraction done; None where it is over, or there is none."""
        found = self._answers.get(key)
        return None if found is None or found.question.future.done() else found.question.told

    def cancel(self, key: str) -> None:
        """End a question that its only asker does not want any more."""
        found = self._answers.get(key)
        if found is not None and found.question.client and not found.waiting and found.listening <= 1:
            self._give_up(key, found)

    @contextlib.contextmanager
    def listened(self, key: str) -> Iterator[None]:
        """Count one who listens to a question."""
        found = self._answers.get(key)
        if found is not None:
            found.listening += 1
        try:
            yield
        finally:
            if found is not None:
                found.listening -= 1
                self._left(key, found, _LEFT_SECONDS)

    def last_good(self, name: str, which: Which, parameters: dict[str, Any]) -> tuple[Answer, Which] | None:
        """Return what a question came to when it was last answered, and of which study: the same, on an earlier day
        perhaps, or else that of today; None where it never was.
        """
        for of in (which, replace(which, as_of=None)):
            if (found := self._good.get(repr((name, of, sorted(parameters.items()))))) is not None:
                return found, of
        return None

    def _left(self, key: str, found: _Asked, returns: float = 0.0) -> None:
        """End a question when its last asker has gone and does not come back within some seconds; of the server's own,
        none.
        """
        if found.question.future.done():
            return
        found.returns_until = max(found.returns_until, time.monotonic() + returns)
        left = found.returns_until - time.monotonic()
        if left > 0:
            asyncio.get_running_loop().call_later(left + 0.01, self._look, key, found)
        else:
            self._look(key, found)

    def _look(self, key: str, found: _Asked) -> None:
        wanted = found.waiting or found.listening or time.monotonic() < found.returns_until
        if not wanted and found.question.client and not found.question.future.done():
            self._give_up(key, found)

    def _give_up(self, key: str, found: _Asked) -> None:
        """End a question that nobody wants: the next of that client has not to wait for it."""
        for lane in (self._quick, self._slow):
            lane.end(lambda q: q is found.question, "was given up")
        if self._answers.get(key) is found:
            del self._answers[key]

    def _begun(self, asking: Asking, today: dt.date, compute: Compute, slow: bool, seconds: float) -> Question:
        which = asking.which
        keep = which == Which(as_of=which.as_of, draws=self.settings.draws, method=self.settings.method)

        def work(ask: Ask) -> Answer:
            with self.lent(which.study) as folder:
                return asked.unpacked(ask(functools.partial(asked.at_desk, which, folder, today, keep, compute)))

        question = Question(client=asking.client, work=work, seconds=seconds, which=which, kept=keep)
        (self._slow if slow else self._quick).put(question)
        return question

    def _died(self, key: str, found: _Asked) -> bool:
        """Return whether the process of a question was killed, and the question is to be begun again: once."""
        if found.question.ended or self._stops or not isinstance(found.question.future.exception(), Died):
            return False
        if self._answers.get(key) is not found:  # another who waited has begun it
            return key in self._answers
        if key in self._deaths:
            return False
        while len(self._deaths) >= _MOST_ANSWERS:
            self._deaths.popitem(last=False)
        self._deaths[key] = None
        del self._answers[key]
        return True

    def _come_to(self, key: str, found: _Asked) -> Answer:
        """Return what a question came to; nothing of a study that was deleted in the same instant."""
        if found.question.ended:
            raise LeadtimeError("the study was deleted", where="study", fix="Bring its files again.")
        try:
            answer: Answer = found.question.future.result()
        except Unstarted as error:
            self._answers.pop(key, None)
            raise Busy(f"the process that computes {error}") from None
        except Ended as error:
            if self._stops:
                raise Busy("the server stops") from None
            if found.until == float("inf"):
                found.until = time.monotonic() + _REMEMBERED_SECONDS
            raise TooMuch(f"the computation {error}") from None
        except BaseException:
            if self._answers.get(key) is found:
                del self._answers[key]
            raise
        return answer

    def drop(self, study: str) -> None:
        """End what is under way for a saved study, and keep nothing of it."""
        for lane in (self._quick, self._slow):
            lane.end(lambda q: q.which is not None and q.which.study == study, _DELETED)
        for key, found in list(self._answers.items()):
            if found.which.study == study:
                found.question.ended = _DELETED
                del self._answers[key]
        self._good = OrderedDict((k, a) for k, a in self._good.items() if study not in k)

    def _trim(self) -> None:
        done = [(k, a.size()) for k, a in self._answers.items() if a.question.future.done()]
        size = sum(n for _, n in done)
        for key, n in done:
            if len(self._answers) <= _MOST_ANSWERS and size <= _MOST_BYTES:
                return
            size -= n
            del self._answers[key]

    def close(self) -> None:
        """End every question and process."""
        self._stops = True
        for lane in (self._quick, self._slow):
            lane.close()
