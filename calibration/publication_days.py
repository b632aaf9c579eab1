"""How often is an estimated day of publication early? The rule, tried on scores whose day is known.

    python calibration/publication_days.py

Each score by others whose own day is known is treated as if only a copy of it were known: public by the next day of
copies and not by the one before. Days of copies are those on which many scores were really copied, and then one in 180,
90 and 30 days, begun on days 30 apart: much depends on what was published shortly before a copy. The rule learns from
the scores on the same benchmark and, in a second trial, from those on all others alone, as it must where none of a
benchmark's days is known. In the first trial the score itself is one of at least twenty.
"""

import datetime as dt

import numpy as np
import polars as pl
from record import Check, Run, Table, run_of

from leadtime.evidence import publication

QUESTION = "How often would a score have been used before it was public, by its estimated day?"
#: The rule aims at 5 %. Bounds were set after a first look at these scores, not before it.
MOST_EARLY = 0.10
PHASE_DAYS = 30
#: A day counts as one of copies when so many scores are known by a copy of it.
COPIED = 20


def calendars(run: Run) -> list[tuple[str, list[list[dt.date]]]]:
    """Return days of copies in order: those on which many scores were copied, and one in so many days, begun on several
    days.
    """
    counts = publication.bounds(run.evidence.tables)["known_by"].value_counts()
    real = sorted(counts.filter(pl.col("count") >= (1 if run.quick else COPIED))["known_by"])
    first, last = dt.date(2023, 1, 1), run.evidence.as_of
    made = [
        (
            f"every {every} days",
            [
                [first + dt.timedelta(days=n) for n in range(begin, (last - first).days, every)]
                for begin in range(0, every, PHASE_DAYS)
            ],
        )
        for every in (180, 90, 30)
    ]
    return [("as they were", [real]), *(made[-1:] if run.quick else made)]


def tried(run: Run, days: list[dt.date], *, other: bool) -> pl.DataFrame:
    """Return scores of known day with how many days the estimate is late; a negative number is early."""
    known, found = publication.delays(run.evidence.tables).drop_nulls(), []
    for benchmark, kind, released, public, took in known.iter_rows():
        until = next((d for d in days if d >= public), None)
        if until is None:
            continue
        after = max([released, *(d for d in days if d < public)])
        n = publication.late(known, benchmark, kind, (after - released).days, (until - released).days, other=other)
        if n is not None and until > after:
            found.append((n - took, (until - public).days))
    return pl.DataFrame(found, schema=["late", "late_by_copy"], orient="row")


def main(arguments: list[str] | None = None) -> None:
    """Try the rule both ways and publish the shares."""
    run = run_of("publication_days", QUESTION, simulations=1, quick=1, arguments=arguments)
    run.settings |= {"share": publication.SHARE, "least": publication.LEAST}
    checks, rows = [], []
    for copies, ways in calendars(run):
        for name, other in (("the same benchmark", False), ("other benchmarks", True)):
            trials = [tried(run, days, other=other) for days in ways]
            shares = [float((t["late"] < 0).mean() or 0.0) for t in trials if t.height]  # type: ignore[arg-type]
            t = pl.concat(trials)
            early = t.filter(pl.col("late") < 0)["late"]
            share = len(early) / t.height if t.height else float("nan")
            checks.append(
                Check(what=f"copies {copies}, learned from {name}: share early", value=share, high=MOST_EARLY)
            )
            by = -float(np.median(early)) if len(early) else None
            late, copy = (float(np.median(t[c])) if t.height else None for c in ("late", "late_by_copy"))
            rows.append((copies, name, t.height, 100 * share, 100 * max(shares) if shares else None, by, late, copy))
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="Estimated against known days",
                columns=(
                    "copies",
                    "learned from",
                    "trials",
                    "early, %",
                    "early at worst, %",
                    "by days, median of these",
                    "late, days, median",
                    "late by the copy, days, median",
                ),
                rows=rows,
            )
        ],
    )


if __name__ == "__main__":
    main()
