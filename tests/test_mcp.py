"""The door of assistants: a client of the official SDK asks over pipes and over HTTP, and what may go wrong is told in
words.
"""

import asyncio
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.shared.exceptions import MCPError

import worker_side
from conforms import conforms
from leadtime.answers import registry
from leadtime.answers.answer import Answer, Column, Table
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.mcp import pages, words
from leadtime.mcp.asked import Counter
from leadtime.mcp.server import made
from leadtime.mcp.told import MOST_LETTERS, bounded, text
from leadtime.study import Study
from leadtime.web.settings import Settings
from mcp_side import in_process, over_http, over_pipes, served, takes_file

ASKED = "How far behind was DeepSeek V3?"


@pytest.fixture(scope="module")
def server():
    with served(wait_seconds=2.0) as (app, address):
        yield app, address


async def patient(assistant, name, given):
    """An answer, asked for again while it is computed; and what was said meanwhile."""
    said = []
    while (found := await assistant.call_tool(name, given)).is_error and "Ask the same again" in found.content[0].text:
        said.append(found.content[0].text)
        await asyncio.sleep(0.5)
    return found, said


async def conversation(assistant):
    """All that an assistant does to answer a question of its user."""
    info = {"instructions": assistant.instructions, "server": assistant.server_info.name}
    tools = (await assistant.list_tools()).tools
    lag, said = await patient(assistant, "lag", {"model": "DeepSeek V3"})
    wrong = [await assistant.call_tool(*asked) for asked in WRONG]
    resources = (await assistant.list_resources()).resources
    templates = (await assistant.list_resource_templates()).resource_templates
    read = {uri: (await eventually(assistant.read_resource, uri)).contents for uri in READ}
    missing = [str(await eventually(assistant.read_resource, uri)) for uri in ELSEWHERE]
    prompts = (await assistant.list_prompts()).prompts
    prompt = await assistant.get_prompt(words.PROMPT, {"question": ASKED})
    return {
        **info,
        "tools": tools,
        "lag": lag,
        "said": said,
        "wrong": wrong,
        "resources": resources,
        "templates": templates,
        "read": read,
        "missing": missing,
        "prompts": prompts,
        "prompt": prompt,
    }


async def eventually(read, uri):
    """What is read, once the evidence is loaded."""
    while isinstance(found := await refused(read(uri)), MCPError) and "Ask the same again" in str(found):
        await asyncio.sleep(0.2)
    return found


async def refused(asked):
    try:
        return await asked
    except MCPError as error:
        return error


WRONG = (
    ("lag", {"model": "deepsek-v3"}),
    ("lag", {"modl": "deepseek-v3"}),
    ("lag", {"draws": 10**6}),
    ("lag", {"as_of": "yesterday"}),
    ("lag", {"study": "/etc"}),
    ("capability", {"as_of": "1990-01-01", "model": "deepseek-v3"}),
    ("lag_versus", {"model": "deepseek-v3"}),
)
TOLD = (
    r"there is no model called 'deepsek-v3'\n  Did you mean deepseek-v3",
    r"^modl: there is no such parameter\. Did you mean model\? It takes model, of, behind",
    r"^draws: 1,000,000 is too large\. Expected a whole number, from 2 to 20,000\.$",
    r"^as_of: 'yesterday' is not a date\. Expected a calendar date such as 2025-01-29\.$",
    r"^study: there is no such parameter",
    r"nobody had published a score by 1990-01-01",
    r"^against: it is needed\.",
)
READ = (
    "leadtime://evidence",
    "leadtime://evidence/models",
    "leadtime://evidence/models/201",
    "leadtime://evidence/models/100000",
    "leadtime://limitations",
    "leadtime://methods/lag",
    "leadtime://schemas/lag",
)
ELSEWHERE = (
    "file:///etc/passwd",
    "leadtime://methods/../../pyproject",
    "leadtime://evidence/nothing",
    "leadtime://evidence/models/0",
    "leadtime://evidence/../models",
    "leadtime://schemas/../x",
    "leadtime://",
    "leadtime://methods/%2e%2e/limitations",
)


@pytest.fixture(scope="module", params=["pipes", "http"])
def talked(request):
    if request.param == "pipes":
        return over_pipes(conversation)
    return over_http(conversation, request.getfixturevalue("server")[1])


# -- what an assistant asks
# --------------------------------------------------------------------------------------------------


def test_an_assistant_answers_how_far_behind_deepseek_v3_was(talked):
    found = talked["lag"]
    said, envelope = found.content[0].text, found.structured_content
    assert not found.is_error and said.startswith(envelope["sentence"]) and "DeepSeek-V3" in envelope["sentence"]
    conforms("lag", envelope)
    smoothed = next(r for r in envelope["rows"] if r["definition"] == "age_of_equal_windowed")
    assert smoothed["low"] < smoothed["median"] < smoothed["high"]
    assert f"{smoothed['median']:.1f} ({smoothed['low']:.1f} to {smoothed['high']:.1f})" in said
    assert f"as of {envelope['stamp']['as_of']}" in said and envelope["stamp"]["evidence_hash"] in said
    assert "How it is known: measured." in said and "leadtime://methods/lag" in said
    sources = next(n for n in envelope["notes"] if n.startswith("Sources: "))
    assert sources in said and "https://" in sources
    assert envelope["asked"]["model"] == "deepseek-v3"


