"""The tables of the page on faults, written from what the last runs found."""

import json
from pathlib import Path

from mdtable import list_table

FOLDER = Path(__file__).parents[1] / "trust" / "results"
#: Which keys of a row are columns, with their headings, by name of the run.
COLUMNS = {
    "kill": {
        "command": "Command",
        "n_kills": "Killed",
        "n_ended_before": "Ended before",
        "states": "Found after the kill",
        "n_finished": "Run to the end",
        "faults": "Faults",
    },
    "disk": {"what": "Written", "left_bytes": "Bytes left", "said": "What is said", "faults": "Faults"},
    "home": {"what": "What", "said": "What is said", "faults": "Faults"},
    "twice": {"what": "At once", "wanted": "Wanted", "n_pairs": "Pairs", "faults": "Faults"},
    "clock": {"setting": "Setting", "n_commands": "Commands", "faults": "Faults"},
    "download": {"what": "Command", "n_cut_off": "Cut off", "n_killed": "Killed", "faults": "Faults"},
    "soak": {
        "what": "What",
        "n": "How many",
        "found": "Found",
        "median_ms": "Median, ms",
        "p95_ms": "95 of 100 within, ms",
        "p99_ms": "99 of 100, ms",
        "faults": "Faults",
    },
    "power": {
        "written": "Written",
        "n_steps": "Steps",
        "n_states": "States read",
        "states": "Found",
        "faults": "Faults",
    },
    "fuzz": {
        "what": "Parser of",
        "n_inputs": "Inputs",
        "n_accepted": "Accepted",
        "edges_first": "Edges at first",
        "edges_last": "at last",
        "slowest_s": "Slowest, s",
        "on": "On",
        "faults": "Faults",
    },
}


def cell(value) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, list):
        more = f"; and {len(value) - 2} more" if len(value) > 2 else ""
        return " ".join("; ".join(map(str, value[:2])).split()) + more or "none"
    if isinstance(value, dict):
        return ", ".join(f"{what}: {n:,}" if what.isdigit() else f"{n} {what}" for what, n in value.items()) or "-"
    if isinstance(value, int | float):
        return f"{value:,}"
    return "" if value is None else " ".join(str(value).split())


def describe(name: str) -> str:
    """Return what a run found: its verdict, its table, what must be known of it."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return "Not run yet.\n"
    found = json.loads(path.read_text(encoding="utf-8"))
    stamp = (
        f"**{found['verdict']}** {found['date']}, version {found['version']}, Python {found['python']},"
        f" {found['seconds']:,} s on a busy machine.\n"
    )
    columns = COLUMNS[name]
    table = list_table(tuple(columns.values()), [tuple(cell(r[k]) for k in columns) for r in found["rows"]])
    return "\n".join([stamp, table, *found["notes"]])
