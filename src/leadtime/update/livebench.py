"""LiveBench: one table of task scores for each set of questions; a score of ours is the mean over categories of the
means of their tasks.
"""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.csv_rows import rows_of
from leadtime.importers.names import fold
from leadtime.importers.outcome import Note, Refused
from leadtime.update import addresses
from leadtime.update.connector import PROVISIONAL, Address, File, Gathered, Known, Mention, each, rows_for
from leadtime.update.plainly import json_of

_TABLE = re.compile(r"^table_(\d{4})_(\d{2})_(\d{2})\.csv$")
_CATEGORIES = re.compile(r"^categories_(\d{4})_(\d{2})_(\d{2})\.json$")
#: Versions that its tables write with the words of the name in another order.
_CALLED = {
    "claude-4-1-opus-20250805": "claude-opus-4-1",
    "claude-4-opus-20250514": "claude-opus-4",
    "claude-4-sonnet-20250514": "claude-sonnet-4",
}
#: What the name of a setting ends in, such as `-thinking-64k-high-effort`.
_SETTING = re.compile(
    r"^(?P<base>.+?)(?P<off>-base|-nothinking)?(?P<thinking>-thinking)?(?:-(?P<budget>\d+k)|-auto)?"
    r"(?:-(?P<effort>none|minimal|low|medium|high|xhigh|max)(?:thinking)?)?(?P<mark>-effort)?$"
)


class LiveBench:
    """LiveBench's tables of task scores."""

    name = "livebench"
    title = "LiveBench: tables of task scores"
    gives = ("scores", "benchmarks")

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return the tables, each with its categories."""
        return addresses.of(self.name)

    def recognizes(self, file: File) -> bool:
        """Return whether a file is named as its tables are."""
        name = PurePosixPath(file.name).name
        return bool(_TABLE.match(name) or _CATEGORIES.match(name))

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: a table has names and scores alone."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return the scores of each table whose categories are there."""
        categories = {_edition(f): f for f in files if _CATEGORIES.match(PurePosixPath(f.name).name)}
        return each(
            (f for f in files if f.name.endswith(".csv")), lambda f: _scores(f, categories.get(_edition(f)), known)
        )


def _edition(file: File) -> str:
    return "-".join(re.findall(r"\d+", PurePosixPath(file.name).name))


def _scores(file: File, about: File | None, known: Known) -> Gathered:
    edition = _edition(file)
    if about is None:
        what = f"its categories are not there: which tasks make a category of the questions of {edition}?"
        raise LeadtimeError(what, fix=f"Put categories_{edition.replace('-', '_')}.json beside it.")
    tasks = _tasks(json_of(about), about.name)
    rows, irregular = rows_of(file.content, file.name)
    if "model" not in rows.columns:
        raise LeadtimeError("has no column 'model'", fix=f"Its columns are {', '.join(rows.columns[:6])}.")
    lacking = sorted({t for ts in tasks.values() for t in ts} - set(rows.columns))
    if lacking:
        raise LeadtimeError(f"has no column for the task {lacking[0]!r} that its categories name")
    source = {
        "id": f"livebench-table-{edition}",
        "title": f"LiveBench results, question set of {edition}",
        "publisher": "LiveBench",
        "url": f"https://livebench.ai/{PurePosixPath(file.name).name}",
        "kind": "primary",
    }
    got = Gathered(
        refused=[
            Refused(file=file.name, row=f"row {p.row}", reason=f"found {p.found}, expected {p.expected}")
            for p in irregular
        ]
    )
    left = [c for c in rows.columns if c not in ("_row", "model") and not any(c in ts for ts in tasks.values())]
    if left:
        got.notes.append(Note(file.name, f"tasks that no category names: {', '.join(left)}"))
    benchmark, out = f"livebench-{edition}", []
    for row in rows.iter_rows(named=True):
        score = _mean(row, tasks)
        model, effort = _model(row["model"] or "", known)
        out.append(
            {
                "model": model or row["model"],
                "benchmark": benchmark,
                "score": score if isinstance(score, float) else None,
                "effort": effort,
                "evaluator": "livebench",
                "report_type": "leaderboard",
                "locator": "table of task scores",
                "note": "mean of category means, computed from the task scores",
                "_row": row["_row"],
                "_aside": (
                    score
                    if isinstance(score, str)
                    else None
                    if model
                    else f"no model of the evidence is called {row['model']!r}"
                ),
            }
        )
    if benchmark not in known.evidence["benchmarks"]["id"]:
        got.found += rows_for("benchmarks", file, [_benchmark(edition, benchmark)], source)
    got.found += rows_for("scores", file, out, source)
    return got


def _tasks(found: object, where: str) -> dict[str, list[str]]:
    if not isinstance(found, dict) or not found or not all(isinstance(v, list) and v for v in found.values()):
        raise LeadtimeError(f"{where} is not a list of categories with their tasks")
    return {str(k): [str(t) for t in v] for k, v in found.items()}


def _mean(row: Mapping[str, str | None], tasks: Mapping[str, list[str]]) -> float | str:
    """Return the mean of category means as a fraction, or why there is none."""
    means = []
    for names in tasks.values():
        values = []
        for task in names:
            try:
                values.append(float(row[task] or ""))
            except ValueError:
                return f"its score on {task} is {row[task]!r}, no number: the mean would be of other tasks"
        means.append(sum(values) / len(values))
    return sum(means) / len(means) / 100


def _model(written: str, known: Known) -> tuple[str | None, str | None]:
    """Return the model of a name with a setting, and its effort."""
    whole, effort = known.names.model(written)
    parts = _SETTING.match(written)
    if not parts or parts["base"] == written:
        return whole, effort or None
    found = _of_version(parts["base"], known) or known.names.model(f"{parts['base']}{parts['thinking'] or ''}")[0]
    if whole and whole != found:  # the end is a part of the model's name, as in codex-max
        return whole, effort or None
    word = "none" if parts["off"] else "thinking" if parts["thinking"] else None
    return found, parts["budget"] or parts["effort"] or word


def _of_version(version: str, known: Known) -> str | None:
    """Return the model of a version; one that is known with an effort alone, such as gpt-5-2025-08-07_high, is the same
    model.
    """
    if version in _CALLED:
        return _CALLED[version]
    names = known.names
    with_effort = {m for e in names.efforts if (m := names.models.get(fold(f"{version}_{e}")))}
    return names.model(version)[0] or (with_effort.pop() if len(with_effort) == 1 else None)


def _benchmark(edition: str, benchmark: str) -> dict[str, str | float]:
    return {
        "id": benchmark,
        "name": f"LiveBench ({edition} questions)",
        "floor": 0.0,
        "ceiling": 1.0,
        "domain": "reasoning",
        "access": "semi-private",
        "released_on": edition,
        "metric": "mean over the category averages",
        "aliases": f"LiveBench-{edition}",
        "confidence": "low",
        "note": f"{PROVISIONAL}: a new set of questions is a test of its own; described as the earlier sets are",
    }
