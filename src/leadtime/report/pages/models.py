"""How far behind a model, a laboratory or a country is."""

from collections.abc import Mapping
from typing import Any

from leadtime.answers.frontier_drawn import BEGIN
from leadtime.answers.frontier_rows import picked, subjects_of
from leadtime.answers.frontier_words import MEANINGS
from leadtime.answers.registry import find
from leadtime.answers.words import chance, day, number
from leadtime.errors import LeadtimeError
from leadtime.lag import DEFINITIONS
from leadtime.report import explore
from leadtime.report.page_tables import page_tables
from leadtime.report.results_of import results
from leadtime.report.site import Page, View

#: So many rows of the table are shown at first.
_ROWS = 8
_ORDERS = {"newest": "Newest first", "gap": "Largest gap first", "name": "By name"}
_TABS = (("chart", "Chart"), ("table", "Table"), ("about", "About"))
#: Of the figures on how ability is measured, those that the report file shows; the others lie in its folder of figures.
_IN_FILE = ("lag-path", "capability-developers")
_EMPTY = (("deepseek-v3", "DeepSeek-V3"), ("deepseek-r1", "DeepSeek-R1"), ("kimi-k3", "Kimi K3"))
_CHOSEN = ("definition", "since", "until", "bands", "events")
_LAYOUT = ("tab", "order", "rows", "columns")
#: Columns of the table after its first, in their order; a phone starts without the last.
_COLUMNS = {
    "gap": "Months behind",
    "bar": "Bar",
    "range": "Range",
    "equal": "First US equal",
    "ability": "Ability",
}


def content(view: View) -> dict[str, Any]:
    """Return how far behind those are that were chosen, and what a control can change."""
    study = view.study
    names, typed, slip = explore.named(view, "model or side", 8)
    none = "none" in view.asked.get("names", ()) and not names
    slip = "" if typed == "none" else slip
    chosen, wrong = explore.values("frontiers", view, _CHOSEN)
    layout = {k: view.asked[k] for k in _LAYOUT if view.asked.get(k)}
    given = {k: v for k, v in view.asked.items() if k in chosen} | layout
    ids = ("none",) if none else names

    def link(**changed: Any) -> str:
        return view.link("models", **{"names": ids, **given, **changed})

    found = None
    if not none:
        try:
            found = find("frontiers").ask(study, {"names": names, **chosen})
        except LeadtimeError as error:
            wrong, names = wrong or error, ()
            found = find("frontiers").ask(study, {})
    subjects = [] if none else subjects_of(study, names, "USA")
    hues = {"USA": "us", "CHN": "china"}
    items = [{"id": s.id, "name": s.name, "hue": hues.get(s.id, "other") if s.kind == "side" else ""} for s in subjects]
    tab = view.asked.get("tab") if view.asked.get("tab") in dict(_TABS) else "chart"
    r, drawn = results(study) if tab == "about" or not view.live else (None, [])
    return {
        "headline": found.sentence if found else "How far behind is it?",
        "deck": found.values["deck"] if found else "",
        "found": found,
        "figure_": found.drawn() if found else None,
        "meanings": _meanings(view, names, chosen) if found else None,
        "chips_": explore.chips(items, lambda left: link(names=left)),
        "choices": picked(study) if view.live else [],
        "slip": slip,
        "typed": typed,
        "wrong": wrong,
        "hidden": [(k, v) for k, v in layout.items() if k == "tab"],
        "tab": tab,
        "tabs_": [(id_, words, link(tab="" if id_ == "chart" else id_)) for id_, words in _TABS],
        "empty": [(words, view.link("models", names=(*hues, id_))) for id_, words in _EMPTY],
        "first": BEGIN.isoformat(),
        "last": study.evidence_through.isoformat(),
        "chosen": dict.fromkeys(_CHOSEN) | chosen,
        "definitions": [(d, words) for d, words in MEANINGS.items() if d in _definitions()],
        "explained": [(d, words, DEFINITIONS[d].sentence) for d, words in MEANINGS.items() if d in DEFINITIONS],
        "range_of": _range_of,
        "day": day,
        "chance": chance,
        "rows": _rows(found, layout) if found else [],
        "most": None if layout.get("rows") == "all" or not view.live else _ROWS,
        "all_rows": link(rows="all"),
        "order": layout.get("order", "newest"),
        "orders": list(_ORDERS.items()),
        "columns_": list(_COLUMNS.items()),
        "kept": [c for c in _COLUMNS if c in layout.get("columns", ())] or list(_COLUMNS),
        "fewer": () if layout.get("columns") else ("ability",),
        "drawn": [f for f in drawn[1:] if view.live or f.name in _IN_FILE],
        "tables": page_tables(r) if r else [],
        "stamp": dict(study.stamp),
    }


def _definitions() -> list[str]:
    from leadtime.study import lag_definitions

    return [d.name for d in lag_definitions("model")]


def _meanings(view: View, names: tuple[str, ...], chosen: Mapping[str, Any]) -> Any:
    given = {"names": names, "show": "meanings", **{k: v for k, v in chosen.items() if k == "definition"}}
    return find("frontiers").ask(view.study, given).drawn()


def _range_of(r: Mapping[str, Any]) -> str:
    """Return the range of a gap in words."""
    low, high = (number(r[k]) for k in ("low", "high"))
    return "the same in every run" if low == high else f"{low} to {high} months"


def _rows(found: Any, layout: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the models of the table: those asked for first, then the others in the chosen order."""
    keys = {
        "newest": lambda r: str(r["released_on"] or "9999"),
        "gap": lambda r: r["median"] if r["median"] is not None else -1e9,
        "name": lambda r: r["title"].casefold(),
    }
    order = layout.get("order", "newest")
    rows = sorted(found.rows.rows, key=keys.get(order, keys["newest"]), reverse=order != "name")
    return sorted(rows, key=lambda r: not r["asked"])


PAGE = Page(
    path="models",
    name="Models",
    asks="How far behind is this model, lab or country?",
    content=content,
    template="models.html",
    fields=("model", "of", "names", "add", *_CHOSEN, *_LAYOUT),
    several=("names", "columns"),
)
