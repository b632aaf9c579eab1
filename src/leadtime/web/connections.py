"""Connections: how many, how long they may say or take nothing, and what the web server itself answers."""

import asyncio
import functools
import sys
from collections.abc import Sequence
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from leadtime.web.clients import Network, Places, client_of, is_one_of, networks
from leadtime.web.headers import HEADERS
from leadtime.web.problems import problem_bytes
from leadtime.web.settings import Settings

#: Seconds, and bytes, in which a connection that was answered so may still send before it is cut.
_LINGER_SECONDS, _LINGER_BYTES = 1.0, 1_000_000
#: Connections that are being told that there is no place; one more is cut without a word.
_MOST_TOLD = 100
#: Bytes of an answer that a connection has to take in `taken_seconds`.
_LEAST_TAKEN = 10_000


def protocol(settings: Settings) -> type[asyncio.Protocol]:
    """Return what the web server makes for each connection."""
    places = Places(settings.most_connections, settings.most_each)
    return cast("type[asyncio.Protocol]", functools.partial(Connection, settings, networks(settings.proxies), places))


class Connection(H11Protocol):
    """A connection that has to ask within a time, to take its answers, and leaves places to others.

    Args:
        settings: The server's.
        proxies: The named ones, which many clients come through.
        places: Those of connections.
        made: What the web server gives each connection.
    """

    def __init__(self, settings: Settings, proxies: Sequence[Network], places: Places, **made: Any) -> None:
        super().__init__(**made)
        self._settings, self._proxies, self._places = settings, proxies, places
        self.timeout_keep_alive = settings.head_seconds  # type: ignore[assignment]
        self._holds = ""
        self._over, self._ignored = False, 0
        self._to_take: tuple[object, int] = (None, 0)
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or tell that there is none; then the head of a request has to come."""
        super().connection_made(transport)
        host, port = self.client or ("", 0)
        client = client_of(host, "", self._proxies)
        if is_one_of(host, self._proxies):  # each of its connections counts for itself
            client += f" {port}"
        if self._places.take(client):
            self._holds = client
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            self._timer = self.loop.call_later(self._settings.taken_seconds, self._look)
        elif len(self.connections) < self._settings.most_connections + _MOST_TOLD:
            self._say(
                503, "too many connections", "Close some, and come back in a few seconds.", [(b"retry-after", b"5")]
            )
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        if self._timer is not None:
            self._timer.cancel()
        if self._holds:
            self._places.give(self._holds)
            self._holds = ""

    def data_received(self, data: bytes) -> None:
        """Read on. The time for a head goes on until the head is whole, however many bytes of it come."""
        if not self._over:
            self.conn.receive_data(data)
            return self.handle_events()
        self._ignored += len(data)
        return self.transport.abort() if self._ignored > _LINGER_BYTES else None

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer a client that has asked and says no more; one that goes before it has asked, or while it listens, is
        gone.
        """
        may_wait = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_started
        waits = may_wait and not self._settings.gone_at_eof
        if waits:
            self.cycle.keep_alive = False
        return waits

    def _should_upgrade(self) -> bool:
        return False  # no page here speaks through a socket

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        if getattr(sys.exc_info()[1], "error_status_hint", 400) == 431:
            return self._say(
                431, "the headers of the request are too long", "Send fewer or shorter ones, and a shorter address."
            )
        return self._say(400, "the request is not HTTP that can be read", "Send it as HTTP/1.1.")

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that asks nothing; one that has begun to ask is told why."""
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            return self._say(408, "the head of the request came too slowly", "Send it whole.")
        return super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """End at once what would go on for long: an answer that is sent bit by bit, and who is being told off."""
        if self._over:
            return self.transport.abort()
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            return self.transport.close()
        return super().shutdown()

    def _look(self) -> None:
        """Cut a connection that does not take its answer, for it holds memory."""
        cycle, left = self._to_take
        now = self.transport.get_write_buffer_size()
        if now and left and self.cycle is cycle and now > left - _LEAST_TAKEN:
            return self.transport.abort()
        self._to_take = (self.cycle, now)
        self._timer = self.loop.call_later(self._settings.taken_seconds, self._look)
        return None

    def _say(self, status: int, words: str, fix: str, more: list[tuple[bytes, bytes]] | None = None) -> None:
        """Answer without the application and close; what still comes is not read, so that the answer arrives."""
        self._over = True
        self._unset_keepalive_if_required()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # an answer is under way or sent
            return self.transport.close()
        body = problem_bytes(status, words, fix)
        own = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        said = h11.Response(
            status_code=status,
            headers=[*self.server_state.default_headers, *own, *HEADERS, *(more or [])],
            reason=STATUS_PHRASES[status],
        )
        for event in (said, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
        return None
