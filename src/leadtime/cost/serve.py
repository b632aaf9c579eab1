"""What running a network takes on a chip: memory, speed and money, by roofline from its counts.

A step writes one token of each of B texts. It reads the weights that they use and their caches, and it computes; the
slower of the two bounds it. What is reached of that bound, the utilization, is assumed.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadtime.capability.result import Floats
from leadtime.cost.counts import (
    cache_read_bytes,
    index_bytes_per_token,
    kv_cache_bytes,
    parameters,
    reading_flop,
    state_bytes,
    weights_read,
    writing_flop,
)
from leadtime.cost.network import Network
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

if TYPE_CHECKING:
    from leadtime.cost.bill import Bill

#: Bytes of a number by format.
BYTES = {"fp32": 4.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5, "int4": 0.5}
#: In which formats of a chip numbers of a format can be multiplied, the narrowest first.
_COMPUTED_IN = {
    "fp32": ("tf32", "fp32"),
    "bf16": ("bf16", "fp16"),
    "fp8": ("fp8", "bf16", "fp16"),
    "int8": ("int8", "bf16", "fp16"),
    "fp4": ("fp4", "fp6", "fp8", "bf16", "fp16"),
    "int4": ("int4", "int8", "bf16", "fp16"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """What a chip offers to a network that runs on it.

    Args:
        id: Its id.
        memory_bytes: Memory.
        bytes_s: Bandwidth of that memory.
        flop_s: Dense peak in the format that numbers are multiplied in.
        computes_in: That format.
    """

    id: str
    memory_bytes: float
    bytes_s: float
    flop_s: float
    computes_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How a network is run: all of it is assumed by who asks.

    Args:
        context: Tokens that each text has when a token is written.
        batch: Texts written at once.
        weights: Format of the weights.
        cache: Format of keys and values.
        memory_share: Share of a chip's memory that weights and caches may fill.
        chips: Chips; None for as few as hold it.
    """

    context: int
    batch: int
    weights: str
    cache: str = "bf16"
    memory_share: float = 0.9
    chips: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What running a network takes.

    Args:
        weights_bytes: Memory of all weights.
        cache_bytes: Memory of keys, values, indexer keys and states of all texts.
        chips: Chips.
        read_bytes: Bytes that a step reads.
        flop: Operations of a step.
        memory_s: Time of a step at full bandwidth.
        compute_s: Time of a step at the full peak.
        reading_s: Time to read a token of a prompt at the full peak.
        batch: Texts that a step serves.
    """

    weights_bytes: float
    cache_bytes: float
    chips: int
    read_bytes: float
    flop: float
    memory_s: float
    compute_s: float
    reading_s: float
    batch: int

    @property
    def bound_by(self) -> str:
        """What a step waits for: memory or compute."""
        return "memory" if self.memory_s >= self.compute_s else "compute"

    @property
    def step_s(self) -> float:
        """Time of a step where the whole of the roofline is reached."""
        return max(self.memory_s, self.compute_s)


def chip_of(evidence: Evidence, chip: str, weights: str, *, bytes_s: float | None = None) -> Chip:
    """Return what a chip offers for weights of a format, computed in the narrowest format that it has and that holds
    them.

    Args:
        evidence: The tables.
        chip: Its id.
        weights: Format of the weights, one of `BYTES`.
        bytes_s: Bandwidth of its memory where the table has none, or another one than the table's.

    Raises:
        LeadtimeError: Its memory, the memory's bandwidth or its peak is not known.
    """
    table = evidence["chips"]
    row = table.filter(table["id"] == chip).row(0, named=True)
    speed = bytes_s or (row["memory_gb_s"] or 0) * 1e9
    if not speed:
        raise LeadtimeError(
            f"nobody has published the memory bandwidth of {row['name']}",
            where="chips",
            fix=f"Give --memory-gb-s{_relatives(evidence, chip)}.",
        )
    if not row["memory_gb"]:
        raise LeadtimeError(
            f"nobody has published the memory of {row['name']}", where="chips", fix="Name another chip."
        )
    peaks = evidence["chip_peaks"].filter(
        (evidence["chip_peaks"]["chip"] == chip) & (evidence["chip_peaks"]["unit"] == "matrix")
    )
    offered = dict(peaks.select("precision", "tera_op_s").iter_rows())
    format_ = next((f for f in _COMPUTED_IN[weights] if f in offered), None)
    if format_ is None:
        known = f"It offers {', '.join(sorted(offered))}." if offered else "No peak of it was published."
        raise LeadtimeError(f"{row['name']} has no known peak for weights in {weights}", where="chip_peaks", fix=known)
    return Chip(
        id=chip,
        memory_bytes=row["memory_gb"] * 1e9,
        bytes_s=speed,
        flop_s=offered[format_] * 1e12,
        computes_in=format_,
    )


def _relatives(evidence: Evidence, chip: str) -> str:
    """Return which chips of nearly the same name have a known bandwidth, to go on a sentence."""
    table = evidence["chips"].select("id", "memory_gb_s").drop_nulls()
    near = [f"{i} ({v:,.0f} GB/s)" for i, v in table.iter_rows() if i.startswith(chip[:-1]) or chip.startswith(i)]
    return f", or name a relative: {', '.join(near)}" if near else ""


def wear_usd_per_hour(bill: "Bill") -> Floats:
    """Return draws of what an hour of a chip takes off the value of chip, server and network, without electricity.

    It is the amortized cost of a bill ("Cost") without its energy, for chips whose power is not known.
    """
    s = bill.stated
    value, _, _ = bill.value_at_start()
    rate: Floats | float = s.value("epoch-amortization-rate")
    share = s.value("epoch-interconnect-share")
    network: Floats | float = share / (1 - share)
    if s.n:
        rate = s.draw("uncertainty-depreciation", str(bill.priced_chip)) / s.value("epoch-depreciation") * rate
        network = s.about("uncertainty-interconnect", 1 / (1 - share), str(bill.priced_chip)) - 1
    return np.asarray(value * rate / s.value("epoch-hours-per-year") * (1 + network))


def load_of(network: Network, chip: Chip, use: Use) -> Load:
    """Return what running a network on a chip takes where nothing is lost.

    The cache is counted at its whole context for every text, and weights in one format throughout.

    Raises:
        LeadtimeError: Operations of the network are not known, or it does not fit in the memory of the chips.
    """
    if network.counted_by != "formula":
        raise LeadtimeError(
            f"leadtime cannot tell what a token takes in networks of type {network.family!r}",
            fix="It can only count the parameters of such a network.",
        )
    numbers = BYTES[use.weights]
    one_cache = (
        kv_cache_bytes(network, use.context, value_bytes=BYTES[use.cache])
        + index_bytes_per_token(network) * use.context
        + state_bytes(network)
    )
    weights_bytes, cache_bytes = parameters(network).total * numbers, one_cache * use.batch
    room = chip.memory_bytes * use.memory_share
    least = max(1, math.ceil((weights_bytes + cache_bytes) / room))
    if use.chips is not None and use.chips < least:
        raise LeadtimeError(
            f"{(weights_bytes + cache_bytes) / 1e9:,.0f} GB do not fit in {use.chips} x {room / 1e9:,.0f} GB",
            where="--chips",
            fix=f"Give {least} chips or more, a smaller batch, a shorter context or a narrower format.",
        )
    chips = use.chips or least
    read = weights_read(network, use.batch) * numbers
    read += use.batch * cache_read_bytes(network, use.context, value_bytes=BYTES[use.cache])
    flop = use.batch * writing_flop(network, use.context)
    return Load(
        weights_bytes=weights_bytes,
        cache_bytes=cache_bytes,
        chips=chips,
        read_bytes=read,
        flop=flop,
        memory_s=read / (chips * chip.bytes_s),
        compute_s=flop / (chips * chip.flop_s),
        reading_s=reading_flop(network, use.context) / (chips * chip.flop_s),
        batch=use.batch,
    )
