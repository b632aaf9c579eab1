"""The evidence, table by table and row by row."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.report.controls import controls
from leadtime.report.site import Page, View

ROWS = 100
#: A phone starts with so many columns of a table, and with who says it and since when.
_FIRST, _ALWAYS = 4, ("source", "known_on")


def chosen_columns(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the columns that a reader chose, in their order in the table; all where none is chosen.

    Args:
        asked: Names of columns.
        known: All columns of the table, in their order.

    Raises:
        LeadtimeError: A column that the table has not.
    """
    for name in asked:
        if name not in known:
            raise unknown_name("column", name, known)
    return [c for c in known if c in asked] or list(known)


def primary(columns: Sequence[str]) -> set[str]:
    """Return the columns of a table that a phone starts with."""
    return {*columns[:_FIRST], *(c for c in columns if c in _ALWAYS)}


def content(view: View) -> dict[str, Any]:
    """Return the tables, or the rows of one."""
    study, asked = view.study, view.asked
    state = {"table": asked.get("table", ""), "where": asked.get("where", "")}
    page = int(asked.get("page", "1")) if str(asked.get("page", "1")).isdigit() else 1
    known: dict[str, Any] = {
        "headline": "All evidence, row by row",
        "control": controls("evidence table", study.evidence, state),
        "state": state,
        "listed": None,
        "found": None,
        "wrong": None,
        "page_": page,
        "pages_": 0,
        "stamp": dict(study.stamp),
    }
    if not state["table"]:
        return {**known, "listed": find("evidence").ask(study.evidence, {})}
    given = {k: v for k, v in state.items() if v}
    try:
        found = find("evidence table").ask(study.evidence, given)
        every = list(study.evidence[str(found.asked["table"])].columns)
        columns = chosen_columns(asked.get("columns", ()), every)
    except LeadtimeError as error:
        return {**known, "wrong": error}
    rows, picked = found.rows.rows, columns if asked.get("columns") else ()
    return {
        **known,
        "headline": found.sentence,
        "found": rows[(page - 1) * ROWS : page * ROWS],
        "columns": columns,
        "every": [(c, c.replace("_", " ")) for c in every],
        "picked": picked,
        "secondary": () if picked else [c for c in columns if c not in primary(columns)],
        "n": len(rows),
        "pages_": -(-len(rows) // ROWS),
        "download": f"/data/{found.asked['table']}.csv{_query(given, picked, view)}",
    }


def _query(given: dict[str, Any], picked: Sequence[str], view: View) -> str:
    kept = {**{k: v for k, v in given.items() if k != "table"}, **({"columns": picked} if picked else {}), **view.kept}
    return f"?{urlencode(kept, doseq=True)}" if kept else ""


PAGE = Page(
    path="data",
    name="Data",
    asks="What is known, from whom, since when?",
    content=content,
    template="data.html",
    fields=("table", "where", "page", "columns"),
    several=("columns",),
    slow=False,
    offline=False,
)
