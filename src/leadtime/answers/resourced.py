"""What the questions on talent, money, industry, leaks and access share: cells of published figures, and how they are
told.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column
from leadtime.answers.words import significant

if TYPE_CHECKING:
    from leadtime.resources import Figure, Range
    from leadtime.study import Study

DOCS = "methods/resources"
BLOCS = {"USA": "United States", "CHN": "China", "ROW": "others", "WORLD": "world"}
#: What is told of every answer that rests on published figures.
WIDTHS = (
    (
        "A figure published without an interval has an assumed one, of 3, 10 or 30% by how sure its row is; a count is"
        " exact."
    ),
    "What is alleged names its speaker, and a verdict never rests on it.",
)


def stated(study: "Study") -> Any:
    """Return the assumptions of a study, for the widths of figures."""
    from leadtime.cost.assumptions import Assumptions

    return Assumptions(study.evidence["assumptions"], seed=study.seed, draws=study.draws)


def value_column(key: str, title: str, **more: Any) -> Column:
    """Return a column of figures, some of which are exact, some shares, and some have one end only."""
    said = functools.partial(told, key)
    return Column(
        key=key,
        title=title,
        kind="spread",
        significant=True,
        digits=3,
        low=f"{key}_low",
        high=f"{key}_high",
        say=said,
        **more,
    )


#: Units of money: what stands before a number, what after it, and what the unit is called alone.
_MONEY = {"USD": ("$", "", "US dollars"), "CNY": ("", " yuan", "yuan"), "KRW": ("", " won", "won")}
_CALLED = {"fraction": "", "H100e": "H100s"}
#: The unit as people see it: a share is told in percent, money by its name.
UNIT = Column(key="unit", title="Unit", say=lambda row: unit_words(str(row["unit"])))


def unit_words(unit: str) -> str:
    """Return a unit as people call it; nothing for a share, which is told in percent."""
    return _MONEY[unit][2] if unit in _MONEY else _CALLED.get(unit, unit)


def told(key: str, row: Mapping[str, Any]) -> str:
    """Return a figure as people see it, with its unit where the column has none of its own: an exact one bare, a share
    in percent, “at least”.
    """
    middle, low, high = (row[f"{key}{end}"] for end in ("", "_low", "_high"))
    unit = row.get({"value": "unit", "other": "other_unit"}.get(key, ""), "")
    is_share = (unit or row.get("unit")) == "fraction" and key != "china_over_us"
    sign, own, _ = _MONEY.get(unit, ("", f" {unit}" if unit else "", ""))
    tail = "%" if is_share else own

    def say(x: float) -> str:
        return f"{sign}{significant(100 * x if is_share else x, 3)}"

    if middle is None:
        ends = (
            [f"at least {say(low)}{tail}"]
            if low is not None
            else [f"at most {say(high)}{tail}"]
            if high is not None
            else []
        )
        return ends[0] if ends else "not published" if key == "value" else ""
    if low is None or high is None or say(low) == say(high):
        return f"{say(middle)}{tail}"
    size = say(high).partition(" ")[2]
    first = say(low).removesuffix(f" {size}") if size else say(low)
    return f"{say(middle)}{tail} ({first} to {say(high)})"


def cells_of(key: str, f: "Figure | None", given: Any) -> dict[str, float | None]:
    """Return a published figure as three flat cells: center, low and high, or one end, nothing if there is none."""
    low, center, high = (None, None, None) if f is None or not f.is_published else f.ends(given)
    return {key: center, f"{key}_low": low, f"{key}_high": high}


def cells(key: str, found: "Range | None") -> dict[str, float | None]:
    """Return a figure as three flat cells: median and 90% interval, or one end where it is open, nothing if there
    is none.
    """
    import numpy as np

    keys = (key, f"{key}_low", f"{key}_high")
    if found is None:
        return dict.fromkeys(keys)
    if not found.is_open:
        low, median, high = (float(v) for v in np.quantile(found.low, [0.05, 0.5, 0.95]))
        return dict(zip(keys, (median, low, high), strict=True))
    is_floor = bool(np.isinf(found.high).any())
    floor = float(np.quantile(found.low, 0.05)) if is_floor else None
    return dict(zip(keys, (None, floor, None if is_floor else float(np.quantile(found.high, 0.95))), strict=True))


def row_of(f: "Figure", given: Any) -> dict[str, Any]:
    """Return a published figure as a row: what, whose, when, how much, by whom, how sure."""
    return {
        "row": f.id,
        "table": f.table,
        "kind": f.kind.replace("-", " "),
        "quantity": f.quantity,
        "bloc": f.bloc,
        "who": f.who or BLOCS[f.bloc],
        "year": f.end.year,
        "from": None if f.begin is None else str(f.begin),
        "to": str(f.end),
        "unit": f.unit,
        **cells_of("value", f, given),
        "interval": f.interval if f.is_published else "nobody has published it",
        "grade": f.grade,
        "alleged_by": f.alleged_by,
        "definition": f.definition,
        "whole": f.whole,
        "source": f.source,
        "known_on": str(f.known_on),
        "confidence": f.confidence,
        "note": noted(f),
    }


def noted(f: "Figure") -> str:
    """Return what a reader must know of a figure, sentences, empty if nothing."""
    parts = [
        f"Alleged by {f.alleged_by}." if f.alleged_by else "",
        "A forecast." if f.grade == "forecast" else "",
        f.note,
    ]
    return " ".join(p if p.endswith(".") else f"{p}." for p in parts if p)


def times(row: Mapping[str, Any], key: str = "china_over_us") -> str:
    """Return which side has more and how many times, with the interval: `China has 2.2 times America's (2.1
    to 2.3)`.
    """
    middle, low, high = (row[k] for k in (key, f"{key}_low", f"{key}_high"))
    if middle is None and low is not None:
        return f"China has at least {significant(low, 2)} times America's" if low >= 1 else ""
    if middle is None and high is not None:
        return f"America has at least {significant(1 / high, 2)} times China's" if 0 < high <= 1 else ""
    if middle is None:
        return ""
    if low < 1 < high:
        return (
            f"neither has clearly more (China {significant(middle, 2)} times America's, {significant(low, 2)} to"
            f" {significant(high, 2)})"
        )
    who, whose = ("China", "America's") if middle > 1 else ("America", "China's")
    a, b, c = (middle, low, high) if middle > 1 else (1 / middle, 1 / high, 1 / low)
    ends = "" if significant(b, 2) == significant(c, 2) else f" ({significant(b, 2)} to {significant(c, 2)})"
    return f"{who} has {significant(a, 2)} times {whose}{ends}"


def newest(rows: Sequence[Mapping[str, Any]], quantity: str) -> Mapping[str, Any] | None:
    """Return the newest row of a quantity that both sides have, or None."""
    both = [r for r in rows if r["quantity"] == quantity and times(r)]
    return max(both, key=lambda r: r["year"], default=None)
