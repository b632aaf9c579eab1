"""The end of the argument for export controls, sentence by sentence: the published figures that each opens to, or which
figure nobody has published.

The words and what is missing stand in the ledger of claims; here stands which rows speak to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import Column, Row, Table
from leadtime.answers.resourced import cells, cells_of, times, told
from leadtime.answers.words import number, share
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.claims import Claim
    from leadtime.resources import Figure
    from leadtime.study import Study

TIMES = "times"
#: In place of a row: our own count of the chips that a side owns.
CHIPS = {"chn": "China's AI chips, in H100-equivalents", "usa": "America's AI chips, in H100-equivalents"}
#: The last month of a quarter that is not a year's last, by the note of its row.
ENDS = {f"At the end of Q{n}.": month for n, month in ((1, "March"), (2, "June"), (3, "September"))}
COLUMNS = (
    Column(key="what", title="Figure"),
    Column(key="said", title="How much"),
    Column(key="alleged_by", title="Alleged by"),
    Column(key="missing", title="What nobody has published"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: a row alone, over another, or less another; `per` is `year` where the periods differ in length."""

    what: str
    row: str
    over: str = ""
    less: str = ""
    per: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of the argument.

    Args:
        topic: What it is about, a few words.
        claim: Its id in the ledger of claims.
        lines: The figures that speak to it.
        chips: Our count of chips speaks to it.
        words: Its words, where the ledger's are of another part; quoted.
        missing: Which figure nobody has published; the ledger's words where empty.
    """

    topic: str
    claim: str
    lines: tuple[Line, ...] = ()
    chips: bool = False
    words: str = ""
    missing: str = ""


ARGUMENT = (
    Sentence(
        topic="Millions of chips",
        claim="controls-slow-china",
        words="will require millions of chips, tens of billions of dollars (at least)",
        chips=True,
    ),
    Sentence(
        topic="More talent",
        claim="parity-goes-to-military",
        lines=(
            Line(
                "Share of top AI researchers who work there, 2022",
                "macropolo-work-chn-2022",
                over="macropolo-work-usa-2022",
            ),
            Line("Lead authors at the NeurIPS conference, 2025", "neurips2025-lead-chn", over="neurips2025-lead-usa"),
        ),
        missing="The share of China's AI researchers who work for its military.",
    ),
    Sentence(
        topic="More capital",
        claim="parity-goes-to-military",
        lines=(
            Line("Private investment in AI, 2025", "private-ai-chn-2025", over="private-ai-usa-2025"),
            Line("Military spending on AI, 2020", "cset-pla-ai-spend-2020", over="dod-ai-spend-2020"),
        ),
        missing="What China's military spends on AI in any year after 2020.",
    ),
    Sentence(
        topic="More focus on military uses",
        claim="parity-goes-to-military",
        lines=(
            Line(
                "Military AI contract notices in China a year: 2023-24 over 2020, counted by different rules",
                "cset-pla-ai-awards-2023-24",
                over="cset-pla-ai-contracts-2020",
                per="year",
            ),
            Line("All military spending, 2024", "sipri-chn-2024", over="sipri-usa-2024"),
        ),
        missing="What share of China's AI computing power serves its military.",
    ),
    Sentence(
        topic="A large industrial base",
        claim="large-industrial-base",
        lines=(
            Line("Electricity generated, 2024", "elec-chn-2024", over="elec-usa-2024"),
            Line("Manufacturing output, 2024", "mva-chn-2024", over="mva-usa-2024"),
            Line("Industrial robots installed, 2024", "aiindex2026-robots-chn", over="aiindex2026-robots-usa"),
            Line("Drones made, 2025", "drones-chn-yr", over="drones-usa-yr"),
            Line("Electricity of data centers, 2024", "dc-elec-chn-2024", over="dc-elec-usa-2024"),
        ),
    ),
    Sentence(
        topic="Military advantages",
        claim="military-strategic-advantages",
        lines=(
            Line("All military spending, 2024", "sipri-chn-2024", over="sipri-usa-2024"),
            Line("Battle force ships, 2024", "fleet-chn-dod-2024", over="fleet-usa-crs-2024"),
        ),
    ),
    Sentence(
        topic="Taken ideas",
        claim="stop-using-our-tools",
        lines=(
            Line(
                "Counts on which a court convicted a man for taking AI secrets for China, January 2026", "ding-counts"
            ),
            Line("Chips that TSMC made for Huawei through front firms, 2023-24", "tsmc-huawei-dies"),
            Line("Answers drawn from Claude by Alibaba, April to June 2026", "alibaba-distill-exchanges"),
            Line(
                "Answers drawn from Claude by DeepSeek, Moonshot AI and MiniMax, to February 2026",
                "anthropic-distill-exchanges",
            ),
        ),
    ),
    Sentence(
        topic="Capital that flows to China",
        claim="capital-to-china",
        lines=(
            Line(
                "Sovereign money that came to China, 2025 against 2024",
                "sovereign-to-chn-2025",
                over="sovereign-to-chn-2024",
            ),
            Line(
                "Sovereign money that came to America, 2025 against 2024",
                "sovereign-to-usa-2025",
                over="sovereign-to-usa-2024",
            ),
            Line("America's share of money for AI start-ups, first half of 2026", "us-share-ai-venture-2026h1"),
        ),
    ),
    Sentence(
        topic="Not denying China the benefits",
        claim="civil-benefits-not-denied",
        lines=(
            Line(
                "Rise of the share of people in China who use AI, December 2024 to December 2025, by its own survey",
                "cnnic-2025-12-share",
                less="cnnic-2024-12-share",
            ),
            Line(
                "The same, late 2025 to early 2026, by Microsoft's counters",
                "ms-diffusion-chn-2026q1",
                less="ms-diffusion-chn-2025h2",
            ),
            Line(
                "License applications for listed Chinese parties that were not approved, 2018-23",
                "bis-denied-count-2018-23",
            ),
        ),
    ),
    Sentence(
        topic="Everyone should benefit",
        claim="everyone-should-benefit",
        lines=(
            Line("Share of people who use AI in rich countries, early 2026", "ms-diffusion-north-2026q1"),
            Line("Share of people who use AI in poor countries, early 2026", "ms-diffusion-south-2026q1"),
            Line(
                "Growth of the gap between the two since late 2025",
                "ms-diffusion-north-2026q1+ms-diffusion-south-2025h2",
                less="ms-diffusion-south-2026q1+ms-diffusion-north-2025h2",
            ),
        ),
    ),
)


def table(study: "Study", compared: Sequence[Mapping[str, Any]], given: Any) -> Table:
    """Return the sentences with their figures as known on the day of the study.

    Args:
        study: The study.
        compared: The rows of the question `resources`, for our count of chips.
        given: The assumptions, for the widths of figures.
    """
    from leadtime.claims import built_in

    said = {c.id: c for c in built_in() if c.said_on <= study.as_of}
    rows = [
        {**_said(s, said[s.claim]), **r}
        for s in ARGUMENT
        if s.claim in said
        for r in _opened(study, s, said[s.claim], compared, given)
    ]
    return Table(
        name="argument", title="The argument, sentence by sentence", rows=rows, columns=COLUMNS, by="topic", detail=True
    )


def _said(s: Sentence, claim: "Claim") -> dict[str, Any]:
    return {
        "topic": s.topic,
        "claim": claim.id,
        "who": claim.who,
        "said_on": str(claim.said_on),
        "words": s.words or claim.words,
        "paraphrase": claim.paraphrase and not s.words,
    }


def _opened(study: "Study", s: Sentence, claim: "Claim", compared: Sequence[Row], given: Any) -> Iterator[Row]:
    figures = list(_chips(compared)) if s.chips else []
    for line in s.lines:
        try:
            figures.append(_figure(study, line, given))
        except LeadtimeError:  # it was not public on that day
            continue
    yield from figures
    missing = s.missing or claim.missing
    if missing or not figures:
        yield _row(missing=missing, grade="unpublished")


def _chips(compared: Sequence[Row]) -> Iterator[Row]:
    own = [r for r in compared if r["resource"] == "chips"]
    if not own:
        return
    last = max(own, key=lambda r: r["year"])
    when = f"end of {ENDS.get(last['note'], 'December')} {last['year']}"
    for key, what in CHIPS.items():
        size = {f"value{end}": last[f"{key}{end}"] for end in ("", "_low", "_high")}
        said = told("value", {"unit": "", **size})
        yield _row(what=f"{what}, {when}", said=said, grade="our count", **size)


def _figure(study: "Study", line: Line, given: Any) -> Row:
    from leadtime.resources import named, reading

    rows = [named(study.evidence, n) for n in "+".join(filter(None, (line.row, line.over, line.less))).split("+")]
    figures: dict[str, Any] = {"unit": TIMES if line.over else "points" if line.less else rows[0].unit}
    if line.over:
        figures |= _cells(study, reading.ratio(study, line.row, line.over, line.per))
    elif line.less:
        change = _cells(study, reading.change(study, line.row, line.less))
        figures |= {k: None if v is None else 100 * v for k, v in change.items()}
    else:
        figures |= cells_of("value", rows[0], given)
    sides = [f.bloc for f in rows] == ["CHN", "USA"] and line.over
    said = times(figures, "value") if sides else _said_plainly(figures)
    return _row(what=line.what, said=f"{said[:1].upper()}{said[1:]}", **figures, **_sourced(rows))


def _said_plainly(r: Row) -> str:
    """Return a figure as people say it: what shrank in percent of what it was, points with one decimal."""
    middle, low, high = (r[f"value{end}"] for end in ("", "_low", "_high"))
    if None in (middle, low, high) or r["unit"] not in (TIMES, "points"):
        return told("value", r)
    if r["unit"] == "points":
        return f"{number(middle)} points ({number(low)} to {number(high)})"
    return f"{share(middle)} of it ({share(low)} to {share(high)})" if middle < 1 else told("value", r)


def _cells(study: "Study", draws: Any) -> dict[str, Any]:
    from leadtime.resources import Range, reading

    ends = reading.one_end(study, "row.", draws)
    return cells("value", Range(ends[0], ends[1]) if ends else Range(draws, draws))


def _sourced(rows: "Sequence[Figure]") -> dict[str, Any]:
    alleged = [f for f in rows if f.alleged_by]
    return {
        "rows": [f.id for f in rows],
        "sources": "|".join(dict.fromkeys(f.source for f in rows)),
        "alleged_by": "; ".join(dict.fromkeys(f.alleged_by for f in alleged)),
        "grade": "alleged" if alleged else ", ".join(dict.fromkeys(f.grade for f in rows)),
        "definition": " ".join(dict.fromkeys(f.definition for f in rows)),
    }


def _row(**given: Any) -> Row:
    empty: dict[str, Any] = {
        "what": "",
        "said": "",
        "unit": "",
        "value": None,
        "value_low": None,
        "value_high": None,
        "rows": [],
        "sources": "",
        "alleged_by": "",
        "grade": "",
        "definition": "",
        "missing": "",
    }
    return empty | given
