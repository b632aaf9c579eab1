"""Arrivals by quarter, bloc and channel, and the stocks they add up to, from counted shipments and stated assumptions.

Each stream is a path of quarterly medians times one factor per draw: errors of a count (its price and mix assumptions) are
shared by its quarters, so that the interval of a sum is that of the published sum, not a narrow one.
"""

import datetime as dt
import functools
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

FIRST = 2022
#: An H100 in TPP: 1,979 dense 8-bit TOPS times 8.
TPP_PER_H100E = 1979 * 8
CHANNELS = {
    "legal": "shipped to China under the rules",
    "diverted": "restricted chips that reached China all the same",
    "domestic": "designed and made in China",
    "proxy": "designed in China, dies made abroad through others",
    "rented": "in third countries, used by Chinese firms",
}
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Median arrivals by quarter since 2022, H100e, shape (quarter,), and the quarters they are of."""

    quarters: tuple[str, ...]
    outside: Floats
    legal: Floats
    domestic: Floats
    diverted: Floats


def quarter_of(day: dt.date) -> str:
    """Return the quarter of a day, such as 2025Q4."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarters(first: int, n: int) -> tuple[str, ...]:
    """Return `n` quarters from the first of a year."""
    return tuple(f"{first + i // 4}Q{i % 4 + 1}" for i in range(n))


def history(evidence: Evidence) -> History:
    """Return the medians of counted arrivals by quarter, up to the last quarter that was counted whole.

    Raises:
        LeadtimeError: Nothing was counted yet on the as-of day.
    """
    rows = evidence["shipments"].filter(pl.col("measure") == "flow", pl.col("h100e").is_not_null())
    counted = rows.filter(pl.col("bloc").is_in(["WORLD", "XCHN"]), pl.col("channel") == "all")
    if counted.is_empty():
        raise LeadtimeError(
            f"no count of arrivals was public on {evidence.as_of}", where="shipments",
            fix="Choose a later --as-of, or add rows to evidence/shipments.csv of a study folder.",
        )  # fmt: skip
    last = counted["period_end"].max()
    assert isinstance(last, dt.date)
    n = (last.year - FIRST) * 4 + (last.month + 2) // 3
    names = quarters(FIRST, n)
    place = {q: i for i, q in enumerate(names)}

    def by_quarter(some: pl.DataFrame) -> Floats:
        path = np.zeros(n)
        for end, value in some.select("period_end", "h100e").iter_rows():
            if (i := place.get(quarter_of(end))) is not None:
                path[i] += value
        return path

    legal = by_quarter(rows.filter(pl.col("bloc") == "CHN", pl.col("channel") == "legal", pl.col("designer") != "all"))
    # rows of the world hold what China bought: take that out
    world = by_quarter(counted)
    early = by_quarter(rows.filter(pl.col("bloc") == "CHN", pl.col("chip") == "a100-sxm-80gb"))
    outside = world - early
    return History(
        quarters=names, outside=outside, legal=legal,
        domestic=_yearly(rows.filter(pl.col("channel") == "domestic"), names, np.ones(n)),
        diverted=_yearly(rows.filter(pl.col("channel") == "diverted"), names, outside),
    )  # fmt: skip


def _yearly(rows: pl.DataFrame, names: tuple[str, ...], shape: Floats) -> Floats:
    """Spread yearly estimates (their geometric mean where there are several) over quarters in a given shape."""
    path = np.zeros(len(names))
    for year in sorted({d.year for d in rows["period_end"]}):
        some = rows.filter(pl.col("period_end").dt.year() == year)["h100e"].to_numpy()
        where = np.array([q.startswith(str(year)) for q in names])
        if where.any():
            weight = np.where(where, shape * np.where(shape.sum() > 0, 1.0, 0.0), 0.0) * _ramp(names, year)
            path += np.exp(np.log(some).mean()) * weight / weight.sum()
    return path


def _ramp(names: tuple[str, ...], year: int) -> Floats:
    """Return weights that rise within a year, as output that grows does."""
    return np.array([1.0 + 0.25 * (int(q[-1]) - 1) if q.startswith(str(year)) else 0.0 for q in names])


