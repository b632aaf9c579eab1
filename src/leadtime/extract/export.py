"""All tables of a study as files of a folder: Parquet, CSV, a Data Package, or the posterior as NetCDF."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import leadtime
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.extract.results import RESULTS
from leadtime.whole import whole_folder

if TYPE_CHECKING:
    from leadtime.evidence.schema import Column, Table
    from leadtime.study import Study

FORMATS = ("parquet", "csv", "datapackage", "netcdf")
_TYPES = {
    "id": "string",
    "text": "string",
    "choice": "string",
    "date": "date",
    "number": "number",
    "integer": "integer",
    "flag": "boolean",
}


def write(study: "Study", to: Path, form: str, *, results: bool = True) -> tuple[list[Path], dict[str, str]]:
    """Write the tables of a study into a new or empty folder, all or none; return the files, and what could not be
    computed and why.

    Args:
        study: The study.
        to: The folder.
        form: A word of FORMATS; `datapackage` is CSV with `datapackage.json`, `netcdf` the posterior of abilities
            alone.
        results: With the tables of results beside the evidence.

    Raises:
        LeadtimeError: The format is unknown, or the folder is not empty.
    """
    if form not in FORMATS:
        raise LeadtimeError(
            f"there is no format {form!r}", where="--format", fix=f"Expected one of {', '.join(FORMATS)}."
        )
    to = to.absolute()
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise LeadtimeError(
            "is not a new or empty folder", where=str(to), fix="Name another folder. leadtime does not overwrite files."
        )
    with whole_folder(to) as partial:
        left_out = _write(study, partial, form, results=results)
    return sorted(to.iterdir()), left_out


def _write(study: "Study", folder: Path, form: str, *, results: bool) -> dict[str, str]:
    tables, left_out = dict(study.evidence.tables), {}
    for name, (_, compute) in RESULTS.items() if results and form != "netcdf" else ():
        try:
            tables[name] = compute(study)
        except LeadtimeError as error:  # on an early day chips were not counted yet
            left_out[name] = error.what
    stamp = {**study.stamp, "left_out": left_out}
    (folder / "stamp.json").write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    if form == "netcdf":
        _posterior(study, folder / "abilities.nc")
        return left_out
    for name, rows in tables.items():
        if form == "parquet":
            buffer = io.BytesIO()  # polars tells of a full disk in words of its own
            rows.write_parquet(buffer)
            (folder / f"{name}.parquet").write_bytes(buffer.getbuffer())
        else:
            rows.write_csv(folder / f"{name}.csv")
    if form == "datapackage":
        text = json.dumps(package(study, tables), indent=1, ensure_ascii=False)
        (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")
    return left_out


def package(study: "Study", tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Return the description of the tables as a Data Package (Frictionless, version 1): types, keys, sources."""
    return {
        "name": "leadtime",
        "title": "leadtime: evidence and results",
        "version": leadtime.__version__,
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "leadtime": study.stamp,
        "sources": [
            {"title": t, **({"path": u} if u else {})}
            for t, u in study.evidence["sources"].select("title", "url").rows()
        ],
        "resources": [_resource(name, rows) for name, rows in tables.items()],
    }


def _resource(name: str, rows: pl.DataFrame) -> dict[str, Any]:
    table = TABLES.get(name)
    schema = (
        _schema(table, rows) if table else {"fields": [{"name": c, "type": _type(t)} for c, t in rows.schema.items()]}
    )
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "description": table.help if table else RESULTS[name][0],
        "schema": schema,
    }


def _schema(table: "Table", rows: pl.DataFrame) -> dict[str, Any]:
    columns = [c for c in table.columns if c.name in rows.columns]
    foreign = [
        {"fields": c.name, "reference": {"resource": c.refers_to.replace("_", "-"), "fields": "id"}}
        for c in columns
        if c.refers_to
    ]
    return {"fields": [_field(c) for c in columns], "primaryKey": list(table.key), "foreignKeys": foreign}


def _field(c: "Column") -> dict[str, Any]:
    limits = {"required": c.required or None, "minimum": c.low, "maximum": c.high, "enum": list(c.choices) or None}
    return {
        "name": c.name,
        "type": _TYPES[c.kind],
        "description": f"{c.help}{f' ({c.unit})' if c.unit else ''}",
        "constraints": {k: v for k, v in limits.items() if v is not None},
    }


def _type(kind: pl.DataType) -> str:
    if kind == pl.Date:
        return "date"
    if kind == pl.Boolean:
        return "boolean"
    return "integer" if kind.is_integer() else "number" if kind.is_numeric() else "string"


def _posterior(study: "Study", path: Path) -> None:
    """Write the joint draws of abilities and benchmark parameters as ArviZ reads them: group `posterior`, dimensions
    chain and draw.
    """
    import arviz_base

    fitted = study.fit()
    found = arviz_base.from_dict(
        {
            "posterior": {
                "ability": fitted.draws.theta[None],
                "difficulty": fitted.draws.difficulty[None],
                "discrimination": fitted.draws.discrimination[None],
            }
        },
        dims={"ability": ["model"], "difficulty": ["benchmark"], "discrimination": ["benchmark"]},
        coords={"model": list(fitted.cells.models), "benchmark": list(fitted.cells.benchmarks)},
    )
    posterior = found["posterior"].to_dataset()
    posterior.attrs = {k: str(v) for k, v in study.stamp.items()}
    posterior.to_netcdf(path, engine="scipy")