def test_an_assistant_finds_a_tool_for_every_question_that_reads_no_file(talked):
    tools = {t.name: t for t in talked["tools"]}
    assert set(tools) == {q.id for q in registry.questions(local=False)}
    for q in registry.questions(local=False):
        tool, takes = tools[q.id], tools[q.id].input_schema
        assert tool.title == q.asks and q.help in tool.description and q.docs in tool.description
        files = {p.name for p in q.parameters if takes_file(p)}
        assert {p.name for p in q.parameters} - files <= set(takes["properties"])
        assert not {*files, "study"} & set(takes["properties"])
        assert set(q.example) <= set(takes["properties"]) and set(takes.get("required", [])) <= set(q.example)
        assert all(p["description"].rstrip().endswith(".") for p in takes["properties"].values())
        assert tool.annotations.read_only_hint and not takes["additionalProperties"]
    assert tools["lag"].input_schema["properties"]["draws"]["maximum"] == Settings().most_draws
    assert len(json.dumps([t.model_dump(mode="json") for t in talked["tools"]])) < 6_000 * len(tools)


def test_what_is_wrong_is_told_so_that_an_assistant_can_mend_it(talked):
    for found, pattern, asked in zip(talked["wrong"], TOLD, WRONG, strict=True):
        assert found.is_error and found.structured_content is None, asked
        assert re.search(pattern, found.content[0].text), (asked, found.content[0].text)


def test_the_evidence_the_methods_and_the_limits_can_be_read(talked):
    read = talked["read"]
    assert {str(r.uri) for r in talked["resources"]} == {
        "leadtime://evidence",
        *(f"leadtime://{n}" for n in pages.names()),
    }
    assert {t.uri_template for t in talked["templates"]} == {
        "leadtime://evidence/{table}",
        "leadtime://evidence/{table}/{first}",
        "leadtime://schemas/{name}",
    }
    tables = {t["table"]: t for t in json.loads(read["leadtime://evidence"][0].text)["tables"]}
    assert set(tables) == set(TABLES) and "period_end" in tables["shipments"]["columns"]
    first, about = read["leadtime://evidence/models"]
    assert first.text.count("\n") == 201 and first.text.startswith("id,name,")
    assert json.loads(about.text)["next"] == "leadtime://evidence/models/201"
    second, past = read["leadtime://evidence/models/201"][0], read["leadtime://evidence/models/100000"][0]
    assert second.text.splitlines()[0] == first.text.splitlines()[0] and second.text != first.text
    assert past.text.count("\n") == 1
    assert read["leadtime://limitations"][0].text.startswith("# What this cannot tell")
    assert "$$" in read["leadtime://methods/lag"][0].text or "\\" in read["leadtime://methods/lag"][0].text
    assert json.loads(read["leadtime://schemas/lag"][0].text)["$id"] == "leadtime.lag/2"


def test_nothing_else_can_be_read(talked):
    assert all(
        re.search("there is no (resource|table|schema|page)|is not the number of a row", said)
        for said in talked["missing"]
    ), talked["missing"]
    assert not any("root:" in said or "[project]" in said for said in talked["missing"])


def test_the_prompt_says_how_to_quote_and_what_cannot_be_said(talked):
    assert [p.name for p in talked["prompts"]] == [words.PROMPT] and talked["server"] == "leadtime"
    assert "interval" in talked["instructions"] and "limitations" in talked["instructions"]
    said = talked["prompt"].messages[0].content.text
    assert said.endswith(f"The question: {ASKED}")
    for tag in ("measured", "estimated from few sources", "simulated", "assumed in part", "the rules as written"):
        assert f"- {tag}:" in said
    assert "Never turn it into a fact" in said and "as-of day" in said and "without the rules" in said


def test_older_clients_are_served_too(server):
    async def talk(assistant):
        found, _ = await patient(assistant, "lag", {"model": "deepseek-v3", "draws": "many"})
        return (
            len((await assistant.list_tools()).tools),
            found.content[0].text,
            await assistant.read_resource("leadtime://limitations"),
        )

    n, said, read = over_http(talk, server[1], mode="legacy")
    assert n == len(registry.questions(local=False)) and said.startswith("draws: 'many' is not a whole number")
    assert in_process(talk, mode="legacy")[:2] == (n, said) and read.contents[0].text.startswith("# What")


def test_a_tool_or_prompt_that_is_not_there_is_told():
    async def talk(assistant):
        asked = (
            assistant.call_tool("lagg", {}),
            assistant.call_tool("lag_items", {}),
            assistant.call_tool("lag all", {}),
            assistant.get_prompt("x"),
        )
        return [str(await refused(a)) for a in asked]

    found = in_process(talk)
    assert "Did you mean lag" in found[0] and "lag_all" in found[2] and all("there is" in f for f in found)


