"""Caps and volume shares: what no single transaction can break, summed over a file of shipments."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence.csv_rows import all_rows_of
from leadtime.rules import history
from leadtime.rules.cells import amount, day_of_cell, refuse_misspelt, since_first
from leadtime.rules.destinations import countries_by_name
from leadtime.rules.exporters import UNRECOGNIZED, party_finder
from leadtime.rules.log import Log
from leadtime.rules.logic import TRUE
from leadtime.rules.names import Find, chips_by_name
from leadtime.rules.status import headline
from leadtime.rules.transaction import Stated, chip_numbers, transaction

COLUMNS = ("date", "chip", "to", "quantity")
OPTIONAL = ("hq", "exporter", "buyer", "tpp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One row of the file, with names resolved; `tpp` is per chip."""

    row: int
    date: dt.date
    chip: str
    to: str
    quantity: float
    hq: str
    exporter: str
    buyer: str
    tpp: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One constraint on one party: what was used of what limit, and whether that is kept.

    Args:
        verdict: `kept`, `broken`, `not in force` (the text has it, nobody enforces it) or `unknown` (the share of what
            it binds is not known).
    """

    constraint: str
    who: str
    used: float
    limit: float
    unit: str
    verdict: str
    basis: str
    unconfirmed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The constraints on a file of shipments, and the rows that could not be read, with their reasons."""

    checks: tuple[Check, ...]
    n_read: int
    refused: tuple[tuple[int, str], ...]


_ORDER = ("broken", "unknown", "kept", "not in force")


def check(log: Log, path: Path, as_known: dt.date) -> Checked:
    """Return every cap and share that the shipments of a file come under, broken ones first.

    A row that cannot be understood is set aside with its reason.

    Raises:
        LeadtimeError: The file cannot be read, a column is missing, or a column's name is nearly one of ours.
    """
    shipments, refused = read(log, path)
    found = [
        *_china_share(log, shipments, as_known),
        *_per_buyer(log, shipments, as_known),
        *_consignee_years(log, shipments, as_known),
        *_country_caps(log, shipments, as_known),
    ]
    ranked = sorted(found, key=lambda c: (_ORDER.index(c.verdict), c.constraint, c.who))
    return Checked(checks=tuple(ranked), n_read=len(shipments), refused=tuple(refused))


def read(log: Log, path: Path) -> tuple[list[Shipment], list[tuple[int, str]]]:
    """Return the shipments of a CSV file, and the rows that are not understood, by number, with the reason.

    Raises:
        LeadtimeError: A column is lacking, or misspelt.
    """
    fix = f"It needs {', '.join(COLUMNS)}. It may also have {', '.join(OPTIONAL)}."
    rows = all_rows_of(stranger.read(path), path.name, fix)
    lacking = [c for c in COLUMNS if c not in rows.columns]
    if lacking:
        raise LeadtimeError(f"the column {lacking[0]!r} is missing", where=f"{path.name}, row 1", fix=fix)
    refuse_misspelt([c for c in rows.columns if c != "_row"], (*COLUMNS, *OPTIONAL), path.name)
    wanted = [c for c in (*COLUMNS, *OPTIONAL) if c in rows.columns]
    find = chips_by_name(log), countries_by_name(log)
    firm = party_finder(log)
    shipments, refused = [], []
    for row in rows.iter_rows(named=True):
        try:
            shipments.append(_shipment(log, find, firm, {c: row[c] or "" for c in wanted}, row["_row"]))
        except LeadtimeError as error:
            refused.append((row["_row"], f"{error.what}. {error.fix}".strip()))
    return shipments, refused


def _shipment(
    log: Log, find: tuple[Find, Find], firm: Callable[[str], str], text: dict[str, str], number: int
) -> Shipment:
    find_chip, find_country = find
    chip = find_chip(text["chip"], True) if text["chip"] else ""
    to = find_country(text["to"], True)
    low, high = chip_numbers(log, chip).get("tpp", (0.0, math.inf))
    tpp = amount(text["tpp"], "tpp") if text.get("tpp") else low if low == high else None
    when = since_first(day_of_cell(text["date"]))
    return Shipment(
        row=number,
        date=when,
        chip=chip,
        to=to,
        quantity=amount(text["quantity"], "quantity"),
        hq=find_country(text["hq"], True) if text.get("hq") else to,
        exporter=firm(text.get("exporter") or (log.chips[chip]["maker"] if chip else "")).removeprefix(UNRECOGNIZED),
        buyer=text.get("buyer", ""),
        tpp=tpp,
    )


def _limit(log: Log, name: str, on: dt.date, known: dt.date) -> tuple[float, str] | None:
    value = history.parameter(log, name, on, known)
    if value is None:
        return None
    rows = [r for r in log.parameters[name] if r["known_on"] <= known and r["from"] <= on]
    return value, rows[-1]["unconfirmed"] or ""


def _standing(log: Log, name: str, on: dt.date, known: dt.date) -> tuple[str, str]:
    """Return the verdict and the words on a cap that is codified and not enforced, nothing if it is enforced."""
    state = history.state_of(log.events.get(log.parameters[name][0]["instrument"], ()), "", on, known)
    return ("", "") if state.enforced == TRUE else ("not in force", f": {state.words}")


