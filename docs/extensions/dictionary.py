"""The data dictionary of the evidence, and the assumptions with their reasons."""

from importlib import import_module

from mdtable import list_table


def describe_cells(column) -> str:
    """Return what the cells of an evidence column hold, in words."""
    unit = f", in {column.unit}" if column.unit else ""
    return f"{column.expected}{unit}" + ("" if column.required else "; may be empty")


def describe_tables() -> str:
    """Return the data dictionary of the evidence tables."""
    tables = import_module("leadtime.evidence").TABLES
    sections = []
    for table in tables.values():
        key = " + ".join(f"`{name}`" for name in table.key)
        rows = [(f"`{column.name}`", column.help, describe_cells(column)) for column in table.columns]
        sections += [
            f"## `{table.name}`\n",
            f"{table.help} One row per {key}.\n",
            list_table(("Column", "Meaning", "Holds"), rows),
        ]
    return "\n".join(sections)


def describe_assumptions(asked: str) -> str:
    """Return the assumptions whose id begins as asked, or, with a minus before each, with none of these."""
    words = asked.split()
    rows = import_module("leadtime.evidence").Evidence.load()["assumptions"].sort("id").to_dicts()
    wanted = [w for w in words if not w.startswith("-")]
    chosen = [
        r
        for r in rows
        if (r["id"].startswith(tuple(wanted)) if wanted else not r["id"].startswith(tuple(w[1:] for w in words)))
    ]
    cuts = import_module("leadtime.scenario.parameters")._CUT
    cells = [
        (
            f"`{r['id']}`",
            f"{r['quantity']}, {r['unit']}",
            _interval(r, cuts.get(r["id"].removeprefix("sim-"))),
            f"{r['grade']}, `{r['source']}`",
            r["note"] or "",
        )
        for r in chosen
    ]
    return list_table(("Assumption", "Of what", "Value [90 %] and shape", "By whom", "Why"), cells)


def _interval(row: dict, cut: tuple[float, float] | None) -> str:
    """Return the middle, the interval and the shape of an assumption."""
    ends = f" [{row['low']:.4g}, {row['high']:.4g}]" if row["low"] is not None and row["high"] is not None else ""
    within = f", cut to {cut[0]:.3g} to {cut[1]:.3g}" if cut else ""
    return f"{row['value']:.4g}{ends} {row['distribution']}{within}"
