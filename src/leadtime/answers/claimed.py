"""What was said, and where a number comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain, program, records, stamped
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    from leadtime.claims import Claim, Verdict
    from leadtime.explain import Explanation, Moved, Without
    from leadtime.study import Study


def claims(study: "Study", *, claim: str | None = None, then: bool = False) -> dict[str, Any]:
    """Give a verdict on each claim of the ledger that was said by the study's day, reading by reading."""
    found = of_ledger(study, claim)
    return claims_json(study, found, judged(study, found, then=then))


def of_ledger(study: "Study", claim: str | None) -> "list[Claim]":
    """Return the claims said by the study's day, or one of them.

    Raises:
        LeadtimeError: There is none of that id.
    """
    from leadtime.claims import available

    found = [c for c in available(study.folder) if c.said_on <= study.as_of]
    if claim is None:
        return found
    if claim not in (known := [c.id for c in found]):
        raise unknown_name("claim", claim, known)
    return [c for c in found if c.id == claim]


def judged(study: "Study", found: "list[Claim]", *, then: bool) -> "list[Verdict]":
    """Return the verdicts on claims, with those of their own days where asked for."""
    from leadtime.claims import check, with_then

    verdicts = check(study, found)
    return with_then(study, found, verdicts) if then else verdicts


def claims_json(study: "Study", found: "list[Claim]", verdicts: "Iterable[Verdict]") -> dict[str, Any]:
    """Return claims with their verdicts, and what each comes to as a whole."""
    from leadtime.claims import summary

    verdicts = list(verdicts)
    return {
        **study.stamp,
        "summaries": plain([summary(c, verdicts) for c in found]),
        "claims": [claim_row(c, v) for c in found for v in verdicts if v.claim == c.id],
    }


def claim_row(c: "Claim", v: "Verdict") -> dict[str, Any]:
    """Return one reading with what was said."""
    return {**asdict(v), "who": c.who, "said_on": str(c.said_on), "words": c.words, "paraphrase": c.paraphrase, "source": c.source,
            "interpretation": c.note}  # fmt: skip


def quantities() -> list[dict[str, Any]]:
    """List the numbers that can be explained and claimed: definition, equation, unit and parameters."""
    from leadtime.quantities import QUANTITIES

    rows = [
        {
            "quantity": k,
            "title": q.title,
            "unit": q.unit,
            "parameters": list(q.needs),
            "sentence": q.sentence,
            "equation": q.equation,
        }
        for k, q in QUANTITIES.items()
    ]
    return stamped(rows, program())


def explain(
    study: "Study",
    *,
    name: str,
    given: Sequence[str] = (),
    without: int = 0,
    by: str = "",
    most: int = 8,
    refits: int = 4,
) -> dict[str, Any]:
    """Give a number's definition, equation, derivation, assumptions and sources, and which evidence moves it most."""
    found, less, _ = explained(study, name, given, without)
    return explanation_json(study, found, less, moved_by(study, found, by, most, refits))


def moved_by(study: "Study", found: "Explanation", by: str, most: int, refits: int) -> "list[Moved]":
    """Return the rows, models, benchmarks or sources that move an explained number most; nothing where none is asked for."""
    from leadtime.explain import influence

    return influence(study, found.quantity, found.parameters, by, most=most, refits=refits) if by else []  # type: ignore[arg-type]


def explained(
    study: "Study", name: str, given: Sequence[str], without: int
) -> "tuple[Explanation, list[Without], str]":
    """Return an explanation, the number without each of its main sources, and why there is no such thing.

    Raises:
        LeadtimeError: Unknown number or parameter, or evidence that does not reach.
    """
    from leadtime.explain import explain as explain_it
    from leadtime.explain import leave_out, parse

    quantity, parameters = parse(name, given)
    found = explain_it(study, quantity, parameters)
    if not without:
        return found, [], ""
    try:
        return found, leave_out(study, quantity, parameters, without), ""
    except LeadtimeError as error:
        return found, [], f"{error.what}: {error.fix}"


def explanation_json(study: "Study", e: "Explanation", less: "list[Without]", moved: "list[Moved]") -> dict[str, Any]:
    """Return an explanation as JSON can hold it."""
    return {
        **study.stamp, "quantity": e.quantity, "parameters": e.parameters, "title": e.title, "unit": e.unit, "low": plain(e.low),
        "median": plain(e.median), "high": plain(e.high), "undefined": e.undefined, "definition": e.sentence, "equation": e.equation,
        "page": f"docs/methods/{e.method}.md",
        "steps": [{"words": s.words, "table": s.table, "rows": records(s.rows)} for s in e.steps],
        "sources": records(e.sources), "without": [asdict(w) for w in less],
        "moved_by": plain(moved),
    }  # fmt: skip
