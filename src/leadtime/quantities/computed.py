"""How a study computes each quantity: draws, shape (draw,) or (1,), from its parameters."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

    Floats = NDArray[np.float64]


def lag_model(
    study: "Study", model: str, definition: str = "age_of_equal", behind: str = "USA", clock: str = "released"
) -> "Floats":
    """Return months that a model is behind a side."""
    return study.lag(model, behind=behind, definition=definition, clock=clock).draws


def lag_group(
    study: "Study", of: str = "CHN", behind: str = "USA", definition: str = "daily_mean", benchmarks: str = "all"
) -> "Floats":
    """Return months that one side is behind another."""
    return study.lag(of=of, behind=behind, definition=definition, benchmarks=benchmarks).draws


def lag_change(study: "Study", of: str = "CHN", behind: str = "USA", days: float = 365.0) -> "Floats":
    """Return months by which the mean of so many days differs from that of the days before."""
    from leadtime.lag import daily_mean

    worlds, follower, reference = study.worlds(), study.mask(of), study.mask(behind)
    end, span = worlds.as_of, float(days)
    now, before = (daily_mean(worlds, follower, reference, start=e - span, end=e).months for e in (end, end - span))
    return np.asarray(now - before)


def lag_year(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    """Return months behind over the past year, as realized."""
    return study.lag_year(of, behind).draws


def lag_now(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    """Return months behind on the last known day, by the path."""
    return study.lag_path(of, behind).now.draws


def lag_level(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    """Return months that the process of releases returns to."""
    return study.lag_level(of, behind).draws


def cost(study: "Study", model: str, definition: str = "amortized", price_of: str | None = None) -> "Floats":
    """Return US dollars that a training run took."""
    return study.cost(model, definition, price_of=price_of).draws


def cost_ratio(
    study: "Study", model: str, against: str, definition: str = "amortized", price_of: str | None = None
) -> "Floats":
    """Return how many times the cost of one run is that of another."""
    from leadtime.cost.definitions import ratio
    from leadtime.cost.run import find_run

    runs = [find_run(study.evidence, name) for name in (model, against)]
    a, b = (study.costing(r, price_of=None if r.chip else price_of) for r in runs)
    return ratio(a.cost(definition), b.cost(definition))


def rate(study: "Study", estimand: str, method: str = "", sample: str = "all", country: str = "") -> "Floats":
    """Return a rate at which cost falls or ability grows."""
    return np.asarray(study.curve.rate(estimand, method, sample, country))


def percentile(study: "Study", model: str, view: str = "ex_ante") -> "Floats":
    """Return the percentile of a model's ability among those that its compute let expect."""
    from leadtime.cost.expected import ability_percentiles

    return ability_percentiles(study.curve.data, model, view, seed=study.seed)


def ahead(study: "Study", first: str, second: str, domain: str = "") -> "Floats":
    """Return whether one model is abler than another, 1 or 0 in each draw."""
    fitted, e = study.fit(), study.evidence
    names = [e.resolve_model(m) for m in (first, second)]
    for name in names:
        if name not in fitted.cells.models:
            raise LeadtimeError(
                f"{name} has no measured ability", fix="`leadtime capability` lists the models that have one."
            )
    a, b = (fitted.cells.models.index(n) for n in names)
    slope = study.worlds().scale_points[:, None]
    if not domain:
        return np.asarray((fitted.draws.theta[:, [a]] - fitted.draws.theta[:, [b]]) * slope)[:, 0]
    theta, count = study.domain_draws(domain)
    if min(count[a], count[b]) < 2:
        raise LeadtimeError(
            f"{first} and {second} share too few benchmarks in {domain!r}",
            fix="`leadtime lag A --against B` lists what can be compared.",
        )
    return np.asarray((theta[:, [a]] - theta[:, [b]]) * slope)[:, 0]


def adopted(study: "Study", innovation: str, country: str) -> "Floats":
    """Return the months until a country first took up an innovation, one number."""
    from leadtime.cost.spread import adoption

    table = adoption(study.evidence["adoptions"], study.evidence["organizations"])
    row = table.filter(pl.col("innovation") == innovation, pl.col("country") == country)
    if row.is_empty() or row["first_months"][0] is None:
        raise LeadtimeError(
            f"the evidence has no adopter of {innovation} in {country}",
            where="adoptions",
            fix="Add one in a study folder.",
        )
    return np.array([float(row["first_months"][0])])


def _counted(study: "Study", quarter: str) -> int:
    known: tuple[str, ...] = study.supply.history.quarters
    if quarter not in known:
        raise LeadtimeError(
            f"nobody has counted the arrivals of {quarter}",
            where="shipments",
            fix=f"Arrivals are counted up to {known[-1]}.",
        )
    return known.index(quarter)


