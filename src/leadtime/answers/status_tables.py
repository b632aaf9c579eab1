"""The tables of an answer of the rules: why, how near the limits, what would change it, over time, what it rests on."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column, Table
from leadtime.answers.lagging import capital
from leadtime.answers.plain import fields_of

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.spells import Spell
    from leadtime.rules.status import Status


def tables_of(rules: "Rulebook", s: "Status", over: "tuple[Spell, ...]") -> tuple[Table, ...]:
    """Return the tables of an answer.

    Args:
        rules: The rules.
        s: The answer.
        over: Its spells over time.
    """
    from leadtime.rules.nearness import limits
    from leadtime.rules.verdict import UNKNOWN_VERDICT

    def listed(name: str, key: str, title: str, lines: tuple[str, ...], *, detail: bool = True) -> Table:
        rows, columns = [{key: x} for x in lines], (Column(key=key, title=title),)
        return Table(name=name, title=title, rows=rows, columns=columns, detail=detail)

    return (
        listed("because", "reason", "Because", s.because, detail=False),
        Table(
            name="limits",
            title="How near the limits it stands",
            rows=[fields_of(x) for x in limits(rules.log, s)],
            columns=_LIMITED,
        ),
        Table(
            name="changes",
            title="What would change this answer",
            rows=[fields_of(c) for c in rules.changes(s)],
            columns=(Column(key="what", title="If"), Column(key="then", title="Then")),
        ),
        Table(
            name="history",
            title="What the rule said, and what was done",
            rows=[fields_of(x) for x in over],
            columns=_OVER_TIME,
            detail=True,
        ),
        listed("assumptions", "assumed", "Assumed", tuple(map(capital, s.assumptions))),
        listed("unconfirmed", "unconfirmed", "Not confirmed", s.unconfirmed, detail=s.verdict != UNKNOWN_VERDICT),
        Table(
            name="trace",
            title="How we got there, provision by provision",
            rows=[fields_of(x) for x in s.trace],
            columns=_TRACED,
            detail=True,
        ),
        listed("sources", "source", "Sources", s.sources),
    )


def _provision(row: Any) -> str:
    where = ", ".join(x for x in (row["pinpoint"], row["citation"]) if x)
    return f"{row['title']} [{row['provision']}] ({where}; {row['state']})"


def _applies(row: Any) -> str:
    text, enforced = row["applies_codified"], row["applies_enforced"]
    applies = text if text == enforced else f"text: {text}, enforced: {enforced}"
    return f"{applies}: {row['outcome'].replace('_', ' ')}" if row["outcome"] and "yes" in applies else applies


def _tests(row: Any) -> str:
    return "; ".join([*([f"if {row['condition']}"] if row["condition"] else []), *dict.fromkeys(row["tests"])])


_ROWS = {"rule": "The rule", "washington": "Washington", "there": "The destination"}
_OVER_TIME = (
    Column(key="row", title="Who", say=lambda row: _ROWS[row["row"]]),
    Column(key="begin", title="From", kind="day"),
    Column(key="end", title="Until before", kind="day"),
    Column(key="words", title="What held"),
)
_LIMITED = (
    Column(key="called", title="Limit", say=lambda row: f"{row['rule']}: {row['called']}"),
    Column(key="own", title="The item"),
    Column(key="at", title="The limit"),
    Column(key="distance", title="Distance"),
)
_TRACED = (
    Column(key="title", title="Provision", say=_provision),
    Column(key="applies_enforced", title="Applies", say=_applies),
    Column(key="tests", title="Tests", say=_tests),
)
