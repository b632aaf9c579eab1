"""The chance of an event, from how often its like came in what was known on a day."""

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from leadtime.backtest.questions import Question
from leadtime.errors import LeadtimeError
from leadtime.rules import hazard

if TYPE_CHECKING:
    from leadtime.study import Study

#: What ends a scheduled act before its day.
_STOPPED = ("not_enforced", "suspended", "withdrawn", "struck_down", "superseded", "dropped")
_YEAR = 365.25


def chance(past: "Study", q: Question) -> tuple[float, str]:
    """Return P(the event happens by the question's day) by the study of an earlier day, and what it rests on.

    Raises:
        LeadtimeError: Nothing like it was known then.
    """
    kind, _, rest = q.series.partition(":")
    days = float((q.closes_on - past.as_of).days)
    if kind == "rules":
        rate = hazard.rate(past.rules.log, rest, past.as_of)
        return rate.chance(days), f"{len(rate.episodes)} episodes in {rate.years:.1f} years"
    if kind == "bill":
        return _bill(past, days)
    if kind == "case":
        return _case(past, float(rest), days)
    if kind == "scheduled":
        return _scheduled(past)
    raise LeadtimeError("nothing that was public then bears on it")


def _bill(past: "Study", days: float) -> tuple[float, str]:
    log, day = past.rules.log, past.as_of
    bills = [i for i in log.instruments.values() if i["kind"] == "bill" and i["known_on"] <= day]
    if not bills:
        raise LeadtimeError("no bill was known then")
    enacted, years, pending = 0, 0.0, 0
    for bill in bills:
        events = [e for e in log.events.get(bill["id"], ()) if e.known_on <= day]
        over = [e.effective_on for e in events if e.kind in ("effective", "dropped", "withdrawn")]
        enacted += any(e.kind == "effective" for e in events)
        pending += not over
        years += ((min(over) if over else day) - bill["announced_on"]).days / _YEAR
    if not pending or years <= 0:
        raise LeadtimeError("no bill was pending then")
    return hazard.chance_of_one(
        enacted, years, pending * days
    ), f"{enacted} enacted in {years:.1f} years of pending bills"


def _case(past: "Study", least_usd: float, days: float) -> tuple[float, str]:
    cases = past.evidence["enforcement"].filter(pl.col("kind") == "case", pl.col("value_usd").is_not_null())
    if cases.is_empty():
        raise LeadtimeError("no case with a value was known then")
    first = cases["known_on"].min()
    years = max(((past.as_of - first).days if isinstance(first, dt.date) else 0) / _YEAR, 0.25)
    n = cases.filter(pl.col("value_usd") >= least_usd).height
    return hazard.chance_of_one(n, years, days), f"{n} so large in {years:.1f} years"


def _scheduled(past: "Study") -> tuple[float, str]:
    """Share of acts announced for a later day that came into force on it, with Jeffreys' prior."""
    log, day = past.rules.log, past.as_of
    kept = broken = 0
    for events in log.events.values():
        known = [e for e in events if e.known_on <= day]
        for e in known:
            if e.kind in ("effective", "compliance_due") and e.known_on < e.effective_on <= day:
                stopped = any(
                    o.kind in _STOPPED and o.known_on <= e.effective_on and o.provision == e.provision for o in known
                )
                broken += stopped
                kept += not stopped
    if not kept + broken:
        raise LeadtimeError("no act had been announced ahead then")
    return (kept + 0.5) / (kept + broken + 1), f"{kept} of {kept + broken} acts announced ahead came on their day"
