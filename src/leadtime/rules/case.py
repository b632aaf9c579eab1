"""One transaction on one day, as known on one day: the facts that the reading asks for."""

import datetime as dt
import math

from leadtime.rules import history
from leadtime.rules.conditions import NUMBERS, Places
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, One
from leadtime.rules.reading import addressed
from leadtime.rules.transaction import Transaction


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
