"""Rules that change at the log's own rates, and forecasters whose priors replace ours."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.rules import Rulebook, hazard
from leadtime.rules.log import built_in as log
from leadtime.scenario import parameters, profiles, simulate
from leadtime.scenario.files import built_in, load_file
from leadtime.scenario.inputs import QUARTERS, World
from leadtime.scenario.levers import NEXT, Setting

DAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def world():
    evidence = Evidence.load(as_of=DAY)
    return World(evidence, Rulebook.of(evidence))


# -- rates
# ----------------------------------------------------------------------------------------------------------------


def test_acts_within_a_month_are_one_and_the_first_is_not_counted():
    rate = hazard.rate(log(), "us-bars", DAY)
    assert rate.episodes == (dt.date(2023, 10, 17), dt.date(2025, 4, 9))
    assert "bis-2022-08-letters" not in rate.instruments
    assert rate.years == pytest.approx((DAY - dt.date(2022, 8, 26)).days / 365.25)


def test_a_rate_as_known_on_a_day_knows_nothing_later():
    early = hazard.rate(log(), "us-eases", dt.date(2025, 1, 29))
    assert early.episodes == ()
    assert 0 < early.chance(365) < 0.25
    # the act took effect on April 9 and was disclosed on the 15th
    assert hazard.rate(log(), "us-bars", dt.date(2025, 4, 14)).episodes == (dt.date(2023, 10, 17),)
    assert len(hazard.rate(log(), "us-bars", dt.date(2025, 4, 15)).episodes) == 2


def test_what_takes_back_a_tightening_counts_as_easing():
    # the affiliates rule was suspended on 2025-11-10: no instrument of its own
    assert dt.date(2025, 11, 10) in hazard.rate(log(), "us-eases", DAY).episodes


def test_the_chance_of_an_act_is_that_of_its_draws():
    rate = hazard.rate(log(), "us-eases", DAY)
    drawn = rate.draws(np.random.default_rng(0), 200_000)
    assert rate.chance(365.25) == pytest.approx(np.mean(1 - np.exp(-drawn)), abs=0.003)
    assert rate.chance(0) == 0
    assert rate.chance(1e9) == pytest.approx(1, abs=1e-3)


def test_chances_are_calibrated_over_worlds_with_known_rates():
    rng = np.random.default_rng(1)
    said, came = [], []
    for true in rng.gamma(0.5, 4.0, 4000):  # rates a year, as the prior has them but with a scale
        n, years = rng.poisson(true * 3), 3.0
        rate = hazard.Rate(name="", episodes=(DAY,) * n, instruments=(), years=years)
        said.append(rate.chance(365.25))
        came.append(rng.random() < 1 - np.exp(-true))
    said, came = np.array(said), np.array(came)
    for low, high in ((0, 0.4), (0.4, 0.9), (0.9, 1.01)):
        some = (said >= low) & (said < high)
        assert came[some].mean() == pytest.approx(said[some].mean(), abs=0.06)


def test_an_unknown_class_or_a_day_before_the_rules_is_refused():
    with pytest.raises(LeadtimeError, match="us-bans"):
        hazard.rate(log(), "us-bans", DAY)
    with pytest.raises(LeadtimeError, match="nobody knew of a rule change"):
        hazard.rate(log(), "us-bars", dt.date(2022, 1, 1))


# -- a scenario in which they change
# --------------------------------------------------------------------------------------


def test_changing_rules_leave_the_past_and_the_median_of_time_to_the_next_alone(world):
    scenario = built_in()["rules-change"]
    ratio = world.changing(scenario, 4000, 0)["open_ratio"]
    past = [i for i, q in enumerate(QUARTERS) if q <= "2026Q4"]
    assert np.isnan(ratio[past]).all()
    a_year_on = QUARTERS.index("2027Q4")
    days = (dt.date(2027, 11, 15) - DAY).days
    none = np.prod([1 - world.rate(c).chance(days) for c in ("us-bars", "us-eases")])
    assert np.isnan(ratio[a_year_on]).mean() == pytest.approx(none, abs=0.03)
    assert set(np.unique(ratio[-1][np.isfinite(ratio[-1])])) == {0.01, world.worth("h200-sxm", DAY)}
    # two processes race: the share of draws last barred is about bars' share of the rate
    rates = {c: world.rate(c).shape for c in ("us-bars", "us-eases")}
    barred = np.mean(ratio[-1] == 0.01)
    assert barred == pytest.approx(rates["us-bars"] / sum(rates.values()), abs=0.1)
    assert np.array_equal(ratio, world.changing(scenario, 4000, 0)["open_ratio"], equal_nan=True)


def test_a_rule_that_never_changes_is_as_is(world):
    scenario = replace(built_in()["rules-change"], changes={"us-bars": {"open_ratio": Setting(NEXT, 0.01)}})
    draws = parameters.chunk(parameters.priors(world.evidence["assumptions"]), 0, 500, 0)
    plain = simulate.run(draws, world.inputs(built_in()["as-is"]))["lag_months"]
    inputs = world.inputs(scenario)
    inputs["open_ratio"] = np.full((len(QUARTERS), 500), np.nan)
    np.testing.assert_allclose(simulate.run(draws, inputs)["lag_months"], plain, atol=1e-3)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("changes: [1]", "changes"),
        ("changes: {us-bans: {uptake: 1}}", "changes.us-bans"),
        ("changes: {us-bars: 1}", "changes.us-bars"),
        ("changes: {us-bars: {uptakes: 1}}", "changes.us-bars.uptakes"),
        ("changes: {us-bars: {uptake: 2}}", "changes.us-bars.uptake"),
    ],
)
def test_malformed_changes_are_refused_by_key(tmp_path, text, key):
    path = tmp_path / "own.yaml"
    path.write_text("title: t\nnarrative: n\n" + text)
    with pytest.raises(LeadtimeError) as found:
        load_file(path, built_in())
    assert f"key {key}" in str(found.value)


# -- profiles
# -------------------------------------------------------------------------------------------------------------


def test_profiles_name_sources_and_parameters_there_are(world):
    found = profiles.available()
    assert {"epoch", "pilz", "grunewald", "ifp"} <= set(found)
    sources = set(world.evidence["sources"]["id"])
    for p in found.values():
        assert p.source in sources
        assert {str(prior["source"]) for prior in p.priors.values()} <= sources
        parameters.priors(world.evidence["assumptions"], p.priors)  # unknown parameters are refused


def test_a_profile_gives_back_the_diversion_its_author_published(world):
    """Epoch AI has 479,000 (188,000 to 1,287,000) for 2025, Grunewald 50,500 for 2026: the simulation must say the
    same.
    """
    as_is = built_in()["as-is"]
    for name, year, low, median, high in (
        ("epoch", 2025, 188e3, 479e3, 1287e3),
        ("grunewald", 2026, 5e3, 50.5e3, 253e3),
    ):
        rows = parameters.priors(world.evidence["assumptions"], profiles.available()[name].priors)
        draws = parameters.chunk(rows, 0, 4000, 0)
        flow = simulate.run(draws, world.inputs(as_is), ("diverted_added_h100e",))["diverted_added_h100e"]
        at = [i for i, q in enumerate(QUARTERS) if q.startswith(str(year))]
        found = np.quantile(flow[at].sum(axis=0), [0.05, 0.5, 0.95])
        np.testing.assert_allclose(found, [low, median, high], rtol=0.2)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("title: t\nsource: s\nnarrative: n\n", "priors"),
        (
            "title: t\nsource: s\nnarrative: n\npriors: {chip-life: {low: 1, value: 2, high: 3, distribution: normal}}",
            "priors.chip-life.source",
        ),
        ("title: t\nnarrative: n\npriors: {}", "source"),
        ("title: t\nsource: s\nnarrative: n\nlevers: {}", "levers"),
    ],
)
def test_a_malformed_profile_is_refused_by_key(tmp_path, text, key):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(LeadtimeError) as found:
        profiles.load(path)
    assert f"key {key}" in str(found.value)
