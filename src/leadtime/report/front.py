"""The front page: are the rules working? An answer in a sentence, the measures that matter with their chances, and what
is not known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadtime.answers.words import chance
from leadtime.claims.support import SIMULATED, support_of
from leadtime.effect.bounds import MATTERS_MONTHS
from leadtime.errors import LeadtimeError
from leadtime.once import once
from leadtime.quantities import value
from leadtime.report.chapter import spread
from leadtime.report.said import DIVERTED_IN, band, compared, percent, percents, spoken
from leadtime.report.tables import months
from leadtime.report.unknown import unknown
from leadtime.study import agreed
from leadtime.supply import like
from leadtime.supply.arrivals import designer, listed, quarter_of

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
#: From here a thing is said outright; below one less it, its contrary is.
SURE = 0.9
BY = "2028Q4"
#: The layer of a measure of which nobody counted a part.
PARTLY = "partly assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of the answer.

    Args:
        name: Key in results.json.
        words: What is measured.
        value: Median and 90% interval, as text.
        chance: The probability that matters, in words.
        probability: The same as a number; None where there is none.
        layer: A word of `claims.support.SUPPORTS`, or `partly assumed` where nobody counted a part of it.
        chapter: Anchor of the chapter behind it.
        explain: What `leadtime explain` wants to open it; empty for what it does not know.
    """

    name: str
    words: str
    value: str
    chance: str
    probability: float | None
    layer: str
    chapter: str
    explain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The first page.

    Args:
        answer: One sentence.
        cause: What is known of the rules' effect on the lag, in a few sentences.
        measures: What it rests on.
        unknown: What it does not know, a sentence each.
    """

    answer: str
    cause: str
    measures: tuple[Measure, ...]
    unknown: tuple[str, ...]


@once
def front(study: "Study") -> Front:
    """Return the front page; a measure that the day's evidence does not reach is left out."""
    found = [m for make in _MEASURES if (m := _tried(make, study)) is not None]
    known = {m.name: m.probability for m in found}
    assumed = any(m.name == "share_fell" and m.layer == PARTLY for m in found)
    return Front(
        answer=answer(known.get("share_fell"), known.get("lag_grew"), assumed=assumed),
        cause=_cause(study),
        measures=tuple(found),
        unknown=unknown(study),
    )


def answer(fell: float | None, grew: float | None, *, assumed: bool = False) -> str:
    """Return the answer in a sentence, whichever way the measures point.

    What rests on an assumption is said to, and never makes the answer a plain yes or no.

    Args:
        fell: P(China's share of new chips fell).
        grew: P(the lag of its models grew within a year).
        assumed: A part of the chips that are compared was not counted but assumed.
    """
    if grew is None and fell is None:
        return "As of this day the evidence does not say whether the rules are working."
    chips = _side(
        fell,
        "China gets a smaller share of the world's new AI chips",
        "China gets no smaller share of the world's new AI chips",
        "whether China gets a smaller share of the world's new AI chips is unclear",
        "how many chips reach China was not counted yet",
    )
    models = _side(
        grew,
        "its models are further behind than a year ago",
        "its models are less far behind than a year ago",
        "its models are not clearly further behind",
        "how far its models are behind cannot be compared with a year ago",
    )
    good, bad = _sides(fell, grew)
    plain = {} if assumed else {(2, 0): "So far, yes", (0, 2): "So far, no"}
    word = plain.get((good, bad), "In part" if good else "Not shown")
    joint = "but" if good == 1 else "and"
    held = " This holds if what we assume of uncounted chips holds." if assumed and fell is not None else ""
    return f"{word}. {chips[0].upper()}{chips[1:]}, {joint} {models}.{held}"


def _cause(study: "Study") -> str:
    """Return what is known of the rules' effect; a sentence alone where nothing can be computed on that day."""
    try:
        return str(study.effect().short)
    except LeadtimeError:
        return "What the rules did to the gap cannot be bounded on this day."


def _side(p: float | None, yes: str, no: str, unclear: str, missing: str) -> str:
    if p is None:
        return missing
    return yes if p >= SURE else no if p <= 1 - SURE else unclear


def _sides(*chances: float | None) -> tuple[int, int]:
    known = [p for p in chances if p is not None]
    return sum(p >= SURE for p in known), sum(p <= 1 - SURE for p in known)


def _tried(make: Callable[["Study"], Measure], study: "Study") -> Measure | None:
    try:
        return make(study)
    except LeadtimeError:
        return None


def _share(study: "Study") -> Measure:
    s = compared(study, like.BEFORE_2023)
    makers = listed([designer(m) for m in s.makers])
    return Measure(
        name="share_fell",
        words=(
            f"China's share of the computing power of new AI chips of {makers} and Chinese makers, "
            f"in {spoken(s.before)}, before the rules tightened, and in {spoken(s.after)}"
        ),
        value=f"{percents(s.first)}, then {percents(s.second)}",
        chance=f"fell: {chance(s.p_fell)}",
        probability=s.p_fell,
        layer=PARTLY if s.assumed else support_of(study, "supply.share_change", {}),
        chapter="fork",
        explain=f"supply.share_change.{s.before}.{s.after}.same",
    )


def _evaded(study: "Study") -> Measure:
    share = value(study, "supply.diverted_share", {"quarter": DIVERTED_IN})
    p = float(np.mean(share > 0.25))
    return Measure(
        name="diverted_share",
        words=f"Of the chips China got in {DIVERTED_IN}, share that came against the rules",
        value=percents(share),
        chance=f"more than a quarter: {chance(p)}",
        probability=p,
        layer=support_of(study, "supply.ratio", {}),
        chapter="fork",
        explain=f"supply.diverted_share.{DIVERTED_IN}",
    )


