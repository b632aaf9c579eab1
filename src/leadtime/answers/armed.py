"""What is published of military money for AI, of contracts and of budgets, and the computing power that a share of
China's would be.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.resourced import row_of, told, value_column
from leadtime.answers.words import end_of
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

#: Kinds of rows that are amounts of money.
_MONEY = ("budget", "contract")
_AI = "military spending on AI in a year"
MONEY = (
    Column(key="quantity", title="What"),
    Column(key="who", title="Whose"),
    Column(key="year", title="Year"),
    value_column("value", "How much"),
    Column(key="source_title", title="Who says so"),
)
SIMULATED = (
    Column(key="share", title="Military share", kind="share", digits=0),
    Column(key="median", title="Computing power, in H100s", kind="spread", significant=True, digits=2),
)


def money(study: "Study", given: Any) -> Table:
    """Return the published amounts of military money: for AI first, then contracts, then whole budgets."""
    from leadtime.resources import figures

    titles = dict(study.evidence["sources"].select("id", "title").iter_rows())
    rows = [
        {**row_of(f, given), "source_title": titles.get(f.source, f.source)}
        for f in figures(study.evidence, "military")
        if f.kind in _MONEY and f.is_published
    ]
    rows.sort(key=lambda r: (r["quantity"] != _AI, r["kind"] != "contract", r["quantity"], r["who"], r["year"]))
    return Table(name="military", title="Military budgets and contracts", rows=rows, columns=MONEY)


def computing(study: "Study") -> Table:
    """Return what 1, 5 and 20% of the computing power that China can use would be, by our simulation of today's rules;
    nothing if it cannot be run on the day.
    """
    import numpy as np

    from leadtime.scenario.fork import BASE, MILITARY_SHARES
    from leadtime.scenario.inputs import QUARTERS

    quarter = f"{study.as_of.year}Q{(study.as_of.month + 2) // 3}"
    rows: list[dict[str, Any]] = []
    try:
        used = study.fork.run(BASE)["used_h100e"][QUARTERS.index(quarter)]
    except (LeadtimeError, ValueError):
        used = None
    if used is not None:
        for share in MILITARY_SHARES:
            low, median, high = (float(v) * share for v in np.quantile(used, [0.05, 0.5, 0.95]))
            rows.append({"share": share, "quarter": quarter, "median": median, "low": low, "high": high})
    title = f"If so much of the computing power that China can use were military, {end_of(quarter)}"
    return Table(name="military_computing", title=title, rows=rows, columns=SIMULATED)


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what is known of military money for AI, a sentence: what each spent in the last year known of both."""
    own = {b: {r["year"]: r for r in rows if r["quantity"] == _AI and r["bloc"] == b} for b in ("CHN", "USA")}
    both = sorted(set(own["CHN"]) & set(own["USA"]))
    if not both:
        return "What both militaries spend on AI is known for no common year."
    a, b = own["CHN"][both[-1]], own["USA"][both[-1]]
    later = max([*own["CHN"], 0]) <= both[-1]
    said = (
        f"China's military spent {told('value', a)} on AI in {both[-1]}, America's {told('value', b)}. Both are"
        " estimates."
    )
    return f"{said} Of China no later year is published." if later else said


def drawn(study: "Study", table: Table) -> "Figure":
    """Return the amounts in dollars on one axis, each with its range and who says so."""
    from leadtime.figures.cost import dollars
    from leadtime.figures.rows import Axis, Range, by_row

    rows = [r for r in table.rows if r["unit"] == "USD"]
    ends = [v for r in rows for v in (r["value"], r["value_low"], r["value_high"]) if v]
    axis_ends = (min(ends, default=1e8) / 2, max(ends, default=1e12) * 2)
    ranges = []
    for r in rows:
        open_ = r["value"] is None
        ranges.append(
            Range(
                label=f"{_whose(r)}: {r['quantity']}, {_years(r)}",
                more=_brief(r["source_title"]),
                low=axis_ends[0] if open_ and r["value_low"] is None else r["value_low"],
                high=axis_ends[1] if open_ and r["value_high"] is None else r["value_high"],
                dot=r["value"],
                words=told("value", r).replace(" billion", "bn").replace(" million", "m").replace(" trillion", "tn"),
                hue={"CHN": "china", "USA": "us"}.get(r["bloc"], "other"),
                faded=True,
            )
        )
    ticks = [t for t in (1e8, 1e9, 1e10, 1e11, 1e12) if axis_ends[0] <= t <= axis_ends[1]]

    def chart(width: int) -> Any:
        room = 1.0 if width > 900 else 4e3  # for the words right of the largest amounts
        axis = Axis(ends=(axis_ends[0], axis_ends[1] * room), ticks=ticks, say=dollars, zero=axis_ends[0], log=True)
        return by_row(width, ranges, axis, names=430 if width > 900 else 0)

    made = figure(
        name="resources-military",
        title="US dollars, one scale on which each step multiplies. Budgets, contracts and AI are different things.",
        chart=chart,
        rows=[{k: r[k] for k in _DRAWN} for r in rows] or [dict.fromkeys(_DRAWN)],
        n=f"{len(rows)} amounts",
        method="Bars are 90% ranges, assumed by how sure each figure is where none was published. “At most” is open.",
        stamp=dict(study.stamp),
    )
    return made.named(finding(table.rows))


_DRAWN = ("row", "quantity", "who", "year", "value", "value_low", "value_high", "interval", "grade", "source_title")


def _whose(r: Mapping[str, Any]) -> str:
    return {"CHN": "China", "USA": "America"}.get(r["bloc"], "World")


def _years(r: Mapping[str, Any]) -> str:
    """Return the year of an amount; of a contract the years that it runs."""
    first = str(r["from"] or "")[:4]
    return (
        f"{first} to {r['year']}" if r["kind"] == "contract" and first not in ("", str(r["year"])) else str(r["year"])
    )


def _brief(title: str, most: int = 62) -> str:
    return title if len(title) <= most else title[:most].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
