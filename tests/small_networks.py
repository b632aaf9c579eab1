"""Small configurations of every type that is counted, with the settings that its networks let vary drawn at random."""

import random

from leadtime.cost.families import FAMILIES
from leadtime.cost.layouts import LAYOUTS


def small(kind: str, rng: random.Random) -> dict:
    """Return a small configuration of a type, in the form in which its makers write it."""
    return uniform(kind, rng) if kind in FAMILIES else layered(kind, rng)


def uniform(kind, rng):
    heads, layers = rng.choice([4, 8]), rng.choice([2, 5])
    family = FAMILIES[kind]
    config = {
        "model_type": kind,
        "vocab_size": 100,
        "hidden_size": heads * 32,
        "intermediate_size": 96,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_experts_per_tok": 2,
        "pad_token_id": None,
        "num_key_value_heads": heads if family.mla else 2,
        "sliding_window": 64,
        "tie_word_embeddings": rng.random() < 0.5,
    }
    if family.mla:
        ranks = [24] if family.dsa else [24, None]
        config |= {
            "q_lora_rank": rng.choice(ranks),
            "kv_lora_rank": 20,
            "qk_nope_head_dim": 16,
            "qk_rope_head_dim": 8,
            "v_head_dim": 24,
            "index_n_heads": 2,
            "index_head_dim": 16,
            "index_topk": 8,
            "n_group": 1,
            "topk_group": 1,
        }
    if kind == "glm_moe_dsa" and rng.random() < 0.5:
        config["indexer_types"] = ["full", *rng.choices(["full", "shared"], k=layers - 1)]
    if "head_dim" in family.explicit:
        config["head_dim"] = rng.choice([16, 24])
    if family.qkv_bias is None:
        config["attention_bias"] = rng.random() < 0.5
    if family.qk_norm is None:
        config["use_qk_norm"] = rng.random() < 0.5
    if family.experts:
        config |= {family.expert_width: 48, family.experts: rng.choice([4, 8])}
    if family.shared:
        config |= {"n_shared_experts": rng.choice([1, 2]), "first_k_dense_replace": rng.choice([0, 1, 2])}
    if kind == "qwen3_moe":
        config |= {"mlp_only_layers": rng.choice([[], [1]]), "decoder_sparse_step": rng.choice([1, 2])}
    return config


