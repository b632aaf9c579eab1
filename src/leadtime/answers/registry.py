"""All questions: those of the package `answers.questions`, one file each, and those that a program adds."""

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from leadtime.answers.question import subject_of
from leadtime.errors import unknown_name

if TYPE_CHECKING:
    from leadtime.answers.answer import Answer
    from leadtime.answers.question import Question

_known: "dict[str, Question]" = {}


def register(question: "Question") -> None:
    """Add a question: the decorator does it. A program's own has to be there before a door is opened.

    Raises:
        ValueError: Another question has that name, command or address.
    """
    for other in _known.values():
        same_module = getattr(other.answer, "__module__", "") == getattr(question.answer, "__module__", "")
        if other.name == question.name and same_module:
            continue  # the same file, loaded again
        if other.name == question.name or other.command == question.command or other.path == question.path:
            raise ValueError(f"{question.name!r} is declared twice, or shares a command or address with {other.name!r}")
    _known[question.name] = question


def forget(name: str) -> None:
    """Take a question away that was added."""
    _known.pop(name, None)


@functools.cache
def _load() -> None:
    package = importlib.import_module("leadtime.answers.questions")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def questions(*, local: bool = True) -> "list[Question]":
    """Return all questions by name; without `local`, those that read no files of the person who asks."""
    _load()
    return [q for _, q in sorted(_known.items()) if local or not q.local]


def find(name: str) -> "Question":
    """Return a question by its name, or by its name as one word.

    Raises:
        LeadtimeError: There is no such question.
    """
    for question in questions():
        if name in (question.name, question.id):
            return question
    raise unknown_name("question", name, [q.name for q in questions()])


def ask(subject: Any, name: str, /, **given: Any) -> "Answer":
    """Return the answer to a question: `ask(study, "lag path", of="China")`.

    Args:
        subject: A study, or the evidence or rules that the question is put to; None for one that is put to nothing.
        name: Its name, such as `lag path`.
        given: Its parameters.

    Raises:
        LeadtimeError: There is no such question, a value is wrong, or the evidence is not enough.
    """
    question = find(name)
    return question.ask(subject_of(question.of, subject), given)
