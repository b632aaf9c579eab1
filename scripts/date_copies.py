"""Estimate the days of scores of which only a copy is known, and write them into the built-in table of scores.

    python scripts/date_copies.py

Run after rows of scores, models or benchmarks were added or redated. Rows whose own day is known stay as they are.
"""

import csv
from pathlib import Path

from leadtime.evidence import TABLES, publication, validate

DATA = Path(__file__).parents[1] / "src" / "leadtime" / "evidence" / "data"
OURS = ("known_on", "dated_by", "known_from", "known_by")


def main() -> None:
    """Estimate and write."""
    tables = {
        t: validate.read_table(DATA / f"{t}.csv", TABLES[t]) for t in ("sources", "models", "benchmarks", "scores")
    }
    found = {row["_row"]: row for row in publication.estimated(tables).iter_rows(named=True)}
    path = DATA / "scores.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for line, row in zip(tables["scores"]["_row"], rows, strict=True):
        if line in found:
            row |= {c: str(found[line][c]) for c in OURS}
        elif row["dated_by"] == "estimated":  # too little to learn from by now
            row |= {"known_on": row["known_by"], "dated_by": "copy", "known_from": "", "known_by": ""}
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, TABLES["scores"].column_names, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    print(f"{len(found)} days estimated")


if __name__ == "__main__":
    main()
