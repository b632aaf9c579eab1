"""The ensemble and its inputs for a page without a server: small enough to send, and enough to run the same equations.

Each parameter is stored in 16 bits between its ends, on a scale of logarithms where it spans more than a factor of ten.
"""

import base64
from typing import Any

import numpy as np

from leadtime.capability.result import Floats
from leadtime.scenario.compare import CHANNELS, SHOWN_FROM
from leadtime.scenario.fork import BASE, FREE, Fork
from leadtime.scenario.inputs import QUARTERS
from leadtime.scenario.levers import LEVERS

_STEPS = 2**16 - 1
_WIDE = 10.0
#: What the equations of a page read; parameters of other outputs stay behind.
UNUSED = (
    "points-per-oom",
    "run-days",
    "frontier-run-share",
    "utilization",
    "proxy-share",
    "capital-lag",
    "capital-odds",
    "capital-response",
)


def portable(fork: Fork) -> dict[str, Any]:
    """Return draws, inputs and names as JSON can hold them.

    `draws` is base64 of 16-bit integers, little-endian, shape (parameter, draw): 0 is `low`, 65535 is `high`, of the
    logarithm where `log`. `common` holds inputs that no set of rules changes, by quarter; `bases` those of today's
    rules and of none.
    """
    kept = {k: v for k, v in fork.draws.items() if k not in UNUSED}
    packed, low, high, log = [], [], [], []
    for values in kept.values():
        a, b = float(values.min()), float(values.max())
        wide = a > 0 and b / a > _WIDE
        x, ends = (np.log(values), (np.log(a), np.log(b))) if wide else (values, (a, b))
        span = (ends[1] - ends[0]) or 1.0
        packed.append(np.round((x - ends[0]) / span * _STEPS).astype("<u2"))
        low.append(float(ends[0]))
        high.append(float(ends[1]))
        log.append(wide)
    bases = {name: fork.world.inputs(fork.scenario(name)) for name in (BASE, FREE)}
    skip = {*LEVERS, "ratios", "departed", "own_rules"}
    return {
        "n": len(next(iter(kept.values()))),
        "names": list(kept),
        "low": low,
        "high": high,
        "log": log,
        "draws": base64.b64encode(np.stack(packed).tobytes()).decode(),
        "common": {k: _rounded(v) for k, v in bases[BASE].items() if k not in skip},
        "bases": {
            n: {k: _rounded(x[k]) for k in ("ratios", "departed", "own_rules", "uptake")} for n, x in bases.items()
        },
        "quarters": list(QUARTERS),
        "shown_from": SHOWN_FROM,
        "channels": list(CHANNELS),
    }


def _rounded(values: Floats) -> Any:
    """Return numbers to nine digits, null if there is none."""
    if values.ndim > 1:
        return [_rounded(v) for v in values]
    return [None if not np.isfinite(v) else float(f"{v:.9g}") for v in values]
