"""What every calibration script shares: its options, its workers, and the result it publishes.

A result is a JSON file in docs/trust/results. The bounds of its checks stand in the script, written before any run.
"""

import argparse
import datetime as dt
import json
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import altair as alt
import polars as pl
import vl_convert

import leadtime
from leadtime.evidence import Evidence

Task, Found = TypeVar("Task"), TypeVar("Found")
RESULTS = Path(__file__).resolve().parents[1] / "docs" / "trust" / "results"


def evidence_of(*, quick: bool) -> Evidence:
    """Return the built-in evidence; `quick`, with the scores of its first years alone."""
    whole = Evidence.load()
    if not quick:
        return whole
    early = whole["scores"].filter(pl.col("known_on") <= dt.date(2025, 2, 1))
    return replace(whole, tables=whole.tables | {"scores": early})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One figure against the bounds that were declared for it; a bound may be missing."""

    what: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def held(self) -> bool:
        """Whether the figure lies within its bounds; one that is not a number does not."""
        return self.value >= (self.low if self.low is not None else self.value) and self.value <= (
            self.high if self.high is not None else self.value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the page: rows of numbers and words, under named columns."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of a script: its settings, when it began, and on which evidence."""

    name: str
    question: str
    simulations: int
    jobs: int
    seed: int
    quick: bool
    out: Path
    evidence: Evidence
    settings: dict[str, object] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    stopped: list[str] = field(default_factory=list)

    def each(self, work: Callable[[Task], Found], tasks: list[Task], *, label: str) -> list[Found]:
        """Return what `work` makes of each task, in order, in so many processes; progress goes to stderr.

        Interrupted (Ctrl-C or the signal TERM), it returns what is done, and the result says so.
        """
        found: list[Found] = []
        pool = (
            ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("spawn")) if self.jobs > 1 else None
        )
        try:
            for one in pool.map(work, tasks) if pool else map(work, tasks):
                found.append(one)
                if len(found) == len(tasks) or len(found) % max(1, len(tasks) // 20) == 0:
                    seconds = time.monotonic() - self.began
                    print(f"  {label} {len(found)} of {len(tasks)}, {seconds:.0f} s", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            self.stopped.append(f"Stopped before the end: {len(found)} of {len(tasks)} ({label}).")
        finally:
            if pool:
                pool.shutdown(cancel_futures=True)
        return found

    def publish(
        self,
        *,
        checks: list[Check],
        tables: list[Table],
        notes: Iterable[str] = (),
        chart: alt.TopLevelMixin | None = None,
    ) -> Path:
        """Write the result, and its chart beside it, and say the verdict."""
        held = [c.held for c in checks]
        content = {
            "name": self.name,
            "question": self.question,
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "version": leadtime.__version__,
            "evidence_hash": self.evidence.hash,
            "as_of": self.evidence.as_of.isoformat(),
            "seed": self.seed,
            "simulations": self.simulations,
            "seconds": round(time.monotonic() - self.began),
            "quick": self.quick,
            "settings": self.settings,
            "checks": [
                {"what": c.what, "value": _plain(c.value), "low": c.low, "high": c.high, "held": c.held} for c in checks
            ],
            "verdict": "held" if all(held) else f"failed: {held.count(False)} of {len(held)} checks",
            "tables": [
                {"title": t.title, "columns": list(t.columns), "rows": [[_plain(v) for v in row] for row in t.rows]}
                for t in tables
            ],
            "notes": [*(n for n in notes if n), *self.stopped],
            "chart": f"{self.name}.svg" if chart is not None else None,
        }
        self.out.mkdir(parents=True, exist_ok=True)
        if chart is not None:
            (self.out / f"{self.name}.svg").write_text(_svg(chart), encoding="utf-8")
        path = self.out / f"{self.name}.json"
        path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        print(f"{self.name}: {content['verdict']} ({content['seconds']} s)")
        for c in checks:
            print(f"  {'held  ' if c.held else 'FAILED'} {c.what}: {c.value:.3g}")
        return path


def run_of(
    name: str, question: str, *, simulations: int, quick: int, arguments: list[str] | None = None, **settings: object
) -> Run:
    """Return the run that the command line asks for.

    Args:
        name: Of the result.
        question: What is asked, one sentence.
        simulations: How many by default.
        quick: How many with `--quick`, which only shows that the script works.
        arguments: Instead of those of the process.
        settings: Whatever else the result should say.
    """
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("--simulations", type=int, help=f"default {simulations}")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: that it runs, not what it finds")
    parser.add_argument("--out", type=Path, default=None, help="folder of the result")
    a = parser.parse_args(arguments)
    if arguments is None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if a.quick and a.out is None:
        parser.error("--quick finds nothing worth publishing: give --out")
    n = a.simulations or (quick if a.quick else simulations)
    return Run(
        name=name,
        question=question,
        simulations=n,
        jobs=a.jobs,
        seed=a.seed,
        quick=a.quick,
        out=a.out or RESULTS,
        evidence=evidence_of(quick=a.quick),
        settings=dict(settings),
    )


def _plain(value: object) -> object:
    """Return a value that JSON can hold, numbers with four digits."""
    if isinstance(value, str | bool | None):
        return value
    number = float(value)  # type: ignore[arg-type]
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e9 else float(f"{number:.4g}")


def _svg(chart: alt.TopLevelMixin) -> str:
    configured = chart.configure(background="white").configure_axis(gridColor="#eee", labelFontSize=11)
    return vl_convert.vegalite_to_svg(configured.to_json()) + "\n"
