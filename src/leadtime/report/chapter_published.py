"""The report's chapter on the numbers of others: each published lag beside ours, and what makes the difference."""

from typing import TYPE_CHECKING

from leadtime.published import CHOICES, Compared, compared, row, sentence
from leadtime.report.chapter import Chapter
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter; None where nothing that ships fits the study, as it takes minutes to compute."""
    found = compared(study, only_shipped=True)
    if not found:
        return None
    return Chapter(
        name="published",
        title="Why others get other numbers",
        lead=sentence(found),
        figures=(),
        tables=(_beside(found), _without(found)),
        json={"rows": [row(c) for c in found]},
    )


def _signed(months: float) -> str:
    return f"{months:+.1f}".replace("-", "−")


def _beside(found: list[Compared]) -> Table:
    return Table(
        name="published-beside",
        title="Published lags beside ours",
        caption=(
            "Months. Ours by the nearest definition, on their benchmarks, sides and day. From left to right, what the"
            " middle of ours moves by as each choice is turned from ours to theirs, beginning at the gap of the past"
            " year; then what is left: other scores, other models, another index."
        ),
        columns=(
            ("Who", False),
            ("About", False),
            ("Theirs", True),
            ("Ours", True),
            *((f"By {CHOICES[c]}", True) for c in CHOICES),
            ("Left", True),
            ("Not the same", False),
        ),
        rows=tuple(
            (
                f"{c.publisher}, {c.known_on}",
                f"{c.about}, by {c.nearest.replace('_', ' ')}",
                c.given,
                "{:.1f} ({:.1f} to {:.1f})".format(*c.ours).replace("-", "−"),
                *(_signed(s.months) for s in c.steps),
                _signed(c.rest or 0.0),
                c.why,
            )
            for c in found
            if c.ours is not None
        ),
    )


def _without(found: list[Compared]) -> Table:
    return Table(
        name="published-without",
        title="Published gaps without a common footing",
        caption="Why each cannot be set beside ours.",
        columns=(("Who", False), ("About", False), ("Theirs", True), ("Unit", False), ("Why", False)),
        rows=tuple((f"{c.publisher}, {c.known_on}", c.about, c.given, c.unit, c.why) for c in found if c.ours is None),
    )
