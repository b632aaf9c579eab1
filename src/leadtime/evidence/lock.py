"""What a study folder pins, so that a colleague gets the same numbers: the day, the evidence, the versions."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from leadtime.environment import installed
from leadtime.errors import LeadtimeError

NAME = "leadtime.lock"


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
        path.write_text(json.dumps({**asdict(self), "as_of": str(self.as_of)}, indent=1) + "\n", encoding="utf-8")
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
    """Return the lock of a study folder, or None where there is none.

    Raises:
        LeadtimeError: It is there and malformed.
    """
    path = Path(folder) / NAME if folder is not None else None
    if path is None or not path.is_file():
        return None
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        packages = {str(k): str(v) for k, v in given["packages"].items()}
        return Lock(
            as_of=dt.date.fromisoformat(given["as_of"]), evidence_hash=str(given["evidence_hash"]), packages=packages
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise LeadtimeError(
            f"is not a lock ({type(error).__name__}: {error})",
            where=str(path),
            fix="`leadtime lock DIR` writes it again.",
        ) from None
