"""What training cost, and what "cost" means."""

from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.report.controls import controls
from leadtime.report.results_of import chapters
from leadtime.report.site import Page, View

FIELDS = ("model", "chip", "gpu_hours", "flop", "mfu", "chips", "days", "tokens")


def content(view: View) -> dict[str, Any]:
    """Return what a known run cost, or one of the reader's own figures, and what a configuration comes to."""
    study, asked = view.study, dict(view.asked)
    control = {**controls("cost", study.evidence, asked), "config": controls("cost network", None, asked)["config"]}
    network, found, wrong = None, None, None
    given = {k: v for k, v in asked.items() if k != "config"} | {"seed": study.seed, "draws": study.draws}
    try:
        if "config" in asked:
            network = find("cost network").ask(None, {"config": asked["config"]})
            given["active_parameters"] = next(
                r["value"] for r in network.rows.rows if r["count"] == "active_without_input_embedding"
            )
        if network is None or (asked.get("tokens") and asked.get("chip")):
            found = find("cost").ask(study.evidence, given if asked else given | {"model": "deepseek-v3"})
    except LeadtimeError as error:
        wrong = error
    return {
        "headline": found.sentence if found else "What did training cost?",
        "control": control,
        "network": network,
        "found": found,
        "wrong": wrong,
        "chapters": chapters(study, "cost", "curve"),
        "stamp": dict(study.stamp),
    }


PAGE = Page(
    path="cost",
    name="Cost",
    asks="What did training cost, and what does “cost” mean?",
    content=content,
    template="cost.html",
    fields=(*FIELDS, "config"),
)
