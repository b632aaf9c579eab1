"""What answers on chips share: the blocs, the channels in words, and spans of quarters in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Spread
from leadtime.answers.kinds import Name
from leadtime.answers.question import Meaning
from leadtime.units import spoken_quarter

if TYPE_CHECKING:
    from numpy.typing import NDArray

Bloc = Annotated[
    str,
    Meaning(
        kind=Name(of="bloc"), help="Whose chips: China (CHN), the United States (USA) or the rest (ROW).", example="CHN"
    ),
]
CHANNELS = {
    "legal": "shipped under the rules",
    "diverted": "came against the rules",
    "domestic": "made in China",
    "proxy": "Chinese, made abroad through others",
    "rented": "rented abroad",
    "all": "all",
}
IN_WORDS = {"CHN": "China", "USA": "the United States", "ROW": "the rest of the world"}
#: Streams of arrivals of a bloc.
STREAMS = {"CHN": ("legal", "diverted", "domestic", "proxy", "rented"), "USA": ("usa",), "ROW": ("rest",)}


def spread_of(draws: "NDArray[Any]") -> Spread:
    """Return the 90% interval and the median of draws."""
    import numpy as np

    return Spread(*(float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95])))


def span(period: str) -> str:
    """Return a period such as 2022Q4-2023Q3 or 2022Q1-Q2 as people write it: `2022 Q4 to 2023 Q3`."""
    first, _, last = period.partition("-")
    return (
        f"{spoken_quarter(first)} to {spoken_quarter(last if len(last) > 2 else first[:4] + last)}"
        if last
        else spoken_quarter(first)
    )


def until(quarters: Sequence[str]) -> str:
    """Return a span of quarters by its last month: `In the year to June 2026`."""
    last = quarters[-1]
    month = ("March", "June", "September", "December")[int(last[-1]) - 1]
    span = "year" if len(quarters) == 4 else "quarter" if len(quarters) == 1 else f"{len(quarters)} quarters"
    return f"In the {span} to {month} {last[:4]}"
