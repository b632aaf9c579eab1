"""Open numbers and statements, split into the cases that differ for the rules.

A number that is not known exactly is cut at every limit that some condition holds it against; in each piece every
comparison is decided. Density is TPP over area, so pieces of TPP and of density are kept only where an area between its
bounds gives both; memory and link bandwidth are cut at the limits of their sum too. What remains unknown after that
hangs on the record, not on the transaction.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leadtime.rules.conditions import DERIVED
from leadtime.rules.judge import Judgement, Reading
from leadtime.rules.log import Log, Provision
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.many import Coded, Columns
from leadtime.rules.terms import CERTIFICATIONS

_PAIR = ("dram_gb_s", "io_gb_s")
#: Rows that are judged at a time, so that memory stays bounded.
_MOST_ROWS = 400_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """Cases of open rows: which row each is of, its columns, and in which piece of each dimension it lies.

    Args:
        row: Row of the open columns, shape (case,).
        columns: The cases as columns.
        piece: Dimension (a quantity, a statement, `exporter`) to the number of the piece, shape (case,).
    """

    row: Any
    columns: Columns
    piece: dict[str, Any]


def limits_of(log: Log) -> dict[tuple[str, ...], Any]:
    """Return the values at which a quantity, or a sum of two, changes side in some condition; sorted, each once.

    `>=` and `<` change at the limit, `>` and `<=` just above it; a parameter counts with every value it ever had.
    """
    found: dict[tuple[str, ...], set[float]] = {}
    for p in log.provisions:
        for names, sign, bound, _ in p.condition.limits:
            values = [bound] if isinstance(bound, float) else [r["value"] for r in log.parameters.get(bound, ())]
            above = sign in (">", "<=")
            found.setdefault(names, set()).update(math.nextafter(v, math.inf) if above else v for v in values)
    return {names: np.array(sorted(values)) for names, values in found.items()}


def open_rows(found: Judgement, size: int) -> Any:
    """Return which rows have an open paragraph, requirement, policy or exception."""
    parts = [found.eccn_open, *found.license, *found.review_open, *(v for e in found.exceptions.values() for v in e)]
    is_open = np.zeros(size, dtype=bool)
    for part in parts:
        is_open |= np.broadcast_to(np.asarray(part) == UNKNOWN, (size,))
    return is_open


def split(log: Log, order: Reading, columns: Columns, found: Judgement) -> Iterator[Pieces]:
    """Yield the cases of open rows, some rows at a time.

    Args:
        log: The rules.
        order: Their reading order.
        columns: The open rows.
        found: What the reading says of them.
    """
    matters = _matters(order, found, len(columns))
    limits = limits_of(log)
    parts = [_exporters, _models, _flags, _performance, _bandwidths, _others]
    counts = np.ones(len(columns))
    for name in matters:
        counts *= np.where(matters[name], 4.0, 1.0)
    start, ends = 0, np.cumsum(counts)
    while start < len(columns):
        base = ends[start - 1] if start else 0.0
        end = max(start + 1, int(np.searchsorted(ends, base + _MOST_ROWS, side="right")))
        rows = np.arange(start, end)
        pieces = Pieces(rows, columns.taken(rows), {})
        for part in parts:
            pieces = part(pieces, {n: np.asarray(m) for n, m in matters.items()}, limits, order)
        yield pieces
        start = end


def _matters(order: Reading, found: Judgement, size: int) -> dict[str, Any]:
    """Return, by quantity, statement and `exporter`, the rows for which an open provision turns on it."""
    masks: dict[str, Any] = {}
    for p in (*order.classifications, *order.requirements, *order.reviews, *order.exceptions):
        values = found.applies[p.id]
        if p.role not in ("review", "exception"):
            values = (found.matched[p.id], found.matched[p.id])
        mask = np.zeros(size, dtype=bool)
        for v in values:
            mask |= np.broadcast_to(np.asarray(v) == UNKNOWN, (size,))
        if not mask.any():
            continue
        for name in _names(p):
            masks[name] = masks.get(name, np.zeros(size, dtype=bool)) | mask
    return masks


def _names(p: Provision) -> frozenset[str]:
    names = {n for quantities, *_ in p.condition.limits for n in quantities}
    names |= {f for f in p.condition.flags if f not in DERIVED}
    names |= {"exporter"} if p.addressees else set()
    if p.role == "requirement":
        names |= {"subject", "direct_product"} if p.eccn else {"subject"}
    return frozenset(names | ({"model"} if p.condition.named and "weights" in p.items else set()))


def _copied(pieces: Pieces, parts: list[tuple[Any, dict[str, Any], dict[str, Any]]]) -> Pieces:
    """Return the cases that copies of the given ones make.

    Args:
        pieces: The cases before.
        parts: For each copy: the cases that it takes (indices), new columns by name, and the pieces by dimension.
    """
    at = np.concatenate([p[0] for p in parts])
    columns = pieces.columns.taken(at)
    numbers, flags = dict(columns.numbers), dict(columns.flags)
    coded: dict[str, Any] = {}
    for name in {n for p in parts for n in p[1]}:
        if name in ("exporter", "chip"):
            coded[name] = Coded(getattr(columns, name).words, np.concatenate([p[1][name] for p in parts]))
        elif name in flags:
            flags[name] = np.concatenate([p[1][name] for p in parts])
        else:
            ends = np.concatenate([p[1][name] for p in parts])
            numbers[name] = (ends, ends)
    piece = {k: v[at] for k, v in pieces.piece.items()}
    piece |= {k: np.concatenate([p[2][k] for p in parts]) for k in parts[0][2]}
    return Pieces(pieces.row[at], replace(columns, numbers=numbers, flags=flags, **coded), piece)


_Limits = dict[tuple[str, ...], Any]


def _exporters(pieces: Pieces, matters: dict[str, Any], _limits: _Limits, order: Reading) -> Pieces:
    """Split rows whose exporter is not given: each firm that some letter is sent to, and any other."""
    if "exporter" not in matters:
        return pieces
    names = sorted({a for p in order.requirements for a in p.addressees})
    return _named(pieces, matters["exporter"], "exporter", "exporter", names)


def _models(pieces: Pieces, matters: dict[str, Any], _limits: _Limits, order: Reading) -> Pieces:
    """Split rows of weights whose model is not given: each model that some letter names, and any other."""
    if "model" not in matters:
        return pieces
    mask = matters["model"] & True
    mask[pieces.row] &= pieces.columns.item.truth(lambda w: int(w == "weights")).astype(bool)
    patterns = {n for p in order.requirements if "weights" in p.items for n in p.condition.named}
    return _named(pieces, mask, "chip", "model", sorted(n.replace("*", "") for n in patterns))


def _named(pieces: Pieces, matters: Any, column: str, dimension: str, names: list[str]) -> Pieces:
    old = getattr(pieces.columns, column)
    is_open = matters[pieces.row] & old.truth(lambda w: int(w == "")).astype(bool)
    if not is_open.any():
        return pieces
    words = tuple(dict.fromkeys([*old.words, *names, "other"]))
    given: dict[str, Any] = {column: Coded(words, old.codes)}
    pieces = replace(pieces, columns=replace(pieces.columns, **given))
    rest, rows = np.flatnonzero(~is_open), np.flatnonzero(is_open)
    parts = [(rest, {column: old.codes[rest]}, {dimension: np.full(len(rest), -1)})]
    for i, name in enumerate([*names, "other"]):
        parts.append((rows, {column: np.full(len(rows), words.index(name))}, {dimension: np.full(len(rows), i)}))
    return _copied(pieces, parts)


def _flags(pieces: Pieces, matters: dict[str, Any], _limits: _Limits, _order: Reading) -> Pieces:
    """Split each statement that is not known into both."""
    for name in sorted(set(matters) & set(pieces.columns.flags)):
        if name in CERTIFICATIONS:
            continue
        values = pieces.columns.flags[name]
        is_open = matters[name][pieces.row] & (values == UNKNOWN)
        if not is_open.any():
            continue
        rest, rows = np.flatnonzero(~is_open), np.flatnonzero(is_open)
        parts = [(rest, {name: values[rest]}, {name: np.full(len(rest), -1)})]
        parts += [
            (rows, {name: np.full(len(rows), v, dtype=np.int8)}, {name: np.full(len(rows), v)}) for v in (FALSE, TRUE)
        ]
        pieces = _copied(pieces, parts)
    return pieces


def _bounds(edges: Any, i: int) -> tuple[float, float]:
    """Return the least and the greatest number of piece i between edges."""
    low = 0.0 if i == 0 else float(edges[i - 1])
    return low, (math.inf if i == len(edges) else math.nextafter(float(edges[i]), -math.inf))


def _inside(low: Any, high: Any) -> Any:
    """Return a number between two others, far from both where there is room."""
    with np.errstate(invalid="ignore", over="ignore"):
        middle = np.where(low > 0, np.sqrt(low) * np.sqrt(high), high / 2)
        middle = np.where(np.isinf(high), 2 * low + 1, middle)
    return np.where(low == high, low, np.clip(middle, low, high))


def _performance(pieces: Pieces, matters: dict[str, Any], limits: _Limits, _order: Reading) -> Pieces:
    """Split TPP and density together, where some area between its bounds gives both."""
    numbers = pieces.columns.numbers
    (t0, t1), (a0, a1) = numbers["tpp"], numbers["die_area_mm2"]
    wanted = [matters[n][pieces.row] for n in ("tpp", "pd") if n in matters]
    if not wanted:
        return pieces
    is_open = np.logical_or.reduce(wanted) & ((t0 < t1) | (a0 < a1))
    if not is_open.any():
        return pieces
    none: Any = np.empty(0)
    tpps, pds = limits.get(("tpp",), none), limits.get(("pd",), none)
    rest = np.flatnonzero(~is_open)
    parts = [_part(rest, {"tpp": t0[rest], "die_area_mm2": a0[rest]}, {"tpp": -1, "pd": -1})]
    # rows that are not open keep intervals: exact ends are the same, and what is open does not matter for them
    for i in range(len(tpps) + 1):
        low, high = _bounds(tpps, i)
        b0, b1 = np.maximum(t0, low), np.minimum(t1, high)
        for j in range(len(pds) + 1):
            p0, p1 = _bounds(pds, j)
            with np.errstate(divide="ignore", invalid="ignore"):
                lo = np.maximum(a0, 0.0 if p1 == math.inf else b0 / p1)
                hi = np.minimum(a1, np.inf if p0 == 0 else b1 / p0)
            rows = np.flatnonzero(is_open & (b0 <= b1) & (lo <= hi) & (hi > 0))
            if not len(rows):
                continue
            area = _inside(np.maximum(lo[rows], 1e-9), hi[rows])
            least = np.maximum(b0[rows], p0 * area)
            most = np.minimum(b1[rows], np.inf if p1 == math.inf else p1 * area)
            keep = least <= most
            rows, area = rows[keep], area[keep]
            parts.append(
                _part(rows, {"tpp": _inside(least[keep], most[keep]), "die_area_mm2": area}, {"tpp": i, "pd": j})
            )
    return _kept_apart(pieces, parts, ("tpp", "die_area_mm2"))


def _part(rows: Any, values: dict[str, Any], piece: dict[str, int]) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    return rows, values, {k: np.full(len(rows), v) for k, v in piece.items()}


def _kept_apart(
    pieces: Pieces, parts: list[tuple[Any, dict[str, Any], dict[str, Any]]], names: tuple[str, ...]
) -> Pieces:
    """Return the copies, with the numbers of rows that were not split as they were, intervals too."""
    made = _copied(pieces, parts)
    n = len(parts[0][0])
    numbers = dict(made.columns.numbers)
    for name in names:
        low, high = pieces.columns.numbers[name]
        new = numbers[name][0]
        numbers[name] = (np.concatenate([low[parts[0][0]], new[n:]]), np.concatenate([high[parts[0][0]], new[n:]]))
    return replace(made, columns=replace(made.columns, numbers=numbers))


def _bandwidths(pieces: Pieces, matters: dict[str, Any], limits: _Limits, _order: Reading) -> Pieces:
    """Split memory and link bandwidth together, at their own limits and at those of their sum."""
    (d0, d1), (i0, i1) = (pieces.columns.numbers[n] for n in _PAIR)
    wanted = [matters[n][pieces.row] for n in _PAIR if n in matters]
    if not wanted:
        return pieces
    is_open = np.logical_or.reduce(wanted) & ((d0 < d1) | (i0 < i1))
    if not is_open.any():
        return pieces
    none: Any = np.empty(0)
    drams, ios = limits.get(_PAIR[:1], none), limits.get(_PAIR[1:], none)
    sums = limits.get(_PAIR, none)
    rest = np.flatnonzero(~is_open)
    parts = [_part(rest, {_PAIR[0]: d0[rest], _PAIR[1]: i0[rest]}, {_PAIR[0]: -1, _PAIR[1]: -1, "sum": -1})]
    for i in range(len(drams) + 1):
        low, high = _bounds(drams, i)
        b0, b1 = np.maximum(d0, low), np.minimum(d1, high)
        for j in range(len(ios) + 1):
            low, high = _bounds(ios, j)
            c0, c1 = np.maximum(i0, low), np.minimum(i1, high)
            for k in range(len(sums) + 1):
                s0, s1 = _bounds(sums, k)
                lo, hi = np.maximum(b0, s0 - c1), np.minimum(b1, s1 - c0)
                rows = np.flatnonzero(is_open & (b0 <= b1) & (c0 <= c1) & (lo <= hi))
                if not len(rows):
                    continue
                dram = _inside(lo[rows], hi[rows])
                least, most = np.maximum(c0[rows], s0 - dram), np.minimum(c1[rows], s1 - dram)
                keep = least <= most
                link = _inside(least[keep], most[keep])
                piece = {_PAIR[0]: i, _PAIR[1]: j, "sum": k}
                parts.append(_part(rows[keep], {_PAIR[0]: dram[keep], _PAIR[1]: link}, piece))
    return _kept_apart(pieces, parts, _PAIR)


def _others(pieces: Pieces, matters: dict[str, Any], limits: _Limits, _order: Reading) -> Pieces:
    """Split every other quantity at its own limits."""
    done = {"tpp", "pd", *_PAIR}
    for name in sorted(n for (n, *more) in limits if not more and n not in done and n in matters):
        low, high = pieces.columns.numbers[name]
        is_open = matters[name][pieces.row] & (low < high)
        if not is_open.any():
            continue
        edges, rest = limits[name,], np.flatnonzero(~is_open)
        parts = [_part(rest, {name: low[rest]}, {name: -1})]
        for i in range(len(edges) + 1):
            least, most = _bounds(edges, i)
            b0, b1 = np.maximum(low, least), np.minimum(high, most)
            rows = np.flatnonzero(is_open & (b0 <= b1))
            parts.append(_part(rows, {name: _inside(b0[rows], b1[rows])}, {name: i}))
        pieces = _kept_apart(pieces, parts, (name,))
    return pieces
