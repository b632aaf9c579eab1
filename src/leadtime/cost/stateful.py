"""The table of networks of which some layers keep a state instead of all keys: what they are made of."""

from typing import Any

from leadtime.cost import patterns as p
from leadtime.cost import special
from leadtime.cost.feeds import Mixture, dense, gated_width
from leadtime.cost.layout import GROUPED, KV, NO_BIAS, UNTIED, Layout
from leadtime.cost.mixers import (
    Attention,
    Mamba2,
    Reader,
    both,
    gated_delta,
    kimi_delta,
    latent,
    mamba1,
    nothing,
    short_convolution,
)

_LINEAR: dict[str, Reader] = {
    "full_attention": Attention(norm="head", gate="width", bias="attention_bias"),
    "linear_attention": gated_delta,
}
SHARED_QWEN = Mixture(n="num_experts", shared=("", "shared_expert_intermediate_size"), shared_gate=True)
_EVERY_FOURTH = p.listed("layer_types", p.every("full_attention_interval", "linear_attention", "full_attention", 4))
_GATED: dict[str, tuple[Any, ...]] = {"attn_output_gate": (True,)}
_BAMBA = Mamba2(
    heads="mamba_n_heads", width="mamba_d_head", groups="mamba_n_groups", state="mamba_d_state", kernel="mamba_d_conv"
)
_NEMOTRON = Mamba2(
    heads="mamba_num_heads", width="mamba_head_dim", groups="n_groups", state="ssm_state_size", kernel="conv_kernel"
)

#: Verified against the reference implementation: see docs/methods/architecture.md.
STATEFUL: dict[str, Layout] = {
    "bamba": Layout(
        mixers={"full_attention": Attention(bias="attention_bias"), "linear_attention": _BAMBA},
        feeds={"dense": dense(bias="mlp_bias")},
        mixer_of=p.listed("layer_types", special.bamba_layers),
        needs=KV,
    ),
    "falcon_h1": Layout(
        mixers={
            "full_attention": both(
                Attention(bias="attention_bias"),
                Mamba2(
                    heads="mamba_n_heads",
                    width="mamba_d_head",
                    groups="mamba_n_groups",
                    state="mamba_d_state",
                    kernel="mamba_d_conv",
                    normed="mamba_rms_norm",
                    inner="mamba_d_ssm",
                ),
            )
        },
        feeds={"dense": dense(bias="mlp_bias")},
        needs=KV,
    ),
    "granitemoehybrid": Layout(
        mixers={"full_attention": Attention(bias="attention_bias"), "linear_attention": _BAMBA},
        feeds={"dense": special.hybrid_feed},
        mixer_of=p.listed("layer_types"),
        needs=(*KV, "shared_intermediate_size"),
    ),
    "jamba": Layout(
        mixers={
            "full_attention": Attention(),
            "linear_attention": mamba1(
                state="mamba_d_state", kernel="mamba_d_conv", rank="mamba_dt_rank", expand="mamba_expand", normed=True
            ),
        },
        feeds={"dense": dense(), "sparse": Mixture(n="num_experts", width="intermediate_size")},
        mixer_of=p.offset("attn_layer_period", "attn_layer_offset", "full_attention", "linear_attention"),
        feed_of=p.offset("expert_layer_period", "expert_layer_offset", "sparse", "dense"),
        needs=KV,
    ),
    "kimi_linear": Layout(
        mixers={"full_attention": latent(gate_if="mla_use_output_gate"), "linear_attention": kimi_delta},
        feeds={
            "dense": dense(),
            "sparse": Mixture(
                n="num_experts",
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
        must=NO_BIAS | UNTIED | {"moe_layer_freq": (1,)},
    ),
    "lfm2": Layout(
        mixers={"full_attention": Attention(norm="head"), "conv": short_convolution},
        feeds={"dense": gated_width},
        mixer_of=p.listed("layer_types", special.lfm2_layers),
        tied=True,
        needs=KV,
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
        mixers={
            "full_attention": Mamba2(
                heads="num_heads", width="head_dim", groups="n_groups", state="state_size", kernel="conv_kernel"
            )
        },
        feeds={"dense": nothing},
        norms=1,
    ),
    "nemotron_h": Layout(
        mixers={
            "full_attention": Attention(key="head_dim"),
            "linear_attention": _NEMOTRON,
            "mlp": dense(matrices=2, bias="mlp_bias"),
            "moe": Mixture(
                n="n_routed_experts",
                matrices=2,
                balance=True,
                inner="moe_latent_size",
                shared=("n_shared_experts", "moe_shared_expert_intermediate_size"),
            ),
        },
        feeds={"dense": nothing},
        norms=1,
        must=NO_BIAS | UNTIED,
        needs=KV,
        mixer_of=p.letters(
            "hybrid_override_pattern",
            {"M": "linear_attention", "*": "full_attention", "-": "mlp", "E": "moe"},
            p.listed("layers_block_type"),
        ),
    ),
    "qwen3_5_moe_text": Layout(
        mixers=_LINEAR,
        feeds={"dense": SHARED_QWEN},
        mixer_of=_EVERY_FOURTH,
        must=_GATED | {"mlp_only_layers": ([],)},
        needs=GROUPED,
        module=("full_attention", "dense"),
        modules="mtp_num_hidden_layers",
    ),
    "qwen3_5_text": Layout(
        mixers=_LINEAR,
        feeds={"dense": dense()},
        mixer_of=_EVERY_FOURTH,
        must=_GATED,
        needs=GROUPED,
        module=("full_attention", "dense"),
        modules="mtp_num_hidden_layers",
    ),
    "qwen3_next": Layout(
        mixers=_LINEAR,
        feeds={"dense": dense(), "sparse": SHARED_QWEN},
        mixer_of=_EVERY_FOURTH,
        feed_of=p.qwen_experts,
        must=_GATED,
        needs=GROUPED,
    ),
}
