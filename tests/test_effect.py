"""What the rules changed: sets that contain their points, slopes that are found again, and tests that say what they
cannot see.
"""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime.answers import ask
from leadtime.backtest.simulated import FORECASTERS
from leadtime.cli import app
from leadtime.effect import before_after, kept, layers, pass_through, regress
from leadtime.effect.bounds import Box, over, union
from leadtime.effect.compute import Compute, computes
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.study import Study
from leadtime.supply import Supply, like
from leadtime.supply.bandwidth import in_bandwidth, rates

TODAY = "2026-11-24"
NUMBERS = st.floats(-20, 20, allow_nan=False)
N = 200


@pytest.fixture(scope="module")
def study():
    return Study(TODAY, method="map", draws=N)


@pytest.fixture(scope="module")
def found(study):
    return study.effect()


@pytest.fixture(scope="module")
def supply():
    return Supply(Evidence.load(as_of=dt.date(2026, 11, 24)), draws=500)


# -- sets
# ---------------------------------------------------------------------------------------------------------------------


def box(ends):
    x = np.sort(np.array(ends), axis=1)
    return Box(low=x[:, 0], high=x[:, 1])


PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=3)
SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(PAIRS, PAIRS, SHARES, SHARES)
def test_a_product_of_sets_holds_every_product_of_their_points(a, b, s, t):
    one, two = box(a), box(b)
    x, y = (z.low + np.array(w) * (z.high - z.low) for z, w in ((one, s), (two, t)))
    whole = one.times(two)
    assert (whole.low <= x * y + 1e-6).all() and (x * y <= whole.high + 1e-6).all()


@given(PAIRS, PAIRS, SHARES, st.floats(-5, 5))
def test_a_wider_set_never_narrows_what_follows(a, b, more, above):
    one, other = box(a), box(b)
    wide = Box(low=one.low - np.array(more), high=one.high + np.array(more))
    for narrow, broad in ((one, wide), (one.times(other), wide.times(other)), (one, union([one, other]))):
        assert broad.robust[0] <= narrow.robust[0] + 1e-9 and broad.robust[1] >= narrow.robust[1] - 1e-9
        assert broad.chance(above)[0] <= narrow.chance(above)[0] and broad.chance(above)[1] >= narrow.chance(above)[1]


def test_a_set_upside_down_is_refused():
    with pytest.raises(ValueError, match="above the most"):
        Box(low=np.ones(3), high=np.zeros(3))


# -- computing power
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["int8", "bandwidth"])
def test_corners_hold_what_lies_between_them(supply, unit):
    c = computes(supply, "2026Q2")[unit]
    early = next(w for w in c.worlds() if w.name == "early-2022")
    m, rng = c._merchant, np.random.default_rng(0)
    got = m["legal"] + m["diverted"]
    for share, taken, keeps in zip(
        rng.uniform(0.10, 0.20, 20), rng.uniform(0, 1, 20), rng.uniform(0.3, 1, 20), strict=True
    ):
        bought = share * (m["outside"] + got - (1 - taken) * got) / (1 - share * (1 - taken))
        point = c._world("point", "", [(bought, taken, keeps)])
        assert (early.change.low <= point.change.low + 1e-9).all() and (
            point.change.high <= early.change.high + 1e-9
        ).all()


def test_more_may_follow_where_more_is_assumed(supply):
    def wider(low, high):
        table = supply.evidence["assumptions"]
        is_it = pl.col("id") == "effect-share-2022"
        ends = [pl.when(is_it).then(v).otherwise(pl.col(k)).alias(k) for k, v in (("low", low), ("high", high))]
        evidence = replace(supply.evidence, tables=supply.evidence.tables | {"assumptions": table.with_columns(ends)})
        return {w.name: w for w in Compute(Supply(evidence, draws=500), "2025Q4").worlds()}

    narrow, broad = wider(0.10, 0.20), wider(0.05, 0.30)
    for name in ("early-2022", "any"):
        assert (broad[name].change.low <= narrow[name].change.low).all()
        assert (broad[name].change.high >= narrow[name].change.high).all()
    assert broad["peers"].change.low == pytest.approx(narrow["peers"].change.low)


def test_a_world_that_is_as_it_was_changes_nothing(supply):
    c = Compute(supply, "2025Q4")
    m = c._merchant
    same = c._world("same", "", [(m["legal"] + m["diverted"], 1.0, 1.0)])
    # what diverted chips did, bought chips do; only what is rented abroad is gone, and the older stock is counted alike
    assert same.china.low + c.as_is["rented"] / c.china == pytest.approx(1.0, abs=1e-6)
    assert same.change.low == pytest.approx(np.log(1 - c.as_is["rented"] / c.china), abs=1e-6)


