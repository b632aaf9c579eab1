"""The capability model recovers what it was simulated from, and refuses what it cannot measure."""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from leadtime.capability import cells as cells_module
from leadtime.capability import curvature, nuts
from leadtime.capability import fit as fitting
from leadtime.capability.fit import fit
from leadtime.capability.model import Posterior
from leadtime.capability.normal import whitening
from leadtime.capability.result import Cells, Diagnostics
from leadtime.capability.vendor import pairs, reporter_effects


def simulated(seed, n_models=60, n_benchmarks=15, share=0.6):
    """Cells of a known world, with the abilities and difficulties they came from."""
    rng = np.random.default_rng(seed)
    years = np.sort(rng.uniform(-1.5, 1.5, n_models))
    theta = 0.6 * years + rng.normal(size=n_models)
    difficulty, slope = rng.normal(size=n_benchmarks), np.exp(rng.normal(0.4, 0.3, n_benchmarks))
    floor = np.where(np.arange(n_benchmarks) % 3 == 0, 0.25, 0.0)
    model, benchmark = np.nonzero(rng.random((n_models, n_benchmarks)) < share)
    mu = floor[benchmark] + (1 - floor[benchmark]) / (
        1 + np.exp(-slope[benchmark] * (theta[model] - difficulty[benchmark]))
    )
    mu = np.clip(mu, 1e-4, 1 - 1e-4)
    s = np.sqrt(0.3**2 + (1 / 200 + 1 / 150) / (mu * (1 - mu)))
    z = np.log(mu / (1 - mu)) + s * rng.standard_t(5, size=mu.size)
    made = Cells(
        models=tuple(f"m{i}" for i in range(n_models)),
        benchmarks=tuple(f"b{i}" for i in range(n_benchmarks)),
        model=model,
        benchmark=benchmark,
        z=z,
        n_reports=np.ones(z.size),
        floor=floor,
        ceiling=np.ones(n_benchmarks),
        n_items=np.full(n_benchmarks, 200.0),
        years=years,
    )
    return made, theta, difficulty


def standardized(theta):
    """Abilities on a scale that needs no anchors."""
    return (theta - theta.mean(axis=-1, keepdims=True)) / theta.std(axis=-1, keepdims=True)


def coverage(draws, theta):
    """Share of 90 % intervals of pairwise contrasts that hold the truth."""
    draws, theta = standardized(draws), standardized(theta)
    low, high = np.quantile(draws[:, 30:] - draws[:, :30], [0.05, 0.95], axis=0)
    truth = theta[30:] - theta[:30]
    return np.mean((truth >= low) & (truth <= high))


@pytest.fixture(scope="module")
def world():
    return simulated(1)


def test_mode_recovers_abilities(world):
    made, theta, difficulty = world
    result = fit(made, method="map", draws=400, seed=0)
    assert np.corrcoef(result.mode.theta, theta)[0, 1] > 0.97
    assert np.corrcoef(result.mode.difficulty, difficulty)[0, 1] > 0.9


def test_intervals_of_contrasts_cover_the_truth():
    inside = []
    for seed in (11, 12):
        made, theta, _ = simulated(seed)
        inside.append(coverage(fit(made, method="map", draws=400, seed=0).draws.theta, theta))
    assert 0.8 <= np.mean(inside) <= 0.98


def test_nuts_runs_on_until_it_passes_its_gate_and_agrees_with_the_mode(world, monkeypatch):
    made, _, _ = world
    monkeypatch.setattr(nuts, "_LEAST_PER_CHAIN", 150)
    result, again = (fit(made, method="nuts", draws=500, seed=0) for _ in range(2))
    assert result.diagnostics.passed, result.diagnostics
    assert result.diagnostics.n_draws > 150
    assert result.draws.theta.shape[0] == 500
    middle = standardized(np.median(result.draws.theta, axis=0))
    assert np.abs(middle - standardized(result.mode.theta)).mean() < 0.1
    np.testing.assert_array_equal(result.draws.theta, again.draws.theta)


def test_divergences_are_sampled_again_with_smaller_steps(world, monkeypatch):
    made, *_ = world
    asked = []

    def chains(posterior, mode, per_chain, seed, acceptance, tell):
        asked.append(acceptance)
        mixed = {"r_hat_max": 1.0, "ess_min": 900.0, "n_chains": 1, "n_draws": 9, "seconds": 1.0}
        return np.tile(mode, (1, 9, 1)), Diagnostics(divergences=int(acceptance < diverges_below), **mixed)

    monkeypatch.setattr(nuts, "_chains", chains)
    for diverges_below, expected in ((0.5, 1), (0.8, 2), (1.0, 3)):
        asked.clear()
        result = fit(made, method="nuts", draws=5, seed=0)
        assert tuple(asked) == nuts.ACCEPTANCE[:expected]
        assert result.diagnostics.passed == (diverges_below < 1)


def test_bootstrap_spreads_around_the_mode(world):
    made, *_ = world
    result = fit(made, method="bootstrap", draws=8, seed=0)
    assert result.draws.theta.shape == (8, 60)
    assert 0.02 < result.draws.theta.std(axis=0).mean() < 0.6


