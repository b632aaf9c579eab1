"""Which chips were counted, quarter by quarter."""

from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.supplied import IN_WORDS, Bloc
from leadtime.answers.words import count
from leadtime.units import spoken_quarter

if TYPE_CHECKING:
    from leadtime.study import Study

_COLUMNS = (
    Column(key="channel", title="Channel"),
    Column(key="title", title="Chip"),
    Column(key="units", title="Chips", kind="spread", significant=True),
    Column(key="h100e", title="H100-equivalents", kind="spread", significant=True),
)


@question(
    "supply chips",
    "Which chips were counted, quarter by quarter?",
    of="study",
    command="supply --chips",
    example={"country": "CHN"},
    schema="supply-chips",
    docs="methods/supply",
    no_figure="It is a list of counts; the figure of what arrived draws them together.",
)
def supply_chips(study: "Study", *, country: Bloc = "CHN") -> Answer:
    """Say which chips were counted by quarter: those shipped to China, or those of the world and of all but China."""
    import polars as pl

    china = country == "CHN"
    table = study.supply.chips().filter(pl.col("bloc").is_in(["CHN"] if china else ["WORLD", "XCHN"]))
    rows = [{**r, "title": r["chip"] or r["designer"]} for r in records(table)]
    where = f"in {IN_WORDS[country]}" if china else "outside China and in the whole world"
    span = f", from {spoken_quarter(rows[0]['quarter'])} to {spoken_quarter(rows[-1]['quarter'])}" if rows else ""
    return Answer(
        sentence=(
            f"{count(len(rows), 'counted arrival')} of AI chips {where} {'is' if len(rows) == 1 else 'are'} on"
            f" record{span}."
        ),
        rows=Table(rows=rows, columns=_COLUMNS if china else (*_COLUMNS, Column(key="bloc", title="Of")), by="quarter"),
        tag="estimated from few sources",
        about=About(
            definition="Counted arrivals of one chip, or of all chips of one designer, in one quarter.",
            rests_on="Designers' reported sales, and counts made from them.",
            limits=("Estimates that conflict with one another are left out.",),
            docs="methods/supply",
        ),
        notes=() if china else ("XCHN: all but China. WORLD: all, China included.",),
    )
