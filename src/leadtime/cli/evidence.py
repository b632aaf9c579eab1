"""`leadtime evidence`: the tables, their columns, their rows, and how good they are."""

import sys
from typing import Annotated, Any

import typer

from leadtime.cli.terminal import AsCsv, AsJson, AsOf, StudyDir, columns, open_evidence, put, put_json, put_stamp, wrap


def evidence(
    table: Annotated[str | None, typer.Argument(help="A table; none lists them.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the columns and what they mean.")] = False,
    quality: Annotated[
        bool, typer.Option("--quality", help="Count who speaks, what was really read, and how the days are known.")
    ] = False,
    where: Annotated[str | None, typer.Option("--where", help="Only rows that contain this text.")] = None,
    as_of: AsOf = None,
    study: StudyDir = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show what everything rests on: the tables, their columns, their rows."""
    from leadtime import answers
    from leadtime.answers.looked_up import evidence_columns, rows_of
    from leadtime.evidence import TABLES

    e = open_evidence(as_of, study)
    if quality:
        found = answers.evidence_quality(e)
        return put_json(found) if as_json else _show_quality(found)
    if table is None and as_json:
        return put_json(answers.evidence(e))
    if table is None:
        lines = [(name, str(rows.height), TABLES[name].help) for name, rows in e.tables.items()]
        columns([("table", "rows", "one row is"), *lines], (16, 6, 54))
        for o in e.overlays:
            put(f"{o.file}: {o.n_added} rows added, {o.n_replaced} replaced")
        return put_stamp(e.stamp)
    if schema and as_json:
        return put_json(evidence_columns(e, table))
    if schema:
        _ = e[table]
        for c in TABLES[table].columns:
            must = "required" if c.required else "may be empty"
            put(f"{c.name} ({must}): {c.expected}" + (f", {c.unit}" if c.unit else ""))
            put(f"    {c.help}")
        return None
    if as_json:
        return put_json(answers.evidence_table(e, table, where))
    rows = rows_of(e, table, where)
    if as_csv:
        return put(rows.write_csv().rstrip())
    names = rows.columns[:4]
    widths = (30, 26, 12, 8)[: len(names)]
    columns([tuple(names), *(tuple("" if v is None else str(v) for v in r[:4]) for r in rows.iter_rows())], widths)
    put_stamp(e.stamp)
    return print(f"{rows.height} rows; --csv prints all columns", file=sys.stderr)


#: What is counted of the rows of a table, under which word.
_SPEAKS = {"primary": "primary", "official": "official", "vendor": "vendor", "press": "press", "analysis": "analysis"}
_READ = {"first_hand": "1st", "second_hand": "2nd", "not_recorded": "unkn."}
_DATED = {
    "published": "publ.",
    "page": "page",
    "history": "hist.",
    "estimated": "est.",
    "copy": "copy",
    "not_said": "none",
}


def _show_quality(found: dict[str, Any]) -> None:
    tables = found["tables"]
    whole = {k: {w: sum(t[k][w] for t in tables) for w in tables[0][k]} for k in ("kind", "read", "dated_by")}
    total = {"table": "all", **whole, **{k: sum(t[k] for t in tables) for k in ("rows", "n_unconfirmed")}}
    total["newest"] = max(t["newest"] for t in tables if t["newest"])
    put("who states the rows, in per cent")
    columns([("table", "rows", *_SPEAKS.values(), "newest"), *(
        (t["table"], str(t["rows"]), *(_share(t["kind"][k], t["rows"]) for k in _SPEAKS), t["newest"] or "") for t in [*tables, total]
    )], (16, 6, 7, 8, 6, 5, 8, 10))  # fmt: skip
    put("\nwhere they were read, how their days are known, in per cent; unconfirmed rows")
    columns(
        [
            ("table", *_READ.values(), *_DATED.values(), "unconf"),
            *(
                (
                    t["table"],
                    *(_share(t["read"][k], t["rows"]) for k in _READ),
                    *(_share(t["dated_by"][k], t["rows"]) for k in _DATED),
                    str(t["n_unconfirmed"]),
                )
                for t in [*tables, total]
            ),
        ],
        (16, 3, 3, 5, 5, 4, 5, 4, 4, 4, 6),
    )
    bare = found["sources_without_address"]
    put(f"\n{found['n_sources']} sources, {len(bare)} without an address:")
    for s in bare:
        wrap(f"{s['source']}: {s['why'] or 'no reason is given'}")
    scored = f"{found['n_models_scored']} of {found['n_models']} models have scores, on {found['n_benchmarks_scored']} benchmarks"
    put(scored)
    put("1st: in the source itself; 2nd: in another; unkn.: no record was kept")
    put("copy: known by then only; a day that comes from a copy is late, never early")
    put("est.: estimated, between known_from and known_by, from how long such rows take")
    put_stamp(found)


def _share(part: int, whole: int) -> str:
    """Return a part in per cent; nothing where there is none, and never 0 or 100 for a part that is neither."""
    if not part:
        return ""
    share = 100 * part / whole
    return "<1" if share < 0.5 else ">99" if 99.5 < share < 100 else f"{share:.0f}"
