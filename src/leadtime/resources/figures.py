"""One published figure as a range of draws: with its own interval, with an assumed one where none was published, or
open at one end.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import unknown_name
from leadtime.evidence import Evidence
from leadtime.evidence.resource_tables import RESOURCE_TABLES

#: Tables whose rows are figures; `investment` has amounts and shares in columns of its own.
TABLES = (*(t.name for t in RESOURCE_TABLES), "investment")
_BLOC = {"USA": "USA", "CHN": "CHN", "WORLD": "WORLD"}
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Range:
    """What a figure can be: draws of its lower and of its upper end, the same where it is not open.

    Args:
        low: Shape (draw,).
        high: Shape (draw,), infinite if the figure says “at least”.
    """

    low: Floats
    high: Floats

    @property
    def is_open(self) -> bool:
        """Whether the figure gives one end only."""
        return self.low is not self.high

    def flat(self) -> Floats:
        """Return one array: the draws; where it is open those of the lower end, then those of the upper."""
        return np.concatenate([self.low, self.high]) if self.is_open else self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of a table of figures.

    Args:
        table: Its table.
        id: Its id; empty for a row of `investment` without one.
        kind: Its kind.
        quantity: What is counted, in words.
        bloc: USA, CHN, ROW or WORLD.
        who: The country, firm or body; empty for all of the bloc.
        unit: Its unit.
        low: Lower end as published, or None.
        central: Central value.
        high: Upper end.
        begin: First day of its period, or None if that was not published.
        end: Last day.
        definition: What exactly was counted.
        whole: What a share is a share of.
        grade: How it came about.
        alleged_by: Who alleges it.
        conflicts: Ids of rows that say otherwise.
        source: Id of its source.
        known_on: The day it became public.
        confidence: high, medium or low.
        note: What else a reader must know.
    """

    table: str
    id: str
    kind: str
    quantity: str
    bloc: str
    who: str
    unit: str
    low: float | None
    central: float | None
    high: float | None
    begin: dt.date | None
    end: dt.date
    definition: str
    whole: str
    grade: str
    alleged_by: str
    conflicts: tuple[str, ...]
    source: str
    known_on: dt.date
    confidence: str
    note: str

    @property
    def is_published(self) -> bool:
        """Whether anybody published a number."""
        return self.grade != "unpublished"

    @property
    def interval(self) -> str:
        """Where its interval comes from: published, assumed, one end only, or a count that is exact."""
        ends = (self.low is not None) + (self.high is not None)
        if self.central is None:
            return "published" if ends == 2 else "one end only"
        if ends == 0:
            return "exact" if self.grade == "measured" else "assumed"
        return "published" if ends == 2 else "assumed in part"

    @property
    def years(self) -> float:
        """Length of its period, years.

        A figure whose beginning was not published counts as one of a year.
        """
        return 1.0 if self.begin is None else ((self.end - self.begin).days + 1) / 365.25

    def draws(self, stated: Assumptions) -> Range:
        """Return what it can be.

        Ends are 5% and 95% quantiles, log-normal on each side of the center where all is above zero. Where none was
        published the ends are those of the assumption `published-figure-CONFIDENCE` times the center; a count is exact.
        """
        z = stated.normal(f"{self.table} {self.id or self.quantity + self.who}")
        low, center, high = self.ends(stated)
        if center is None:
            return Range(
                np.full(len(z), 0.0 if low is None else low), np.full(len(z), np.inf if high is None else high)
            )
        assert low is not None
        assert high is not None
        if low > 0:
            up, down = np.log(high / center), np.log(center / low)
            found = center * np.exp(z * np.where(z > 0, up, down) / _Z90)
        else:
            found = center + z * np.where(z > 0, high - center, center - low) / _Z90
        found = np.asarray(np.clip(found, 0.0, 1.0) if self.unit == "fraction" else found)
        return Range(found, found)

    def ends(self, stated: Assumptions) -> tuple[float | None, float | None, float | None]:
        """Return its lower end, center and upper end; no center where only one end was published.

        Raises:
            LeadtimeError: The assumption on its width is not known on that day.
        """
        low, center, high = self.low, self.central, self.high
        if center is None and (low is None or high is None):
            return low, None, high
        if center is None:
            assert low is not None
            assert high is not None
            center = float(np.sqrt(low * high)) if low > 0 else (low + high) / 2
        exact = (low is not None and high is not None) or self.interval == "exact"
        spread = 1.0 if exact else stated.value(f"published-figure-{self.confidence}")
        ends = sorted((center / spread, center * spread))
        top = min(ends[1], 1.0) if self.unit == "fraction" else ends[1]
        return ends[0] if low is None else low, center, top if high is None else high


