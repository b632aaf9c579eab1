"""What is known, since when and from whom: the built-in tables, the tables of a study folder, and the as-of filter."""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

import leadtime
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import age, imports, parts, provenance, ready, sense, settings, validate
from leadtime.evidence.schema import Table
from leadtime.evidence.tables import NAMING, TABLES

_BUILT_IN = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """How many rows of a user's file were added to a table, and how many replaced a built-in row."""

    table: str
    file: str
    n_added: int
    n_replaced: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All tables, as they could be known on one day.

    Args:
        tables: The rows of each table. Each row has `source` and `known_on`, except in `sources` itself.
        as_of: Only rows known on or before this day are kept.
        overlays: What a study folder added or replaced.
        places: The file and line of each row of a study folder, by table and key, for messages.
    """

    tables: dict[str, pl.DataFrame]
    as_of: dt.date
    overlays: tuple[Overlay, ...] = ()
    places: dict[tuple[str, tuple[Any, ...]], str] = field(default_factory=dict, compare=False)
    _names: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _hash: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @staticmethod
    def load(study: Path | str | None = None, *, as_of: dt.date | None = None, without: str = "") -> "Evidence":
        """Return the built-in evidence, with the tables of a study folder, as known on `as_of`.

        The default day is that of the folder's lock or settings, or today.

        Raises:
            LeadtimeError: A row is malformed (with file, row, column and what was expected), or no score was known by
                `as_of`.
        """
        evidence = Evidence(dict(_built_in()), dt.date.max)
        if study is not None:
            evidence = evidence._overlaid(Path(study), without)
        return evidence.known_by(as_of or settings.day_of(study) or dt.date.today())  # noqa: DTZ011 - the user's own day

    def built_in(self) -> "Evidence":
        """Return the built-in evidence as known on the same day, without what a study folder added."""
        return Evidence(dict(_built_in()), dt.date.max).known_by(self.as_of)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return the rows of a table."""
        if table not in self.tables:
            raise unknown_name("table", table, self.tables)
        return self.tables[table]

    def known_by(self, day: dt.date) -> "Evidence":
        """Return the evidence as it could be known on a day."""
        found = self._by(day)
        if found["scores"].is_empty():
            first = str(self.tables["scores"]["known_on"].min())
            raise LeadtimeError(
                f"nobody had published a score by {day.isoformat()}",
                where="--as-of",
                fix=f"The first score in the evidence became known on {first}. Choose that day or a later one.",
            )
        return found

    def _by(self, day: dt.date) -> "Evidence":
        tables = {
            name: rows.filter(pl.col("known_on") <= day) if "known_on" in rows.columns else rows
            for name, rows in self.tables.items()
        }
        return replace(self, tables=tables, as_of=day)

    def stamp_by(self, day: dt.date) -> dict[str, Any]:
        """Return the stamp of an answer that uses only what was known by a day, scores or not."""
        return self._by(day).stamp

    def without(self, source: str) -> "Evidence":
        """Return the evidence without what was read in one source. Names of models, chips and the like stay."""
        tables = {
            name: rows.filter(pl.col("source") != source) if "source" in rows.columns and name not in NAMING else rows
            for name, rows in self.tables.items()
        }
        return replace(self, tables=tables)

    @property
    def hash(self) -> str:
        """Hash of every row in key order, 16 hexadecimal digits. The same hash means the same numbers."""
        if not self._hash:
            digest = hashlib.sha256()
            for name in TABLES:
                digest.update(name.encode())
                digest.update(self.tables[name].sort(TABLES[name].key).write_csv().encode())
            self._hash.append(digest.hexdigest()[:16])
        return self._hash[0]

    @property
    def stamp(self) -> dict[str, Any]:
        """The stamp of every answer that rests on evidence alone: version, day, hash and age (see `evidence.age`)."""
        found = {"version": leadtime.__version__, "as_of": self.as_of.isoformat(), "evidence_hash": self.hash}
        return found | age.age(self.tables, self.as_of).stamp()

    def resolve_model(self, name: str) -> str:
        """Return the id of the model with this id, display name or alias.

        Raises:
            LeadtimeError: There is no such model. The message has the nearest names.
        """
        if not self._names:  # a report asks hundreds of times
            self._names.update(_model_names(self["models"]))
        found = self._names.get(_fold(name))
        if found is None:
            raise unknown_name("model", name, self["models"]["id"])
        return found

    def _overlaid(self, study: Path, without: str) -> "Evidence":
        if not study.is_dir():
            raise LeadtimeError(
                "is not a folder", where=str(study), fix="Name a study folder. `leadtime new DIR` makes one."
            )
        tables, overlays, places = dict(self.tables), [], dict(self.places)
        frames = imports.steady(study, lambda: list(_study_frames(study, without)))
        for name, table, rows in frames:
            tables[table.name], overlay = _merge(tables[table.name], rows, table, name)
            overlays.append(overlay)
            for line, *key in rows.select("_row", *table.key).iter_rows():
                places[table.name, tuple(key)] = f"{name}, {'row' if name.endswith('.csv') else 'line'} {line}"
        ids = _ids(tables)
        problems = [p for name, table, rows in frames for p in validate.foreign_problems(rows, table, ids, name)]
        problems = problems or [p for name, table, rows in frames for p in sense.wrong(rows, table, tables, name)]
        validate.refuse(problems)
        return replace(self, tables=tables, overlays=tuple(overlays), places=places)


