"""Costs of runs: Epoch AI's published method to a tenth of a percent, and what no bill may do."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.cost.bill import Bill
from leadtime.cost.definitions import CostDefinition, ratio
from leadtime.cost.run import Run, find_run
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.study import Study
from terminal_side import typed


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load(as_of=dt.date(2026, 11, 23))


#: Results of Epoch AI's public code (training-cost-trends, April 2026), in nominal US dollars. Dates are where that
#: code sets the start of training by hand; it takes chips times hours for Llama, not the hours its developer reports.
EPOCH = {
    "llama-3-1-405b": (30_386.17, 39_215_493, 9_198_696, 2_846_151, 51_260_340, 899_903_943, {"chip_hours": None}),
    "nemotron-4-340b": (31_505.86, 15_660_565, 3_673_466, 1_245_689, 20_579_720, 337_463_979, {}),
    "gemini-1-0-ultra": (4_488.56, 21_788_290, 5_110_833, 1_334_577, 28_233_700, 596_310_074,
                         {"started_on": dt.date(2023, 5, 10)}),
    "falcon-180b": (11_440.89, 7_444_676, 1_746_282, 1_086_359, 10_277_317, 125_787_654, {}),
    "llama-2-70b": (12_809.20, 810_352, 190_083, 92_944, 1_093_379, 30_709_877, {}),
    "gpt-4": (14_165.05, 29_691_721, 6_964_725, 3_499_488, 40_155_934, 767_746_914,
              {"started_on": dt.date(2022, 8, 15) - dt.timedelta(hours=2280)}),
    "bloom-176b": (18_507.93, 733_886, 172_145, 68_335, 974_367, 11_792_593, {}),
    "palm-540b": (7_134.10, 2_205_050, 517_234, 87_719, 2_810_004, 64_275_949, {}),
    "gpt-3": (12_377.38, 1_616_754, 379_239, 92_546, 2_088_539, 229_938_272, {"started_on": dt.date(2019, 10, 1)}),
}  # fmt: skip


@pytest.mark.parametrize("name", EPOCH)
def test_the_published_method_is_met_to_a_tenth_of_a_percent(evidence, name):
    value, capex, network, energy, total, acquisition, known = EPOCH[name]
    bill = Bill(replace(find_run(evidence, name), ended_on=None, **known), evidence, draws=0)
    part = {c.name: float(c.draws_usd[0]) for c in bill.cost("amortized").components}
    if name == "gpt-3":
        part["energy"] *= 250 / 300  # it takes the 250 W of the workstation's V100; the chip in servers has 300 W
    assert float(bill.value_at_start()[0][0]) == pytest.approx(value, rel=1e-3)
    assert part["chips"] + part["servers"] == pytest.approx(capex, rel=1e-3)
    assert part["network"] == pytest.approx(network, rel=1e-3)
    assert part["energy"] == pytest.approx(energy, rel=1e-3)
    assert sum(part.values()) == pytest.approx(total, rel=1e-3)
    assert float(bill.cost("acquisition").total_usd[0]) == pytest.approx(acquisition, rel=1e-3)


def test_v3_at_the_price_its_developer_assumes_is_the_figure_it_published(evidence):
    bill = Bill(find_run(evidence, "deepseek-v3"), evidence, price_usd=2.0)
    assert bill.cost("rental").total_usd == pytest.approx(5.576e6)


def test_v3_by_every_definition_keeps_their_order(evidence):
    bill = Bill(find_run(evidence, "deepseek-v3"), evidence)
    amortized, whole, bought = (np.median(bill.cost(d).total_usd) for d in ("amortized", "development", "acquisition"))
    assert 2e6 < amortized < whole < bought < 3e8


@pytest.mark.parametrize("definition", list(CostDefinition))
def test_components_sum_to_the_total_and_draws_repeat(evidence, definition):
    run = find_run(evidence, "gpt-4")
    first, second = (Bill(run, evidence, seed=3, draws=200).cost(definition) for _ in range(2))
    np.testing.assert_array_equal(first.total_usd, second.total_usd)
    np.testing.assert_allclose(first.total_usd, sum(c.draws_usd for c in first.components))
    low, high = np.quantile(first.total_usd, [0.05, 0.95])
    assert 0 < low < high
    assert first.because


def test_runs_on_one_chip_share_its_price(evidence):
    def amortized(name):
        return np.log(Bill(find_run(evidence, name), evidence, draws=2000).cost("amortized").total_usd)

    same = np.corrcoef(amortized("llama-3-1-405b"), amortized("llama-3-70b"))[0, 1]
    other = np.corrcoef(amortized("llama-3-1-405b"), amortized("gpt-4"))[0, 1]
    assert same > 0.8
    assert abs(other) < 0.3


def test_intervals_are_about_as_wide_as_the_method_says(evidence):
    """Epoch's notebook: 0.34 to 3.7 times the central value where chips and time are estimates."""
    run = find_run(evidence, "gpt-4")
    center = float(Bill(run, evidence, draws=0).cost("amortized").total_usd[0])
    low, high = np.quantile(Bill(run, evidence, draws=4000).cost("amortized").total_usd, [0.05, 0.95]) / center
    assert 0.25 < low < 0.5
    assert 2.5 < high < 4.5


