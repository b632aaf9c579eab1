"""The report's chapter on the rules: what may be shipped today, what could be when, what happened, what is unsure."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.figures import rules as figures
from leadtime.figures.figure import Figure
from leadtime.report import tables
from leadtime.report.chapter import Chapter
from leadtime.rules import plane
from leadtime.rules.rulebook import Rulebook
from leadtime.rules.status import Status
from leadtime.rules.timeline import Entry, timeline
from leadtime.rules.told import short, told
from leadtime.rules.transaction import FIRST_DAY
from leadtime.rules.verdict import DEPENDS, LICENSE_REQUIRED, NO_LICENSE, NOT_COVERED, NOT_ENFORCED

if TYPE_CHECKING:
    from leadtime.study import Study

#: Chips of the table, where the evidence has them.
CHIPS = ("h100-sxm", "h800-sxm", "a800-sxm", "h20", "h200-sxm", "b200", "rtx-4090", "mi300x", "mi325x", "gaudi-3",
         "ascend-910b")  # fmt: skip
#: Chips below this are far under every line.
SHOWN_FROM_TPP = 1000.0
#: Headings of the table, with destination and headquarters.
PLACES = (("To China", "CHN", "CHN"), ("To Malaysia, Chinese parent", "MYS", "CHN"), ("To Malaysia", "MYS", "MYS"),
          ("To the Emirates", "ARE", "ARE"))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything the chapter says, computed once; `legality` and `regimes` as `rules.plane` returns them."""

    on: dt.date
    legality: pl.DataFrame
    regimes: pl.DataFrame
    today: tuple[tuple[str, tuple[Status, ...]], ...]
    cards: tuple[dict[str, Any], ...]
    events: tuple[Entry, ...]
    unconfirmed: tuple[str, ...]


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter on the rules, or None where there is nothing to say."""
    found = gather(study)
    if found is None:
        return None
    e = study.evidence
    source = f"As of {found.on}, as known on that day. {{}}. {{}} Sources: the instruments cited in the table below; leadtime, evidence {e.hash}. A reading of the record, not legal advice."
    return Chapter(
        name="rules",
        title="What the export rules say",
        lead=lead(found),
        figures=tuple(Figure(**f, caption=source.format(f["n"], f["method"])) for f in figures_of(found)),
        tables=tuple(tables_of(found)),
        template="rules.html",
        content={"cards": found.cards},
        json=as_json(found),
    )


def lead(found: Findings) -> str:
    """Return how many chips could be exported to China without a license now, and at the start of the log."""
    if found.legality.is_empty():
        return f"The rules as of {found.on}."
    last = found.legality.filter(pl.col("day") == pl.col("day").max())
    free = last.filter(pl.col("answer") == "no_license_required").height
    open_ones = last.filter(pl.col("answer").is_in(["conditional", "unknown"])).height
    most = "Most AI chips need a license" if 2 * free < last.height else "Most AI chips need no license"
    return (
        f"{most} to go from the United States to a buyer in China. As of {found.on}, {last.height} chips that came to market reach {SHOWN_FROM_TPP:,.0f} TPP "
        f"(total processing performance, the measure of the rules: trillions of operations a second times their length in bits). Of these {free} need no "
        f"license, for {open_ones} the record leaves it open, and {last.height - free - open_ones} need one. What is written, what is enforced and what is "
        "licensed differ, and stand apart below."
    )


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
    here = [c for c in CHIPS if c in rules.log.chips]
    return Findings(
        on=on,
        cards=tuple(_card(rules, c, name, row[0]) for c, (name, row) in zip(here, today, strict=True)),
        legality=_shown(pl.DataFrame(plane.legality(rules.log, on), infer_schema_length=None)),
        regimes=pl.DataFrame(plane.regimes(rules.log, on), infer_schema_length=None),
        today=today,
        events=tuple(e for e in timeline(rules.log, on) if e.effective_on >= FIRST_DAY),
        unconfirmed=tuple(sorted({u for _, row in today for s in row for u in s.unconfirmed})),
    )


def _shown(legality: pl.DataFrame) -> pl.DataFrame:
    """Return the chips that are sold, and not far below every line."""
    return legality.filter((pl.col("tpp") >= SHOWN_FROM_TPP) & (pl.col("market") != "internal"))


def _card(rules: Rulebook, chip: str, name: str, s: Status) -> dict[str, Any]:
    """Return an answer in full, the verdict first and the provisions last."""
    words = told(s)
    applies = [t for t in s.trace if {t.applies_codified, t.applies_enforced} != {"no"}]
    return {
        "id": chip,
        "name": name,
        "headline": words.headline,
        "how": words.how,
        "confidence": s.confidence,
        "turns_on": s.turns_on,
        "because": s.because,
        "changes": [(c.what, c.then[0].upper() + c.then[1:]) for c in rules.changes(s)],
        "written": words.written,
        "enforced": words.enforced,
        "practice": words.practice,
        "unconfirmed": s.unconfirmed,
        "provisions": [f"{t.title} ({t.pinpoint}): {t.state}" for t in applies],
        "n_checked": len(s.trace),
        "command": f"leadtime rules status {chip} --to CHN --on {s.on} --verbose",
    }


def _status(rules: Rulebook, chip: str, to: str, hq: str, on: dt.date) -> Status:
    return rules.status(rules.transaction(chip, to=to, hq=hq, origin="us"), on, on)


def figures_of(found: Findings) -> list[dict[str, Any]]:
    """Return the figures as the arguments of `Figure`, without captions."""
    if found.legality.is_empty():
        return []
    n_chips = found.legality["chip"].n_unique()
    last = found.legality.filter(pl.col("day") == pl.col("day").max())
    free = last.filter(pl.col("answer") == "no_license_required")["name"].to_list()
    counted = f"{n_chips} chips not of Chinese design, by quarter since the third of 2022"
    read = f"Chips that came to market with {SHOWN_FROM_TPP:,.0f} TPP or more (total processing performance). The reading of the export rules in the evidence, on the last day of each quarter, for an end user in China."
    columns = ("name", "maker", "quarter", "answer", "eccn", "review", "exceptions", "tpp", "pd")
    return [
        {
            "name": "rules-plane",
            "title": "Chips against the lines of the export rules",
            "description": "Each chip by its total processing performance and performance density, both on logarithmic "
            "scales, with the lines of the tests in force; a slider moves through the quarters. In the last quarter "
            f"{len(free)} of {last.height} chips needed no license for China.",
            "method": read + " Chips without a published die area are not drawn.",
            "n": counted,
            "chart": figures.plane(found.legality, found.regimes, CHIPS),
            "data": found.legality.select(columns),
        },
        {
            "name": "rules-quarters",
            "title": "What could be shipped to China, quarter by quarter",
            "description": "One row per chip, one cell per quarter, colored by whether a license was needed and under "
            f"which policy. Free in the last quarter: {', '.join(free[:12]) or 'none'}"
            + (f" and {len(free) - 12} more." if len(free) > 12 else "."),
            "method": read,
            "n": counted,
            "chart": figures.shippable(found.legality),
            "data": found.legality.select(columns),
        },
    ]


def tables_of(found: Findings) -> list[tables.Table]:
    """Return the tables: chips today, and the timeline."""
    return [
        tables.Table(
            name="rules-today",
            title="What the export rules say on this day",
            caption=f"Exports from the United States on {found.on}, as known on that day. Policies that need certifications are "
            "read as if these were made. Lists of parties, end uses and other reasons for control are not read. "
            "A reading of the record, not legal advice.",
            columns=(("Chip", False), *((title, False) for title, _, _ in PLACES)),
            rows=tuple((name, *(_cell(s) for s in row)) for name, row in found.today),
        ),
        tables.Table(
            name="rules-timeline",
            title="The rules, in the order in which they took effect",
            caption="A question mark: something about the record could not be confirmed.",
            columns=(("In effect", False), ("Known", False), ("What", False), ("Instrument", False), ("Citation", False)),
            rows=tuple(
                (e.effective_on.isoformat(), e.known_on.isoformat(), e.kind.replace("_", " ") + (" ?" * bool(e.unconfirmed)),
                 e.title, e.citation or "–")
                for e in found.events
            ),
        ),
        tables.Table(
            name="rules-unconfirmed",
            title="What could not be confirmed about the rules",
            caption="The records that answers in the first table rest on, and what is unsure about each.",
            columns=(("Record", False), ("Not confirmed", False)),
            rows=tuple((u.split(": ", 1)[0], u.split(": ", 1)[1]) for u in found.unconfirmed),
        ),
    ]  # fmt: skip


def _cell(s: Status) -> str:
    """Return an answer in a cell: the verdict first, then the paragraph and the exceptions."""
    words = {
        LICENSE_REQUIRED: "License needed",
        NOT_ENFORCED: "No license as enforced; the text asks for one",
        NO_LICENSE: "No license",
        NOT_COVERED: "Not covered here",
        DEPENDS: "Depends on open numbers",
    }.get(s.verdict, f"Unknown since {s.unknown_since}" if s.unknown_since else "Unknown")
    policy = f", {short(s.review)}" if s.verdict == LICENSE_REQUIRED and short(s.review) else ""
    exceptions = f", exception {' '.join(s.exceptions)}" if s.exceptions else ""
    paragraph = "" if s.eccn == "none" else f" ({s.eccn})"
    return f"{words}{policy}{exceptions}{paragraph}"


def as_json(found: Findings) -> dict[str, Any]:
    """Return what results.json holds of the found."""
    headings = [title for title, _, _ in PLACES]
    return {
        "on": found.on.isoformat(),
        "today": [
            {"chip": name, "place": title, "verdict": s.verdict, "eccn": s.eccn, "answer": s.answer, "review": s.review,
             "license_codified": s.license_codified, "license_enforced": s.license_enforced,
             "exceptions": list(s.exceptions), "confidence": s.confidence}
            for name, row in found.today
            for title, s in zip(headings, row, strict=True)
        ],
        "quarters": [
            {"chip": r["chip"], "quarter": r["quarter"], "answer": r["answer"], "review": r["review"]}
            for r in found.legality.iter_rows(named=True)
        ],
        "unconfirmed": list(found.unconfirmed),
    }  # fmt: skip
