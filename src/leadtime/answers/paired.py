"""Two models on the questions that both answered: what is compared, and how it is told."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leadtime.answers.answer import Column, Spread, Table
from leadtime.answers.words import count, number
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    from leadtime.capability.items.pair import Pair
    from leadtime.evidence import Evidence

DEFINITION = (
    "The difference between the shares of the same questions that two models answer right. Tries of one question count"
    " as one."
)
LIMIT = "A difference on these questions says nothing of others, unless they are a sample of them."


class Paired(NamedTuple):
    """Two models of the files and how they compare; what must be said of it, and all names in the files."""

    found: "Pair"
    first: str
    second: str
    notes: tuple[str, ...]
    names: tuple[str, ...]


def paired(evidence: "Evidence", paths: Sequence[Path], model: str, against: str, *, percent: bool) -> Paired | None:
    """Return how two models compare on the questions of some files, or None if the files know the second no more than
    by name.

    Raises:
        LeadtimeError: The files do not know the first, both are one, or they share too few questions.
    """
    import polars as pl

    from leadtime.capability.items.pair import compare
    from leadtime.capability.items.read import rows_of

    is_second = _is(evidence, against)
    told: list[str] = []
    rows, names = rows_of(paths, lambda name: name == model or is_second(name), percent=percent, tell=told.append)
    if model not in names:
        raise unknown_name("model", model, names)
    could = [against] if against in names else [n for n in names if is_second(n) and n != model]
    if len(could) > 1:
        fix = f"Give one as the files have it: {', '.join(could[:6])}."
        raise LeadtimeError(f"{len(could)} models of the files are called {against!r}", where="--against", fix=fix)
    if not could:
        _require_known(evidence, against, names)
        return None
    if could == [model]:
        raise LeadtimeError("both sides are the same model", where="--against", fix="Name another model.")
    second = could[0]
    weight = pl.col("count")
    means = rows.group_by("model", "item").agg(
        mean=(pl.col("response") * weight).sum() / weight.sum(),
        tries=weight.sum(),
        cluster=pl.col("cluster").first(),
        n_clusters=pl.col("cluster").n_unique(),
    )
    ours, theirs = (means.filter(model=name).drop("model") for name in (model, second))
    both = ours.join(theirs, on="item", suffix="_b").sort("item")
    if both.filter(
        (pl.col("n_clusters") > 1) | (pl.col("n_clusters_b") > 1) | (pl.col("cluster") != pl.col("cluster_b"))
    ).height:
        raise LeadtimeError("one question is in two clusters", where="cluster", fix="Put each question in one cluster.")
    if both.height < 2:
        what = f"{model} and {second} share {count(both.height, 'question')}"
        raise LeadtimeError(what, where=", ".join(map(str, paths)), fix="Add questions that both answered.")
    clustered = both["cluster"].null_count() == 0
    code = both["cluster"].rank("dense") if clustered else None
    found = compare(both["mean"], both["mean_b"], code)
    notes = [
        f"{name} alone answered {count(n, 'question')}; left."
        for name, n in ((model, ours.height - both.height), (second, theirs.height - both.height))
        if n
    ]
    if (both["tries"] > 1).any() or (both["tries_b"] > 1).any():
        notes.append("Tries of one question are taken together: they count as one question, not as several.")
    if clustered:
        notes.append(f"Questions of one cluster are taken together: {found.n_clusters:,} clusters.")
    elif both["cluster"].null_count() < both.height:
        notes.append("Some questions name a cluster and some do not: each counts for itself.")
    return Paired(found, model, second, (*dict.fromkeys(told), *notes), names)


def _is(evidence: "Evidence", against: str) -> Any:
    """Return whether a name in the files means a model, by its name there or by what the evidence calls it."""
    from leadtime.answers.itemized import known

    try:
        wanted = evidence.resolve_model(against)
    except LeadtimeError:
        wanted = None
    return lambda name: name == against or (wanted is not None and wanted in known(evidence, [name]))


def _require_known(evidence: "Evidence", against: str, names: Sequence[str]) -> None:
    try:
        evidence.resolve_model(against)
    except LeadtimeError:
        raise unknown_name("model", against, [*names, *evidence["models"]["id"]]) from None


def sentence(pair: Paired, other: str) -> str:
    """Return which of two models answers more questions right, or that it is not clear, and what difference
    would show.
    """
    f, questions = pair.found, f"{pair.found.n_items:,} shared questions"
    size = number(100 * abs(f.difference))
    shows = f"A true difference of {number(100 * f.smallest)} points would show in 80 of 100 such comparisons."
    if f.low > 0 or f.high < 0:
        way = "more" if f.difference > 0 else "fewer"
        low, high = (f.low, f.high) if f.difference > 0 else (-f.high, -f.low)
        ends = f"({number(100 * low)} to {number(100 * high)})"
        return (
            f"{pair.first} answers {way} of {questions} right than {other}: by {size} percentage points {ends}. {shows}"
        )
    ends = f"({_side(f.low)} to {_side(f.high)})"
    if size == "0.0":
        return f"{pair.first} and {other} answer equally many of {questions} right {ends}. {shows}"
    which = f"{pair.first} is {size} percentage points {'ahead' if f.difference > 0 else 'behind'} {ends}"
    return f"Whether {pair.first} or {other} answers more of {questions} right is not clear: {which}. {shows}"


def _side(difference: float) -> str:
    size = number(100 * abs(difference))
    return "level" if size == "0.0" else f"{size} {'ahead' if difference > 0 else 'behind'}"


def row(pair: Paired, other: str) -> dict[str, Any]:
    """Return the difference as a row like those of a lag: its value, interval and unit."""
    f = pair.found
    return {
        "definition": "paired",
        "title": f"ahead of {other}, shared questions",
        "median": Spread(*(100 * x for x in (f.low, f.difference, f.high))),
        "unit": "percentage points",
        "level": 0.9,
        "censored": 0.0,
        "atoms": [],
        "note": "",
        "sentence": DEFINITION,
        "because": [],
    }


def table(pair: Paired, other: str) -> Table:
    """Return what the difference is made of."""
    f = pair.found
    entry = {
        "model": pair.first,
        "against": other,
        "n_items": f.n_items,
        "n_clusters": f.n_clusters,
        "share": f.first,
        "share_against": f.second,
        "difference": Spread(f.low, f.difference, f.high),
        "standard_error": f.error,
        "smallest_shown": f.smallest,
        "p_better": f.p_better,
    }
    columns = (
        Column(key="model", title="Model"),
        Column(key="n_items", title="Questions", kind="number", digits=0),
        Column(key="n_clusters", title="Clusters", kind="number", digits=0),
        Column(key="share", title="Right", kind="share"),
        Column(key="share_against", title=f"{other} right", kind="share"),
        Column(key="smallest_shown", title="Smallest that shows", kind="share"),
        Column(key="p_better", title="Better", kind="chance"),
    )
    return Table(name="paired", title="On the questions that both answered:", rows=[entry], columns=columns)
