"""How many AI chips China gets, and by which way."""

from typing import Any

from leadtime.answers.names import BLOCS
from leadtime.answers.questions.supply_arrivals import sentence
from leadtime.answers.registry import ask, find
from leadtime.errors import LeadtimeError
from leadtime.report import explore
from leadtime.report.site import Page, View
from leadtime.supply.counts import begin, end

_TABS = (("chart", "Chart"), ("table", "Table"), ("about", "About"))
_CHOSEN = ("measure", "since", "until", "bands", "events", "scale")
_MEASURES = (("arrived", "Arrived each quarter"), ("in-use", "In use at the end of each quarter"))
_HUES = {"CHN": "china", "USA": "us", "ROW": "other"}


def content(view: View) -> dict[str, Any]:
    """Return which chips arrived where, their share of the world's, and what of it is counted or assumed."""
    study = view.study
    names, typed, slip = explore.named(view, "bloc", len(_HUES))
    none = "none" in view.asked.get("names", ()) and not names
    slip = "" if typed == "none" else slip
    names = names or ("CHN",)
    chosen, wrong = explore.values("supply arrivals", view, _CHOSEN)
    tab = view.asked.get("tab") if view.asked.get("tab") in dict(_TABS) else "chart"
    given = {k: view.asked[k] for k in chosen}

    def link(**changed: Any) -> str:
        return view.link(
            "chips", **{"names": ("none",) if none else names, **given, "tab": "" if tab == "chart" else tab, **changed}
        )

    found = None
    if not none:
        try:
            found = find("supply arrivals").ask(study, {"countries": names, **chosen})
        except LeadtimeError as error:
            wrong = wrong or error
    quarters = study.supply.history.quarters if found else ()
    items = [] if none else [{"id": c, "name": BLOCS[c]["name"], "hue": _HUES[c]} for c in names]
    charts = bool(found) and (tab == "chart" or not view.live)
    return {
        "headline": sentence(study.supply, names) if found else "How many AI chips does China get?",
        "deck": found.values["deck"] if found else "",
        "found": found,
        "figure_": found.drawn() if found and charts else None,
        "share": ask(study, "supply share") if charts else None,
        "ratio": _ratio(view, chosen) if charts else None,
        "years": ask(study, "supply", country=names[0]) if found and tab == "table" else None,
        "chips_": explore.chips(items, lambda left: link(names=left)),
        "choices": [(c, b["name"]) for c, b in BLOCS.items() if c not in names],
        "slip": slip,
        "typed": typed,
        "wrong": wrong,
        "hidden": [("tab", tab)] if tab != "chart" else [],
        "tab": tab,
        "tabs_": [(id_, words, link(tab="" if id_ == "chart" else id_)) for id_, words in _TABS],
        "first": begin(quarters[0]).isoformat() if quarters else "",
        "last": end(quarters[-1]).isoformat() if quarters else "",
        "chosen": dict.fromkeys(_CHOSEN) | chosen,
        "measures": _MEASURES,
        "empty": [(b["name"], view.link("chips", names=(c,))) for c, b in BLOCS.items()],
        "stamp": dict(study.stamp),
    }


def _ratio(view: View, chosen: dict[str, Any]) -> Any:
    """Return how many American chips there are for each Chinese one."""
    return ask(view.study, "supply arrivals", **{**chosen, "measure": "ratio"}).drawn()


PAGE = Page(
    path="chips",
    name="Chips",
    asks="How many AI chips does China get, and how?",
    content=content,
    template="chips.html",
    fields=("names", "add", "tab", *_CHOSEN),
    several=("names",),
)
