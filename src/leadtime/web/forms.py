"""What the forms of the pages come to: the answer to what was typed, or what is wrong with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report import html as report
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
            counts = {r["count"]: r["value"] for r in known["network"].rows.rows}
            if "active_without_input_embedding" not in counts:  # of some networks only the size is known
                return known
            given["active_parameters"] = counts["active_without_input_embedding"]
        return {**known, "found": find("cost").ask(study.evidence, given)}
    except LeadtimeError as error:
        return {**known, "wrong": error}


def _drawn(said: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its figure, where there is one."""
    if said["found"] is None:
        return {**said, "drawn": None}
    figure = said["found"].figure()
    return {**said, "drawn": report.figure_html(figure), "figures": [figure]}


def supply(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """Which chips arrived, and a chart of the channels."""
    return {"control": controls("supply", study, state), **_drawn(_asked(lambda: find("supply").ask(study, state)))}


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
    given = {"names" if k == "name" else k: v for k, v in state.items()}
    known = {
        "control": controls("scenario run", study, given),
        "levers": find("scenario levers").ask(None, {}).rows.rows,
        "set_to": set_to,
        "start": next_quarter(study.as_of).isoformat(),
        "job": {"names": given.get("names", ()), "sets": given.get("sets", ()), "base": state["base"]},
    }
    if not (state.get("name") or state.get("sets")):
        return {**known, "found": None, "wrong": None}
    return {**known, **_drawn(_asked(lambda: find("scenario run").ask(study, given)))}


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
