"""How the duties on goods read in a terminal: the range first, then each layer."""

from typing import TYPE_CHECKING

from leadtime.cli.terminal import put, wrap

if TYPE_CHECKING:
    from leadtime.rules.tariffs import Duty


def show_duty(good: str, found: "Duty") -> None:
    """Print the duties on goods: the least and the greatest, what they turn on, every layer."""
    least, most = found.rate_fraction, found.rate_fraction_high
    words = f"{least:.1%}" if least == most else f"{least:.1%} to {most:.1%}, by what is open"
    place = found.origin
    wrap(f"{good} of {place} entering the US on {found.on}, as known on {found.as_known}", "")
    put()
    wrap(f"Duty: {words}. The ordinary duty is not counted; it is zero on semiconductors.", "")
    for title in found.not_set:
        wrap(f"{title} is in law without a rate: it is in neither end.", "")
    for line in found.turns_on:
        wrap(f"It turns on {line}.", "")
    put()
    for x in found.layers:
        rate = "-" if x.rate_fraction is None else f"{x.rate_fraction:.1%}"
        put(f"  {x.title:<34} {rate:>7}  {x.applies}")
        dates = f"announced {x.announced_on}, in law {x.legal_from}" + (f" to {x.legal_to}" if x.legal_to else "")
        dates += f", collected from {x.collected_from}" if x.collected_from != x.legal_from else ""
        for extra in (
            x.why,
            f"{x.authority}, {x.citation}; {dates}",
            x.note,
            f"not confirmed: {x.unconfirmed}" if x.unconfirmed else "",
        ):
            if extra:
                wrap(extra, "      ")
