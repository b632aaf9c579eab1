"""The reference of all questions, from their declarations."""

import json
import shlex
from urllib.parse import urlencode

from mdtable import list_table

from leadtime.answers import parameters
from leadtime.answers.kinds import Flag
from leadtime.answers.plain import plain
from leadtime.answers.question import Parameter, Question
from leadtime.answers.registry import questions

_SUBJECT = {
    "study": "a study",
    "evidence": "the evidence of a study",
    "rules": "the rules of a study",
    "nothing": "no study",
}
_SETTINGS = (
    parameters.AS_OF,
    parameters.STUDY,
    parameters.SEED,
    parameters.DRAWS,
    parameters.METHOD,
    parameters.QUANTILES,
)


def describe_questions() -> str:
    """Return what all questions share, then a section for each: what it asks, how each door asks it, and its
    parameters.
    """
    shared = [
        "## Options of every question\n",
        (
            "A question about a study has all of these options. A question about its evidence or rules has the first"
            " two. In Python they belong to `leadtime.Study`. Over HTTP, `study` is the id of a saved study.\n"
        ),
        _table(_SETTINGS),
    ]
    listed = [(f"[{q.name}](#{q.name.replace(' ', '-')})", q.asks) for q in questions()]
    overview = ["## All questions\n", list_table(("Name", "What it asks"), listed)]
    return "\n".join([*overview, *shared, *map(_section, questions())])


def _section(q: Question) -> str:
    doors = [("Command line", f"`{command(q)}`"), ("Python", f"`{python(q)}`")]
    if not q.local:
        doors.append(("HTTP", f"`GET /api/v1{address(q)}`"))
    figure = f"It has no figure: {q.no_figure[0].lower()}{q.no_figure[1:]}" if q.no_figure else "It has a figure."
    return "\n".join(
        [
            f"## {q.name}\n",
            f"**{q.asks}** {q.help}\n",
            list_table(("Door", "An example"), doors),
            _table(q.parameters) if q.parameters else "",
            (
                f"It needs {_SUBJECT[q.of]}. JSON: [{q.schema}](outputs.md#{q.schema})."
                f" Method: [{q.docs}](../{q.docs}.md)."
                f" {figure}"
            ),
            "",
        ]
    )


def command(q: Question) -> str:
    """Return the example of a question as a command."""
    words, at = ["leadtime", *q.words], {p.name: p for p in q.parameters}
    given = {n: shlex.quote(str(plain(v))) for n, v in q.example.items()}
    words += [given.pop(n) for n in [p.name for p in q.parameters if p.positional] if n in given]
    if q.switch:
        words += [
            q.switch,
            *([given.pop(q.switched.name)] if q.switched is not None and q.switched.name in given else []),
        ]
    for name, value in given.items():
        words += [at[name].option] if isinstance(at[name].kind, Flag) else [at[name].option, value]
    return " ".join(words)


def python(q: Question) -> str:
    """Return the example of a question as Python."""
    given = ", ".join([f'"{q.name}"', *(f"{k}={json.dumps(plain(v))}" for k, v in q.example.items())])
    return f"leadtime.ask(None, {given})" if q.of == "nothing" else f"study.ask({given})"


def address(q: Question) -> str:
    """Return the example of a question as an address below /api/v1."""
    query = urlencode({k: plain(v) for k, v in q.example.items() if f"{{{k}}}" not in q.path}, doseq=True)
    return q.path.format(**q.example) + (f"?{query}" if query else "")


def _table(known: tuple[Parameter, ...]) -> str:
    rows = [(f"`{p.name}`", f"`{p.spelled}`", p.help, f"{p.kind.expected} ({_default(p)})") for p in known]
    return list_table(("Parameter", "On the command line", "What it is", "Values"), rows)


def _default(p: Parameter) -> str:
    if p.required:
        return "required"
    return f"default {plain(p.default)}" if p.default not in (None, (), "", False) else "optional"
