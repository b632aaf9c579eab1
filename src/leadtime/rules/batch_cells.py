"""Columns of text in a file of transactions, to codes and numbers; and what is wrong with each row."""

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError
from leadtime.rules.cells import day_of_cell, since_first
from leadtime.rules.logic import FALSE, TRUE
from leadtime.rules.many import Coded
from leadtime.rules.names import Find
from leadtime.rules.transaction import FIRST_DAY, MOST

#: So many names that are not known are told with those that are near.
_NEAR = 100


class Reader:
    """Turns columns of text into codes and numbers, and remembers the first thing wrong with each row."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame, self.height = frame, frame.height
        self.reason: Any = np.full(frame.height, None, dtype=object)
        self.is_bad: Any = np.zeros(frame.height, dtype=bool)

    def has(self, name: str) -> bool:
        """Return whether the file has the column."""
        return name in self.frame.columns

    def words(self, name: str, resolve: Find, default: str = "") -> Coded:
        """Return a column resolved word by word, each word once; `default` where it is empty."""
        if not self.has(name):
            return Coded((resolve(default, True),), np.zeros(self.height, dtype=np.int64))
        column = self.frame[name]
        meant: dict[str, str] = {}
        wrong: dict[str, str] = {}
        for word in column.unique().sort().to_list():
            try:
                meant[word] = resolve(word or default, len(wrong) < _NEAR)
            except LeadtimeError as error:
                meant[word] = ""
                wrong[word] = f"{name}: {error.what}. {error.fix}".strip()
        self._refuse_words(column, wrong)
        number = {word: i for i, word in enumerate(dict.fromkeys(meant.values()))}
        index = column.replace_strict(
            list(meant), [number[m] for m in meant.values()], return_dtype=pl.Int64
        ).to_numpy()
        return Coded(tuple(number) or ("",), index)

    def words_or(self, name: str, resolve: Find, other: Coded) -> Coded:
        """Return a column resolved word by word; where it is empty, the other column."""
        if not self.has(name):
            return other
        own = self.words(name, lambda word, near: resolve(word, near) if word else "")
        return own.filled(other)

    def day(self, name: str, default: dt.date | None) -> Any:
        """Return a column of days as ordinals."""
        if not self.has(name) and default:
            return np.full(self.height, default.toordinal())
        column = self.frame[name]
        values, wrong = {}, {}
        for word in column.unique().to_list():
            try:
                values[word] = since_first(default if not word and default else day_of_cell(word)).toordinal()
            except LeadtimeError as error:
                values[word] = FIRST_DAY.toordinal()
                wrong[word] = f"{name}: {error.what}. {error.fix}"
        self._refuse_words(column, wrong)
        return column.replace_strict(list(values), list(values.values()), return_dtype=pl.Int64).to_numpy()

    def interval(self, name: str) -> tuple[Any, Any]:
        """Return the ends of a column of numbers or LOW..HIGH; 0 and infinity where it is empty."""
        if not self.has(name):
            return np.zeros(self.height), np.full(self.height, math.inf)
        column = self.frame[name]
        if column.str.contains(",", literal=True).any():  # 5,000 is a number, 1,5 is not
            grouped = column.str.contains(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
            column = pl.select(pl.when(grouped).then(column.str.replace_all(",", "")).otherwise(column)).to_series()
        low = high = column.cast(pl.Float64, strict=False)
        if column.str.contains("..", literal=True).any():
            ends = column.str.split_exact("..", 1).struct.unnest()
            low = ends["field_0"].cast(pl.Float64, strict=False)
            high = pl.select(pl.coalesce(ends["field_1"], ends["field_0"]).cast(pl.Float64, strict=False)).to_series()
        empty = (column == "").to_numpy()
        lows, highs = low.fill_null(math.nan).to_numpy().copy(), high.fill_null(math.nan).to_numpy().copy()
        wrong = ~empty & ~((lows >= 0) & (lows <= highs) & (highs < MOST))
        if wrong.any():
            self.refuse(wrong, f"{name}: not a number of 0 or more, nor an interval LOW..HIGH")
        lows[empty | wrong], highs[empty | wrong] = 0.0, math.inf
        return lows, highs

    def flag(self, name: str) -> Any:
        """Return a column of true and false; -1 where it is empty."""
        if not self.has(name):
            return np.full(self.height, -1, dtype=np.int8)
        value = (
            self.frame[name]
            .str.to_lowercase()
            .replace_strict(
                {"true": TRUE, "yes": TRUE, "1": TRUE, "false": FALSE, "no": FALSE, "0": FALSE, "": -1},
                default=-2,
                return_dtype=pl.Int8,
            )
            .to_numpy()
        )
        if (value == -2).any():
            self.refuse(value == -2, f"{name}: expected true, false or nothing")
        return value

    def refuse(self, where: Any, reason: str) -> None:
        """Note what is wrong with some rows, unless something was noted before."""
        self.reason[where & ~self.is_bad] = reason
        self.is_bad |= where

    def _refuse_words(self, column: pl.Series, wrong: dict[str, str]) -> None:
        """Note what is wrong with the rows that hold certain words."""
        if wrong:
            reasons = column.replace_strict(list(wrong), list(wrong.values()), default=None, return_dtype=pl.String)
            where = reasons.is_not_null().to_numpy() & ~self.is_bad
            self.reason[where] = reasons.filter(pl.Series(where)).to_list()
            self.is_bad |= where
