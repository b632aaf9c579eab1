"""What was said, without a verdict: quick, as nothing is computed."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.question import question
from leadtime.answers.words import count, day

if TYPE_CHECKING:
    from leadtime.claims import Claim
    from leadtime.study import Study


@question(
    "claims list",
    "Which claims are in the ledger?",
    of="study",
    schema="claims-list",
    docs="methods/claims",
    no_figure="It is a list of what was said.",
)
def claims_list(study: "Study") -> Answer:
    """List what was said by the as-of day, by whom and when, without verdicts."""
    from leadtime.answers.questions.claims import said

    found = said(study, None)
    rows = [
        {
            "claim": c.id,
            "who": c.who,
            "said_on": str(c.said_on),
            "words": c.words,
            "paraphrase": c.paraphrase,
            "source": c.source,
            "interpretation": c.note,
            "missing": c.missing or c.not_measurable,
            "readings": len(c.readings),
            "shown": c.shown,
        }
        for c in found
    ]
    return Answer(
        sentence=sentence(found),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="claim", title="Claim"),
                Column(key="said_on", title="Said on", kind="day"),
                Column(key="who", title="Who"),
                Column(key="shown", title="What"),
                Column(key="readings", title="Readings", kind="number", digits=0),
            ),
        ),
        tag="recorded",
        about=About(
            definition=("What was said in public about the rules and the models, each with ways to put it in numbers."),
            rests_on="The ledger of claims, each with its source.",
            docs="methods/claims",
            see=("claims",),
        ),
    )


def sentence(found: "list[Claim]") -> str:
    """Return how many claims there are, and from when to when."""
    if not found:
        return "No claim of the ledger was made by this day."
    days = sorted(c.said_on for c in found)
    when = f"on {day(days[0])}" if days[0] == days[-1] else f"from {day(days[0])} to {day(days[-1])}"
    return f"The ledger holds {count(len(found), 'claim')}, made {when}."
