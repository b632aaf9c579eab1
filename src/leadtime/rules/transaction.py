"""A transaction: an item with its numbers, from whom, to where, for whom; names resolved, gaps left open as
intervals.
"""

import datetime as dt
import fnmatch
import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.evidence.cost_tables import PRECISION_BITS
from leadtime.rules import jurisdiction
from leadtime.rules.destinations import country_code
from leadtime.rules.exporters import resolve_party
from leadtime.rules.log import Log
from leadtime.rules.logic import ANYTHING, FALSE, TRUE, UNKNOWN
from leadtime.rules.names import chip_and_system, model_key, same_designation
from leadtime.rules.terms import CERTIFICATIONS, ITEMS, ORIGINS

#: Cards of these markets, and those named after the bus, have a published link or none: the host's bus and no more.
BUS_ONLY = ("consumer", "workstation")
#: Both directions of the fastest bus in use, PCI Express 5.0 with 16 lanes.
BUS_GB_S = 128.0
#: No quantity that a rule names is as large.
MOST = 1e40
#: A memory that is read whole so many times a second is on the die: the fastest stacks are read about 50 times.
_ON_DIE_READS = 1000.0
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Links between chips, beside the host's bus, came with the Tesla P100 of this day.
FIRST_LINKS = dt.date(2016, 4, 5)
#: Chips of this day and later may have units for matrices (the first were announced on it); older ones have none.
FIRST_MATRIX_UNITS = dt.date(2017, 5, 10)
#: The log begins with the letters of August 2022.
FIRST_DAY = dt.date(2022, 8, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Who would ship what to whom.

    Args:
        to: Destination, ISO 3166 alpha-3.
        chip: Id of a known chip, or empty for an item given by its numbers.
        system: Id of a known board, server or rack that holds the chip, or empty; rules test the chips in it one by
            one.
        read_as: How a name that leaves something open was read, one clause, empty if it leaves nothing open.
        item: What is shipped: the chip, a system that contains it, a memory stack, model weights, a die from a foundry.
        hq: Headquarters of the end user.
        parent: Headquarters of its ultimate parent.
        origin: `us` (export), `reexport` or `in-country`.
        exporter: Who ships; letters bind their addressees only. Empty: not known; with a question mark before it: a
            name that was given and is not known.
        designer: Country of the designer's headquarters; empty: not in question.
        made_with: How an item made abroad was made, one of `jurisdiction.MADE_WITH`; empty: not given.
        us_content_percent: Its controlled US content over its value, 0 to 100; None: not given.
        numbers: Name of a quantity to the interval of its values; one that is absent is not known.
        flags: Statement to whether it is true, None for not known; absent: see `flag`.
    """

    to: str
    chip: str = ""
    system: str = ""
    read_as: str = ""
    item: str = "chip"
    hq: str = ""
    parent: str = ""
    origin: str = "us"
    exporter: str = ""
    designer: str = ""
    made_with: str = ""
    us_content_percent: float | None = None
    numbers: tuple[tuple[str, tuple[float, float]], ...] = ()
    flags: tuple[tuple[str, bool | None], ...] = ()

    def number(self, name: str) -> tuple[float, float]:
        """Return the interval of a quantity; performance density is TPP over die area."""
        known = dict(self.numbers)
        if name == "pd":
            return density(known.get("tpp", ANYTHING), known.get("die_area_mm2", ANYTHING))
        return known.get(name, ANYTHING)

    def flag(self, name: str) -> int:
        """Return whether a statement holds; what is not stated takes its usual value, or is unknown."""
        given = dict(self.flags)
        stated = given.get(name)
        if name in ("from_us", "in_country"):
            return TRUE if self.origin == ("us" if name == "from_us" else "in-country") else FALSE
        if name == "withheld_in_us":
            return TRUE if given.get("available_in_us") is False else FALSE
        if stated is None and name in CERTIFICATIONS:
            stated = given.get("certified")
        if stated is None:
            return UNKNOWN if name in given else USUAL.get(name, UNKNOWN)
        return TRUE if stated else FALSE

    def named(self, patterns: str) -> int:
        """Return whether the id is like one of the patterns; an item given by its numbers is none of them, a model
        without name may be.
        """
        if self.item == "weights" and not self.chip:
            return UNKNOWN
        return is_named(self.chip, patterns)


@functools.lru_cache(maxsize=50_000)
def is_named(chip: str, patterns: str) -> int:
    """Return whether an id is like one of some patterns, which are parted by bars; no id is like none."""
    return TRUE if chip and any(fnmatch.fnmatchcase(chip, p) for p in patterns.split("|")) else FALSE


#: What a statement is taken to be when nobody makes it.
USUAL = {
    "datacenter": TRUE,
    "certified": TRUE,
    "sold": TRUE,
    "subject": TRUE,
    "direct_product": FALSE,
    "copackaged": FALSE,
    "weights_published": FALSE,
    "listed": FALSE,
    "owned_by_listed": FALSE,
    "on_other_list": FALSE,
    "validated_end_user": FALSE,
    "designer_d5": FALSE,
    "attested": FALSE,
    "manufacturing": FALSE,
    **dict.fromkeys(CERTIFICATIONS, TRUE),
}


def density(tpp: tuple[Any, Any], area_mm2: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return the interval of TPP per mm2 of die from the intervals of both (15 CFR 774, 3A090)."""
    low = 0.0 if area_mm2[1] == math.inf else tpp[0] / area_mm2[1]
    high = math.inf if area_mm2[0] == 0 else tpp[1] / area_mm2[0]
    return low, high


def total_processing_performance(peaks: Iterable[tuple[str, float]]) -> float | None:
    """Return TPP: the maximum over number formats of dense tera-operations a second times the bits of an input.

    Args:
        peaks: Number format and dense peak rate, 10^12 operations a second (a multiply-add counts as two).
    """
    return max((rate * PRECISION_BITS[precision] for precision, rate in peaks), default=None)


def day(text: str | dt.date | None, *, default: dt.date | None = None) -> dt.date:
    """Return a calendar date from text; today when there is none and no default.

    Raises:
        LeadtimeError: Not a date of the calendar.
    """
    if text is None:
        return default or dt.date.today()  # noqa: DTZ011 - the user's own calendar day
    if isinstance(text, dt.date):
        return text
    try:
        if _PLAIN_DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise LeadtimeError(f"{text!r} is not a date", fix="Expected a calendar date such as 2025-06-15.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is said of a transaction beside the name of the item; names as people write them.

    Args:
        to: Country it goes to.
        hq: Headquarters of the end user; default the destination.
        parent: Headquarters of its ultimate parent; default `hq`.
        origin: One of `ORIGINS`.
        item: One of `ITEMS`.
        exporter: Who ships; default the maker.
        designer: Headquarters of the chip's designer.
        made_with: Made abroad: what it is a direct product of.
        us_content_percent: Made abroad: controlled US content over the value.
        numbers: Low and high ends by the names that conditions use, in place of the chip's.
        flags: Statements, true, false or open.
    """

    to: str
    hq: str | None = None
    parent: str | None = None
    origin: str = "us"
    item: str = "chip"
    exporter: str | None = None
    designer: str | None = None
    made_with: str | None = None
    us_content_percent: float | None = None
    numbers: dict[str, tuple[float, float]] | None = None
    flags: dict[str, bool | None] | None = None


def transaction(log: Log, chip: str | None, said: Stated) -> Transaction:
    """Return a transaction with its names resolved and the numbers of the chip filled in, stated ones first.

    Raises:
        LeadtimeError: A chip, country, origin or item is unknown, or the item has neither a name nor numbers.
    """
    origin, item, numbers = said.origin, said.item, said.numbers
    for kind, value, known in (("origin", origin, ORIGINS), ("kind of item", item, ITEMS)):
        if value not in known:
            raise LeadtimeError(f"there is no {kind} {value!r}", fix=f"Known: {', '.join(known)}.")
    for name, (low, high) in (numbers or {}).items():
        if not 0 <= low <= high or low >= MOST or (name == "die_area_mm2" and high == 0):
            raise LeadtimeError(
                f"{name} cannot be {low:g}..{high:g}",
                fix=f"Expected 0 or more and under {MOST:g}, the smaller number first: LOW..HIGH.",
            )
    if not chip and not numbers and item in ("chip", "system"):
        raise LeadtimeError("no item was given", fix="Name a chip, such as h100-sxm, or give its numbers: --tpp 15832.")
    key, system, read_as = _named(log, chip or "", item)
    item = "system" if system and item == "chip" else item
    specs, row = chip_numbers(log, key), log.chips.get(key, {})
    stated: dict[str, bool | None] = dict(said.flags or {})
    if row and "datacenter" not in stated:
        stated["datacenter"] = row["market"] in ("datacenter", "internal")
    if row and row["market"] == "internal" and "available_in_us" not in stated:
        stated["sold"] = False  # never sold as a chip: whether it is commercially available is open
    if origin == "us" and stated.get("subject") is False:
        raise LeadtimeError(
            "US rules always cover what leaves the United States",
            where="--not-subject",
            fix="If it leaves another country, add --origin=reexport.",
        )
    place = country_code(log, said.to)
    how_made = jurisdiction.statements(
        log, said.made_with or "", said.us_content_percent, place=place, item=item, origin=origin
    )
    if how_made and "subject" in stated:
        fix = "Give only one of them."
        raise LeadtimeError("--not-subject and the way it was made contradict each other", where="--made-with", fix=fix)
    stated |= how_made
    made_by = (said.designer or row.get("country") or "").upper()
    stated.setdefault("designer_d5", made_by in ("CHN", "HKG", "MAC"))
    home = country_code(log, said.hq) if said.hq else place
    return Transaction(
        to=place,
        chip=key,
        system=system,
        read_as=read_as,
        item=item,
        hq=home,
        parent=country_code(log, said.parent) if said.parent else home,
        origin=origin,
        exporter=resolve_party(log, said.exporter or row.get("maker") or ""),
        designer=made_by,
        made_with=said.made_with or "",
        us_content_percent=said.us_content_percent,
        numbers=tuple(sorted((specs | (numbers or {})).items())),
        flags=tuple(sorted(stated.items())),
    )


def _named(log: Log, name: str, item: str) -> tuple[str, str, str]:
    """Return the chip or model meant, the system around it, and how a name that leaves something open was read."""
    if not name or item == "weights":
        return model_key(name), "", ""
    chip, system = chip_and_system(log, name)
    return chip, system, _read_as(log, name, chip, system)


def _read_as(log: Log, name: str, chip: str, system: str) -> str:
    """Return how a name was read where it leaves open which chip is meant, or names a system of chips."""
    if system:
        row = log.systems[system]
        return f"{row['name']} is {row['n_chips']} x {log.chips[chip]['name']}, tested chip by chip"
    others = same_designation(log, name)
    if not others:
        return ""
    more = ", ".join(log.chips[o]["name"] for o in others)
    return f"{name.strip()} is read as {log.chips[chip]['name']}; there is also {more}"


def chip_numbers(log: Log, chip: str) -> dict[str, tuple[float, float]]:
    """Return the known numbers of a chip by the names that conditions use; what is not known is absent.

    Where only rates without matrix units are published of a chip that may have such units, its TPP is at least what
    they give.
    """
    row = log.chips.get(chip)
    if row is None:
        return {}
    tpp = total_processing_performance((p["precision"], p["tera_op_s"]) for p in log.peaks.get(chip, ()))
    found = {
        "tpp": tpp,
        "die_area_mm2": row["die_area_mm2"],
        "dram_gb_s": 0.0 if memory_is_on_die(row) else row["memory_gb_s"],
        "io_gb_s": row["interconnect_gb_s"],
        "node_nm": row["process_nm"],
    }
    known = {name: (float(v), float(v)) for name, v in found.items() if v is not None}
    if tpp is not None and _lacks_matrix_rates(log, row):
        known["tpp"] = (float(tpp), math.inf)
    if "io_gb_s" not in known and (links := log.links.get(chip)):
        known["io_gb_s"] = (0.0, links["gb_s"])
    if "io_gb_s" not in known and (row["market"] in BUS_ONLY or "-pcie" in chip or _begun(row) < FIRST_LINKS):
        known["io_gb_s"] = (0.0, BUS_GB_S)
    return known


def _begun(row: dict[str, Any]) -> dt.date:
    """Return the day on which a chip was released, or else announced, or else known."""
    begun: dt.date = row["released_on"] or row["announced_on"] or row["known_on"]
    return begun


def _lacks_matrix_rates(log: Log, row: dict[str, Any]) -> bool:
    """Return whether a chip may have units for matrices of which no rate is in the table."""
    return _begun(row) >= FIRST_MATRIX_UNITS and all(p["unit"] == "vector" for p in log.peaks.get(row["id"], ()))


def memory_is_on_die(row: dict[str, Any]) -> bool:
    """Return whether the memory in a chip's row is on the die: its rate over its size is beyond any DRAM."""
    rate, size = row["memory_gb_s"], row["memory_gb"]
    return bool(rate and size and rate / size > _ON_DIE_READS)
