"""The answer for one transaction: paragraph, requirement, policy, exceptions, three axes, trace, confidence."""

import datetime as dt
import functools
import math
from dataclasses import dataclass
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.rules import history
from leadtime.rules.conditions import NUMBERS, Places
from leadtime.rules.coverage import not_modelled
from leadtime.rules.judge import ANSWERS, Judgement, Reading, answer_index
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN, WORDS, One
from leadtime.rules.transaction import BUS_GB_S, FIRST_DAY, Transaction
from leadtime.rules.verdict import VERDICTS, verdict_index

_CONFIDENCE = ("high", "medium", "low")


class OneCase:
    """One transaction on one day, as known on one day, for the reading."""

    logic = One()

    def __init__(self, log: Log, transaction: Transaction, on: dt.date, known: dt.date) -> None:
        self.log, self.transaction, self.on, self.known = log, transaction, on, known
        self._states: dict[str, history.State] = {}

    def number(self, name: str) -> tuple[float, float]:
        """Return the interval of a quantity, or the value of a parameter (none in force: nothing reaches it)."""
        if name in NUMBERS:
            return self.transaction.number(name)
        value = history.parameter(self.log, name, self.on, self.known)
        return (math.nan, math.nan) if value is None else (value, value)

    def flag(self, name: str) -> int:
        """Return whether a statement about the transaction holds."""
        return self.transaction.flag(name)

    def named(self, patterns: str) -> int:
        """Return whether the chip is one of those named."""
        return self.transaction.named(patterns)

    def item_is(self, items: tuple[str, ...]) -> int:
        """Return whether the item is of one of the kinds."""
        return TRUE if not items or self.transaction.item in items else FALSE

    def to(self, places: Places) -> int:
        """Return whether the destination is in a set of places."""
        return self._inside(places, self.transaction.to)

    def home(self, places: Places) -> int:
        """Return whether the end user or its ultimate parent has its headquarters in a set of places."""
        return max(self._inside(places, self.transaction.hq), self._inside(places, self.transaction.parent))

    def _inside(self, places: Places, country: str) -> int:
        found: int = places.evaluate(
            lambda group: history.member(self.log, group, country, self.on, self.known), self.logic
        )
        return found

    def addressed(self, names: tuple[str, ...]) -> int:
        """Return whether the exporter is one of the addressees."""
        return addressed(self.transaction.exporter, names)

    def state(self, provision: Provision) -> history.State:
        """Return the state of a provision."""
        if provision.id not in self._states:
            self._states[provision.id] = history.state(self.log, provision, self.on, self.known)
        return self._states[provision.id]

    def states(self, provision: Provision) -> tuple[int, int, int]:
        """Return whether a provision is codified, binding, enforced."""
        s = self.state(provision)
        return s.codified, s.binding, s.enforced


def addressed(exporter: str, names: tuple[str, ...]) -> int:
    """Return whether an exporter is one of the addressees; unknown when the exporter is not known."""
    if not names:
        return TRUE
    if not exporter:
        return UNKNOWN
    return TRUE if exporter.casefold() in {n.casefold() for n in names} else FALSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the trace: a provision, whether it applies, and on what that turned."""

    provision: str
    role: str
    title: str
    pinpoint: str
    citation: str
    applies_codified: str
    applies_enforced: str
    state: str
    tests: tuple[str, ...]
    outcome: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What may be said about a transaction on a day, as known on a day."""

    transaction: Transaction
    on: dt.date
    as_known: dt.date
    eccn: str
    eccn_possible: tuple[str, ...]
    license_codified: str
    license_enforced: str
    answer: str
    verdict: str
    not_modelled: tuple[str, ...]
    elsewhere: tuple[str, ...]
    review: str
    review_possible: tuple[str, ...]
    review_codified: str
    exceptions: tuple[str, ...]
    practical: tuple[str, ...]
    unknown_since: dt.date | None
    decides: tuple[str, ...]
    confidence: str
    unconfirmed: tuple[str, ...]
    assumptions: tuple[str, ...]
    trace: tuple[Step, ...]
    sources: tuple[str, ...]


