"""Epoch AI's own results for every model it can cost, met by ours given its inputs: to a third of a percent, or by a
stated figure of the chip.
"""

import datetime as dt
import os
from pathlib import Path

import polars as pl
import pytest

from leadtime.cost.bill import Bill
from leadtime.cost.run import Run
from leadtime.evidence import Evidence

SHARED = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).parents[2] / "shared")) / "reference" / "cost"
#: Its names of chips that are no names of ours, or of another variant by ours.
CHIPS = {"nvidia a100": "a100-sxm-40gb", "nvidia v100": "v100-pcie-16gb"}
#: Where one figure of a chip differs: ours over its, of chips, servers and network, and of energy; and why.
DIFFERENT = {
    "nvidia a100": (1.067, 1.0, "a card of no named variant, released 74 days before the A100 40 GB by its table"),
    "nvidia p100": (1.069, 1.0, "released 75 days earlier by its table"),
    "nvidia tesla v100 dgxs 16 gb": (0.782, 1.2, "released nine months later by its table; 300 W against 250 W"),
    "nvidia tesla v100 dgxs 32 gb": (1.0, 1.2, "300 W of the module against 250 W"),
    "nvidia v100": (1.0, 0.8333, "250 W of the card against 300 W"),
    "google tpu v3": (1.0, 2.0455, "450 W of the board against 220 W"),
    "nvidia a100 pcie": (0.898, 1.0, "its own release and price against those of the SXM module"),
    "nvidia tesla v100s pcie 32 gb": (0.73, 1.0, "no price of its own: by its peak against that of the V100"),
}
#: Starts of training that the method sets by hand.
STARTS = {
    "GPT-3.5": dt.date(2022, 3, 14),
    "GPT-4": dt.date(2022, 8, 15) - dt.timedelta(hours=2280),
    "Gemini 1.0 Ultra": dt.date(2023, 5, 10),
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published results are not here (set LEADTIME_SHARED)")
def test_its_costs_of_every_model_are_met_or_the_difference_is_one_figure_of_the_chip():
    evidence = Evidence.load(as_of=dt.date(2026, 11, 23))
    rows = pl.read_csv(SHARED / "epoch_costs_allmodels_oneatatime.csv", infer_schema_length=None)
    names = {
        n.strip().lower(): c["id"]
        for c in evidence["chips"].iter_rows(named=True)
        for n in (c["name"], *(c["aliases"] or "").split("|"))
    }
    n, exact = 0, 0
    for r in rows.filter(pl.col("capex").is_not_null()).iter_rows(named=True):
        hardware = r["hardware"].lower()
        chip = CHIPS.get(hardware) or names.get(hardware)
        if chip is None or chip == "gtx-titan":
            continue  # five models on cards that are no chips of ours, and one without a price
        day, hours = dt.date.fromisoformat(r["Publication date"][:10]), r["hours"]
        by_rule = day - dt.timedelta(hours=hours or 33.06 * 24) - dt.timedelta(days=60)
        start = dt.date(2019, 10, 1) if r["Model"].startswith("GPT-3 ") else STARTS.get(r["Model"], by_rule)
        run = Run(
            id="r",
            organization=(r["Organization"] or "").lower(),
            published_on=day,
            started_on=start,
            chip=chip,
            chip_hours=r["chip_hours"],
        )
        part = {c.name: float(c.draws_usd[0]) for c in Bill(run, evidence, draws=0).cost("amortized").components}
        theirs = [
            r[f"{c} cost"] or 0.0
            for c in ("AI accelerator chip", "Other server components", "Cluster-level interconnect")
        ]
        capital, energy, _ = DIFFERENT.get(hardware, (1.0, 1.0, ""))
        assert part["chips"] + part["servers"] + part["network"] == pytest.approx(capital * sum(theirs), rel=3e-3), r[
            "Model"
        ]
        if day.year >= 2015:  # its prices of electricity begin then
            assert part["energy"] == pytest.approx(energy * r["Energy cost"], rel=3e-3), r["Model"]
        n += 1
        exact += hardware not in DIFFERENT
    assert n == 400
    assert exact >= 160
