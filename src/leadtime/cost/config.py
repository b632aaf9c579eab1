"""Networks whose layers are of one kind: from the fields of a config.json to a row of the table `architectures`, and
back.
"""

from typing import Any

from leadtime.cost.architecture import Architecture
from leadtime.cost.families import Family, family_of
from leadtime.cost.fields import Fields, short
from leadtime.errors import LeadtimeError

#: Settings that change the count in ways that are not covered: any other value than the ones given is refused.
_ONLY: dict[str, tuple[Any, ...]] = {
    "mlp_bias": (False,),
    "shared_expert_intermediate_size": (0,),
    "use_qkv_bias": (False,),
}
_LAYER_TYPES = ("full_attention", "sliding_attention", "deepseek_sparse_attention")


def read_uniform(fields: Fields, kind: str) -> Architecture:
    """Return the network that a configuration describes, where all its layers are of one kind.

    Args:
        fields: The configuration.
        kind: Its type, one of `FAMILIES`.

    Raises:
        LeadtimeError: A field is missing, or the numbers do not fit together.
    """
    family = family_of(kind, where=fields.where)
    fields.layers()
    _refuse_uncounted(fields, family)
    try:
        return Architecture(
            **_common(fields, family, kind), **_attention(fields, family), **_feed_forward(fields, family)
        )
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=fields.where, fix=error.fix) from None


def _refuse_uncounted(fields: Fields, family: Family) -> None:
    for name in family.explicit:
        if not fields.has(name):
            raise fields.missing(name)
    allowed = dict(_ONLY)
    if family.mla:
        allowed["attention_bias"] = (False,)
    if not family.experts:
        allowed["mlp_layer_types"] = (["dense"] * fields.whole("num_hidden_layers"),)
    if family.experts != "num_experts":
        allowed |= {"mlp_only_layers": ([],), "decoder_sparse_step": (1,)}
    for name, values in allowed.items():
        fields.only(name, *values)


def _common(fields: Fields, family: Family, kind: str) -> dict[str, Any]:
    qkv_bias = family.qkv_bias if family.qkv_bias is not None else fields.flag("attention_bias", family.sinks)
    mtp = fields.whole("num_nextn_predict_layers", 0) if family.shared else 0
    return {
        "family": kind,
        "n_layers": fields.whole("num_hidden_layers"),
        "hidden": fields.whole("hidden_size"),
        "vocabulary": fields.whole("vocab_size"),
        "tied": fields.flag("tie_word_embeddings", default=False),
        "n_heads": fields.whole("num_attention_heads"),
        "n_mtp": mtp,
        "qkv_bias": qkv_bias,
        "qk_norm": family.qk_norm if family.qk_norm is not None else fields.flag("use_qk_norm", default=False),
    }


def _attention(fields: Fields, family: Family) -> dict[str, Any]:
    heads = fields.whole("num_attention_heads")
    if not family.mla:
        return {
            "n_kv_heads": fields.whole("num_key_value_heads", heads),
            "head_dim": _head_dim(fields, heads),
            **_windows(fields, family),
        }
    mla = {
        "q_rank": fields.whole("q_lora_rank", null=0),
        "kv_rank": fields.whole("kv_lora_rank"),
        "nope_dim": fields.whole("qk_nope_head_dim"),
        "rope_dim": fields.whole("qk_rope_head_dim"),
        "v_dim": fields.whole("v_head_dim"),
    }
    if not family.dsa:
        return mla
    names = {"index_heads": "index_n_heads", "index_dim": "index_head_dim", "index_top": "index_topk"}
    return mla | {ours: fields.whole(theirs) for ours, theirs in names.items()} | _indexers(fields)


def _indexers(fields: Fields) -> dict[str, Any]:
    """Return how many layers have an indexer of their own, where some share the keys that another one selected."""
    layers = fields.layers()
    kinds = fields.words("indexer_types", layers)
    if kinds is None:
        fields.only("index_topk_freq", 1)
        fields.only("index_topk_pattern")
        return {}
    strange = sorted(set(kinds) - {"full", "shared"})
    if strange or "full" not in kinds:
        raise fields.wrong(
            f"indexer_types holds {short(strange)}" if strange else "indexer_types holds no full one",
            "leadtime counts full and shared.",
        )
    return {"n_index_layers": kinds.count("full")} if "shared" in kinds else {}


def _head_dim(fields: Fields, heads: int) -> int:
    hidden = fields.whole("hidden_size")
    if fields.get("head_dim") is not None:
        return fields.whole("head_dim")
    if not heads or hidden % heads:
        raise LeadtimeError(
            f"hidden_size {hidden} does not divide among num_attention_heads {heads}, and head_dim is missing",
            where=fields.where,
            fix="Add head_dim.",
        )
    return hidden // heads


