"""What results.json holds of the rules: what may be shipped today, what could be when, what is unsure."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.report.chapter import Chapter
from leadtime.rules import plane
from leadtime.rules.rulebook import Rulebook
from leadtime.rules.status import Status
from leadtime.rules.transaction import FIRST_DAY

if TYPE_CHECKING:
    from leadtime.study import Study

#: Chips of the table, where the evidence has them.
CHIPS = (
    "h100-sxm",
    "h800-sxm",
    "a800-sxm",
    "h20",
    "h200-sxm",
    "b200",
    "rtx-4090",
    "mi300x",
    "mi325x",
    "gaudi-3",
    "ascend-910b",
)
#: Chips below this are far under every line.
SHOWN_FROM_TPP = 1000.0
#: Headings of the table, with destination and headquarters.
PLACES = (
    ("To China", "CHN", "CHN"),
    ("To Malaysia, Chinese parent", "MYS", "CHN"),
    ("To Malaysia", "MYS", "MYS"),
    ("To the Emirates", "ARE", "ARE"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything the chapter says; `legality` as `rules.plane` returns it."""

    on: dt.date
    legality: pl.DataFrame
    today: tuple[tuple[str, tuple[Status, ...]], ...]
    unconfirmed: tuple[str, ...]


def chapter(study: "Study") -> Chapter | None:
    """Return what results.json holds of the rules, or None where there is nothing to say; the page has them from their
    questions.
    """
    found = gather(study)
    return Chapter(name="rules", title="What the export rules say", json=as_json(found)) if found else None


def gather(study: "Study") -> Findings | None:
    """Return the chapter as of a study's day; None before the log begins, or while the evidence names no chips."""
    rules: Rulebook = study.rules
    if study.as_of < FIRST_DAY or not rules.log.chips:
        return None
    on = study.as_of
    today = tuple(
        (rules.log.chips[c]["name"], tuple(_status(rules, c, to, hq, on) for _, to, hq in PLACES))
        for c in CHIPS
        if c in rules.log.chips
    )
    return Findings(
        on=on,
        legality=_shown(pl.DataFrame(plane.legality(rules.log, on), infer_schema_length=None)),
        today=today,
        unconfirmed=tuple(sorted({u for _, row in today for s in row for u in s.unconfirmed})),
    )


def _shown(legality: pl.DataFrame) -> pl.DataFrame:
    """Return the chips that are sold, and not far below every line."""
    return legality.filter((pl.col("tpp") >= SHOWN_FROM_TPP) & (pl.col("market") != "internal"))


def _status(rules: Rulebook, chip: str, to: str, hq: str, on: dt.date) -> Status:
    return rules.status(rules.transaction(chip, to=to, hq=hq, origin="us"), on, on)


def as_json(found: Findings) -> dict[str, Any]:
    """Return what results.json holds of the found."""
    headings = [title for title, _, _ in PLACES]
    return {
        "on": found.on.isoformat(),
        "today": [
            {
                "chip": name,
                "place": title,
                "verdict": s.verdict,
                "eccn": s.eccn,
                "answer": s.answer,
                "review": s.review,
                "license_codified": s.license_codified,
                "license_enforced": s.license_enforced,
                "exceptions": list(s.exceptions),
                "confidence": s.confidence,
            }
            for name, row in found.today
            for title, s in zip(headings, row, strict=True)
        ],
        "quarters": [
            {"chip": r["chip"], "quarter": r["quarter"], "answer": r["answer"], "review": r["review"]}
            for r in found.legality.iter_rows(named=True)
        ],
        "unconfirmed": list(found.unconfirmed),
    }
