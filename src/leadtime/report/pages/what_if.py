"""What would follow if the rules changed: a panel of controls beside the answer, which moves with them."""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from leadtime.answers.answer import Answer
from leadtime.answers.compared_drawn import HUES
from leadtime.answers.registry import ask
from leadtime.answers.words import end_of, number, significant
from leadtime.days import month_words
from leadtime.errors import LeadtimeError
from leadtime.figures import fans
from leadtime.figures.figure import Figure
from leadtime.figures.stacks import PARTS
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View
from leadtime.scenario.compare import TODAYS, YOURS
from leadtime.scenario.controls import CONTROLS, GROUPS, Control
from leadtime.scenario.fork import FREE
from leadtime.scenario.levers import LAST_YEAR, LEVERS, next_quarter
from leadtime.scenario.portable import portable

#: The last quarter that is shown where nothing else is asked.
BY = "2028Q4"
#: What the page opens on, in both directions.
OPENS_WITH = ("strengthened", "curtailed")
_VALUE = re.compile(
    r"about \d+ months? (?:behind|ahead)|about level|\d[\d.]*%|\bhalf\b|\bnone\b|\ball\b|\bno(?:ne)? chips\b|next to"
    r" no|class of the \w+|[\d.]+ million"
)


def content(view: View) -> dict[str, Any]:
    """Return the controls with what they hold, and what follows: of today's rules, the reader's, and others."""
    study, asked = view.study, view.asked
    wrong: LeadtimeError | None = None
    start, by, own = next_quarter(study.as_of), str(asked.get("by") or BY), ""
    try:
        start = dt.date.fromisoformat(str(asked.get("from") or start))
        today = ask(study, "scenario today", start=start)
    except (LeadtimeError, ValueError) as error:
        no_day = LeadtimeError("is not a day", where="from", fix="Expected a day such as 2027-01-01.")
        wrong = error if isinstance(error, LeadtimeError) else no_day
        start = next_quarter(study.as_of)
        try:
            today = ask(study, "scenario today", start=start)
        except LeadtimeError as error:  # a day before chips were counted
            return _nothing(error)
    panel = [_control(c, r, str(asked.get(c.lever, ""))) for c, r in zip(CONTROLS, today.rows.rows, strict=True)]
    try:
        own = own_rules(panel, str(asked.get("base") or ""))
        beside = tuple(asked.get("rules", ())) or (OPENS_WITH if not own else ())
        found = ask(
            study, "scenario compare", rules=(*((own,) if own else ()), *beside)[:4], start=start, by=by, alone=True
        )
    except LeadtimeError as error:
        wrong = wrong or error
        own, beside = "", OPENS_WITH
        found = ask(study, "scenario compare", rules=OPENS_WITH, start=start, alone=True)
    rows = found.rows.rows
    shown = rows[min(1, len(rows) - 1)] if own or (asked.get("rules") and not wrong) else rows[0]
    changes = [p for p in found.part("alone").rows if p["title"] == shown["title"]]
    return {
        "headline": shown["sentence"],
        "marked": marked(shown["sentence"]),
        "detail": shown["detail"],
        "row": shown,
        "today": rows[0],
        "tiles": tiles(shown, rows[0], start, by),
        "found": found,
        "drawn": found.drawn(),
        "alone": _side(study, found, "alone") if len(changes) > 1 else None,
        "chips": _side(study, found, "chips"),
        "rests": rests(found.values["rests_on"], by),
        "panel": [(g, short, [c for c in panel if c["control"].group == g]) for g, short in GROUPS],
        "n_changed": {g: sum(c["changed"] for c in panel if c["control"].group == g) for g, _ in GROUPS},
        "presets": today.part("presets").rows,
        "starts": _starts(study.as_of, start),
        "start": str(start),
        "ends": [(f"{y}Q4", str(y)) for y in range(max(next_quarter(study.as_of).year, start.year), LAST_YEAR + 1)],
        "by": by,
        "base": asked.get("base") or "",
        "beside": tuple(asked.get("rules", ())),
        "data": data_of(study, start, whole=not view.live),
        "sets": [f"{k}@{start}" for k in (own.partition(": ")[2].split() if found and own else ()) if "=" in k],
        "wrong": wrong,
        # gathered for the report file anyway; a server answers without
        "chapters": () if view.live else chapters(study, "fork"),
        "stamp": dict(study.stamp),
    }


