"""The headline of a lag, what bounds it, and what other choices make of it."""

import functools
from typing import TYPE_CHECKING

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.lagging import LIMITS, MONTHS, models_of, told, year_to
from leadtime.answers.parameters import Behind, Side
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.questions.lag_path import summary
from leadtime.answers.words import CLEAR, chance, grew
from leadtime.days import day_words
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study
    from leadtime.study.headline import Headline

_TITLES = {
    "past_year": "headline: the past year",
    "change": "against the year before",
    "now": "now, by the path",
    "realized_since_2023_07": "mean since July 2023",
    "process_level": "level of the process",
}


@question(
    "lag headline",
    "How large was the gap in the past year, and what decides that?",
    of="study",
    command="lag --headline",
    example={"of": "CHN", "behind": "USA"},
    schema="lag-headline",
    docs="methods/lag",
)
def lag_headline(study: "Study", *, of: Side = "CHN", behind: Behind = "USA") -> Answer:
    """Say the gap of the past year, its change and the gap now, which record bounds it, and what other choices make of
    it.
    """
    h = study.lag_headline(of, behind)
    found = {
        "past_year": h.past_year,
        "change": h.change,
        "now": h.path.now if h.path else None,
        "realized_since_2023_07": h.since,
        "process_level": h.level,
    }
    who, whom = models_of(of, study.evidence), models_of(behind, study.evidence, short=True)
    choices = _choices(study, of, behind)
    return Answer(
        sentence=sentence(h, who, whom, year_to(study.evidence_through), _without_parallel(study, of, behind)),
        rows=Table(rows=summary(found, _TITLES), columns=(Column(key="title", title="What"), MONTHS)),
        more=(_bounded_by(study, of, behind), choices),
        values={"p_grew": h.p_grew, "p_growing": h.path.p_growing if h.path else None},
        tag="measured",
        about=About(
            definition=h.past_year.definition,
            rests_on="Published test scores and days of release.",
            limits=(
                *LIMITS,
                "The ranges of the past year and of the mean since July 2023 are error of measurement alone.",
            ),
            docs="methods/lag",
        ),
        notes=(
            *((h.path.now.note,) if h.path else ()),
            "All rows use the same abilities, except that of scores by others alone: it has fewer models and tests.",
        ),
        figure=functools.partial(_figure, study, of, behind, h),
    )


def sentence(h: "Headline", who: str, whom: str, when: str, without: float | None) -> str:
    """Return the gap of the past year, and whether it grew: clearly only if it did without products of another kind,
    too.

    Args:
        h: The headline.
        who: The side that follows, as a subject.
        whom: The side it is compared with.
        when: The year.
        without: The chance that it grew, without products that put several answers into one, or None if that is not
            known.
    """
    change = Spread(None, None, None) if h.change is None else Spread(h.change.low, h.change.median, h.change.high)
    said = grew("The gap", change, h.p_grew, "the year before")
    if h.p_grew is not None and without is not None and _clear(h.p_grew) != _clear(without):
        said = (
            f"Whether the gap grew from the year before is unclear: the chance is {chance(h.p_grew)}, and"
            f" {chance(without)} without products that put several answers into one."
        )
    return f"{told(who, whom, h.past_year, verb='were', when=when)} {said}"


def _clear(p: float) -> int:
    return 1 if p >= CLEAR else -1 if p <= 1 - CLEAR else 0


def _without_parallel(study: "Study", of: str, behind: str) -> float | None:
    try:
        return float((study.lag_change_without_parallel(of, behind).draws > 0).mean())
    except LeadtimeError:
        return None


def _bounded_by(study: "Study", of: str, behind: str) -> Table:
    return Table(
        name="bounded_by",
        title="Which record bounds the gap, since July 2023",
        rows=records(study.lag_bounding(of, behind)),
        columns=(
            Column(key="name", title="Record"),
            Column(key="days_fraction", title="Of days", kind="share"),
            Column(key="mean_fraction", title="Of the mean", kind="share"),
            Column(key="without_months", title="Months on other days", kind="number", unit="months"),
        ),
        most=4,
    )


def _choices(study: "Study", of: str, behind: str) -> Table:
    return Table(
        name="choices",
        title="The same by other choices",
        rows=records(study.lag_sensitivity(of, behind)),
        columns=(
            Column(key="choice", title="Choice"),
            Column(key="past_year", title="Months behind", kind="spread", unit="months"),
            Column(key="change", title="Change", kind="number", unit="months", signed=True),
            Column(key="p_grew", title="Chance it grew", kind="chance"),
        ),
    )


def _figure(study: "Study", of: str, behind: str, h: "Headline") -> "Figure":
    import datetime as dt

    import numpy as np

    from leadtime.figures.chart import is_finite
    from leadtime.figures.events import events_of
    from leadtime.figures.lag import LEAST_MONTHS
    from leadtime.figures.period import Period, Quarter, Shown, by_quarter

    half = dt.timedelta(days=45)
    table = study.lag_over_time(of, behind)
    quarters = [
        Quarter(
            day=r["date"] - half,
            low=r["low"],
            median=r["median"],
            high=r["high"],
            sure=r["high"] - r["low"] >= LEAST_MONTHS,
            words=f"three months to {day_words(r['date'])}\n{r['median']:.1f} months"
            + (
                f" ({r['low']:.1f} to {r['high']:.1f})"
                if r["high"] - r["low"] >= LEAST_MONTHS
                else ", the same in every run"
            ),
        )
        for r in table.iter_rows(named=True)
        if is_finite(r["median"])
    ]
    last, year = study.evidence_through, dt.timedelta(days=365)
    now = h.past_year.median
    periods = [Period(begin=last - year, end=last, value=now, label=f"{now:.1f}", words="past year")]
    if h.change is not None:
        before = float(np.median(h.past_year.draws - h.change.draws))
        periods.insert(
            0, Period(begin=last - 2 * year, end=last - year, value=before, label=f"{before:.1f}", words="year before")
        )
    who, whom = models_of(of, study.evidence), models_of(behind, study.evidence, short=True)
    return figure(
        name="lag-headline",
        title=f"How many months earlier {whom} had passed the level of the best of {who}, average of each quarter.",
        chart=lambda width: by_quarter(
            width,
            quarters,
            periods,
            events_of(study.rules.log.tables["rule_events"], study.as_of),
            shown=Shown(unit=" months"),
        ),
        rows=table.drop("definition"),
        n=f"{len(quarters)} quarters",
        method=(
            "Shaded: 9 in 10 draws lie there, error of measurement alone. A hollow dot is a quarter with one value in"
            " all draws. Black bars: the years compared."
        ),
        stamp=study.stamp,
    )
