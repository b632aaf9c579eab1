"""Which chips arrived, by which channel, whose they are: evidence with intervals, no model of behavior."""

from leadtime.supply.arrivals import CHANNELS, Supply

__all__ = ["CHANNELS", "Supply"]