def _side(study: Any, found: Answer, show: str) -> Figure:
    """Return another figure of an answer."""
    return ask(study, found.question, **{**found.asked, "show": show}).drawn()


def _nothing(error: LeadtimeError) -> dict[str, Any]:
    return {
        "headline": "On this day too little was known to say what would follow from other rules.",
        "found": None,
        "wrong": error,
    }


def _control(c: Control, row: Mapping[str, Any], given: str) -> dict[str, Any]:
    """Return a control with the text it holds, whether it differs from today, and its words."""
    now = row["today_median"]
    plain = "no limit" if now is None else _bare(now)
    text = given.strip() or plain
    return {"control": c, "row": row, "text": text, "plain": plain, "changed": text != plain, "now": now}


def _bare(shown: float) -> str:
    return f"{shown:.2g}" if 0 < abs(shown) < 10 else f"{shown:.0f}"


def own_rules(panel: Sequence[Mapping[str, Any]], base: str) -> str:
    """Return the reader's set of rules as a question reads it; empty where all is as today.

    Raises:
        LeadtimeError: A box does not contain a value.
    """
    levers = []
    for held in panel:
        if not held["changed"]:
            continue
        c: Control = held["control"]
        text = held["text"].strip().removesuffix("%").removesuffix("million").strip()
        try:
            shown = math.inf if text.casefold() == "no limit" and c.shown == "millions" else float(text)
        except ValueError:
            shown = math.nan
        value = c.lever_value(shown, held["now"] or 0.0)
        if not (LEVERS[c.lever].low <= value <= LEVERS[c.lever].high or (value == math.inf and c.shown == "millions")):
            raise LeadtimeError(
                f"{held['text'][:40]!r} is no value", where=c.title, fix=f"Expected {c.low:g} to {c.high:g}."
            )
        levers.append(f"{c.lever}={value:.9g}")
    kept = [*([FREE] if base == FREE else []), *levers]
    return f"{YOURS}: {' '.join(kept)}" if kept else ""


def _starts(as_of: dt.date, start: dt.date) -> list[tuple[str, str]]:
    """Return the first days of the next eight quarters, and the one that is asked for, with their words."""
    days, day = {start}, as_of
    for _ in range(8):
        day = next_quarter(day)
        days.add(day)
    return [(str(d), month_words(d)) for d in sorted(days)]


def marked(sentence: str) -> Markup:
    """Return a sentence with its values marked, up to its colon."""
    head, colon, tail = sentence.partition(":")
    parts, at = [], 0
    for m in _VALUE.finditer(head):
        parts += [escape(head[at : m.start()]), Markup("<em>{}</em>").format(m[0])]
        at = m.end()
    return Markup("").join([*parts, escape(head[at:] + colon + tail)])


