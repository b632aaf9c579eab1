"""What a reading rests on: measured, estimated from few sources, alleged, or simulated; told from the quantity and the
rows behind it.

- *simulated*: a variable of the simulation.
- *measured*: abilities from scores of at least `FEW` sources for the model in question (for a group: in all), published
  days, recorded adoptions, costs from reported chip-hours of which nothing was filled in or judged, fits of which most
  compute is published.
- *alleged*: a published figure that someone alleges and nobody has shown.
- *estimated from few sources*: all else that can be computed.
"""

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from leadtime.study import Study

MEASURED, ESTIMATED, ALLEGED, SIMULATED = "measured", "estimated from few sources", "alleged", "simulated"
SUPPORTS = (MEASURED, ESTIMATED, ALLEGED, SIMULATED)
#: Sources from which a measurement is no longer one of few.
FEW = 3
#: Share of the compute of a fit, or of the ends of training, that must be published for it to count as measured.
_MOST = 2 / 3


def support_of(study: "Study", quantity: str, parameters: dict[str, Any]) -> str:
    """Return the word of `SUPPORTS` for a reading.

    Args:
        study: The study, as of its day.
        quantity: Its name, see `quantities.QUANTITIES`.
        parameters: Its parameters.

    Raises:
        LeadtimeError: The evidence does not reach.
    """
    kind = quantity.partition(".")[0]
    if kind == "scenario":
        return SIMULATED
    if kind == "row":
        return ALLEGED if _alleged(study, parameters) else ESTIMATED
    ask = {
        "lag": _lag,
        "ability": _lag,
        "trained": _trained,
        "cost": _cost,
        "curve": _curve,
        "supply": _supply,
        "adoption": _adopted,
    }.get(kind)
    return MEASURED if ask is not None and ask(study, parameters) else ESTIMATED


def _alleged(study: "Study", parameters: dict[str, Any]) -> bool:
    from leadtime.resources import named

    texts = (str(parameters[k]) for k in ("row", "over", "less") if k in parameters)
    return any(named(study.evidence, n.strip()).grade == "alleged" for text in texts for n in text.split("+"))


def _lag(study: "Study", parameters: dict[str, Any]) -> bool:
    rows = study.evidence["scores"]
    models = [study.evidence.resolve_model(str(parameters[k])) for k in ("model", "first", "second") if k in parameters]
    ends = study.evidence["models"]["trained_by"]
    if parameters.get("clock") == "trained" and ends.null_count() > (1 - _MOST) * len(ends):
        return False  # ends of training are drawn for most of the models compared
    few = [m for m in models if rows.filter(pl.col("model") == m)["source"].n_unique() < FEW]
    return not few and rows["source"].n_unique() >= FEW


def _published_end(study: "Study", model: str) -> bool:
    rows = study.evidence["models"].filter(pl.col("id") == model)
    return bool(rows["trained_by"].is_not_null().any())


def _trained(study: "Study", parameters: dict[str, Any]) -> bool:
    return _published_end(study, study.evidence.resolve_model(str(parameters["model"])))


def _cost(study: "Study", parameters: dict[str, Any]) -> bool:
    from leadtime.cost.run import find_run

    definition = str(parameters.get("definition", "amortized"))
    judged = set(study.evidence["assumptions"].filter(pl.col("grade") == "judged")["id"])
    runs = study.evidence["training_runs"]
    for name in (parameters[k] for k in ("model", "against") if k in parameters):
        run = find_run(study.evidence, str(name))
        reported = runs.filter(pl.col("id") == run.id, pl.col("chip_hours_basis") == "reported")
        if reported.is_empty() or run.chip is None:
            return False
        cost = study.costing(run).cost(definition)
        if cost.flags or judged & set(cost.because):
            return False
    return True


def _curve(study: "Study", _: dict[str, Any]) -> bool:
    data = study.curve.data
    return bool(data.sure.mean() >= _MOST) and len(set(data.sources)) >= FEW


def _supply(study: "Study", _: dict[str, Any]) -> bool:
    used = {p.id for p in study.supply.history.counts.pieces}
    rows = study.evidence["shipments"].filter(pl.col("id").is_in(list(used)))
    return bool((rows["grade"] == "reported").all()) and rows["source"].n_unique() >= FEW


def _adopted(study: "Study", parameters: dict[str, Any]) -> bool:
    rows = study.evidence["adoptions"].filter(pl.col("innovation") == str(parameters["innovation"]))
    return not rows.is_empty()
