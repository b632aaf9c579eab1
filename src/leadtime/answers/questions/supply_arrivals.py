"""Which AI chips arrived by quarter and channel, in one country or several, and what they add up to."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.arrivals_drawn import figure_of, name_of, streams, within
from leadtime.answers.kinds import Choice, Many, Name
from leadtime.answers.looks import Bands, Events, Look, Since, Until
from leadtime.answers.parameters import Scale
from leadtime.answers.question import Meaning, question
from leadtime.answers.supplied import IN_WORDS, STREAMS, spread_of, until
from leadtime.answers.supply_drawn import CALLED, basis, quarter_words, shares, sized, summed
from leadtime.answers.words import share

if TYPE_CHECKING:
    from leadtime.study import Study
    from leadtime.supply import Supply

Countries = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Name(of="bloc"), at_most=3),
        help="Whose chips: China (CHN), the United States (USA), the rest (ROW).",
        example="CHN",
        positional=True,
    ),
]
Measure = Annotated[
    str,
    Meaning(
        kind=Choice(of=("arrived", "in-use", "share", "ratio")),
        help=(
            "Arrivals of each quarter, what is in use, China's share of all arrivals, or American chips for each"
            " Chinese one."
        ),
        example="share",
    ),
]
_UNITS = {"arrived": "H100-equivalents", "in-use": "H100-equivalents", "share": "percent", "ratio": "ratio"}
_TITLES = {
    "arrived": "Arrived in the quarter",
    "in-use": "In use at its end",
    "share": "China's share, percent",
    "ratio": "US chips for each Chinese one",
}


@question(
    "supply arrivals",
    "How many AI chips arrived by quarter, and how?",
    of="study",
    command="supply --arrivals",
    example={"countries": ["CHN"]},
    schema="supply-arrivals",
    docs="methods/supply",
)
def supply_arrivals(
    study: "Study",
    *,
    countries: Countries = ("CHN",),
    measure: Measure = "arrived",
    since: Since | None = None,
    until: Until | None = None,
    bands: Bands = "on",
    events: Events = "main",
    scale: Scale = "linear",
) -> Answer:
    """Say how many AI chips arrived by quarter and channel, or what they add up to, in one country or several."""
    found: Supply = study.supply
    whose = tuple(dict.fromkeys(countries)) or ("CHN",)
    rows = _rows(found, whose, measure, within(found, since, until))
    return Answer(
        sentence=sentence(found, whose),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="quarter_words", title="Quarter"),
                Column(key="country_name", title="Country"),
                Column(key="channel_words", title="Channel"),
                Column(
                    key="median",
                    title=_TITLES[measure],
                    kind="spread",
                    significant=measure != "share",
                    digits=2 if measure != "share" else 0,
                    unit=_UNITS[measure],
                ),
            ),
        ),
        more=(
            Table(
                name="basis",
                title="What is counted, and what is assumed",
                rows=basis(found) if "CHN" in whose else [],
                columns=(Column(key="title", title="Channel"), Column(key="how", title="How it is known")),
            ),
        ),
        values={"deck": deck(found) if "CHN" in whose else ""},
        tag="estimated from few sources",
        about=About(
            definition=(
                "AI chips that arrived, as so many H100s by their dense 8-bit rate; a chip retires after its life."
            ),
            rests_on="Counts of designers' sales and shipments, estimates of smuggling, and stated assumptions.",
            limits=(
                "Chips that Chinese firms rent abroad are not included.",
                "Smuggled chips are counted from 2024 only.",
                "H20s count for more by memory bandwidth than by 8-bit rate.",
            ),
            docs="methods/supply",
            see=("supply", "supply share", "supply compare", "supply chips"),
        ),
        notes=found.history.words(),
        figure=functools.partial(
            figure_of,
            study,
            whose,
            measure,
            rows,
            Look(since=since, until=until, bands=bands, events=events, scale=scale),
        ),
    )


def _rows(found: "Supply", whose: Sequence[str], measure: str, at: Sequence[int]) -> list[dict[str, Any]]:
    names, rows = found.history.quarters, []
    base: dict[str, Any] = {"unit": _UNITS[measure]}
    if measure in ("share", "ratio"):
        draws = 100 * found.share_of_china("flow") if measure == "share" else found.ratio()
        for i in at:
            s = spread_of(draws[:, i])
            row = {
                "quarter": names[i],
                "quarter_words": quarter_words(names[i]),
                "country": "CHN",
                "country_name": "China",
            }
            rows.append(
                row
                | {"channel": "all", "channel_words": "all, owned", "median": s.median, "low": s.low, "high": s.high}
                | base
            )
        return rows
    of = found.stocks if measure == "in-use" else found.flows
    for country in whose:
        for i in at:
            for c in streams(found, country, measure):
                s = spread_of(of[c][:, i])
                rows.append(
                    {
                        "quarter": names[i],
                        "quarter_words": quarter_words(names[i]),
                        "country": country,
                        "country_name": name_of(country),
                        "channel": c if country == "CHN" else "all",
                        "channel_words": CALLED[c],
                        "median": s.median,
                        "low": s.low,
                        "high": s.high,
                        **base,
                    }
                )
    return rows


def sentence(found: "Supply", whose: Sequence[str]) -> str:
    """Return what arrived in the last four quarters where: of China also what part was smuggled, if any is known."""
    lately = range(len(found.history.quarters))[-4:]
    when = until(found.history.quarters[-4:])
    told = []
    for country in whose:
        draws = summed(found, STREAMS[country], lately)
        size = spread_of(sum(draws.values())).median or 0.0  # type: ignore[arg-type]
        told.append((country, size, shares(draws).get("diverted")))
    if not any(size for _, size, _ in told):
        return f"{when} no counted AI chips arrived there."
    country, size, against = told[0]
    first = f"{when} {IN_WORDS[country]} got AI chips worth about {sized(size)} H100s"
    if len(told) > 1:
        rest = [f"{IN_WORDS[c]} {sized(n)}" for c, n, _ in told[1:]]
        return f"{first}, {' and '.join(rest)}."
    if against is None or against.median is None:
        return f"{first}."
    if against.median < 0.005:
        return f"{first}, none known to be smuggled."
    return f"{first}, about {share(against.median)} of them smuggled."


def deck(found: "Supply") -> str:
    """Return the ranges of what China got, and how many American chips there are for each Chinese one."""
    lately = range(len(found.history.quarters))[-4:]
    draws = summed(found, STREAMS["CHN"], lately)
    total, ratio = spread_of(sum(draws.values())), spread_of(found.ratio()[:, -1])  # type: ignore[arg-type]
    part = shares(draws)["diverted"]
    said = f"China's total could be {sized(total.low or 0)} to {sized(total.high or 0)}"
    said += f", the smuggled share {share(part.low)} to {share(part.high)}." if part.median else "."
    if ratio.median is not None and ratio.median == ratio.median:
        said += (
            f" America has about {sized(ratio.median)} AI chips for each one that China owns ({sized(ratio.low or 0)}"
            f" to {sized(ratio.high or 0)})."
        )
    return said
