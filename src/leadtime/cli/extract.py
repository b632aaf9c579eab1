"""`leadtime sql` and `leadtime export`: the tables of a study, for other programs."""

import sys
from pathlib import Path
from typing import Annotated

from leadtime.answers.kinds import File, Flag, Text
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsCsv, AsJson, AsOf, Draws, Method, Seed, StudyDir, declared
from leadtime.cli.terminal import columns, open_study, put, put_json, stamp, wrap

_WIDEST = 80
#: So many columns fit side by side; a longer row is shown up to there.
_MOST = (_WIDEST + 2) // (4 + 2)


@declared
def sql(
    query: Annotated[
        str,
        Meaning(
            kind=Text(most=1_000_000),
            help="One SELECT over the tables, such as 'select count(*) from scores'.",
            positional=True,
            example="select count(*) from scores",
        ),
    ],
    *,
    as_of: AsOf | None = None,
    study: StudyDir | None = None,
    seed: Seed | None = None,
    draws: Draws | None = None,
    method: Method | None = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Query the evidence and the results in SQL (DuckDB). Nothing can be written.

    Tables are those of `leadtime evidence`, and abilities, abilities_by_domain, benchmark_parameters, lags,
    lags_over_time, vendor_effects, arrivals and scenarios, computed when they are named.
    """
    from leadtime.answers.plain import records, stamped
    from leadtime.extract.sql import ask

    s = open_study(as_of, study, seed, draws, method)
    found = ask(s, query)
    if as_csv:
        return put(found.write_csv().rstrip())
    rows = records(found)
    if as_json:
        return put_json(stamped(rows, s.stamp))
    cells = [
        tuple(found.columns),
        *(tuple("" if v is None else f"{v:.4g}" if isinstance(v, float) else str(v) for v in r.values()) for r in rows),
    ]
    shown = [c[:_MOST] for c in cells]
    columns(shown, _widths(shown))
    more = f"; not shown: {', '.join(found.columns[_MOST:])}; --csv gives all" if found.width > _MOST else ""
    wrap(f"{len(rows)} row{'' if len(rows) == 1 else 's'}{more}", "")
    return stamp(s)


def _widths(cells: list[tuple[str, ...]]) -> tuple[int, ...]:
    """Return widths of columns that fit the terminal: the widest give way first."""
    widths = [max(len(r[i]) for r in cells) for i in range(len(cells[0]))]
    while widths and sum(widths) + 2 * (len(widths) - 1) > _WIDEST and max(widths) > 4:
        widths[widths.index(max(widths))] -= 1
    return tuple(widths)


@declared
def export(
    *,
    to: Annotated[Path, Meaning(kind=File(word="DIR"), help="A new or empty folder.", example="tables")],
    form: Annotated[
        str,
        Meaning(
            kind=Text(),
            option="--format",
            help="parquet, csv, datapackage, or netcdf (the posterior of abilities, for ArviZ).",
            example="csv",
        ),
    ] = "parquet",
    evidence_only: Annotated[bool, Meaning(kind=Flag(), help="Write evidence only, and compute nothing.")] = False,
    as_of: AsOf | None = None,
    study: StudyDir | None = None,
    seed: Seed | None = None,
    draws: Draws | None = None,
    method: Method | None = None,
) -> None:
    """Write all evidence and results as files into a folder."""
    from leadtime.extract.export import write

    files, left_out = write(open_study(as_of, study, seed, draws, method), to, form, results=not evidence_only)
    for name, why in left_out.items():
        print(f"left out: {name}: {why}", file=sys.stderr)
    put(f"{len(files)} files in {to}")
