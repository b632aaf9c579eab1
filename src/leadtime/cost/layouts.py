"""The table of networks whose layers differ, by type; those with a state stand in `stateful`."""

from typing import Any

from leadtime.cost import patterns as p
from leadtime.cost import special
from leadtime.cost.feeds import Mixture, dense
from leadtime.cost.layout import GROUPED, KV, NO_BIAS, Layout
from leadtime.cost.mixers import Attention, Reader, block_indexer, both, compressed, nothing
from leadtime.cost.special import WINDOW
from leadtime.cost.stateful import SHARED_QWEN, STATEFUL


def _windowed(**settings: Any) -> dict[str, Reader]:
    """Return full attention, and the same with a window."""
    return {"full_attention": Attention(**settings), "sliding_attention": Attention(**settings, window=WINDOW)}


_MINIMAX_M3 = Layout(
    mixers={
        "full_attention": Attention(norm="head"),
        "minimax_m3_sparse": both(
            Attention(norm="head", blocks=("sparse_block_size", "sparse_topk_blocks")),
            block_indexer("sparse_num_index_heads", "sparse_index_dim"),
        ),
    },
    feeds={
        "dense": dense("dense_intermediate_size"),
        "sparse": Mixture(
            n="num_local_experts",
            width="intermediate_size",
            shared=("n_shared_experts", "shared_intermediate_size"),
            balance="use_routing_bias",
        ),
    },
    mixer_of=p.listed(
        "layer_types", p.numbered("sparse_attention_freq", {0: "full_attention", 1: "minimax_m3_sparse"})
    ),
    feed_of=p.listed("mlp_layer_types", p.numbered("moe_layer_freq", {0: "dense", 1: "sparse"})),
    needs=GROUPED,
    must={"attention_output_gate": (False,), "qk_norm_type": ("per_head",), "use_qk_norm": (True,)},
)
_STEP = Layout(
    mixers={"full_attention": Attention(norm="head", gate="head"), "sliding_attention": special.step_mixer},
    feeds={
        "dense": dense(),
        "sparse": Mixture(n="num_experts", shared=("", "share_expert_dim"), balance="use_moe_router_bias"),
    },
    mixer_of=p.listed("layer_types", more=True),
    feed_of=p.listed(
        "mlp_layer_types",
        p.enumerated("moe_layers_enum", "sparse", "dense", p.first("first_k_dense_replace", "dense", "sparse")),
        more=True,
    ),
    needs=GROUPED,
    must=NO_BIAS,
)


