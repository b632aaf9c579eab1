"""Which of two models is abler: overall, in each domain, on each benchmark both took."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from leadtime.capability.domains import domain_abilities
from leadtime.capability.result import DISPERSION_ITEMS, Fit, Floats


def versus(fit: Fit, domain_of: Mapping[str, str], first: str, second: str, *, seed: int) -> pl.DataFrame:
    r"""Return the probability that the first model is abler than the second, by level.

    Overall $P(\theta_A > \theta_B)$ over the joint draws; by domain the same for abilities on its benchmarks; on one
    benchmark $\Phi((z_A - z_B) / \sqrt{v_A + v_B})$, the chance that the order of two scores (logits, corrected for who
    reported them) is not the luck of the items, $v = (1/n + 1/150) / (p(1 - p))$ with $p$ the score.

    Args:
        fit: The fit; both models are in it.
        domain_of: Benchmark id to domain.
        first: Id of model A.
        second: Id of model B.
        seed: Seed of the domain abilities' draws.

    Returns:
        Columns `level` (overall, domain, benchmark), `name`, `probability`, `n_benchmarks` (of the lesser tested).
    """
    a, b = fit.cells.models.index(first), fit.cells.models.index(second)
    count = np.bincount(fit.cells.model, minlength=len(fit.cells.models))
    rows = [("overall", "", _ahead(fit.draws.theta[:, a], fit.draws.theta[:, b]), int(min(count[a], count[b])))]
    domains = np.array([domain_of[name] for name in fit.cells.benchmarks])
    for domain in sorted(set(domains)):
        theta, taken = domain_abilities(fit, domains == domain, seed=seed)
        if min(taken[a], taken[b]) > 0:
            rows.append(("domain", domain, _ahead(theta[:, a], theta[:, b]), int(min(taken[a], taken[b]))))
    rows += [("benchmark", name, chance, 1) for name, chance in _on_benchmarks(fit, a, b)]
    schema = {"level": pl.String, "name": pl.String, "probability": pl.Float64, "n_benchmarks": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ahead(a: Floats, b: Floats) -> float:
    return float((a > b).mean() + 0.5 * (a == b).mean())


def _on_benchmarks(fit: Fit, a: int, b: int) -> list[tuple[str, float]]:
    from scipy.special import ndtr

    cells = fit.cells
    cell_of = [
        dict(zip(cells.benchmark[mine], np.flatnonzero(mine), strict=True))
        for mine in (cells.model == a, cells.model == b)
    ]
    found = []
    for k in sorted(set(cell_of[0]) & set(cell_of[1]), key=lambda k: cells.benchmarks[k]):
        i, j = cell_of[0][k], cell_of[1][k]
        mu = 1 / (1 + np.exp(-cells.z[[i, j]]))
        variance = (1 / cells.n_items[k] + 1 / DISPERSION_ITEMS) / (mu * (1 - mu))
        found.append((cells.benchmarks[k], float(ndtr((cells.z[i] - cells.z[j]) / np.sqrt(variance.sum())))))
    return found
