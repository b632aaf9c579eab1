"""Costs side by side, in words: the headline in every direction, how sure it is, what is guessed, and what is published
of more than a model.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadtime.answers.answer import Answer, Spread
from leadtime.answers.words import chance, listed
from leadtime.claims.standing import counted
from leadtime.figures.cost import PLAIN, dollars

_FRACTIONS = {
    2: "half",
    3: "a third",
    4: "a quarter",
    5: "a fifth",
    6: "a sixth",
    7: "a seventh",
    8: "an eighth",
    9: "a ninth",
    10: "a tenth",
}
_SURE, _PROBABLY = 0.95, 0.66


def as_much(ratio: float) -> str:
    """Return a ratio of costs in words that go before "as": `about five times as much`, `about a seventh as much`."""
    if 0.8 <= ratio <= 1.25:
        return "about as much"
    if ratio >= 9.5:
        return f"about {float(f'{ratio:.2g}'):,.0f} times as much"
    if ratio > 1:
        return f"about {counted(round(ratio)) if ratio >= 1.75 else f'{ratio:.1f}'} times as much"
    if ratio >= 1 / 10.5:
        whole = round(1 / ratio)
        return f"about {_FRACTIONS[max(2, whole)] if ratio < 0.62 else f'{100 * ratio:.0f}%'} as much"
    return f"about {100 * ratio:.1g}% as much"


def verb(p_dearer: float) -> str:
    """Return how surely one cost more or less: `cost`, `probably cost`, `may have cost`."""
    p = max(p_dearer, 1 - p_dearer)
    return "cost" if p >= _SURE else "probably cost" if p >= _PROBABLY else "may have cost"


def of_meaning(rows: Sequence[Any], **wanted: str) -> Any | None:
    """Return the first row that has these values, or None."""
    return next((r for r in rows if all(str(r[k]) == v for k, v in wanted.items())), None)


def headline(found: Answer) -> str:
    """Return what the first model cost against the second, or what it cost where it is alone: a sentence, in every
    direction.
    """
    rows, ratios = found.rows.rows, found.part("ratios").rows
    names = [m["model"] for m in found.values["models"]]
    if len(names) > 1:
        r = of_meaning(ratios, against=names[1], definition="amortized") or of_meaning(ratios, against=names[1])
        if r is not None:
            e, costs = r["ratio"], f"{names[0]} {verb(r['p_dearer'])}"
            if _either(e):  # a factor that may be on either side of one is nothing to quote
                more = "more" if r["p_dearer"] >= 0.5 else "less"
                return f"{costs} {more} to train than {names[1]}, but how much {more} is not known"
            return f"{costs} {as_much(e.median)} to train as {names[1]}"
    if not names:
        return "Nobody has published enough to say what training cost"
    wear, buying = (of_meaning(rows, model=names[0], definition=d) for d in ("amortized", "acquisition"))
    usd = [0.0 if r is None else float(r["median"].median or 0) for r in (wear, buying)]
    if not usd[0]:
        return f"What {names[0]} cost to train cannot be worked out"
    whole = f"; buying them would take about {dollars(usd[1])}" if usd[1] else ""
    return f"{names[0]}'s chips wore out by about {dollars(usd[0])} with their power{whole}"


def _either(ratio: Any) -> bool:
    """Return whether a ratio may be on either side of one."""
    return bool(ratio.low < 1 < ratio.high)


def deck(found: Answer) -> str:
    """Return what the headline compares, its range, another meaning, and what a published figure means."""
    names = [m["model"] for m in found.values["models"]]
    ratios, said = found.part("ratios").rows, []
    r = of_meaning(ratios, against=names[1], definition="amortized") if len(names) > 1 else None
    if r is not None:
        e = r["ratio"]
        say = _times if e.median >= 1 else _percent
        said.append("That compares the wear of chips and the power used.")
        said.append(
            f"It could be anything from {say(e.low)} to {say(e.high)}{' times as much' if e.median >= 1 else ''}."
        )
        if _either(e):
            said.append(f"Our middle guess is {as_much(e.median)}.")
        rent = of_meaning(ratios, against=names[1], definition="rental")
        if rent is not None:
            low, middle, high = (say(v) for v in (rent["ratio"].low, rent["ratio"].median, rent["ratio"].high))
            times = " times" if e.median >= 1 else ""
            said.append(f"Renting the chips would make it {middle}{times} ({low} to {high}).")
    stated = [o for o in found.part("published").rows if o["definition"]]
    own = [o for o in stated if str(o["definition"]) == "rental"] or stated
    if own:
        said.append(
            f"The {dollars(own[0]['value_usd'])} that {own[0]['name']} published for {own[0]['model']} is one meaning"
            f" of {counted(len(PLAIN))}."
        )
    return " ".join(said)


def _times(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 9.95 else f"{value:.2g}"


def _percent(value: float) -> str:
    return f"{float(f'{100 * value:.2g}'):,.3g}%"


#: What is asked of a comparison, where the first cost more and where it cost less: words, and the key of the chance.
_DEARER = (
    ("more than", "p_dearer"),
    ("at least one and a half times as much as", "p_half_more"),
    ("more than ten times as much as", "p_tenfold"),
)
_CHEAPER = (
    ("less than", "p_cheaper"),
    ("at most two thirds as much as", "p_two_thirds"),
    ("less than a tenth as much as", "p_tenth"),
)


def sure(found: Answer) -> list[str]:
    """Return how sure the comparison of the first model with each other is, a sentence for each question."""
    first = found.values["models"][0]["model"] if found.values["models"] else ""
    others = list(dict.fromkeys(r["against"] for r in found.part("ratios").rows))
    said = []
    for other in others:
        mine = {
            str(r["definition"]): {**r, "p_cheaper": 1 - r["p_dearer"]}
            for r in found.part("ratios").rows
            if r["against"] == other
        }
        asked = [d for d in ("amortized", "rental") if d in mine]
        if not asked:
            continue
        ways = _DEARER if mine[asked[0]]["p_dearer"] >= 0.5 else _CHEAPER
        for words, key in ways[: 3 if len(others) == 1 else 1]:
            told = [f"{chance(mine[d][key])} by {PLAIN[d][0].lower()}" for d in asked]
            said.append(f"Chance that {first} cost {words} {other}: {listed(told)}.")
    return said


def guessed(found: Answer) -> list[tuple[str, list[str]]]:
    """Return for each model with something that is not published what stands in, and what would narrow it."""
    by: dict[str, list[str]] = {}
    for r in found.part("filled").rows:
        by.setdefault(r["model"], []).append(
            f"Its {r['what']} is not published. We take {_plainly(r['how'])}. To narrow it: {r['narrow']}."
        )
    return list(by.items())


def _plainly(how: str) -> str:
    """Return what stands in for a figure, with powers of ten as one writes them."""
    powers = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    how = re.sub(r"(\d[\d.]*)e\+(\d+)", lambda m: f"{m[1]} × 10{m[2].translate(powers)}", how)
    return how.replace("FLOP", "operations").removeprefix("compute as ").removeprefix("compute ")


def rest_on(found: Answer) -> dict[str, str]:
    """Return for each model the words of its tag."""
    missing: dict[str, list[str]] = {}
    for r in found.part("filled").rows:
        missing.setdefault(r["model"], []).append(r["what"])
    return {
        m["model"]: (
            f"Estimated: {listed(missing[m['model']])} not published"
            if m["model"] in missing
            else "Estimated from published figures"
        )
        for m in found.values["models"]
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cost in a table: the middle, its range, and why there is none."""

    middle: str
    range: str
    note: str


