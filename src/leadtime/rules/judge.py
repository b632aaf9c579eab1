"""The reading of the rules: which provisions apply to a transaction, what they require, under which policy.

One reading serves one transaction (plain ints) and millions of them (arrays): it only uses the `Logic` of its facts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from leadtime.rules.conditions import Facts
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN

AXES = ("codified", "enforced")


class Case(Facts, Protocol):
    """A transaction, or many, on a day, as known on a day."""

    def item_is(self, items: tuple[str, ...]) -> Any:
        """Return whether the item is of one of the kinds (none: any)."""

    def addressed(self, names: tuple[str, ...]) -> Any:
        """Return whether the exporter is one of the addressees (none: everyone is)."""

    def states(self, provision: Provision) -> tuple[Any, Any, Any]:
        """Return whether the provision is codified, binding in law, and enforced."""


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What the reading found; every value is an int or an array, by the logic of the case.

    Args:
        matched: Classification or requirement to whether it is about this transaction, whatever its state.
        applies: Provision id to whether it applies, in law and as enforced.
        eccn: Index into `eccns` of the paragraph, -1 for none.
        eccn_open: Whether a paragraph of higher rank may apply.
        license: By axis, whether a license is required.
        review: By axis, index into `reviews` of the policy, -1 for none stated.
        review_open: By axis, whether a policy of higher rank may apply.
        exceptions: Exception id to whether it is available, by axis.
        elsewhere: Whether a regime that is not modelled governs the place.
    """

    matched: dict[str, Any]
    applies: dict[str, tuple[Any, Any]]
    eccn: Any
    eccn_open: Any
    license: tuple[Any, Any]
    review: tuple[Any, Any]
    review_open: tuple[Any, Any]
    exceptions: dict[str, tuple[Any, Any]]
    elsewhere: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """The provisions of a log by role, in the order in which they are read."""

    classifications: tuple[Provision, ...]
    requirements: tuple[Provision, ...]
    reviews: tuple[Provision, ...]
    exceptions: tuple[Provision, ...]
    practices: tuple[Provision, ...]
    elsewhere: tuple[Provision, ...]

    @staticmethod
    def of(log: Log) -> "Reading":
        """Return the reading order of a log: highest priority first."""
        by_role = {
            role: [p for p in log.provisions if p.role == role]
            for role in ("classification", "requirement", "review", "exception", "practice", "elsewhere")
        }
        ranked = [tuple(sorted(ps, key=lambda p: (-p.priority, p.id))) for ps in by_role.values()]
        return Reading(*ranked)

    def judge(self, case: Case) -> Judgement:
        """Return what the rules say about a case."""
        logic = case.logic
        matched: dict[str, Any] = {}
        applies: dict[str, tuple[Any, Any]] = {}
        eccn, eccn_open, classes = self._classify(case, matched, applies)
        license: list[Any] = [FALSE, FALSE]
        subject = case.flag("subject")
        for p in self.requirements:
            reach = subject
            if p.eccn:  # an item of a paragraph that is a direct product is subject for that (15 CFR 734.9(h))
                reach = logic.either(subject, case.flag("direct_product"))
            match = matched[p.id] = logic.pruned(logic.both(reach, _match(p, case, classes)))
            applies[p.id] = _in_force(match, p, case)
            for axis in (0, 1):
                license[axis] = logic.either(license[axis], applies[p.id][axis])
        reviews = [self._review(case, axis, applies, classes) for axis in (0, 1)]
        uncovered: dict[tuple[str, ...], tuple[Any, Any]] = {}
        exceptions = {p.id: self._subject(p, case, applies, classes, uncovered) for p in self.exceptions}
        elsewhere: Any = FALSE
        for p in self.elsewhere:
            match = _match(p, case, classes)
            codified, binding, _ = case.states(p)
            applies[p.id] = (logic.both(match, binding), logic.both(match, codified))
            elsewhere = logic.either(elsewhere, applies[p.id][1])
        return Judgement(
            matched=matched,
            applies=applies,
            eccn=eccn,
            eccn_open=eccn_open,
            license=(license[0], license[1]),
            review=(reviews[0][0], reviews[1][0]),
            review_open=(reviews[0][1], reviews[1][1]),
            exceptions=exceptions,
            elsewhere=elsewhere,
        )

    def _classify(
        self, case: Case, matched: dict[str, Any], applies: dict[str, tuple[Any, Any]]
    ) -> tuple[Any, Any, dict[str, Any]]:
        logic = case.logic
        index: Any = -1
        is_open: Any = FALSE
        classes: dict[str, Any] = {}
        for i, p in enumerate(self.classifications):
            match = matched[p.id] = _both_or_false(logic, case.item_is(p.items), p.condition.evaluate, case)
            verdict = FALSE if is_false(match) else logic.pruned(logic.both(match, case.states(p)[0]))
            applies[p.id] = (verdict, verdict)
            index, is_open = _first(logic, index, is_open, verdict, i)
            for name in p.eccn:
                classes[name] = logic.either(classes.get(name, FALSE), verdict)
        return index, is_open, classes

    def _review(
        self,
        case: Case,
        axis: int,
        applies: dict[str, tuple[Any, Any]],
        classes: dict[str, Any],
    ) -> tuple[Any, Any]:
        index: Any = -1
        is_open: Any = FALSE
        for i, p in enumerate(self.reviews):
            verdict = self._subject(p, case, applies, classes, {})[axis]
            index, is_open = _first(case.logic, index, is_open, verdict, i)
        return index, is_open

    def _uncovered(self, logic: Any, covered: tuple[str, ...], applies: dict[str, tuple[Any, Any]]) -> tuple[Any, Any]:
        """Return, by axis, whether a requirement applies that is not among those covered."""
        found: list[Any] = [FALSE, FALSE]
        for p in self.requirements:
            if p.id not in covered:
                found = [logic.either(found[axis], applies[p.id][axis]) for axis in (0, 1)]
        return found[0], found[1]

    def _subject(
        self,
        p: Provision,
        case: Case,
        applies: dict[str, tuple[Any, Any]],
        classes: dict[str, Any],
        uncovered: dict[tuple[str, ...], tuple[Any, Any]],
    ) -> tuple[Any, Any]:
        """Return, by axis, whether a review policy or an exception applies: its own test, and a requirement it is
        about.

        An exception applies where it covers every requirement that does.
        """
        if p.id in applies:
            return applies[p.id]
        logic = case.logic
        possible = []
        for axis, own in enumerate(case.states(p)[1:]):
            needed: Any = FALSE if p.requires else TRUE
            for name in p.requires:
                needed = logic.either(needed, applies[name][axis])
            verdict = logic.both(own, needed)
            if p.role == "exception" and p.requires not in uncovered:
                uncovered[p.requires] = self._uncovered(logic, p.requires, applies)
            if p.role == "exception":
                verdict = logic.both(verdict, logic.negate(uncovered[p.requires][axis]))
            possible.append(logic.pruned(verdict))
        match = FALSE if all(map(is_false, possible)) else _match(p, case, classes)
        applies[p.id] = (logic.pruned(logic.both(match, possible[0])), logic.pruned(logic.both(match, possible[1])))
        return applies[p.id]


