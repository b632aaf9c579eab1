"""The server of the protocol: tools, resources and a prompt, whichever way a client comes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import mcp_types as types
from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

import leadtime
from leadtime import schemas
from leadtime.answers.question import Question
from leadtime.answers.registry import questions
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.mcp import evidence, pages, words
from leadtime.mcp.asked import Counter, Refused
from leadtime.mcp.tools import tools

Context = ServerRequestContext[Any, Any]
_SCHEME = "leadtime://"
#: While an answer is computed, a client that wants to is told so after so many seconds, again and again.
_TELL_SECONDS = 5.0
_LISTS = CacheHint(ttl_ms=3_600_000)


def made(counter: Counter) -> Server[Any]:
    """Return the server.

    Args:
        counter: Where questions are put.
    """
    door = _Door(counter)
    return Server(
        "leadtime",
        version=leadtime.__version__,
        title="leadtime",
        instructions=words.INSTRUCTIONS,
        description="Are the US export rules on AI chips working? Numbers, intervals and sources.",
        cache_hints={
            "tools/list": _LISTS,
            "prompts/list": _LISTS,
            "resources/list": _LISTS,
            "resources/templates/list": _LISTS,
        },
        get_tool_input_schema=door.takes,
        on_list_tools=door.list_tools,
        on_call_tool=door.call_tool,
        on_list_resources=door.list_resources,
        on_list_resource_templates=door.list_templates,
        on_read_resource=door.read_resource,
        on_list_prompts=door.list_prompts,
        on_get_prompt=door.get_prompt,
    )


class _Door:
    """What the server does with each request."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self._asked: dict[str, Question] = {}
        self._tools: dict[str, types.Tool] = {}

    def _questions(self) -> dict[str, Question]:
        """Return what can be asked, by the name of its tool; tools are made when that is not as it was."""
        found = {q.id: q for q in questions(local=False)}
        if found.keys() != self._asked.keys():
            self._asked, self._tools = found, {t.name: t for t in tools(self.counter.settings)}
        return self._asked

    def takes(self, name: str) -> dict[str, Any] | None:
        """Return what a tool takes, or None if there is none."""
        return self._tools[name].input_schema if name in self._questions() else None

    async def list_tools(self, context: Context, params: Any) -> types.ListToolsResult:
        """List the questions."""
        self._questions()
        return types.ListToolsResult(tools=[*self._tools.values()])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Answer a question; one that cannot be answered gives words that say why, for the assistant to read."""
        known = self._questions()
        if (question := known.get(params.name)) is None:
            raise MCPError(types.INVALID_PARAMS, str(unknown_name("tool", params.name[:80], known)))
        try:
            async with _telling(context, f"{question.id} is being computed"):
                found = await self.counter.question(_client(context), question, params.arguments or {})
        except Refused as refused:
            return types.CallToolResult(content=[types.TextContent(text=str(refused))], is_error=True)
        return types.CallToolResult(
            content=[types.TextContent(text=found["text"])], structured_content=found["envelope"]
        )

    async def list_resources(self, context: Context, params: Any) -> types.ListResourcesResult:
        """List the evidence and the pages."""
        tables = types.Resource(
            uri=f"{_SCHEME}evidence",
            name="evidence",
            title="Tables of the evidence",
            mime_type="application/json",
            description="Every table: what a row is, how many there are, and what each column means.",
        )
        texts = [
            types.Resource(
                uri=f"{_SCHEME}{name}",
                name=name,
                title=pages.title(name),
                mime_type="text/markdown",
                description="What the numbers cannot say."
                if name == pages.LIMITS
                else "How it is found: equations, choices, limits.",
            )
            for name in pages.names()
        ]
        return types.ListResourcesResult(resources=[tables, *texts])

    async def list_templates(self, context: Context, params: Any) -> types.ListResourceTemplatesResult:
        """List what is read by a name."""
        some = f"{evidence.MOST_ROWS} rows at most, as CSV"
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=f"{_SCHEME}evidence/{{table}}",
                    name="table",
                    title="The first rows of a table",
                    mime_type="text/csv",
                    description=f"{some}; what follows says where the next are.",
                ),
                types.ResourceTemplate(
                    uri_template=f"{_SCHEME}evidence/{{table}}/{{first}}",
                    name="rows",
                    title="Rows of a table from one on",
                    mime_type="text/csv",
                    description=f"{some}, counted from 1.",
                ),
                types.ResourceTemplate(
                    uri_template=f"{_SCHEME}schemas/{{name}}",
                    name="schema",
                    title="What an answer looks like",
                    mime_type="application/schema+json",
                    description="JSON Schema of the answer whose `schema` begins with `leadtime.` and this name.",
                ),
            ]
        )

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Give a table, a page or a schema."""
        uri = str(params.uri)
        try:
            contents = await self._contents(_client(context), uri)
        except (LeadtimeError, Refused) as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=u, mime_type=m, text=t) for u, m, t in contents]
        )

    async def _contents(self, client: str, uri: str) -> list[tuple[str, str, str]]:
        """Return what a resource holds: address, media type and text of each part."""
        kind, *rest = uri.removeprefix(_SCHEME).split("/") if uri.startswith(_SCHEME) else [""]
        match kind, rest:
            case "evidence", []:
                found = await self.counter.evidence(client, "the list of tables", evidence.tables)
                return [(uri, "application/json", _json(found))]
            case "evidence", [table, *first] if len(first) < 2:
                found = await self.counter.evidence(client, "the table", evidence.rows, table[:80], _row(first))
                return [(uri, "text/csv", found["csv"]), (f"{uri}#about", "application/json", _json(found["about"]))]
            case "schemas", [name]:
                return [(uri, "application/schema+json", _json(schemas.bundled(name[:80])))]
            case _ if (name := uri.removeprefix(_SCHEME)) in pages.names():
                return [(uri, "text/markdown", pages.read(name))]
        known = f"{_SCHEME}evidence, {_SCHEME}schemas/NAME, {', '.join(_SCHEME + n for n in pages.names())}"
        raise LeadtimeError(f"there is no resource {uri[:120]!r}", fix=f"Known: {known}.")

    async def list_prompts(self, context: Context, params: Any) -> types.ListPromptsResult:
        """List the one prompt."""
        question = types.PromptArgument(
            name="question", description="What you want to know, in your words.", required=False
        )
        prompt = types.Prompt(
            name=words.PROMPT, title=words.PROMPT_TITLE, description=words.PROMPT_HELP, arguments=[question]
        )
        return types.ListPromptsResult(prompts=[prompt])

    async def get_prompt(self, context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Give the prompt."""
        given = dict(params.arguments or {})
        question = given.pop("question", "")
        if params.name != words.PROMPT or given or len(question) > 2_000:
            raise MCPError(
                types.INVALID_PARAMS,
                f"there is one prompt, `{words.PROMPT}`, and it takes one `question` of up to 2,000 letters.",
            )
        text = types.TextContent(text=words.prompt(question))
        return types.GetPromptResult(
            description=words.PROMPT_HELP, messages=[types.PromptMessage(role="user", content=text)]
        )


def _client(context: Context) -> str:
    """Return who asks: over HTTP as the guard counts clients, else whoever started the server."""
    return str(context.request.state.client) if context.request is not None else "who started it"


def _row(first: list[str]) -> int:
    if not first:
        return 1
    if not (first[0].isascii() and first[0].isdigit() and 0 < len(first[0]) < 10 and int(first[0]) > 0):
        raise LeadtimeError(f"{first[0][:80]!r} is not the number of a row", fix="Expected a whole number from 1.")
    return int(first[0])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextlib.asynccontextmanager
async def _telling(context: Context, said: str) -> AsyncIterator[None]:
    """Tell a client that asked to be told, again and again, that its answer is on the way."""

    async def tell() -> None:
        n = 0
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            n += 1
            await context.session.report_progress(n * _TELL_SECONDS, None, said)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await telling
