"""What was legal when: each chip at the end of each quarter."""

import datetime as dt
import math
from typing import Any

from leadtime.rules.answers import answers
from leadtime.rules.log import Log
from leadtime.rules.many import columns_of
from leadtime.rules.status import require_recorded
from leadtime.rules.transaction import Stated, chip_numbers, density, transaction

#: The first quarter shown: the letters came in its middle.
FIRST_QUARTER = dt.date(2022, 7, 1)


def quarters(until: dt.date) -> list[dt.date]:
    """Return the last days of the quarters from the third of 2022 until a day; the running one ends on that day."""
    ends, start = [], FIRST_QUARTER
    while start <= until:
        following = dt.date(start.year + (start.month == 10), 1 if start.month == 10 else start.month + 3, 1)
        ends.append(min(following - dt.timedelta(days=1), until))
        start = following
    return ends


def settled(log: Log, known: dt.date) -> dt.date:
    """Return the last day, up to one, on which anything of the log happened or became known: the state of that day
    holds on until the one that is asked, so that an answer of yesterday is that of today.
    """
    days = (v for rows in log.tables.values() for row in rows for v in row.values() if isinstance(v, dt.date))
    return max((d for d in days if min(FIRST_QUARTER, known) <= d <= known), default=known)


def label(day: dt.date) -> str:
    """Return a quarter as it is called, such as 2023 Q4."""
    return f"{day.year} Q{(day.month + 2) // 3}"


def legality(log: Log, known: dt.date, to: str = "CHN") -> list[dict[str, Any]]:
    """Return, by chip not of Chinese design and quarter, whether it could be shipped from the US at the quarter's end.

    Rows: chip, name, maker, market, quarter, day, answer, eccn, review, exceptions, codified, tpp, pd. The last day of
    a quarter stands for it.
    """
    asked = []
    for chip, row in sorted(log.chips.items()):
        numbers = chip_numbers(log, chip)
        if "tpp" not in numbers or math.isinf(numbers["tpp"][1]) or row["country"] in ("CHN", "HKG"):
            continue
        area = numbers.get("die_area_mm2")
        place = (numbers["tpp"][0], density(numbers["tpp"], area)[0] if area else None)
        what = transaction(log, chip, Stated(to=to))
        for day in quarters(known):
            begun = row["released_on"] or row["announced_on"] or row["known_on"]
            if begun and begun > day:
                continue
            require_recorded(day, known)
            asked.append((chip, row, place, what, day))
    found = answers(log, columns_of([a[3] for a in asked], [a[4] for a in asked], [known] * len(asked)))
    return [
        {
            "chip": chip,
            "name": row["name"],
            "maker": row["maker"],
            "market": row["market"],
            "quarter": label(day),
            "day": day,
            "answer": found.answer[i],
            "eccn": found.eccn[i],
            "review": found.review[i],
            "exceptions": found.exceptions[i].replace("?", " (may)"),
            "codified": found.license_codified[i],
            "tpp": tpp,
            "pd": pd,
        }
        for i, (chip, row, (tpp, pd), _, day) in enumerate(asked)
    ]
