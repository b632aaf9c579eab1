"""What an answer on rules says: what is not modeled, what would change it, and of which day it knows."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, settings

from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook, batch
from leadtime.rules import log as logs
from leadtime.rules.changes import changes
from leadtime.rules.coverage import AREAS, MODELED, not_modelled
from leadtime.rules.status import status
from leadtime.rules.told import told
from leadtime.rules.transaction import Stated, transaction
from leadtime.rules.verdict import MEANINGS

LOG = logs.built_in()
TODAY = dt.date(2026, 11, 29)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ask(chip=None, to="CHN", on=TODAY, known=TODAY, **details):
    day = dt.date.fromisoformat(on) if isinstance(on, str) else on
    return status(LOG, transaction(LOG, chip, Stated(to=to, **details)), day, known)


def test_every_answer_says_what_is_not_modelled():
    found = ask("h20", on="2025-05-01")
    assert {"lists of parties", "end uses", "deemed exports and technology"} <= set(found.not_modelled)
    assert "foreign direct product rules" in not_modelled(transaction(LOG, "h20", Stated(to="CHN", origin="reexport")))
    assert {a.how for a in AREAS} == {MODELED, "pointer only", "not modelled"}


def test_what_would_change_an_answer_is_what_the_engine_says_there():
    found = ask("h20", on="2025-05-01")
    said = {c.what: c for c in changes(LOG, found)}
    assert said["Before April 9, 2025"].verdict == "no-license"
    assert ask("h20", on="2025-04-08").verdict == "no-license"
    assert said["A buyer in Germany"].verdict == ask("h20", to="DEU", on="2025-05-01").verdict
    (faster,) = [c for c in said.values() if c.what.startswith("Performance (TPP)")]
    assert "2,400 or more" in faster.what
    assert all(c.kind in ("day", "chip", "buyer") for c in said.values())


def test_the_year_of_the_headquarters_gap_is_read_by_what_was_known():
    assert ask("h100-sxm", to="SGP", hq="CHN", on="2025-12-01", known=dt.date(2025, 12, 1)).verdict == "unknown"
    assert ask("h100-sxm", to="SGP", hq="CHN", on="2025-12-01").verdict == "license-required"


@pytest.mark.parametrize("on", [dt.date(2050, 1, 1), dt.date(2020, 1, 1)])
def test_days_beyond_sense_are_refused(on):
    with pytest.raises(LeadtimeError):
        ask("h20", on=on)


def test_nobody_knows_what_will_be_public():
    with pytest.raises(LeadtimeError, match="is in the future"):
        Rulebook.open(None, dt.date(dt.date.today().year + 2, 1, 1))  # noqa: DTZ011


def test_every_verdict_has_a_meaning_and_a_headline():
    asked = [
        ("h20", "CHN", "2025-05-01"),
        ("h100-sxm", "POL", "2026-01-01"),
        ("t4", "CHN", "2026-01-01"),
        ("t4", "CUB", "2026-01-01"),
        ("mi308x", "CHN", "2024-06-01"),
    ]
    found = [ask(c, to=t, on=d) for c, t, d in asked]
    assert {s.verdict for s in found} == set(MEANINGS) - {"unknown"}
    assert len({told(s).headline for s in found}) == len(found)


def test_what_a_batch_says_of_open_rows(tmp_path):
    path, out, bad = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.csv"
    path.write_text(
        "chip,to,on,exporter,tpp\nmi308x,CHN,2024-06-01,,\nh20,CHN,2025-05-01,Foo"
        " GmbH,\nh200-sxm,CHN,2026-03-01,,\nt4,CUB,2026-01-01,,\n"
    )
    batch.run(LOG, path, out, bad, TODAY)
    import polars as pl

    rows = pl.read_csv(out)
    assert rows["verdict"].to_list() == ["depends", "unknown", "license-required", "not-covered"]
    assert "performance" in rows["turns_on"][0]
    assert "licensed" in rows["practice"][2]
    assert set(rows["confidence"]) <= {"high", "medium", "low"}


def test_a_die_has_an_area(tmp_path):
    with pytest.raises(LeadtimeError, match="die_area_mm2"):
        transaction(LOG, None, Stated(to="CHN", numbers={"tpp": (2000.0, 2000.0), "die_area_mm2": (0.0, 0.0)}))
    path = tmp_path / "in.csv"
    path.write_text("to,on,tpp,die_area_mm2\nCHN,2026-03-01,2000,0\nCHN,2026-03-01,2000,5\n")
    assert batch.run(LOG, path, tmp_path / "o.csv", tmp_path / "b.csv", TODAY).n_refused == 1


def test_a_named_model_is_told_from_an_unnamed_one():
    day, known = dt.date(2026, 6, 20), TODAY
    named = transaction(LOG, "Claude Fable 5", Stated(to="GBR", item="weights", exporter="Anthropic PBC"))
    assert status(LOG, named, day, known).verdict == "license-required"
    unnamed = dataclasses.replace(named, chip="", flags=(*named.flags, ("weights_published", True)))
    found = status(LOG, unnamed, day, known)
    assert (found.verdict, "which model" in found.turns_on) == ("depends", True)
