"""Arrivals by quarter, bloc and channel, and the stocks they add up to, from counted shipments and stated assumptions.

A count is a path of quarterly medians times one factor per draw: its errors (price and mix assumptions) are shared by
its quarters, so that the interval of a sum is that of the published sum, not a narrow one. An assumption and an
estimate keep their own interval in every draw.
"""

import datetime as dt
import functools
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.cost.assumptions import Assumptions
from leadtime.days import day_words, month_words
from leadtime.evidence import Evidence
from leadtime.supply.counts import Counts, counts, end, quarter_of, quarters

__all__ = ["CHANNELS", "History", "Supply", "history", "quarter_of", "quarters"]
#: Streams of chips that are China's at home.
AT_HOME = ("legal", "diverted", "domestic", "proxy")
#: An H100 in TPP: 1,979 dense 8-bit TOPS times 8.
TPP_PER_H100E = 1979 * 8
CHANNELS = {
    "legal": "shipped to China under the rules",
    "diverted": "restricted chips that reached China all the same",
    "domestic": "designed and made in China",
    "proxy": "designed in China, dies made abroad through others",
    "rented": "in third countries, used by Chinese firms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Median arrivals by quarter since 2022, H100e, shape (quarter,), what of them is assumed, and the rows they come
    from.
    """

    quarters: tuple[str, ...]
    outside: Floats
    legal: Floats
    domestic: Floats
    diverted: Floats
    counts: Counts

    def assumed(self, stream: str) -> tuple[Floats, Floats, Floats]:
        """Return of what is assumed in a stream (`outside`, `legal`, `domestic`) the medians and the log widths below
        and above.
        """
        name = {"outside": "world"}.get(stream, stream)
        return self.counts.median(name, assumed=True), *self.counts.widths(name)

    def words(self) -> tuple[str, ...]:
        """Return what a reader must know of the counts: how far each goes, what is assumed, what is counted in part."""
        c = self.counts
        late = {d: q for d, q in c.last.items() if q < self.quarters[-1]}
        said = [
            f"Whole quarters to {_last_month(self.quarters[-1])}: each designer is counted through its own last one"
            + (f" ({listed(f'{designer(d)} to {_last_month(q)}' for d, q in sorted(late.items()))})." if late else ".")
        ]
        some = sorted(
            {
                (designer(p.designer) if p.stream != "legal" else "China's share of the A100", q[:4])
                for p in c.pieces
                if p.assumed and p.stream != "inside"
                for q, value in zip(self.quarters, p.path, strict=True)
                if value
            }
        )
        if some:
            years = {name: [y for n, y in some if n == name] for name, _ in some}
            said.append(
                f"Assumed, with intervals of their own: {listed(f'{n} {listed(y)}' for n, y in years.items())}."
            )
        if c.parts:
            parts = [f"{designer(d)} to {day_words(day)}" for _, d, day in c.parts]
            said.append(
                f"Counted beyond that and left out, for the others are not in yet: {listed(parts)}. That is no fall."
            )
        said += [f"{old} and {new} count the same chips: {new}, known last, is taken." for old, new in c.left]
        return tuple(said)


def _last_month(quarter: str) -> str:
    """Return the month that a quarter ends with: `June 2026`."""
    return month_words(end(quarter))


def designer(name: str) -> str:
    """Return a designer's name as it is written."""
    return {"amd": "AMD", "nvidia": "NVIDIA"}.get(name, name.capitalize())


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: a, b and c."""
    some = list(names)
    return " and ".join(some) if len(some) < 3 else ", ".join(some[:-1]) + " and " + some[-1]


def history(evidence: Evidence) -> History:
    """Return the medians of arrivals by quarter, up to the last quarter that is whole for every designer (see
    `counts`).

    Raises:
        LeadtimeError: Nothing was counted yet on the as-of day.
    """
    return _history(counts(evidence))


def _history(c: Counts) -> History:
    inside = c.inside(assumed=False) + c.inside(assumed=True)  # rows of the world hold what China bought: take that out
    return History(
        quarters=c.quarters,
        outside=c.median("world") - inside,
        legal=c.median("legal"),
        domestic=c.median("domestic"),
        diverted=c.median("diverted"),
        counts=c,
    )


class Supply:
    """Arrivals and stocks as joint draws.

    Args:
        evidence: The tables, as of the study's day.
        seed: Seed.
        draws: Number of draws.
        counted: Counts in another unit (see `bandwidth`), to use instead of those of the evidence.
        per_h100e_2021: How much of that unit a chip of the end of 2021 has for each H100-equivalent.
    """

    def __init__(
        self,
        evidence: Evidence,
        *,
        seed: int = 0,
        draws: int = 2000,
        counted: Counts | None = None,
        per_h100e_2021: float = 1.0,
    ) -> None:
        self.evidence, self.seed, self.draws, self.per_h100e_2021 = evidence, seed, draws, per_h100e_2021
        self.history = _history(counted or counts(evidence))
        self.stated = Assumptions(evidence["assumptions"], seed=seed, draws=draws)

    @functools.cached_property
    def flows(self) -> dict[str, Floats]:
        """Arrivals of each quarter in H100e, by stream, shape (draw, quarter), of all makers, with what is assumed."""
        return self.arrived()

    def arrived(self, makers: Collection[str] | None = None) -> dict[str, Floats]:
        """Return the arrivals of each quarter in H100e, by stream, shape (draw, quarter).

        Diverted chips were sold to third countries and counted there, so they are taken out of `rest`.

        Args:
            makers: Count only the chips of these designers. For Chinese designers, only counted or estimated chips
                enter, and nothing assumed.
        """
        c, s, at_home = self.history.counts, self.stated, makers is None
        scale = {name: s.draw(f"sim-{name}-scale")[:, None] for name in ("world", "legal", "domestic")}
        inside = scale["legal"] * c.inside(assumed=False, makers=makers) + self._of("inside", makers, assumed=True)
        outside = np.maximum(
            scale["world"] * c.median("world", assumed=False, makers=makers)
            + self._of("world", makers, assumed=True)
            - inside,
            0.0,
        )
        # counts of Chinese output disagree by more than any of them says: their own interval, and that of the sources,
        # on top
        domestic = scale["domestic"] * self._of("domestic", makers, assumed=False)
        domestic = domestic + self._of("domestic", makers, assumed=True) if at_home else domestic
        diverted = self._of("diverted", makers, assumed=False) + self._of("diverted", makers, assumed=True)
        abroad = np.array([q[:4] in ("2024", "2025") for q in self.history.quarters])
        proxy = np.clip(s.draw("sim-proxy-share"), 0, 1)[:, None] * abroad
        us = np.clip(s.draw("sim-us-share"), 0.3, 0.95)[:, None]
        left = np.maximum(outside - diverted, 0.0)
        return {
            "legal": (
                scale["legal"] * c.median("legal", assumed=False, makers=makers)
                + self._of("legal", makers, assumed=True)
            ),
            "diverted": diverted,
            "domestic": domestic * (1 - proxy),
            "proxy": domestic * proxy,
            "usa": np.minimum(outside * us, left),
            "rest": np.maximum(left - outside * us, 0.0),
        }

    def _of(self, stream: str, makers: Collection[str] | None = None, *, assumed: bool) -> Floats:
        """Return draws of the rows of a stream, each within its own interval, shape (draw, quarter).

        Rows of one designer and chip err together; where several estimate the same thing each draw takes one of them.
        """
        total = np.zeros((self.draws, len(self.history.quarters)))
        for p in self.history.counts.of(stream, assumed=assumed, makers=makers):
            whose = "legal" if stream == "inside" else stream  # the same chips: the same draw
            z = self.stated.normal("diverted" if stream == "diverted" else f"{whose} {p.designer} {p.chip}")
            value = np.exp(z * np.where(z > 0, p.up, p.down))[:, None] * p.path
            if p.among > 1:
                turn = self.stated.choice(f"which {whose} {p.designer}", p.among)
                value = value * (turn == p.turn)[:, None]
            total += value
        return total

    @functools.cached_property
    def stocks(self) -> dict[str, Floats]:
        """What is in use at the end of each quarter in H100e, by stream, shape (draw, quarter); `rented` among them."""
        s, out = self.stated, {}
        start, china = (
            self.per_h100e_2021 * s.draw("sim-stock-2021"),
            np.clip(s.draw("sim-china-share-2021"), 0.02, 0.6),
        )
        first = {"legal": start * china, "usa": start * (1 - china) * 0.8, "rest": start * (1 - china) * 0.2}
        for name, flow in self.flows.items():
            out[name] = self.stock(flow, first.get(name))
        out["rented"] = s.draw("sim-offshore-share")[:, None] * out["rest"]
        return out

    def stock(self, flow: Floats, first: Floats | None = None) -> Floats:
        """Return the stock that is left of arrivals at the end of each quarter, shape (draw, quarter).

        K(q) = K(q-1) (1 - 1/(4 life)) + F(q).

        Args:
            flow: Arrivals, shape (draw, quarter).
            first: The stock before the first of them, shape (draw,). The default is none.
        """
        left = 1 - 1 / (4 * self.stated.draw("sim-chip-life"))
        level = np.zeros(len(flow)) if first is None else first
        path = np.empty_like(flow)
        for i in range(flow.shape[1]):
            level = level * left + flow[:, i]
            path[:, i] = level
        return path

    def table(self) -> pl.DataFrame:
        """Return arrivals and stocks by quarter and stream.

        The columns are quarter, bloc, channel, measure, and h100e and tpp with their 90% intervals.
        """
        rows = []
        for measure, streams in (("flow", self.flows), ("stock", self.stocks)):
            for name, values in streams.items():
                bloc = {"usa": "USA", "rest": "ROW"}.get(name, "CHN")
                low, median, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
                for i, q in enumerate(self.history.quarters):
                    rows.append(
                        {
                            "quarter": q,
                            "bloc": bloc,
                            "channel": "all" if bloc != "CHN" else name,
                            "measure": measure,
                            "scope": "used" if name == "rented" else "owned",
                            "unit_basis": "int8",
                            "low_h100e": low[i],
                            "h100e": median[i],
                            "high_h100e": high[i],
                            "tpp": median[i] * TPP_PER_H100E,
                        }
                    )
        return pl.DataFrame(rows)

    def leases(self) -> pl.DataFrame:
        """Return what Chinese firms are reported to rent abroad, lease by lease.

        The columns are id, period_end, designer, units, h100e and source. This is a floor: only leases that became
        known by name are in it. The stream `rented` rests on a judged share instead.
        """
        rows = self.evidence["shipments"].filter(pl.col("channel") == "rented", pl.col("measure") == "stock")
        return rows.select("id", "period_end", "designer", "units", "h100e", "source").sort("period_end")

    def chips(self) -> pl.DataFrame:
        """Return counted arrivals by quarter and chip, with intervals. Estimates are left out, since they conflict.

        The columns are quarter, bloc, channel, designer, chip, units, h100e and tpp (each with _low and _high), source.
        """
        rows = self.evidence["shipments"].filter(
            pl.col("measure") == "flow", pl.col("grade") == "derived", pl.col("units").is_not_null()
        )
        ends = ("_low", "", "_high")
        return rows.select(
            pl.col("period_end").map_elements(quarter_of, return_dtype=pl.String).alias("quarter"),
            "bloc",
            "channel",
            "designer",
            "chip",
            *(f"units{e}" for e in ends),
            *(f"h100e{e}" for e in ends),
            *((pl.col(f"h100e{e}") * TPP_PER_H100E).alias(f"tpp{e}") for e in ends),
            "source",
        ).sort("quarter", "bloc", "channel", "designer", "chip", nulls_last=True)

    def share_of_china(self, measure: str = "stock", *, used: bool = False) -> Floats:
        """Return China's share of all accelerators in H100e, by quarter, shape (draw, quarter).

        Args:
            measure: `flow` or `stock`.
            used: Count what Chinese firms rent abroad as China's. Otherwise only what they own at home counts.
        """
        streams = self.flows if measure == "flow" else self.stocks
        china = np.sum([streams[c] for c in AT_HOME], axis=0)
        others = streams["usa"] + streams["rest"]
        if used:
            china, others = china + self.stocks["rented"], others - self.stocks["rented"]
        total = china + others
        return np.asarray(np.divide(china, total, out=np.full_like(total, np.nan), where=total > 0))

    def ratio(self, measure: str = "stock") -> Floats:
        """Return American over Chinese accelerators in H100e by quarter, shape (draw, quarter)."""
        streams = self.flows if measure == "flow" else self.stocks
        china = np.sum([streams[c] for c in AT_HOME], axis=0)
        return np.asarray(np.divide(streams["usa"], china, out=np.full_like(china, np.nan), where=china > 0))

    def compared(self) -> pl.DataFrame:
        """Set what others publish beside what these tables give.

        The columns are id, quantity, period_end, theirs, ours, basis and definition.
        """
        rows = []
        for e in self.evidence["supply_estimates"].sort("quantity", "period_end").iter_rows(named=True):
            values = self._like(e)
            low, median, high = (
                (None, None, None) if values is None else (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
            )
            rows.append(
                {
                    "id": e["id"],
                    "quantity": e["quantity"],
                    "period_end": e["period_end"],
                    "low": e["low"],
                    "value": e["value"],
                    "high": e["high"],
                    "unit": e["unit"],
                    "unit_basis": e["unit_basis"],
                    "scope": e["scope"],
                    "our_low": low,
                    "our_median": median,
                    "our_high": high,
                    "definition": e["definition"],
                    "source": e["source"],
                }
            )
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
            return np.asarray(s["diverted"][:, i] / sum(s[c][:, i] for c in AT_HOME))
        if e["quantity"] == "us_over_china_flow":
            year = [j for j, name in enumerate(self.history.quarters) if name[:4] == q[:4]]
            f = self.flows
            china = sum(f[c][:, year].sum(axis=1) for c in AT_HOME)
            return np.asarray(f["usa"][:, year].sum(axis=1) / china)
        return None
