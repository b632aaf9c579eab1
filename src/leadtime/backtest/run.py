"""The backtest: for each day of origin, a study of what was known then; its forecasts, and how they scored."""

import datetime as dt
import functools
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.backtest import kept, score
from leadtime.backtest.history import Floats, history, measured
from leadtime.backtest.others import next_figure
from leadtime.backtest.project import baselines, project
from leadtime.backtest.questions import Question, questions
from leadtime.backtest.scored import OURS, Backtest, Forecast
from leadtime.errors import LeadtimeError
from leadtime.once import once
from leadtime.study.shipping import ORIGIN_DRAWS, ORIGINS

if TYPE_CHECKING:
    from leadtime.study import Study

#: Why nothing is said of events: rates of past acts, scored at monthly origins, were not clearly better than a coin.
NO_EVENTS = "past rates of events were no better than a coin (Brier score)"


def backtest(study: "Study", origins: Sequence[dt.date] = ORIGINS, *, only: str | None = None) -> Backtest:
    """Return forecasts that studies of earlier days would have made, scored by what a study of today knows.

    Only rows known on a day enter its forecasts, so no outcome does. Abilities are fitted by `map`. A study that is
    asked again does not compute it again.

    Raises:
        LeadtimeError: A day of origin is after the day of the study.
    """
    if late := [day for day in origins if day > study.as_of]:
        raise LeadtimeError(
            f"{late[0]} is after the day of the study, {study.as_of}", where="--from", fix="Choose an earlier day."
        )
    return _backtest(study, tuple(origins), only)


@once
def _backtest(study: "Study", origins: tuple[dt.date, ...], only: str | None) -> Backtest:
    return Backtest(forecasts=kept.forecasts(study, origins, only, lambda: _made(study, origins, only)))


def save(study: "Study", path: Path = kept.SHIPPED) -> Path:
    """Compute the forecasts of the four days on the built-in evidence, and write them with their key."""
    return kept.ship(study, _made(study, ORIGINS, None), path)


def _made(study: "Study", origins: tuple[dt.date, ...], only: str | None) -> tuple[Forecast, ...]:
    from leadtime.study import Study

    asked = questions(study.evidence)
    truth = functools.cache(lambda q: truth_of(study, q))
    found = []
    for i, origin in enumerate(origins):
        study.progress(f"as known on {origin}", i / len(origins))
        past = Study(origin, study.folder, seed=study.seed, draws=min(study.draws, ORIGIN_DRAWS), method="map")
        for q in asked:
            if q.asked_on(origin) and only in (None, q.id):
                said, why = forecast(past, q)
                if said:
                    said |= _others(study, q, origin)
                found.append(Forecast.of(q, origin, said, why, truth(q)))
    return tuple(found)


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
