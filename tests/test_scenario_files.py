"""Scenarios: those that ship, those of a reader, and what is refused."""

import contextlib
import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook
from leadtime.rules.plane import legality, settled
from leadtime.scenario import parameters
from leadtime.scenario.files import built_in, load_file, load_folder
from leadtime.scenario.inputs import POLICIES, QUARTERS, openness, openness_key
from leadtime.scenario.levers import Setting, next_quarter
from scenario_side import AT, lag

# -- scenarios
# ------------------------------------------------------------------------------------------------------------


def test_the_built_in_scenarios_are_all_there():
    found = built_in()
    assert set(found) == {
        "no-controls",
        "as-is",
        "diffusion-kept",
        "strengthened",
        "strengthened+tariffs",
        "curtailed",
        "h200-sales",
        "weights-secured",
        "capital-flight",
        "rules-change",
    }
    assert all(len(s.narrative) > 60 for s in found.values())
    assert found["strengthened+tariffs"].levers["diversion_cut"] == found["strengthened"].levers["diversion_cut"]


@pytest.mark.parametrize("day", ["2022-10-08", "2023-12-31", "2025-05-20", "2026-01-14", "2026-11-30", "2027-03-01"])
def test_what_may_be_sold_is_as_on_the_last_day_on_which_anything_changed(world, day, monkeypatch):
    rules = Rulebook(world.rules.log, day)
    since = settled(rules.log, rules.as_known)
    assert since <= rules.as_known and openness_key(rules) == openness_key(Rulebook(rules.log, since))
    found = openness(rules)
    monkeypatch.setattr("leadtime.rules.plane.settled", lambda log, known: known)
    np.testing.assert_array_equal(found[0], openness(rules)[0])
    np.testing.assert_array_equal(found[1], openness(rules)[1])


def test_an_h200_is_worth_what_the_rules_log_says(world):
    """One value, from the rates that the rules log reads: that of an H200 over the best chip on the market."""
    rows = [
        r
        for r in legality(world.rules.log, world.rules.as_known)
        if r["market"] == "datacenter" and r["quarter"] == "2026 Q4"
    ]
    best = max(r["tpp"] for r in rows if r["maker"] in ("NVIDIA", "AMD"))
    case = next(r["tpp"] for r in rows if r["chip"] == "h200-sxm") / best
    assert world.worth("h200-sxm", dt.date(2027, 1, 1)) == pytest.approx(case)
    assert case <= world.openness[AT("2026Q4"), POLICIES.index("case")]  # no more than the best chip under its policy
    opened = world.inputs(built_in()["h200-sales"])["open_ratio"]
    assert np.isnan(opened[: AT("2027Q1")]).all()
    assert np.allclose(opened[AT("2027Q1") :], case)
    with pytest.raises(LeadtimeError, match="h2000"):
        world.worth("h2000-sxm", dt.date(2027, 1, 1))


def test_scenarios_start_with_the_quarter_after_the_studys_day(world, draws):
    assert next_quarter(dt.date(2026, 11, 23)) == dt.date(2027, 1, 1)
    assert next_quarter(dt.date(2026, 3, 31)) == dt.date(2026, 4, 1)
    as_is = lag(world, draws, built_in()["as-is"])["lag_months"]
    for name, s in built_in().items():
        if name not in ("as-is", "no-controls", "diffusion-kept", "rules-change"):
            changed = np.abs(lag(world, draws, s)["lag_months"] - as_is).max(axis=1) > 0
            assert QUARTERS[changed.argmax()] == "2027Q1", name


def test_a_lever_moves_in_equal_steps_from_one_day_to_another(tmp_path):
    path = tmp_path / "slow.yaml"
    path.write_text(
        GOOD + "levers: {hbm_cut: [{from: 2027-01-01, to: 2029-01-01, value: 0.8}, {from: 2031-01-01, value: 0.1}]}"
    )
    values = load_file(path, {}).path("hbm_cut")
    assert values[AT("2026Q4")] == 0
    assert (np.diff(values[AT("2026Q4") : AT("2029Q1") + 1]) > 0).all()
    assert values[AT("2027Q4")] == pytest.approx(0.8 * (dt.date(2027, 11, 15) - dt.date(2027, 1, 1)).days / 731)
    assert values[AT("2029Q1")] == values[AT("2030Q4")] == 0.8
    assert values[AT("2031Q1")] == 0.1


def test_a_duty_acts_on_both_sides(world, draws):
    """On the routes of diversion by the part passed on, on building in the US by the share that is dutiable: the same
    as by hand.
    """
    day, base = dt.date(2027, 1, 1), built_in()["as-is"]
    known = draws | {"transit-pass": np.full(2000, 0.5), "dutiable-share": np.full(2000, 0.3)}
    duty = replace(base, levers={"tariff_rate": (Setting(day, 0.4),)})
    by_hand = replace(base, levers={"transit_cost": (Setting(day, 0.2),), "build_cost": (Setting(day, 0.12),)})
    keep = ("us_h100e", "diverted_h100e")
    a, b = lag(world, known, duty, *keep), lag(world, known, by_hand, *keep)
    for name in ("lag_months", *keep):
        assert np.allclose(a[name], b[name], rtol=1e-5, atol=1e-4), name


