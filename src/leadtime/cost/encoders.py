"""Encoders of images, and the layers that bring their output into a language network: parameters from their widths.

Notation: w width, L layers, f inner width, p side of a patch, m patches merged in each direction, d width of the
language network. A layer of a plain encoder has 4 w² + 2 w f weights, 5 w + f biases (4 w of attention, f + w of the
feed-forward part) and two norms of 2 w.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leadtime.cost.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The fields that hold the sizes of a plain encoder."""

    width: str = "hidden_size"
    layers: str = "num_hidden_layers"
    inner: str = "intermediate_size"


def encoder_parameters(kind: str, vision: Fields, hidden: int) -> int | None:
    """Return the parameters of an encoder of images with its projection, or None if the type's are not counted.

    Args:
        kind: `model_type` of the whole configuration.
        vision: The fields of `vision_config`.
        hidden: Width of the language network.
    """
    count = _ENCODERS.get(kind)
    return count(vision, hidden) if count else None


def _plain(v: Fields, names: _Names = _Names()) -> tuple[int, int]:
    """Return the width of a plain encoder, and the parameters of its layers with biases and norms with biases."""
    w, layers, f = v.size(names.width), v.size(names.layers), v.size(names.inner)
    return w, layers * (4 * w * w + 2 * w * f + 5 * w + f + 4 * w)


def _merger(inner: int, out: int, norm: int) -> int:
    """Return two products inner², inner out with biases, behind a norm with biases."""
    return 2 * norm + inner * inner + inner + inner * out + out


def _qwen3(v: Fields, hidden: int) -> int:
    w, layers = _plain(v, _Names(layers="depth"))
    patch = v.size("in_channels", 3) * v.size("temporal_patch_size") * v.size("patch_size") ** 2 * w + w
    inner, out = w * v.size("spatial_merge_size") ** 2, v.size("out_hidden_size", hidden)
    deep = len(v.numbers("deepstack_visual_indexes") or [])
    return (
        layers
        + patch
        + v.size("num_position_embeddings") * w
        + _merger(inner, out, w)
        + deep * _merger(inner, out, inner)
    )


_KIMI = _Names(width="vt_hidden_size", layers="vt_num_hidden_layers", inner="vt_intermediate_size")


def _kimi_k25(v: Fields, hidden: int) -> int:
    own = v.has("vt_hidden_size")
    w, layers = _plain(v, _KIMI if own else _Names())
    sides = v.numbers("merge_kernel_size", 2) or [2, 2]
    patch = 3 * v.size("patch_size") ** 2 * w + w
    height, width = ("init_pos_emb_height", "init_pos_emb_width") if own else ("pos_emb_height", "pos_emb_width")
    positions = v.size(height) * v.size(width) * w
    return layers + patch + positions + 2 * w + _merger(w * sides[0] * sides[1], hidden, w)


def _gemma4(v: Fields, hidden: int) -> int:
    w, layers, f, e = (v.size(n) for n in ("hidden_size", "num_hidden_layers", "intermediate_size", "head_dim"))
    h, k = v.size("num_attention_heads"), v.size("num_key_value_heads", v.size("num_attention_heads"))
    layer = 2 * w * h * e + 2 * w * k * e + 2 * e + 3 * w * f + 4 * w
    patch = 2 * v.size("position_embedding_size") * w + 3 * v.size("patch_size") ** 2 * w
    return layers * layer + patch + w * hidden


def _llama4(v: Fields, hidden: int) -> int:
    w, layers = _plain(v)
    patches = (v.size("image_size") // v.size("patch_size")) ** 2
    patch = v.size("num_channels", 3) * v.size("patch_size") ** 2 * w + w + (patches + 1) * w + 4 * w
    inner, out = v.size("projector_input_dim"), v.size("projector_output_dim")
    return layers + patch + v.size("intermediate_size") * inner + inner * out + v.size("vision_output_dim") * hidden


def _gemma3(v: Fields, hidden: int) -> int:
    w, layers = _plain(v)
    patches = (v.size("image_size") // v.size("patch_size")) ** 2
    patch = v.size("num_channels", 3) * v.size("patch_size") ** 2 * w + w + patches * w
    f = v.size("intermediate_size")
    pooling = w + 4 * w * w + 4 * w + 2 * w + 2 * w * f + f + w if v.flag("vision_use_head", default=True) else 0
    return layers + patch + 2 * w + w + w * hidden + pooling


def _minimax_m3(v: Fields, hidden: int) -> int:
    w, layers = _plain(v)
    patch = v.size("num_channels", 3) * v.size("temporal_patch_size") * v.size("patch_size") ** 2 * w + 2 * w
    inner, merged = v.size("projector_hidden_size"), hidden * v.size("spatial_merge_size") ** 2
    two = inner * hidden + hidden
    return layers + patch + w * inner + inner + two + merged * inner + inner + two


def _mistral3(v: Fields, hidden: int) -> int:
    w, layers, f = v.size("hidden_size"), v.size("num_hidden_layers"), v.size("intermediate_size")
    patch = v.size("num_channels", 3) * v.size("patch_size") ** 2 * w + w
    bias = 2 * hidden if v.flag("multimodal_projector_bias", default=False) else 0
    merger = w + w * w * v.size("spatial_merge_size") ** 2 + w * hidden + hidden * hidden + bias
    return layers * (4 * w * w + 3 * w * f + 2 * w) + patch + merger


def _qwen2_5(v: Fields, hidden: int) -> int:
    w, layers, f = v.size("hidden_size"), v.size("depth"), v.size("intermediate_size")
    patch = v.size("in_channels", 3) * v.size("temporal_patch_size") * v.size("patch_size") ** 2 * w
    layer = 4 * w * w + 4 * w + 3 * w * f + 2 * f + w + 2 * w
    inner = w * v.size("spatial_merge_size") ** 2
    return layers * layer + patch + _merger(inner, v.size("out_hidden_size", hidden), w) - w


def _step(v: Fields, hidden: int) -> int:
    w, layers = _plain(v)
    patch = (
        v.size("num_channels", 3) * v.size("patch_size") ** 2 * w
        + (v.size("image_size") // v.size("patch_size")) ** 2 * w
    )
    down = 9 * w * 2 * w + 2 * w + 9 * 2 * w * 4 * w + 4 * w
    return layers + v.size("num_hidden_layers") * 2 * w + patch + 2 * w + down + 4 * w * hidden


_ENCODERS: dict[str, Callable[[Fields, int], int]] = {
    "gemma3": _gemma3,
    "gemma4": _gemma4,
    "kimi_k25": _kimi_k25,
    "llama4": _llama4,
    "minimax_m3_vl": _minimax_m3,
    "mistral3": _mistral3,
    "qwen2_5_vl": _qwen2_5,
    "qwen3_5": _qwen3,
    "qwen3_5_moe": _qwen3,
    "qwen3_vl": _qwen3,
    "qwen3_vl_moe": _qwen3,
    "step3p7": _step,
}
