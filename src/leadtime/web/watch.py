"""Beside one computation: its process is ended when it is over its limits, or when nobody wants it any more.

The limit is one of the processor: a machine that is busy gives a computation less of it, and so more time. A much
longer one of the clock ends what waits for something that does not come.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_LOOK_SECONDS = 0.1
#: Until it begins with a question, a process may take so long to load what it needs.
_START_SECONDS = 60.0
#: So many times its seconds of the processor may pass on the clock.
PATIENCE = 10.0


class Process(Protocol):
    """A process of ours, as `multiprocessing` starts one."""

    @property
    def pid(self) -> int | None:
        """Its number."""

    def kill(self) -> None:
        """End it at once."""


class Watch(threading.Thread):
    """Ends a process when it is over its limits or not wanted; whoever reads from it then reads its end.

    Args:
        process: What computes.
        most_memory: Bytes that it may have in memory (on Linux; elsewhere nothing counts them).
        seconds: So many seconds of the processor it may use for the question (on Linux; elsewhere they are those of the
            clock).
        unwanted: Asked ten times a second; what it says, if anything, is why the process is ended.
    """

    def __init__(self, process: Process, most_memory: int, seconds: float, unwanted: Callable[[], str]) -> None:
        super().__init__(name="watch", daemon=True)
        self.process, self.most_memory, self.unwanted = process, most_memory, unwanted
        self.why, self.begun = "", False
        self._over = threading.Event()
        self._limits = seconds
        self._counts(_START_SECONDS)

    def begins(self) -> None:
        """Count the time from now."""
        self.begun = True
        self._counts(self._limits)

    def run(self) -> None:
        """Look until it is over."""
        while not self._over.wait(_LOOK_SECONDS):
            if found := self.unwanted() or self._beyond():
                self.why = found
                return self.process.kill()
        return None

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self.ident is not None:
            self.join()

    def _counts(self, seconds: float) -> None:
        self._since = seconds, time.monotonic(), used_seconds(self.process)

    def _beyond(self) -> str:
        seconds, begun, used_before = self._since
        used, passed = used_seconds(self.process), time.monotonic() - begun
        if used is None or used_before is None:
            return f"took longer than {seconds:g} seconds" if passed > seconds else ""
        if used - used_before > seconds:
            return f"took longer than {seconds:g} seconds of the processor"
        if passed > PATIENCE * seconds:
            return (
                f"did not end within {passed:,.0f} seconds, in which it had {used - used_before:.0f} of the processor"
            )
        return "wanted more memory than it may have" if memory_of(self.process) > self.most_memory else ""


def used_seconds(process: Process) -> float | None:
    """Return the seconds of the processor that a process and its children that ended have used, all threads together;
    None where the system does not say.
    """
    try:
        after_its_name = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
        return sum(map(int, after_its_name[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None


def memory_of(process: Process) -> int:
    """Return how many bytes a process has in memory; zero where the system does not say."""
    try:
        pages = Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
