"""China's share of arrivals, like for like: the same makers in both periods, and what of a comparison nobody
counted.
"""

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leadtime.capability.result import Floats
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.supply.arrivals import AT_HOME, Supply, designer

#: The year before the rule of October 2023, when the A800 and H800 could be bought; and the half-year before any rule
#: on chips.
BEFORE_2023, BEFORE_ANY = "2022Q4-2023Q3", "2022Q1-Q2"
_SPAN = re.compile(r"(\d{4})(?:Q([1-4])(?:-(?:(\d{4}))?Q([1-4]))?)?")
CHANNELS = {"all": AT_HOME, "legal": ("legal",)}
SCOPES = ("owned", "used")
#: Which makers count: all, with what is assumed of them; or the same in both periods.
MAKERS = ("all", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """China's share of arrivals in two periods.

    Args:
        before: The first period, such as 2022Q4-2023Q3.
        after: The second.
        makers: Designers outside China whose chips are compared.
        at_home: Chinese designers that are counted, each where it is.
        assumed: What of it is assumed and not counted, in words; empty where all is counted or estimated.
        first: Draws of the first share, shape (draw,).
        second: Draws of the second.
    """

    before: str
    after: str
    makers: tuple[str, ...]
    at_home: tuple[str, ...]
    assumed: tuple[str, ...]
    first: Floats
    second: Floats

    @property
    def p_fell(self) -> float:
        """Probability that the share fell."""
        return float(np.mean(self.second < self.first))


def span(text: str, known: Sequence[str]) -> list[int]:
    """Return the places of the quarters of a year (2025), a quarter, or a run of them (2022Q1-Q2, 2022Q4-2023Q3).

    Raises:
        LeadtimeError: It is not a quarter or a year, or nobody has counted the arrivals of a quarter.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise LeadtimeError(
            f"{text!r} is not a quarter or a year",
            where="quarter",
            fix="Expected 2025Q4, 2025, 2022Q1-Q2 or 2022Q4-2023Q3.",
        )
    year, first, other, last = found.groups()
    begin = int(year) * 4 + int(first or 1) - 1
    end = int(other or year) * 4 + int(last or first or 4) - 1
    if end < begin:
        raise LeadtimeError(
            f"{text!r} ends before it begins",
            where="quarter",
            fix="Give the earlier quarter first, such as 2022Q4-2023Q3.",
        )
    names = [f"{i // 4}Q{i % 4 + 1}" for i in range(begin, end + 1)]
    if missing := [q for q in names if q not in known]:
        raise LeadtimeError(
            f"nobody has counted the arrivals of {missing[0]}",
            where="shipments",
            fix=f"Arrivals are counted up to {known[-1]}.",
        )
    return [known.index(q) for q in names]


def last_year(known: Sequence[str]) -> str:
    """Return the last four whole quarters, such as 2025Q3-2026Q2."""
    return f"{known[-4:][0]}-{known[-1]}"


def share(
    supply: Supply,
    at: Sequence[int],
    *,
    makers: Collection[str] | None = None,
    channels: str = "all",
    scope: str = "owned",
) -> Floats:
    """Return China's share of the arrivals of some quarters together, shape (draw,).

    Args:
        supply: Arrivals.
        at: Places of the quarters.
        makers: Only these designers (see `Supply.arrived`); None for all, with what is assumed.
        channels: `all`, or `legal` for what came under the rules alone.
        scope: `owned` at home, or `used`: with what Chinese firms rent abroad, a judged share of arrivals in third
            countries.
    """
    flows = supply.flows if makers is None else supply.arrived(frozenset(makers))
    sums = {k: v[:, list(at)].sum(axis=1) for k, v in flows.items()}
    china = sum((sums[c] for c in CHANNELS[channels]), np.zeros(supply.draws))
    total = sum(sums.values(), np.zeros(supply.draws))
    if scope == "used":
        china = china + np.clip(supply.stated.draw("sim-offshore-share"), 0, 1) * sums["rest"]
    return np.asarray(np.divide(china, total, out=np.full_like(total, np.nan), where=total > 0))


def compare(
    supply: Supply, before: str, after: str, *, makers: str = "same", channels: str = "all", scope: str = "owned"
) -> Share:
    """Return China's share in two periods.

    With `same`, designers outside China are those counted in every quarter of both periods, or whose world sales were
    and China's part of them is assumed. Chinese designers count where they were counted or estimated and nowhere else:
    where the first period lacks them, the fall is understated.

    Raises:
        LeadtimeError: A time is wrong or not counted, a word is unknown, or no maker was counted in both.
    """
    for given, known, what in ((makers, MAKERS, "makers"), (channels, CHANNELS, "channels"), (scope, SCOPES, "scope")):
        if given not in known:
            raise unknown_name(what, given, known)
    names, counts = supply.history.quarters, supply.history.counts
    first, second = span(before, names), span(after, names)
    foreign = counts.counted("world", first) & counts.counted("world", second)
    at_home = frozenset(
        p.designer
        for p in counts.of("domestic", assumed=None if makers == "all" else False)
        if p.path[[*first, *second]].any()
    )
    if makers == "same" and not foreign:
        raise LeadtimeError(
            f"no maker was counted in both {before} and {after}",
            where="shipments",
            fix="Name later periods. Or ask for all makers, whose uncounted sales are then assumed.",
        )
    chosen = None if makers == "all" else foreign | at_home
    if makers == "all":
        foreign = frozenset(p.designer for p in counts.of("world") if p.path[[*first, *second]].any())
    return Share(
        before=before,
        after=after,
        makers=tuple(sorted(foreign)),
        at_home=tuple(sorted(at_home)) if channels == "all" else (),
        assumed=_assumed(supply, [*first, *second], chosen, channels, scope),
        first=share(supply, first, makers=chosen, channels=channels, scope=scope),
        second=share(supply, second, makers=chosen, channels=channels, scope=scope),
    )


def _assumed(
    supply: Supply, at: list[int], makers: Collection[str] | None, channels: str, scope: str
) -> tuple[str, ...]:
    """Return what of the arrivals of some quarters is assumed, maker by maker, with its years."""
    names = supply.history.quarters
    wanted = {"world", "legal"} | ({"domestic", "diverted"} if channels == "all" else set())
    wanted -= {"domestic"} if makers is not None else set()  # of a Chinese maker what was not counted is left out
    found: dict[str, set[str]] = {}
    for p in supply.history.counts.of_any(wanted, assumed=True, makers=makers):
        if years := {names[i][:4] for i in at if p.path[i]}:
            what = f"China's share of {designer(p.designer)}'s chips" if p.stream == "legal" else designer(p.designer)
            found.setdefault(what, set()).update(years)
    rented = ("the share of chips in third countries that Chinese firms rent",) if scope == "used" else ()
    return (*(f"{name} {' and '.join(sorted(years))}" for name, years in sorted(found.items())), *rented)


def table(supply: Supply) -> pl.DataFrame:
    """Return China's share before and now, each way it can be compared.

    Rows of before, after, unit_basis (`int8` or `bandwidth`), makers (`same` or `all`), channels, scope, designers,
    assumed, and before, after and change in fractions, each with _low, _median and _high, and p_fell.
    """
    from leadtime.supply.bandwidth import in_bandwidth

    names = supply.history.quarters
    units, rows = {"int8": supply, "bandwidth": in_bandwidth(supply)}, list[dict[str, Any]]()
    for before, makers, unit in itertools.product((BEFORE_2023, BEFORE_ANY), ("same", "all"), units):
        for channels, scope in (("all", "owned"), ("legal", "owned"), ("all", "used")):
            s = compare(units[unit], before, last_year(names), makers=makers, channels=channels, scope=scope)
            rows.append(
                {
                    "before": s.before,
                    "after": s.after,
                    "unit_basis": unit,
                    "makers": makers,
                    "channels": channels,
                    "scope": scope,
                    "designers": ", ".join((*s.makers, *s.at_home)),
                    "assumed": "; ".join(s.assumed),
                    **_band(s.first, "share_before"),
                    **_band(s.second, "share_after"),
                    **_band(s.second - s.first, "change"),
                    "p_fell": s.p_fell,
                }
            )
    return pl.DataFrame(rows)


def _band(draws: Floats, name: str) -> dict[str, float]:
    low, median, high = (float(v) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return {f"{name}_low": low, f"{name}_median": median, f"{name}_high": high}
