"""Scores of a reader's own, pasted or from a file: read in any known form, and made the files of a study."""

import contextlib
import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from leadtime.brought.read import File, read
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.figures import spreadsheet
from leadtime.importers import results
from leadtime.importers.names import Names, fold
from leadtime.study import Study

#: The id of who measured, and of what the scores are read in.
OWN = "your-scores"
#: So many models may be unknown, and so many lines of what was not taken are told.
MOST_MODELS, MOST_TOLD = 20, 40


#: What the name of a file may say of its form.
_ENDING = re.compile(r"\.(csv|tsv|json|jsonl|yaml|yml)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that the evidence does not know: its name in the file, and the fields by which its day and country are
    asked.
    """

    name: str
    day_field: str
    country_field: str


def taken(
    text: str, name: str, percent: bool, answers: Mapping[str, str], before: Mapping[str, str], study: Study
) -> dict[str, Any]:
    """Return what scores come to.

    Args:
        text: The file, as text.
        name: Its name, whose ending may say its form.
        percent: Numbers are in percent, where the file does not say.
        answers: What was answered of models that the evidence does not know, by field.
        before: Files of the reader's own study that the scores join, by name.
        study: The study under it.

    Returns:
        `files` of a study by name, empty while something is asked; `unknown` models, as fields; `told`, lines on what
        was not taken; `n` scores taken; `models`, their ids.

    Raises:
        LeadtimeError: The file cannot be read, or has nothing.
    """
    today, ending = study.as_of, _ENDING.search(name.lower())
    called = f"own{ending[0] if ending else '.csv'}"
    brought = read(File(name=called, content=text.encode()), "scores", percent=percent)
    with _evidence(before, today) as (_, there):
        known = Names.of(there)
    names = [n for n in brought.rows["model"].unique(maintain_order=True).to_list() if n and known.model(n)[0] is None]
    if len(names) > MOST_MODELS:
        raise LeadtimeError(f"{len(names)} models are not known", fix=f"Bring at most {MOST_MODELS} new ones at once.")
    unknown = [Asked(n, f"day.{_id(n)}", f"country.{_id(n)}") for n in names]
    if any(not answers.get(a.day_field) or not answers.get(a.country_field) for a in unknown):
        asked = [[a.name, a.day_field, a.country_field] for a in unknown]
        return {"files": {}, "unknown": asked, "told": [], "n": 0, "models": []}
    source = {"id": OWN, "title": "Your own scores", "published_on": str(today), "kind": "primary"}
    files = {
        "evidence/organizations.csv": _organizations(unknown, answers, today),
        "evidence/sources.csv": _csv([source]),
    }
    if unknown:
        files["evidence/models.csv"] = _models(unknown, answers, today)
    with _evidence({**before, **joined(before, files)}, today) as (folder, whole):
        (folder / called).write_text(text, encoding="utf-8")
        found = results.scores([folder / called], whole, results.Said(percent=percent, evaluator=OWN, source=source))
    told = [f"{r.row}: {r.reason}" for r in (*found.refused, *found.aside)][:MOST_TOLD]
    scores = found.accepted.get("scores", pl.DataFrame())
    if scores.is_empty():
        said = "; ".join(told[:3]) or "every score is there already"
        raise LeadtimeError(
            f"leadtime could not use any of it: {said}", fix="Name tests as the table `benchmarks` does (Data)."
        )
    files["evidence/scores.csv"] = spreadsheet.csv(scores)
    models = scores["model"].unique(maintain_order=True).to_list()
    return {"files": files, "unknown": [], "told": told, "n": scores.height, "models": models}


@contextlib.contextmanager
def _evidence(files: Mapping[str, str], day: dt.date) -> Iterator[tuple[Path, Evidence]]:
    """Yield a folder with files of a study, and the evidence with their rows as known on a day or today, whichever is
    later.
    """
    with tempfile.TemporaryDirectory(prefix="leadtime-own-") as made:
        folder = Path(made)
        (folder / "evidence").mkdir()
        (folder / "leadtime.toml").write_text("", encoding="utf-8")
        for place, content in files.items():
            if place.startswith("evidence/"):
                (folder / place).write_text(content, encoding="utf-8")
        try:
            yield folder, Evidence.load(folder, as_of=max(day, dt.date.today()))  # noqa: DTZ011 - rows of today are known today
        except LeadtimeError as error:
            raise LeadtimeError(error.what, where=error.where.replace(f"{folder}/", ""), fix=error.fix) from None


def joined(before: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a study with more rows: a row of the same key takes the place of an earlier one, all others
    stay.

    Args:
        before: Files of the study by name.
        more: Files that come to it.
    """
    return {name: _rows_of_both(name, before[name], text) if name in before else text for name, text in more.items()}


def _rows_of_both(name: str, before: str, more: str) -> str:
    both = [pl.read_csv(text.encode(), infer_schema=False) for text in (before, more)]
    key = [k for k in TABLES[PurePosixPath(name).stem].key if k in both[1].columns]
    return spreadsheet.csv(pl.concat(both, how="diagonal").unique(subset=key, keep="last", maintain_order=True))


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", fold(name)).strip("-")[:60] or "model"


def _day(answers: Mapping[str, str], a: Asked) -> dt.date:
    try:
        return dt.date.fromisoformat(answers[a.day_field].strip())
    except ValueError:
        raise LeadtimeError(
            f"{answers[a.day_field][:20]!r} is no day", where=a.name, fix="Expected a day such as 2026-11-01."
        ) from None


def _organizations(unknown: list[Asked], answers: Mapping[str, str], today: dt.date) -> str:
    countries = dict.fromkeys(answers[a.country_field] for a in unknown)
    rows = [{"id": OWN, "name": "You", "country": "", "source": OWN, "known_on": str(today)}]
    rows += [
        {"id": f"own-{c.lower()}", "name": f"Developer ({c})", "country": c, "source": OWN, "known_on": str(today)}
        for c in countries
    ]
    return _csv(rows)


def _models(unknown: list[Asked], answers: Mapping[str, str], today: dt.date) -> str:
    rows = []
    for a in unknown:
        day = _day(answers, a)
        rows.append(
            {
                "id": _id(a.name),
                "name": a.name,
                "organization": f"own-{answers[a.country_field].lower()}",
                "released_on": str(day),
                "weights": "closed",
                "reasoning": "true",
                "stage": "instruct",
                "source": OWN,
                "known_on": str(min(day, today)),
            }
        )
    return _csv(rows)


def _csv(rows: list[dict[str, str]]) -> str:
    return spreadsheet.csv(pl.DataFrame(rows))
