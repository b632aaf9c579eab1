"""`leadtime import`: what others wrote, as files that leadtime reads."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from leadtime.answers.kinds import File, Many, Name, Pair, Text
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, declared
from leadtime.cli.grouped import Group
from leadtime.cli.taking import (
    DryRun,
    Evaluator,
    Into,
    IntoEither,
    KnownOn,
    Label,
    Percent,
    Rename,
    Replace,
    Strict,
    Way,
    evidence_for,
    take_responses,
    take_rows,
    today,
)
from leadtime.cli.terminal import put
from leadtime.errors import LeadtimeError

app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Take in what other programs wrote: evaluation logs, tables, public data."
)
_MANY = Many(each=File(), at_most=100_000)


@app.command("inspect")
@declared
def inspect(
    paths: Annotated[
        tuple[Path, ...],
        Meaning(kind=_MANY, help="Logs (.eval, .json), or folders of them.", positional=True, example="logs"),
    ],
    *,
    into: Annotated[Path, Meaning(kind=File(), help="The Parquet file of responses to write.", example="ours.parquet")],
    scorer: Annotated[
        str,
        Meaning(
            kind=Text(),
            help=(
                "Whose scores, as NAME or NAME/PART, where a task has several; default the first. PART picks one of a"
                " score of several parts."
            ),
            example="choice",
        ),
    ] = "",
    rename: Rename = (),
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take the responses of Inspect AI logs: for `leadtime capability --items` and `leadtime lag --items`."""
    from leadtime.importers import inspect as logs

    way = Way(strict=strict, dry_run=dry_run, as_json=as_json)
    take_responses(logs.read(paths, scorer=scorer), into, dict(rename), way)


