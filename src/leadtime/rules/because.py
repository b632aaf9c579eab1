"""Why the answer is so, in sentences: each rule that asks for a license, with its day and the number that it met."""

import datetime as dt
import math

from leadtime.days import day_words
from leadtime.rules.case import OneCase
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.quantities import CALLED, amount, interval

_MOST = 4
_MOST_MISSED = 2


def because(order: Reading, case: OneCase, found: Judgement) -> tuple[str, ...]:
    """Return the sentences: the rules that ask for a license, then the paragraphs that the item is near to or in."""
    asking: dict[tuple[str, int], list[Provision]] = {}
    for p in order.requirements:
        if max(found.applies[p.id]) != FALSE:
            asking.setdefault((p.instrument, found.applies[p.id][1]), []).append(p)
    ranked = sorted(asking.values(), key=lambda ps: -found.applies[ps[0].id][1])
    lines = [_asks(ps, order, case, found) for ps in ranked[:_MOST]]
    if len(ranked) > _MOST:
        lines.append(f"{len(ranked) - _MOST} more rules ask for one.")
    for p in order.elsewhere:
        if found.applies[p.id][1] != FALSE:
            lines.append(f"{p.title} ({p.pinpoint}) governs the place or a party. It is not read here.")
    if not ranked:
        lines += _does_not_reach(order, case, found)
    elif not any(found.applies[c.id][0] != FALSE for c in order.classifications):
        lines += _missed(order, case)[:_MOST_MISSED]
    return tuple(lines)


def since(case: OneCase, p: Provision) -> dt.date | None:
    """Return the day from which a provision has been in effect, the latest such day by then."""
    days = [e.effective_on for e in case.state(p).events if e.kind == "effective" and e.effective_on <= case.on]
    return max(days, default=None)


def _asks(ps: list[Provision], order: Reading, case: OneCase, found: Judgement) -> str:
    """Return what one instrument asks: since when, in which of its provisions, by which numbers."""
    instrument = case.log.instruments[ps[0].instrument]
    days = [d for p in ps if (d := since(case, p))]
    since_when = f", in effect since {day_words(max(days))}" if days else ""
    written, enforced = found.applies[ps[0].id]
    several = instrument["title"].startswith("Letters ")
    says = {
        TRUE: "ask for a license" if several else "asks for a license",
        UNKNOWN: "may ask for a license",
        FALSE: "asks for a license in its text, and is not enforced",
    }[enforced]
    if enforced == FALSE and written == UNKNOWN:
        says = "may ask for a license in its text, and is not enforced"
    reasons: dict[str, None] = {}
    for p in ps:
        reasons |= dict.fromkeys(met(p, case))
        for c in order.classifications:
            if set(c.eccn) & set(p.eccn) and found.applies[c.id][0] != FALSE:
                reasons |= dict.fromkeys([f"in {c.eccn[0]}", *met(c, case)])
    rests = f" The item: {'; '.join(reasons)}." if reasons else ""
    cited = f" ({instrument['citation']})" if instrument["citation"] else ""
    titles = "; ".join(dict.fromkeys(p.title[0].lower() + p.title[1:] for p in ps))
    return f"{instrument['title']} {says}{since_when}: {titles}.{rests}{cited}"


def met(p: Provision, case: OneCase) -> list[str]:
    """Return the limits that the item reaches, or may: of each quantity the highest, with the item's number."""
    highest: dict[str, float] = {}
    for names, sign, bound, negated in p.condition.limits:
        limit = bound if isinstance(bound, float) else case.number(bound)[0]
        if len(names) != 1 or sign not in (">=", ">") or negated or math.isnan(limit):
            continue
        if case.logic.compare(case.number(names[0]), sign, (limit, limit)) != FALSE:
            highest[names[0]] = max(limit, highest.get(names[0], 0.0))
    return [f"{CALLED[n][0]} {interval(n, *case.number(n))}, limit {amount(n, limit)}" for n, limit in highest.items()]


def _does_not_reach(order: Reading, case: OneCase, found: Judgement) -> list[str]:
    """Return why no rule asks for a license: the paragraph that does not reach the place, or the limits that are not
    reached.
    """
    t = case.transaction
    inside = [c for c in order.classifications if found.applies[c.id][0] == TRUE]
    if inside:
        c = inside[0]
        words = [
            f"The item is in {c.eccn[0]}. No rule that is in force asks for a license for it to"
            f" {case.log.countries[t.to]}."
        ]
        return [*words, f"In {c.eccn[0]} by: {', '.join(met(c, case))}."] if met(c, case) else words
    return ["The item is in none of the paragraphs that are read here. Another may apply.", *_missed(order, case)]


def _missed(order: Reading, case: OneCase) -> list[str]:
    """Return the paragraphs in force for such items that it does not reach, each with the nearest limits."""
    lines = []
    for c in order.classifications:
        if case.state(c).codified != TRUE or not case.item_is(c.items):
            continue
        least: dict[str, float] = {}
        for names, sign, bound, negated in c.condition.limits:
            limit = bound if isinstance(bound, float) else case.number(bound)[0]
            if len(names) != 1 or sign not in (">=", ">") or negated:
                continue
            if case.logic.compare(case.number(names[0]), sign, (limit, limit)) == FALSE:
                least[names[0]] = min(limit, least.get(names[0], math.inf))
        missed = [f"{CALLED[n][0]} {interval(n, *case.number(n))}, limit {amount(n, x)}" for n, x in least.items()]
        if missed:
            lines.append(f"“{c.title}” ({c.eccn[0]}) does not reach it: {'; '.join(missed)}.")
    return lines
