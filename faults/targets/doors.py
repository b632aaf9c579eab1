"""The doors: the command line, SQL, and the server's queries and bodies."""

import asyncio
import contextlib
import functools
import io
import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from faults.targets import Target
from faults.targets.oracle import folder

_COMMANDS = (
    "rules status h20 --to CHN --on 2025-05-01",
    "rules status --to CHN --on 2025-05-01 --tpp 4800 --die-area 814 --json",
    "rules timeline --since 2026-01-01 --of USA",
    "rules tariffs --good semiconductors --from CHN --on 2026-11-01",
    "rules show bis-2025-01-ai-diffusion --json",
    "evidence models --where deepseek --csv",
    "evidence organizations --as-of 2025-01-29 --json",
    "evidence --schema chips",
    "cost deepseek-v3 --as-of 2025-03-01",
    "cost --flop 3e24 --chip h800 --mfu 0.4",
    "cost gpt-4 --json",
    "scenario list --levers",
    "claims --help",
    "explain --help",
    "lag --model deepseek-v3 --as-of 2099-01-01",
    "capability --scores x.csv --method eci",
    "check .",
    "sql 'select 1'",
    "import csv --template scores",
)
#: First words whose commands are quick and write nothing; any other is put as an argument of `rules`.
_SAFE = {"rules", "evidence", "cost", "claims", "explain", "check", "scenario", "import", "sql"}
_BARRED = (
    "run",
    "sweep",
    "sensitivity",
    "batch",
    "inspect",
    "lm-eval",
    "epoch",
    "calibrate",
    "--into",
    "--out",
    "--to-dir",
)


def _command_seeds() -> Iterator[bytes]:
    yield from (c.encode() for c in _COMMANDS if c.split()[0] in _SAFE)


def _command(data: bytes) -> None:
    from leadtime.cli import app
    from leadtime.errors import LeadtimeError

    try:
        arguments = shlex.split(data.decode("utf-8", "surrogateescape").replace("\x00", ""))
    except ValueError:
        raise LeadtimeError("no shell would pass this on") from None
    if not arguments or arguments[0] not in _SAFE or any(a in _BARRED for a in arguments):
        arguments = ["rules", *(a for a in arguments if a not in _BARRED)]
    if arguments[0] in ("claims", "explain") and "--help" not in arguments:
        arguments = ["evidence", *arguments]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), contextlib.chdir(folder()):
        try:
            app(arguments, standalone_mode=True)
        except SystemExit as done:
            assert done.code in (0, 1, 2, None), f"exit {done.code}"
            if done.code in (1, 2):
                raise LeadtimeError("refused") from None
    before = arguments[arguments.index("--json") - 1] if "--json" in arguments else "-"
    if not before.startswith("-") and out.getvalue().strip():  # after an option it may be the option's value
        json.loads(out.getvalue(), parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} in JSON")


def _sql_seeds() -> Iterator[bytes]:
    yield b"select count(*) from scores"
    yield b"select m.id, max(s.score) from scores s join models m on s.model = m.id group by 1 order by 2 desc limit 5"
    yield b"with x as (select * from chips) select name, row_number() over (order by id) from x"
    yield b"select unnest([1, 2]), {'a': 1}, interval 1 day, date '2025-01-01', 1e308 * 10, 'nan'::double, 1::hugeint"


@functools.cache
def _study() -> Any:
    from leadtime.study import Study

    return Study(method="map", draws=50)


def _sql(data: bytes) -> None:
    from leadtime.answers.plain import records
    from leadtime.errors import LeadtimeError
    from leadtime.extract import results
    from leadtime.extract.sql import ask

    text = data.decode("utf-8", "replace")
    if any(name in text.lower() for name in results.RESULTS):
        raise LeadtimeError("a table of results is computed: not here")
    found = ask(_study(), text, seconds=0.3)
    json.dumps(records(found), default=str, allow_nan=False)
    found.write_csv()


class Served:
    """An application, asked in this process without a socket."""

    def __init__(self, app: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.app = app
        self.loop.run_until_complete(self._live())

    async def _live(self) -> None:
        began = asyncio.Event()
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await inbox.put({"type": "lifespan.startup"})

        async def send(message: Any) -> None:
            began.set()

        self.task = asyncio.create_task(
            self.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, inbox.get, send)
        )
        await began.wait()

    def ask(
        self,
        method: str,
        path: str,
        query: bytes,
        body: bytes,
        kind: bytes,
        more: Sequence[tuple[bytes, bytes]] = (),
    ) -> tuple[int, bytes]:
        """Return status and body of an answer."""
        sent: list[Any] = []
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"host", b"127.0.0.1"),
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"origin", b"http://127.0.0.1"),
            *more,
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "replace"),
            "query_string": query,
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "root_path": "",
        }
        self.loop.run_until_complete(self.app(scope, receive, send))
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])


@functools.cache
def _server() -> Served:
    from leadtime.web.app import create
    from leadtime.web.settings import Settings

    database = f"sqlite:///{folder()}/jobs.sqlite3"
    settings = Settings(method="map", draws=50, per_minute=10**9, database=database, most_jobs=0, wait_seconds=0.5)
    return Served(create(settings))


