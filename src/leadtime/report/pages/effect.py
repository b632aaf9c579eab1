"""What the rules did to the gap: from what nobody assumes to what one model says, step by step."""

from collections.abc import Callable, Mapping
from typing import Any

from leadtime.answers import laddered
from leadtime.answers.answer import Answer
from leadtime.answers.changed import end_of
from leadtime.answers.drawn import figure, told
from leadtime.answers.registry import ask
from leadtime.answers.words import chance, number
from leadtime.errors import LeadtimeError
from leadtime.figures import effect as drawn
from leadtime.figures.figure import Figure
from leadtime.report.site import Page, View
from leadtime.supply.like import BEFORE_2023

_THICK = "Thick: from the least to the most. Thin: 9 in 10 around both ends."


def content(view: View) -> dict[str, Any]:
    """Return the ladder, its two steps, their product, what tests could have seen, and what we say."""
    try:
        answer = ask(view.study, "effect")
    except LeadtimeError:
        return {
            "headline": "What the rules did to the gap cannot be bounded on this day.",
            "answer": None,
            "stamp": dict(view.study.stamp),
        }
    found: Mapping[str, Any] = answer.values
    legal = legal_share(view)
    rungs, tests = laddered.rungs(found), laddered.tests_of(found)
    worlds = [r for r in found["bounds"]["compute"] if r["unit"] == "int8"]
    whole = next(r for r in worlds if r["world"] == "any")
    simulation = found["simulation"]
    gap = next((r["high_months"] for r in found["assumptions"] if r["high_months"] is not None), None)
    return {
        "headline": laddered.headline(found, legal),
        "deck": (
            " ".join(
                (
                    laddered.shares(legal),
                    (
                        "Nobody can see a China without the rules. So each step below adds one assumption. Stop where"
                        " you stop believing."
                    ),
                )
            ).strip()
        ),
        "answer": answer,
        "ladder": answer.drawn(),
        "ladder_heading": ladder_heading(rungs),
        "computing": _figure(
            answer,
            "effect-computing",
            lambda w: drawn.computing(w, worlds),
            worlds,
            f"What China could use without the rules over what it can, {end_of(found['at'])}. 1 means that they changed"
            " nothing. Each row imagines the missing China in its own way.",
            _THICK,
        ),
        "computing_heading": laddered.computing_heading(whole),
        "odds_less": (chance(whole["lower_p_less_compute"]), chance(whole["upper_p_less_compute"])),
        "bandwidth": next(r for r in found["bounds"]["compute"] if r["unit"] == "bandwidth" and r["world"] == "any"),
        "links": _figure(
            answer,
            "effect-links",
            lambda w: drawn.links(w, found["pass_through"]),
            found["pass_through"],
            "Months of the gap that go with 2.7 times less computing. These are links, not causes: a laboratory chooses"
            " how much it uses.",
            "Bars: 9 in 10. Dots: the middle; published growth rates have none.",
        ),
        "links_heading": laddered.links_heading(found["pass_through"]),
        "seen": _figure(
            answer,
            "effect-seen",
            lambda w: drawn.seen(w, tests, gap, simulation.get("median_months")),
            tests,
            "The least change in months that a test of the gap, a year before against a year after, would find four"
            " times in five. Gray: too small to see.",
            "A smaller change would most often not be found.",
        ),
        "seen_heading": laddered.seen_heading(tests),
        "grid": grid(found["bounds"]["grid"]),
        "pairs": pairs(found["bounds"]["product"]),
        "worlds": {k: v[0] for k, v in drawn.WORLDS.items()},
        "readings": {k: v[0] for k, v in drawn.READINGS.items()},
        "range": found["bounds"]["range"]["int8"],
        "odds": tuple(chance(found["bounds"]["range"]["int8"][k]) for k in ("lower_p_matters", "upper_p_matters")),
        "verdicts": laddered.verdicts(found, legal),
        "stamp": dict(view.study.stamp),
    }


def legal_share(view: View) -> Mapping[str, Any] | None:
    """Return what China's legal share of arrivals was before October 2023 and is now, by 8-bit rate; None where it was
    not counted.
    """
    try:
        rows = ask(view.study, "supply share").rows.rows
    except LeadtimeError:
        return None
    kept = [
        r
        for r in rows
        if r["channels"] == "legal"
        and r["before"] == BEFORE_2023
        and r["unit_basis"] == "int8"
        and r["scope"] == "owned"
    ]
    return next((r for r in kept if r["makers"] == "all"), kept[0] if kept else None)


def ladder_heading(rungs: list[dict[str, Any]]) -> str:
    """Return what two assumptions give, a heading."""
    third = rungs[2]
    return (
        f"Two assumptions give “{laddered.months_word(third['low'])} to {laddered.months_word(third['high'])}”. Only"
        " guesses narrow it further"
    )


def _figure(answer: Answer, name: str, chart: Callable[[int], Any], rows: Any, title: str, method: str) -> Figure:
    made = figure(
        name=name,
        title=title,
        chart=chart,
        rows=[dict(r) for r in rows],
        n=f"{len(rows)} rows",
        method=method,
        stamp=dict(answer.stamp),
    )
    return told(lambda: made, answer)


def grid(rows: Any) -> dict[str, Any]:
    """Return the product of both steps as a table: months by a multiple of computing power and months for each 2.7
    times.

    A cell has its months, the depth of its fill from 0 to 5, and whether it is half a month or more.
    """
    columns = sorted({r["months_per_e_fold"] for r in rows})
    lines = []
    for e in sorted({r["e_folds"] for r in rows}, reverse=True):
        cells = sorted((r for r in rows if r["e_folds"] == e), key=lambda r: r["months_per_e_fold"])
        times = f"{2.718281828**e:.1f}"
        lines.append({"times": times, "e_folds": f"{e:g}", "cells": [_cell(r, times) for r in cells]})
    return {"columns": [f"{c:g}" for c in columns], "lines": lines}


def _cell(r: Mapping[str, Any], times: str) -> dict[str, Any]:
    depth = sum(r["months"] >= edge for edge in (0.5, 1, 2, 3.5, 5))
    words = (
        f"{times} times the computing × {r['months_per_e_fold']:g} months: {number(r['months'])} months, if both"
        " are so."
    )
    return {"months": number(r["months"]), "depth": depth, "matters": r["matters"], "words": words}


def pairs(product: Any) -> dict[str, str]:
    """Return what each world and reading come to together, in words, by `world reading`."""
    found = {}
    for r in product:
        if r["unit"] == "int8" and r["world"] in drawn.WORLDS and r["reading"] in drawn.READINGS:
            odds = (chance(r["lower_p_matters"]), chance(r["upper_p_matters"]))
            told_odds = odds[0] if odds[0] == odds[1] else f"between {odds[0].removesuffix(' in 100')} and {odds[1]}"
            found[f"{r['world']} {r['reading']}"] = (
                f"Together: {number(r['robust_low_months'])} to {number(r['robust_high_months'])} months (9 in 10). "
                f"Chance of more than half a month: {told_odds}."
            )
    return found


PAGE = Page(
    path="effect",
    name="Effect",
    asks="What did the rules change?",
    content=content,
    template="effect.html",
)
