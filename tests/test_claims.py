"""The ledger: every claim is well formed and answered, and a malformed one is refused by name."""

import dataclasses
import datetime as dt
import json
import uuid
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime import claims, quantities
from leadtime.claims import Claim, Reading, verdict
from leadtime.claims.ledger import load_file
from leadtime.claims.support import support_of
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from studies import quick_study
from terminal_side import typed

DAY = dt.date(2025, 1, 29)


@pytest.fixture(scope="module")
def ledger():
    return claims.built_in()


@pytest.fixture(scope="module")
def today():
    return quick_study("2026-11-30")


def test_the_claims_of_the_debate_are_there_and_many_of_others(ledger):
    essay = [c for c in ledger if c.who.startswith("Dario Amodei")]
    assert len(essay) >= 13
    assert len(ledger) - len(essay) >= 20
    assert {"v3-7-10-months", "whack-a-mole", "capital-to-china", "stop-using-our-tools", "export-control-failure"} <= {
        c.id for c in ledger
    }


def test_every_claim_names_a_source_that_is_known(ledger):
    known = set(Evidence.load(as_of=dt.date(2026, 11, 24))["sources"]["id"])
    for c in ledger:
        assert c.source in known or c.source.startswith("https://"), c.id


def test_a_paraphrase_is_never_shown_as_a_quotation(ledger):
    ours = [c for c in ledger if c.paraphrase]
    assert len(ours) >= 10
    assert not any("“" in c.shown for c in ours)
    assert all(c.shown.startswith("“") for c in ledger if not c.paraphrase)


def test_what_cannot_be_measured_says_why(ledger):
    silent = [c for c in ledger if not c.readings]
    assert len(silent) >= 4
    assert all(len(c.not_measurable) > 30 for c in silent)


def test_every_reading_names_parameters_that_its_quantity_takes(ledger):
    for c in ledger:
        for r in c.readings:
            needs = quantities.QUANTITIES[r.quantity].needs
            assert set(r.parameters) <= {n.rstrip("?") for n in needs}, c.id
            assert {n for n in needs if not n.endswith("?")} <= set(r.parameters), c.id


def nobody():
    """A study that knows nothing, and whose answers no other test shares."""
    return SimpleNamespace(key=uuid.uuid4().hex)


@pytest.fixture
def made_up(monkeypatch):
    q = quantities.Quantity(
        title="made up",
        unit="months",
        sentence="",
        needs=("center", "sd?"),
        method="lag",
        equation="",
        numbers=("center", "sd"),
        compute=lambda study, center, sd=1.0: np.random.default_rng(0).normal(center, sd, 4000),
    )
    monkeypatch.setitem(quantities.QUANTITIES, "made.up", q)


def claim(low, high, **parameters):
    reading = Reading(name="r", quantity="made.up", parameters=parameters, low=low, high=high)
    return Claim(
        id="c",
        who="w",
        said_on=DAY,
        source="s",
        words="x",
        paraphrase=False,
        note="",
        readings=(reading,),
        not_measurable="",
    )


@pytest.mark.parametrize(
    ("low", "high", "band"),
    [(-1, 1, "supported"), (-0.5, 0.6, "plausible"), (1.2, 9, "unlikely"), (4, 9, "refuted"), (0, np.inf, "plausible")],
)
def test_the_bands(made_up, low, high, band):
    (v,) = claims.check(nobody(), [claim(low, high, center=0.0)])
    assert v.band == band
    assert v.low < v.median < v.high
    assert v.unit == "months"


@settings(max_examples=12, deadline=None)
@given(low=st.floats(-5, 5), width=st.floats(0, 5), more=st.floats(0, 3))
def test_a_wider_claim_is_never_less_probable(low, width, more):
    draws = np.random.default_rng(1).normal(size=500)
    q = quantities.Quantity(
        title="", unit="", sentence="", needs=(), method="", equation="", compute=lambda study: draws
    )
    quantities.QUANTITIES["temporary"] = q
    try:
        study = nobody()
        claim = Claim(
            id="c",
            who="",
            said_on=DAY,
            source="",
            words="",
            paraphrase=False,
            note="",
            not_measurable="",
            readings=(),
        )

        def ask(a, b):
            reading = Reading(name="", quantity="temporary", parameters={}, low=a, high=b)
            return verdict.check(study, [dataclasses.replace(claim, readings=(reading,))])[0].probability

        assert ask(low - more, low + width + more) >= ask(low, low + width)
    finally:
        del quantities.QUANTITIES["temporary"]


def test_undefined_draws_count_against_a_claim(made_up, monkeypatch):
    q = quantities.Quantity(
        title="",
        unit="",
        sentence="",
        needs=("center",),
        method="",
        equation="",
        numbers=("center",),
        compute=lambda study, center: np.array([0.0, np.nan]),
    )
    monkeypatch.setitem(quantities.QUANTITIES, "made.up", q)
    (v,) = claims.check(nobody(), [claim(-1, 1, center=0)])
    assert v.probability == 0.5
    assert v.undefined == 0.5


