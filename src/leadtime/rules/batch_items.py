"""What is shipped, in a file of transactions: names of models apart from those of chips, and systems that
hold chips.
"""

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.rules.log import Log
from leadtime.rules.many import Coded
from leadtime.rules.names import chip_and_system

#: The column that holds the names of models while a file is read.
MODEL = "_model"


def with_models(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the names of models in a column of their own, where items are weights."""
    if "item" not in frame.columns or "chip" not in frame.columns:
        return frame
    is_model = pl.col("item") == "weights"
    named = pl.col("chip")
    return frame.with_columns(
        pl.when(is_model).then(named).otherwise(pl.lit("")).alias(MODEL),
        pl.when(is_model).then(pl.lit("")).otherwise(named).alias("chip"),
    )


def with_systems(log: Log, names: pl.Series, item: Coded) -> Coded:
    """Return the kinds of item, where a chip that names a board, server or rack is a system; wrong names are told
    elsewhere.
    """

    def is_system(name: str) -> bool:
        try:
            return bool(name and chip_and_system(log, name, near=False)[1])
        except LeadtimeError:
            return False

    meant = [name for name in names.unique().to_list() if is_system(name)]
    if not meant:
        return item
    words = tuple(dict.fromkeys((*item.words, "system")))
    kinds = np.array([words.index("system" if word == "chip" else word) for word in item.words])
    return Coded(words, np.where(names.is_in(meant).to_numpy(), kinds[item.codes], item.codes))
