"""Inspect AI logs (`.eval` and JSON) to responses: a row for each model as it was set, sample and try."""

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leadtime import json_text, stranger
from leadtime.errors import LeadtimeError
from leadtime.extras import missing
from leadtime.importers import archive
from leadtime.importers.inspect_score import Values, summaries, values_of
from leadtime.importers.outcome import Note, Outcome, Refused, together

_ENDINGS = (".eval", ".json")
#: How newer logs are packed, and where in them the samples are.
_ZSTANDARD, _SAMPLES = 93, "samples/"
#: How much a model thinks, and what it is: part of what was tested, and of its name.
_EFFORT = (
    "effort",
    "reasoning_effort",
    "reasoning_mode",
    "reasoning_tokens",
    "best_of",
    "fallback_models",
    "extra_body",
)
#: How it was asked otherwise: runs that differ in it are not tries of one.
_ASKED = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "system_message",
    "stop_seqs",
    "frequency_penalty",
    "presence_penalty",
    "num_choices",
    "internal_tools",
    "verbosity",
    "response_schema",
    "logit_bias",
)
#: Arguments of a model that say where it runs, not what it is.
_HARMLESS = frozenset(
    {
        "api_key",
        "base_url",
        "custom_outputs",
        "device",
        "device_map",
        "dtype",
        "tensor_parallel_size",
        "gpu_memory_utilization",
        "tokenizer_path",
        "trust_remote_code",
        "batch_size",
        "timeout",
        "max_retries",
        "port",
        "host",
        "stream",
    }
)
_MOST_WORD, _MOST_WORDS = 60, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """The responses of one log.

    Args:
        file: Its name.
        run: The id of its run of a task, empty if it has none.
        model: The model, with how much it thinks.
        task: The task, with its arguments.
        how: How it was asked otherwise.
        created: The moment of the run.
        values: Id of a sample and try, the sample's own id, and the response.
    """

    file: str
    run: str
    model: str
    task: str
    how: str
    created: str
    values: list[tuple[str, str, float]]


