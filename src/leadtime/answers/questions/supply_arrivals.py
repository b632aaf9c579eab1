"""Which AI chips arrived by quarter and channel, in one country or several, and what they add up to."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Choice, Many, Name
from leadtime.answers.parameters import Scale
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.frontiers import Bands, Events, Since, Until
from leadtime.answers.supplied import IN_WORDS, STREAMS, spread_of, until
from leadtime.answers.supply_drawn import CALLED, HUES, bar, basis, labels, line, quarter_words, shares, sized, summed
from leadtime.answers.words import CLEAR, listed, number, share

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
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
    at = _within(found, since, until)
    rows = _rows(found, whose, measure, at)
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
                "What Chinese firms rent abroad is not among arrivals at home.",
                "Smuggled chips are counted from 2024 only.",
                "By memory bandwidth H20s count for more than by their 8-bit rate.",
            ),
            docs="methods/supply",
            see=("supply", "supply share", "supply compare", "supply chips"),
        ),
        notes=found.history.words(),
        figure=functools.partial(
            _figure, study, whose, measure, at, rows, Look(bands=bands == "on", events=events, log=scale == "log")
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the figure is drawn: ranges shaded, which days of rules are marked, and on a logarithmic scale."""

    bands: bool
    events: str
    log: bool


def _within(found: "Supply", since: dt.date | None, until: dt.date | None) -> list[int]:
    """Return the places of the quarters that lie in a span of days, at least two."""
    from leadtime.supply.counts import begin, end

    names = found.history.quarters
    kept = [i for i, q in enumerate(names) if (since is None or end(q) > since) and (until is None or begin(q) < until)]
    return kept if len(kept) > 1 else list(range(len(names)))


def _streams(found: "Supply", country: str, measure: str) -> list[str]:
    return [c for c in STREAMS[country] if c in (found.stocks if measure == "in-use" else found.flows)]


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
            for c in _streams(found, country, measure):
                s = spread_of(of[c][:, i])
                rows.append(
                    {
                        "quarter": names[i],
                        "quarter_words": quarter_words(names[i]),
                        "country": country,
                        "country_name": _name(country),
                        "channel": c if country == "CHN" else "all",
                        "channel_words": CALLED[c],
                        "median": s.median,
                        "low": s.low,
                        "high": s.high,
                        **base,
                    }
                )
    return rows


def _name(country: str) -> str:
    words = IN_WORDS[country].removeprefix("the ")
    return words[:1].upper() + words[1:]


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
        return f"{when} no AI chips that are counted arrived there."
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


def _figure(
    study: "Study",
    whose: Sequence[str],
    measure: str,
    at: Sequence[int],
    rows: Sequence[Mapping[str, Any]],
    look: Look,
) -> "Figure":
    from leadtime.figures.channels_log import on_log
    from leadtime.figures.events import events_of
    from leadtime.figures.period import by_quarter

    found: Supply = study.supply
    marks = () if look.events == "none" else events_of(study.rules.log.tables["rule_events"], study.as_of)
    most = 99 if look.events == "all" else None
    words = {
        "arrived": (
            f"New AI computing power by quarter and channel in {_listed(whose)}, in chips as powerful as an Nvidia"
            " H100."
        ),
        "in-use": (
            f"AI computing power in use at the end of each quarter in {_listed(whose)}, in chips as powerful as an"
            " Nvidia H100."
        ),
        "share": "China's share of the computing power of AI chips delivered worldwide, by quarter, all makers.",
        "ratio": (
            "American AI chips in use for each Chinese one, by computing power; chips of other countries are left out."
        ),
    }
    if measure in ("share", "ratio"):
        quarters = [_quarter(r, measure, look.bands) for r in rows]
        unit, hue = ("%", "china") if measure == "share" else ("", "us")
        chart: Any = lambda width: by_quarter(width, quarters, (), marks, unit=unit, hue=hue, log=look.log)  # noqa: E731
    elif look.log:
        drawn = _lines(found, whose, measure, at)
        chart = lambda width: on_log(width, drawn, marks if len(whose) == 1 else (), most, bands=look.bands)  # noqa: E731
    else:
        chart = _stacked(found, whose, measure, at, marks, most).drawn
    made = figure(
        name=f"chips-{measure}",
        title=words[measure],
        chart=chart,
        rows=list(rows),
        n=f"{len(at)} quarters",
        method=(
            "Shaded: 9 in 10 draws lie there."
            if measure in ("share", "ratio")
            else "Lines: the middle, each step multiplies. Shaded: 9 in 10 draws. Quarters without any are left out."
            if look.log
            else (
                "Each bar is as high as the middle of its total; its parts are in proportion to the middles of their"
                " shares. Those who point at a bar read its range. Smuggled chips are counted from 2024 only."
            )
        ),
        stamp=study.stamp,
    )
    return made.named(heading(found, whose, measure, rows))