@functools.lru_cache(maxsize=8)
def _reading(key: int, holder: "_Holder") -> Reading:
    return Reading.of(holder.log)


class _Holder:
    """A log as a cache key: by identity."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __hash__(self) -> int:
        return id(self.log)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.log is self.log


def reading(log: Log) -> Reading:
    """Return the reading order of a log, made once."""
    return _reading(id(log), _Holder(log))


def require_recorded(on: dt.date, as_known: dt.date) -> None:
    """Refuse a day before the log begins, asked about or known on.

    Raises:
        LeadtimeError: Such a day.
    """
    for name, value in (("on", on), ("as known on", as_known)):
        if value < FIRST_DAY:
            raise LeadtimeError(
                f"{value} is before the log begins", where=name, fix=f"The log of rules starts on {FIRST_DAY}."
            )


def status(log: Log, transaction: Transaction, on: dt.date, as_known: dt.date) -> Status:
    """Return what the rules say about a transaction on `on`, from what was known on `as_known`.

    Raises:
        LeadtimeError: A day before the log begins.
    """
    require_recorded(on, as_known)
    case, order = OneCase(log, transaction, on, as_known), reading(log)
    found = order.judge(case)
    practices = [p for p in order.practices if _practised(p, case)]
    decisive = _decisive(found, order, practices)
    return Status(
        transaction=transaction,
        on=on,
        as_known=as_known,
        eccn="none" if found.eccn < 0 else order.classifications[found.eccn].eccn[0],
        eccn_possible=tuple(p.eccn[0] for p in order.classifications if found.applies[p.id][0] == UNKNOWN),
        license_codified=_license_words(found, 0),
        license_enforced=_license_words(found, 1),
        answer=ANSWERS[answer_index(case.logic, found.license[1], found.unclear[1])],
        verdict=VERDICTS[
            verdict_index(case.logic, found.license[1], found.license[0], found.unclear[1], found.elsewhere)
        ],
        not_modelled=not_modelled(transaction),
        elsewhere=tuple(f"{p.title} ({p.pinpoint})" for p in order.elsewhere if found.applies[p.id][1] != FALSE),
        review=_policy(found, order, 1),
        review_possible=_possible_reviews(found, order),
        review_codified=_policy(found, order, 0),
        exceptions=tuple(
            dict.fromkeys(
                p.outcome + (" (may)" if found.applies[p.id][1] == UNKNOWN else "")
                for p in order.exceptions
                if found.applies[p.id][1] != FALSE
            )
        ),
        practical=tuple(f"{p.title} ({case.state(p).words})" for p in practices),
        unknown_since=max(
            (
                s
                for p in decisive
                if (s := case.state(p).unknown_since) and found.applies.get(p.id, (0, 0))[1] == UNKNOWN
            ),
            default=None,
        ),
        decides=_decides(case, order, found),
        confidence=_confidence(decisive, log, case),
        unconfirmed=_unconfirmed(decisive, log, case),
        assumptions=_assumptions(transaction),
        trace=_trace(log, order, case, found),
        sources=tuple(sorted({s for p in decisive for s in (p.source, log.instruments[p.instrument]["source"])})),
    )


def _license_words(found: Judgement, axis: int) -> str:
    if found.license[axis] == UNKNOWN:
        return "unclear" if found.unclear[axis] == UNKNOWN else "conditional"
    return WORDS[found.license[axis]]


def _policy(found: Judgement, order: Reading, axis: int) -> str:
    if found.license[axis] == FALSE:
        return "none"
    return "not_stated" if found.review[axis] < 0 else order.reviews[found.review[axis]].outcome


def _possible_reviews(found: Judgement, order: Reading) -> tuple[str, ...]:
    if not found.review_open[1]:
        return ()
    ranked = list(order.reviews)
    end = found.review[1] if found.review[1] >= 0 else len(ranked)
    return tuple(dict.fromkeys(p.outcome for p in ranked[:end] if found.applies[p.id][1] == UNKNOWN))


def _practised(p: Provision, case: OneCase) -> bool:
    if case.state(p).codified == FALSE or not case.item_is(p.items) or p.condition.evaluate(case) != TRUE:
        return False
    return TRUE in (case.to(p.destinations), case.home(p.headquarters))


def _decisive(found: Judgement, order: Reading, practices: list[Provision]) -> list[Provision]:
    """Return the provisions that an answer rests on: all that apply, or may, on either axis, and the chosen policy."""
    chosen = {found.review[0], found.review[1]}
    kept = [p for ps in (order.classifications, order.requirements) for p in ps if max(found.applies[p.id]) != FALSE]
    kept += [p for i, p in enumerate(order.reviews) if i in chosen or found.applies[p.id][1] == UNKNOWN]
    kept += [p for ps in (order.exceptions, order.elsewhere) for p in ps if found.applies[p.id][1] != FALSE]
    return kept + practices


def _decides(case: OneCase, order: Reading, found: Judgement) -> tuple[str, ...]:
    """Return the tests that an open answer turns on: of the paragraph, the license, the policy, where each is open."""
    open_ones: list[Provision] = []
    if found.eccn_open:
        open_ones += [p for p in order.classifications if found.applies[p.id][0] == UNKNOWN]
    for axis in (0, 1):
        if found.license[axis] == UNKNOWN:
            open_ones += [p for p in order.requirements if found.applies[p.id][axis] == UNKNOWN]
    if found.review_open[1] and found.license[1] != FALSE:
        end = found.review[1] if found.review[1] >= 0 else None
        open_ones += [p for p in order.reviews[:end] if found.applies[p.id][1] == UNKNOWN]
    lines: list[str] = []
    for p in dict.fromkeys(p.id for p in open_ones):
        provision = case.log.provision(p)
        s = case.state(provision)
        if found.matched[p] != FALSE and UNKNOWN in (s.codified, s.binding, s.enforced):
            lines.append(f"{p}: {s.words}")
        lines += [f"{p}: {t}" for t in _tests(provision, case, found) if t.endswith(": unknown")]
    return tuple(dict.fromkeys(lines))


def _shown(case: OneCase, name: str) -> str:
    low, high = case.number(name)
    if math.isnan(low):
        return f"{name} has no value on this day"
    if low == high:
        return f"{name} {low:g}" if math.fabs(low) < 1e6 else f"{name} {low:.4g}"
    if (low, high) == (0.0, math.inf):
        return f"{name} not known"
    return f"{name} {low:g} or more" if high == math.inf else f"{name} {low:g}..{high:g}"


def _tests(p: Provision, case: OneCase, found: Judgement) -> tuple[str, ...]:
    lines = []
    if p.role != "classification" and p.eccn:
        among = max(found.applies[c.id][0] for c in reading(case.log).classifications if set(c.eccn) & set(p.eccn))
        lines.append(f"paragraph among {', '.join(p.eccn)}: {WORDS[among]}")
    for name in p.requires:
        lines.append(f"{name} applies: {WORDS[max(found.applies[name])]}")
    for text, evaluate, names in p.condition.leaves:
        values = ", ".join(_shown(case, n) for n in dict.fromkeys(names))
        lines.append(f"{text}{f' [{values}]' if values else ''}: {WORDS[evaluate(case)]}")
    t = case.transaction
    if p.destinations.text:
        lines.append(f"destination {t.to} in {p.destinations.text}: {WORDS[case.to(p.destinations)]}")
    if p.headquarters.text:
        homes = t.hq if t.hq == t.parent else f"{t.hq} or {t.parent}"
        lines.append(f"headquarters {homes} in {p.headquarters.text}: {WORDS[case.home(p.headquarters)]}")
    if p.addressees:
        lines.append(
            f"exporter {t.exporter or 'not known'} among {', '.join(p.addressees)}: "
            f"{WORDS[case.addressed(p.addressees)]}"
        )
    if p.items:
        lines.append(f"item {t.item} among {', '.join(p.items)}: {WORDS[case.item_is(p.items)]}")
    return tuple(lines)


def _trace(log: Log, order: Reading, case: OneCase, found: Judgement) -> tuple[Step, ...]:
    provisions = (*order.classifications, *order.requirements, *order.reviews, *order.exceptions, *order.elsewhere)
    return tuple(
        Step(
            provision=p.id,
            role=p.role,
            title=p.title,
            pinpoint=p.pinpoint,
            citation=log.instruments[p.instrument]["citation"] or "",
            applies_codified=WORDS[found.applies[p.id][0]],
            applies_enforced=WORDS[found.applies[p.id][1]],
            state=_outranked(p, order, found) + (case.state(p).words or "not in force"),
            tests=_tests(p, case, found),
            outcome=p.outcome or "|".join(p.eccn),
            confidence=p.confidence,
        )
        for p in provisions
        if p.known_on <= case.known
    )


def _outranked(p: Provision, order: Reading, found: Judgement) -> str:
    """Return a note on a policy that applies while another of higher priority decides."""
    chosen = found.review[1] if found.license[1] != FALSE else found.review[0]
    if p.role != "review" or chosen < 0 or order.reviews.index(p) <= chosen:
        return ""
    return f"outranked by {order.reviews[chosen].id}; "


def _rows(decisive: list[Provision], log: Log, case: OneCase) -> list[dict[str, Any]]:
    """Return the records that an answer rests on: provisions, instruments, events, memberships, chip."""
    rows: list[dict[str, Any]] = []
    for p in decisive:
        instrument = log.instruments[p.instrument]
        rows.append({"confidence": p.confidence, "unconfirmed": p.unconfirmed, "id": p.id})
        rows.append({**instrument, "id": p.instrument})
        for e in case.state(p).events:
            if e.effective_on <= case.on:
                rows.append(
                    {"confidence": e.confidence, "unconfirmed": e.unconfirmed, "id": f"{e.instrument} {e.kind}"}
                )
        places = {case.transaction.to, case.transaction.hq, case.transaction.parent}
        for group in (*p.destinations.names, *p.headquarters.names):
            for country in places:
                rows += [
                    {**r, "id": f"{group} {country}"}
                    for r in log.groups.get(group, {}).get(country, ())
                    if r["known_on"] <= case.known and r["from"] <= case.on
                ]
    chip = log.chips.get(case.transaction.chip)
    if chip:
        rows.append({"confidence": chip["confidence"], "unconfirmed": "", "id": chip["id"]})
    return rows


def _confidence(decisive: list[Provision], log: Log, case: OneCase) -> str:
    grades = [r["confidence"] for r in _rows(decisive, log, case) if r["confidence"]]
    return max(grades, key=_CONFIDENCE.index, default="high")


def _unconfirmed(decisive: list[Provision], log: Log, case: OneCase) -> tuple[str, ...]:
    lines = (f"{r['id']}: {r['unconfirmed']}" for r in _rows(decisive, log, case) if r["unconfirmed"])
    return tuple(dict.fromkeys(lines))


def _assumptions(t: Transaction) -> tuple[str, ...]:
    lines = [t.read_as] if t.read_as else []
    flags = dict(t.flags)
    if t.hq == t.to == t.parent:
        lines.append(f"the end user and its ultimate parent have their headquarters in {t.to} (--hq, --parent)")
    if "certified" not in flags and t.origin == "us" and t.to in ("CHN", "HKG", "MAC"):
        lines.append("where a policy asks for certifications, they are made (--uncertified)")
    if not t.chip and "available_in_us" not in flags and t.item in ("chip", "system"):
        lines.append("the item is commercially available in the US (--not-sold-in-us)")
    if "listed" not in flags and "owned_by_listed" not in flags:
        lines.append("the end user is on no list, nor owned by one that is (--listed, --owned-by-listed)")
    if t.chip and t.number("io_gb_s") == (0.0, BUS_GB_S):
        lines.append(f"no link between chips is published: at most the {BUS_GB_S:g} GB/s of the host's bus")
    if not t.chip and t.item in ("chip", "system") and "datacenter" not in flags:
        lines.append("the item is designed or marketed for data centers (--not-datacenter)")
    lines.append("only controls on AI chips are read: embargoes, end-use rules and other reasons for control are not")
    return tuple(lines)
