"""Reading a model's config.json, in the form that the Hugging Face hub uses."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime import json_text, stranger
from leadtime.cost.architecture import Architecture
from leadtime.cost.families import FAMILIES, Family, family_of
from leadtime.errors import LeadtimeError

#: Settings that change the count in ways that are not covered: any other value than the ones given is refused.
_ONLY: dict[str, tuple[Any, ...]] = {
    "mlp_bias": (False, None),
    "indexer_types": (None,),
    "index_topk_pattern": (None,),
    "index_topk_freq": (1, None),
    "index_share_for_mtp_iteration": (False, None),
    "shared_expert_intermediate_size": (0, None),
    "use_qkv_bias": (False, None),
    "moe_layer_freq": (1, None),
}
_MOST_LAYERS, _MOST = 10_000, 1_000_000_000
_SHORT = reprlib.Repr()
_LAYER_TYPES = ("full_attention", "sliding_attention", "deepseek_sparse_attention")


def read_config(source: Mapping[str, Any] | Path | str) -> Architecture:
    """Return the network that a config.json describes.

    Args:
        source: The configuration, or the file that holds it.

    Raises:
        LeadtimeError: The file is not JSON (with its line), the type is not one that is counted, a field is missing,
            or the numbers do not fit together.
    """
    where = "config" if isinstance(source, Mapping) else str(source)
    config = source if isinstance(source, Mapping) else parse_config(stranger.text(Path(source)), where)
    fields = _Fields(config=config, where=where)
    family = family_of(fields.model_type(), where=where)
    fields.refuse_uncounted(family)
    if fields.whole("num_hidden_layers") > _MOST_LAYERS:
        raise LeadtimeError(f"num_hidden_layers is above {_MOST_LAYERS}", where=where, fix="Write it as 61.")
    try:
        return Architecture(**_common(fields, family), **_attention(fields, family), **_feed_forward(fields, family))
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=where, fix=error.fix) from None


def parse_config(text: str, where: str = "config") -> Mapping[str, Any]:
    """Return the fields in the text of a config.json.

    Raises:
        LeadtimeError: It is not JSON (with its line), names a field twice, or holds no fields.
    """
    fix = "A config.json is JSON: names in double quotes, no comma after the last entry."
    found = json_text.parsed(text, where=where, fix=fix)
    if not isinstance(found, dict):
        raise LeadtimeError(
            f"holds a {type(found).__name__}, not a configuration", where=where, fix="Give a model's config.json."
        )
    return found


def _short(value: Any) -> str:
    """Return a value as it is written, cut where it is long."""
    return (_SHORT.repr(value) if isinstance(value, list | dict | str) else str(value))[:80]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """A configuration whose fields are read one by one, each with its own complaint."""

    config: Mapping[str, Any]
    where: str

    def model_type(self) -> str:
        if isinstance(self.config.get("text_config"), Mapping):
            raise LeadtimeError(
                "describes a network of several parts, of which only text_config could be counted",
                where=self.where,
                fix="Save the value of text_config as a file of its own and give that.",
            )
        value = self.config.get("model_type")
        if not isinstance(value, str):
            raise LeadtimeError(
                "the field model_type is missing", where=self.where, fix=f"It is one of: {', '.join(FAMILIES)}."
            )
        return value

    def whole(self, name: str, default: int | None = None, *, null: int | None = None) -> int:
        """Return a whole number; `default` where the field is missing, `null` where it is null."""
        value = self.config.get(name, default)
        if value is None:
            value = null if name in self.config and null is not None else default
        if value is None:
            raise self.missing(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise LeadtimeError(
                f"{name} is {_short(value)}, not a whole number", where=self.where, fix="Write it as 128."
            )
        if value < 0:
            raise LeadtimeError(
                f"{name} is {_short(value)}, and cannot be negative", where=self.where, fix="Write it as 128."
            )
        if value > _MOST:
            raise LeadtimeError(f"{name} is above {_MOST:,}", where=self.where, fix="Write it as 128.")
        return value

    def missing(self, name: str) -> LeadtimeError:
        fix = f"Add {name} as the model's own config.json gives it; nothing is guessed."
        return LeadtimeError(f"the field {name} is missing", where=self.where, fix=fix)

    def flag(self, name: str, default: bool) -> bool:
        value = self.config.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise LeadtimeError(
                f"{name} is {_short(value)}, not true or false", where=self.where, fix="Write true or false."
            )
        return value

    def words(self, name: str, n_layers: int) -> list[str] | None:
        """Return a list with one word per layer, or None where the field is missing."""
        value = self.config.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != n_layers or not all(isinstance(w, str) for w in value):
            raise LeadtimeError(
                f"{name} is not a list of {n_layers} words", where=self.where, fix="It names the kind of every layer."
            )
        return value

    def refuse_uncounted(self, family: Family) -> None:
        for name in family.explicit:
            if name not in self.config:
                raise self.missing(name)
        allowed = dict(_ONLY)
        if family.mla:
            allowed["attention_bias"] = (False, None)
        if not family.dsa:
            allowed["mlp_layer_types"] = (None,)
        if family.experts != "num_experts":
            allowed |= {"mlp_only_layers": ([], None), "decoder_sparse_step": (1, None)}
        for name, values in allowed.items():
            if name in self.config and self.config[name] not in values:
                raise LeadtimeError(
                    f"{name} = {_short(self.config[name])} changes the network in a way that is not counted",
                    where=self.where,
                    fix=f"Counted is only {name} = {values[0]!r}.",
                )


def _common(fields: _Fields, family: Family) -> dict[str, Any]:
    config = fields.config
    qkv_bias = family.qkv_bias if family.qkv_bias is not None else fields.flag("attention_bias", family.sinks)
    mtp = fields.whole("num_nextn_predict_layers", 0) if family.shared else 0
    return {
        "family": config["model_type"],
        "n_layers": fields.whole("num_hidden_layers"),
        "hidden": fields.whole("hidden_size"),
        "vocabulary": fields.whole("vocab_size"),
        "tied": fields.flag("tie_word_embeddings", default=False),
        "n_heads": fields.whole("num_attention_heads"),
        "n_mtp": mtp,
        "qkv_bias": qkv_bias,
        "qk_norm": family.qk_norm if family.qk_norm is not None else fields.flag("use_qk_norm", default=False),
    }


def _attention(fields: _Fields, family: Family) -> dict[str, Any]:
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
    return mla | {ours: fields.whole(theirs) for ours, theirs in names.items()}


def _head_dim(fields: _Fields, heads: int) -> int:
    hidden = fields.whole("hidden_size")
    if fields.config.get("head_dim") is not None:
        return fields.whole("head_dim")
    if not heads or hidden % heads:
        raise LeadtimeError(
            f"hidden_size {hidden} does not divide among num_attention_heads {heads}, and head_dim is missing",
            where=fields.where,
            fix="Add head_dim.",
        )
    return hidden // heads


def _windows(fields: _Fields, family: Family) -> dict[str, Any]:
    """Return the window and how many layers use it, by the rule of the family."""
    layers = fields.whole("num_hidden_layers")
    window = fields.whole("sliding_window", 0, null=0)
    kinds = fields.words("layer_types", layers)
    strange = sorted(set(kinds or ()) - set(_LAYER_TYPES))
    if strange:
        raise LeadtimeError(
            f"layers of type {', '.join(strange)[:80]} are not counted",
            where=fields.where,
            fix=f"Counted types of layers: {', '.join(_LAYER_TYPES)}.",
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


def _feed_forward(fields: _Fields, family: Family) -> dict[str, Any]:
    layers = fields.whole("num_hidden_layers")
    if not family.experts:
        return {"ffn": fields.whole("intermediate_size"), "n_dense_layers": layers}
    dense = _n_dense_layers(fields, family, layers)
    if not fields.whole(family.experts):
        raise LeadtimeError(
            f"{family.experts} is 0 in a network of experts",
            where=fields.where,
            fix="Write it as 256, or use another type.",
        )
    return {
        "ffn": fields.whole("intermediate_size") if dense else 0,
        "expert_ffn": fields.whole(family.expert_width),
        "n_experts": fields.whole(family.experts),
        "n_active": fields.whole("num_experts_per_tok"),
        "n_shared": fields.whole("n_shared_experts", null=0) if family.shared else 0,
        "n_dense_layers": dense,
    }


def _n_dense_layers(fields: _Fields, family: Family, layers: int) -> int:
    kinds = fields.words("mlp_layer_types", layers)
    if kinds is not None:
        return kinds.count("dense")
    if family.shared:
        return min(fields.whole("first_k_dense_replace"), layers)
    only, step = fields.config.get("mlp_only_layers") or [], fields.whole("decoder_sparse_step", 1) or 1
    if not isinstance(only, list) or not all(type(i) is int for i in only):
        what = f"mlp_only_layers is {_short(only)}, not a list of layers"
        raise LeadtimeError(what, where=fields.where, fix="Write it as [0, 1].")
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
    """Return a configuration in the form of config.json that `read_config` reads as the same network."""
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
    return config


def _window_config(a: Architecture, family: Family) -> dict[str, Any]:
    if family.windows == "all":
        return {"sliding_window": a.window or None}
    kinds = ["sliding_attention"] * a.n_window_layers + ["full_attention"] * (a.n_layers - a.n_window_layers)
    flag = {"use_sliding_window": a.n_window_layers > 0} if family.windows == "flag" else {}
    return {"sliding_window": a.window or None, "layer_types": kinds, **flag}
