"""Models and sides beside each other as rows: how far behind each is, its first equal, and its ability."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadtime.answers.frontier_words import MEANINGS
from leadtime.answers.lagging import called
from leadtime.answers.names import choices
from leadtime.answers.plain import records
from leadtime.errors import LeadtimeError
from leadtime.once import once

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
    from leadtime.study import Study

#: Shown where nothing was asked: those of them that were out and measured on the day.
USUAL = ("deepseek-v3", "deepseek-r1", "kimi-k3")
_SIDES = ("USA", "CHN")
#: A record of a side is one with at least this chance.
_RECORD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A model or a side: its id, its name, which it is, who made it, and the country it counts for."""

    id: str
    name: str
    kind: str
    by: str
    country: str
    released_on: dt.date | None = None
    points: tuple[float, float, float] | None = None


def subjects_of(study: "Study", names: Sequence[str], behind: str) -> list[Subject]:
    """Return what is asked for, each once; where nothing is, both countries and a few models."""
    wanted = tuple(dict.fromkeys(names))
    known = _models(study)
    if not wanted:
        wanted = (*dict.fromkeys((behind, *_SIDES)), *(m for m in USUAL if m in known))
        if not any(m in known for m in USUAL):
            wanted += tuple(r["model"] for r in records_of(study, [_side(study, "CHN")]))[:1]
    return [known[w] if w in known else _other(study, w) for w in wanted]


def _other(study: "Study", name: str) -> Subject:
    """Return a side, or a model that has no scores."""
    models = {r["id"]: r for r in study.evidence["models"].select("id", "name", "organization").iter_rows(named=True)}
    if name in models:
        r = models[name]
        return Subject(id=name, name=r["name"], kind="model", by=called(r["organization"], study.evidence), country="")
    return _side(study, name)


def _side(study: "Study", name: str) -> Subject:
    home = dict(study.evidence["organizations"].select("id", "country").iter_rows())
    words = {"USA": "United States"}.get(name) or called(name, study.evidence)
    return Subject(id=name, name=words[:1].upper() + words[1:], kind="side", by="", country=home.get(name) or name)


@once
def _models(study: "Study") -> dict[str, Subject]:
    """Return all models that have scores, by id."""
    names = dict(study.evidence["organizations"].select("id", "name").iter_rows())
    return {
        r["model"]: Subject(
            id=r["model"],
            name=r["name"],
            kind="model",
            by=names.get(r["organization"], ""),
            country=r["country"] or "",
            released_on=r["released_on"],
            points=(r["points_low"], r["points"], r["points_high"]),
        )
        for r in study.abilities().iter_rows(named=True)
    }


def picked(study: "Study") -> list[tuple[str, str]]:
    """Return what can be added: ids and names, of sides and of models that have scores."""
    models = _models(study)
    sides = choices("side", study)
    home = {m.country for m in models.values()} | {m.by for m in models.values()}
    return [(i, n) for i, n in sides if {i, n} & home] + sorted(
        ((m.id, m.name) for m in models.values()), key=lambda m: m[1]
    )


def others_of(study: "Study", subjects: Sequence[Subject], behind: str) -> list[Subject]:
    """Return the record models of the sides that follow, those not asked for, the newest first."""
    known, asked = _models(study), {s.id for s in subjects}
    sides = [s for s in subjects if s.kind == "side" and s.id != behind]
    found = {r["model"]: None for r in records_of(study, sides) if r["model"] not in asked and r["model"] in known}
    return [known[m] for m in found]


def row_of(study: "Study", s: Subject, behind: str, definition: str, *, asked: bool) -> dict[str, Any]:
    """Return a model or side as a row: its gap by one definition, and its first equal."""
    row: dict[str, Any] = {
        "id": s.id,
        "title": s.name,
        "kind": s.kind,
        "by": s.by,
        "released_on": s.released_on,
        "asked": asked,
        "median": None,
        "low": None,
        "high": None,
        "likely_months": None,
        "likely_chance": 0.0,
        "open": False,
        "first_equal": "",
        "first_equal_on": None,
        "other_equals": [],
        "note": "",
        **dict(zip(("points_low", "points", "points_high"), s.points or (None, None, None), strict=True)),
    }
    try:
        e = _lag(study, s, behind, definition)
    except LeadtimeError as error:
        return row | {"note": f"{error.what[:1].upper()}{error.what[1:]}."}
    row |= _finite(e) | {
        "note": e.note,
        "open": e.censored > 0.5,
        "likely_months": _finite(e)["median"],
        "likely_chance": 1.0,
    }
    if definition == "age_of_equal" and e.atoms:
        row |= _equals(study, s, e)
    return row


