"""The engine: what must hold of any transaction, and of any log."""

import copy
import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.rules import Rulebook, batch, history
from leadtime.rules import log as logs
from leadtime.rules.answers import full
from leadtime.rules.conditions import parse, parse_places
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN, One
from leadtime.rules.many import columns_of
from leadtime.rules.status import status
from leadtime.rules.timeline import diff, timeline
from leadtime.rules.transaction import ORIGINS, Stated, total_processing_performance, transaction
from rules_chips import log_with_chips

TODAY = dt.date(2026, 11, 23)

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


COUNTRIES = ("CHN", "HKG", "MAC", "RUS", "ARE", "SAU", "VNM", "MYS", "SGP", "IND", "JPN", "TWN", "ISR", "IRN", "NIC")


days = st.dates(dt.date(2022, 8, 1), dt.date(2028, 12, 31))


def spec(low, high):
    """A number known exactly, within bounds, or not at all."""
    exact = st.floats(low, high).map(lambda x: (x, x))
    pair = st.tuples(st.floats(low, high), st.floats(low, high)).map(lambda p: (min(p), max(p)))
    return st.one_of(st.none(), exact, pair)


@st.composite
def transactions(draw):
    numbers = {
        "tpp": draw(spec(0, 60_000)), "die_area_mm2": draw(spec(50, 3000)), "dram_gb_s": draw(spec(0, 10_000)),
        "io_gb_s": draw(spec(0, 2000)), "hbm_gb_s_mm2": draw(spec(0, 8)),
        "training_operations": draw(spec(1e24, 1e27)), "node_nm": draw(spec(2, 40)),
        "transistors_bn": draw(spec(1, 200)),
    }  # fmt: skip
    numbers["tpp"] = numbers["tpp"] or (1000.0, 1000.0)
    flags = draw(
        st.dictionaries(
            st.sampled_from(
                [
                    "datacenter",
                    "certified",
                    "available_in_us",
                    "listed",
                    "owned_by_listed",
                    "validated_end_user",
                    "has_hbm",
                    "attested",
                    "copackaged",
                    "weights_published",
                ]
            ),
            st.booleans(),
        )
    )
    return transaction(
        log_with_chips(),
        draw(st.sampled_from([None, "h100", "h20", "a800-sxm", "ascend-910c", "rtx-4090d"])),
        Stated(
            to=draw(st.sampled_from(COUNTRIES)),
            hq=draw(st.sampled_from(COUNTRIES)),
            parent=draw(st.sampled_from(COUNTRIES)),
            origin=draw(st.sampled_from(ORIGINS)),
            item=draw(st.sampled_from(["chip", "chip", "system", "hbm", "weights", "foundry-die"])),
            exporter=draw(st.sampled_from([None, "NVIDIA", "AMD", "Dell"])),
            numbers={k: v for k, v in numbers.items() if v},
            flags=flags,
        ),
    )


@FEW
@given(st.lists(st.tuples(transactions(), days, days), min_size=1, max_size=20))
def test_many_equal_one_by_one(rows):
    whats, ons, knowns = zip(*rows, strict=True)
    log = log_with_chips()
    found = full(log, columns_of(whats, ons, knowns))
    many = found.words
    for i, what in enumerate(whats):
        one = status(log, what, ons[i], knowns[i])
        for name in ("eccn", "license_codified", "license_enforced", "answer", "verdict", "review"):
            assert getattr(many, name)[i] == getattr(one, name), name
        assert found.confidence[i] == one.confidence
        assert found.unknown_since[i] == (one.unknown_since.isoformat() if one.unknown_since else "")
        assert many.exceptions[i] == " ".join(e.replace(" (may)", "?") for e in one.exceptions)


@FEW
@given(transactions(), days, days)
def test_what_is_known_later_changes_nothing_before(what, on, known):
    """Records that became known after the day of asking may be absent: the answer is the same."""
    log = log_with_chips()
    tables = dict(log.tables)
    for name in ("rule_events", "rule_parameters", "country_groups"):
        tables[name] = [r for r in tables[name] if r["known_on"] <= known]
    kept = {r["parameter"] for r in tables["rule_parameters"]}
    gone = [r for r in log.tables["rule_parameters"] if r["parameter"] not in kept]
    tables["rule_parameters"] += gone  # conditions name them; nothing of theirs is known yet
    groups = {r["group"] for r in tables["country_groups"]}
    tables["country_groups"] += [r for r in log.tables["country_groups"] if r["group"] not in groups]
    before = dataclasses.replace(logs.build(tables), chips=log.chips, peaks=log.peaks)
    one, other = status(log, what, on, known), status(before, what, on, known)
    assert one == other
    later = {e.known_on for es in log.events.values() for e in es if e.known_on > known}
    assert all(e.known_on not in later for e in timeline(log, known))


