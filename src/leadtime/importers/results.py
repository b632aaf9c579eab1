"""Results in any known form (see `brought`): to scores of benchmarks, or to responses to items."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from leadtime import stranger
from leadtime.brought import helm, hub, read
from leadtime.brought.columns import Want
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import Evidence
from leadtime.importers import archive
from leadtime.importers import hub as models
from leadtime.importers.names import Names, fold
from leadtime.importers.outcome import Note, Outcome, Refused
from leadtime.importers.rows import Sorted, candidates, sort_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the user says of results that do not say it.

    Args:
        percent: Whether numbers are in percent.
        metric: Which of several metrics counts.
        evaluator: Who ran the tests: an id of `organizations`, empty if the files tell.
        source: The row of `sources` that the scores name.
        renamed: Names in the files to ids of models.
        tests: Names of tests in the files to ids of benchmarks.
    """

    percent: bool = False
    metric: str = ""
    evaluator: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)


def scores(paths: Iterable[Path], evidence: Evidence, said: Said) -> Sorted:
    """Return the scores in files, folders and zips.

    Args:
        paths: Where they are.
        evidence: What is there without them.
        said: What the files do not say.

    Raises:
        LeadtimeError: There is no such evaluator or benchmark, or a path that cannot be read.
    """
    if said.evaluator and said.evaluator not in set(evidence["organizations"]["id"]):
        fix = "Add it to evidence/organizations.csv, or name one of `leadtime evidence organizations`."
        raise LeadtimeError(f"there is no organization {said.evaluator!r}", where="--evaluator", fix=fix)
    for benchmark in said.tests.values():
        if benchmark not in set(evidence["benchmarks"]["id"]):
            raise unknown_name("benchmark", benchmark, evidence["benchmarks"]["id"])
    tests = _Tests(evidence, said)
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    refused: list[Refused] = []
    n_files = 0
    for file in _files(paths, "scores"):
        n_files += 1
        brought = _brought(file, "scores", said, refused)
        if brought is not None:
            notes += [Note(file.name, text) for text in brought.notes]
            rows += [
                tests.row(r, file.name, len(rows) + n) for n, r in enumerate(brought.rows.iter_rows(named=True), 1)
            ]
    found = candidates("scores", "results", rows, said.source)
    return sort_out(found, evidence, notes=dict.fromkeys(notes), refused=refused, n_files=n_files)


def responses(paths: Iterable[Path], said: Said) -> Outcome:
    """Return the responses in files, folders and zips: a row for each model and item, the mean of its tries.

    Raises:
        LeadtimeError: A path cannot be read.
    """
    schema = {"model": pl.String, "item": pl.String, "response": pl.Float64, "count": pl.Float64}
    tables = [pl.DataFrame(schema=schema)]
    notes: list[Note] = []
    refused: list[Refused] = []
    n_files = 0
    for file in _files(paths, "responses"):
        n_files += 1
        brought = _brought(file, "responses", said, refused)
        if brought is not None:
            notes += [Note(file.name, text) for text in brought.notes]
            tables.append(brought.rows.select("model", item="test", response="value", count="count"))
    table = pl.concat(tables)
    weight = pl.col("count")
    means = table.group_by("model", "item").agg(
        response=(pl.col("response") * weight).sum() / weight.sum(), count=weight.sum()
    )
    whole = means.with_columns(pl.col("count").round().cast(pl.Int64).clip(1)).select(
        "model", "item", "response", "count"
    )
    return Outcome(
        responses=whole.sort("model", "item"), refused=refused, n_files=n_files, notes=list(dict.fromkeys(notes))
    )


def _brought(file: read.File, want: Want, said: Said, refused: list[Refused]) -> read.Brought | None:
    """Return what a file brings, and tell what of it does not count, or None if it is refused whole."""
    try:
        brought = read.read(file, want, percent=said.percent, metric=said.metric)
    except LeadtimeError as error:
        place = error.where.removeprefix(file.name).lstrip(", ")
        refused.append(
            Refused(file=file.name, row=place, reason=f"{error.what} ({error.fix})" if error.fix else error.what)
        )
        return None
    for p in brought.problems:
        column = f"{p.column}: " if p.column else ""
        refused.append(
            Refused(file=file.name, row=f"row {p.row}", reason=f"{column}found {p.found[:40]!r}, expected {p.expected}")
        )
    return brought


def _files(paths: Iterable[Path], want: Want) -> Iterator[read.File]:
    for path in paths:
        if path.is_file() and path.suffix.casefold() == ".zip":
            yield from _zipped(path, want)
            continue
        within = path if path.is_dir() else None
        for file, _ in read.files(path, want):
            name = str(file.relative_to(path)) if within else path.name
            yield read.opened(file, archive.legible(name), within=within)


