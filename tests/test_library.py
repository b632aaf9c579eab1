"""The library as a researcher uses it: studies, scenarios by quarter, lag definitions of one's own."""

import re

import numpy as np
import polars as pl
import pytest

import leadtime
from leadtime import LeadtimeError, Study, lag


@pytest.fixture(scope="module")
def study():
    return Study(as_of="2026-11-30")


def test_a_study_says_what_it_is(study):
    assert re.fullmatch(r"<Study of 2026-11-30: evidence [0-9a-f]{16}, seed 0, 2,000 draws, nuts>", repr(study))


def test_a_folder_may_stand_alone(tmp_path):
    (tmp_path / "mine" / "evidence").mkdir(parents=True)
    (tmp_path / "2025" / "evidence").mkdir(parents=True)
    for made in (
        Study(str(tmp_path / "mine")),
        Study(tmp_path / "mine"),
        Study.open(tmp_path / "mine"),
        Study(tmp_path / "2025"),
    ):
        assert made.folder is not None
    assert Study.open(tmp_path / "mine", "2025-01-29", seed=3).seed == 3
    with pytest.raises(LeadtimeError, match="is not a folder"):
        Study("nowhere/")
    with pytest.raises(LeadtimeError, match="is not a date"):
        Study("yesterday")
    with pytest.raises(LeadtimeError, match="is a folder, and so is"):
        Study(tmp_path / "mine", tmp_path / "2025")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"method": "mcmc"}, "there is no method 'mcmc'"),
        ({"draws": "many"}, "draws is 'many'"),
        ({"draws": 10.5}, "draws is 10.5"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": True}, "seed is True"),
        ({"as_of": 20250129}, "20250129 is not a date"),
    ],
)
def test_what_a_study_cannot_be_is_told_where_it_is_made(said, words):
    with pytest.raises(LeadtimeError) as error:
        Study(**said)
    assert words in error.value.what and error.value.fix
    if "as_of" in said:
        assert [error.value.told(door)[1] for door in ("python", "http", "command")] == ["as_of", "as_of", "--as-of"]


def test_a_scenario_by_quarter(study):
    course = study.scenario("as-is")
    lag_then = course.lag["2028Q4"]
    assert lag_then.unit == "months"
    assert "In our simulation" in lag_then.definition
    np.testing.assert_array_equal(
        lag_then.draws, study.fork.run("as-is")["lag_months"][list(course.lag).index("2028Q4")]
    )
    at = (pl.col("variable") == "lag_months") & (pl.col("quarter") == "2028Q4")
    row = course.table.row(by_predicate=at, named=True)
    assert row["median"] == pytest.approx(lag_then.median)
    assert course.labelled()["lag_months"].dims == ("quarter", "draw")
    assert len(repr(course)) < 200
    for ask, words in ((lambda: course["lag"], "lag_months"), (lambda: course.lag["2040Q1"], "no simulated quarter")):
        with pytest.raises(LeadtimeError, match=words):
            ask()


def test_levers_set_on_the_way_leave_nothing_behind(study):
    before = dict(study.fork.scenarios)
    less = study.scenario("as-is", start="2027-01-01", diversion_cut=1.0)
    assert study.fork.scenarios == before
    assert (less.lag["2028Q4"] - study.scenario("as-is").lag["2028Q4"]).median >= 0
    with pytest.raises(LeadtimeError, match="Did you mean uptake"):
        study.scenario("as-is", uptak=1)
    with pytest.raises(LeadtimeError, match="too large"):
        study.scenario("as-is", uptake=7.0)


def test_simulated_draws_are_not_taken_for_the_studys_own(study):
    with pytest.raises(LeadtimeError, match="where their draws come from"):
        study.scenario("as-is").lag["2028Q4"] - study.lag("deepseek-v3")


@pytest.fixture
def own():
    @lag.define(
        "newest_record",
        title="age of the newest record",
        sentence="How old this side's best model is.",
        applies_to="group",
    )
    def newest_record(worlds, group, reference):
        best = np.where(group, worlds.ability, -np.inf).argmax(axis=1)
        return (worlds.as_of - np.take_along_axis(worlds.day, best[:, None], 1)[:, 0]) / 30.4375

    yield newest_record
    lag.forget("newest_record")


def test_a_definition_of_ones_own_is_measured_like_the_others(study, own):
    found = study.lag(definition="newest_record")
    worlds = study.worlds()
    np.testing.assert_array_equal(found.draws, own(worlds, study.mask("CHN"), study.mask("USA")))
    assert found.unit == "months"
    assert "How old this side's best model is." in found.definition
    assert "newest_record" in study.lag_grid()["definition"].to_list()
    assert "newest_record" not in study.lag_grid("deepseek-v3")["definition"].to_list(), "it is one of groups"
    with pytest.raises(LeadtimeError, match="for a group, not for a model"):
        study.lag("deepseek-v3", definition="newest_record")


@pytest.mark.parametrize(
    ("returned", "words"), [(lambda n: np.zeros(3), "shape"), (lambda n: np.full(n, np.inf), "not finite")]
)
def test_a_definition_that_returns_something_else_is_told(study, returned, words):
    lag.define("odd", title="odd", sentence="Odd.")(lambda worlds, subject, reference: returned(worlds.n_draws))
    try:
        with pytest.raises(LeadtimeError, match=words):
            study.lag(definition="odd")
    finally:
        lag.forget("odd")


def test_names_of_definitions(own):
    for name, words in (("daily_mean", "built-in"), ("my lag", "cannot be the name"), ("", "cannot be the name")):
        with pytest.raises(LeadtimeError, match=words):
            lag.define(name, title="x", sentence="X.")
    lag.forget("daily_mean")
    assert "daily_mean" in lag.DEFINITIONS, "what is built in cannot be forgotten"


def test_the_package_tells_its_parts():
    assert {"answers", "lag", "scenario", "Study"} <= set(dir(leadtime))
