"""Values as JSON can hold them."""

import dataclasses
import math
from typing import Any


def plain(value: Any) -> Any:
    """Return a value made of dicts, lists, numbers and text only; what is not finite as None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def records(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a data frame, plain."""
    rows: list[dict[str, Any]] = plain(table.to_dicts())
    return rows
