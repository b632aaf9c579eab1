"""The outputs, and the schema of each."""

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.question import question
from leadtime.answers.words import count


@question(
    "schemas",
    "What does the program give, and how is it described?",
    of="nothing",
    command="schema",
    path="/schemas",
    schema="schemas",
    docs="reference/outputs",
    no_figure="It is a list of schemas.",
)
def schemas() -> Answer:
    """List the schemas of all outputs, and what gives each."""
    from leadtime.schemas import names, read

    found = {n: read(n) for n in names()}
    rows = [{"name": n, "id": s["$id"], "title": s["title"], "given_by": s["x-given-by"]} for n, s in found.items()]
    parts = sum(not r["given_by"] for r in rows)
    return Answer(
        sentence=(
            f"{count(len(rows) - parts, 'output has', 'outputs have')} a schema;"
            f" {count(parts, 'more is a part', 'more are parts')} of them."
        ),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="name", title="Name"),
                Column(key="title", title="What it is"),
                Column(key="id", title="Version"),
                Column(key="given_by", title="Given by"),
            ),
        ),
        tag="recorded",
        about=About(
            definition="JSON Schemas (2020-12), one for each output.",
            docs="reference/outputs",
            see=("schema",),
        ),
    )
