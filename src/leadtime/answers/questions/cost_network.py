"""What the network of a config.json comes to: parameters, training compute and cache."""

from typing import Annotated

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Contents
from leadtime.answers.measures import Whole
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import number, significant

EXAMPLE = (
    '{"model_type":"llama","hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,'
    '"num_key_value_heads":8,"vocab_size":128256}'
)
Config = Annotated[
    str, Meaning(kind=Contents(most=20_000), help="A config.json as the Hugging Face hub has it.", example=EXAMPLE)
]
Sequence = Annotated[int, Meaning(kind=Whole(low=1, high=100_000_000), help="Tokens in a sequence.", example="8192")]


USUAL = "the next token"


@question(
    "cost network",
    "How large is a network, and what does it take for a token?",
    of="nothing",
    command="cost --config CONFIG",
    example={"config": EXAMPLE},
    schema="network",
    docs="methods/cost",
    no_figure="It is a list of counts of different units.",
)
def cost_network(*, config: Config, sequence: Sequence = 4096) -> Answer:
    """Count the network of a config.json: parameters by part, training FLOP and cache for a token."""
    from leadtime.cost.describe import describe
    from leadtime.cost.fields import parse_config
    from leadtime.cost.reading import read_network

    network = read_network(parse_config(config))
    counts = describe(network, sequence)
    rows = [
        {
            "count": c.key,
            "title": c.words,
            "value": c.value,
            "unit": c.unit,
            "part": c.part,
            "shown": f"{'- ' if c.part else ''}{c.words}",
        }
        for c in counts
    ]
    return Answer(
        sentence=sentence({c.key: c.value for c in counts}, sequence, gives=network.answers),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="shown", title="What"),
                Column(key="value", title="Count", kind="number", significant=True, digits=6, unit_from="unit"),
            ),
        ),
        values={
            "family": network.family,
            "sequence": sequence,
            "counted_by": network.counted_by,
            "answers": network.answers,
        },
        tag="arithmetic",
        notes=network.notes,
        about=About(
            definition="Counts that follow from the shape of the network alone.",
            rests_on="The configuration that was given.",
            limits=("Training compute is that of the matrix products, forward and backward.",),
            docs="methods/cost",
        ),
    )


def sentence(counts: dict[str, float], sequence: int, *, gives: str = USUAL) -> str:
    """Return how large a network is, how much of it a token uses, and what training on one takes."""
    total = counts["parameters"]
    what = "This network" if gives == USUAL else f"This network gives {gives}. It"
    if "active" not in counts:
        return f"{what} has {significant(total)} parameters. What a token uses of them is unknown."
    active = counts["active"]
    uses = "and uses all of them" if active >= total else f"and uses {significant(active)} of them"
    flop = counts["training_flop_per_token"] / 1e9
    return (
        f"{what} has {significant(total)} parameters {uses} for a token. Training on a token takes "
        f"{number(flop, 1 if flop < 1000 else 0)} billion operations, in sequences of {sequence:,}."
    )
