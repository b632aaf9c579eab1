"""Forecasts of the lag from the first day of every month since May 2024, scored; computed once and shipped with their
key.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadtime.backtest import score
from leadtime.backtest.history import lag_history, lag_past, measured
from leadtime.backtest.project import SIMPLE, baselines
from leadtime.backtest.scored import OURS
from leadtime.errors import LeadtimeError
from leadtime.lag import release
from leadtime.study.lags import FORECAST, last_day

if TYPE_CHECKING:
    from leadtime.study import Study

Floats = NDArray[np.float64]
SHIPPED = Path(__file__).parent / "data" / "monthly.json"
#: Raised whenever the equations of a forecaster or of a score change.
VERSION = 1
FIRST = dt.date(2024, 5, 1)
MOST_QUARTERS = 6
DRAWS, PATHS = 500, 2000
_RESTS_ON = ("scores", "models", "benchmarks", "organizations")
#: Origins that are drawn together when scores are compared: errors of neighboring months are those of one episode.
BLOCK = 6
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One forecast of one forecaster, months.

    Args:
        origin: The day whose evidence it rests on.
        definition: Of the lag.
        ends: Last day of the quarter that is forecast.
        ahead: How many quarter ends lie ahead, this one included.
        forecaster: Whose.
        crps: Its score.
        inside_50: P(the outcome lies in the 50% interval); the outcome is uncertain. Likewise 80 and 90.
        low: 5% quantile of the forecast.
        median: Its median.
        high: 95% quantile.
        outcome: Median of what came.
    """

    origin: dt.date
    definition: str
    ends: dt.date
    ahead: int
    forecaster: str
    crps: float
    inside_50: float
    inside_80: float
    inside_90: float
    low: float
    median: float
    high: float
    outcome: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """The scored forecasts, the day as of which outcomes are measured, and the evidence they are measured on."""

    key: str
    as_of: dt.date
    evidence_hash: str
    rows: tuple[Row, ...]

    def forecasters(self) -> list[dict[str, Any]]:
        """Return by forecaster, ours first: scores, coverage, width, and how much less ours scores, with its
        interval.
        """
        names = list(dict.fromkeys(r.forecaster for r in self.rows))
        ours = [r for r in self.rows if r.forecaster == OURS]
        return [_line(ours, [r for r in self.rows if r.forecaster == n]) for n in names]

    def best(self, origins_of: int | None = None) -> str:
        """Return the simple forecaster with the least mean score, perhaps among the origins of one year."""
        scores = {n: self.crps(n, origins_of) for n in SIMPLE}
        return min(scores, key=lambda n: scores[n])

    def crps(self, forecaster: str, origins_of: int | None = None) -> float:
        """Return the mean score of a forecaster, months, perhaps among the origins of one year."""
        some = [r.crps for r in self.rows if r.forecaster == forecaster and origins_of in (None, r.origin.year)]
        return float(np.mean(some)) if some else float("inf")

    def years(self) -> list[dict[str, Any]]:
        """Return by year of origin the mean score of each forecaster."""
        found = []
        for year in sorted({r.origin.year for r in self.rows}):
            some = [r for r in self.rows if r.origin.year == year]
            for name in dict.fromkeys(r.forecaster for r in some):
                mine = [r.crps for r in some if r.forecaster == name]
                found.append({"year": year, "forecaster": name, "n": len(mine), "crps_months": float(np.mean(mine))})
        return found

    def summary(self, study: "Study") -> dict[str, Any]:
        """Return the record for the doors, and whether it is of the evidence of a study."""
        origins = sorted({r.origin for r in self.rows})
        return {
            "as_of": str(self.as_of),
            "evidence_hash": self.evidence_hash,
            "of_this_evidence": self.key == key(study),
            "first_origin": str(origins[0]),
            "last_origin": str(origins[-1]),
            "n_origins": len(origins),
            "best_simple": self.best(),
            "forecasters": self.forecasters(),
            "years": self.years(),
        }

    def sentence(self) -> str:
        """Return the record in one line."""
        lines = {r["forecaster"]: r for r in self.forecasters()}
        best = self.best()
        ours, theirs = lines[OURS], lines[best]
        year = max(r.origin.year for r in self.rows)
        then = self.best(year)
        late, early = self.crps(OURS, year), self.crps(then, year)
        less = tuple(theirs[k] for k in ("ours_less_theirs_months", "difference_low", "difference_high"))
        settled = "" if less[1] * less[2] > 0 else "; no difference can be told"
        said = (
            f"Over {ours['n']} forecasts from {len({r.origin for r in self.rows})} earlier months our mean error was"
            f" {ours['crps_months']:.2f} months (CRPS), and that of the best simple guess ({best})"
            f" {theirs['crps_months']:.2f}. Ours less theirs is {less[0]:+.2f} ({less[1]:+.2f} to"
            f" {less[2]:+.2f}){settled}. Our 90% intervals held {ours['inside_90']:.0%} of what came. "
        )
        return said + (
            f"From {year} on, {then} had {early:.2f} and we {late:.2f}, over months too few for an interval."
            if early < late
            else f"From {year} on: {late:.2f} against {early:.2f} ({then})."
        )


