"""The engine: what must hold of any transaction, and of any log."""

import copy
import dataclasses
import datetime as dt

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.rules import Rulebook, batch, history, plane
from leadtime.rules import log as logs
from leadtime.rules.answers import full
from leadtime.rules.conditions import parse, parse_places
from leadtime.rules.ledger import check
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN, One
from leadtime.rules.many import columns_of
from leadtime.rules.status import status
from leadtime.rules.timeline import diff, timeline
from leadtime.rules.transaction import ORIGINS, total_processing_performance, transaction
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
    flags = draw(st.dictionaries(st.sampled_from(
        ["datacenter", "certified", "available_in_us", "listed", "owned_by_listed", "validated_end_user", "has_hbm",
         "attested", "copackaged", "weights_published"]), st.booleans()))  # fmt: skip
    return transaction(
        log_with_chips(), draw(st.sampled_from([None, "h100", "h20", "a800-sxm", "ascend-910c", "rtx-4090d"])),
        to=draw(st.sampled_from(COUNTRIES)), hq=draw(st.sampled_from(COUNTRIES)),
        parent=draw(st.sampled_from(COUNTRIES)), origin=draw(st.sampled_from(ORIGINS)),
        item=draw(st.sampled_from(["chip", "chip", "system", "hbm", "weights", "foundry-die"])),
        exporter=draw(st.sampled_from([None, "NVIDIA", "AMD", "Dell"])),
        numbers={k: v for k, v in numbers.items() if v}, flags=flags,
    )  # fmt: skip


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
        status(log_with_chips(), dataclasses.replace(
            what, chip="", item="chip", exporter="Dell", flags=flags, numbers=(*rest, ("tpp", (x, x)))
        ), on, TODAY).answer
        for x in sorted((a, b))
    ]  # fmt: skip
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
        ("- 1\n", "holds no records"),
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
    found = status(log, transaction(log, "h20", to="CHN"), dt.date(2025, 5, 1), TODAY)
    assert any("1400" in u for u in found.unconfirmed)
    assert found.confidence == "medium"
    weak = {p.id for p in log.provisions if p.unconfirmed}
    for step in found.trace:
        if step.provision in weak and step.applies_enforced == "yes":
            assert any(u.startswith(step.provision) for u in found.unconfirmed)


def test_trace_tells_what_fired_and_what_did_not():
    log = log_with_chips()
    found = status(log, transaction(log, "h20", to="CHN"), dt.date(2024, 6, 1), TODAY)
    steps = {s.provision: s for s in found.trace}
    assert steps["c-3a090-b"].applies_codified == "no"
    assert any("2368" in t and t.endswith("no") for t in steps["c-3a090-b"].tests)
    assert steps["r-place"].citation == "88 FR 73458"


def test_probability_of_an_uncertain_spec():
    log = logs.built_in()
    what = transaction(log, to="CHN", numbers={"tpp": (4500.0, 5200.0), "die_area_mm2": (600.0, 600.0),
                       "dram_gb_s": (900.0, 900.0), "io_gb_s": (64.0, 64.0)}, flags={"datacenter": False},
                       exporter="NVIDIA")  # fmt: skip
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


def test_ledger(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,chip,to,quantity,buyer\n2026-06-10,h200-sxm,USA,100000,a\n2026-06-15,h200-sxm,CHN,40000,b\n"
        "2026-06-20,h200-sxm,CHN,40000,b\n2025-06-01,h100,IND,2000,c\n"
    )
    found = {c.constraint: c for c in check(log_with_chips(), path, TODAY).checks}
    assert found["volume to China over US volume"].verdict == "broken"
    assert found["volume to China over US volume"].limit == 50_000
    assert found["H200 per buyer"].verdict == "broken"
    assert found["TPP per consignee and year"].used == 2000 * 1979 * 8
    assert found["TPP per consignee and year"].verdict == "not in force"
    assert found["TPP per country to 2027"].verdict == "not in force"
    assert found["H200 per buyer"].unconfirmed
    then = {c.constraint: c for c in check(log_with_chips(), path, dt.date(2025, 3, 1)).checks}
    assert then["TPP per consignee and year"].verdict == "broken"  # as it was scheduled then
    assert then["TPP per country to 2027"].verdict == "kept"


