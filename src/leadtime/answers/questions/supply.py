"""Which chips arrived in a bloc, by which channel, and what stock they add up to."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.supplied import CHANNELS, IN_WORDS, STREAMS, Bloc, spread_of, until
from leadtime.answers.words import significant

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study
    from leadtime.supply import Supply

_THOUSAND = "thousand H100-equivalents"
_YEARS = (
    Column(key="title", title="Channel"),
    Column(key="arrived_thousand_h100e", title="Arrived, thousand", kind="spread", digits=0, unit=_THOUSAND),
    Column(key="in_use_thousand_h100e", title="In use at its end, thousand", kind="spread", digits=0, unit=_THOUSAND),
)
#: What Chinese firms rent abroad has a stock, and no arrivals at home.
_NO_ARRIVALS = dict.fromkeys(f"arrived_thousand_h100e{end}" for end in ("", "_low", "_high"))
_RATIOS = (
    Column(key="period", title="At the end of"),
    Column(key="china_share", title="China's share of all chips in use", kind="share"),
    Column(key="us_over_china", title="American chips for each Chinese one", kind="spread", unit="ratio"),
)


@question(
    "supply",
    "Which AI chips arrived, and by which channel?",
    of="study",
    example={"country": "CHN"},
    schema="supply",
    docs="methods/supply",
)
def supply(study: "Study", *, country: Bloc = "CHN") -> Answer:
    """Say which chips arrived in China, America or the rest, by year and channel, and what stock they add up to."""
    import polars as pl

    found: Supply = study.supply
    table = found.table().filter(pl.col("bloc") == country)
    years = Table(
        name="years",
        title="By year, in H100-equivalents (dense 8-bit)",
        rows=_years(found, country),
        columns=_YEARS,
        by="period",
    )
    ratios = Table(name="ratios", title="Chips owned, against others", rows=_ratios(found), columns=_RATIOS)
    return Answer(
        sentence=sentence(country, until(found.history.quarters[-4:]), *_lately(found, country)),
        rows=Table(rows=records(table), columns=()),
        more=(years, ratios) if country == "CHN" else (years,),
        tag="estimated from few sources",
        about=About(
            definition=(
                "AI chips that arrived, as so many H100s by their dense 8-bit rate; a chip retires after its life."
            ),
            rests_on=(
                "Counts of designers' sales and shipments, estimates of what came against the rules, and stated"
                " assumptions."
            ),
            limits=("Chips that Chinese firms rent abroad are not included.",),
            docs="methods/supply",
            see=("supply share", "supply compare", "supply chips"),
        ),
        notes=(*(_leased(found) if country == "CHN" else ()), *found.history.words()),
        figure=functools.partial(_figure, found, country, study.stamp),
    )


def _periods(quarters: tuple[str, ...]) -> dict[str, list[int]]:
    """Return the places of the quarters of each year; a year that is not whole says how far it goes."""
    years = {y: [i for i, q in enumerate(quarters) if q[:4] == y] for y in sorted({q[:4] for q in quarters})}
    return {y if len(at) == 4 else f"{y} to Q{quarters[at[-1]][-1]}": at for y, at in years.items()}


def _years(found: "Supply", country: str) -> list[dict[str, Any]]:
    import numpy as np

    own = [c for c in STREAMS[country] if c in found.flows]
    rows = []
    for period, at in _periods(found.history.quarters).items():
        each = [(c, found.flows.get(c), found.stocks[c]) for c in STREAMS[country]]
        if len(own) > 1:
            flows, stocks = ([of[c] for c in own] for of in (found.flows, found.stocks))
            each.insert(len(own), ("all", np.sum(flows, axis=0), np.sum(stocks, axis=0)))
        for name, flow, stock in each:
            channel = name if country == "CHN" else "all"
            rows.append(
                {
                    "period": period,
                    "channel": channel,
                    "title": "all of these, owned" if name == "all" else CHANNELS[channel],
                    **_NO_ARRIVALS,
                    **({} if flow is None else {"arrived_thousand_h100e": spread_of(flow[:, at].sum(axis=1) / 1e3)}),
                    "in_use_thousand_h100e": spread_of(stock[:, at[-1]] / 1e3),
                }
            )
    return rows


def _ratios(found: "Supply") -> list[dict[str, Any]]:
    share, ratio = found.share_of_china(), found.ratio()
    ends = {period: at[-1] for period, at in _periods(found.history.quarters).items()}
    return [
        {"period": p, "china_share": spread_of(share[:, i]), "us_over_china": spread_of(ratio[:, i])}
        for p, i in ends.items()
    ]


def _lately(found: "Supply", country: str) -> tuple[Spread, Spread | None]:
    """Return what arrived in the last four quarters counted, and of China's the share that came against the rules."""
    import numpy as np

    sums = {c: found.flows[c][:, -4:].sum(axis=1) for c in STREAMS[country] if c in found.flows}
    total = sum(sums.values(), np.zeros(found.draws))
    if country != "CHN" or not (total > 0).all():
        return spread_of(total), None
    return spread_of(total), spread_of(sums["diverted"] / total)


