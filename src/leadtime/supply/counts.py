"""Which row counts for which quarter: a count before a yearly estimate before an assumption, each designer on its own.

A row that covers a quarter from its first day to its last counts it whole; one that covers some of its days counts it
in part. A quarter is whole when it is whole for every designer that was counted in the year before: one firm's early
report makes no quarter of the world, and a firm whose numbers come late makes no fall.
"""

import datetime as dt
import functools
import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

FIRST = 2022
STREAMS = ("world", "legal", "domestic", "diverted")
#: A designer not counted for so many quarters is no longer waited for.
WAITED = 4
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one row gives to a stream.

    Args:
        id: The row.
        stream: `world`, `legal`, `domestic` or `diverted`.
        designer: Whose chips.
        chip: The chip, where one is meant.
        path: Median arrivals by quarter, H100e.
        down: Standard deviation of the log below the median, 0 if the row has no interval.
        up: The same above it.
        assumed: Whether it is an assumption, not a count or estimate.
        among: How many estimates of the same thing stand beside it, itself among them: each draw takes one.
        turn: Which of them it is.
    """

    id: str
    stream: str
    designer: str
    chip: str
    path: Floats
    down: float
    up: float
    assumed: bool
    among: int = 1
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """All that counts, by quarter since 2022.

    Args:
        quarters: The quarters that are whole.
        pieces: What each row gives.
        last: Designer to the last quarter counted or estimated, assumptions aside.
        held: Designer to the last quarter, assumptions with it, where that is later.
        parts: Quarters after the last whole one: designer and the last day counted.
        left: Rows that count the same chips as another one: the row, and the one taken.
    """

    quarters: tuple[str, ...]
    pieces: tuple[Piece, ...]
    last: dict[str, str]
    held: dict[str, str]
    parts: tuple[tuple[str, str, dt.date], ...]
    left: tuple[tuple[str, str], ...]

    def of(
        self, stream: str, *, assumed: bool | None = None, makers: Collection[str] | None = None
    ) -> tuple[Piece, ...]:
        """Return the pieces of a stream, all of them or those assumed or not, of all designers or of some."""
        some = (p for p in self.pieces if p.stream == stream and assumed in (None, p.assumed))
        return tuple(p for p in some if makers is None or p.designer in makers)

    def of_any(self, streams: Collection[str], *, assumed: bool, makers: Collection[str] | None) -> tuple[Piece, ...]:
        """Return the pieces of several streams, as `of` does for one."""
        return tuple(p for stream in sorted(streams) for p in self.of(stream, assumed=assumed, makers=makers))

    def median(self, stream: str, *, assumed: bool | None = None, makers: Collection[str] | None = None) -> Floats:
        """Return the sum of the medians by quarter; of several estimates of the same thing the geometric mean."""
        some = _centers(self.of(stream, assumed=assumed, makers=makers))
        return sum((p.path for p in some), np.zeros(len(self.quarters)))

    def inside(self, *, assumed: bool, makers: Collection[str] | None = None) -> Floats:
        """Return what of China's legal arrivals the rows of the world hold too (those of bloc WORLD)."""
        some = self.of("inside", assumed=assumed, makers=makers)
        return sum((p.path for p in some), np.zeros(len(self.quarters)))

    def counted(self, stream: str, at: Sequence[int]) -> frozenset[str]:
        """Return the designers that were counted or estimated, not assumed, in each of these quarters (by place)."""
        out = set()
        for name in {p.designer for p in self.of(stream)}:
            known, guessed = (
                sum((p.path[list(at)] for p in self.of(stream, assumed=a, makers={name})), np.zeros(len(at)))
                for a in (False, True)
            )
            if (known > 0).all() and not guessed.any():
                out.add(name)
        return frozenset(out)

    def widths(self, stream: str) -> tuple[Floats, Floats]:
        """Return log standard deviations, below and above, of the sum of what is assumed, when all of it errs
        together.
        """
        some = _centers(self.of(stream, assumed=True))
        total = sum((p.path for p in some), np.zeros(len(self.quarters)))
        ends = [
            sum((p.path * np.exp(sign * _Z90 * getattr(p, end)) for p in some), np.zeros(len(self.quarters)))
            for sign, end in ((-1, "down"), (1, "up"))
        ]
        low, high = (np.log(np.divide(e, total, out=np.ones_like(total), where=total > 0)) / _Z90 for e in ends)
        return -low, high