def share(
    study: "Study",
    quarter: str,
    measure: str = "flow",
    makers: str = "all",
    channels: str = "all",
    scope: str = "owned",
) -> "Floats":
    """Return China's share of arrivals or stocks."""
    from leadtime.supply import like

    for given, known, what in ((channels, like.CHANNELS, "channels"), (scope, like.SCOPES, "scope")):
        if given not in known:
            raise unknown_name(what, given, known)
    if measure == "flow":
        at = like.span(quarter, study.supply.history.quarters)
        return like.share(study.supply, at, makers=_makers(study, makers), channels=channels, scope=scope)
    if "Q" not in quarter or "-" in quarter:
        raise LeadtimeError(
            f"a stock is counted at the end of one quarter, not over {quarter}",
            where="quarter",
            fix="Name one quarter, such as 2025Q4.",
        )
    if (makers, channels) != ("all", "all"):
        raise LeadtimeError(
            "a stock covers all makers and channels", fix="Leave out makers and channels, or ask for the flow."
        )
    return np.asarray(study.supply.share_of_china(measure, used=scope == "used")[:, _counted(study, quarter)])


def _makers(study: "Study", text: str) -> frozenset[str] | None:
    if text == "all":
        return None
    known = {p.designer for p in study.supply.history.counts.pieces}
    names = [n.strip() for n in text.split(",")]
    for name in names:
        if name not in known:
            raise unknown_name("maker", name, {"all", *known})
    return frozenset(names)


def share_change(
    study: "Study", before: str, after: str, makers: str = "all", channels: str = "all", scope: str = "owned"
) -> "Floats":
    """Return the difference of two shares, as a fraction."""
    from leadtime.supply import like

    found = like.compare(study.supply, before, after, makers=makers, channels=channels, scope=scope)
    return np.asarray(found.second - found.first)


def diverted(study: "Study", quarter: str = "2025Q4") -> "Floats":
    """Return H100-equivalents smuggled until a quarter."""
    return np.asarray(study.supply.flows["diverted"][:, : _counted(study, quarter) + 1].sum(axis=1))


def diverted_share(study: "Study", quarter: str) -> "Floats":
    """Return the part of arrivals of a quarter that was smuggled."""
    from leadtime.supply.arrivals import AT_HOME
    from leadtime.supply.like import span

    at = span(quarter, study.supply.history.quarters)
    flows = {c: study.supply.flows[c][:, at].sum(axis=1) for c in AT_HOME}
    return np.asarray(flows["diverted"] / sum(flows.values()))


def ratio(study: "Study", quarter: str, measure: str = "stock") -> "Floats":
    """Return American chips for each Chinese one."""
    return np.asarray(study.supply.ratio(measure)[:, _counted(study, quarter)])


def scenario(study: "Study", scenario: str, quarter: str, variable: str = "lag_months", against: str = "") -> "Floats":
    """Return a variable of a scenario in a quarter, or its difference from another scenario."""
    from leadtime.scenario.inputs import QUARTERS

    if quarter not in QUARTERS:
        raise LeadtimeError(
            f"{quarter!r} is not a quarter of the simulation", fix=f"Expected {QUARTERS[0]} to {QUARTERS[-1]}."
        )
    at, fork = QUARTERS.index(quarter), study.fork
    if variable not in (found := fork.run(scenario)):
        raise unknown_name("variable", variable, found)
    own = found[variable][at]
    return np.asarray(own - fork.run(against)[variable][at] if against else own, dtype=float)


def first(study: "Study", level_points: float, budget_flop: float, country: str = "CHN") -> "Floats":
    """Return whether a country was first to a level within a budget of compute, 1 or 0; nan where nobody was."""
    data = study.curve.data
    reached = (data.points >= float(level_points)) & (data.oom <= np.log10(float(budget_flop)))
    day = np.where(reached, data.day, np.inf)
    mine = np.array([c == country for c in data.countries])[day.argmin(axis=1)].astype(float)
    return np.where(np.isfinite(day.min(axis=1)), mine, np.nan)


def trained_before(study: "Study", model: str, day: str) -> "Floats":
    """Return the months by which a model was trained before a day."""
    from leadtime.units import DAYS_PER_MONTH

    worlds = study.worlds("trained")
    name = study.evidence.resolve_model(model)
    if name not in worlds.models:
        raise LeadtimeError(
            f"{name} has no measured ability", fix="`leadtime capability` lists the models that have one."
        )
    try:
        on = dt.date.fromisoformat(str(day)).toordinal()
    except ValueError:
        raise LeadtimeError(f"{day!r} is not a date", fix="Expected a day such as 2025-01-29.") from None
    return np.asarray((on - worlds.day[:, worlds.models.index(name)]) / DAYS_PER_MONTH)
