"""The course of one scenario: its variables by quarter, each an estimate with its draws."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import unknown_name
from leadtime.estimate import Estimate
from leadtime.scenario.fork import VARIABLES, Fork
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import LEVERS, Scenario
from leadtime.scenario.own import NAME, with_levers

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Series(Mapping[str, Estimate]):
    """A simulated variable by quarter: `series["2028Q4"]` is an estimate.

    Args:
        name: Dotted name, such as `scenario.as-is.lag_months`.
        unit: Unit of the draws.
        draws: Shape (quarter, draw).
        definition: What it is, one sentence.
        stamp: Version, evidence hash, seed and settings.
    """

    name: str
    unit: str
    draws: Floats
    definition: str
    stamp: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, quarter: str) -> Estimate:
        if quarter not in QUARTERS:
            raise unknown_name("simulated quarter", quarter, QUARTERS)
        return Estimate(
            name=f"{self.name}.{quarter}",
            unit=self.unit,
            draws=self.draws[QUARTERS.index(quarter)],
            definition=f"{self.definition} In {quarter}.",
            as_of=str(self.stamp["as_of"]),
            stamp=self.stamp,
        )

    def __iter__(self) -> Iterator[str]:
        return iter(QUARTERS)

    def __len__(self) -> int:
        return len(QUARTERS)

    def __repr__(self) -> str:
        return f"<{self.name}, {QUARTERS[0]} to {QUARTERS[-1]}: {self[QUARTERS[0]]} to {self[QUARTERS[-1]]}>"

    @property
    def table(self) -> pl.DataFrame:
        """One row a quarter: quarter, unit, low, median, high (90 %)."""
        low, median, high = np.quantile(self.draws, [0.05, 0.5, 0.95], axis=1)
        return pl.DataFrame({"quarter": QUARTERS, "unit": self.unit, "low": low, "median": median, "high": high})

    def labelled(self) -> "xarray.DataArray":
        """Return the draws as a labelled array with the dimensions `quarter` and `draw`."""
        import xarray

        told = {"units": self.unit, "long_name": self.definition}
        return xarray.DataArray(
            self.draws, dims=("quarter", "draw"), coords={"quarter": list(QUARTERS)}, name=self.name, attrs=told
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Course:
    """What follows under one scenario, in our simulation: `course.lag["2028Q4"]`, `course["used_h100e"]`.

    Args:
        scenario: The scenario.
        draws: Every variable of `fork.VARIABLES`, shape (quarter, draw).
        stamp: Version, evidence hash, seed and settings of the study.
    """

    scenario: Scenario
    draws: dict[str, Floats]
    stamp: dict[str, Any]

    def __getitem__(self, variable: str) -> Series:
        if variable not in VARIABLES:
            raise unknown_name("simulated variable", variable, VARIABLES)
        unit, basis, scope = VARIABLES[variable]
        more = "".join(f" {x}." for x in (basis and f"Basis: {basis}", scope and f"Scope: {scope}") if x)
        words = f"In our simulation, under {self.scenario.title}: {variable.replace('_', ' ')}.{more}"
        name = f"scenario.{self.scenario.name}.{variable}"
        return Series(name=name, unit=unit, draws=self.draws[variable], definition=words, stamp=self.stamp)

    @property
    def lag(self) -> Series:
        """How far China's best models are behind America's, months, by quarter."""
        return self["lag_months"]

    @property
    def table(self) -> pl.DataFrame:
        """One row a variable and quarter: variable, quarter, unit, low, median, high (90 %)."""
        return pl.concat([self[v].table.select(pl.lit(v).alias("variable"), pl.all()) for v in VARIABLES])

    def labelled(self) -> "xarray.Dataset":
        """Return all variables as labelled arrays with the dimensions `quarter` and `draw`."""
        import xarray

        return xarray.Dataset({v: self[v].labelled() for v in VARIABLES})

    def __repr__(self) -> str:
        return f"<Course of {self.scenario.name}: {self.lag!r}>"


def course(fork: Fork, name: str, start: str = "", **levers: float) -> Course:
    """Return the course of a scenario, perhaps with levers set otherwise.

    Args:
        fork: The scenarios of a study.
        name: Name of the scenario.
        start: The day from which the levers are set, such as 2027-01-01; the next quarter by default.
        levers: Values by lever, such as `uptake=0.5`.

    Raises:
        LeadtimeError: The scenario or a lever is unknown, or a value or day is out of range.
    """
    scenario = fork.scenario(name)
    if not levers:
        return Course(scenario=scenario, draws=fork.run(name), stamp=_stamp(fork))
    for lever in levers:
        if lever not in LEVERS:
            raise unknown_name("lever", lever, LEVERS)
    made = with_levers(scenario, [f"{k}={v!r}{f'@{start}' if start else ''}" for k, v in levers.items()])
    fork.scenarios[NAME] = made
    try:
        return Course(scenario=made, draws=fork.run(NAME), stamp=_stamp(fork))
    finally:
        fork.forget(NAME)


def _stamp(fork: Fork) -> dict[str, Any]:
    """Return the stamp of the study, with what the draws are: those of an ensemble are not the study's own worlds."""
    return {**fork.study.stamp, "draws_from": "priors" if fork.prior else f"ensemble {fork.ensemble.key}"}
