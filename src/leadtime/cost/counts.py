"""Parameters, operations and cache bytes of a network: sums over its parts, which `parts` counts from their widths."""

from dataclasses import dataclass

from leadtime.cost.architecture import Architecture
from leadtime.cost.network import Network, network_of
from leadtime.cost.parts import PARTS, Part
from leadtime.errors import LeadtimeError

_TRAIN = 3  # one forward pass, and a backward pass that costs two


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters by part; the parts add up to `total`, and `mtp` stands beside it.

    Args:
        parts: By kind of part, those that are there.
        idle: Parameters that a token of text does not use: experts that are not its own, encoders of images.
        lookup: Parameters in tables of which a token reads one row, and which are no output head.
        mtp: Multi-token-prediction modules, without the embedding and head they share with the network.
    """

    parts: dict[str, int]
    idle: int
    lookup: int
    mtp: int

    def of(self, *kinds: str) -> int:
        """Return the parameters of some kinds of parts."""
        return sum(self.parts.get(kind, 0) for kind in kinds)

    @property
    def total(self) -> int:
        """All parameters of the network, without MTP modules."""
        return sum(self.parts.values())

    @property
    def trained(self) -> int:
        """The total without load-balancing biases, which are not trained by gradient: some programs count so."""
        return self.total - self.of("balance_bias")

    @property
    def language(self) -> int:
        """The total without encoders of images."""
        return self.total - self.of("encoder")

    @property
    def active(self) -> int:
        """Parameters that a token uses, the whole input embedding counted."""
        return self.total - self.idle

    @property
    def active_without_input_embedding(self) -> int:
        """Parameters that a token uses beside the look-up of its embedding (a tied head is used, so it counts)."""
        return self.active - self.lookup


def parameters(a: Architecture | Network) -> Parameters:
    """Return the parameters of a network by part."""
    network = network_of(a)
    found = {kind: sum(p.parameters * p.n for p in network.parts if p.kind == kind) for kind in PARTS}
    return Parameters(
        parts={kind: n for kind, n in found.items() if n},
        idle=sum(p.idle * p.n for p in network.parts),
        lookup=sum(p.lookup * p.n for p in network.parts),
        mtp=sum(p.parameters * p.n for p in network.mtp),
    )


def training_flop_per_token(a: Architecture | Network, sequence: int, *, mtp: bool = False) -> float:
    """Return the floating-point operations that training spends on one token of a sequence.

    6 N + 3 · 2 · h · (key width + value width) · keys, summed over layers: N are the weights in matrix products that
    the token meets (with the head, without the embedding's look-up, norms and biases), and a query meets `keys` keys
    on average, counting causal attention once. Layers with a state spend what its update and reading take. The factor
    3 is forward and backward; recomputation is not counted.

    Args:
        a: The network.
        sequence: Tokens in a training sequence.
        mtp: Whether the multi-token-prediction modules are trained too; each also runs the head once more.
    """
    if sequence < 1:
        raise LeadtimeError(f"a sequence cannot have {sequence} tokens", fix="Give 1 token or more.")
    network = network_of(a)
    flop = sum(p.n * _forward(p, sequence) for p in network.parts)
    if mtp:
        flop += sum(p.n * _forward(p, sequence) for p in network.mtp)
        flop += network.n_mtp * 2.0 * network.vocabulary * network.hidden
    return _TRAIN * flop


def writing_flop(a: Architecture | Network, context: int) -> float:
    """Return the operations that writing one token takes behind a context: forward, all of the context in sight.

    Compressed keys (MLA) are not unfolded then: a query meets them in the width r_kv + p, and their values in r_kv.
    """
    return sum(p.n * (2.0 * p.products + p.state_flop + _met(p, context)) for p in network_of(a).parts)


def reading_flop(a: Architecture | Network, sequence: int) -> float:
    """Return the operations that reading one token of a prompt takes: a third of what training takes, without
    the head.
    """
    network = network_of(a)
    head = 2.0 * sum(p.n * p.products for p in network.parts if p.kind in ("embedding", "head"))
    return training_flop_per_token(network, sequence) / _TRAIN - head


def cache_read_bytes(a: Architecture | Network, context: int, *, value_bytes: float = 2.0) -> float:
    """Return the bytes of cache and state that writing one token reads behind a context; a state is written
    back too.
    """
    network = network_of(a)
    looks = [(p.n, v) for p in network.parts for v in p.looks]
    keys = sum(n * v.read * v.keys(context) * (1.0 if v.index else value_bytes) for n, v in looks)
    return keys + 2 * state_bytes(network)


def weights_read(a: Architecture | Network, batch: int) -> float:
    """Return the parameters that one step for a batch of texts reads: of the experts those that any of them uses.

    Each token is taken to use its experts at random: of E experts a token uses a, and a batch uses
    E (1 - (1 - a / E)^B) of them. Tables of which a token reads a row, and encoders of images, are not read.
    """
    total = 0.0
    for p in network_of(a).parts:
        unused = (1 - p.chance) ** batch / (1 - p.chance) if 0 < p.chance < 1 else 1.0
        total += p.n * (p.parameters - p.lookup - p.idle * unused)
    return total


def kv_bytes_per_token(a: Architecture | Network, *, value_bytes: float = 2.0) -> float:
    """Return the bytes that one more token of a long context adds to the cache of keys and values.

    2 k e values in a layer, or r_kv + p for MLA. Layers with a sliding window stop growing at the window and add
    nothing; `kv_cache_bytes` counts them. The keys of an indexer are apart, in `index_bytes_per_token`.
    """
    holds = [(p.n, h) for p in network_of(a).parts for h in p.holds if not h.index and not h.window]
    return sum(n * h.values / h.every for n, h in holds) * value_bytes


def kv_cache_bytes(a: Architecture | Network, context: int, *, value_bytes: float = 2.0) -> float:
    """Return the bytes of the cache of keys and values at a length of context, sliding windows filled or filling."""
    holds = [(p.n, h) for p in network_of(a).parts for h in p.holds if not h.index]
    return sum(n * h.values * (min(context, h.window or context) // h.every) for n, h in holds) * value_bytes


def index_bytes_per_token(a: Architecture | Network, *, value_bytes: float = 1.0) -> float:
    """Return the bytes that one more token adds to the indexer's keys: one of index width per layer (8-bit values)."""
    return sum(p.n * h.values / h.every for p in network_of(a).parts for h in p.holds if h.index) * value_bytes


def state_bytes(a: Architecture | Network, *, value_bytes: float = 4.0) -> float:
    """Return the bytes that layers with a state keep of a text, whatever its length (32-bit values)."""
    return sum(p.n * p.state for p in network_of(a).parts) * value_bytes


def windows(a: Architecture | Network) -> list[int]:
    """Return the sliding windows of its layers, in tokens, from the shortest."""
    return sorted({h.window for p in network_of(a).parts for h in p.holds if h.window})


def mean_keys(sequence: float, limit: int = 0) -> float:
    """Return how many keys a query of a causal sequence meets on average, at most `limit` (0: no limit).

    S / 2 without a limit; w - w² / (2 S) with a limit w below S.
    """
    if not limit or limit >= sequence:
        return sequence / 2
    return limit - limit**2 / (2 * sequence)


def _forward(p: Part, sequence: int) -> float:
    looks = sum(2.0 * v.width * mean_keys(sequence / v.every, v.limit) for v in p.looks)
    return 2.0 * p.products + p.state_flop + looks


def _met(p: Part, context: int) -> float:
    return sum(2.0 * (v.writing or v.width) * v.keys(context) for v in p.looks)
