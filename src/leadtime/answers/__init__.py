"""Questions and their answers: each question is declared once, in `answers.questions`, and all doors are made from
that.

`ask(study, "lag path", of="China")` gives an answer.
"""

from leadtime.answers.registry import ask, find

__all__ = ["ask", "find"]
