"""What a study computes, as tables that can be asked and exported: each computed only when it is wanted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from leadtime.study import Study


def _lags(study: "Study") -> pl.DataFrame:
    return study.lag_grid(None, "CHN", "USA")


def _quarters(study: "Study") -> pl.DataFrame:
    table: pl.DataFrame = study.fork.table(list(study.fork.scenarios))
    return table


#: Table, what a row of it is, and how a study computes it.
RESULTS: dict[str, tuple[str, Callable[["Study"], pl.DataFrame]]] = {
    "abilities": ("a model's ability on three scales, 90% interval", lambda s: s.abilities()),
    "abilities_by_domain": ("a model's ability on the benchmarks of one domain", lambda s: s.domains()),
    "benchmark_parameters": ("a benchmark's difficulty, discrimination and misfit", lambda s: s.benchmarks_table()),
    "lags": ("the lag of China behind the United States by one definition", _lags),
    "lags_over_time": ("the lag by quarter", lambda s: s.lag_over_time()),
    "vendor_effects": ("how much higher developers score their own models", lambda s: s.vendor_effect()),
    "arrivals": ("chips that arrived in a bloc by quarter and channel, and stocks", lambda s: s.supply.table()),
    "scenarios": ("a variable of a scenario by quarter", _quarters),
}
