"""Which evidence moves a number most: leaving out in the posterior, and whether that is what a new fit gives."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadtime.capability import leave
from leadtime.capability.density import log_density
from leadtime.capability.result import Cells, Parameters
from leadtime.errors import LeadtimeError
from leadtime.explain import influence
from leadtime.explain.influence import BY, _left_out, _less
from studies import quick_study
from terminal_side import typed

M, B = 14, 9


def cells_of(rng, theta, difficulty, slope, misfit):
    model, benchmark = (
        x.ravel() for x in np.meshgrid(np.arange(len(theta)), np.arange(len(difficulty)), indexing="ij")
    )
    z = slope[benchmark] * (theta[model] - difficulty[benchmark]) + misfit[benchmark] * rng.standard_t(5, model.size)
    n = len(difficulty)
    return Cells(
        models=tuple(f"m{i:02d}" for i in range(len(theta))),
        benchmarks=tuple(f"b{i}" for i in range(n)),
        model=model,
        benchmark=benchmark,
        z=z,
        n_reports=np.ones(z.size),
        floor=np.zeros(n),
        ceiling=np.ones(n),
        n_items=np.full(n, 300.0),
        years=np.linspace(-1, 1, len(theta)),
    )


def without(cells, gone):
    """Return the cells less those of a mask; models of which nothing is left go too."""
    kept = ~gone
    models = [m for i, m in enumerate(cells.models) if (cells.model[kept] == i).any()]
    number = {cells.models.index(m): k for k, m in enumerate(models)}
    return replace(
        cells,
        models=tuple(models),
        model=np.array([number[i] for i in cells.model[kept]]),
        benchmark=cells.benchmark[kept],
        z=cells.z[kept],
        n_reports=cells.n_reports[kept],
        years=cells.years[[cells.models.index(m) for m in models]],
    )


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(4)
    return cells_of(rng, np.linspace(-1, 2, M), rng.normal(0, 1, B), np.exp(rng.normal(0, 0.2, B)), np.full(B, 0.3))


def draws_like(cells, n=400):
    rng = np.random.default_rng(1)
    m, b = len(cells.models), len(cells.benchmarks)
    return Parameters(
        theta=rng.normal(0, 0.2, (n, m)) + np.linspace(-1, 2, m),
        difficulty=rng.normal(0, 0.2, (n, b)),
        discrimination=np.exp(rng.normal(0, 0.1, (n, b))),
        misfit=np.exp(rng.normal(-1, 0.1, (n, b))),
    )


def test_leaving_nothing_out_changes_nothing(world):
    w = leave.weights(world, world, draws_like(world), np.zeros((400, 0)))
    np.testing.assert_allclose(w.weight, 1 / 400)
    assert w.trusted


def test_one_cell_left_out_is_weighted_by_its_density(world):
    draws = draws_like(world)
    gone = np.arange(world.z.size) == 20
    w = leave.weights(world, without(world, gone), draws, np.zeros((400, 0)))
    log_p = log_density(world, draws, np.zeros((400, 0)), np.array([20]))[:, 0]
    order = np.argsort(log_p)
    assert (np.diff(w.weight[order]) <= 1e-12).all(), (
        "the less a draw expected the score, the more it weighs without it"
    )
    body = order[100:]
    np.testing.assert_allclose(w.weight[body] / w.weight[body[0]], np.exp(log_p[body[0]] - log_p[body]), rtol=1e-6)


@given(arrays(float, 60, elements=st.floats(-50, 50)))
def test_equal_weights_give_plain_quantiles(values):
    found = leave.quantiles(values, np.full(60, 1 / 60), (0.05, 0.5, 0.95))
    assert min(values) <= found[0] <= found[1] <= found[2] <= max(values)
    assert leave.mean(values, np.full(60, 1 / 60)) == pytest.approx(values.mean(), abs=1e-9)


def test_undefined_values_are_left_out():
    assert leave.quantiles(np.array([np.nan, 2.0]), np.array([0.9, 0.1]), (0.5,)) == [2.0]
    assert np.isnan(leave.mean(np.array([np.nan]), np.ones(1)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cell", "model", "half a benchmark"])
def test_trusted_weights_give_what_a_new_fit_gives(world, kind):
    """The same posterior by two ways: draws weighted anew, and sampled anew."""
    from leadtime.capability.fit import fit

    gone = {
        "cell": np.arange(world.z.size) == 20,
        "model": world.model == M - 1,
        "half a benchmark": (world.benchmark == 3) & (world.model % 4 == 0),
    }[kind]
    left = without(world, gone)
    whole, again = (fit(c, method="nuts", draws=3000, seed=2).draws for c in (world, left))
    w = leave.weights(world, left, whole, np.zeros((3000, 0)))
    assert w.trusted
    n_effective = 1 / (w.weight**2).sum()
    theta = leave.taken(whole, world, left).theta
    weighted = w.weight @ theta
    error = again.theta.std(axis=0) * np.sqrt(1 / min(n_effective, 1000) + 1 / 1000)
    off = np.abs(weighted - again.theta.mean(axis=0))
    assert (off < 4 * error + 0.1 * again.theta.std(axis=0)).all(), (
        "a tenth of a standard deviation: the trend of abilities is plugged in"
    )


@pytest.fixture(scope="module")
def study():
    return quick_study()


@pytest.mark.parametrize("by", BY)
def test_what_moves_the_headline_most(study, by):
    found = influence(study, "lag.year", {}, by, most=3, refits=0)
    assert len(found) == 3
    told = [m for m in found if m.moves_by is not None]
    assert [abs(m.moves_by) for m in told] == sorted((abs(m.moves_by) for m in told), reverse=True)
    for m in found:
        assert m.n_scores > 0
        assert (m.median is None) == bool(m.why)
        if m.median is not None:
            assert m.low <= m.median <= m.high


def test_draws_that_are_to_be_weighted_are_not_kept_as_a_fit_without_the_part(study):
    """What is kept under the key of a fit without a model would be taken for it by the next who leaves it out."""
    asked = []

    def compute(less):
        asked.append(less)
        return np.zeros(less.draws)

    holds = pl.col("model") == "gpt-4o-2024-05"
    assert study.evidence["scores"].filter(holds).height
    _left_out(study, compute, {}, "gpt-4o-2024-05", holds, 0.0)
    (weighed,) = asked
    fresh = _less(study, holds)
    assert weighed.evidence.hash == fresh.evidence.hash and weighed.measured == fresh.measured
    assert weighed.fit_key() != fresh.fit_key() != study.fit_key() and weighed.key != fresh.key
    assert fresh.key == _less(study, holds).key


def test_a_number_about_a_model_is_not_told_without_it(study):
    found = influence(study, "lag.model", {"model": "deepseek-v3"}, "model", most=4, refits=0)
    assert "deepseek-v3" not in {m.part for m in found}


def test_what_cannot_be_weighed_is_told(study):
    for quantity, parameters, by, words in (
        ("supply.ratio", {"quarter": "2025Q4"}, "model", "from the measured abilities alone"),
        ("lag.year", {}, "page", "no part"),
    ):
        with pytest.raises(LeadtimeError, match=words):
            influence(study, quantity, parameters, by)


def test_at_the_command_line():
    asked = (
        "explain",
        "lag.year",
        "--by",
        "benchmark",
        "--most",
        "2",
        "--refits",
        "0",
        "--as-of",
        "2026-11-24",
        "--method",
        "map",
        "--draws",
        "200",
    )
    rows = json.loads(typed(*asked, "--json").stdout)["moved_by"]
    assert len(rows) == 2
    assert {"part", "moves_by", "how", "k"} <= set(rows[0])
    assert "Which benchmark moves it most" in typed(*asked).stdout.replace("\n", " ")