def figures(evidence: Evidence, *tables: str) -> list[Figure]:
    """Return the figures of some tables, or of all, as known on the day of the evidence."""
    return [f for t in tables or TABLES for f in (_money(evidence) if t == "investment" else _rows(evidence[t], t))]


def named(evidence: Evidence, name: str) -> Figure:
    """Return the figure of an id.

    Raises:
        LeadtimeError: There is no such figure. The message has the nearest ids.
    """
    for t in TABLES:
        rows = _money(evidence) if t == "investment" else _rows(evidence[t].filter(pl.col("id") == name), t)
        if (found := next((f for f in rows if f.id == name), None)) is not None:
            return found
    raise unknown_name("figure", name, [f.id for f in figures(evidence) if f.id])


def _rows(rows: pl.DataFrame, table: str) -> Iterator[Figure]:
    plain = (
        "id",
        "kind",
        "quantity",
        "bloc",
        "unit",
        "low",
        "central",
        "high",
        "definition",
        "grade",
        "source",
        "known_on",
        "confidence",
    )
    for r in rows.iter_rows(named=True):
        own: dict[str, Any] = {k: r[k] for k in plain}
        own |= {k: r[k] or "" for k in ("who", "whole", "alleged_by", "note")}
        others = tuple(r["conflicts_with"].split("|")) if r["conflicts_with"] else ()
        yield Figure(table=table, begin=r["from"], end=r["to"], conflicts=others, **own)


def _money(evidence: Evidence) -> Iterator[Figure]:
    for r in evidence["investment"].iter_rows(named=True):
        is_share = any(r[k] is not None for k in ("share_low", "share", "share_high"))
        stem, unit = ("share", "fraction") if is_share else ("value_usd", "USD")
        yield Figure(
            table="investment",
            id=r["id"] or "",
            kind=r["kind"],
            quantity=_words(r),
            bloc=_BLOC.get(r["country"], "ROW"),
            who="" if r["entity"] == "all" else r["entity"],
            unit=unit,
            low=r[f"{stem}_low"],
            central=r[stem],
            high=r[f"{stem}_high"],
            begin=r["period_start"],
            end=r["period_end"],
            definition=r["definition"] or "",
            whole=r["whole"] or "",
            grade=r["grade"],
            alleged_by="",
            conflicts=(),
            source=r["source"],
            known_on=r["known_on"],
            confidence=r["confidence"] or "medium",
            note=r["note"] or "",
        )


def _words(r: dict[str, Any]) -> str:
    known = {
        "capex": "capital expenditure",
        "private-investment": "private investment in AI",
        "venture-ai": "venture money for AI",
        "venture-all": "venture money of all sectors",
        "ai-capex": "capital expenditure on AI, forecast",
        "sovereign-all": "money of sovereign investors that came in, all sectors",
        "government-funds": "government funds",
        "share-venture-ai": "share of venture money for AI",
        "share-venture-deals": "share of venture deals in AI",
        "share-government-funds": "share of government funds that went to AI",
    }
    return known.get(r["kind"], str(r["kind"]).replace("-", " "))