_ANY = (False, True)
_MIX = ("full_attention", "sliding_attention")
_LINEAR = ("linear_attention", "full_attention")
_QWEN = {
    "head_dim": (16, 24), "linear_num_key_heads": (2,), "linear_num_value_heads": (4,), "linear_key_head_dim": (8, 16),
    "linear_value_head_dim": (16, 24), "linear_conv_kernel_dim": (3, 4), "attention_bias": _ANY, "layer_types": _LINEAR,
}  # fmt: skip
_QWEN_MOE = {"num_experts": (4,), "moe_intermediate_size": (24,), "shared_expert_intermediate_size": (16, 48)}
_MAMBA = {
    "mamba_n_heads": (4,),
    "mamba_d_head": (None,),
    "mamba_n_groups": (1, 2),
    "mamba_d_state": (16,),
    "mamba_d_conv": (4,),
    "mamba_expand": (2,),
    "mamba_conv_bias": _ANY,
}
_STEP = {
    "head_dim": (16,),
    "num_experts": (4,),
    "moe_intermediate_size": (24,),
    "share_expert_dim": (32,),
    "sliding_window": (8,),
}
#: By type, what its settings are drawn from; a list that names the kind of each layer is drawn from kinds of layers.
_SETTINGS = {
    "bamba": _MAMBA | {"attention_bias": _ANY, "mlp_bias": _ANY, "attn_layer_indices": ([1], [])},
    "cohere": {"attention_bias": _ANY, "use_qk_norm": _ANY},
    "cohere2": {"head_dim": (16, 24), "attention_bias": _ANY, "sliding_window": (8,), "layer_types": _MIX},
    "deepseek_v4": {
        "intermediate_size": (24,),
        "head_dim": (32,),
        "q_lora_rank": (24,),
        "o_lora_rank": (12,),
        "o_groups": (2,),
        "num_key_value_heads": (1,),
        "qk_rope_head_dim": (8,),
        "index_n_heads": (2,),
        "index_head_dim": (16,),
        "index_topk": (4,),
        "hc_mult": (2, 4),
        "n_routed_experts": (4,),
        "n_shared_experts": (1,),
        "moe_intermediate_size": (24,),
        "num_hash_layers": (0, 1),
        "sliding_window": (8,),
        "compress_ratios": (0, 4, 128),
    },
    "ernie4_5": {"head_dim": (16,), "use_bias": _ANY},
    "ernie4_5_moe": {
        "use_bias": (False,),
        "moe_num_experts": (4,),
        "moe_k": (2,),
        "moe_num_shared_experts": (1, 2),
        "moe_intermediate_size": (24,),
        "moe_layer_start_index": (1,),
        "moe_layer_end_index": (2, -1),
        "moe_layer_interval": (1, 2),
    },
    "exaone4": {"sliding_window": (8,), "layer_types": _MIX},
    "falcon_h1": _MAMBA | {"mamba_d_ssm": (128, 256), "mamba_rms_norm": _ANY, "attention_bias": _ANY, "mlp_bias": _ANY},
    "gemma": {"head_dim": (16, 24), "attention_bias": _ANY},
    "gemma2": {"head_dim": (16, 24), "attention_bias": _ANY, "sliding_window": (8,)},
    "gemma3_text": {"head_dim": (16, 24), "attention_bias": _ANY, "sliding_window": (8,), "layer_types": _MIX},
    "gemma3n_text": {
        "head_dim": (16, 24),
        "num_kv_shared_layers": (0, 2),
        "hidden_size_per_layer_input": (8,),
        "vocab_size_per_layer_input": (50,),
        "altup_num_inputs": (2, 4),
        "laurel_rank": (8,),
        "sliding_window": (8,),
        "layer_types": _MIX,
        "num_hidden_layers": (6,),
        "intermediate_size": (96, [96, 96, 64, 64, 96, 32]),
        "activation_sparsity_pattern": (None,),
    },
    "gemma4_text": {
        "head_dim": (16,),
        "global_head_dim": (32,),
        "num_global_key_value_heads": (1, None),
        "attention_k_eq_v": _ANY,
        "num_kv_shared_layers": (0, 2),
        "use_double_wide_mlp": _ANY,
        "enable_moe_block": _ANY,
        "num_experts": (4,),
        "top_k_experts": (2,),
        "moe_intermediate_size": (24,),
        "hidden_size_per_layer_input": (0, 8),
        "vocab_size_per_layer_input": (50,),
        "sliding_window": (8,),
        "layer_types": _MIX,
        "num_hidden_layers": (6,),
    },
    "glm": {"head_dim": (16,), "attention_bias": _ANY},
    "glm4": {"head_dim": (16,), "attention_bias": _ANY},
    "glm4v_text": {"attention_bias": _ANY},
    "granite": {"attention_bias": _ANY, "mlp_bias": _ANY},
    "granitemoe": {"attention_bias": _ANY, "num_local_experts": (4,)},
    "granitemoehybrid": _MAMBA
    | {
        "attention_bias": _ANY,
        "num_local_experts": (0, 4),
        "shared_intermediate_size": (40,),
        "layer_types": ("mamba", "attention"),
    },
    "granitemoeshared": {"attention_bias": _ANY, "num_local_experts": (4,), "shared_intermediate_size": (0, 40)},
    "jamba": {
        "mamba_d_state": (16,),
        "mamba_d_conv": (4,),
        "mamba_expand": (2,),
        "mamba_dt_rank": (8,),
        "mamba_conv_bias": _ANY,
        "num_experts": (4,),
        "attn_layer_period": (2, 3),
        "attn_layer_offset": (1,),
        "expert_layer_period": (2,),
        "expert_layer_offset": (1,),
    },
    "kimi_linear": {
        "kv_lora_rank": (20,),
        "q_lora_rank": (None, 24),
        "qk_nope_head_dim": (16,),
        "qk_rope_head_dim": (8,),
        "v_head_dim": (24,),
        "num_experts": (4,),
        "num_experts_per_token": (2,),
        "num_shared_experts": (1, 2),
        "moe_intermediate_size": (24,),
        "first_k_dense_replace": (1,),
        "linear_attn_config": (
            {
                "num_heads": 2,
                "head_dim": 16,
                "short_conv_kernel_size": 4,
                "full_attn_layers": [2],
                "kda_layers": [1, 3, 4],
            },
        ),
        "num_hidden_layers": (4,),
    },
    "lfm2": {
        "conv_L_cache": (3,),
        "conv_bias": _ANY,
        "block_multiple_of": (32,),
        "block_ffn_dim_multiplier": (1.0, 1.5),
        "block_auto_adjust_ff_dim": _ANY,
        "full_attn_idxs": ([1], [0, 1]),
    },
    "llama4_text": {
        "head_dim": (16,),
        "attention_bias": _ANY,
        "num_local_experts": (4,),
        "intermediate_size_mlp": (64,),
        "interleave_moe_layer_step": (1, 2),
        "attention_chunk_size": (8,),
    },
    "mamba": {
        "state_size": (8,),
        "conv_kernel": (4,),
        "time_step_rank": (4,),
        "use_bias": (False,),
        "use_conv_bias": _ANY,
        "expand": (2,),
    },
    "mamba2": {
        "num_heads": (4,),
        "head_dim": (None,),
        "n_groups": (1, 2),
        "state_size": (8,),
        "conv_kernel": (4,),
        "expand": (2,),
        "use_conv_bias": _ANY,
    },
    "mimo": {"head_dim": (32,)},
    "mimo_v2_flash": {
        "head_dim": (24,),
        "v_head_dim": (16,),
        "swa_num_attention_heads": (4,),
        "swa_num_key_value_heads": (4,),
        "swa_head_dim": (24,),
        "swa_v_head_dim": (16,),
        "sliding_window": (8,),
        "hybrid_layer_pattern": (0, 1),
        "moe_layer_freq": (0, 1),
        "n_routed_experts": (4,),
        "n_shared_experts": (None,),
        "moe_intermediate_size": (24,),
        "add_swa_attention_sink_bias": (True,),
        "add_full_attention_sink_bias": (False,),
        "attention_bias": (False,),
        "num_attention_heads": (4,),
    },
    "minimax_m2": {"head_dim": (16,), "num_local_experts": (4,), "use_qk_norm": (True,)},
    "minimax_m3": {
        "head_dim": (16,),
        "num_local_experts": (4,),
        "dense_intermediate_size": (64,),
        "n_shared_experts": (1,),
        "shared_intermediate_size": (32,),
        "moe_layer_freq": (0, 1),
        "sparse_attention_config": (
            {
                "sparse_attention_freq": [0, 1, 1, 0],
                "sparse_num_index_heads": 2,
                "sparse_index_dim": 8,
                "sparse_block_size": 8,
                "sparse_topk_blocks": 2,
            },
        ),
        "num_hidden_layers": (4,),
    },
    "ministral3": {"head_dim": (16, 24), "sliding_window": (None, 8)},
    "nemotron": {"attention_bias": _ANY, "mlp_bias": _ANY},
    "nemotron_h": {
        "head_dim": (16,),
        "mamba_num_heads": (4,),
        "mamba_head_dim": (16,),
        "n_groups": (2,),
        "ssm_state_size": (8,),
        "conv_kernel": (4,),
        "use_conv_bias": _ANY,
        "n_routed_experts": (4,),
        "n_shared_experts": (1,),
        "moe_intermediate_size": (24,),
        "moe_shared_expert_intermediate_size": (40,),
        "moe_latent_size": (None, 12),
        "hybrid_override_pattern": ("M-M*E", "MEM*-"),
        "num_hidden_layers": (5,),
        "mlp_bias": (False,),
        "attention_bias": (False,),
    },
    "nemotron-nas": {
        "num_hidden_layers": (2,),
        "block_configs": (
            [
                {"attention": {"no_op": False, "n_heads_in_group": 2}, "ffn": {"no_op": False, "ffn_mult": 2.625}},
                {"attention": {"no_op": True}, "ffn": {"no_op": False, "ffn_mult": 0.5}},
            ],
        ),
    },
    "olmo": {"attention_bias": _ANY},
    "olmo2": {"attention_bias": _ANY},
    "olmo3": {"attention_bias": _ANY, "sliding_window": (8,), "layer_types": _MIX},
    "olmoe": {"attention_bias": _ANY, "num_experts": (4,)},
    "phi": {"qk_layernorm": _ANY, "tie_word_embeddings": (False,)},
    "phi3": {"sliding_window": (None, 8)},
    "phimoe": {
        "num_local_experts": (4,),
        "lm_head_bias": (False,),
        "attention_bias": _ANY,
        "sliding_window": (None, 8),
    },
    "qwen2_moe": _QWEN_MOE
    | {"decoder_sparse_step": (1, 2), "mlp_only_layers": ([], [0]), "use_sliding_window": (False,)},
    "qwen3_5_moe_text": _QWEN | _QWEN_MOE,
    "qwen3_5_text": _QWEN,
    "qwen3_next": _QWEN | _QWEN_MOE | {"decoder_sparse_step": (1, 2), "mlp_only_layers": ([], [0])},
    "seed_oss": {"head_dim": (16,), "attention_bias": _ANY, "attention_out_bias": _ANY, "mlp_bias": _ANY},
    "smollm3": {"attention_bias": _ANY, "mlp_bias": _ANY, "use_sliding_window": (False,)},
    "starcoder2": {"use_bias": _ANY, "sliding_window": (None, 8)},
    "step3p5": _STEP | {"layer_types": _MIX, "first_k_dense_replace": (1,)},
    "step3p7": _STEP | {"layer_types": _MIX, "first_k_dense_replace": (1,)},
}
_PER_LAYER = ("layer_types", "compress_ratios", "hybrid_layer_pattern", "moe_layer_freq")


