"""What is run in a process of the server: a question put to a study, the last few of which the process keeps."""

import datetime as dt
import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.web.workers import MOST_ANSWER, Tell

#: Studies that one process keeps.
MOST_STUDIES = 3
#: An answer that the server keeps ready may have so many bytes.
_MOST_KEPT = 20_000_000
#: Who is told how far a kept study is: the one who asks now.
_listener: list[Tell] = []
_studies: OrderedDict[tuple["Which", dt.date, str], Any] = OrderedDict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The study that a question is put to; `study` is the id of a saved one, empty for that which is served.

    With `refit`, all abilities are fitted again with its own scores; otherwise its models are placed on the built-in
    fit.
    """

    study: str = ""
    as_of: dt.date | None = None
    seed: int = 0
    draws: int = 2000
    method: str = "nuts"
    refit: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent: as it is and packed (gzip), with the tag of its content and its status in HTTP."""

    body: bytes
    packed: bytes
    tag: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What was computed, where it is sent with a status of its own: a page that says what is wrong with its address."""

    body: bytes
    status: int


#: From a study to what JSON can hold, or to bytes: a function at the top of a module, with its other arguments.
Compute = Callable[[Any], Any]


def body_of(said: Any, most: int = MOST_ANSWER) -> bytes:
    """Return what was computed as it is sent.

    Args:
        said: What was computed.
        most: So many bytes it may have.

    Raises:
        LeadtimeError: It is too large.
    """
    if isinstance(said, Told):
        said = said.body
    plain = (
        said if isinstance(said, bytes) else json.dumps(said, default=str, allow_nan=False, ensure_ascii=False).encode()
    )
    if len(plain) > most:
        raise LeadtimeError(f"the answer has {len(plain):,} bytes", fix="Ask for fewer scenarios.")
    return plain


def packed(body: bytes, status: int = 200) -> bytes:
    """Return a body and itself packed, one behind the other, after its status: what `unpacked` takes apart."""
    return status.to_bytes(2, "big") + len(body).to_bytes(8, "big") + body + gzip.compress(body, 6, mtime=0)


def unpacked(sent: bytes) -> Answer:
    """Return the answer that `packed` put together."""
    end = 10 + int.from_bytes(sent[2:10], "big")
    body = sent[10:end]
    return Answer(body, sent[end:], hashlib.sha256(body).hexdigest()[:32], int.from_bytes(sent[:2], "big"))


def at_desk(which: Which, folder: Path | None, day: dt.date, keep: bool, compute: Compute, tell: Tell) -> bytes:
    """Return the answer to a question that someone waits for, put to a study that is kept for the next.

    Args:
        which: The study.
        folder: Where it lies; None for the built-in evidence.
        day: Today: a study without a day is one of today.
        keep: Whether results may be kept on disk.
        compute: The question.
        tell: Told how far it is.
    """
    from leadtime.capability import cache

    _listener[:] = [tell]
    with cache.keeping(keep):
        said = compute(_study(which, folder, day))
        return packed(body_of(said, _MOST_KEPT), said.status if isinstance(said, Told) else 200)


def as_job(which: Which, folder: Path | None, keep: bool, compute: Compute, tell: Tell) -> bytes:
    """Return the answer to a question that runs alone, and tell how far it is."""
    from leadtime.capability import cache

    with cache.keeping(keep):
        return body_of(compute(_made(which, folder, tell)))


def put(name: str, asked: dict[str, Any], study: Any) -> dict[str, Any]:
    """Return what the answer to a question says, put to a study, to its evidence, to its rules, or to nothing."""
    said: dict[str, Any] = answer_to(name, asked, study).to_json()
    return said


def answer_to(name: str, asked: dict[str, Any], study: Any) -> Any:
    """Return the answer to a question that was put to a study, to its evidence, to its rules, or to nothing."""
    from leadtime.answers.question import subject_of
    from leadtime.answers.registry import find

    question, given = find(name), dict(asked)
    quantiles = given.pop("quantiles", ())
    answer = question.ask(subject_of(question.of, study), given)
    return answer.at_quantiles(quantiles) if quantiles else answer


def _study(which: Which, folder: Path | None, day: dt.date) -> Any:
    key = (which, day, str(folder or ""))
    if key not in _studies:
        while len(_studies) >= MOST_STUDIES:
            _studies.popitem(last=False)
        _studies[key] = _made(which, folder, _told)
    _studies.move_to_end(key)
    return _studies[key]


def _told(words: str, done: float) -> None:
    for tell in _listener:
        tell(words, done)


def _made(which: Which, folder: Path | None, tell: Tell | None = None) -> Any:
    from leadtime.study import Study

    return Study(
        which.as_of,
        folder,
        seed=which.seed,
        draws=which.draws,
        method=which.method,
        refit=which.refit,
        progress=tell,
    )