GOOD = "title: t\nnarrative: n\n"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (GOOD + "levers: {quotas: 1}", "levers.quotas", "lever"),
        (GOOD + "levers: {uptake: 1.5}", "levers.uptake[0].value", "too large"),
        (
            GOOD + "levers: {uptake: [{from: 2027-01-01, value: 0.5}, {from: 2026-01-01, value: 0.6}]}",
            "levers.uptake[1].from",
            "not after",
        ),
        (GOOD + "levers: {uptake: [{from: soon, value: 0.5}]}", "levers.uptake[0].from", "not a date"),
        (GOOD + "levers: {uptake: [{from: 2040-01-01, value: 0.5}]}", "levers.uptake[0].from", "after the last"),
        (GOOD + "levers: {uptake: [{from: 2027-01-01}]}", "levers.uptake[0]", "from and value"),
        (GOOD + "levers: {uptake: high}", "levers.uptake", "is not a number or a list"),
        (
            GOOD + "levers: {hbm_cut: [{from: 2027-01-01, to: 2026-01-01, value: 0.5}]}",
            "levers.hbm_cut[0].to",
            "not a day after",
        ),
        (
            GOOD + "levers: {hbm_cut: [{from: next quarter, to: 2028-01-01, value: 0.5}]}",
            "levers.hbm_cut[0].to",
            "not a day after",
        ),
        (
            GOOD + "levers: {uptake: [{from: 2027-01-01, to: 2028-01-01, value: 0.5}]}",
            "levers.uptake[0].to",
            "no earlier value to move from",
        ),
        (
            GOOD + "levers: {hbm_cut: [{from: 2027-01-01, to: 2028-01-01, value: 1}, {from: 2027-06-01, value: 0}]}",
            "levers.hbm_cut[1].from",
            "not after 2028-01-01",
        ),
        (GOOD + "levers: {uptake: [{from: 2027-01-01, chip: h20}]}", "levers.uptake[0].chip", "only open_ratio"),
        (GOOD + "levers: {open_ratio: [{from: 2027-01-01, chip: 3}]}", "levers.open_ratio[0].chip", "not a chip"),
        (GOOD + "changes: {us-eases: {uptake: h20}}", "changes.us-eases.uptake.chip", "only open_ratio"),
        (GOOD + "levers: {uptake: .nan}", "levers.uptake[0].value", "not a number"),
        (GOOD + "levers: [1]", "levers", "key: value pairs"),
        (
            GOOD + "priors: {chip-life: {low: 1, value: 2, high: 3, distribution: lognormal}}",
            "priors.chip-life.source",
            "this prior has no source",
        ),
        (
            GOOD + "priors: {chip-life: {low: 4, value: 2, high: 3, distribution: lognormal, source: me}}",
            "priors.chip-life",
            "in order",
        ),
        (
            GOOD + "priors: {chip-life: {low: 0, value: 2, high: 3, distribution: lognormal, source: me}}",
            "priors.chip-life.low",
            "above zero",
        ),
        (
            GOOD + "priors: {chip-life: {low: 1, value: 2, high: 3, distribution: cauchy, source: me}}",
            "priors.chip-life.distribution",
            "not known",
        ),
        (GOOD + "base: as-was", "base", "scenario"),
        (GOOD + "rules: mine", "rules", "not known"),
        (GOOD + "leverz: {}", "leverz", "not a key"),
        ("narrative: n", "title", "missing"),
    ],
)
def test_a_malformed_scenario_is_refused_with_file_key_and_reason(tmp_path, text, key, words):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(LeadtimeError, match=words) as found:
        load_file(path, built_in())
    assert str(path) in str(found.value)
    assert f"key {key}" in str(found.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\x00", "!!python/object/apply:os.system ['true']"])
def test_a_file_that_is_no_scenario_is_refused(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(LeadtimeError):
        load_file(path, {})


def test_bases_in_a_circle_are_refused(tmp_path):
    for a, b in (("x", "y"), ("y", "x")):
        (tmp_path / f"{a}.yaml").write_text(GOOD + f"base: {b}\n")
    with pytest.raises(LeadtimeError, match="circle"):
        load_folder(tmp_path, {})


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_a_scenario_or_an_error_of_the_user(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("s") / "own.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with contextlib.suppress(LeadtimeError):
        load_file(path, built_in())


def test_a_scenarios_prior_replaces_the_built_in_one(rows):
    changed = parameters.priors(
        pl.concat([rows]), {"chip-life": {"value": 9, "distribution": "exact", "source": "test"}}
    )
    assert (parameters.chunk(changed, 0, 50, 0)["chip-life"] == 9).all()
    with pytest.raises(LeadtimeError, match="parameter"):
        parameters.priors(rows, {"chip-live": {"value": 9, "distribution": "exact"}})


def test_every_prior_names_its_source_and_moves_nothing_of_the_others(rows):
    assert rows["source"].null_count() == 0
    fewer = rows.filter(pl.col("id") != "sim-chip-life")
    a, b = parameters.chunk(rows, 3, 500, 7), parameters.chunk(fewer, 3, 500, 7)
    assert all(np.array_equal(a[k], b[k]) for k in b)
