"""The answer for one transaction: verdict, paragraph, requirement, policy, exceptions, what it rests on and
turns on.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.rules import standing
from leadtime.rules.case import OneCase
from leadtime.rules.coverage import not_modelled
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.kinds import exception_names, exceptions_told, paragraphs, policies_told, policy_names
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.masks import Masks
from leadtime.rules.reading import reading
from leadtime.rules.trace import Step, trace
from leadtime.rules.transaction import FIRST_DAY, Transaction
from leadtime.rules.verdict import ANSWER_OF, LICENSE_WORD, verdict_of

#: Nothing is asked about a day that is so many years after the day of asking.
MOST_YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What may be said about a transaction on a day, as known on a day.

    Args:
        verdict: The headline, one of `verdict.MEANINGS`.
        not_modelled: What may reach the transaction and is not modelled, or only pointed to.
        elsewhere: Regimes that are not modelled and govern the place.
        eccn: The paragraph; where a number decides, all that it may be, joined by "or"; `none`: none of those modelled.
        review: The policy; where several are possible the strictest, with the others in `review_possible`.
        answer: What the modelled rules say as enforced: `license_required`, `no_license_required`, `conditional` (cases
            that fit what was given differ) or `unknown` (it hangs on what nobody recorded).
        turns_on: One sentence on what decides, with the nearest limit, where cases differ.
    """

    transaction: Transaction
    on: dt.date
    as_known: dt.date
    verdict: str
    eccn: str
    eccn_possible: tuple[str, ...]
    license_codified: str
    license_enforced: str
    answer: str
    review: str
    review_possible: tuple[str, ...]
    review_codified: str
    exceptions: tuple[str, ...]
    practical: tuple[str, ...]
    unknown_since: dt.date | None
    turns_on: str
    because: tuple[str, ...]
    elsewhere: tuple[str, ...]
    not_modelled: tuple[str, ...]
    confidence: str
    unconfirmed: tuple[str, ...]
    assumptions: tuple[str, ...]
    trace: tuple[Step, ...]
    sources: tuple[str, ...]


def require_recorded(on: dt.date, as_known: dt.date) -> None:
    """Refuse a day before the log begins, or too far ahead to say anything of.

    Raises:
        LeadtimeError: Such a day.
    """
    for name, value in (("--on", on), ("--as-of", as_known)):
        if value < FIRST_DAY:
            raise LeadtimeError(
                f"{value} is before the first day of the rules log",
                where=name,
                fix=f"Choose {FIRST_DAY} or a later day.",
            )
    if on.year > as_known.year + MOST_YEARS_AHEAD:
        raise LeadtimeError(
            f"{on} is more than {MOST_YEARS_AHEAD} years after {as_known}, the day of asking",
            where="--on",
            fix="Ask about an earlier day. Nobody knows the rules that far ahead.",
        )


def masks_of(order: Reading, found: Judgement) -> Masks:
    """Return what a judgement of one transaction comes to, taken as it is."""
    required = found.license[1]
    names, policies = exception_names(order), policy_names(order)
    outcome = order.reviews[found.review[1]].outcome if found.review[1] >= 0 else "not_stated"
    index = found.review[1] if found.review[1] >= 0 else len(order.reviews)
    review = 1 << policies.index(outcome)
    for p in order.reviews[:index]:  # a policy of higher rank that hangs on the record may decide as well
        review |= 1 << policies.index(p.outcome) if found.applies[p.id][1] == UNKNOWN else 0
    some = every = 0
    for p in order.exceptions:
        value = found.applies[p.id][1]
        bit = 1 << names.index(p.outcome)
        some |= bit if value != FALSE else 0
        every |= bit if value == TRUE else 0
    free = required == FALSE
    return Masks(
        written=1 << found.license[0],
        enforced=1 << required,
        eccn=1 << (found.eccn if found.eccn >= 0 else len(order.classifications)),
        review=0 if free else review,
        some=0 if free else some,
        every=-1 if free else every,
        elsewhere=1 << found.elsewhere,
    )


