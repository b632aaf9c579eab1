"""`leadtime import`: what other programs wrote, as files that leadtime reads."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from leadtime.errors import LeadtimeError
from leadtime.terminal import AsJson, put, put_json

app = typer.Typer(no_args_is_help=True, help="Take in what other programs wrote: evaluation logs.")
_SHOWN = 20


@app.command("inspect")
def inspect_(
    paths: Annotated[list[Path], typer.Argument(help="Logs (.eval, .json), or folders of them.")],
    into: Annotated[Path, typer.Option("--into", metavar="FILE", help="The Parquet file of responses to write.")],
    scorer: Annotated[
        str, typer.Option("--scorer", help="Whose scores, where a task has several; default the first.")
    ] = "",
    rename: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME=ID", help="Call the model NAME of the logs ID; may be repeated."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing if anything is refused.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take the responses of Inspect AI logs: for `leadtime capability --items` and `leadtime lag --items`."""
    from leadtime.importers import inspect as logs
    from leadtime.importers.outcome import write

    found = logs.read(paths, scorer=scorer)
    names = dict(_pair(text) for text in rename or ())
    rows = found.responses.with_columns(found.responses["model"].replace(names)).sort("model", "item")
    if strict and found.refused:
        raise LeadtimeError(
            f"{len(found.refused)} refused, and --strict: nothing was written", where=str(found.refused[0])
        )
    if rows.select("model", "item").is_duplicated().any():
        raise LeadtimeError(
            "two models of the logs got one name, and answered the same items",
            where="--model",
            fix="Give them two names.",
        )
    became = "not written" if dry_run else write(rows, into)
    n = {"files": found.n_files, "models": rows["model"].n_unique(), "items": rows["item"].n_unique(), "accepted": int(rows["count"].sum()),
         "refused": len(found.refused)}  # fmt: skip
    if as_json:
        refused = [{"file": r.file, "row": r.row, "reason": r.reason} for r in found.refused]
        return put_json({**n, "file": str(into), "became": became, "refused_because": refused})
    for r in found.refused[:_SHOWN]:
        print(f"refused: {r}", file=sys.stderr)
    if len(found.refused) > _SHOWN:
        why = Counter(r.reason for r in found.refused[_SHOWN:])
        print(
            f"refused: {len(found.refused) - _SHOWN} more: {'; '.join(f'{k} x {w}' for w, k in why.most_common(5))}",
            file=sys.stderr,
        )
    put(
        f"{n['accepted']:,} responses of {n['models']} models to {n['items']:,} items from {n['files']} files; {n['refused']:,} refused"
    )
    return put(f"{into}: {became}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, other = text.partition("=")
    if not equals or not name or not other:
        raise LeadtimeError(
            f"{text!r} names nothing", where="--model", fix="Expected NAME=ID, such as openai/ours=our-model."
        )
    return name, other
