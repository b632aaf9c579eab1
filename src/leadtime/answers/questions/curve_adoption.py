"""How long until others shipped each innovation."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import count, number

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "curve adoption",
    "How long until others use an innovation?",
    of="study",
    command="curve --adoption",
    schema="curve-adoption",
    docs="methods/curve",
    no_figure="It is a list of names and days.",
)
def curve_adoption(study: "Study") -> Answer:
    """Say how many months after its first release others shipped each innovation."""
    from leadtime.cost import spread

    rows = records(spread.adoption(study.evidence["adoptions"], study.evidence["organizations"]))
    return Answer(
        sentence=_sentence(rows),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="innovation", title="Innovation"),
                Column(key="origin", title="Origin"),
                Column(key="shipped_on", title="Shipped", kind="day"),
                Column(key="country", title="By"),
                Column(key="n", title="n", kind="number", digits=0),
                Column(key="first", title="First"),
                Column(key="first_months", title="Months", kind="number", unit="months"),
                Column(key="median_months", title="Median", kind="number", unit="months"),
            ),
        ),
        tag="recorded",
        about=About(
            definition="Months from the first release of an innovation to that of others who use it.",
            rests_on="The table `adoptions`.",
            limits=("Only recorded adopters count. Nobody lists who never adopted.",),
            docs="methods/curve",
        ),
    )


def _sentence(rows: list[dict[str, Any]]) -> str:
    """Return how many innovations were taken up somewhere, and how fast the fastest and the slowest."""
    taken = [r for r in rows if r["first_months"] is not None]
    if not taken:
        return "No record shows that others had adopted an innovation by this day."
    n, waits = len({r["innovation"] for r in taken}), sorted(r["first_months"] for r in taken)
    return (
        f"Others shipped {count(n, 'innovation')} on record {number(waits[0])} to {number(waits[-1])} months after the"
        " first."
    )