def quarter_of(day: dt.date) -> str:
    """Return the quarter of a day, such as 2025Q4."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarters(first: int, n: int) -> tuple[str, ...]:
    """Return `n` quarters from the first of a year."""
    return tuple(f"{first + i // 4}Q{i % 4 + 1}" for i in range(n))


@functools.cache
def begin(quarter: str) -> dt.date:
    """Return the first day of a quarter."""
    return dt.date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


@functools.cache
def end(quarter: str) -> dt.date:
    """Return the last day of a quarter."""
    year, q = int(quarter[:4]), int(quarter[-1])
    return dt.date(year + q // 4, 3 * (q % 4) + 1, 1) - dt.timedelta(days=1)


def counts(evidence: Evidence) -> Counts:
    """Return what counts of the table `shipments`, as of the study's day.

    Raises:
        LeadtimeError: Nothing was counted whole yet on that day.
    """
    rows, left = _chosen(evidence["shipments"])
    names = quarters(FIRST, max((r["period_end"].year for r in rows), default=FIRST) * 4 - FIRST * 4 + 4)
    found: list[Piece] = []
    covered: dict[tuple[str, str], dict[str, int]] = {}
    for stream in STREAMS:
        some = _with_widths([r for r in rows if r["stream"] == stream])
        if stream in ("world", "domestic"):
            pieces, cover = _by_designer(some, names)
            covered |= {(stream, d): c for d, c in cover.items()}
        else:
            pieces = [_piece(r, _spread(r, names)) for r in some]
        found += _alternatives(pieces) if stream != "legal" else pieces
    both = {(r["designer"], r["chip"]) for r in rows if r["stream"] == "world" and r["bloc"] == "WORLD" and r["chip"]}
    found += [replace(p, stream="inside") for p in found if p.stream == "legal" and (p.designer, p.chip) in both]
    whole, last, held = _whole(covered, names)
    if not whole:
        raise LeadtimeError(
            f"nobody had published a count of arrivals by {evidence.as_of}",
            where="shipments",
            fix="Choose a later --as-of, or add rows to evidence/shipments.csv of a study folder.",
        )
    n = len(whole)
    return Counts(
        quarters=whole,
        pieces=tuple(q for p in found if (q := replace(p, path=p.path[:n])).path.any()),
        last=last,
        held=held,
        parts=_parts(rows, covered, whole[-1]),
        left=left,
    )


def _chosen(table: pl.DataFrame) -> tuple[list[dict[str, Any]], tuple[tuple[str, str], ...]]:
    """Return the rows of arrivals with their stream; of two that count one chip in one period, the one known last."""
    flows = table.filter(pl.col("measure") == "flow", pl.col("h100e").is_not_null())
    taken: dict[Any, dict[str, Any]] = {}
    left = []
    for row in flows.sort("known_on", maintain_order=True).iter_rows(named=True):
        stream = _stream(row)
        if not stream:
            continue
        span = (row["period_start"], row["period_end"]) if row["chip"] else row["id"]
        key = (stream, row["designer"], row["chip"], span, row["grade"] == "assumed")
        if key in taken:
            left.append((taken[key]["id"], row["id"]))
        taken[key] = {**row, "chip": row["chip"] or "", "stream": stream, "assumed": row["grade"] == "assumed"}
    return list(taken.values()), tuple(left)


def _stream(row: dict[str, Any]) -> str:
    if row["bloc"] in ("WORLD", "XCHN") and row["channel"] == "all":
        return "world"
    if row["bloc"] != "CHN" or row["channel"] not in STREAMS or row["designer"] == "all":
        return ""
    return str(row["channel"])


def _with_widths(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each row the log widths of its interval; where it has none, those of the same chip's row before it."""
    seen: dict[Any, tuple[float, float]] = {}
    for r in sorted(rows, key=lambda r: r["period_end"]):
        low, mid, high = (r[f"h100e{e}"] for e in ("_low", "", "_high"))
        if low and high and mid:
            seen[r["designer"], r["chip"]] = (np.log(mid / low) / _Z90, np.log(high / mid) / _Z90)
            r["widths"] = seen[r["designer"], r["chip"]]
        else:
            r["widths"] = seen.get((r["designer"], r["chip"]), (0.0, 0.0)) if r["chip"] else (0.0, 0.0)
    return rows


def _piece(r: dict[str, Any], path: Floats) -> Piece:
    down, up = r["widths"]
    return Piece(
        id=r["id"],
        stream=r["stream"],
        designer=r["designer"],
        chip=r["chip"],
        path=path,
        down=down,
        up=up,
        assumed=r["assumed"],
    )


def _days(r: dict[str, Any], quarter: str) -> int:
    """Return how many days of a quarter a row covers."""
    start = r["period_start"] or begin(quarter_of(r["period_end"]))
    first, last = max(start, begin(quarter)), min(r["period_end"], end(quarter))
    return max(int((last - first).days) + 1, 0)


def _spread(r: dict[str, Any], names: Sequence[str]) -> Floats:
    """Return a row's chips by quarter: by days; over a whole year with weights that rise, as output that grows does."""
    days = np.array([_days(r, q) for q in names], dtype=float)
    whole_year = r["period_start"] == dt.date(r["period_end"].year, 1, 1) and r["period_end"].month == 12
    weight = days * np.array([1.0 + 0.25 * (int(q[-1]) - 1) for q in names]) if whole_year else days
    return np.asarray(float(r["h100e"]) * weight / weight.sum())


