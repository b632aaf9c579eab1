"""Are forecasts of rule changes, from how often such changes came before, better than a coin?

    python calibration/events.py

On the first of every month since April 2023, each class of rule changes (`rules.hazard`) has the probability that one
comes within half a year, by the acts that were known on that day; the outcome is what the log of today has. Scored by
Brier.
"""

import datetime as dt
from collections import defaultdict

import numpy as np
from record import Check, Table, run_of

from leadtime.errors import LeadtimeError
from leadtime.rules import Rulebook, hazard

QUESTION = "Are probabilities of rule changes within half a year, from past rates, better than a coin?"
#: Declared before any run: the Brier score is below that of a coin, over all months and since May 2024, with 90 %
#: intervals (blocks of six months drawn anew) that do not reach it. While one fails, no forecast of events is made.
COIN = 0.25
FIRST, SINCE = dt.date(2023, 4, 1), dt.date(2024, 5, 1)
WINDOW = dt.timedelta(days=182)
BLOCK = 6
Row = tuple[dt.date, str, float, bool]


def rows(log: object, today: dt.date, first: dt.date) -> list[Row]:
    """Return for each month and class the day, the class, the probability and whether one came."""
    found = []
    for i in range(first.year * 12 + first.month - 1, today.year * 12 + today.month):
        day = dt.date(i // 12, i % 12 + 1, 1)
        if day + WINDOW > today:
            break
        for name in hazard.CLASSES:
            try:
                rate = hazard.rate(log, name, day)
            except LeadtimeError:
                continue
            came = any(day <= e < day + WINDOW for e in hazard.rate(log, name, today).episodes)
            found.append((day, name, rate.chance(WINDOW.days), came))
    return found


def brier(some: list[Row], resamples: int) -> tuple[float, float, float]:
    """Return the mean Brier score and its 90 % interval when blocks of neighboring months are drawn anew."""
    by = defaultdict(list)
    for day, _, p, came in some:
        by[day].append((p - came) ** 2)
    sums = np.array([(sum(v), len(v)) for _, v in sorted(by.items())])
    starts = np.random.default_rng(1).integers(len(sums), size=(resamples, -(-len(sums) // BLOCK)))
    drawn = ((starts[:, :, None] + np.arange(BLOCK)) % len(sums)).reshape(resamples, -1)[:, : len(sums)]
    total = sums[drawn].sum(axis=1)
    low, high = np.quantile(total[:, 0] / total[:, 1], [0.05, 0.95])
    return float(sums[:, 0].sum() / sums[:, 1].sum()), float(low), float(high)


def main(arguments: list[str] | None = None) -> None:
    """Run the script."""
    run = run_of("events", QUESTION, simulations=2000, quick=20, arguments=arguments, window_days=WINDOW.days)
    book = Rulebook.of(run.evidence)
    found = rows(book.log, run.evidence.as_of, FIRST)
    late = [r for r in found if r[0] >= SINCE]
    scored = {"all months": brier(found, run.simulations), f"since {SINCE:%Y-%m}": brier(late, run.simulations)}
    classes = []
    for name in hazard.CLASSES:
        mine = [r for r in found if r[1] == name]
        said, came = (np.array([float(r[i]) for r in mine]) for i in (2, 3))
        classes.append((name, len(mine), said.mean(), came.mean(), ((said - came) ** 2).mean()))
    run.publish(
        checks=[
            Check(what=f"{k}: upper end of the Brier score's interval", value=v[2], high=COIN)
            for k, v in scored.items()
        ],
        tables=[
            Table(
                title="Brier score; a coin has 0.25",
                columns=("months", "score", "5 %", "95 %"),
                rows=[(k, *v) for k, v in scored.items()],
            ),
            Table(title="By class", columns=("class", "forecasts", "said, mean", "came, share", "Brier"), rows=classes),
        ],
        notes=["Half-years of neighboring months overlap: there are some six of them that do not."],
    )


if __name__ == "__main__":
    main()
