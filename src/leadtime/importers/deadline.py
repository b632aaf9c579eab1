"""Connections that end at a moment, whatever the other side does: it may send a byte a second for ever."""

import contextlib
import threading
from typing import Any, Self

import urllib3

from leadtime.errors import LeadtimeError

_BOTH_WAYS = 2  # of a connection that is shut down


class Deadline:
    """A moment at which all connections that were named to it are shut down.

    Args:
        within_s: Seconds from when it is entered.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s, self._over, self._lock = within_s, threading.Event(), threading.Lock()
        self._held: list[Any] = []
        self._timer = threading.Timer(within_s, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for held in self._held:
            held.close()

    def hold(self, connected: Any) -> None:
        """Shut down a connection (a socket) at the moment, or at once where that has passed."""
        with self._lock:
            self._held.append(connected.dup())  # TLS takes the socket itself away
        if self._over.is_set():
            self._end()

    def wait(self, seconds: float) -> None:
        """Wait so long, and no longer than until the moment."""
        self._over.wait(seconds)

    def require(self, where: str) -> None:
        """Raise if the moment has passed."""
        if self._over.is_set():
            fix = "Try again later, or download it elsewhere and give the file: `leadtime fetch epoch --from FILE`."
            raise LeadtimeError(f"took longer than {_time(self._within_s)}", where=where, fix=fix)

    def _end(self) -> None:
        self._over.set()
        with self._lock:
            for held in self._held:
                with contextlib.suppress(OSError):
                    held.shutdown(_BOTH_WAYS)


class Connections(urllib3.PoolManager):
    """Connections by address, each of which ends at a moment."""

    def __init__(self, deadline: Deadline, **more: Any) -> None:
        super().__init__(**more)
        self._deadline = deadline

    def _new_pool(self, *given: Any, **named: Any) -> Any:
        made = super()._new_pool(*given, **named)
        deadline, usual = self._deadline, made.ConnectionCls

        class Ending(usual):  # type: ignore[misc, valid-type]
            def _new_conn(self) -> Any:
                connected = super()._new_conn()
                deadline.hold(connected)
                return connected

        made.ConnectionCls = Ending
        return made


def _time(seconds: float) -> str:
    return f"{seconds:g} seconds" if seconds < 120 else f"{seconds / 60:g} minutes"
