"""A network's counts as rows of text, for `leadtime cost --config`."""

from pathlib import Path

from leadtime.cost.architecture import Architecture
from leadtime.cost.config import read_config
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


def describe(architecture: Architecture, sequence: int = 4096) -> list[tuple[str, str]]:
    """Return labels and values: parameters by part, active ones, training FLOP and cache at a sequence length."""
    n = parameters(architecture)
    rows = [("type", architecture.family), ("parameters", _billions(n.total))]
    rows += [(f"  {_PARTS[part]}", _billions(value)) for part, value in n.parts.items() if value]
    rows += [
        ("active per token, with input embedding", _billions(n.active)),
        ("active per token, without input embedding", _billions(n.active_without_input_embedding)),
    ]
    flop = training_flop_per_token(architecture, sequence)
    rows.append((f"training FLOP per token at {sequence:,} tokens", f"{flop / 1e9:,.1f} GFLOP"))
    rows.append(("  over 6 x active parameters", f"{flop / (6 * n.active_without_input_embedding):.2f}"))
    if n.mtp:
        with_mtp = training_flop_per_token(architecture, sequence, mtp=True)
        rows.append(("multi-token prediction, beside the total", _billions(n.mtp)))
        rows.append(("  training FLOP per token with it", f"{with_mtp / 1e9:,.1f} GFLOP"))
    rows.append(("cache of keys and values per token, 16 bits", f"{kv_bytes_per_token(architecture):,.0f} bytes"))
    if architecture.index_heads:
        rows.append(("  indexer keys beside it, 8 bits", f"{index_bytes_per_token(architecture):,.0f} bytes"))
    cache = kv_cache_bytes(architecture, sequence)
    rows.append((f"  cache of {sequence:,} tokens", f"{cache / 1e6:,.1f} MB"))
    return rows


def config_report(path: Path | str, sequence: int = 4096) -> list[tuple[str, str]]:
    """Return the labels and values of the network in a config.json.

    Raises:
        LeadtimeError: The file is not a configuration, or one of a type that is not counted.
    """
    return describe(read_config(path), sequence)


def _billions(count: int) -> str:
    return f"{count / 1e9:,.3f} billion" if count >= 1e6 else f"{count:,}"
