"""Which numbers can be explained and claimed."""

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.question import question
from leadtime.answers.words import count


@question(
    "quantities",
    "Which numbers can be explained and claimed?",
    of="nothing",
    command="explain",
    path="/explain",
    schema="quantities",
    docs="methods/explain",
    no_figure="It is a list of what can be asked.",
)
def quantities() -> Answer:
    """List the numbers that can be explained and claimed: definition, equation, unit and parameters."""
    from leadtime.quantities import QUANTITIES

    rows = [
        {
            "quantity": k,
            "title": q.title,
            "unit": q.unit,
            "parameters": list(q.needs),
            "sentence": q.sentence,
            "equation": q.equation,
        }
        for k, q in QUANTITIES.items()
    ]
    return Answer(
        sentence=f"{count(len(rows), 'number')} can be explained, and put in a claim.",
        rows=Table(
            rows=rows,
            columns=(
                Column(key="quantity", title="Number"),
                Column(key="parameters", title="Parameters"),
                Column(key="unit", title="Unit"),
                Column(key="sentence", title="What it is"),
            ),
        ),
        tag="recorded",
        about=About(
            definition="Each number with its parameters. A parameter that ends in ? is optional.",
            rests_on="The registry of numbers.",
            docs="methods/explain",
            see=("explain",),
        ),
    )
