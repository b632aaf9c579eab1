"""The Open LLM Leaderboard's details: one Parquet file for each model, task and run, one question a row.

Path: `details_ORG__MODEL/RUN/details_harness|TASK|SHOTS_RUN.parquet`. Rows stand in the order of the task, the same in
every file; a question may be there twice, so its number names it.
"""

import re
from pathlib import PurePosixPath

import polars as pl

from leadtime.brought.found import SCHEMA
from leadtime.errors import LeadtimeError

_FILE = re.compile(r"details_(?P<suite>[^|]+)\|(?P<task>[^|]+)\|(?P<shots>\d+)_\d{4}-\d\d-\d\dT[\d:.-]+(?:\.parquet)?")
#: Which metric the board shows for a task: the first whose name the task begins with.
METRICS = {
    "arc:challenge": "acc_norm",
    "hellaswag": "acc_norm",
    "hendrycksTest": "acc",
    "truthfulqa:mc": "mc2",
    "winogrande": "acc",
    "gsm8k": "acc",
    "drop": "f1",
}


def is_details(name: str) -> bool:
    """Return whether a file is one of details, by its name."""
    return _FILE.fullmatch(PurePosixPath(name).name) is not None


def of_file(path: str) -> tuple[str, str, str]:
    """Return model, task with shots, and metric of a file of details.

    Raises:
        LeadtimeError: No folder above it names the model, or the board shows no metric for the task.
    """
    parts = PurePosixPath(path).parts
    said = _FILE.fullmatch(parts[-1]) if parts else None
    folder = next((p for p in parts[-2::-1] if re.match(r"details_\S", p)), None)
    if said is None or folder is None:
        fix = "Keep the file in the folder of its data set. Its name is such as details_org__model/."
        raise LeadtimeError("it does not say which model its answers are from", where=path, fix=fix)
    metric = next((m for task, m in METRICS.items() if said["task"].startswith(task)), None)
    if metric is None:
        fix = f"Known tasks: {', '.join(METRICS)}."
        raise LeadtimeError(
            f"nobody has said which metric counts for the task {said['task'][:60]!r}", where=path, fix=fix
        )
    model = folder.removeprefix("details_").replace("__", "/", 1)
    return model, f"{said['task']}|{said['shots']}", metric


def answers(table: pl.DataFrame, model: str, task: str, metric: str) -> pl.DataFrame:
    """Return rows by `found.SCHEMA` of the one column of a file of details."""
    rows = table.with_row_index("_row", 1)
    return rows.select(
        pl.col("_row").cast(pl.Int64),
        _column=pl.lit(metric),
        model=pl.lit(model),
        test=pl.lit(f"{task}/") + (pl.col("_row") - 1).cast(pl.String),
        raw=pl.col(metric).cast(pl.Float64).cast(pl.String),
        in_percent=pl.lit(value=False),
        **{
            c: pl.lit(None, dtype=k)
            for c, k in SCHEMA.items()
            if c not in ("_row", "_column", "model", "test", "raw", "in_percent")
        },
    )