@FEW
@given(transactions(), days, st.floats(0, 60_000), st.floats(0, 60_000))
def test_more_performance_is_never_freer(what, on, a, b):
    """With all else fixed, a data-center chip with more TPP is never free where one with less is not.

    Letters are left out (the exporter is no addressee): those of 2025 are for what 3A090.a does not list.
    """
    flags = (*((k, v) for k, v in what.flags if k != "datacenter"), ("datacenter", True))
    rest = tuple((k, v) for k, v in what.numbers if k != "tpp")
    found = [
        status(
            log_with_chips(),
            dataclasses.replace(
                what, chip="", item="chip", exporter="Dell", flags=flags, numbers=(*rest, ("tpp", (x, x)))
            ),
            on,
            TODAY,
        ).answer
        for x in sorted((a, b))
    ]
    assert found[1] != "no_license_required" or found[0] == "no_license_required"


@FEW
@given(transactions(), days, days)
def test_an_interval_never_contradicts_a_point_inside(what, on, known):
    """What is surely so for an interval is so for its middle."""
    middle = tuple((n, ((lo + hi) / 2,) * 2) for n, (lo, hi) in what.numbers)
    wide = status(log_with_chips(), what, on, known)
    if wide.answer in ("license_required", "no_license_required"):
        assert status(log_with_chips(), dataclasses.replace(what, numbers=middle), on, known).answer == wide.answer


def test_tpp_takes_the_widest_governing_format():
    gaudi_3 = [("bf16", 1835.0), ("fp8", 1835.0)]
    assert total_processing_performance(gaudi_3) == 1835 * 16
    assert total_processing_performance(gaudi_3[1:]) == 1835 * 8
    assert total_processing_performance([]) is None


@pytest.mark.parametrize(
    ("sign", "left", "expected"),
    [(">=", (5, 5), TRUE), (">", (5, 5), FALSE), ("<", (5, 5), FALSE), ("<=", (5, 5), TRUE), (">=", (4, 6), UNKNOWN),
     (">", (4, 5), FALSE), (">=", (4, 5), UNKNOWN), ("<", (1, 4), TRUE)],
)  # fmt: skip
def test_strictness_is_as_written(sign, left, expected):
    assert One().compare(left, sign, (5.0, 5.0)) == expected


@pytest.mark.parametrize("text", ["tpp >=", "tpp == 4800", "tps >= 4800", "import os", "tpp.x > 1", "foo('x')"])
def test_conditions_refuse_what_they_do_not_know(text):
    with pytest.raises(LeadtimeError) as error:
        parse(text, where="my.yaml, line 3")
    assert error.value.where == "my.yaml, line 3"


@pytest.mark.parametrize("text", ["D:1 |", "D:1 + D:4", "f(D:1)", "1"])
def test_places_refuse_what_they_do_not_know(text):
    with pytest.raises(LeadtimeError):
        parse_places(text)


def _tables():
    return copy.deepcopy(logs.built_in().tables)


def test_overlapping_parameters_are_refused_with_their_place():
    tables = _tables()
    row = next(r for r in tables["rule_parameters"] if r["parameter"] == "tpp_a")
    tables["rule_parameters"].append({**row, "value": 5000.0})
    with pytest.raises(LeadtimeError, match="two values of the parameter tpp_a"):
        logs.build(tables)


def test_event_before_its_instrument_is_refused_with_its_place():
    tables = _tables()
    tables["rule_events"][0]["effective_on"] = dt.date(2020, 1, 1)
    with pytest.raises(LeadtimeError, match="before its instrument") as error:
        logs.build(tables)
    assert "rule_events.csv" in error.value.where


def test_unknown_group_is_refused():
    tables = _tables()
    next(r for r in tables["rule_provisions"] if r["id"] == "r-place")["destinations"] = "D:9"
    with pytest.raises(LeadtimeError, match="D:9"):
        logs.build(tables)


def test_the_quick_reader_and_the_evidence_agree():
    evidence = Evidence.load(as_of=dt.date.max)
    for name in logs.NAMES:
        assert evidence[name].to_dicts() == logs.read_rows(TABLES[name]), name
    assert Rulebook.of(evidence).log.provisions[0].id == logs.built_in().provisions[0].id


