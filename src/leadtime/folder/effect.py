"""What the rows of a study folder do: which answers they move, and which rows can move none, with the reason."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from leadtime.errors import LeadtimeError, nearest
from leadtime.evidence import TABLES, Evidence, provenance
from leadtime.evidence.age import HEADLINE_BENCHMARKS
from leadtime.supply.counts import Counts, counts, quarter_of

#: Tables to the answers that their rows can move.
_MOVES = {
    **dict.fromkeys(("scores", "models", "benchmarks", "organizations"), ("lag", "effect")),
    **dict.fromkeys(("chip_prices", "chip_peaks", "architectures", "adoptions"), ("costs",)),
    "training_runs": ("costs", "effect"),
    **dict.fromkeys(("shipments", "supply_estimates"), ("supply", "scenarios", "effect")),
    **dict.fromkeys(
        ("rule_instruments", "rule_provisions", "rule_events", "rule_parameters", "country_groups", "countries"),
        ("rules", "scenarios"),
    ),
    "chips": ("costs", "rules", "supply", "effect"),
    "tariffs": ("rules",),
    "assumptions": ("costs", "supply", "scenarios", "effect"),
    "enforcement": ("supply",),
    "revenue": ("record",),
    "investment": ("record", "scenarios", "effect"),
    **dict.fromkeys(("talent", "military", "leaks", "industry", "access"), ("resources", "claims")),
    "resolutions": ("record",),
    "forecasts": ("record",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A row that moves nothing: where it stands, and why."""

    where: str
    why: str


def moved(evidence: Evidence, idle: list[Idle], *, claims: int, scenarios: int) -> dict[str, list[str]]:
    """Return the answers that a folder's rows can move, each with the tables and how many rows of them.

    Args:
        evidence: Built-in rows and those of the folder, of every day.
        idle: Rows that move nothing, which are not counted.
        claims: How many claims the folder has.
        scenarios: How many scenarios.
    """
    silent = {i.where for i in idle}
    n: dict[str, int] = {}
    for (table, _), place in evidence.places.items():
        n[table] = n.get(table, 0) + (place not in silent)
    found: dict[str, list[str]] = {}
    for table, count in n.items():
        for answer in _MOVES.get(table, ()) if count else ():
            found.setdefault(answer, []).append(f"{count} row{'s' * (count > 1)} of {table}")
    for answer, count in (("scenarios", scenarios), ("claims", claims)):
        if count:
            found.setdefault(answer, []).append(f"{count} of its own")
    return found


def without_address(evidence: Evidence) -> list[str]:
    """Return the sources of a folder that have neither an address nor a reason why there is none."""
    own = _own(evidence, "sources")
    bare = [] if own.is_empty() else own.filter(provenance.IS_BARE).select("_place", "id").rows()
    return [f"{place}: {name} has no address: give url, or say in no_url why there is none" for place, name in bare]


def idle(evidence: Evidence, day: dt.date) -> list[Idle]:
    """Return the rows of a folder that move no answer of a day.

    Args:
        evidence: Built-in rows and those of the folder, of every day.
        day: The day of the study.
    """
    own = {name: rows for name in TABLES if not (rows := _own(evidence, name)).is_empty()}
    found = [i for name, rows in own.items() for i in _to_come(rows, name, day)]
    looks = (_untested(own, evidence), _unasked(own, evidence), _uncounted(own, evidence, day), _unnamed(own, evidence))
    known = {i.where for i in found}
    return found + [i for look in looks for i in look if i.where not in known]


def _own(evidence: Evidence, table: str) -> pl.DataFrame:
    """Return the rows of a table that came from the folder, with their places."""
    key = list(TABLES[table].key)
    places = [(*k, place) for (name, k), place in evidence.places.items() if name == table]
    if not places:
        return evidence[table].clear()
    schema = {k: evidence[table].schema[k] for k in key} | {"_place": pl.String}
    return evidence[table].join(pl.DataFrame(places, schema=schema, orient="row"), on=key, nulls_equal=True)


def _to_come(rows: pl.DataFrame, table: str, day: dt.date) -> Iterator[Idle]:
    if "known_on" in rows.columns:
        for place, known in rows.filter(pl.col("known_on") > day).select("_place", "known_on").iter_rows():
            yield Idle(where=place, why=f"counts from {known} on; the study is of {day}")


