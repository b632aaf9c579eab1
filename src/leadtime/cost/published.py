"""The runs that savings are counted from, read from the evidence: figures as published, networks as configured."""

from leadtime.cost.architecture import Architecture
from leadtime.cost.savings import Comparison, Run, Split, split
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence

#: Training run in the evidence, to its row in `architectures` and the length of its training sequences in tokens
#: (technical reports; later stages at longer context are other runs).
RUNS: dict[str, tuple[str, int]] = {
    "deepseek-llm-67b": ("deepseek-llm-67b", 4096),
    "deepseek-v2": ("deepseek-v2", 4096),
    "deepseek-v3-pre-training": ("deepseek-v3", 4096),
    "llama-3-1-405b": ("llama-3-1-405b", 8192),
}


def architecture(evidence: Evidence, name: str) -> Architecture:
    """Return the network of a row of the table `architectures`.

    Raises:
        LeadtimeError: There is no such row. The message has the nearest names.
    """
    for row in evidence["architectures"].iter_rows(named=True):
        if row["id"] == name:
            return Architecture.from_row(row)
    raise unknown_name("architecture", name, evidence["architectures"]["id"])


def run(evidence: Evidence, name: str, *, mtp: bool = False) -> Run:
    """Return a run of `RUNS`, with whether its multi-token prediction is counted.

    Raises:
        LeadtimeError: There is no such run, or its tokens or hours are not in the evidence.
    """
    if name not in RUNS:
        raise unknown_name("run", name, RUNS)
    network, sequence = RUNS[name]
    found = [r for r in evidence["training_runs"].iter_rows(named=True) if r["id"] == name]
    if not found or found[0]["tokens"] is None or found[0]["chip_hours"] is None:
        raise LeadtimeError(
            f"nobody has published the tokens and chip-hours of {name}",
            where="training_runs",
            fix="Choose a later --as-of, or add the row to the evidence of a study folder.",
        )
    tokens, hours = found[0]["tokens"], found[0]["chip_hours"]
    return Run(architecture=architecture(evidence, network), tokens=tokens, sequence=sequence, gpu_hours=hours, mtp=mtp)


def v3_comparison(evidence: Evidence, *, price_usd: float, alternatives: dict[str, str] | None = None) -> Comparison:
    """Return the comparison that DeepSeek-V3's savings are counted from, at a price per GPU-hour.

    Args:
        evidence: The evidence.
        price_usd: Price of a GPU-hour.
        alternatives: Feature to the name of what stands in for it, where another than the first is wanted.
    """
    speedups = [r["value"] for r in evidence["assumptions"].iter_rows(named=True) if r["id"] == "fp8-training-speedup"]
    if not speedups:
        raise LeadtimeError("fp8-training-speedup is not known", where="assumptions", fix="Choose a later as-of date.")
    return Comparison(
        run=run(evidence, "deepseek-v3-pre-training", mtp=True),
        sparse_bf16=run(evidence, "deepseek-v2"),
        dense_bf16=run(evidence, "deepseek-llm-67b"),
        fp8_speedup=speedups[0],
        price_usd=price_usd,
        alternatives=tuple(sorted((alternatives or {}).items())),
    )


def v3_against_llama(evidence: Evidence, *, mtp: bool = False) -> Split:
    """Return why DeepSeek-V3's pre-training took fewer GPU-hours than Llama 3.1 405B, in three exact factors.

    Without `mtp`, operations of V3's multi-token prediction are left out, as in its developer's own 250 GFLOP a token.
    """
    return split(run(evidence, "deepseek-v3-pre-training", mtp=mtp), run(evidence, "llama-3-1-405b"))
