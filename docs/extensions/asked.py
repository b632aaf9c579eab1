"""The reference of all questions, from their declarations."""

from mdtable import list_table

from leadtime.answers.plain import plain
from leadtime.answers.question import Question
from leadtime.answers.registry import questions


def describe_questions() -> str:
    """Return a section for each question: what it asks, how each door asks it, and its parameters."""
    return "\n".join(_section(q) for q in questions())


def _section(q: Question) -> str:
    python = ", ".join([f'"{q.name}"', *(f"{k}={plain(v)!r}" for k, v in q.example.items())])
    doors = [("Command line", f"`leadtime {q.command}`"), ("Python", f"`answers.ask({_SUBJECT[q.of]}{python})`")]
    if not q.local:
        doors.append(("HTTP", f"`/api/v1{q.path}`"))
    rows = [(f"`{p.name}`", _meaning(p)) for p in q.parameters]
    return "\n".join(
        [
            f"## {q.name}\n",
            f"**{q.asks}** {q.help}\n",
            list_table(("Door", "Asked as"), doors),
            list_table(("Parameter", "Meaning"), rows) if rows else "",
            f"JSON: [{q.schema}](outputs.md#{q.schema}). How: [{q.docs}](../{q.docs}.md)."
            + (f" It has no figure: {q.no_figure[0].lower()}{q.no_figure[1:]}" if q.no_figure else ""),
            "",
        ]
    )


_SUBJECT = {"study": "study, ", "evidence": "study.evidence, ", "rules": "study.rules, ", "nothing": "None, "}


def _meaning(p) -> str:
    default = (
        "needed" if p.required else f"default {plain(p.default)}" if p.default not in (None, ()) else "may be left out"
    )
    return f"{p.help.rstrip('.')}; {p.kind.expected} ({default})."
