"""Who can use AI, at what price, and what the rules denied to civil users."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import question
from leadtime.answers.resourced import DOCS, WIDTHS, row_of, stated, value_column
from leadtime.answers.words import number, share, significant

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_USE = "share of people who used generative AI, by Microsoft"
_CNNIC = "share of people who use generative AI, by CNNIC"
_PRICE = "list price of a million tokens of output"
_DENIED = "share of license applications that were not approved"
#: Headings of the kinds, in the order in which they are shown.
_KINDS = {
    "use": "People who use it", "firms": "Firms that use it", "offer": "Who is served", "price": "Prices", "open models": "Open models",
    "traffic": "Tokens on a market for models", "cloud": "Data centers of clouds", "denied": "What was denied or ran short", "target": "Aims",
}  # fmt: skip
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
    """Say who uses AI, at what price and where, and what of it the rules are known to have denied to civil users."""
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
            definition="Published figures on who uses AI, at which list price, from where, and what was refused or ran short.",
            rests_on="The table of access, each row with its source.",
            limits=(
                "Surveys and counters of use differ by more than the quarters do; the two for China conflict.",
                "No figure says what part of the chips that were denied would have served civil users.",
                "A list price is not what a large customer pays.",
            ),
            docs=DOCS,
            see=("resources", "scenario run", "rules timeline"),
        ),
        notes=WIDTHS,
        figure=functools.partial(_figure, rows, dict(study.stamp)),
    )  # fmt: skip


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return who uses AI, what it costs and what was denied, as far as it was public; or that nothing was."""
    parts = [*_used(rows), *_priced(rows), *_denied(rows)]
    return " ".join(parts) or "No figure on access was public on that day."


def _newest(rows: Sequence[Mapping[str, Any]], quantity: str, who: str) -> Mapping[str, Any] | None:
    own = [r for r in rows if r["quantity"] == quantity and r["who"] == who and r["value"] is not None]
    return max(own, key=lambda r: r["to"], default=None)


def _used(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    usa, chn, own = (_newest(rows, q, w) for q, w in ((_USE, "United States"), (_USE, "China"), (_CNNIC, "China")))
    told = [f"{share(r['value'])} of people in {where}" for r, where in ((usa, "America"), (chn, "China")) if r]
    if not told:
        return [f"By China's own survey, {share(own['value'])} of its people use AI."] if own else []
    said = f"By Microsoft's counters, {' and '.join(told)} used AI in {(usa or chn or {})['to'][:4]}"
    return [f"{said}; by China's own survey, {share(own['value'])} of its people do." if own and chn else f"{said}."]


def _priced(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    prices = [r for r in rows if r["quantity"] == _PRICE and r["value"] is not None]
    usa, chn = (
        max((r for r in prices if r["bloc"] == b), key=lambda r: (r["to"] >= chosen, r["value"]), default=None)
        for b, chosen in ((b, _latest(prices, b)) for b in ("USA", "CHN"))
    )
    if usa is None or chn is None:
        return []
    ratio = usa["value"] / chn["value"]
    times = f"{number(ratio)} times" if ratio >= 1 else f"{significant(ratio, 2)} of"
    return [f"{usa['who']} costs {times} what {chn['who']} does, by list price of output."]


def _latest(prices: Sequence[Mapping[str, Any]], bloc: str) -> str:
    """Return the last day on which a price of a bloc is known to hold; empty where none is."""
    return max((r["to"] for r in prices if r["bloc"] == bloc), default="")


def _denied(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    found = next((r for r in rows if r["quantity"] == _DENIED and r["value"] is not None), None)
    part = (
        [
            f"Of license applications for listed Chinese parties, {share(found['value'])} were not approved from 2018 to 2023."
        ]
        if found
        else []
    )
    unknown = any(r["kind"] == "denied" and r["grade"] == "unpublished" for r in rows)
    return [*part, "How much of it would have served civil users, nobody has published."] if part or unknown else []


def _figure(rows: list[dict[str, Any]], stamp: dict[str, Any]) -> "Figure":
    from leadtime.figures.intervals import intervals

    named = [r for r in rows if r["quantity"] in (_USE, _CNNIC) and r["value"] is not None]
    drawn: list[dict[str, Any]] = [
        {
            "label": f"{r['who']}, until {r['to']}{' (by CNNIC)' if r['quantity'] == _CNNIC else ''}",
            "median": 100 * r["value"],
            "low": None if r["value_low"] is None else 100 * r["value_low"],
            "high": None if r["value_high"] is None else 100 * r["value_high"],
        }
        for r in named
    ]
    return figure(
        name="access",
        title="Share of people who use generative AI",
        chart=intervals(drawn, "percent of people, by Microsoft's counters or China's survey"),
        rows=drawn or [{"label": "", "median": None, "low": None, "high": None}],
        n=f"{len(drawn)} figures",
        method="Bars are assumed widths of 3 to 30 %, by how sure each figure is; the two counts for China conflict.",
        stamp=stamp,
    )
