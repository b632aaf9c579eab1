"""China's share of arriving chips, each way it can be compared, with what of each nobody counted."""

import polars as pl

from leadtime.report.said import spoken
from leadtime.report.tables import Table, months
from leadtime.supply.arrivals import designer, listed

_CHIPS = {
    ("all", "owned"): "all that arrived",
    ("legal", "owned"): "under the rules alone",
    ("all", "used"): "owned and rented abroad",
}
_MAKERS = {"same": "the same makers in both", "all": "all makers"}
_UNITS = {"int8": "8-bit rate", "bandwidth": "memory bandwidth"}


def shares(frame: pl.DataFrame) -> Table:
    """Return the table of `supply.like.table`.

    Args:
        frame: Rows of before, after, makers, channels, scope, unit_basis, designers, assumed, and share_before,
            share_after and change in fractions with _low, _median, _high, and p_fell.
    """
    rows = [
        r
        for r in frame.iter_rows(named=True)
        if r["unit_basis"] == "int8" or (r["channels"], r["scope"]) == ("all", "owned")
    ]
    same: list[str] = next((r["designers"].split(", ") for r in rows if r["makers"] == "same"), [])
    return Table(
        name="china-share",
        title="China's share of arriving chips, like for like and otherwise",
        caption=(
            "Percent of computing power, median and 90% interval; change in points. The same makers in both:"
            f" {listed(map(designer, same))}, where they were counted. All makers: those that were not counted yet are"
            " assumed, and the last column names them. Each assumed figure keeps its interval. Rented: a judged share"
            " of chips in third countries."
        ),
        columns=(
            ("Periods", False),
            ("Compared", False),
            ("Before", True),
            ("After", True),
            ("Change", True),
            ("P(fell)", True),
            ("Assumed", False),
        ),
        rows=tuple(
            (
                f"{spoken(r['before'])}, then {spoken(r['after'])}",
                f"{_CHIPS[r['channels'], r['scope']]}, {_MAKERS[r['makers']]}, in {_UNITS[r['unit_basis']]}",
                *(_points(r, c) for c in ("share_before", "share_after", "change")),
                f"{r['p_fell']:.2f}",
                r["assumed"] or "nothing",
            )
            for r in rows
        ),
    )


def _points(r: dict[str, float], name: str) -> str:
    low, median, high = (100 * r[f"{name}_{k}"] for k in ("low", "median", "high"))
    return months(median, low, high, 0)
