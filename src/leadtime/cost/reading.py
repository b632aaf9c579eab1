"""Reading a model's config.json, in the form that the Hugging Face hub uses: which network it describes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from leadtime import stranger
from leadtime.cost import reference
from leadtime.cost.architecture import Architecture
from leadtime.cost.config import read_uniform
from leadtime.cost.encoders import encoder_parameters
from leadtime.cost.families import FAMILIES
from leadtime.cost.fields import Fields, parse_config, short
from leadtime.cost.heads import Head, head_of
from leadtime.cost.layout import Layout
from leadtime.cost.layouts import LAYOUTS
from leadtime.cost.network import Network, gathered, mtp_projection, network_of
from leadtime.cost.parts import Part, embedding, encoder, head, norms

#: Types that are another one under a name of their own.
SAME_AS = {
    "deepseek_ref": "deepseek_v4",
    "glm4v_moe_text": "glm4_moe",
    "gemma3": "gemma3_text",
    "glm4_moe_lite": "deepseek_v3",
    "minimax_m3_vl_text": "minimax_m3",
    "qwen2_vl": "qwen2",
    "qwen2_vl_text": "qwen2",
    "qwen2_5_vl": "qwen2",
    "qwen2_5_vl_text": "qwen2",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen3_vl_text": "qwen3",
    "qwen3_vl_moe_text": "qwen3_moe",
}
#: Fields whose own fields stand for those of the network, by type.
_MERGED = {"minimax_m3": "sparse_attention_config"}
_RENAMED = {
    "index_n_heads": "sparse_num_index_heads",
    "index_head_dim": "sparse_index_dim",
    "index_block_size": "sparse_block_size",
    "index_topk_blocks": "sparse_topk_blocks",
}
#: Fields in which a network of several parts keeps the one for text.
_TEXT = ("text_config", "llm_config", "language_config")
_PROJECTION = ("spatial_merge_size", "projector_hidden_size", "multimodal_projector_bias")
_PER_LAYER = {"head_dim": "global_head_dim", "num_key_value_heads": "num_global_key_value_heads"}
_MODULES = "It has modules that guess several tokens ahead, which are not counted."
_OTHER_ENCODERS = {"audio_config": "sound", "speech_config": "speech", "video_config": "video"}


def read_network(source: Mapping[str, Any] | Path | str) -> Network:
    """Return the network that a config.json describes.

    Args:
        source: The configuration, or the file that holds it.

    Raises:
        LeadtimeError: The file is not JSON (with its line), the type or the head is not one that is counted, a field is
            missing, or the numbers do not fit together.
    """
    where = "config" if isinstance(source, Mapping) else str(source)
    config = source if isinstance(source, Mapping) else parse_config(stranger.text(Path(source)), where)
    whole = Fields(config=config, where=where)
    text = _language(whole)
    kind = _kind(text)
    if kind not in FAMILIES and kind not in LAYOUTS:
        ends = head_of(whole, text, 1)
        return replace(reference.network(whole, kind, counted_types()), answers=ends.gives)
    ends = head_of(whole, text, text.size("hidden_size"))
    found = _formula(text, kind)
    return replace(
        _with_encoder(whole, _with_head(found, ends)),
        family=str(whole.get("model_type")),
        precision=_precision(whole),
    )


def read_architecture(config: Mapping[str, Any]) -> Architecture:
    """Return the row of the table `architectures` that a configuration makes.

    Raises:
        LeadtimeError: It cannot be counted, or the columns of the table cannot hold its shape.
    """
    whole = Fields(config=config, where="config")
    text = _language(whole)
    kind, ends = _kind(text), head_of(whole, text, 1)
    if kind not in FAMILIES or not ends.language:
        read_network(config)  # what is wrong with it is told first
        raise whole.wrong(
            f"a network of type {kind!r} has layers of several kinds, and the table of architectures has no columns for"
            " that",
            "`leadtime cost --config` can count it.",
        )
    return read_uniform(text, kind)


def _language(whole: Fields) -> Fields:
    """Return the fields of the part that works on text."""
    for name in _TEXT:
        part = whole.part(name)
        if part is None:
            continue
        if part.get("model_type") is None:
            raise part.wrong("the field model_type is missing", "Add the type of the part for text.")
        tied = whole.get("tie_word_embeddings")
        return part if tied is None else replace(part, config={**part.config, "tie_word_embeddings": tied})
    return whole


def _kind(text: Fields) -> str:
    value = text.get("model_type")
    if not isinstance(value, str):
        raise text.wrong("the field model_type is missing", "Add it as the model's own config.json has it.")
    return SAME_AS.get(value, value)


def counted_types() -> list[str]:
    """Return the types that are counted by formula."""
    return sorted({*FAMILIES, *LAYOUTS, *SAME_AS})


def _formula(text: Fields, kind: str) -> Network:
    if kind in FAMILIES:
        return network_of(read_uniform(text, kind))
    merged = text.part(_MERGED[kind]) if kind in _MERGED else None
    fields = {**(merged.config if merged else {}), **text.config}
    if kind in _MERGED:
        fields = {_RENAMED.get(k, k): v for k, v in fields.items()}
    return _laid_out(_one_by_one(replace(text, config=fields), kind), kind, LAYOUTS[kind])


def _laid_out(f: Fields, kind: str, layout: Layout) -> Network:
    """Return the network of a type whose layers differ."""
    taken = {name: value for name, value in layout.defaults.items() if f.get(name) is None}
    f = replace(f, config={**f.config, **taken})
    for name in layout.needs:
        if not f.has(name):
            raise f.missing(name)
    for name, allowed in layout.must.items():
        f.only(name, *allowed)
    layers, d, vocabulary = f.layers(), f.size("hidden_size"), f.size("vocab_size")
    tied = f.flag("tie_word_embeddings", layout.tied)
    parts = [embedding(vocabulary, d, tied=tied)]
    for readers, kinds in ((layout.mixers, layout.mixer_of(f)), (layout.feeds, layout.feed_of(f))):
        for name in dict.fromkeys(kinds):
            if name not in readers:
                raise f.wrong(
                    f"leadtime does not count layers of type {short(name)}", f"leadtime counts {', '.join(readers)}."
                )
            parts += [part.times(kinds.count(name)) for part in readers[name](f)]
    parts += [part.times(layers) for part in layout.layer(f)] + layout.once(f)
    parts.append(norms(layout.norm_size * d, layout.norms * layers + layout.last_norm))
    if not tied:
        biased = f.flag(layout.head_bias, default=False) if isinstance(layout.head_bias, str) else layout.head_bias
        parts.append(head(vocabulary, d, bias=biased))
    n_mtp, module = _modules(f, layout)
    return Network(
        family=kind,
        hidden=d,
        vocabulary=vocabulary,
        tied=tied,
        parts=gathered(parts),
        mtp=gathered(module),
        n_mtp=n_mtp if module else 0,
        notes=(*_taken(taken), *((_MODULES,) if n_mtp and not module else ())),
    )


def _taken(defaults: Mapping[str, int]) -> tuple[str, ...]:
    """Return which numbers were taken from the reference implementation, a sentence."""
    told = ", ".join(f"{name} {value}" for name, value in defaults.items())
    return (f"The file leaves out what its maker's own code adds, which was taken: {told}.",) if told else ()


def _modules(f: Fields, layout: Layout) -> tuple[int, list[Part]]:
    """Return how many MTP modules there are, and their parts where they are known: a layer, a projection,
    three norms.
    """
    n = f.whole(layout.modules, 0, null=0) or (f.whole("num_mtp_modules", 0, null=0) if layout.module is None else 0)
    if not n or layout.module is None:
        return n, []
    d = f.size("hidden_size")
    mixer, feed = layout.module
    one = [
        *layout.mixers[mixer](f),
        *layout.feeds[feed](f),
        *layout.layer(f),
        norms(d, layout.norms + 3),
        *mtp_projection(d),
    ]
    return n, [part.times(n) for part in one]


def _with_head(network: Network, ends: Head) -> Network:
    """Return a network that ends as its class says; only the usual head is tied, and only it has MTP modules."""
    if ends.language:
        return network
    rest = [p for p in network.parts if p.kind not in ("embedding", "head")]
    table = embedding(network.vocabulary, network.hidden, tied=False)
    return replace(
        network,
        parts=gathered([table, *rest, *ends.parts]),
        tied=False,
        mtp=(),
        n_mtp=0,
        answers=ends.gives,
        notes=(f"It gives {ends.gives}.",),
    )


def _with_encoder(whole: Fields, network: Network) -> Network:
    """Return a network with its encoder of images, where it has one, or with a word on what is not counted."""
    notes = [
        f"Its encoder of {what} is not counted." for n, what in _OTHER_ENCODERS.items() if whole.get(n) is not None
    ]
    vision, parts = whole.part("vision_config"), network.parts
    if vision is not None:
        beside = {n: whole.config[n] for n in _PROJECTION if n in whole.config}
        vision = replace(vision, config={**beside, **vision.config})
        size = encoder_parameters(str(whole.get("model_type")), vision, network.hidden)
        if size is None:
            notes.append("Its encoder of images is not counted.")
        else:
            parts = (*parts, encoder(size))
    elif _several(whole):
        notes.append("The configuration does not describe its encoder of images, which is not counted.")
    return replace(network, parts=parts, notes=(*network.notes, *notes))


def _several(whole: Fields) -> bool:
    names = whole.get("architectures")
    return isinstance(names, list) and bool(names) and str(names[0]).endswith("ForConditionalGeneration")


def _one_by_one(f: Fields, kind: str) -> Fields:
    """Return fields in which what is told layer by layer is told by the kind of layer, as Gemma 4 first had it."""
    told = f.part("per_layer_config")
    if told is None or not told.config:
        return f
    values = list(told.config.values())
    kinds = f.words("layer_types", f.layers()) or []
    full = {i for i, name in enumerate(kinds) if name == "full_attention"}
    same = bool(values) and isinstance(values[0], Mapping) and all(v == values[0] for v in values)
    if kind != "gemma4_text" or not same or {int(i) for i in told.config if i.isdigit()} != full:
        raise f.wrong(
            "per_layer_config changes single layers, and leadtime does not count that",
            "leadtime counts that of Gemma 4.",
        )
    renamed = {_PER_LAYER[k]: v for k, v in values[0].items() if k in _PER_LAYER}
    return replace(f, config={**f.config, **renamed})


def _precision(whole: Fields) -> str:
    """Return the format in which a configuration says that its weights are kept: of `BITS`, or nothing."""
    told = str(whole.config.get("quantization_config") or "").lower()
    for mark, name in (
        ("nvfp4", "fp4"),
        ("mxfp4", "fp4"),
        ("int4", "int4"),
        ("'num_bits': 4", "int4"),
        ("awq", "int4"),
        ("gptq", "int4"),
        ("fp8", "fp8"),
        ("'num_bits': 8", "fp8"),
        ("int8", "int8"),
    ):
        if mark in told:
            return name
    return ""
