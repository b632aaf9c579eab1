"""Forecasts that were written down before the outcome: one line of JSON each, chained by hash, never rewritten.

Each line holds the SHA-256 of the line before it and of itself, so that a line that is changed, taken out or put in
breaks the chain from there on. What was cut off the end does not show: whoever wants to prove a day publishes the last
hash on it.
"""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadtime import json_text, stranger
from leadtime.backtest import score
from leadtime.backtest.questions import Question, questions
from leadtime.backtest.run import forecast, truth_of
from leadtime.backtest.scored import OURS
from leadtime.errors import LeadtimeError
from leadtime.held import held
from leadtime.whole import whole

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
NAME = "locked.jsonl"
SHIPPED = Path(__file__).parent / "data" / NAME
START = "0" * 64
#: A file may have so many bytes and lines; a line of ours has five thousand bytes.
MOST_BYTES, MOST_LINES, MOST_FORECASTERS, MOST_TEXT = 20_000_000, 20_000, 20, 2000
#: A forecast is kept as so many quantiles, the middles of as many equal shares, and is scored by them.
QUANTILES = 50
_LEVELS = (np.arange(QUANTILES) + 0.5) / QUANTILES


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: the forecasts of one question on one day.

    Args:
        n: Number of the line, from 1.
        made_on: The day it was written, ISO.
        as_of: Only what was public on this day was used, ISO.
        question: Id of the question.
        words: The question.
        closes_on: The day it is about, ISO.
        unit: Of the numbers.
        evidence_hash: Hash of the evidence.
        code: Hash of the program.
        version: Its version.
        seed: Seed of the draws.
        draws: How many there were.
        method: How abilities were fitted.
        forecasts: By forecaster the quantiles, ascending.
        before: Hash of the line before; zeros for the first.
    """

    n: int
    made_on: str
    as_of: str
    question: str
    words: str
    closes_on: str
    unit: str
    evidence_hash: str
    code: str
    version: str
    seed: int
    draws: int
    method: str
    forecasts: dict[str, list[float]]
    before: str

    @property
    def hash(self) -> str:
        """SHA-256 of all that the line says."""
        return hashlib.sha256(_text(asdict(self)).encode()).hexdigest()

    def line(self) -> str:
        """Return the line."""
        return _text({**asdict(self), "hash": self.hash})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A locked forecast beside its outcome.

    Args:
        entry: The forecast.
        state: open, scored, too late (the outcome was public by the day it was written), or unknown (no such question
            here).
        scores: CRPS by forecaster, of logarithms for money and chips; empty unless scored.
        measure: What the score is; empty unless scored.
        inside_90: Share of the outcome inside our 90% interval, None unless scored.
        outcome: What came, None unless scored.
    """

    entry: Entry
    state: str
    scores: dict[str, float]
    measure: str = ""
    inside_90: float | None = None
    outcome: float | None = None


def read(path: Path, *, within: Path | None = None) -> list[Entry]:
    """Return the entries of a file whose chain holds.

    Raises:
        LeadtimeError: It cannot be read, or a line breaks the chain: with its number.
    """
    text = stranger.text(path, most=MOST_BYTES, within=within)
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > MOST_LINES:
        raise LeadtimeError(f"has more than {MOST_LINES:,} lines", where=str(path), fix="Start another file.")
    entries: list[Entry] = []
    before = START
    for n, line in enumerate(lines, start=1):
        where = f"{path}, line {n}"
        entry, said = _entry(line, where)
        if entry.before != before or entry.n != n:
            raise _broken("does not follow the line before it: one was taken out, put in or moved", where)
        if entry.hash != said or entry.line() != line:
            raise _broken("was changed after it was written: it is not as its hash says", where)
        entries.append(entry)
        before = said
    return entries


def head(entries: list[Entry]) -> str:
    """Return the hash that the next line would hold: to be published, it proves all before it."""
    return entries[-1].hash if entries else START


def predict(
    study: "Study", path: Path, *, today: dt.date, within: Path | None = None
) -> tuple[list[Entry], dict[str, str]]:
    """Append a forecast of every open question to a file; return the new entries, and why each other question has no
    forecast.

    A question that the file has from this day, evidence and program already is not written again. Two processes at once
    follow each other: each reads the file again before it adds to it. If the file is that of a study, `within` is its
    folder, and a link out of it is not followed.

    Raises:
        LeadtimeError: The study is of another day, the file's chain is broken, or it cannot be written.
    """
    from leadtime.capability import cache

    if study.as_of != today:
        raise LeadtimeError(
            f"the study is as of {study.as_of}, but a forecast is locked on the day it is made, {today}",
            fix="Leave out --as-of. `leadtime backtest --from` shows what an earlier day would have said.",
        )
    _read_if_there(path, within)  # what is broken is told before anything is computed
    said: dict[Question, dict[str, Floats]] = {}
    silent: dict[str, str] = {}
    for q in questions(study.evidence):
        if not q.is_open or not q.opens_on <= today < q.closes_on:
            continue
        study.progress(f"forecast of {q.id}", 0.5)
        found, why = forecast(study, q)
        if found:
            said[q] = found
        else:
            silent[q.id] = why
    with held(path.absolute().parent.resolve()):
        old = _read_if_there(path, within)
        there = {(e.question, e.made_on, e.evidence_hash, e.code) for e in old}
        new: list[Entry] = []
        for q, draws in said.items():
            if (q.id, str(today), study.evidence.hash, cache.code()) not in there:
                new.append(_made(study, q, draws, today, [*old, *new]))
        if new:
            write(path, [*old, *new])
    return new, silent