def test_hours_from_compute_and_from_chips_and_days_agree_with_hours_given(evidence):
    def total(**known):
        day = dt.date(2024, 6, 1)
        run = Run(id="r", organization="", published_on=day, started_on=day, chip="h100-sxm", **known)
        return float(Bill(run, evidence, draws=0, price_usd=2.0).cost("rental").total_usd[0])

    hours = 1e6
    flop = hours * 3600 * 0.4 * 989.5e12
    assert total(chip_hours=hours) == pytest.approx(2e6)
    assert total(n_chips=1000.0, hours=1000.0) == pytest.approx(2e6)
    assert total(flop=flop, mfu=0.4, mfu_precision="bf16") == pytest.approx(2e6, rel=1e-3)
    assert total(flop=flop, mfu=0.2, mfu_precision="fp8") == pytest.approx(2e6, rel=1e-3)
    assert total(tokens=flop / 6e10, active_parameters=1e10, mfu=0.4) == pytest.approx(2e6, rel=1e-3)


@given(hours=st.floats(1, 1e9), price=st.floats(0.01, 100))
@settings(max_examples=50, deadline=None)
def test_rent_is_hours_times_price(hours, price):
    evidence = Evidence.load(as_of=dt.date(2026, 11, 23))
    run = Run(id="r", organization="", published_on=dt.date(2025, 1, 1), chip="h100-sxm", chip_hours=hours)
    cost = Bill(run, evidence, draws=10, price_usd=price).cost("rental")
    np.testing.assert_allclose(cost.total_usd, hours * price)


def test_costs_of_different_definitions_do_not_compare(evidence):
    bill = Bill(find_run(evidence, "gpt-4"), evidence, draws=10)
    with pytest.raises(LeadtimeError, match="two kinds of cost"):
        ratio(bill.cost("amortized"), bill.cost("acquisition"))


def test_an_implausible_rate_is_said(evidence):
    day = dt.date(2024, 6, 1)
    run = Run(
        id="r", organization="", published_on=day, chip="h100-sxm", chip_hours=1e6, flop=1e6 * 3600 * 0.9 * 989e12
    )
    assert any("achieved rate is 90%" in f for f in Bill(run, evidence, draws=10).doubts)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gpt-5000"], "there is no model called 'gpt-5000'"),
        ([], "no run was named"),
        (["--chip", "h100-sxm", "--gpu-hours", "-5"], "-5 is too small"),
        (["--chip", "h100-sxm", "--flop", "1e24", "--precision", "fp4"], "has no peak at fp4"),
        (["--chip", "h100-sxm", "--flop", "3e12"], "is not the size of a training run"),
        (["--chip", "h100-sxm", "--gpu-hours", "1e6", "--flop", "1e21"], "One of the figures is wrong"),
        (["--chip", "h100-sxm", "--flop", "1e24", "--mfu", "39"], "39 is too large"),
        (["--chip", "h1000", "--gpu-hours", "1e6", "--definition", "amortized"], "there is no chip called"),
        (["--chip", "siyuan-690", "--gpu-hours", "1e6", "--definition", "rental"], "a price or a 16-bit peak"),
        (["deepseek-v3", "--definition", "cheap"], "Expected one of rental, amortized"),
        (["deepseek-v3", "--price-usd", "-1"], "-1 is too small"),
        (["--config", "absent.json"], "absent.json"),
    ],
)
def test_mistakes_are_told(arguments, words):
    result = leadtime(*arguments)
    assert result.returncode == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_the_ladder_of_v3_names_what_each_number_means():
    rows = json.loads(leadtime("cost", "deepseek-v3", "--json").stdout)
    assert {c["definition"] for c in rows["rows"]} >= {"rental", "amortized", "acquisition", "development"}
    assert {s["value_usd"] for s in rows["stated"]} >= {5_576_000, 1_600_000_000}
    for c in rows["rows"]:
        assert c["low"] < c["median"] < c["high"]
        assert c["unit"] == "USD"
    text = leadtime("cost", "deepseek-v3").stdout
    assert max(len(line) for line in text.splitlines()) <= 80


def test_weak_prices_are_said(evidence):
    bill = Bill(find_run(evidence, "deepseek-v3"), evidence, draws=10)
    assert any("from 2 sellers only, and widened" in f for f in bill.cost("rental").flags)
    assert any("what the developer assumes, not a quote" in f for f in bill.cost("rental").flags)
    assert any("later than the run" in f for f in bill.cost("amortized").flags)
    assert not any("seller" in f for f in Bill(find_run(evidence, "gpt-4"), evidence, draws=10).cost("rental").flags)


def test_a_study_gives_the_same_cost_as_the_command_line():
    study = Study("2026-11-23", draws=2000)
    e = study.cost("deepseek-v3", "acquisition")
    rows = json.loads(leadtime("cost", "deepseek-v3", "--definition", "acquisition", "--json").stdout)["rows"]
    assert (e.unit, e.median) == ("USD", rows[0]["median"])


def test_what_was_not_known_yet_is_said_and_the_rest_is_computed():
    rows = json.loads(leadtime("cost", "deepseek-v3", "--as-of", "2025-01-29", "--json").stdout)
    assert "not known on that day" in next(m["why"] for m in rows["not_computed"] if m["definition"] == "rental")
    assert {c["definition"] for c in rows["rows"]} == {"amortized", "acquisition", "development"}
    assert rows["stamp"]["as_of"] == "2025-01-29"


def test_a_ratio_has_an_interval():
    rows = json.loads(leadtime("cost", "deepseek-v3", "--against", "llama-3-1-405b", "--json").stdout)["rows"]
    found = {r["definition"]: r for r in rows}
    assert found["amortized"]["low"] < found["amortized"]["median"] < found["amortized"]["high"] < 1


def leadtime(*arguments):
    return typed(*arguments) if arguments[:1] == ("cost",) else typed("cost", *arguments)
