"""Who first reached each ability within each compute."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import day, share

if TYPE_CHECKING:
    from leadtime.study import Study


@question(
    "curve firsts",
    "Who first reached each ability, and with how much compute?",
    of="study",
    command="curve --firsts",
    schema="curve-firsts",
    docs="methods/curve",
    no_figure="It is a list of names and days.",
)
def curve_firsts(study: "Study") -> Answer:
    """Say which model first reached each ability within each compute."""
    from leadtime.cost import spread

    rows = [
        {**r, "among": r["country"] or "all", "within": _within(r["budget_flop"])}
        for r in records(spread.firsts(study.curve.data))
    ]
    return Answer(
        sentence=_sentence(rows),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="level_points", title="Points", kind="number", digits=0),
                Column(key="within", title="FLOP up to"),
                Column(key="among", title="Among"),
                Column(key="name", title="First"),
                Column(key="released_on", title="Released", kind="day"),
                Column(key="probability", title="Of draws", kind="share"),
            ),
        ),
        tag="estimated from few sources",
        about=About(
            definition=(
                "The first model to reach an ability with no more than so much training compute, by day of release."
            ),
            rests_on="Models with a measured ability and a known training compute.",
            limits=("A model whose compute is not known cannot be first.",),
            docs="methods/curve",
        ),
    )


def _within(flop: float) -> str:
    return "any" if flop >= 1e27 else f"{flop:.1e}"


def _sentence(rows: list[dict[str, Any]]) -> str:
    """Return who first reached the highest ability of all, whatever the compute."""
    every = [r for r in rows if not r["country"]]
    if not every:
        return "No model of a known compute had reached any of these abilities on this day."
    top = max(every, key=lambda r: (r["level_points"], r["budget_flop"]))
    return (
        f"{top['name']} was the first to reach {top['level_points']} points, on {day(top['released_on'])} (in"
        f" {share(top['probability'])} of draws)."
    )
