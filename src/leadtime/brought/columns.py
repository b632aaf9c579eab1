"""What the columns of a table are, by their names: whatever their case, and by the words that people use."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadtime.errors import LeadtimeError, nearest

Want = Literal["scores", "responses"]
Role = Literal["model", "benchmark", "score", "item", "response", "task", "count", "cluster"]

#: Names of each kind of column: the first that is there counts; of the second list only if it is the only one.
NAMES: dict[Role, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "model": (
        ("fullname", "model", "model_version", "model_id", "model_name", "subject_id"),
        ("system", "llm", "subject", "respondent"),
    ),
    "benchmark": (
        ("benchmark", "benchmark_id", "benchmark_name"),
        ("task", "task_name", "dataset", "dataset_name", "eval", "evaluation", "evaluation_name", "test"),
    ),
    "score": (
        ("performance", "score"),
        ("accuracy", "acc", "value", "result", "mean_score", "pass_rate", "metric_value"),
    ),
    "item": (
        ("item", "item_id", "sample_id", "question_id", "instance_id"),
        ("question", "doc_id", "problem_id", "prompt_id", "example_id"),
    ),
    "response": (
        ("response", "score"),
        ("correct", "is_correct", "right", "accuracy", "acc", "passed", "outcome", "value", "result", "performance"),
    ),
    "task": (("task", "benchmark"), ("dataset", "task_name", "evaluation_name")),
    "count": (("count", "epochs", "attempts"), ("n_attempts", "n_tries", "tries", "trials")),
    "cluster": (("cluster",), ()),
}
#: What a column is to be called where that is not its kind.
_CALLED = {"score": "performance"}
#: Columns that tell one test of several under one name: where they differ, a name of the test alone is not enough.
PARTS = ("subtask", "subset", "subject", "split", "metric", "metricname", "category", "config", "language", "setting")
#: Numbers about a model that are no test of it, or are on another scale than a share of right answers, and means of
#: tests; such columns of a wide table are left, and told.
_BESIDE = re.compile(
    r"(?:global)?average|avg|mean|overall|total|rank|ranking|place|index|params?|parameters|nparams|size|billions?|year|date|released?|cost|price|"
    r"votes?|rating|likes|hub|co.?2?cost|downloads|context|contextlength|tokens?|flops?|compute|latency|seconds|speed|generation|version|seed|fold|run|epoch|n|count|totalcount|n?samples|numsamples|(?:arena)?elo|mtbench|(?:output|avg|average)?length|nitems|id|unnamed\d*"
)
#: The same by the words that such a name ends in, whatever stands before them, and by money.
_ENDS = re.compile(
    r"(?:.* )?(?:rank|ranking|price|cost|latency|speed|elo|compute|seconds?|(?:standard|std) error|stderr|"
    r"(?:window|context|input|output|reasoning|answer|max) tokens)"
)
_MONEY = re.compile(r"\b(?:usd|prices?)\b|\$")
_PERCENT = re.compile(r"[\s_(\[]*(?:%|\bpercent(?:age)?|\bpct)[)\]]*$", re.IGNORECASE)


@functools.lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """Return a name without case, blanks and marks, and without what says that its numbers are in percent."""
    return re.sub(r"[\W_]+", "", _PERCENT.sub("", name.strip()).casefold())


def in_percent(name: str) -> bool:
    """Return whether a column's name says that its numbers are in percent: `score (%)`, `accuracy_pct`."""
    return bool(_PERCENT.search(name.strip().replace("_", " "))) and bool(fold(name.replace("_", " ")))


def is_beside(name: str) -> bool:
    """Return whether a column of a wide table holds numbers about a model that are no test of it."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", name)
    if re.search(r"[(\[][^)\]]*\b(?:average|avg|mean|overall)\b[^)\]]*[)\]]", name, re.IGNORECASE):
        return True
    words = " ".join(re.findall(r"[^\W_]+", bare.casefold()))
    if _ENDS.fullmatch(words) or _MONEY.search(name.casefold().replace("_", " ")):
        return True
    return bool(_BESIDE.fullmatch(words.replace(" ", "")))


def find(columns: Sequence[str], role: Role) -> str | None:
    """Return the column of a kind, or None.

    Raises:
        LeadtimeError: Several could be it. Without the place: the caller knows it.
    """
    first, then = NAMES[role]
    for name in first:
        if name in columns:
            return name
        if alike := [c for c in columns if fold(c) == fold(name)]:
            return _only(alike, role)
    could = {fold(n) for n in then}
    return _only(found, role) if (found := [c for c in columns if fold(c) in could]) else None


def _only(found: list[str], role: Role) -> str:
    if len(found) > 1:
        names = ", ".join(map(repr, found[:4]))
        raise LeadtimeError(
            f"{names} could each be the {role}", fix=f"Rename the column that counts to {_CALLED.get(role, role)!r}."
        )
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """The columns of a table of one score a row, or None if there is none of the kind.

    Args:
        model: Whose score it is.
        test: The benchmark, or the item.
        score: The score, or the response.
        task: What the item is of.
        count: Tries that the response is the mean of.
        cluster: What items hang together by.
    """

    model: str
    test: str
    score: str
    task: str | None = None
    count: str | None = None
    cluster: str | None = None

    @property
    def names(self) -> list[str]:
        """The columns that are there."""
        return [n for n in (self.model, self.test, self.score, self.task, self.count, self.cluster) if n]


def long_of(columns: Sequence[str], want: Want) -> Long | None:
    """Return the columns of a long table, or None if it is not one.

    Raises:
        LeadtimeError: Several columns could be of one kind.
    """
    if want == "scores":
        model, test, score = (find(columns, r) for r in ("model", "benchmark", "score"))
        return Long(model=model, test=test, score=score) if model and test and score else None
    model, test = find(columns, "model"), find(columns, "item")
    left = [c for c in columns if c not in (model, test)]
    score = find(left, "response")
    if not (model and test and score):
        return None
    task, count, cluster = (find([c for c in left if c != score], r) for r in ("task", "count", "cluster"))
    return Long(model=model, test=test, score=score, task=task, count=count, cluster=cluster)


def lacking(columns: Sequence[str], want: Want) -> LeadtimeError:
    """Return the error of a table that has not the columns, with the nearest that it has. Without the place."""
    roles: tuple[Role, ...] = ("model", "benchmark", "score") if want == "scores" else ("model", "item", "response")
    role = next((r for r in roles if find(columns, r) is None), roles[-1])
    names = [n for n in NAMES[role][0] if n != "fullname"]
    shown = [c for c in columns if c != "_row"]
    near = nearest(names[0], shown) or shown
    fix = f"Call it {' or '.join(names[:3])}. The nearest columns are {', '.join(map(repr, near[:4]))}."
    return LeadtimeError(f"there is no column {names[0]!r}", fix=fix)
