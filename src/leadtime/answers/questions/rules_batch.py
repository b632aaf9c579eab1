"""Many transactions from a file, written with their statuses."""

from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.parameters import Lists, OwnFile
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.rules_ledger import refused
from leadtime.answers.regulated import LIMITS, NOT_ADVICE, RESTS_ON
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook


@question(
    "rules batch",
    "Which transactions in a file need licenses?",
    of="rules",
    local=True,
    example={"file": "orders.csv", "out": "answers.csv"},
    schema="rules-batch",
    docs="methods/rules",
    no_figure="It writes a file of answers.",
)
def rules_batch(
    rules: "Rulebook",
    *,
    file: Annotated[
        OwnFile,
        Meaning(
            help="CSV of transactions with the columns to, chip (or its numbers) and on, and perhaps hq and others.",
            positional=True,
        ),
    ],
    out: Annotated[OwnFile, Meaning(help="Where to write the statuses.")],
    rejects: Annotated[OwnFile, Meaning(help="Where to write bad rows. The default is OUT.rejects.csv.")] | None = None,
    lists: Lists = (),
) -> Answer:
    """Read many transactions and write them with their statuses; bad rows are set aside."""
    from leadtime.rules.batch import run

    aside = rejects or out.with_name(out.name + ".rejects.csv")
    done = run(rules.log, file, out, aside, rules.as_known, rules.parties_with(lists))
    rows = [
        {"what": "answered", "n": done.n_answered, "file": str(out)},
        {"what": "set aside", "n": done.n_refused, "file": str(aside)},
    ]
    return Answer(
        sentence=(
            f"{count(done.n_answered, 'transaction')} {'was' if done.n_answered == 1 else 'were'} answered and"
            f" {done.n_refused} set aside."
        ),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="what", title="Rows"),
                Column(key="n", title="Number", kind="number", digits=0),
                Column(key="file", title="File"),
            ),
        ),
        values={
            "n_answered": done.n_answered,
            "n_refused": done.n_refused,
            "first_problems": plain(done.first_problems),
        },
        tag="the rules as written",
        notes=(NOT_ADVICE,),
        about=About(
            definition="Each row is asked by itself, as one transaction.",
            rests_on=RESTS_ON,
            limits=LIMITS,
            docs="methods/rules",
        ),
        refused=refused(done.first_problems, done.n_refused, f", kept in {aside}"),
    )
