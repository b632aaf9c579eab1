"""Who can use AI, at what price, and what the rules denied to civil users."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import question
from leadtime.answers.resourced import DOCS, WIDTHS, row_of, stated, value_column
from leadtime.answers.words import number, share, significant
from leadtime.days import day_words

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_USE = "share of people who used generative AI, by Microsoft"
_CNNIC = "share of people who use generative AI, by CNNIC"
_INDEX = "share of people who used generative AI, by the AI Index"
#: Who counts, in words.
_COUNTS = {_USE: "by Microsoft's counters", _CNNIC: "by China's own survey", _INDEX: "by the AI Index"}
_PRICE = "list price of a million tokens of output"
_DENIED = "share of license applications that were not approved"
#: Headings of the kinds, in the order in which they are shown.
_KINDS = {
    "use": "People who use it",
    "firms": "Firms that use it",
    "offer": "Who is served",
    "price": "Prices",
    "open models": "Open models",
    "traffic": "Tokens on a market for models",
    "cloud": "Data centers of clouds",
    "denied": "What was denied or ran short",
    "target": "Aims",
}
_COLUMNS = (
    Column(key="quantity", title="What"),
    Column(key="who", title="Whose"),
    Column(key="to", title="Until", kind="day"),
    value_column("value", "How much"),
)


@question(
    "access",
    "Who can use AI, at what price, and what was denied?",
    of="study",
    schema="access",
    docs=DOCS,
)
def access(study: "Study") -> Answer:
    """Say who uses AI, where and at what price, and what the rules are known to have denied to civil users."""
    from leadtime.resources import figures

    given, found = stated(study), figures(study.evidence, "access")
    order = list(_KINDS)
    rows = [{**r, "head": _KINDS[r["kind"]]} for r in (row_of(f, given) for f in found)]
    rows.sort(key=lambda r: (order.index(r["kind"]), r["quantity"], r["to"], r["who"]))
    lists = [
        {**row_of(f, given), "why": "a count of names, not of users"}
        for f in figures(study.evidence, "military")
        if f.kind == "list"
    ]
    return Answer(
        sentence=sentence(rows),
        rows=Table(rows=rows, columns=_COLUMNS, by="head"),
        more=(
            Table(
                name="lists",
                title="Chinese parties on American lists",
                rows=lists,
                columns=(*_COLUMNS, Column(key="why", title="What it tells")),
            ),
        ),
        tag="estimated from few sources",
        about=About(
            definition=(
                "Published figures on who uses AI, where, at what list price, and what was refused or ran short."
            ),
            rests_on="The table of access, each row with its source.",
            limits=(
                "Surveys and counters of use differ more than quarters do. The two for China conflict.",
                "No figure says how many of the denied chips would have served civil users.",
                "A list price is not what a large customer pays.",
            ),
            docs=DOCS,
            see=("resources", "scenario run", "rules timeline"),
        ),
        notes=WIDTHS,
        figure=functools.partial(_figure, study, rows),
    )


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return who uses AI, what it costs and what was denied, as far as it was public; or that nothing was."""
    parts = [*_used(rows), *_priced(rows), *_denied(rows)]
    return " ".join(parts) or "No figure on access was public on that day."


def _newest(rows: Sequence[Mapping[str, Any]], quantity: str, who: str) -> Mapping[str, Any] | None:
    own = [r for r in rows if r["quantity"] == quantity and r["who"] == who and r["value"] is not None]
    return max(own, key=lambda r: r["to"], default=None)


