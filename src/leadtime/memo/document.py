"""What a memo says, as plain data: made from answers once, set in type elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadtime.answers.answer import Answer
from leadtime.answers.registry import find
from leadtime.answers.sourced import Source
from leadtime.answers.words import count, day, listed
from leadtime.errors import LeadtimeError
from leadtime.memo.bibtex import bibtex
from leadtime.memo.grid import Grid, grid_of
from leadtime.memo.repeat import command
from leadtime.memo.text import line

if TYPE_CHECKING:
    import datetime as dt

    from leadtime.figures.figure import Figure

#: So many sources are named in the memo itself, BibTeX has all; and so many remarks on each answer.
_MOST_SOURCES, _MOST_NOTES = 6, 2
#: What a reader must know of each way in which something is known.
_KNOWN = {
    "measured": "Measured: computed from published records.",
    "estimated from few sources": "Estimated from few sources: one more source could move it.",
    "simulated": "Simulated: it follows in a model of the world. Nobody observed it.",
    "assumed in part": "Assumed in part: some of what it is computed from nobody measured.",
    "the rules as written": "Read from the rules as written. It is no legal advice.",
    "recorded": "Recorded: as others published it.",
    "arithmetic": "Arithmetic on the values that are given.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One question and its answer.

    Args:
        asks: The question.
        sentence: The answer in one or two sentences.
        figure: Its figure, or None if it has none.
        caption: What the figure shows, with as-of day, method and sources.
        table: Its main table, shortened, or None if there is nothing in it.
        known: How it is known and what it rests on, sentences.
    """

    asks: str
    sentence: str
    figure: "Figure | None"
    caption: str
    table: Grid | None
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """A memo: every text is one line that shows as it is.

    Args:
        title: Its title.
        day: As-of days of the answers, in words, empty if they have none.
        dated: The last of them.
        sections: The answers.
        limits: What they cannot say.
        commands: What gives each answer again, one command each.
        rests_on: With which version, evidence and settings.
        sources: What the answers rest on most, a reference each.
        more_sources: How many there are in all, and where, a sentence.
        bibliography: Name of the file with all of them.
        bibtex: Its content.
    """

    title: str
    day: str
    dated: "dt.date | None"
    sections: tuple[Section, ...]
    limits: tuple[str, ...]
    commands: tuple[str, ...]
    rests_on: tuple[str, ...]
    sources: tuple[str, ...]
    more_sources: str
    bibliography: str
    bibtex: str


def memo_of(answers: Sequence[Answer], *, title: str = "", stem: str = "memo") -> Memo:
    """Return the memo of some answers.

    Args:
        answers: One or more.
        title: Its title; by default what is asked, or how many questions are.
        stem: Name of its file without ending.
    """
    days = sorted({str(a.stamp["as_of"]) for a in answers if "as_of" in a.stamp})
    found = _sources(answers)
    name = f"{stem}.bib"
    return Memo(
        title=line(title) or _title(answers),
        day=f"As of {listed([day(d) for d in days])}" if days else "",
        dated=_date(days),
        sections=tuple(_section(a, sum(b.figure is not None for b in answers[: i + 1])) for i, a in enumerate(answers)),
        limits=_once(x for a in answers for x in a.about.limits),
        commands=_once(command(a) for a in answers),
        rests_on=_once(_rests_on(a) for a in answers),
        sources=tuple(_reference(s) for s in found[:_MOST_SOURCES]),
        more_sources=_more(len(found), name),
        bibliography=name,
        bibtex=bibtex(found, answers[0].stamp),
    )


def _date(days: Sequence[str]) -> "dt.date | None":
    import datetime as dt

    return dt.date.fromisoformat(days[-1][:10]) if days else None


def _title(answers: Sequence[Answer]) -> str:
    return (
        _asks(answers[0]) if len(answers) == 1 else f"US export rules on AI chips: answers to {len(answers)} questions"
    )


def _asks(answer: Answer) -> str:
    """Return the question in plain English; that of a program which took it away again is its name."""
    try:
        return line(find(answer.question).asks)
    except LeadtimeError:
        return line(answer.question or "Answer")


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t for t in map(line, texts) if t))


def _section(answer: Answer, number: int) -> Section:
    figure = answer.figure() if answer.figure else None
    caption = f"Figure {number}. {figure.title.rstrip('.')}. {figure.caption}" if figure else ""
    about = answer.about
    more = len(answer.notes) - _MOST_NOTES
    left_out = [f"{count(more, 'more remark')}: the command below has all."] if more > 0 else []
    known = [_KNOWN[answer.tag], about.definition, about.rests_on, *answer.notes[:_MOST_NOTES], *left_out]
    return Section(
        asks=_asks(answer),
        sentence=line(answer.sentence),
        figure=figure,
        caption=line(caption),
        table=grid_of(answer.rows),
        known=_once(known),
    )


def _rests_on(answer: Answer) -> str:
    s = answer.stamp
    said = [f"leadtime {s['version']}"]
    said += [f"evidence {s.get('rules_hash') or s['evidence_hash']}"] if "evidence_hash" in s else []
    said += [f"seed {s['seed']}, {s['draws']:,} draws, method {s['method']}"] if "method" in s else []
    return ", ".join(said)


def _sources(answers: Sequence[Answer]) -> list[Source]:
    """Return the sources of all answers: of each answer in turn the next that counts most for it."""
    each = [a.sources() if a.sources else [] for a in answers]
    found: dict[str, Source] = {}
    for at in range(max(map(len, each))):
        for sources in each:
            if at < len(sources):
                found.setdefault(sources[at].id, sources[at])
    return list(found.values())


def _reference(s: Source) -> str:
    who = f"{s.publisher}. " if s.publisher else ""
    when = f" {day(s.published_on)}." if s.published_on else ""
    return line(f"{who}{s.title.rstrip('.')}.{when}{f' {s.license}.' if s.license else ''} {s.url}")


def _more(n: int, bibliography: str) -> str:
    if not n:
        return f"The reference for leadtime itself is in {line(bibliography)}."
    return (
        f"{count(n, 'source')} in all: {line(bibliography)} has {'it' if n == 1 else 'them'}, and the reference for"
        " leadtime itself."
    )
