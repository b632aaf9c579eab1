"""`leadtime reproduce`: whether the numbers of a report come out again."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from leadtime.answers.kinds import File, Flag
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, StudyDir, declared
from leadtime.cli.terminal import progress, put, put_json, put_stamp, wrap

_SHOWN = 10


@declared
def reproduce(
    results: Annotated[
        Path, Meaning(kind=File(), help="What `leadtime report` wrote.", positional=True, example="out/results.json")
    ],
    *,
    study: StudyDir | None = None,
    cached: Annotated[
        bool, Meaning(kind=Flag(), help="Use results in your cache. Otherwise it counts as empty.")
    ] = False,
    anew: Annotated[
        bool,
        Meaning(
            kind=Flag(),
            help="Fit again, too, what ships fitted with the package: minutes. Another processor may draw otherwise.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compute a report again, by the day, seed and settings it records, and compare every value. Exit code 1 when one
    differs.
    """
    from leadtime.report import reproduce as again

    found = again.reproduce(results, study, cached=cached, anew=anew, progress=progress())
    if as_json:
        put_json({**asdict(found), "is_reproduced": found.is_reproduced})
    else:
        _tell(found)
        put_stamp(found.stamp)
    if not found.is_reproduced:
        raise typer.Exit(1)


def _tell(found: Any) -> None:
    for words in found.elsewhere:
        wrap(words, "")
    if found.is_same_file:
        return put(f"the same, byte for byte ({found.n_values:,} values)")
    if found.is_reproduced:
        return wrap(
            f"all {found.n_values:,} values came out again (numbers to {found.largest_relative:.1e} of their size)", ""
        )
    put(f"{len(found.differences):,} of {found.n_values:,} values came out differently:")
    for d in found.differences[:_SHOWN]:
        wrap(f"{d.at}: {_short(d.recorded)} recorded, {_short(d.here)} here")
    if len(found.differences) > _SHOWN:
        put(f"  and {len(found.differences) - _SHOWN:,} more: --json lists all")
    return None


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