def write(path: Path, entries: list[Entry]) -> None:
    """Write a file of entries that follow each other, whole or not at all.

    Raises:
        LeadtimeError: It cannot be written.
    """
    with whole(path) as partial:
        partial.write_text("".join(f"{e.line()}\n" for e in entries), encoding="utf-8", newline="\n")


def _read_if_there(path: Path, within: Path | None) -> list[Entry]:
    return read(path, within=within) if stranger.is_there(path) else []


def scored(study: "Study", entries: list[Entry]) -> list[Scored]:
    """Return each entry beside the outcome that the evidence of a study has."""
    asked = {q.id: q for q in questions(study.evidence)}
    return [_scored(study, e, asked.get(e.question)) for e in entries]


def _scored(study: "Study", e: Entry, q: Question | None) -> Scored:
    if q is None:  # a row that became known later, with its outcome; or none of this evidence
        return Scored(entry=e, state="open" if e.closes_on > str(study.as_of) else "unknown", scores={})
    if q.is_open:
        return Scored(entry=e, state="open", scores={})
    if e.made_on >= str(min(q.known_on, q.closes_on)):
        return Scored(entry=e, state="too late", scores={})
    truth = truth_of(study, q)
    found = {who: score.crps(q.on_scale(np.array(v)), q.on_scale(truth)) for who, v in e.forecasts.items()}
    inside = score.inside(np.array(e.forecasts[OURS]), truth)[0.9] if OURS in e.forecasts else None
    return Scored(
        entry=e, state="scored", scores=found, measure=q.measure, inside_90=inside, outcome=float(np.median(truth))
    )


def _made(study: "Study", q: Question, said: dict[str, Floats], today: dt.date, before: list[Entry]) -> Entry:
    from leadtime.capability import cache

    stamp = study.stamp
    return Entry(
        n=len(before) + 1,
        made_on=str(today),
        as_of=str(study.as_of),
        question=q.id,
        words=q.question,
        closes_on=str(q.closes_on),
        unit=q.unit or "",
        evidence_hash=study.evidence.hash,
        code=cache.code(),
        version=str(stamp["version"]),
        seed=study.seed,
        draws=study.draws,
        method=study.method,
        forecasts={who: _quantiles(draws) for who, draws in said.items()},
        before=head(before),
    )


def _quantiles(draws: Floats) -> list[float]:
    found = np.quantile(draws[np.isfinite(draws)], _LEVELS)
    return [float(f"{v:.6g}") for v in found]


def _text(content: dict[str, Any]) -> str:
    """Return the one way to write a line, whatever the order in which its fields were read."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _entry(line: str, where: str) -> tuple[Entry, str]:
    """Return a line's entry and the hash that it says it has.

    Raises:
        LeadtimeError: It is not as a line is written.
    """
    content = json_text.parsed(line, where=where, fix="One line is one forecast, as `leadtime predict` writes it.")
    names = {f.name for f in fields(Entry)} | {"hash"}
    if not isinstance(content, dict) or content.keys() != names:
        raise _broken("does not have the fields of a locked forecast", where)
    for name, (right, what) in _KINDS.items():
        if not right(content[name]):
            raise _broken(f"has no {what} as {name}", where)
    said = content.pop("hash")
    return Entry(**content), said


def _are_forecasts(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and 0 < len(value) <= MOST_FORECASTERS
        and all(
            json_text.is_text(who, 100)
            and isinstance(v, list)
            and len(v) == QUANTILES
            and all(map(_is_number, v))
            and v == sorted(v)
            for who, v in value.items()
        )
    )


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e100 and math.isfinite(value)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _is_text(value: Any) -> bool:
    return json_text.is_text(value, MOST_TEXT)


def _is_day(value: Any) -> bool:
    try:
        return _is_text(value) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


#: What each field has to be; the unit may be empty.
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **{n: (_is_count, "whole number") for n in ("n", "seed", "draws")},
    **{
        n: (_is_text, "text")
        for n in ("question", "words", "evidence_hash", "code", "version", "method", "before", "hash")
    },
    **{n: (_is_day, "day") for n in ("made_on", "as_of", "closes_on")},
    "unit": (lambda v: v == "" or _is_text(v), "text"),
    "forecasts": (_are_forecasts, f"{QUANTILES} ascending numbers of each forecaster"),
}


def _broken(what: str, where: str) -> LeadtimeError:
    fix = "Take the file as it was before; lines are only ever added."
    return LeadtimeError(what, where=where, fix=fix)
