"""The command line: it parses, calls and shows; the analysis is elsewhere."""

import os
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from leadtime import (
    cli_backtest,
    cli_claims,
    cli_cost,
    cli_curve,
    cli_doctor,
    cli_explain,
    cli_extract,
    cli_folder,
    cli_import,
    cli_items,
    cli_reproduce,
    cli_rules,
    cli_scenario,
    cli_schema,
    cli_serve,
    cli_supply,
)
from leadtime.errors import LeadtimeError
from leadtime.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Draws,
    Method,
    Seed,
    StudyDir,
    columns,
    open_evidence,
    open_study,
    put,
    put_json,
    put_stamp,
    records,
    stamp,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="How far do Chinese AI models lag American ones? Numbers, intervals and sources.",
)

app.add_typer(cli_rules.app, name="rules")
app.command()(cli_cost.cost)
app.command()(cli_curve.curve)
app.command()(cli_supply.supply)
app.add_typer(cli_scenario.app, name="scenario")
app.command()(cli_scenario.calibrate)
app.add_typer(cli_claims.app, name="claims")
app.command()(cli_backtest.backtest)
app.command()(cli_explain.explain)
app.command()(cli_folder.new)
app.command()(cli_folder.check)
app.command()(cli_folder.lock)
app.command()(cli_folder.diff)
app.add_typer(cli_import.app, name="import")
app.add_typer(cli_import.fetching, name="fetch")
app.command()(cli_extract.sql)
app.command()(cli_extract.export)
app.command()(cli_serve.serve)
app.command()(cli_reproduce.reproduce)
app.command()(cli_doctor.doctor)
app.command()(cli_schema.schema)

Benchmarks = Annotated[str, typer.Option("--benchmarks", help="all, held-back, public or independent.")]
Effort = Annotated[str, typer.Option("--effort", help="best, or an effort setting such as high.")]


def _months(row: dict[str, Any]) -> str:
    if row["median"] is None:
        return "not measurable"
    mark = " *" if (row["censored"] or 0) > 0.05 else ""
    return f"{row['median']:5.1f} [{row['low']:.1f}, {row['high']:.1f}]{mark}"


def _lag_table(grid: Any, *, whole: bool) -> None:
    rows = records(grid)
    if whole:
        lines = [(r["title"], r["clock"], r["comparison"], r["benchmarks"], _months(r)) for r in rows]
        columns([("definition", "clock", "compared", "benchmarks", "months [90 %]"), *lines], (24, 8, 13, 11, 20))
    else:
        lines3 = [(r["title"], _months(r), "" if r["median"] is None else f"P(7-10) = {r['p_7_10']:.2f}") for r in rows]
        columns([("definition", "months [90 %]", ""), *lines3], (30, 22, 24))
    _notes((r["title"], r["note"]) for r in rows)


def _notes(notes: Iterable[tuple[str, str]]) -> None:
    """Print what must be known about bounds (*) and undefined draws, each text once."""
    seen: dict[str, str] = {}
    for title, note in notes:
        if note:
            seen.setdefault(note, title)
    for note, title in seen.items():
        put(textwrap.fill(f"* {title}: {note}", 79, subsequent_indent="  "))


