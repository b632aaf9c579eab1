"""Inspect AI logs (`.eval` and JSON) to responses: a row for each model, sample and try."""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from leadtime import json_text, stranger
from leadtime.errors import LeadtimeError
from leadtime.importers import archive
from leadtime.importers.outcome import Outcome, Refused, together

_ENDINGS = (".eval", ".json")
#: How newer logs are packed.
_ZSTANDARD = 93


def read(paths: Iterable[Path], *, scorer: str = "") -> Outcome:
    """Return the responses in logs, and what was refused and why.

    Args:
        paths: Logs, or folders that hold them at any depth.
        scorer: The scorer whose values are taken where a task has several; default the first of the log.

    Raises:
        LeadtimeError: Inspect AI is not installed, or a path is not there.
    """
    try:
        import inspect_ai.log
    except ImportError:
        raise LeadtimeError("Inspect AI is not installed", where="import inspect", fix="pip install 'leadtime[inspect]'.") from None  # fmt: skip
    rows: list[tuple[str, str, float]] = []
    refused: list[Refused] = []
    n_files = 0
    for path in _logs(paths):
        n_files += 1
        name = archive.legible(path.name)
        try:
            _require_harmless(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                log = inspect_ai.log.read_eval_log(str(path))
            found, bad = _of_log(log, name, scorer)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=error.what))
        except Exception as error:  # whatever a damaged log makes of the library that reads it
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            refused.append(Refused(file=name, row="", reason=f"cannot be read as a log ({reason})"))
        else:
            rows += found
            refused += bad
    table = pl.DataFrame(rows, schema={"model": pl.String, "item": pl.String, "response": pl.Float64}, orient="row")
    return Outcome(responses=together(table), refused=refused, n_files=n_files)


def _logs(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from stranger.deep(path, lambda name: name.endswith(_ENDINGS))
        else:
            yield stranger.regular(path, most=archive.MOST_BYTES, fix="Give logs, or folders of them.")


def _require_harmless(path: Path) -> None:
    """Refuse a log that is too large, or an archive that is not what its directory says."""
    if path.suffix == ".eval":
        archive.require_true(path, packed=archive.USUAL | {_ZSTANDARD})
    else:
        stranger.regular(path, most=archive.MOST_MEMBER)


def _of_log(log: Any, name: str, scorer: str) -> tuple[list[tuple[str, str, float]], list[Refused]]:
    if log.status != "success":
        raise LeadtimeError(f"is of a run that ended as {log.status!r}, so its scores are not all there")
    model, task = str(log.eval.model), str(log.eval.task).rsplit("/", 1)[-1]
    if not json_text.is_text(model) or not json_text.is_text(task):
        raise LeadtimeError("names a model or a task that is no text")
    rows, refused = [], []
    for sample in log.samples or []:
        where = f"sample {str(sample.id)[:60]}, epoch {sample.epoch}"
        try:
            if not json_text.is_text(str(sample.id)):
                raise LeadtimeError("has an id that is no text")
            rows.append((model, f"{task}/{sample.id}", _value(sample, scorer)))
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=where, reason=error.what))
    if not rows and not refused:
        raise LeadtimeError("holds no samples")
    return rows, refused


def _value(sample: Any, scorer: str) -> float:
    from inspect_ai.scorer import value_to_float

    if sample.error is not None:
        raise LeadtimeError("ended in an error")
    scores = sample.scores or {}
    if not scores:
        raise LeadtimeError("was not scored")
    if scorer and scorer not in scores:
        raise LeadtimeError(f"has no score by {scorer!r}, only by {', '.join(sorted(scores))[:200]}")
    given = (scores[scorer] if scorer else next(iter(scores.values()))).value
    if not isinstance(given, str | int | float | bool):
        raise LeadtimeError("has a score of several parts; one number is wanted")
    if isinstance(given, str) and given.upper() not in {"C", "I", "P", "N", "YES", "NO", "TRUE", "FALSE"}:
        try:
            given = float(given)
        except ValueError:
            raise LeadtimeError(f"has the score {given[:40]!r}, which is no number") from None
    value = float(value_to_float()(given))
    if not 0 <= value <= 1:
        raise LeadtimeError(f"has the score {value:g}; expected 0 to 1")
    return value
