"""Samples of lm-evaluation-harness to responses: whose they are, by which filter, and each that is left told."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import polars as pl

from leadtime import json_text, stranger
from leadtime.errors import LeadtimeError
from leadtime.importers import archive
from leadtime.importers.lm_eval_lines import read_lines
from leadtime.importers.lm_eval_metric import by_task, chosen_filter
from leadtime.importers.lm_eval_run import Run, is_results, parsed, rules, run_of, stamp_of
from leadtime.importers.outcome import Note, Outcome, Refused, together

_ENDINGS = (".jsonl", ".json")
# Version 0.4.0 to 0.4.2: the arguments of the model, then the task.
_BY_ARGUMENTS = re.compile(r"(?:pretrained|model|path|engine|peft|delta)__")

_UNKNOWN = "no file of results of that run is beside it, so how it was set is not known"


class _Place(NamedTuple):
    """Where a file stands: what was given, and the folder within it."""

    root: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Samples:
    """The responses of one file.

    Args:
        file: Its name.
        place: Where it stands.
        model: Whose they are.
        task: To which task.
        stamp: The moment in its name.
        how: How the run was set, where a file of results says; else None.
        values: Item to response.
    """

    file: str
    place: _Place
    model: str
    task: str
    stamp: str
    how: str | None
    values: Mapping[int | str, float]


@dataclass(slots=True, kw_only=True)
class _Told:
    """What is told of the files while they are read."""

    notes: list[Note] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def responses(paths: Iterable[Path], *, which_filter: str = "") -> Outcome:
    """Return the responses in files of samples: a row for each model and item, the mean of its tries.

    Args:
        paths: Files, folders or zips, with the files of results beside.
        which_filter: The filter of the answers that counts, where a file has several.

    Raises:
        LeadtimeError: A path that cannot be read, or holds no samples.
    """
    paths = list(paths)
    told = _Told()
    runs = _runs_beside(paths)
    found: list[_Samples] = []
    n_files = 0
    for name, place, content in _files(paths, told):
        n_files += 1
        try:
            found.append(_of_file(name, place, content, runs, which_filter, told))
        except LeadtimeError as error:
            told.refused.append(Refused(file=name, row="", reason=error.what))
    if not n_files:
        raise LeadtimeError(
            "there is no file of samples",
            where=", ".join(map(str, paths)),
            fix="Run lm_eval with --log_samples and --output_path, then give that folder.",
        )
    kept = _each_run_once(found, told)
    _tell_unlike(kept, told)
    tables = [_table([])] + [_table([(s.model, f"{s.task}/{i}", v) for i, v in s.values.items()]) for s in kept]
    notes = list(dict.fromkeys(told.notes))
    return Outcome(responses=together(pl.concat(tables)), refused=told.refused, n_files=n_files, notes=notes)


def _files(paths: Iterable[Path], told: _Told) -> Iterator[tuple[str, _Place, bytes]]:
    """Yield name, place and content of the files of samples."""
    for path in paths:
        alone = path.is_file() and path.suffix in _ENDINGS
        for ending in (path.suffix,) if alone else _ENDINGS:
            if alone and ending == ".json" and not path.name.startswith("samples_"):
                continue  # the results beside the samples, where a shell gave all that is in a folder
            for inner, content in archive.contents(path, ending):
                named = PurePosixPath(inner).name
                if alone or named.startswith("samples_") or (ending == ".jsonl" and _BY_ARGUMENTS.match(named)):
                    name = archive.legible(str(path.parent.name / Path(inner))) if path.is_file() else inner
                    yield name, _place(path, inner), content
                elif ending == ".jsonl":
                    told.notes.append(Note(inner, "left out: its name is not that of a file of samples"))


def _place(path: Path, inner: str) -> _Place:
    """Return where a file of a path stands; its folder by its own name, also where the path is that folder."""
    parent = PurePosixPath(inner).parent
    if not path.is_file():
        return _Place(str((path / parent).resolve()), parent.name or path.resolve().name)
    if path.suffix in _ENDINGS:
        return _Place(str(path.parent.resolve()), path.parent.resolve().name)
    return _Place(str(path.resolve() / parent), parent.name or path.stem)


def _runs_beside(paths: Iterable[Path]) -> dict[_Place, list[Run]]:
    """Return the runs that files of results tell, by where they stand."""
    found: dict[_Place, list[Run]] = {}
    for path in paths:
        alone = path.is_file() and path.suffix in _ENDINGS
        for inner, content in _beside(path) if alone else archive.contents(path, ".json"):
            if PurePosixPath(inner).name.startswith("samples_"):
                continue
            try:
                given = parsed(content)
                if is_results(given):
                    runs = found.setdefault(_place(path, inner), [])
                    runs.append(run_of(given, PurePosixPath(inner).stem))
            except LeadtimeError:
                continue  # it is for the import of results to tell
    return found


def _beside(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that may be the results of the run whose samples a file has: those of its moment, or
    `results.json`.
    """
    stamp = stamp_of(path.stem)
    for other in stranger.sorted_out(path.parent, (".json",))[0]:
        if other != path and ((stamp and other.stem.endswith(f"_{stamp}")) or (not stamp and other.stem == "results")):
            yield other.name, stranger.read(other, within=path.parent)


