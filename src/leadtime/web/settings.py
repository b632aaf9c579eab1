"""How the server runs: where it listens, who may ask, and how much."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from leadtime.errors import LeadtimeError
from leadtime.web.clients import networks

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one server.

    Args:
        host: Address to listen on.
        port: Port.
        token: What a client must send (`Authorization: Bearer ...`, or once as `?token=`); empty asks for none.
        public: Name under which everybody may read it, such as leadtime.example.org, behind a proxy; empty: nobody
            else. Its charts may then stand in pages of other sites.
        database: SQLAlchemy URL of the store of jobs; empty: a SQLite file in the user's cache.
        study: Study folder that is served.
        method: How abilities are fitted where a request does not say.
        draws: Joint draws where a request does not say.
        most_draws: Most draws a request may ask for.
        proxies: Addresses of proxies whose word counts for who asks (`X-Forwarded-For`, `X-Forwarded-Proto`).
        per_minute: Requests a client may make in a minute, on average.
        most_body: Bytes a request may hold.
        head_seconds: How long a connection may take to send the head of its next request.
        body_seconds: How long a client may take to send a request's body.
        taken_seconds: A connection that takes less than some kilobytes of its answer in this time is closed.
        gone_at_eof: Who says no more has gone, and what is computed for him alone ends; else he may wait for his
            answer.
        most_connections: Connections at once.
        most_each: Connections at once of one client.
        most_jobs: Jobs that may wait at once.
        job_hours: How long a finished job is kept.
        warm: Compute the first page before anyone asks.
        editions: Folder of editions that are sent as they are; empty: one in the cache.
        ahead: Ends of so many past months are prepared there when nobody asks.
        wait_seconds: How long a request waits for a computation before it is told to come back.
        page_seconds: How long a page waits for a computation before it shows how far that is.
        request_seconds: How many seconds of the processor a computation for a request may use (elsewhere than on Linux:
            how long it may take); then it is ended.
        most_memory: Bytes that a process which computes may have in memory (on Linux); then it is ended.
    """

    host: str = "127.0.0.1"
    port: int = 8300
    token: str = ""
    public: str = ""
    database: str = ""
    study: Path | None = None
    method: str = "nuts"
    draws: int = 2000
    most_draws: int = 20_000
    proxies: tuple[str, ...] = ()
    per_minute: int = 600
    most_body: int = 2_000_000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    taken_seconds: float = 30.0
    gone_at_eof: bool = False
    most_connections: int = 500
    most_each: int = 250
    most_jobs: int = 20
    job_hours: float = 24.0
    warm: bool = False
    editions: Path | None = None
    ahead: int = 0
    wait_seconds: float = 20.0
    page_seconds: float = 1.0
    request_seconds: float = 180.0
    most_memory: int = 4_000_000_000

    @property
    def is_for_all(self) -> bool:
        """Whether everybody may read it, so that caches on the way may keep what it answers."""
        return bool(self.public) and not self.token

    def checked(self) -> "Settings":
        """Return the settings, or say what is unsafe about them.

        Raises:
            LeadtimeError: It would listen beyond this machine without a token, the token cannot be sent, a proxy is no
                address, or a folder is not there.
        """
        if not is_loopback(self.host) and len(self.token) < 16:
            raise LeadtimeError(
                f"{self.host} is open to other machines, so it needs a token of 16 characters or more",
                where="--host",
                fix="Add --token, or set LEADTIME_TOKEN; or listen on 127.0.0.1.",
            )
        if self.public and not _NAME.fullmatch(self.public):
            raise LeadtimeError(
                f"{self.public!r} is not a host name",
                where="--public",
                fix="Give the name alone, such as leadtime.example.org.",
            )
        if not (self.token.isascii() and self.token.isprintable()):
            raise LeadtimeError(
                "the token has characters that a header cannot carry",
                where="--token",
                fix="Use plain letters, digits and punctuation.",
            )
        networks(self.proxies)
        if self.study is not None and not self.study.is_dir():
            raise LeadtimeError(
                "is not a folder", where=str(self.study), fix="Name a study folder. `leadtime new DIR` makes one."
            )
        return self


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
