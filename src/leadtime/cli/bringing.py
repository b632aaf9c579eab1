"""`leadtime import results`: results in any known form."""

from pathlib import Path
from typing import Annotated

import typer

from leadtime.cli.importing import (
    DryRun,
    KnownOn,
    Label,
    Percent,
    Rename,
    Strict,
    _day,
    _evidence,
    _renames,
    _responses,
    _rows,
)
from leadtime.cli.terminal import AsJson


def results(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help=(
                "Tables (long or wide), Every Eval Ever's JSON, .eval_results of a hub, HELM's runs, a leaderboard's"
                " details, py-irt's lines; or folders or zips of them."
            )
        ),
    ],
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            metavar="FILE or DIR",
            help="A .parquet takes answers to single questions; a study folder takes scores.",
        ),
    ],
    evaluator: Annotated[
        str,
        typer.Option("--evaluator", help="Who ran it, an id of organizations; default the one that the files name."),
    ] = "",
    percent: Percent = False,
    metric: Annotated[str, typer.Option("--metric", help="Which metric counts, where a question has several.")] = "",
    test: Annotated[
        list[str] | None,
        typer.Option("--benchmark", metavar="NAME=ID", help="Call the test NAME of the files ID; may be repeated."),
    ] = None,
    label: Label = None,
    rename: Rename = None,
    known_on: KnownOn = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import results in any known form, which is recognized from the file."""
    from leadtime.importers import results as found_in
    from leadtime.importers.place import label as fit

    if into.suffix == ".parquet":
        read = found_in.responses(paths, found_in.Said(percent=percent, metric=metric))
        _responses(read, into, _renames(rename), strict=strict, dry_run=dry_run, as_json=as_json)
        return
    name = fit(label or f"results-{paths[0].resolve().stem}")
    source = {
        "id": name,
        "title": f"Results ({name})",
        "published_on": str(_day(known_on)),
        "kind": "primary" if evaluator else "analysis",
        **({"publisher": evaluator} if evaluator else {}),
    }
    said = found_in.Said(
        percent=percent,
        metric=metric,
        evaluator=evaluator,
        source=source,
        renamed=_renames(rename),
        tests=_renames(test),
    )
    found = found_in.scores(paths, _evidence(into, name), said)
    _rows(found, into, name, strict=strict, dry_run=dry_run, as_json=as_json)
