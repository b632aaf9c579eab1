"""What lists of parties say of an end user and its owners."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.screening import Screening


def rules_party(
    rules: "Rulebook", *, name: str, owner: list[str] | None = None, on: str | None = None
) -> dict[str, Any]:
    """Look a party and its owners up on the lists of the study; where there is none, that is said."""
    return party_json(rules, party_of(rules, name, owner or (), on))


def party_json(rules: "Rulebook", found: "Screening") -> dict[str, Any]:
    """Return what lists say of a party, with the stamp."""
    from leadtime.rules.screening_told import told

    return {**rules.stamp, "headline": told(found), **plain(found)}


def party_of(
    rules: "Rulebook", party: str | None, owners: Sequence[str], on: str | None, lists: Iterable[Path] = ()
) -> "Screening":
    """Return what the lists in `lists/` of the study, and those given, say of a party.

    Raises:
        LeadtimeError: A list that cannot be read, no name, an owner without a share.
    """
    from leadtime.rules.screening import screen
    from leadtime.rules.transaction import day

    if not party or not party.strip():
        fix = "Example: --party 'Name' --list consolidated.csv."
        raise LeadtimeError("no party was named", where="--party", fix=fix)
    named = tuple(lists)
    screener = rules.parties_with(named) if named else rules.parties
    return screen(screener, party, [_share(o) for o in owners], day(on))


def screened(
    rules: "Rulebook", party: str | None, owners: Sequence[str], on: str | None, lists: Iterable[Path] = ()
) -> "Screening | None":
    """Return the same; None where no party is named, and neither an owner nor a list is."""
    named = tuple(lists)
    return party_of(rules, party, owners, on, named) if party or owners or named else None


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        value = float(share.strip().removesuffix("%")) / (100 if share.strip().endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if not name.strip() or not 0 < value <= 1:
        raise LeadtimeError(
            f"{text[:80]!r} names no owner with a share", where="--owner", fix="Example: --owner 'Name=60%'."
        )
    return name.strip(), value