def _of_file(
    name: str, place: _Place, content: bytes, runs: Mapping[_Place, list[Run]], which_filter: str, told: _Told
) -> _Samples:
    stem = PurePosixPath(name).stem
    run, task, stamp = _whose(stem, runs.get(place, []))
    by_arguments = bool(_BY_ARGUMENTS.match(stem))
    model = run.label if run else _of_folder(stem, place)
    if not json_text.is_text(model):
        raise LeadtimeError("does not say which model it is from. Put the results file of that run beside it")
    if not run:
        told.notes.append(
            Note(name, f"the model is named by the {'file' if by_arguments else 'folder'}, {model!r}: {_UNKNOWN}")
        )
    values = _read(name, task, content, run, which_filter, told)
    how = _how(run, task) if run else None
    return _Samples(file=name, place=place, model=model, task=task, stamp=stamp, how=how, values=values)


def _how(run: Run, task: str) -> str:
    """Return how a task was asked, in words: shots, version, template, system prompt, sampling."""
    shots, version = by_task(run.given, "n-shot", task), by_task(run.given, "versions", task)
    words = [f"{shots}-shot"] if type(shots) is int else []
    if version is not None and json_text.is_text(str(version), most=40):
        words.append(f"version {version}")
    return ", ".join([*words, *run.how()])


def _whose(stem: str, beside: list[Run]) -> tuple[Run | None, str, str]:
    """Return the run that a file is of, where a file of results beside it says; its task; and its moment.

    Raises:
        LeadtimeError: The task cannot be told from the name.
    """
    stamp = stamp_of(stem)
    if not _BY_ARGUMENTS.match(stem):
        task = stem.removesuffix(f"_{stamp}").removeprefix("samples_") if stamp else stem.removeprefix("samples_")
        of = [run for run in beside if run.stamp == stamp and stamp]
        if not stamp and len(beside) == 1:
            of = beside
        return (of[0] if len({r.label for r in of}) == 1 else None), task, stamp
    for run in beside:
        config = run.given.get("config")
        arguments = config.get("model_args") if isinstance(config, dict) else None
        start = re.sub("/|=", "__", arguments) + "_" if isinstance(arguments, str) else ""
        if start and stem.startswith(start) and stem.removeprefix(start) in run.given["results"]:
            return run, stem.removeprefix(start), stamp
    task = max((t for t in rules()["tasks"] if stem.endswith(f"_{t}")), key=len, default="")
    if not task:
        raise LeadtimeError("does not say where its task begins: put the results.json of that run beside it")
    return None, task, stamp


