"""The table of the page on speed, written from what the last run of the benchmarks found."""

import json
from pathlib import Path

from mdtable import list_table

RESULTS = Path(__file__).parents[1] / "trust" / "results" / "speed.json"
#: So many processors may be in use by others while a figure is called idle.
QUIET = 0.2


def number(value: float) -> str:
    """Return a figure with three digits."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def cell(row: dict) -> str:
    """Return a figure as the table shows it: median and range, processor time, and whether its target is reached."""
    parts = [f"{number(row['median'])} ({number(row['low'])} to {number(row['high'])})"]
    if row["processor"] is not None:
        parts.append(f"processor {number(row['processor'])}")
    if row["target"] is not None:
        parts.append(f"target {'at least' if row['least'] else 'at most'} {row['target']:g}")
        parts.append("reached" if row["held"] else "**missed**")
    return "; ".join(parts)


def beside(row: dict) -> str:
    """Return what the peer took, and how many times as long that is."""
    peer = row["peer"]
    return "" if peer is None else f"{peer['is']}: {number(peer['median'])}, {number(peer['times'])} times as long"


def part(found: dict) -> str:
    """Return the table of one part: its figures idle and beside busy processes, and the peer's."""
    idle, busy = (found["runs"][state] for state in ("idle", "busy"))
    loaded = {(r["what"], r["peer"] and r["peer"]["is"]): r for r in busy["rows"]}
    rows = []
    for row in idle["rows"]:
        other = loaded.get((row["what"], row["peer"] and row["peer"]["is"]))
        name = f"{row['what']}, {row['unit']}" if row["unit"] else row["what"]
        rows.append((name, cell(row), "" if other is None else cell(other), beside(row)))
    here = found["machine"]
    lines = [
        list_table(("What", "Idle", "Beside two busy processes", "Its peer, idle"), rows),
        f"{found['date']}, {idle['data']}. {here['n_processors']} processors ({here['processor']}),"
        f" {here['memory_gb']:g} GB, leadtime {here['version']}, Python {here['with']['python']}.",
    ]
    if idle["others"] is None or idle["others"] > QUIET:
        used = "an unknown number of" if idle["others"] is None else number(idle["others"])
        lines.append(f"**The machine was not quiet: other jobs used {used} processors. Read the processor times.**")
    return "\n".join(lines) + "\n"


def describe(name: str) -> str:
    """Return what the last run found of a part."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))["parts"] if RESULTS.exists() else {}
    return part(found[name]) if name in found else "Not run yet.\n"
