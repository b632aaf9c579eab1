"""Sourced cases: read from `tests/rules/cases.csv`, asked one by one and all at once, and told right, open or wrong."""

import csv
import datetime as dt
from pathlib import Path

from leadtime.rules import log as logs
from leadtime.rules.batch import run
from leadtime.rules.status import status
from leadtime.rules.transaction import Stated, transaction

FILE = Path(__file__).parent / "rules" / "cases.csv"
KNOWN = dt.date(2026, 11, 30)
NUMBERS = (
    "tpp",
    "die_area_mm2",
    "dram_gb_s",
    "io_gb_s",
    "hbm_gb_s_mm2",
    "training_operations",
    "node_nm",
    "transistors_bn",
)
#: Verdicts that say openly that they do not know; every other one is confident.
OPEN = ("depends", "unknown")


def read():
    """Return the cases, as written."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def flags(case):
    """Return the statements of a case: `name=true;name=false`."""
    pairs = (part.split("=") for part in case["flags"].split(";") if part)
    return {name: value == "true" for name, value in pairs}


def one(case):
    """Return the status of one case."""
    log = logs.built_in()
    what = transaction(
        log,
        case["chip"] or None,
        Stated(
            to=case["to"],
            hq=case["hq"] or None,
            parent=case["parent"] or None,
            origin=case["origin"] or "us",
            item=case["item"],
            exporter=case["exporter"] or None,
            numbers={n: (float(case[n]), float(case[n])) for n in NUMBERS if case[n]},
            flags=flags(case),
        ),
    )
    on = dt.date.fromisoformat(case["on"])
    return status(log, what, on, dt.date.fromisoformat(case["as_known"]) if case["as_known"] else KNOWN)


def many(cases, folder):
    """Return the rows that the batch answers, in the order of the cases."""
    stated = sorted({name for case in cases for name in flags(case)})
    names = ["id", "item", "chip", *NUMBERS, "to", "hq", "parent", "origin", "exporter", "on", "as_known", *stated]
    path, out, rejects = folder / "cases.csv", folder / "out.csv", folder / "rejects.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        for case in cases:
            writer.writerow({**case, **{name: str(value).lower() for name, value in flags(case).items()}})
    done = run(logs.built_in(), path, out, rejects, KNOWN)
    assert done.n_refused == 0, done.first_problems
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outcome(case, verdict):
    """Return whether a verdict is right, open, or confidently wrong."""
    wanted = case["verdict"].split("|")
    return "right" if verdict in wanted else "open" if verdict in OPEN else "wrong"