def test_every_world_says_what_it_assumes_and_the_last_holds_all(supply):
    worlds = Compute(supply, "2025Q4").worlds()
    assert [w.name for w in worlds] == ["early-2022-middle", "early-2022", "a800-h800", "same-money", "peers", "any"]
    assert len({w.words for w in worlds}) == 6
    for w in worlds[:-1]:
        assert (worlds[-1].change.low <= w.change.low).all() and (worlds[-1].change.high >= w.change.high).all()


def test_a_world_without_accounts_is_left_out():
    before = Evidence.load(as_of=dt.date(2026, 5, 1))  # what firms spent by calendar year was published later
    names = [w.name for w in Compute(Supply(before, draws=50), "2025Q4").worlds()]
    assert "same-money" not in names and names[-1] == "any" and len(names) == 5


def test_a_day_without_all_priors_has_no_simulation():
    study = Study("2026-04-24", method="map", draws=20)
    assert "was not written on that day" in layers._simulation(study, "2025Q4")["why_not"]


def test_a_chip_made_for_china_keeps_its_memory(supply):
    known = rates(supply)
    h20 = next(v for k, v in known.row.items() if k.startswith("h20-china-2024"))
    assert h20 == pytest.approx(4000 / 3350 / 0.1496, rel=0.01)
    assert "ascend-910b" in known.unknown  # no bandwidth of its own: that of the 910C, for each unit of 8-bit rate
    wide = in_bandwidth(supply)
    at = like.span("2024", supply.history.quarters)
    rate, memory = (np.median(like.share(s, at, makers={"nvidia"}, channels="legal")) for s in (supply, wide))
    assert memory > 5 * rate
    assert wide.history.quarters == supply.history.quarters


@pytest.mark.parametrize("at", ["2022Q1", "2022Q4", "2031Q1", "now", "2025"])
def test_a_quarter_that_is_none_is_told(study, at):
    with pytest.raises(LeadtimeError, match="not a quarter"):
        study.effect(at)


# -- months per e-fold
# --------------------------------------------------------------------------------------------------------


def made(rng, slope, n=70, labs=9, error=0.8, floor=None):
    """Return data of a known slope: heavy tails, laboratory effects, errors in the regressor."""
    lab = rng.integers(0, labs, n)
    true = rng.normal(0, 1.5, n)
    x_sd = rng.uniform(0.3, error, n)
    y = 6 + slope * true + rng.normal(0, 1, labs)[lab] + rng.standard_t(4, n)
    y = y if floor is None else np.maximum(y, floor)
    return regress.Regression(y=y, x=true + rng.normal(0, x_sd), x_sd=x_sd, t=None, lab=lab, floor=floor, slope_sd=4.0)


def cover(slopes, floor=None, **kwargs):
    inside, bias = [], []
    for i, slope in enumerate(slopes):
        f = regress.fit(made(np.random.default_rng([5, i]), slope, floor=floor), seed=i, **kwargs)
        low, high = np.quantile(f.slope, [0.05, 0.95])
        inside.append(low <= slope <= high)
        bias.append(f.slope.mean() - slope)
        assert f.r_hat < 1.1
    return float(np.mean(inside)), float(np.mean(bias))


def test_a_slope_is_found_again_through_errors_in_its_regressor():
    slopes = [-2.0] * 10
    inside, bias = cover(slopes, chains=24, warm_up=120, kept=120)
    assert inside >= 0.7
    assert abs(bias) < 0.25
    plain = []
    for i in range(10):
        r = made(np.random.default_rng([5, i]), -2.0)
        plain.append(np.polyfit(r.x, r.y, 1)[0])
    assert np.mean(plain) > -1.9  # least squares is drawn to nothing by the errors


@pytest.mark.slow
def test_intervals_of_the_slope_hold_what_they_say():
    slopes = np.random.default_rng(1).normal(0, 1.5, 80)
    assert 0.80 <= cover(slopes)[0] <= 0.97
    # and where models that led are only known to have led; steep slopes with a third of the outcomes cut mix slowly
    assert 0.80 <= cover(slopes, floor=4.0, warm_up=800, kept=400)[0] <= 0.97


