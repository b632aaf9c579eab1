"""What SECURITY.md promises of the source, checked on its syntax; and that each promise names a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "leadtime"
FILES = {
    p.relative_to(SOURCE).as_posix(): ast.parse(p.read_text(encoding="utf-8")) for p in sorted(SOURCE.rglob("*.py"))
}
#: Where a module that can run, load or reach things is used, and why that is no way in. Nowhere else.
ALLOWED_IMPORTS = {
    "subprocess": {
        "extract/sql.py": "one query in a process of its own: our module, no word of a user's among its arguments"
    },
    "multiprocessing": {
        "web/workers.py": (
            "our own function in a process of ours, which speaks to it through a pipe that no one else has"
        )
    },
    "urllib3": {"importers/fetch.py": "what `leadtime fetch` is for", "importers/deadline.py": "that it ends"},
    "distributed": {"cluster.py": "a cluster that the user names"},
    "uvicorn": {"web/listening.py": "the server", "web/connections.py": "the server's connections"},
    "h11": {"web/connections.py": "the server's connections"},
    "fastapi": {"web/": "the server", "mcp/asked.py": "the words for what is wrong with a request"},
    "starlette": {"web/": "the server", "mcp/http.py": "the server of assistants"},
    "mcp": {"mcp/": "the protocol of assistants"},
    "mcp_types": {"mcp/": "the protocol of assistants"},
    "importlib": {"": "names of our own modules: the arguments are texts in the source, see below"},
}
FORBIDDEN_IMPORTS = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "code",
    "codeop",
    "ctypes",
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "telnetlib",
    "socketserver",
    "http.server",
    "xml",
    "lxml",
    "pty",
    "runpy",
    "yaml",
}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "os.execv",
    "os.spawnv",
    "builtins.eval",
    "builtins.exec",
}
#: What opens a file or a folder by its name, and where that is done outside of `stranger.py`: with the reason why no
#: stranger wrote it.
OPENERS = {
    "open",
    "read_text",
    "read_bytes",
    "iterdir",
    "glob",
    "rglob",
    "walk",
    "scandir",
    "listdir",
    "is_file",
    "exists",
    "stat",
    "lstat",
    "read_csv",
    "scan_csv",
    "read_parquet",
    "scan_parquet",
    "read_ipc",
    "scan_ipc",
    "read_json",
    "read_excel",
    "ZipFile",
    "copytree",
    "copyfile",
    "np.load",
    "json.load",
    "tomllib.load",
    "shutil.copy",
    "shutil.move",
}
OURS, WRITES, CACHE = (
    "files that ship",
    "looks at the place that it writes",
    "the user's own cache, and the server's own folder there",
)
OPENED_IN = {
    "importers/archive.py": "a file that `stranger` opened",
    "importers/fetch.py": WRITES,
    "importers/outcome.py": WRITES,
    "importers/lm_eval_run.py": OURS,
    "importers/hub.py": OURS,
    "importers/lm_eval.py": "whether it is a file or a folder",
    "importers/lm_eval_samples.py": "whether it is a file or a folder",
    "importers/results.py": "whether it is a file or a folder",
    "brought/helm.py": OURS,
    "importers/epoch.py": OURS,
    "rules/batch.py": WRITES,
    "parquet.py": "a file that `stranger` looked at, once its footer is read",
    "extract/sql.py": "a folder of its own for the moment",
    "extract/sql_process.py": "a folder of its own for the moment",
    "web/places.py": CACHE,
    "web/database.py": "the database that the server was given",
    "web/store.py": "asks a database whether a row is there",
    "web/editions.py": "editions that the server or its owner wrote: each file is sent by its sum alone",
    "web/watch.py": "what the system says of a process of ours",
    "extract/export.py": WRITES,
    "report/page.py": WRITES,
    "whole.py": WRITES,
    "folder/make.py": WRITES,
    "cli/report.py": "what it has just written",
    "importers/numbered.py": "looks whether a folder is a link, and renames it",
    "web/studies.py": "the folder of a saved study, which the server wrote",
    "capability/cache.py": CACHE,
    "capability/items/stream.py": "a folder of its own for the moment",
    "cli/doctor.py": CACHE,
    "scenario/ensemble.py": CACHE,
    "claims/then.py": OURS,
    "backtest/simulated.py": OURS,
    "effect/kept.py": "what ships with the package, and the code of the package",
    "published/shipped.py": OURS,
    "backtest/monthly.py": OURS,
    "backtest/kept.py": OURS,
    "evidence/ready.py": "what ships with the package, its own tables and the code of the package",
    "report/html.py": OURS,
    "rules/log.py": OURS,
    "schemas/__init__.py": OURS,
    "scenario/files.py": OURS,
    "scenario/profiles.py": OURS,
    "update/addresses.py": OURS,
    "update/configs.py": OURS,
    "evidence/csv_rows.py": "rows of bytes that were read",
    "rules/batch_lines.py": "rows of bytes that were read",
    "held.py": "a lock file beside what is written",
    "memo/pdf.py": OURS,
    "cli/__init__.py": "the device that takes all output",
    "cli/calibrate.py": WRITES,
    "cli/taking.py": WRITES,
    "extras.py": "how the package itself was installed",
    "mcp/pages.py": OURS,
    "report/glossary.py": OURS,
    "web/brought.py": "rows of bytes that were read",
    "report/editions.py": OURS,
    "web/filled.py": OURS,
    "claims/ledger.py": OURS,
    "answers/names.py": OURS,
    "cli/terminal.py": "`Rulebook.open`",
    "rules/conditions.py": "`ast.walk`, in a condition of a rule",
}
#: Where text becomes markup as it is.
MARKUP = {
    ("report/html.py", "rendered"): "what a template of ours made, which escapes",
    ("report/html.py", "ours"): "our own style and script, and pages that templates made",
    ("report/drawn.py", "shown"): "an SVG of the library that draws it, which escapes every text of a spec",
    ("report/pages/what_if.py", "marked"): "words of a sentence, escaped, with marks around some of them",
    ("web/filled.py", "around"): "a text in the source, filled in by format, which escapes",
}


def dotted(node):
    """The name of a call, such as `np.load`; what is called on a result, such as `f().close`, is `().close`."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    first = [node.id] if isinstance(node, ast.Name) else ["()"] if parts else []
    return ".".join([*first, *reversed(parts)])


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def calls(tree):
    """Every call with the function it stands in."""

    def within(node, function):
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            if isinstance(child, ast.Call):
                yield inside, dotted(child.func), child
            yield from within(child, inside)

    yield from within(tree, "")


