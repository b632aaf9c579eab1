"""Files about shipments: transactions to judge, and ledgers against caps."""

import csv
import datetime as dt
import functools
import io
import math
import re
from collections.abc import Iterator

from faults.targets import Target
from faults.targets.oracle import NUMBER, file, folder, records
from leadtime.errors import LeadtimeError
from leadtime.rules import batch, ledger
from leadtime.rules.log import Log, built_in

_DAY = dt.date(2026, 11, 1)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@functools.cache
def _log() -> Log:
    return built_in()


def _batch_seeds() -> Iterator[bytes]:
    yield b"chip,to,on,quantity\nh20,CHN,2025-05-01,10\nh100-sxm,ARE,2024-01-01,5\na100,Germany,2023-01-01,1\n"
    yield (
        b"to,on,tpp,die_area_mm2,hq,datacenter,as_known\nCHN,2025-05-01,4800,814,CHN,true,2025-06-01\n"
        b"SGP,2024-01-01,1000..2000,,CHN,no,\n"
    )
    yield b'item,to,on,origin,parent,note\nweights,CHN,2025-02-01,us,,"a, b"\nhbm,CHN,2025-01-01,reexport,CHN,\n'


def _batch(data: bytes) -> None:
    path, out, rejects = file("in.csv", data), folder() / "out.csv", folder() / "rejects.csv"
    done = batch.run(_log(), path, out, rejects, _DAY)
    lines = data.split(b"\n")[1:]
    texts = [line.decode("utf-8", "replace").strip("\r") for line in lines]
    n_rows = sum(1 for text in texts if text.strip() or _CONTROL.search(text))
    assert done.n_answered + done.n_refused == n_rows, (
        f"{n_rows} rows, {done.n_answered} answered, {done.n_refused} refused"
    )
    _, answered = records(out.read_bytes())
    assert len(answered) == done.n_answered, f"{done.n_answered} answered, {len(answered)} written"
    told = list(csv.reader(io.StringIO(rejects.read_text(encoding="utf-8"), newline=""), strict=True))
    assert len(told) == done.n_refused + 1


def _ledger_seeds() -> Iterator[bytes]:
    yield (
        b"date,chip,to,quantity,hq,exporter,buyer\n2026-02-01,h200-sxm,CHN,5000,CHN,nvidia,Somebody\n"
        b"2026-03-01,h200-sxm,USA,10000,,,\n"
    )
    yield b"date,chip,to,quantity,tpp\n2025-03-01,,ARE,100,4800\n2025-04-01,h100-sxm,Saudi Arabia,5,\n"


def _ledger(data: bytes) -> None:
    path = file("ledger.csv", data)
    found, aside = ledger.read(_log(), path)
    header, rows = records(data)
    n_told = len(found) + len(aside)
    assert n_told == len(rows), f"{len(rows)} rows in the file, {n_told} read or set aside"
    said = iter(row[header.index("quantity")].replace(",", "") for row in rows)
    for shipment in found:  # in the order of the rows, those set aside left out
        assert math.isfinite(shipment.quantity)
        assert any(NUMBER.fullmatch(q) and float(q) == shipment.quantity for q in said), (
            f"{shipment.quantity} is in no row"
        )
    for check in ledger.check(_log(), path, _DAY).checks:
        assert math.isfinite(check.used) and math.isfinite(check.limit) and check.verdict in ledger._ORDER
    if aside:
        raise LeadtimeError(aside[0][1])


_WORDS = (
    "h20",
    "h100-sxm",
    "h200-sxm",
    "a100",
    "CHN",
    "USA",
    "ARE",
    "MAC",
    "chip",
    "to",
    "on",
    "tpp",
    "hq",
    "weights",
    "hbm",
    "1..2",
    "5000",
)
TARGETS = (
    Target(
        name="rules-batch", what="transactions (`leadtime rules batch`)", seeds=_batch_seeds, check=_batch, words=_WORDS
    ),
    Target(
        name="rules-ledger",
        what="shipments (`leadtime rules ledger`)",
        seeds=_ledger_seeds,
        check=_ledger,
        words=_WORDS,
    ),
)
