"""`leadtime memo`: answers to some questions as a document of a page or two, with its sources as BibTeX beside it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from leadtime.answers.parameters import AS_OF, DRAWS, METHOD, SEED, STUDY
from leadtime.cli.declared import setting
from leadtime.cli.held import asked
from leadtime.cli.terminal import put
from leadtime.errors import LeadtimeError


def memo(
    question: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUESTION...",
            help="Questions, written as their own commands, with -- between them: lag deepseek-v3 -- capability.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The file: md, docx or pdf.", show_default=False)
    ] = "",
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Its title.", show_default=False)] = "",
    as_of: Annotated[str | None, setting(AS_OF)] = None,
    study: Annotated[str | None, setting(STUDY)] = None,
    seed: Annotated[str | None, setting(SEED)] = None,
    draws: Annotated[str | None, setting(DRAWS)] = None,
    method: Annotated[str | None, setting(METHOD)] = None,
) -> None:
    """Write a memo of some questions: findings, figures, tables, limits, commands and sources.

    What is said of studies before the first question, such as --as-of, holds for all of them.
    """
    from leadtime.memo import KINDS, kind_of, write

    if not out:
        raise LeadtimeError("no file was named", where="--out", fix=f"Name one that ends in {', '.join(KINDS)}.")
    kind_of(Path(out))
    common = {"as_of": as_of, "study": study, "seed": seed, "draws": draws, "method": method}
    found = asked(question or (), {k: v for k, v in common.items() if v is not None})
    opened: dict[Any, Any] = {}
    for path in write([one.ask(opened) for one in found], Path(out), title=title):
        put(f"wrote {path}")
