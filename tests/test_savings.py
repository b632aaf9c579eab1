"""What each innovation saved: the shares add up, the run is met exactly, and the split multiplies out."""

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.cost.counts import parameters
from leadtime.cost.published import RUNS, architecture, run, v3_against_llama, v3_comparison
from leadtime.cost.savings import ALTERNATIVES, FEATURES, METRICS, Run, amounts, network_with, savings, split
from leadtime.cost.shapley import coalitions, shapley
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

ALL, NONE = frozenset(FEATURES), frozenset()


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load()


@pytest.fixture(scope="module")
def v3(evidence):
    return v3_comparison(evidence, price_usd=2)


def by_feature(rows):
    return {r.feature: r for r in rows}


# --- Shapley ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 5).flatmap(
        lambda n: st.lists(st.floats(-1e30, 1e30), min_size=2**n, max_size=2**n).map(lambda v: (n, v))
    )
)
def test_shapley_values_add_up_exactly_and_are_means_over_orders(drawn):
    n, values = drawn
    names = "abcde"[:n]
    worth = dict(zip(coalitions(names), values, strict=True))
    shares = shapley(names, worth.__getitem__)
    assert sum(shares.values()) == Fraction(worth[frozenset(names)]) - Fraction(worth[frozenset()])
    for feature in names:
        additions = []
        for order in itertools.permutations(names):
            before = frozenset(order[: order.index(feature)])
            additions.append(Fraction(worth[before | {feature}]) - Fraction(worth[before]))
        assert shares[feature] == sum(additions) / len(additions)


def test_a_feature_that_adds_nothing_has_no_share_and_twins_share_alike():
    shares = shapley("abc", lambda c: 10.0 if "a" in c and "b" in c else 0.0)
    assert shares == {"a": 5, "b": 5, "c": 0}


# --- savings of V3 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("names", list(itertools.product(*ALTERNATIVES.values())))
def test_shares_add_up_and_factors_multiply_to_the_joint_saving(evidence, metric, names):
    comparison = v3_comparison(evidence, price_usd=2, alternatives=dict(zip(ALTERNATIVES, names, strict=True)))
    rows = by_feature(savings(comparison, metric))
    full, none = amounts(comparison, ALL)[metric], amounts(comparison, NONE)[metric]
    assert set(rows) == {*FEATURES, "all"}
    assert math.fsum(rows[f].shapley for f in FEATURES) == pytest.approx(none - full, rel=1e-12)
    assert math.prod(rows[f].factor for f in FEATURES) == pytest.approx(none / full, rel=1e-12)
    assert rows["all"].shapley == none - full


def test_with_all_features_the_run_is_the_published_one(v3):
    full = amounts(v3, ALL)
    assert full["gpu_hours"] == pytest.approx(2_664_000, rel=1e-12)
    assert full["dollars"] == pytest.approx(5_328_000, rel=1e-12)
    assert full["training_flop"] == pytest.approx(3.857e24, rel=1e-3)
    assert full["kv_bytes"] == 70272


def test_sparse_experts_are_nearly_all_of_the_saving_of_training(v3):
    rows = by_feature(savings(v3, "training_flop"))
    assert rows["sparse-experts"].shapley / rows["all"].shapley > 0.9
    assert rows["mtp"].shapley < 0 == rows["fp8"].shapley
    assert rows["sparse-experts"].factor == pytest.approx(3.78, abs=0.01)


def test_compressed_attention_saves_cache_and_little_training(evidence, v3):
    mha = v3_comparison(evidence, price_usd=2, alternatives={"mla": "mha"})
    assert by_feature(savings(v3, "kv_bytes"))["mla"].factor == pytest.approx(3.56, abs=0.01)
    assert by_feature(savings(mha, "kv_bytes"))["mla"].factor == pytest.approx(56.9, abs=0.1)
    assert by_feature(savings(v3, "training_flop"))["mla"].factor == pytest.approx(1.04, abs=0.01)


def test_fp8_alone_and_with_everything_else_since_v2(evidence, v3):
    joint = v3_comparison(evidence, price_usd=2, alternatives={"fp8": "v2-rate"})
    assert by_feature(savings(v3, "gpu_hours"))["fp8"].factor == pytest.approx(1.28, abs=0.001)
    assert joint.run.flop_s / joint.sparse_bf16.flop_s == pytest.approx(1.61, abs=0.01)
    assert replace(joint.run, mtp=False).flop_s / joint.sparse_bf16.flop_s == pytest.approx(1.55, abs=0.01)


