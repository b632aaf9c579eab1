"""Connections of the server: what it answers itself, how long it waits, and that one client leaves places to others."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from leadtime.web.clients import Places
from web_client import API

PROMISED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)
SERVER = """
import json, sys
from leadtime.web.app import run
from leadtime.web.settings import Settings
run(Settings(**json.loads(sys.argv[1])))
"""


class Served:
    """A server in a process of its own, with short times and few places."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        folder = tempfile.mkdtemp()
        own = {
            "port": self.port,
            "method": "map",
            "draws": 200,
            "database": f"sqlite:///{folder}/jobs.sqlite3",
            "head_seconds": 1.0,
            "body_seconds": 1.0,
            "taken_seconds": 0.7,
            "most_connections": 60,
            "most_each": 40,
        }
        self.log = Path(folder, "log").open("w+")  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, json.dumps(own)], stdout=self.log, stderr=self.log
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                self.open().close()
                return
            time.sleep(0.1)
        raise AssertionError(self.said())

    def open(self, source="127.0.0.4", buffer=None):
        s = socket.socket()
        try:
            if buffer:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            s.bind((source, 0))
            s.settimeout(10)
            s.connect(("127.0.0.1", self.port))
        except OSError:
            s.close()
            raise
        return s

    def ask(self, text, source="127.0.0.4"):
        with self.open(source) as s:
            s.sendall(text)
            return rest(s)

    def said(self):
        self.log.seek(0)
        return self.log.read()


