"""The reader of what someone brought: which form a file has, and its rows with their numbers read and its problems told
by row.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import polars as pl

from leadtime import parquet, stranger, unseen
from leadtime.brought import cells, columns, helm, hub, json_forms, leaderboard
from leadtime.brought.cells import Percent
from leadtime.brought.columns import Want
from leadtime.brought.found import Found, filled
from leadtime.brought.shape import shaped
from leadtime.errors import LeadtimeError
from leadtime.evidence.csv_rows import Problem, is_barred, require_few, require_none, rows_of

#: A table may have so many columns: one a question.
MOST_COLUMNS = 100_000
#: A file may have so many scores; of responses there may be any number.
MOST_SCORES = 5_000_000
#: One answer may stand for so many tries.
MOST_COUNT = 1e9
_YAML, _LINES = (".yaml", ".yml"), (".jsonl", ".jsonlines", ".ndjson")
#: Pages that hold tables for people.
_PAGES = (".md", ".markdown", ".html", ".htm", ".rst")
#: What is read in a folder, by want: of these the first kinds that are there.
KINDS: dict[Want, tuple[tuple[str, ...], ...]] = {
    "scores": ((*_YAML,), (".json",), _LINES, (".csv", ".tsv", ".csv.gz"), (".parquet",)),
    "responses": ((helm.INSTANCES,), (".parquet",), _LINES, (".csv", ".tsv", ".csv.gz")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file.

    Args:
        name: Its name for messages.
        content: What it holds.
        place: Its path, with the folders above it, which may say whose results it holds.
        beside: Returns the content of another file of its folder, or None.
    """

    name: str
    content: bytes
    place: str = ""
    beside: Callable[[str], bytes | None] = lambda name: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a file brings.

    Args:
        rows: `_row`, model, test, value (0 to 1), count (1 or more tries), cluster, and what `found.BESIDE` lists.
        problems: What is wrong, by row and column; those rows are not among the others.
        notes: What must be said of how it was read.
        n_missing: Cells in which nothing stands.
    """

    rows: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    n_missing: int = 0

    def require_sound(self, file: str, want: Want) -> None:
        """Refuse a file in which something is wrong, or nothing stands.

        Raises:
            LeadtimeError: The first five problems; or that there is nothing.
        """
        require_none(self.problems, file, "Correct those cells, or leave them empty.")
        if self.rows.is_empty():
            what = (
                f"there are no rows: every cell is empty ({self.n_missing:,})"
                if self.n_missing
                else "there are no rows"
            )
            raise LeadtimeError(what, where=file, fix=expected(want))


def expected(want: Want) -> str:
    """Return what is expected of a file, for messages."""
    if want == "scores":
        return "Expected: columns model, benchmark, performance (0 to 1), one row per score; or a column for each test."
    return (
        "Expected: columns model, item, response (0 to 1) and perhaps count, one row per response; or a column for each"
        " item."
    )


def empty(n: int) -> str:
    """Return how many cells are left out, as nothing stands in them."""
    return "1 cell is empty, and left out." if n == 1 else f"{n:,} cells are empty, and left out."


def files(path: Path, want: Want) -> Iterator[tuple[Path, str]]:
    """Yield the files that a path means, each with its name for messages: itself, or those of a folder that are of the
    first kind there.

    Raises:
        LeadtimeError: It is not there, or a folder that holds nothing to read.
    """
    if not path.is_dir():
        yield path, str(path)
        return
    for kinds in KINDS[want]:
        inside = stranger.deep(path, lambda name, kinds=kinds: name.endswith(kinds))  # type: ignore[misc]
        inside = [p for p in inside if kinds != _YAML or hub.FOLDER in p.parts]
        if inside:
            yield from ((Path(p), p) for p in newest(map(str, inside)))
            return
    said = ", ".join(k for kinds in KINDS[want] for k in kinds)
    raise LeadtimeError(
        "this folder has no file that can be read", where=str(path), fix=f"Expected files such as {said}."
    )


def opened(path: Path, name: str, *, within: Path | None = None) -> File:
    """Return a file with what it holds; what gzip packed is unpacked.

    Args:
        path: The file.
        name: Its name for messages.
        within: The folder that it must lie in, links followed; None for a file that the user named.
    """

    def beside(other: str) -> bytes | None:
        there = path.with_name(other)
        return stranger.read(there, most=stranger.MOST_TEXT, within=within) if stranger.is_there(there) else None

    content = stranger.read(path, within=within, fix="Give the path of a table, or of results.")
    return File(name=name, content=unpacked(content, name), place=path.absolute().as_posix(), beside=beside)


def read(file: File, want: Want, *, percent: bool = False, metric: str = "") -> Brought:
    """Return what a file brings.

    Args:
        file: The file.
        want: Scores of benchmarks, or responses to items.
        percent: Whether numbers are in percent where the file does not say.
        metric: Which of several metrics counts, where a form has several.

    Raises:
        LeadtimeError: It cannot be read as what is wanted; with the file.
    """
    found = Found(file=file.name)
    try:
        table = _table(file, want, found, metric)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=error.where or file.name, fix=error.fix or expected(want)) from None
    rows = found.table() if table is None else table
    said = Percent(said=percent, of="benchmark" if want == "scores" else "file")
    good, problems, n_missing = numbered(rows, want, file.name, said)
    problems = sorted([*found.problems, *problems], key=lambda p: p.row)
    require_few(problems)
    notes = [*found.notes, *([empty(n_missing)] if n_missing else [])]
    return Brought(rows=good, problems=problems, notes=tuple(notes), n_missing=n_missing)


def numbered(rows: pl.DataFrame, want: Want, file: str, percent: Percent) -> tuple[pl.DataFrame, list[Problem], int]:
    """Return rows by `found.SCHEMA` with their value and count read, what is wrong, and how many say nothing."""
    there = rows.filter(pl.col("raw").is_not_null())
    n_missing = rows.height - there.height
    problems: list[Problem] = []
    for name in ("model", "test"):
        column = "model" if name == "model" else "benchmark" if want == "scores" else "item"
        lost = there.filter(_blank(name))["_row"]
        problems += [Problem(file=file, row=n, column=column, found="", expected="a name") for n in lost]
        strange = there.filter(_unseen(name)).select("_row", name)
        why = "no control character, and no other that nobody can see"
        problems += [
            Problem(file=file, row=n, column=column, found=unseen.shown(t), expected=why)
            for n, t in strange.iter_rows()
        ]
    there = there.filter(~_blank("model") & ~_blank("test") & ~_unseen("model") & ~_unseen("test"))
    of = pl.col("test") if want == "scores" else pl.lit("")
    good, wrong = cells.shares(there.with_columns(of=of), file, percent, words=want == "responses")
    count = cells.number(pl.col("count"))
    bad = pl.col("count").is_not_null() & (
        ~((count > 0) & (count <= MOST_COUNT)).fill_null(value=False)
        | cells.is_ambiguous(pl.col("count")).fill_null(value=False)
    )
    many = good.filter(bad)
    problems += wrong + [
        Problem(
            file=file,
            row=n,
            column="count",
            found=c,
            expected=f"a number above 0, {MOST_COUNT:,.0f} at most, without a comma",
        )
        for n, c in many.select("_row", "count").iter_rows()
    ]
    kept = good.filter(~bad).with_columns(count=count.fill_null(1.0)).drop("raw", "in_percent", "of", "_column")
    return kept, problems, n_missing


def _table(file: File, want: Want, found: Found, metric: str) -> pl.DataFrame | None:
    """Return the rows of a file by `found.SCHEMA`, or None if they were added to what was found."""
    content, name = file.content, PurePosixPath(file.name.replace("\\", "/"))
    if parquet.is_parquet(content):
        return _of_parquet(file, want, found)
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise LeadtimeError("the file is empty")
    if name.suffix.casefold() in _YAML:
        if want == "responses":
            raise LeadtimeError("contains scores, not answers to single questions", fix="Use --scores for this file.")
        text, place = content.decode("utf-8-sig", "replace"), file.place or file.name
        rows = [] if hub.FOLDER in PurePosixPath(place).parts else hub.records(text, file.name)
        if not rows:
            hub.scores(text, hub.model_of(place), found)
            return None
        content = json.dumps(rows).encode()
    if name.suffix.casefold() in _PAGES:
        raise LeadtimeError("is a page of text, no table", fix="Copy its table into a CSV, with a column `model`.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        lines = name.suffix.casefold() in _LINES
        table = json_forms.read(content, want, found, lines=lines, beside=file.beside, metric=metric)
        if table is None:
            return None
    else:
        table, irregular = rows_of(content, file.name, most_columns=MOST_COLUMNS, unnamed=True)
        found.problems += irregular
    if table.is_empty() and not found.problems:
        raise (
            LeadtimeError("there are no rows")
            if columns.long_of(table.columns, want)
            else columns.lacking(table.columns, want)
        )
    return _shaped(table, want, found)


def _of_parquet(file: File, want: Want, found: Found) -> pl.DataFrame:
    """Return the rows of a Parquet file: details of a leaderboard by their path, a long table by its columns, else a
    wide one.
    """
    source = io.BytesIO(file.content)
    footer = parquet.footer(source)
    if want == "scores" and footer.n_rows > MOST_SCORES:
        raise LeadtimeError(f"has {footer.n_rows:,} rows", fix=f"At most {MOST_SCORES:,} scores.")
    if leaderboard.is_details(file.place or file.name):
        model, task, metric = leaderboard.of_file(file.place or file.name)
        if want == "scores":
            raise LeadtimeError("contains answers to single questions, not scores", fix="Use --items for this file.")
        parquet.require_bounded(source, footer, [metric])
        found.notes.append(f"{task}: the metric is {metric}; questions are numbered as they stand in the file.")
        return leaderboard.answers(parquet.rows(file.content, [metric]), model, task, metric)
    if barred := [c for c in footer.columns if is_barred(c)]:
        raise LeadtimeError(f"a column may not be called {barred[0]!r}", fix="Rename it.")
    long = columns.long_of(footer.columns, want)
    wanted = long.names if long else [c for c in footer.columns if c in footer.flat]
    if long and want == "scores":
        wanted = list(
            dict.fromkeys(
                [*wanted, *(c for c in footer.columns if c in footer.flat and columns.fold(c) in columns.PARTS)]
            )
        )
    parquet.require_bounded(source, footer, wanted)
    return _shaped(parquet.rows(file.content, wanted).with_row_index("_row", 1), want, found)


def _shaped(table: pl.DataFrame, want: Want, found: Found) -> pl.DataFrame:
    result = shaped(table, want)
    found.notes += result.notes
    return filled(result.rows)


def _blank(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars() == ""


def _unseen(name: str) -> pl.Expr:
    return pl.col(name).str.contains(f"[{unseen.MARKS}]").fill_null(value=False)


def newest(places: Iterable[str]) -> list[str]:
    """Return the places of files, of a leaderboard's details only the newest of each task and model: a later run stands
    for an earlier.
    """
    found: dict[tuple[str, ...], str] = {}
    for place in sorted(places, key=lambda p: PurePosixPath(p).name):
        key: tuple[str, ...] = (place,)
        if leaderboard.is_details(place):
            model, task, _ = leaderboard.of_file(place)
            key = (model, task)
        found[key] = place
    return sorted(found.values())


def unpacked(content: bytes, name: str) -> bytes:
    """Return what gzip packed, or the content as it is.

    Raises:
        LeadtimeError: It is torn, or unpacks to more than a table may have.
    """
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(stranger.MOST_TABLE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise LeadtimeError(f"is damaged ({error})", where=name, fix="Compress it again.") from None
    if len(unpacked) > stranger.MOST_TABLE:
        fix = "Split it into several files, or save it as Parquet."
        raise LeadtimeError(f"unpacks to more than {stranger.MOST_TABLE:,} bytes", where=name, fix=fix)
    return unpacked