def test_a_quantity_that_fails_is_not_measurable_and_says_why(made_up, monkeypatch):
    def fail(study, center):
        raise LeadtimeError("no price of h800 is known")

    q = quantities.Quantity(
        title="", unit="", sentence="", needs=("center",), method="", equation="", numbers=("center",), compute=fail
    )
    monkeypatch.setitem(quantities.QUANTITIES, "made.up", q)
    (v,) = claims.check(nobody(), [claim(-1, 1, center=0)])
    assert v.band == verdict.NOT_MEASURABLE
    assert "h800" in v.note


@pytest.mark.parametrize(("parameters", "words"), [({}, "needs center"), ({"center": 0, "centre": 1}, "parameter")])
def test_a_wrong_parameter_is_named(made_up, parameters, words):
    with pytest.raises(LeadtimeError, match=words):
        quantities.value(nobody(), "made.up", parameters)


GOOD = "- id: a\n  who: w\n  said_on: 2025-01-29\n  source: s\n  words: x\n"
READING = "  readings: [{quantity: lag.group, low: 1}]\n"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (GOOD, "readings", "must have either"),
        (GOOD + READING + "  not_measurable: no\n", "readings", "must have either"),
        (GOOD.replace("2025-01-29", "soon") + READING, "said_on", "not a date"),
        (GOOD.replace("  who: w\n", "") + READING, "who", "missing"),
        (GOOD + READING + "  opinion: mine\n", "opinion", "not a key"),
        (GOOD.replace("words: x", "words: " + "x " * 60) + READING, "words", "60 words"),
        (GOOD + "  readings: [{quantity: lag.groups, low: 1}]\n", "readings[0].quantity", "quantity"),
        (GOOD + "  readings: [{quantity: lag.group}]\n", "readings[0]", "missing"),
        (GOOD + "  readings: [{quantity: lag.group, low: 3, high: 1}]\n", "readings[0]", "low is above high"),
        (GOOD + "  readings: [{quantity: lag.group, low: many}]\n", "readings[0].low", "not a number"),
        (GOOD + "  readings: [{quantity: lag.group, low: 1, with: 3}]\n", "readings[0].with", "key: value pairs"),
        (GOOD + READING + GOOD + READING, "id", "twice"),
    ],
)
def test_a_malformed_claim_is_refused_with_file_key_and_reason(tmp_path, text, key, words):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(LeadtimeError, match=words) as found:
        load_file(path)
    assert str(path) in str(found.value)
    assert key in str(found.value)


