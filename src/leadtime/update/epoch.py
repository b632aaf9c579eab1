"""Epoch AI: the benchmarking hub, its index and metadata, models, hardware, and counts of chips."""

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.evidence.csv_rows import rows_of
from leadtime.importers import epoch
from leadtime.importers.names import Names, fold
from leadtime.importers.outcome import Note
from leadtime.importers.rows import Candidates
from leadtime.update import addresses
from leadtime.update.connector import PROVISIONAL, Address, File, Gathered, Known, Mention, rows_for
from leadtime.update.newcomers import identifier

#: What its files call what a mention has; the first that is there and filled counts.
_TELLS = {
    "name": ("Model version", "model_version", "Name"),
    "group": ("model_group", "Model group", "Model"),
    "organization": ("Organization", "organization"),
    "country": ("Country", "country", "Country (of organization)"),
    "released_on": ("Release date", "date", "Publication date"),
    "access": ("accessibility", "Model accessibility", "Accessibility group"),
}
_METADATA = {"benchmark", "source_file", "score_column", "scale", "random_baseline"}
_INDEX = {"performance", "benchmark", "model"}
_SIGNS = (
    _METADATA,
    _INDEX,
    {"Model version"},
    {"model_version"},
    {"Hardware name", "Manufacturer"},
    {"Chip manufacturer", "Start date", "End date"},
    {"Model", "Organization"},
    {"benchmark_name", "edi"},
)
#: Columns that tell rows of one model apart, where a file has them.
_SETTINGS = ("Agent", "Scaffold", "Harness", "Tools", "Tool setting", "Step budget")


class Epoch:
    """Epoch AI's published files, read by the rules of `leadtime import epoch` and, where those do not reach, by its
    own metadata.
    """

    name = "epoch"
    title = "Epoch AI: benchmarking hub, index, models, hardware, chip counts"
    gives = ("scores", "models", "organizations", "benchmarks", "training_runs", "chip_peaks", "shipments")

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return the hub's zip, the index, models and hardware."""
        return addresses.of(self.name)

    def recognizes(self, file: File) -> bool:
        """Return whether a CSV has the columns of one of its tables."""
        if not file.name.endswith(".csv"):
            return False
        columns = set(header(file.content))
        return _stem(file.name) in epoch.rules()["files"] or any(signs <= columns for signs in _SIGNS)

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return what rows tell of models: metadata first, for it says which model a version is of."""
        ours = sorted(files, key=lambda f: "model_group" not in header(f.content))
        return [m for file in ours for m in _mentions(file)]

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return scores, runs, peaks and arrivals; a benchmark that only the metadata tells of enters provisionally."""
        declared, more = _declared(files, known)
        got = Gathered(found=more)
        known = _with_benchmarks(known, more)
        beside = {f.name for f in files if _is_metadata(f)}
        for day in sorted({f.day for f in files}):  # each copy has its own
            copies = [(f.name, f.content) for f in files if f.day == day]
            taken = epoch.take(copies, known.evidence, declared, known_on=day, renamed=known.renamed)
            got.found += taken.found
            got.refused += taken.refused
            got.notes += [n for n in taken.notes if n.file not in beside or "no rule for a file" not in n.text]
        got.found, told = _hub_first(got.found, files)
        got.notes += told
        return got


def header(content: bytes) -> list[str]:
    """Return the names of the columns of a CSV, as far as its first line tells."""
    first = content[:100_000].decode("utf-8-sig", errors="replace").splitlines()[:1]
    return [c.strip().strip('"') for c in first[0].split(",")] if first else []


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _is_metadata(file: File) -> bool:
    columns = set(header(file.content))
    return columns >= _METADATA or "model_group" in columns or bool({"edi", "eci", "Accessibility group"} & columns)


def _rows(file: File) -> pl.DataFrame:
    try:
        return rows_of(file.content, file.name)[0]
    except LeadtimeError:  # the reader tells it
        return pl.DataFrame(schema={"_row": pl.Int64})


def _mentions(file: File) -> Iterator[Mention]:
    columns = header(file.content)
    at = {ours: [c for c in theirs if c in columns] for ours, theirs in _TELLS.items()}
    tells_group = at["name"] and at["group"]
    if not (at["name"] or at["group"]) or not (at["organization"] or tells_group):
        return
    rows, source = _rows(file), epoch.rules()["source"]
    for row in rows.iter_rows(named=True):
        cells = {ours: next((row[c] for c in theirs if row.get(c)), "") for ours, theirs in at.items()}
        if not (at["name"] and columns[0] == "Model version"):
            yield Mention(file=file.name, row=f"row {row['_row']}", source=source, **cells)
        else:  # in the hub, `Model` and `Name` are the board's, not a group
            yield Mention(file=file.name, row=f"row {row['_row']}", source=source, **{**cells, "group": ""})


