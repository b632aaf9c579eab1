"""Who has what: chips, money, talent, power and industry of the two blocs, side by side by year."""

import datetime as dt
import functools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers import argued, armed
from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Choice
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
    told,
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
def resources(
    study: "Study",
    *,
    bloc: Annotated[Bloc, Meaning(positional=True)] | None = None,
    show: Annotated[
        str,
        Meaning(
            kind=Choice(of=("sides", "military")),
            help="What the figure shows: what each side has, or military budgets and contracts.",
            example="military",
        ),
    ] = "sides",
) -> Answer:
    """Set chips, capital, talent, power and industry of China and America side by side by year, and say what cannot be
    compared.
    """
    from leadtime.resources import figures
    from leadtime.resources.sides import apart, conflicts, pairs, resource_of

    given, found = stated(study), figures(study.evidence, "investment", "talent", "industry")
    compared = pairs(found, given)
    rows = [*_chips(study), *(_row(_with_rest(p), given) for p in compared)]
    shown = [r for r in rows if (times(r) if bloc is None else _is_there(r, _key(bloc)))]
    other = [{**row_of(f, given), "why": why} for f, why in apart(found, compared) if bloc is None or f.bloc == bloc]
    military = armed.money(study, given)
    both = [(a, b) for a, b in conflicts(found) if resource_of(a)]
    return Answer(
        sentence=sentence(rows) if bloc is None else sentence_of(bloc, shown),
        rows=Table(rows=shown, columns=_columns(bloc), by="resource", most=12),
        more=(
            Table(name="apart", title="What cannot be compared", rows=other, columns=_APART, most=12),
            Table(
                name="conflicts",
                title="Figures that conflict",
                rows=[_conflict(a, b, given) for a, b in both],
                columns=_CONFLICTS,
            ),
            argued.table(study, rows, given),
            military,
            armed.computing(study),
        ),
        tag="estimated from few sources",
        about=About(
            definition=(
                "Published figures of what a lead in AI rests on, of the two blocs, by the year in which their period"
                " ends."
            ),
            rests_on="The tables talent, industry and investment, each row with its source; and our count of chips.",
            limits=(
                "Few quantities are counted for both by the same rule. The others are shown apart.",
                "A share or count of people does not say how able they are.",
            ),
            docs=DOCS,
            see=("leaks", "access", "supply"),
        ),
        notes=WIDTHS,
        figure=functools.partial(armed.drawn, study, military)
        if show == "military"
        else functools.partial(_figure, study, rows),
    )


def _key(bloc: str) -> str:
    return next(k for k, b in _SIDES if b == bloc)


def _is_there(r: Mapping[str, Any], key: str) -> bool:
    return any(r[f"{key}{end}"] is not None for end in ("", "_low", "_high"))


def _columns(bloc: str | None) -> tuple[Column, ...]:
    if bloc is None:
        return (*_WHAT, value_column("usa", "United States"), value_column("chn", "China"), _RATIO)
    return (*_WHAT, value_column(_key(bloc), BLOCS[bloc].capitalize() if bloc == "ROW" else BLOCS[bloc]))


def _chips(study: "Study") -> list[dict[str, Any]]:
    """Return the chips that each bloc owned at the end of each counted year; none if they were not counted by that
    day.
    """
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
    if "ROW" in p.sides and p.figures and "ROW" not in p.figures:
        notes.append("Of the rest: what the two leave of the whole.")
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


def _with_rest(p: Any) -> Any:
    """Return a pair with what the two blocs leave of a whole, where both have a share of it and nobody published the
    rest.
    """
    from leadtime.resources.figures import Range

    own = [p.sides.get(b) for b in ("USA", "CHN")]
    if p.unit != "fraction" or "ROW" in p.sides or any(x is None or x.is_open for x in own):
        return p
    left = (1 - own[0].low - own[1].low).clip(0.0, 1.0)
    return replace(p, sides={**p.sides, "ROW": Range(left, left)})


def _cells(key: str, bloc: str, p: Any, given: Any) -> dict[str, Any]:
    """Return a side's figure as it was published; what is worked out in draws as its median and interval."""
    return cells_of(key, p.figures[bloc], given) if bloc in p.figures else cells(key, p.sides.get(bloc))


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
    return " ".join(parts) or "No figure was public on that day that can be compared."


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
        return f"Of {where}, none of these figures was public on that day."
    return f"By the newest of {count(len(rows), 'figure')}, {where} had {listed(parts, most=9)}."


def compared(rows: Sequence[Mapping[str, Any]], as_of: dt.date) -> list[Mapping[str, Any]]:
    """Return the newest row of each quantity that both blocs have; what was forecast for later is left out."""
    last = {r["quantity"]: r for r in rows if times(r) and r["year"] <= as_of.year and "A forecast." not in r["note"]}
    return list(last.values())


def headline(rows: Sequence[Mapping[str, Any]], as_of: dt.date) -> str:
    """Return where each bloc is furthest ahead and by how much, a sentence each; or that neither leads, or nothing can
    be compared.
    """
    found = compared(rows, as_of)
    if not found:
        return sentence([])
    parts = []
    for who in ("America", "China"):
        ahead = [r for r in found if _ahead(r) == who]
        ahead = [r for r in ahead if r["quantity"] in _TOLD] or ahead
        if ahead:
            most = max(ahead, key=lambda r: abs(math.log(_middle(r))))
            words, _ = _TOLD.get(most["quantity"], (most["quantity"].removeprefix("share of "), ""))
            parts.append(f"In {words}, {times(most)}.")
        else:
            parts.append(f"{who} is not clearly ahead in anything that both count.")
    return " ".join(parts)


