"""Chips that arrive: tables that agree with themselves and with published sums, and comparisons that name
their units.
"""

import datetime as dt
import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.supply import CHANNELS, Supply
from leadtime.supply.cases import diverted_from_cases
from terminal_side import typed

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).parents[2] / "shared")) / "reference" / "supply"


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load(as_of=dt.date(2026, 11, 23))


@pytest.fixture(scope="module")
def supply(evidence):
    return Supply(evidence, seed=0, draws=3000)


def test_every_interval_is_in_order_and_nothing_is_known_before_it_happened(evidence):
    for table, names in (
        ("shipments", ("units", "h100e")),
        ("enforcement", ("units", "h100e")),
        ("investment", ("value_usd",)),
    ):
        rows = evidence[table]
        for name in names:
            full = rows.filter(pl.all_horizontal(pl.col(f"{name}{end}").is_not_null() for end in ("_low", "", "_high")))
            assert (full[f"{name}_low"] <= full[name]).all()
            assert (full[name] <= full[f"{name}_high"]).all()
    counted = evidence["shipments"].filter(pl.col("grade") == "derived")
    assert (counted["known_on"] >= counted["period_end"]).all()
    assert (evidence["revenue"]["known_on"] >= evidence["revenue"]["period_end"]).all()


def test_the_two_bases_of_chinese_revenue_never_share_a_row_and_differ(evidence):
    rows = evidence["revenue"].filter(pl.col("item") == "china")
    both = rows.pivot(on="basis", index="fiscal_period", values="value_usd").drop_nulls()
    assert both.height >= 3
    assert (both["headquarters"] > both["billing"]).all()


def test_quarters_of_nvidia_add_up_to_the_published_stock(evidence):
    rows = evidence["shipments"]
    flow = rows.filter(
        pl.col("designer") == "nvidia",
        pl.col("measure") == "flow",
        pl.col("bloc").is_in(["WORLD", "XCHN"]),
        pl.col("channel") == "all",
        pl.col("period_end") < dt.date(2026, 1, 1),
    )
    legal = rows.filter(
        pl.col("designer") == "nvidia",
        pl.col("channel") == "legal",
        pl.col("chip") != "a100-sxm-80gb",
        pl.col("period_end") < dt.date(2026, 1, 1),
    )
    stock = rows.filter(pl.col("id") == "world-stock-2025-nvidia").row(0, named=True)
    total = flow["h100e"].sum() + legal["h100e"].sum()
    assert stock["h100e_low"] < total < stock["h100e_high"]
    assert total == pytest.approx(stock["h100e"], rel=0.05)


def test_our_rows_agree_with_the_published_file(evidence):
    path = SHARED / "chips_shipped_quarterly.csv"
    if not path.exists():
        pytest.skip("the published counts are not here (set LEADTIME_SHARED)")
    theirs = pl.read_csv(path).filter(
        (pl.col("designer") == "Nvidia") & (pl.col("chip") == "H100") & ~pl.col("incomplete")
    )
    ours = dict(
        evidence["shipments"]
        .filter(pl.col("chip") == "h100-sxm", pl.col("channel") == "all")
        .select("period_end", "units")
        .iter_rows()
    )
    for end, units in theirs.select("period_end", "units_p50").iter_rows():
        assert ours[dt.date.fromisoformat(end)] == pytest.approx(units, rel=1e-4)


def test_stock_ratios_lie_within_what_is_published(supply):
    ratio = supply.ratio()
    for year, published in ((2023, 4.84), (2024, 7.78), (2025, 9.31)):
        low, high = np.quantile(ratio[:, supply.history.quarters.index(f"{year}Q4")], [0.05, 0.95])
        assert low < published < high, year


def test_shares_add_up(supply):
    at_home, used = supply.share_of_china(), supply.share_of_china(used=True)
    assert ((at_home > 0) & (at_home < 1)).all()
    assert (used >= at_home).all()
    table = supply.table()
    assert set(table.filter(pl.col("bloc") == "CHN")["channel"]) == set(CHANNELS)
    assert (table["low_h100e"] <= table["h100e"]).all()
    assert table.filter(pl.col("channel") == "rented")["scope"].unique().to_list() == ["used"]


def test_china_got_less_of_new_chips_after_october_2023(supply):
    share = np.median(supply.share_of_china("flow"), axis=0)
    q = supply.history.quarters.index
    assert share[q("2023Q3")] > 0.15 > share[q("2024Q1")]


def test_cases_over_detection_give_the_published_total(evidence):
    total = diverted_from_cases(evidence, draws=20_000)
    low, median, high = np.quantile(total, [0.05, 0.5, 0.95])
    assert 294_000 < median < 1_590_000  # published: 662,000 [294,000, 1,590,000]; the part from vendors is not in ours
    assert low < 294_000 < 662_000 < high


def test_arrivals_by_chip_have_intervals_sources_and_no_estimates(supply):
    rows = supply.chips()
    assert (rows["units_low"] <= rows["units"]).all()
    assert (rows["h100e"] <= rows["h100e_high"]).all()
    assert rows["source"].null_count() == 0
    h20 = rows.filter(pl.col("chip") == "h20", pl.col("quarter").str.starts_with("2024"))
    assert h20["units"].sum() == pytest.approx(958_000, rel=0.01)  # about a million, as filings and others have it
    assert "huawei" not in set(rows["designer"])


def test_a_stock_retires(evidence):
    s = Supply(evidence, draws=200)
    added = np.cumsum(s.flows["legal"], axis=1)
    assert (s.stocks["legal"][:, -1] < added[:, -1] + s.stated.draw("sim-stock-2021")).all()


def test_nothing_is_compared_across_units(supply):
    rows = supply.compared()
    other = rows.filter(pl.col("unit_basis").is_in(["fp4", "bandwidth"]))
    assert other.height >= 2
    assert other["our_median"].null_count() == other.height
    assert rows.filter(pl.col("id") == "pilz-ratio-2025")["our_median"].item() is not None


def test_before_the_counts_were_public_there_is_nothing(evidence):
    with pytest.raises(LeadtimeError, match="a count of arrivals"):
        Supply(Evidence.load(as_of=dt.date(2025, 1, 29)))


def run(*arguments):
    return typed("supply", *arguments)


@pytest.mark.parametrize(
    "arguments", [(), ("--country", "USA"), ("--compare",), ("--chips",), ("--share",), ("--chips", "--country", "USA")]
)
def test_the_command_fits_the_terminal(arguments):
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_command_gives_rows_with_units():
    rows = json.loads(run("--json").stdout)["rows"]
    assert {"quarter", "bloc", "channel", "measure", "scope", "unit_basis", "h100e", "tpp"} <= set(rows[0])


@pytest.mark.parametrize("arguments", [("--country", "FRA"), ("--as-of", "2025-01-29")])
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
