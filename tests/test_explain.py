"""Every number can be opened: to its equation, its rows, its sources, and what each of them does to it."""

import json

import numpy as np
import pytest

from leadtime.claims import built_in
from leadtime.errors import LeadtimeError
from leadtime.explain import explain, leave_out, parse
from leadtime.explain.derivation import _STEPS, steps
from leadtime.quantities import QUANTITIES, value
from studies import quick_study
from terminal_side import typed

EXAMPLES = {
    "lag.model": "lag.deepseek-v3",
    "lag.group": "lag.chn-usa",
    "lag.change": "lag.change",
    "lag.year": "lag.year",
    "lag.now": "lag.now",
    "lag.level": "lag.level",
    "cost": "cost.deepseek-v3",
    "cost.ratio": "cost.ratio.deepseek-v3.gpt-4",
    "curve.rate": "curve.rate.average_practice",
    "curve.percentile": "curve.percentile.deepseek-v3",
    "ability.ahead": "ability.ahead.claude-3-5-sonnet-2024-10.deepseek-v3",
    "curve.first": "curve.first.120.1e25",
    "adoption.months": "adoption.months.mtp.CHN",
    "trained.months_before": "trained.months_before.deepseek-v3.2025-01-29",
    "supply.share": "supply.share.2025Q4",
    "supply.share_change": "supply.share_change.2023Q3.2024Q3",
    "supply.diverted": "supply.diverted",
    "supply.diverted_share": "supply.diverted_share.2025",
    "supply.ratio": "supply.ratio.2025Q4",
    "row.value": "row.value.carnegie-stay-usa-2025",
    "row.ratio": "row.ratio.elec-chn-2024.elec-usa-2024",
    "row.change": "row.change.cnnic-2025-12-share.cnnic-2024-12-share",
    "scenario": "scenario.as-is.2028Q4",
}


@pytest.fixture(scope="module")
def study():
    return quick_study()


def test_every_quantity_has_an_equation_a_derivation_and_an_example():
    assert set(_STEPS) == set(QUANTITIES) == set(EXAMPLES)
    assert all(len(q.equation) > 20 for q in QUANTITIES.values())
    assert {parse(name)[0] for name in EXAMPLES.values()} == set(EXAMPLES)


@pytest.mark.parametrize("name", [n for k, n in EXAMPLES.items() if k != "adoption.months"])
def test_a_number_opens_to_rows_that_name_sources(study, name):
    e = explain(study, *parse(name))
    draws = value(study, *parse(name))
    assert e.median == pytest.approx(float(np.nanmedian(draws)))
    with_rows = [s for s in e.steps if s.rows.height]
    assert with_rows
    known = set(study.evidence["sources"]["id"])
    for s in with_rows:
        assert set(s.rows["source"]) <= known
        assert s.rows["known_on"].max() <= study.as_of
    assert set(e.sources["id"]) == {n for s in with_rows for n in s.rows["source"]}
    assert e.sources["n_rows"].sum() == sum(s.rows.height for s in with_rows)


def test_an_adoption_opens_too(study):
    row = study.evidence["adoptions"].row(0, named=True)
    found = steps(study, "adoption.months", {"innovation": row["innovation"], "country": "CHN"})
    assert found[0].rows.height


def test_every_number_of_the_ledger_can_be_opened(study):
    asked = {(r.quantity, tuple(sorted(r.parameters.items()))) for c in built_in() for r in c.readings}
    for quantity, parameters in sorted(asked, key=str):
        try:
            value(study, quantity, dict(parameters))
        except LeadtimeError:
            continue
        assert steps(study, quantity, dict(parameters))


def test_leaving_a_source_out_moves_the_number_as_a_recomputation_does(study):
    lines = {w.source: w for w in leave_out(study, *parse("cost.deepseek-v3"))}
    assert lines[""].median == pytest.approx(value(study, "cost", {"model": "deepseek-v3"}).mean(), rel=0.5)
    # without the quotes of the H800 the other price, of March 2023, is left: about half
    assert lines["epoch-gpu-prices"].median < 0.7 * lines[""].median
    # without the report the run is one of which ability, day, maker and country are known: a wide interval about as
    # high
    unknown, known = (lines[n] for n in ("deepseek-v3-report", ""))
    assert unknown.high / unknown.low > 2 * known.high / known.low
    assert unknown.low < known.median < unknown.high
    assert lines["reuters-h20-preorders-2024-02"].median == pytest.approx(lines[""].median)


def test_leaving_a_source_out_refits_the_abilities(study):
    lines = leave_out(study, *parse("lag.deepseek-v3"), most=2)
    assert lines[0].source == ""
    assert len(lines) == 3
    assert len({(w.median, w.low, w.high) for w in lines}) > 1


def test_a_simulated_number_points_to_sensitivity(study):
    with pytest.raises(LeadtimeError, match="rests on assumptions"):
        leave_out(study, *parse("scenario.as-is.2028Q4"))


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("lag.deepseek-v3", (), ("lag.model", {"model": "deepseek-v3"})),
        ("lag.chn-usa", (), ("lag.group", {"of": "CHN", "behind": "USA"})),
        ("lag.chn-usa.catch_up", (), ("lag.group", {"of": "CHN", "behind": "USA", "definition": "catch_up"})),
        ("lag.model", ("model=deepseek-r1",), ("lag.model", {"model": "deepseek-r1"})),
        ("cost.ratio.a.b", (), ("cost.ratio", {"model": "a", "against": "b"})),
        (
            "scenario.as-is.2028Q4",
            ("variable=ratio_used",),
            ("scenario", {"scenario": "as-is", "quarter": "2028Q4", "variable": "ratio_used"}),
        ),
    ],
)
def test_names_in_short_and_in_full(name, given, wanted):
    assert parse(name, given) == wanted


@pytest.mark.parametrize(
    ("name", "given"), [("lags.x", ()), ("cost.a.b.c.d", ()), ("cost.a", ("x",)), ("", ()), ("lag", ())]
)
def test_names_there_are_not_are_refused(name, given):
    with pytest.raises(LeadtimeError):
        parse(name, given)


def run(*arguments):
    return typed("explain", *arguments)


def test_the_command_fits_a_terminal_and_gives_json():
    done = run("cost.deepseek-v3", "--method", "map")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    for words in ("Definition.", "Equation.", "Without each source", "epoch-gpu-prices", "deepseek-v3-report"):
        assert words in done.stdout
    said = json.loads(run("cost.deepseek-v3", "--method", "map", "--json", "--without", "0").stdout)
    assert said["steps"][0]["rows"][0]["source"] == "deepseek-v3-report"
    listed = run()
    assert all(name in listed.stdout for name in QUANTITIES)


@pytest.mark.parametrize(
    "arguments", [("lags",), ("lag.nobody",), ("cost.deepseek-v3", "--with", "x=2"), ("lag.model",)]
)
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments, "--method", "map")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")


def test_a_derivation_does_not_hang_on_what_was_asked_before():
    study = quick_study()
    first = [s.rows.height for s in steps(study, "supply.ratio", {"quarter": "2026Q2"})]
    _ = study.supply.stated.draw("cost-per-flop-decline")
    again = quick_study()
    _ = again.supply.stated.draw("cost-per-flop-decline")
    assert [s.rows.height for s in steps(again, "supply.ratio", {"quarter": "2026Q2"})] == first
