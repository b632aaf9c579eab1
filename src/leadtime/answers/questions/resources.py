"""Who has what: chips, money, talent, power and industry of the two blocs, side by side by year."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import Meaning, question
from leadtime.answers.resourced import (
    BLOCS,
    DOCS,
    UNIT,
    WIDTHS,
    cells,
    cells_of,
    newest,
    noted,
    row_of,
    stated,
    times,
    value_column,
)
from leadtime.answers.supplied import IN_WORDS, Bloc
from leadtime.answers.words import count, listed, significant

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

CHIPS = "AI chips owned, in H100-equivalents"
#: What the sentence tells, where both sides have it: quantity, and what people call it.
_TOLD = {
    CHIPS: ("AI chips", "AI chips worth {} H100s"),
    "private investment in AI": ("private money for AI", "${} of private money for AI"),
    "share of top AI researchers by country of work": ("top AI researchers", "{} of top AI researchers"),
    "lead authors at NeurIPS": ("lead authors at the main conference", "{} lead authors at the main conference"),
    "electricity generated in a year": ("electricity", "{} TWh of electricity"),
    "industrial robots installed in a year": ("new industrial robots", "{} new industrial robots"),
}
_SIDES = (("usa", "USA"), ("chn", "CHN"), ("row", "ROW"))
_WHAT = (
    Column(key="quantity", title="What"),
    Column(key="year", title="Year"),
    UNIT,
)
_RATIO = value_column("china_over_us", "China over US")
_APART = (
    Column(key="quantity", title="What"),
    Column(key="who", title="Whose"),
    Column(key="year", title="Year"),
    value_column("value", "How much"),
    Column(key="why", title="Why not compared"),
)
_CONFLICTS = (
    Column(key="quantity", title="What"),
    value_column("value", "One"),
    Column(key="other_quantity", title="Against"),
    value_column("other", "The other"),
)


@question(
    "resources",
    "Who has what: chips, money, talent, power and industry?",
    of="study",
    example={"bloc": "CHN"},
    schema="resources",
    docs=DOCS,
)
def resources(study: "Study", *, bloc: Annotated[Bloc, Meaning(positional=True)] | None = None) -> Answer:
    """Set chips, capital, talent, power and industry of China and America side by side by year, and say what cannot be compared."""
    from leadtime.resources import figures
    from leadtime.resources.sides import apart, conflicts, pairs, resource_of

    given, found = stated(study), figures(study.evidence, "investment", "talent", "industry")
    compared = pairs(found, given)
    rows = [*_chips(study), *(_row(p, given) for p in compared)]
    shown = [r for r in rows if (times(r) if bloc is None else _is_there(r, _key(bloc)))]
    other = [{**row_of(f, given), "why": why} for f, why in apart(found, compared) if bloc is None or f.bloc == bloc]
    both = [(a, b) for a, b in conflicts(found) if resource_of(a)]
    return Answer(
        sentence=sentence(rows) if bloc is None else sentence_of(bloc, shown),
        rows=Table(rows=shown, columns=_columns(bloc), by="resource", most=12),
        more=(
            Table(name="apart", title="What cannot be set side by side", rows=other, columns=_APART, most=12),
            Table(name="conflicts", title="Figures that conflict", rows=[_conflict(a, b, given) for a, b in both], columns=_CONFLICTS),
        ),
        tag="estimated from few sources",
        about=About(
            definition="Published figures of what a lead in AI rests on, of the two blocs, by the year in which their period ends.",
            rests_on="The tables talent, industry and investment, each row with its source; and our count of chips.",
            limits=(
                "Few quantities are counted for both by the same rule; the others are shown apart.",
                "A share or count of people says nothing of how able they are.",
            ),
            docs=DOCS,
            see=("leaks", "access", "supply"),
        ),
        notes=WIDTHS,
        figure=functools.partial(_figure, rows, dict(study.stamp)),
    )  # fmt: skip


def _key(bloc: str) -> str:
    return next(k for k, b in _SIDES if b == bloc)


def _is_there(r: Mapping[str, Any], key: str) -> bool:
    return any(r[f"{key}{end}"] is not None for end in ("", "_low", "_high"))


def _columns(bloc: str | None) -> tuple[Column, ...]:
    if bloc is None:
        return (*_WHAT, value_column("usa", "United States"), value_column("chn", "China"), _RATIO)
    return (*_WHAT, value_column(_key(bloc), BLOCS[bloc].capitalize() if bloc == "ROW" else BLOCS[bloc]))


def _chips(study: "Study") -> list[dict[str, Any]]:
    """Return the chips that each bloc owned at the end of each counted year; none where they were not counted by that day."""
    import numpy as np

    from leadtime.answers.supplied import STREAMS
    from leadtime.errors import LeadtimeError
    from leadtime.resources.figures import Range
    from leadtime.resources.sides import Pair

    try:
        supply = study.supply
        quarters = supply.history.quarters
    except LeadtimeError:  # no count was public by the day of the study
        return []
    rows = []
    for i, quarter in enumerate(quarters):
        if quarter.endswith("Q4") or i == len(quarters) - 1:
            own = {
                bloc: np.sum([supply.stocks[c][:, i] for c in STREAMS[bloc] if c in supply.flows], axis=0)
                for _, bloc in _SIDES
            }
            ranges = {bloc: Range(x, x) for bloc, x in own.items()}
            pair = Pair(resource="chips", quantity=CHIPS, year=int(quarter[:4]), unit="H100e", sides=ranges, figures={})
            note = "" if quarter.endswith("Q4") else f"At the end of Q{quarter[-1]}."
            rows.append({**_row(pair, None), "note": note})
    return rows


def _row(p: Any, given: Any) -> dict[str, Any]:
    notes = [n for f in p.figures.values() if (n := noted(f))]
    widths = sorted({f.interval for f in p.figures.values()}) or ["from draws"]
    return {
        "resource": p.resource,
        "quantity": p.quantity,
        "year": p.year,
        "unit": p.unit,
        **{k: v for key, bloc in _SIDES for k, v in _cells(key, bloc, p, given).items()},
        **cells("china_over_us", p.ratio),
        "interval": ", ".join(widths),
        "rows": [f.id for f in p.figures.values() if f.id],
        "sources": "|".join(dict.fromkeys(f.source for f in p.figures.values())),
        "note": " ".join(dict.fromkeys(notes)),
    }


def _cells(key: str, bloc: str, p: Any, given: Any) -> dict[str, Any]:
    """Return a side's figure as it was published; chips, which are counted in draws, as their median and interval."""
    return cells_of(key, p.figures.get(bloc), given) if p.figures else cells(key, p.sides.get(bloc))


