"""How far behind or ahead models are, in sentences, and where that is not known."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Spread
from leadtime.answers.lagging import called, capital, measured_by, models_of
from leadtime.answers.words import LEVEL_MONTHS, chance, day, months_apart, number

if TYPE_CHECKING:
    from leadtime.study import Study

#: What a newspaper would call each definition of a lag.
MEANINGS = {
    "past_year": "Average of the past year",
    "age_of_equal": "Age of its first equal",
    "age_of_equal_windowed": "The same, smoothed over near-equals",
    "age_of_matched": "Age of the record it matched",
    "daily_mean": "Average since July 2023",
    "daily_mean_matched": "The same, by records it has matched",
    "catch_up": "Time taken to catch up",
    "trend_gap_linear": "Gap to the straight trend line",
    "trend_gap_latent": "Gap to the trend, lucky scores out",
}
_ADJECTIVES = {"USA": "US", "CHN": "Chinese"}
#: Another first equal is told from this chance on.
_TOLD = 0.05


def equal_of(behind: str, study: "Study") -> str:
    """Return what an equal of a side is called: `US equal`, `equal by DeepSeek`."""
    if behind in _ADJECTIVES:
        return f"{_ADJECTIVES[behind]} equal"
    return f"equal among {called(behind, study.evidence)}"


def headline(study: "Study", rows: Sequence[Mapping[str, Any]], behind: str, definition: str) -> str:
    """Return how far behind the first model is that was asked for, or else the first side."""
    models = [r for r in rows if r["kind"] == "model"]
    if not rows:
        return f"How far behind {called(behind, study.evidence)} others are."
    first = (models or rows)[0]
    if first["kind"] == "model" and definition == "age_of_equal":
        return after_its_equal(first, equal_of(behind, study))
    who = first["title"] if first["kind"] == "model" else models_of(first["id"], study.evidence)
    whom = models_of(behind, study.evidence, short=first["kind"] == "side")
    usual = {"clock": "released", "comparison": "all", "benchmarks": "all", "effort": "best"}
    when = measured_by(definition, of_model=first["kind"] == "model", **usual)
    spread = Spread(first["low"], first["median"], first["high"])
    return capital(f"{months_apart(who, whom, spread, verb='was' if models else 'were', when=when)}.")


def after_its_equal(r: Mapping[str, Any], equal: str) -> str:
    """Return whether a model came out after its first equal, before it, on the same day, or has none: a sentence.

    Args:
        r: title, likely_months (None where not known), likely_chance, and `open`: whether none has come yet.
        equal: What an equal is called, such as `US equal`.
    """
    who, months = r["title"], r["likely_months"]
    if months is None:
        return f"How far {who} was behind cannot be measured."
    if r["open"]:
        return (
            f"{who} has no {equal} yet, {_months(-months)} after it came out."
            if months < 0
            else f"{who} has no {equal} yet."
        )
    about = "about " if r["likely_chance"] < 0.5 else ""
    if abs(months) < LEVEL_MONTHS:
        return f"{who} came out {about or 'on '}the same day as its first {equal}."
    return f"{who} came out {about}{_months(abs(months))} {'after' if months > 0 else 'before'} its first {equal}."


def _months(value: float) -> str:
    return f"{number(value)} {'month' if number(value) == '1.0' else 'months'}"


def deck(
    study: "Study",
    rows: Sequence[Mapping[str, Any]],
    meanings: Sequence[Mapping[str, Any]],
    behind: str,
    definition: str,
) -> str:
    """Return what stands below the headline: the equal by name, what else it could be, and other meanings."""
    first = next((r for r in rows if r["kind"] == "model"), None)
    if first is None:
        return ""
    said = equals(first) if definition == "age_of_equal" else []
    others = [m["median"] for m in meanings if m["id"] == first["id"] and m["definition"] != definition]
    known = sorted(round(v, 1) for v in others if v is not None)
    if len(known) > 1:
        said.append(f"By other meanings of “behind” it was {_between(known[0], known[-1])}.")
    return " ".join(said)


def _between(low: float, high: float) -> str:
    if low >= 0:
        return f"{number(low)} to {number(high)} months" if low != high else f"{number(low)} months"
    if high <= 0:
        return f"{number(-high)} to {number(-low)} months ahead"
    return f"from {number(-low)} months ahead to {number(high)} months behind"


def equals(r: Mapping[str, Any]) -> list[str]:
    """Return a model's first equal by name, and what else it could be: a sentence each."""
    if r["open"] or not r["first_equal"]:
        return []
    p = r["likely_chance"]
    sure = f" ({chance(p)})" if p < 0.5 else ""
    said = [f"Its {'likeliest ' if p < 0.95 else ''}equal was {r['first_equal']} of {day(r['first_equal_on'])}{sure}."]
    for o in r["other_equals"][:1]:
        if o["chance"] >= _TOLD:
            gap = (
                "level"
                if abs(o["months"]) < LEVEL_MONTHS
                else f"{_months(abs(o['months']))}{'' if o['months'] > 0 else ' ahead'}"
            )
            said.append(f"It may have been {o['model']} instead ({chance(o['chance'])}). Then the gap was {gap}.")
    return said


def gap_of(median: float | None) -> str:
    """Return a gap in a few words: `3.4 months behind`, `1.2 months ahead`, `level`."""
    if median is None:
        return "not measured"
    if abs(median) < LEVEL_MONTHS:
        return "level"
    return f"{_months(abs(median))} {'behind' if median > 0 else 'ahead'}"


def title_of_meanings(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many meanings there are, and who was closest by how many of them, or between which values they lie."""
    known = [r for r in rows if r["median"] is not None]
    meanings = list(dict.fromkeys(r["definition"] for r in known))
    who = list(dict.fromkeys(r["title"] for r in known))
    if not known:
        return "“Behind” has many meanings, and none can be measured here"
    if len(who) == 1:
        low, high = min(r["median"] for r in known), max(r["median"] for r in known)
        return f"“How far behind?” has {_spelled(len(meanings))} fair answers: {_range(low, high)}"
    full = [d for d in meanings if len([r for r in known if r["definition"] == d]) == len(who)]
    if len(full) < 2:
        return f"“Behind” has {_spelled(len(meanings))} meanings"
    closest = [min((r for r in known if r["definition"] == d), key=lambda r: r["median"])["title"] for d in full]
    first = max(dict.fromkeys(closest), key=closest.count)
    n = closest.count(first)
    how = f"on all {_spelled(n)}" if n == len(full) else f"on {_spelled(n)} of {_spelled(len(full))}"
    return f"“Behind” has several meanings. {first} was the closest {how}"


def _range(low: float, high: float) -> str:
    ends = [number(abs(v)) for v in (low, high)]
    if low >= 0 or high <= 0:
        ends = ends if low >= 0 else ends[::-1]
        return f"{ends[0]} to {ends[1]} months" + (" ahead" if high <= 0 and low < 0 else "")
    return f"{ends[0]} months ahead to {ends[1]} behind"


def _spelled(n: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else str(n)
