"""Answers in a page, in the words that the program has when the page is built."""

import re
from typing import Any

from leadtime.answers.answer import Answer
from leadtime.cli.held import asked

#: Studies, evidence and rules that the questions of one build share.
_opened: dict[Any, Any] = {}


def answer(words: list[str]) -> Answer:
    """Return the answer to a question, typed as on its own."""
    (question,) = asked(words)
    return question.ask(_opened)


def describe_answer(typed: str) -> str:
    """Return the sentence of the answer to a question."""
    said = re.sub(r"([$*_`\\[\]<])", r"\\\1", answer(typed.split()).sentence.strip())
    return f"*{said}*"


def describe_headline() -> str:
    """Return the answer of the front page, and its day."""
    import leadtime
    from leadtime.answers.words import day
    from leadtime.report.front import front

    study = leadtime.Study()
    return f"**{front(study).answer}**\n\nThis is the answer of {day(study.as_of)}. Each range holds 9 in 10 draws."
