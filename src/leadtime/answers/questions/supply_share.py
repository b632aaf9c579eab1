"""China's share of arriving chips before the rules and now, like for like."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.plain import records
from leadtime.answers.question import question
from leadtime.answers.supplied import span
from leadtime.answers.words import CLEAR, chance, share

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study
    from leadtime.supply import Supply

_COUNTED = {("all", "owned"): "owned", ("legal", "owned"): "under rules", ("all", "used"): "with rented"}
_MAKERS = {"same": "the same makers in both", "all": "all makers, with what is assumed of them"}
_COLUMNS = (
    Column(key="title", title="Counted"),
    Column(key="share_before_median", title="Before", kind="share"),
    Column(key="share_after_median", title="After", kind="share"),
    Column(key="change_median", title="Change, points", kind="share", signed=True),
    Column(key="p_fell", title="Chance it fell", kind="chance"),
)


@question(
    "supply share",
    "Did China's share of AI chips fall?",
    of="study",
    command="supply --share",
    schema="supply-share",
    docs="methods/supply",
)
def supply_share(study: "Study") -> Answer:
    """Say how China's share of arriving chips moved from before the rules to now, like for like."""
    from leadtime.supply import like

    rows = [
        _row(r)
        for r in records(like.table(study.supply).sort("before", "makers", descending=True, maintain_order=True))
    ]
    return Answer(
        sentence=sentence(rows[0]),
        rows=Table(rows=rows, columns=_COLUMNS, by="compared"),
        tag="estimated from few sources",
        about=About(
            definition="China's share of the chips that arrived in a period, by dense 8-bit rate or by memory bandwidth.",
            rests_on="Counted shipments of each maker, and stated assumptions where nobody counted.",
            limits=("A period without a count of Chinese makers understates the fall.",),
            docs="methods/supply",
        ),
        notes=(
            "The same makers: outside China those counted in every quarter of both periods; Chinese ones where they were counted.",
            "Before the rule of October 2023 the A800 and H800 could be bought. Before August 2022 every chip could, but China's part was not counted.",
            "Owned: all channels. Under rules: what was shipped under the rules alone. With rented: also a judged share of chips in third countries.",
        ),
        figure=functools.partial(_figure, study.supply, study.stamp),
    )


def _row(r: dict[str, Any]) -> dict[str, Any]:
    from leadtime.supply.arrivals import designer

    unit = "8-bit rate" if r["unit_basis"] == "int8" else "memory bandwidth"
    makers = ", ".join(map(designer, r["designers"].split(", ")))
    return {
        "compared": f"{r['before']} and {r['after']}: {_MAKERS[r['makers']]}, in {unit}",
        "title": _COUNTED[r["channels"], r["scope"]],
        **r,
        "note": f"Makers: {makers}. Assumed: {r['assumed'] or 'nothing'}.",
    }


def sentence(r: Mapping[str, Any]) -> str:
    """Return whether China's share fell, by one comparison: clearly, clearly not, or unclear."""
    before, after = (
        f"{share(s.median)} ({share(s.low)} to {share(s.high)})"
        for s in (Spread(*(r[f"share_{when}_{k}"] for k in ("low", "median", "high"))) for when in ("before", "after"))
    )
    p = r["p_fell"]
    what = f"China's share of arriving AI chips{', counting the same makers,' if r['makers'] == 'same' else ''}"
    if 1 - CLEAR < p < CLEAR:
        return f"Whether {what} fell is unclear: it was {before} in {span(r['before'])} and {after} in {span(r['after'])}; the chance is {chance(p)}."
    moved, sure = ("fell", p) if p >= CLEAR else ("did not fall: it went", 1 - p)
    return (
        f"{what} {moved} from {before} in {span(r['before'])} to {after} in {span(r['after'])} (chance {chance(sure)})."
    )


def _figure(found: "Supply", stamp: dict[str, Any]) -> "Figure":
    import numpy as np
    import polars as pl

    from leadtime.figures.fork import difference
    from leadtime.supply.counts import end

    low, median, high = np.nanquantile(100 * found.share_of_china("flow"), [0.05, 0.5, 0.95], axis=0)
    quarters = found.history.quarters
    bands = pl.DataFrame(
        {"quarter": quarters, "when": [end(q) for q in quarters], "low": low, "median": median, "high": high}
    )
    return figure(
        name="supply-share",
        title="China's share of arriving AI chips, by quarter",
        chart=difference(bands, "percent of arriving H100-equivalents (dense 8-bit)"),
        rows=bands.drop("when"),
        n=f"{len(quarters)} quarters",
        method="All makers and channels, owned in China; what is rented abroad is not among them. Band: 90 % interval.",
        stamp=stamp,
    )
