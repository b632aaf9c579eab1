"""The shape of a network: everything that its parameters, operations and cache are counted from."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from leadtime.cost.families import Family, family_of
from leadtime.errors import LeadtimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """One network, in the columns of the evidence table `architectures`; 0 means that a part is not there.

    Args:
        family: `model_type` of the configuration, one of `FAMILIES`.
        n_layers: Layers, without multi-token-prediction (MTP) modules.
        hidden: Width of the residual stream.
        vocabulary: Rows of the embedding.
        tied: Whether the output head is the embedding.
        n_heads: Query heads.
        n_kv_heads: Key and value heads; 0 for MLA.
        head_dim: Width of a head; 0 for MLA.
        q_rank: MLA: rank of the query compression; 0 when there is none.
        kv_rank: MLA: rank of the key-value compression.
        nope_dim: MLA: width of the part of a query or key without position.
        rope_dim: MLA: width of the part with position, shared by all heads on the key side.
        v_dim: MLA: width of a value head.
        index_heads: DSA: heads of the indexer.
        index_dim: DSA: width of an indexer head.
        index_top: DSA: keys kept per query.
        n_index_layers: DSA: layers with an indexer of their own, where others use its selection; 0 for all layers.
        window: Sliding window, in tokens.
        n_window_layers: How many layers use it.
        ffn: Inner width of a dense feed-forward layer.
        expert_ffn: Inner width of an expert.
        n_experts: Routed experts in a layer.
        n_active: Routed experts used per token.
        n_shared: Shared experts in a layer.
        n_dense_layers: Layers with a dense feed-forward part.
        n_mtp: MTP modules.
        qkv_bias: Biases on query, key and value.
        qk_norm: Norms on queries and keys.

    Raises:
        LeadtimeError: A family that is not counted, a negative number, or numbers that do not fit together.
    """

    family: str
    n_layers: int
    hidden: int
    vocabulary: int
    tied: bool
    n_heads: int
    n_kv_heads: int = 0
    head_dim: int = 0
    q_rank: int = 0
    kv_rank: int = 0
    nope_dim: int = 0
    rope_dim: int = 0
    v_dim: int = 0
    index_heads: int = 0
    index_dim: int = 0
    index_top: int = 0
    n_index_layers: int = 0
    window: int = 0
    n_window_layers: int = 0
    ffn: int = 0
    expert_ffn: int = 0
    n_experts: int = 0
    n_active: int = 0
    n_shared: int = 0
    n_dense_layers: int = 0
    n_mtp: int = 0
    qkv_bias: bool = False
    qk_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse a shape that no network can have."""
        problem = _negative(self) or _inconsistent(self)
        if problem:
            raise LeadtimeError(problem, where="architecture", fix="Compare with the model's own config.json.")

    @property
    def traits(self) -> Family:
        """What the family fixes by itself."""
        return family_of(self.family)

    @property
    def is_mla(self) -> bool:
        """Whether keys and values are compressed."""
        return self.kv_rank > 0

    @property
    def n_moe_layers(self) -> int:
        """Layers with routed experts."""
        return self.n_layers - self.n_dense_layers if self.n_experts else 0

    @property
    def key_dim(self) -> int:
        """Width over which a query head meets a key."""
        return self.nope_dim + self.rope_dim if self.is_mla else self.head_dim

    @property
    def value_dim(self) -> int:
        """Width of the value that a head returns."""
        return self.v_dim if self.is_mla else self.head_dim

    @staticmethod
    def from_row(row: Mapping[str, Any]) -> "Architecture":
        """Return the network of one row of the table `architectures` (empty cells count as none)."""
        names = {f.name for f in fields(Architecture)}
        try:
            return Architecture(**{k: v for k, v in row.items() if k in names and v is not None})
        except LeadtimeError as error:
            raise LeadtimeError(error.what, where=f"architectures, {row.get('id', 'row')}", fix=error.fix) from None


def _negative(a: Architecture) -> str:
    for f in fields(a):
        value = getattr(a, f.name)
        least = 1 if f.name in ("n_layers", "hidden", "vocabulary", "n_heads") else 0
        if isinstance(value, int) and not isinstance(value, bool) and value < least:
            return f"{f.name} is {value}, and must be at least {least}"
    return ""


def _inconsistent(a: Architecture) -> str:
    family = family_of(a.family)
    together = ("kv_rank", "nope_dim", "rope_dim", "v_dim") if family.mla else ("n_kv_heads", "head_dim")
    moe = ("expert_ffn", "n_active") if a.n_experts else ()
    dsa = ("q_rank", "index_heads", "index_dim", "index_top") if family.dsa else ()
    for name in (*together, *moe, *dsa):
        if not getattr(a, name):
            return f"{name} is missing or 0, which a network of type {a.family} cannot have"
    checks = (
        (a.n_experts > 0 and not family.experts, f"type {a.family} has no experts, but n_experts is {a.n_experts}"),
        (family.mla != a.is_mla, f"type {a.family} has no key-value compression, but kv_rank is {a.kv_rank}"),
        (not family.dsa and a.index_heads > 0, f"type {a.family} has no indexer, but index_heads is {a.index_heads}"),
        (
            not family.mla and a.n_heads % max(a.n_kv_heads, 1) > 0,
            f"{a.n_heads} query heads do not divide among {a.n_kv_heads} key-value heads",
        ),
        (a.n_active > a.n_experts, f"{a.n_active} experts are used per token, of only {a.n_experts}"),
        (a.n_index_layers > a.n_layers, f"{a.n_index_layers} indexers in only {a.n_layers} layers"),
        (a.n_dense_layers > a.n_layers, f"{a.n_dense_layers} dense layers of only {a.n_layers} layers"),
        (a.n_window_layers > a.n_layers, f"{a.n_window_layers} layers with a window of only {a.n_layers} layers"),
        (a.n_window_layers > 0 and not a.window, f"{a.n_window_layers} layers use a sliding window of 0 tokens"),
        (not a.ffn and a.n_moe_layers < a.n_layers, "ffn is missing, and there are dense layers"),
    )
    return next((what for wrong, what in checks if wrong), "")