def layered(kind, rng):
    heads, layers = 4, rng.choice([3, 5])
    settings = _SETTINGS[kind]
    config = {
        "model_type": kind,
        "vocab_size": 100,
        "hidden_size": 128,
        "intermediate_size": 96,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": 2,
        "num_experts_per_tok": 2,
        "pad_token_id": None,
        "tie_word_embeddings": rng.random() < 0.5,
    }
    drawn = {name: rng.choice(values) for name, values in settings.items() if name not in _PER_LAYER}
    config |= drawn
    for name in _PER_LAYER:
        if name in settings:
            config[name] = rng.choices(settings[name], k=config["num_hidden_layers"])
    if kind in ("gemma3n_text", "gemma4_text"):  # both kinds of layers lend their keys, and the last layer sees all
        config["layer_types"][:2], config["layer_types"][-1] = _MIX, "full_attention"
    if kind in ("kimi_linear", "nemotron_h"):
        config["tie_word_embeddings"] = False
    width = {
        "mamba_d_head": config.get("mamba_d_ssm", 2 * 128) // 4,
        "head_dim": 2 * 128 // 4 if kind == "mamba2" else None,
    }
    return {k: width.get(k) if v is None and width.get(k) else v for k, v in config.items()}


assert set(_SETTINGS) == set(LAYOUTS), set(_SETTINGS) ^ set(LAYOUTS)
