"""Forecasts that were scored, and what they come to: skill beside others, coverage, rows."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv

from leadtime.backtest import score
from leadtime.backtest.history import Floats
from leadtime.backtest.questions import Question

OURS = "leadtime"
#: The 5% quantile, the median and the 95% quantile; the ends are None of a number that is exact.
Band = tuple[float | None, float, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast for one question on one day, and its score.

    Args:
        question: The question.
        origin: The day.
        why: What our forecast rests on, or why there is none.
        said: Our number; None where we said nothing.
        outcome: What came; None while the question is open.
        scores: By forecaster the CRPS, on the log for money and chips; less is better. Empty where nothing is scored.
        inside: By level of `score.LEVELS`, P(the outcome lies in our central interval).
        pit: Where the outcome fell among our draws, 0 to 1.
    """

    question: Question
    origin: dt.date
    why: str
    said: Band | None
    outcome: Band | None
    scores: dict[str, float]
    inside: tuple[float, ...]
    pit: float | None

    @classmethod
    def of(cls, question: Question, origin: dt.date, said: Mapping[str, Floats], why: str, truth: Floats) -> "Forecast":
        """Return the forecast that draws make.

        Args:
            question: The question.
            origin: The day.
            said: Draws of the number by forecaster, shape (draw,).
            why: What ours rests on.
            truth: Draws of the outcome, shape (k,). Empty while the question is open.
        """
        ours, scale = said.get(OURS), question.on_scale
        judged = ours is not None and truth.size > 0
        return cls(
            question=question,
            origin=origin,
            why=why,
            said=None if ours is None else _band(ours),
            outcome=_band(truth) if truth.size > 1 else (None, float(truth[0]), None) if truth.size else None,
            scores={k: score.crps(scale(v), scale(truth)) for k, v in said.items()} if judged else {},
            inside=tuple(score.inside(ours, truth).values()) if ours is not None and judged else (),
            pit=score.pit(ours, truth) if ours is not None and judged else None,
        )

    @property
    def made(self) -> bool:
        """Whether we said anything."""
        return self.said is not None

    @property
    def scored(self) -> bool:
        """Whether it can be scored."""
        return bool(self.scores)

    def row(self) -> dict[str, Any]:
        """Return the forecast, its outcome and its scores as a row."""
        q, nothing = self.question, (None, None, None)
        low, median, high = self.said or nothing
        outcome_low, outcome, outcome_high = self.outcome or nothing
        return {
            "question": q.id,
            "words": q.question,
            "topic": q.topic,
            "kind": q.kind,
            "unit": q.unit,
            "origin": self.origin,
            "closes_on": q.closes_on,
            "why": self.why,
            "source": q.source,
            "resolved_on": None if q.is_open else q.known_on,
            "low": low,
            "median": median,
            "high": high,
            "outcome": outcome,
            "outcome_low": outcome_low,
            "outcome_high": outcome_high,
            "inside_90": dict(zip(score.LEVELS, self.inside, strict=False)).get(0.9),
            "pit": self.pit,
            "scores": self.scores,
        }


def _band(draws: Floats) -> Band:
    low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return low, median, high


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All forecasts of all origins."""

    forecasts: tuple[Forecast, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per question and origin: forecast, outcome, scores."""
        return [f.row() for f in self.forecasts]

    def summary(self) -> list[dict[str, Any]]:
        """Return by topic and over all numbers: mean scores beside each baseline's on the same questions, and skill."""
        groups: dict[str, list[Forecast]] = {}
        for f in self.forecasts:
            if f.scored:
                groups.setdefault(f.question.group, []).append(f)
        return [line for name, some in sorted(groups.items()) for line in _compare(name, some)]

    def coverage(self) -> dict[str, Any]:
        """Return how often the truth of a number lay in the central intervals, with the count and a 90% interval."""
        some = [f for f in self.forecasts if f.scored]
        if not some:
            return {"n": 0}
        clusters = [f.question.series for f in some]
        out: dict[str, Any] = {"n": len(some), "n_series": len(set(clusters))}
        for i, level in enumerate(score.LEVELS):
            values = np.array([f.inside[i] for f in some])
            low, high = share_interval(values, clusters)
            out[f"inside_{level:.0%}"] = {"share": float(values.mean()), "low": low, "high": high}
        return out


def _compare(name: str, some: list[Forecast]) -> list[dict[str, Any]]:
    """Return a line for ours, and one for each other forecaster on the questions both answered."""
    found = [(f, f.scores) for f in some]
    measure = some[0].question.measure
    lines = [
        {
            "group": name,
            "measure": measure,
            "forecaster": OURS,
            "n": len(found),
            "score": float(np.mean([s[OURS] for _, s in found])),
            "ours": None,
            "skill": None,
            "skill_low": None,
            "skill_high": None,
        }
    ]
    for other in sorted({k for _, s in found for k in s if k != OURS}):
        both = [(f, s) for f, s in found if other in s]
        ours, theirs = (np.array([s[k] for _, s in both]) for k in (OURS, other))
        skill = functools.partial(_skill, ours, theirs)
        low, high = _resampled(skill, [f.question.series for f, _ in both])
        lines.append(
            {
                "group": name,
                "measure": measure,
                "forecaster": other,
                "n": len(both),
                "score": float(theirs.mean()),
                "ours": float(ours.mean()),
                "skill": skill(np.arange(len(both))),
                "skill_low": low,
                "skill_high": high,
            }
        )
    return lines


def _skill(ours: Floats, theirs: Floats, at: Any) -> float | None:
    total = float(theirs[at].sum())
    return 1 - float(ours[at].sum()) / total if total > 0 else None


def share_interval(values: Floats, clusters: list[str]) -> tuple[float | None, float | None]:
    """Return the 90% interval of a share; None for fewer than three series.

    It is no narrower than that of whole series drawn anew, and no narrower than Jeffreys' interval of as many
    independent trials as there are series (Brown, Cai, DasGupta 2001, Interval estimation for a binomial proportion).

    Drawing anew alone says nothing where almost all came inside: what never failed is never drawn as a failure.

    Args:
        values: By forecast, how much of the outcome came inside, 0 to 1, shape (forecast,).
        clusters: By forecast, its series.
    """
    low, high = _resampled(lambda at: float(values[at].mean()), clusters)
    if low is None or high is None:
        return None, None
    share, n = float(values.mean()), len(set(clusters))
    inside, outside = share * n + 0.5, (1 - share) * n + 0.5
    least, most = (float(betaincinv(inside, outside, q)) for q in (0.05, 0.95))
    return min(low, least, share), max(high, most, share)


def _resampled(statistic: Any, clusters: list[str]) -> tuple[float | None, float | None]:
    """Return the 90% interval of a statistic when whole series are drawn again; None for fewer than three series."""
    names = sorted(set(clusters))
    if len(names) < 3:
        return None, None
    members = [np.flatnonzero(np.array(clusters) == n) for n in names]
    rng = np.random.default_rng(31)
    found = [
        statistic(np.concatenate([members[i] for i in rng.integers(len(names), size=len(names))])) for _ in range(1000)
    ]
    low, high = np.quantile([x for x in found if x is not None], [0.05, 0.95])
    return float(low), float(high)