@pytest.mark.parametrize("text", ["", "a: 1", "[1]", "- [", "!!python/object/apply:os.system ['true']"])
def test_a_file_without_claims_is_refused(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(LeadtimeError):
        load_file(path)


def run(*arguments):
    return typed("claims", *arguments)


def test_claims_of_ones_own_are_checked(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        GOOD + "  readings: [{quantity: supply.share, with: {quarter: 2025Q4, measure: stock}, low: 0.02, high: 0.3}]\n"
    )
    done = run("check", str(path), "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["band"] == "supported"
    assert max(map(len, run("check", str(path)).stdout.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [("--claim", "nobody-said-this"), ("check", "nowhere.yaml")])
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")


# -- what a reading rests on, and what a claim comes to
# ------------------------------------------------------------------


def read(name, support, band, p=0.5, **parameters):
    quantity = {"measured": "lag.group", "simulated": "scenario"}.get(support, "supply.share")
    return Reading(name=name, quantity=quantity, parameters=parameters, low=0, high=1), verdict.Verdict(
        claim="c",
        reading=name,
        band=band,
        support=support,
        probability=p,
        low=0,
        median=0,
        high=0,
        unit="",
        undefined=0,
        note="",
    )


def come_to(*pairs):
    whole = Claim(
        id="c",
        who="w",
        said_on=DAY,
        source="s",
        words="x",
        paraphrase=False,
        note="",
        readings=tuple(r for r, _ in pairs),
        not_measurable="",
    )
    return claims.summary(whole, [v for _, v in pairs])


FEW, SIM = "estimated from few sources", "in our simulation"


def test_a_claim_has_one_word_only_where_its_measured_readings_agree():
    one = come_to(read("a", "measured", "supported"), read("b", "measured", "supported"))
    assert (one.words, one.agreed, one.depends_on) == ("supported", "supported", ())
    two = come_to(read("a", "measured", "supported", definition="x"), read("b", "measured", "refuted", definition="y"))
    assert (two.words, two.agreed) == ("depends on the definition", "")
    few = come_to(read("a", FEW, "supported"))
    assert (few.words, few.agreed) == ("supported, estimated from few sources", "")


def test_a_simulated_reading_gives_no_word_and_takes_the_one_there_is():
    only = come_to(read("a", "simulated", SIM, 0.98), read("b", "simulated", SIM, 0.3))
    assert (only.words, only.agreed) == ("30 to 98 in 100 in our simulation; nothing measured", "")
    both = come_to(read("a", "measured", "refuted"), read("b", "simulated", SIM, 0.41))
    assert both.agreed == ""
    assert both.words == "depends on what is asked: refuted where it is measured; 41 in 100 in our simulation"


def test_what_a_claim_depends_on_is_as_little_as_tells_its_readings_apart():
    found = come_to(
        read("a", "measured", "refuted", definition="x", clock="released"),
        read("b", "measured", "unlikely", definition="y", clock="released"),
        read("c", "measured", "unlikely", definition="x", clock="trained"),
    )
    assert found.depends_on == ("the clock", "the definition")


@settings(max_examples=60, deadline=None)
@given(
    some=st.lists(
        st.tuples(
            st.sampled_from(["measured", FEW, "simulated"]),
            st.sampled_from([w for w, _ in claims.BANDS]),
            st.floats(0, 1),
        ),
        max_size=5,
    )
)
def test_no_simulation_ever_supports_or_refutes(some):
    pairs = [read(str(i), s, SIM if s == "simulated" else b, p) for i, (s, b, p) in enumerate(some)]
    found = come_to(*pairs)
    measured = {v.band for _, v in pairs if v.support == "measured"}
    if found.agreed:
        assert measured == {found.agreed}
        assert not any(v.support == "simulated" for _, v in pairs)
    if some and all(s == "simulated" for s, _, _ in some):
        assert not any(word in found.words for word, _ in claims.BANDS)


def test_what_readings_rest_on_is_told_from_the_rows(today):
    ask = lambda quantity, **given: support_of(today, quantity, given)  # noqa: E731
    assert ask("scenario", scenario="as-is", quarter="2026Q4") == "simulated"
    assert ask("supply.share", quarter="2025Q4") == FEW
    assert ask("lag.group") == ask("lag.model", model="deepseek-v3") == "measured"
    assert (
        ask("cost", model="claude-3-5-sonnet-2024-06", definition="rental") == FEW
    )  # its compute is another's estimate
    assert (
        ask("cost", model="deepseek-v3", definition="rental") == FEW
    )  # its hours are reported, its rent is one seller's
    assert ask("cost.ratio", model="deepseek-v3", against="gpt-4") == FEW
    scored = today.evidence["scores"].group_by("model").agg(n=pl.col("source").n_unique())
    once = scored.filter(pl.col("n") == 1).sort("model")["model"][0]
    assert ask("lag.model", model=once) == FEW


def test_quotations_are_whole(ledger):
    """A sentence that says two things is quoted with both."""
    words = {c.id: c.words for c in ledger}
    assert words["kai-fu-lee-three-months"].endswith("but actually ahead in some specific areas")
    assert words["kai-fu-lee-three-months"].startswith("Previously I think it was a six to nine month gap")
    assert "(but not anywhere near the ratios people have suggested)" in words["v3-7-10-months"]
    for c in ledger:
        assert c.paraphrase or len(c.words.split()) >= 12, c.id  # no scraps
        assert c.shown.endswith("(our summary)") == c.paraphrase


# -- on the day of the claim
# ------------------------------------------------------------------------------------------------


def test_what_was_known_on_each_day_ships_with_the_key_of_the_evidence(today, ledger):
    known = claims.known_then(today)
    assert known, "the evidence or the ledger changed: `make ship`"
    assert {c for c, _ in known} == {c.id for c in ledger if c.readings}
    assert sum(p is not None for p in known.values()) >= 40


def test_shipped_probabilities_are_those_of_a_computation_now(today, ledger):
    some = [c for c in ledger if c.id in ("v3-7-10-months", "v3-good-deal-less-cost")]
    verdicts = claims.check_then(today, some, claims.check(today, some))
    known = claims.known_then(today)
    for v in verdicts:
        shipped = known[v.claim, v.reading]
        assert (v.then is None) == (shipped is None), v.reading
        if shipped is not None:
            assert v.then == pytest.approx(shipped, abs=0.12), v.reading
    assert [v.then for v in claims.with_then(today, some, verdicts)] == [known[v.claim, v.reading] for v in verdicts]


def test_other_evidence_has_no_shipped_probabilities():
    assert claims.known_then(quick_study("2026-01-01")) == {}


@pytest.mark.parametrize("given", ["many", None, [1], True, float("nan"), float("inf")])
def test_a_number_that_is_none_is_told(made_up, given):
    with pytest.raises(LeadtimeError, match="is not a number"):
        quantities.value(nobody(), "made.up", {"center": given})


@pytest.mark.parametrize("given", [None, [1], {"a": 1}, True])
def test_a_word_that_is_none_is_told(given):
    with pytest.raises(LeadtimeError, match="is not text"):
        quantities.value(nobody(), "lag.model", {"model": given})
