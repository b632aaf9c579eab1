"""The parameters that questions share: what each means, its kind, and how the command line spells it.

A question annotates its arguments with these, and may say more of one: `Annotated[Side, Meaning(help="...")]`.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from leadtime.answers.kinds import Choice, File, Flag, Many, Name, Text
from leadtime.answers.measures import Day, Number, Quarter, Whole
from leadtime.answers.question import Meaning, Parameter

if TYPE_CHECKING:
    from leadtime.answers.question import Question

#: What one request may ask for at most; a study of your own may have more.
MOST_DRAWS, MOST_SEED = 1_000_000, 2**31 - 1
_AS_OF = "Use only what was public on this day; default today."
_STUDY = "A study folder with your own evidence."

Model = Annotated[
    str,
    Meaning(
        kind=Name(of="model"),
        help="A model, by its id, its name or the beginning of one.",
        example="deepseek-v3",
        positional=True,
        formerly=("--model",),
    ),
]
Scale = Annotated[
    str,
    Meaning(
        kind=Choice(of=("linear", "log")),
        help="The scale of the figure. On linear each step adds the same, on log each step multiplies by the same.",
        example="log",
    ),
]
OtherModel = Annotated[str, Meaning(kind=Name(of="model"), help="A second model.", example="gpt-4o-2024-08")]
Side = Annotated[
    str,
    Meaning(kind=Name(of="side"), help="The side that follows: a country, a developer, open or closed.", example="CHN"),
]
Behind = Annotated[
    str,
    Meaning(
        kind=Name(of="side"),
        help="The side it is compared with: a country, a developer, open or closed.",
        example="USA",
    ),
]
Country = Annotated[
    str, Meaning(kind=Name(of="country"), help="A country, by its name or ISO 3166 code.", example="CHN")
]
Chip = Annotated[str, Meaning(kind=Name(of="chip"), help="A chip, by its name or id.", example="h20")]
Owner = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Text(), at_most=20),
        help="An owner of the party and the share: Name=60%.",
        example="Name=60%",
        option="--owner",
    ),
]
Lists = Annotated[
    tuple[Path, ...],
    Meaning(
        kind=Many(each=File(), at_most=100),
        option="--list",
        help="Consolidated screening list, CSV or JSON. Lists in the folder lists/ of a study are read too.",
    ),
]
Definition = Annotated[
    str, Meaning(kind=Name(of="definition"), help="One definition of the lag only.", example="age_of_equal")
]
BenchmarkSet = Annotated[
    str,
    Meaning(
        kind=Name(of="benchmark set"), help="Which tests count: a set of them, or one domain.", example="held-back"
    ),
]
Domain = Annotated[str, Meaning(kind=Name(of="domain"), help="One domain of tests.", example="math")]
Clock = Annotated[
    str,
    Meaning(
        kind=Choice(of=("released", "trained")),
        help="Which dates are compared: of release, or of the end of training.",
        example="trained",
    ),
]
Comparison = Annotated[
    str,
    Meaning(
        kind=Choice(of=("all", "non-reasoning", "open", "not-distilled")),
        help="Which models of the other side count.",
        example="open",
    ),
]
Effort = Annotated[
    str, Meaning(kind=Text(most=40), help="Which effort setting counts: best, or one such as high.", example="high")
]
QuarterAhead = Annotated[str, Meaning(kind=Quarter(), help="A quarter that is still to come.", example="2027Q2")]
TableName = Annotated[
    str, Meaning(kind=Name(of="table"), help="A table of the evidence.", example="scores", positional=True)
]
OnDay = Annotated[dt.date, Meaning(kind=Day(), help="The day you ask about.", example="2025-01-29")]
Yes = Annotated[bool, Meaning(kind=Flag(), help="")]
Top = Annotated[int, Meaning(kind=Whole(low=1, high=100_000), help="How many rows to give.", example="10")]
Files = Annotated[tuple[Path, ...], Meaning(kind=Many(each=File(), at_most=1000), help="Files to read.")]
Percent = Annotated[
    bool, Meaning(kind=Flag(), help="The numbers of the file are in percent, if the file does not say so itself.")
]
OwnFile = Annotated[Path, Meaning(kind=File(), help="A file to read.")]
Seed = Annotated[
    int,
    Meaning(kind=Whole(low=0, high=MOST_SEED), help="The same seed and evidence give the same numbers.", example="0"),
]
Draws = Annotated[int, Meaning(kind=Whole(low=2, high=MOST_DRAWS), help="Joint draws of each number.", example="2000")]

AS_OF = Parameter(name="as_of", kind=Day(), help=_AS_OF, option="--as-of", example="2025-01-29")
AS_KNOWN = replace(AS_OF, formerly=("--as-known",))
STUDY = Parameter(name="study", kind=File(word="DIR"), help=_STUDY, option="--study")
SEED = Parameter(
    name="seed",
    kind=Whole(low=0, high=MOST_SEED),
    help="The same seed and evidence give the same numbers. The default is 0.",
    option="--seed",
)
DRAWS = Parameter(
    name="draws",
    kind=Whole(low=2, high=MOST_DRAWS),
    help="Joint draws of each number. The default is 2000.",
    option="--draws",
)
METHOD = Parameter(
    name="method",
    kind=Choice(of=("nuts", "map", "bootstrap")),
    option="--method",
    help="How abilities are fitted: nuts (default; a minute, then kept), map (seconds, narrower) or bootstrap.",
)
REFIT = Parameter(
    name="refit",
    kind=Flag(),
    option="--refit",
    help="Fit all abilities again with your own scores (minutes), and show what changes. Otherwise your models are"
    " placed on the built-in fit (seconds).",
)
QUANTILES = Parameter(
    name="quantiles",
    kind=Many(each=Number(low=0, high=1), at_most=20),
    option="--quantiles",
    help="Add these quantiles of each number whose draws are kept, such as 0.1,0.5,0.9.",
)


def meaning(p: Parameter) -> Meaning:
    """Return what a parameter says, for a function that takes it among others of its own."""
    return Meaning(kind=p.kind, help=p.help, example=p.example, option=p.option)


def settings(question: "Question") -> tuple[Parameter, ...]:
    """Return the settings of what a question is put to; those that the question takes itself are left to it."""
    found = {
        "study": (AS_OF, STUDY, SEED, DRAWS, METHOD, REFIT),
        "evidence": (AS_OF, STUDY),
        "rules": (AS_KNOWN, STUDY),
        "nothing": (),
    }
    own = {taken for p in question.parameters for taken in (p.name, p.option)}
    return tuple(s for s in found[question.of] if not {s.name, s.option} & own)