def broken(file, tree):
    """What in a file breaks a promise."""
    for name in imports(tree):
        if any(name == f or name.startswith(f"{f}.") for f in FORBIDDEN_IMPORTS):
            yield f"{file} imports {name}"
        where = ALLOWED_IMPORTS.get(name.split(".")[0])
        if where is not None and not any(file.startswith(place) for place in where):
            yield f"{file} imports {name}"
    for function, name, call in calls(tree):
        says = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
        if any((unsafe_call(name, says), unsafe_import(name, call), unsafe_markup(file, function, name, call))):
            yield f"{file}:{call.lineno} calls {name}"


def unsafe_call(name, says):
    """Runs a text, loads objects, does not check a certificate, or does not escape."""
    loads = (
        says.get("allow_pickle")
        or says.get("shell")
        or says.get("verify") is False
        or says.get("cert_reqs") == "CERT_NONE"
    )
    plain = name.endswith("Environment") and says.get("autoescape") is not True
    return name in FORBIDDEN_CALLS or loads or plain or (name == "YAML" and says.get("typ") not in ("safe", "rt"))


def unsafe_import(name, call):
    """Imports what is put together on the way."""
    plain = (ast.Constant, ast.JoinedStr, ast.Subscript, ast.Name)
    return name.endswith("import_module") and not all(isinstance(a, plain) for a in call.args)


def unsafe_markup(file, function, name, call):
    """Makes markup of a text in another place than those listed."""
    taken = name.endswith("ours") and file in ("report/html.py", "web/filled.py") and not safe_for_ours(call.args[0])
    return taken or (name.endswith("Markup") and (file, function) not in MARKUP)