def _declared(files: list[File], known: Known) -> tuple[epoch.Rules, list[Candidates]]:
    """Return the rules with those that the metadata of benchmarks adds, and the benchmarks and boards that it
    brings.
    """
    declared: dict[str, Any] = copy.deepcopy(dict(epoch.rules()))
    by_name = {PurePosixPath(f.name).name: f for f in files}
    out: list[Candidates] = []
    for about in (f for f in files if set(header(f.content)) >= _METADATA):
        for row in _rows(about).iter_rows(named=True):
            benchmark = known.names.other("benchmarks", row["benchmark"])
            floor, ceiling = _number(row["random_baseline"], 0.0), _number(row.get("score_ceiling"), 1.0)
            if benchmark:
                declared["eci"].setdefault("ceiling", {})[benchmark] = ceiling
                declared["eci"]["chance"][benchmark] = floor
            file = by_name.get(row["source_file"] or "")
            barred = declared["eci"]["benchmarks"].get(row["benchmark"] or "") == ""
            if file is None or barred or _stem(file.name) in declared["files"] or not row["score_column"]:
                continue
            benchmark = benchmark or identifier(row["benchmark"])
            rule, board = _rule(file, row, benchmark, known.names)
            if board:
                out += rows_for("organizations", about, [board], declared["source"])
            declared["files"][_stem(file.name)] = rule
            if benchmark not in known.evidence["benchmarks"]["id"]:
                out += rows_for("benchmarks", about, [_benchmark(row, benchmark, floor, ceiling)], declared["source"])
    return declared, out


def _rule(
    file: File, row: Mapping[str, Any], benchmark: str, names: Names
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return how a file is read that only the metadata tells of, and the board that stands for who measured, if one has
    to.
    """
    columns = header(file.content)
    settings = [c for c in _SETTINGS if c in columns]
    rest = [c for c in columns if c not in (row["score_column"], *settings)]
    if "mean_score" in columns and "Started at" in columns:
        return {
            "benchmark": benchmark,
            "score": "mean_score",
            "se": "stderr",
            "on": "Started at",
            "locator": "Log viewer",
            "by": "epoch-ai",
            "left": rest,
        }, None
    rule = {
        "benchmark": benchmark,
        "score": row["score_column"],
        "scale": 1 / _number(row["scale"], 1.0),
        "settings": settings,
        "left": rest,
    }
    sources = {r.get("Source") for r in _rows(file).iter_rows(named=True)}
    if len(sources) > 2:
        return {**rule, "by": "source"}, None
    by = names.other("organizations", row["benchmark"]) or benchmark
    board = (
        None
        if by in names.others["organizations"].values()
        else {
            "id": by,
            "name": f"{row['benchmark']} (board)",
            "note": f"{PROVISIONAL}: stands for whoever runs the board; the file does not tell",
        }
    )
    return {**rule, "by": by}, board


def _benchmark(row: Mapping[str, Any], benchmark: str, floor: float, ceiling: float) -> dict[str, Any]:
    return {
        "id": benchmark,
        "name": row["benchmark"],
        "floor": floor,
        "ceiling": ceiling,
        "domain": "reasoning",
        "access": "public",
        "released_on": row.get("release_date"),
        "metric": row["score_column"],
        "confidence": "low",
        "note": (
            f"{PROVISIONAL}: floor, ceiling and day as the publisher's table of benchmarks has them; what it tests and"
            " whether its questions are public is not told there, and filled with reasoning and public"
        ),
    }


def _with_benchmarks(known: Known, more: list[Candidates]) -> Known:
    """Return what is known with new benchmarks and boards, so that rows can name them."""
    others = {t: dict(names) for t, names in known.names.others.items()}
    for c in more:
        if c.table in others:
            others[c.table] |= {fold(n): i for i, name in c.rows.select("id", "name").iter_rows() for n in (i, name)}
    return Known(
        evidence=known.evidence, names=Names(known.names.models, known.names.efforts, others), renamed=known.renamed
    )


def _hub_first(found: list[Candidates], files: list[File]) -> tuple[list[Candidates], list[Note]]:
    """Return candidates without the index's copy of what a file of the hub has: one measurement is one row."""
    index = {f.name for f in files if set(header(f.content)) >= _INDEX}
    hub = [c.rows.select("model", "benchmark") for c in found if c.table == "scores" and c.file not in index]
    if not hub or not index:
        return found, []
    there = pl.concat(hub).unique()
    out, notes = [], []
    for c in found:
        if c.table == "scores" and c.file in index:
            rows = c.rows.join(there, on=["model", "benchmark"], how="anti")
            notes.append(
                Note(c.file, "left out: a file of the hub has the same model and test", c.rows.height - rows.height)
            )
            out.append(Candidates(table=c.table, file=c.file, rows=rows))
        else:
            out.append(c)
    return out, [n for n in notes if n.n_rows]


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
