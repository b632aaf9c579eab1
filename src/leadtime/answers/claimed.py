"""What the questions on claims share: verdicts as an answer, and what a claim comes to in a sentence."""

import functools
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.plain import plain
from leadtime.answers.words import count, day, listed

if TYPE_CHECKING:
    from leadtime.claims import Claim, Standing, Summary, Verdict
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

#: What the evidence does with a claim, by the word of its verdict: of one claim, and of several.
_ONE = {
    "supported": "The evidence supports it",
    "plausible": "By the evidence it is plausible",
    "unlikely": "By the evidence it is unlikely",
    "refuted": "The evidence refutes it",
}
_READINGS = Table(
    rows=(),
    by="head",
    columns=(
        Column(key="reading", title="Reading"),
        Column(key="band", title="Verdict"),
        Column(key="support", title="Rests on"),
        Column(key="probability", title="Chance", kind="chance"),
        Column(key="then", title="Chance as known that day", kind="chance"),
        Column(key="median", title="Value", kind="spread", significant=True, digits=3, unit_from="unit"),
    ),
)


def answer(study: "Study", found: "Sequence[Claim]", verdicts: "Sequence[Verdict]") -> Answer:
    """Return verdicts on claims as an answer: a row for each reading, under the words that were said."""
    from leadtime.claims import BANDS, standing, summary

    comes_to = {c.id: summary(c, verdicts) for c in found}
    stands = {c.id: standing(c, verdicts) for c in found}
    rows = [_row(c, v, comes_to[c.id]) for c in found for v in verdicts if v.claim == c.id]
    table = Table(rows=rows, columns=_READINGS.columns, by=_READINGS.by)
    one = found[0] if len(found) == 1 else None
    simulated = any(r["support"] == "simulated" for r in rows)
    return Answer(
        sentence=sentence(one, comes_to[one.id]) if one else sentence_of_all(list(comes_to.values())),
        rows=table,
        more=(
            Table(
                name="summaries", rows=[{**plain(s), **plain(stands[s.claim])} for s in comes_to.values()], columns=()
            ),
        ),
        tag="simulated" if simulated and all(r["support"] in ("simulated", "") for r in rows) else "measured",
        notes=(
            "The chance is the share of draws in the claimed range. Verdicts: "
            + ", ".join(f"{word} from {100 * least:.0f} in 100" for word, least in BANDS)
            + ". A simulated or alleged reading has a chance but no verdict.",
        ),
        about=About(
            definition="How likely each fair reading of a claim is, by the evidence.",
            rests_on="The ledger of claims, and the quantity that each reading names.",
            limits=(
                "If the speaker gave no range, the range is our reading.",
                "A simulated number rests on its assumptions.",
            ),
            docs="methods/claims",
        ),
        figure=functools.partial(_figure, rows, one, stands, dict(study.stamp)),
    )


def _row(c: "Claim", v: "Verdict", s: "Summary") -> dict[str, Any]:
    """Return one reading with what was said."""
    said = {k: x for k, x in asdict(v).items() if k not in ("low", "median", "high")}
    asked = next((r for r in c.readings if r.name == v.reading), None)
    ends = (asked.low, asked.high) if asked else (None, None)
    low, high = (None if e is None or not math.isfinite(e) else e for e in ends)
    missing = f" Nobody has published: {c.missing[0].lower()}{c.missing[1:]}" if c.missing else ""
    return {
        **said,
        "median": Spread(v.low, v.median, v.high),
        "who": c.who,
        "said_on": str(c.said_on),
        "words": c.words,
        "paraphrase": c.paraphrase,
        "source": c.source,
        "interpretation": c.note,
        "missing": c.missing,
        "asserted_low": low,
        "asserted_high": high,
        "head": f"{c.id}: {c.shown} {c.who}, {day(c.said_on)}. In one line: {s.words}.{missing}",
    }


def sentence(c: "Claim", s: "Summary") -> str:
    """Return what was said, and whether it is so: agreed, by few sources, by a simulation alone, depending on how it is
    read, or not measurable.
    """
    end = "" if c.words[-1] in ".!?" else "."
    quoted = f"{c.words} (our summary)." if c.paraphrase else f"“{c.words}{end}”"
    return f"{c.who}{',' if ',' in c.who else ''} said on {day(c.said_on)}: {quoted} {_comes_to(s)}"


def _comes_to(s: "Summary") -> str:
    if not s.counts:
        return "That cannot be measured."
    word, _, more = s.words.partition(", ")
    if word in _ONE:
        return f"{_ONE[word]}{', as ' + more if more else ''}."
    if s.words.startswith("rests on what is alleged"):
        return "That is alleged, and nobody has shown it."
    if s.words.startswith("depends on "):
        return f"Whether that is so {s.words}."
    return f"The chance that it is so is {s.words}."


def sentence_of_all(found: "Sequence[Summary]") -> str:
    """Return how many claims the evidence supports or not, how many depend on how they are read, and how many it cannot
    judge.
    """
    if not found:
        return "No claim of the ledger was made by this day."
    first = {s.claim: s.words.partition(", ")[0] for s in found}
    agreed = {word: sum(w == word for w in first.values()) for word in _ONE}
    parts = [f"{n} {'is' if n == 1 else 'are'} {word}" for word, n in agreed.items() if n]
    depends = sum(s.words.startswith("depends on ") for s in found)
    nothing = sum(not s.counts for s in found)
    alleged = sum(set(s.counts) == {"alleged"} for s in found)
    simulated = len(found) - sum(agreed.values()) - depends - nothing - alleged
    parts += [
        f"{n} {one if n == 1 else several}"
        for n, one, several in (
            (depends, "depends on how it is read", "depend on how they are read"),
            (alleged, "is alleged and not shown", "are alleged and not shown"),
            (simulated, "rests on a simulation alone", "rest on a simulation alone"),
            (nothing, "cannot be measured", "cannot be measured"),
        )
        if n
    ]
    return f"Of {count(len(found), 'claim')}, {listed(parts, most=len(parts))}."


def _figure(
    rows: list[dict[str, Any]], one: "Claim | None", stands: "dict[str, Standing]", stamp: dict[str, Any]
) -> "Figure":
    from leadtime.figures.claims import chances, on_one_axis, readings

    drawn = [
        {k: v for k, v in r.items() if k != "median"}
        | {"low": r["median"].low, "median": r["median"].median, "high": r["median"].high}
        for r in rows
        if r["probability"] is not None
    ]
    alone = one is not None and on_one_axis(drawn)
    said = f"what {one.who} said" if one else "what they said"
    made = figure(
        name="claim-readings" if one else "claims-chances",
        title=(
            f"Each fair reading of {said}: our value with its range, and the chance that the claim is so"
            if alone
            else f"The chance, in 100, that {said} is so, reading by reading"
        ),
        chart=functools.partial(readings if alone else chances, rows=drawn),
        rows=[
            {
                k: r[k]
                for k in (
                    "claim",
                    "reading",
                    "band",
                    "support",
                    "probability",
                    "then",
                    "low",
                    "median",
                    "high",
                    "unit",
                    "asserted_low",
                    "asserted_high",
                    "note",
                )
            }
            for r in drawn
        ],
        n=f"{len(drawn)} readings that can be measured, of {len(rows)}",
        method=(
            "Bars hold 9 in 10 results, and dots are the middle. The shaded range is what was claimed."
            if alone
            else "Bars are the chance that the quantity lies in the claimed range. A simulated reading has no verdict."
        ),
        stamp=stamp,
    )
    return replace(made, finding=stands[one.id].sentence) if one else made
