"""What ships with its key, so that the first answer takes seconds: the fits of the built-in evidence, the
path of the lag, and what is read off the posterior draws.
"""

import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leadtime.capability import cache
from leadtime.scenario.inputs import openness_arrays, openness_key
from leadtime.study.whole import Study

#: The benchmark sets whose modes ship: a posterior is drawn about its mode in a second, finding it takes a compiler.
SETS = ("all", "held-back", "public", "independent")
#: The sides whose path ships.
SIDES = ("CHN", "USA")
#: The clocks by which the frontier ships that a model is compared with.
CLOCKS = ("released", "trained")
#: Days from which forecasts are made of what came since, half-years around the essay of 2025-01-29, and their draws.
ORIGINS = (dt.date(2024, 7, 29), dt.date(2025, 1, 29), dt.date(2025, 7, 29), dt.date(2026, 1, 29))
ORIGIN_DRAWS = 1000


def results(study: Study) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what ships by its key, as what gives it: what this code computed before of this evidence, else now."""
    rough = study.rough

    def mode(of: Study, benchmarks: str) -> Callable[[], dict[str, Any]]:
        return lambda: of.mode_arrays(benchmarks)

    found = {study.mode_key(name): mode(study, name) for name in SETS}
    found[rough.mode_key()] = mode(rough, "all")
    found[study.fit_key()] = study.fit_arrays
    found[study.path_key(*SIDES)] = lambda: study.path_arrays(*SIDES)
    reference = [("USA", clock, benchmarks) for clock in CLOCKS for benchmarks in SETS]
    for side, clock, benchmarks in [("CHN", "released", "all"), *reference]:
        of = (study.mask(side, benchmarks=benchmarks), clock, benchmarks)
        found[study.latent_key(*of)] = functools.partial(study.latent_arrays, *of)
    curve = study.curve
    found |= {curve.rate_key(*of): functools.partial(curve.rate_arrays, *of) for of in curve.modelled()}
    found |= {
        curve.fit_key(e): functools.partial(curve.fit_arrays, e) for e, sample in curve.modelled() if sample == "all"
    }
    for day in ORIGINS:
        past = Study(day, seed=study.seed, draws=ORIGIN_DRAWS, method="map")
        found[past.mode_key()] = past.mode_arrays
    found |= {curve.quantile_key(s): functools.partial(curve.quantile_arrays, s) for s in curve.samples()}
    found[openness_key(study.rules)] = functools.partial(openness_arrays, study.rules)
    found[study.sensitivity_key(*SIDES)] = lambda: study.sensitivity_arrays(*SIDES)
    found[study.level_key(*SIDES)] = lambda: study.level_arrays(*SIDES)
    return found


def ship(study: Study, folder: Path = cache.SHIPPED) -> list[Path]:
    """Write what ships, by its keys; what was there before goes."""
    return cache.ship({key: give() for key, give in results(study).items()}, folder)