#: What is computed at once; the others take seconds the first time, and are asked by schemathesis in the tests.
_QUICK = (
    "/rules/status",
    "/rules/timeline",
    "/rules/diff",
    "/rules/tariffs",
    "/rules/show/h20-rule",
    "/cost",
    "/cost/network",
    "/evidence/models",
    "/evidence/chips",
    "/scenarios/levers",
    "/explain",
    "/jobs/0123456789abcdef0123456789abcdef",
    "/studies/0123456789abcdef0123456789abcdef",
)


def _query_seeds() -> Iterator[bytes]:
    for i, query in enumerate(
        (
            "chip=h20&to=CHN&on=2025-05-01",
            "since=2026-01-01&as_known=2026-05-01",
            "since=2025-12-01&to=2026-02-01&chip=h20&chip=a100",
            "good=semiconductors&origin=CHN&on=2026-11-01",
            "as_of=2026-01-01",
            "model=deepseek-v3&seed=1&draws=50",
            "config=%7B%22model_type%22:%22llama%22,%22hidden_size%22:64,%22num_hidden_layers%22:2%7D&sequence=4096",
            "where=deepseek&as_of=2025-01-29",
            "where=h20",
            "",
            "",
            "",
            "",
        )
    ):
        yield bytes((65 + i,)) + query.encode()
    yield b"FflopX=1&flop=3e24&chip=h800&mfu=0.4&days=50"


def _query(data: bytes) -> None:
    path = "/api/v1" + _QUICK[(data[0] if data else 0) % 65 % len(_QUICK)]
    query = bytes(b for b in data[1:] if 32 < b < 127)
    _fine(*_server().ask("GET", path, query, b"", b"text/plain"))


def _fine(status: int, body: bytes) -> None:
    from leadtime.errors import LeadtimeError

    assert status < 500 or status == 503, f"{status}: {body[:300]!r}"
    if status >= 400:
        found = json.loads(body)
        assert {"title", "status"} <= found.keys() or "title" in found or "detail" in found, found
        raise LeadtimeError(str(status))
    if body[:1] in b"{[":
        json.loads(body, parse_constant=_no_constant)


def _body_seeds() -> Iterator[bytes]:
    yield b"J" + json.dumps({"answer": "scenario_draws", "parameters": {"names": ["as-is"], "n": 100000}}).encode()
    yield b"J" + json.dumps({"answer": "backtest", "parameters": {"since": ["2025-01-29"], "seed": 1}}).encode()
    yield (
        b"S"
        + json.dumps(
            {"files": {"scenarios/mine.yaml": "title: A\nnarrative: B\nbase: as-is\nlevers: {uptake: 0}\n"}}
        ).encode()
    )
    yield (
        b"S"
        + json.dumps(
            {"files": {"evidence/scores.csv": "model,benchmark,score\nx,y,0.5\n", "claims/a.yaml": "- id: x\n"}}
        ).encode()
    )
    yield b"F" + b"table=scores&text=model%2Cbenchmark%2Cscore%0Ax%2Cy%2C0.5"
    yield b"L" + b"names=as-is&n=100000&sets=uptake%3D0&base=as-is"


def _body(data: bytes) -> None:
    where, kind = {
        b"J": ("/api/v1/jobs", b"application/json"),
        b"S": ("/api/v1/studies", b"application/json"),
        b"F": ("/own/table", b"application/x-www-form-urlencoded"),
        b"L": ("/what-if/long", b"application/x-www-form-urlencoded"),
    }.get(data[:1], ("/api/v1/jobs", b"application/json"))
    status, body = _server().ask("POST", where, b"", data[1:], kind)
    assert status < 500 or status == 503, f"{status}: {body[:300]!r}"
    if status >= 400:
        from leadtime.errors import LeadtimeError

        raise LeadtimeError(str(status))


TARGETS = (
    Target(
        name="command-line",
        what="arguments of commands",
        seeds=_command_seeds,
        check=_command,
        words=(
            "--to",
            "--on",
            "--tpp",
            "--json",
            "--as-of",
            "--study",
            "--flop",
            "--chip",
            "--hq",
            "--seed",
            "--draws",
            "--where",
            "--mfu",
            "--days",
            "--config",
        ),
    ),
    Target(
        name="sql",
        what="`leadtime sql`",
        seeds=_sql_seeds,
        check=_sql,
        words=(
            "select",
            "from",
            "scores",
            "models",
            "chips",
            "join",
            "on",
            "group by",
            "union all",
            "array",
            "json",
            "::date",
            "read_csv('/etc/passwd')",
            "pragma",
            "attach",
        ),
    ),
    Target(
        name="api-query",
        what="queries of the API",
        seeds=_query_seeds,
        check=_query,
        words=(
            "chip",
            "to",
            "on",
            "as_of",
            "as_known",
            "model",
            "where",
            "config",
            "%22",
            "%7B",
            "draws",
            "seed",
            "flop",
            "mfu",
            "hq",
        ),
    ),
    Target(
        name="api-body",
        what="bodies sent to the server",
        seeds=_body_seeds,
        check=_body,
        words=(
            "answer",
            "parameters",
            "files",
            "onto",
            "names",
            "n",
            "scenarios/mine.yaml",
            "evidence/scores.csv",
            "claims/a.yaml",
            "rules/a.yaml",
            "lag",
            "sweep",
        ),
    ),
)