def is_open(found: Judgement) -> bool:
    """Return whether a paragraph, requirement, policy or exception is open."""
    values = (found.eccn_open, *found.license, *found.review_open)
    return UNKNOWN in values or any(UNKNOWN in e for e in found.exceptions.values())


def told(order: Reading, masks: Masks) -> dict[str, Any]:
    """Return what a transaction may come to, in the words of `Status`."""
    review, others = policies_told(order, masks.review)
    found = paragraphs(order, masks.eccn)
    return {
        "verdict": verdict_of(masks.enforced, masks.written, masks.elsewhere != 1 << FALSE),
        "eccn": " or ".join(found),
        "eccn_possible": tuple(found) if len(found) > 1 else (),
        "license_codified": LICENSE_WORD[masks.written],
        "license_enforced": LICENSE_WORD[masks.enforced],
        "answer": ANSWER_OF[masks.enforced],
        "review": review,
        "review_possible": others,
        "exceptions": tuple(
            n + ("" if sure else " (may)") for n, sure in exceptions_told(order, masks.some, masks.every)
        ),
    }


def headline(log: Log, transaction: Transaction, on: dt.date, as_known: dt.date) -> dict[str, Any]:
    """Return the words of an answer without what it rests on: for asking again at other days and numbers."""
    order = reading(log)
    found = order.judge(OneCase(log, transaction, on, as_known))
    if not is_open(found):
        return told(order, masks_of(order, found))
    from leadtime.rules.turning import resolved

    return told(order, resolved(log, transaction, on, as_known)[0])


def status(log: Log, transaction: Transaction, on: dt.date, as_known: dt.date) -> Status:
    """Return what the rules say about a transaction on `on`, from what was known on `as_known`.

    Raises:
        LeadtimeError: A day before the log begins, or too far ahead.
    """
    require_recorded(on, as_known)
    case, order = OneCase(log, transaction, on, as_known), reading(log)
    found = order.judge(case)
    masks, turns_on = masks_of(order, found), ""
    if is_open(found):
        from leadtime.rules.turning import resolved

        masks, turns_on = resolved(log, transaction, on, as_known)
    practices = [p for p in order.practices if _practised(p, case)]
    rests_on = standing.decisive(found, order, practices)
    rows = standing.records(rests_on, log, case) + standing.absences(found, order, case)
    rows += standing.unaddressed(found, order, case)
    words = told(order, masks)
    from leadtime.rules.because import because

    return Status(
        transaction=transaction,
        on=on,
        as_known=as_known,
        **words,
        review_codified=_policy(found, order, 0),
        practical=tuple(f"{p.title} ({case.state(p).words})" for p in practices),
        unknown_since=max(
            (
                s
                for p in rests_on
                if (s := case.state(p).unknown_since) and found.applies.get(p.id, (0, 0))[1] == UNKNOWN
            ),
            default=None,
        ),
        turns_on=turns_on,
        because=because(order, case, found),
        elsewhere=tuple(f"{p.title} ({p.pinpoint})" for p in order.elsewhere if found.applies[p.id][1] != FALSE),
        not_modelled=not_modelled(transaction),
        confidence=standing.confidence(rows),
        unconfirmed=standing.unconfirmed(rows),
        assumptions=standing.assumptions(log, transaction),
        trace=trace(log, order, case, found),
        sources=tuple(sorted({s for p in rests_on for s in (p.source, log.instruments[p.instrument]["source"])})),
    )


def _policy(found: Judgement, order: Reading, axis: int) -> str:
    if found.license[axis] == FALSE:
        return "none"
    return "not_stated" if found.review[axis] < 0 else order.reviews[found.review[axis]].outcome


def _practised(p: Provision, case: OneCase) -> bool:
    if case.state(p).codified == FALSE or not case.item_is(p.items) or p.condition.evaluate(case) != TRUE:
        return False
    return TRUE in (case.to(p.destinations), case.home(p.headquarters))
