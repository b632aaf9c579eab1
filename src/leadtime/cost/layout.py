"""What is said of a type of networks whose layers differ: what a layer may hold, and which layer holds what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadtime.cost import patterns as p
from leadtime.cost.mixers import Reader, nothing

_ALL_FULL, _ALL_DENSE = p.all_of("full_attention"), p.all_of("dense")
#: Fields that a type needs, by what its heads are.
KV = ("num_key_value_heads",)
GROUPED = ("num_key_value_heads", "head_dim")
#: Settings that a type must have.
UNTIED: dict[str, tuple[Any, ...]] = {"tie_word_embeddings": (False,)}
NO_BIAS: dict[str, tuple[Any, ...]] = {"attention_bias": (False,), "mlp_bias": (False,)}


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
        module: The kinds of mixer and feed-forward part of an MTP module; none if they are not known.
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
