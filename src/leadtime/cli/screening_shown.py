"""How what lists say of a party reads in a terminal."""

from typing import TYPE_CHECKING

from leadtime.cli.terminal import put, wrap

if TYPE_CHECKING:
    from leadtime.rules.screening import Match, Screening


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
