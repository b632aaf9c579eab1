"""Costs over what is not known: compute by ability, chips in use, prices by peak, and that every frontier model has
one.
"""

import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.answers import ask
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.bill import Bill
from leadtime.cost.by_ability import flop_by_ability, pooled
from leadtime.cost.costing import Costing
from leadtime.cost.definitions import ratio
from leadtime.cost.in_use import chips_in_use
from leadtime.cost.meaning import CostDefinition
from leadtime.cost.prices import rent_usd_per_hour
from leadtime.cost.run import Run, find_run
from leadtime.cost.utilization import achieved
from leadtime.errors import LeadtimeError
from leadtime.study import Study
from terminal_side import typed

DAY = dt.date(2024, 6, 1)


@pytest.fixture(scope="module")
def study():
    return Study("2026-11-23", method="map", draws=1000)


@pytest.fixture(scope="module")
def evidence(study):
    return study.evidence


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_nearly_every_model_that_set_a_frontier_since_2023_has_a_cost(study, every):
    since = pl.col("released_on") >= dt.date(2023, 1, 1)
    led = sorted({m for group in ("USA", "CHN") for m in study.records(group).filter(since)["model"]})
    assert len(led) > 75
    led, told = led[::every], 0
    for i, model in enumerate(led):
        costing = study.costing(model)
        for definition in CostDefinition if i % 6 == 0 else ["amortized"]:
            total = costing.cost(definition).total_usd
            assert np.isfinite(total).all() and (total > 0).all()
        told += 1
    assert told >= 0.95 * len(led)


def test_sonnet_against_v3_works_in_every_definition_by_command_and_by_question(study):
    rows = json.loads(typed("cost", "claude-3-5-sonnet", "--against", "deepseek-v3", "--json").stdout)
    assert {r["definition"] for r in rows["rows"]} == {str(d) for d in CostDefinition}
    assert rows["tag"] == "estimated from few sources"
    assert {f["what"] for f in rows["filled"]} == {"training compute", "chip", "utilization"}
    assert all(0 < r["low"] < r["median"] < r["high"] for r in rows["rows"])
    a, b = (study.costing(m) for m in ("claude-3-5-sonnet", "deepseek-v3"))
    drawn = ratio(a.cost("amortized"), b.cost("amortized"))
    together = ask(study.evidence, "cost compare", models=["claude-3-5-sonnet", "deepseek-v3"], draws=1000)
    found = next(r["ratio"] for r in together.more[0].rows if r["definition"] == "amortized")
    assert found.median == pytest.approx(float(np.median(drawn)), rel=1e-9)
    assert found.median != pytest.approx(
        float(np.median(a.cost("amortized").total_usd) / np.median(b.cost("amortized").total_usd)), rel=1e-3
    )


def test_costs_side_by_side_have_their_published_figures_by_the_meaning_they_state(evidence):
    found = ask(
        evidence, "cost compare", models=["claude-3-5-sonnet", "deepseek-v3", "gpt-4", "grok-4"], draws=100
    ).to_json()
    assert len(found["rows"]) == 20
    stated = {(p["by"], p["model"]): p["definition"] for p in found["published"]}
    assert stated["anthropic", "Claude 3.5 Sonnet (Jun 2024)"] == ""
    assert stated["deepseek", "DeepSeek-V3"] == "rental"
    amodei = next(p for p in found["published"] if p["by"] == "anthropic")
    assert (amodei["low_usd"], amodei["high_usd"]) == (20e6, 60e6)
    with pytest.raises(LeadtimeError, match="too many"):
        ask(evidence, "cost compare", models=["gpt-4"] * 5)


def test_what_cannot_be_told_side_by_side_says_why(evidence):
    less = replace(evidence, tables=evidence.tables | {"training_runs": evidence["training_runs"].clear()})
    found = ask(less, "cost compare", models=["grok-4", "gpt-4"], draws=50)
    assert "cannot be computed" in found.sentence
    assert all("curve needs" in r["note"] for r in found.rows.rows)