def tally(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return in how many of the quantities each side is ahead."""
    if not rows:
        return "Nothing can be compared on this day"
    ahead = Counter(_ahead(r) for r in rows)
    near = f"; {ahead['']} {'is' if ahead[''] == 1 else 'are'} too close to call" if ahead[""] else ""
    return (
        f"Of {count(len(rows), 'count')}, America is ahead in {ahead['America'] or 'none'}, China in"
        f" {ahead['China'] or 'none'}{near}"
    )


def _ahead(r: Mapping[str, Any]) -> str:
    """Return who has more beyond doubt; empty for neither."""
    low, high = r["china_over_us_low"], r["china_over_us_high"]
    return "China" if low is not None and low > 1 else "America" if high is not None and high < 1 else ""


def _middle(r: Mapping[str, Any]) -> float:
    return float(next(r[k] for k in ("china_over_us", "china_over_us_low", "china_over_us_high") if r[k] is not None))


def _figure(study: "Study", rows: list[dict[str, Any]]) -> "Figure":
    from leadtime.figures.sides import sides

    shown = compared(rows, study.as_of)
    panels = [_panel(r) for r in shown]
    drawn = figure(
        name="resources",
        title="What each side has, by the newest year that both have. Bars start at zero; lines are 90% ranges",
        chart=lambda width: sides(width, panels),
        rows=[{k: r[k] for k in _DRAWN} for r in shown] or [dict.fromkeys(_DRAWN)],
        n=f"{len(shown)} quantities",
        method="Ranges are assumed where none was published. Each chart has a scale of its own.",
        stamp=dict(study.stamp),
    )
    return replace(drawn, finding=f"{tally(shown)}.")


_DRAWN = (
    "resource",
    "quantity",
    "year",
    "unit",
    *(f"{k}{e}" for k, _ in _SIDES for e in ("", "_low", "_high")),
    "sources",
)


#: Units that the head of a chart must say; of the others the quantity says it.
_UNITS = ("TWh", "GW", "EFLOPS")
#: Ends of a range that lie as near need three digits to be told apart.
_NARROW = 1.25


def _panel(r: Mapping[str, Any]) -> dict[str, Any]:
    said = times(r)
    lead = (
        f"{said[0].upper()}{said[1:]}"
        if _ahead(r)
        else f"No clear lead: China {significant(_middle(r), 2)} times America's"
    )
    return {
        "title": f"{_short(r['quantity'])}{'' if r['unit'] not in _UNITS else ', ' + r['unit']}",
        "year": f"{argued.ENDS.get(r['note'], '')} {r['year']}".strip(),
        "lead": lead,
        "bars": [
            {
                "label": BLOCS[bloc] if bloc != "ROW" else "Rest of world",
                "hue": hue,
                "words": told(key, r) if _is_there(r, key) else "",
                "short": _brief(key, r),
                **{end: r[f"{key}{tail}"] for end, tail in (("middle", ""), ("low", "_low"), ("high", "_high"))},
            }
            for (key, bloc), hue in zip(_SIDES, ("us", "china", "other"), strict=True)
        ],
    }


def _brief(key: str, r: Mapping[str, Any]) -> str:
    """Return a figure in few letters, for a bar: `$132bn (128 to 136)`, `19 million (16 to 23)`, `at least 2
    million`.
    """
    scale, sign, tail = (100, "", "%") if r["unit"] == "fraction" else (1, "$" if r["unit"] == "USD" else "", "")
    middle, low, high = (None if r[f"{key}{e}"] is None else scale * r[f"{key}{e}"] for e in ("", "_low", "_high"))

    def say(x: float) -> str:
        near = middle is not None and low is not None and high is not None and low > 0 and high / low < _NARROW
        words = significant(x, 3 if near else 2)
        return words.replace(" billion", "bn") if sign else words

    if middle is None:
        end = low if low is not None else high
        return "" if end is None else f"{'at least' if low is not None else 'at most'} {sign}{say(end)}{tail}"
    first = f"{sign}{say(middle)}{tail}"
    if low is None or high is None or say(low) == say(high):
        return first
    size = next((w for w in (" million", "bn", " trillion", "") if say(middle).endswith(w)), "")
    ends = [say(v).removesuffix(size) if size and say(high).endswith(size) else say(v) for v in (low, high)]
    return f"{first} ({ends[0]} to {ends[1]}{tail})"


def _short(quantity: str) -> str:
    """Return a quantity in few words, for the head of a chart."""
    for words, fewer in (
        ("money of sovereign investors that came in, all sectors", "sovereign money that came in"),
        ("share of ", ""),
        (" in a year", ""),
        ("by country of work", "by where they work"),
        ("by country of ", "by "),
        (", in H100-equivalents", ", as H100s"),
        (" used by data centers", " of data centers"),
    ):
        quantity = quantity.replace(words, fewer)
    return f"{quantity[0].upper()}{quantity[1:]}"