def _ratio(study: "Study") -> Measure:
    last = study.supply.history.quarters[-1]
    ratio = value(study, "supply.ratio", {"quarter": last})
    p = float(np.mean(ratio > 5))
    return Measure(
        name="stock_ratio",
        words=f"American AI computing power over that in China's hands at home, in {spoken(last)}",
        value=band(ratio),
        chance=f"more than five: {chance(p)}",
        probability=p,
        layer=support_of(study, "supply.ratio", {}),
        chapter="fork",
        explain=f"supply.ratio.{last}",
    )


def _lag(study: "Study") -> Measure:
    lag = value(study, "lag.year", {})
    p = float(np.mean(lag > 0))
    return Measure(
        name="lag_behind",
        words="How far China's best models trailed America's, mean of the past year",
        value=f"{band(lag)} months",
        chance=f"behind: {chance(p)}",
        probability=p,
        layer=support_of(study, "lag.year", {}),
        chapter="figures",
        explain="lag.year",
    )


def _grew(study: "Study") -> Measure:
    change = value(study, "lag.change", {})
    p, rest = (float(np.mean(c > 0)) for c in (change, study.lag_change_without_parallel().draws))
    return Measure(
        name="lag_grew",
        words="How that gap changed from the year before",
        value=f"{band(change)} months",
        chance=f"grew: {chance(p)}; without Pro, Heavy and Deep Think products {chance(rest)}",
        probability=agreed(p, rest),
        layer=support_of(study, "lag.year", {}),
        chapter="figures",
        explain="lag.change",
    )


def _now(study: "Study") -> Measure:
    path = study.lag_path()
    grows = "" if path.p_growing is None else f"longer than a year ago: {chance(path.p_growing)}"
    return Measure(
        name="lag_now",
        words="The gap now, by a path that all models inform",
        value=f"{band(value(study, 'lag.now', {}))} months",
        chance=grows,
        probability=path.p_growing,
        layer=support_of(study, "lag.year", {}),
        chapter="figures",
        explain="lag.now",
    )


def _since(study: "Study") -> Measure:
    lag = study.lag().draws
    first = study.lag_bounding().row(0, named=True)
    return Measure(
        name="lag_since",
        words="The same mean since July 2023, as realized",
        value=f"{band(lag)} months",
        chance=(
            f"{first['name']} alone bounds it on {percent(first['days_fraction'])} of the days and makes"
            f" {percent(first['mean_fraction'])} of it"
        ),
        probability=None,
        layer=support_of(study, "lag.year", {}),
        chapter="figures",
        explain="lag.chn-usa",
    )


def _level(study: "Study") -> Measure:
    return Measure(
        name="lag_level",
        words="The level behind these gaps",
        value=f"{band(value(study, 'lag.level', {}))} months",
        chance="with sampling error, not of measurement alone",
        probability=None,
        layer=support_of(study, "lag.year", {}),
        chapter="figures",
        explain="lag.level",
    )


def _effect(study: "Study") -> Measure:
    now = quarter_of(study.as_of)
    added = value(study, "scenario", {"scenario": "as-is", "quarter": now, "against": "no-controls"})
    p = float(np.mean(added >= MATTERS_MONTHS))
    return Measure(
        name="effect",
        words="What the rules add to the gap now, in our simulation",
        value=f"{band(added)} months",
        chance=f"half a month or more: {chance(p)} in our simulation, given its priors{_before_data(study, now)}",
        probability=p,
        layer=SIMULATED,
        chapter="effect",
        explain=f"scenario.as-is.{now} --with against=no-controls",
    )


def _before_data(study: "Study", quarter: str) -> str:
    """Return what the priors alone say of the effect in a quarter; nothing where that was not worked out."""
    try:
        prior = study.fork.effect_prior(quarter)
    except LeadtimeError:
        return ""
    alone = months(prior["median"], prior["low"], prior["high"])
    return f"; by these alone {alone} months and {chance(prior['p_over_half'])}"


def _ahead(name: str, words: str) -> Callable[["Study"], Measure]:
    def make(study: "Study") -> Measure:
        lag = value(study, "scenario", {"scenario": name, "quarter": BY})
        p = float(np.mean(lag > 12))
        return Measure(
            name=f"lag_{BY.lower()}_{name.replace('-', '_')}",
            words=f"The gap at the end of {BY[:4]} {words}, in our simulation",
            value=f"{band(lag)} months",
            chance=f"over a year: {chance(p)}, given its priors",
            probability=p,
            layer=SIMULATED,
            chapter="fork",
            explain=f"scenario.{name}.{BY}",
        )

    return make


def _price(study: "Study") -> Measure:
    price = study.fork.price_of_a_month("as-is", "no-controls", BY)
    if not price:
        raise LeadtimeError("in most draws the rules add no lead that could be priced")
    return Measure(
        name="price_of_a_month_usd",
        words=f"American chip sales given up for each month of lead, to {BY[:4]}",
        value=f"${spread(price['low'], price['median'], price['high'])}",
        chance=f"no lead to show for them: {chance(price['p_none'])}, given its priors",
        probability=price["p_none"],
        layer=SIMULATED,
        chapter="fork",
    )


_MEASURES = (
    _share,
    _evaded,
    _ratio,
    _lag,
    _grew,
    _now,
    _since,
    _level,
    _effect,
    _ahead("as-is", "if the rules stay"),
    _ahead("strengthened", "if they are strengthened"),
    _ahead("curtailed", "if they are curtailed"),
    _price,
)
