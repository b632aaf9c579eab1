"""Claims that rest on what both sides have, and the doors that tell of it."""

import datetime as dt
import json

import numpy as np
import pytest

from leadtime import claims
from leadtime.answers import ask
from leadtime.claims import Claim, Reading
from leadtime.explain import explain
from studies import EARLY, quick_study
from terminal_side import typed

TODAY = "2026-11-30"


@pytest.fixture(scope="module")
def study():
    return quick_study(TODAY)


# -- claims
# ------------------------------------------------------------------------------------------------------------------


def check(study, quantity, low=-np.inf, high=np.inf, **parameters):
    reading = Reading(name="r", quantity=quantity, parameters=parameters, low=low, high=high)
    claim = Claim(
        id="c",
        who="w",
        said_on=dt.date(2025, 1, 29),
        source="s",
        words="x",
        paraphrase=False,
        note="",
        readings=(reading,),
        not_measurable="",
    )
    (verdict,) = claims.check(study, [claim])
    return verdict, claims.summary(claim, [verdict])


def test_an_open_end_decides_or_says_that_it_does_not(study):
    decided, _ = check(study, "row.value", high=10, row="wirescreen-pla-nvidia")
    assert (decided.band, decided.median, decided.high) == ("refuted", 500.0, None)
    undecided, _ = check(study, "row.value", low=1e6, row="fleet-chn-dod-2024")
    assert undecided.band == "not measurable" and "does not decide" in undecided.note


def test_at_most_decides_from_the_other_side(study):
    decided, _ = check(study, "row.value", high=200_000, row="drones-usa-yr")
    assert (decided.band, decided.low, decided.median) == ("supported", None, 100_000.0)
    undecided, _ = check(study, "row.value", high=50_000, row="drones-usa-yr")
    assert undecided.band == "not measurable" and "at most 100,000 drones" in undecided.note


def test_two_floors_apart_say_nothing(study):
    found, _ = check(study, "row.change", low=0, row="wirescreen-pla-nvidia", less="wirescreen-pla-nvidia")
    assert found.band == "not measurable" and "neither end" in found.note


@pytest.mark.parametrize(
    ("row", "known", "words"), [("drones-usa-yr", 100_000.0, "less"), ("wirescreen-pla-nvidia", 500.0, "more")]
)
def test_a_number_with_one_end_is_explained_by_that_end(study, row, known, words):
    found = explain(study, "row.value", {"row": row})
    assert (found.low, found.high, found.undefined) == (known, known, 0.0)
    assert found.unit.endswith(f" or {words}")


def test_what_is_alleged_has_no_verdict(study):
    found, summed = check(study, "row.value", low=1e6, row="alibaba-distill-exchanges")
    assert (found.band, found.support) == ("as alleged", "alleged")
    assert summed.words == "rests on what is alleged; nothing measured" and summed.agreed == ""


def test_what_nobody_published_says_so(study):
    found, summed = check(study, "row.value", low=0.05, row="cn-mil-compute-share")
    assert found.band == "not measurable" and "nobody has published" in found.note
    assert summed.words == "not measurable"


@pytest.mark.parametrize(
    ("quantity", "parameters", "words"),
    [
        ("row.value", {"row": "elec-chn-2042"}, "figure"),
        ("row.ratio", {"row": "elec-chn-2024", "over": "fleet-usa-2025"}, "is in TWh"),
        ("row.value", {"row": "elec-chn-2024 + fleet-usa-2025"}, "different units"),
        ("row.value", {"row": "elec-chn-2024", "per": "week"}, "week"),
    ],
)
def test_a_slip_in_a_reading_is_told(study, quantity, parameters, words):
    found, _ = check(study, quantity, low=0, **parameters)
    assert found.band == "not measurable" and words in found.note


def test_sums_and_periods(study):
    from leadtime.quantities import unit_of, value

    one = value(study, "row.value", {"row": "elec-chn-2024"})
    both = value(study, "row.value", {"row": "elec-chn-2024 + elec-usa-2024"})
    assert float(both[0] - one[0]) == 4635
    year = value(study, "row.value", {"row": "cset-pla-ai-awards-2023-24", "per": "year"})
    assert float(np.median(year)) == pytest.approx(2857 / 2, rel=0.01)
    assert unit_of(study, "row.value", {"row": "elec-chn-2024", "per": "year"}) == "TWh a year"


def test_every_claim_that_was_not_measurable_has_readings_or_says_what_is_needed():
    ledger = {c.id: c for c in claims.built_in()}
    for name in ("parity-goes-to-military", "civil-benefits-not-denied", "stop-using-our-tools", "capital-to-china"):
        assert ledger[name].readings and ledger[name].missing
    assert all("Needed:" in c.not_measurable for c in ledger.values() if c.not_measurable)


# -- the doors
# ---------------------------------------------------------------------------------------------------------------


def test_the_command_line_tells_it():
    done = typed("resources", "CHN", "--method", "map", "--draws", "200")
    assert done.returncode == 0, done.stderr
    assert "China had AI chips worth" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 200
    wrong = typed("resources", "Atlantis")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr


def test_a_past_day_sees_what_was_public():
    found = ask(quick_study(EARLY), "access").to_json()
    assert all(r["known_on"] <= "2025-01-29" for r in found["rows"])
    assert json.dumps(found, allow_nan=False)
