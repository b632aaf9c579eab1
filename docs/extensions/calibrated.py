"""What calibration found, as the files that its scripts wrote say."""

import json
from pathlib import Path

from mdtable import list_table

FOLDER = Path(__file__).parents[1] / "trust" / "results"


def describe(name: str) -> str:
    """Return what a calibration script found, as the file it wrote says: verdict, checks, chart, tables, notes."""
    r = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    command = f"$ .venv/bin/python calibration/{r['name']}.py --simulations {r['simulations']} --seed {r['seed']}"
    parts = [
        (
            f"**{r['verdict'].capitalize()}.** {r['date']}, leadtime {r['version']}, evidence {r['evidence_hash']},"
            f" seed {r['seed']}, simulations: {r['simulations']}, {r['seconds']:,} seconds.\n"
        ),
        f"```console\n{command}\n```\n",
        list_table(
            ("Check", "Found", "Bounds", ""),
            [
                (c["what"], cell(c["value"]), bounds(c["low"], c["high"]), "held" if c["held"] else "**failed**")
                for c in r["checks"]
            ],
        ),
    ]
    if r["chart"]:
        parts.append(f"![{r['question']}](results/{r['chart']})\n")
    for table in r["tables"]:
        rows = [tuple(cell(v) for v in row) for row in table["rows"]]
        parts += [f"*{table['title']}*\n", list_table(tuple(table["columns"]), rows)]
    parts += [f"- {note}" for note in r["notes"]]
    return "\n".join(parts) + "\n"


def cell(value: object) -> str:
    """Return a value of a result as a cell: numbers with three digits."""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "-" if value is None else str(value)


def bounds(low: float | None, high: float | None) -> str:
    """Return the bounds of a check in words."""
    if low is not None and high is not None:
        return f"{cell(low)} to {cell(high)}"
    return f"at least {cell(low)}" if low is not None else f"at most {cell(high)}"
