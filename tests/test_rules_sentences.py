"""What the answers on rules say in words, in every direction: the sentences that stand first in every door."""

import datetime as dt
from dataclasses import replace

import pytest

from leadtime.answers.questions import (
    rules_diff,
    rules_ledger,
    rules_party,
    rules_show,
    rules_status,
    rules_tariffs,
    rules_timeline,
)
from leadtime.answers.regulated import place
from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook
from leadtime.rules import log as logs
from leadtime.rules.timeline import timeline

LOG = logs.built_in()
TODAY = dt.date(2026, 11, 24)
RULES = Rulebook(LOG, TODAY)
H20 = RULES.status(RULES.transaction("h20", to="CHN"), dt.date(2025, 5, 1))


def said(**changed):
    t = replace(H20.transaction, **changed.pop("what", {}))
    return rules_status.sentence(LOG, replace(H20, transaction=t, **changed))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {},
            (
                "Exporting the HGX H20 to China needed a license on May 1, 2025. Washington did not say how it would"
                " decide."
            ),
        ),
        ({"on": TODAY}, "Exporting the HGX H20 to China needs a license on November 24, 2026. Washington did"),
        (
            {"on": dt.date(2027, 1, 1)},
            "to China will need a license on January 1, 2027, by what was public on November 24, 2026. W",
        ),
        (
            {"verdict": "license-required", "exceptions": ("NAC",)},
            "needed a license, or the license exception NAC, on May 1, 2025. The exception has",
        ),
        (
            {"verdict": "not-enforced"},
            (
                "needed no license on May 1, 2025 as the rules were enforced, though their text asked for one."
                " Washington says"
            ),
        ),
        (
            {"verdict": "no-license"},
            "Exporting the HGX H20 to China needed no license on May 1, 2025, by the rules that are read here.",
        ),
        (
            {"verdict": "not-covered", "elsewhere": ("Embargo of Cuba (15 CFR 746.2)",)},
            "needed a license on May 1, 2025 is not covered here: Embargo of Cuba (15 CFR 746.2). Other",
        ),
        (
            {"verdict": "depends", "turns_on": "It turns on its TPP."},
            "depends: some cases need one, others do not. It turns on its TPP. Washington",
        ),
        (
            {"verdict": "unknown"},
            (
                "Whether exporting the HGX H20 to China needed a license on May 1, 2025 is not known: the record does"
                " not tell. Whether"
            ),
        ),
        (
            {"verdict": "unknown", "what": {"exporter": "?Nobody"}},
            "is not known: 'Nobody' was not recognized, and letters bind the firms they name. Say who ships",
        ),
        (
            {"what": {"to": "MYS", "hq": "CHN", "parent": "CHN", "origin": "reexport"}},
            "Re-exporting the HGX H20 to Malaysia for a buyer with headquarters in China needed",
        ),
        ({"what": {"parent": "USA"}}, "to China for a buyer, parent in the United States, needed"),
        ({"what": {"origin": "in-country"}}, "Handing over the HGX H20 inside China needed"),
        ({"what": {"chip": "", "item": "hbm"}}, "Exporting a memory stack with these numbers to China needed"),
        ({"what": {"chip": "gpt-4o", "item": "weights"}}, "Exporting the weights of gpt-4o to China needed"),
    ],
)
def test_a_status_is_told_in_every_direction(changed, words):
    sentence = said(**changed)
    assert words in sentence and sentence[0].isupper() and sentence.endswith(".")


@pytest.mark.parametrize(
    ("least", "most", "on", "turns_on", "words"),
    [
        (
            0.0,
            0.0,
            "2025-01-01",
            [],
            "that entered the United States on January 1, 2025 paid none of the duties read here.",
        ),
        (0.5, 0.5, "2026-11-24", [], "that enter the United States on November 24, 2026 pay extra duties of 50%."),
        (
            0.0,
            0.625,
            "2027-01-01",
            ["Section 301, forced labor: if"],
            "will pay extra duties of 0% to 62.5%, which turns on Section 301, forced labor.",
        ),
    ],
)
def test_duties_are_told_as_none_one_rate_or_a_range(least, most, on, turns_on, words):
    found = {
        "rate_fraction": least,
        "rate_fraction_high": most,
        "on": on,
        "as_known": "2026-11-24",
        "turns_on": turns_on,
    }
    assert rules_tariffs.sentence("AI chips", "China", found).startswith("AI chips from China ")
    assert rules_tariffs.sentence("AI chips", "China", found).endswith(words)


