"""What a study folder pins, so that a colleague gets the same numbers: the day, the evidence, the versions."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from leadtime import stranger
from leadtime.environment import installed
from leadtime.errors import LeadtimeError
from leadtime.whole import whole

NAME = "leadtime.lock"
_MOST, _MOST_LENGTH = 300_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What is pinned.

    Args:
        as_of: The day of the study where none is asked for.
        evidence_hash: Hash of the evidence on that day, the folder's rows among it.
        packages: Version by name.
    """

    as_of: dt.date
    evidence_hash: str
    packages: dict[str, str]

    def write(self, folder: Path) -> Path:
        """Write it into a folder, and return the file."""
        path = folder / NAME
        text = json.dumps({**asdict(self), "as_of": str(self.as_of)}, indent=1) + "\n"
        with whole(path) as partial:
            partial.write_text(text, encoding="utf-8")
        return path

    def differs(self, evidence_hash: str) -> list[str]:
        """Return in words what is no longer as it was pinned."""
        found = (
            [] if evidence_hash == self.evidence_hash else [f"evidence {evidence_hash}, pinned {self.evidence_hash}"]
        )
        now = installed()
        return found + [
            f"{name} {now.get(name, 'not installed')}, pinned {v}"
            for name, v in self.packages.items()
            if now.get(name) != v
        ]


def read(folder: Path | str | None) -> Lock | None:
    """Return the lock of a study folder, or None if there is none.

    Raises:
        LeadtimeError: It is there and malformed.
    """
    path = Path(folder) / NAME if folder is not None else None
    if path is None or not stranger.is_there(path):
        return None
    text, fix = stranger.text(path, most=_MOST, within=path.parent), "`leadtime lock DIR` writes a new one."
    try:
        given = json.loads(text, object_pairs_hook=_once)
        if set(given) != {"as_of", "evidence_hash", "packages"}:
            raise ValueError("expected as_of, evidence_hash and packages, and only these")
        packages, texts = given["packages"], [given["as_of"], given["evidence_hash"]]
        if not isinstance(packages, dict) or not all(isinstance(t, str) for t in [*texts, *packages.values()]):
            raise ValueError("every value must be text, and packages a list of name: version")
        if not all(t.isprintable() and len(t) <= _MOST_LENGTH for t in [*texts, *packages, *packages.values()]):
            raise ValueError("a text is too long, or has characters that nobody can see")
        day = dt.date.fromisoformat(given["as_of"])
        if str(day) != given["as_of"]:
            raise ValueError(f"{given['as_of']!r} is not a day such as 2026-11-01")
        return Lock(as_of=day, evidence_hash=given["evidence_hash"], packages=packages)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = str(error)[:200] if isinstance(error, ValueError) else "its form is wrong"
        what = f"is not a lock: {why}"
        raise LeadtimeError(what, where=str(path), fix=fix) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name appears twice")
    return dict(pairs)
