"""Results and samples of lm-evaluation-harness: to scores of benchmarks, or to responses to items."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import archive, hub
from leadtime.importers.hub import Hub
from leadtime.importers.lm_eval_metric import Score, parts_of, score_of, setting, subjects
from leadtime.importers.lm_eval_run import Run, is_results, parsed, rules, run_of
from leadtime.importers.names import fold
from leadtime.importers.outcome import Note, Refused
from leadtime.importers.rows import Candidates, Sorted, candidates, sort_out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Which:
    """Which model of the evidence a run was of, by the user's own names and by the hub's.

    Args:
        hub: Models by what hubs and providers call them.
        mine: What the user calls by which id: folded label, or name, to id.
        clear: Folded names by which all runs of the import are set alike.
        released: Id to the day of its release.
    """

    hub: Hub
    mine: Mapping[str, str]
    clear: frozenset[str]
    released: Mapping[str, Any]

    def of(self, run: Run) -> tuple[str, str]:
        """Return the id and nothing, or nothing and why no model is known."""
        said = self.mine.get(fold(run.label)) or (self.mine.get(fold(run.also)) if run.also else None)
        if not said and fold(run.name) in self.clear:
            said = self.mine.get(fold(run.name))
        if said:
            return said, ""
        fix = f"--model '{run.label}=ID' tells which it is"
        if not run.name:
            return "", "the file names no model"
        if run.altered:
            return (
                "",
                f"{run.name!r} was run with {', '.join(run.altered)}, which makes it another model or setting: {fix}",
            )
        found, why = self._called(run)
        return (found, "") if found else ("", f"{why}: {fix}")

    def _called(self, run: Run) -> tuple[str, str]:
        name = run.name
        at = hub.repository(name)
        found = self.hub.repository(*at) if at else None
        if found:
            return found, ""
        if run.has_weights:
            folder = f"{name!r} is a folder, or a hub's name without its owner: what is in it is not known"
            return "", f"no model of the evidence has its weights at {name!r}" if at else folder
        if hub.moves(name):
            return "", f"{name!r} is moved from model to model by its provider"
        found = self.hub.served(name)
        day = self.released.get(found or "")
        if found and run.day and day and run.day < str(day):
            return "", f"{name!r} was run on {run.day}, and {found} was released on {day}"
        return found or "", f"no model of the evidence is called {name!r}"


def scores(
    paths: Iterable[Path],
    evidence: Evidence,
    *,
    evaluator: str,
    source: Mapping[str, str],
    renamed: Mapping[str, str] | None = None,
    which_filter: str = "",
) -> Sorted:
    """Return the scores in files of results, whatever they are called.

    Args:
        paths: Files, folders or zips.
        evidence: What is there without them.
        evaluator: Who ran it: an id in `organizations`.
        source: The row of `sources` that the scores name.
        renamed: Names in the files to ids of models.
        which_filter: The filter of the answers that counts, where a task has several.

    Raises:
        LeadtimeError: There is no such evaluator, or a path cannot be read or has no results.
    """
    if evaluator not in set(evidence["organizations"]["id"]):
        raise LeadtimeError(
            f"there is no organization {evaluator!r}",
            where="--evaluator",
            fix="Add it to evidence/organizations.csv, or name one of `leadtime evidence organizations`.",
        )
    notes: list[Note] = []
    refused: list[Refused] = []
    runs = dict(_runs(paths, notes, refused))
    n_files = len(runs) + len(refused)
    if not n_files:
        raise LeadtimeError(
            "there is no file of results",
            where=", ".join(map(str, paths)),
            fix="Run lm_eval with --output_path, then give that folder.",
        )
    which = _which(runs.values(), evidence, renamed or {})
    developer = dict(evidence["models"].select("id", "organization").iter_rows())
    found: list[Candidates] = []
    for name, run in runs.items():
        model, why = which.of(run)
        about = {
            "model": model or run.name,
            "evaluator": evaluator,
            "measured_on": run.day,
            "known_on": run.day or source["published_on"],
            "source": source["id"],
            "report_type": "vendor" if developer.get(model) == evaluator else "independent",
        }
        rows: list[dict[str, Any]] = []
        for task, benchmark, score, word in _scored(run, name, which_filter, notes, refused):
            try:
                how = setting(run.given, task, score, word)
            except LeadtimeError as error:
                refused.append(Refused(file=name, row=f"task {task}", reason=error.what))
                continue
            if score.told:
                notes.append(Note(f"{name}, task {task}", score.told))
            aside = why or (f"task {task}: {score.doubt}" if score.doubt else None)
            words = ", ".join(["lm-evaluation-harness", score.name, *run.how(), *run.altered])
            rows.append(
                {
                    **about,
                    "benchmark": benchmark,
                    "score": score.value,
                    "se": score.se,
                    "setting": how,
                    "locator": f"{name}: {task}",
                    "note": words,
                    "_row": len(rows) + 1,
                    "_aside": aside,
                }
            )
        found += candidates("scores", name, rows, source)
    return sort_out(found, evidence, notes=dict.fromkeys(notes), refused=refused, n_files=n_files)


def _runs(paths: Iterable[Path], notes: list[Note], refused: list[Refused]) -> Iterator[tuple[str, Run]]:
    """Yield the files of results by name; tell those that are none."""
    seen: dict[str, int] = {}
    for path in paths:
        if path.suffix == ".jsonl":
            notes.append(Note(path.name, "left out: samples become responses, with --into FILE.parquet"))
            continue
        for inner, content in archive.contents(path, ".json"):
            alone = path.is_file() and not inner.endswith("/") and PurePosixPath(inner).name == path.name
            name = archive.legible(str(path.parent.name / Path(inner))) if path.is_file() else inner
            named = PurePosixPath(inner).name
            if named.startswith("samples_"):
                continue
            try:
                given = parsed(content)
                if not (alone or named.startswith("results") or is_results(given)):
                    notes.append(Note(name, "left out: it holds no results of lm_eval"))
                    continue
                run = run_of(given, PurePosixPath(inner).stem)
            except LeadtimeError as error:
                if alone or named.startswith("results"):
                    refused.append(Refused(file=name, row="", reason=error.what))
                else:
                    notes.append(Note(name, f"left out: it {error.what}"))
                continue
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), run


def _which(runs: Iterable[Run], evidence: Evidence, renamed: Mapping[str, str]) -> _Which:
    labels: dict[str, set[str]] = {}
    for run in runs:
        labels.setdefault(fold(run.name), set()).add(run.label)
    return _Which(
        hub=Hub.of(evidence),
        mine={fold(name): evidence.resolve_model(model) for name, model in renamed.items()},
        clear=frozenset(n for n, all_labels in labels.items() if len(all_labels) == 1),
        released=dict(evidence["models"].select("id", "released_on").iter_rows()),
    )


def _scored(
    run: Run, name: str, which_filter: str, notes: list[Note], refused: list[Refused]
) -> Iterator[tuple[str, str, Score, str]]:
    """Yield task, benchmark, score and what its rule says of the setting."""
    covered = _covered(run)
    for task in run.given["results"]:
        rule = rules()["tasks"].get(task)
        if task.startswith(rules()["subjects"]["start"]) or (rule is None and task in covered):
            continue
        if rule is None:
            why = rules()["others"].get(task)
            notes.append(
                Note(
                    name, f"the task {task[:80]!r} is left out: {why}" if why else f"no rule for the task {task[:80]!r}"
                )
            )
            continue
        try:
            score = score_of(run.given, task, rule["metrics"], which_filter)
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=f"task {task}", reason=error.what))
        else:
            yield task, rule["benchmark"], score, rule.get("setting", "")
    yield from _of_subjects(run, name, which_filter, refused)


def _covered(run: Run) -> set[str]:
    """Return the tasks that a group with a rule is the mean of, and the groups of such groups."""
    found: set[str] = set()
    groups = run.given.get("groups")
    for task in run.given["results"]:
        if task in rules()["tasks"]:
            found.update(parts_of(run.given, task))
            if isinstance(groups, dict) and task in groups and not isinstance(run.given.get("group_subtasks"), dict):
                found.update(
                    t for t in run.given["results"] if t.startswith(f"{task}_")
                )  # 0.4.0 to 0.4.2 did not list them
    return found


def _of_subjects(
    run: Run, name: str, which_filter: str, refused: list[Refused]
) -> Iterator[tuple[str, str, Score, str]]:
    """Yield MMLU of a file of version 0.3, which gave it by subject."""
    rule = rules()["subjects"]
    try:
        found = subjects(run.given, which_filter)
        if found and found[1] != rule["count"]:
            raise LeadtimeError(f"has {found[1]} of the {rule['count']} subjects of MMLU")
    except LeadtimeError as error:
        refused.append(Refused(file=name, row=f"task {rule['start']}*", reason=error.what))
        return
    if found:
        yield f"{rule['start']}*", rule["benchmark"], found[0], ""
