"""Shipments against caps and volume shares."""

from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.parameters import OwnFile
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import NOT_ADVICE, RESTS_ON
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook

#: So many rows that were refused are told.
TOLD = 8
_CHECKS = (
    Column(key="constraint", title="Cap or share"),
    Column(key="who", title="Of whom"),
    Column(key="verdict", title="It is"),
    Column(key="used", title="Used", kind="number", significant=True),
    Column(key="limit", title="Limit", kind="number", significant=True),
    Column(
        key="basis",
        title="Counted",
        say=lambda row: row["basis"] + (f"; not confirmed: {row['unconfirmed']}" if row["unconfirmed"] else ""),
    ),
)


def refused(rows: "tuple[tuple[int, str], ...]", n: int, where: str = "") -> tuple[str, ...]:
    """Return the first rows that were set aside with their reasons, and how many there are, nothing if none was."""
    return (*(f"row {row}: {reason}" for row, reason in rows[:TOLD]), f"{count(n, 'row')} refused{where}") if n else ()


@question(
    "rules ledger",
    "Do shipments stay within the caps and volume shares?",
    of="rules",
    local=True,
    example={"file": "shipments.csv"},
    schema="rules-ledger",
    docs="methods/rules",
    no_figure="It rests on a file of your own.",
)
def rules_ledger(
    rules: "Rulebook",
    *,
    file: Annotated[
        OwnFile,
        Meaning(
            help="CSV of shipments with the columns date, chip, to and quantity, and perhaps hq, exporter and buyer.",
            positional=True,
        ),
    ],
) -> Answer:
    """Add up shipments and check them against caps and volume shares; bad rows are set aside."""
    found = rules.ledger(file)
    return Answer(
        sentence=sentence([c.verdict for c in found.checks], found.n_read, len(found.refused)),
        rows=Table(rows=plain(found.checks), columns=_CHECKS),
        values={"n_read": found.n_read, "refused": plain(found.refused)},
        tag="the rules as written",
        notes=(NOT_ADVICE,),
        about=About(
            definition="The sum of the shipments, against each cap or share that applies to them.",
            rests_on=RESTS_ON,
            docs="methods/rules",
        ),
        refused=refused(found.refused, len(found.refused)),
    )


def sentence(verdicts: list[Any], n_read: int, n_refused: int) -> str:
    """Return how many caps and shares are kept, broken, not known and not in force."""
    rows = f"{count(n_read, 'row')} {'was' if n_read == 1 else 'were'} read and {n_refused} set aside."
    if not verdicts:
        return f"No cap or volume share applies to these shipments. {rows}"
    words = {"broken": "broken", "unknown": "not known", "kept": "kept", "not in force": "not in force"}
    told = ", ".join(f"{verdicts.count(v)} {word}" for v, word in words.items() if v in verdicts)
    return (
        f"The shipments come under {count(len(verdicts), 'cap or volume share', 'caps and volume shares')}: {told}."
        f" {rows}"
    )