def _sums(
    shipments: Iterable[Shipment], key: Callable[[Shipment], str], amount: Callable[[Shipment], float]
) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for s in shipments:
        found[key(s)] += amount(s)
    return found


def _verdict(used: float, limit: float) -> str:
    return "kept" if used <= limit else "broken"


def _inside(log: Log, group: str, country: str, on: dt.date, known: dt.date) -> bool:
    return history.member(log, group, country, on, known) == TRUE


def _under_case_review(log: Log, s: Shipment, known: dt.date) -> bool:
    """Return whether a shipment to China is, or may be, of what the case-by-case policy is about: its share binds no
    other.
    """
    if s.chip:
        what = transaction(log, s.chip, Stated(to=s.to, hq=s.hq))
    elif s.tpp is not None:
        what = transaction(log, None, Stated(to=s.to, hq=s.hq, numbers={"tpp": (s.tpp, s.tpp)}))
    else:
        return False
    found = headline(log, what, s.date, known)
    return "case_by_case" in (found["review"], *found["review_possible"])


def _china_share(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    """Volume to China over volume to US customers, per product and exporter, from the day the share is in force.

    The share is a condition of the case-by-case policy: chips under another policy, or under none, are not counted.
    """
    counted = [s for s in shipments if _limit(log, "case_volume_share", s.date, known)]
    key: Callable[[Shipment], str] = lambda s: f"{s.exporter} {s.chip}".strip()  # noqa: E731
    abroad = [s for s in counted if _inside(log, "CHINA", s.to, s.date, known) or s.to == "MAC"]
    binding: dict[tuple[str, float | None, str, str, dt.date], bool] = {}
    for s in abroad:
        binding.setdefault((s.chip, s.tpp, s.to, s.hq, s.date), _under_case_review(log, s, known))
    china = _sums((s for s in abroad if binding[s.chip, s.tpp, s.to, s.hq, s.date]), key, _pieces)
    home = _sums((s for s in counted if s.to == "USA"), key, _pieces)
    last = max((s.date for s in counted), default=known)
    share, unconfirmed = _limit(log, "case_volume_share", last, known) or (0.0, "")
    return [
        Check(
            constraint="volume to China over US volume",
            who=who,
            used=n,
            limit=share * home.get(who, 0.0),
            unit="chips",
            verdict=_verdict(n, share * home[who]) if who in home else "unknown",
            basis=f"{share:.0%} of {home.get(who, 0.0):,.0f} sold in the US, 91 FR 1684"
            + ("" if who in home else "; the file has no sales in the US of this product"),
            unconfirmed=unconfirmed,
        )
        for who, n in china.items()
    ]


def _pieces(s: Shipment) -> float:
    return s.quantity


def _per_buyer(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [
        s
        for s in shipments
        if s.chip.startswith("h200")
        and _limit(log, "h200_per_buyer", s.date, known)
        and _inside(log, "CHINA", s.to, s.date, known)
    ]
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "h200_per_buyer", counted[-1].date, known) or (0.0, "")
    sums = _sums(counted, lambda s: s.buyer or "buyer not named", _pieces)
    return [
        Check(
            constraint="H200 per buyer",
            who=who,
            used=n,
            limit=limit,
            unit="chips",
            verdict=_verdict(n, limit),
            basis="licenses as reported",
            unconfirmed=unconfirmed,
        )
        for who, n in sums.items()
    ]


def _consignee_years(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [
        s
        for s in shipments
        if s.tpp
        and s.to != "USA"
        and _limit(log, "lpp_tpp_year", s.date, known)
        and not _inside(log, "D:5", s.to, s.date, known)
        and not _inside(log, "AIA", s.to, s.date, known)
        and s.to != "MAC"
    ]
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "lpp_tpp_year", counted[-1].date, known) or (0.0, "")
    verdict, standing = _standing(log, "lpp_tpp_year", counted[-1].date, known)
    sums = _sums(counted, lambda s: f"{s.buyer or 'consignee not named'}, {s.to}, {s.date.year}", _tpp)
    basis = "exception LPP, 15 CFR 740.29"
    return [
        Check(
            constraint="TPP per consignee and year",
            who=who,
            used=n,
            limit=limit,
            unit="TPP",
            verdict=verdict or _verdict(n, limit),
            basis=basis + standing,
            unconfirmed=unconfirmed,
        )
        for who, n in sums.items()
    ]


def _tpp(s: Shipment) -> float:
    return s.quantity * (s.tpp or 0.0)


def _country_caps(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [
        s
        for s in shipments
        if s.tpp
        and s.to != "USA"
        and _limit(log, "country_cap_tpp", s.date, known)
        and not _inside(log, "D:5", s.to, s.date, known)
        and not _inside(log, "AIA", s.to, s.date, known)
        and s.to != "MAC"
    ]
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "country_cap_tpp", counted[-1].date, known) or (0.0, "")
    verdict, standing = _standing(log, "country_cap_tpp", counted[-1].date, known)
    sums = _sums(counted, lambda s: s.to, _tpp)
    basis = "country cap of the AI diffusion rule"
    return [
        Check(
            constraint="TPP per country to 2027",
            who=who,
            used=n,
            limit=limit,
            unit="TPP",
            verdict=verdict or _verdict(n, limit),
            basis=basis + standing,
            unconfirmed=unconfirmed,
        )
        for who, n in sums.items()
    ]