def _covers(r: dict[str, Any], names: Sequence[str]) -> list[int]:
    """Return the quarters that a row covers from the first day to the last; none if it covers one in part."""
    touched = [i for i, q in enumerate(names) if _days(r, q)]
    whole = [i for i in touched if _days(r, names[i]) == (end(names[i]) - begin(names[i])).days + 1]
    return whole if len(whole) == len(touched) else []


def _level(r: dict[str, Any], n: int) -> int:
    return 2 if r["assumed"] else 0 if n == 1 else 1


def _by_designer(rows: list[dict[str, Any]], names: Sequence[str]) -> tuple[list[Piece], dict[str, dict[str, int]]]:
    """Return the pieces, each only in the quarters where nothing better stands, and by designer the level of each
    quarter.
    """
    spans = [(r, where, _level(r, len(where))) for r in rows if (where := _covers(r, names))]
    best: dict[str, dict[str, int]] = {}
    for r, where, level in spans:
        mine = best.setdefault(r["designer"], {})
        for i in where:
            mine[names[i]] = min(level, mine.get(names[i], 9))
    pieces = []
    for r, where, level in spans:
        stands = np.array([i in where and best[r["designer"]][q] == level for i, q in enumerate(names)], dtype=float)
        pieces.append(_piece(r, _spread(r, names) * stands))
    return [p for p in pieces if p.path.any()], best


def _alternatives(pieces: list[Piece]) -> list[Piece]:
    """Mark estimates of one designer, without a chip of their own, that speak of the same quarters."""
    groups: dict[Any, list[Piece]] = {}
    for p in pieces:
        alike = "" if p.chip or p.stream == "world" else tuple(np.flatnonzero(p.path))
        groups.setdefault((p.designer, p.assumed, alike or p.id), []).append(p)
    return [replace(p, among=len(g), turn=i) for g in groups.values() for i, p in enumerate(g)]


def _centers(pieces: Iterable[Piece]) -> list[Piece]:
    """Return pieces whose medians add up: several estimates of one thing become their geometric mean."""
    out: list[Piece] = []
    groups: dict[Any, list[Piece]] = {}
    for p in pieces:
        if p.among == 1:
            out.append(p)
        else:
            groups.setdefault((p.designer, p.assumed, tuple(np.flatnonzero(p.path))), []).append(p)
    for g in groups.values():
        where = g[0].path > 0
        path = np.zeros_like(g[0].path)
        path[where] = np.exp(np.mean([np.log(p.path[where]) for p in g], axis=0))
        out.append(
            replace(g[0], path=path, down=float(np.mean([p.down for p in g])), up=float(np.mean([p.up for p in g])))
        )
    return out


def _whole(
    covered: dict[tuple[str, str], dict[str, int]], names: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, str], dict[str, str]]:
    """Return the whole quarters, and by designer the last counted and the last counted or assumed, up to the
    first gap.
    """
    runs = {d: run for (_, d), c in covered.items() if min((run := _unbroken(c, names)).values()) < 2}
    counted = {d: max(q for q, level in run.items() if level < 2) for d, run in runs.items()}
    held = {d: max(run) for d, run in runs.items()}
    if not counted or not any(s == "world" for s, _ in covered):
        return (), {}, {}
    newest = names.index(max(held.values()))
    waited = [q for q in held.values() if newest - names.index(q) <= WAITED]
    n = names.index(min(waited)) + 1
    return tuple(names[:n]), counted, {d: q for d, q in held.items() if q > counted[d]}


def _unbroken(levels: dict[str, int], names: Sequence[str]) -> dict[str, int]:
    """Return the quarters of a designer up to the first that is missing: what stands beyond a gap makes none of them
    whole.
    """
    first = names.index(min(levels))
    there = itertools.takewhile(lambda q: q in levels, names[first:])
    return {q: levels[q] for q in there}


def _parts(
    rows: list[dict[str, Any]], covered: dict[tuple[str, str], dict[str, int]], last: str
) -> tuple[tuple[str, str, dt.date], ...]:
    """Return what is counted after the last whole quarter: quarter, designer, last day."""
    found: dict[tuple[str, str], dt.date] = {}
    for r in rows:
        q = quarter_of(r["period_end"])
        start = r["period_start"] or begin(q)
        if (
            q > last
            and not r["assumed"]
            and r["stream"] in ("world", "domestic")
            and (r["period_end"] - start).days < 100
        ):
            found[q, r["designer"]] = max(r["period_end"], found.get((q, r["designer"]), dt.date.min))
    return tuple((q, d, day) for (q, d), day in sorted(found.items()))
