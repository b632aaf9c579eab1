"""A file of transactions in, the same with statuses out, block by block; bad rows set aside by number, nothing lost."""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from leadtime import stranger
from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence.csv_rows import MOST_COLUMNS
from leadtime.rules.answers import answers, full
from leadtime.rules.batch_cells import Reader
from leadtime.rules.batch_items import MODEL, with_models, with_systems
from leadtime.rules.batch_lines import CONTROL, MOST_LINE, Lines, cells, text_of
from leadtime.rules.batch_parties import screened
from leadtime.rules.cells import refuse_misspelt
from leadtime.rules.conditions import DERIVED, FLAGS
from leadtime.rules.destinations import countries_by_name
from leadtime.rules.exporters import party_finder
from leadtime.rules.log import Log
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.many import Coded, Columns, columns_of
from leadtime.rules.names import Find, chip_and_system, model_key
from leadtime.rules.screening import Screener
from leadtime.rules.terms import CERTIFICATIONS, ITEMS, ORIGINS
from leadtime.rules.transaction import (
    USUAL,
    Transaction,
    chip_numbers,
)
from leadtime.whole import whole

NUMBER_COLUMNS = (
    "tpp",
    "die_area_mm2",
    "dram_gb_s",
    "io_gb_s",
    "hbm_gb_s_mm2",
    "training_operations",
    "node_nm",
    "transistors_bn",
)
WORD_COLUMNS = ("chip", "to", "hq", "parent", "origin", "item", "exporter", "designer", "party", "on", "as_known")
FLAG_COLUMNS = tuple(f for f in FLAGS if f not in DERIVED)
ANSWER_COLUMNS = (
    "eccn",
    "license_codified",
    "license_enforced",
    "answer",
    "verdict",
    "review",
    "exceptions",
    "confidence",
    "unknown_since",
    "turns_on",
    "practice",
)
#: Rows are answered so many at a time; a file may have so many bytes.
BLOCK_ROWS, MOST_BYTES = 200_000, 500_000_000_000
_SHOWN = 8
_REFUSED = {"row": pl.Int64, "reason": pl.String, "line": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a batch went."""

    n_answered: int
    n_refused: int
    first_problems: tuple[tuple[int, str], ...]


def run(log: Log, path: Path, out: Path, rejects: Path, as_known: dt.date, screener: Screener | None = None) -> Done:
    """Write a file of transactions with their statuses, and the rows that could not be read with their reasons.

    Args:
        log: The rules.
        path: The transactions.
        out: Where the statuses go.
        rejects: Where the bad rows go.
        as_known: Nothing that became known later counts, where a row does not say.
        screener: Lists for the column `party`; without one it is not known whether a named party is listed.

    Columns that are not ours are carried through. Memory is bounded by the block, not by the file.

    Raises:
        LeadtimeError: The file cannot be read, or its header lacks `to` or `on`.
    """
    n_answered, n_refused = 0, 0
    problems: list[tuple[int, str]] = []
    with stranger.opened(path, most=MOST_BYTES) as file, _written(out) as good, _written(rejects) as refuse:
        header = _header(file, path)
        pl.DataFrame(schema=_REFUSED).write_csv(refuse)
        first_row, is_first = 2, True
        lines = Lines(file, BLOCK_ROWS)
        while (block := lines.block()) is not None:
            kept, refused = _block(log, block, header, first_row, as_known, screener)
            given = block.split(b"\n") if refused else []
            told = [(row, reason, text_of(given[row - first_row])) for row, reason in refused]
            pl.DataFrame(told, schema=_REFUSED, orient="row").write_csv(refuse, include_header=False)
            problems += refused[: max(0, _SHOWN - len(problems))]
            n_refused, first_row = n_refused + len(refused), first_row + block.count(b"\n") + 1
            if not kept.is_empty():
                kept.write_csv(good, include_header=is_first)
                n_answered, is_first = n_answered + kept.height, False
        if is_first:
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow([*header, *ANSWER_COLUMNS])
            good.write(line.getvalue().encode())
    return Done(n_answered=n_answered, n_refused=n_refused, first_problems=tuple(problems))


def _block(
    log: Log, block: bytes, header: list[str], first_row: int, as_known: dt.date, screener: Screener | None
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Return the rows of a block that can be answered, with their answers, and the others with the reason."""
    frame, refused = cells(block, header, first_row)
    if frame.is_empty():
        return frame, sorted(refused)
    columns, more = _columns(log, frame, as_known, screener)
    kept = frame.filter(~pl.col("_row").is_in([r for r, _ in more])) if more else frame
    if not kept.is_empty():
        found = full(log, columns)
        given = (_series(n, getattr(found if hasattr(found, n) else found.words, n)) for n in ANSWER_COLUMNS)
        kept = kept.drop("_row").with_columns(pl.all().replace("", None)).with_columns(given)
    return kept, sorted(refused + more)


def _series(name: str, column: Coded) -> pl.Series:
    """Return a column of words, nothing if a word is empty."""
    return pl.Series(name, [w or None for w in column.words], dtype=pl.String).gather(column.codes)


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes its place when the block ends well."""
    with whole(path) as partial, partial.open("wb") as file:
        yield file


def _header(file: Any, path: Path) -> list[str]:
    first = file.readline(MOST_LINE + 1)
    if len(first) > MOST_LINE:
        raise LeadtimeError(
            f"has more than {MOST_LINE:,} bytes",
            where=f"{path.name}, row 1",
            fix="The first row must name the columns.",
        )
    line = first.decode("utf-8-sig", errors="replace").strip(" \t\r\n")
    try:
        header = [h.strip() for h in next(csv.reader([line], strict=True), [])]
    except csv.Error as error:
        raise LeadtimeError(f"is not valid CSV: {error}", where=f"{path.name}, row 1") from None
    if len(header) > MOST_COLUMNS:
        raise LeadtimeError(
            f"has {len(header):,} columns", where=f"{path.name}, row 1", fix=f"At most {MOST_COLUMNS:,}."
        )
    if re.search(CONTROL, line) or {"_row", MODEL} & set(header):
        raise LeadtimeError("has a column name that cannot be used", where=f"{path.name}, row 1", fix="Rename it.")
    lacking = [c for c in ("to", "on") if c not in header]
    if not lacking and not {"chip", "tpp", "item"} & set(header):
        lacking = ["chip"]
    if lacking:
        close = nearest(lacking[0], header, 2)
        raise LeadtimeError(
            f"there is no column {lacking[0]!r}",
            where=f"{path.name}, row 1",
            fix=f"Did you mean {close[0]!r}?"
            if close
            else f"Columns read: {', '.join((*WORD_COLUMNS, *NUMBER_COLUMNS))}.",
        )
    refuse_misspelt(header, (*WORD_COLUMNS, *NUMBER_COLUMNS, *FLAG_COLUMNS), path.name)
    taken = [c for c in header if c in ANSWER_COLUMNS]
    if taken or len(set(header)) != len(header):
        what = f"already has a column {taken[0]!r}" if taken else "has two columns with one name"
        raise LeadtimeError(what, where=f"{path.name}, row 1", fix="Rename or remove it.")
    return header


def _columns(
    log: Log, frame: pl.DataFrame, as_known: dt.date, screener: Screener | None
) -> tuple[Columns, list[tuple[int, str]]]:
    reader = Reader(frame)
    place = countries_by_name(log)
    reader.frame = with_models(frame)
    chip = reader.words("chip", lambda name, near: chip_and_system(log, name, near=near)[0] if name else "")
    if reader.has(MODEL):
        chip = reader.words(MODEL, lambda name, _: model_key(name)).filled(chip)
    to = reader.words("to", place)
    hq = reader.words_or("hq", place, to)
    parent = reader.words_or("parent", place, hq)
    origin = reader.words("origin", _among(ORIGINS), "us")
    item = reader.words("item", _among(ITEMS), "chip")
    if reader.has("chip"):
        item = with_systems(log, frame["chip"], item)
    given_area = reader.interval("die_area_mm2")
    reader.refuse(given_area[1] == 0, "die_area_mm2: a die has an area")
    numbers = {n: _with_chip(reader.interval(n), n, chip, log) for n in NUMBER_COLUMNS}
    nothing = (np.array([w == "" for w in chip.words])[chip.codes]) & np.isinf(numbers["tpp"][1])
    simple = np.array([w in ("chip", "system") for w in item.words])[item.codes]
    given = np.any([np.isfinite(high) for _, high in numbers.values()], axis=0)
    reader.refuse(nothing & simple & ~given, "names no chip and gives no number")
    on = reader.day("on", None)
    columns = Columns(
        chip=chip,
        item=item,
        to=to,
        hq=hq,
        parent=parent,
        origin=origin,
        exporter=_exporter(reader, chip, log),
        on=on,
        known=reader.day("as_known", as_known),
        numbers=numbers,
        flags=_flags(reader, chip, origin, log, screened(screener, reader, on)),
    )
    bad = reader.is_bad
    refused = list(zip(frame["_row"].filter(pl.Series(bad)).to_list(), reader.reason[bad].tolist(), strict=True))
    return (columns.taken(~bad) if bad.any() else columns), refused


def _among(known: tuple[str, ...]) -> Find:
    def resolve(word: str, _near: bool) -> str:
        if word not in known:
            raise LeadtimeError(f"{word!r} is not one of {', '.join(known)}")
        return word

    return resolve


def _with_chip(given: tuple[Any, Any], name: str, chip: Coded, log: Log) -> tuple[Any, Any]:
    """Return the numbers of each row: those stated, else those of its chip."""
    stated = np.isfinite(given[1])
    own = [chip_numbers(log, c).get(name, (0.0, math.inf)) for c in chip.words]
    low = np.array([o[0] for o in own])[chip.codes]
    high = np.array([o[1] for o in own])[chip.codes]
    return np.where(stated, given[0], low), np.where(stated, given[1], high)


def _exporter(reader: Reader, chip: Coded, log: Log) -> Coded:
    makers = Coded(tuple((log.chips[c]["maker"] if c in log.chips else "") for c in chip.words), chip.codes)
    find = party_finder(log)
    known = Coded(tuple(find(w) for w in makers.words), makers.codes)
    return reader.words_or("exporter", lambda word, _: find(word), known)


def _flags(reader: Reader, chip: Coded, origin: Coded, log: Log, found: dict[str, Any]) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    for name in FLAG_COLUMNS:
        stated = reader.flag(name)
        usual: Any = found.get(name, USUAL.get(name, UNKNOWN))
        if name == "datacenter":
            kinds = [
                TRUE if c not in log.chips or log.chips[c]["market"] in ("datacenter", "internal") else FALSE
                for c in chip.words
            ]
            usual = np.array(kinds, dtype=np.int8)[chip.codes]
        if name in CERTIFICATIONS and reader.has("certified"):
            usual = flags["certified"]
        flags[name] = np.where(stated < 0, usual, stated).astype(np.int8)
        if name == "available_in_us":
            internal = np.array([c in log.chips and log.chips[c]["market"] == "internal" for c in chip.words])[
                chip.codes
            ]
            flags["sold"] = np.where(internal & (stated < 0), FALSE, TRUE).astype(np.int8)
            flags["withheld_in_us"] = np.where(stated == FALSE, TRUE, FALSE).astype(np.int8)
    flags["from_us"] = origin.truth(lambda w: TRUE if w == "us" else FALSE)
    flags["in_country"] = origin.truth(lambda w: TRUE if w == "in-country" else FALSE)
    unfit = (flags["from_us"] == TRUE) & (flags["subject"] == FALSE)
    reader.refuse(unfit, "subject: US rules always cover what leaves the United States")
    homes = Coded(tuple((log.chips[c]["country"] if c in log.chips else "") for c in chip.words), chip.codes)
    designer = reader.words_or("designer", lambda word, _: word.upper(), homes)
    flags["designer_d5"] = designer.truth(lambda w: TRUE if w in ("CHN", "HKG", "MAC") else FALSE)
    return flags


def probability(
    log: Log, what: Transaction, on: dt.date, as_known: dt.date, *, draws: int = 4000, seed: int = 0
) -> float | None:
    """Return the probability that a license is required as enforced, when numbers are intervals.

    An interval is read as the 90% interval of a log-normal distribution; numbers are drawn independently. None when
    even exact numbers leave the answer open: because a number is missing altogether, or the rules are unclear.
    """
    sampled = {n: _draws(ends, draws, [seed, i]) for i, (n, ends) in enumerate(what.numbers)}
    one = columns_of([what], [on], [as_known])
    zero = np.zeros(draws, dtype=np.int64)
    many = one.taken(zero)
    numbers = many.numbers | {n: (x, x) for n, x in sampled.items()}
    from dataclasses import replace

    found = answers(log, replace(many, numbers=numbers)).answer.tolist()
    if not set(found) <= {"license_required", "no_license_required"}:
        return None
    return found.count("license_required") / draws


def _draws(ends: tuple[float, float], draws: int, seed: list[int]) -> Any:
    low, high = ends
    if low == high or low <= 0:
        return np.full(draws, low) if low == high else np.random.default_rng(seed).uniform(low, high, draws)
    middle, width = (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / 2 / 1.6448536269514722
    return np.exp(middle + width * np.random.default_rng(seed).standard_normal(draws))
