"""Every door tells a mistake in its own words, and ends as others expect of a program."""

import ast
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

import leadtime
from conforms import conforms
from leadtime import LeadtimeError, Study
from leadtime.answers.registry import questions
from leadtime.cli import app, main
from leadtime.errors import in_words_of
from studies import quick_study
from terminal_side import typed

SOURCE = Path(leadtime.__file__).parent
TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def study():
    return quick_study()


# -- words
# -------------------------------------------------------------------------------------------------------------------

#: What tells commands alone, whose options are no parameters of Python or of the API.
_OF_COMMANDS = ("cli/", "web/", "update/", "importers/", "extract/", "cluster.py", "report/reproduce.py")


def said_in_errors():
    """Yield every text that an error is made of, by file and line: what stands in the call, and what is called `fix` or
    `what`.
    """
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LeadtimeError"
            named = isinstance(node, ast.Assign) and any(getattr(t, "id", "") in ("fix", "what") for t in node.targets)
            if call or named:
                inner = {id(v) for p in ast.walk(node) if isinstance(p, ast.JoinedStr) for v in p.values}
                for part in ast.walk(node):
                    if isinstance(part, ast.JoinedStr):
                        said = "".join(v.value if isinstance(v, ast.Constant) else "x" for v in part.values)
                        yield name, part.lineno, said
                    elif isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inner:
                        yield name, part.lineno, part.value


TOLD = sorted({(f, n, t) for f, n, t in said_in_errors() if re.search(r"(?<!\w)--[a-z]", t)})


def test_errors_name_options_in_many_places():
    assert len(TOLD) > 40 and {f for f, _, _ in TOLD} > {"backtest/run.py", "cost/stand_in.py"}


@pytest.mark.parametrize(("file", "line", "text"), [t for t in TOLD if not t[0].startswith(_OF_COMMANDS)])
def test_no_error_names_an_option_to_who_gave_none(file, line, text):
    whole = r"`[^`]* [^`]*`"  # a command to give stays a command in every door
    for door, form in (("python", r"[a-z_]+=?"), ("http", "[a-z_]+")):
        left = re.sub(whole, "", in_words_of(door, text))
        assert not re.search(r"(?<![\w'\"])--[a-z]", left), left
        assert re.search(form, left) or not left
    prose = {
        "or",
        "with",
        "and",
        "to",
        "of",
        "for",
        "instead",
        "set",
        "wants",
        "list",
        "another",
        "a",
        "it",
        "may",
        "says",
        "names",
    }
    values = re.findall(r"\b[a-z_]+= ([a-z][\w-]*)", re.sub(whole, "", in_words_of("python", text)))
    assert set(values) <= prose, f"{file}, line {line}: write --name=value, so that every door can spell it"
    assert not re.search(r"(?<!`)leadtime [a-z]+[^`]* --", re.sub(whole, "", text)), (
        f"{file}, line {line}: a command wants marks around it"
    )


@pytest.mark.parametrize(
    ("text", "python", "http"),
    [
        ("Choose a later --as-of.", "Choose a later as_of=.", "Choose a later as_of."),
        ("Try --method=map, or --draws 50.", 'Try method="map", or draws=50.', "Try method=map, or draws=50."),
        ("Give --die-area or --study DIR.", "Give die_area_mm2= or study=DIR.", "Give die_area_mm2 or study=DIR."),
        ("`leadtime lag --path` shows it.", "`leadtime lag --path` shows it.", "`leadtime lag --path` shows it."),
        ("there is no model called '--seed'", "there is no model called '--seed'", "there is no model called '--seed'"),
        ("Run lm_eval with --log_samples.", "Run lm_eval with --log_samples.", "Run lm_eval with --log_samples."),
    ],
)  # fmt: skip
def test_each_door_has_its_spelling(text, python, http):
    error = LeadtimeError(text, where="--as-of", fix=text)
    error.options = {"--die-area": "die_area_mm2"}
    assert error.told("python") == (python, "as_of", python) and error.told("http") == (http, "as_of", http)
    assert str(error) == f"as_of: {python}\n  {python}"
    assert error.text("command") == f"--as-of: {text}\n  {text}"
    assert error.problem()["fix"] == http and error.problem(door="command")["where"] == "--as-of"


@given(st.text(max_size=60))
def test_words_without_options_are_left_as_they_are(text):
    assert "--" in text or in_words_of("python", text) == in_words_of("http", text) == text


def test_a_question_tells_the_names_of_its_own_parameters(study):
    with pytest.raises(LeadtimeError) as told:
        study.ask("backtest", since="2031-01-01")
    assert told.value.told("python")[1] == "since" and told.value.told("command")[1] == "--from"


# -- the library
# -------------------------------------------------------------------------------------------------------------