def read(paths: Iterable[Path], *, scorer: str = "") -> Outcome:
    """Return the responses in logs, what was refused and why, and what to look out for.

    Args:
        paths: Logs, or folders that hold them at any depth.
        scorer: The scorer whose values are taken where a task has several; default the first of the log. After a slash,
            or alone, the part of a score that has several.

    Raises:
        LeadtimeError: Inspect AI is not installed, or a path is not there.
    """
    try:
        import inspect_ai.log  # noqa: F401 - asked for before the first log is
    except ImportError:
        raise missing("inspect", "Inspect AI is not installed", where="import inspect") from None
    found: list[_Log] = []
    refused: list[Refused] = []
    notes: list[Note] = []
    n_files = 0
    for path in _logs(paths):
        n_files += 1
        name = archive.legible(path.name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                log, samples = _log_of(path)
            values = values_of(samples, name, scorer)
            found.append(_of_log(log, name, values))
            refused += values.refused
            notes += values.notes
        except LeadtimeError as error:
            refused.append(Refused(file=name, row="", reason=error.what))
        except Exception as error:  # whatever a damaged log makes of the library that reads it
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            # the library's own words for a file of another kind, which name its place on this machine
            alien = reason.startswith("No recorder for location")
            why = "is not a log of Inspect AI" if alien else f"cannot be read as a log ({reason})"
            refused.append(Refused(file=name, row="", reason=why))
    rows = [
        (log.model, f"{log.task}/{sample}", value)
        for log in _each_once(found, refused)
        for _, sample, value in log.values
    ]
    table = pl.DataFrame(rows, schema={"model": pl.String, "item": pl.String, "response": pl.Float64}, orient="row")
    return Outcome(responses=together(table), refused=refused, n_files=n_files, notes=list(dict.fromkeys(notes)))


def _logs(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from stranger.deep(path, lambda name: name.endswith(_ENDINGS))
        else:
            yield stranger.regular(path, most=archive.MOST_BYTES, fix="Give logs, or folders of them.")


def _log_of(path: Path) -> tuple[Any, list[Any]]:
    """Return a log and its samples; of an archive their summaries, which hold all scores and take a fraction of the
    time.

    Raises:
        LeadtimeError: It is too large, an archive that is not what its directory says, or of a run that did not end
            well.
    """
    import inspect_ai.log

    if path.suffix == ".eval":
        _require_true(path, unread=_SAMPLES)
        log = inspect_ai.log.read_eval_log(str(path), header_only=True)
        _require_whole(log)
        samples = summaries(path) if not getattr(log, "invalidated", False) else []
        if samples:
            return log, samples
        _require_true(path)
    else:
        stranger.regular(path, most=archive.MOST_MEMBER)
    log = inspect_ai.log.read_eval_log(str(path))
    _require_whole(log)
    if not log.samples:
        raise LeadtimeError("does not contain any samples")
    return log, list(log.samples)


def _require_true(path: Path, **more: str) -> None:
    """Refuse an archive that is not what its directory says; a sample that was run again is there twice."""
    archive.require_true(path, packed=archive.USUAL | {_ZSTANDARD}, again=_SAMPLES, **more)


def _require_whole(log: Any) -> None:
    if log.status != "success":
        raise LeadtimeError(f"is from a run that ended with the status {log.status!r}, so scores are missing")


def _of_log(log: Any, name: str, values: Values) -> _Log:
    spec = log.eval
    asked = {**_set(log.plan.config if log.plan else None), **_set(spec.model_generate_config)}
    arguments = {k: v for k, v in (spec.model_args or {}).items() if k not in _HARMLESS and v not in (None, "", False)}
    roles = {k: v.model for k, v in (spec.model_roles or {}).items()}
    alone = roles if str(spec.model).startswith("none") else {}  # then the models in roles are what is tested
    model = _with(str(spec.model), {**{k: asked[k] for k in _EFFORT if k in asked}, **arguments, **alone})
    task = _with(str(spec.task).rsplit("/", 1)[-1], {**(spec.task_args_passed or {}), **_solver(spec)})
    if not json_text.is_text(model) or not json_text.is_text(task):
        raise LeadtimeError("names a model or a task that is not text")
    otherwise = {k: asked[k] for k in _ASKED if k in asked}
    how = _with("", {**otherwise, "version": spec.task_version or None, "dataset": spec.dataset.name, **roles})
    how = how.encode("utf-8", "backslashreplace").decode()
    return _Log(
        file=name,
        run=str(spec.eval_id or ""),
        model=model,
        task=task,
        how=how,
        created=str(spec.created),
        values=values.taken,
    )


def _set(config: Any) -> dict[str, Any]:
    return config.model_dump(exclude_none=True) if config is not None else {}


def _solver(spec: Any) -> dict[str, Any]:
    """Return the solver that took the place of the task's own, with its arguments."""
    if not spec.solver:
        return {}
    given = spec.solver_args_passed or spec.solver_args or {}
    return {"solver": spec.solver, **{f"solver.{k}": v for k, v in given.items()}}


def _with(name: str, given: Mapping[str, Any]) -> str:
    """Return a name with what was set, in brackets."""
    words = ", ".join(f"{k}={_word(v, _MOST_WORD)}" for k, v in sorted(given.items()) if v is not None)
    return f"{name} [{_word(words, _MOST_WORDS)}]" if words else name


def _word(value: Any, most: int) -> str:
    """Return a value as a name holds it; a long one by its beginning and a sum of it."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    if len(text) <= most:
        return text
    return f"{text[: most - 12]}... {hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def _each_once(found: list[_Log], refused: list[Refused]) -> list[_Log]:
    """Return the logs that count: each run once, each try once, and of runs that were asked otherwise the newest."""
    kept: list[_Log] = []
    runs: dict[str, _Log] = {}
    tries: dict[str, str] = {}
    newest: dict[tuple[str, str], _Log] = {}
    for log in sorted(found, key=lambda log: log.created, reverse=True):
        first = runs.setdefault(log.run, log) if log.run else log
        of = newest.setdefault((log.model, log.task), log)
        if first is not log:
            same = "" if sorted(first.values) == sorted(log.values) else ", though its scores differ"
            refused.append(
                Refused(file=log.file, row="", reason=f"is the same run as {first.file}, which counts once{same}")
            )
        elif log.how != of.how:
            why = (
                f"was asked otherwise than {of.file}, a newer run of this model and task ({log.how.strip()};"
                f" {of.how.strip()})"
            )
            refused.append(Refused(file=log.file, row="", reason=why))
        else:
            twice = [t for t, _, _ in log.values if t and t in tries]
            if twice:
                why = f"{len(twice)} samples are those of {tries[twice[0]]}, and count once"
                refused.append(Refused(file=log.file, row="", reason=why))
            values = [v for v in log.values if not (v[0] and v[0] in tries)]
            tries |= {t: log.file for t, _, _ in values if t}
            kept.append(
                _Log(
                    file=log.file,
                    run=log.run,
                    model=log.model,
                    task=log.task,
                    how=log.how,
                    created=log.created,
                    values=values,
                )
            )
    return kept
