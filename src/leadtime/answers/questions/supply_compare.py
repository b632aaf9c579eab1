"""What others publish on chips, beside our figures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.study import Study

_COLUMNS = (
    Column(key="period_end", title="Day", kind="day"),
    Column(key="value", title="Published", kind="spread", significant=True, digits=3, low="low", high="high"),
    Column(key="our_median", title="Ours", kind="spread", significant=True, digits=3),
)


@question(
    "supply compare",
    "What do others publish on chips, beside our figures?",
    of="study",
    command="supply --compare",
    schema="supply-compare",
    docs="methods/supply",
    no_figure="The estimates are of different quantities, in different units.",
)
def supply_compare(study: "Study") -> Answer:
    """Set published estimates of chips, shares and ratios beside ours."""
    rows = [{**r, "title": f"{_called(r['quantity'])}, {r['unit']}"} for r in records(study.supply.compared())]
    return Answer(
        sentence=sentence(rows),
        rows=Table(rows=rows, columns=_COLUMNS, by="title"),
        tag="estimated from few sources",
        about=About(
            definition="An estimate as it was published, and the same quantity by our count.",
            rests_on="Estimates of others, and counted shipments.",
            limits=("Units and scopes differ, and so do careful people.",),
            docs="methods/supply",
        ),
        notes=(
            "Where ours is empty, the day is later than the last counted quarter, or we do not count in that unit.",
        ),
    )


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many estimates there are, and how many of those that can be compared meet our interval."""
    if not rows:
        return "No estimate of others was public on that day."
    ours = [r for r in rows if r["our_median"] is not None]
    said = f"Others published {count(len(rows), 'estimate')}."
    if not ours:
        return f"{said} None can be set beside our count."
    meet = sum(_meets(r) for r in ours)
    if len(ours) == 1:
        return (
            f"{said} One can be set beside our count, and {'agrees' if meet else 'does not agree'} with it within the"
            " errors."
        )
    how_many = "All" if meet == len(ours) else "None" if not meet else f"{meet:,}"
    return (
        f"{said} {len(ours):,} can be set beside our count. {how_many} of these agree{'s' * (meet == 1)} with it within"
        " the errors."
    )


def _called(quantity: str) -> str:
    names = {"us": "US", "china": "China", "hbm": "HBM", "nvidia": "NVIDIA"}
    return " ".join(names.get(w, w) for w in quantity.split("_"))


def _meets(r: Mapping[str, Any]) -> bool:
    """Return whether a published figure, with its own range where it has one, meets our 90% interval."""
    low = r["low"] if r["low"] is not None else r["value"]
    high = r["high"] if r["high"] is not None else r["value"]
    return (low is None or low <= r["our_high"]) and (high is None or high >= r["our_low"])
