"""Tables for the figures: chips on the plane of TPP and density, the lines of each regime, what was legal when."""

import datetime as dt
import math
from typing import Any

from leadtime.rules import history
from leadtime.rules.answers import answers
from leadtime.rules.log import Log
from leadtime.rules.logic import TRUE
from leadtime.rules.many import columns_of
from leadtime.rules.status import require_recorded
from leadtime.rules.transaction import chip_numbers, density, transaction

#: The first quarter shown: the letters came in its middle.
FIRST_QUARTER = dt.date(2022, 7, 1)
#: Where lines end on the plane: TPP, and TPP per mm2.
EDGES = (100_000.0, 100.0)
_LOW = (500.0, 0.5)


def quarters(until: dt.date) -> list[dt.date]:
    """Return the last days of the quarters from the third of 2022 until a day; the running one ends on that day."""
    ends, start = [], FIRST_QUARTER
    while start <= until:
        following = dt.date(start.year + (start.month == 10), 1 if start.month == 10 else start.month + 3, 1)
        ends.append(min(following - dt.timedelta(days=1), until))
        start = following
    return ends


def label(day: dt.date) -> str:
    """Return a quarter as it is called, such as 2023 Q4."""
    return f"{day.year} Q{(day.month + 2) // 3}"


def legality(log: Log, known: dt.date, to: str = "CHN") -> list[dict[str, Any]]:
    """Return, by chip not of Chinese design and quarter, whether it could be shipped from the US at the quarter's end.

    Rows: chip, name, maker, market, quarter, day, answer, eccn, review, exceptions, codified, tpp, pd. The last day of a quarter
    stands for it.
    """
    asked = []
    for chip, row in sorted(log.chips.items()):
        numbers = chip_numbers(log, chip)
        if "tpp" not in numbers or math.isinf(numbers["tpp"][1]) or row["country"] in ("CHN", "HKG"):
            continue
        area = numbers.get("die_area_mm2")
        place = (numbers["tpp"][0], density(numbers["tpp"], area)[0] if area else None)
        what = transaction(log, chip, to=to)
        for day in quarters(known):
            begun = row["released_on"] or row["announced_on"] or row["known_on"]
            if begun and begun > day:
                continue
            require_recorded(day, known)
            asked.append((chip, row, place, what, day))
    found = answers(log, columns_of([a[3] for a in asked], [a[4] for a in asked], [known] * len(asked)))
    return [
        {
            "chip": chip, "name": row["name"], "maker": row["maker"], "market": row["market"],
            "quarter": label(day), "day": day, "answer": found.answer[i], "eccn": found.eccn[i],
            "review": found.review[i], "exceptions": found.exceptions[i].replace("?", " (may)"),
            "codified": found.license_codified[i], "tpp": tpp, "pd": pd,
        }
        for i, (chip, row, (tpp, pd), _, day) in enumerate(asked)
    ]  # fmt: skip


def regimes(log: Log, known: dt.date) -> list[dict[str, Any]]:
    """Return the lines of each test on the plane, by quarter: regime, line, quarter, order, tpp, pd.

    The test of 2022 also asks for 600 GB/s between chips and the policy of 2026 for memory under 6,500 GB/s: neither
    is on the plane, and the line says so.
    """
    rows: list[dict[str, Any]] = []
    for day in quarters(known):
        for provision in log.provisions:  # a log as known on an earlier day does not hold them all
            if history.state(log, provision, day, known).codified != TRUE:
                continue
            for name, shape in _SHAPES.get(provision.id, {}).items():
                value = lambda p, day=day: history.parameter(log, p, day, known) or 0.0  # noqa: E731
                for line, points in enumerate(shape(value)):
                    rows += [
                        {"regime": name, "line": f"{provision.id} {line}", "quarter": label(day), "order": i,
                         "tpp": float(x), "pd": float(y)}
                        for i, (x, y) in enumerate(points)
                    ]  # fmt: skip
    return rows


def _upright(x: float) -> list[list[tuple[float, float]]]:
    return [[(x, _LOW[1]), (x, EDGES[1])]]


_SHAPES: dict[str, dict[str, Any]] = {
    "c-2022-3a090": {"3A090 of 2022 (with 600 GB/s between chips)": lambda v: _upright(v("tpp_2022"))},
    "c-3a090-a": {
        "3A090.a": lambda v: [
            [(v("tpp_a"), _LOW[1]), (v("tpp_a"), v("pd_a")), (v("tpp_a2"), v("pd_a")), (v("tpp_a2"), EDGES[1])]
        ]
    },
    "c-3a090-b": {
        "3A090.b (data center)": lambda v: [
            [(v("tpp_a"), v("pd_b")), (v("tpp_b"), v("pd_b")), (v("tpp_b"), v("pd_b2")), (v("tpp_a2"), v("pd_b2")),
             (v("tpp_a2"), v("pd_a"))]
        ]
    },
    "v-2026-case": {"case by case below (with memory under 6,500 GB/s)": lambda v: _upright(v("case_tpp"))},
}  # fmt: skip
