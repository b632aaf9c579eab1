"""What an answer says of scores of your own: whether their models were placed on the built-in fit, or all was fitted
again, and what that changed.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Answer, Column, Row
from leadtime.answers.sourced import rests_on_scores
from leadtime.answers.words import listed, shown
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study


def said(study: "Study", answer: Answer, again: Callable[["Study"], Answer]) -> tuple[str, ...]:
    """Return what must be said of the scores of a study's own, a sentence or two each, nothing if it has none, or
    the answer rests on no abilities.

    Args:
        study: The study that was asked.
        answer: Its answer.
        again: Asks another study the same.
    """
    if not rests_on_scores(answer) or not study.own_scores:
        return ()
    if study.own_scores == "placed":
        return tuple(_placed(study))
    quick = study.quick()
    return (
        "All abilities were fitted anew with your scores (a refit).",
        *(_changed(answer, again, quick) if quick else ()),
    )


def _placed(study: "Study") -> Iterator[str]:
    placed, names = study.placed(), dict(study.evidence["models"].select("id", "name").iter_rows())
    if placed.models:
        who = listed([names.get(m, m) for m in placed.models])
        verb = "is" if len(placed.models) == 1 else "are"
        yield (
            f"Quick answer: {who} {verb} placed on the built-in fit. Your scores do not change that fit. A refit"
            " (--refit) fits everything anew, in minutes, and shows the difference."
        )
    if placed.n_unused:
        n = placed.n_unused
        yield f"{n} of your scores {'is' if n == 1 else 'are'} on tests that the built-in fit does not use."
    if placed.too_few:
        yield f"Too few known tests to be placed: {listed([names.get(m, m) for m in placed.too_few])}."


def _changed(answer: Answer, again: Callable[["Study"], Answer], quick: "Study") -> Iterator[str]:
    """Yield what the quick answer was, and which number the refit moved most."""
    try:
        before = again(quick)
    except LeadtimeError as error:
        yield f"There is no quick answer to compare with: {error.what}."
        return
    yield f"The quick answer was: {before.sentence}"
    moves = sorted(_moves(answer, before), key=lambda m: -abs(m[0]))
    if moves and abs(moves[0][0]) > 0:
        _, column, now, then = moves[0]
        what = " ".join(str(now.get(c.key, "")) for c in answer.rows.columns[:1])
        yield f"The refit moved {what} most, from {shown(column, then)} to {shown(column, now)}."
    elif moves:
        yield "The refit moved no number."


def _moves(answer: Answer, before: Answer) -> Iterator[tuple[float, Column, Row, Row]]:
    """Yield how far the first number of each row moved, with its column and the row now and before."""
    head, *rest = answer.rows.columns
    column = next((c for c in rest if c.kind in ("spread", "number")), None)
    if column is None:
        return
    then: dict[Any, Row] = {r.get(head.key): r for r in before.rows.rows}
    for now in answer.rows.rows:
        old = then.get(now.get(head.key))
        if old is not None:
            values = [column.spread(r).median for r in (now, old)]
            if values[0] is not None and values[1] is not None:
                yield values[0] - values[1], column, now, old
