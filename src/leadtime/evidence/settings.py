"""What a study folder sets for every command: `leadtime.toml`, so that the same question is asked each time."""

import datetime as dt
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from leadtime import stranger
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence import lock

NAME = "leadtime.toml"
#: Bytes that it may have: ten times what is needed, and little enough for a reader that takes the square of a key's
#: length.
_MOST = 4_000
DRAWS = 2000
#: How abilities can be fitted.
METHODS = ("nuts", "map", "bootstrap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a study folder sets; an option of a command, or an argument, comes first.

    Args:
        as_of: Only what was public on or before this day is used.
        seed: Same seed and evidence, same numbers.
        draws: Joint draws per quantity.
        method: nuts, map or bootstrap.
        locked: Refuse to answer when the evidence or a version is not as `leadtime.lock` pins it.
    """

    as_of: dt.date | None = None
    seed: int | None = None
    draws: int | None = None
    method: str | None = None
    locked: bool = False


_KINDS: dict[str, tuple[type, str]] = {
    "as_of": (dt.date, "a date without quotes, such as 2026-11-01"),
    "seed": (int, "a whole number of 0 or more, to 4294967295"),
    "draws": (int, "a whole number of 2 or more, to 1000000"),
    "method": (str, '"nuts", "map" or "bootstrap"'),
    "locked": (bool, "true or false"),
}
#: Beyond, the generators of chance take no seed; and a machine has no memory.
MOST_SEED, MOST_DRAWS = 2**32 - 1, 1_000_000
_RANGE = {"seed": (0, MOST_SEED), "draws": (2, MOST_DRAWS)}


def read(folder: Path | str | None) -> Settings:
    """Return what a study folder sets, nothing if it has no `leadtime.toml`.

    Raises:
        LeadtimeError: It is there and malformed: line, key, what was expected.
    """
    path = Path(folder) / NAME if folder is not None else None
    if path is None or not stranger.is_there(path):
        return Settings()
    text, fix = stranger.text(path, most=_MOST, within=path.parent), 'A line is such as draws = 2000 or method = "map".'
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise LeadtimeError(f"is not TOML: {error}", where=str(path), fix=fix) from None
    known = [f.name for f in fields(Settings)]
    for key, value in given.items():
        if key not in known:
            close = nearest(key, known, 2)
            raise LeadtimeError(
                f"there is no setting {key!r}",
                where=str(path),
                fix=f"Did you mean {' or '.join(close)}?" if close else f"Settings: {', '.join(known)}.",
            )
        _require(key, value, path)
    return Settings(**given)


def day_of(folder: Path | str | None) -> dt.date | None:
    """Return the day of a study where none is asked for: that of its lock, else of its settings."""
    pinned = lock.read(folder)
    return pinned.as_of if pinned else read(folder).as_of


def resolve(folder: Path | str | None, seed: int | None, draws: int | None, method: str | None) -> tuple[int, int, str]:
    """Return seed, draws and method: what is given, else what the study sets, else 0, 2,000 and nuts.

    Raises:
        LeadtimeError: A number is no whole one, or there is no such method.
    """
    for name, value in (("seed", seed), ("draws", draws)):
        if value is not None and (not hasattr(value, "__index__") or isinstance(value, bool)):
            raise LeadtimeError(f"{name} is {value!r}", fix=f"Expected {_KINDS[name][1]}.")
    if method is not None and method not in METHODS:
        raise LeadtimeError(f"there is no method {method!r}", fix=f"Methods: {', '.join(METHODS)}.")
    own = read(folder)
    return (
        seed if seed is not None else own.seed or 0,
        draws if draws is not None else own.draws or DRAWS,
        method or own.method or "nuts",
    )


def _require(key: str, value: Any, path: Path) -> None:
    kind, expected = _KINDS[key]
    fits = (
        isinstance(value, kind)
        and not (isinstance(value, bool) and kind is not bool)
        and not isinstance(value, dt.datetime)
    )
    if (
        not fits
        or (key in _RANGE and not _RANGE[key][0] <= value <= _RANGE[key][1])
        or (key == "method" and value not in METHODS)
    ):
        raise LeadtimeError(f"{key} is {value!r}", where=str(path), fix=f"Expected {expected}.")
