"""What must be reached: each figure with its target, idle and beside busy processes, and its peer's figure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure of the table.

    Args:
        key: Its name in the results.
        what: What is measured, in words.
        unit: Of the figure.
        idle: Target on a quiet machine; None where there is none.
        busy: Target beside two busy processes; None where there is none.
        least: Whether the target is the least that is good, not the most.
        peer: Name in the results of what it is compared with, in the same run.
        peer_is: That in words.
    """

    key: str
    what: str
    unit: str
    idle: float | None = None
    busy: float | None = None
    least: bool = False
    peer: str = ""
    peer_is: str = ""

    def held(self, value, *, busy):
        """Return whether a figure is as good as its target; None where there is none."""
        target = self.busy if busy else self.idle
        if target is None or value is None:
            return None
        return value >= target if self.least else value <= target


#: A part is a script of the name and what it gives. Only the parts that say so run beside busy processes too.
PARTS = {
    "index": (
        "bench_eci",
        (
            Target(
                key="refit_ms",
                what="One refit of the index, Epoch's file",
                unit="ms",
                idle=5.0,
                busy=7.5,
                peer="refit_scipy_ms",
                peer_is="scipy's least squares, as the published code sets it up",
            ),
            Target(
                key="fit_s",
                what="One fit of it, table checked",
                unit="s",
                idle=0.05,
                busy=0.05,
                peer="fit_scipy_s",
                peer_is="scipy's least squares, without the checks",
            ),
            Target(
                key="refit_own_ms",
                what="One refit, the scores that ship",
                unit="ms",
                peer="refit_own_scipy_ms",
                peer_is="scipy's least squares",
            ),
            Target(
                key="fit_own_s",
                what="One fit, the scores that ship",
                unit="s",
                peer="fit_own_scipy_s",
                peer_is="scipy's least squares",
            ),
        ),
    ),
    "nuts": (
        "bench_capability",
        (
            Target(key="nuts_s", what="NUTS of the built-in evidence, sampling", unit="s", idle=15.0),
            Target(key="nuts_compile_s", what="What compiles within it", unit="s"),
            Target(key="nuts_ess", what="Effective draws of the worst parameter", unit="", idle=400.0, least=True),
            Target(key="nuts_r_hat", what="R-hat of the worst parameter", unit="", idle=1.01),
        ),
    ),
    "items": (
        "bench_items",
        (
            Target(key="items_s", what="10^8 item responses, one fit", unit="s", idle=30.0, busy=30.0),
            Target(key="items_gb", what="Its peak memory", unit="GB", idle=2.5, busy=2.5),
            Target(
                key="items_small_ours_s",
                what="250,000 item responses, one fit",
                unit="s",
                peer="items_small_girth_s",
                peer_is="girth",
            ),
            Target(
                key="items_small_ours_s",
                what="The same",
                unit="s",
                peer="items_small_py_irt_s",
                peer_is="py-irt, its default of 2,000 epochs",
            ),
            Target(
                key="items_small_ours_s",
                what="The same",
                unit="s",
                peer="items_small_numpy_s",
                peer_is="EM in NumPy",
            ),
        ),
    ),
    "disk": (
        "bench_items_disk",
        (
            Target(key="disk_s", what="10^9 item responses in blocks on disk, one fit", unit="s"),
            Target(key="disk_gb", what="Its peak memory", unit="GB", idle=2.5, busy=2.5),
            Target(
                key="disk_times", what="Its time of a response, in that of 10^8", unit="times", idle=1.25, busy=1.25
            ),
        ),
    ),
    "scenario": (
        "bench_scenario",
        (
            Target(key="scenario_s", what="100,000 draws x 44 quarters x 10 scenarios", unit="s", idle=10.0),
            Target(
                key="equations_s",
                what="Their equations alone, 10,000 draws",
                unit="s",
                peer="equations_numpy_s",
                peer_is="the same equations in NumPy, results equal",
            ),
            Target(key="scenario_times", what="How many times as fast as NumPy", unit="times", idle=4.0, least=True),
        ),
    ),
    "rules": (
        "bench_rules",
        (Target(key="rules_s", what="10^6 transactions in a file, the whole command", unit="s", idle=4.0),),
    ),
}
