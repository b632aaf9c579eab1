"""How locked forecasts stand: open, scored or too late, by question and over all."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.backtest import locked
from leadtime.backtest.locked import Entry, Scored
from leadtime.backtest.scored import OURS
from leadtime.stranger import is_there

if TYPE_CHECKING:
    from leadtime.study import Study


def of_study(study: "Study") -> dict[str, Any]:
    """Return how the locked forecasts of a study's folder stand, or the built-in ones where it has none.

    Raises:
        LeadtimeError: The chain is broken, with its line.
    """
    own = study.folder / locked.NAME if study.folder else None
    if own is not None and is_there(own):
        return standing(study, own.name, locked.read(own, within=study.folder))
    return standing(study, "built-in", locked.read(locked.SHIPPED))


def standing(study: "Study", file: str, entries: list[Entry]) -> dict[str, Any]:
    """Return locked forecasts with their states and scores, those made by the study's day.

    Args:
        study: Whose evidence has the outcomes.
        file: What to call the file.
        entries: Its lines.
    """
    known = [e for e in entries if e.made_on <= str(study.as_of)]
    found = locked.scored(study, known)
    return {
        "file": file,
        "n": len(known),
        "head": locked.head(known),
        "sentence": _sentence(found),
        "summary": _summary(found),
        "forecasts": [_row(s) for s in found],
    }


def band(entry: Entry) -> dict[str, float | None]:
    """Return the median and the 90% interval of our forecast on a line, nothing if it has none of ours."""
    if OURS not in entry.forecasts:
        return {"low": None, "median": None, "high": None}
    found = np.quantile(entry.forecasts[OURS], [0.05, 0.5, 0.95])
    return dict(zip(("low", "median", "high"), map(float, found), strict=True))


def _row(s: Scored) -> dict[str, Any]:
    kept = ("n", "made_on", "question", "words", "closes_on", "unit", "evidence_hash", "code", "version")
    about = {k: v for k, v in asdict(s.entry).items() if k in kept}
    return {
        **about,
        **band(s.entry),
        "hash": s.entry.hash,
        "state": s.state,
        "scores": s.scores,
        "inside_90": s.inside_90,
        "outcome": s.outcome,
    }


def _summary(found: list[Scored]) -> list[dict[str, Any]]:
    both = [s for s in found if OURS in s.scores]
    rows = []
    for measure in sorted({s.measure for s in both}):
        mine = [s.scores for s in both if s.measure == measure]
        for who in sorted({k for s in mine for k in s}, key=lambda k: (k != OURS, k)):
            some = [s for s in mine if who in s]
            mean, ours = (float(np.mean([s[k] for s in some])) for k in (who, OURS))
            rows.append({"measure": measure, "forecaster": who, "n": len(some), "score": mean, "ours": ours})
    return rows


def _sentence(found: list[Scored]) -> str:
    n = {state: sum(s.state == state for s in found) for state in ("scored", "open", "too late", "unknown")}
    first = f"{n['scored']} of {len(found)} locked forecasts {'has' if n['scored'] == 1 else 'have'} been scored"
    said = (
        f"{first}; {n['open']} {'is' if n['open'] == 1 else 'are'} open."
        if found
        else "No forecast was locked by that day."
    )
    if n["scored"]:
        inside = np.mean([s.inside_90 for s in found if s.inside_90 is not None])
        said += f" 90% intervals held {inside:.0%}."
    if n["too late"]:
        said += (
            f" {n['too late']} came after the outcome was public and {'does' if n['too late'] == 1 else 'do'} not"
            " count."
        )
    if n["unknown"]:
        said += f" {n['unknown']} ask what this evidence does not."
    return said
