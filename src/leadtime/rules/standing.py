"""What an answer rests on: the records, the least confidence among them, what is not confirmed, what was assumed."""

import datetime as dt
from typing import Any

from leadtime.rules import history
from leadtime.rules.case import OneCase
from leadtime.rules.destinations import is_region
from leadtime.rules.exporters import OTHER, UNRECOGNIZED
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.reading import reading
from leadtime.rules.transaction import BUS_GB_S, Transaction, memory_is_on_die

#: Grades, from the surest.
CONFIDENCE = ("high", "medium", "low")


def decisive(found: Judgement, order: Reading, practices: list[Provision]) -> list[Provision]:
    """Return the provisions that an answer rests on: all that apply, or may, on either axis, and the chosen policy."""
    chosen = {found.review[0], found.review[1]}
    kept = [p for ps in (order.classifications, order.requirements) for p in ps if max(found.applies[p.id]) != FALSE]
    kept += [p for i, p in enumerate(order.reviews) if i in chosen or found.applies[p.id][1] == UNKNOWN]
    kept += [p for ps in (order.exceptions, order.elsewhere) for p in ps if found.applies[p.id][1] != FALSE]
    return kept + practices


def records(decisive: list[Provision], log: Log, case: OneCase) -> list[dict[str, Any]]:
    """Return the records that an answer rests on: provisions, instruments, events, memberships, chip."""
    rows: list[dict[str, Any]] = []
    for p in decisive:
        instrument = log.instruments[p.instrument]
        rows.append({"confidence": p.confidence, "unconfirmed": p.unconfirmed, "called": p.title})
        rows.append({**instrument, "called": instrument["title"]})
        for e in case.state(p).events:
            if e.effective_on <= case.on:
                called = f"{instrument['title']}, {e.kind.replace('_', ' ')}"
                rows.append({"confidence": e.confidence, "unconfirmed": e.unconfirmed, "called": called})
        places = {case.transaction.to, case.transaction.hq, case.transaction.parent}
        for group in (*p.destinations.names, *p.headquarters.names):
            for country in places:
                rows += [
                    {**r, "called": f"{log.countries[country]} in {group}"}
                    for r in log.groups.get(group, {}).get(country, ())
                    if r["known_on"] <= case.known and r["from"] <= case.on
                ]
    chip = log.chips.get(case.transaction.chip)
    if chip:
        rows.append({"confidence": chip["confidence"], "unconfirmed": "", "called": chip["name"]})
    return rows


def event_grades(log: Log, p: Provision, state: history.State, on: dt.date) -> list[str]:
    """Return the confidence of a provision, of its instrument and of what had happened to it by a day."""
    grades = [p.confidence, log.instruments[p.instrument]["confidence"] or ""]
    return [g for g in (*grades, *(e.confidence for e in state.events if e.effective_on <= on)) if g]


def absences(found: Judgement, order: Reading, case: OneCase) -> list[dict[str, Any]]:
    """Return a record for each group whose list of the day was not read, and absence from which frees the
    transaction.
    """
    texts: dict[str, list[Any]] = {}
    for row in case.log.tables["group_texts"]:
        texts.setdefault(row["group"], []).append(row["on"])
    t = case.transaction
    rows: dict[str, dict[str, Any]] = {}
    for p in order.requirements:
        if found.matched[p.id] != FALSE or max(case.states(p)) == FALSE or not _but_for_its_place(p, case, found):
            continue
        for places, countries in ((p.destinations, {t.to}), (p.headquarters, {t.hq, t.parent})):
            for group in places.names:
                days = texts.get(group)
                if not days or min(days) <= case.on <= max(days):
                    continue
                for country in sorted(countries):
                    if history.member(case.log, group, country, case.on, case.known) == FALSE:
                        read = " and ".join(str(d) for d in sorted({min(days), max(days)}))
                        words = (
                            f"whether it was in the group on {case.on}: the list of {read} was read, that of the day"
                            " was not"
                        )
                        called = f"{case.log.countries[country]} not in {group}"
                        rows[called] = {"confidence": "medium", "unconfirmed": words, "called": called}
    return list(rows.values())


