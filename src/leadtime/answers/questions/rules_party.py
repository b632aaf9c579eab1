"""Whether a party is on lists."""

from typing import TYPE_CHECKING, Annotated

from leadtime.answers.answer import About, Answer
from leadtime.answers.kinds import Text
from leadtime.answers.lagging import capital
from leadtime.answers.parameters import Lists, OnDay, Owner
from leadtime.answers.parties import matches, more, said, screened, whether
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import NOT_ADVICE

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook


#: What to do where no list was read.
NO_LIST = (
    "The consolidated screening list is free from the US government. Name its file (`--list` on the command line), or"
    " put it into the folder `lists/` of a study."
)


@question(
    "rules party",
    "Is a party, or an owner of it, on a list?",
    of="rules",
    example={"name": "Acme GmbH", "on": "2026-06-01"},
    schema="rules-party",
    docs="methods/parties",
    no_figure="It is a list of names.",
)
def rules_party(
    rules: "Rulebook",
    *,
    name: Annotated[
        str, Meaning(kind=Text(), help="The name of the party, as it writes it.", positional=True, example="Acme GmbH")
    ],
    owner: Owner = (),
    on: Annotated[OnDay, Meaning(help="The day you ask about. The default is today.")] | None = None,
    lists: Lists = (),
) -> Answer:
    """Look up a party and its owners on lists. Without a list it says so, and never "not listed"."""
    from leadtime.rules.transaction import day

    found = screened(rules, name or " ", owner, day(on), lists)
    assert found is not None
    values = whether(found)
    return Answer(
        sentence=sentence(name.strip(), values["headline"]),
        rows=matches(found),
        more=more(found),
        values=values,
        tag="recorded",
        notes=(*said(found), *(() if found.lists else (NO_LIST,)), NOT_ADVICE),
        about=About(
            definition=(
                "Names are compared word by word, rare words counting most; a score from 90 on is a match, from 75 on"
                " it may be."
            ),
            rests_on="The lists of the study, and those that are named.",
            limits=("A list does not cover other spellings, or who was added after its day.",),
            docs="methods/parties",
        ),
    )


def sentence(name: str, headline: str) -> str:
    """Return whether a party is listed, by what the lists say: on one, owned by one that is, perhaps, on none, or not
    known.
    """
    if headline.startswith("not known"):
        return f"Whether {name} is on a list is {headline}"
    if headline.startswith("half"):
        return f"Half or more of {name} {headline.removeprefix('half or more ')}"
    return f"{capital(name)} is {headline}"
