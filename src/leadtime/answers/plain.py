"""Values as JSON can hold them."""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

#: What a row of a table says of where it comes from and how old that is.
_IN_ROWS = (
    "version",
    "as_of",
    "evidence_hash",
    "seed",
    "newest_scored_model",
    "newest_scored_model_name",
    "newest_scored_model_on",
    "newest_row_on",
)


class Late(Mapping[str, Any]):
    """A mapping of which some is at hand, and the rest made when it is asked for.

    Args:
        known: What is at hand.
        make: Gives all of it.
    """

    def __init__(self, known: Mapping[str, Any], make: Callable[[], Mapping[str, Any]]) -> None:
        self._known, self._make = known, make

    def __getitem__(self, key: str) -> Any:
        return self._known[key] if key in self._known else self._all[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @functools.cached_property
    def _all(self) -> Mapping[str, Any]:
        return self._make()


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, as they are."""
    return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def plain(value: Any) -> Any:
    """Return a value made of dicts, lists, numbers and text only; what is not finite as None."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return str(value)


def records(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a data frame, plain."""
    rows: list[dict[str, Any]] = plain(table.to_dicts())
    return rows


def stamped(rows: Sequence[Mapping[str, Any]], stamp: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table, each with what it must say of the stamp; a row's own values stay."""
    more = {k: stamp[k] for k in _IN_ROWS if k in stamp}
    return [{**r, **{k: v for k, v in more.items() if k not in r}} for r in rows]


def program() -> dict[str, str]:
    """Return the stamp of what rests on no evidence: the version alone."""
    import leadtime

    return {"version": leadtime.__version__}
