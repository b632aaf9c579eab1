"""The SEC's company facts: revenue and capital expenditure by fiscal quarter, as the first filing that had them stated
them.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.outcome import Note, Refused
from leadtime.update import addresses
from leadtime.update.connector import Address, File, Gathered, Known, Mention, each, rows_for
from leadtime.update.plainly import json_of

#: Quarters before this day are not what the question is about.
SINCE = dt.date(2022, 1, 1)
_REVENUE = ("Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax")
_CAPEX = ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets")


class Filer(NamedTuple):
    """A company: how the evidence calls it, and the month in which its fiscal year ends, which names the year."""

    name: str
    ends: int


#: By the SEC's key.
FILERS = {
    1045810: Filer("NVIDIA", 1), 2488: Filer("AMD", 12), 789019: Filer("Microsoft", 6), 1652044: Filer("Alphabet", 12),
    1326801: Filer("Meta", 12), 1018724: Filer("Amazon", 12), 1341439: Filer("Oracle", 5),
}  # fmt: skip


class Fact(NamedTuple):
    """What a period came to, and when that was first filed."""

    start: dt.date
    end: dt.date
    value: float
    filed: dt.date
    derived: bool = False


class Filings:
    """Company facts of the makers of chips and of those who buy most of them."""

    name = "filings"
    title = "SEC company facts: revenue and capital expenditure by quarter"
    gives = ("revenue", "investment")

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return one file for each company."""
        return [a for cik in FILERS for a in addresses.of(self.name, cik=f"CIK{cik:010d}")]

    def recognizes(self, file: File) -> bool:
        """Return whether a file is one of company facts."""
        return file.name.endswith(".json") and (b'"us-gaap"' in file.content or b'"entityName"' in file.content[:2000])

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: no model is in them."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return revenue and capital expenditure by quarter."""
        return each(files, _read)


def _read(file: File) -> Gathered:
    whole = json_of(file)
    cik = whole.get("cik") if isinstance(whole, dict) else None
    facts = whole.get("facts") if isinstance(whole, dict) else None
    gaap = facts.get("us-gaap") if isinstance(facts, dict) else None
    if not re.fullmatch("[0-9]{1,10}", str(cik)) or not isinstance(gaap, dict):
        raise LeadtimeError("does not contain company facts: `cik` and `facts` with `us-gaap`")
    filer = FILERS.get(int(str(cik)))
    if filer is None:
        raise LeadtimeError(
            f"is about a company that leadtime does not follow (CIK {cik})",
            fix=f"Followed: {', '.join(f.name for f in FILERS.values())}.",
        )
    got = Gathered()
    revenue = quarters(_facts(gaap, _REVENUE, file, got))
    spent = quarters(_facts(gaap, _CAPEX, file, got))
    source = {
        "id": f"sec-company-facts-{filer.name.casefold()}",
        "title": f"{filer.name}: company facts from its filings",
        "publisher": "US Securities and Exchange Commission",
        "url": f"https://data.sec.gov/api/xbrl/companyfacts/CIK{int(str(cik)):010d}.json",
        "kind": "official",
    }
    got.found += rows_for(
        "revenue",
        file,
        [
            {
                "company": filer.name,
                "fiscal_period": fiscal_period(f.end, filer.ends),
                "item": "total",
                "basis": "company",
                **_cells(f),
            }
            for f in revenue
        ],
        source,
        dated_by="published",
    )
    got.found += rows_for(
        "investment",
        file,
        [{"entity": filer.name, "country": "USA", "kind": "capex", **_cells(f)} for f in spent],
        source,
        dated_by="published",
    )
    for what, found in (("revenue", revenue), ("capital expenditure", spent)):
        if not found:
            got.notes.append(
                Note(file.name, f"{filer.name}: no {what} by quarter since {SINCE} under the names that are read")
            )
    return got


def _cells(fact: Fact) -> dict[str, Any]:
    how = "a year or running sum less the quarters before" if fact.derived else None
    return {
        "period_start": fact.start,
        "period_end": fact.end,
        "value_usd": fact.value,
        "grade": "derived" if fact.derived else "reported",
        "known_on": fact.filed,
        "note": how,
    }


def _facts(gaap: Mapping[str, Any], tags: Iterable[str], file: File, got: Gathered) -> list[Fact]:
    """Return each period once: as first filed, by the first of several names that has it."""
    found: dict[tuple[dt.date, dt.date], Fact] = {}
    for tag in tags:
        by_tag: dict[tuple[dt.date, dt.date], Fact] = {}
        units = gaap.get(tag, {}).get("units", {}) if isinstance(gaap.get(tag), dict) else {}
        for entry in units.get("USD", []) if isinstance(units, dict) else []:
            fact = _fact(entry)
            if fact is None:
                got.refused.append(
                    Refused(
                        file=file.name,
                        row="",
                        reason=f"{tag}: no fact with start, end, val and filed: {json.dumps(entry)[:120]}",
                    )
                )
            elif (p := (fact.start, fact.end)) not in by_tag or fact.filed < by_tag[p].filed:
                by_tag[p] = fact
        found = {**by_tag, **found}
    return sorted(found.values(), key=lambda f: (f.end, f.start))


def _fact(entry: Any) -> Fact | None:
    try:
        start, end, filed = (dt.date.fromisoformat(entry[k]) for k in ("start", "end", "filed"))
        value = entry["val"]
        amount = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Fact(start, end, amount, filed) if math.isfinite(amount) and start < end <= filed else None


def quarters(facts: list[Fact]) -> list[Fact]:
    """Return the quarters: those stated, and those that a longer period has beyond what it begins with."""
    stated = {f.end: f for f in facts if 80 <= (f.end - f.start).days <= 100}
    for longer in sorted((f for f in facts if 170 <= (f.end - f.start).days <= 375), key=lambda f: f.end):
        if longer.end in stated:
            continue
        inside = [f for f in facts if f.start == longer.start and 80 <= (longer.end - f.end).days <= 100]
        if inside:  # a running sum less the one before it
            less = inside[0]
            stated[longer.end] = Fact(
                less.end + dt.timedelta(days=1), longer.end, longer.value - less.value, longer.filed, derived=True
            )
            continue
        parts = sorted(
            (f for f in stated.values() if f.start >= longer.start and f.end < longer.end), key=lambda f: f.end
        )
        if len(parts) == 3 and (longer.end - longer.start).days > 340:
            start = parts[-1].end + dt.timedelta(days=1)
            stated[longer.end] = Fact(
                start, longer.end, longer.value - sum(f.value for f in parts), longer.filed, derived=True
            )
    return [f for _, f in sorted(stated.items()) if f.start >= SINCE]


def fiscal_period(end: dt.date, ends: int) -> str:
    """Return the name of a fiscal quarter, such as FY2027Q2.

    Args:
        end: Its last day, up to a week into the next month.
        ends: The month in which the fiscal year ends, whose calendar year names it.
    """
    near = end - dt.timedelta(days=7)
    ahead = (ends - near.month) % 12
    return f"FY{near.year + (near.month + ahead > 12)}Q{4 - round(ahead / 3)}"
