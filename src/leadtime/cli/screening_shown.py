"""Options that name a party and its lists, and how what the lists say reads in a terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadtime.cli.terminal import put, wrap
from leadtime.rules.screening_told import told

if TYPE_CHECKING:
    from leadtime.rules.screening import Match, Screening

Party = Annotated[str | None, typer.Option("--party", metavar="NAME", help="The end user, looked up on lists.")]
Owners = Annotated[
    list[str] | None, typer.Option("--owner", metavar="NAME=SHARE", help="An owner of the party, such as 'Name=60%'.")
]
ListFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--list",
        metavar="FILE",
        help="Consolidated screening list, CSV or JSON; those in lists/ of a study are read too.",
    ),
]


def show_party(name: str, s: "Screening") -> None:
    """Print what lists say of a party: the verdict in a sentence, then as `show_screening`."""
    wrap(f"{name}: {told(s)}", "")
    show_screening(s)


def show_screening(s: "Screening") -> None:
    """Print the matches, with list, day and score, then what was read and what is open."""
    put("\n  parties:")
    for match in s.matches:
        _show(match, "is" if match.is_sure else "may be")
    for match in s.later:
        _show(
            match, f"not on the list on the day asked about ({match.start or 'no first day'} to {match.end or 'now'}):"
        )
    for line in s.said:
        wrap(line, "    ")


def _show(m: "Match", how: str) -> None:
    since = f", since {m.start}" if m.start else ""
    notice = f", {m.notice}" if m.notice else ""
    wrap(f"{m.asked} {how} {m.name}: {m.source}{since}{notice} (score {m.score:g})", "    ")
    if m.policy:
        wrap(f"review: {m.policy}", "      ")
