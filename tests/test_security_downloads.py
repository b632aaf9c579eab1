"""Attacks on downloads: a server that never ends, that asks for long waits, that names files as it likes."""

import contextlib
import json
import os
import re
import socketserver
import threading
import time

import pytest

from leadtime.errors import LeadtimeError
from readers_side import in_time


class Raw:
    """A server that answers every connection with the same bytes, then sends one byte a moment for ever, or closes."""

    def __init__(self, answer, drip=b""):
        self.asked = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.asked.append(self.request.recv(4096))
                with contextlib.suppress(OSError):
                    self.request.sendall(answer)
                    while drip:
                        self.request.sendall(drip)
                        time.sleep(0.02)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/a.csv"
        threading.Thread(target=self.server.serve_forever, daemon=True, args=(0.05,)).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("answer", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_download_ends_whatever_the_server_does(tmp_path, answer, drip):
    from leadtime.importers import fetch

    with Raw(answer, drip) as server:
        told = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01, within_s=0.3), 5)
    assert isinstance(told, LeadtimeError) and "took longer than 0.3 seconds" in told.what, told
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    "asked", ["99999999", "9" * 5000, "-5", "soon", "Fri, 01 Jan 9999 00:00:00 GMT", "Mon, 01 Jan 1900 00:00:00 GMT"]
)
def test_no_wait_is_longer_than_ours(tmp_path, monkeypatch, asked):
    from leadtime.importers import fetch

    monkeypatch.setattr(fetch, "MOST_WAIT_S", 0.05)
    with Raw(f"HTTP/1.1 503 Busy\r\nRetry-After: {asked}\r\nContent-Length: 0\r\n\r\n".encode()) as server:
        told = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01), 5)
        assert "503" in told.what and len(server.asked) == fetch.TRIES


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "sent compressed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "cut off"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000 + b"\r\n", "cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "cannot be reached|cut off"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /a.csv\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "cannot be reached",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "cannot be reached"),
        (b"SSH-2.0-x\r\n", "cut off"),
        (b"", "cut off"),
    ],
)
def test_an_answer_that_is_none_is_told_and_nothing_is_kept(tmp_path, answer, told):
    from leadtime.importers import fetch

    with Raw(answer) as server:
        error = in_time(lambda: fetch.fetch(server.url, tmp_path, wait_s=0.01, within_s=5))
    assert isinstance(error, LeadtimeError), error
    assert re.search(told, error.what), error
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "x" * 300 + ".csv",
        "a%00.csv",
        "..",
        "%2e%2e%5c%2e%2e%5cx",
        "a\\..\\b",
        "CON",
        "nul.csv",
        "ä" * 200,
        " ",
        "a\nb",
        "",
    ],
)
def test_any_name_of_a_file_is_made_a_usual_one(tmp_path, name):
    from leadtime.importers import fetch

    with Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") as server:
        found = fetch.fetch(server.url.replace("a.csv", name), tmp_path)
    assert (tmp_path / "downloads" / found.file).read_bytes() == b"x"
    assert re.fullmatch(r"[\w%-][\w.%-]{0,120}", found.file) and found.file.split(".")[0].casefold() not in (
        "con",
        "nul",
    )
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == {found.file, "downloads.json"}


def test_a_study_of_a_stranger_does_not_lead_a_download_elsewhere(tmp_path):
    from leadtime.importers import fetch

    (tmp_path / "other").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "downloads").symlink_to(tmp_path / "other")
    (tmp_path / "b" / "downloads").mkdir(parents=True)
    os.mkfifo(tmp_path / "b" / "downloads" / "a.csv")
    (tmp_path / "c" / "downloads").mkdir(parents=True)
    (tmp_path / "c" / "downloads" / "downloads.json").write_text(
        json.dumps(
            [
                {
                    "url": "http://127.0.0.1:9/a.csv",
                    "file": "a\0",
                    "sha256": "",
                    "etag": "a\r\nb: c",
                    "n_bytes": [],
                    "modified_on": "x",
                }
            ]
        )
    )
    for study in ("a", "b", "c"):
        told = in_time(lambda study=study: fetch.fetch("http://127.0.0.1:9/a.csv", tmp_path / study, wait_s=0.01))
        assert isinstance(told, LeadtimeError), told
    for address in ("ftp://a/x", "file:///etc/passwd", "http://", "http://[::1", "x", "http://a\udc00/x"):
        with pytest.raises(LeadtimeError):
            fetch.fetch(address, tmp_path / "d", wait_s=0.01)
    assert list((tmp_path / "other").iterdir()) == []
