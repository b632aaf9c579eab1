"""Every parser that reads what others wrote, each with inputs to begin with and what must hold of all it accepts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One parser.

    Args:
        name: What it is called.
        what: What it reads, in words.
        seeds: Inputs to begin with, made when they are wanted.
        check: Puts an input to the parser; raises LeadtimeError where it is refused, anything else for a fault.
        words: Words that mean something to it.
    """

    name: str
    what: str
    seeds: Callable[[], Iterable[bytes]]
    check: Callable[[bytes], None]
    words: tuple[str, ...] = ()


def all_targets() -> dict[str, Target]:
    """Return the targets by name."""
    from faults.targets import brought, doors, evidence, imports, numbers, parties, questions, rules, updates

    modules = (evidence, numbers, brought, imports, updates, rules, parties, questions, doors)
    return {t.name: t for module in modules for t in module.TARGETS}