def test_the_record_gives_readings_with_and_without_an_effect(found):
    rows = {r["reading"]: r for r in found.pass_through}
    assert {"all", "not-chinese", "chinese", "production", "accounting", "accounting-wide"} <= set(rows)
    assert rows["chinese"]["robust_low_months"] < 0 < rows["chinese"]["robust_high_months"]  # zero is allowed
    assert rows["not-chinese"]["lower_months"] > rows["chinese"]["lower_months"]
    assert all(r["r_hat"] < 1.05 for r in rows.values())
    a = rows["accounting"]
    assert (a["lower_months"], a["upper_months"]) == pytest.approx((12 / np.log(5 * 5.28), 12 / np.log(4 * 1.81)))


def test_a_gap_at_release_looks_back_to_another_laboratory(study):
    r = pass_through.runs(study)
    assert r.gap_months.shape == (regress.CHAINS, r.data.n)
    assert (r.gap_months >= 0).all() and r.gap_months.max() < 60
    assert r.data.day.min() >= dt.date(2023, 7, 1).toordinal()


# -- before and after
# ---------------------------------------------------------------------------------------------------------


def test_what_a_year_moves_by_chance_is_found_from_the_quarters():
    rng = np.random.default_rng(3)
    noise = pl.DataFrame({"median": rng.normal(6, 2, 60)})
    assert before_after._scatter(noise) == pytest.approx(
        2 * np.sqrt(0.5), rel=0.35
    )  # two means of four independent quarters
    steady = [0.0]
    for _ in range(59):
        steady.append(0.9 * steady[-1] + rng.normal())
    slow = before_after._scatter(pl.DataFrame({"median": steady}))
    assert slow > 1.2  # what persists moves yearly means by more than as many independent quarters would
    assert before_after._scatter(noise.head(5)) is None


def test_a_change_as_large_as_the_least_is_seen_four_times_in_five():
    rng, days = np.random.default_rng(4), pl.date_range(dt.date(2023, 10, 1), dt.date(2026, 10, 1), "1q", eager=True)
    flat = pl.DataFrame({"date": days, "median": 6.0, "low": 5.9, "high": 6.1})
    sd, seen = 1.5, 0
    w = np.array([-0.25] * 4 + [0.25] * 4)
    least = before_after._SEEN * sd * float(np.sqrt((w**2).sum()))
    for _ in range(4000):
        seen += abs(w @ rng.normal(0, sd, 8) + least) > 1.96 * sd * np.sqrt((w**2).sum())
    assert seen / 4000 == pytest.approx(0.8, abs=0.03)
    assert before_after.lag_break(flat, dt.date(2025, 5, 1))["lag_change_median"] == 0.0


def test_laboratories_are_permuted_and_few_are_no_test():
    start = dt.date(2025, 4, 9).toordinal()

    def gaps(chinese, others, jump):
        rows = []
        for country, n in (("CHN", chinese), ("FRA", others)):
            for i in range(n):
                rows += [
                    {"lab": f"{country}{i}", "country": country, "day": start - 100.0, "gap": 5.0 + i},
                    {
                        "lab": f"{country}{i}",
                        "country": country,
                        "day": start + 100.0,
                        "gap": 5.0 + 1.1 * i + jump * (country == "CHN"),
                    },
                ]
        return pl.DataFrame(rows)

    clear = before_after._releases(gaps(3, 4, 6.0), dt.date(2025, 4, 9), "rule", 0)
    assert clear.change[1] == pytest.approx(6.0, abs=0.2) and clear.p == pytest.approx(1 / 35)
    assert clear.detectable > 0
    assert before_after._releases(gaps(3, 4, 0.0), dt.date(2025, 4, 9), "rule", 0).p > 0.2
    few = before_after._releases(gaps(1, 4, 6.0), dt.date(2025, 4, 9), "rule", 0)
    assert few.change is None and few.detectable is None and few.note.startswith("1 Chinese and 4 other")


def test_comparisons_that_can_show_nothing_say_so(found, study):
    rows = pl.DataFrame(found.detectable, infer_schema_length=None)
    assert set(rows["rule"]) == {words for day, words in before_after.RULE_DAYS if day <= study.as_of}
    lag = rows.filter(pl.col("measure") == "lag")
    assert lag.filter(pl.col("on") == "2022-10-07")["detectable"].to_list() == [None]  # no model was measured before
    seen = lag["detectable"].drop_nulls()
    assert seen.len() and (seen > float(np.median(layers.lag_now(study)))).all()
    assert rows.filter(pl.col("median").is_null())["note"].str.len_chars().min() > 10