def heading(found: "Supply", whose: Sequence[str], measure: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what the chart shows, a heading: arrivals lately, what is in use, or whether a share or a ratio rose or
    fell.
    """
    first, last = rows[0], rows[-1]
    if measure == "arrived":
        return _against_the_year_before(found, whose[0])
    if measure == "in-use":
        i = found.history.quarters.index(last["quarter"])
        total = spread_of(sum(found.stocks[c][:, i] for c in _streams(found, whose[0], measure)))  # type: ignore[arg-type]
        return (
            f"By {last['quarter_words']}, {IN_WORDS[whose[0]]} had the use of AI chips worth about"
            f" {sized(total.median or 0)} H100s"
        )
    names = found.history.quarters
    draws = found.share_of_china("flow") if measure == "share" else found.ratio()
    rose = float((draws[:, names.index(last["quarter"])] > draws[:, names.index(first["quarter"])]).mean())
    before, now = first["median"], last["median"]
    moved = "up from" if rose >= CLEAR else "down from" if rose <= 1 - CLEAR else "not clearly changed from"
    if measure == "share":
        return (
            f"China got {number(now, 0)}% of the world's new AI chips in {last['quarter_words']}, {moved}"
            f" {number(before, 0)}% in {first['quarter_words']}"
        )
    return (
        f"America has {number(now)} AI chips for each Chinese one, {moved} {number(before)} in {first['quarter_words']}"
    )


def _against_the_year_before(found: "Supply", country: str) -> str:
    """Return whether more chips arrived in the last four quarters than in the four before, a heading."""
    import numpy as np

    n = len(found.history.quarters)
    if n < 8:
        return f"AI chips that arrived in {IN_WORDS[country]}"
    before, after = (sum(summed(found, STREAMS[country], at).values()) for at in (range(n - 8, n - 4), range(n - 4, n)))
    more = float(np.mean(np.greater(after, before)))
    sizes = [sized(spread_of(x).median or 0) for x in (before, after)]  # type: ignore[arg-type]
    who = IN_WORDS[country]
    who = who[:1].upper() + who[1:]
    moved = "more" if more >= CLEAR else "fewer" if more <= 1 - CLEAR else ""
    if not moved:
        return f"{who} did not clearly get more or fewer AI chips than the year before: {sizes[1]}, after {sizes[0]}"
    return f"{who} got {moved} AI chips than the year before: {sizes[1]}, after {sizes[0]}"


def _listed(whose: Sequence[str]) -> str:
    return listed([IN_WORDS[c] for c in whose])


def _quarter(r: Mapping[str, Any], measure: str, bands: bool) -> Any:
    from leadtime.figures.period import Quarter
    from leadtime.supply.counts import end

    unit, digits = ("%", 0) if measure == "share" else (" for 1", 1)
    spread = f"{r['median']:.{digits}f}{unit} ({r['low']:.{digits}f} to {r['high']:.{digits}f})"
    low, high = (r["low"], r["high"]) if bands else (r["median"], r["median"])
    return Quarter(
        day=end(r["quarter"]) - dt.timedelta(days=45),
        low=low,
        median=r["median"],
        high=high,
        words=f"{r['quarter_words']}\n{spread}",
    )


def _stacked(
    found: "Supply", whose: Sequence[str], measure: str, at: Sequence[int], marks: Any, most: int | None
) -> Any:
    from leadtime.figures.stacked import Panel, Stacked
    from leadtime.supply.counts import begin, end

    of, names, panels = found.stocks if measure == "in-use" else found.flows, found.history.quarters, []
    for country in whose:
        streams = _streams(found, country, measure)
        bars = [
            bar(
                (begin(names[i]), end(names[i])),
                "",
                quarter_words(names[i]),
                {c: of[c][:, i] for c in streams},
                total=False,
            )
            for i in at
        ]
        last = {c: of[c][:, at[-1]] for c in streams}
        panels.append(Panel(name=_name(country), bars=bars, labels=labels(bars, last) if len(streams) > 1 else []))
    events = marks if len(whose) == 1 else ()
    return Stacked(panels=panels, hues=HUES, events=events, most_events=most, years=True)


def _lines(found: "Supply", whose: Sequence[str], measure: str, at: Sequence[int]) -> list[Any]:
    """Return a line for each channel of one country, or one for each of several countries."""
    of = found.stocks if measure == "in-use" else found.flows
    if len(whose) == 1:
        series = [(CALLED[c][:1].upper() + CALLED[c][1:], HUES[c], of[c]) for c in _streams(found, whose[0], measure)]
    else:
        hues = {"CHN": "china", "USA": "us"}
        series = [
            (_name(c), hues.get(c, "other"), sum(of[s] for s in _streams(found, c, measure)))  # type: ignore[misc]
            for c in whose
        ]
    return [line(found, at, name, hue, draws) for name, hue, draws in series]
