"""Questions and their answers: each question is declared once, in `answers.questions`, and all doors are made from that.

`ask(study, "lag path", of="China")` gives an answer. What is not declared yet is a function here, from a study to what JSON can hold.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadtime.answers.registry import ask, find, questions

_WHERE = {
    "registry": ("ask", "find", "questions"),
}
__all__ = [
    "ask", "find", "questions",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load an answer on first use."""
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"leadtime.answers.{module}"), name)
    raise AttributeError(f"module 'leadtime.answers' has no attribute {name!r}")