def rest(s):
    """All that comes until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := s.recv(65536):
            found += part
    return found


def told(answer):
    """Status and problem of an answer of the web server itself, with the headers that are promised."""
    head, _, body = answer.partition(b"\r\n\r\n")
    for name in (*PROMISED, "content-length", "connection: close", "content-type: application/problem+json"):
        assert name in head.decode().lower(), head
    return int(head.split()[1]), json.loads(body)["title"]


GET = b"GET /none HTTP/1.1\r\nhost: 127.0.0.1\r\n"  # needs no study, and answers 404


@pytest.fixture(scope="module")
def served():
    found = Served()
    yield found
    found.process.send_signal(signal.SIGTERM)
    try:
        found.process.wait(10)
    finally:
        found.process.kill()
        found.log.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", 400),
        (GET + b"a: " + b"b" * 300_000, 431),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", 400),
        (b"GET /" + b"a" * 20_000, 431),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n", 400),
    ],
)
def test_what_the_web_server_answers_itself_is_in_words_with_the_headers(served, sent, status):
    assert told(served.ask(sent))[0] == status


def test_a_connection_that_says_too_little_is_closed(served):
    began = time.monotonic()
    with served.open() as silent, served.open() as slow, served.open() as kept:
        kept.sendall(GET + b"\r\n")
        with contextlib.suppress(OSError):
            for byte in GET * 3:  # half a minute of a byte now and then
                slow.sendall(bytes([byte]))
                slow.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    if slow.recv(1, socket.MSG_PEEK):
                        break
        assert told(rest(slow)) == (408, "the head of the request came too slowly")
        assert rest(silent) == b"" and rest(kept).startswith(b"HTTP/1.1 404")
    assert time.monotonic() - began < 5


def test_a_body_that_trickles_or_is_not_http_is_cut_off(served):
    head = b"POST /api/v1/jobs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    assert served.ask(head + b"content-length: 99\r\n\r\n{").startswith(b"HTTP/1.1 408")
    assert told(served.ask(head + b"transfer-encoding: chunked\r\n\r\nzz\r\n"))[0] == 400
    with served.open() as s:  # refused, while more of the body comes
        s.sendall(head.replace(b"127.0.0.1", b"evil.example") + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n")
        time.sleep(0.1)
        s.sendall(b"zz\r\n")
        assert rest(s).startswith(b"HTTP/1.1 421")
    whole = (
        head + b"transfer-encoding: chunked\r\nexpect: 100-continue\r\nconnection:"
        b" close\r\n\r\n2;a=b\r\n{}\r\n0\r\nx-trailer: 1\r\n\r\n"
    )
    assert re.match(rb"(HTTP/1.1 100 .*?\r\n\r\n)?HTTP/1.1 422", served.ask(whole), re.DOTALL)


def test_a_reader_who_goes_leaves_no_trace(served):
    before = served.said()
    for path, kind in (
        (b"/api/v1/studies", b"application/json"),
        (b"/own/table", b"application/x-www-form-urlencoded"),
    ):
        for gone in (socket.SHUT_WR, socket.SHUT_RDWR):
            with served.open() as s:
                s.sendall(
                    b"POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: %s\r\ncontent-length: 999\r\n\r\n{"
                    % (path, kind)
                )
                time.sleep(0.1)
                s.shutdown(gone)
                assert rest(s) == b"" if gone == socket.SHUT_WR else True
    served.ask(GET.replace(b"127.0.0.1", b"x") + b"upgrade: websocket\r\nconnection: upgrade, close\r\n\r\n")
    assert served.said() == before == ""


def test_requests_in_a_row_are_answered_in_a_row(served):
    found = served.ask((GET + b"\r\n") * 4 + GET + b"connection: close\r\n\r\n")
    assert found.count(b"HTTP/1.1 404") == 5 and found.endswith(b"}")
    with served.open() as s:
        for _ in range(3):
            time.sleep(0.7)  # together longer than a connection may be silent
            s.sendall(GET + b"\r\n")
            found = b""
            while not found.endswith(b"}"):
                found += s.recv(65536)
            assert found.startswith(b"HTTP/1.1 404")


def test_who_has_asked_and_says_no_more_is_answered(served):
    for path in (b"/none", b"/api/v1/evidence"):
        with served.open() as s:
            s.sendall(b"GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" % path)
            s.shutdown(socket.SHUT_WR)
            assert rest(s)[:12] in (b"HTTP/1.1 404", b"HTTP/1.1 200")


def test_a_reader_who_takes_nothing_is_closed(served):
    many, heavy = 80, b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n"
    answer = served.ask(heavy + b"connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and many * len(answer) > 8_000_000
    with served.open(source="127.0.0.3", buffer=4096) as s:
        s.sendall((heavy + b"\r\n") * many)  # of whose answers the kernel takes a few
        time.sleep(2.5)  # longer than two looks at it
        assert rest(s).count(b"HTTP/1.1 200") < many
    assert served.said() == ""


def test_one_client_cannot_take_all_connections(served):
    held = []
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                held.append(served.open(source="127.0.0.2"))
        said = [told(answer) for s in held[40:60] if (answer := rest(s))]
        assert said[0] == (503, "too many connections")
        began = time.monotonic()
        assert served.ask(GET + b"connection: close\r\n\r\n").startswith(b"HTTP/1.1 404")
        assert time.monotonic() - began < 5
    finally:
        for s in held:
            s.close()
    assert served.ask(GET + b"connection: close\r\n\r\n", source="127.0.0.2").startswith(b"HTTP/1.1 404")


def test_no_header_makes_a_client_of_another(served):
    asked = GET + b"connection: close\r\nx-forwarded-for: 192.0.2.%d\r\n\r\n"
    said = [served.ask(asked % i, source="127.0.0.1").split()[1] for i in range(130)]
    assert b"429" in said  # a proxy of that address is not named
    assert served.ask(GET + b"connection: close\r\n\r\n").startswith(b"HTTP/1.1 404")


def test_who_waits_is_told_that_the_server_stops(served):  # the last one to use it
    with served.open() as s:
        s.sendall(b"GET /api/v1/backtest?since=2025-01-29 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        assert rest(s).startswith((b"HTTP/1.1 503", b"HTTP/1.1 200"))
    served.process.wait(10)


def test_who_listens_to_a_job_does_so_for_a_while_and_in_bounded_number(web, monkeypatch):
    job = web.post(
        f"{API}/jobs", json={"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 10_000_000}}
    ).json()
    events = f"{API}/jobs/{job['id']}/events"
    try:
        monkeypatch.setattr("leadtime.web.job_routes._LISTEN_SECONDS", 0.5)
        assert "data: " in web.get(events).text  # ends, though the job goes on
        monkeypatch.setattr("leadtime.web.job_routes._LISTEN_SECONDS", 60)
        monkeypatch.setattr(web.app.app.state, "listeners", Places(0, 0))
        assert web.get(events).text.startswith("retry: 5000\n\nevent: ")
    finally:
        web.delete(f"{API}/jobs/{job['id']}")
