"""Caps and volume shares: what no single transaction can break, summed over a file of shipments."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence.csv_rows import all_rows_of
from leadtime.rules import history
from leadtime.rules.log import Log
from leadtime.rules.logic import TRUE
from leadtime.rules.names import Find, chips_by_name, countries_by_name
from leadtime.rules.transaction import chip_numbers, day

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
    """One constraint on one party: what was used of what limit, and whether that is kept."""

    constraint: str
    who: str
    used: float
    limit: float
    unit: str
    verdict: str
    basis: str
    unconfirmed: str


def check(log: Log, path: Path, as_known: dt.date) -> list[Check]:
    """Return every cap and share that the shipments of a file come under, broken ones first.

    Raises:
        LeadtimeError: A row that is not understood, with its number and column.
    """
    shipments = read(log, path)
    found = [
        *_china_share(log, shipments, as_known),
        *_per_buyer(log, shipments, as_known),
        *_consignee_years(log, shipments, as_known),
        *_country_caps(log, shipments, as_known),
    ]
    return sorted(found, key=lambda c: (c.verdict != "broken", c.constraint, c.who))


def read(log: Log, path: Path) -> list[Shipment]:
    """Return the shipments of a CSV file.

    Raises:
        LeadtimeError: A column is lacking, or a cell is not understood.
    """
    fix = f"Columns: {', '.join(COLUMNS)}; also read: {', '.join(OPTIONAL)}."
    rows = all_rows_of(stranger.read(path), path.name, fix)
    lacking = [c for c in COLUMNS if c not in rows.columns]
    if lacking:
        raise LeadtimeError(f"lacks the column {lacking[0]!r}", where=f"{path.name}, row 1", fix=fix)
    wanted = [c for c in (*COLUMNS, *OPTIONAL) if c in rows.columns]
    find = chips_by_name(log), countries_by_name(log)
    return [
        _shipment(log, find, {c: row[c] or "" for c in wanted}, f"{path.name}, row {row['_row']}", row["_row"])
        for row in rows.iter_rows(named=True)
    ]


def _shipment(log: Log, find: tuple[Find, Find], text: dict[str, str], where: str, number: int) -> Shipment:
    find_chip, find_country = find
    try:
        chip = find_chip(text["chip"], True) if text["chip"] else ""
        to = find_country(text["to"], True)
        tpp = _amount(text["tpp"], "tpp") if text.get("tpp") else chip_numbers(log, chip).get("tpp", (None,))[0]
        return Shipment(
            row=number, date=day(text["date"]), chip=chip, to=to, quantity=_amount(text["quantity"], "quantity"),
            hq=find_country(text["hq"], True) if text.get("hq") else to,
            exporter=text.get("exporter") or (log.chips[chip]["maker"] if chip else ""),
            buyer=text.get("buyer", ""), tpp=tpp,
        )  # fmt: skip
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=where, fix=error.fix) from None


def _amount(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise LeadtimeError(f"the {name} {text!r} is not a number of 0 or more", fix="Example: 5000.")
    return value


def _limit(log: Log, name: str, on: dt.date, known: dt.date) -> tuple[float, str] | None:
    value = history.parameter(log, name, on, known)
    if value is None:
        return None
    rows = [r for r in log.parameters[name] if r["known_on"] <= known and r["from"] <= on]
    return value, rows[-1]["unconfirmed"] or ""


def _sums(
    shipments: Iterable[Shipment], key: Callable[[Shipment], str], amount: Callable[[Shipment], float]
) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for s in shipments:
        found[key(s)] += amount(s)
    return found


def _made(constraint: str, who: str, used: float, limit: float, unit: str, basis: str, unconfirmed: str) -> Check:
    verdict = "kept" if used <= limit else "broken"
    return Check(constraint=constraint, who=who, used=used, limit=limit, unit=unit, verdict=verdict, basis=basis,
                 unconfirmed=unconfirmed)  # fmt: skip


def _inside(log: Log, group: str, country: str, on: dt.date, known: dt.date) -> bool:
    return history.member(log, group, country, on, known) == TRUE


def _china_share(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    """Volume to China over volume to US customers, per product and exporter, from the day the share is in force."""
    counted = [s for s in shipments if _limit(log, "case_volume_share", s.date, known)]
    key: Callable[[Shipment], str] = lambda s: f"{s.exporter} {s.chip}"  # noqa: E731
    china = _sums((s for s in counted if _inside(log, "CHINA", s.to, s.date, known) or s.to == "MAC"), key, _pieces)
    home = _sums((s for s in counted if s.to == "USA"), key, _pieces)
    share, unconfirmed = _limit(log, "case_volume_share", max((s.date for s in counted), default=known), known) or (
        0.0,
        "",
    )
    return [
        _made("volume to China over US volume", who, n, share * home.get(who, 0.0), "chips",
              f"{share:.0%} of {home.get(who, 0.0):,.0f} sold in the US, 91 FR 1684", unconfirmed)
        for who, n in china.items()
    ]  # fmt: skip


def _pieces(s: Shipment) -> float:
    return s.quantity


def _per_buyer(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [s for s in shipments if s.chip.startswith("h200") and _limit(log, "h200_per_buyer", s.date, known)
               and _inside(log, "CHINA", s.to, s.date, known)]  # fmt: skip
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "h200_per_buyer", counted[-1].date, known) or (0.0, "")
    sums = _sums(counted, lambda s: s.buyer or "buyer not named", _pieces)
    return [
        _made("H200 per buyer", who, n, limit, "chips", "licenses as reported", unconfirmed) for who, n in sums.items()
    ]


def _consignee_years(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [s for s in shipments if s.tpp and s.to != "USA" and _limit(log, "lpp_tpp_year", s.date, known)
               and not _inside(log, "D:5", s.to, s.date, known) and not _inside(log, "AIA", s.to, s.date, known)
               and s.to != "MAC"]  # fmt: skip
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "lpp_tpp_year", counted[-1].date, known) or (0.0, "")
    sums = _sums(counted, lambda s: f"{s.buyer or 'consignee not named'}, {s.to}, {s.date.year}", _tpp)
    basis = "exception LPP, 15 CFR 740.29: codified, not enforced since 2025-05-13"
    return [_made("TPP per consignee and year", who, n, limit, "TPP", basis, unconfirmed) for who, n in sums.items()]


def _tpp(s: Shipment) -> float:
    return s.quantity * (s.tpp or 0.0)


def _country_caps(log: Log, shipments: list[Shipment], known: dt.date) -> list[Check]:
    counted = [s for s in shipments if s.tpp and s.to != "USA" and _limit(log, "country_cap_tpp", s.date, known)
               and not _inside(log, "D:5", s.to, s.date, known) and not _inside(log, "AIA", s.to, s.date, known)
               and s.to != "MAC"]  # fmt: skip
    if not counted:
        return []
    limit, unconfirmed = _limit(log, "country_cap_tpp", counted[-1].date, known) or (0.0, "")
    sums = _sums(counted, lambda s: s.to, _tpp)
    basis = "country cap of the AI diffusion rule: codified, never applied"
    return [_made("TPP per country to 2027", who, n, limit, "TPP", basis, unconfirmed) for who, n in sums.items()]