def _of_folder(stem: str, place: _Place) -> str:
    """Return the model by the name of the file, as 0.4.0 wrote it, or by the folder, as all later versions do."""
    if _BY_ARGUMENTS.match(stem):
        task = max((t for t in rules()["tasks"] if stem.endswith(f"_{t}")), key=len, default="")
        first, *more = stem.removesuffix(f"_{task}").split(",")
        name = first.partition("__")[2].replace("__", "/")
        given = dict(m.partition("__")[::2] for m in more)
        usual = ("dtype", "revision", *rules()["harmless"])
        return ",".join(
            [name, *sorted(f"{k}={v}" for k, v in given.items() if k not in usual or (k == "revision" and v != "main"))]
        )
    return place.folder.replace("__", "/")


def _each_run_once(found: list[_Samples], told: _Told) -> list[_Samples]:
    """Return the files that count: one run of a model and task, the newest, unless runs were set alike; those are its
    tries.
    """
    kept: list[_Samples] = []
    groups: dict[tuple[str, str], list[_Samples]] = {}
    for s in found:
        groups.setdefault((s.model, s.task), []).append(s)
    for same in groups.values():
        same.sort(key=lambda s: s.stamp, reverse=True)
        newest, seen = same[0], dict[str, _Samples]()
        for s in same:
            first = seen.setdefault(s.stamp, s)
            if s is newest:
                kept.append(s)
            elif first is not s and first.values == s.values:
                why = f"is the same run as {first.file}, which counts once"
                told.refused.append(Refused(file=s.file, row="", reason=why))
            elif s.how is None and s.place != newest.place and "/" not in s.model:
                why = f"two folders are called {s.model!r}, and no file of results says whether that is one model"
                told.refused.append(Refused(file=s.file, row="", reason=f"{why}: {newest.file} is taken"))
            elif s.how is None or s.how != newest.how:
                unlike = f"set otherwise ({s.how or 'as usual'}; {newest.how or 'as usual'})"
                how = unlike if None not in (s.how, newest.how) else "and no results say whether both were set alike"
                why = f"is another run of this model and task, {how}: the newest counts, {newest.file}"
                told.refused.append(Refused(file=s.file, row="", reason=why))
            else:
                kept.append(s)
    return kept


def _tell_unlike(kept: Iterable[_Samples], told: _Told) -> None:
    """Tell a task that one model was asked otherwise than another."""
    ways: dict[str, dict[str, str]] = {}
    for s in kept:
        if s.how is not None:
            ways.setdefault(s.task, {}).setdefault(s.how or "as usual", s.model)
    for task, by in ways.items():
        if len(by) > 1:
            words = ", ".join(f"{how} of {model}" for how, model in list(by.items())[:3])
            told.notes.append(Note(task, f"models were not asked alike: {words}"))


def _read(
    name: str, task: str, content: bytes, run: Run | None, which_filter: str, told: _Told
) -> dict[int | str, float]:
    """Return the response to each item of a file, by the filter that counts."""
    by_filter, refused, alike = read_lines(content, name, task, run)
    told.refused += refused
    if alike:
        told.notes.append(Note(name, "repeat an answer, by filters that the file does not name: one counts", alike))
    if not by_filter:
        if refused:
            return {}
        raise LeadtimeError("does not contain any samples")
    means = {f: sum(v.values()) / len(v) if v else None for f, v in by_filter.items()}
    chosen, warning, doubt = chosen_filter(means, which_filter)
    if doubt:
        raise LeadtimeError(doubt)
    if warning:
        told.notes.append(Note(name, warning))
    for other, values in by_filter.items():
        if other != chosen:
            words = f"of the filter {other!r}, left out: {chosen!r} counts, and --filter names another"
            told.notes.append(Note(name, words, len(values)))
    return by_filter[chosen]


def _table(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"model": pl.String, "item": pl.String, "response": pl.Float64}, orient="row")
