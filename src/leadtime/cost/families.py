"""The families of networks whose layers are all of one kind, and what each family fixes by itself; `layouts` has the
others.
"""

from dataclasses import dataclass

from leadtime.errors import LeadtimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is true of every network of one `model_type`.

    Args:
        mla: Keys and values are compressed (multi-head latent attention).
        dsa: An indexer selects the keys of each query (DeepSeek sparse attention).
        experts: Name of the field that counts routed experts; empty for a dense network.
        expert_width: Name of the field with an expert's inner width.
        shared: Whether the field `n_shared_experts` counts shared experts.
        qkv_bias: Biases on query, key and value; None when `attention_bias` says so.
        output_bias: Whether the output projection has a bias wherever query, key and value have one.
        qk_norm: Norms on queries and keys; None when `use_qk_norm` says so.
        sinks: One learned attention sink per head.
        expert_bias: Biases in every expert and in the router's product.
        balance_bias: One routing bias per expert that balances load and is not trained by gradient.
        windows: How sliding windows are told: never, in all layers, by `use_sliding_window`, or alternating.
        explicit: Fields without which the reference implementation falls back to a number of its own.
    """

    mla: bool = False
    dsa: bool = False
    experts: str = ""
    expert_width: str = "moe_intermediate_size"
    shared: bool = False
    qkv_bias: bool | None = None
    output_bias: bool = False
    qk_norm: bool | None = False
    sinks: bool = False
    expert_bias: bool = False
    balance_bias: bool = False
    windows: str = "never"
    explicit: tuple[str, ...] = ()


_DEEPSEEK_V3 = Family(mla=True, experts="n_routed_experts", shared=True, qkv_bias=False, balance_bias=True)
_DSA = Family(mla=True, dsa=True, experts="n_routed_experts", shared=True, qkv_bias=False, balance_bias=True)
_HEADS = ("num_key_value_heads", "head_dim")

#: Verified against the reference implementation: see docs/methods/architecture.md.
FAMILIES: dict[str, Family] = {
    "deepseek_v2": Family(mla=True, experts="n_routed_experts", shared=True, qkv_bias=False),
    "deepseek_v3": _DEEPSEEK_V3,
    "deepseek_v32": _DSA,
    "glm4_moe": Family(experts="n_routed_experts", shared=True, qk_norm=None, balance_bias=True, explicit=_HEADS),
    "glm_moe_dsa": _DSA,
    "gpt_oss": Family(
        experts="num_local_experts",
        expert_width="intermediate_size",
        output_bias=True,
        sinks=True,
        expert_bias=True,
        windows="alternating",
        explicit=(*_HEADS, "sliding_window"),
    ),
    "kimi_k2": _DEEPSEEK_V3,
    "llama": Family(output_bias=True),
    "mistral": Family(qkv_bias=False, windows="all", explicit=("num_key_value_heads", "sliding_window")),
    "mixtral": Family(
        experts="num_local_experts",
        expert_width="intermediate_size",
        qkv_bias=False,
        windows="all",
        explicit=("num_key_value_heads",),
    ),
    "qwen2": Family(qkv_bias=True, windows="flag", explicit=("num_key_value_heads",)),
    "qwen3": Family(output_bias=True, qk_norm=True, windows="flag", explicit=_HEADS),
    "qwen3_moe": Family(experts="num_experts", output_bias=True, qk_norm=True, windows="flag", explicit=_HEADS),
}


def family_of(model_type: str, *, where: str = "") -> Family:
    """Return what a `model_type` fixes, or refuse types whose layers differ.

    Raises:
        LeadtimeError: The type is not among those; they are listed.
    """
    if model_type not in FAMILIES:
        raise LeadtimeError(
            f"networks of type {model_type!r} do not have layers of one kind, as a row of architectures has",
            where=where,
            fix=f"Types of one kind of layer: {', '.join(FAMILIES)}.",
        )
    return FAMILIES[model_type]