def _conflict(a: Any, b: Any, given: Any) -> dict[str, Any]:
    one, other = row_of(a, given), row_of(b, given)
    return {
        **{k: one[k] for k in ("row", "quantity", "unit", "value", "value_low", "value_high")},
        "other_row": other["row"],
        "other_quantity": other["quantity"],
        "other_unit": other["unit"],
        **{f"other{end}": other[f"value{end}"] for end in ("", "_low", "_high")},
        "sources": f"{one['source']}|{other['source']}",
    }


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return who has more of what, by the newest year that both have; or that nothing can be compared."""
    parts = []
    for quantity, (words, _) in _TOLD.items():
        r = newest(rows, quantity)
        if r is not None:
            parts.append(f"Of {words} ({r['year']}), {times(r)}.")
    return " ".join(parts) or "No figure was public on that day that can be set side by side."


def sentence_of(bloc: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what one bloc has, by its newest figures; or that nothing is published."""
    key, parts = _key(bloc), []
    for quantity, (_, words) in _TOLD.items():
        own = [r for r in rows if r["quantity"] == quantity and r[key] is not None]
        if own:
            r = max(own, key=lambda r: r["year"])
            size = f"{100 * r[key]:.0f}%" if r["unit"] == "fraction" else significant(r[key], 2)
            parts.append(f"{words.format(size)} ({r['year']})")
    where = IN_WORDS[bloc]
    if not parts:
        return f"Of {where}, no figure of these was public on that day."
    return f"By the newest of {count(len(rows), 'figure')}, {where} had {listed(parts, most=9)}."


def _figure(rows: list[dict[str, Any]], stamp: dict[str, Any]) -> "Figure":
    from leadtime.figures.intervals import intervals

    now = int(str(stamp["as_of"])[:4])
    last = {r["quantity"]: r for r in rows if r["china_over_us"] is not None and r["year"] <= now}
    drawn = [
        {
            "label": f"{_short(q)}, {r['year']}",
            "median": r["china_over_us"],
            "low": r["china_over_us_low"],
            "high": r["china_over_us_high"],
        }
        for q, r in last.items()
    ]
    return figure(
        name="resources",
        title="China over America, by the newest year that both have",
        chart=intervals(drawn, "times as much in China as in America", logarithmic=True),
        rows=drawn or [{"label": "", "median": None, "low": None, "high": None}],
        n=f"{len(drawn)} quantities",
        method="Bars are 90 % intervals, assumed where none was published.",
        stamp=stamp,
    )


def _short(quantity: str) -> str:
    """Return a quantity in few words, for a label."""
    for words, fewer in (
        ("share of ", ""),
        (" in a year", ""),
        ("by country of ", "by "),
        (", in H100-equivalents", ""),
    ):
        quantity = quantity.replace(words, fewer)
    return quantity
