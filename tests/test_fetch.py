"""Public data brought over a line that is bad: against a server of the test, never the network."""

import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.importers import fetch
from local_server import Answer, LocalServer

BODY = (
    b"Model version,mean_score,stderr,Started at\n"
    b"gpt-5-2025-08-07_high,0.123,0.01,2026-11-01\ngpt-5-2025-08-07_low,0.1,0.01,2026-11-01\n"
)


class Server(LocalServer):
    """One file, after what was told to go wrong first."""

    def __init__(self):
        super().__init__()
        self.body, self.etag, self.failures, self.leads, self.cut = BODY, '"one"', [], [], 0

    def answer(self, path):
        if self.leads:
            return Answer(status=302, location=self.leads.pop(0))
        if self.failures:
            return Answer(status=self.failures.pop(0))
        cut, self.cut = self.cut > 0, max(0, self.cut - 1)
        modified = "Sun, 22 Nov 2026 08:00:00 GMT"
        return Answer(body=self.body, etag=self.etag, modified=modified, sent=20 if cut else None)


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


def bring(server, study, **more):
    return fetch.fetch(f"{server.address}/gpqa_diamond.csv", study, wait_s=0.01, **more)


def test_only_what_changed_is_brought_again(server, tmp_path):
    first = bring(server, tmp_path)
    assert (first.became, first.sha256, str(first.modified_on)) == (
        "new",
        hashlib.sha256(BODY).hexdigest(),
        "2026-11-22",
    )
    assert bring(server, tmp_path).became == "unchanged" and server.asked[-1][1] == '"one"'
    server.body, server.etag = BODY + b"x", '"two"'
    assert bring(server, tmp_path).became == "changed"
    assert (tmp_path / "downloads" / "gpqa_diamond.csv").read_bytes() == server.body


def test_a_copy_that_was_damaged_here_is_brought_whole_again(server, tmp_path):
    bring(server, tmp_path)
    (tmp_path / "downloads" / "gpqa_diamond.csv").write_bytes(b"torn")
    bring(server, tmp_path)
    assert server.asked[-1][1] is None
    assert (tmp_path / "downloads" / "gpqa_diamond.csv").read_bytes() == BODY
    (tmp_path / "downloads" / "downloads.json").write_text("{not json")
    assert bring(server, tmp_path).became == "new"


def test_a_bad_line_is_tried_again_and_then_told(server, tmp_path):
    server.failures = [503, 429]
    assert bring(server, tmp_path).became == "new"
    server.etag, server.cut = '"two"', 2
    assert bring(server, tmp_path).became == "unchanged"
    before = (tmp_path / "downloads" / "gpqa_diamond.csv").read_bytes()
    for failing in ({"failures": [500] * 99}, {"failures": [404]}, {"failures": [], "cut": 99}):
        for name, value in failing.items():
            setattr(server, name, value)
        server.etag += "x"
        with pytest.raises(LeadtimeError) as told:
            bring(server, tmp_path)
        assert "--from FILE" in told.value.fix
    assert (tmp_path / "downloads" / "gpqa_diamond.csv").read_bytes() == before
    assert not list((tmp_path / "downloads").glob("*.partial")) and not list((tmp_path / "downloads").glob(".*"))


@pytest.mark.parametrize(
    ("leads", "failures"),
    [(("http://{}/x",), ()), (("HTTP://{}/x",), ()), (("http://{}/x", "https://{}/x"), ()), (("http://{}/x",), (503,))],
)
def test_a_download_with_tls_is_not_passed_on_to_an_address_without(server, tmp_path, monkeypatch, leads, failures):
    # "https" is spoken in the clear here, as there is no certificate to be had: who is asked, and for what, is the same
    clear = urllib3.HTTPConnectionPool
    monkeypatch.setitem(urllib3.poolmanager.pool_classes_by_scheme, "https", clear)
    host = server.address.removeprefix("http://")
    server.leads = [f"https://{host}/other.csv"]
    assert fetch.fetch(f"https://{host}/gpqa_diamond.csv", tmp_path / "first").n_bytes == len(BODY)
    server.leads, server.failures, server.asked[:] = [lead.format(host) for lead in leads], list(failures), []
    with pytest.raises(LeadtimeError, match="passed on to an address without TLS"):
        fetch.fetch(f"https://{host}/gpqa_diamond.csv", tmp_path / "second", wait_s=0.01)
    assert len(server.asked) == 1  # nothing is said without TLS
    assert list((tmp_path / "second" / "downloads").iterdir()) == []


def test_a_wrong_checksum_and_too_large_a_file_keep_nothing(server, tmp_path, monkeypatch):
    with pytest.raises(LeadtimeError, match="checksum"):
        bring(server, tmp_path, sha256="0" * 64)
    monkeypatch.setattr(fetch, "MOST_BYTES", 10)
    with pytest.raises(LeadtimeError, match="more than"):
        bring(server, tmp_path)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_server_that_is_not_there_or_does_not_answer_is_told(tmp_path, monkeypatch):
    with pytest.raises(LeadtimeError, match="cannot be reached"):
        fetch.fetch("http://127.0.0.1:9/x.csv", tmp_path, wait_s=0.01)
    monkeypatch.setattr(fetch, "READ_S", 0.05)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent, pytest.raises(LeadtimeError):
        fetch.fetch(f"http://127.0.0.1:{silent.server_port}/x.csv", tmp_path, wait_s=0.01)


def test_one_command_brings_the_data_and_shows_what_is_new(server, tmp_path, monkeypatch):
    monkeypatch.setitem(
        __import__("leadtime.importers.epoch", fromlist=["rules"]).rules()["downloads"]["files"],
        "benchmarks",
        "gpqa_diamond.csv",
    )
    arguments = ["fetch", "epoch", "--into", str(tmp_path), "--mirror", server.address]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "2 scores" in first.output and ": new," in first.output
    assert "unchanged" in CliRunner().invoke(app, arguments).output
    server.body, server.etag = BODY.replace(b"0.123", b"0.222"), '"two"'
    again = CliRunner().invoke(app, arguments).output
    assert "(0 new, 1 changed, 0 gone)" in again and "0.123 -> 0.222" in again.replace("\n", " ").replace(
        "       ", " "
    )
    copy = tmp_path / "gpqa_diamond.csv"
    copy.write_bytes(server.body)
    offline = CliRunner().invoke(app, ["fetch", "epoch", "--into", str(tmp_path), "--from", str(copy), "--json"])
    assert {w["became"] for w in conforms("fetch", json.loads(offline.stdout))[0]["written"]} == {"unchanged"}
    online = CliRunner().invoke(app, [*arguments, "--json"])
    assert conforms("fetch", json.loads(online.stdout))[0]["became"] == "unchanged"
    assert isinstance(CliRunner().invoke(app, [*arguments, "--what", "nothing"]).exception, LeadtimeError)
