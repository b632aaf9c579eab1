"""A published lag brought to our footing, one choice after another.

From our headline (the past year's gap of China behind America, evidence of today) the choices are turned to theirs in
this order, and each step is what the middle estimate moves by:

    definition   our nearest definition (for a model: of that model), all benchmarks
    benchmarks   their set of benchmarks
    sides        whom they compare: open and closed models instead of countries
    evidence     only what was public on the day through which their evidence goes

What is left is their number less ours on their footing: other scores, other models, another index. All of it is by the
quick fit (`map`), so that no step is a change of method.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

#: Draws of each refit: medians of lags are then good to a tenth of a month.
DRAWS = 600
#: Published figures are rounded to a tenth of a month, or coarser.
ROUNDING = 0.05
_SIDES = {"open-weights": "open", "closed-weights": "closed"}
_HOME, _LEADER = "CHN", "USA"
MONTHS = ("lag_months", "catch_up_months")
GAPS = ("score_gap_pp", "score_gap_percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One choice turned from ours to theirs: its name, the value chosen, and by how many months the middle moves."""

    choice: str
    value: str
    months: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One published figure beside ours.

    Args:
        id: Row of the table `published`.
        publisher: Name of who published it.
        known_on: Day it became public.
        about: Whom it is about, in words.
        theirs: Central value, low, high, or None if not given. Months, unless `unit` says otherwise.
        unit: Unit of theirs.
        interval_kind: What their interval is.
        definition: Theirs, in words.
        nearest: Our definition, empty if there is no common footing.
        ours: Median, low, high on their footing, or None if it cannot be computed.
        steps: From our headline to ours on their footing.
        rest: Theirs less ours on their footing, months; for a range without a center, from its nearer end, 0 within.
        agrees: Whether their value or range meets our 90% interval; None without ours.
        why: Where the two differ, or why there is no common footing.
        source: Row of `sources`.
    """

    id: str
    publisher: str
    known_on: dt.date
    about: str
    theirs: tuple[float | None, float | None, float | None]
    unit: str
    interval_kind: str
    definition: str
    nearest: str
    ours: tuple[float, float, float] | None
    steps: tuple[Step, ...]
    rest: float | None
    agrees: bool | None
    why: str
    source: str

    @property
    def given(self) -> str:
        """Theirs as it was given: a value, its interval or range."""
        value, low, high = self.theirs
        ends = [f"{e:g}" for e in (low, high) if e is not None]
        spread = f"({' to '.join(ends)})" if value is not None and ends else " to ".join(ends)
        return f"{'' if value is None else f'{value:g}'} {spread}".strip()


def compare(study: "Study") -> list[Compared]:
    """Return every published lag beside ours, the newest first.

    Args:
        study: Its evidence names the published figures; fits of earlier days are made, some seconds each.
    """
    table = study.evidence["published"].filter(pl.col("quantity").is_in([*MONTHS, *GAPS]))
    quick = study.with_evidence(study.evidence, method="map", draws=DRAWS)
    names = dict(study.evidence["organizations"].select("id", "name").iter_rows())
    models = dict(study.evidence["models"].select("id", "name").iter_rows())
    days: dict[dt.date, Study] = {}
    rows = table.sort("known_on", "id", descending=[True, False]).to_dicts()
    found = []
    for i, row in enumerate(rows):
        study.progress(f"published lags ({row['id']})", i / len(rows))
        found.append(_one(row, quick, days, names, models))
    return found


def _one(
    row: dict[str, Any], today: "Study", days: "dict[dt.date, Study]", names: dict[str, str], models: dict[str, str]
) -> Compared:
    theirs = (row["value"], row["low"], row["high"])
    is_lag = row["quantity"] in MONTHS and row["nearest_definition"]
    steps: list[Step] = []
    ours, why = None, row["not_the_same"] or "Nobody has said which of our definitions comes nearest."
    if is_lag:
        try:
            steps, ours = _steps(row, today, days)
        except LeadtimeError as error:
            why = f"{why} On that footing we have no number: {error.what}."
    subject, against = row["subject"], row["reference_group"] or ""
    about = f"{_words(subject, models)} behind {_words(against, models)}" if against else _words(subject, models)
    rest = None if ours is None else _rest(theirs, ours[0])
    return Compared(
        id=row["id"],
        publisher=names.get(row["published_by"], row["published_by"]),
        known_on=row["known_on"],
        about=about,
        theirs=theirs,
        unit=row["unit"] or "",
        interval_kind=row["interval_kind"] or "",
        definition=row["definition"] or "",
        nearest=row["nearest_definition"] or "",
        ours=ours,
        steps=tuple(steps),
        rest=rest,
        agrees=None if ours is None else _meets(theirs, ours),
        why=why,
        source=row["source"],
    )


def _words(name: str, models: dict[str, str]) -> str:
    said = {
        "CHN": "China",
        "USA": "the United States",
        "open-weights": "open models",
        "closed-weights": "closed models",
    }
    return said.get(name) or models.get(name, name)


def _steps(
    row: dict[str, Any], today: "Study", days: "dict[dt.date, Study]"
) -> tuple[list[Step], tuple[float, float, float]]:
    subject, against = (_SIDES.get(row[k] or "", row[k] or "") for k in ("subject", "reference_group"))
    is_group = subject in {"open", "closed"} or subject == _HOME
    model = "" if is_group else subject
    definition, benchmarks, clock = (row[f"nearest_{k}"] for k in ("definition", "benchmarks", "clock"))
    benchmarks, clock = benchmarks or "all", clock or "released"
    through = row["data_through"] or row["known_on"]
    if through not in days:
        evidence = today.evidence.known_by(through)
        days[through] = today.with_evidence(evidence)
    theirs, countries = (subject, against or _LEADER), (_HOME, _LEADER)
    chain: list[tuple[str, str, Study, tuple[str, ...]]] = [  # what is turned, to what; and the lag then asked for
        ("headline", "past year", today, ("past_year", "", *countries, "all", "released")),
        ("definition", definition, today, (definition, model, *countries, "all", clock)),
        ("benchmarks", benchmarks, today, (definition, model, *countries, benchmarks, clock)),
        ("sides", f"{subject} behind {against}", today, (definition, model, *theirs, benchmarks, clock)),
        ("evidence", f"through {through}", days[through], (definition, model, *theirs, benchmarks, clock)),
    ]
    values = [_lag(study, asked) for *_, study, asked in chain]
    middles = [_median(v) for v in values]
    steps = [
        Step(choice=choice, value=value, months=now - before)
        for (choice, value, *_), before, now in zip(chain[1:], middles, middles[1:], strict=False)
    ]
    last = values[-1]
    low, high = (float(v) for v in np.quantile(last[np.isfinite(last)], [0.05, 0.95]))
    return steps, (_median(last), low, high)


def _lag(study: "Study", asked: tuple[str, ...]) -> Any:
    """Return draws of a lag in months, shape (draw,): of a definition, a model, of and behind whom, tests,
    and clock.
    """
    definition, model, of, behind, benchmarks, clock = asked
    if definition == "past_year":
        draws = study.lag_year(of, behind, clock=clock, benchmarks=benchmarks).draws
    else:
        draws = study.lag(model or None, of, behind, definition, clock, benchmarks=benchmarks).draws
    if not np.isfinite(draws).any():
        raise LeadtimeError("one side had too few models on that day")
    return draws


def _median(draws: Any) -> float:
    return float(np.median(draws[np.isfinite(draws)]))


def _rest(theirs: tuple[float | None, ...], ours: float) -> float:
    value, low, high = theirs
    if value is not None:
        return value - ours
    ends = [e for e in (low, high) if e is not None]
    if not ends or min(ends) <= ours <= max(ends):
        return 0.0
    return min(ends, key=lambda e: abs(e - ours)) - ours


def _meets(theirs: tuple[float | None, ...], ours: tuple[float, float, float]) -> bool:
    """Return whether what they give (their interval, else their value) meets our 90% interval."""
    given = [e for e in theirs if e is not None]
    return bool(given) and min(given) <= ours[2] + ROUNDING and max(given) >= ours[1] - ROUNDING
