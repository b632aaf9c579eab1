"""The rules as one object: ask it for a status, a timeline, a duty, as known on any day."""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadtime
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.rules import log as logs
from leadtime.rules.transaction import Stated, Transaction, day, transaction

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.rules.changes import Change
    from leadtime.rules.ledger import Checked
    from leadtime.rules.screening import Screener
    from leadtime.rules.status import Status
    from leadtime.rules.tariffs import Duty


class Rulebook:
    """A log of rules, and the day on which it is read.

    Args:
        log: The log; default the built-in one.
        as_known: Nothing that became known later counts; default today.
        study: The study folder whose `lists/` parties are looked up on; None for none.
    """

    def __init__(
        self, log: logs.Log | None = None, as_known: dt.date | str | None = None, study: Path | None = None
    ) -> None:
        self.log = log or logs.built_in()
        self.as_known = day(as_known)
        self.study = study
        self._evidence: Evidence | None = None

    @functools.cached_property
    def hash(self) -> str:
        """Content hash of the log as known on its day, 16 hexadecimal digits: same hash, same answers."""
        digest = hashlib.sha256()
        for name in logs.NAMES:
            rows = (r for r in self.log.tables[name] if r["known_on"] <= self.as_known)
            digest.update(
                "\n".join([name, *sorted(repr(tuple(r[c.name] for c in TABLES[name].columns)) for r in rows)]).encode()
            )
        return digest.hexdigest()[:16]

    @property
    def brief(self) -> dict[str, Any]:
        """Return what of the stamp is known without reading the other evidence."""
        return {"version": leadtime.__version__, "as_of": self.as_known.isoformat(), "rules_hash": self.hash}

    @functools.cached_property
    def evidence(self) -> "Evidence":
        """The evidence that the log is part of."""
        from leadtime.evidence import Evidence

        return self._evidence or Evidence.load(as_of=dt.date.max)

    @functools.cached_property
    def stamp(self) -> dict[str, Any]:
        """What every answer about rules carries: version, day, hash of all evidence known by then, and of the log
        alone.
        """
        return {**self.evidence.stamp_by(self.as_known), "rules_hash": self.hash}

    @staticmethod
    def open(study: Path | str | None = None, as_known: dt.date | str | None = None) -> "Rulebook":
        """Return the built-in rules, with what a study folder adds or replaces.

        Raises:
            LeadtimeError: A malformed file (file, line, what was expected), a log that contradicts itself, or a day of
                knowing that has not come.
        """
        if as_known is not None and day(as_known) > dt.date.today():  # noqa: DTZ011 - the user's own calendar day
            raise LeadtimeError(
                f"{day(as_known)} is in the future, and nobody knows what will be public then",
                where="--as-of",
                fix="Give a day up to today. Only the day you ask about may be in the future.",
            )
        if study is None:
            return Rulebook(None, as_known)
        from leadtime.evidence import Evidence, settings

        known = day(as_known, default=settings.day_of(study))
        return Rulebook.of(Evidence.load(study, as_of=dt.date.max), known, Path(study))

    @staticmethod
    def of(evidence: "Evidence", as_known: dt.date | str | None = None, study: Path | None = None) -> "Rulebook":
        """Return the rules in a body of evidence, by default as known on its as-of date."""
        tables = {name: evidence[name].to_dicts() for name in logs.NAMES}
        found = Rulebook(logs.build(tables, evidence.places), as_known or evidence.as_of, study)
        found._evidence = evidence
        return found

    @functools.cached_property
    def parties(self) -> "Screener | None":
        """The lists in `lists/` of the study folder, ready to be asked, or None.

        Raises:
            LeadtimeError: A list that cannot be read.
        """
        return self.parties_with(())

    def parties_with(self, lists: Iterable[Path]) -> "Screener | None":
        """Return the same with files that the user names."""
        from leadtime.rules import screening_lists
        from leadtime.rules.screening import Screener

        named = tuple(lists)
        if not named and not (self.study and screening_lists.in_study(self.study)):
            return None
        return Screener(screening_lists.read(named, study=self.study))

    def transaction(self, chip: str | None = None, *, to: str, **details: Any) -> Transaction:
        """Return a transaction with its names resolved (see `transaction.transaction`)."""
        return transaction(self.log, chip, Stated(to=to, **details))

    def status(self, what: Transaction, on: dt.date | str, as_known: dt.date | str | None = None) -> "Status":
        """Return what the rules say about a transaction on a day (see `status.status`)."""
        from leadtime.rules.status import status

        return status(self.log, what, day(on), day(as_known, default=self.as_known))

    def changes(self, found: "Status") -> "tuple[Change, ...]":
        """Return what would change an answer (see `changes.changes`)."""
        from leadtime.rules.changes import changes

        return changes(self.log, found)

    def duty(self, goods: str, origin: str, on: dt.date | str, **details: Any) -> "Duty":
        """Return the duties on goods of an origin on a day (see `tariffs.duty`)."""
        from leadtime.rules.tariffs import Goods, duty

        known = day(details.pop("as_known", None), default=self.as_known)
        return duty(self.log, Goods(goods=goods, **details), origin, day(on), known)

    def ledger(self, path: Path) -> "Checked":
        """Return the caps and volume shares that a file of shipments is under (see `ledger.check`)."""
        from leadtime.rules.ledger import check

        return check(self.log, path, self.as_known)
