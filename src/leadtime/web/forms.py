"""What the forms of the pages come to: the answer to what was typed, or what is wrong with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl

from leadtime import answers
from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.figures.figure import Figure
from leadtime.figures.fork import arrivals
from leadtime.report import html as report
from leadtime.report.chapter_fork import lag_fans
from leadtime.scenario.levers import LEVERS, next_quarter
from leadtime.study import Study
from leadtime.web.controls import controls

ROWS = 100


def _asked(compute: Any) -> dict[str, Any]:
    """Return the answer of a form, or what is wrong with what was typed."""
    try:
        return {"found": compute(), "wrong": None}
    except LeadtimeError as error:
        return {"found": None, "wrong": error}


def lag(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """How far behind, by the definitions, sets and clock that were chosen."""
    known = {"control": controls("lag", study, state)}
    if not (state.get("model") or state.get("of")):
        return {**known, "found": None, "wrong": None}
    given = {k: v for k, v in state.items() if k in known["control"]}
    return {**known, **_asked(lambda: find("lag").ask(study, given))}


def cost(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """What a known run cost, or one of the reader's own figures; and what a configuration comes to."""
    control = {**controls("cost", study.evidence, state), "config": controls("cost network", None, state)["config"]}
    known: dict[str, Any] = {"control": control, "network": None, "found": None, "wrong": None}
    if not state:
        return known
    try:
        given = {k: v for k, v in state.items() if k != "config"} | {"seed": study.seed, "draws": study.draws}
        if "config" in state:
            known["network"] = find("cost network").ask(None, {"config": state["config"]})
            if not (state.get("tokens") and state.get("chip")):
                return known
            given["active_parameters"] = next(
                r["value"] for r in known["network"].rows.rows if r["count"] == "active_without_input_embedding"
            )
        return {**known, "found": find("cost").ask(study.evidence, given)}
    except LeadtimeError as error:
        return {**known, "wrong": error}


def supply(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """Which chips arrived: the latest quarter first, and a chart of the channels."""
    said = _asked(lambda: answers.supply(study, country=str(state["country"]))["rows"])
    if said["found"] is None:
        return {**said, "drawn": None}
    said["found"].sort(key=lambda r: (r["measure"], r["channel"]))
    said["found"].sort(key=lambda r: r["quarter"], reverse=True)
    rows = pl.DataFrame(said["found"], infer_schema_length=None).filter(pl.col("measure") == "flow").sort("quarter")
    thousands = {"low": pl.col("low_h100e") / 1e3, "median": pl.col("h100e") / 1e3, "high": pl.col("high_h100e") / 1e3}
    figure = Figure(
        name="arrived", title="Chips that arrived, by quarter and channel", method="", n=f"{rows.height} rows",
        description="Stacked bars: accelerators that arrived in each quarter, by channel, medians; the table holds the intervals.",
        chart=arrivals(rows.select("quarter", "channel", **thousands)), data=rows,
        caption=f"As of {study.as_of}; {state['country']}; flow, owned; medians, 90 % intervals on hover and in the table. Counts: Epoch AI (CC BY 4.0). "
        f"leadtime, evidence {study.evidence.hash}.",
    )  # fmt: skip
    return {**said, "drawn": report.figure_html(figure), "figures": [figure]}


def settings_of(query: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the controls of levers say, `lever.NAME` and `from.NAME`, as `NAME=VALUE@DAY`."""
    found = []
    for name in LEVERS:
        value, day = query.get(f"lever.{name}", "").strip()[:40], query.get(f"from.{name}", "").strip()[:40]
        if value:
            found.append(f"{name}={value}@{day}" if day else f"{name}={value}")
    return tuple(found)


def scenarios(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """What may follow: chosen scenarios, one of the reader's own among them, as a table and as fans."""
    set_to = {n: rest.partition("@")[::2] for n, _, rest in (x.partition("=") for x in state.get("sets", ()))}
    known = {
        "every": answers.scenarios(study),
        "profiles": answers.profiles(study),
        "levers": answers.levers(),
        "set_to": set_to,
        "start": next_quarter(study.as_of).isoformat(),
        "compared": None,
        "job": None,
    }
    if not (state.get("name") or state.get("sets")):
        return {**known, "found": None, "wrong": None}
    asked = {"names": list(state.get("name", ())), "sets": list(state.get("sets", ())), "base": state["base"]}
    found = _asked(lambda: answers.scenario_run(study, **asked, by=state["by"], profile=state.get("profile", "")))
    if found["found"] is None:
        return {**known, **found}
    figure = compared(study, found["found"])
    known["job"] = {**asked, "as_of": str(study.as_of)}
    return {**known, **found, "compared": report.figure_html(figure), "figures": [figure]}


def compared(study: Study, run: dict[str, Any]) -> Figure:
    """Return the lags of a run by quarter as a figure.

    Args:
        study: The study.
        run: What `scenario_run` or `scenario_draws` says.
    """
    rows = pl.DataFrame(run.get("quarters") or run["rows"], infer_schema_length=None)
    titles = run.get("titles") or {r["scenario"]: r["title"] for r in run["scenarios"]}
    data, chart = lag_fans(study, rows, titles)
    where = (
        "the ensemble that agrees with history"
        if "ensemble" in run
        else f"{run.get('n', study.draws):,} draws of the priors"
    )
    return Figure(
        name="compared", title="How far behind, compared", method="", n=f"{len(titles)} scenarios", chart=chart, data=data,
        description="Lag of China behind the US by quarter under the chosen scenarios, each a line with its band, and the lags measured so far.",
        caption=f"As of {study.as_of}. Conditional on each policy and on priors, no forecast of policy; {where}. Points: measured, by two readings. "
        f"leadtime, evidence {study.evidence.hash}, 90 % bands.",
    )  # fmt: skip


def evidence(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """The rows of a table."""
    known: dict[str, Any] = {
        "control": controls("evidence table", study.evidence, state),
        "columns": (),
        "n": 0,
        "pages": 0,
        "download": "",
    }
    if not state.get("table"):
        return {**known, "wrong": None, "found": None, "listed": find("evidence").ask(study.evidence, {})}
    given = {k: state.get(k) for k in known["control"]}
    said = _asked(lambda: find("evidence table").ask(study.evidence, given))
    if said["found"] is None:
        return {**known, **said, "listed": None}
    begin, rows = (int(state["page"]) - 1) * ROWS, said["found"].rows.rows
    more = {k: v for k, v in given.items() if v and k != "table"}
    return {
        **known, "listed": None, "wrong": None, "found": rows[begin : begin + ROWS], "sentence": said["found"].sentence,
        "columns": list(study.evidence[str(said["found"].asked["table"])].columns), "n": len(rows), "pages": -(-len(rows) // ROWS),
        "download": f"/evidence/{said['found'].asked['table']}.csv?{urlencode({**more, 'as_of': study.as_of})}",
    }  # fmt: skip
