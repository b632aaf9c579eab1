"""The path of the lag: on worlds whose lag is known, and its doors."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.lag import path_fit, path_model, path_space
from leadtime.lag.bounding import bounding, first_equals
from leadtime.lag.frontier import Worlds
from leadtime.lag.path import PathDraws
from leadtime.lag.path_design import FACTORS, design_of, measured
from leadtime.study import Study, agreed
from leadtime.study.headline import PARALLEL
from leadtime.units import DAYS_PER_MONTH as MONTH
from studies import quick_study

START, MONTHS = 738500.0, 24.0


def worlds(gap, *, n=(36, 27), seed=3, n_draws=80, error=1.0):
    """Return two sides on one frontier of 1.3 points a month, the follower `gap(month)` behind; ability in points."""
    r = np.random.default_rng(seed)
    month = np.concatenate([np.sort(r.uniform(0, MONTHS, k)) for k in n])
    behind = np.concatenate([np.zeros(n[0]), gap(month[n[0] :])])
    truth = 100 + 1.3 * (month - behind) - r.exponential(5, sum(n))
    ability = truth + r.normal(0, error, sum(n)) + r.normal(0, error, (n_draws, sum(n)))
    day = np.tile(START + month * MONTH, (n_draws, 1))
    names = tuple(f"m{i}" for i in range(sum(n)))
    return (
        Worlds(models=names, ability=ability, day=day, as_of=START + MONTHS * MONTH, scale_points=np.ones(n_draws)),
        np.arange(sum(n)) >= n[0],
    )


LABS = [f"lab-{i % 6}" for i in range(63)]


def stored(**changes):
    knots = START + 91.3125 * np.arange(9)
    whole = {
        "knot_day": knots,
        "months": np.add.outer([0.0, 2.0], np.arange(9.0)),
        "first": float(knots[0]) + 10,
        "mean_months": np.array([5.0, 6.0]),
        "spread_months": np.ones(2),
        "persistence": np.full(2, 0.5),
    }
    return PathDraws(**(whole | changes))


@pytest.mark.slow
def test_a_step_of_the_lag_is_found_by_the_sampler_that_ships():
    """The follower is ten months behind, then two: the path says that it shrank. One short chain is enough for that."""
    w, follower = worlds(lambda m: np.where(m < 12, 10.0, 2.0))
    design, seen = design_of(w, follower, ~follower, LABS)
    effort = path_fit.Effort(1, 40, 40, 0, np.inf, 0.0)
    p, d = path_fit.sampled(design, seen, effort=effort, draws=40, seed=0, tell=lambda text, done: None)
    months = PathDraws(
        knot_day=np.array([design.day_of(m) for m in design.lag_knots]),
        months=p["lag"],
        first=design.day_of(design.lag_knots[0]),
        mean_months=p["mean_months"],
        spread_months=p["spread_months"],
        persistence=p["persistence"],
    )
    then = months.at(np.array([START + 6 * MONTH]))[:, 0]
    assert np.mean(then > months.now()) > 0.95
    assert 6 < np.median(then) < 14 and -2 < np.median(months.now()) < 6
    assert d.n_draws == 40 and p["lag"].shape == (40, len(design.lag_knots))


class Drawn:
    """Stands in for the sampler: chains that agree or lie apart, and are better once they run on if so told."""

    apart, later, asked = 0.0, 0.0, 0

    def __init__(self, design, factors, *, chains, warmup, draws):
        self.shape = chains, draws, path_model.size(design, factors)

    def chains(self, apart):
        Drawn.asked += 1
        rng = np.random.default_rng(Drawn.asked)
        middle = apart * np.arange(self.shape[0])[:, None, None]
        return 0.3 * rng.standard_normal(self.shape) + middle, 0, None

    def run(self, seen, seed):
        return self.chains(Drawn.apart)

    def on(self, seen, last):
        return self.chains(Drawn.later)


@pytest.mark.parametrize(
    "effort", [path_fit.FULL._replace(draws=150, rounds=1), path_fit.QUICK._replace(draws=100, rounds=1)]
)
def test_chains_that_did_not_mix_are_refused_whatever_the_effort(monkeypatch, effort):
    w, follower = worlds(lambda m: 0 * m + 6.0)
    design, seen = design_of(w, follower, ~follower, LABS)
    monkeypatch.setattr(path_fit, "Sampler", Drawn)

    def fit(apart, later):
        Drawn.apart, Drawn.later, Drawn.asked = apart, later, 0
        return path_fit.sampled(design, seen, effort=effort, draws=50, seed=0, tell=lambda text, done: None)

    _, d = fit(0.0, 0.0)
    assert (Drawn.asked, d.r_hat_max <= effort.r_hat, d.ess_min >= effort.ess) == (1, True, True)
    with pytest.raises(LeadtimeError, match="did not converge") as error:
        fit(1.0, 1.0)
    assert Drawn.asked == 1 + effort.rounds  # it ran on before it gave up
    assert "another seed=" in str(error.value)


def test_a_quick_study_does_not_give_a_path_that_did_not_pass(monkeypatch):
    def refused(*a, **k):
        assert k["effort"] is path_fit.QUICK
        raise LeadtimeError("the path of the lag did not converge")

    monkeypatch.setattr(path_fit, "sampled", refused)
    monkeypatch.setattr(Study, "path_key", lambda *a: "that of no path that was kept")
    s = quick_study(None)
    with pytest.raises(LeadtimeError, match="did not converge"):
        s.lag_path()
    assert s.lag_headline().path is None
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a, **k: s)
    done = CliRunner().invoke(app, ["lag", "--path"])
    assert "did not converge" in str(done.exception)


def test_a_vector_of_zeros_is_the_center_of_every_prior_and_the_slope_is_that_of_the_density():
    w, follower = worlds(lambda m: 0 * m + 6.0)
    design, seen = design_of(w, follower, ~follower, LABS)
    x = np.zeros(path_model.size(design, FACTORS))
    p = jax.jit(lambda v: path_model.named(v, design))(x)
    np.testing.assert_allclose(np.asarray(p.lag), 6.0)
    np.testing.assert_allclose(np.asarray(p.rate), 1.2)
    assert float(p.level[design.anchor]) == pytest.approx(design.level)
    sampler = path_fit.Sampler(design, FACTORS, chains=1, warmup=1, draws=1)
    arrays = (seen.mean, seen.factors, seen.variance)
    value, slope = sampler._slope(x + 0.1, arrays)
    for i in (0, 3, 8, 20, len(x) - 1):
        step = np.zeros(len(x))
        step[i] = 1e-5
        up, down = (float(sampler._slope(x + 0.1 + s, arrays)[0]) for s in (step, -step))
        assert float(slope[i]) == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-4)
    assert np.isfinite(float(value))


def test_coordinates_are_the_lag_and_their_density_is_that_of_the_vector_behind_them():
    """By hand: of the volume that the change makes, the determinant of its Jacobian, only the lag's block is
    not one.
    """
    w, follower = worlds(lambda m: 0 * m + 6.0, n=(12, 9))
    design, seen = design_of(w, follower, ~follower, LABS)
    x = np.random.default_rng(0).normal(0, 0.7, path_model.size(design, FACTORS))
    arrays = (seen.mean, seen.factors, seen.variance)
    first = path_model.N_HYPER + len(design.knots)

    def read(x):
        v = path_space.coordinates(x, design)
        apart = path_space.potential(v, design, arrays) - path_model.potential(x, design, arrays)
        return (
            v,
            path_space.vector(v, design),
            path_model.named(x, design).lag,
            apart,
            jax.jacfwd(lambda u: path_space.vector(u, design))(v),
        )

    v, back, lag, apart, jacobian = (np.asarray(part) for part in jax.jit(read)(x))
    np.testing.assert_allclose(back, x, atol=1e-10)
    np.testing.assert_allclose(v[first : first + len(lag)], (lag - 6) / 4, atol=1e-10)
    assert apart == pytest.approx(len(lag) * np.log(4.0) - np.linalg.slogdet(jacobian)[1])


def test_directions_make_any_curvature_one_where_it_is_not_flat():
    r = np.random.default_rng(1)
    root = r.normal(size=(5, 5))
    curved = root @ root.T + np.eye(5)
    axes = path_space.axes_of(curved)
    np.testing.assert_allclose(axes.T @ curved @ axes, np.eye(5), atol=1e-9)
    flat = path_space.axes_of(np.diag([-3.0, 0.1, 4.0]))
    np.testing.assert_allclose(np.sort(np.linalg.norm(flat, axis=0)), [0.5, 2**0.5, 2**0.5])


def test_the_frontier_is_smooth_rises_and_goes_on_at_its_last_rate():
    knots, rate = np.arange(-2.0, 4.0), np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])
    level = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2)])
    compiled = jax.jit(lambda t: path_model.frontier_at(knots, jnp.asarray(level), jnp.asarray(rate), t))

    def at(month):
        return np.asarray(compiled(np.atleast_1d(np.asarray(month, float))))

    np.testing.assert_allclose(at(knots), level)
    fine = at(np.linspace(-6, 8, 2001))
    assert (np.diff(fine) > 0).all()
    assert np.diff(at([4.0, 5.0])) == pytest.approx(1.0) and np.diff(at([-4.0, -3.0])) == pytest.approx(1.0)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.5, 2.0), st.floats(-50.0, 50.0))
def test_what_shifts_or_stretches_all_abilities_of_a_draw_is_no_error(stretch, shift):
    r = np.random.default_rng(0)
    draws = r.normal(0, 20, 30) + r.normal(0, 1, (40, 30))
    moved = draws.copy()
    moved[7] = shift + stretch * moved[7]
    moved[8] = shift / 2 + moved[8]
    plain, other = measured(draws), measured(moved)
    assert other.variance.sum() < 1.5 * plain.variance.sum() + 1
    np.testing.assert_allclose(measured(draws + shift).variance, plain.variance, rtol=1e-6)


def test_a_path_is_read_between_its_knots_and_not_beyond():
    path = stored()
    np.testing.assert_allclose(path.now(), [8.0, 10.0])
    np.testing.assert_allclose(path.growth(), 365 / 91.3125, rtol=1e-6)
    assert path.at(np.array([path.end]))[0, 0] == 8.0
    assert path.quarters()[-1].toordinal() == int(path.end)
    assert path.table(path.quarters()).columns == ["date", "median", "low", "high", "low_50", "high_50"]
    again = PathDraws.from_arrays(path.to_arrays())
    np.testing.assert_allclose(again.months, path.months)
    for day in (path.first - 1, path.end + 1):
        with pytest.raises(LeadtimeError, match="the path is known from"):
            path.at(np.array([day]))
    with pytest.raises(LeadtimeError):
        path.year(2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w, f: (w, f, np.ones_like(f)), "on both sides"),
        (lambda w, f: (w, f & (np.arange(len(f)) > 58), ~f), "following side has 4"),
        (lambda w, f: (dataclasses.replace(w, day=np.where(f, w.as_of - 30, w.day)), f, ~f), "a path needs 6 months"),
    ],
)
def test_sides_without_enough_are_refused_in_words(change, said):
    w, follower = worlds(lambda m: 0 * m)
    with pytest.raises(LeadtimeError, match=said):
        design_of(*change(w, follower), LABS)


def test_the_record_that_bounds_the_lag_has_its_share_of_days_and_of_the_mean():
    """`b` bounds days 10 to 19 (0 to 9 days of lag: `a` was matched), `c` days 20 to 29; the follower leads before."""
    w = Worlds(
        models=("a", "b", "c", "f"),
        ability=np.array([[1.0, 3.0, 4.0, 2.0]]),
        day=np.array([[0.0, 10.0, 20.0, 5.0]]),
        as_of=29.0,
        scale_points=np.ones(1),
    )
    found = bounding(w, np.array([0, 0, 0, 1], bool), np.array([1, 1, 1, 0], bool), start=0.0, end=29.0)
    assert found["model"].to_list() == ["b"]
    assert found["days_fraction"].item() == pytest.approx(20 / 25)
    assert found["mean_fraction"].item() == 1.0
    assert found["without_months"].item() == 0.0
    assert first_equals(w, 3, np.array([1, 1, 1, 0], bool)).tolist() == [1]
    assert first_equals(w, 2, np.array([1, 1, 0, 0], bool)).tolist() == [-1]


def test_several_readings_speak_together_or_not_at_all():
    assert agreed(0.95, 0.92) == 0.92
    assert agreed(0.95, 0.6) == 0.6
    assert agreed(0.05, 0.95) in (0.05, 0.95) and agreed(0.02, 0.08) == 0.08


def test_which_products_put_several_answers_into_one(study):
    models = study.evidence["models"]["id"]
    found = set(models.filter(models.str.contains(PARALLEL)))
    assert {"o1-pro", "o3-pro", "gpt-5-pro", "grok-4-heavy", "gemini-3-deep-think"} <= found
    assert not found & {"gemini-2-5-pro-2025-03", "deepseek-v4-pro", "gpt-5", "amazon-nova-pro", "mimo-v2-6-pro"}


@pytest.fixture(scope="module")
def study():
    return Study()


def test_the_built_in_path_ships_with_its_key_and_passed_its_gate(study, monkeypatch):
    def unasked(*a, **k):
        raise AssertionError("the shipped path does not fit the evidence: make ship")

    monkeypatch.setattr(Study, "_sampled_path", unasked)
    path = study.lag_path()
    assert path.r_hat_max <= 1.01 and path.ess_min >= 400 and path.divergences <= path.n_draws / 200
    assert 2 < path.now.median < 9 and path.now.low < path.past_year.median < path.now.high + 2
    assert path.p_growing == pytest.approx(float(np.mean(path.growth.draws > 0)))
    assert path.table.height > 12 and (path.table["low"] < path.table["low_50"]).all()
    result = CliRunner().invoke(app, ["lag", "--path", "--json"])
    assert result.exit_code == 0, result.output
    conforms("lag-path", json.loads(result.stdout))
    words = CliRunner().invoke(app, ["lag", "--path"]).stdout
    assert "Whether the gap grew" in words and all(len(line) <= 80 for line in words.splitlines())


def test_the_headline_stands_with_what_moves_it(study):
    h = study.lag_headline()
    assert h.past_year.median == pytest.approx(study.lag_year().median)
    assert h.change.draws == pytest.approx(study.lag_year().draws - study.lag_year(back=1).draws)
    assert h.level.high - h.level.low > h.since.high - h.since.low  # sampling error too
    first = study.lag_bounding().row(0, named=True)
    assert first["model"] == "gpt-4" and first["mean_fraction"] > first["days_fraction"]
    assert first["without_months"] < h.since.median
    words = CliRunner().invoke(app, ["lag", "--headline"]).stdout
    assert all(len(line) <= 80 for line in words.splitlines())
    for said in ("headline: the past year", "GPT-4", "without Pro, Heavy and", "without OpenAI", "measured by others"):
        assert said in words


def test_words_that_do_not_go_with_the_path_are_refused():
    for words in (
        ["--path", "deepseek-v3"],
        ["--path", "--headline"],
        ["--headline", "--benchmarks", "public"],
        ["--path", "--clock", "trained"],
    ):
        result = CliRunner().invoke(app, ["lag", *words])
        assert result.exit_code != 0 and "Traceback" not in result.output
