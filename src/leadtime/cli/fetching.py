"""`leadtime fetch`: public data, brought into a study folder."""

from pathlib import Path
from typing import Annotated

import typer

from leadtime.answers.kinds import Choice, File, Text
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, declared
from leadtime.cli.grouped import Group
from leadtime.cli.taking import DryRun, Into, KnownOn, Rename, Replace, Way, evidence_for, take_rows, today
from leadtime.cli.terminal import put, put_json
from leadtime.errors import LeadtimeError

app = typer.Typer(cls=Group, no_args_is_help=True, help="Bring public data into a study folder.")


@app.command("epoch")
@declared
def epoch(
    *,
    into: Into,
    what: Annotated[
        str,
        Meaning(
            kind=Choice(of=("benchmarks", "index", "models", "hardware", "all")), help="Which of the publisher's files."
        ),
    ] = "benchmarks",
    from_: Annotated[
        Path,
        Meaning(
            kind=File(), option="--from", help="A copy of the file, for a machine without a network.", example="hub.zip"
        ),
    ]
    | None = None,
    mirror: Annotated[
        str,
        Meaning(kind=Text(most=2000), help="The address of another place that holds the files."),
    ] = "",
    sha256: Annotated[str, Meaning(kind=Text(), help="The checksum the file must have.")] = "",
    rename: Rename = (),
    known_on: KnownOn | None = None,
    replace: Replace = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring Epoch AI's files, if they changed, and take their rows: shows what is new since last time."""
    from leadtime.importers import epoch as published
    from leadtime.importers import fetch
    from leadtime.importers.place import label as fit

    files = published.rules()["downloads"]["files"]
    chosen = list(files) if what == "all" else [what]
    if len(chosen) > 1 and (sha256 or from_):
        raise LeadtimeError(
            "--sha256 and --from go with one file, and several are asked for",
            where="--sha256, --from",
            fix="Name one file with --what.",
        )
    said = []
    for one in chosen:
        if from_ is None:
            brought = fetch.fetch(
                f"{(mirror or published.rules()['downloads']['address']).rstrip('/')}/{files[one]}", into, sha256=sha256
            )
            path, day = into / fetch.FOLDER / brought.file, brought.modified_on
            about = {"url": brought.url, "sha256": brought.sha256, "bytes": brought.n_bytes, "became": brought.became}
        else:
            path, day, about = from_, today(known_on), {"file": str(from_)}
        name = fit(f"epoch-{Path(files[one]).stem}")
        found = published.read(
            path,
            evidence_for(into, name),
            known_on=known_on or day,
            renamed=dict(rename),
            replace=replace,
        )
        if not as_json and from_ is None:
            put(f"{about['url']}: {about['became']}, {about['bytes']:,} bytes, sha256 {str(about['sha256'])[:16]}")
        said.append({**about, **take_rows(found, into, name, Way(dry_run=dry_run, as_json=as_json), alone=False)})
    if as_json:
        put_json(said)
