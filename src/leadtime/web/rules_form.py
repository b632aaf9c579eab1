"""The form of the page on rules: a worked example to begin with, and the answer to what was chosen."""

from typing import Any

from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.rules.destinations import country_code
from leadtime.study import Study
from leadtime.web.controls import controls

#: What the page opens on.
EXAMPLE = {"chip": "h20", "to": "CHN"}
#: What the page asks, in the order of its form.
ASKED = ("chip", "to", "on", "party", "hq", "origin", "made_with", "us_content", "tpp", "die_area_mm2", "dram_gb_s")


def rules(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """Whether a license is needed, and why; of a page without a question, for the example."""
    asked = {k: v for k, v in (state or EXAMPLE).items() if k in ASKED and v}
    known: dict[str, Any] = {"is_example": not state, "asked": asked, "control": controls("rules status", study, asked)}
    try:
        asked.update({k: country_code(study.rules.log, str(asked[k])) for k in ("to", "hq") if asked.get(k)})
        known["control"] = controls("rules status", study, asked)
        found = find("rules status").ask(study.rules, asked)
    except LeadtimeError as error:
        return {**known, "found": None, "wrong": error}
    chip = found.values["transaction"]["chip"]
    return {**known, "found": found, "wrong": None, "control": controls("rules status", study, asked | {"chip": chip})}
