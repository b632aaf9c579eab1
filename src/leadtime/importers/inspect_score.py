"""The score of a sample of an Inspect AI log as a number from 0 to 1, by one scorer and one part of what it gave."""

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.importers import archive
from leadtime.importers.outcome import Note, Refused

_SUMMARIES = "summaries.json"
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


class Values(NamedTuple):
    """What the samples of a log came to.

    `taken` holds the id of a try, the id of its sample, and the response.
    """

    taken: list[tuple[str, str, float]]
    refused: list[Refused]
    notes: list[Note]


class Given(NamedTuple):
    """What one scorer gave."""

    value: Any


class Summary(NamedTuple):
    """What is told of a sample beside the whole of it: all that a response needs; see `values_of`."""

    id: Any
    epoch: Any
    uuid: Any
    error: Any
    scores: dict[str, Given]


def summaries(path: Path) -> list[Summary]:
    """Return the samples of a log, in an archive, as its summaries tell them; none if it has not one for each."""
    with archive.opened(path) as packed:
        names = packed.namelist()
        if _SUMMARIES not in names or packed.getinfo(_SUMMARIES).file_size > archive.MOST_MEMBER:
            return []
        given = json_text.parsed(packed.read(_SUMMARIES), numbers_alone=False)
    if not isinstance(given, list) or not all(map(_is_summary, given)):
        return []
    # a sample that was run again stands there twice, and the later counts
    found = {(str(g["id"]), g["epoch"]): g for g in given}
    if len(found) != len({n for n in names if n.startswith("samples/") and n.endswith(".json")}):
        return []
    return [
        Summary(
            g["id"],
            g["epoch"],
            g.get("uuid"),
            g.get("error") or None,
            {k: Given(v.get("value")) for k, v in (g.get("scores") or {}).items()},
        )
        for g in found.values()
    ]


def _is_summary(given: Any) -> bool:
    if not isinstance(given, dict) or type(given.get("epoch")) is not int or not isinstance(given.get("id"), int | str):
        return False
    scores = given.get("scores")
    return scores is None or (isinstance(scores, dict) and all(isinstance(v, dict) for v in scores.values()))


def values_of(samples: Iterable[Any], name: str, scorer: str) -> Values:
    """Return the responses of a log.

    Args:
        samples: Its samples.
        name: Its name.
        scorer: The scorer that counts, a part of its score after a slash, or a part alone; empty for the first scorer.
    """
    taken: list[tuple[str, str, float, bool]] = []
    refused: list[Refused] = []
    others: Counter[str] = Counter()
    beyond = False
    for sample in samples:
        where = f"sample {str(sample.id)[:60]}, epoch {sample.epoch}"
        try:
            if not json_text.is_text(str(sample.id)):
                raise LeadtimeError("has an id that is not text")
            by, given = _given(sample, scorer)
            others.update(k for k in sample.scores or {} if k != by and not scorer)
            value, is_number = _number(given)
            if not 0 <= value <= 1:
                beyond = beyond or math.isfinite(value)
                raise LeadtimeError(f"has the score {value:g}; expected 0 to 1")
            taken.append((str(sample.uuid or ""), str(sample.id), value, is_number))
        except LeadtimeError as error:
            refused.append(Refused(file=name, row=where, reason=error.what))
    if beyond:  # on a scale of 10, a 1 is no full mark
        why = "has a number for its score, in a log with scores beyond 0 to 1: on another scale it says something else"
        refused += [Refused(file=name, row=f"sample {i[:60]}", reason=why) for _, i, _, is_number in taken if is_number]
    notes = (
        [
            Note(
                name,
                f"scores by {', '.join(sorted(others))[:200]} are left out: the first scorer counts, and --scorer names"
                " another",
            )
        ]
        if others
        else []
    )
    return Values([(t, i, v) for t, i, v, n in taken if not (beyond and n)], refused, notes)


def _given(sample: Any, scorer: str) -> tuple[str, Any]:
    """Return the scorer that counts, and what it gave a sample."""
    if sample.error is not None:
        raise LeadtimeError("ended in an error")
    if getattr(sample, "invalidation", None) is not None:
        raise LeadtimeError("was marked invalid")
    scores = sample.scores or {}
    if not scores:
        raise LeadtimeError("was not scored")
    if not all(json_text.is_text(k) for k in scores):
        raise LeadtimeError("has a scorer whose name is not text")
    by, part = _which(scores, scorer)
    given = scores[by].value
    if isinstance(given, dict) and part in given:
        return by, given[part]
    if isinstance(given, dict | list | tuple):
        parts = [f"{by}/{p}" for p in given if json_text.is_text(p)][:5] if isinstance(given, dict) else []
        fix = f"--scorer {parts[0]} takes one of {', '.join(parts)}" if parts else "one number is wanted"
        raise LeadtimeError(f"has a score of several parts: {fix}")
    if part:
        raise LeadtimeError(f"has no part {part!r} in its score by {by!r}")
    return by, given


def _which(scores: dict[str, Any], scorer: str) -> tuple[str, str]:
    """Return the scorer that counts, and the part of its score that was asked for."""
    if not scorer:
        return next(iter(scores)), ""
    if scorer in scores:
        return scorer, ""
    by, slash, part = scorer.rpartition("/")
    if slash and by in scores:
        return by, part
    having = [k for k, s in scores.items() if isinstance(s.value, dict) and scorer in s.value]
    if len(having) == 1:
        return having[0], scorer
    if having:
        raise LeadtimeError(
            f"has a part {scorer!r} in scores by {', '.join(sorted(having))[:200]}: --scorer {having[0]}/{scorer}"
            " takes one"
        )
    raise LeadtimeError(f"has no score by {scorer!r}, only by {', '.join(sorted(scores))[:200]}")


def _number(given: Any) -> tuple[float, bool]:
    """Return a score as Inspect AI counts it, and whether it was given as a number."""
    if isinstance(given, bool):
        return float(given), False
    if isinstance(given, int | float):
        try:
            return float(given), True
        except OverflowError:
            raise LeadtimeError("has a score of hundreds of digits; expected 0 to 1") from None
    if not isinstance(given, str):
        raise LeadtimeError(f"has a score that is {'empty' if given is None else 'not a number'}")
    if given in _LETTERS or given.casefold() in _WORDS:
        return _LETTERS.get(given, _WORDS.get(given.casefold(), 0.0)), False
    try:
        return float(given), True
    except ValueError:
        raise LeadtimeError(f"has the score {given[:40]!r}, which is not a number") from None
