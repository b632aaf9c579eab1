"""Whether an item made abroad is subject to the US rules, and places that a rule sets apart from their country."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.rules import jurisdiction
from leadtime.rules import log as logs
from leadtime.rules.batch import run
from leadtime.rules.destinations import country_code
from leadtime.rules.status import status
from leadtime.rules.told import told
from leadtime.rules.transaction import Stated, transaction
from web_client import API

LOG = logs.built_in()
KNOWN = dt.date(2026, 11, 23)


def ask(chip="h100-sxm", to="CHN", on=dt.date(2026, 6, 1), **more):
    return status(LOG, transaction(LOG, chip, Stated(to=to, **more)), on, KNOWN)


# -- made abroad
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made_with", "content", "verdict"),
    [
        ("us-technology", None, "license-required"),
        ("us-plant", 0.0, "license-required"),
        ("neither", 25.0, "no-license"),
        ("neither", 25.1, "license-required"),
        ("neither", None, "depends"),
        (None, 25.0, "depends"),
        (None, 26.0, "license-required"),
    ],
)
def test_how_it_was_made_and_its_content_decide(made_with, content, verdict):
    found = ask(origin="reexport", exporter="other", made_with=made_with, us_content_percent=content)
    assert found.verdict == verdict, told(found)


@pytest.mark.parametrize(
    ("to", "limit"), [("CHN", 25), ("DEU", 25), ("IRN", 10), ("CUB", 10), ("PRK", 10), ("SYR", 10)]
)
def test_the_limit_goes_by_the_destination(to, limit):
    assert jurisdiction.limit_percent(LOG, to) == limit
    at, over = (
        dict(
            transaction(
                LOG, "h100-sxm", Stated(to=to, origin="reexport", made_with="neither", us_content_percent=p)
            ).flags
        )["subject"]
        for p in (limit, limit + 0.01)
    )
    assert (at, over) == (False, True)


def test_a_computer_is_open_below_the_limit_unless_it_holds_nothing():
    def subject(percent):
        made = transaction(
            LOG,
            "h100-sxm",
            Stated(item="system", to="CHN", origin="reexport", made_with="neither", us_content_percent=percent),
        )
        return dict(made.flags)["subject"]

    assert (subject(10.0), subject(0.0), subject(30.0)) == (None, False, True)


def test_a_direct_product_outside_the_paragraphs_is_not_taken_as_subject():
    small = {
        "chip": None,
        "to": "DEU",
        "origin": "reexport",
        "numbers": {"tpp": (300.0, 300.0), "die_area_mm2": (400.0, 400.0)},
    }
    free = ask(**small, made_with="us-technology", flags={"listed": True})
    assert free.eccn == "none" and free.verdict == "depends" and "subject to the US rules" in free.turns_on
    assert ask(**small, flags={"listed": True}).verdict == "license-required"


def test_what_was_assumed_stands_beside_the_headline():
    assert told(ask(origin="reexport")).how.endswith(
        "wherever it was made. How it was made, and its US content, would tell."
    )
    assert "subject to the US rules" not in told(ask()).how
    assert "As you say, the item is not subject" in told(ask(origin="reexport", flags={"subject": False})).how
    assert "no direct product (734.9)" in told(ask(origin="reexport", made_with="neither", us_content_percent=3)).how
    assert "it turns on its US content" in told(ask(origin="reexport", made_with="neither")).how


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"made_with": "us-technology"}, "leaves the United States"),
        ({"origin": "reexport", "made_with": "magic"}, "no production method"),
        ({"origin": "reexport", "us_content_percent": 101.0}, "must be between 0 and 100"),
        ({"origin": "reexport", "us_content_percent": float("nan")}, "must be between 0 and 100"),
        ({"origin": "reexport", "made_with": "neither", "flags": {"subject": False}}, "contradict each other"),
        ({"origin": "reexport", "made_with": "neither", "item": "weights", "chip": None}, "no rules here on how"),
    ],
)
def test_what_makes_no_sense_is_told(given, words):
    with pytest.raises(LeadtimeError, match=words):
        ask(**given)


@given(
    st.sampled_from([*jurisdiction.MADE_WITH, ""]),
    st.none() | st.floats(0, 100),
    st.sampled_from(["CHN", "DEU", "IRN", "SGP"]),
)
def test_more_content_and_more_us_technology_never_free_an_item(made_with, percent, to):
    def subject(how, share):
        flags = jurisdiction.statements(LOG, how, share, place=to, item="chip", origin="reexport")
        return {False: 0, None: 1, True: 2}[flags.get("subject", True)]

    if percent is not None:
        assert subject(made_with, percent) <= subject(made_with, min(100.0, percent + 20))
    assert subject("neither", percent) <= subject("us-plant", percent)


def test_the_doors_take_how_it_was_made(web):
    asked = [
        "rules",
        "status",
        "h100-sxm",
        "--to",
        "CHN",
        "--on",
        "2026-06-01",
        "--origin",
        "reexport",
        "--made-with",
        "neither",
        "--us-content",
        "12%",
    ]
    done = CliRunner().invoke(app, [*asked, "--json"])
    found = conforms("rules-status", json.loads(done.stdout))
    assert (found["verdict"], found["transaction"]["us_content_percent"]) == ("no-license", 12.0)
    shown = CliRunner().invoke(app, asked).stdout
    assert "not subject to the US rules" in " ".join(shown.split()) and max(map(len, shown.splitlines())) <= 80
    query = {
        "chip": "h100-sxm",
        "to": "CHN",
        "on": "2026-06-01",
        "origin": "reexport",
        "made_with": "neither",
        "us_content": "12%",
    }
    assert web.get(f"{API}/rules/status", params=query).json()["verdict"] == "no-license"
    assert web.get(f"{API}/rules/status", params={**query, "us_content": "abc"}).status_code == 422


# -- places apart
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Crimea", "UKR_CRIMEA"),
        ("the Crimea", "UKR_CRIMEA"),
        ("crimea, ukraine", "UKR_CRIMEA"),
        ("Sevastopol (Russia)", "UKR_CRIMEA"),
        ("Simferopol", "UKR_CRIMEA"),
        ("Republic of Crimea", "UKR_CRIMEA"),
        ("DNR", "UKR_DNR"),
        ("Donetsk People's Republic", "UKR_DNR"),
        ("Donetsk", "UKR_DNR"),
        ("Donetsk, Ukraine", "UKR_DNR"),
        ("so-called LNR", "UKR_LNR"),
        ("Lugansk", "UKR_LNR"),
        ("Ukraine", "UKR"),
        ("Russia", "RUS"),
        ("DPRK", "PRK"),
    ],
)
def test_occupied_places_go_by_the_names_people_type(typed, place):
    assert country_code(LOG, typed) == place


@pytest.mark.parametrize("to", ["Crimea", "DNR", "Luhansk"])
@pytest.mark.parametrize("chip", ["h100-sxm", "rtx-3060", "h20"])
@pytest.mark.parametrize("on", [dt.date(2022, 9, 1), dt.date(2024, 1, 1), KNOWN])
def test_an_occupied_place_is_never_no_license(to, chip, on):
    found = ask(chip, to, on, exporter="other")
    assert found.verdict in ("not-covered", "license-required") and "746.6" in found.elsewhere[0]
    assert ask(chip, to, KNOWN).verdict == "not-covered" and "Embargo of" in told(ask(chip, to, KNOWN)).headline


def test_ukraine_says_what_is_apart_from_it():
    assert any("Crimea (occupied, Ukraine)" in line for line in ask(to="Ukraine").assumptions)
    assert not any("Crimea" in line for line in ask(to="Germany").assumptions)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Kherson, Ukraine", "inside Ukraine"),
        ("Xinjiang (China)", "inside China"),
        ("Hong Kong, Germany", "either of two places"),
        ("Atlantis", "no country"),
    ],
)
def test_a_place_inside_a_country_is_said(typed, words):
    with pytest.raises(LeadtimeError, match=words):
        country_code(LOG, typed)


def test_a_batch_knows_the_places_and_direct_products(tmp_path):
    path, out = tmp_path / "t.csv", tmp_path / "o.csv"
    path.write_text(
        "chip,to,on,origin,subject,direct_product\nh100-sxm,Crimea,2026-06-01,us,,\nh100-sxm,CHN,2026-06-01,reexport,no,yes\nh100-sxm,CHN,2026-06-01,reexport,no,no\n"
    )
    done = run(LOG, path, out, tmp_path / "r.csv", KNOWN)
    assert done.n_refused == 0, done.first_problems
    found = out.read_text().splitlines()
    assert "not-covered" in found[1] and "license-required" in found[2] and "no-license" in found[3]


def test_duties_are_not_asked_of_a_region():
    done = CliRunner().invoke(app, ["rules", "tariffs", "--good", "semiconductors", "--from", "Crimea"])
    assert done.exit_code == 1 and "no duties on goods from" in str(done.exception)
