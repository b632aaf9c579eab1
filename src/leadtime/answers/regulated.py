"""What the rules say."""

import math
from typing import TYPE_CHECKING, Any

from leadtime.answers.parties import screened
from leadtime.answers.plain import plain, stamped
from leadtime.errors import LeadtimeError
from leadtime.rules.conditions import CERTIFICATIONS
from leadtime.rules.transaction import MOST

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.screening import Screening
    from leadtime.rules.status import Status

#: Numbers of a chip that may be given as one number or as LOW..HIGH, and their options.
SPECS = {
    "tpp": "--tpp", "die_area_mm2": "--die-area", "dram_gb_s": "--dram-gb-s", "io_gb_s": "--bidirectional-gb-s",
    "hbm_gb_s_mm2": "--hbm-density", "training_operations": "--training-operations", "node_nm": "--node-nm",
    "transistors_bn": "--transistors-bn",
}  # fmt: skip


def interval(text: str, name: str) -> tuple[float, float]:
    """Return the interval written as one number or as LOW..HIGH.

    Raises:
        LeadtimeError: Not a number.
    """
    low, dots, high = text.partition("..")
    try:
        ends = float(low), float(high if dots else low)
    except ValueError:
        ends = math.nan, math.nan
    if not 0 <= ends[0] <= ends[1] < MOST:
        raise LeadtimeError(
            f"{text!r} is not a number of 0 or more, nor an interval in order",
            where=SPECS[name],
            fix="Expected a number, or an interval such as 4500..5200.",
        )
    return ends


def percent(text: str | None) -> float | None:
    """Return a percentage written as `12` or `12%`; None where none is.

    Raises:
        LeadtimeError: Not a number from 0 to 100.
    """
    if text is None or not text.strip():
        return None
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise LeadtimeError(f"{text[:40]!r} is no percentage", where="us-content", fix="Expected 0 to 100, such as 12.")
    return value


def certifications(names: list[str]) -> list[str]:
    """Return the statements that short names of certifications stand for.

    Raises:
        LeadtimeError: No such certification.
    """
    for name in names:
        if f"certified_{name}" not in CERTIFICATIONS:
            known = ", ".join(c.removeprefix("certified_") for c in CERTIFICATIONS)
            raise LeadtimeError(f"there is no certification {name!r}", where="uncertified-for", fix=f"Known: {known}.")
    return [f"certified_{name}" for name in names]


def rules_status(
    rules: "Rulebook",
    *,
    to: str,
    chip: str | None = None,
    on: str | None = None,
    hq: str | None = None,
    parent: str | None = None,
    origin: str | None = None,
    item: str | None = None,
    exporter: str | None = None,
    designer: str | None = None,
    tpp: str | None = None,
    die_area_mm2: str | None = None,
    dram_gb_s: str | None = None,
    io_gb_s: str | None = None,
    hbm_gb_s_mm2: str | None = None,
    training_operations: str | None = None,
    node_nm: str | None = None,
    transistors_bn: str | None = None,
    datacenter: bool | None = None,
    weights_published: bool | None = None,
    copackaged: bool | None = None,
    attested: bool | None = None,
    count_confirmed: bool | None = None,
    has_hbm: bool | None = None,
    listed: bool | None = None,
    owned_by_listed: bool | None = None,
    validated_end_user: bool | None = None,
    certified: bool | None = None,
    available_in_us: bool | None = None,
    subject: bool | None = None,
    uncertified_for: list[str] | None = None,
    party: str | None = None,
    owner: list[str] | None = None,
    made_with: str | None = None,
    us_content: str | None = None,
) -> dict[str, Any]:
    """Answer whether a license is needed, under which paragraph, with which prospects, and why."""
    written = dict(
        zip(
            SPECS,
            (tpp, die_area_mm2, dram_gb_s, io_gb_s, hbm_gb_s_mm2, training_operations, node_nm, transistors_bn),
            strict=True,
        )
    )
    flags = {
        "datacenter": datacenter,
        "weights_published": weights_published,
        "copackaged": copackaged,
        "attested": attested,
        "count_confirmed": count_confirmed,
        "has_hbm": has_hbm,
        "listed": listed,
        "owned_by_listed": owned_by_listed,
        "validated_end_user": validated_end_user,
        "certified": certified,
        "available_in_us": available_in_us,
        "subject": subject,
        **dict.fromkeys(certifications(uncertified_for or []), False),
    }
    given = {
        k: v
        for k, v in (
            ("hq", hq),
            ("parent", parent),
            ("origin", origin),
            ("item", item),
            ("exporter", exporter),
            ("designer", designer),
            ("made_with", made_with),
            ("us_content_percent", percent(us_content)),
        )
        if v is not None
    }
    parties = screened(rules, party, owner or (), on)
    found, chance = status_of(
        rules, chip, to, on, {n: interval(t, n) for n, t in written.items() if t is not None},
        {**(parties.flags if parties else {}), **{k: v for k, v in flags.items() if v is not None}}, **given,
    )  # fmt: skip
    return status_json(rules, found, chance, parties)


