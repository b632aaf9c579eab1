"""Whether rows can be so: cells that are each well-formed and together cannot be, told by file, row and column."""

from collections.abc import Callable, Mapping

import polars as pl

from leadtime.evidence.csv_rows import Problem
from leadtime.evidence.resource_tables import RESOURCE_TABLES, SHARES
from leadtime.evidence.schema import Table

Tables = Mapping[str, pl.DataFrame]
#: Days that must follow each other, by table; an empty one says nothing.
_IN_ORDER: dict[str, tuple[tuple[str, ...], ...]] = {
    "models": (("announced_on", "released_on"), ("trained_by_low", "trained_by", "trained_by_high")),
    "scores": (("measured_on", "known_on"), ("known_from", "known_on", "known_by")),
    "country_groups": (("from", "sure_from", "sure_to", "to"),),
    "rule_events": (("effective_on", "until"),),
    "rule_parameters": (("from", "to"),),
    "tariffs": (("legal_from", "legal_to"), ("collected_from", "collected_to")),
    "shipments": (("period_start", "period_end"),),
    "enforcement": (("period_start", "period_end"),),
    "revenue": (("period_start", "period_end"),),
    "investment": (("period_start", "period_end"),),
    "supply_estimates": (("period_start", "period_end"),),
    "resolutions": (("opens_on", "closes_on"),),
    **dict.fromkeys((t.name for t in RESOURCE_TABLES), (("from", "to"), ("low", "central", "high"))),
}
#: An H100's dense 8-bit rate in TOPS, and how far a count of equivalents may be from units times the chip's rate.
H100_TOPS, RATE_TOLERANCE = 1979.0, 1.4
_EIGHT_BITS = ("int8", "fp8")


def wrong(rows: pl.DataFrame, table: Table, tables: Tables, file: str) -> list[Problem]:
    """Return what in rows of a table cannot be so.

    Args:
        rows: Typed rows, with their lines in `_row`.
        table: The table that they belong to.
        tables: All tables, these rows among them: what they refer to.
        file: Their file, for messages.
    """
    found = [p for names in _sequences(table) for p in _disordered(rows, names, file)]
    found += [p for look in _LOOKS.get(table.name, ()) for p in look(rows, tables, file)]
    return sorted(found, key=lambda p: p.row)


def rates(tables: Tables) -> pl.DataFrame:
    """Return the dense 8-bit rate of each chip that has one in H100-equivalents: columns chip and rate."""
    peaks = tables["chip_peaks"].filter(pl.col("precision").is_in(_EIGHT_BITS), pl.col("unit") == "matrix")
    return peaks.group_by("chip").agg(rate=pl.col("tera_op_s").max() / H100_TOPS)


def _sequences(table: Table) -> list[tuple[str, ...]]:
    """Return the columns of a table whose values must not fall from one to the next: days, and the ends of
    intervals.
    """
    names = set(table.column_names)
    ends = [(f"{n}_low", n, f"{n}_high") for n in table.column_names if {f"{n}_low", f"{n}_high"} <= names]
    plain = [("low", "value", "high")] if {"low", "value", "high"} <= names else []
    return list(dict.fromkeys([*_IN_ORDER.get(table.name, ()), *ends, *plain]))


def _disordered(rows: pl.DataFrame, names: tuple[str, ...], file: str) -> list[Problem]:
    found = []
    for i, later in enumerate(names):
        for earlier in names[:i]:
            bad = rows.filter(pl.col(later) < pl.col(earlier))
            found += [
                Problem(
                    file=file,
                    row=row,
                    column=later,
                    found=f"{b}",
                    expected=f"{earlier} ({a}) or later" if hasattr(a, "year") else f"{earlier} ({a:g}) or more",
                )
                for row, a, b in bad.select("_row", earlier, later).iter_rows()
            ]
    firsts = {(p.row): p for p in reversed(found)}  # one word a row for one sequence
    return list(firsts.values())