def key(study: "Study") -> str:
    """Return what the record depends on: the tables that abilities are fitted to, and the priors of the process."""
    from leadtime.capability.cache import key as content_key

    r = release
    priors = (r.MEAN_LOG, r.NOISE_LOG, r.PERSISTENCE, r.SCATTER, r.RATE_PRIOR, r.RATE_MONTHS, r.PARTICLES)
    tables = [sorted(map(repr, study.evidence[name].rows())) for name in _RESTS_ON]
    return content_key("monthly record", VERSION, DRAWS, PATHS, tables, priors)


def record(study: "Study", *, anew: bool = False) -> Monthly | None:
    """Return the record of a study's evidence: shipped, or computed before, or with `anew` computed now (two minutes).

    Where there is none, the shipped one is returned, whose evidence differs (`summary` says so); None on a day before
    it.
    """
    found = _shipped()
    if found is not None and found.key == key(study):
        return found
    from leadtime.capability import cache

    if anew:
        return _thawed(cache.remembered(("monthly", key(study)), lambda: _frozen(compute(study))))
    kept = cache.load(cache.key("monthly", key(study)))
    if kept is not None:
        return _thawed(kept)
    return found if found is not None and found.as_of <= study.as_of else None


def compute(study: "Study") -> Monthly:
    """Return the record: a study of each month's evidence by `map`, its forecasts, and outcomes by today's evidence by
    `map`.

    Raises:
        LeadtimeError: No quarter can be scored by the study's day.
    """
    from leadtime.study import Study

    now = Study(study.as_of, study.folder, seed=0, draws=DRAWS, method="map")
    closed = [e for e in _quarters(FIRST, MOST_QUARTERS * 8) if e <= now.evidence_through]
    rows: list[Row] = []
    origins = [d for d in _months(FIRST) if closed and d < closed[-1]]
    truth = {(name, e): _finite(measured(now, name, e))[:: DRAWS // 100] for name in FORECAST for e in closed}
    for i, origin in enumerate(origins):
        study.progress(f"as known on {origin}", i / len(origins))
        past = Study(origin, study.folder, seed=0, draws=DRAWS, method="map")
        rows += _of(past, [e for e in closed if e > origin][:MOST_QUARTERS], truth)
    if not rows:
        raise LeadtimeError("no quarter can be scored by that day", fix="Choose a later --as-of.")
    return Monthly(key=key(study), as_of=now.evidence_through, evidence_hash=study.evidence.hash, rows=tuple(rows))


def _of(past: "Study", ends: list[dt.date], truth: dict[tuple[str, dt.date], Floats]) -> list[Row]:
    """Return the scored forecasts of one day, nothing if the lag could not be measured then."""
    rows = []
    try:
        ours = past.lag_ahead(ends, paths=PATHS)
        pasts = {name: lag_past(past, name) for name in FORECAST}
    except LeadtimeError:
        return []
    for name, (values, end) in pasts.items():
        for k, ends_on in enumerate(ends):
            rng = np.random.default_rng([past.seed, past.as_of.toordinal(), k, len(name)])
            said = {OURS: getattr(ours, name)[:, k]}
            said |= baselines(lag_history(values, end, ends_on), PATHS, rng)
            found = truth[name, ends_on]
            about: dict[str, Any] = {"origin": past.as_of, "definition": name, "ends": ends_on, "ahead": k + 1}
            rows += [Row(**about, forecaster=who, **_scores(draws, found)) for who, draws in said.items()]
    return rows


def _scores(draws: Floats, truth: Floats) -> dict[str, Any]:
    inside = score.inside(draws, truth)
    low, median, high = (round(float(v), 3) for v in np.quantile(draws, [0.05, 0.5, 0.95]))
    return {
        "crps": round(score.crps(draws, truth), 4),
        "inside_50": round(inside[0.5], 3),
        "inside_80": round(inside[0.8], 3),
        "inside_90": round(inside[0.9], 3),
        "low": low,
        "median": median,
        "high": high,
        "outcome": round(float(np.median(truth)), 3),
    }


def _line(ours: list[Row], theirs: list[Row]) -> dict[str, Any]:
    mine = {(r.origin, r.definition, r.ends): r.crps for r in ours}
    gain = [(r.origin, mine[r.origin, r.definition, r.ends] - r.crps) for r in theirs]
    low, high = _blocks(gain)
    return {
        "forecaster": theirs[0].forecaster,
        "n": len(theirs),
        "crps_months": _mean(theirs, "crps"),
        "crps_by_quarters_ahead": [
            _mean([r for r in theirs if r.ahead == h], "crps") for h in range(1, MOST_QUARTERS + 1)
        ],
        **{k: _mean(theirs, k) for k in ("inside_50", "inside_80", "inside_90")},
        "width_90_months": float(np.mean([r.high - r.low for r in theirs])),
        "ours_less_theirs_months": float(np.mean([g for _, g in gain])),
        "difference_low": low,
        "difference_high": high,
    }


def _mean(rows: list[Row], field: str) -> float | None:
    return float(np.mean([getattr(r, field) for r in rows])) if rows else None


def _blocks(values: list[tuple[dt.date, float]]) -> tuple[float, float]:
    """Return the 90% interval of a mean when blocks of neighboring origins are drawn again, around the circle."""
    days = sorted({d for d, _ in values})
    at = {d: i for i, d in enumerate(days)}
    total, count = np.zeros(len(days)), np.zeros(len(days))
    for d, v in values:
        total[at[d]] += v
        count[at[d]] += 1
    size = min(BLOCK, len(days))
    starts = np.random.default_rng(41).integers(len(days), size=(_RESAMPLES, -(-len(days) // size)))
    drawn = ((starts[:, :, None] + np.arange(size)) % len(days)).reshape(_RESAMPLES, -1)[:, : len(days)]
    low, high = np.quantile(total[drawn].sum(axis=1) / count[drawn].sum(axis=1), [0.05, 0.95])
    return float(low), float(high)


def _finite(draws: Floats) -> Floats:
    return draws[np.isfinite(draws)]


def _quarters(since: dt.date, most: int) -> list[dt.date]:
    first = since.year * 4 + (since.month - 1) // 3
    return [last_day(f"{i // 4}Q{i % 4 + 1}") for i in range(first, first + most)]


def _months(since: dt.date, most: int = 120) -> list[dt.date]:
    first = since.year * 12 + since.month - 1
    return [dt.date(i // 12, i % 12 + 1, 1) for i in range(first, first + most)]


def _columns(m: Monthly) -> dict[str, list[Any]]:
    return {n: [_simple(getattr(r, n)) for r in m.rows] for n in Row.__slots__}


def _simple(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _rows(columns: dict[str, Any]) -> tuple[Row, ...]:
    days = {n: [dt.date.fromisoformat(str(v)) for v in columns[n]] for n in ("origin", "ends")}
    taken: list[list[Any]] = [days.get(n, columns[n]) for n in Row.__slots__]
    return tuple(Row(**dict(zip(Row.__slots__, values, strict=True))) for values in zip(*taken, strict=True))


def _frozen(m: Monthly) -> dict[str, NDArray[Any]]:
    about = np.array([m.key, m.as_of.isoformat(), m.evidence_hash])
    return {"about": about, **{n: np.array(v) for n, v in _columns(m).items()}}


def _thawed(stored: dict[str, NDArray[Any]]) -> Monthly:
    own, as_of, evidence_hash = (str(v) for v in stored["about"])
    rows = _rows({n: stored[n].tolist() for n in Row.__slots__})
    return Monthly(key=own, as_of=dt.date.fromisoformat(as_of), evidence_hash=evidence_hash, rows=rows)


def _shipped() -> Monthly | None:
    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        as_of = dt.date.fromisoformat(content["as_of"])
        return Monthly(
            key=content["key"], as_of=as_of, evidence_hash=content["evidence_hash"], rows=_rows(content["rows"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(study: "Study", path: Path = SHIPPED) -> Path:
    """Compute the record of the built-in evidence and write it with its key; two minutes."""
    m = compute(study)
    content = {"key": m.key, "as_of": str(m.as_of), "evidence_hash": m.evidence_hash}
    columns = ",\n  ".join(f"{json.dumps(n)}: {json.dumps(v, separators=(',', ':'))}" for n, v in _columns(m).items())
    head = json.dumps(content, indent=1)[:-2]
    path.write_text(f'{head},\n "rows": {{\n  {columns}\n }}\n}}\n', encoding="utf-8")
    return path
