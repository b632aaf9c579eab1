"""What the questions on lags share: how sides are called, how a lag is told, and how it stands in a row."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column, Spread
from leadtime.answers.words import chance, day, months_apart, number

if TYPE_CHECKING:
    import datetime as dt

    from leadtime.estimate import Atom, Estimate
    from leadtime.evidence import Evidence

#: What people call countries that the tables call otherwise.
_CALLED = {"USA": "America", "CHN": "China", "GBR": "Britain", "KOR": "South Korea", "ARE": "the Emirates"}
_TESTS = {
    "held-back": "on held-back tests",
    "public": "on public tests",
    "independent": "by scores that others measured",
}
_AGAINST = {
    "non-reasoning": "against models that do not reason",
    "open": "against open models only",
    "not-distilled": "against models that are not distilled",
}
#: By which measure a sentence speaks, where it is not the usual one.
_MEASURES = {
    "daily_mean": "on average since July 2023",
    "daily_mean_matched": "on average since July 2023, by the records it has matched",
    "catch_up": "by the time it takes to catch up with a record",
    "age_of_equal_windowed": "by the smoothed age of its equal",
    "age_of_matched": "by the newest record it had matched",
    "trend_gap_linear": "by the straight line through the records",
    "trend_gap_latent": "by the frontier with lucky scores discounted",
}

MONTHS = Column(key="median", title="Months behind", kind="spread", unit="months")
DEFINED = Column(key="title", title="Measured by")
#: Column that stands only where the claim of 7 to 10 months is about the model.
CLAIMED = Column(key="p_7_10", title="Within 7 to 10", kind="chance")
#: The model that the claim of 7 to 10 months is about.
CLAIM_ABOUT = "deepseek-v3"
LIMITS = (
    "Abilities are measured by published test scores only.",
    "A gap in months says nothing of why it is there.",
)


def called(side: str, evidence: "Evidence") -> str:
    """Return what people call a side: `China`, `DeepSeek`, `open models`."""
    if side in ("open", "closed"):
        return f"{side} models"
    if side in _CALLED:
        return _CALLED[side]
    for table in ("countries", "organizations"):
        names = dict(evidence[table].select("id", "name").iter_rows())
        if side in names:
            return str(names[side])
    return side


def models_of(side: str, evidence: "Evidence", *, short: bool = False) -> str:
    """Return the best models of a side as a subject: `China's best models`; `short` after such a one: `America's`."""
    if side in ("open", "closed"):
        return f"the best {side} models"
    own = called(side, evidence)
    own += "'" if own.endswith("s") else "'s"
    return own if short else f"{own} best models"


def model_name(model: str, evidence: "Evidence") -> str:
    """Return the name of a model by its id."""
    return str(dict(evidence["models"].select("id", "name").iter_rows()).get(model, model))


def told(who: str, whom: str, e: "Estimate", *, verb: str, when: str) -> str:
    """Return how far one side was behind another, a sentence: by its interval, or by the few values that it
    can have.
    """
    values = _few(e.atoms)
    if len(values) > 1 and values[0][1] >= 0.5:
        return capital(f"{_likeliest(who, whom, values, verb, when)}.")
    return capital(f"{months_apart(who, whom, Spread(e.low, e.median, e.high), verb=verb, when=when)}.")


def _few(atoms: "tuple[Atom, ...]") -> list[tuple[float, float]]:
    """Return the few values of a number with their chances, those that look alike as one; the likeliest first."""
    found: dict[float, float] = {}
    for a in atoms:
        shown = round(a.value, 1) + 0.0
        found[shown] = found.get(shown, 0.0) + a.probability
    return sorted(found.items(), key=lambda kv: -kv[1])


def _likeliest(who: str, whom: str, values: list[tuple[float, float]], verb: str, when: str) -> str:
    """Return the likeliest of a few values, and the next."""
    (first, p), (second, q) = values[:2]
    apart = months_apart(who, whom, Spread(first, first, first), verb=f"{verb} most likely", when=when)
    said = f"{apart.rpartition(' (')[0]} ({chance(p)})"
    if q < 0.01:
        return said
    side = "level" if not second else f"{number(abs(second))} months {'behind' if second > 0 else 'ahead'}"
    return f"{said}; next comes {side} ({chance(q)})"


def measured_by(definition: str, *, of_model: bool, clock: str, comparison: str, benchmarks: str, effort: str) -> str:
    """Return by which measure, dates, models and tests a lag is told, to stand at the end of a sentence."""
    usual = ("when it finished training" if clock == "trained" else "when it came out") if of_model else ""
    said = [_MEASURES.get(definition, "") or usual]
    if definition == "age_of_equal" and not of_model:
        said = ["by the age of its best model's equal"]
    if clock == "trained" and said != [usual]:
        said.append("by the end of training")
    if comparison != "all":
        said.append(_AGAINST[comparison])
    if benchmarks != "all":
        said.append(_TESTS.get(benchmarks, f"on tests of {benchmarks}"))
    if effort != "best":
        said.append(f"at {effort} effort")
    return ", ".join(s for s in said if s)


def year_to(last: "dt.date") -> str:
    """Return the year that ends on a day, to stand at the end of a sentence."""
    return f"in the year to {day(last)}"


def row(name: str, title: str, e: "Estimate") -> dict[str, Any]:
    """Return a lag as a row: its definition, value and interval, and what must be known of it."""
    return {
        "definition": name,
        "title": title,
        "median": e,
        "unit": e.unit,
        "level": 0.9,
        "censored": e.censored,
        "atoms": [{"value": a.value, "probability": a.probability, "model": a.model} for a in e.atoms],
        "note": e.note,
        "sentence": e.definition,
        "because": list(e.because),
    }


def capital(text: str) -> str:
    """Return a sentence that begins with a capital."""
    return text[:1].upper() + text[1:]
