"""Published costs of training runs beside ours, by the same meaning of the word."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import costing_of
from leadtime.answers.drawn import of_table
from leadtime.answers.parameters import Draws, Seed
from leadtime.answers.question import question
from leadtime.answers.words import count

if TYPE_CHECKING:
    from leadtime.cost.beside import Beside
    from leadtime.evidence import Evidence


@question(
    "cost published",
    "What have others published on costs, and do our numbers agree?",
    of="evidence",
    command="cost --published",
    schema="cost-published",
    docs="methods/cost",
)
def cost_published(evidence: "Evidence", *, seed: Seed = 0, draws: Draws = 2000) -> Answer:
    """Set each published cost of training beside ours of the same meaning, and say why some cannot be compared."""
    from leadtime.cost.beside import beside
    from leadtime.cost.run import find_run

    models, by = (dict(evidence[t].select("id", "name").iter_rows()) for t in ("models", "organizations"))
    found = beside(evidence, lambda name: costing_of(evidence, find_run(evidence, name), seed=seed, draws=draws))
    rows = [_row(b, models.get(b.subject, b.subject), by.get(b.by, b.by)) for b in found]
    table = Table(
        rows=rows,
        columns=(
            Column(key="model", title="Model"),
            Column(key="publisher", title="By"),
            Column(key="theirs_definition", title="What they mean"),
            Column(
                key="theirs_usd",
                title="Theirs, US dollars",
                kind="number",
                significant=True,
                digits=3,
                unit="US dollars",
            ),
            Column(
                key="ours_usd", title="Ours, US dollars", kind="spread", significant=True, digits=2, unit="US dollars"
            ),
            Column(key="ratio", title="Ours over theirs", kind="spread", significant=True, digits=2),
        ),
    )
    comparable = Table(rows=[r for r in rows if r["ratio"].median is not None], columns=table.columns)
    return Answer(
        sentence=sentence([b.ratio for b in found]),
        rows=table,
        tag="assumed in part",
        about=About(
            definition=(
                "Ours by the meaning of cost that the published figure names; theirs in dollars of the year they name,"
                " ours in dollars of the day."
            ),
            rests_on="The table `published`, and what is known of the same runs.",
            limits=("Our intervals span a factor of four or more, so agreement proves little.",),
            docs="methods/cost",
        ),
        figure=functools.partial(
            of_table,
            comparable,
            "ratio",
            label="label",
            name="cost-published",
            title="Our cost over the published one, by the same meaning",
            axis="times theirs",
            stamp=dict(evidence.stamp),
            logarithmic=True,
        ),
    )


def _row(b: "Beside", model: str, publisher: str) -> dict[str, Any]:
    nothing = (None, None, None)
    return {
        "subject": b.subject,
        "model": model,
        "by": b.by,
        "publisher": publisher,
        "theirs_usd": b.theirs_usd,
        "theirs_definition": b.theirs_definition,
        "definition": b.definition,
        "run": b.run,
        "ours_usd": Spread(*(b.ours_usd or nothing)),
        "ratio": Spread(*(b.ratio or nothing)),
        "flags": list(b.flags),
        "note": f"Not compared: {b.why_not}." if b.why_not else "",
        "label": f"{model}: {publisher}, {b.definition}",
    }


def sentence(ratios: "list[tuple[float, float, float] | None]") -> str:
    """Return how many published costs can be compared, and for how many ours holds theirs.

    Args:
        ratios: Low, middle and high of ours over theirs, or None if they cannot be compared.
    """
    known = [r for r in ratios if r]
    if not ratios:
        return "No cost of training was published by this day."
    if not known:
        return f"None of {count(len(ratios), 'published cost')} can be compared with ours."
    inside = sum(low <= 1 <= high for low, _, high in known)
    below, above = (sum(low > 1 for low, _, _ in known), sum(high < 1 for _, _, high in known))
    rest = f"; theirs is lower for {below} and higher for {above}" if below or above else ""
    return (
        f"Of {count(len(ratios), 'published cost')}, {len(known)} can be compared with ours, and {inside} lie within"
        f" our range{rest}."
    )
