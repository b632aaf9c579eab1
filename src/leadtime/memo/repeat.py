"""The command that gives an answer again."""

import datetime as dt
import functools
import shlex
from typing import Any

from leadtime.answers.answer import Answer
from leadtime.answers.kinds import Contents, Flag, Many
from leadtime.answers.parameters import settings
from leadtime.answers.question import Parameter, Question
from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError

#: Settings that need not be said.
_USUAL = {"seed": 0, "draws": 2000, "method": "nuts"}


def command(answer: Answer) -> str:
    """Return the command that asks the question of an answer again, as of the same day, empty if no
    command asks it.
    """
    try:
        question = find(answer.question)
    except LeadtimeError:
        return ""
    return shlex.join(["leadtime", *question.words, *typed(question, answer), *_settings(question, answer)])


def typed(question: Question, answer: Answer) -> list[str]:
    """Return the words after those of the command: what was asked, where it is not the default."""
    places: list[str] = []
    options = [question.switch] if question.switch and question.switched is None else []
    for p in question.parameters:
        value = answer.asked.get(p.name)
        if p is question.switched:
            options = [x for t in _texts(p, value) for x in (question.switch, t)]
        elif value is not None and value != _default(p):
            if p.positional:
                places += _texts(p, value)
            elif isinstance(p.kind, Flag):
                options.append(p.option if value else p.negated)
            else:
                options += [x for t in _texts(p, value) for x in (p.option, t)]
    return [*places, *options]


def _default(p: Parameter) -> Any:
    """Return the default as it stands among what was asked."""
    return None if p.default is None else p.kind.parse(p.default)


def _texts(p: Parameter, value: Any) -> list[str]:
    """Return a value as it is typed, several of them in turn."""
    if isinstance(p.kind, Contents):  # what is in a file of the person who asks
        return ["FILE"]
    if isinstance(p.kind, Many):
        return [_text(v) for v in value]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, tuple):  # the two ends of an interval
        return _text(value[0]) if value[0] == value[1] else "..".join(map(_text, value))
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _settings(question: Question, answer: Answer) -> list[str]:
    found: list[str] = []
    for s in settings(question):
        value = answer.stamp.get(s.name)
        if s.name == "study":
            found += [s.option, "DIR"] if _is_own(answer) else []
        elif value is not None and value != _USUAL.get(s.name):
            found += [s.option, str(value)]
    return found


def _is_own(answer: Answer) -> bool:
    """Return whether an answer rests on other evidence than the built-in one of its day."""
    built_in = _hash(str(answer.stamp["as_of"]))
    return built_in != str(answer.stamp["evidence_hash"])


@functools.lru_cache(maxsize=8)
def _hash(as_of: str) -> str:
    from leadtime.evidence import Evidence

    return Evidence.load(as_of=dt.date.fromisoformat(as_of)).hash