def test_what_is_filled_in_says_what_would_narrow_it_and_explains_the_spread(study):
    costing = study.costing("gpt-6-astra")
    total = costing.cost("amortized").total_usd
    shares = {f.what: f.explains(total) for f in costing.filled}
    assert shares["training compute"] > 0.5
    assert 0 < sum(shares.values()) < 1.2
    assert all(f.narrow for f in costing.filled)
    known = study.costing("deepseek-v3")
    assert known.filled == () and known.chip == "h800-sxm"


def test_a_mix_lies_between_its_chips_and_uses_each_as_often_as_said(study):
    costing = study.costing("qwen3-8-max")
    assert len(costing.shares) > 1 and sum(costing.shares.values()) == pytest.approx(1)
    chip = next(f for f in costing.filled if f.what == "chip")
    for i, share in enumerate(costing.shares.values()):
        assert np.mean(chip.draws == i) == pytest.approx(share, abs=0.05)
    cost, single = costing.cost("amortized"), [b.cost("amortized").total_usd for b in costing.bills.values()]
    for i, drawn in enumerate(single):
        at = chip.draws == i
        np.testing.assert_allclose(cost.total_usd[at], drawn[at])
    np.testing.assert_allclose(cost.total_usd, sum(c.draws_usd for c in cost.components))


def test_chips_are_those_that_were_there_and_a_maker_uses_its_own(evidence):
    assert all(c.startswith("tpu") for c in chips_in_use(evidence, "google-deepmind", dt.date(2026, 6, 1)))
    for organization, day in (("openai", dt.date(2022, 9, 1)), ("deepseek", dt.date(2026, 6, 1)), ("nobody", DAY)):
        mix = chips_in_use(evidence, organization, day)
        assert sum(mix.values()) == pytest.approx(1)
        assert not any(c.startswith(("tpu", "trainium")) for c in mix)
    assert "h100-sxm" not in chips_in_use(evidence, "openai", dt.date(2022, 3, 1))
    assert {"h800-sxm", "ascend-910c"} & set(chips_in_use(evidence, "deepseek", dt.date(2026, 6, 1)))


def test_more_ability_took_more_compute_and_a_later_day_less(study, evidence):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=1000)
    run = find_run(evidence, "claude-opus-5")
    assert run.flop is None and run.chip is None

    def median(**changed):
        return float(np.median(flop_by_ability(lambda: study.cost_known, replace(run, **changed), evidence, stated)[0]))

    assert median(model="claude-3-opus") < median()
    assert median(published_on=run.published_on + dt.timedelta(days=365)) < median()


def test_a_doubtful_estimate_is_pooled_with_the_curve_and_a_confident_one_is_kept(study, evidence):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=4000)
    run = find_run(evidence, "gpt-4-5")
    guess = 2e25 * np.exp(stated.normal("guess"))
    both = np.log10(pooled(guess, run, stated))
    assert np.log10(2e25) < np.median(both) < np.log10(run.flop)
    assert np.quantile(both, 0.95) > np.log10(run.flop)  # the other reading stays possible
    sure = study.costing(replace(run, confidence="high"))
    assert not any(f.what == "training compute" for f in sure.filled)


def test_a_model_made_from_another_has_its_run_and_one_without_any_has_its_maker_and_day(evidence):
    derived = find_run(evidence, "deepseek-r1-distill-qwen-32b")
    assert derived.model == "deepseek-r1-distill-qwen-32b"
    told = Costing(find_run(evidence, "grok-4-heavy"), evidence).flags
    assert any("the run of grok-4, from which it was made" in f for f in told)
    assert any("post-training training alone" in f for f in Costing(find_run(evidence, "minimax-m1"), evidence).flags)
    assert find_run(evidence, "deepseek-r1").scope == "all"