# -- bounds
# ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["http", "pipes"])
def test_what_an_assistant_gave_up_is_ended_and_the_next_begins(server, monkeypatch, way):
    app = server[0]
    desk = app.app.state.desk
    monkeypatch.setattr("leadtime.mcp.asked.put", worker_side.forever)
    given = {"model": "deepseek-v3", "seed": 5 if way == "http" else 6}

    async def talk(assistant):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(assistant.call_tool("lag", given), 1.0)
        return await ended()

    async def ended():
        until = time.monotonic() + 20
        while (desk._slow._running or desk._slow._waiting) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        return not desk._slow._running and not any(a.which.seed == given["seed"] for a in desk._answers.values())

    if way == "http":
        assert over_http(talk, server[1])
    else:  # the client sends a notice, and the server of this process is at the same desk

        async def beside():
            async with Client(made(Counter(desk, app.settings)), mode="legacy") as assistant:
                return await talk(assistant)

        assert asyncio.run(beside())


def test_an_answer_that_others_wait_for_is_not_ended(server, monkeypatch):
    monkeypatch.setattr("leadtime.mcp.asked.put", worker_side.broken)

    async def talk(assistant):
        first = asyncio.create_task(assistant.call_tool("lag", {"seed": 7}))
        second = asyncio.create_task(assistant.call_tool("lag", {"seed": 7}))
        await asyncio.sleep(0.2)
        first.cancel()
        found, _ = (await second, None)
        return found

    found = over_http(talk, server[1])
    said = found.content[0].text  # a failure of ours, or, where the process is slow to start, a word to come back
    assert found.is_error and "given up" not in said and "hunter2" not in said and "/etc" not in said


def test_a_failure_of_ours_tells_an_assistant_nothing(server, monkeypatch):
    monkeypatch.setattr("leadtime.mcp.asked.put", worker_side.broken)
    found, _ = over_http(lambda a: patient(a, "lag", {"seed": 8}), server[1])
    assert found.is_error and found.content[0].text == "this should not have happened\nPlease report it."


def envelope(n, wide=50):
    return {
        "question": "q",
        "rows": [{"a": "x" * wide}] * n,
        "others": [{"b": "y" * wide}] * (n // 2),
        "notes": ["A note."],
        "n": 3,
    }


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 2_000), st.integers(2_000, 60_000))
def test_an_envelope_has_a_size_and_says_what_is_left_out(n, wide, most):
    whole = envelope(n, wide)
    try:
        found = bounded(whole, most, "All of it is there.")
    except LeadtimeError as error:
        assert "too large" in error.what and 2 * wide + 1_000 > most
        return
    assert len(json.dumps(found).encode()) <= most
    cut = [k for k in ("rows", "others") if len(found[k]) < len(whole[k])]
    assert found["notes"][0] == "A note." and len(found["notes"]) == 1 + len(cut)
    assert (found == whole) == (not cut) and all(found[k] == whole[k][: len(found[k])] for k in ("rows", "others"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=400), max_size=40), st.integers(1, 30))
def test_a_text_has_a_size_and_no_cell_makes_another(cells, columns):
    table = Table(
        rows=[{str(i): c for i in range(columns)} for c in cells],
        columns=tuple(Column(key=str(i), title=f"t{i}") for i in range(columns)),
    )
    said = text(Answer(sentence="It is so.", rows=table, tag="recorded", stamp={"version": "1"}), registry.find("lag"))
    assert said.startswith("It is so.") and len(said) <= MOST_LETTERS + 300
    rows = [x for x in said.splitlines() if x.startswith("| ")]
    assert len({x.count("|") for x in rows if not said.endswith("...")}) <= 1 or len(said) > MOST_LETTERS


@given(st.lists(st.integers(1, 4), min_size=1, max_size=20))
def test_what_heads_some_rows_stands_above_each_of_them(sizes):
    rows = [{"year": f"y{i}", "channel": f"c{i}-{j}"} for i, n in enumerate(sizes) for j in range(n)]
    table = Table(rows=rows, columns=(Column(key="channel", title="Channel"),), by="year")
    said = text(Answer(sentence="So.", rows=table, tag="recorded", stamp={"version": "1"}), registry.find("supply"))
    head, told = "", 0
    for line in said.splitlines():
        head = line.strip("*") if line.startswith("**") else head
        if line.startswith("| c"):
            told += 1
            assert line.startswith(f"| c{head[1:]}-")
    assert told >= min(len(rows), 12) and ("more row" in said) == (told < len(rows))


def test_an_assistant_can_tell_the_chips_of_one_year_from_those_of_another():
    asked = registry.find("supply")
    said = text(asked.ask(Study(draws=200), {"country": "CHN"}), asked)
    years = re.findall(r"^\*\*(20\d\d(?: to Q\d)?)\*\*$", said, re.MULTILINE)
    assert years[0] == "2022" and years[-1] >= "2026" and len(said) <= MOST_LETTERS
    assert "more row" not in said.split("**Chips owned")[0]
