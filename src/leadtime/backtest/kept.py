"""Scored forecasts kept by the key of all that they depend on: shipped, or in the cache."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.backtest.questions import questions
from leadtime.backtest.scored import Forecast
from leadtime.capability import cache
from leadtime.study.shipping import ORIGINS

if TYPE_CHECKING:
    from leadtime.study import Study

SHIPPED = Path(__file__).parent / "data" / "origins.json"
#: The code that makes a forecast and its score, by its folders.
_MADE_BY = ("backtest", "capability", "evidence", "lag", "study")
Forecasts = tuple[Forecast, ...]


def key(study: "Study", origins: tuple[dt.date, ...] = ORIGINS, only: str | None = None) -> str:
    """Return what forecasts depend on: the evidence, the fit that measures what came, the days, and the code."""
    made_by = cache.made_by(*cache.files_of(*_MADE_BY))
    of = (study.evidence.hash, study.fit_key(), str(study.evidence_through), study.seed, study.draws)
    return cache.key("backtest", made_by, *of, [str(day) for day in origins], only)


def forecasts(
    study: "Study", origins: tuple[dt.date, ...], only: str | None, compute: Callable[[], Forecasts]
) -> Forecasts:
    """Return the forecasts of some days: those that ship, those in the cache, or computed now."""
    own = key(study, origins, only)
    return _thawed(study, _shipped(own) or _text(cache.named(own, lambda: {"text": np.array(_frozen(compute()))})))


def ship(study: "Study", found: Forecasts, path: Path) -> Path:
    """Write forecasts of the built-in evidence with their key."""
    path.write_text(f'{{"key": "{key(study)}",\n"forecasts": {_frozen(found)}}}\n', encoding="utf-8")
    return path


def _shipped(own: str) -> list[Any]:
    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        return list(content["forecasts"]) if content["key"] == own and cache.ships() else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _text(stored: dict[str, Any]) -> list[Any]:
    found: list[Any] = json.loads(str(stored["text"]))
    return found


def _frozen(found: Forecasts) -> str:
    def plain(f: Forecast) -> dict[str, Any]:
        return {n.name: getattr(f, n.name) for n in dataclasses.fields(f)} | {
            "question": f.question.id,
            "origin": f.origin.isoformat(),
        }

    lines = ",\n".join(json.dumps(plain(f), separators=(",", ":")) for f in found)
    return f"[\n{lines}\n]"


def _thawed(study: "Study", rows: list[dict[str, Any]]) -> Forecasts:
    asked = {q.id: q for q in questions(study.evidence)}
    return tuple(
        Forecast(
            **r
            | {
                "question": asked[r["question"]],
                "origin": dt.date.fromisoformat(r["origin"]),
                **{k: None if r[k] is None else tuple(r[k]) for k in ("said", "outcome")},
                "inside": tuple(r["inside"]),
            }
        )
        for r in rows
    )
