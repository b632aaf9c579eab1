"""`leadtime figure`: the figure of a question as a file, with what was found, what is drawn, the day and the sources in
it.
"""

from pathlib import Path
from typing import Annotated

import typer

from leadtime.answers.kinds import Choice
from leadtime.answers.question import Parameter
from leadtime.cli.held import asked
from leadtime.cli.shown import write_figure
from leadtime.cli.terminal import put, wrap
from leadtime.errors import LeadtimeError

_WIDTH = Parameter(name="width", kind=Choice(of=("desk", "phone")), help="How wide.", option="--width")


def figure(
    question: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUESTION...", help="A question, written as its own command: lag deepseek-v3.", show_default=False
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The file: svg, png, pdf, csv or vl.json.", show_default=False)
    ] = "",
    width: Annotated[str, typer.Option("--width", metavar="desk|phone", help="For a desk or for a phone.")] = "desk",
    dark: Annotated[bool, typer.Option("--dark", help="Light text on a dark ground.")] = False,
) -> None:
    """Write the figure of a question, with its finding, day, sources and evidence in it."""
    from leadtime.figures.files import KINDS, kind_of

    found = asked(question or ())
    if len(found) > 1:
        raise LeadtimeError(f"{len(found)} questions are too many for a figure", fix="Ask one at a time.")
    if not out:
        raise LeadtimeError("no file was named", where="--out", fix=f"Name one that ends in {', '.join(KINDS)}.")
    kind_of(Path(out))
    is_phone = _WIDTH.read(width, where=_WIDTH.option) == "phone"
    (one,) = found
    one.question.require_figure()
    answer = one.ask()
    write_figure(answer, Path(out), phone=is_phone, dark=dark)
    wrap(answer.sentence, "", hang=0)
    put(f"wrote {out}")