def tiles(row: Mapping[str, Any], today: Mapping[str, Any], start: dt.date, by: str) -> list[dict[str, str]]:
    """Return three numbers of a set of rules, each with its range and today's."""
    years = range(start.year, int(by[:4]) + 1)
    when = (
        f"{years[0]}"
        if len(years) == 1
        else f"{years[0]} and {years[1]}"
        if len(years) == 2
        else f"{years[0]} to {years[-1]}"
    )

    def three(r: Mapping[str, Any], name: str, scale: float) -> tuple[float, float, float]:
        return tuple(r[f"{name}_{k}"] / scale for k in ("median", "low", "high"))

    lag, used, sales = three(row, "lag", 1), three(row, "used_h100e", 1e6), three(row, "sales_usd", 1e9)
    same = row["title"] == TODAYS
    change = three(row, "change", 1)

    def tile(name: str, title: str, unit: str, found: tuple[str, str], now: str, more: str = "") -> dict[str, str]:
        value, span = found
        return {
            "name": name,
            "title": title,
            "value": value,
            "unit": unit,
            "range": span,
            "today": "" if same else f"Today's rules: {now}",
            "more": more,
        }

    return [
        tile(
            "lag",
            f"Gap {end_of(by)}",
            "months",
            (number(lag[0]), f"{number(lag[1])} to {number(lag[2])}"),
            number(today["lag_median"]),
            (
                ""
                if same
                else (
                    f"Change: {number(change[0], signed=True)} ({number(change[1], signed=True)} to"
                    f" {number(change[2], signed=True)})"
                )
            ),
        ),
        tile(
            "used",
            "Computing power China can use, in H100 chips",
            "million",
            (_two(used[0]), f"{_two(used[1])} to {_two(used[2])}"),
            f"{_two(today['used_h100e_median'] / 1e6)} million",
        ),
        tile(
            "sales",
            f"US chip sales to China, {when}",
            "billion",
            (f"${_two(sales[0])}", f"${_two(sales[1])} to ${_two(sales[2])}"),
            f"${_two(today['sales_usd_median'] / 1e9)} billion",
        ),
    ]


def _two(value: float) -> str:
    return significant(value, 2) if value < 10 else f"{value:,.0f}"


def rests(on: Mapping[str, Any], by: str) -> str:
    """Return what the answer rests on most: the assumption with which the gap under today's rules differs most, with
    both ends.

    Args:
        on: `parameter`, `at_low`, `at_high` (see `compare.rests_on`).
        by: The quarter that is judged.
    """
    low, high = sorted((on["at_low"], on["at_high"]))
    name = str(on["parameter"]).replace("-", " ")
    return (
        f"The biggest unknown is {_INPUTS.get(name, name)}. In the tenth of our runs at one end of its range the gap"
        f" under today's rules {end_of(by)} is {number(low)} months, in the tenth at the other {number(high)}. Rules"
        " act at once in the simulation; in life they take time."
    )


#: Inputs of the simulation as a reader would call them.
_INPUTS = {
    "follower gain": "how much a country behind gains by copying the one ahead",
    "follower time": "how fast a country behind can copy the one ahead",
    "run elasticity": "how far the largest training run follows the stock of chips",
    "algorithmic growth": "how fast methods of training improve",
    "concentration": "how much more the United States concentrates its chips in one run",
    "offshore share": "how much computing China can rent abroad",
    "demand share": "how many chips China would buy",
    "diversion share": "how many chips are smuggled",
}


def data_of(study: Any, start: dt.date, *, whole: bool) -> dict[str, Any]:
    """Return what the script of the page reads: the controls, the chips that are stops, sets to begin from, and what
    the chart shows.

    Args:
        study: The study.
        start: The day from which levers are set.
        whole: Also the draws and the inputs: there is no server.
    """
    today = ask(study, "scenario today", start=start)
    return {
        **(portable(study.fork) if whole else {}),
        "controls": [
            {k: r[k] for k in ("lever", "group", "title", "shown", "low", "high", "clause", "today_median")}
            for r in today.rows.rows
        ],
        "stops": list(today.part("stops").rows),
        "presets": list(today.part("presets").rows),
        "measured": [
            [str(m.day), m.quarter, *(round(v, 3) for v in (m.low, m.median, m.high))] for m in fans.measured(study)
        ],
        "events": [[str(e.day), e.label, e.weight] for e in fans.events(study)],
        "hues": [*HUES],
        "parts": [list(p) for p in PARTS],
    }


PAGE = Page(
    path="what-if",
    name="What if?",
    asks="What would follow if the rules changed?",
    content=content,
    template="what-if.html",
    fields=("from", "by", "base", "rules", *(c.lever for c in CONTROLS)),
    several=("rules",),
)
