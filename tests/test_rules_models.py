"""A control on access to two named models: who it bound, from when to when, and what stays open where no name
is given.
"""

import datetime as dt

import pytest

from leadtime.rules import log as logs
from leadtime.rules.answers import answers
from leadtime.rules.many import columns_of
from leadtime.rules.status import status
from leadtime.rules.transaction import Stated, transaction

TODAY = dt.date(2026, 11, 30)
CASES = [
    ("claude-mythos-5", "Anthropic", "2026-06-20", "license_required"),
    ("Claude Fable 5", "Anthropic", "2026-06-27", "license_required"),
    ("claude-mythos-5", "Anthropic", "2026-06-11", "no_license_required"),
    ("claude-mythos-5", "Anthropic", "2026-07-01", "no_license_required"),
    ("Mythos 5", "Anthropic", "2026-06-20", "license_required"),
    ("fable5", "Anthropic", "2026-06-20", "license_required"),
    ("anthropic/claude-fable-5", "Anthropic", "2026-06-20", "license_required"),
    ("Claude Opus 4", "Anthropic", "2026-06-20", "no_license_required"),
    ("gpt-5-5", "OpenAI", "2026-06-20", "no_license_required"),
    (None, "Anthropic", "2026-06-20", "conditional"),
    (None, None, "2026-06-20", "conditional"),
]


@pytest.mark.parametrize(("name", "exporter", "on", "expected"), CASES)
def test_the_letter_of_june_2026(name, exporter, on, expected):
    log, day = logs.built_in(), dt.date.fromisoformat(on)
    what = transaction(
        log, name, Stated(to="GBR", item="weights", exporter=exporter, flags={"weights_published": True})
    )
    found = status(log, what, day, TODAY)
    assert found.answer == expected
    assert answers(log, columns_of([what], [day], [TODAY])).answer[0] == expected


def test_the_partial_lifting_is_told_as_practice():
    log = logs.built_in()
    what = transaction(log, "claude-mythos-5", Stated(to="GBR", item="weights", exporter="Anthropic"))
    told = [status(log, what, dt.date(2026, 6, day), TODAY).practical for day in (20, 27)]
    assert not told[0]
    assert "named entities" in told[1][0]


def test_the_letter_is_unknown_before_it_was_sent():
    log = logs.built_in()
    what = transaction(
        log,
        "claude-mythos-5",
        Stated(to="GBR", item="weights", exporter="Anthropic", flags={"weights_published": True}),
    )
    assert status(log, what, dt.date(2026, 6, 20), dt.date(2026, 6, 1)).answer == "no_license_required"