def _lag(study: "Study", s: Subject, behind: str, definition: str) -> "Estimate":
    model, of = (s.id, "CHN") if s.kind == "model" else (None, s.id)
    return study.lag(model, of=of, behind=behind, definition=definition)


def _finite(e: "Estimate") -> dict[str, float | None]:
    ends = {"low": e.low, "median": e.median, "high": e.high}
    return {k: float(v) if v == v and abs(v) != float("inf") else None for k, v in ends.items()}


def _equals(study: "Study", s: Subject, e: "Estimate") -> dict[str, Any]:
    """Return the likeliest first equal with its day, and the others with their chances."""
    known = {m.name: m for m in _models(study).values()}
    found = []
    for a in sorted(e.atoms, key=lambda a: -a.probability):
        if a.model:
            first = known.get(a.model.partition(" or ")[0])
            on = first.released_on if first else None
            row = {"model": _with_maker(a.model, known), "on": None if on is None else on.isoformat()}
            found.append(row | {"months": float(a.value), "chance": float(a.probability)})
    likeliest = max(e.atoms, key=lambda a: a.probability)
    half = likeliest.probability >= 0.5  # else no single release is what to tell
    likely = {
        "likely_months": float(likeliest.value if half else e.median),
        "likely_chance": float(likeliest.probability),
    }
    if not found or not likeliest.model:
        return {**likely, "other_equals": found}
    on = known[likeliest.model.partition(" or ")[0]].released_on
    return {**likely, "open": False, "first_equal": found[0]["model"], "first_equal_on": on, "other_equals": found[1:]}


def _with_maker(names: str, known: dict[str, Subject]) -> str:
    """Return the names of models that came out on one day, behind the name of their maker where that is one."""
    makers = {known[n].by for n in names.split(" or ") if n in known}
    return f"{_own(makers.pop())} {names}" if len(makers) == 1 else names


def _own(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def meanings_of(study: "Study", subjects: Sequence[Subject], behind: str) -> list[dict[str, Any]]:
    """Return every subject by every meaning of behind."""
    from leadtime.study import lag_definitions

    found = []
    for s in subjects:
        for d in lag_definitions("model" if s.kind == "model" else "group"):
            ends: dict[str, float | None] = {"low": None, "median": None, "high": None}
            note = ""
            try:
                e = _lag(study, s, behind, d.name)
                ends, note = _finite(e), e.note
            except LeadtimeError as error:
                note = f"{error.what[:1].upper()}{error.what[1:]}."
            found.append(
                {"id": s.id, "title": s.name, "definition": d.name, "meaning": MEANINGS[d.name], **ends, "note": note}
            )
    return found


def records_of(study: "Study", sides: Sequence[Subject]) -> list[dict[str, Any]]:
    """Return the models that were probably records of a side when they came out, the newest first."""
    return [r for s in sides for r in _records(study, s.id)]


@once
def _records(study: "Study", side: str) -> list[dict[str, Any]]:
    try:
        rows = [r for r in records(study.records(side)) if r["probability"] >= _RECORD]
    except LeadtimeError:
        return []  # a side without a measured model has no record
    return [{"side": side, **r} for r in sorted(rows, key=lambda r: r["released_on"], reverse=True)]


def lines_of(study: "Study", sides: Sequence[Subject]) -> list[dict[str, Any]]:
    """Return the level of each side's best model by day, with its range."""
    return [r for s in sides for r in _line(study, s.id)]


@once
def _line(study: "Study", side: str) -> list[dict[str, Any]]:
    try:
        return [{"side": side, **r} for r in records(study.frontier(side))]
    except LeadtimeError:
        return []