def safe_for_ours(argument):
    """Our style and script, the policy, or a page that a template made."""
    name = dotted(argument.func) if isinstance(argument, ast.Call) else ""
    return name in ("style", "script", "policy", "body")


def test_source_keeps_the_static_promises():
    assert len(FILES) > 150
    assert [w for file, tree in FILES.items() for w in broken(file, tree)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from pickle import loads",
        "import urllib.request",
        "from urllib import request",
        "import socket",
        "import subprocess",
        "eval(x)",
        "exec(x)",
        "compile(x, '', 'exec')",
        "os.system(x)",
        "np.load(p, allow_pickle=True)",
        "jinja2.Environment()",
        "jinja2.Environment(autoescape=False)",
        "YAML()",
        "YAML(typ='unsafe')",
        "Markup(x)",
        "markupsafe.Markup(x)",
        "pool.request('GET', u, verify=False)",
        "importlib.import_module(given + 'x')",
        "subprocess.run(x, shell=True)",
        "from urllib3 import PoolManager",
        "import ctypes",
    ],
)
def test_a_promise_that_is_broken_is_seen(text):
    assert list(broken("lag/measure.py", ast.parse(text)))


def opened(file, tree):
    """What in a file opens another, or looks at one, by its name."""
    for _, name, call in calls(tree):
        if name in OPENERS or name.split(".")[-1] in OPENERS:
            yield f"{file}:{call.lineno} calls {name}"


def test_files_are_opened_in_one_place_and_where_it_is_said_why_not():
    found = {file: [*opened(file, tree)] for file, tree in FILES.items() if file != "stranger.py"}
    assert {f: c for f, c in found.items() if c and f not in OPENED_IN} == {}
    assert [f for f in OPENED_IN if not found[f]] == []  # a place that opens none any more leaves the list
    for text in (
        "p.read_text()",
        "open(p)",
        "pl.scan_parquet(p)",
        "np.load(p)",
        "folder.glob('*')",
        "os.scandir(p)",
        "shutil.copytree(a, b)",
    ):
        assert [*opened("lag/measure.py", ast.parse(text))]


def test_templates_never_take_a_text_for_markup():
    for path in SOURCE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup", text), path.name
        assert not re.search(r"\son[a-z]+=|javascript:", text), path.name
        plain = re.sub(r'{%.*?%}|"[^"]*"', '""', text, flags=re.DOTALL)
        assert not re.search(r"<\w[^>]*\s[\w-]+=(\{\{|'[^']*\{\{)", plain), (
            f"{path.name}: an attribute without double quotes"
        )
        for script in re.findall(r"<script[^>]*>(.*?)</script>", text, flags=re.DOTALL):
            assert script.strip() in (
                "{{ script }}",
                "{{ data|tojson }}",
                "",
            ), path.name  # of which `tojson` leaves no `<`


#: The words that a button had before; and charts of numbers, whose words are escaped (59-what-if-charts.js).
DRAWN_BY_SCRIPTS = {"innerHTML = label; }, 1500);", "innerHTML = miniChart(row, today);", "innerHTML = svg;"}


def test_scripts_of_pages_write_no_markup():
    for path in sorted((SOURCE / "report" / "templates" / "js").glob("*.js")):
        script = path.read_text(encoding="utf-8")
        written = re.findall(r"(?:innerHTML|outerHTML)\s*=[^=].*", script)
        assert set(written) <= DRAWN_BY_SCRIPTS, path.name
        assert not re.search(r"document\.write|insertAdjacentHTML|\beval\(|new Function|setTimeout\(['\"]", script), (
            path.name
        )


def test_each_promise_of_the_page_names_a_test_that_exists():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promised = text.split("## What is promised")[1].split("## What is not promised")[0]
    items = re.findall(r"^- .*(?:\n  .*)*", promised, flags=re.MULTILINE)
    assert len(items) > 20
    for item in items:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", item)
        assert named, f"no test: {item}"
        for file, name in named:
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), (file, name)
