"""What the rules did to the gap: from what nobody assumes to what one model says, step by step."""

from collections.abc import Mapping
from typing import Any

from leadtime.answers import effect_drawn, laddered
from leadtime.answers.questions.effect import SHOWS
from leadtime.answers.registry import ask
from leadtime.answers.words import chance, number
from leadtime.errors import LeadtimeError
from leadtime.figures import effect as drawn
from leadtime.report.site import Page, View
from leadtime.supply.like import BEFORE_2023


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
    worlds = [r for r in found["bounds"]["compute"] if r["unit"] == "int8"]
    whole = next(r for r in worlds if r["world"] == "any")
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
        **{show: ask(view.study, "effect", show=show).drawn() for show in SHOWS},
        "odds_less": (chance(whole["lower_p_less_compute"]), chance(whole["upper_p_less_compute"])),
        "bandwidth": next(r for r in found["bounds"]["compute"] if r["unit"] == "bandwidth" and r["world"] == "any"),
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
    return {f"{p['world']} {p['reading']}": f"Together: {p['words']}" for p in effect_drawn.pairs(product)}


PAGE = Page(
    path="effect",
    name="Effect",
    asks="What did the rules change?",
    content=content,
    template="effect.html",
)