def table(found: Answer) -> list[tuple[str, str, list[Cell]]]:
    """Return for each meaning its name, what it holds, and a cell for each model."""
    models = list(dict.fromkeys(r["model"] for r in found.rows.rows))
    made = []
    for definition, (title, holds) in PLAIN.items():
        cells = []
        for model in models:
            r = of_meaning(found.rows.rows, definition=definition, model=model)
            s: Any = r["median"] if r else Spread(None, None, None)
            shown = (
                (dollars(s.median), f"({dollars(s.low)} to {dollars(s.high)})") if s.median is not None else ("", "")
            )
            cells.append(Cell(middle=shown[0], range=shown[1], note="" if shown[0] or r is None else r["note"]))
        made.append((title, holds, cells))
    return made


def firms(answers: Mapping[str, Answer]) -> list[str]:
    """Return what others published of the firms behind the models as a whole, a sentence each: it is on no chart."""
    said = {}
    for a in answers.values():
        for r in a.part("stated").rows:
            if r["quantity"] != "training_cost_usd":
                what = r["words"].replace("the developer's", "its developer's")
                meaning = f": {r['definition']}" if r["definition"] else ""
                key = (r["source"], r["quantity"], r["value_usd"])
                said[key] = f"{r['name']} put {what} at {dollars(r['value_usd'])}{meaning}."
    return list(said.values())
