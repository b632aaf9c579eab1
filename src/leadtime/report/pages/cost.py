"""What training cost, and what "cost" means: up to four models side by side, and a run of the reader's own."""

from typing import Any

from leadtime.answers.answer import Answer
from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.figures.cost import hues
from leadtime.figures.figure import Figure
from leadtime.report import costed
from leadtime.report.controls import controls
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View

#: What the page opens on: the first of these that were known.
EXAMPLES = (("claude-3-5-sonnet-2024-06", "deepseek-v3"), ("llama-3-1-405b", "gpt-4"), ("gpt-4",))
OWN = ("chip", "gpu_hours", "flop", "mfu", "chips", "days", "tokens", "config")
TABS = (("", "Chart"), ("table", "Table"), ("about", "About"))
MOST = 4


def content(view: View) -> dict[str, Any]:
    """Return what models cost side by side by each meaning, and what a run of one's own comes to."""
    study, asked = view.study, dict(view.asked)
    models = tuple(asked.get("models", ())) or tuple(m for m in (asked.get("model"),) if m)
    found, wrong = _compared(view, models[:MOST])
    ids = list(found.asked["models"]) if found else list(models)
    names = list(dict.fromkeys(r["model"] for r in found.rows.rows)) if found else []
    named = {m["model"]: m["run"] for m in found.values["models"]} if found else {}
    control = {**controls("cost", study.evidence, asked), "config": controls("cost network", None, asked)["config"]}
    known = dict(control["model"].choices)
    answers, mine = _each(view, named), _own(view) if any(k in asked for k in OWN) else {}
    shades = _shades(view, names)
    return {
        "headline": costed.headline(found) if found else "What did training cost?",
        "deck": costed.deck(found) if found else "",
        "found": found,
        "wrong": wrong,
        "tab": str(asked.get("tab", "")),
        "scales": [
            (words, view.link("cost", models=ids, scale=s), (asked.get("scale") == "linear") == (s == "linear"))
            for s, words in (("", "Each step multiplies"), ("linear", "Each step adds"))
        ],
        "tabs": [(words, view.link("cost", models=ids, tab=t), asked.get("tab", "") == t) for t, words in TABS],
        "picked": [
            {
                "id": i,
                "name": known.get(i, n),
                "hue": shades.get(n, "other"),
                "without": view.link("cost", models=[x for x in ids if x != i], tab=asked.get("tab")),
                "tag": costed.rest_on(found).get(n, "Not known") if found else "",
            }
            for i, n in zip(ids, names, strict=False)
        ],
        "choices": [(i, w) for i, w in control["model"].choices if i not in ids],
        "most": MOST,
        "sure": costed.sure(found) if found else [],
        "guessed": costed.guessed(found) if found else [],
        "firms": costed.firms(answers),
        "by_meaning": costed.table(found) if found else [],
        "names": names,
        "figure_": found.drawn() if found else None,
        "goes": _goes(view, answers, found),
        "control": control,
        "mine": mine,
        "slip": mine.get("wrong"),
        "chapters": chapters(study, "cost", "curve"),
        "stamp": dict(study.stamp),
    }


def _compared(view: View, models: tuple[str, ...]) -> tuple[Answer | None, LeadtimeError | None]:
    """Return the costs of models, or of the first example that was known on the day; what is wrong
    with the question.
    """
    wrong, scale = None, {"scale": view.asked["scale"]} if view.asked.get("scale") else {}
    for tried in [models] if models else EXAMPLES:
        try:
            given = {"models": tried, "seed": view.study.seed, "draws": view.study.draws, **scale}
            return find("cost compare").ask(view.study.evidence, given), None
        except LeadtimeError as error:
            wrong = error
    return None, wrong


def _each(view: View, runs: dict[str, str]) -> dict[str, Answer]:
    """Return the answer on each model alone, with its parts and what is published of its developer."""
    made = {}
    for name, run in runs.items():
        try:
            made[name] = find("cost").ask(
                view.study.evidence, {"model": run, "seed": view.study.seed, "draws": view.study.draws}
            )
        except LeadtimeError:
            continue
    return made


def _shades(view: View, names: list[str]) -> dict[str, str]:
    evidence = view.study.evidence
    homes = dict(evidence["organizations"].select("id", "country").iter_rows())
    countries = {n: homes.get(o) for n, o in evidence["models"].select("name", "organization").iter_rows()}
    return hues({n: countries.get(n.partition(" (the run")[0]) for n in names})


def _goes(view: View, answers: dict[str, Answer], found: Answer | None) -> list[Figure]:
    """Return where the money of the model goes of which most is known, by two meanings."""
    if not answers or found is None:
        return []
    gaps = [r["model"] for r in found.part("filled").rows]
    known, made = answers[min(answers, key=gaps.count)], []
    for definition in ("amortized", "development"):
        try:
            asked = {**known.asked, "definition": definition, "show": "parts"}
            made.append(find("cost").ask(view.study.evidence, asked).drawn())
        except LeadtimeError:
            continue  # it cannot be worked out by this meaning, which the chart above says
    return made


def _own(view: View) -> dict[str, Any]:
    """Return what a run of the reader's own cost, and what its configuration comes to."""
    asked, study = view.asked, view.study
    given = {k: asked[k] for k in OWN if k in asked and k != "config"} | {"seed": study.seed, "draws": study.draws}
    network, found, wrong = None, None, None
    try:
        if "config" in asked:
            network = find("cost network").ask(None, {"config": asked["config"]})
            given["active_parameters"] = next(
                r["value"] for r in network.rows.rows if r["count"] == "active_without_input_embedding"
            )
        if network is None or (asked.get("tokens") and asked.get("chip")):
            found = find("cost").ask(study.evidence, given)
    except LeadtimeError as error:
        wrong = error
    return {"network": network, "found": found, "wrong": wrong}


PAGE = Page(
    path="cost",
    name="Cost",
    asks="What did training cost, and what does “cost” mean?",
    content=content,
    template="cost.html",
    fields=("models", "model", "tab", "scale", *OWN),
    several=("models",),
)
