"""What lists say of a party, in one sentence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadtime.rules.screening import Screening


def told(s: "Screening") -> str:
    """Return the sentence: listed, owned by those that are, perhaps, not known, or on no list that was read."""
    if s.listed:
        return "on the Entity List."
    if s.on_other_list and s.matches:
        return "on a list, though not on the Entity List."
    if s.owned_by_listed:
        return "half or more is owned by parties on the Entity List."
    if not s.lists:
        return "not known: no list was read."
    if None in (s.listed, s.on_other_list, s.owned_by_listed):
        return "perhaps on a list: a person must look."
    return "on none of the lists read, as far as this spelling goes."