def test_rules_are_in_the_evidence_hash(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(
        "parameters:\n"
        "  - {parameter: tpp_a, instrument: bis-2023-10-ac-s, from: 2026-02-01, value: 1000, unit: TPP,\n"
        "     source: general-knowledge-rules, known_on: 2026-01-15}\n"
    )
    plain, mine = Evidence.load(as_of=TODAY), Evidence.load(tmp_path, as_of=TODAY)
    assert plain.hash != mine.hash
    rules = Rulebook.open(tmp_path, TODAY)
    what = rules.transaction(to="CHN", numbers={"tpp": (2000.0, 2000.0)}, exporter="Dell")
    assert rules.status(what, "2026-03-01").eccn == "3A090.a"
    assert rules.status(what, "2026-01-20").eccn != "3A090.a"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("events:\n  - kindd: effective\n", "line 2"),
        ("eventz: []\n", "Did you mean events"),
        ("events:\n  - kind: effective\n    kind: ended\n", "duplicate"),
        ("events:\n  kind: x\n", "not a list"),
        ("- 1\n", "does not contain any records"),
        ("events: [\n", "cannot be read"),
        ("instruments:\n  - {id: a-b, title: T, kind: rul, jurisdiction: USA, announced_on: 2024-13-01, summary: S,\n"
         "     source: nowhere, known_on: 2024-01-01}\n", "row 2, column announced_on"),
    ],
)  # fmt: skip
def test_yaml_mistakes_name_file_and_line(tmp_path, text, words):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(text)
    with pytest.raises(LeadtimeError) as error:
        Rulebook.open(tmp_path)
    assert "mine.yaml" in str(error.value)
    assert words in str(error.value)


def test_the_log_stands_as_known_on_every_day_it_grew():
    everything = Evidence.load(as_of=dt.date.max)
    first = everything["scores"]["known_on"].min()
    days = {r["known_on"] for rows in logs.built_in().tables.values() for r in rows if r["known_on"] >= first}
    for day in sorted(days):
        assert Rulebook.of(everything.known_by(day)).log.provisions, day


def test_a_study_has_its_rules():
    from leadtime.study import Study

    rules = Study("2025-01-29").rules
    what = rules.transaction(to="MYS", numbers={"tpp": (36000.0, 36000.0)}, exporter="NVIDIA")
    assert rules.status(what, "2025-06-01").license_enforced == "yes"


def test_every_record_has_a_source_and_both_dates():
    known = set(Evidence.load(as_of=TODAY)["sources"]["id"])
    for name, rows in logs.built_in().tables.items():
        for row in rows:
            if name.startswith(("rule_", "tariffs", "country_groups")):
                assert row["source"] in known, (name, row)
                assert row["known_on"]


def test_what_rests_on_the_unconfirmed_says_so():
    log = log_with_chips()
    found = status(log, transaction(log, "h20", Stated(to="CHN")), dt.date(2025, 5, 1), TODAY)
    assert any("1400" in u for u in found.unconfirmed)
    assert found.confidence == "medium"
    assert any(u.startswith(log.instruments["bis-2025-04-letters"]["title"]) for u in found.unconfirmed)
    weak = {p.id for p in log.provisions if p.unconfirmed}
    for step in found.trace:
        if step.provision in weak and step.applies_enforced == "yes":
            assert any(u.startswith(step.title) for u in found.unconfirmed)


def test_trace_tells_what_fired_and_what_did_not():
    log = log_with_chips()
    found = status(log, transaction(log, "h20", Stated(to="CHN")), dt.date(2024, 6, 1), TODAY)
    steps = {s.provision: s for s in found.trace}
    assert steps["c-3a090-b"].applies_codified == "no"
    assert any("2368" in t and t.endswith("no") for t in steps["c-3a090-b"].tests)
    assert steps["r-place"].citation == "88 FR 73458"


def test_probability_of_an_uncertain_spec():
    log = logs.built_in()
    what = transaction(
        log,
        None,
        Stated(
            to="CHN",
            numbers={
                "tpp": (4500.0, 5200.0),
                "die_area_mm2": (600.0, 600.0),
                "dram_gb_s": (900.0, 900.0),
                "io_gb_s": (64.0, 64.0),
            },
            flags={"datacenter": False},
            exporter="NVIDIA",
        ),
    )
    on = dt.date(2024, 6, 1)
    assert status(log, what, on, TODAY).answer == "conditional"
    chance = batch.probability(log, what, on, TODAY)
    assert chance is not None
    assert 0.5 < chance < 0.8
    assert chance == batch.probability(log, what, on, TODAY)


def test_membership_with_bounds_only():
    log = logs.built_in()
    day = dt.date(2026, 3, 1)
    assert history.member(log, "A:5", "ARE", dt.date(2026, 7, 12), TODAY) == UNKNOWN
    assert history.member(log, "A:5", "ARE", day, TODAY) == FALSE
    assert history.member(log, "D:5", "KHM", dt.date(2025, 12, 15), TODAY) == UNKNOWN
    assert history.member(log, "A:5", "ARE", dt.date(2026, 8, 1), TODAY) == TRUE
    assert history.member(log, "D:4", "ARE", dt.date(2026, 8, 1), TODAY) == FALSE
    assert history.member(log, "D:4", "ARE", day, day) == TRUE


def test_diff_says_what_changed_for_whom():
    changes = diff(log_with_chips(), dt.date(2026, 1, 14), dt.date(2026, 1, 15), TODAY, ("h200-sxm", "b200"))
    assert [(c.chip, c.to, c.origin) for c in changes] == [("h200-sxm", "CHN", "us"), ("h200-sxm", "MAC", "us")]
    assert "case by case" in changes[0].after
