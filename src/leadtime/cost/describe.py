"""The counts of a network: parameters by part, what it uses for a token, training compute, and cache."""

from dataclasses import dataclass

from leadtime.cost.architecture import Architecture
from leadtime.cost.counts import (
    index_bytes_per_token,
    kv_bytes_per_token,
    kv_cache_bytes,
    parameters,
    training_flop_per_token,
)

_PARTS = {
    "embedding": "embedding",
    "attention": "attention",
    "indexer": "indexer of sparse attention",
    "dense_ffn": "dense feed-forward",
    "routed_experts": "routed experts",
    "shared_experts": "shared experts",
    "router": "router",
    "balance_bias": "load-balancing biases",
    "norms": "norms",
    "head": "output head",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One count of a network.

    Args:
        key: What is counted, as one word.
        words: The same for people.
        value: The count.
        unit: Its unit; empty for a ratio.
        part: It is a part of, or belongs to, the count above it.
    """

    key: str
    words: str
    value: float
    unit: str = "parameters"
    part: bool = False


def describe(architecture: Architecture, sequence: int = 4096) -> list[Count]:
    """Return parameters by part, active ones, training FLOP and cache at a sequence length."""
    n = parameters(architecture)
    rows = [Count(key="parameters", words="Parameters", value=n.total)]
    rows += [Count(key=part, words=_PARTS[part], value=value, part=True) for part, value in n.parts.items() if value]
    rows += [
        Count(key="active", words="Active for a token, with input embedding", value=n.active),
        Count(
            key="active_without_input_embedding",
            words="Active for a token, without input embedding",
            value=n.active_without_input_embedding,
        ),
    ]
    flop = training_flop_per_token(architecture, sequence)
    rows += [
        Count(
            key="training_flop_per_token",
            words=f"Training compute for a token, at {sequence:,} tokens",
            value=flop,
            unit="FLOP",
        ),
        Count(
            key="over_six_times_active",
            words="over 6 x active parameters",
            value=flop / (6 * n.active_without_input_embedding),
            unit="",
            part=True,
        ),
    ]
    if n.mtp:
        with_mtp = training_flop_per_token(architecture, sequence, mtp=True)
        rows += [
            Count(key="mtp", words="Multi-token prediction, beside the total", value=n.mtp),
            Count(
                key="training_flop_per_token_with_mtp",
                words="training compute for a token with it",
                value=with_mtp,
                unit="FLOP",
                part=True,
            ),
        ]
    rows.append(
        Count(
            key="cache_bytes_per_token",
            words="Cache of keys and values for a token, 16 bits",
            value=kv_bytes_per_token(architecture),
            unit="bytes",
        )
    )
    if architecture.index_heads:
        rows.append(
            Count(
                key="indexer_bytes_per_token",
                words="indexer keys beside it, 8 bits",
                value=index_bytes_per_token(architecture),
                unit="bytes",
                part=True,
            )
        )
    rows.append(
        Count(
            key="cache_bytes",
            words=f"cache of {sequence:,} tokens",
            value=kv_cache_bytes(architecture, sequence),
            unit="bytes",
            part=True,
        )
    )
    return rows
