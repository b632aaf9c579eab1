"""What keeps the code readable: few parameters, short files, short lines."""

import ast
import functools
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "leadtime"
MOST_PARAMETERS, MOST_LINES, MOST_CHARACTERS = 6, 400, 120
FOLDERS = ("src", "tests", "benchmarks", "calibration", "faults", "scripts", "docs")


def parameters(function):
    """Return the names of what a function takes, `self` and `cls` aside; `*args` and `**kwargs` are not named."""
    a = function.args
    found = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    return found[1:] if found[:1] in (["self"], ["cls"]) else found


def declares(function):
    """Return whether a decorator makes a question or a command of a function: its parameters are the declaration."""
    makers = [ast.unparse(d.func) for d in function.decorator_list if isinstance(d, ast.Call)]
    return any(m == "question" or m.endswith((".command", ".callback")) for m in makers)


@functools.cache
def commands():
    """Return the functions that the command line registers by name: module and function."""
    calls = [n for n in ast.walk(ast.parse((SOURCE / "cli" / "__init__.py").read_text())) if isinstance(n, ast.Call)]
    registered = [c for c in calls if isinstance(c.func, ast.Call) and ast.unparse(c.func.func).endswith(".command")]
    return {ast.unparse(c.args[0]) for c in registered}


def fields(tree):
    """Return the fields of each dataclass of a module."""
    return [
        {f.target.id for f in c.body if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)}
        for c in ast.walk(tree)
        if isinstance(c, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in c.decorator_list)
    ]


def long_lists(path, text):
    """Return the functions of a file that take more than six, by line.

    Left out are declarations: questions, commands, what fills a dataclass by the names of its fields, and the library's
    own door, the methods of `Study`, which take what the questions take.
    """
    tree = ast.parse(text)
    filled = fields(tree)
    for n in ast.walk(tree):
        if not isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        names = parameters(n)
        if len(names) <= MOST_PARAMETERS:
            continue
        name = getattr(n, "name", "lambda")
        door = path.parent.name == "study"
        if not (
            (not isinstance(n, ast.Lambda) and declares(n))
            or f"{path.stem}.{name}" in commands()
            or any(set(names) <= f for f in filled)
            or door
        ):
            yield f"{path.name}:{n.lineno} {name} takes {len(names)}"


def test_no_function_takes_more_than_six_unless_it_declares():
    files = sorted(SOURCE.rglob("*.py"))
    assert [x for f in files for x in long_lists(f, f.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("def f(a, b, c, d, e, f): ...", 0),
        ("def f(a, b, c, d, e, f, g): ...", 1),
        ("class A:\n def f(self, a, b, c, d, e, f): ...", 0),
        ("class A:\n async def f(self, a, b, c, *, d, e, f, g): ...", 1),
        ("@question('x')\ndef f(a, b, c, d, e, f, g): ...", 0),
        ("@cached('x')\ndef f(a, b, c, d, e, f, g): ...", 1),
        ("@dataclass\nclass A:\n a: int\n b: int\n c: int\n d: int\n e: int\n f: int\n g: int\n"
         "def a(a, b, c, d, e, f, g): ...\ndef b(a, b, c, d, e, f, h): ...", 1),
    ],
)  # fmt: skip
def test_long_lists_are_found(text, n):
    assert len(list(long_lists(SOURCE / "some.py", text))) == n


def files(*endings):
    """Return the files that git knows, or that are new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:  # an unpacked archive has no repository
        return [p for folder in FOLDERS for e in endings for p in (ROOT / folder).rglob(f"*{e}")]
    return [ROOT / p for p in listed.stdout.split("\0") if p.endswith(endings) and (ROOT / p).exists()]


def test_no_file_of_code_has_more_than_four_hundred_lines():
    sizes = {p.relative_to(ROOT): len(p.read_text(encoding="utf-8").splitlines()) for p in files(".py")}
    assert len(sizes) > 500
    assert {str(p): n for p, n in sizes.items() if n > MOST_LINES} == {}


def test_the_linter_holds_the_length_of_lines_and_nothing_is_let_off():
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert ruff["line-length"] == MOST_CHARACTERS
    ignored = {*ruff["lint"]["ignore"], *(r for rules in ruff["lint"]["per-file-ignores"].values() for r in rules)}
    assert "E" in ruff["lint"]["select"] and not ignored & {"E", "E5", "E501"}
    let_off = "E501"
    found = [p for p in files(".py") if p != Path(__file__) and let_off in p.read_text(encoding="utf-8")]
    assert found == []