#: Verified against the reference implementation: see docs/methods/architecture.md.
LAYOUTS: dict[str, Layout] = STATEFUL | {
    "cohere": Layout(
        mixers={"full_attention": Attention(norm="width", norm_if="use_qk_norm", bias="attention_bias")},
        feeds={"dense": dense()},
        norms=1,
        tied=True,
        needs=KV,
    ),
    "cohere2": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense()},
        norms=1,
        tied=True,
        mixer_of=p.listed("layer_types", p.every("sliding_window_pattern", "sliding_attention", "full_attention", 4)),
        needs=GROUPED,
    ),
    "deepseek_v4": Layout(
        mixers={
            "sliding_attention": compressed(0),
            "compressed_sparse_attention": compressed(4, overlap=True, selected=True),
            "heavily_compressed_attention": compressed(128),
        },
        feeds={
            "moe": Mixture(n="n_routed_experts", shared=("n_shared_experts", ""), balance=True),
            "hash_moe": Mixture(n="n_routed_experts", shared=("n_shared_experts", "")),
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
        must=NO_BIAS | {"num_key_value_heads": (1,)},
        needs=("head_dim",),
        module=("sliding_attention", "moe"),
    ),
    "ernie4_5": Layout(
        mixers={"full_attention": Attention(bias="use_bias")},
        feeds={"dense": dense(bias="use_bias")},
        tied=True,
        needs=GROUPED,
    ),
    "ernie4_5_moe": Layout(
        mixers={"full_attention": Attention(bias="use_bias")},
        feeds={
            "dense": dense(bias="use_bias"),
            "sparse": Mixture(n="moe_num_experts", active="moe_k", shared=("moe_num_shared_experts", ""), balance=True),
        },
        feed_of=p.ernie_experts,
        tied=True,
        needs=KV,
        must={"use_bias": (False,)},
    ),
    "exaone4": Layout(
        mixers=_windowed(norm="head"), feeds={"dense": dense()}, mixer_of=p.listed("layer_types"), needs=KV
    ),
    "gemma": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")}, feeds={"dense": dense()}, tied=True, needs=GROUPED
    ),
    "gemma2": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense()},
        norms=4,
        tied=True,
        needs=GROUPED,
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
            "full_attention_without_keys": Attention(norm="head", keyless=True),
            "sliding_attention_without_keys": Attention(norm="head", window=WINDOW, keyless=True),
        },
        feeds={"dense": nothing},
        mixer_of=special.without_keys,
        norms=4,
        tied=True,
        layer=both(special.layer_input, special.alternating_updates),
        once=both(special.layer_embeddings, special.alternating_ends, special.listed_dense),
        needs=GROUPED,
        must=NO_BIAS,
    ),
    "gemma4_text": Layout(
        mixers={
            "full_attention": special.gemma4_global(keyless=False),
            "full_attention_without_keys": special.gemma4_global(keyless=True),
            "sliding_attention": Attention(norm="head", window=WINDOW),
            "sliding_attention_without_keys": Attention(norm="head", window=WINDOW, keyless=True),
        },
        feeds={"dense": special.gemma4_feed(1), "wide": special.gemma4_feed(2)},
        mixer_of=special.gemma4_mixers,
        feed_of=special.gemma4_feeds,
        norms=4,
        tied=True,
        layer=special.layer_input,
        once=special.layer_embeddings,
        needs=(*GROUPED, "global_head_dim"),
        must=NO_BIAS,
    ),
    "glm": Layout(
        mixers={"full_attention": Attention(bias="attention_bias", out_bias=False)},
        feeds={"dense": dense()},
        needs=GROUPED,
    ),
    "glm4": Layout(
        mixers={"full_attention": Attention(bias="attention_bias", out_bias=False)},
        feeds={"dense": dense()},
        norms=4,
        needs=GROUPED,
    ),
    "glm4v_text": Layout(
        mixers={"full_attention": Attention(bias=True, out_bias=False)}, feeds={"dense": dense()}, norms=4, needs=KV
    ),
    "granite": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")}, feeds={"dense": dense(bias="mlp_bias")}, needs=KV
    ),
    "granitemoe": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")},
        feeds={"dense": Mixture(n="num_local_experts", width="intermediate_size")},
        needs=KV,
    ),
    "granitemoeshared": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")},
        feeds={
            "dense": Mixture(n="num_local_experts", width="intermediate_size", shared=("", "shared_intermediate_size"))
        },
        needs=(*KV, "shared_intermediate_size"),
    ),
    "llama4_text": Layout(
        mixers={
            "full_attention": Attention(bias="attention_bias"),
            "sliding_attention": Attention(bias="attention_bias", window="attention_chunk_size"),
        },
        feeds={
            "dense": dense("intermediate_size_mlp"),
            "sparse": Mixture(n="num_local_experts", width="intermediate_size", shared=("", "intermediate_size")),
        },
        mixer_of=p.listed("layer_types", p.numbered_rope),
        feed_of=p.llama_experts,
        needs=GROUPED,
    ),
    "mimo": Layout(
        mixers={"full_attention": Attention(bias=True, out_bias=False)},
        feeds={"dense": dense()},
        needs=GROUPED,
        must={"use_sliding_window": (False,)},
    ),
    "mimo_v2_flash": Layout(
        mixers={
            "full_attention": Attention(
                value="v_head_dim", sinks="add_full_attention_sink_bias", bias="attention_bias", out_bias=False
            ),
            "sliding_attention": Attention(
                heads="swa_num_attention_heads",
                kv_heads="swa_num_key_value_heads",
                key="swa_head_dim",
                value="swa_v_head_dim",
                sinks="add_swa_attention_sink_bias",
                bias="attention_bias",
                out_bias=False,
                window=WINDOW,
            ),
        },
        feeds={
            "dense": dense(),
            "sparse": Mixture(n="n_routed_experts", shared=("n_shared_experts", ""), balance=True),
        },
        mixer_of=p.listed(
            "layer_types", p.numbered("hybrid_layer_pattern", {0: "full_attention", 1: "sliding_attention"})
        ),
        feed_of=p.listed("mlp_layer_types", p.numbered("moe_layer_freq", {0: "dense", 1: "sparse"})),
        needs=GROUPED,
    ),
    "minimax_m2": Layout(
        mixers={"full_attention": Attention(norm="width", norm_if="use_qk_norm")},
        feeds={"dense": Mixture(n="num_local_experts", width="intermediate_size", balance="use_routing_bias")},
        needs=(*GROUPED, "use_qk_norm"),
        must={"qk_norm_type": ("per_layer",), "shared_intermediate_size": (0,)},
    ),
    "minimax_m3": _MINIMAX_M3,
    "ministral3": Layout(
        mixers=_windowed(),
        feeds={"dense": dense()},
        needs=GROUPED,
        mixer_of=lambda f: ["sliding_attention" if f.get(WINDOW) else "full_attention"] * f.layers(),
    ),
    "nemotron": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")},
        feeds={"dense": dense(matrices=2, bias="mlp_bias")},
        norm_size=2,
        needs=KV,
    ),
    "nemotron-nas": Layout(
        mixers={"full_attention": nothing},
        feeds={"dense": nothing},
        norms=0,
        once=special.searched_blocks,
        needs=("block_configs",),
        must=NO_BIAS,
    ),
    "olmo": Layout(
        mixers={"full_attention": Attention(bias="attention_bias")}, feeds={"dense": dense()}, norm_size=0, needs=KV
    ),
    "olmo2": Layout(
        mixers={"full_attention": Attention(norm="width", bias="attention_bias")}, feeds={"dense": dense()}, needs=KV
    ),
    "olmo3": Layout(
        mixers=_windowed(norm="width", bias="attention_bias"),
        feeds={"dense": dense()},
        needs=KV,
        mixer_of=p.listed("layer_types", p.every("sliding_window_pattern", "sliding_attention", "full_attention", 4)),
    ),
    "olmoe": Layout(
        mixers={"full_attention": Attention(norm="width", bias="attention_bias")},
        feeds={"dense": Mixture(n="num_experts", width="intermediate_size")},
        needs=KV,
    ),
    "phi": Layout(
        mixers={"full_attention": Attention(norm="biased", norm_if="qk_layernorm", bias=True)},
        feeds={"dense": dense(matrices=2, bias=True)},
        norms=1,
        norm_size=2,
        head_bias=True,
    ),
    "phi3": Layout(
        mixers=_windowed(),
        feeds={"dense": dense()},
        needs=KV,
        mixer_of=lambda f: ["sliding_attention" if f.get(WINDOW) else "full_attention"] * f.layers(),
    ),
    "phimoe": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": Mixture(n="num_local_experts", width="intermediate_size")},
        norm_size=2,
        head_bias="lm_head_bias",
        needs=KV,
        mixer_of=lambda f: ["sliding_attention" if f.get(WINDOW) else "full_attention"] * f.layers(),
    ),
    "qwen2_moe": Layout(
        mixers={"full_attention": Attention(bias=True, out_bias=False)},
        feeds={"dense": dense(), "sparse": SHARED_QWEN},
        feed_of=p.qwen_experts,
        needs=KV,
        must={"use_sliding_window": (False,), "qkv_bias": (True,)},
    ),
    "seed_oss": Layout(
        mixers={"full_attention": Attention(bias="attention_bias", out_bias="attention_out_bias")},
        feeds={"dense": dense(bias="mlp_bias")},
        needs=(*GROUPED, "attention_bias"),
    ),
    "smollm3": Layout(
        mixers=_windowed(bias="attention_bias"),
        feeds={"dense": dense(bias="mlp_bias")},
        tied=True,
        needs=KV,
        mixer_of=p.listed("layer_types", p.all_of("full_attention")),
        must={"use_sliding_window": (False,)},
    ),
    "starcoder2": Layout(
        mixers=_windowed(bias="use_bias"),
        feeds={"dense": dense(matrices=2, bias="use_bias")},
        norm_size=2,
        tied=True,
        needs=(*KV, "use_bias"),
        mixer_of=lambda f: ["sliding_attention" if f.get(WINDOW) else "full_attention"] * f.layers(),
    ),
    "step3p5": _STEP,
    "step3p7": _STEP,
}
