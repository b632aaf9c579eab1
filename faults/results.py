"""What a run found, as a file that the documentation is written from."""

import datetime as dt
import json
import platform
import re
import tempfile
from pathlib import Path
from typing import Any

import leadtime
from leadtime.capability.cache import code

FOLDER = Path(__file__).parents[1] / "docs" / "trust" / "results"
_CODE = code()


def write(
    name: str, *, verdict: str, seconds: float, rows: list[dict[str, Any]], notes: list[str] | None = None
) -> Path:
    """Write what a run found, and return the file.

    Args:
        name: Of the run.
        verdict: In one sentence.
        seconds: How long it took.
        rows: What was done how often, and what came of it: the rows of a table.
        notes: What must be known about it.

    Raises:
        SystemExit: The code was changed meanwhile: what was found is of no one state of it.
    """
    if code.__wrapped__() != _CODE:
        raise SystemExit("error: the code was changed while this ran, so nothing is written\n  Run it again.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "version": leadtime.__version__,
        "python": platform.python_version(),
        "verdict": verdict,
        "seconds": round(seconds),
        "rows": rows,
        "notes": notes or [],
    }
    path = FOLDER / f"{name}.json"
    text = re.sub(
        rf"{re.escape(tempfile.gettempdir())}/leadtime-[^/\s]+/?", "", json.dumps(found, indent=1, ensure_ascii=False)
    )
    path.write_text(text + "\n", encoding="utf-8")
    return path


def rows_beside(name: str, rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return rows with those of an earlier run of the same version beside them, of which this run has no newer."""
    path = FOLDER / f"{name}.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"version": "", "rows": []}
    mine = {r[key] for r in rows}
    kept = [r for r in before["rows"] if r[key] not in mine] if before["version"] == leadtime.__version__ else []
    return [*kept, *rows]
