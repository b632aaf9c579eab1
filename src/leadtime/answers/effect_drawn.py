"""The figures of the effect: the ladder, its two steps, their product, and what tests could have seen."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers import laddered
from leadtime.answers.drawn import figure
from leadtime.answers.words import chance, end_of, number
from leadtime.figures import effect as drawn

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

Row = Mapping[str, Any]
_THICK = "Thick: from the least to the most. Thin: 9 in 10 around both ends."


def shown(found: Row, show: str, stamp: Mapping[str, Any]) -> "Figure":
    """Return one of the figures of the effect.

    Args:
        found: The JSON of the answer.
        show: One of those that the question knows.
        stamp: What the answer rests on.
    """
    chart, rows, finding, title, method = _DRAWN[show](found)
    made = figure(
        name=f"effect-{show}",
        title=title,
        chart=chart,
        rows=[dict(r) for r in rows],
        n=f"{len(rows)} {'steps' if show == 'ladder' else 'rows'}",
        method=method,
        stamp=dict(stamp),
    )
    return made.named(finding)


def odds(found: Row) -> str:
    """Return between what the chance of more than half a month lies, in words."""
    whole = found["bounds"]["range"]["int8"]
    low, high = (chance(whole[k]) for k in ("lower_p_matters", "upper_p_matters"))
    return low if low == high else f"{low.removesuffix(' in 100')} to {high}"


def pairs(product: Sequence[Row]) -> list[dict[str, str]]:
    """Return what each world and reading come to together: world, reading, and words."""
    made = []
    for r in product:
        if r["unit"] == "int8" and r["world"] in drawn.WORLDS and r["reading"] in drawn.READINGS:
            low, high = chance(r["lower_p_matters"]), chance(r["upper_p_matters"])
            told = low if low == high else f"between {low.removesuffix(' in 100')} and {high}"
            words = (
                f"{number(r['robust_low_months'])} to {number(r['robust_high_months'])} months (9 in 10). Chance of"
                f" more than half a month: {told}."
            )
            made.append({"world": r["world"], "reading": r["reading"], "words": words})
    return made


def _worlds(found: Row) -> list[dict[str, Any]]:
    return [dict(r) for r in found["bounds"]["compute"] if r["unit"] == "int8"]


def _ladder(found: Row) -> tuple[Callable[[int], Any], Any, str, str, str]:
    rows = laddered.rungs(found)
    return (
        lambda width: drawn.ladder(width, rows),
        rows,
        laddered.ladder_heading(rows),
        "Months that the rules added to the gap between Chinese and US models.",
        "Thick: bounds. Thin: 9 in 10 around them. A bound has no middle; the simulation's dot is its middle.",
    )


def _computing(found: Row) -> tuple[Callable[[int], Any], Any, str, str, str]:
    rows = _worlds(found)
    return (
        lambda width: drawn.computing(width, rows),
        rows,
        laddered.computing_heading(next(r for r in rows if r["world"] == "any")),
        f"What China could use without the rules over what it can, {end_of(found['at'])}. 1 means that they changed"
        " nothing. Each row imagines the missing China in its own way.",
        _THICK,
    )


def _links(found: Row) -> tuple[Callable[[int], Any], Any, str, str, str]:
    rows = found["pass_through"]
    return (
        lambda width: drawn.links(width, rows),
        rows,
        laddered.links_heading(rows),
        "Months of the gap that go with 2.7 times less computing. These are links, not causes: a laboratory chooses how"
        " much it uses.",
        "Bars: 9 in 10. Dots: the middle; published growth rates have none.",
    )


def _product(found: Row) -> tuple[Callable[[int], Any], Any, str, str, str]:
    from leadtime.figures.effect_product import product

    told = [
        {**p, "words": f"{drawn.WORLDS[p['world']][0]}\n{drawn.READINGS[p['reading']][0]}: {p['words']}"}
        for p in pairs(found["bounds"]["product"])
    ]
    return (
        lambda width: product(width, _worlds(found), found["pass_through"], told, odds(found)),
        found["bounds"]["product"],
        "Pick a row and a column: that is your effect",
        "Months added by the rules, if both are so: darker is more. Left of the bold line the effect is under half a"
        " month. Bars above are step B, bars beside are step A; those that reach an edge run on. Dots are pairs of"
        " both. Numbers in brackets are e-folds, the natural logarithm of the multiple.",
        "Bars: thick from the least to the most, thin 9 in 10 around them. A dot stands at the middle of both.",
    )


def _seen(found: Row) -> tuple[Callable[[int], Any], Any, str, str, str]:
    rows = laddered.tests_of(found)
    gap = next((r["high_months"] for r in found["assumptions"] if r["high_months"] is not None), None)
    return (
        lambda width: drawn.seen(width, rows, gap, found["simulation"].get("median_months")),
        rows,
        laddered.seen_heading(rows),
        "The least change in months that a test of the gap, a year before against a year after, would find four times"
        " in five. Gray: too small to see.",
        "A smaller change would most often not be found.",
    )


_DRAWN = {"ladder": _ladder, "computing": _computing, "links": _links, "product": _product, "seen": _seen}
