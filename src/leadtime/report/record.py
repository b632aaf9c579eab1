"""What results.json holds: every number of a report, and what it rests on."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadtime.capability import cache
from leadtime.report import tables
from leadtime.report.results import counts, headline, model_sentence

if TYPE_CHECKING:
    from leadtime.estimate import Estimate
    from leadtime.report.results import Results

SCHEMA = "leadtime.results/2"


def of(r: "Results") -> dict[str, Any]:
    """Return the contents of results.json; keys end in their unit."""
    inside, overlapping, n = counts(r.model_grid) if r.model_grid is not None else (None, None, None)
    return {
        "schema": SCHEMA,
        "stamp": r.stamp,
        "code": cache.code(),
        "own_files": r.own_files,
        "sentences": [s for s in (r.front.answer, r.front.cause, headline(r.year), model_sentence(r)) if s],
        "front": {"measures": [asdict(m) for m in r.front.measures], "unknown": list(r.front.unknown)},
        "estimates": {
            "lag_past_year": r.year.past_year.to_json(),
            "lag_change": _json(r.year.change),
            "lag_now": _json(r.path.now if r.path else None),
            "lag_process_level": _json(r.year.level),
            "lag_chn_usa": r.group.to_json(),
            "lag_deepseek_v3": r.model.to_json() if r.model else None,
            "lag_by_model": {row["model"]: row["lag"].to_json() for row in r.organization},
        },
        "deepseek_v3_readings": {"n_in_7_10_months": inside, "n_interval_reaches_7_10_months": overlapping, "n": n},
        "grids": {
            "chn_usa": tables.plain_rows(r.group_grid, tables.RENAMES),
            "deepseek_v3": tables.plain_rows(r.model_grid, tables.RENAMES) if r.model_grid is not None else [],
        },
        "tables": {
            "abilities": tables.plain_rows(r.abilities, tables.ABILITY_RENAMES),
            "frontiers": tables.plain_rows(
                r.lines, {"points": "ability_points", "low": "ability_low_points", "high": "ability_high_points"}
            ),
            "lag_over_time": tables.plain_rows(r.over_time, tables.RENAMES),
            "lag_path": []
            if r.path is None
            else tables.plain_rows(r.path.table, {c: f"{c}_months" for c in r.path.table.columns if c != "date"}),
            "lag_choices": tables.plain_rows(r.choices),
            "lag_bounded_by": tables.plain_rows(r.bounding),
            "vendor_effect": tables.plain_rows(r.effects, tables.EFFECT_RENAMES),
            "benchmarks": tables.plain_rows(r.benchmarks),
            "published": tables.plain_rows(r.published),
        },
        "chapters": {c.name: c.json for c in r.chapters},
        "derivations": [asdict(d) for d in r.derivations],
        "diagnostics": r.diagnostics,
    }


def _json(e: "Estimate | None") -> dict[str, Any] | None:
    return None if e is None else e.to_json()


def text(results: dict[str, Any]) -> str:
    """Return `results.json`, as a report writes it."""
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
