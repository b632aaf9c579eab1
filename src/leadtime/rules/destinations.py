"""Names of countries as people type them, and of the regions of one that a rule sets apart."""

import functools
import re
from collections.abc import Mapping

from leadtime.errors import LeadtimeError, nearest
from leadtime.rules.log import Log
from leadtime.rules.names import MOST_LETTERS, Find, Identity, squeezed

#: Between the code of a country and the name of its region, in the id of a region.
_REGION = "_"
#: Names that people give to two countries of different rules: neither is guessed. The Commerce Country Chart (15 CFR
#: 738, supplement 1) has each under a longer name.
_SHARED = {
    "Congo": {"COD": "Democratic Republic of the Congo", "COG": "Republic of the Congo"},
    "Korea": {"KOR": "South Korea", "PRK": "North Korea"},
    "Virgin Islands": {"VGB": "British Virgin Islands", "VIR": "US Virgin Islands"},
}


def country_code(log: Log, name: str) -> str:
    """Return the id of a place: the ISO 3166 alpha-3 code of a country, given that, the alpha-2 code or a name; or that
    of a region.

    Raises:
        LeadtimeError: No such place, with the nearest names; a name of two places; a place inside a country that no
            rule here sets apart.
    """
    return countries_by_name(log)(name, True)


def is_region(place: str) -> bool:
    """Return whether an id is that of a region that a rule sets apart from its country, such as Crimea."""
    return _REGION in place


@functools.lru_cache(maxsize=8)
def _country_names(holder: Identity) -> dict[str, str]:
    return {
        _country_key(name): row["id"]
        for row in holder.log.tables["countries"]
        for name in (row["id"], row["alpha_2"], row["name"], *(row["aliases"] or "").split("|"))
        if name
    }


def countries_by_name(log: Log) -> Find:
    """Return what finds a place by its code or name, for many names."""
    names = _country_names(Identity(log))
    shared = {_country_key(name): places for name, places in _SHARED.items() if places.keys() <= log.countries.keys()}

    def find(name: str, near: bool) -> str:
        key = _country_key(name[:MOST_LETTERS])
        if key in shared:
            raise _either(name, shared[key])
        if key in names:
            return names[key]
        part, whole = _inside(name[:MOST_LETTERS])
        region, country = names.get(_country_key(part), ""), names.get(_country_key(whole), "")
        if country and is_region(region):
            return region
        if country and region in ("", country):
            raise _untold(log, part, country)
        if country:
            raise _either(name, {c: log.countries[c] for c in (region, country)})
        close = [names[n] for n in nearest(key, names, 4)] if near and len(key) > 2 else []
        shown = [f"{c} ({log.countries[c]})" for c in dict.fromkeys(close)]
        raise LeadtimeError(
            f"there is no country called {name[:MOST_LETTERS]!r}",
            fix=(
                f"Did you mean {', '.join(shown)}? A place inside a country goes by its country."
                if shown
                else "Give the name of a country or its ISO code, such as CHN or CN. For a region, name its country."
            ),
        )

    return find


def _inside(name: str) -> tuple[str, str]:
    """Return a place and the country that it is said to be in, as in `Kherson, Ukraine` or `Kherson (Ukraine)`; else
    nothing.
    """
    found = re.fullmatch(r"\s*([^,()]+?)\s*(?:,\s*([^,()]+?)|\(\s*([^,()]+?)\s*\))\s*", name)
    return (found[1], found[2] or found[3]) if found else ("", "")


def _either(name: str, places: Mapping[str, str]) -> LeadtimeError:
    """Return that a name may stand for either of two places, given by id with their words."""
    both = " or ".join(f"{place} ({words})" for place, words in places.items())
    return LeadtimeError(f"{name[:MOST_LETTERS]!r} could be either of two places", fix=f"Name one: {both}.")


def _untold(log: Log, part: str, country: str) -> LeadtimeError:
    """Return that a place inside a country is not told apart, with the regions of it that are."""
    apart = [words for place, words in log.countries.items() if place.startswith(f"{country}{_REGION}")]
    told = f" Told apart in it: {'; '.join(apart)}." if apart else ""
    return LeadtimeError(
        f"{part!r} is a place inside {log.countries[country]} that has no rules of its own here",
        fix=(
            f"Say {log.countries[country]} for the rules of the whole country.{told} Rules for a region may come beside"
            " them."
        ),
    )


def _country_key(name: str) -> str:
    words = re.sub(
        r"[^\w]|_",
        " ",
        name.replace("&", " and ").replace(".", "").replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", ""),
    )
    return squeezed(" ".join(w for w in words.split() if w.casefold() != "the") or name)