def sentence(country: str, when: str, arrived: Spread, against: Spread | None) -> str:
    """Return how many chips arrived lately, and of China's what part came against the rules."""
    where = IN_WORDS[country]
    if not arrived.median:
        return f"{when}, no counted AI chips arrived in {where}."
    size, low, high = (significant(float(f"{v:.2g}"), 2) for v in (arrived.median, arrived.low, arrived.high))
    said = f"{when}, AI chips worth about {size} H100s arrived in {where} ({low} to {high})."
    if against is None or against.median is None:
        return said
    part, least, most = (f"{100 * (v or 0):.0f}%" for v in (against.median, against.low, against.high))
    if part == most == "0%":
        return f"{said} None is known to have come against the rules."
    return f"{said} About {part} of them came against the rules ({least} to {most})."


def _leased(found: "Supply") -> tuple[str, ...]:
    leases = found.leases()
    owned = "Arrivals at home are what Chinese firms own. Chips rented abroad are not included."
    if not leases.height:
        return (owned,)
    known = (
        f"Leases abroad known by name: {leases.height}, {float(leases['h100e'].sum()) / 1e3:.0f} thousand"
        " H100-equivalents in all, some not running yet. The rented chips above rest on a judged share."
    )
    return known, owned


def _figure(found: "Supply", country: str, stamp: dict[str, Any]) -> "Figure":
    from leadtime.answers.supply_drawn import shares, smuggled, summed, yearly, years
    from leadtime.answers.words import share

    streams = [c for c in STREAMS[country] if c in found.flows]
    whole = [(label, at) for label, at in years(found, streams) if len(at) == 4][-1:]
    rows = [r for r in _years(found, country) if r["channel"] != "rented"]
    flat = [
        {"period": r["period"], "channel": r["title"], "low": s.low, "median": s.median, "high": s.high}
        for r in rows
        if (s := r["arrived_thousand_h100e"]) is not None
    ]
    spread = ""
    if country == "CHN" and whole:
        s = shares(summed(found, streams, whole[0][1]))["diverted"]
        if s.median:
            spread = f" The smuggled share of {whole[0][0]} could be anything from {share(s.low)} to {share(s.high)}."
    made = figure(
        name="supply",
        title=(
            f"New AI computing power that arrived in {IN_WORDS[country]}, in chips as powerful as an Nvidia"
            f" H100.{spread}"
        ),
        chart=yearly(found, streams).drawn,
        rows=flat,
        n=f"{len(found.history.quarters)} quarters",
        method=(
            "Each bar is as high as the middle of its total; its parts are in proportion to the middles of their"
            " shares. Smuggled chips are counted from 2024 only. The data hold the 90% ranges, in thousands."
        ),
        stamp=stamp,
    )
    return made.named(smuggled(found, streams)) if country == "CHN" else made
