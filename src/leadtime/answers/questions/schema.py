"""One output: its keys, and its JSON Schema."""

from typing import Annotated

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Name
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import count


@question(
    "schema",
    "What does an output look like?",
    of="nothing",
    command="schema NAME",
    path="/schemas/{name}",
    example={"name": "lag"},
    schema="schema",
    docs="reference/outputs",
    no_figure="It is a list of keys.",
)
def schema(
    *,
    name: Annotated[
        str, Meaning(kind=Name(of="schema"), help="A schema, such as lag.", example="lag", positional=True)
    ],
) -> Answer:
    """Say what the keys of one output mean and hold; its JSON Schema, with all that it refers to, is the `document`."""
    from leadtime.schemas import bundled, read
    from leadtime.schemas.dictionary import keys

    found, rows = read(name), keys(name)
    return Answer(
        sentence=f"{found['title']}: {found['description'][0].lower()}{found['description'][1:]}",
        rows=Table(
            rows=[{"key": k, "meaning": meaning, "holds": holds} for k, meaning, holds in rows],
            columns=(
                Column(key="key", title="Key"),
                Column(key="meaning", title="Meaning"),
                Column(key="holds", title="Holds"),
            ),
        ),
        values={"id": found["$id"], "given_by": found["x-given-by"], "document": bundled(name)},
        tag="recorded",
        notes=(
            (
                f"Its id is {found['$id']}, with {count(len(rows), 'key')}. “[]” stands for each entry of a list, “*”"
                " for each name of an object."
            ),
        ),
        about=About(definition="A JSON Schema (2020-12).", docs="reference/outputs", see=("schemas",)),
    )
