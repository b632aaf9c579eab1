"""What the rules engine reads, what it only points to, and what it does not model."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Row, Table
from leadtime.answers.lagging import capital
from leadtime.answers.question import question
from leadtime.answers.regulated import NOT_ADVICE
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook

_KEYS = ("id", "title", "pinpoint", "how", "words")
_HOW = {"modelled": "read", "pointer only": "pointed to", "not modelled": "not read"}


def _area(row: Row) -> str:
    return capital(row["title"]) + (f" ({row['pinpoint']})" if row["pinpoint"] else "")


@question(
    "rules coverage",
    "Which rules are read, and which are not?",
    of="rules",
    schema="rules-coverage",
    docs="methods/rules",
    no_figure="It is a list of what is read and what is not.",
)
def rules_coverage(rules: "Rulebook") -> Answer:
    """Say what the engine reads, what it only points to, and what it does not model."""
    from leadtime.rules.coverage import AREAS

    rows = [{k: getattr(a, k) for k in _KEYS} for how in _HOW for a in AREAS if a.how == how]
    read, pointed, not_read = (sum(r["how"] == how for r in rows) for how in _HOW)
    return Answer(
        sentence=f"We read {count(read, 'area')} of the rules, only point to {pointed}, and do not read {not_read}.",
        rows=Table(
            rows=rows,
            columns=(
                Column(key="title", title="Area", say=_area),
                Column(key="how", title="It is", say=lambda row: _HOW[row["how"]]),
                Column(key="words", title="What that means"),
            ),
        ),
        tag="the rules as written",
        notes=(NOT_ADVICE,),
        about=About(definition="How far each part of the rules is read.", docs="methods/rules"),
    )