def test_multi_token_prediction_costs_four_percent(v3):
    with_it = amounts(v3, ALL)["training_flop"]
    assert with_it / amounts(v3, ALL - {"mtp"})["training_flop"] == pytest.approx(1.041, abs=0.001)


def test_the_dense_alternative_has_the_mean_size_and_all_experts_all_of_it(evidence, v3):
    n = parameters(v3.run.architecture)
    dense = parameters(network_with(v3, ALL - {"sparse-experts"}))
    assert dense.total == dense.active == pytest.approx(math.sqrt(n.total * n.active), rel=1e-4)
    every = v3_comparison(evidence, price_usd=2, alternatives={"sparse-experts": "all-experts"})
    assert parameters(network_with(every, ALL - {"sparse-experts"})).active == n.total


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1e4), st.floats(1, 2), st.sampled_from(list(METRICS)))
def test_dollars_follow_the_price_and_nothing_else_does(v3, price, speedup, metric):
    comparison = replace(v3, price_usd=price, fp8_speedup=speedup)
    rows = by_feature(savings(comparison, metric))
    hours = by_feature(savings(comparison, "gpu_hours"))
    if metric == "dollars":
        assert rows["all"].shapley == pytest.approx(hours["all"].shapley * price, rel=1e-9)
    joint = amounts(comparison, NONE)[metric] - amounts(comparison, ALL)[metric]
    assert math.fsum(rows[f].shapley for f in FEATURES) == pytest.approx(joint, rel=1e-9, abs=1e-9)


# --- V3 against Llama -------------------------------------------------------------------------------------------


def test_v3_took_11_6_times_fewer_hours_than_llama_and_why(evidence):
    found = v3_against_llama(evidence)
    assert found.flop_per_token == pytest.approx(10.08, abs=0.005)
    assert found.tokens == pytest.approx(1.054, abs=0.0005)
    assert found.throughput == pytest.approx(1.09, abs=0.005)
    assert found.gpu_hours == pytest.approx(11.58, abs=0.005)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(*[st.floats(1e9, 1e15)] * 2),
    st.tuples(*[st.floats(1, 1e9)] * 2),
    st.booleans(),
    st.sampled_from(sorted(RUNS)),
)
def test_the_split_multiplies_out(evidence, tokens, hours, mtp, name):
    ours = replace(run(evidence, "deepseek-v3-pre-training", mtp=mtp), tokens=tokens[0], gpu_hours=hours[0])
    theirs = replace(run(evidence, name), tokens=tokens[1], gpu_hours=hours[1])
    s = split(ours, theirs)
    assert s.flop_per_token * s.tokens * s.throughput == pytest.approx(s.gpu_hours, rel=1e-12)


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alternatives", "told"), [({"mla": "gqa-9"}, "gqa-8, mha"), ({"mlaa": "gqa-8"}, "Did you mean mla")]
)
def test_unknown_alternatives_are_refused_with_the_known_ones(evidence, alternatives, told):
    with pytest.raises(LeadtimeError) as caught:
        v3_comparison(evidence, price_usd=2, alternatives=alternatives)
    assert told in str(caught.value)


def test_impossible_figures_are_refused(evidence, v3):
    network = v3.run.architecture
    for tokens, hours in [(0, 1), (1, 0), (-1, 1), (math.nan, 1), (1, math.inf)]:
        with pytest.raises(LeadtimeError):
            Run(architecture=network, tokens=tokens, sequence=4096, gpu_hours=hours)
    for changes in [{"fp8_speedup": 0.0}, {"price_usd": -1.0}, {"price_usd": math.nan}]:
        with pytest.raises(LeadtimeError):
            replace(v3, **changes)
    with pytest.raises(LeadtimeError, match="no compressed attention"):
        replace(v3, run=run(evidence, "llama-3-1-405b"))
    with pytest.raises(LeadtimeError):
        savings(v3, "watts")


def test_unknown_runs_and_networks_are_refused(evidence):
    with pytest.raises(LeadtimeError, match="deepseek-v33"):
        architecture(evidence, "deepseek-v33")
    with pytest.raises(LeadtimeError, match="gpt-4"):
        run(evidence, "gpt-4")


def test_a_run_that_is_not_known_yet_is_told(evidence):
    import datetime as dt

    with pytest.raises(LeadtimeError, match="tokens and chip-hours"):
        run(evidence.known_by(dt.date(2024, 12, 26)), "deepseek-v3-pre-training")