def test_one_seller_widens_the_rent_and_a_developers_assumption_is_one_reading(evidence):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=20_000)
    day = dt.date(2024, 10, 1)
    both = rent_usd_per_hour(evidence, stated, "h800-sxm", day, term="on-demand")
    assert both.n_sellers == 2
    assert np.median(both.draws_usd) == pytest.approx((2 + 3.42) / 2, rel=0.03)
    quotes = evidence["chip_prices"].filter(~((pl.col("chip") == "h800-sxm") & (pl.col("seller") == "DeepSeek")))
    less = replace(evidence, tables=evidence.tables | {"chip_prices": quotes})
    one = rent_usd_per_hour(less, stated, "h800-sxm", day, term="on-demand")
    many = rent_usd_per_hour(evidence, stated, "a100-sxm-80gb", day, term="on-demand")

    def width(rent, name):
        return np.diff(np.quantile(np.log(rent.draws_usd), [0.05, 0.95]))[0] / (
            2 * 1.645 * stated.spread_oom(name) * np.log(10)
        )

    pooled_, own = "rental-price-spread-pooled", "rental-price-spread-a100"
    assert width(one, pooled_) == pytest.approx(np.sqrt(2), rel=0.05)
    assert width(both, pooled_) == pytest.approx(np.sqrt(1.5), rel=0.05)
    assert 1 < width(many, own) < 1.25 and many.n_sellers > 3


@pytest.mark.parametrize("term", ["on-demand", "3-year"])
def test_a_chip_without_a_rent_is_rented_by_its_peak(evidence, term):
    stated = Assumptions(evidence["assumptions"], seed=0, draws=2000)
    known = rent_usd_per_hour(evidence, stated, "h100-sxm", DAY, term=term)
    without = evidence["chip_prices"].filter(pl.col("chip") != "h100-sxm")
    less = replace(evidence, tables=evidence.tables | {"chip_prices": without})
    found = rent_usd_per_hour(less, stated, "h100-sxm", DAY, term=term)
    assert found.n_sellers == 0 and any("known near" in f for f in found.flags)
    low, high = np.quantile(found.draws_usd, [0.05, 0.95])
    assert low < np.median(known.draws_usd) < high


def test_a_brand_is_no_family_of_chips(evidence):
    value = {
        c: (
            Bill(
                Run(id="r", organization="", published_on=DAY, started_on=DAY, chip=c, chip_hours=1e6),
                evidence,
                draws=0,
            ).cost("amortized")
        )
        for c in ("ascend-910b", "ascend-910c")
    }
    assert value["ascend-910c"].total_usd[0] != pytest.approx(value["ascend-910b"].total_usd[0], rel=0.01)
    chips = {
        c["id"]: c["price_usd"]
        for c in (
            evidence["chip_prices"]
            .filter(pl.col("kind") == "purchase")
            .sort("priced_on", descending=True)
            .rename({"chip": "id"})
            .iter_rows(named=True)
        )
    }
    assert chips["gtx-titan-x"] == 999 and chips["gtx-580"] == 499


@given(st.floats(1e22, 1e27), st.sampled_from(["a100-sxm-80gb", "h100-sxm", "b200", "tpu-v5p", "ascend-910c", "h20"]))
@settings(max_examples=25, deadline=None)
def test_cost_grows_with_compute_and_is_never_undefined(flop, chip):
    evidence = Study("2026-11-23").evidence
    run = Run(id="r", organization="", published_on=dt.date(2025, 6, 1), chip=chip, flop=flop)
    one, two = (Costing(replace(run, flop=f), evidence, draws=50) for f in (flop, 2 * flop))
    for definition in ("rental", "amortized", "development"):
        a, b = (c.cost(definition).total_usd for c in (one, two))
        assert np.isfinite(a).all() and (a > 0).all()
        np.testing.assert_allclose(b, 2 * a)


def test_utilization_is_that_of_runs_that_tell_and_not_the_run_itself(evidence):
    all_, without = achieved(evidence), achieved(evidence, apart_from=("deepseek-v3",))
    assert all_.n == without.n + 1
    assert 0.2 < np.exp(all_.mean) < 0.4


@pytest.mark.slow
def test_intervals_hold_disclosed_costs_that_were_hidden():
    sys.path.insert(0, str(Path(__file__).parents[1] / "calibration"))
    import hidden_costs as calibration

    today = Study(method="map", draws=1000)
    found = [h for name in calibration.disclosed(today.evidence) for h in calibration.hide(today, name)]
    for definition in calibration.DEFINITIONS:
        some = [h for h in found if h.hidden == calibration.ALL and h.definition == definition]
        assert len(some) > 30
        assert 0.80 <= calibration.share(some) <= 0.95
