"""Where questions are answered: each computed once, in a thread of its own, and kept as the bytes that are sent."""

import asyncio
import datetime as dt
import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime.study import Study

#: Answers and studies that are kept.
_MOST_ANSWERS, _MOST_STUDIES, _MOST_BYTES = 1000, 6, 200_000_000
#: Computations under way or waiting; beyond, a client is told to come back.
_MOST_WAITING = 32


class Busy(Exception):
    """The answer is being computed, or the queue is full: come back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent: as it is and packed (gzip), with the tag of its content."""

    body: bytes
    packed: bytes
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The study that a question is put to; `study` is the id of a saved one, empty for that which is served."""

    study: str = ""
    as_of: dt.date | None = None
    seed: int = 0
    draws: int = 2000
    method: str = "nuts"


class Desk:
    """Studies and answers of one server.

    Args:
        folder_of: From the id of a saved study to its folder; of no id, that which is served, or None for the built-in evidence.
        wait_seconds: How long `ask` waits before it raises `Busy`; the computation goes on.
    """

    def __init__(self, folder_of: Callable[[str], Path | None], wait_seconds: float = 20.0) -> None:
        self.folder_of, self.wait = folder_of, wait_seconds
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="answer")
        self._answers: OrderedDict[str, Future[Answer]] = OrderedDict()
        self._studies: OrderedDict[tuple[Which, dt.date], tuple[Study, threading.Lock]] = OrderedDict()
        self._lock = threading.Lock()

    async def ask(self, name: str, which: Which, parameters: dict[str, Any], compute: Callable[[Study], Any]) -> Answer:
        """Return the answer to a question, computed once for all who ask it.

        Args:
            name: Name of the question.
            which: The study.
            parameters: What is asked; part of the key.
            compute: From the study to what JSON can hold, or to bytes.

        Raises:
            Busy: It takes longer than a request should wait, or too much is waiting.
            LeadtimeError: The question is wrong.
        """
        future = self._future(name, which, parameters, compute)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self.wait)
        except TimeoutError:
            raise Busy(f"{name} is being computed") from None

    def _future(
        self, name: str, which: Which, parameters: dict[str, Any], compute: Callable[[Study], Any]
    ) -> "Future[Answer]":
        today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
        key = hashlib.sha256(
            repr((name, which, today, sorted(parameters.items(), key=lambda kv: kv[0]))).encode()
        ).hexdigest()
        with self._lock:
            if (found := self._answers.get(key)) is not None:
                self._answers.move_to_end(key)
                return found
            if sum(not f.done() for f in self._answers.values()) >= _MOST_WAITING:
                raise Busy("too many computations are waiting")
            future = self._answers[key] = self._pool.submit(self._compute, which, today, compute)
            future.add_done_callback(lambda f: self._forget(key) if f.cancelled() or f.exception() else None)
            self._trim()
            return future

    def _compute(self, which: Which, today: dt.date, compute: Callable[[Study], Any]) -> Answer:
        study, lock = self._study(which, today)
        with lock:  # a study computes its stages on first use, and is not made for two threads
            said = compute(study)
        body = (
            said
            if isinstance(said, bytes)
            else json.dumps(said, default=str, allow_nan=False, ensure_ascii=False).encode()
        )
        return Answer(body, gzip.compress(body, 6, mtime=0), hashlib.sha256(body).hexdigest()[:32])

    def _study(self, which: Which, today: dt.date) -> tuple[Study, threading.Lock]:
        with self._lock:
            if (found := self._studies.get((which, today))) is not None:
                self._studies.move_to_end((which, today))
                return found
        study = Study(which.as_of, self.folder_of(which.study), seed=which.seed, draws=which.draws, method=which.method)
        with self._lock:
            found = self._studies.setdefault((which, today), (study, threading.Lock()))
            while len(self._studies) > _MOST_STUDIES:
                self._studies.popitem(last=False)
            return found

    def drop(self, study: str) -> None:
        """Keep nothing of a saved study; answers to others are computed again when asked."""
        with self._lock:
            for which in [w for w in self._studies if w[0].study == study]:
                del self._studies[which]
            for key in [k for k, f in self._answers.items() if f.done()]:
                del self._answers[key]

    def _forget(self, key: str) -> None:
        with self._lock:
            self._answers.pop(key, None)

    def _trim(self) -> None:
        done = [(k, f) for k, f in self._answers.items() if f.done() and not f.exception()]
        size = sum(len(f.result().body) for _, f in done)
        for key, f in done:
            if len(self._answers) <= _MOST_ANSWERS and size <= _MOST_BYTES:
                return
            size -= len(f.result().body)
            del self._answers[key]

    def close(self) -> None:
        """Stop taking questions."""
        self._pool.shutdown(wait=False, cancel_futures=True)
