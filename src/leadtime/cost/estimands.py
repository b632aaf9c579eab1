"""What "the fall per year" may mean, how each meaning is estimated, and on which models."""

from dataclasses import dataclass

import numpy as np

from leadtime.cost.curve_data import CurveData, Flags
from leadtime.errors import unknown_name

#: DeepSeek-V3's release: models before it are what anyone could know then.
BEFORE = 739246.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """One meaning of "the fall per year", with the ways to estimate it; the first way is the default."""

    title: str
    sentence: str
    methods: tuple[str, ...]


ESTIMANDS: dict[str, Estimand] = {
    "average_practice": Estimand(
        title="average practice",
        sentence=(
            "The fall per year of the compute that models of one ability were trained with, on average: "
            "E[log10 compute | ability, date]."
        ),
        methods=("model", "least_squares"),
    ),
    "compute_equivalent": Estimand(
        title="compute-equivalent gain",
        sentence=(
            "The growth per year of compute that would have brought the same gain in ability: the time slope of "
            "E[ability | compute, date] over its slope in log10 compute."
        ),
        methods=("model", "least_squares", "within_releases"),
    ),
    "best_practice": Estimand(
        title="best practice",
        sentence="The fall per year of the least compute known to have reached an ability.",
        methods=("cheapest", "records", "low_quantile"),
    ),
}
METHODS = {
    "model": "the stated model: errors in compute, covariates, countries, a slope that bends",
    "least_squares": "least squares on ability, compute and date, models resampled",
    "within_releases": "least squares, the slope in compute only from models released together",
    "cheapest": "the first run to reach a level against the cheapest since, over levels",
    "records": "least squares among runs that nobody matched before with as little compute",
    "low_quantile": "the 10 % quantile of compute given ability and date",
}
SAMPLES: dict[str, str] = {
    "all": "all models",
    "not-distilled": "without those taught by a named model",
    "not-coding": "without those made for code",
    "plain": "without distilled and coding models",
    "non-reasoning": "without distilled, coding and reasoning models",
    "able": "105 points and more, without distilled and coding models",
    "large": "5e23 FLOP and more, without distilled and coding models",
    "before-v3": "released before DeepSeek-V3, without distilled and coding models",
    "sure": "compute published or marked confident, without distilled and coding models",
    "usa": "US developers, without distilled and coding models",
    "chn": "Chinese developers, without distilled and coding models",
}


def in_sample(data: CurveData, name: str) -> Flags:
    """Return which models belong to a sample.

    Raises:
        LeadtimeError: Unknown sample.
    """
    if name not in SAMPLES:
        raise unknown_name("sample", name, SAMPLES)
    plain = ~data.distilled & ~data.coding
    country = np.array(data.countries)
    return np.asarray(
        {
            "all": np.ones(data.n, dtype=bool),
            "not-distilled": ~data.distilled,
            "not-coding": ~data.coding,
            "plain": plain,
            "non-reasoning": plain & ~data.reasoning,
            "able": plain & (data.ability >= 105.0),
            "large": plain & (data.oom >= np.log10(5e23)),
            "before-v3": plain & (data.day < BEFORE),
            "sure": plain & data.sure,
            "usa": plain & (country == "USA"),
            "chn": plain & (country == "CHN"),
        }[name]
    )