def test_a_timeline_tells_how_much_is_ahead_and_what_was_last():
    events = timeline(LOG, TODAY)
    every = rules_timeline.sentence(events, "", None, TODAY)
    assert (
        every.startswith(f"{len(events)} events are on record for the rules, ")
        and "scheduled for later days. The latest, on " in every
    )
    one = rules_timeline.sentence(events[:1], " of China", dt.date(2020, 1, 1), TODAY)
    assert one.startswith("1 event is on record for the rules of China from January 1, 2020 on. The latest, on ")
    assert (
        rules_timeline.sentence([], " of China", dt.date(2031, 1, 1), TODAY)
        == "Nothing on record happened to the rules of China from January 1, 2031 on."
    )


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ([], "It has no provision that is read here."),
        (["yes"], "On record, its one provision is enforced on May 1, 2025."),
        (["no"], "its one provision is not enforced"),
        (["unknown"], "its one provision may be enforced"),
        (["yes", "yes"], "all of its 2 provisions are enforced"),
        (["no", "no"], "none of its 2 provisions are enforced"),
        (["yes", "no", "unknown"], "1 of its 3 provisions is enforced on May 1, 2025; of 1 it is not known."),
    ],
)
def test_a_rule_is_told_with_what_of_it_is_enforced(standing, words):
    told = rules_show.sentence(
        {"title": "A rule", "summary": "Asks."}, [{"enforced": x} for x in standing], "May 1, 2025"
    )
    assert told.startswith("A rule: Asks. ") and words in told


def test_a_comparison_of_days_tells_whether_anything_changed():
    first, last = dt.date(2026, 1, 14), dt.date(2026, 1, 15)
    row = {"chip": "h20", "to": "CHN", "hq": "CHN", "origin": "us", "before": "a", "after": "b"}
    assert (
        rules_diff.sentence(RULES, [row], 1, first, last)
        == "From January 14, 2026 to January 15, 2026, 1 event took effect. 1 answer changed: for HGX H20, to China."
    )
    assert rules_diff.sentence(RULES, [], 0, first, last).endswith(
        "nothing took effect, and no answer changed for the chips and places that are compared."
    )
    with pytest.raises(LeadtimeError, match="is after"):
        rules_diff.rules_diff(RULES, since=last, to=first)


@pytest.mark.parametrize(
    ("headline", "words"),
    [
        ("on the Entity List.", "Acme is on the Entity List."),
        ("not known: no list was read.", "Whether acme is on a list is not known: no list was read."),
        (
            "half or more is owned by parties on the Entity List.",
            "Half or more of acme is owned by parties on the Entity List.",
        ),
        ("perhaps on a list: a person must look.", "Acme is perhaps on a list: a person must look."),
    ],
)
def test_a_party_is_told_as_listed_owned_perhaps_or_not_known(headline, words):
    assert rules_party.sentence("acme", headline) == words


def test_shipments_are_told_as_kept_broken_or_under_no_cap():
    assert (
        rules_ledger.sentence([], 0, 2)
        == "No cap or volume share applies to these shipments. 0 rows were read and 2 set aside."
    )
    assert (
        rules_ledger.sentence(["broken", "kept", "kept"], 1, 0)
        == "The shipments come under 3 caps and volume shares: 1 broken, 2 kept. 1 row was read and 0 set aside."
    )
    assert rules_ledger.refused(((3, "no date"),), 9, ", kept in x") == ("row 3: no date", "9 rows refused, kept in x")
    assert rules_ledger.refused((), 0) == ()


def test_places_are_called_as_people_call_them():
    assert [place(LOG, c) for c in ("CHN", "USA", "ARE", "UKR_CRIMEA", "XXX")] == [
        "China",
        "the United States",
        "the United Arab Emirates",
        "Crimea (occupied, Ukraine)",
        "XXX",
    ]