@app.command("lm-eval")
@declared
def lm_eval(
    paths: Annotated[
        tuple[Path, ...],
        Meaning(
            kind=_MANY,
            help="Results and samples of lm_eval, or folders or zips of them.",
            positional=True,
            example="results",
        ),
    ],
    *,
    into: IntoEither,
    evaluator: Annotated[
        Evaluator, Meaning(help="Who ran the tests: an id of `leadtime evidence organizations` (for results).")
    ] = "",
    which_filter: Annotated[
        str,
        Meaning(
            kind=Text(),
            option="--filter",
            help="Which reading of the answers counts, if a task has several.",
            example="strict-match",
        ),
    ] = "",
    label: Label | None = None,
    rename: Rename = (),
    known_on: KnownOn | None = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take the results or the samples of lm-evaluation-harness."""
    from leadtime.importers import lm_eval as results
    from leadtime.importers import lm_eval_samples
    from leadtime.importers.place import label as fit

    way = Way(strict=strict, dry_run=dry_run, as_json=as_json)
    if into.suffix == ".parquet":
        return take_responses(lm_eval_samples.responses(paths, which_filter=which_filter), into, dict(rename), way)
    if not evaluator:
        raise LeadtimeError(
            "nobody has said who ran the evaluations",
            where="--evaluator",
            fix="Give an id of `leadtime evidence organizations`, or one of your own evidence/organizations.csv.",
        )
    name = fit(label or f"lm-eval-{paths[0].resolve().stem}")
    source = {
        "id": name,
        "title": f"lm-evaluation-harness results ({name})",
        "publisher": evaluator,
        "published_on": str(today(known_on)),
        "kind": "primary",
    }
    found = results.scores(
        paths,
        evidence_for(into, name),
        evaluator=evaluator,
        source=source,
        renamed=dict(rename),
        which_filter=which_filter,
    )
    take_rows(found, into, name, way)
    return None


@app.command("epoch")
@declared
def epoch(
    path: Annotated[
        Path,
        Meaning(
            kind=File(),
            help=(
                "The Benchmarking Hub's folder or zip, eci_benchmarks.csv, or a table of models, hardware or chip"
                " counts."
            ),
            positional=True,
            example="benchmark_data.zip",
        ),
    ],
    *,
    into: Into,
    label: Label | None = None,
    rename: Rename = (),
    known_on: KnownOn | None = None,
    replace: Replace = False,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take Epoch AI's published files: scores, training runs, peaks of chips, arrivals of chips."""
    from leadtime.importers import epoch as published
    from leadtime.importers.place import label as fit

    name = fit(label or f"epoch-{path.resolve().stem}")
    found = published.read(
        path, evidence_for(into, name), known_on=today(known_on), renamed=dict(rename), replace=replace
    )
    take_rows(found, into, name, Way(strict=strict, dry_run=dry_run, as_json=as_json))


@app.command("csv")
@declared
def csv(
    path: Annotated[
        Path,
        Meaning(kind=File(), help="A CSV in the columns of a table.", positional=True, example="scores.csv"),
    ]
    | None = None,
    *,
    into: Into | None = None,
    table: Annotated[str, Meaning(kind=Name(of="table"), help="Which table of the evidence.")] = "scores",
    template: Annotated[
        str,
        Meaning(
            kind=Name(of="table"),
            help="Print a CSV to start from, and stop. Use `responses` for items.",
            example="scores",
        ),
    ]
    | None = None,
    column: Annotated[
        tuple[tuple[str, str], ...],
        Meaning(
            kind=Many(each=Pair(left="THEIRS", right="OURS"), at_most=100),
            help="Read their column THEIRS as our column OURS. Repeat it for several.",
            example="accuracy=score",
        ),
    ] = (),
    value: Annotated[
        tuple[tuple[str, str], ...],
        Meaning(
            kind=Many(each=Pair(left="COLUMN", right="VALUE"), at_most=100),
            option="--set",
            help="A value for a column that is missing or empty. Repeat it for several.",
            example="evaluator=epoch-ai",
        ),
    ] = (),
    percent: Percent = False,
    label: Label | None = None,
    rename: Rename = (),
    replace: Replace = False,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a plain CSV: sound rows go into the study, the others are told by row."""
    from leadtime.importers import plain
    from leadtime.importers.place import label as fit

    if template is not None:
        return put(plain.template(template, evidence_for(None, "")).rstrip("\n"))
    if path is None or into is None:
        raise LeadtimeError(
            "this needs a file and a study folder",
            where="import csv",
            fix="leadtime import csv FILE --into DIR; --template scores prints a file to begin with.",
        )
    name = fit(label or (path.stem if table == "scores" else f"{path.stem}-{table}"))
    said = plain.Said(columns=dict(column), values=dict(value), renamed=dict(rename), percent=percent)
    found = plain.read(path, table, evidence_for(into, name), said, replace=replace)
    take_rows(found, into, name, Way(strict=strict, dry_run=dry_run, as_json=as_json))
    return None


@app.command("results")
@declared
def results(
    paths: Annotated[
        tuple[Path, ...],
        Meaning(
            kind=_MANY,
            help=(
                "Tables (long or wide), Every Eval Ever's JSON, .eval_results of a hub, HELM's runs, a leaderboard's"
                " details, py-irt's lines; or folders or zips of them."
            ),
            positional=True,
            example="scores.xlsx",
        ),
    ],
    *,
    into: IntoEither,
    evaluator: Evaluator = "",
    percent: Percent = False,
    metric: Annotated[
        str,
        Meaning(kind=Text(), help="Which metric counts, if a question has several.", example="accuracy"),
    ] = "",
    test: Annotated[
        tuple[tuple[str, str], ...],
        Meaning(
            kind=Many(each=Pair(by_last=True), at_most=10_000),
            option="--benchmark",
            help="Use ID for the test that the files call NAME. Repeat it for several.",
            example="GPQA=gpqa-diamond",
        ),
    ] = (),
    label: Label | None = None,
    rename: Rename = (),
    known_on: KnownOn | None = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import results in any known form, which is recognized from the file."""
    from leadtime.importers import results as found_in
    from leadtime.importers.place import label as fit

    way = Way(strict=strict, dry_run=dry_run, as_json=as_json)
    if into.suffix == ".parquet":
        read = found_in.responses(paths, found_in.Said(percent=percent, metric=metric))
        return take_responses(read, into, dict(rename), way)
    name = fit(label or f"results-{paths[0].resolve().stem}")
    said = found_in.Said(
        percent=percent,
        metric=metric,
        evaluator=evaluator,
        source=_source(name, evaluator, today(known_on)),
        renamed=dict(rename),
        tests=dict(test),
    )
    take_rows(found_in.scores(paths, evidence_for(into, name), said), into, name, way)
    return None


def _source(name: str, evaluator: str, day: dt.date) -> dict[str, str]:
    return {
        "id": name,
        "title": f"Results ({name})",
        "published_on": str(day),
        "kind": "primary" if evaluator else "analysis",
        **({"publisher": evaluator} if evaluator else {}),
    }