def _zipped(path: Path, want: Want) -> Iterator[read.File]:
    """Yield the files of a zip that are of the first kind there."""
    stranger.regular(path, most=archive.MOST_BYTES, fix="Give a file, a folder or a zip.")
    for kinds in read.KINDS[want]:
        found = {name: content for kind in kinds for name, content in archive.contents(path, kind)}
        found = {
            n: c for n, c in found.items() if hub.FOLDER in PurePosixPath(n).parts or not n.endswith((".yaml", ".yml"))
        }
        if not found:
            continue
        specs = dict(archive.contents(path, helm.SPEC)) if helm.INSTANCES in kinds else {}
        for name in read.newest(found):
            beside = specs.get(str(PurePosixPath(name).with_name(helm.SPEC)))
            content = read.unpacked(found[name], name)
            yield read.File(name=name, content=content, place=f"{path.stem}/{name}", beside=lambda _, spec=beside: spec)  # type: ignore[misc]
        return
    raise LeadtimeError("this zip has no file that can be read", where=str(path), fix=read.expected(want))


class _Tests:
    """What the evidence calls models, tests and those who ran them."""

    def __init__(self, evidence: Evidence, said: Said) -> None:
        self._said, self._names, self._hub = said, Names.of(evidence, renamed=said.renamed), models.Hub.of(evidence)
        self._developer = dict(evidence["models"].select("id", "organization").iter_rows())
        self._named = {fold(name): benchmark for name, benchmark in said.tests.items()}
        self._own: dict[str, str] = {}  # an alias may stand for a part of what others call by the same name
        for i, name in evidence["benchmarks"].select("id", "name").iter_rows():
            self._own |= {fold(name): i, fold(i): i}

    def row(self, r: Mapping[str, Any], file: str, n: int) -> dict[str, Any]:
        """Return a row of `scores`, and why it has to wait, if it has."""
        model, test = self._model(r["model"]), r["test"]
        if r["setting"]:
            test = test.removesuffix(f" ({r['setting']})")
        benchmark = self._benchmark(test, told=bool(r["relation"] or r["organization"]) or ":" in test)
        by, kind = self._by(r, model)
        source = self._said.source
        why = None if model else f"no model of the evidence is called {r['model']!r}"
        if why is None and not by:
            why = f"who measured it is not known: {r['organization'] or 'nobody is named'} (--evaluator names one)"
        return {
            "model": model or r["model"],
            "benchmark": benchmark or re.sub(r"[^a-z0-9]+", "-", test.rsplit(":", 1)[-1].casefold()).strip("-"),
            "score": f"{r['value']:.10g}",
            "se": r["se"],
            "setting": _setting(r["setting"]),
            "evaluator": by,
            "report_type": kind,
            "measured_on": r["day"],
            "known_on": r["day"] or source["published_on"],
            "source": source["id"],
            "locator": f"{file}: {r['locator'] or test}",
            "_row": n,
            "_aside": why,
        }

    def _model(self, called: str) -> str | None:
        if fold(called) in {fold(n) for n in self._said.renamed}:
            return self._names.models.get(fold(called))
        repository = models.repository(called)
        if repository is None:
            return self._names.model(called)[0]
        return self._hub.repository(*repository) or self._hub.served(called)

    def _benchmark(self, test: str, *, told: bool) -> str | None:
        """Return the benchmark that a test is: in a form of its own by its very name, in a table also by what others
        call it.
        """
        if fold(test) in self._named:
            return self._named[fold(test)]
        test = re.sub(r"\s*\(overall\)$", "", test, flags=re.IGNORECASE)
        data, _, task = test.partition(":")
        name = task or (data.rsplit("/", 1)[-1] if told or "/" in data else data)
        return self._own.get(fold(name)) if told or "/" in data else self._names.other("benchmarks", test)

    def _by(self, r: Mapping[str, Any], model: str | None) -> tuple[str, str]:
        """Return who measured, and of which kind that report is."""
        by = self._said.evaluator or self._names.other("organizations", r["organization"]) or ""
        own = self._developer.get(model or "") == by
        if self._said.evaluator:
            return by, "vendor" if own else "independent"
        return by, "vendor" if own else "competitor" if r["relation"] == "vendor" else r["relation"] or "independent"


def _setting(said: str | None) -> str | None:
    """Return a setting in the words of the evidence: With tools is tools."""
    return re.sub(r"^with-", "", fold(said)) if said else None
