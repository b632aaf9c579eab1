"""The evidence, table by table and row by row."""

from typing import Any
from urllib.parse import urlencode

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.site import Page, View

ROWS = 100


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
    except LeadtimeError as error:
        return {**known, "wrong": error}
    rows = found.rows.rows
    return {
        **known,
        "headline": found.sentence,
        "found": rows[(page - 1) * ROWS : page * ROWS],
        "columns": list(study.evidence[str(found.asked["table"])].columns),
        "n": len(rows),
        "pages_": -(-len(rows) // ROWS),
        "download": (
            f"/data/{found.asked['table']}.csv"
            f"?{urlencode({**{k: v for k, v in given.items() if k != 'table'}, **view.kept})}"
        ),
    }


PAGE = Page(
    path="data",
    name="Data",
    asks="What is known, from whom, since when?",
    content=content,
    template="data.html",
    fields=("table", "where", "page"),
    slow=False,
    offline=False,
)