def test_a_study_answers_and_draws(study):
    answer = study.ask("lag", model="DeepSeek V3")
    assert isinstance(study, leadtime.Study) and leadtime.Study is Study
    assert answer.sentence.startswith("DeepSeek-V3") and answer.table.height == len(answer.rows.rows)
    assert {"median", "low", "high"} <= set(answer.table.columns)
    assert answer.units == {"median": "months", "low": "months", "high": "months"}
    assert answer.table["median"].to_list() == [r["median"] for r in answer.to_json()["rows"]]
    assert study.figure("lag", model="DeepSeek V3").data.height
    assert study.ask("lag versus", model="deepseek-r1", against="deepseek-v3").units == {"probability": "probability"}
    assert (
        study.ask(
            "evidence",
        ).to_json()
        == leadtime.ask(study.evidence, "evidence").to_json()
    )
    with pytest.raises(LeadtimeError, match="no figure"):
        study.figure("evidence")
    with pytest.raises(LeadtimeError, match="no question called"):
        study.ask("lagg")


# -- the program
# -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lag", "--nope"], "there is no option --nope"), (["lagg"], "there is no command 'lagg'"),
        (["lag", "a", "b"], "'b' is not expected here"), (["report", "--seed", "many"], "expected a whole number"),
    ],
)  # fmt: skip
def test_what_is_mistyped_ends_with_2_in_words_and_with_json_as_json(arguments, words):
    done = typed(*arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("error: ")
    assert words in done.stderr and "--help` lists what you can type" in done.stderr
    done = typed(*arguments, "--json")
    assert done.returncode == 2 and words in conforms("problem", json.loads(done.stdout))["title"]


def test_a_list_of_commands_is_no_mistake_to_explain():
    done = typed("rules")
    assert done.returncode == 2 and "Usage" in done.stdout + done.stderr and "error" not in done.stderr


def ends(*arguments, buffered):
    """Return the exit code where nobody reads the output: what is written fails at once, or when much has come
    together.
    """
    read, write = os.pipe()
    os.close(read)
    out = os.fdopen(write, "w", 8192 if buffered else 1, encoding="utf-8")
    known = list(sys.meta_path)
    with (
        mock.patch.object(sys, "argv", ["leadtime", *arguments]),
        mock.patch.object(sys, "stdout", out),
        mock.patch.object(sys, "stderr", io.StringIO()) as told,
        pytest.raises(SystemExit) as ended,
    ):
        try:
            main()
            sys.exit(0)
        finally:
            sys.meta_path[:] = known
    assert told.getvalue() == ""
    out.close()
    return ended.value.code or 0


def every_command(command=None, path=()):
    command = command or get_command(app)
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, (*path, name))


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_that_nobody_reads_ends_well(path):
    assert ends(*path, "--help", buffered=False) == 0


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize(
    "arguments",
    [
        ["evidence", "scores"],
        ["evidence", "chips", "--csv"],
        ["evidence", "--json"],
        ["schema"],
        ["schema", "lag", "--json"],
        ["rules", "coverage"],
        ["rules", "timeline", "--json"],
        ["scenario", "list"],
        ["explain"],
        ["update", "--list"],
        ["capability", "--method", "map", "--draws", "200"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_an_answer_that_nobody_reads_on_ends_well(arguments, buffered):
    assert ends(*arguments, buffered=buffered) == 0


def test_a_pipe_that_is_closed_ends_the_process_with_0():
    command = f'"{sys.executable}" -m leadtime evidence scores | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "0" and done.stderr == ""


def test_ctrl_c_ends_with_130(monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("leadtime.cli.asked.open_evidence", stopped)
    done = typed("evidence")
    assert done.returncode == 130 and done.stdout == "" and done.stderr == ""


def test_no_color_on_a_terminal_that_wants_none():
    """On a terminal, help is colored unless NO_COLOR stands; answers never are."""

    def shown(*arguments, **environment):
        ours, theirs = pty.openpty()
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
        env |= {"TERM": "xterm-256color"} | environment
        process = subprocess.Popen(
            [sys.executable, "-m", "leadtime", *arguments], stdout=theirs, stderr=theirs, env=env
        )
        os.close(theirs)
        found = b""
        while True:
            try:
                found += (part := os.read(ours, 65536))
            except OSError:
                break
            if not part:
                break
        os.close(ours)
        process.wait(60)
        return found.decode()

    color = re.compile(r"\x1b\[[0-9;]*(3[0-9]|9[0-7])m")
    assert not color.search(shown("lag", "--help", NO_COLOR="1"))
    assert "\x1b" not in shown("schema", "problem")


def test_every_question_is_a_command():
    paths = set(every_command())
    assert {q.words for q in questions()} <= paths
