"""How much was diverted, from the cases that came to light: their sum over the share of diversion that comes to light.

The structure of the larger part of Epoch AI's published estimate (2026-04-29); its other part, from what vendors offer,
rests on figures that we have not found published, and is left out.
"""

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.evidence import Evidence


def diverted_from_cases(evidence: Evidence, *, seed: int = 0, draws: int = 2000) -> Floats:
    """Return draws of all diverted compute to the end of 2025, H100e.

    Raises:
        LeadtimeError: The shares are not known on that day.
    """
    stated = Assumptions(evidence["assumptions"], seed=seed, draws=draws)
    cases = evidence["enforcement"].filter(pl.col("kind") == "case", pl.col("h100e").is_not_null())
    seen = np.zeros(draws)
    for row in cases.iter_rows(named=True):
        low, mid, high = (float(row[k] or 0.0) for k in ("h100e_low", "h100e", "h100e_high"))
        z = stated.normal(f"case {row['id']}")
        seen += np.maximum(mid + z * np.where(z > 0, high - mid, mid - low) / 1.645, 0.0)
    accuracy = np.clip(stated.draw("diversion-case-accuracy"), 0.3, 1.0)
    return np.asarray(seen * accuracy / np.clip(stated.draw("diversion-detection"), 0.02, 1.0))
