"""What the comparison with others comes to, in words and as rows."""

from dataclasses import asdict
from typing import Any

from leadtime.published.comparison import Compared

#: What a step turns, in words.
CHOICES = {
    "definition": "the definition",
    "benchmarks": "the benchmarks",
    "sides": "who is compared",
    "evidence": "the evidence of its day",
}


def row(c: Compared) -> dict[str, Any]:
    """Return a comparison as the JSON of every door has it."""
    found = {k: v for k, v in asdict(c).items() if k not in ("theirs", "ours", "steps")}
    names = ("value", "low", "high")
    return found | {
        **dict(zip(names, c.theirs, strict=True)),
        **dict(zip(("ours_months", "ours_low_months", "ours_high_months"), c.ours or (None, None, None), strict=True)),
        "known_on": c.known_on.isoformat(),
        "steps": [asdict(s) for s in c.steps],
        "rest_months": found.pop("rest"),
    }


def sentence(found: list[Compared]) -> str:
    """Return what the comparison comes to, in plain words."""
    lags = [c for c in found if c.unit == "months"]
    on = [c for c in lags if c.ours is not None]
    if not on:
        return "No published lag can be brought to our footing on this day."
    meet = sum(bool(c.agrees) for c in on)
    moved: dict[str, list[float]] = {}
    for c in on:
        for s in c.steps:
            moved.setdefault(s.choice, []).append(abs(s.months))
        moved.setdefault("rest", []).append(abs(c.rest or 0.0))
    mean = {k: sum(v) / len(on) for k, v in moved.items()}
    choices = sorted((k for k in mean if k != "rest"), key=lambda k: -mean[k])
    most = (
        f"{CHOICES[choices[0]]} ({mean[choices[0]]:.1f} months on average) and {CHOICES[choices[1]]}"
        f" ({mean[choices[1]]:.1f})"
    )
    without = len(lags) - len(on)
    return (
        f"{meet} of {len(on)} published lags meet our 90% interval once ours is measured their way. What moves ours"
        f" most on the way is {most}. What is left is {mean['rest']:.1f} months on average. {without} have no common"
        " footing with ours."
    )
