"""How the status of a transaction reads in a terminal."""

from typing import TYPE_CHECKING, Any

from leadtime.cli.terminal import put, wrap

if TYPE_CHECKING:
    from leadtime.rules.status import Status


def show_status(s: "Status", chance: float | None, *, whole: bool) -> None:
    """Print a status: the answer, then what it turns on, then why; `whole` shows every provision with every test."""
    t = s.transaction
    parent = f" (parent {t.parent})" if t.parent != t.hq else ""
    people = "" if t.hq == t.to == t.parent else f", end user of {t.hq}{parent}"
    name = t.chip or "item given by its numbers"
    put(f"{name} ({t.item}) to {t.to}{people}, {t.origin}, on {s.on}, as known on {s.as_known}\n")
    put(f"  {s.answer.replace('_', ' ').upper()}")
    for label, text in _status_lines(s, chance):
        put(f"  {label:<21} {text}")
    for title, lines in (
        ("in practice", s.practical), ("turns on", s.decides), ("not confirmed", s.unconfirmed), ("assumed", s.assumptions)
    ):  # fmt: skip
        if lines:
            put(f"\n  {title}:")
        for line in lines:
            wrap(line, "    ")
    _show_trace(s, whole=whole)
    if s.sources:
        put()
        wrap(f"sources: {', '.join(s.sources)}")


def _status_lines(s: "Status", chance: float | None) -> list[tuple[str, str]]:
    rows = [
        ("paragraph", s.eccn + (f" (may be {', '.join(s.eccn_possible)})" if s.eccn_possible else "")),
        ("license, by the text", s.license_codified),
        ("license, as enforced", s.license_enforced),
        ("review policy", s.review.replace("_", " ") + _also(s.review_possible)),
    ]
    if s.review_codified != s.review:
        rows.append(("review, by the text", s.review_codified.replace("_", " ")))
    rows.append(("exceptions", ", ".join(s.exceptions) or "none"))
    if s.unknown_since:
        rows.append(("unknown since", str(s.unknown_since)))
    if chance is not None:
        rows.append(("P(license required)", f"{chance:.3f}"))
    return [*rows, ("confidence", s.confidence)]


def _show_trace(s: "Status", *, whole: bool) -> None:
    put("\n  why:")
    for step in s.trace:
        verdicts = (step.applies_codified, step.applies_enforced)
        mark = "+" if "yes" in verdicts else "?" if "unknown" in verdicts else "-"
        if whole or mark != "-" or _is_near(step):
            _show_step(step, mark, whole=whole)
    if not whole:
        put("    (--trace: every provision, with every test)")


def _also(names: tuple[str, ...]) -> str:
    return f" (may be {', '.join(n.replace('_', ' ') for n in names)})" if names else ""


def _is_near(step: Any) -> bool:
    """Return whether a provision that does not apply is worth a line: in force, and about this kind of item."""
    gone = ("not in force", "superseded", "ended", "withdrawn", "struck down", "suspended")
    beside = any(t.startswith("item ") and t.endswith(": no") for t in step.tests)
    return step.role in ("classification", "requirement") and not step.state.startswith(gone) and not beside


def _show_step(step: Any, mark: str, *, whole: bool) -> None:
    split = f" (text: {step.applies_codified}, enforced: {step.applies_enforced})"
    same = step.applies_codified == step.applies_enforced
    put(f"    {mark} {step.provision}: {step.title}{'' if same else split}")
    if step.outcome and mark == "+":
        put(f"        -> {step.outcome.replace('_', ' ')}")
    wrap(f"{', '.join(x for x in (step.pinpoint, step.citation) if x)}; {step.state}", "        ")
    wanted = (": yes", ": no", ": unknown") if whole or mark == "+" else (": no",) if mark == "-" else (": unknown",)
    for test in dict.fromkeys(step.tests):
        if test.endswith(wanted) and not (test.startswith("item ") and not whole):
            wrap(test, "        ")
