"""Whether a chip may be sold to a buyer on a day."""

import datetime as dt
from typing import Any

from leadtime.answers.questions.rules_matrix import days_of
from leadtime.answers.registry import find
from leadtime.answers.regulated import place
from leadtime.answers.sourced import credited
from leadtime.answers.words import day
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.site import Page, View
from leadtime.report.statuses import Cells, cells, grouped, near, plainly
from leadtime.rules.destinations import country_code

#: What the page opens on: the first chip and day that were known.
EXAMPLES = (("h20", dt.date(2025, 5, 1)), ("h100-sxm", dt.date(2022, 11, 1)), ("a100-sxm-80gb", dt.date(2022, 9, 1)))
#: What the page asks, in the order of its form.
ASKED = ("chip", "to", "on", "party", "hq", "origin", "made_with", "us_content", "tpp", "die_area_mm2", "dram_gb_s")


def content(view: View) -> dict[str, Any]:
    """Return whether a license is needed, and why; of a page without a question, for a worked example."""
    study = view.study
    asked = {"to": "CHN", **{k: v for k, v in (view.asked or example(study.as_of)).items() if v}}
    known: dict[str, Any] = {
        "headline": "May this chip be sold to this buyer on this day?",
        "found": None,
        "wrong": None,
        "matrix": None,
        "stamp": dict(study.stamp),
        "advanced": any(asked.get(k) for k in ASKED[3:]),
    }
    try:
        asked.update({k: country_code(study.rules.log, str(asked[k])) for k in ("to", "hq") if asked.get(k)})
        found = find("rules status").ask(study.rules, asked)
    except LeadtimeError as error:
        return {**known, "wrong": error, "asked": asked, "control": controls("rules status", study, asked)}
    what, on = found.values["transaction"], found.values["on"]
    parties = found.values["parties"]
    happened = find("rules timeline").ask(study.rules, {})
    return {
        **known,
        "headline": found.values["headline"],
        "deck": " ".join(
            x
            for x in (
                plainly(found.values["how"]),
                f"{asked['party']}: {parties['headline']}" if parties else "",
                f"Confidence: {found.values['confidence']}." if found.values["confidence"] else "",
            )
            if x
        ),
        "found": found,
        "asked": asked,
        "spoken": {
            "chip": _called(found.sentence, study.rules.log, what),
            "to": place(study.rules.log, what["to"]),
            "on": day(on),
        },
        "then": day(on) if on < found.values["as_known"] else "",
        "that_day": f"/rules?{_query(asked, on)}",
        "near": near(found.part("limits").rows),
        "changes": grouped(found.part("changes").rows),
        "because": [plainly(r["reason"]) for r in found.part("because").rows],
        "standings": [(r["standing"], plainly(r["says"])) for r in found.rows.rows],
        "done": [
            (n, day(r["begin"]), r["end"] and day(r["end"]), r["row"], plainly(r["words"]))
            for n, r in enumerate((r for r in found.part("history").rows if r["row"] != "rule"), 1)
        ],
        "applies": sum("yes" in (r["applies_codified"], r["applies_enforced"]) for r in found.part("trace").rows),
        "sources": credited(found.sources() if found.sources else []).removesuffix(" "),
        "figure_": found.drawn(),
        "control": controls("rules status", study, asked | {"chip": what["chip"]}),
        "matrix": _matrix(view, what, on),
        "happened": happened,
    }


def example(as_of: dt.date) -> dict[str, str]:
    """Return the example that a page of a day opens on."""
    chip, on = next(((c, d) for c, d in EXAMPLES if d <= as_of), EXAMPLES[-1])
    return {"chip": chip, "to": "CHN", "on": str(on)}


def _called(sentence: str, log: Any, what: dict[str, Any]) -> str:
    row = log.systems.get(what["system"]) or log.chips.get(what["chip"])
    return str(row["name"]) if row else str(what["chip"] or "a chip with these numbers")


def _query(asked: dict[str, Any], on: Any) -> str:
    from urllib.parse import urlencode

    return urlencode({**asked, "on": str(on), "as_of": str(on)})


def _matrix(view: View, what: dict[str, Any], on: dt.date) -> Cells | None:
    """Return every chip on a few days and on the day that is asked about; None where the log does not reach so far."""
    rules = view.study.rules
    try:
        days = sorted(map(str, {*days_of(rules), on}))
        found = find("rules matrix").ask(rules, {"to": what["to"], "on": days})
    except LeadtimeError:
        return None
    return cells(view, found, what["chip"], on)


PAGE = Page(
    path="rules",
    name="Rules",
    asks="May this chip be sold to this buyer on this day?",
    content=content,
    template="rules.html",
    fields=ASKED,
    slow=False,
)