def test_each_bootstrap_draw_is_the_mode_of_its_cells(world):
    made, *_ = world
    base, drawn = fit(made, method="map", draws=2, seed=0), fit(made, method="bootstrap", draws=1, seed=3)
    posterior, mode = fitting.find_mode(Posterior(made))
    rng = np.random.default_rng(3)
    by_model = [np.flatnonzero(made.model == m) for m in range(60)]
    picks = np.split(rng.random(made.z.size), np.cumsum([len(c) for c in by_model])[:-1])
    picked = np.concatenate([c[(p * len(c)).astype(int)] for c, p in zip(by_model, picks, strict=True)])
    weight = np.bincount(picked, minlength=made.z.size)

    @jax.jit
    @jax.value_and_grad
    def potential(x):
        return -posterior.log_prior(x) - (weight * posterior.log_likelihood(x, made.z)).sum()

    def held(x):  # spreads stay where the mode has them
        value, slope = potential(x)
        return float(value), np.r_[np.asarray(slope)[:-6], np.zeros(6)]

    exact = minimize(held, mode, jac=True, method="BFGS")
    sd = np.sqrt(np.diag(np.linalg.inv(curvature.information(posterior, mode))))[:60]
    assert np.abs(exact.x[:60] - base.mode.theta).max() > sd.mean()
    assert np.abs(drawn.draws.theta[0] - exact.x[:60]).max() < 0.1 * sd.min()


def test_response_is_what_a_corrected_score_does_to_ability(world):
    made, *_ = world
    base = fit(made, method="map", draws=2, seed=0)
    mine = made.model == 5
    predicted = (base.response @ np.where(mine, 0.05, 0.0))[5]
    expected = 0.05 / base.mode.discrimination[made.benchmark[mine]].mean()
    assert 0.4 * expected < predicted < 1.6 * expected
    others = np.delete(base.response @ np.where(mine, 0.05, 0.0), 5)
    assert np.abs(others).max() < predicted


def test_curvature_in_closed_form_is_that_of_automatic_differentiation(world):
    made, *_ = world
    posterior = Posterior(made).recentered(np.linspace(-1, 2, 60))
    x = posterior.start() + 0.3 * np.random.default_rng(0).normal(size=made.n_parameters)

    def scaled(v):
        at, s2 = posterior.location(v)
        return at, jnp.sqrt(s2)

    s = np.asarray(scaled(x)[1])[:, None]
    g, h = (np.asarray(j) / s for j in jax.jit(jax.jacfwd(scaled))(x))
    expected = 6 / 8 * g.T @ g + 10 / 8 * h.T @ h - np.asarray(jax.jit(jax.hessian(posterior.log_prior))(x))
    found = curvature.information(posterior, x)
    np.testing.assert_allclose(found[:-3, :-3], expected[:-3, :-3], rtol=1e-9, atol=1e-9)
    assert not found[-3:, :-3].any()  # spreads stand apart, as the mode holds them
    np.testing.assert_allclose(np.diag(found)[-3:], 2 * np.array([15, 60, 15]) + [4, 4, 1 / 0.09])

    covariance = np.linalg.inv(found)
    mixed = jax.jit(jax.jacfwd(jax.grad(posterior.potential), argnums=1))(x, jnp.asarray(made.z))
    np.testing.assert_allclose(
        curvature.response(posterior, x, covariance[:60]), -(covariance @ mixed)[:60], rtol=1e-8, atol=1e-10
    )


def test_draws_hardly_move_with_rounding(world):
    made, *_ = world
    posterior, mode = fitting.find_mode(Posterior(made))
    whiten = whitening(posterior, mode)
    nudged = whitening(posterior, mode * (1 + 1e-9))
    assert np.abs(whiten - nudged).max() < 1e-6
    np.testing.assert_allclose(np.linalg.inv(whiten @ whiten), curvature.information(posterior, mode), atol=1e-6)


def rows(effect_by_org, n=30, seed=0):
    rng = np.random.default_rng(seed)
    out = []
    for org, effect in effect_by_org.items():
        for i in range(n):
            z = rng.normal()
            for kind, who, extra in (("independent", "third", 0.0), ("vendor", org, effect)):
                score = 1 / (1 + np.exp(-(z + extra + 0.1 * rng.normal())))
                out.append((f"{org}-{i}", "b", None, None, who, kind, score, 1000))
    names = ["model", "benchmark", "effort", "setting", "evaluator", "report_type", "score", "n_items"]
    return pl.DataFrame(out, schema=names, orient="row", schema_overrides={"effort": pl.String, "setting": pl.String})


def test_vendor_effect_is_recovered():
    table = rows({"a": 0.3, "b": 0.0})
    effects = reporter_effects(table, {"a": "USA", "b": "CHN"}, draws=800, seed=0)
    low, high = np.quantile(effects.effect[:, effects.names.index("a")], [0.01, 0.99])
    assert low < 0.3 < high
    assert high - low < 0.3
    assert np.quantile(effects.effect[:, effects.names.index("b")], 0.99) < 0.25


def test_pairs_want_the_same_effort_and_setting():
    table = rows({"a": 0.3}, n=3)
    other = table.with_columns(effort=pl.when(pl.col("report_type") == "vendor").then(pl.lit("high")))
    assert pairs(table).height == 3
    assert pairs(other).height == 0


def test_unconnected_models_are_left_out():
    near = [("m%d" % i, "b%d" % j) for i in range(8) for j in range(4)]
    far = [("x%d" % i, "y%d" % j) for i in range(6) for j in range(3)]
    table = pl.DataFrame(near + far, schema=["model", "benchmark"], orient="row")
    kept = cells_module._pruned(table)
    assert set(kept["model"]) == {f"m{i}" for i in range(8)}


@pytest.mark.slow
def test_nuts_coverage():
    inside = []
    for seed in range(10):
        made, theta, _ = simulated(seed + 100)
        inside.append(coverage(fit(made, method="nuts", draws=1000, seed=seed).draws.theta, theta))
    assert 0.85 <= np.mean(inside) <= 0.95
