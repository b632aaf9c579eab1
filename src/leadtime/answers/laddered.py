"""The layers of the effect as a ladder: what each assumption leaves, in words, none of it a single number but the
simulation's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.answers.words import CLEAR, chance, end_of, number, share
from leadtime.days import month_words

Row = Mapping[str, Any]
_COUNT = ("nothing", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def months_word(value: float) -> str:
    """Return a number of months as a word: `five months`, `nothing`."""
    whole = round(value)
    if not 0 <= whole < len(_COUNT):
        return f"{number(value, 0)} months"
    return _COUNT[whole] if whole == 0 else f"{_COUNT[whole]} month{'s' * (whole != 1)}"


def rungs(found: Row) -> list[dict[str, Any]]:
    """Return the ladder: rows of name, more, low, high, thin_high, median, words, note, simulated.

    Each rung keeps what those above it assume, so that none is wider than the last; the simulation stands apart.

    Args:
        found: The JSON of the answer to `effect`.
    """
    lead = next(r for r in found["assumptions"] if r["high_months"] is not None)
    low, high, most = (lead[k] for k in ("low_months", "high_months", "robust_high_months"))

    def row(name: str, more: str, **own: Any) -> dict[str, Any]:
        empty = {
            "low": None,
            "high": None,
            "thin_high": None,
            "median": None,
            "words": "",
            "note": "",
            "simulated": False,
        }
        return {"name": name, "more": more, **empty, **own}

    def kept(a: float, b: float) -> tuple[float, float]:
        return min(max(a, low), high), min(max(b, low), high)

    made = [
        row("1. Nothing", "No range: nobody saw a China without the rules", note="no bound either way"),
        row("2. The rules never helped China", "This is disputed", note="zero or more, with no upper end"),
        row(
            "3. And without them China would not lead",
            f"At most the whole gap of the past year, {number(high)}; up to {number(most)} with its error",
            low=low,
            high=high,
            thin_high=most,
            words=f"{_end(low)} to {_end(high)}",
        ),
    ]
    units = {u: found["bounds"]["range"][u] for u in ("int8", "bandwidth")}
    a, b = kept(units["int8"]["lower_months"], units["int8"]["upper_months"])
    c, d = kept(units["bandwidth"]["lower_months"], units["bandwidth"]["upper_months"])
    alone = f"{number(units['int8']['lower_months'])} to {number(units['int8']['upper_months'])}"
    made.append(
        row(
            "4. And they work through computing power alone",
            f"By the links that were measured. By memory bandwidth {_end(c)} to {_end(d)}. Without steps 2 and 3:"
            f" {alone}",
            low=a,
            high=b,
            words=f"{_end(a)} to {_end(b)}",
        )
    )
    e, f = kept(units["int8"]["lower_months_accounting"], units["int8"]["upper_months_accounting"])
    made.append(
        row(
            "The same, by published growth rates too",
            "How fast runs and methods grow, by others. Without step 3: up to"
            f" {number(units['int8']['upper_months_accounting'])}",
            low=e,
            high=f,
            words=f"{_end(e)} to {_end(f)}",
        )
    )
    s = found["simulation"]
    if "why_not" not in s:
        more = " It leaves steps 2 and 3 aside." if s["low_months"] < 0 else ""
        fits = "" if s.get("reproduces_trend", True) else " It does not reproduce the measured path."
        made.append(
            row(
                "Or instead: trust every guess in our simulation",
                f"{end_of(s['quarter'])[:1].upper()}{end_of(s['quarter'])[1:]}. The guesses lift it off zero, not the"
                f" data.{fits}{more}",
                low=s["low_months"],
                high=s["high_months"],
                median=s["median_months"],
                simulated=True,
                words=f"{number(s['median_months'])} ({number(s['low_months'])} to {number(s['high_months'])})",
            )
        )
    return made


def ladder_heading(rungs: Sequence[Row]) -> str:
    """Return what two assumptions give, a heading."""
    third = rungs[2]
    return (
        f"Two assumptions give “{months_word(third['low'])} to {months_word(third['high'])}”. Only"
        " guesses narrow it further"
    )


def _end(value: float) -> str:
    text = number(value)
    return "0" if text == "0.0" else text


def headline(found: Row, legal: Row | None) -> str:
    """Return what became of legal sales, and between what the cost of it lies: in whichever direction."""
    lead = next((r for r in found["assumptions"] if r["high_months"] is not None), None)
    unknown = "is not known"
    if lead is not None:
        unknown = (
            f"is not known: between {months_word(lead['low_months'])} and {months_word(lead['high_months'])}, if they"
            " never helped it"
            if lead["high_months"] >= 0.5
            else "is not known, and has no bound"
        )
    return f"{sold(legal)} What the rules cost China {unknown}."


def cause(found: Row, now: Row | None) -> str:
    """Return whether the rules caused the gap, bounds first: a heading.

    Args:
        found: The JSON of the answer to `effect`.
        now: What the rules add today in the simulation: low, median, high in months, or None if it cannot be run.
    """
    lead = next((r for r in found["assumptions"] if r["high_months"] is not None), None)
    if lead is None or lead["high_months"] < 0.5:
        told = "The data set no bound."
    else:
        told = (
            f"They added between {months_word(lead['low_months'])} and {months_word(lead['high_months'])}, if they"
            " never helped China."
        )
    if now is None:
        return f"Did the rules cause it? {told}"
    return (
        f"Did the rules cause it? {told} Our simulation says {number(now['median'])} ({number(now['low'])} to"
        f" {number(now['high'])})."
    )


def sold(legal: Row | None) -> str:
    """Return what became of legal chip sales to China, a sentence."""
    if legal is None:
        return "Legal chip sales to China were not counted on this day."
    p, after = legal["p_fell"], legal["share_after_median"]
    if p >= CLEAR:
        return (
            "Under the rules, legal chip sales to China nearly ended."
            if after < 0.02
            else "Under the rules, China's legal share of new AI chips fell."
        )
    return (
        "Under the rules, China's legal share of new AI chips did not fall."
        if p <= 1 - CLEAR
        else "It is unclear whether China's legal share of new AI chips fell."
    )


def shares(legal: Row | None) -> str:
    """Return the legal share in both periods, a sentence, nothing if it was not counted."""
    if legal is None:
        return ""

    def told(when: str) -> str:
        low, middle, high = (share(legal[f"share_{when}_{k}"]) for k in ("low", "median", "high"))
        return middle if low == middle == high else f"{middle} ({low.removesuffix('%')} to {high})"

    return (
        f"China legally bought {told('before')} of the world's new AI chips in the year before October 2023, and"
        f" {told('after')} in the last year counted."
    )


def computing_heading(r: Row) -> str:
    """Return what China could use without the rules over what it can, over all worlds: a heading.

    Args:
        r: The row `any` of `bounds["compute"]`.
    """
    low, high = (f"{r[k]:.1f}" for k in ("lower_times", "upper_times"))
    if r["lower_times"] >= 1.05:
        return f"Without the rules China would have {low} to {high} times the computing it has"
    if r["upper_times"] <= 0.95:
        return f"Without the rules China would have less computing than it has, {low} to {high} times"
    return (
        f"Without the rules China might have {low} to {high} times the computing it has: somewhat less, or much more"
        if r["upper_times"] > 1.5
        else f"Without the rules China might have {low} to {high} times the computing it has"
    )


def links_heading(readings: Sequence[Row]) -> str:
    """Return whether less computing goes with a wider gap at Chinese laboratories and at all: a heading."""
    by = {r["reading"]: r for r in readings}
    chinese, every = by.get("chinese"), by.get("all")
    if chinese is None or every is None:
        return "How many months go with less computing is measured from few runs"
    here, there = (r["lower_p_positive"] >= CLEAR for r in (chinese, every))
    if here:
        return "Less computing goes with a wider gap, at Chinese laboratories too"
    if there:
        return "Less computing goes with a wider gap, but not clearly at Chinese laboratories"
    return "No clear link was measured between computing and the gap"


def seen_heading(tests: Sequence[Row]) -> str:
    """Return the least effect that a test would have shown: a heading."""
    least = min((r["detectable"] for r in tests if r["detectable"] is not None), default=None)
    if least is None:
        return "No test before and after a rule can be made"
    return f"No change under about {months_word(least)} would have been visible"


def tests_of(found: Row) -> list[dict[str, Any]]:
    """Return each test of the gap before and after a rule: name, detectable in months, note where it cannot be made."""
    return [
        {
            "name": (
                f"{r['rule'][:1].upper()}{r['rule'][1:]}"
                if any(c.isdigit() for c in r["rule"][-5:])
                else f"{r['rule'][:1].upper()}{r['rule'][1:]}, {_month(r['on'])}"
            ),
            "detectable": r["detectable"],
            "note": (
                ""
                if r["detectable"] is not None
                else f"Cannot be tested: {r['note'][:1].lower()}{r['note'][1:].rstrip('.')}"
            ),
        }
        for r in found["detectable"]
        if r["measure"] == "lag"
    ]


def _month(day: str) -> str:
    import datetime as dt

    found = dt.date.fromisoformat(day)
    return month_words(found)


def verdicts(found: Row, legal: Row | None) -> list[tuple[str, str]]:
    """Return what we say: whether it is shown, likely or not known, and a sentence."""
    said = []
    if legal is not None:
        p = legal["p_fell"]
        word = "Shown" if p >= CLEAR else "Shown otherwise" if p <= 1 - CLEAR else "Not shown"
        said.append(
            (
                word,
                (
                    f"China's legal share of new AI chips fell, from {share(legal['share_before_median'])} to"
                    f" {share(legal['share_after_median'])}. The chance is {chance(p)}."
                ),
            )
        )
    r = next(r for r in found["bounds"]["compute"] if r["unit"] == "int8" and r["world"] == "any")
    low, high = r["lower_p_less_compute"], r["upper_p_less_compute"]
    word = "Likely" if low >= 0.5 else "Unlikely" if high < 0.5 else "Open"
    said.append(
        (
            word,
            (
                "It had less computing than it would have had without the rules. The chance lies between"
                f" {chance(low).removesuffix(' in 100')} and {chance(high)}, by what one assumes."
            ),
        )
    )
    span = found["bounds"]["range"]["int8"]
    said.append(
        (
            "Not known",
            (
                "How many months that cost. The chance of more than half a month lies between"
                f" {chance(span['lower_p_matters']).removesuffix(' in 100')} and {chance(span['upper_p_matters'])}."
            ),
        )
    )
    return said
