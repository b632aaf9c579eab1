"""The table of networks whose layers differ: for each type what a layer may hold, and which layer holds what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadtime.cost import patterns as p
from leadtime.cost import special
from leadtime.cost.feeds import dense, experts, gated_width
from leadtime.cost.mixers import (
    Reader,
    attention,
    block_indexer,
    both,
    compressed,
    gated_delta,
    kimi_delta,
    latent,
    mamba1,
    mamba2,
    nothing,
    short_convolution,
)

_ALL_FULL, _ALL_DENSE = p.all_of("full_attention"), p.all_of("dense")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What networks of one type are made of.

    Args:
        mixers: Kinds of layers, by what carries between tokens.
        feeds: Kinds of layers, by what works on each token.
        mixer_of: Which layer is of which kind of mixer.
        feed_of: Which layer is of which kind of feed-forward part.
        norms: Norms in a layer.
        last_norm: Norms after the last layer.
        norm_size: Vectors of a norm: 1, or 2 with biases; 0 where norms have no parameters.
        tied: Whether the head is the embedding, where the configuration does not say.
        head_bias: Whether the output head has biases, or the flag that says so.
        layer: What each layer has beside.
        once: What the network has once beside.
        module: The kinds of mixer and feed-forward part of an MTP module; none where they are not known.
        modules: The field with the number of MTP modules.
        must: Settings that are counted: a field, and the values it may have.
        needs: Fields without which other programs fall back to a number of their own.
        defaults: Numbers of the reference implementation that the makers' own files leave out; that they were taken is
            told.
    """

    mixers: Mapping[str, Reader]
    feeds: Mapping[str, Reader]
    mixer_of: p.Pattern = _ALL_FULL
    feed_of: p.Pattern = _ALL_DENSE
    norms: int = 2
    last_norm: int = 1
    norm_size: int = 1
    tied: bool = False
    head_bias: bool | str = False
    layer: Reader = nothing
    once: Reader = nothing
    module: tuple[str, str] | None = None
    modules: str = "num_nextn_predict_layers"
    must: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    defaults: Mapping[str, int] = field(default_factory=dict)


_KV, _WINDOW = ("num_key_value_heads",), special.WINDOW
_GROUPED = ("num_key_value_heads", "head_dim")
_UNTIED: dict[str, tuple[Any, ...]] = {"tie_word_embeddings": (False,)}
_NO_BIAS: dict[str, tuple[Any, ...]] = {"attention_bias": (False,), "mlp_bias": (False,)}


def _windowed(**settings: Any) -> dict[str, Reader]:
    """Return full attention, and the same with a window."""
    return {"full_attention": attention(**settings), "sliding_attention": attention(**settings, window=_WINDOW)}


_LINEAR = {
    "full_attention": attention(norm="head", gate="width", bias="attention_bias"),
    "linear_attention": gated_delta,
}
_SHARED_QWEN = experts("num_experts", shared=("", "shared_expert_intermediate_size"), shared_gate=True)
_EVERY_FOURTH = p.listed("layer_types", p.every("full_attention_interval", "linear_attention", "full_attention", 4))
_GATED: dict[str, tuple[Any, ...]] = {"attn_output_gate": (True,)}
_BAMBA = mamba2("mamba_n_heads", "mamba_d_head", "mamba_n_groups", "mamba_d_state", "mamba_d_conv")
_NEMOTRON = mamba2("mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size", "conv_kernel")
_MINIMAX_M3 = Layout(
    mixers={
        "full_attention": attention(norm="head"),
        "minimax_m3_sparse": both(
            attention(norm="head", blocks=("sparse_block_size", "sparse_topk_blocks")),
            block_indexer("sparse_num_index_heads", "sparse_index_dim"),
        ),
    },
    feeds={
        "dense": dense("dense_intermediate_size"),
        "sparse": experts(
            "num_local_experts",
            "intermediate_size",
            shared=("n_shared_experts", "shared_intermediate_size"),
            balance="use_routing_bias",
        ),
    },
    mixer_of=p.listed(
        "layer_types", p.numbered("sparse_attention_freq", {0: "full_attention", 1: "minimax_m3_sparse"})
    ),
    feed_of=p.listed("mlp_layer_types", p.numbered("moe_layer_freq", {0: "dense", 1: "sparse"})),
    needs=_GROUPED,
    must={"attention_output_gate": (False,), "qk_norm_type": ("per_head",), "use_qk_norm": (True,)},
)
_STEP = Layout(
    mixers={"full_attention": attention(norm="head", gate="head"), "sliding_attention": special.step_mixer},
    feeds={
        "dense": dense(),
        "sparse": experts("num_experts", shared=("", "share_expert_dim"), balance="use_moe_router_bias"),
    },
    mixer_of=p.listed("layer_types", more=True),
    feed_of=p.listed(
        "mlp_layer_types",
        p.enumerated("moe_layers_enum", "sparse", "dense", p.first("first_k_dense_replace", "dense", "sparse")),
        more=True,
    ),
    needs=_GROUPED,
    must=_NO_BIAS,
)