def _before_its_model(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """A score cannot be public before anyone has heard of the model."""
    first = tables["models"].select(model="id", first=pl.min_horizontal("announced_on", "released_on", "known_on"))
    bad = rows.join(first, on="model").filter(pl.col("known_on") < pl.col("first"))
    return [
        Problem(
            file=file,
            row=row,
            column="known_on",
            found=str(day),
            expected=f"{first}, when {model} became known, or later",
        )
        for row, day, model, first in bad.select("_row", "known_on", "model", "first").iter_rows()
    ]


def _estimated_without_bounds(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """A day that is estimated says between which days, and only such a day does."""
    both = pl.col("known_from").is_not_null() & pl.col("known_by").is_not_null()
    none = pl.col("known_from").is_null() & pl.col("known_by").is_null()
    is_estimated = pl.col("dated_by").eq_missing("estimated")
    bad = rows.filter((is_estimated & ~both) | (~is_estimated & ~none))
    return [
        Problem(
            file=file,
            row=row,
            column="dated_by",
            found=how or "",
            expected="estimated with both known_from and known_by, or another word without them",
        )
        for row, how in bad.select("_row", "dated_by").iter_rows()
    ]


def _before_its_period(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """What arrived in a period cannot have been counted before it began; a plan or forecast can be reported."""
    counted = pl.col("grade").is_in(["measured", "derived"]) & (pl.col("measure") == "flow")
    bad = rows.filter(counted, pl.col("known_on") < pl.col("period_start"))
    return [
        Problem(
            file=file, row=row, column="known_on", found=str(day), expected=f"{begin}, when the period begins, or later"
        )
        for row, day, begin in bad.select("_row", "known_on", "period_start").iter_rows()
    ]


def _not_its_rate(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """H100-equivalents are units times the chip's dense 8-bit rate over that of an H100."""
    counted = rows.filter(pl.col("unit_basis").is_in(_EIGHT_BITS), pl.col("units") > 0, pl.col("h100e").is_not_null())
    both = counted.join(rates(tables), on="chip").with_columns(expected=pl.col("units") * pl.col("rate"))
    far = (pl.col("h100e") / pl.col("expected")).is_between(1 / RATE_TOLERANCE, RATE_TOLERANCE)
    return [
        Problem(
            file=file,
            row=row,
            column="h100e",
            found=f"{h100e:g}",
            expected=f"about {expected:,.0f}: {units:,.0f} {chip} times {rate:.3g}, its dense 8-bit rate in H100s",
        )
        for row, h100e, expected, units, chip, rate in (
            both.filter(~far).select("_row", "h100e", "expected", "units", "chip", "rate").iter_rows()
        )
    ]


def _without_number(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """A figure has a number; of what nobody published, the row has none."""
    some = pl.any_horizontal(pl.col("low", "central", "high").is_not_null())
    bad = rows.filter(some == (pl.col("grade") == "unpublished"))
    return [
        Problem(
            file=file,
            row=row,
            column="central",
            found="" if value is None else f"{value:g}",
            expected=(
                "no number where the grade is unpublished"
                if grade == "unpublished"
                else "a number here, in low or in high; or the grade unpublished"
            ),
        )
        for row, value, grade in bad.select("_row", "central", "grade").iter_rows()
    ]


def _share_of_nothing(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """A share says what it is a share of, and lies between 0 and 1."""
    shares = rows.filter(pl.col("unit").is_in(SHARES))
    found = [
        Problem(file=file, row=row, column="whole", found="", expected="what the share is a share of")
        for row in shares.filter(pl.col("whole").is_null())["_row"]
    ]
    outside = ~pl.all_horizontal(pl.col("low", "central", "high").fill_null(0.0).is_between(0, 1))
    for row, unit in shares.filter((pl.col("unit") != "fraction") | outside).select("_row", "unit").iter_rows():
        wanted = "fraction" if unit != "fraction" else "another unit, or numbers between 0 and 1"
        found.append(Problem(file=file, row=row, column="unit", found=unit, expected=wanted))
    return found


def _share_of_money(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """A share of money says what it is a share of, and how it was counted; a row has an amount, a share, or both."""
    share = pl.any_horizontal(pl.col("share_low", "share", "share_high").is_not_null())
    bare = ~share & pl.all_horizontal(pl.col("value_usd_low", "value_usd", "value_usd_high").is_null())
    asked = (("whole", "what the share is a share of"), ("definition", "what exactly was counted"))
    found = [
        Problem(file=file, row=row, column=column, found="", expected=expected)
        for column, expected in asked
        for row in rows.filter(share & pl.col(column).is_null())["_row"]
    ]
    wanted = "an amount here, or a share"
    return found + [
        Problem(file=file, row=row, column="value_usd", found="", expected=wanted) for row in rows.filter(bare)["_row"]
    ]


def _without_speaker(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """What is alleged names its speaker, and a speaker stands only beside an allegation."""
    alleged = pl.col("grade") == "alleged"
    bad = rows.filter(alleged == pl.col("alleged_by").is_null())
    return [
        Problem(
            file=file,
            row=row,
            column="alleged_by",
            found=who or "",
            expected="who alleges it" if grade == "alleged" else "nothing, or the grade alleged",
        )
        for row, who, grade in bad.select("_row", "alleged_by", "grade").iter_rows()
    ]


def _conflict_with_nobody(rows: pl.DataFrame, tables: Tables, file: str) -> list[Problem]:
    """Rows that are said to be in conflict are there: of the same table, whichever it is."""
    found = []
    known = {i for t in RESOURCE_TABLES for i in tables[t.name]["id"]}
    for row, names in rows.select("_row", "conflicts_with").drop_nulls().iter_rows():
        found += [
            Problem(file=file, row=row, column="conflicts_with", found=name, expected="ids of rows, parted by |")
            for name in names.split("|")
            if name not in known
        ]
    return found


_OF_FIGURES = (_without_number, _share_of_nothing, _without_speaker, _conflict_with_nobody)
_LOOKS: dict[str, tuple[Callable[[pl.DataFrame, Tables, str], list[Problem]], ...]] = {
    "scores": (_before_its_model, _estimated_without_bounds),
    "shipments": (_before_its_period, _not_its_rate),
    "investment": (_share_of_money,),
    **dict.fromkeys((t.name for t in RESOURCE_TABLES), _OF_FIGURES),
}