def test_the_share_of_the_case_by_case_policy_binds_no_other_chip(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,chip,to,quantity\n2026-06-10,h200-sxm,USA,100\n2026-06-15,h200-sxm,CHN,40\n2026-06-15,h20,CHN,500\n"
        "2026-06-15,mi325x,CHN,5\n"
    )
    found = {c.who: c.verdict for c in check(logs.built_in(), path, TODAY).checks if c.constraint.startswith("volume")}
    assert found == {"NVIDIA h200-sxm": "kept", "AMD mi325x": "unknown"}


@pytest.mark.parametrize("row", ["2026-06-10,h200-sxm,USA,-1", "2026-06-31,h200-sxm,USA,1", "2026-06-10,h2000,USA,1"])
def test_a_bad_cell_sets_its_row_aside(tmp_path, row):
    path = tmp_path / "shipments.csv"
    path.write_text(f"date,chip,to,quantity\n{row}\n2026-06-10,h200-sxm,USA,1\n")
    found = check(log_with_chips(), path, TODAY)
    assert [number for number, _ in found.refused] == [2]
    assert found.n_read == 1


SPREADSHEET = {"2026-06-10": True, "2026-06-10 00:00:00": True, "6/10/2026": False, "46183": False, "10.06.2026": False}


@pytest.mark.parametrize(("cell", "is_read"), SPREADSHEET.items())
def test_days_of_spreadsheets_are_read_or_refused_alike(tmp_path, cell, is_read):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    path.write_text(f"date,chip,to,quantity\n{cell},h20,CHN,5\n")
    assert (check(logs.built_in(), path, TODAY).n_read == 1) == is_read
    path.write_text(f"on,chip,to\n{cell},h20,CHN\n")
    assert (batch.run(logs.built_in(), path, out, bad, TODAY).n_answered == 1) == is_read


NUMBERS = {
    "5000": True,
    '"5,000"': True,
    "5e3": True,
    "5000.0": True,
    '"5,0"': False,
    "5 000": False,
    "inf": False,
    "nan": False,
    "-1": False,
}


@pytest.mark.parametrize(("cell", "is_read"), NUMBERS.items())
def test_numbers_of_spreadsheets_are_read_or_refused_alike(tmp_path, cell, is_read):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    path.write_text(f"date,chip,to,quantity\n2026-06-10,h20,CHN,{cell}\n")
    assert (check(logs.built_in(), path, TODAY).n_read == 1) == is_read
    path.write_text(f"on,tpp,to\n2026-06-10,{cell},CHN\n")
    assert (batch.run(logs.built_in(), path, out, bad, TODAY).n_answered == 1) == is_read


@pytest.mark.parametrize(
    "column", ["exportr", "Exporter", "as known", "end user hq", "datacentre", "validated_enduser"]
)
def test_a_misspelt_column_never_passes_unread(tmp_path, column):
    path = tmp_path / "in.csv"
    path.write_text(f"on,chip,to,{column}\n2026-06-10,h20,CHN,\n")
    if column == "end user hq":  # near to none of ours: carried through
        assert batch.run(logs.built_in(), path, tmp_path / "o.csv", tmp_path / "b.csv", TODAY).n_answered == 1
        return
    with pytest.raises(LeadtimeError, match="would not be read"):
        batch.run(logs.built_in(), path, tmp_path / "o.csv", tmp_path / "b.csv", TODAY)


def test_batch_keeps_everything(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "BLOCK_ROWS", 3)
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    lines = [
        'id,to,on,tpp,note', '1,CHN,2023-12-01,5000,"a, b"', "2,CHNN,2023-12-01,5000,x", "3,CHN,2023-13-01,5000,x",
        "4,CHN,2023-12-01,-5,x", "5,CHN,2023-12-01,5000", "6,Viet Nam,2023-12-01,4500..5200,", '7,CHN,2023-12-01,1,"x',
        "8,Hong Kong,2023-12-01,,x", "", "9,CHN,2021-12-01,5000,x", "10,JPN,2023-12-01,5000,last",
    ]  # fmt: skip
    path.write_bytes(("\n".join(lines) + "\n").encode() + b"11,CHN,2023-12-01,5000,\xff\n")
    done = batch.run(logs.built_in(), path, out, bad, TODAY)
    good, refused = pl.read_csv(out), pl.read_csv(bad)
    assert good["id"].to_list() == [1, 6, 10]
    assert good["note"].to_list() == ["a, b", None, "last"]
    assert good["answer"].to_list() == ["license_required", "conditional", "no_license_required"]
    assert refused["row"].to_list() == [3, 4, 5, 6, 8, 9, 11, 13]
    assert done.n_answered + done.n_refused == 11
    assert "China" in refused["reason"][0]