class Supply:
    """Arrivals and stocks as joint draws.

    Args:
        evidence: The tables, as of the study's day.
        seed: Seed.
        draws: Number of draws.
    """

    def __init__(self, evidence: Evidence, *, seed: int = 0, draws: int = 2000) -> None:
        self.evidence, self.seed, self.draws = evidence, seed, draws
        self.history = history(evidence)
        self.stated = Assumptions(evidence["assumptions"], seed=seed, draws=draws)

    @functools.cached_property
    def flows(self) -> dict[str, Floats]:
        """Arrivals of each quarter in H100e, by stream, shape (draw, quarter)."""
        h, s = self.history, self.stated
        outside = s.draw("sim-world-scale")[:, None] * h.outside
        domestic = s.draw("sim-domestic-scale")[:, None] * h.domestic
        late = np.array([int(q[:4]) >= 2024 for q in h.quarters])
        proxy = np.clip(s.draw("sim-proxy-share"), 0, 1)[:, None] * late
        us = np.clip(s.draw("sim-us-share"), 0.3, 0.95)[:, None]
        return {
            "legal": s.draw("sim-legal-scale")[:, None] * h.legal,
            "diverted": self._diverted(),
            "domestic": domestic * (1 - proxy),
            "proxy": domestic * proxy,
            "usa": outside * us,
            "rest": outside * (1 - us),
        }

    def _diverted(self) -> Floats:
        """Return the estimate that was published, with its interval; nothing where there is none."""
        rows = self.evidence["shipments"].filter(
            pl.col("channel") == "diverted", pl.col("measure") == "flow", pl.col("h100e_low").is_not_null()
        )
        if rows.is_empty():
            return np.zeros((self.draws, len(self.history.quarters)))
        past = rows.filter(pl.col("period_end").dt.year().is_in([int(q[:4]) for q in self.history.quarters]))
        sd = float(np.mean(np.log(past["h100e_high"].to_numpy() / past["h100e_low"].to_numpy()))) / (2 * _Z90)
        return np.asarray(np.exp(sd * self.stated.normal("diverted"))[:, None] * self.history.diverted)

    @functools.cached_property
    def stocks(self) -> dict[str, Floats]:
        """What is in use at the end of each quarter in H100e, by stream, shape (draw, quarter); `rented` among them."""
        s, out = self.stated, {}
        life = s.draw("sim-chip-life")[:, None]
        start, china = s.draw("sim-stock-2021"), np.clip(s.draw("sim-china-share-2021"), 0.02, 0.6)
        first = {"legal": start * china, "usa": start * (1 - china) * 0.8, "rest": start * (1 - china) * 0.2}
        for name, flow in self.flows.items():
            level, path = first.get(name, np.zeros(self.draws)), []
            for i in range(flow.shape[1]):
                level = level * (1 - 1 / (4 * life[:, 0])) + flow[:, i]
                path.append(level)
            out[name] = np.stack(path, axis=1)
        out["rented"] = s.draw("sim-offshore-share")[:, None] * out["rest"]
        return out

    def table(self) -> pl.DataFrame:
        """Return arrivals and stocks by quarter and stream: quarter, bloc, channel, measure, h100e and tpp with 90 % interval."""
        rows = []
        for measure, streams in (("flow", self.flows), ("stock", self.stocks)):
            for name, values in streams.items():
                bloc = {"usa": "USA", "rest": "ROW"}.get(name, "CHN")
                low, median, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
                for i, q in enumerate(self.history.quarters):
                    rows.append({
                        "quarter": q, "bloc": bloc, "channel": "all" if bloc != "CHN" else name, "measure": measure,
                        "scope": "used" if name == "rented" else "owned", "unit_basis": "int8", "low_h100e": low[i],
                        "h100e": median[i], "high_h100e": high[i], "tpp": median[i] * TPP_PER_H100E,
                    })  # fmt: skip
        return pl.DataFrame(rows)

    def chips(self) -> pl.DataFrame:
        """Return counted arrivals by quarter and chip with their intervals; estimates, which conflict, are left out.

        Rows of quarter, bloc, channel, designer, chip, units, h100e and tpp (each with _low and _high), source.
        """
        rows = self.evidence["shipments"].filter(
            pl.col("measure") == "flow", pl.col("grade") == "derived", pl.col("units").is_not_null()
        )
        ends = ("_low", "", "_high")
        return rows.select(
            pl.col("period_end").map_elements(quarter_of, return_dtype=pl.String).alias("quarter"), "bloc", "channel", "designer", "chip",
            *(f"units{e}" for e in ends), *(f"h100e{e}" for e in ends),
            *((pl.col(f"h100e{e}") * TPP_PER_H100E).alias(f"tpp{e}") for e in ends), "source",
        ).sort("quarter", "bloc", "channel", "designer", "chip", nulls_last=True)  # fmt: skip

    def share_of_china(self, measure: str = "stock", *, used: bool = False) -> Floats:
        """Return China's share of all accelerators in H100e, by quarter, shape (draw, quarter).

        Args:
            measure: `flow` or `stock`.
            used: Count what Chinese firms rent abroad as China's; else what is theirs at home.
        """
        streams = self.flows if measure == "flow" else self.stocks
        china = np.sum([streams[c] for c in ("legal", "diverted", "domestic", "proxy")], axis=0)
        others = streams["usa"] + streams["rest"]
        if used:
            china, others = china + self.stocks["rented"], others - self.stocks["rented"]
        total = china + others
        return np.asarray(np.divide(china, total, out=np.full_like(total, np.nan), where=total > 0))

    def ratio(self, measure: str = "stock") -> Floats:
        """Return US over Chinese accelerators in H100e by quarter, chips of others left out, shape (draw, quarter)."""
        streams = self.flows if measure == "flow" else self.stocks
        china = np.sum([streams[c] for c in ("legal", "diverted", "domestic", "proxy")], axis=0)
        return np.asarray(np.divide(streams["usa"], china, out=np.full_like(china, np.nan), where=china > 0))

    def compared(self) -> pl.DataFrame:
        """Set what others publish beside what these tables give: id, quantity, period_end, theirs, ours, basis, definition."""
        rows = []
        for e in self.evidence["supply_estimates"].sort("quantity", "period_end").iter_rows(named=True):
            values = self._like(e)
            low, median, high = (
                (None, None, None) if values is None else (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
            )
            rows.append({"id": e["id"], "quantity": e["quantity"], "period_end": e["period_end"], "low": e["low"], "value": e["value"],
                         "high": e["high"], "unit": e["unit"], "unit_basis": e["unit_basis"], "scope": e["scope"],
                         "our_low": low, "our_median": median, "our_high": high, "definition": e["definition"],
                         "source": e["source"]})  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def _like(self, e: dict[str, object]) -> Floats | None:
        """Return our draws of the same quantity, where arrivals are counted up to its day and its unit allows."""
        end = e["period_end"]
        assert isinstance(end, dt.date)
        q = quarter_of(end)
        if q not in self.history.quarters or e["unit_basis"] in ("fp4", "bandwidth"):
            return None
        i = self.history.quarters.index(q)
        if e["quantity"] == "us_over_china_stock":
            return self.ratio()[:, i]
        if e["quantity"] == "china_share_stock":
            return self.share_of_china()[:, i]
        if e["quantity"] == "diverted_share_of_china":
            s = self.stocks
            return np.asarray(s["diverted"][:, i] / sum(s[c][:, i] for c in ("legal", "diverted", "domestic", "proxy")))
        if e["quantity"] == "us_over_china_flow":
            year = [j for j, name in enumerate(self.history.quarters) if name[:4] == q[:4]]
            f = self.flows
            china = sum(f[c][:, year].sum(axis=1) for c in ("legal", "diverted", "domestic", "proxy"))
            return np.asarray(f["usa"][:, year].sum(axis=1) / china)
        return None