def _used(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    usa, chn, own = (_newest(rows, q, w) for q, w in ((_USE, "United States"), (_USE, "China"), (_CNNIC, "China")))
    told = [f"{_share(r)} of people in {where}" for r, where in ((usa, "America"), (chn, "China")) if r]
    if not told:
        return [f"By China's own survey, {_share(own)} of its people use AI."] if own else []
    said = f"By Microsoft's counters, {' and '.join(told)} used AI in {(usa or chn or {})['to'][:4]}"
    return [f"{said}; by China's own survey, {_share(own)} of its people do." if own and chn else f"{said}."]


def _priced(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    prices = [r for r in rows if r["quantity"] == _PRICE and r["value"] is not None]
    usa, chn = (
        max((r for r in prices if r["bloc"] == b), key=lambda r: (r["to"] >= chosen, r["value"]), default=None)
        for b, chosen in ((b, _latest(prices, b)) for b in ("USA", "CHN"))
    )
    if usa is None or chn is None:
        return []
    ratio = usa["value"] / chn["value"]
    ends = [usa["value_low"] / chn["value_high"], usa["value_high"] / chn["value_low"]]
    size = significant(ratio, 2) if ratio < 1 else number(ratio)
    spread = "" if ends[0] == ends[1] else f" ({significant(ends[0], 2)} to {significant(ends[1], 2)})"
    return [f"{usa['who']} costs {size} times what {chn['who']} does{spread}, by list price of output."]


def _latest(prices: Sequence[Mapping[str, Any]], bloc: str) -> str:
    """Return the last day on which a price of a bloc is known to hold, empty if none is."""
    return max((r["to"] for r in prices if r["bloc"] == bloc), default="")


def _denied(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    found = next((r for r in rows if r["quantity"] == _DENIED and r["value"] is not None), None)
    part = (
        [
            f"Of license applications for listed Chinese parties, {share(found['value'])} were not approved from 2018"
            " to 2023."
        ]
        if found
        else []
    )
    unknown = any(r["kind"] == "denied" and r["grade"] == "unpublished" for r in rows)
    return [*part, "Nobody has published how much of it would have served civil users."] if part or unknown else []


def counted(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest share of people who use AI by place and by who counts it, what is alleged left out; places in
    order of use.
    """
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for r in sorted(rows, key=lambda r: str(r["to"])):
        if r["quantity"] in _COUNTS and r["value"] is not None and r["grade"] not in ("alleged", "forecast", "target"):
            newest[r["who"], r["quantity"]] = r
    found = [{**r, "by": _COUNTS[r["quantity"]], "main": r["quantity"] == _USE} for r in newest.values()]
    main = {r["who"]: r["value"] for r in found if r["main"]}
    return sorted(found, key=lambda r: (-main.get(r["who"], r["value"]), r["who"], not r["main"]))


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return which side's people use AI more, with ranges, and whether another count says otherwise."""
    by = {(r["who"], r["quantity"]): r for r in rows}
    usa, chn, own = by.get(("United States", _USE)), by.get(("China", _USE)), by.get(("China", _CNNIC))
    if usa is None or chn is None:
        one = usa or chn or own
        return (
            f"{_share(one)} of people in {one['who']} use AI, by one count."
            if one
            else "No count of users was public on that day."
        )
    clear = usa["value_low"] > chn["value_high"] or chn["value_low"] > usa["value_high"]
    more = "more" if usa["value"] > chn["value"] else "less"
    said = (
        f"People in America use AI {more} than people in China"
        if clear
        else "People in America and in China use AI about as much"
    )
    said = f"{said}, by one count: {_share(usa)} against {_share(chn)}."
    if own is None:
        return said
    turned = own["value_low"] > usa["value_high"] if more == "more" else own["value_high"] < usa["value_low"]
    own_count = "By China's own count it is the other way:" if turned and clear else "China's own count is"
    return f"{said} {own_count} {_share(own)}."


def _share(r: Mapping[str, Any]) -> str:
    return f"{share(r['value'])} ({share(r['value_low'])} to {share(r['value_high'])})"


def _figure(study: "Study", rows: list[dict[str, Any]]) -> "Figure":
    from leadtime.figures.usage import usage

    found = counted(rows)
    drawn = [_drawn(r) for r in found]
    keys = ("row", "who", "quantity", "to", "value", "value_low", "value_high", "grade", "source")
    made = figure(
        name="access",
        title="Share of people who use generative AI, newest count of each place. Solid bars are Microsoft's counters",
        chart=lambda width: usage(width, drawn),
        rows=[{k: r[k] for k in keys} for r in found] or [dict.fromkeys(keys)],
        n=f"{len(drawn)} figures",
        method=(
            "Lines are assumed ranges of 3 to 30%, by how sure each figure is. An outline is another count, which"
            " conflicts with the first."
        ),
        stamp=dict(study.stamp),
    )
    return replace(made, finding=finding(found))


_HUES = {"USA": "us", "CHN": "china"}


def _drawn(r: Mapping[str, Any]) -> dict[str, Any]:
    place = {"world": "World", "Global North": "Rich countries", "Global South": "Poor countries"}.get(
        r["who"], r["who"]
    )
    end = dt.date.fromisoformat(r["to"])
    return {
        "place": place,
        "by": "" if r["main"] else r["by"],
        "main": r["main"],
        "hue": _HUES.get(r["bloc"], "other"),
        "middle": 100 * r["value"],
        "low": 100 * r["value_low"],
        "high": 100 * r["value_high"],
        "said": _share(r),
        "words": f"{place}, until {day_words(end)}\n{_share(r)} {r['by']}",
    }