#: Verified against the reference implementation: see docs/methods/architecture.md.
LAYOUTS: dict[str, Layout] = {
    "bamba": Layout(
        mixers={"full_attention": attention(bias="attention_bias"), "linear_attention": _BAMBA},
        feeds={"dense": dense(bias="mlp_bias")},
        mixer_of=p.listed("layer_types", special.bamba_layers),
        needs=_KV,
    ),
    "cohere": Layout(
        mixers={"full_attention": attention(norm="width", norm_if="use_qk_norm", bias="attention_bias")},
        feeds={"dense": dense()},
        norms=1,
        tied=True,
        needs=_KV,
    ),
    "cohere2": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense()},
        norms=1,
        tied=True,
        mixer_of=p.listed("layer_types", p.every("sliding_window_pattern", "sliding_attention", "full_attention", 4)),
        needs=_GROUPED,
    ),
    "deepseek_v4": Layout(
        mixers={
            "sliding_attention": compressed(0),
            "compressed_sparse_attention": compressed(4, overlap=True, selected=True),
            "heavily_compressed_attention": compressed(128),
        },
        feeds={
            "moe": experts("n_routed_experts", shared=("n_shared_experts", ""), balance=True),
            "hash_moe": experts("n_routed_experts", shared=("n_shared_experts", "")),
        },
        mixer_of=p.listed(
            "layer_types",
            p.numbered(
                "compress_ratios",
                {0: "sliding_attention", 4: "compressed_sparse_attention", 128: "heavily_compressed_attention"},
            ),
        ),
        feed_of=p.listed("mlp_layer_types", p.first("num_hash_layers", "hash_moe", "moe")),
        layer=special.hyper_connections,
        once=special.hyper_head,
        must=_NO_BIAS | {"num_key_value_heads": (1,)},
        needs=("head_dim",),
        module=("sliding_attention", "moe"),
    ),
    "ernie4_5": Layout(
        mixers={"full_attention": attention(bias="use_bias")},
        feeds={"dense": dense(bias="use_bias")},
        tied=True,
        needs=_GROUPED,
    ),
    "ernie4_5_moe": Layout(
        mixers={"full_attention": attention(bias="use_bias")},
        feeds={
            "dense": dense(bias="use_bias"),
            "sparse": experts("moe_num_experts", active="moe_k", shared=("moe_num_shared_experts", ""), balance=True),
        },
        feed_of=p.ernie_experts,
        tied=True,
        needs=_KV,
        must={"use_bias": (False,)},
    ),
    "exaone4": Layout(
        mixers=_windowed(norm="head"), feeds={"dense": dense()}, mixer_of=p.listed("layer_types"), needs=_KV
    ),
    "falcon_h1": Layout(
        mixers={
            "full_attention": both(
                attention(bias="attention_bias"),
                mamba2(
                    "mamba_n_heads",
                    "mamba_d_head",
                    "mamba_n_groups",
                    "mamba_d_state",
                    "mamba_d_conv",
                    normed="mamba_rms_norm",
                    inner="mamba_d_ssm",
                ),
            )
        },
        feeds={"dense": dense(bias="mlp_bias")},
        needs=_KV,
    ),
    "gemma": Layout(
        mixers={"full_attention": attention(bias="attention_bias")}, feeds={"dense": dense()}, tied=True, needs=_GROUPED
    ),
    "gemma2": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense()},
        norms=4,
        tied=True,
        needs=_GROUPED,
        mixer_of=p.listed(
            "layer_types", lambda f: [("sliding_attention", "full_attention")[i % 2] for i in range(f.layers())]
        ),
    ),
    "gemma3_text": Layout(
        mixers=_windowed(norm="head", bias="attention_bias"),
        feeds={"dense": dense()},
        norms=4,
        tied=True,
        defaults={"vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256},
        mixer_of=p.listed("layer_types", p.every("sliding_window_pattern", "sliding_attention", "full_attention", 6)),
    ),
    "gemma3n_text": Layout(
        mixers=_windowed(norm="head")
        | {
            "full_attention_without_keys": attention(norm="head", keyless=True),
            "sliding_attention_without_keys": attention(norm="head", window=_WINDOW, keyless=True),
        },
        feeds={"dense": nothing},
        mixer_of=special.without_keys,
        norms=4,
        tied=True,
        layer=both(special.layer_input, special.alternating_updates),
        once=both(special.layer_embeddings, special.alternating_ends, special.listed_dense),
        needs=_GROUPED,
        must=_NO_BIAS,
    ),
    "gemma4_text": Layout(
        mixers={
            "full_attention": special.gemma4_global(keyless=False),
            "full_attention_without_keys": special.gemma4_global(keyless=True),
            "sliding_attention": attention(norm="head", window=_WINDOW),
            "sliding_attention_without_keys": attention(norm="head", window=_WINDOW, keyless=True),
        },
        feeds={"dense": special.gemma4_feed(1), "wide": special.gemma4_feed(2)},
        mixer_of=special.gemma4_mixers,
        feed_of=special.gemma4_feeds,
        norms=4,
        tied=True,
        layer=special.layer_input,
        once=special.layer_embeddings,
        needs=(*_GROUPED, "global_head_dim"),
        must=_NO_BIAS,
    ),
    "glm": Layout(
        mixers={"full_attention": attention(bias="attention_bias", out_bias=False)},
        feeds={"dense": dense()},
        needs=_GROUPED,
    ),
    "glm4": Layout(
        mixers={"full_attention": attention(bias="attention_bias", out_bias=False)},
        feeds={"dense": dense()},
        norms=4,
        needs=_GROUPED,
    ),
    "glm4v_text": Layout(
        mixers={"full_attention": attention(bias=True, out_bias=False)}, feeds={"dense": dense()}, norms=4, needs=_KV
    ),
    "granite": Layout(
        mixers={"full_attention": attention(bias="attention_bias")}, feeds={"dense": dense(bias="mlp_bias")}, needs=_KV
    ),
    "granitemoe": Layout(
        mixers={"full_attention": attention(bias="attention_bias")},
        feeds={"dense": experts("num_local_experts", "intermediate_size")},
        needs=_KV,
    ),
    "granitemoeshared": Layout(
        mixers={"full_attention": attention(bias="attention_bias")},
        feeds={"dense": experts("num_local_experts", "intermediate_size", shared=("", "shared_intermediate_size"))},
        needs=(*_KV, "shared_intermediate_size"),
    ),
    "granitemoehybrid": Layout(
        mixers={"full_attention": attention(bias="attention_bias"), "linear_attention": _BAMBA},
        feeds={"dense": special.hybrid_feed},
        mixer_of=p.listed("layer_types"),
        needs=(*_KV, "shared_intermediate_size"),
    ),
    "jamba": Layout(
        mixers={
            "full_attention": attention(),
            "linear_attention": mamba1(
                state="mamba_d_state", kernel="mamba_d_conv", rank="mamba_dt_rank", expand="mamba_expand", normed=True
            ),
        },
        feeds={"dense": dense(), "sparse": experts("num_experts", "intermediate_size")},
        mixer_of=p.offset("attn_layer_period", "attn_layer_offset", "full_attention", "linear_attention"),
        feed_of=p.offset("expert_layer_period", "expert_layer_offset", "sparse", "dense"),
        needs=_KV,
    ),
    "kimi_linear": Layout(
        mixers={"full_attention": latent(gate_if="mla_use_output_gate"), "linear_attention": kimi_delta},
        feeds={
            "dense": dense(),
            "sparse": experts(
                "num_experts",
                shared=("n_shared_experts", ""),
                balance=True,
                inner="routed_expert_hidden_size",
                inner_norm="latent_moe_use_norm",
            ),
        },
        mixer_of=p.listed(
            "layer_types",
            p.within("linear_attn_config", p.positions("full_attn_layers", "full_attention", "linear_attention")),
        ),
        feed_of=p.listed("mlp_layer_types", p.first("first_k_dense_replace", "dense", "sparse")),
        layer=special.attention_residuals(2),
        once=special.attention_residuals(1),
        must=_NO_BIAS | _UNTIED | {"moe_layer_freq": (1,)},
    ),
    "lfm2": Layout(
        mixers={"full_attention": attention(norm="head"), "conv": short_convolution},
        feeds={"dense": gated_width},
        mixer_of=p.listed("layer_types", special.lfm2_layers),
        tied=True,
        needs=_KV,
    ),
    "llama4_text": Layout(
        mixers={
            "full_attention": attention(bias="attention_bias"),
            "sliding_attention": attention(bias="attention_bias", window="attention_chunk_size"),
        },
        feeds={
            "dense": dense("intermediate_size_mlp"),
            "sparse": experts("num_local_experts", "intermediate_size", shared=("", "intermediate_size")),
        },
        mixer_of=p.listed("layer_types", p.numbered_rope),
        feed_of=p.llama_experts,
        needs=_GROUPED,
    ),
    "mamba": Layout(
        mixers={
            "full_attention": mamba1(
                state="state_size", kernel="conv_kernel", rank="time_step_rank", expand="", normed=False
            )
        },
        feeds={"dense": nothing},
        norms=1,
        tied=True,
    ),
    "mamba2": Layout(
        mixers={"full_attention": mamba2("num_heads", "head_dim", "n_groups", "state_size", "conv_kernel")},
        feeds={"dense": nothing},
        norms=1,
    ),
    "mimo": Layout(
        mixers={"full_attention": attention(bias=True, out_bias=False)},
        feeds={"dense": dense()},
        needs=_GROUPED,
        must={"use_sliding_window": (False,)},
    ),
    "mimo_v2_flash": Layout(
        mixers={
            "full_attention": attention(
                value="v_head_dim", sinks="add_full_attention_sink_bias", bias="attention_bias", out_bias=False
            ),
            "sliding_attention": attention(
                heads="swa_num_attention_heads",
                kv_heads="swa_num_key_value_heads",
                key="swa_head_dim",
                value="swa_v_head_dim",
                sinks="add_swa_attention_sink_bias",
                bias="attention_bias",
                out_bias=False,
                window=_WINDOW,
            ),
        },
        feeds={"dense": dense(), "sparse": experts("n_routed_experts", shared=("n_shared_experts", ""), balance=True)},
        mixer_of=p.listed(
            "layer_types", p.numbered("hybrid_layer_pattern", {0: "full_attention", 1: "sliding_attention"})
        ),
        feed_of=p.listed("mlp_layer_types", p.numbered("moe_layer_freq", {0: "dense", 1: "sparse"})),
        needs=_GROUPED,
    ),
    "minimax_m2": Layout(
        mixers={"full_attention": attention(norm="width", norm_if="use_qk_norm")},
        feeds={"dense": experts("num_local_experts", "intermediate_size", balance="use_routing_bias")},
        needs=(*_GROUPED, "use_qk_norm"),
        must={"qk_norm_type": ("per_layer",), "shared_intermediate_size": (0,)},
    ),
    "minimax_m3": _MINIMAX_M3,
    "ministral3": Layout(
        mixers=_windowed(),
        feeds={"dense": dense()},
        needs=_GROUPED,
        mixer_of=lambda f: ["sliding_attention" if f.get(_WINDOW) else "full_attention"] * f.layers(),
    ),
    "nemotron": Layout(
        mixers={"full_attention": attention(bias="attention_bias")},
        feeds={"dense": dense(matrices=2, bias="mlp_bias")},
        norm_size=2,
        needs=_KV,
    ),
    "nemotron_h": Layout(
        mixers={
            "full_attention": attention(key="head_dim"),
            "linear_attention": _NEMOTRON,
            "mlp": dense(matrices=2, bias="mlp_bias"),
            "moe": experts(
                "n_routed_experts",
                matrices=2,
                balance=True,
                inner="moe_latent_size",
                shared=("n_shared_experts", "moe_shared_expert_intermediate_size"),
            ),
        },
        feeds={"dense": nothing},
        norms=1,
        must=_NO_BIAS | _UNTIED,
        needs=_KV,
        mixer_of=p.letters(
            "hybrid_override_pattern",
            {"M": "linear_attention", "*": "full_attention", "-": "mlp", "E": "moe"},
            p.listed("layers_block_type"),
        ),
    ),
    "nemotron-nas": Layout(
        mixers={"full_attention": nothing},
        feeds={"dense": nothing},
        norms=0,
        once=special.searched_blocks,
        needs=("block_configs",),
        must=_NO_BIAS,
    ),
    "olmo": Layout(
        mixers={"full_attention": attention(bias="attention_bias")}, feeds={"dense": dense()}, norm_size=0, needs=_KV
    ),
    "olmo2": Layout(
        mixers={"full_attention": attention(norm="width", bias="attention_bias")}, feeds={"dense": dense()}, needs=_KV
    ),
    "olmo3": Layout(
        mixers=_windowed(norm="width", bias="attention_bias"),
        feeds={"dense": dense()},
        needs=_KV,
        mixer_of=p.listed("layer_types", p.every("sliding_window_pattern", "sliding_attention", "full_attention", 4)),
    ),
    "olmoe": Layout(
        mixers={"full_attention": attention(norm="width", bias="attention_bias")},
        feeds={"dense": experts("num_experts", "intermediate_size")},
        needs=_KV,
    ),
    "phi": Layout(
        mixers={"full_attention": attention(norm="biased", norm_if="qk_layernorm", bias=True)},
        feeds={"dense": dense(matrices=2, bias=True)},
        norms=1,
        norm_size=2,
        head_bias=True,
    ),
    "phi3": Layout(
        mixers=_windowed(),
        feeds={"dense": dense()},
        needs=_KV,
        mixer_of=lambda f: ["sliding_attention" if f.get(_WINDOW) else "full_attention"] * f.layers(),
    ),
    "phimoe": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": experts("num_local_experts", "intermediate_size")},
        norm_size=2,
        head_bias="lm_head_bias",
        needs=_KV,
        mixer_of=lambda f: ["sliding_attention" if f.get(_WINDOW) else "full_attention"] * f.layers(),
    ),
    "qwen2_moe": Layout(
        mixers={"full_attention": attention(bias=True, out_bias=False)},
        feeds={"dense": dense(), "sparse": _SHARED_QWEN},
        feed_of=p.qwen_experts,
        needs=_KV,
        must={"use_sliding_window": (False,), "qkv_bias": (True,)},
    ),
    "qwen3_5_moe_text": Layout(
        mixers=_LINEAR,
        feeds={"dense": _SHARED_QWEN},
        mixer_of=_EVERY_FOURTH,
        must=_GATED | {"mlp_only_layers": ([],)},
        needs=_GROUPED,
        module=("full_attention", "dense"),
        modules="mtp_num_hidden_layers",
    ),
    "qwen3_5_text": Layout(
        mixers=_LINEAR,
        feeds={"dense": dense()},
        mixer_of=_EVERY_FOURTH,
        must=_GATED,
        needs=_GROUPED,
        module=("full_attention", "dense"),
        modules="mtp_num_hidden_layers",
    ),
    "qwen3_next": Layout(
        mixers=_LINEAR,
        feeds={"dense": dense(), "sparse": _SHARED_QWEN},
        mixer_of=_EVERY_FOURTH,
        feed_of=p.qwen_experts,
        must=_GATED,
        needs=_GROUPED,
    ),
    "seed_oss": Layout(
        mixers={"full_attention": attention(bias="attention_bias", out_bias="attention_out_bias")},
        feeds={"dense": dense(bias="mlp_bias")},
        needs=(*_GROUPED, "attention_bias"),
    ),
    "smollm3": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense(bias="mlp_bias")},
        tied=True,
        needs=_KV,
        mixer_of=p.listed("layer_types", p.all_of("full_attention")),
        must={"use_sliding_window": (False,)},
    ),
    "starcoder2": Layout(
        mixers=_windowed(bias="use_bias"),
        feeds={"dense": dense(matrices=2, bias="use_bias")},
        norm_size=2,
        tied=True,
        needs=(*_KV, "use_bias"),
        mixer_of=lambda f: ["sliding_attention" if f.get(_WINDOW) else "full_attention"] * f.layers(),
    ),
    "step3p5": _STEP,
    "step3p7": _STEP,
}
