"""Whether the results of a report come out again: the same study computed again, and compared number by number."""

import contextlib
import json
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime import environment, stranger
from leadtime.capability.cache import unshipped
from leadtime.errors import LeadtimeError
from leadtime.report import record, results
from leadtime.study import Study

if TYPE_CHECKING:
    from leadtime.study import Progress

#: Numbers that differ by less, relative to the larger, are the same: another processor rounds the last digits
#: otherwise.
TOLERANCE = 1e-9
#: What says where a result was computed, and is compared apart from what was computed.
_WHERE = ("environment", "version", "code")
#: A results.json has about a million.
_MOST_BYTES = 20_000_000
_STAMP = {"as_of": str, "evidence_hash": str, "seed": int, "draws": int, "method": str, "version": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that came out otherwise.

    Args:
        at: Where in the file, such as `estimates.lag_chn_usa.median`.
        recorded: Value in the file; None where the file has none.
        here: Value that came out; None where there is none.
        relative: Difference over the larger of the two, for numbers.
    """

    at: str
    recorded: Any
    here: Any
    relative: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What came out of computing a report again.

    Args:
        stamp: Of what was computed here.
        is_same_file: Every byte is the same.
        n_values: How many values were compared.
        differences: Those that differ by more than `TOLERANCE`.
        largest_relative: The largest relative difference of a number, those below the tolerance included.
        elsewhere: What differs in version, code, Python and packages, in words.
    """

    stamp: dict[str, Any]
    is_same_file: bool
    n_values: int
    differences: tuple[Difference, ...]
    largest_relative: float
    elsewhere: tuple[str, ...]

    @property
    def is_reproduced(self) -> bool:
        """Whether every value came out again."""
        return not self.differences


def reproduce(
    path: Path,
    folder: Path | None = None,
    *,
    cached: bool = False,
    anew: bool = False,
    progress: "Progress | None" = None,
) -> Reproduction:
    """Compute the report that a `results.json` records, and compare.

    Args:
        path: The file.
        folder: The study folder it was computed with, if any.
        cached: Take fits from the user's cache where they are there.
        anew: Compute what ships with the package too, which takes some minutes. The records of past forecasts, of past
            simulations, of claims on their days and of published lags are taken as they ship: `make ship` computes
            them.
        progress: Told how far it is.

    Raises:
        LeadtimeError: It is not such a file, or its evidence differs from the evidence here.
    """
    written = stranger.read(path, most=_MOST_BYTES, fix="Name a results.json that `leadtime report` wrote.")
    recorded = _parsed(written, path)
    stamp = recorded["stamp"]
    study = Study(
        stamp["as_of"], folder, seed=stamp["seed"], draws=stamp["draws"], method=stamp["method"], progress=progress
    )
    _require_same_evidence(recorded, study, path)
    with (
        contextlib.nullcontext() if cached else _empty_cache(),
        unshipped() if anew else contextlib.nullcontext(),
        environment.one_thread(),
    ):
        again = record.of(results.gather(study))
    here = record.text(again)
    found = list(_compared(recorded, json.loads(here), ""))
    return Reproduction(
        stamp=again["stamp"],
        is_same_file=written == here.encode(),
        n_values=len(found),
        differences=tuple(d for d in found if d.relative is None or d.relative > TOLERANCE),
        largest_relative=max((d.relative for d in found if d.relative is not None), default=0.0),
        elsewhere=tuple(_elsewhere(recorded, again)),
    )


def _parsed(written: bytes, path: Path) -> dict[str, Any]:
    fix = "Name a results.json that `leadtime report` of this version wrote."
    try:
        found = json.loads(written.decode())
    except UnicodeDecodeError:
        raise LeadtimeError("is not UTF-8", where=str(path), fix=fix) from None
    except (ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise LeadtimeError(f"is not JSON{line}", where=str(path), fix=fix) from None
    if not isinstance(found, dict) or not isinstance(found.get("stamp"), dict):
        raise LeadtimeError("has no stamp", where=str(path), fix=fix)
    if found.get("schema") != record.SCHEMA:
        raise LeadtimeError(
            f"its schema is {found.get('schema')!r}, expected {record.SCHEMA!r}", where=str(path), fix=fix
        )
    for name, kind in _STAMP.items():
        value = found["stamp"].get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise LeadtimeError(f"stamp.{name} is {value!r}", where=str(path), fix=fix)
    return found


def _require_same_evidence(recorded: dict[str, Any], study: Study, path: Path) -> None:
    stamp, given = recorded["stamp"], recorded.get("own_files") or {}
    here = results.own_files(study.folder)
    other = sorted(n for n in {*given, *here} if given.get(n) != here.get(n)) if isinstance(given, dict) else []
    if stamp["evidence_hash"] == study.evidence.hash and not other:
        return
    if given and study.folder is None:
        raise LeadtimeError(
            f"it was made with {len(given)} files of a study folder",
            where=str(path),
            fix="Name the folder: --study DIR.",
        )
    if other:
        raise LeadtimeError(
            f"the study folder has changed: {', '.join(other[:5])}",
            where=str(path),
            fix="Use the folder as it was then.",
        )
    raise LeadtimeError(
        f"it rests on evidence {stamp['evidence_hash']}, and here it is {study.evidence.hash} as of {stamp['as_of']}",
        where=str(path),
        fix=f"It was written by leadtime {stamp['version']}, code {recorded.get('code')}: install that one.",
    )


@contextlib.contextmanager
def _empty_cache() -> Iterator[None]:
    before = os.environ.get("LEADTIME_CACHE")
    with tempfile.TemporaryDirectory(prefix="leadtime-") as empty:
        os.environ["LEADTIME_CACHE"] = empty
        try:
            yield
        finally:
            if before is None:
                del os.environ["LEADTIME_CACHE"]
            else:
                os.environ["LEADTIME_CACHE"] = before


def _compared(recorded: Any, here: Any, at: str) -> Iterator[Difference]:
    """Yield one entry for each value, equal ones with a relative difference of 0."""
    if isinstance(recorded, dict) and isinstance(here, dict):
        for key in (k for k in dict.fromkeys([*recorded, *here]) if k not in _WHERE):
            yield from _compared(recorded.get(key), here.get(key), f"{at}.{key}".lstrip("."))
    elif isinstance(recorded, list) and isinstance(here, list) and len(recorded) == len(here):
        for i, (one, two) in enumerate(zip(recorded, here, strict=True)):
            yield from _compared(one, two, f"{at}[{i}]")
    else:
        yield Difference(at=at, recorded=recorded, here=here, relative=_relative(recorded, here))


def _relative(one: Any, two: Any) -> float | None:
    if one == two and type(one) is type(two):
        return 0.0
    with contextlib.suppress(OverflowError):  # a whole number beyond all others
        if all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in (one, two)):
            return float(abs(one - two) / max(abs(one), abs(two), 1e-300))
    return None


def _elsewhere(recorded: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    then = {
        "leadtime": recorded["stamp"]["version"],
        "code": recorded.get("code"),
        **_mapping(recorded["stamp"].get("environment")),
    }
    now = {"leadtime": here["stamp"]["version"], "code": here["code"], **here["stamp"]["environment"]}
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'not recorded')} then, {now.get(name, 'not installed')} here"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