def unaddressed(found: Judgement, order: Reading, case: OneCase) -> list[dict[str, Any]]:
    """Return a record for each letter that would ask for a license of this shipper, had the firm got it too."""
    exporter = case.transaction.exporter
    if found.license[1] == TRUE or not may_have_got_a_letter(exporter):
        return []
    rows: list[dict[str, Any]] = []
    for p in order.requirements:
        if case.addressed(p.addressees) != FALSE or case.states(p)[2] == FALSE:
            continue
        place = TRUE
        if p.destinations.text or p.headquarters.text:
            place = max(case.to(p.destinations), case.home(p.headquarters))
        if FALSE not in (case.item_is(p.items), p.condition.evaluate(case), place):
            words = (
                f"whether {exporter} got such a letter too: letters are not published (exporter `other`: it did not)"
            )
            rows.append({"confidence": "medium", "unconfirmed": words, "called": p.title})
    return rows


def may_have_got_a_letter(exporter: str) -> bool:
    """Return whether a firm is known by name and nobody said that it got no letter."""
    return bool(exporter) and exporter != OTHER and not exporter.startswith(UNRECOGNIZED)


def _but_for_its_place(p: Provision, case: OneCase, found: Judgement) -> bool:
    if not (p.destinations.text or p.headquarters.text) or not case.item_is(p.items):
        return False
    classes = [c for c in reading(case.log).classifications if set(c.eccn) & set(p.eccn)]
    if p.eccn and max((found.applies[c.id][0] for c in classes), default=FALSE) == FALSE:
        return False
    return FALSE not in (p.condition.evaluate(case), case.addressed(p.addressees))


def confidence(rows: list[dict[str, Any]]) -> str:
    """Return the least confidence among records."""
    grades = [r["confidence"] for r in rows if r["confidence"]]
    return max(grades, key=CONFIDENCE.index, default="high")


def unconfirmed(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return what of records is not confirmed, with what each is called."""
    lines = (f"{r['called'].replace(': ', ', ')}: {r['unconfirmed']}" for r in rows if r["unconfirmed"])
    return tuple(dict.fromkeys(lines))


def assumptions(log: Log, t: Transaction) -> tuple[str, ...]:
    """Return what was taken as given about a transaction, with the parameters that change it."""
    lines = [t.read_as] if t.read_as else []
    flags = dict(t.flags)
    lines += _of_places(log, t)
    if "certified" not in flags and t.origin == "us" and t.to in ("CHN", "HKG", "MAC"):
        lines.append("where a policy asks for certifications, they are made (else give certified)")
    if not t.chip and "available_in_us" not in flags and t.item in ("chip", "system"):
        lines.append("the item is commercially available in the US (else give available_in_us)")
    if "listed" not in flags and "owned_by_listed" not in flags:
        lines.append("the end user is on no list, nor owned by one that is (else give listed or owned_by_listed)")
    if t.origin != "us" and "subject" not in flags:
        lines.append(
            "the item is subject to the US rules wherever it was made (else give made_with, us_content or subject)"
        )
    if t.us_content_percent is not None:
        lines.append(
            "the US content was counted as 15 CFR 734, supplement 2, asks: only what needs a license to the place"
        )
    if t.chip in log.links or (t.chip and t.number("io_gb_s") == (0.0, BUS_GB_S)):
        most = t.number("io_gb_s")[1]
        lines.append(f"no link between chips is published: at most the {most:g} GB/s of the host's bus")
    if t.chip in log.chips and memory_is_on_die(log.chips[t.chip]):
        lines.append("its memory is on the die: it has no DRAM (else give dram_gb_s)")
    if not t.chip and t.item in ("chip", "system") and "datacenter" not in flags:
        lines.append("the item is designed or marketed for data centers (else give datacenter)")
    if t.exporter.startswith(UNRECOGNIZED):
        lines.append(
            f"who {t.exporter.removeprefix(UNRECOGNIZED)!r} is was not recognized: no letter is read as binding it, nor"
            " as not (exporter `other`: a firm without a letter)"
        )
    return tuple(lines)


def _of_places(log: Log, t: Transaction) -> list[str]:
    """Return what was taken as given about where the end user is."""
    lines = []
    if t.hq == t.to == t.parent:
        lines.append(
            f"the end user and its ultimate parent have their headquarters in {log.countries[t.to]} (else give hq,"
            " parent)"
        )
    apart = [words for place, words in log.countries.items() if is_region(place) and place.startswith(t.to)]
    if apart and not is_region(t.to):
        lines.append(f"the place is not in {', nor in '.join(apart)}: ask for these by name")
    return lines
