"""From what anyone has, a table of scores or results in another form, to checked rows of model, benchmark and
performance.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from leadtime.brought import cells, read
from leadtime.brought.found import filled
from leadtime.brought.shape import shaped
from leadtime.errors import LeadtimeError


def read_scores(
    path: Path | str, *, percent: bool = False, tell: Callable[[str], None] = lambda note: None
) -> pl.DataFrame:
    """Return a long table of scores: columns model, benchmark (text) and performance (0-1), checked.

    Args:
        path: A table in text or Parquet, long or wide, or results in another form that `brought` reads; or a folder of
            those.
        percent: Whether the numbers are in percent, where the file does not say.
        tell: Takes what must be said of how the file was read.

    Raises:
        LeadtimeError: For a file that cannot be read, a missing column, or cells that cannot be used (the first five).
    """
    path = Path(path)
    parts = []
    for file, name in read.files(path, "scores"):
        opened = read.opened(file, name, within=path if path.is_dir() else None)
        brought = read.read(opened, "scores", percent=percent)
        brought.require_sound(name, "scores")
        for note in brought.notes:
            tell(note)
        parts.append(brought.rows)
    table = pl.concat(parts)
    if table.height > read.MOST_SCORES:
        raise LeadtimeError(f"has {table.height:,} scores", where=str(path), fix=f"At most {read.MOST_SCORES:,}.")
    return table.select("model", benchmark="test", performance="value")


def checked(table: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return model, benchmark and performance of a long table, or raise with what is wrong in its first bad rows, by
    their `_row`.
    """
    try:
        rows = filled(shaped(table, "scores").rows)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=where, fix=error.fix) from None
    good, problems, n_missing = read.numbered(rows, "scores", where, cells.Percent(of="benchmark"))
    read.Brought(rows=good, problems=problems, n_missing=n_missing).require_sound(where, "scores")
    return good.select("model", benchmark="test", performance="value")
