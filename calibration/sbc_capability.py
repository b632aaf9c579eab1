"""Simulation-based calibration of the capability model: is the truth anywhere among its posterior draws, equally often?

    python calibration/sbc_capability.py [--simulations N] [--jobs N]

Parameters come from the priors, scores from the likelihood, in the cells that a part of the built-in evidence has. The
fit is the one that ships: its mode, its whitening, its density and NumPyro's NUTS, and the normal approximation `map`
beside it. What differs is how the sampler is tuned: one chain along the first directions alone, with a longer warm-up,
so that one compilation serves all simulations.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import uniform
from numpyro.infer.hmc import hmc
from numpyro.util import fori_collect
from record import Check, Run, Table, run_of

from leadtime.capability import cells as cells_of
from leadtime.capability.fit import find_mode
from leadtime.capability.layout import PRIORS
from leadtime.capability.model import Posterior
from leadtime.capability.normal import whitening
from leadtime.capability.result import NU, Cells, Floats, Parameters
from leadtime.evidence import Evidence

QUESTION = "Are posterior draws of the capability model where they say, when the world is as the model assumes?"
#: Declared before any run: corrected for all parameters, none may be found not uniform at 5 %.
LEAST_P = 0.05
N_MODELS, N_BENCHMARKS, LEAST_CELLS = 30, 15, 5
DRAWS, THIN = 99, 10
WARMUP, TREE_DEPTH, ACCEPTANCE = 200, 7, 0.7
HYPER = ("rate", "m_d", "m_t", "log_s_d", "log_s_theta", "log_s_a")
GROUPS = ("ability", "difference of abilities", "difficulty", "discrimination", "misfit", "hyperparameter")


def pattern(evidence: Evidence, n_models: int = N_MODELS, n_benchmarks: int = N_BENCHMARKS) -> Cells:
    """Return the cells of a part of the evidence: the benchmarks most used, and models spread over the years."""
    rows = cells_of.chosen(evidence["scores"], evidence["benchmarks"], which="all", effort="best")
    used = rows.group_by("benchmark").agg(pl.col("model").n_unique()).sort("model", "benchmark", descending=True)
    rows = rows.filter(pl.col("benchmark").is_in(used["benchmark"].head(n_benchmarks).to_list()))
    count = rows.group_by("model").agg(pl.col("benchmark").n_unique()).filter(pl.col("benchmark") >= LEAST_CELLS)
    dated = count.join(evidence["models"].select("released_on", model="id"), on="model").sort("released_on", "model")
    some = np.unique(np.linspace(0, dated.height - 1, n_models).astype(int))
    return cells_of.build(rows.filter(pl.col("model").is_in(dated["model"][some].to_list())), evidence["models"], None)


def truth_of(cells: Cells, rng: np.random.Generator) -> tuple[Parameters, Floats]:
    """Return parameters and hyperparameters drawn from the priors."""
    p, k = PRIORS, len(cells.benchmarks)
    spread_a = (p.log_s_a[0] - p.log_s_a[1] ** 2, p.log_s_a[1])  # see `Priors`
    hyper = np.array(
        [rng.normal(*prior) for prior in (p.rate, p.difficulty, p.misfit, p.log_s_d, p.log_s_theta, spread_a)]
    )
    rate, m_d, m_t, log_s_d, log_s_theta, log_s_a = hyper
    log_a = rng.normal(0, np.exp(log_s_a), k)
    return Parameters(
        theta=rng.normal(rate * cells.years, np.exp(log_s_theta)),
        difficulty=rng.normal(m_d, np.exp(log_s_d), k),
        discrimination=np.exp(log_a - log_a.mean()),
        misfit=np.exp(rng.normal(m_t, p.pooling, k)),
    ), hyper


def scores_of(truth: Parameters, cells: Cells, rng: np.random.Generator) -> Floats:
    """Return the logits of scores drawn from the likelihood, shape (cell,)."""
    b, m = cells.benchmark, cells.model
    eta = truth.discrimination[b] * (truth.theta[m] - truth.difficulty[b])
    mu = np.clip(cells.floor[b] + (cells.ceiling - cells.floor)[b] / (1 + np.exp(-eta)), 1e-6, 1 - 1e-6)
    per_item = 1 / cells.n_items[b] + 1 / PRIORS.dispersion_items
    s = np.sqrt(truth.misfit[b] ** 2 + per_item / (mu * (1 - mu)))
    return np.log(mu / (1 - mu)) + s * rng.standard_t(NU, size=mu.size)


def flat(parameters: Parameters, hyper: Floats) -> Floats:
    """Return what is ranked, the last axis: abilities, their differences, benchmarks' parameters, hyperparameters."""
    theta = parameters.theta
    half = theta.shape[-1] // 2
    apart = theta[..., half : 2 * half] - theta[..., :half]
    parts = (theta, apart, parameters.difficulty, parameters.discrimination, parameters.misfit, hyper)
    return np.concatenate(parts, axis=-1)


def names_of(cells: Cells) -> dict[str, str]:
    """Return the group of each parameter of `flat`, by name, in its order."""
    half = len(cells.models) // 2
    names = (
        cells.models,
        [f"{b} - {a}" for a, b in zip(cells.models[:half], cells.models[half:], strict=False)],
        cells.benchmarks,
        cells.benchmarks,
        cells.benchmarks,
        HYPER,
    )
    return {f"{g}: {n}": g for g, members in zip(GROUPS, names, strict=True) for n in members}


