"""A run of the simulation."""

from leadtime.scenario import simulate
from leadtime.scenario.inputs import QUARTERS

AT = QUARTERS.index


def lag(world, draws, scenario, *keep):
    return simulate.run(draws, world.inputs(scenario), ("lag_months", *keep))
