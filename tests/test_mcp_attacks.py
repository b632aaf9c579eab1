"""Attacks on the door of assistants: other sites, other names, wrong bodies, and parameters that lead out."""

import asyncio
import json

import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from starlette.testclient import TestClient
from typer.testing import CliRunner

from leadtime.answers import registry
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.mcp import pages
from leadtime.mcp.http import create
from leadtime.mcp.tools import parameters
from leadtime.web.settings import Settings
from mcp_side import QUICK, served, takes_file

ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
AS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture(scope="module")
def door():
    with TestClient(create(Settings(**QUICK)), base_url="http://127.0.0.1", raise_server_exceptions=False) as c:
        yield c


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:8301"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://127.0.0.1"}, 200),
        ({"content-type": "text/plain"}, 400),
        ({"accept": "text/html"}, 406),
    ],
)
def test_a_page_of_another_site_or_another_name_reaches_no_tool(door, headers, status):
    found = door.post("/mcp", json=ASK, headers={**AS, **headers})
    assert found.status_code == status and "x-content-type-options" in found.headers
    assert ("tools" in found.text) == (status == 200)


def test_a_server_beyond_this_machine_wants_a_token_of_every_request():
    done = CliRunner().invoke(app, ["mcp", "--http", "--host", "0.0.0.0"])
    assert isinstance(done.exception, LeadtimeError) and "--token" in done.exception.fix
    token = "a-token-of-some-length"
    with served(host="0.0.0.0", token=token) as (_, address):
        found, said = None, []

        async def talk(assistant):
            return len((await assistant.list_tools()).tools)

        async def come(key):
            sends = {"Authorization": f"Bearer {key}"} if key else {}
            async with (
                create_mcp_http_client(sends) as http,
                Client(streamable_http_client(address, http_client=http)) as assistant,
            ):
                return await talk(assistant)

        for key in (token, "another-token-of-it", None):
            try:
                found = asyncio.run(come(key))
            except BaseException as error:
                said.append(error)
    assert found == len(registry.questions(local=False)) and len(said) == 2


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_no_session_is_kept_so_none_can_be_taken(door, method):
    assert door.request(method, "/mcp", headers=AS).status_code == 405
    found = door.post("/mcp", json=ASK, headers={**AS, "mcp-session-id": "of-another"})
    assert found.status_code == 200 and "mcp-session-id" not in found.headers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"\xff\xfe",
        b"1" * 6_000,
        json.dumps([ASK] * 3).encode(),
        json.dumps({**ASK, "method": "tools/call", "params": {"name": "lag", "arguments": [1]}}).encode(),
        json.dumps({**ASK, "method": "tools/call", "params": {"name": ["lag"]}}).encode(),
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lag","arguments":{"model":"\\ud800"}}}',
        json.dumps(
            {**ASK, "method": "tools/call", "params": {"name": "lag", "arguments": {"model": "x" * 10_000}}}
        ).encode(),
        json.dumps(
            {**ASK, "method": "tools/call", "params": {"name": "lag", "arguments": {"model": {"a": [{}] * 9}}}}
        ).encode(),
        json.dumps({**ASK, "method": "nothing/there"}).encode(),
        json.dumps({**ASK, "id": None}).encode(),
    ],
    ids=lambda b: repr(b[:60]),
)
def test_whatever_is_sent_is_told_in_words(door, body):
    found = door.post("/mcp", content=body, headers=AS)
    assert (
        found.status_code in (200, 202, 400, 404, 413)
        and "Traceback" not in found.text
        and "/site-packages/" not in found.text
    )
    assert "error" in found.text.lower() or found.status_code == 202


def test_a_request_has_a_size_and_a_client_a_number_of_them(door):
    assert door.post("/mcp", content=b"x" * 2_100_000, headers=AS).status_code == 413
    with TestClient(create(Settings(**QUICK, per_minute=1)), base_url="http://127.0.0.1") as c:
        status = [c.post("/mcp", json=ASK, headers=AS).status_code for _ in range(60)]
    assert status[0] == 200 and status[-1] == 429


def test_no_parameter_leads_out_of_the_study():
    for q in registry.questions(local=False):
        assert not any(takes_file(p) for p in parameters(q, Settings()).values()), q.name
    assert not any(".." in name or name.startswith("/") for name in pages.names())
    for name in ("../pyproject", "methods/../../README", "/etc/passwd", "limitations.md"):
        with pytest.raises(LeadtimeError, match="there is no page"):
            pages.read(name)


def test_a_client_is_counted_as_the_guard_says(door, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "leadtime.mcp.asked.Counter.question", lambda self, client, q, given: seen.append(client) or _said()
    )
    ask = {**ASK, "method": "tools/call", "params": {"name": "lag", "arguments": {}}}
    assert door.post("/mcp", json=ask, headers={**AS, "x-forwarded-for": "9.9.9.9"}).status_code == 200
    assert seen == ["testclient"]


async def _said():
    return {"text": "It is so.", "envelope": {}}