class Sampler:
    """The shipped density with NUTS, compiled once for all scores of one pattern."""

    def __init__(self, cells: Cells) -> None:
        self.posterior = Posterior(cells)
        potential = self.posterior.compiled.potential

        def gen(z, center, mode, whiten):
            return lambda u: potential(mode + whiten @ u, center, z)

        init, step = hmc(potential_fn_gen=gen, algo="NUTS")

        def chain(key, z, center, mode, whiten):
            start, run = jax.random.split(key)
            arguments = (z, center, mode, whiten)
            state = init(
                0.1 * jax.random.normal(start, mode.shape),
                num_warmup=WARMUP,
                target_accept_prob=ACCEPTANCE,
                max_tree_depth=TREE_DEPTH,
                model_args=arguments,
                rng_key=run,
            )
            upper = WARMUP + DRAWS * THIN
            kept = fori_collect(
                WARMUP,
                upper,
                lambda s: step(s, model_args=arguments),
                state,
                transform=lambda s: (s.z, s.diverging),
                progbar=False,
                thinning=THIN,
            )
            return mode + kept[0] @ whiten.T, kept[1].sum()

        self.chain = jax.jit(chain)

    def drawn(self, z: Floats, key: int) -> tuple[Posterior, Floats, Floats, int]:
        """Return the density of scores, its mode, thinned draws of it, and how many steps diverged."""
        posterior, mode = find_mode(self.posterior.of(z))
        arguments = (posterior.cells.z, posterior.center, jnp.asarray(mode), jnp.asarray(whitening(posterior, mode)))
        x, diverged = self.chain(jax.random.PRNGKey(key), *arguments)
        return posterior, mode, np.asarray(x), int(diverged)

    def ranks(self, seed: list[int]) -> dict[str, np.ndarray]:
        """Return the ranks of one simulation's truth among draws of `nuts` and of `map`, divergences among them."""
        rng = np.random.default_rng(seed)
        cells = self.posterior.cells
        truth, hyper = truth_of(cells, rng)
        posterior, mode, x, diverged = self.drawn(scores_of(truth, cells, rng), int(rng.integers(2**31)))
        whiten = whitening(posterior, mode)
        rough = mode + rng.normal(size=(DRAWS, mode.size)) @ whiten.T
        true = flat(truth, hyper)
        return {
            "nuts": uniform.ranks_of(true, flat(posterior.named(x), x[:, -6:])),
            "map": uniform.ranks_of(true, flat(posterior.named(rough), rough[:, -6:])),
            "divergent": np.array([diverged]),
        }


@functools.cache
def _sampler(n_models: int, n_benchmarks: int) -> Sampler:
    return Sampler(pattern(Evidence.load(), n_models, n_benchmarks))


def simulate(task: tuple[int, int, int, int]) -> dict[str, np.ndarray]:
    """Return the ranks of one simulation: seed, its number, and the size of the pattern."""
    seed, i, n_models, n_benchmarks = task
    return _sampler(n_models, n_benchmarks).ranks([seed, i])


def summarize(run: Run, cells: Cells, found: list[dict[str, np.ndarray]]) -> None:
    """Publish what the ranks show."""
    groups = names_of(cells)
    ranks = {how: np.stack([f[how] for f in found]) for how in ("nuts", "map")}
    p = {
        how: {
            test.__name__: np.array([test(column, DRAWS) for column in r.T])
            for test in (uniform.band, uniform.chi_square)
        }
        for how, r in ranks.items()
    }
    rows = []
    for how, r in ranks.items():
        corrected = {test: uniform.holm(values) for test, values in p[how].items()}
        for group in GROUPS:
            mine = np.array([g == group for g in groups.values()])
            inside = [np.mean(np.abs(r[:, mine] - DRAWS / 2) <= share * DRAWS / 2) for share in (0.5, 0.9)]
            rows.append(
                (
                    how,
                    group,
                    int(mine.sum()),
                    *inside,
                    np.mean(r[:, mine]) / DRAWS,
                    *(corrected[t][mine].min() for t in corrected),
                )
            )
    worst = {t: float(uniform.holm(v).min()) for t, v in p["nuts"].items()}
    divergent = sum(int(f["divergent"][0] > 0) for f in found)
    run.publish(
        checks=[
            Check(what="nuts: least corrected p-value of the simultaneous band", value=worst["band"], low=LEAST_P),
            Check(what="nuts: least corrected p-value of chi-square", value=worst["chi_square"], low=LEAST_P),
        ],
        tables=[
            Table(
                title="Ranks by group of parameters",
                columns=(
                    "fit",
                    "parameters",
                    "how many",
                    "in the central 50 %",
                    "in the central 90 %",
                    "mean rank",
                    "least p, band",
                    "least p, chi-square",
                ),
                rows=rows,
            )
        ],
        notes=[
            f"{divergent} of {len(found)} simulations had a divergence; none was left out.",
            f"{len(cells.models)} models, {len(cells.benchmarks)} benchmarks, {len(cells.z)} cells; "
            f"{DRAWS} draws, every {THIN}th of one chain.",
        ],
        chart=uniform.chart({n: ranks["nuts"][:, j] for j, n in enumerate(groups)}, groups, DRAWS),
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish."""
    run = run_of("sbc_capability", QUESTION, simulations=300, quick=2, arguments=arguments)
    size = (8, 6) if run.quick else (N_MODELS, N_BENCHMARKS)
    run.settings |= {"models": size[0], "benchmarks": size[1], "draws": DRAWS, "thinning": THIN, "warmup": WARMUP}
    tasks = [(run.seed, i, *size) for i in range(run.simulations)]
    summarize(run, pattern(run.evidence, *size), run.each(simulate, tasks, label="simulation"))


if __name__ == "__main__":
    main()
