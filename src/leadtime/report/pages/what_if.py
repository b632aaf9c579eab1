"""What would follow if the rules changed."""

from collections.abc import Mapping
from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View
from leadtime.scenario.levers import LEVERS, next_quarter


def settings_of(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the controls of levers say, `lever.NAME` and `from.NAME`, as `NAME=VALUE@DAY`."""
    found = []
    for name in LEVERS:
        value, day = (str(asked.get(f"{part}.{name}", "")).strip()[:40] for part in ("lever", "from"))
        if value:
            found.append(f"{name}={value}@{day}" if day else f"{name}={value}")
    return tuple(found)


def content(view: View) -> dict[str, Any]:
    """Return what may follow: chosen scenarios, one of the reader's own among them."""
    study, asked = view.study, view.asked
    sets = (*asked.get("sets", ()), *settings_of(asked))
    given = {
        "names": tuple(asked.get("name", ())),
        "sets": sets,
        "base": asked.get("base") or "as-is",
        "by": asked.get("by") or "2028Q4",
        "profile": asked.get("profile"),
    }
    put = {k: v for k, v in given.items() if v not in (None, "", ())}
    found, wrong = None, None
    try:
        found = find("scenario run").ask(study, put if given["names"] or sets else put | {"names": ("as-is",)})
    except LeadtimeError as error:
        wrong = error
    return {
        "headline": found.sentence if found else "What would follow if the rules changed?",
        "control": controls("scenario run", study, given),
        "levers": find("scenario levers").ask(None, {}).rows.rows,
        "set_to": {n: rest.partition("@")[::2] for n, _, rest in (x.partition("=") for x in sets)},
        "start": next_quarter(study.as_of).isoformat(),
        "asked": given,
        "found": found,
        "figure_": found.drawn() if found else None,
        "wrong": wrong,
        "chapters": chapters(study, "fork"),
        "stamp": dict(study.stamp),
    }


PAGE = Page(
    path="what-if",
    name="What if?",
    asks="What would follow if the rules changed?",
    content=content,
    template="what-if.html",
    fields=(
        "name",
        "sets",
        "base",
        "by",
        "profile",
        *(f"{part}.{name}" for name in LEVERS for part in ("lever", "from")),
    ),
    several=("name", "sets"),
)