def test_batch_equals_one_by_one_through_files(tmp_path):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    log = log_with_chips()
    rows = [(c, to, hq, on) for c in ("h100", "h20", "a800-sxm", "rtx-4090", "ascend-910c")
            for to in ("CHN", "MYS", "ARE") for hq in ("", "CHN") for on in ("2022-09-15", "2024-06-01", "2026-06-15")]  # fmt: skip
    path.write_text("chip,to,hq,on\n" + "".join(",".join(r) + "\n" for r in rows))
    batch.run(log, path, out, bad, TODAY)
    for (chip, to, hq, on), row in zip(rows, pl.read_csv(out).iter_rows(named=True), strict=True):
        one = status(log, transaction(log, chip, to=to, hq=hq or None), dt.date.fromisoformat(on), TODAY)
        assert (row["eccn"], row["answer"], row["review"]) == (one.eccn, one.answer, one.review)
        assert (row["verdict"], row["confidence"]) == (one.verdict, one.confidence)
        assert row["unknown_since"] == (one.unknown_since and one.unknown_since.isoformat())
        assert (row["practice"] or "").split("; ") == [p.split(" (")[0] for p in one.practical] or [""]


def test_the_plane_says_of_each_chip_and_quarter_what_its_status_says():
    log = log_with_chips()
    rows = plane.legality(log, TODAY, to="KHM") + plane.legality(log, TODAY)
    assert any(" (may)" in r["exceptions"] for r in rows)
    for row, to in zip(rows, ["KHM"] * (len(rows) // 2) + ["CHN"] * (len(rows) // 2), strict=True):
        one = status(log, transaction(log, row["chip"], to=to), row["day"], TODAY)
        assert (row["answer"], row["eccn"], row["review"]) == (one.answer, one.eccn, one.review)
        assert (row["exceptions"], row["codified"]) == (" ".join(one.exceptions), one.license_codified)


def test_no_chips_give_an_empty_plane_and_a_day_before_the_log_is_refused():
    log = log_with_chips()
    assert plane.legality(dataclasses.replace(log, chips={}), TODAY) == []
    with pytest.raises(LeadtimeError, match="before the log begins"):
        plane.legality(log, dt.date(2022, 7, 15))


def test_plane_tables():
    rows = plane.legality(log_with_chips(), TODAY)
    quarter = {(r["chip"], r["quarter"]): r["answer"] for r in rows}
    assert quarter["h800-sxm", "2023 Q3"] == "no_license_required"
    assert quarter["h800-sxm", "2023 Q4"] == "license_required"
    assert quarter["h20", "2025 Q1"] == "no_license_required"
    assert quarter["h20", "2025 Q2"] == "license_required"
    lines = {(r["regime"], r["quarter"]) for r in plane.regimes(log_with_chips(), TODAY)}
    assert ("3A090.a", "2023 Q4") in lines
    assert ("3A090.a", "2023 Q3") not in lines
    assert plane.quarters(dt.date(2023, 1, 15)) == [dt.date(2022, 9, 30), dt.date(2022, 12, 31), dt.date(2023, 1, 15)]


def test_figures_are_valid_charts():
    from leadtime.figures import rules as figures

    rows = pl.DataFrame(plane.legality(log_with_chips(), TODAY))
    lines = pl.DataFrame(plane.regimes(log_with_chips(), TODAY))
    assert figures.plane(rows, lines).to_dict()["params"]
    assert figures.shippable(rows).to_dict()["mark"]


def test_chapter_of_the_report():
    from types import SimpleNamespace

    from leadtime.report import chapter_rules

    study = SimpleNamespace(as_of=TODAY, rules=Rulebook(log_with_chips(), TODAY))
    chapter = chapter_rules.gather(study)
    named = {t.name: t for t in chapter_rules.tables_of(chapter)}
    cells = {row[0]: row[1:] for row in named["rules-today"].rows}
    assert cells["H200-SXM"][0] == "License needed, case by case (3A090.a)"
    assert cells["H100-SXM"][2] == "No license as enforced; the text asks for one (3A090.a)"
    assert len(named["rules-timeline"].rows) > 80
    assert named["rules-unconfirmed"].rows
    assert [f["name"] for f in chapter_rules.figures_of(chapter)] == ["rules-plane", "rules-quarters"]
    assert chapter_rules.as_json(chapter)["today"]
    early = SimpleNamespace(as_of=dt.date(2022, 7, 1), rules=Rulebook(log_with_chips(), dt.date(2022, 8, 1)))
    assert chapter_rules.gather(early) is None
