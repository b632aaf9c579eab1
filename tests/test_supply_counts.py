"""Which row counts for which quarter: designers on their own, parts that are no fall, assumptions in every draw."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.supply import Supply, like
from leadtime.supply.arrivals import history
from leadtime.supply.counts import counts, end, quarters

TODAY = dt.date(2026, 11, 30)
COLUMNS = (
    "id",
    "period_start",
    "period_end",
    "designer",
    "chip",
    "bloc",
    "channel",
    "h100e_low",
    "h100e",
    "h100e_high",
    "grade",
)


class Table:
    """Evidence of a few rows of shipments."""

    as_of = TODAY

    def __init__(self, *rows):
        given = [dict(zip(COLUMNS, r, strict=True)) for r in rows]
        dates = {k: pl.Date for k in ("period_start", "period_end", "known_on")}
        numbers = {k: pl.Float64 for k in ("h100e_low", "h100e", "h100e_high")}
        texts = {k: pl.String for k in ("id", "designer", "chip", "bloc", "channel", "grade", "measure")}
        self.rows = pl.DataFrame(
            [
                {**g, "measure": "flow", "known_on": dt.date(2026, 1, 1) + dt.timedelta(days=i)}
                for i, g in enumerate(given)
            ],
            schema=texts | dates | numbers,
        )

    def __getitem__(self, name):
        return self.rows


class With(Table):
    """The same beside the built-in assumptions."""

    def __getitem__(self, name):
        return Evidence.load(as_of=TODAY)[name] if name == "assumptions" else self.rows


def row(
    id_,
    quarter,
    designer,
    value,
    *,
    chip=None,
    bloc="XCHN",
    channel="all",
    grade="derived",
    until=None,
    low=None,
    high=None,
):
    first, last = quarter.split("-") if "-" in quarter else (quarter, quarter)
    start = dt.date(int(first[:4]), 3 * int(first[-1]) - 2, 1)
    return id_, start, until or end(last), designer, chip, bloc, channel, low, value, high, grade


def two_makers(*more):
    base = [row(f"{d}-{q}", q, d, v) for q in quarters(2024, 4) for d, v in (("nvidia", 100.0), ("google", 50.0))]
    return counts(Table(*base, *more))


def test_one_early_row_makes_no_quarter_of_the_world_and_is_told():
    found = two_makers(row("early", "2025Q1", "nvidia", 120.0))
    assert found.quarters[-1] == "2024Q4"
    assert found.median("world")[-1] == 150
    assert found.parts == (("2025Q1", "nvidia", dt.date(2025, 3, 31)),)


def test_a_quarter_counted_in_part_is_left_out_and_says_how_far_it_goes():
    part = row("part", "2025Q1", "nvidia", 30.0, until=dt.date(2025, 1, 26))
    whole = [row("n", "2025Q1", "google", 60.0), row("m", "2025Q2", "google", 60.0)]
    found = two_makers(part, *whole)
    assert found.quarters[-1] == "2024Q4"
    assert ("2025Q1", "nvidia", dt.date(2025, 1, 26)) in found.parts


def test_what_is_assumed_holds_a_quarter_together_until_it_is_counted():
    assumed = row("a", "2025Q1", "google", 50.0, grade="assumed", low=25.0, high=100.0)
    found = two_makers(row("n", "2025Q1", "nvidia", 120.0), assumed)
    assert found.quarters[-1] == "2025Q1"
    assert found.median("world")[-1] == 170
    assert found.last["google"] == "2024Q4"
    assert found.held == {"google": "2025Q1"}
    counted = two_makers(row("n", "2025Q1", "nvidia", 120.0), assumed, row("g", "2025Q1", "google", 70.0))
    assert counted.median("world")[-1] == 190
    assert not counted.of("world", assumed=True)


def test_a_count_by_quarter_goes_before_a_yearly_estimate_and_that_before_an_assumption():
    home = {"bloc": "CHN", "channel": "domestic"}
    year = row("year", "2024Q1-2024Q4", "huawei", 400.0, grade="estimate", **home)
    guess = row("guess", "2024Q1-2024Q4", "huawei", 900.0, grade="assumed", low=100.0, high=2000.0, **home)
    assert two_makers(guess).median("domestic").sum() == pytest.approx(900)
    assert two_makers(guess, year).median("domestic").sum() == pytest.approx(400)
    found = two_makers(guess, year, *(row(q, q, "huawei", 70.0, grade="estimate", **home) for q in quarters(2024, 4)))
    assert found.median("domestic")[-4:].tolist() == [70.0] * 4


def test_a_designer_that_stopped_long_ago_is_not_waited_for():
    found = two_makers(*(row(f"o{q}", q, "graphcore", 1.0) for q in quarters(2022, 4)))
    assert found.quarters[-1] == "2024Q4"


def test_two_counts_of_the_same_chips_are_told_and_the_later_known_is_taken():
    rows = [row("mine", "2024Q4", "nvidia", 999.0, chip="b200"), row("theirs", "2024Q4", "nvidia", 10.0, chip="b200")]
    found = two_makers(*rows)
    assert found.left == (("mine", "theirs"),)
    assert found.median("world")[-1] == 160


def test_a_sale_across_quarters_is_spread_by_days():
    sale = row("h200", "2024Q3", "nvidia", 91.0, bloc="CHN", channel="legal", until=dt.date(2024, 10, 26))
    path = two_makers(sale).median("legal")
    assert path[-2:].tolist() == pytest.approx([91 * 92 / 118, 91 * 26 / 118])


def test_nothing_whole_is_said():
    with pytest.raises(LeadtimeError, match="a count of arrivals"):
        counts(Table(row("part", "2024Q1", "nvidia", 1.0, until=dt.date(2024, 2, 1))))


@pytest.fixture(scope="module")
def supply():
    return Supply(Evidence.load(as_of=TODAY), draws=3000)


def test_the_same_designers_stand_in_2022_and_now(supply):
    c = supply.history.counts
    for q in ("2022Q1", supply.history.quarters[-1]):
        i = supply.history.quarters.index(q)
        assert {"nvidia", "google", "amazon", "amd"} == {p.designer for p in c.of("world") if p.path[i] > 0}, q


def test_what_is_assumed_keeps_its_own_interval_in_every_draw(supply):
    i = supply.history.quarters.index("2022Q1")
    low, high = np.quantile(supply.flows["domestic"][:, i], [0.05, 0.95])
    assert high / low > 8  # a guess of 5 to 60 thousand a year, not the half to one and a half of the counts
    drawn = supply.flows["usa"][:, i] + supply.flows["rest"][:, i]
    assert np.corrcoef(supply.flows["legal"][:, i], drawn)[0, 1] < 0  # what China took of the A100 the others did not


def test_a_diverted_chip_is_in_one_place(supply):
    f, plain = supply.flows, supply.history
    i = plain.quarters.index("2025Q2")
    outside = f["usa"][:, i] + f["rest"][:, i]
    counted = supply.stated.draw("sim-world-scale") * plain.counts.median("world", assumed=False)[i]
    assert outside == pytest.approx(counted - f["diverted"][:, i])  # sold to third countries, and counted there
    assert f["diverted"][:, i].min() > 0


def test_like_for_like_compares_makers_counted_in_both_and_says_what_is_assumed(supply):
    after = like.last_year(supply.history.quarters)
    s = like.compare(supply, like.BEFORE_2023, after)
    assert s.makers == ("nvidia",)  # Google of late 2022 was counted in part, Amazon and AMD not at all
    assert s.at_home == ("cambricon", "huawei")
    assert s.assumed == ()
    whole = like.compare(supply, like.BEFORE_2023, after, makers="all")
    assert set(whole.makers) == {"nvidia", "google", "amazon", "amd"}
    assert any(a.startswith("Huawei 2022 and 2023") for a in whole.assumed)
    assert (whole.second < s.second).all()  # the makers that China does not buy from are in the whole alone
    early = like.compare(supply, like.BEFORE_ANY, after)
    assert early.assumed == ("China's share of NVIDIA's chips 2022",)
    low, high = np.quantile(early.first, [0.05, 0.95])
    assert low < 0.10 and high > 0.20  # the published assumption of 10 to 20 %, with the count's own error


def test_what_was_not_counted_of_chinese_makers_understates_the_fall():
    rows = [row(f"n-{q}", q, "nvidia", 100.0) for q in quarters(2024, 8)]
    rows += [row(f"b-{q}", q, "nvidia", 50.0, bloc="CHN", channel="legal", chip="h20") for q in quarters(2024, 4)]
    rows += [
        row(f"h-{q}", q, "huawei", v, bloc="CHN", channel="domestic") for q, v in ((q, 15.0) for q in quarters(2025, 4))
    ]
    guess = [
        row(
            "h-2024",
            "2024Q1-2024Q4",
            "huawei",
            40.0,
            bloc="CHN",
            channel="domestic",
            grade="assumed",
            low=20.0,
            high=80.0,
        )
    ]
    s = Supply(With(*rows, *guess), draws=400)
    same, every = (like.compare(s, "2024", "2025", makers=m) for m in ("same", "all"))
    assert same.first.mean() < every.first.mean()
    assert same.second == pytest.approx(every.second)
    assert same.p_fell <= every.p_fell
    assert same.assumed == () and every.assumed == ("Huawei 2024",)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(quarters(2022, 18)), st.integers(0, 17))
def test_any_run_of_quarters_has_a_share_between_none_and_all(supply, first, more):
    known = supply.history.quarters
    last = known[min(known.index(first) + more, len(known) - 1)]
    at = like.span(f"{first}-{last}", known)
    assert [known[i] for i in at] == list(known[known.index(first) : known.index(last) + 1])
    legal, owned, used = (
        like.share(supply, at, channels=c, scope=s) for c, s in (("legal", "owned"), ("all", "owned"), ("all", "used"))
    )
    assert (legal >= 0).all() and (legal <= owned).all() and (owned <= used).all() and (used < 1).all()


@pytest.mark.parametrize("text", ["2025Q5", "2025Q3-2024Q1", "2031", "then", "2022Q4-Q1"])
def test_a_time_that_is_none_is_told(supply, text):
    with pytest.raises(LeadtimeError):
        like.span(text, supply.history.quarters)


def test_periods_without_a_common_maker_are_told():
    s = Supply(
        With(
            row("a", "2024Q1", "nvidia", 1.0, grade="assumed"),
            *(row(f"n-{q}", q, "nvidia", 100.0) for q in quarters(2024, 8)[1:]),
        ),
        draws=50,
    )
    with pytest.raises(LeadtimeError, match="no maker was counted in both"):
        like.compare(s, "2024Q1", "2025")


def test_a_study_of_the_past_ends_where_it_was_counted_then():
    ends = []
    for day in (dt.date(2026, 5, 1), dt.date(2026, 9, 1), dt.date(2026, 10, 10)):
        h = history(Evidence.load(as_of=day))
        ends.append((h.quarters[-1], [(q, d) for q, d, _ in h.counts.parts][:1]))
    assert ends == [("2025Q4", []), ("2025Q4", [("2026Q1", "nvidia")]), ("2026Q2", [("2026Q3", "google")])]


def test_the_note_says_how_far_each_goes_what_is_assumed_and_what_is_in_part(supply):
    said = " ".join(supply.history.words())
    assert "Amazon to December 2025" in said
    assert "Assumed, with intervals of their own" in said
    assert "no fall" in said


def test_the_shares_of_a_draw_hold_together(supply):
    share = supply.share_of_china("flow")
    assert np.isfinite(share).all()
    assert ((share > 0) & (share < 1)).all()
