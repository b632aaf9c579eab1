"""The first page: are the rules working? Each clause of its answer owns a chart."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from leadtime.answers import laddered
from leadtime.answers.registry import ask
from leadtime.answers.words import chance, day
from leadtime.errors import LeadtimeError
from leadtime.figures.figure import Figure
from leadtime.report import editions
from leadtime.report.drawn import begin
from leadtime.report.front import PARTLY, SURE, Measure, front
from leadtime.report.pages.claims import front as front_claims
from leadtime.report.site import Page, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the headline: its chart, whether it is shown, and in which words."""

    figure: Figure
    heading: str
    pill: str
    chance: str
    note: str


def content(view: View) -> dict[str, Any]:
    """Return the answer, the clauses it is made of, and what is not known."""
    study = view.study
    told = front(study)
    by = {m.name: m for m in told.measures}
    pictures = {  # first, as they are drawn while the rest is worked out
        "clauses": [c for c in (_share(view, by), _gap(view, by)) if c],
        **_fork(view),
        "chips": _drawn(view, "supply", country="CHN"),
        "meanings": _drawn(view, "lag", of="CHN"),
    }
    return {
        "headline": told.answer,
        "deck": deck(by),
        "age": age(dict(study.stamp)),
        "brief": f"/brief.pdf{'?' if view.kept else ''}{urlencode(view.kept)}",
        "cause": told.cause,
        **pictures,
        "measures": told.measures,
        "claims": front_claims(view),
        "moved": _moved(view, told.measures),
        "unknown": told.unknown,
        "stamp": dict(study.stamp),
    }


def _fork(view: View) -> dict[str, Any]:
    """Return the chart of what would follow from four sets of rules, and whether the rules caused the gap, bounds
    first.
    """
    try:
        run = ask(view.study, "scenario run", names=("as-is", "strengthened", "curtailed", "no-controls"))
    except LeadtimeError:
        return {"simulated": None, "cause_heading": "Did the rules cause the gap?"}
    try:
        heading = laddered.cause(ask(view.study, "effect").values, run.part("effect").rows[0])
    except LeadtimeError:
        heading = "Did the rules cause the gap?"
    return {"simulated": begin(view, run.drawn(), "wide"), "cause_heading": heading}


def _moved(view: View, measures: Any) -> tuple[str, list[editions.Moved]]:
    """Return since when, and the first numbers that moved; nothing where no edition is kept from before."""
    try:
        before = editions.last_before(view.study.as_of)
    except LeadtimeError:
        return "", []
    return day(before.as_of), editions.moved(before, editions.numbers_of(measures))[:3]


def _drawn(view: View, question: str, **asked: Any) -> Figure | None:
    """Return the figure of a question; None where the day's evidence does not reach."""
    try:
        return begin(view, ask(view.study, question, **asked).drawn(), "half")
    except LeadtimeError:
        return None


def deck(by: dict[str, Measure]) -> str:
    """Return two numbers in two sentences; fewer where the day has fewer."""
    said = []
    if m := by.get("share_fell"):
        said.append(f"China's share of new AI computing power went from {m.value.replace(', then ', ' to ')}.")
    if m := by.get("lag_behind"):
        said.append(f"Over the past year its best models trailed America's by {m.value}.")
    return " ".join(said)


def age(stamp: dict[str, Any]) -> str:
    """Return how fresh the evidence is."""
    newest = stamp.get("newest_scored_model_name")
    return (
        f"Test scores to {day(stamp['evidence_through'])}. Newest frontier model with scores: {newest}."
        if newest
        else ""
    )


def _share(view: View, by: dict[str, Measure]) -> Clause | None:
    m, drawn = by.get("share_fell"), _drawn(view, "supply share")
    if m is None or m.probability is None or drawn is None:
        return None
    p = m.probability
    heading = (
        "China's share of new AI chips has fallen"
        if p >= SURE
        else (
            "China's share of new AI chips has not fallen"
            if p <= 1 - SURE
            else "Whether China's share of new AI chips fell is unclear"
        )
    )
    assumed = " Part of the chips was not counted but assumed." if m.layer == PARTLY else ""
    return Clause(
        figure=drawn, heading=heading, pill=_pill(p), chance=f"Chance that it fell: {chance(p)}", note=assumed
    )


def _gap(view: View, by: dict[str, Measure]) -> Clause | None:
    m, grew, drawn = by.get("lag_behind"), by.get("lag_grew"), _drawn(view, "lag headline")
    if m is None or drawn is None:
        return None
    months = float(np.round(view.study.lag_headline().past_year.median))
    behind = m.probability or 0.0
    heading = (
        f"China's models are about {months:.0f} months behind"
        if behind >= SURE
        else (
            f"China's models are about {-months:.0f} months ahead"
            if behind <= 1 - SURE
            else "China's models are not clearly behind"
        )
    )
    p = grew.probability if grew else None
    smallest = _smallest(view)
    return Clause(
        figure=drawn,
        heading=heading,
        pill=_pill(p),
        chance="" if p is None else f"Chance that the gap grew: {chance(p)}; we ask for 90",
        note=f"A test like this sees only changes above about {smallest:.0f} months." if smallest else "",
    )


def _smallest(view: View) -> float | None:
    """Return the smallest change of the gap that a comparison of two years could have shown, months; None where it is
    not known.
    """
    try:
        seen = [
            r["detectable"]
            for r in view.study.effect().detectable
            if r["measure"] == "lag" and r["detectable"] is not None
        ]
    except LeadtimeError:
        return None
    return min(seen, default=None)


def _pill(p: float | None) -> str:
    if p is None:
        return ""
    return "Shown" if p >= SURE else "Shown otherwise" if p <= 1 - SURE else "Not shown"


PAGE = Page(
    path="",
    name="The answer",
    asks="Are the US export rules on AI chips working?",
    content=content,
    template="answer.html",
)
