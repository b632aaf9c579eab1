"""The backtest: for each day of origin, a study of what was known then; its forecasts, and how they scored."""

import datetime as dt
import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy.special import betaincinv

from leadtime.backtest import score
from leadtime.backtest.history import Floats, history, measured
from leadtime.backtest.others import next_figure
from leadtime.backtest.project import baselines, project
from leadtime.backtest.questions import Question, questions
from leadtime.errors import LeadtimeError
from leadtime.once import once
from leadtime.study.shipping import ORIGIN_DRAWS, ORIGINS

if TYPE_CHECKING:
    from leadtime.study import Study

OURS = "leadtime"
#: Why nothing is said of events: rates of past acts, scored at monthly origins, were not clearly better than a coin.
NO_EVENTS = "past rates of events were no better than a coin (Brier score)"


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A forecast for one question on one day, and its score.

    Args:
        question: The question.
        origin: The day.
        said: Draws of the number by forecaster, shape (draw,).
        why: What our forecast rests on, or why there is none.
        truth: Draws of the outcome, shape (k,). Empty while the question is open.
    """

    question: Question
    origin: dt.date
    said: dict[str, Floats]
    why: str
    truth: Floats

    @property
    def made(self) -> bool:
        """Whether we said anything."""
        return OURS in self.said

    @property
    def scored(self) -> bool:
        """Whether it can be scored."""
        return self.made and self.truth.size > 0

    @functools.cached_property
    def scores(self) -> dict[str, float]:
        """By forecaster the CRPS, on the log for money and chips; less is better."""
        scale = self.question.on_scale
        return {k: score.crps(scale(v), scale(self.truth)) for k, v in self.said.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All forecasts of all origins."""

    forecasts: tuple[Forecast, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per question and origin: forecast, outcome, scores."""
        return [_row(f) for f in self.forecasts]

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
        found = [score.inside(f.said[OURS], f.truth) for f in some]
        clusters = [f.question.series for f in some]
        out: dict[str, Any] = {"n": len(some), "n_series": len(set(clusters))}
        for level in score.LEVELS:
            values = np.array([x[level] for x in found])
            low, high = share_interval(values, clusters)
            out[f"inside_{level:.0%}"] = {"share": float(values.mean()), "low": low, "high": high}
        return out


def backtest(study: "Study", origins: Sequence[dt.date] = ORIGINS, *, only: str | None = None) -> Backtest:
    """Return forecasts that studies of earlier days would have made, scored by what a study of today knows.

    Only rows known on a day enter its forecasts, so no outcome does. Abilities are fitted by `map`. A study that is
    asked again does not compute it again.

    Raises:
        LeadtimeError: A day of origin is after the day of the study.
    """
    return _backtest(study, tuple(origins), only)


@once
def _backtest(study: "Study", origins: tuple[dt.date, ...], only: str | None) -> Backtest:
    from leadtime.study import Study

    asked = questions(study.evidence)
    truth = functools.cache(lambda q: truth_of(study, q))
    found = []
    for i, origin in enumerate(origins):
        if origin > study.as_of:
            raise LeadtimeError(
                f"{origin} is after the day of the study, {study.as_of}", where="--from", fix="Choose an earlier day."
            )
        study.progress(f"as known on {origin}", i / len(origins))
        past = Study(origin, study.folder, seed=study.seed, draws=min(study.draws, ORIGIN_DRAWS), method="map")
        for q in asked:
            if q.asked_on(origin) and only in (None, q.id):
                said, why = forecast(past, q)
                if said:
                    said |= _others(study, q, origin)
                found.append(Forecast(question=q, origin=origin, said=said, why=why, truth=truth(q)))
    return Backtest(forecasts=tuple(found))


def forecast(past: "Study", q: Question) -> tuple[dict[str, Floats], str]:
    """Return what we and the baselines say of a question on the day of a study, and what ours rests on."""
    if q.kind == "event":
        return {}, NO_EVENTS
    seed = [past.seed, 23, zlib.crc32(f"{q.id} {past.as_of}".encode())]
    rng, other = np.random.default_rng(seed), np.random.default_rng([*seed, 1])
    try:
        if q.series.startswith("published:"):
            ours, guess, why = next_figure(past, q, rng)
            return {OURS: ours} | guess, why
        h = history(past, q)
        if h.grows:
            ours, why = project(h, past.draws, rng), f"{h.values.shape[1]} points of the past"
        else:
            found = past.lag_ahead([q.closes_on])
            ours, why = getattr(found, q.series.partition(":")[2])[:, 0], "the process of releases"
    except LeadtimeError as error:
        return {}, error.what
    return {OURS: ours} | baselines(h, past.draws, other), why


def _others(study: "Study", q: Question, origin: dt.date) -> dict[str, Floats]:
    """Return what was published before the day about a question: the newest of each forecaster."""
    rows = study.evidence["forecasts"].filter(pl.col("question") == q.id, pl.col("known_on") <= origin).sort("known_on")
    return {who: np.array([value]) for who, value in rows.select("forecaster", "value").iter_rows()}


def truth_of(study: "Study", q: Question) -> Floats:
    """Return draws of the outcome of a question by what a study knows, shape (draw,); empty while it is open."""
    if q.is_open:
        return np.empty(0)
    if q.resolved_by == "measure":
        found = measured(study, q.series.partition(":")[2], q.closes_on)
        return found[np.isfinite(found)][:: max(1, len(found) // 200)]
    rng = np.random.default_rng([study.seed, 29, zlib.crc32(q.id.encode())])
    return score.truth_of(q.low, float(q.value or 0.0), q.high, 200, rng)


def _row(f: Forecast) -> dict[str, Any]:
    q = f.question
    row: dict[str, Any] = {
        "question": q.id,
        "words": q.question,
        "topic": q.topic,
        "kind": q.kind,
        "unit": q.unit,
        "origin": f.origin,
        "closes_on": q.closes_on,
        "why": f.why,
        "source": q.source,
        "resolved_on": None if q.is_open else q.known_on,
        "low": None,
        "median": None,
        "high": None,
        "outcome": None,
        "outcome_low": None,
        "outcome_high": None,
        "inside_90": None,
        "pit": None,
        "scores": {},
    }
    if f.truth.size:
        row["outcome"] = float(np.median(f.truth))
        if f.truth.size > 1:
            row["outcome_low"], row["outcome_high"] = (float(v) for v in np.quantile(f.truth, [0.05, 0.95]))
    if not f.made:
        return row
    ours = f.said[OURS]
    row["low"], row["median"], row["high"] = (float(v) for v in np.quantile(ours, [0.05, 0.5, 0.95]))
    if f.scored:
        row["scores"] = f.scores
        row["inside_90"], row["pit"] = score.inside(ours, f.truth)[0.9], score.pit(ours, f.truth)
    return row


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
