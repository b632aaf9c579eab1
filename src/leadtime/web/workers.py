"""One process that computes, one question at a time: what takes too long, too much memory, or is not wanted is ended
with it.
"""

import contextlib
import importlib
import json
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.web.watch import Watch, memory_of

#: Told of a question under way: words, and the fraction done.
Tell = Callable[[str, float], None]
#: A function at the top of a module, with its arguments; pickled, run in the process with `Tell`, it gives what is
#: sent.
Call = Callable[[Tell], bytes]
#: An answer may have so many bytes; a message may hold it twice (as it is, and packed).
MOST_ANSWER = 50_000_000
_MOST_MESSAGE = 2 * MOST_ANSWER + 1_000
_TELL_SECONDS, _JOIN_SECONDS = 0.5, 2.0
_BEHIND = 5
#: What a message begins with; the first two are followed by another.
_BEGUN, _TOLD, _DONE, _WRONG, _FAILED, _NO_MEMORY = b"b", b"t", b"d", b"w", b"f", b"m"
_ALONE = "ended without an answer"
#: A function by its module and name, with its arguments.
_First = tuple[str, str, tuple[Any, ...]]
#: Processes that were started before anyone asked.
_early: "list[tuple[SpawnProcess, Connection]]" = []


class Ended(Exception):
    """The process ended before it answered, by its limits or by itself; the words say why."""


class Died(Ended):
    """The process ended by itself: it was killed from elsewhere, or broke down; the same may go well another time."""


class Unstarted(Ended):
    """There was no process to begin with: the machine is out of processes, memory or open files."""


class Failed(Exception):
    """A failure of ours within the process; the words are its traceback, for the operator alone."""