def _windows(fields: Fields, family: Family) -> dict[str, Any]:
    """Return the window and how many layers use it, by the rule of the family."""
    layers = fields.whole("num_hidden_layers")
    window = fields.whole("sliding_window", 0, null=0)
    kinds = fields.words("layer_types", layers)
    strange = sorted(set(kinds or ()) - set(_LAYER_TYPES))
    if strange:
        raise LeadtimeError(
            f"leadtime does not count layers of type {', '.join(strange)[:80]}",
            where=fields.where,
            fix=f"leadtime counts these types of layers: {', '.join(_LAYER_TYPES)}.",
        )
    used = {
        "never": 0,
        "all": layers,
        "alternating": (layers + 1) // 2,
        "flag": max(layers - fields.whole("max_window_layers", 28), 0),
    }[family.windows]
    if family.windows == "flag" and not fields.flag("use_sliding_window", default=False):
        window = 0
    if not window:
        return {}
    n_layers = kinds.count("sliding_attention") if kinds is not None and family.windows != "all" else used
    return {"window": window, "n_window_layers": n_layers} if n_layers else {}


def _feed_forward(fields: Fields, family: Family) -> dict[str, Any]:
    layers = fields.whole("num_hidden_layers")
    if not family.experts:
        return {"ffn": fields.whole("intermediate_size"), "n_dense_layers": layers}
    dense = _n_dense_layers(fields, family, layers)
    if not fields.whole(family.experts):
        raise fields.wrong(
            f"{family.experts} is 0, though this type of network has experts", "Write it as 256, or use another type."
        )
    return {
        "ffn": fields.whole("intermediate_size") if dense else 0,
        "expert_ffn": fields.whole(family.expert_width),
        "n_experts": fields.whole(family.experts),
        "n_active": fields.whole("num_experts_per_tok"),
        "n_shared": fields.whole("n_shared_experts", null=0) if family.shared else 0,
        "n_dense_layers": dense,
    }


def _n_dense_layers(fields: Fields, family: Family, layers: int) -> int:
    kinds = fields.words("mlp_layer_types", layers)
    told = kinds.count("dense") if kinds is not None else None
    if kinds is not None and not set(kinds) <= {"dense", "sparse"}:
        raise fields.wrong(f"mlp_layer_types holds {short(sorted(set(kinds)))}", "leadtime counts dense and sparse.")
    if told is None or not family.shared or fields.has("first_k_dense_replace"):
        ruled = _ruled_dense_layers(fields, family, layers)
        if told is not None and told != ruled:
            raise fields.wrong(
                f"mlp_layer_types has {told} dense layers, and the other fields say {ruled}", "Remove the wrong one."
            )
        told = ruled
    return told


def _ruled_dense_layers(fields: Fields, family: Family, layers: int) -> int:
    if family.shared:
        first = min(fields.whole("first_k_dense_replace"), layers)
        fields.only("moe_layer_freq", 1, [int(i >= first) for i in range(layers)])
        return first
    only, step = fields.numbers("mlp_only_layers") or [], fields.whole("decoder_sparse_step", 1) or 1
    dense = set(only)
    return sum(i in dense or (i + 1) % step > 0 for i in range(layers))


_NAMES = {
    "n_layers": "num_hidden_layers", "hidden": "hidden_size", "vocabulary": "vocab_size",
    "tied": "tie_word_embeddings", "n_heads": "num_attention_heads", "n_kv_heads": "num_key_value_heads",
    "head_dim": "head_dim", "kv_rank": "kv_lora_rank", "nope_dim": "qk_nope_head_dim",
    "rope_dim": "qk_rope_head_dim", "v_dim": "v_head_dim", "index_heads": "index_n_heads",
    "index_dim": "index_head_dim", "index_top": "index_topk", "window": "sliding_window",
    "ffn": "intermediate_size", "n_active": "num_experts_per_tok", "n_shared": "n_shared_experts",
    "n_mtp": "num_nextn_predict_layers",
}  # fmt: skip


def to_config(a: Architecture) -> dict[str, Any]:
    """Return a configuration in the form of config.json that `read_uniform` reads as the same network."""
    family = a.traits
    config: dict[str, Any] = {"model_type": a.family, "tie_word_embeddings": a.tied}
    config |= {theirs: getattr(a, ours) for ours, theirs in _NAMES.items() if getattr(a, ours)}
    if family.qkv_bias is None:
        config["attention_bias"] = a.qkv_bias
    if family.qk_norm is None:
        config["use_qk_norm"] = a.qk_norm
    if family.mla:
        config |= {"q_lora_rank": a.q_rank or None, "num_key_value_heads": a.n_heads}
    if family.experts:
        config |= {family.expert_width: a.expert_ffn, family.experts: a.n_experts}
    if family.shared:
        config |= {"first_k_dense_replace": a.n_dense_layers, "n_shared_experts": a.n_shared}
    elif family.experts == "num_experts":
        config["mlp_only_layers"] = list(range(a.n_dense_layers))
    if family.windows != "never":
        config |= _window_config(a, family)
    if a.n_index_layers:
        shared = ["shared"] * (a.n_layers - a.n_index_layers)
        config["indexer_types"] = ["full"] * a.n_index_layers + shared
    return config


def _window_config(a: Architecture, family: Family) -> dict[str, Any]:
    if family.windows == "all":
        return {"sliding_window": a.window or None}
    kinds = ["sliding_attention"] * a.n_window_layers + ["full_attention"] * (a.n_layers - a.n_window_layers)
    flag = {"use_sliding_window": a.n_window_layers > 0} if family.windows == "flag" else {}
    return {"sliding_window": a.window or None, "layer_types": kinds, **flag}
