"""A network as the list of its parts: what every count is a sum over."""

import functools
from dataclasses import dataclass, replace

from leadtime.cost.architecture import Architecture
from leadtime.cost.parts import Experts, Grouped, Latent, Part, dense, embedding, head, indexer, norms


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network, part by part.

    Args:
        family: `model_type` of the configuration.
        hidden: Width of the residual stream.
        vocabulary: Rows of the embedding.
        tied: Whether the output head is the embedding.
        parts: All parts that a forward pass runs through, the embedding and the head among them.
        mtp: The parts of its multi-token-prediction (MTP) modules, which share embedding and head.
        n_mtp: How many such modules there are.
        answers: What its head gives: the next token, a class, vectors.
        notes: What has to be known of the count, sentences.
        counted_by: `formula`, or `reference`: built by the reference implementation, which tells parameters only.
        precision: Format in which the configuration says its weights are kept, empty if it does not say.
    """

    family: str
    hidden: int
    vocabulary: int
    tied: bool
    parts: tuple[Part, ...]
    mtp: tuple[Part, ...] = ()
    n_mtp: int = 0
    answers: str = "the next token"
    notes: tuple[str, ...] = ()
    counted_by: str = "formula"
    precision: str = ""


def network_of(a: "Architecture | Network") -> Network:
    """Return a network, part by part."""
    return a if isinstance(a, Network) else _of_architecture(a)


def gathered(parts: list[Part]) -> tuple[Part, ...]:
    """Return parts with those that are the same put together, in the order of their first appearance."""
    counts: dict[Part, int] = {}
    for part in parts:
        one = replace(part, n=1)
        counts[one] = counts.get(one, 0) + part.n
    return tuple(replace(one, n=n) for one, n in counts.items() if n and (one.parameters or one.products))


@functools.lru_cache(maxsize=512)  # the same few are taken apart hundreds of times
def _of_architecture(a: Architecture) -> Network:
    windows, full = a.n_window_layers, a.n_layers - a.n_window_layers
    n_dense = a.n_layers - a.n_moe_layers
    last = list(_experts(a).parts()) if a.n_moe_layers else [dense(a.hidden, a.ffn)]
    mixer = [_attention(a, windowed=False), *([_indexer(a)] if a.index_heads else [])]
    layers = [
        embedding(a.vocabulary, a.hidden, tied=a.tied),
        _attention(a, windowed=False).times(full),
        _attention(a, windowed=True).times(windows),
        *([_indexer(a).times(a.n_index_layers or a.n_layers)] if a.index_heads else []),
        dense(a.hidden, a.ffn).times(n_dense),
        *(p.times(a.n_moe_layers) for p in _experts(a).parts() if a.n_moe_layers),
        norms(a.hidden, 2 * a.n_layers + 1),
    ]
    module = [*mixer, *last, norms(a.hidden, 5), *mtp_projection(a.hidden)]
    return Network(
        family=a.family,
        hidden=a.hidden,
        vocabulary=a.vocabulary,
        tied=a.tied,
        parts=gathered(layers if a.tied else [*layers, head(a.vocabulary, a.hidden)]),
        mtp=gathered([p.times(a.n_mtp) for p in module]),
        n_mtp=a.n_mtp,
    )


def mtp_projection(hidden: int) -> list[Part]:
    """Return what an MTP module has beside its layer: a projection of 2d to d (its three norms are counted as
    norms).
    """
    return [Part(kind="dense_ffn", parameters=2 * hidden**2, products=2 * hidden**2)]


def _attention(a: Architecture, *, windowed: bool) -> Part:
    if a.is_mla:
        return Latent(
            hidden=a.hidden,
            heads=a.n_heads,
            q_rank=a.q_rank,
            kv_rank=a.kv_rank,
            nope=a.nope_dim,
            rope=a.rope_dim,
            value=a.v_dim,
            top=a.index_top,
        ).part()
    bias = (a.n_heads + 2 * a.n_kv_heads) * a.head_dim + (a.hidden if a.traits.output_bias else 0)
    extra = (bias if a.qkv_bias else 0) + (2 * a.head_dim if a.qk_norm else 0)
    return Grouped(
        hidden=a.hidden,
        heads=a.n_heads,
        kv_heads=a.n_kv_heads,
        key=a.head_dim,
        value=a.head_dim,
        extra=extra + (a.n_heads if a.traits.sinks else 0),
        window=a.window if windowed else 0,
    ).part()


def _indexer(a: Architecture) -> Part:
    return indexer(hidden=a.hidden, query_from=a.q_rank, heads=a.index_heads, width=a.index_dim)


def _experts(a: Architecture) -> Experts:
    biased = a.traits.expert_bias
    return Experts(
        hidden=a.hidden,
        width=a.expert_ffn,
        n=a.n_experts,
        active=a.n_active,
        shared=a.n_shared * a.expert_ffn,
        bias=2 * a.expert_ffn + a.hidden if biased else 0,
        router_extra=a.n_experts if biased else 0,
        balance=a.n_experts if a.traits.balance_bias else 0,
    )