@app.command()
def lag(
    model: Annotated[str | None, typer.Option("--model", help="A model, such as deepseek-v3.")] = None,
    of: Annotated[str, typer.Option("--of", help="Country, organization, open or closed.")] = "CHN",
    behind: Annotated[str, typer.Option("--behind", help="The side it is compared with.")] = "USA",
    against: Annotated[
        str | None, typer.Option("--against", help="A second model: which of the two is abler, and where.")
    ] = None,
    definition: Annotated[str | None, typer.Option("--definition", help="One definition only.")] = None,
    clock: Annotated[str, typer.Option("--clock", help="released or trained.")] = "released",
    comparison: Annotated[str, typer.Option("--comparison", help="all, non-reasoning, open or not-distilled.")] = "all",
    benchmarks: Benchmarks = "all",
    effort: Effort = "best",
    everything: Annotated[bool, typer.Option("--all", help="Every clock, comparison and benchmark set.")] = False,
    items: cli_items.Items = None,
    irt: cli_items.Irt = "2pl",
    released: cli_items.Released = None,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Measure how many months a model, or one side, is behind another: positive when behind."""
    from leadtime import answers
    from leadtime.answers import measured
    from leadtime.lag import DEFINITIONS

    s = open_study(as_of, study, seed, draws, method)
    if items:
        return cli_items.lag(
            s, items, irt=irt, model=model, behind=behind, against=against, definition=definition, released=released,
            as_json=as_json,
        )  # fmt: skip
    if as_json:
        return put_json(answers.lag(
            s, model=model, of=of, behind=behind, against=against, definition=definition, clock=clock, comparison=comparison,
            benchmarks=benchmarks, effort=effort, everything=everything,
        ))  # fmt: skip
    if against:
        return _versus_table(s, measured.versus(s, model, against, benchmarks, effort), str(model), against)
    if everything:
        _lag_table(s.lag_grid(model, of, behind, everything=True), whole=True)
        return stamp(s)
    estimates = measured.lags(s, model, of, behind, definition, clock, comparison, benchmarks, effort)
    subject = s.evidence.resolve_model(model) if model else of
    put(f"{subject} behind {behind}, in months (positive: behind)\n")
    lines = [
        (DEFINITIONS[n].title, f"{e.median:5.1f} [{e.low:.1f}, {e.high:.1f}]" + (" *" if e.censored > 0.05 else ""),
         f"P(7-10) = {e.probability(7, 10):.2f}")
        for n, e in estimates.items()
    ]  # fmt: skip
    columns([("definition", "months [90 %]", ""), *lines], (30, 22, 24))
    _notes((DEFINITIONS[n].title, e.note) for n, e in estimates.items())
    put(f"\nclock: {clock}; compared with: {comparison}; benchmarks: {benchmarks}")
    return stamp(s)


def _versus_table(s: Any, found: Any, first: str, second: str) -> None:
    names = tuple(s.evidence.resolve_model(m) for m in (first, second))
    put(f"probability that {names[0]} is abler than {names[1]}\n")
    rows = [
        (f"{level} {name}".strip(), f"{p:.2f}", f"{n} benchmark{'s' * (n > 1)}" if level != "benchmark" else "")
        for level, name, p, n in found.iter_rows()
    ]
    columns([("where", "P", "tested on at least"), *rows], (48, 6, 22))
    put("\non one benchmark: the chance that the order of the scores is not luck of items")
    stamp(s)


@app.command()
def capability(
    model: Annotated[str | None, typer.Option("--model", help="One model only.")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="One domain, such as math.")] = None,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="A long table: model, benchmark, performance.")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="nuts (default; a minute, then cached), map, bootstrap or eci.")
    ] = None,
    eci_version: Annotated[str, typer.Option("--eci-version", help="2026 or 2025, as published.")] = "2026",
    top: Annotated[int, typer.Option("--top", min=1, help="How many models to print.")] = 30,
    items: cli_items.Items = None,
    irt: cli_items.Irt = "2pl",
    group: cli_items.Group = None,
    hold: cli_items.Hold = None,
    cluster: cli_items.Cluster = "",
    benchmarks: Benchmarks = "all",
    effort: Effort = "best",
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Annotated[
        int | None,
        typer.Option("--draws", min=0, help="Draws, default 2000; with eci, bootstrap refits, default none."),
    ] = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Measure how able each model is, with 90 % intervals."""
    from leadtime.answers import measured
    from leadtime.answers.plain import records as plain_records
    from leadtime.answers.plain import stamped

    if items:
        return cli_items.capability(
            items, irt=irt, group=group, hold=hold, cluster=cluster, study=study, model=model, top=top, as_json=as_json,
            as_csv=as_csv,
        )  # fmt: skip
    if scores is not None or method == "eci":
        return _eci(scores, method or "nuts", eci_version, draws or 0, as_json)
    s = open_study(as_of, study, seed, draws, method)
    table = measured.abilities(s, model, domain, benchmarks, effort)
    if as_json:
        return put_json(stamped(plain_records(table), s.stamp))
    if as_csv:
        return put(table.write_csv().rstrip())
    lines = [
        (r["model"], f"{r['points']:6.1f} [{r['points_low']:.1f}, {r['points_high']:.1f}]", str(r["n_benchmarks"]),
         str(r.get("released_on", "")))
        for r in table.head(top).to_dicts()
    ]  # fmt: skip
    columns([("model", "points [90 %]", "n", "released"), *lines], (36, 24, 4, 10))
    return stamp(s)


def _eci(path: Path | None, method: str, version: str, draws: int, as_json: bool) -> None:
    import numpy as np

    from leadtime.answers.plain import program, stamped
    from leadtime.capability import eci
    from leadtime.capability.scores_file import read_scores

    if path is None or method != "eci":
        raise LeadtimeError(
            "--scores and --method eci go together",
            fix="Example: leadtime capability --scores scores.csv --method eci",
        )
    if version not in {"2026", "2025"}:
        raise LeadtimeError(f"there is no ECI version {version!r}", fix="Versions: 2026, 2025.")
    table = read_scores(path)
    fitted = eci.fit_eci(table, version=version)  # type: ignore[arg-type]
    for note in fitted.notes:
        print(f"note: {note}", file=sys.stderr)
    values = fitted.eci if fitted.scale is not None else np.full(len(fitted.models), np.nan)
    rows = [
        {"model": m, "capability": float(c), "eci": None if np.isnan(e) else float(e)}
        for m, c, e in zip(fitted.models, fitted.ability, values, strict=True)
    ]
    if draws and fitted.scale is not None:
        low, high = eci.bootstrap_eci(fitted, table, draws=draws).interval(level=0.9)
        for row, lo, hi in zip(rows, low, high, strict=True):
            row |= {"eci_low": None if np.isnan(lo) else float(lo), "eci_high": None if np.isnan(hi) else float(hi)}
    rows.sort(key=lambda r: -r["capability"])  # type: ignore[operator]
    if as_json:
        return put_json(stamped(rows, program()))
    import polars as pl

    return put(pl.DataFrame(rows).write_csv().rstrip())


@app.command()
def evidence(
    table: Annotated[str | None, typer.Argument(help="A table; none lists them.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the columns and what they mean.")] = False,
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


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.")] = Path("out"),
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Measure everything and write the page, the figures, the tables and results.json."""
    from leadtime import report as reporting

    s = open_study(as_of, study, seed, draws, method)
    page = reporting.write(s, out)
    if as_json:
        return put((out / "results.json").read_text(encoding="utf-8"))
    country = s.lag()
    put(f"\nChinese models behind the US frontier: {country}")
    put("(mean over days since July 2023 of how long ago the US frontier first exceeded China's best)\n")
    _lag_table(s.lag_grid(), whole=False)
    try:
        grid = s.lag_grid("deepseek-v3")
    except LeadtimeError as error:
        put(f"\nDeepSeek-V3: {error.what}")
    else:
        put("\nDeepSeek-V3, said to be close to US models 7-10 months older:\n")
        _lag_table(grid, whole=False)
    d = s.diagnostics()
    if d:
        put(f"\nNUTS: R-hat {d['r_hat_max']:.3f}, ESS {d['ess_min']:.0f}, {d['divergences']} divergences")
    stamp(s)
    return put(f"\nThe page: {page}")


def _version(value: bool) -> None:
    if value:
        import leadtime

        put(f"leadtime {leadtime.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """leadtime: are the US export rules on AI chips working?"""


def main() -> None:
    """Run the command line; a user's mistake is told in words, never as a traceback."""
    try:
        app()
    except LeadtimeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("LEADTIME_DEBUG"):
            raise
        print(
            f"error: this should not have happened ({type(error).__name__}: {error})\n"
            "  Run again with LEADTIME_DEBUG=1 for the details, and please report it.",
            file=sys.stderr,
        )
        sys.exit(1)
