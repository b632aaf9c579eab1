"""The comparison for the built-in evidence, computed once and shipped with its key."""

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime.published.comparison import Compared, Step, compare

if TYPE_CHECKING:
    from leadtime.study import Study

SHIPPED = Path(__file__).parent / "data" / "compared.json"


def key(study: "Study") -> str:
    """Return what the comparison depends on: the evidence that a study knows."""
    from leadtime.capability.cache import key as content_key

    return content_key("published 1", study.evidence.hash)


def compared(study: "Study", *, only_shipped: bool = False) -> list[Compared]:
    """Return the comparison: the shipped one where it fits the study, else one computed now (a minute or more).

    Args:
        study: What is compared with.
        only_shipped: Return nothing rather than compute.
    """
    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        if content["key"] == key(study):
            return [_read(r) for r in content["rows"]]
    except (OSError, ValueError, KeyError):
        pass
    return [] if only_shipped else compare(study)


def save(study: "Study", path: Path = SHIPPED) -> Path:
    """Compute the comparison and write it with its key."""
    rows = [asdict(c) | {"known_on": str(c.known_on)} for c in compare(study)]
    path.write_text(
        json.dumps({"key": key(study), "as_of": str(study.as_of), "rows": _short(rows)}, indent=1) + "\n",
        encoding="utf-8",
    )
    return path


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value] if isinstance(value, list | tuple) else value


def _read(row: dict[str, Any]) -> Compared:
    return Compared(
        **row
        | {
            "known_on": dt.date.fromisoformat(row["known_on"]),
            "theirs": tuple(row["theirs"]),
            "ours": None if row["ours"] is None else tuple(row["ours"]),
            "steps": tuple(Step(**s) for s in row["steps"]),
        }
    )
