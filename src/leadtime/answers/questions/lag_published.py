"""Why others get other numbers."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import of_table
from leadtime.answers.plain import plain
from leadtime.answers.question import question

if TYPE_CHECKING:
    from leadtime.published import Compared
    from leadtime.study import Study


#: What is turned from ours to theirs, in this order, and its heading.
_BY = {"definition": "By measure", "benchmarks": "By tests", "sides": "By sides", "evidence": "By day"}


@question(
    "lag published",
    "What have others measured, and why do their numbers differ?",
    of="study",
    command="lag --published",
    schema="lag-published",
    docs="methods/lag",
)
def lag_published(study: "Study") -> Answer:
    """Set each published gap beside ours by the nearest definition, and say what makes the difference."""
    from leadtime.published import compared, sentence

    found = compared(study)
    table = Table(
        rows=[_row(c) for c in found],
        columns=(
            Column(key="who", title="Who, when"),
            Column(key="about", title="About"),
            Column(key="given", title="Theirs"),
            Column(key="ours_months", title="Ours, their way", kind="spread", unit="months"),
            *(
                Column(key=f"by_{k}_months", title=title, kind="number", signed=True, unit="months")
                for k, title in _BY.items()
            ),
            Column(key="rest_months", title="Left", kind="number", signed=True, unit="months"),
        ),
    )
    beside = Table(rows=[r for r in table.rows if r["ours_months"].median is not None], columns=table.columns)
    return Answer(
        sentence=sentence(found),
        rows=table,
        tag="measured",
        about=About(
            definition=(
                "Ours by the nearest definition, on their tests, sides and day; each step says what the middle of ours"
                " moves by."
            ),
            rests_on="The table `published`, and the scores known on the day of each figure.",
            limits=(
                "“By” a choice is how far our middle moves, in months. “Left” is what then remains.",
                "Fits of earlier days are made the quick way (map), so that no step is a change of method.",
            ),
            docs="methods/lag",
        ),
        figure=functools.partial(
            of_table,
            beside,
            "ours_months",
            label="label",
            name="lag-published",
            title="Ours, measured the way of each published figure",
            axis="months behind",
            stamp=study.stamp,
        ),
    )


def _row(c: "Compared") -> dict[str, Any]:
    """Return a comparison as a row; the footnote says where the two differ."""
    from leadtime.published import row

    found: dict[str, Any] = plain(row(c))
    low, high = (found.pop(f"ours_{end}_months") for end in ("low", "high"))
    return found | {
        "ours_months": Spread(low, found["ours_months"], high),
        "who": f"{c.publisher}, {c.known_on}",
        "given": (
            c.given.replace(", ", " to ").replace("[", "(").replace("]", ")")
            + ("" if c.unit == "months" else f" {c.unit}")
        ),
        "label": f"{c.publisher}, {c.known_on}: {c.given}",
        **{f"by_{k}_months": next((s.months for s in c.steps if s.choice == k), None) for k in _BY},
        "note": c.why,
    }