def is_false(value: Any) -> bool:
    """Return whether a truth value is false for the whole case, so that nothing else about it needs to be asked."""
    return type(value) is int and value == FALSE


def _both_or_false(logic: Any, first: Any, second: Callable[[Any], Any], case: Case) -> Any:
    """Return whether both hold; the second is asked only where the first may hold in some row."""
    first = logic.pruned(first)
    return FALSE if is_false(first) else logic.pruned(logic.both(first, second(case)))


def _in_force(match: Any, p: Provision, case: Case) -> tuple[Any, Any]:
    """Return, by axis, whether a provision that is about a case applies to it."""
    if is_false(match):
        return FALSE, FALSE
    logic = case.logic
    _, binding, enforced = case.states(p)
    return logic.pruned(logic.both(match, binding)), logic.pruned(logic.both(match, enforced))


def _first(logic: Any, index: Any, is_open: Any, verdict: Any, i: int) -> tuple[Any, Any]:
    if is_false(verdict):
        return index, is_open
    free = index == -1
    is_open = logic.either(is_open, logic.choose(free & (verdict == UNKNOWN), UNKNOWN, FALSE))
    return logic.choose(free & (verdict == TRUE), i, index), is_open


def _match(p: Provision, case: Case, classes: dict[str, Any]) -> Any:
    """Return whether a provision is about a case; what costs least is asked first."""
    logic = case.logic
    verdict = logic.pruned(case.item_is(p.items))
    if p.eccn and not is_false(verdict):
        among: Any = FALSE
        for name in p.eccn:
            among = logic.either(among, classes.get(name, FALSE))
        verdict = logic.pruned(logic.both(verdict, among))
    if p.addressees and not is_false(verdict):
        verdict = logic.pruned(logic.both(verdict, case.addressed(p.addressees)))
    if (p.destinations.text or p.headquarters.text) and not is_false(verdict):
        place = logic.either(case.to(p.destinations), case.home(p.headquarters))
        verdict = logic.pruned(logic.both(verdict, place))
    return _both_or_false(logic, verdict, p.condition.evaluate, case)
