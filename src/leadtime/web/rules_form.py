"""The form of the page on rules: a worked example to begin with, places and chips by name, a buyer looked up on lists."""

from typing import Any

from leadtime import answers
from leadtime.errors import LeadtimeError
from leadtime.rules.destinations import country_code
from leadtime.study import Study

#: What the page opens on.
EXAMPLE = {"chip": "h20", "to": "CHN"}


def rules(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    """Whether a license is needed, and why; of a page without a question, for the example."""
    asked = state or EXAMPLE
    chips = study.evidence["chips"].sort("name").select("id", "name").rows()
    places = sorted(study.rules.log.countries.items(), key=lambda place: place[1])
    known: dict[str, Any] = {
        "chips": chips, "places": places, "is_example": not state, "called": {**dict(chips), **dict(places)},
        "asked": {k: asked.get(k, "") for k in ("chip", "to", "on", "hq", "party", "tpp", "die_area_mm2", "dram_gb_s")},
    }  # fmt: skip
    try:
        known["asked"] |= {k: country_code(study.rules.log, str(asked[k])) for k in ("to", "hq") if asked.get(k)}
        if not asked.get("to"):
            raise LeadtimeError("no destination was given", where="to", fix="Choose a country.")
        found = answers.rules_status(
            study.rules, to=str(asked["to"]), chip=asked.get("chip"), on=asked.get("on"), hq=asked.get("hq"), party=asked.get("party"),
            tpp=asked.get("tpp"), die_area_mm2=asked.get("die_area_mm2"), dram_gb_s=asked.get("dram_gb_s"),
        )  # fmt: skip
    except LeadtimeError as error:
        return {**known, "found": None, "wrong": error}
    known["asked"]["chip"] = found["transaction"]["chip"]
    return {**known, "found": found, "wrong": None}