def status_of(
    rules: "Rulebook",
    chip: str | None,
    to: str,
    on: str | None,
    numbers: dict[str, tuple[float, float]],
    flags: dict[str, bool | None],
    **given: Any,
) -> "tuple[Status, float | None]":
    """Return a status, and where numbers are uncertain the probability that a license is needed."""
    from leadtime.rules.transaction import day

    what = rules.transaction(chip, to=to, numbers=numbers, flags=flags, **given)
    found = rules.status(what, day(on))
    if not any(low < high for low, high in numbers.values()):
        return found, None
    from leadtime.rules.batch import probability

    return found, probability(rules.log, what, found.on, found.as_known)


def status_json(
    rules: "Rulebook", found: "Status", chance: float | None, parties: "Screening | None" = None
) -> dict[str, Any]:
    """Return a status with its sentences, what would change it, its numbers by name, and what lists say of its party."""
    from leadtime.rules.told import told

    shown: dict[str, Any] = plain(found)
    what = shown["transaction"]
    what["numbers"] = {name: {"low": low, "high": high} for name, (low, high) in found.transaction.numbers}
    what["flags"] = dict(found.transaction.flags)
    low, high = found.transaction.number("pd")
    what["numbers"]["pd"] = {"low": low, "high": high if high != float("inf") else None}
    words = told(found)
    said = {
        "headline": words.headline,
        "how": words.how,
        "written": words.written,
        "enforced": words.enforced,
        "changes": rules.changes(found),
    }
    return plain({**rules.stamp, **said, **shown, "p_controlled": chance, "parties": parties})  # type: ignore[no-any-return]


def rules_coverage(rules: "Rulebook") -> dict[str, Any]:
    """Say what the engine reads, what it only points to, and what it does not model."""
    from leadtime.rules.coverage import AREAS

    keys = ("id", "title", "pinpoint", "how", "words")
    return {**rules.stamp, "areas": [{k: getattr(a, k) for k in keys} for a in AREAS]}


def rules_timeline(rules: "Rulebook", *, since: str | None = None, of: str = "") -> list[dict[str, Any]]:
    """List what happened to the rules, in the order in which it took effect."""
    from leadtime.rules.destinations import country_code
    from leadtime.rules.timeline import timeline
    from leadtime.rules.transaction import day

    place = country_code(rules.log, of) if of else ""
    return stamped(
        plain(timeline(rules.log, rules.as_known, jurisdiction=place, since=day(since) if since else None)), rules.stamp
    )


def rules_show(rules: "Rulebook", *, name: str, on: str | None = None) -> dict[str, Any]:
    """Show one instrument: what it says, what happened to it, how it stands, what is not confirmed."""
    from leadtime.rules.timeline import show
    from leadtime.rules.transaction import day

    return plain({**rules.stamp, **show(rules.log, name, day(on), rules.as_known)})  # type: ignore[no-any-return]


def rules_diff(
    rules: "Rulebook", *, since: str, to: str | None = None, chip: list[str] | None = None
) -> dict[str, Any]:
    """Show what changed for whom between two days."""
    from leadtime.rules import timeline as lines
    from leadtime.rules.names import chip_id
    from leadtime.rules.transaction import day

    begin, end = day(since), day(to)
    chips = tuple(chip_id(rules.log, c) for c in chip) if chip else lines.WATCHED
    found = lines.diff(rules.log, begin, end, rules.as_known, chips)
    events = [e for e in lines.timeline(rules.log, rules.as_known) if begin < e.effective_on <= end]
    return plain({**rules.stamp, "from": begin, "to": end, "events": events, "changes": found})  # type: ignore[no-any-return]


def rules_tariffs(
    rules: "Rulebook", *, good: str, origin: str, on: str | None = None, chip: str | None = None, end_use: str = ""
) -> dict[str, Any]:
    """Show the duties on goods entering the United States: each layer with authority, rate and dates."""
    from leadtime.rules.names import chip_id
    from leadtime.rules.transaction import day

    found = rules.duty(good, origin, day(on), chip=chip_id(rules.log, chip) if chip else "", end_use=end_use)
    return {**rules.stamp, **plain(found)}
