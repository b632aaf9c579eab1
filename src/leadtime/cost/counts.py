"""Parameters, operations and cache bytes of a network, counted part by part from its shape.

Notation of the docstrings: d width, L layers, h query heads, k key-value heads, e head width, f inner width,
V vocabulary, r_q and r_kv the ranks of MLA, n, p and v its widths without position, with position and of values,
S sequence length.
"""

from dataclasses import dataclass

from leadtime.cost.architecture import Architecture
from leadtime.errors import LeadtimeError

_TRAIN = 3  # one forward pass, and a backward pass that costs two


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters by part; the parts add up to `total`, and `mtp` stands beside it.

    Args:
        embedding: V d.
        attention: Projections of queries, keys, values and outputs with their norms, biases and sinks, all layers.
        indexer: The indexers of sparse attention, all layers.
        dense_ffn: Feed-forward parts of the dense layers.
        routed_experts: All routed experts of all layers.
        shared_experts: All shared experts of all layers.
        router: The products that score the experts.
        balance_bias: One load-balancing bias per expert and layer (some programs do not count it).
        norms: Two per layer and the last one.
        head: V d, or 0 when it is the embedding.
        mtp: Multi-token-prediction modules, without the embedding and head they share with the network.
        idle_experts: The routed experts that a token does not use (part of `routed_experts`).
        tied: Whether the head is the embedding.
    """

    embedding: int
    attention: int
    indexer: int
    dense_ffn: int
    routed_experts: int
    shared_experts: int
    router: int
    balance_bias: int
    norms: int
    head: int
    mtp: int
    idle_experts: int
    tied: bool

    @property
    def parts(self) -> dict[str, int]:
        """The parts that add up to the total."""
        names = ("embedding", "attention", "indexer", "dense_ffn", "routed_experts", "shared_experts", "router",
                 "balance_bias", "norms", "head")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    @property
    def total(self) -> int:
        """All parameters of the network, without MTP modules."""
        return sum(self.parts.values())

    @property
    def active(self) -> int:
        """Parameters that a token uses, the whole input embedding counted."""
        return self.total - self.idle_experts

    @property
    def active_without_input_embedding(self) -> int:
        """Parameters that a token uses beside the look-up of its embedding (a tied head is used, so it counts)."""
        return self.active - (0 if self.tied else self.embedding)


def parameters(a: Architecture) -> Parameters:
    """Return the parameters of a network by part.

    An MTP module is one more layer of the network's last kind, a projection of 2d to d and three norms.
    """
    n_dense = a.n_layers - a.n_moe_layers
    layer_mtp = _attention(a) + _indexer(a) + 2 * a.hidden + (_moe(a) if a.n_moe_layers else 3 * a.hidden * a.ffn)
    return Parameters(
        embedding=a.vocabulary * a.hidden,
        attention=a.n_layers * _attention(a),
        indexer=a.n_layers * _indexer(a),
        dense_ffn=n_dense * 3 * a.hidden * a.ffn,
        routed_experts=a.n_moe_layers * a.n_experts * _expert(a),
        shared_experts=a.n_moe_layers * a.n_shared * _expert(a),
        router=a.n_moe_layers * _router(a),
        balance_bias=a.n_moe_layers * _balance_bias(a),
        norms=(2 * a.n_layers + 1) * a.hidden,
        head=0 if a.tied else a.vocabulary * a.hidden,
        mtp=a.n_mtp * (layer_mtp + 2 * a.hidden**2 + 3 * a.hidden),
        idle_experts=a.n_moe_layers * (a.n_experts - a.n_active) * _expert(a),
        tied=a.tied,
    )


def training_flop_per_token(a: Architecture, sequence: int, *, mtp: bool = False) -> float:
    """Return the floating-point operations that training spends on one token of a sequence.

    6 N + 3 · 2 · h · (key width + value width) · keys, summed over layers: N are the weights in matrix products that
    the token meets (with the head, without the embedding's look-up, norms and biases), and a query meets `keys` keys
    on average, counting causal attention once. The factor 3 is forward and backward; recomputation is not counted.

    Args:
        a: The network.
        sequence: Tokens in a training sequence.
        mtp: Whether the multi-token-prediction modules are trained too; each also runs the head once more.
    """
    if sequence < 1:
        raise LeadtimeError(f"a sequence of {sequence} tokens cannot be counted", fix="Give 1 token or more.")
    head = a.vocabulary * a.hidden
    ffn = (a.n_layers - a.n_moe_layers) * 3 * a.hidden * a.ffn + a.n_moe_layers * _moe_products(a)
    weights = head + ffn + a.n_layers * (_attention_products(a) + _indexer_products(a))
    flop = 2.0 * weights + (a.n_layers - a.n_window_layers) * _scores(a, sequence, windowed=False)
    flop += a.n_window_layers * _scores(a, sequence, windowed=True)
    if mtp:
        last = _moe_products(a) if a.n_moe_layers else 3 * a.hidden * a.ffn
        module = last + _attention_products(a) + _indexer_products(a) + 2 * a.hidden**2 + head
        flop += a.n_mtp * (2.0 * module + _scores(a, sequence, windowed=False))
    return _TRAIN * flop


def kv_bytes_per_token(a: Architecture, *, value_bytes: float = 2.0) -> float:
    """Return the bytes that one more token of context adds to the cache of keys and values.

    L · 2 · k · e values, or L · (r_kv + p) for MLA. Layers with a sliding window stop growing at the window and add
    nothing; `kv_cache_bytes` counts them. The keys of an indexer are apart, in `index_bytes_per_token`.
    """
    return (a.n_layers - a.n_window_layers) * _cached(a) * value_bytes


def kv_cache_bytes(a: Architecture, context: int, *, value_bytes: float = 2.0) -> float:
    """Return the bytes of the cache of keys and values at a length of context, sliding windows filled or filling."""
    held = min(context, a.window) if a.n_window_layers else 0
    return ((a.n_layers - a.n_window_layers) * context + a.n_window_layers * held) * _cached(a) * value_bytes


def index_bytes_per_token(a: Architecture, *, value_bytes: float = 1.0) -> float:
    """Return the bytes that one more token adds to the indexer's keys: one of index width per layer (8-bit values)."""
    return a.n_layers * a.index_dim * value_bytes if a.index_heads else 0.0


def mean_keys(sequence: int, limit: int = 0) -> float:
    """Return how many keys a query of a causal sequence meets on average, at most `limit` (0: no limit).

    S / 2 without a limit; w - w² / (2 S) with a limit w below S.
    """
    if not limit or limit >= sequence:
        return sequence / 2
    return limit - limit**2 / (2 * sequence)


def _attention_products(a: Architecture) -> int:
    """Weights of one layer's projections: d h e + 2 d k e + h e d, or MLA's five matrices (three without r_q)."""
    d, h = a.hidden, a.n_heads
    if not a.is_mla:
        return 2 * d * h * a.head_dim + 2 * d * a.n_kv_heads * a.head_dim
    query = d * a.q_rank + a.q_rank * h * a.key_dim if a.q_rank else d * h * a.key_dim
    return query + d * (a.kv_rank + a.rope_dim) + a.kv_rank * h * (a.nope_dim + a.v_dim) + h * a.v_dim * d


def _attention(a: Architecture) -> int:
    """Parameters of one layer's attention: products, and norms r_q + r_kv or 2e, biases (h + 2k) e, + d, h sinks."""
    if a.is_mla:
        return _attention_products(a) + a.q_rank + a.kv_rank
    bias = (a.n_heads + 2 * a.n_kv_heads) * a.head_dim + (a.hidden if a.traits.output_bias else 0)
    extra = (bias if a.qkv_bias else 0) + (2 * a.head_dim if a.qk_norm else 0)
    return _attention_products(a) + extra + (a.n_heads if a.traits.sinks else 0)


def _indexer_products(a: Architecture) -> int:
    """Weights of one indexer: its queries from r_q, its keys from d, a weight per head from d."""
    return a.index_heads * a.index_dim * a.q_rank + a.hidden * a.index_dim + a.hidden * a.index_heads


def _indexer(a: Architecture) -> int:
    return _indexer_products(a) + 2 * a.index_dim


def _expert(a: Architecture) -> int:
    """Parameters of one expert: three matrices d f, and biases of 2 f + d where the family has them."""
    return 3 * a.hidden * a.expert_ffn + (2 * a.expert_ffn + a.hidden if a.traits.expert_bias else 0)


def _router(a: Architecture) -> int:
    return a.n_experts * (a.hidden + (1 if a.traits.expert_bias else 0))


def _balance_bias(a: Architecture) -> int:
    return a.n_experts if a.traits.balance_bias else 0


def _moe(a: Architecture) -> int:
    return (a.n_experts + a.n_shared) * _expert(a) + _router(a) + _balance_bias(a)


def _moe_products(a: Architecture) -> int:
    """Weights that a token meets in one layer of experts: the active and shared ones, and the router."""
    return (a.n_active + a.n_shared) * 3 * a.hidden * a.expert_ffn + a.n_experts * a.hidden


def _scores(a: Architecture, sequence: int, *, windowed: bool) -> float:
    """Forward FLOP per token of one layer's scores and weighted values, and of the indexer's scores over all keys."""
    limit = a.window if windowed else a.index_top
    main = 2.0 * a.n_heads * (a.key_dim + a.value_dim) * mean_keys(sequence, limit)
    return main + 2.0 * a.index_heads * a.index_dim * mean_keys(sequence)


def _cached(a: Architecture) -> int:
    return a.kv_rank + a.rope_dim if a.is_mla else 2 * a.n_kv_heads * a.head_dim