def read_own(path: Path, *, within: Path) -> tuple[Table, pl.DataFrame]:
    """Return table and rows of a CSV file of a study folder."""
    name = path.name.split(".")[0]
    if name not in TABLES:
        error = unknown_name("table", name, TABLES)
        raise LeadtimeError(error.what, where=str(path), fix=f"Known tables: {', '.join(TABLES)}.")
    return TABLES[name], validate.read_table(path, TABLES[name], within=within, name=_called(path, within))


def _called(path: Path, study: Path) -> str:
    """Return what messages call a file: its name, and with it the folder of the import that wrote it."""
    return path.relative_to(study).as_posix() if path.parent.parent == study / imports.FOLDER else path.name


def _study_frames(study: Path, without: str) -> Iterator[tuple[str, Table, pl.DataFrame]]:
    """Yield the files of a study folder, by what messages call them, as rows of tables: those of `parts.tables`, then
    the rules.
    """
    for path in parts.tables(study, without):
        yield _called(path, study), *read_own(path, within=study)
    for path in parts.files(study, "rules"):
        from leadtime.evidence import rules_yaml

        for table, rows in rules_yaml.read(path, within=study):
            yield path.name, table, rows


def _merge(base: pl.DataFrame, rows: pl.DataFrame, table: Table, file: str) -> tuple[pl.DataFrame, Overlay]:
    key, new = list(table.key), rows.drop("_row")
    kept = base.join(new.select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    n_replaced = base.height - kept.height
    overlay = Overlay(table=table.name, file=file, n_added=new.height - n_replaced, n_replaced=n_replaced)
    return pl.concat([kept, new]), overlay


@functools.cache
def _built_in() -> dict[str, pl.DataFrame]:
    files = _files()
    return ready.load(files) or _checked(files)


def save() -> Path:
    """Read and check the built-in tables, and write them as they are loaded from then on (see `evidence.ready`)."""
    files = _files()
    return ready.save(files, _checked(files))


def _files() -> dict[str, Path]:
    return {name: _BUILT_IN / table.folder / f"{name}.csv" for name, table in TABLES.items()}


def _checked(files: dict[str, Path]) -> dict[str, pl.DataFrame]:
    read = {name: validate.read_table(path, TABLES[name]) for name, path in files.items()}
    ids = _ids(read)
    problems = [
        p for name, rows in read.items() for p in validate.foreign_problems(rows, TABLES[name], ids, f"{name}.csv")
    ]
    validate.refuse(problems + provenance.without_address(read["sources"], "sources.csv"))
    return {name: rows.drop("_row") for name, rows in read.items()}


def _ids(tables: dict[str, pl.DataFrame]) -> dict[str, set[str]]:
    return {name: set(rows["id"]) for name, rows in tables.items() if "id" in rows.columns}


def _fold(name: str) -> str:
    return name.casefold().replace(".", "-").replace(" ", "-").replace("_", "-")


def _model_names(models: pl.DataFrame) -> dict[str, str]:
    names: dict[str, str] = {}
    for model, name, aliases in models.select("id", "name", "aliases").iter_rows():
        for other in [name, *(aliases or "").split("|")]:
            names.setdefault(_fold(other), model)
    names.update({m: m for m in models["id"]})
    return names