def _untested(own: dict[str, pl.DataFrame], evidence: Evidence) -> Iterator[Idle]:
    """Models and scores that have no lag of their own: too few benchmarks."""
    n = evidence["scores"].group_by("model").agg(n=pl.col("benchmark").n_unique())
    for name, key in (("models", "id"), ("scores", "model")):
        if name in own:
            few = (
                own[name]
                .join(n, left_on=key, right_on="model", how="left")
                .filter(pl.col("n").fill_null(0) < HEADLINE_BENCHMARKS)
            )
            for place, model, count in few.select("_place", key, "n").iter_rows():
                yield Idle(
                    where=place,
                    why=f"{model} has {count or 'no'} benchmark{'s' * (count != 1)}; a lag wants {HEADLINE_BENCHMARKS}",
                )


def _unasked(own: dict[str, pl.DataFrame], evidence: Evidence) -> Iterator[Idle]:
    """Benchmarks on which no model was tested."""
    if "benchmarks" in own:
        tested = set(evidence["scores"]["benchmark"])
        for place, name in own["benchmarks"].select("_place", "id").iter_rows():
            if name not in tested:
                yield Idle(where=place, why=f"no score is on {name}")


def _uncounted(own: dict[str, pl.DataFrame], evidence: Evidence, day: dt.date) -> Iterator[Idle]:
    """Shipments that are in no count: of a kind that is none, beyond the last whole quarter, or of chips that another
    row counts.
    """
    if "shipments" not in own:
        return
    for place, why in own["shipments"].select("_place", _why_uncounted()).drop_nulls().iter_rows():
        yield Idle(where=place, why=why)
    found = _counts(evidence, day)
    last, instead = (found.quarters[-1], dict(found.left)) if found else ("9999Q4", {})
    flows = own["shipments"].filter(pl.col("measure") == "flow")
    for place, name, end in flows.select("_place", "id", "period_end").iter_rows():
        if name in instead:
            yield Idle(
                where=place, why=f"{name} counts the same chips as {instead[name]}, which is known last and is taken"
            )
        elif quarter_of(end) > last:
            yield Idle(where=place, why=f"ends after {last}, the last quarter that is counted whole")


def replaced(evidence: Evidence, day: dt.date) -> list[str]:
    """Return the counts that a folder's rows take the place of, for they count the same chips and are known last."""
    own = _own(evidence, "shipments")
    found = None if own.is_empty() else _counts(evidence, day)
    places = dict(own.select("id", "_place").iter_rows()) if found else {}
    return [
        f"{places[taken]}: is taken instead of {left}, which counts the same chips"
        for left, taken in (found.left if found else ())
        if taken in places
    ]


def _counts(evidence: Evidence, day: dt.date) -> Counts | None:
    try:
        return counts(evidence.known_by(day))
    except LeadtimeError:  # nothing was counted whole yet
        return None


def _why_uncounted() -> pl.Expr:
    eight = pl.col("unit_basis").is_in(["int8", "fp8"])
    return (
        pl.when(pl.col("h100e").is_null())
        .then(pl.lit("has no h100e, in which arrivals are counted"))
        .when(~eight)
        .then(
            pl.lit("is counted in ")
            + pl.col("unit_basis")
            + pl.lit(", which nothing converts to 8-bit H100-equivalents")
        )
        .when(pl.col("measure") == "stock")
        .then(pl.lit("is a stock; arrivals are made of flows, and set beside it"))
    )


def _unnamed(own: dict[str, pl.DataFrame], evidence: Evidence) -> Iterator[Idle]:
    """Numbers of rules that no condition names."""
    if "rule_parameters" not in own:
        return
    conditions = " ".join(evidence["rule_provisions"]["condition"].drop_nulls())
    named = set(evidence["rule_parameters"]["parameter"])
    for place, name in own["rule_parameters"].select("_place", "parameter").iter_rows():
        if name not in conditions:
            close = nearest(name, named - {name}, 2)
            yield Idle(
                where=place, why=f"no condition names {name}" + (f" (nearest: {', '.join(close)})" if close else "")
            )
