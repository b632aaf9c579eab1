"""How the status of a transaction reads in a terminal: the answer first, the trace last."""

from typing import TYPE_CHECKING, Any

from leadtime.cli.terminal import put, wrap
from leadtime.rules.told import told
from leadtime.rules.verdict import UNKNOWN_VERDICT

if TYPE_CHECKING:
    from leadtime.rules.changes import Change
    from leadtime.rules.status import Status

_SHORT = 3


def show_status(s: "Status", chance: float | None, changes: "tuple[Change, ...]", *, verbose: bool) -> None:
    """Print a status: verdict, because, what would change it, the three standings; `verbose` adds all that it rests on."""
    words = told(s)
    wrap(_question(s), "")
    if s.transaction.read_as:
        wrap(s.transaction.read_as, "")
    put()
    wrap(words.headline, "")
    more = " ".join(x for x in (words.how, f"Confidence: {s.confidence}.") if x)
    wrap(more, "")
    if s.turns_on:
        wrap(s.turns_on, "")
    if chance is not None:
        wrap(f"P(license required) {chance:.3f}, if the numbers lie as their intervals say.", "")
    _part("Because", s.because)
    if s.verdict == UNKNOWN_VERDICT and not verbose:
        _part("Not confirmed", s.unconfirmed[:_SHORT])
    _part("What would change this answer", tuple(f"{c.what}: {c.then}." for c in changes))
    put("\nWritten, enforced, in practice")
    wrap(f"written: {words.written}")
    wrap(f"enforced: {words.enforced}")
    practice = words.practice if verbose else words.practice[:_SHORT]
    for line in practice:
        wrap(f"in practice: {line}")
    if len(words.practice) > len(practice):
        put(f"    ({len(words.practice) - len(practice)} more: --verbose)")
    put()
    wrap(f"paragraph: {_paragraph(s)}", "")
    wrap(f"not modelled here: {', '.join(s.not_modelled)} (leadtime rules coverage)", "")
    if verbose:
        _part("Assumed", s.assumptions)
        _part("Not confirmed", s.unconfirmed)
        _show_trace(s)
        put()
        wrap(f"sources: {', '.join(s.sources)}", "")
        return
    counts = f"{len(s.assumptions)} assumptions, {len(s.unconfirmed)} points not confirmed, {len(s.trace)} provisions: --verbose"
    wrap(counts, "")


def _question(s: "Status") -> str:
    t = s.transaction
    parent = f" (parent {t.parent})" if t.parent != t.hq else ""
    people = "" if t.hq == t.to == t.parent else f", end user of {t.hq}{parent}"
    name = t.chip or "item given by its numbers"
    return f"{name} ({t.item}) to {t.to}{people}, {t.origin}, on {s.on}, as known on {s.as_known}"


def _paragraph(s: "Status") -> str:
    return "none of those read here; another may apply" if s.eccn == "none" else s.eccn


def _part(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        put(f"\n{title}")
    for line in lines:
        wrap(f"- {line}", "  ")


def _show_trace(s: "Status") -> None:
    applied = sum("yes" in (x.applies_codified, x.applies_enforced) for x in s.trace)
    put(f"\nHow we got there: {len(s.trace)} provisions checked, {applied} apply")
    for step in s.trace:
        verdicts = (step.applies_codified, step.applies_enforced)
        _show_step(step, "+" if "yes" in verdicts else "?" if "unknown" in verdicts else "-")


def _show_step(step: Any, mark: str) -> None:
    split = f" (text: {step.applies_codified}, enforced: {step.applies_enforced})"
    wrap(
        f"{mark} {step.provision}: {step.title}{'' if step.applies_codified == step.applies_enforced else split}", "  "
    )
    if step.outcome and mark == "+":
        wrap(f"-> {step.outcome.replace('_', ' ')}", "      ")
    wrap(f"{', '.join(x for x in (step.pinpoint, step.citation) if x)}; {step.state}", "      ")
    if step.condition:
        wrap(f"if {step.condition}", "      ")
    for test in dict.fromkeys(step.tests):
        wrap(test, "        ")
