"""The counts of a network: parameters by part, what it uses for a token, training compute, and cache."""

from dataclasses import dataclass

from leadtime.cost.architecture import Architecture
from leadtime.cost.counts import (
    Parameters,
    index_bytes_per_token,
    kv_bytes_per_token,
    kv_cache_bytes,
    parameters,
    state_bytes,
    training_flop_per_token,
    windows,
)
from leadtime.cost.network import Network, network_of
from leadtime.cost.parts import PARTS


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


def describe(architecture: Architecture | Network, sequence: int = 4096) -> list[Count]:
    """Return parameters by part, active ones, training FLOP and cache at a sequence length.

    Of a network that the reference implementation counted, only the parameters are known.
    """
    network = network_of(architecture)
    n = parameters(network)
    rows = [Count(key="parameters", words="Parameters", value=n.total)]
    rows += [Count(key=part, words=PARTS[part], value=value, part=True) for part, value in n.parts.items()]
    if n.language < n.total:
        rows.append(Count(key="language", words="Without the encoder of images", value=n.language))
    if network.counted_by == "reference":
        return rows
    return [*rows, *_used(n), *_training(network, n, sequence), *_cache(network, sequence)]


def _used(n: Parameters) -> list[Count]:
    bare = n.active_without_input_embedding
    return [
        Count(key="active", words="Active for a token, with input embedding", value=n.active),
        Count(key="active_without_input_embedding", words="Active for a token, without input embedding", value=bare),
    ]


def _training(network: Network, n: Parameters, sequence: int) -> list[Count]:
    flop = training_flop_per_token(network, sequence)
    words = f"Training compute for a token, at {sequence:,} tokens"
    ratio = flop / (6 * n.active_without_input_embedding)
    rows = [
        Count(key="training_flop_per_token", words=words, value=flop, unit="FLOP"),
        Count(key="over_six_times_active", words="over 6 x active parameters", value=ratio, unit="", part=True),
    ]
    if not n.mtp:
        return rows
    more = training_flop_per_token(network, sequence, mtp=True)
    return [
        *rows,
        Count(key="mtp", words="Multi-token prediction, beside the total", value=n.mtp),
        Count(
            key="training_flop_per_token_with_mtp",
            words="training compute for a token with it",
            value=more,
            unit="FLOP",
            part=True,
        ),
    ]


def _cache(network: Network, sequence: int) -> list[Count]:
    """Return the cache: while windows fill a token adds to all layers, past them only to those without a window."""
    found, past = windows(network), kv_bytes_per_token(network)
    first = kv_bytes_per_token(network) + sum(
        p.n * h.values * 2.0 for p in network.parts for h in p.holds if h.window and not h.index
    )
    rows = [("cache_bytes_per_token", "Cache of keys and values for a token, 16 bits", first, False)]
    if found:
        widest = f"added by a token past the window of {found[-1]:,} tokens"
        rows.append(("cache_bytes_per_token_past_window", widest, past, True))
    if index := index_bytes_per_token(network):
        rows.append(("indexer_bytes_per_token", "indexer keys beside it, 8 bits", index, True))
    rows.append(("cache_bytes", f"cache of {sequence:,} tokens", kv_cache_bytes(network, sequence), True))
    if state := state_bytes(network):
        rows.append(("state_bytes", "State of a text, whatever its length, 32 bits", state, False))
    return [Count(key=k, words=w, value=v, unit="bytes", part=part) for k, w, v, part in rows]
