"""The rules, case by case: the YAML files in `tests/rules/` can be read, and argued with, by a lawyer."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from leadtime.rules import log as logs
from leadtime.rules.answers import answers
from leadtime.rules.many import columns_of
from leadtime.rules.status import status
from leadtime.rules.tariffs import Goods, duty
from leadtime.rules.transaction import Stated, transaction

FOLDER = Path(__file__).parent / "rules"
TODAY = dt.date(2026, 11, 23)
NUMBERS = (
    "tpp",
    "die_area_mm2",
    "dram_gb_s",
    "io_gb_s",
    "hbm_gb_s_mm2",
    "training_operations",
    "node_nm",
    "transistors_bn",
)
FLAGS = (
    "datacenter",
    "copackaged",
    "weights_published",
    "certified",
    "available_in_us",
    "listed",
    "owned_by_listed",
    "validated_end_user",
    "has_hbm",
    "attested",
    "count_confirmed",
)


def cases(name):
    return YAML(typ="safe").load((FOLDER / name).read_text(encoding="utf-8"))


def named(case):
    return case["case"]


def transaction_of(given):
    """Return the transaction of a case; a named chip carries the numbers of the case, not of the table."""
    numbers = {n: (float(given[n]), float(given[n])) for n in NUMBERS if n in given}
    if "tera_op_s" in given:
        tpp = float(given["tera_op_s"]) * float(given["bits"])
        numbers["tpp"] = (tpp, tpp)
    flags = {n: given[n] for n in FLAGS if n in given}
    maker = given.get("maker") or given.get("exporter") or ""
    made = transaction(
        logs.built_in(),
        None,
        Stated(
            to=given["to"],
            hq=given.get("hq"),
            origin=given.get("origin", "us"),
            item=given.get("item", "chip"),
            exporter=maker,
            designer="CHN" if maker == "Huawei" else None,
            numbers=numbers or {"tpp": (0.0, float("inf"))},
            flags=flags,
        ),
    )
    return dataclasses.replace(made, chip=given.get("chip", ""))


def days(when):
    if isinstance(when, dict):
        return when["on"], when["as_known"]
    return when, TODAY


ALL = [*cases("classification.yaml"), *cases("bitemporal.yaml")]


@pytest.mark.parametrize("case", ALL, ids=named)
def test_status(case):
    on, known = days(case["when"])
    found = status(logs.built_in(), transaction_of(case["given"]), on, known)
    for name, expected in case["expect"].items():
        value = getattr(found, name)
        assert (list(value) if isinstance(value, tuple) else value) == expected, (name, case["because"], found.turns_on)


def test_many_at_once_say_the_same():
    whats = [transaction_of(c["given"]) for c in ALL]
    ons, knowns = zip(*(days(c["when"]) for c in ALL), strict=True)
    log = logs.built_in()
    many = answers(log, columns_of(whats, ons, knowns))
    for i, what in enumerate(whats):
        one = status(log, what, ons[i], knowns[i])
        for name in ("eccn", "license_codified", "license_enforced", "answer", "review"):
            assert getattr(many, name)[i] == getattr(one, name), (ALL[i]["case"], name)


@pytest.mark.parametrize("case", cases("tariffs.yaml"), ids=named)
def test_duty(case):
    on, known = days(case["when"])
    given, expect = case["given"], dict(case["expect"])
    numbers = {n: (float(v), float(v)) for n, v in given.get("chip", {}).items()}
    goods = Goods(goods=given["goods"], numbers=numbers, end_use=given.get("end_use", ""))
    found = duty(logs.built_in(), goods, given["origin"], on, known)
    if "sum" in expect:
        assert found.rate_fraction == pytest.approx(expect.pop("sum")), case["because"]
    if "high" in expect:
        assert found.rate_fraction_high == pytest.approx(expect.pop("high")), case["because"]
    measure = expect.pop("layer")
    (layer,) = [x for x in found.layers if x.measure == measure]
    for name, expected in expect.items():
        assert getattr(layer, name) == expected, (name, case["because"], layer)


def test_cases_name_sources():
    known = set(_sources())
    for case in [*ALL, *cases("tariffs.yaml")]:
        assert case["because"]
        assert case["source"] in known or case["source"].startswith("https://"), case["case"]


def _sources():
    import csv

    with (logs.DATA / "sources.csv").open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def test_drafts_and_bills_are_never_in_force():
    from leadtime.rules.history import state_of

    log = logs.built_in()
    for row in log.instruments.values():
        if row["kind"] not in ("draft", "bill"):
            continue
        for year in range(2022, 2031):
            for known in range(2022, 2031):
                found = state_of(log.events[row["id"]], "", dt.date(year, 12, 31), dt.date(known, 12, 31))
                assert found.codified == found.enforced == 0, row["id"]


def test_chips_of_the_tables_agree_with_the_cases():
    """A chip by its name, with the numbers of our tables, is read as the case reads it, or its answer is open."""
    log = logs.built_in()
    if not log.chips:
        pytest.skip("the table of chips is empty")
    n_firm = 0
    for case in cases("classification.yaml"):
        given, (on, known) = case["given"], days(case["when"])
        if given.get("chip") not in log.chips or given.get("item", "chip") != "chip":
            continue
        what = transaction(
            log, given["chip"], Stated(to=given["to"], hq=given.get("hq"), origin=given.get("origin", "us"))
        )
        found = status(log, what, on, known)
        if found.answer == "conditional":
            assert found.turns_on
            continue
        n_firm += 1
        assert found.license_enforced == case["expect"]["license_enforced"], (case["case"], found.eccn)
        if not found.eccn_possible:
            assert found.eccn == case["expect"]["eccn"], case["case"]
    assert n_firm > 20
