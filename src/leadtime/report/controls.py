"""Controls of forms, made from the parameters of questions: a template names which to show, not how."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadtime.answers.kinds import Choice, Kind, Many, Name
from leadtime.answers.measures import Number
from leadtime.answers.names import choices
from leadtime.answers.question import Parameter
from leadtime.answers.registry import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of a form.

    Args:
        name: Of the parameter, and of the field in the address.
        form: text, textarea, number, date, checkbox, select, or datalist.
        label: Its words where the template gives none.
        help: What it is.
        value: What it holds.
        choices: Values and their words, where there is a list.
        required: It cannot be left out.
        limits: Attributes of the element: the ends of its range, or its longest text.
    """

    name: str
    form: str
    label: str
    help: str
    value: str
    choices: tuple[tuple[str, str], ...]
    required: bool
    limits: tuple[tuple[str, str], ...]


def controls(question: str, subject: Any, state: Mapping[str, Any]) -> dict[str, Control]:
    """Return a control for each parameter of a question, by name.

    Args:
        question: Its name.
        subject: The study, evidence or rules whose names are listed.
        state: What the address holds.
    """
    return {p.name: _control(p, subject, state) for p in find(question).served}


def _control(p: Parameter, subject: Any, state: Mapping[str, Any]) -> Control:
    given = state.get(p.name)
    value = given if given not in (None, "") else p.default
    return Control(
        name=p.name,
        form=p.kind.control,
        label=p.name.replace("_", " ").capitalize(),
        help=p.help,
        value="" if value in (None, False) else str(value),
        choices=_choices(p.kind, subject),
        required=p.required,
        limits=_limits(p.kind),
    )


def _choices(kind: Kind, subject: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(kind, Many):
        return _choices(kind.each, subject)
    if isinstance(kind, Choice):
        return tuple((v, v.replace("_", " ")) for v in kind.of)
    return tuple(choices(kind.of, subject)) if isinstance(kind, Name) else ()


def _limits(kind: Kind) -> tuple[tuple[str, str], ...]:
    if not isinstance(kind, Number):
        return (("maxlength", str(kind.most)),) if kind.control in ("text", "textarea") else ()
    schema = kind.schema()
    ends = (("min", schema.get("minimum", schema.get("exclusiveMinimum"))), ("max", schema.get("maximum")))
    step = "1" if schema["type"] == "integer" else "any"
    return (*((k, f"{v:g}") for k, v in ends if v is not None), ("step", step))
