"""The record of forecasts as it is told: by the command, and in a sentence."""

import csv
import datetime as dt
import json

import pytest

from leadtime.backtest.history import _unbroken
from leadtime.errors import LeadtimeError
from terminal_side import typed

# -- the command
# ------------------------------------------------------------------------------------------------------------


def run(*arguments):
    return typed("backtest", *arguments)


def test_one_question_of_one_day_through_the_command_line():
    done = run("--from", "2025-01-29", "--question", "nvidia-total-fy2026")
    assert done.returncode == 0, done.stderr
    assert "nvidia-total-fy2026" in done.stdout
    assert "216 billion" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = json.loads(run("--from", "2025-01-29", "--question", "nvidia-total-fy2026", "--json").stdout)
    assert said["rows"][0]["scores"].keys() >= {"leadtime", "last value", "trend"}
    rows = list(
        csv.DictReader(run("--from", "2025-01-29", "--question", "nvidia-total-fy2026", "--csv").stdout.splitlines())
    )
    assert rows[0]["scores_leadtime"]


@pytest.mark.parametrize(
    "arguments", [("--from", "soon"), ("--from", "2031-01-01"), ("--question", "nothing"), ("--from", "2022-01-01")]
)
def test_the_command_says_what_is_wrong(arguments):
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")


# -- the sentence
# -------------------------------------------------------------------------------------------------------------


def said_of(skills, *, scored=2, n=3, share=0.9, band=(0.8, 1.0), days=1):
    """The sentence about so many questions, by the skills against others: (low, high), or None where there
    are too few.
    """
    from leadtime.answers.questions.backtest import _sentence

    rows = [{"scores": {"leadtime": 0.1} if i < scored else {}} for i in range(n)]
    ours = {"group": "lag", "n": n, "skill": None, "skill_low": None, "skill_high": None}
    ends = [dict(zip(("group", "n", "skill_low", "skill", "skill_high"), s, strict=True)) for s in skills]
    lines = [ours, *ends]
    low, high = band or (None, None)
    covered = {"inside_90%": {"share": share, "low": low, "high": high}} if scored else {}
    return _sentence(rows, lines, covered, [dt.date(2025, 1, 29)] * days)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"skills": [("lag", 9, 0.1, 0.2, 0.3), ("lag", 9, -0.2, 0.1, 0.4), ("lag", 9, -0.5, -0.2, -0.1)]},
            "On the gap others were clearly better in 1 of 3 comparisons, and we in 1.",
        ),
        (
            {"skills": [("revenue", 9, 0.1, 0.2, 0.3), ("lag", 9, -0.5, -0.2, -0.1)]},
            (
                "On the gap others were clearly better in 1 of 1 comparison, and we in none; on revenue we clearly beat"
                " simple guesses in 1 of 1 comparison."
            ),
        ),
        (
            {"skills": [("lag", 9, None, 0.6, None), ("revenue", 9, 0.1, 0.2, 0.3), ("revenue", 9, -0.1, 0.2, 0.3)]},
            (
                "On revenue we clearly beat simple guesses in 1 of 2 comparisons; on the gap there is too little to"
                " tell us from simple guesses."
            ),
        ),
        ({"skills": [("lag", 9, -0.1, 0.1, 0.3)]}, "On the gap no difference from simple guesses can be told."),
        ({"skills": [("revenue", 4, 0.1, 0.2, 0.3)]}, "That is too few to compare us with simple guesses."),
        ({"skills": []}, "That is too few to compare us with simple guesses."),
        (
            {"skills": []},
            (
                "Of 3 questions open on January 29, 2025, 2 can be scored: our 90% intervals held 90% of what came (80%"
                " to 100%)."
            ),
        ),
        ({"skills": [], "band": None, "share": 0.999}, "held over 99% of what came. That"),
        ({"skills": [], "share": 0.0, "band": None}, "held 0% of what came."),
        (
            {"skills": [], "scored": 0},
            "None of the 3 questions that were open on January 29, 2025 has both a forecast and an outcome yet.",
        ),
        ({"skills": [], "n": 0, "scored": 0}, "No question was open on January 29, 2025."),
        ({"skills": [], "days": 4}, "open on 4 earlier days, 2 can be scored"),
        ({"skills": [], "n": 0, "scored": 0, "days": 0}, "There is no earlier day to forecast from."),
    ],
)
def test_the_sentence_of_the_record_is_true_in_every_direction(given, words):
    assert words in said_of(**given)


@pytest.mark.parametrize(
    ("seen", "words"),
    [({}, "no quarter of it was public then"), ({8100: 1.0, 8098: 2.0}, "only one quarter of it was public then")],
)
def test_too_short_a_past_is_told_in_words(seen, words):
    with pytest.raises(LeadtimeError, match=words):
        _unbroken(seen, "quarters")
