"""`leadtime lag` and `leadtime capability`: how far behind, how able."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from leadtime.cli import items as by_items
from leadtime.cli.lags import (
    cell,
    few_values,
    forecast_table,
    headline_lines,
    headline_table,
    lag_table,
    notes,
    path_table,
    published_lags,
)
from leadtime.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Draws,
    Method,
    Seed,
    StudyDir,
    columns,
    open_study,
    put,
    put_json,
    stamp,
)
from leadtime.errors import LeadtimeError
from leadtime.estimate import atoms_text

Benchmarks = Annotated[str, typer.Option("--benchmarks", help="all, held-back, public or independent.")]
Effort = Annotated[str, typer.Option("--effort", help="best, or an effort setting such as high.")]


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
    published: Annotated[
        bool, typer.Option("--published", help="Lags that others published beside ours, and what makes the difference.")
    ] = False,
    quarter: Annotated[
        str | None, typer.Option("--forecast", metavar="QUARTER", help="What it will be in a quarter such as 2027Q2.")
    ] = None,
    path: Annotated[bool, typer.Option("--path", help="The lag over time and now, and whether it grows.")] = False,
    headline: Annotated[
        bool,
        typer.Option("--headline", help="The past year, its change, what bounds it, what other choices make of it."),
    ] = False,
    items: by_items.Items = None,
    irt: by_items.Irt = "2pl",
    released: by_items.Released = None,
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
    if published:
        return put_json(answers.lag_published(s)) if as_json else published_lags(s)
    if quarter:
        _only_sides(
            model,
            against,
            items,
            clock=clock,
            comparison=comparison,
            benchmarks=benchmarks,
            effort=effort,
            everything=everything,
        )
        found = answers.lag_forecast(s, quarter=quarter, of=of, behind=behind, definition=definition)
        return put_json(found) if as_json else forecast_table(s, found)
    if items:
        return by_items.lag(
            s, items, irt=irt, model=model, behind=behind, against=against, definition=definition, released=released,
            as_json=as_json,
        )  # fmt: skip
    if path or headline:
        if (
            model
            or against
            or definition
            or everything
            or (clock, comparison) != ("released", "all")
            or (path and headline)
        ):
            raise LeadtimeError(
                "--path and --headline are each of two groups, by day of release, all models compared",
                fix="Ask for one of them with --of, --behind and the settings of the study; --path also takes --benchmarks and --effort.",
            )
        return _in_time(s, of, behind, benchmarks, effort, path=path, as_json=as_json)
    if as_json:
        return put_json(answers.lag(
            s, model=model, of=of, behind=behind, against=against, definition=definition, clock=clock, comparison=comparison,
            benchmarks=benchmarks, effort=effort, everything=everything,
        ))  # fmt: skip
    if against:
        return _versus_table(s, measured.versus(s, model, against, benchmarks, effort), str(model), against)
    if everything:
        lag_table(s.lag_grid(model, of, behind, everything=True), whole=True)
        return stamp(s)
    estimates = measured.lags(s, model, of, behind, definition, clock, comparison, benchmarks, effort)
    subject = s.evidence.resolve_model(model) if model else of
    put(f"{subject} behind {behind}, in months (positive: behind)\n")
    if not (model or definition) and (clock, comparison, benchmarks, effort) == ("released", "all", "all", "best"):
        headline_lines(s, of, behind)
    lines = [
        (DEFINITIONS[n].title, cell(e.median, e.low, e.high, e.censored, atoms=bool(e.atoms)),
         f"P(7-10) = {e.probability(7, 10):.2f}")
        for n, e in estimates.items()
    ]  # fmt: skip
    columns([("definition", "months [90 %]", ""), *lines], (30, 22, 24))
    few_values((DEFINITIONS[n].title, atoms_text(e.atoms, e.unit)) for n, e in estimates.items())
    notes((DEFINITIONS[n].title, e.note) for n, e in estimates.items())
    put(f"\nclock: {clock}; compared with: {comparison}; benchmarks: {benchmarks}")
    return stamp(s)


def _only_sides(model: str | None, against: str | None, items: Any, *, everything: bool, **settings: str) -> None:
    """Refuse what a forecast does not take up, instead of passing over it."""
    usual = {"clock": "released", "comparison": "all", "benchmarks": "all", "effort": "best"}
    given = [f"--{k}" for k, v in (("model", model), ("against", against), ("items", items), ("all", everything)) if v]
    given += [f"--{k}" for k, v in settings.items() if v != usual[k]]
    if given:
        raise LeadtimeError(
            f"{given[0]} says nothing of a forecast",
            where="--forecast",
            fix="A forecast is of one side behind another: --of, --behind, --definition.",
        )


def _in_time(s: Any, of: str, behind: str, benchmarks: str, effort: str, *, path: bool, as_json: bool) -> None:
    """Print the path of a lag, or its headline and what stands beside it."""
    from leadtime import answers

    if path:
        if as_json:
            return put_json(answers.lag_path(s, of=of, behind=behind, benchmarks=benchmarks, effort=effort))
        path_table(s.lag_path(of, behind, benchmarks, effort))
        return stamp(s)
    if (benchmarks, effort) != ("all", "best"):
        raise LeadtimeError(
            "--headline rests on all benchmarks and the best effort", fix="--path takes --benchmarks and --effort."
        )
    if as_json:
        return put_json(answers.lag_headline(s, of=of, behind=behind))
    headline_table(s.lag_headline(of, behind), s.lag_bounding(of, behind), s.lag_sensitivity(of, behind), of, behind)
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
    eci_stop: Annotated[
        str,
        typer.Option("--eci-stop", help="published: where the published solver stops; optimum: the minimum itself."),
    ] = "published",
    top: Annotated[int, typer.Option("--top", min=1, help="How many models to print.")] = 30,
    items: by_items.Items = None,
    irt: by_items.Irt = "2pl",
    group: by_items.Group = None,
    hold: by_items.Hold = None,
    cluster: by_items.Cluster = "",
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
        return by_items.capability(
            items, irt=irt, group=group, hold=hold, cluster=cluster, study=study, model=model, top=top, as_json=as_json,
            as_csv=as_csv,
        )  # fmt: skip
    if scores is not None or method == "eci":
        return _eci(scores, method or "nuts", eci_version, eci_stop, draws or 0, as_json)
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


def _eci(path: Path | None, method: str, version: str, stop: str, draws: int, as_json: bool) -> None:
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
    if stop not in {"published", "optimum"}:
        raise LeadtimeError(f"there is no stop {stop!r}", where="--eci-stop", fix="Stops: published, optimum.")
    table = read_scores(path)
    both = eci.fit_both(table, version=version)  # type: ignore[arg-type]
    fitted = both.published if stop == "published" else both.optimum
    for note in (*fitted.notes, both.note):
        print(f"note: {note}", file=sys.stderr)
    nowhere = np.full(len(fitted.models), np.nan)
    values, least = (f.eci if f.scale is not None else nowhere for f in (fitted, both.optimum))
    rows = [
        {
            "model": m,
            "capability": float(c),
            "eci": None if np.isnan(e) else float(e),
            "eci_at_optimum": None if np.isnan(o) else float(o),
        }
        for m, c, e, o in zip(fitted.models, fitted.ability, values, least, strict=True)
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
