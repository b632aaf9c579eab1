"""The same arrivals counted in memory bandwidth: chip by chip, units times GB/s over that of an H100.

Chips made for China keep memory where they lose arithmetic: an H20 is 0.15 of an H100 in 8-bit rate and 1.2 of one in
bandwidth.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.supply.arrivals import Supply
from leadtime.supply.counts import Counts, Piece

UNIT_CHIP = "h100-sxm"
#: Rows of the chip that what was at work at the end of 2021 is taken to be.
_OF_2021 = "a100-world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Bandwidth for each H100-equivalent of 8-bit rate, H100 = 1.

    Args:
        row: By row of arrivals that names a chip of known bandwidth.
        maker: By designer, over its rows of known bandwidth.
        unknown: Chips without a known bandwidth, which take that of their maker or its country.
    """

    row: dict[str, float]
    maker: dict[str, float]
    unknown: tuple[str, ...]


def rates(supply: Supply) -> Rates:
    """Return the bandwidth of what arrived, for each H100-equivalent.

    A chip without a known bandwidth takes that of its maker's other chips; a maker without one that of the other
    Chinese makers, or of the others outside China. Rows of several chips take their maker's.
    """
    e = supply.evidence
    speed = dict(e["chips"].select("id", "memory_gb_s").drop_nulls().iter_rows())
    unit = float(speed[UNIT_CHIP])
    rows = e["shipments"].filter(
        pl.col("measure") == "flow", pl.col("h100e") > 0, pl.col("units") > 0, pl.col("chip").is_not_null()
    )
    row: dict[str, float] = {}
    sums: dict[tuple[str, bool], list[float]] = {}
    for r in rows.iter_rows(named=True):
        if r["chip"] in speed:
            row[r["id"]] = r["units"] * speed[r["chip"]] / unit / r["h100e"]
            total = sums.setdefault((r["designer"], r["channel"] == "domestic"), [0.0, 0.0])
            total[0] += row[r["id"]] * r["h100e"]
            total[1] += r["h100e"]
    maker = {name: a / b for (name, _), (a, b) in sums.items()}
    of = {
        home: (
            sum(a for (_, h), (a, _) in sums.items() if h == home)
            / max(sum(b for (_, h), (_, b) in sums.items() if h == home), 1e-9)
        )
        for home in (True, False)
    }
    for p in supply.history.counts.pieces:
        maker.setdefault(p.designer, of[p.stream == "domestic"])
    missing = sorted({str(c) for c in rows["chip"] if c not in speed})
    return Rates(row=row, maker=maker, unknown=tuple(missing))


def in_bandwidth(supply: Supply) -> Supply:
    """Return the same arrivals, draw by draw, in H100s of memory bandwidth."""
    known, c = rates(supply), supply.history.counts
    nvidia = _mix(c, known)

    def weight(p: Piece) -> Floats | float:
        if p.id in known.row:
            return known.row[p.id]
        return (
            nvidia if p.stream == "diverted" else known.maker[p.designer]
        )  # diverted: as what was sold abroad in the quarter

    a100 = next((v for k, v in known.row.items() if k.startswith(_OF_2021)), 1.0)
    counted = replace(c, pieces=tuple(replace(p, path=p.path * weight(p)) for p in c.pieces))
    return Supply(supply.evidence, seed=supply.seed, draws=supply.draws, counted=counted, per_h100e_2021=a100)


def _mix(c: Counts, known: Rates) -> Floats:
    """Return the bandwidth of NVIDIA's chips outside China by quarter, for each H100-equivalent."""
    some = [p for p in c.of("world", makers={"nvidia"}) if p.id in known.row]
    top = sum((p.path * known.row[p.id] for p in some), np.zeros(len(c.quarters)))
    base = sum((p.path for p in some), np.zeros(len(c.quarters)))
    return np.asarray(np.divide(top, base, out=np.ones_like(top), where=base > 0))
