"""What lists of parties say of an end user and its owners."""

from pathlib import Path
from typing import TYPE_CHECKING

from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.rules.screening import Screener, Screening


def screened(
    party: str | None, owners: list[str], lists: list[Path], study: Path | None, on: str | None
) -> "Screening | None":
    """Return what the lists given, and those in the folder `lists/` of a study, say of a party; None where none is named.

    Raises:
        LeadtimeError: A list that cannot be read, lists or owners without a party, an owner without a share.
    """
    if not party:
        if owners or lists:
            raise LeadtimeError(
                "no party was named", where="--party", fix="Example: --party 'Name' --list consolidated.csv."
            )
        return None
    from leadtime.rules.screening import screen
    from leadtime.rules.transaction import day

    return screen(screener(lists, study), party, [_share(o) for o in owners], day(on))


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


def screener(lists: list[Path], study: Path | None) -> "Screener | None":
    """Return the lists given, and those in the folder `lists/` of a study, ready to be asked; None where there is none.

    Raises:
        LeadtimeError: A list that cannot be read.
    """
    from leadtime.rules import screening_lists
    from leadtime.rules.screening import Screener

    inside = screening_lists.in_study(study) if study else []
    return Screener(screening_lists.read(lists, also=inside, within=study)) if lists or inside else None
