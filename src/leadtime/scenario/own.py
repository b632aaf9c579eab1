"""A scenario made on the spot: one that is known, with levers set otherwise."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.scenario.levers import FIRST_YEAR, LAST_YEAR, LEVERS, NEXT, Lever, Scenario, Setting

#: What a scenario made on the spot is called.
NAME = "(yours)"
_EXPECTED = "Expected LEVER=VALUE or LEVER=VALUE@DAY, such as uptake=0@2027-01-01."


def with_levers(base: Scenario, settings: Sequence[str]) -> Scenario:
    """Return a scenario with levers set otherwise from given days on.

    Args:
        base: Where it starts from; its own settings before a given day stay.
        settings: Texts such as `uptake=0@2027-01-01`; without a day, from the quarter after the study's day on.

    Raises:
        LeadtimeError: A malformed setting, an unknown lever, or a value or day out of range.
    """
    levers, said = dict(base.levers), []
    for text in settings:
        name, value, begin = _parsed(text)
        steps = [x for x in levers.get(name, ()) if x.begin < begin]
        levers[name] = (*steps, Setting(begin, value))
        said.append(f"{name} {value:g} from {'next quarter' if begin == NEXT else begin}")
    title = f"{base.title}, but {', '.join(said)}"
    return replace(base, name=NAME, title=title, narrative=f"Made on the spot: {title}.", levers=levers)


def _parsed(text: str) -> tuple[str, float, dt.date]:
    name, equals, rest = text.partition("=")
    value, _, day = rest.partition("@")
    name = name.strip()
    if not equals:
        raise LeadtimeError(f"{text!r} does not set a lever", where="--set", fix=_EXPECTED)
    if name not in LEVERS:
        raise unknown_name("lever", name, LEVERS)
    return name, _value(value, name, LEVERS[name]), _day(day, name)


def _value(text: str, name: str, lever: Lever) -> float:
    fix = f"Expected a {lever.unit} from {lever.low:g} to {lever.high:g}."
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise LeadtimeError(f"{text.strip()!r} is not a number", where=f"lever {name}", fix=fix)
    if not lever.low <= value <= lever.high:
        size = "large" if value > lever.high else "small"
        raise LeadtimeError(f"{value:g} is too {size}", where=f"lever {name}", fix=fix)
    return value


def _day(text: str, name: str) -> dt.date:
    if not text.strip():
        return NEXT
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise LeadtimeError(
            f"{text.strip()!r} is not a day", where=f"lever {name}", fix="Expected a day such as 2027-01-01."
        ) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise LeadtimeError(
            f"the simulation does not reach {day}",
            where=f"lever {name}",
            fix=f"Expected a day in {FIRST_YEAR} to {LAST_YEAR}.",
        )
    return day
