"""What each of DeepSeek-V3's innovations saved, against named alternatives, alone and together.

Four features can be switched off: sparse experts, compressed attention (MLA), 8-bit training (FP8) and multi-token
prediction (MTP). Off means a named alternative, because "without" means nothing by itself. Every coalition of
features is a network and a rate of computing, so each is counted rather than estimated.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from leadtime.cost.architecture import Architecture
from leadtime.cost.counts import kv_bytes_per_token, parameters, training_flop_per_token
from leadtime.cost.shapley import shapley
from leadtime.errors import LeadtimeError, unknown_name

FEATURES = ("sparse-experts", "mla", "fp8", "mtp")
METRICS = {"training_flop": "FLOP", "gpu_hours": "hours", "kv_bytes": "bytes per token", "dollars": "USD"}

#: What stands in for a feature that is off, by name.
ALTERNATIVES: dict[str, dict[str, str]] = {
    "sparse-experts": {
        "equal-quality": "a dense network whose size is the geometric mean of total and active parameters, the usual "
        "rule for the dense network of equal quality",
        "all-experts": "every expert computed for every token: the same total size, a better network, an upper bound",
    },
    "mla": {
        "gqa-8": "eight key-value heads, as in Llama 3.1 and DeepSeek LLM 67B",
        "mha": "a key and a value for every head, as the reports of DeepSeek compare",
    },
    "fp8": {
        "bf16": "16-bit products, slower by the assumption fp8-training-speedup",
        "v2-rate": "the rate of DeepSeek-V2: no FP8, no DualPipe, no new kernels; published figures do not separate "
        "them, so this is their joint effect",
    },
    "mtp": {"none": "no multi-token-prediction module"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was published about one training run.

    Args:
        architecture: The network.
        tokens: Tokens trained on.
        sequence: Tokens in a training sequence.
        gpu_hours: GPU-hours.
        mtp: Whether MTP modules were trained too.
    """

    architecture: Architecture
    tokens: float
    sequence: int
    gpu_hours: float
    mtp: bool = False

    def __post_init__(self) -> None:
        """Refuse figures that no run can have."""
        for name in ("tokens", "gpu_hours"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise LeadtimeError(f"{name} of a run is {value}", fix="It must be a number above 0.")

    @property
    def flop_per_token(self) -> float:
        """Training operations per token."""
        return training_flop_per_token(self.architecture, self.sequence, mtp=self.mtp)

    @property
    def flop_s(self) -> float:
        """Achieved operations per second and GPU."""
        return self.flop_per_token * self.tokens / (self.gpu_hours * 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The runs and the assumption that the savings are counted from.

    Args:
        run: The run with all features (DeepSeek-V3).
        sparse_bf16: A run with sparse experts in 16 bits (DeepSeek-V2): its rate.
        dense_bf16: A dense run in 16 bits on the same GPUs (DeepSeek LLM 67B): its rate.
        fp8_speedup: Rate with 8-bit products over the rate without, nothing else changed.
        price_usd: Price of a GPU-hour.
        alternatives: Feature to the name of its alternative; the first in `ALTERNATIVES` where not given.
    """

    run: Run
    sparse_bf16: Run
    dense_bf16: Run
    fp8_speedup: float
    price_usd: float
    alternatives: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse unknown alternatives, impossible factors, and a network that lacks the features."""
        if not (self.run.architecture.is_mla and self.run.architecture.n_experts):
            raise LeadtimeError(
                "the network has no compressed attention or no sparse experts, so their savings cannot be counted",
                fix="Give a network with both, such as deepseek-v3.",
            )
        for feature, name in self.alternatives:
            if feature not in ALTERNATIVES:
                raise unknown_name("feature", feature, ALTERNATIVES)
            if name not in ALTERNATIVES[feature]:
                known = ", ".join(ALTERNATIVES[feature])
                raise LeadtimeError(f"{feature} has no alternative called {name!r}", fix=f"Choose one of: {known}.")
        if not self.fp8_speedup > 0 or not self.price_usd >= 0:
            raise LeadtimeError(
                f"speed-up {self.fp8_speedup} and price {self.price_usd} cannot be compared",
                fix="The speed-up must be above 0, the price 0 or more.",
            )

    def alternative(self, feature: str) -> str:
        """Return the name of what stands in for a feature."""
        return dict(self.alternatives).get(feature, next(iter(ALTERNATIVES[feature])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What one feature, or all together, saved in one metric; a negative saving is a cost.

    Args:
        feature: Name in `FEATURES`, or "all".
        metric: Name in `METRICS`.
        first: Saving when the feature comes alone to a network that has none.
        last: Saving when it comes last, the others being there.
        shapley: Its mean saving over all orders; over the features these add up to the joint saving.
        factor: The same on a log scale: the factors of the features multiply to the joint factor.
        alternative: What stood in for it.
    """

    feature: str
    metric: str
    first: float
    last: float
    shapley: float
    factor: float
    alternative: str


def network_with(c: Comparison, on: frozenset[str]) -> Architecture:
    """Return the network with only some of the features, by the named alternatives of the others."""
    a = c.run.architecture
    if "sparse-experts" not in on:
        a = _dense(a) if c.alternative("sparse-experts") == "equal-quality" else replace(a, n_active=a.n_experts)
    if "mla" not in on:
        heads = {"gqa-8": 8, "mha": a.n_heads}[c.alternative("mla")]
        family = "qwen3_moe" if a.n_experts else "llama"  # grouped heads without biases; experts as they are
        a = replace(
            a,
            family=family,
            n_kv_heads=heads,
            head_dim=a.v_dim,
            kv_rank=0,
            q_rank=0,
            nope_dim=0,
            rope_dim=0,
            v_dim=0,
            index_heads=0,
            index_dim=0,
            index_top=0,
        )
    return a


def _dense(a: Architecture) -> Architecture:
    """Return the network with one dense feed-forward part per layer, total size sqrt(total x active)."""
    n = parameters(a)
    size = math.sqrt(n.total * n.active)
    rest = n.total - n.of("routed_experts", "shared_experts", "router", "balance_bias", "dense_ffn")
    ffn = round((size - rest) / (3 * a.hidden * a.n_layers))
    return replace(a, ffn=ffn, n_experts=0, n_active=0, n_shared=0, expert_ffn=0, n_dense_layers=a.n_layers)


def flop_s_with(c: Comparison, on: frozenset[str]) -> float:
    """Return the operations per second and GPU that a coalition reaches; with all features, what the run reached.

    Dense networks in 16 bits run at the rate of `dense_bf16`, since experts cost communication; 8-bit products speed a
    dense network up by `fp8_speedup`, whatever stands in for them among the experts.
    """
    if "sparse-experts" not in on:
        return c.dense_bf16.flop_s * (c.fp8_speedup if "fp8" in on else 1.0)
    if "fp8" in on:
        return c.run.flop_s
    return c.sparse_bf16.flop_s if c.alternative("fp8") == "v2-rate" else c.run.flop_s / c.fp8_speedup


def amounts(c: Comparison, on: frozenset[str]) -> dict[str, float]:
    """Return what training and serving take with only some of the features, by metric."""
    a = network_with(c, on)
    flop = training_flop_per_token(a, c.run.sequence, mtp="mtp" in on) * c.run.tokens
    hours = flop / flop_s_with(c, on) / 3600
    return {
        "training_flop": flop,
        "gpu_hours": hours,
        "kv_bytes": kv_bytes_per_token(a),
        "dollars": hours * c.price_usd,
    }


def savings(c: Comparison, metric: str) -> list[Saving]:
    """Return what each feature saved in a metric, and in the last row what all saved together.

    Raises:
        LeadtimeError: There is no such metric.
    """
    if metric not in METRICS:
        raise unknown_name("metric", metric, METRICS)

    def amount(on: frozenset[str]) -> float:
        return amounts(c, on)[metric]

    everything, nothing = frozenset(FEATURES), frozenset[str]()
    shares = shapley(FEATURES, lambda on: -amount(on))
    factors = _factors(amount)
    rows = [
        Saving(
            feature=f,
            metric=metric,
            first=amount(nothing) - amount(frozenset({f})),
            last=amount(everything - {f}) - amount(everything),
            shapley=float(shares[f]),
            factor=factors[f],
            alternative=c.alternative(f),
        )
        for f in FEATURES
    ]
    joint = amount(nothing) - amount(everything)
    return [
        *rows,
        Saving(
            feature="all",
            metric=metric,
            first=joint,
            last=joint,
            shapley=joint,
            factor=math.prod(factors.values()),
            alternative="none of the features",
        ),
    ]


def _factors(amount: Callable[[frozenset[str]], float]) -> dict[str, float]:
    if amount(frozenset()) == 0:
        return dict.fromkeys(FEATURES, 1.0)
    return {f: math.exp(v) for f, v in shapley(FEATURES, lambda on: -math.log(amount(on))).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Why one run took fewer GPU-hours than another: three factors whose product is `gpu_hours`."""

    flop_per_token: float
    tokens: float
    throughput: float
    gpu_hours: float


def split(run: Run, reference: Run) -> Split:
    """Return how many times fewer GPU-hours a run took than a reference, split into its three exact factors.

    Hours are operations per token, times tokens, over operations per second: the ratio of hours is the product of the
    ratios of the first two (reference over run) and of the third (run over reference).
    """
    return Split(
        flop_per_token=reference.flop_per_token / run.flop_per_token,
        tokens=reference.tokens / run.tokens,
        throughput=run.flop_s / reference.flop_s,
        gpu_hours=reference.gpu_hours / run.gpu_hours,
    )