# -- the simulation
# -----------------------------------------------------------------------------------------------------------


def test_one_models_answer_stands_beside_its_prior(found):
    s = found.simulation
    assert s["low_months"] < s["median_months"] < s["high_months"]
    assert s["prior_high_months"] > s["high_months"]
    assert s["quarter"] <= found.at and s["n_moved"] < s["n_parameters"]
    chances = [r["p_matters"] for r in s["elasticity"]]
    assert chances == sorted(chances) and chances[0] < 0.2  # an effect that runs do not carry is none
    assert s["trend"].startswith("The simulation")
    widths = [r["upper_p_matters"] - r["lower_p_matters"] for r in s["contamination"]]
    assert widths == sorted(widths)


# -- doors
# --------------------------------------------------------------------------------------------------------------------


def test_the_product_is_that_of_its_layers(found):
    grid = {(r["e_folds"], r["months_per_e_fold"]): r for r in found.bounds["grid"]}
    assert grid[0.5, 1.0]["matters"] and grid[0.25, 2.0]["matters"] and not grid[0.25, 1.0]["matters"]
    some = [r for r in found.bounds["product"] if r["unit"] == "int8"]
    extent = found.bounds["range"]["int8"]
    assert extent["upper_months_accounting"] == max(r["upper_months"] for r in some) >= extent["upper_months"]
    assert extent["lower_p_matters"] <= min(r["lower_p_matters"] for r in some)
    assert all(
        r["robust_low_months"] <= r["lower_months"] <= r["upper_months"] <= r["robust_high_months"] for r in some
    )


def test_the_sentence_says_what_the_numbers_say(found):
    extent = found.bounds["range"]["int8"]
    said = found.sentence.replace("−", "-")
    assert said.startswith("What the rules did to China's gap cannot be measured.")
    assert f"between {-extent['lower_months']:.1f} months shorter and {extent['upper_months']:.1f} longer" in said
    assert f"up to {extent['upper_months_accounting']:.1f}" in said
    assert layers.chance(extent["lower_p_matters"]) in said and layers.chance(extent["upper_p_matters"]) in said
    assert max(len(s.split()) for s in said.split(". ")) <= 28
    assert found.sentence.startswith(found.short)


def test_the_answer_is_as_its_schema_says_and_is_kept(study, found, monkeypatch):
    given = conforms("effect", json.loads(json.dumps(ask(study, "effect").to_json())))
    assert {r["forecaster"] for r in given["simulation"]["hindcasts"]["scores"]} == set(FORECASTERS)
    assert given["assumptions"][0]["high_months"] is None and given["assumptions"][1]["low_months"] == 0.0
    monkeypatch.setattr(kept, "layers", lambda *a: pytest.fail("computed again"))
    assert Study(TODAY, method="map", draws=N).effect() == found


def test_the_command_fits_the_terminal(monkeypatch, study, found):
    monkeypatch.setattr("leadtime.cli.asked.open_study", lambda *a, **k: study)
    done = CliRunner().invoke(app, ["effect"])
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80
    for title in (
        "1. nothing",
        "2. they never helped",
        "3.",
        "4.",
        "5.",
        "6. One model's answer (simulated)",
        "7. What the data could have shown",
    ):
        assert title in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "2025-01-29"], "a count of arrivals"),
        (["--at", "2022Q2", "--method", "map", "--draws", "20"], "not a quarter"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, words):
    from leadtime.errors import LeadtimeError as told

    done = CliRunner().invoke(app, ["effect", *arguments])
    assert done.exit_code == 1
    assert isinstance(done.exception, told) and words in str(done.exception)


def test_a_folder_or_other_evidence_has_no_shipped_effect(study):
    assert kept.key(study) != kept.key(Study(TODAY, method="map", draws=N + 1))
    assert kept._shipped(study) is None


@pytest.mark.slow
def test_what_ships_is_what_a_computation_gives():
    shipped = json.loads(kept.SHIPPED.read_text(encoding="utf-8"))
    study = Study(shipped["as_of"])
    assert shipped["key"] == kept.key(study), "the shipped effect is stale: make ship"
    assert json.loads(json.dumps(layers.layers(study).to_json())) == shipped["layers"]


def test_corners_of_nothing_are_nothing():
    assert over([np.zeros(4), np.zeros(4)]).robust == (0.0, 0.0)
