"""What the charts of models and sides are made of, from the rows of the answer."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Spread
from leadtime.answers.frontier_rows import Subject, lines_of, records_of
from leadtime.answers.frontier_words import gap_of
from leadtime.answers.looks import Look
from leadtime.answers.words import between, day
from leadtime.units import DAYS_PER_MONTH

if TYPE_CHECKING:
    from leadtime.figures.frontiers import Frontiers
    from leadtime.figures.meanings import Meanings
    from leadtime.study import Study

#: The first day of the chart where none is asked.
BEGIN = dt.date(2023, 6, 1)


def drawn_of(
    study: "Study",
    subjects: Sequence[Subject],
    rows: Sequence[Mapping[str, Any]],
    behind: str,
    look: "Look",
) -> "Frontiers":
    """Return the sides and models as a chart takes them."""
    from leadtime.figures.events import events_of
    from leadtime.figures.frontiers import Frontiers

    last = study.evidence_through
    end = min(look.until or last, last)
    begin = min(look.since or BEGIN, end - dt.timedelta(days=60))
    logged = events_of(study.rules.log.tables["rule_events"], study.as_of)
    by_id = {r["id"]: r for r in rows}
    models = [_chosen(s, by_id.get(s.id)) for s in subjects if s.kind == "model" and s.released_on and s.points]
    return Frontiers(
        sides=[_side(study, s, behind) for s in subjects if s.kind == "side"],
        models=models,
        events=() if look.most_events == 0 else logged,
        most_events=look.most_events,
        since=begin,
        until=end,
        bands=look.shaded,
    )


def _side(study: "Study", s: Subject, behind: str) -> Any:
    from leadtime.figures.frontiers import Record, Side

    steps = [(dt.date.fromisoformat(r["date"]), r["low"], r["points"], r["high"]) for r in lines_of(study, [s])]
    recs = [
        Record(
            name=r["name"],
            day=dt.date.fromisoformat(r["released_on"]),
            points=r["points"],
            words=(
                f"{r['name']}, {day(r['released_on'])}\nability {r['points']:.0f}"
                f" {_ends(r['low'], r['points'], r['high'])}"
            ),
        )
        for r in records_of(study, [s])
    ]
    return Side(name=s.name, country=s.id, steps=steps, records=recs, leads=s.id == behind)


def _chosen(s: Subject, r: Mapping[str, Any] | None) -> Any:
    from leadtime.figures.frontiers import Chosen

    assert s.released_on is not None
    assert s.points is not None
    low, points, high = s.points
    months = None if r is None or r["open"] else r["likely_months"]
    gap = "" if r is None else "no equal yet" if r["open"] else gap_of(months)
    equal = f" {r['first_equal']}" if r and r["first_equal"] and gap.endswith(("behind", "ahead")) else ""
    spread = "" if r is None or r["low"] is None else f" {between(Spread(r['low'], r['median'], r['high']))}"
    return Chosen(
        name=s.name,
        country=s.country,
        day=s.released_on,
        points=points,
        equal_on=None if months is None else s.released_on - dt.timedelta(days=round(months * DAYS_PER_MONTH)),
        gap=gap,
        words=f"{s.name}, {day(s.released_on)}\n{gap}{equal}{spread}; ability {points:.0f} {_ends(low, points, high)}",
    )


def _ends(low: float, middle: float, high: float) -> str:
    return between(Spread(low, middle, high), 0)


def flat(drawn: "Frontiers") -> list[dict[str, Any]]:
    """Return all that is drawn as rows: the lines, the records, and the chosen models."""
    none: dict[str, Any] = dict.fromkeys(
        ("kind", "side", "name", "day", "low", "points", "high", "first_equal_on", "gap")
    )
    rows: list[dict[str, Any]] = []
    for s in drawn.sides:
        rows += [
            none | {"kind": "best so far", "side": s.name, "day": d, "low": lo, "points": m, "high": hi}
            for d, lo, m, hi in s.steps
            if drawn.since <= d <= drawn.until
        ]
        rows += [
            none | {"kind": "record", "side": s.name, "name": r.name, "day": r.day, "points": r.points}
            for r in s.records
            if drawn.since <= r.day <= drawn.until
        ]
    rows += [
        none
        | {
            "kind": "model",
            "name": m.name,
            "day": m.day,
            "points": m.points,
            "first_equal_on": m.equal_on,
            "gap": m.gap,
        }
        for m in drawn.models
    ]
    return sorted(rows, key=lambda r: ["model", "record", "best so far"].index(r["kind"]))


def meanings_drawn(
    study: "Study", subjects: Sequence[Subject], rows: Sequence[Mapping[str, Any]], definition: str
) -> "Meanings":
    """Return every subject by every meaning as a chart takes them."""
    from leadtime.answers.frontier_words import MEANINGS
    from leadtime.figures.meanings import Meanings, Reading

    readings = [
        Reading(
            subject=r["title"],
            meaning=r["meaning"],
            low=r["low"],
            median=r["median"],
            high=r["high"],
            words=(
                f"{r['title']}: {r['meaning']}\n{gap_of(r['median'])}"
                f" {between(Spread(r['low'], r['median'], r['high']))}"
            ),
        )
        for r in rows
    ]
    hues = {s.name: {"USA": "us", "CHN": "china"}.get(s.country, "without") for s in subjects}
    return Meanings(readings=readings, chosen=MEANINGS[definition], hues=hues)