class Worker:
    """A process that is started when it is first asked, and replaced when it was ended.

    Args:
        most_memory: Bytes that it may have in memory (on Linux; elsewhere nothing counts them).
        behind: It stands behind others where processors are few.
    """

    def __init__(self, most_memory: int, *, behind: bool = False) -> None:
        self.most_memory, self.behind = most_memory, behind
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    @property
    def runs(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def ask(
        self,
        call: Call,
        *,
        seconds: float,
        unwanted: Callable[[], str] = lambda: "",
        told: Tell = lambda words, done: None,
    ) -> bytes:
        """Return what a call gives.

        Args:
            call: What to compute.
            seconds: So many seconds of the processor it may use (see `Watch`).
            unwanted: Asked ten times a second; what it says, if anything, is why the process is ended.
            told: Given what the process tells of its progress.

        Raises:
            LeadtimeError: The question is wrong.
            Ended: It was ended, or could not be started; `Died` where it ended by itself.
            Failed: A failure of ours.
        """
        kind, body, watch = self._once(call, seconds, unwanted, told)
        if (
            not kind and not watch.why and not watch.begun
        ):  # it had died since the question before: this one is not the cause
            kind, body, watch = self._once(call, seconds, unwanted, told)
        if watch.why:
            raise Ended(watch.why)
        if not kind:
            raise Died(_ALONE)
        return _taken(kind, body)

    def _once(self, call: Call, seconds: float, unwanted: Callable[[], str], told: Tell) -> tuple[bytes, bytes, Watch]:
        process, pipe = self._started()
        watch = Watch(process, self.most_memory, seconds, unwanted)
        kind, body = b"", b""
        try:
            watch.start()
            kind, body = _heard(pipe, call, watch, told)
        except (EOFError, OSError, ValueError):  # it has ended, or sends what it may not
            pass
        finally:
            watch.stop()
            if not kind or watch.why or memory_of(process) > self.most_memory // 2:
                self.end()
        return kind, body, watch

    def end(self) -> None:
        """End the process, if there is one; the next question starts another."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process is not None and pipe is not None:
            _end(process, pipe)

    def _started(self) -> tuple[SpawnProcess, Connection]:
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._process, self._pipe
        self.end()
        self._process, self._pipe = _early.pop() if self.behind and _early else _spawned(behind=self.behind)
        return self._process, self._pipe


@contextlib.contextmanager
def early(module: str, function: str, *arguments: Any) -> Iterator[None]:
    """Start the first process that computes what is slow, before anyone asks; one that nobody took is ended.

    It loads its code while the server loads its own, and runs a function of a module, which is named lest the server
    load it too.
    """
    with contextlib.suppress(Unstarted):  # it is tried again when someone asks
        _early.append(_spawned(behind=True, first=(module, function, arguments)))
    try:
        yield
    finally:
        while _early:
            _end(*_early.pop())


def _end(process: SpawnProcess, pipe: Connection) -> None:
    with contextlib.suppress(OSError, ValueError):
        process.kill()
    with contextlib.suppress(OSError, ValueError):
        process.join(_JOIN_SECONDS)
    with contextlib.suppress(OSError):
        pipe.close()


def _spawned(*, behind: bool, first: _First | None = None) -> "tuple[SpawnProcess, Connection]":
    spawn = multiprocessing.get_context("spawn")
    try:
        here, there = spawn.Pipe()
    except OSError as error:
        raise _unstarted(error) from None
    try:
        process = spawn.Process(target=_work, args=(there, behind, first), daemon=True)
        process.start()
    except OSError as error:  # out of processes, memory or open files: the next may find some again
        here.close()
        raise _unstarted(error) from None
    finally:
        there.close()
    return process, here


def _heard(pipe: Connection, call: Call, watch: Watch, told: Tell) -> tuple[bytes, bytes]:
    """Give a call to the process, and return the message that it comes to."""
    pipe.send(call)
    while True:
        message = pipe.recv_bytes(_MOST_MESSAGE)
        kind, body = message[:1], message[1:]
        if kind == _BEGUN:
            watch.begins()
        elif kind == _TOLD:
            told(*json.loads(body))
        else:
            return kind, body


def _unstarted(error: OSError) -> Unstarted:
    return Unstarted(f"could not be started ({error.strerror or type(error).__name__})")


def _taken(kind: bytes, body: bytes) -> bytes:
    if kind == _WRONG:
        what, where, fix = json.loads(body)
        raise LeadtimeError(what, where=where, fix=fix)
    if kind == _NO_MEMORY:
        raise Ended("wanted more memory than there is")
    if kind == _FAILED:
        raise Failed(body.decode(errors="replace"))
    if kind != _DONE:
        raise Ended(_ALONE)
    return body


def _work(pipe: Connection, behind: bool, first: _First | None) -> None:
    """Answer what comes through the pipe until it is closed, in the process; `first` is run before that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its processes
    if behind and hasattr(os, "nice"):
        os.nice(_BEHIND)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    if first is not None:
        module, function, arguments = first
        getattr(importlib.import_module(module), function)(*arguments)
    last = 0.0

    def tell(words: str, done: float) -> None:
        nonlocal last
        if time.monotonic() - last > _TELL_SECONDS:
            last = time.monotonic()
            pipe.send_bytes(_TOLD + json.dumps([words, float(done)]).encode())

    with contextlib.suppress(EOFError, OSError):
        while True:
            call = pipe.recv()
            pipe.send_bytes(_BEGUN)
            pipe.send_bytes(_said(call, tell))


def _end_with_the_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def _said(call: Call, tell: Tell) -> bytes:
    """Return the message that a call comes to; an answer over the limit is not sent at all."""
    try:
        body = call(tell)
        if len(body) > _MOST_MESSAGE - 1_000:
            raise LeadtimeError(f"the answer has {len(body):,} bytes", fix="Ask for fewer scenarios.")
        return _DONE + body
    except LeadtimeError as error:
        return _WRONG + json.dumps(error.told("http")).encode()
    except MemoryError:
        return _NO_MEMORY
    except BaseException:  # a panic of a library in Rust is no Exception
        return _FAILED + traceback.format_exc()[-20_000:].encode(errors="replace")
