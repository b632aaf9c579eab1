"""Whether an item made abroad is subject to the US rules: by its share of US content, and as a direct product.

15 CFR 734.4(c) and (d): a foreign-made item is not subject for its content where controlled US content is 10% of its
value or less; 25% or less suffices to places outside country groups E:1 and E:2. Not so for some items; of those read
here, for computers above a performance that is not computed here (734.4(a)(1)). 734.9(h): an item of 3A090 or 4A090 is
subject to any place where it is the direct product of listed US technology or software, or of a plant that is; how much
US content it holds does not count. Read as of 2026-07-23; other direct product rules (734.9) turn on the buyer or the
use, and are not read.
"""

from typing import TYPE_CHECKING

from leadtime.errors import LeadtimeError
from leadtime.rules.log import Log
from leadtime.rules.terms import MADE_WITH

if TYPE_CHECKING:
    from leadtime.rules.transaction import Transaction

#: The only items for which the text read is clear.
_HARDWARE = ("chip", "system", "hbm", "foundry-die")
_LOW_PERCENT, _HIGH_PERCENT = 10.0, 25.0


def limit_percent(log: Log, place: str) -> float:
    """Return the share of controlled US content, in percent, above which an item is subject to the rules for it.

    Args:
        log: The rules, for the country groups.
        place: The destination.
    """
    return _LOW_PERCENT if any(place in log.groups.get(g, {}) for g in ("E:1", "E:2")) else _HIGH_PERCENT


def statements(
    log: Log, made_with: str, us_content_percent: float | None, *, place: str, item: str, origin: str
) -> dict[str, bool | None]:
    """Return what follows for the statements `subject` and `direct_product`, nothing if nothing was given.

    Args:
        log: The rules.
        made_with: One of `MADE_WITH`; empty: not given.
        us_content_percent: Controlled US content over the item's value, 0 to 100; None: not given.
        place: The destination.
        item: Kind of item.
        origin: Kind of transaction.

    Raises:
        LeadtimeError: A share is not 0 to 100, a word is unknown, or the item leaves the US or is not hardware.
    """
    if not made_with and us_content_percent is None:
        return {}
    if made_with and made_with not in MADE_WITH:
        fix = f"Known: {', '.join(MADE_WITH)}."
        raise LeadtimeError(f"there is no production method called {made_with[:60]!r}", where="--made-with", fix=fix)
    if us_content_percent is not None and not 0 <= us_content_percent <= 100:
        fix = "Give it as a percentage of the value, from 0 to 100."
        raise LeadtimeError("US content must be between 0 and 100%", where="--us-content", fix=fix)
    if origin == "us":
        fix = "If it leaves another country, add --origin=reexport."
        raise LeadtimeError("US rules always cover what leaves the United States", where="--made-with", fix=fix)
    if item not in _HARDWARE:
        raise LeadtimeError(
            f"leadtime has no rules here on how {item} are made",
            where="--made-with",
            fix="Leave it out, or give --not-subject.",
        )
    over = None if us_content_percent is None else us_content_percent > limit_percent(log, place)
    if over:
        return {"subject": True, "direct_product": None if not made_with else made_with != "neither"}
    if made_with != "neither":  # other direct product rules may reach the buyer or the use
        return {"subject": None, "direct_product": True if made_with else None}
    # a computer above 734.4(a)(1) is subject for any US content at all
    is_free = over is False and (item != "system" or us_content_percent == 0)
    return {"subject": False if is_free else None, "direct_product": False}


def told(t: "Transaction") -> str:
    """Return how an item that does not leave the US was taken, in a sentence or two; nothing for an export."""
    if t.origin == "us":
        return ""
    flags = dict(t.flags)
    if "subject" not in flags:
        return (
            "Assumed: the item is subject to the US rules, wherever it was made. How it was made, and its US content,"
            " would tell."
        )
    if not t.made_with and t.us_content_percent is None:
        return f"As you say, the item is {'' if flags['subject'] else 'not '}subject to the US rules."
    if flags["subject"]:
        return "By its US content the item is subject to the US rules (15 CFR 734.4)."
    if flags["subject"] is False:
        return (
            "By its US content (15 CFR 734.4), and as no direct product (734.9), the item is not subject to the US"
            " rules."
        )
    if flags.get("direct_product"):
        return (
            "As a direct product it is subject to the US rules if it is in 3A090 or 4A090 (15 CFR 734.9(h)). "
            "Otherwise that depends on the buyer and the use, which you must answer."
        )
    lacking = "what it was made with" if not t.made_with else "its US content"
    if t.made_with and t.us_content_percent is not None:
        lacking = "the performance of the computer (15 CFR 734.4(a)(1))"
    return f"Whether the item is subject to the US rules is open: it turns on {lacking}."
