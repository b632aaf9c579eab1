"""China's share of arriving chips before the rules and now, like for like."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.supplied import span
from leadtime.answers.words import CLEAR, chance, share

if TYPE_CHECKING:
    import datetime as dt

    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_COUNTED = {("all", "owned"): "owned", ("legal", "owned"): "under rules", ("all", "used"): "with rented"}
_MAKERS = {"same": "the same makers in both", "all": "all makers, with what is assumed of them"}
_COLUMNS = (
    Column(key="title", title="Counted"),
    Column(key="share_before_median", title="Before", kind="share"),
    Column(key="share_after_median", title="After", kind="share"),
    Column(key="change_median", title="Change, points", kind="share", signed=True),
    Column(key="p_fell", title="Chance it fell", kind="chance"),
)


@question(
    "supply share",
    "Did China's share of AI chips fall?",
    of="study",
    command="supply --share",
    schema="supply-share",
    docs="methods/supply",
)
def supply_share(study: "Study") -> Answer:
    """Say how China's share of arriving chips moved from before the rules to now, like for like."""
    from leadtime.supply import like

    rows = [
        _row(r)
        for r in records(like.table(study.supply).sort("before", "makers", descending=True, maintain_order=True))
    ]
    return Answer(
        sentence=sentence(rows[0]),
        rows=Table(rows=rows, columns=_COLUMNS, by="compared"),
        tag="estimated from few sources",
        about=About(
            definition=(
                "China's share of the chips that arrived in a period, by dense 8-bit rate or by memory bandwidth."
            ),
            rests_on="Counted shipments of each maker, and stated assumptions where nobody counted.",
            limits=("A period without a count of Chinese makers understates the fall.",),
            docs="methods/supply",
        ),
        notes=(
            (
                "The same makers: outside China those counted in every quarter of both periods; Chinese ones where they"
                " were counted."
            ),
            (
                "Before the rule of October 2023 the A800 and H800 could be bought. Before August 2022 every chip"
                " could, but China's part was not counted."
            ),
            (
                "Owned: all channels. Under rules: what was shipped under the rules alone. With rented: also a judged"
                " share of chips in third countries."
            ),
        ),
        figure=functools.partial(_figure, study, rows[0]),
    )


def _row(r: dict[str, Any]) -> dict[str, Any]:
    from leadtime.supply.arrivals import designer

    unit = "8-bit rate" if r["unit_basis"] == "int8" else "memory bandwidth"
    makers = ", ".join(map(designer, r["designers"].split(", ")))
    return {
        "compared": f"{r['before']} and {r['after']}: {_MAKERS[r['makers']]}, in {unit}",
        "title": _COUNTED[r["channels"], r["scope"]],
        **r,
        "note": f"Makers: {makers}. Assumed: {r['assumed'] or 'nothing'}.",
    }


def sentence(r: Mapping[str, Any]) -> str:
    """Return whether China's share fell, by one comparison: clearly, clearly not, or unclear."""
    before, after = (
        f"{share(s.median)} ({share(s.low)} to {share(s.high)})"
        for s in (Spread(*(r[f"share_{when}_{k}"] for k in ("low", "median", "high"))) for when in ("before", "after"))
    )
    p = r["p_fell"]
    what = f"China's share of arriving AI chips{', counting the same makers,' if r['makers'] == 'same' else ''}"
    if 1 - CLEAR < p < CLEAR:
        return (
            f"Whether {what} fell is unclear: it was {before} in {span(r['before'])} and {after} in {span(r['after'])};"
            f" the chance is {chance(p)}."
        )
    moved, sure = ("fell", p) if p >= CLEAR else ("did not fall: it went", 1 - p)
    return (
        f"{what} {moved} from {before} in {span(r['before'])} to {after} in {span(r['after'])} (chance {chance(sure)})."
    )


def heading(r: Mapping[str, Any]) -> str:
    """Return the same as a heading: whether the share fell, did not, or that it is unclear."""
    p, before, after = r["p_fell"], share(r["share_before_median"]), share(r["share_after_median"])
    what = "China's share of new AI chips"
    if 1 - CLEAR < p < CLEAR:
        return f"Whether {what} fell is unclear: it was {before} and is {after}"
    return (
        f"{what} fell from {before} to {after}"
        if p >= CLEAR
        else f"{what} did not fall: it went from {before} to {after}"
    )


def _figure(study: "Study", row: Mapping[str, Any]) -> "Figure":
    import numpy as np

    from leadtime.figures.events import events_of
    from leadtime.figures.period import Period, Quarter, Shown, by_quarter
    from leadtime.supply import like
    from leadtime.supply.counts import end

    found = study.supply
    s = like.compare(found, row["before"], row["after"], makers=row["makers"])
    names = found.history.quarters
    chosen = None if row["makers"] == "all" else frozenset((*s.makers, *s.at_home))
    quarters = []
    for i, name in enumerate(names):
        draws = 100 * like.share(found, [i], makers=chosen)
        if not np.isfinite(draws).any():
            continue
        low, median, high = (float(v) for v in np.nanquantile(draws, [0.05, 0.5, 0.95]))
        words = f"{_spoken(name)}\n{median:.0f}% ({low:.0f} to {high:.0f})"
        quarters.append(Quarter(day=_middle(end(name)), low=low, median=median, high=high, words=words))
    periods = []
    for when, draws in (("before", s.first), ("after", s.second)):
        days = [_middle(end(names[i])) for i in like.span(getattr(s, when), names)]
        middle = float(np.median(draws))
        words = (
            "the year before Oct 2023" if when == "before" and s.before == like.BEFORE_2023 else span(getattr(s, when))
        )
        periods.append(
            Period(
                begin=days[0],
                end=days[-1],
                value=100 * middle,
                label=share(middle),
                words=words if when == "before" else "the last year",
            )
        )
    rows = [{"quarter_middle": q.day, "low": q.low, "median": q.median, "high": q.high} for q in quarters]
    events = events_of(study.rules.log.tables["rule_events"], study.as_of)
    drawn = figure(
        name="supply-share",
        title="By computing power, of chips delivered worldwide. Smuggled ones are counted from 2024 only.",
        chart=lambda width: by_quarter(width, quarters, periods, events, shown=Shown(unit="%")),
        rows=rows,
        n=f"{len(quarters)} quarters",
        method=(
            "By quarter, of the same makers throughout. All channels, owned in China; what is rented abroad is not"
            " among them. Shaded: 9 in 10 draws lie there. Black bars: the periods compared."
        ),
        stamp=study.stamp,
    )
    return drawn.named(heading(row))


def _middle(last: "dt.date") -> "dt.date":
    """Return the middle of a quarter from its last day."""
    import datetime as dt

    return last - dt.timedelta(days=45)


def _spoken(quarter: str) -> str:
    months = {"1": "Jan–Mar", "2": "Apr–Jun", "3": "Jul–Sep", "4": "Oct–Dec"}
    return f"{months[quarter[-1]]} {quarter[:4]}"
