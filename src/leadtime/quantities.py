"""The registry: every quantity a claim or an explanation can name, what it means, and how a study computes it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from leadtime.capability.cache import remembered
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.resources import reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadtime.study import Study

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity.

    Args:
        title: What it is, in a few words.
        unit: Unit of its draws.
        sentence: Its definition.
        needs: Names of its parameters; those with `?` may be left out.
        method: The page of the documentation with its equations.
        equation: The one that gives it, in plain text.
        numbers: Names of those parameters that are numbers; the others are words.
        compute: From a study and the parameters to draws, shape (draw,) or (1,).
    """

    title: str
    unit: str
    sentence: str
    needs: tuple[str, ...]
    method: str
    equation: str
    compute: "Callable[..., Floats]"
    numbers: tuple[str, ...] = ()


def value(study: "Study", name: str, parameters: dict[str, Any]) -> "Floats":
    """Return the draws of a quantity.

    Raises:
        LeadtimeError: Unknown quantity or parameter, one that is missing, or evidence that does not reach.
    """
    if name not in QUANTITIES:
        raise unknown_name("quantity", name, QUANTITIES)
    q = QUANTITIES[name]
    known = {n.rstrip("?") for n in q.needs}
    for given in parameters:
        if given not in known:
            raise LeadtimeError(f"{name} has no parameter {given!r}", fix=f"Parameters: {', '.join(sorted(known))}.")
    for needed in q.needs:
        if not needed.endswith("?") and needed not in parameters:
            raise LeadtimeError(f"{name} needs {needed}", fix=f"Parameters: {', '.join(q.needs)} (? may be left out).")

    parameters = {k: _read(name, k, v, is_number=k in q.numbers) for k, v in parameters.items()}

    def compute() -> "dict[str, np.ndarray]":
        try:
            return {"draws": np.atleast_1d(np.asarray(q.compute(study, **parameters), dtype=float))}
        except LeadtimeError as error:  # that it cannot be computed is an answer too
            return {"error": np.array([error.what, error.where, error.fix])}

    found = remembered(("quantity", study.key, name, sorted((k, repr(v)) for k, v in parameters.items())), compute)
    if "error" in found:
        what, where, fix = (str(t) for t in found["error"])
        raise LeadtimeError(what, where=where, fix=fix)
    return found["draws"]


def _read(name: str, key: str, given: Any, *, is_number: bool) -> Any:
    """Return a parameter as the computation needs it: YAML and the command line may write it otherwise."""
    if not is_number:
        if isinstance(given, str | int | dt.date) and not isinstance(given, bool):
            return str(given)
        raise LeadtimeError(f"{given!r} is no word", where=f"{name}, {key}", fix="Expected text.")
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(given, bool) or not np.isfinite(number):
        raise LeadtimeError(
            f"{given!r} is no number", where=f"{name}, {key}", fix="Expected a number such as 365 or 1e25."
        )
    return number


def unit_of(study: "Study", name: str, parameters: dict[str, Any]) -> str:
    """Return the unit of a quantity; of a simulated one, that of its variable; of a published figure, its own."""
    if name in ("row.value", "row.change"):
        own = reading.unit(study, str(parameters["row"]))
        return f"{own} a year" if parameters.get("per") else own
    if name != "scenario":
        return QUANTITIES[name].unit
    from leadtime.scenario.fork import VARIABLES

    return VARIABLES.get(str(parameters.get("variable", "lag_months")), ("", "", ""))[0]


def _lag_model(
    study: "Study", model: str, definition: str = "age_of_equal", behind: str = "USA", clock: str = "released"
) -> "Floats":
    return study.lag(model, behind=behind, definition=definition, clock=clock).draws


def _lag_group(
    study: "Study", of: str = "CHN", behind: str = "USA", definition: str = "daily_mean", benchmarks: str = "all"
) -> "Floats":
    return study.lag(of=of, behind=behind, definition=definition, benchmarks=benchmarks).draws


def _lag_change(study: "Study", of: str = "CHN", behind: str = "USA", days: float = 365.0) -> "Floats":
    from leadtime.lag import daily_mean

    worlds, follower, reference = study.worlds(), study.mask(of), study.mask(behind)
    end, span = worlds.as_of, float(days)
    now, before = (daily_mean(worlds, follower, reference, start=e - span, end=e).months for e in (end, end - span))
    return np.asarray(now - before)


def _lag_year(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    return study.lag_year(of, behind).draws


def _lag_now(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    return study.lag_path(of, behind).now.draws


def _lag_level(study: "Study", of: str = "CHN", behind: str = "USA") -> "Floats":
    return study.lag_level(of, behind).draws


def _cost(study: "Study", model: str, definition: str = "amortized", price_of: str | None = None) -> "Floats":
    return study.cost(model, definition, price_of=price_of).draws


def _cost_ratio(
    study: "Study", model: str, against: str, definition: str = "amortized", price_of: str | None = None
) -> "Floats":
    from leadtime.cost.definitions import ratio
    from leadtime.cost.run import find_run

    runs = [find_run(study.evidence, name) for name in (model, against)]
    a, b = (study.costing(r, price_of=None if r.chip else price_of) for r in runs)
    return ratio(a.cost(definition), b.cost(definition))


def _rate(study: "Study", estimand: str, method: str = "", sample: str = "all", country: str = "") -> "Floats":
    return np.asarray(study.curve.rate(estimand, method, sample, country))


def _percentile(study: "Study", model: str, view: str = "ex_ante") -> "Floats":
    from leadtime.cost.expected import ability_percentiles

    return ability_percentiles(study.curve.data, model, view, seed=study.seed)


def _ahead(study: "Study", first: str, second: str, domain: str = "") -> "Floats":
    from leadtime.capability.domains import domain_abilities

    fitted, e = study.fit(), study.evidence
    names = [e.resolve_model(m) for m in (first, second)]
    for name in names:
        if name not in fitted.cells.models:
            raise LeadtimeError(f"{name} is not among the models measured", fix="`leadtime capability` lists them.")
    a, b = (fitted.cells.models.index(n) for n in names)
    slope = study.worlds().scale_points[:, None]
    if not domain:
        return np.asarray((fitted.draws.theta[:, [a]] - fitted.draws.theta[:, [b]]) * slope)[:, 0]
    of = dict(e["benchmarks"].select("id", "domain").iter_rows())
    inside = np.array([of[n] == domain for n in fitted.cells.benchmarks])
    theta, count = domain_abilities(fitted, inside, seed=study.seed) if inside.any() else (None, None)
    if theta is None or count is None or min(count[a], count[b]) < 2:
        raise LeadtimeError(
            f"{first} and {second} share too few benchmarks in {domain!r}",
            fix="`leadtime lag A --against B` lists what can be compared.",
        )
    return np.asarray((theta[:, [a]] - theta[:, [b]]) * slope)[:, 0]


def _adopted(study: "Study", innovation: str, country: str) -> "Floats":
    from leadtime.cost.spread import adoption

    table = adoption(study.evidence["adoptions"], study.evidence["organizations"])
    row = table.filter(pl.col("innovation") == innovation, pl.col("country") == country)
    if row.is_empty() or row["first_months"][0] is None:
        raise LeadtimeError(
            f"no adopter of {innovation} in {country} is recorded", where="adoptions", fix="Add one to a study folder."
        )
    return np.array([float(row["first_months"][0])])


def _counted(study: "Study", quarter: str) -> int:
    known: tuple[str, ...] = study.supply.history.quarters
    if quarter not in known:
        raise LeadtimeError(
            f"arrivals of {quarter} are not counted", where="shipments", fix=f"Counted until {known[-1]}."
        )
    return known.index(quarter)


def _share(
    study: "Study",
    quarter: str,
    measure: str = "flow",
    makers: str = "all",
    channels: str = "all",
    scope: str = "owned",
) -> "Floats":
    from leadtime.supply import like

    for given, known, what in ((channels, like.CHANNELS, "channels"), (scope, like.SCOPES, "scope")):
        if given not in known:
            raise unknown_name(what, given, known)
    if measure == "flow":
        at = like.span(quarter, study.supply.history.quarters)
        return like.share(study.supply, at, makers=_makers(study, makers), channels=channels, scope=scope)
    if "Q" not in quarter or "-" in quarter:
        raise LeadtimeError(f"a stock has no {quarter}", where="quarter", fix="Name one quarter, such as 2025Q4.")
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


def _share_change(
    study: "Study", before: str, after: str, makers: str = "all", channels: str = "all", scope: str = "owned"
) -> "Floats":
    from leadtime.supply import like

    found = like.compare(study.supply, before, after, makers=makers, channels=channels, scope=scope)
    return np.asarray(found.second - found.first)


def _diverted(study: "Study", quarter: str = "2025Q4") -> "Floats":
    return np.asarray(study.supply.flows["diverted"][:, : _counted(study, quarter) + 1].sum(axis=1))


def _diverted_share(study: "Study", quarter: str) -> "Floats":
    from leadtime.supply.arrivals import AT_HOME
    from leadtime.supply.like import span

    at = span(quarter, study.supply.history.quarters)
    flows = {c: study.supply.flows[c][:, at].sum(axis=1) for c in AT_HOME}
    return np.asarray(flows["diverted"] / sum(flows.values()))


def _ratio(study: "Study", quarter: str, measure: str = "stock") -> "Floats":
    return np.asarray(study.supply.ratio(measure)[:, _counted(study, quarter)])


def _scenario(study: "Study", scenario: str, quarter: str, variable: str = "lag_months", against: str = "") -> "Floats":
    from leadtime.scenario.inputs import QUARTERS

    if quarter not in QUARTERS:
        raise LeadtimeError(f"{quarter!r} is not a simulated quarter", fix=f"Expected {QUARTERS[0]} to {QUARTERS[-1]}.")
    at, fork = QUARTERS.index(quarter), study.fork
    if variable not in (found := fork.run(scenario)):
        raise unknown_name("variable", variable, found)
    own = found[variable][at]
    return np.asarray(own - fork.run(against)[variable][at] if against else own, dtype=float)


def _first(study: "Study", level_points: float, budget_flop: float, country: str = "CHN") -> "Floats":
    data = study.curve.data
    reached = (data.points >= float(level_points)) & (data.oom <= np.log10(float(budget_flop)))
    day = np.where(reached, data.day, np.inf)
    mine = np.array([c == country for c in data.countries])[day.argmin(axis=1)].astype(float)
    return np.where(np.isfinite(day.min(axis=1)), mine, np.nan)


def _trained_before(study: "Study", model: str, day: str) -> "Floats":
    from leadtime.units import DAYS_PER_MONTH

    worlds = study.worlds("trained")
    name = study.evidence.resolve_model(model)
    if name not in worlds.models:
        raise LeadtimeError(f"{name} is not among the models measured", fix="`leadtime capability` lists them.")
    try:
        on = dt.date.fromisoformat(str(day)).toordinal()
    except ValueError:
        raise LeadtimeError(f"{day!r} is not a date", fix="Expected a day such as 2025-01-29.") from None
    return np.asarray((on - worlds.day[:, worlds.models.index(name)]) / DAYS_PER_MONTH)


QUANTITIES: dict[str, Quantity] = {
    "lag.model": Quantity(
        title="lag of a model",
        unit="months",
        needs=("model", "definition?", "behind?", "clock?"),
        method="lag",
        sentence="How old the best equal of the other side was when the model came out; by the named definition.",
        equation=(
            "L = t(m) - min{t(r): r of the other side, ability(r) >= ability(m)}, in each draw; other definitions on"
            " the page"
        ),
        compute=_lag_model,
    ),
    "lag.group": Quantity(
        title="lag of a group",
        unit="months",
        needs=("of?", "behind?", "definition?", "benchmarks?"),
        method="lag",
        sentence="How far one group follows another, by the named definition.",
        equation=(
            "L(d) = d - min{t(r): ability(r) > best of this side on d}; mean of L(d) over days d; other definitions on"
            " the page"
        ),
        compute=_lag_group,
    ),
    "lag.year": Quantity(
        title="lag of a group over the past year",
        unit="months",
        needs=("of?", "behind?"),
        method="lag",
        sentence="The headline: daily mean of the lag over the last 365 days, as realized.",
        equation=(
            "L(d) = d - min{t(r): ability(r) > best of this side on d}; mean of L(d) over the last 365 days, in each"
            " draw"
        ),
        compute=_lag_year,
    ),
    "lag.now": Quantity(
        title="lag of a group now",
        unit="months",
        needs=("of?", "behind?"),
        method="lag",
        sentence="The lag on the last known day, of a path that all models of both sides inform.",
        equation="F_follower(t) = F_leader(t - L(t)); L on the last known day, in each draw of the path",
        compute=_lag_now,
    ),
    "lag.level": Quantity(
        title="level of the process of a group's lag",
        unit="months",
        needs=("of?", "behind?"),
        method="lag",
        sentence="The level that the lag returns to, as a process: with sampling error, not of measurement alone.",
        equation=(
            "mean that the process of resets has in the long run: log(1 + reset) = OU with mean m + noise, in each draw"
        ),
        compute=_lag_level,
    ),
    "lag.change": Quantity(
        title="change of a group's lag against a year before",
        unit="months",
        needs=("of?", "behind?", "days?"),
        method="lag",
        sentence="Daily mean of the lag over the last year (or so many days) less that over the year before.",
        equation="mean of L(d) over the last 365 days - mean of L(d) over the 365 days before, in each draw",
        compute=_lag_change,
        numbers=("days",),
    ),
    "cost": Quantity(
        title="cost of a run",
        unit="USD",
        needs=("model", "definition?", "price_of?"),
        method="cost",
        sentence="What a training run cost, by the named meaning of cost.",
        equation=(
            "sum of components; amortized: chip-hours x price x server and network overhead x fall in value per hour +"
            " energy x tariff"
        ),
        compute=_cost,
    ),
    "cost.ratio": Quantity(
        title="ratio of two costs",
        unit="ratio",
        needs=("model", "against", "definition?", "price_of?"),
        method="cost",
        sentence="One run's cost over another's, by one meaning of cost.",
        equation="cost(model) / cost(against), draw by draw, with shared assumptions drawn once",
        compute=_cost_ratio,
    ),
    "curve.rate": Quantity(
        title="fall of compute for a given ability",
        unit="times a year",
        needs=("estimand", "method?", "sample?", "country?"),
        method="curve",
        sentence="By how many times a year the compute for a given ability falls.",
        equation=(
            "average practice: log C = a + b ability - c t, rate = e^c; best practice: slope of the record compute for"
            " an ability"
        ),
        compute=_rate,
    ),
    "curve.percentile": Quantity(
        title="percentile of a model's ability for its compute",
        unit="percentile",
        needs=("model", "view?"),
        method="curve",
        sentence="Where a model's ability falls in what others led one to expect of its compute and date.",
        equation="100 x Normal CDF of (ability - expected | log C, t) / scatter, over draws of both",
        compute=_percentile,
    ),
    "ability.ahead": Quantity(
        title="how much abler one model is than another",
        unit="points",
        needs=("first", "second", "domain?"),
        method="capability",
        sentence="Ability of the first less that of the second, overall or on the benchmarks of a domain.",
        equation="ability(first) - ability(second), in each joint draw",
        compute=_ahead,
    ),
    "curve.first": Quantity(
        title="whether a country was first to an ability within a compute",
        unit="(1 if so)",
        needs=("level_points", "budget_flop", "country?"),
        method="curve",
        sentence=(
            "Among models whose compute is known, whether the first to reach the ability within the compute was of the"
            " country."
        ),
        equation="1 if the first model with ability >= level and C <= budget is of the country, else 0",
        compute=_first,
        numbers=("level_points", "budget_flop"),
    ),
    "adoption.months": Quantity(
        title="months until others shipped an innovation",
        unit="months",
        needs=("innovation", "country"),
        method="curve",
        sentence="From the first release to the first recorded adopter in a country.",
        equation="t(first adopter in the country) - t(first release)",
        compute=_adopted,
    ),
    "trained.months_before": Quantity(
        title="months between the end of training and a day",
        unit="months",
        needs=("model", "day"),
        method="lag",
        sentence="How long before a day a model's training had ended; drawn from known delays where unpublished.",
        equation="day - end of training; unpublished: release - delay, delay drawn from the published ones",
        compute=_trained_before,
    ),
    "supply.share": Quantity(
        title="China's share of accelerators",
        unit="fraction",
        needs=("quarter", "measure?", "makers?", "channels?", "scope?"),
        method="supply",
        sentence=(
            "Of all accelerators, in H100-equivalents, what share is China's at home. Makers: all, with what is"
            " assumed, or names with commas; channels: all or legal; scope: owned, or used with what is rented abroad."
        ),
        equation=(
            "China / (China + US + rest), of arrivals or of what is left of them: K(q) = K(q-1)(1 - 1/(4 life)) + F(q)"
        ),
        compute=_share,
    ),
    "supply.share_change": Quantity(
        title="change of China's share of arrivals",
        unit="fraction",
        needs=("before", "after", "makers?", "channels?", "scope?"),
        method="supply",
        sentence=(
            "China's share of arriving accelerators in one period less that in another. Makers: all, with what is"
            " assumed of them; or same, those counted in both, and Chinese ones where they were counted."
        ),
        equation="share(after) - share(before), in each draw",
        compute=_share_change,
    ),
    "supply.diverted": Quantity(
        title="chips diverted to China",
        unit="H100e",
        needs=("quarter?",),
        method="supply",
        sentence="All that was diverted until the end of a quarter.",
        equation="sum of diverted arrivals F(q) to the quarter; F = median of the estimates x one factor per draw",
        compute=_diverted,
    ),
    "supply.diverted_share": Quantity(
        title="share of China's new chips that came against the rules",
        unit="fraction",
        needs=("quarter",),
        method="supply",
        sentence=(
            "Of the accelerators that arrived in China in a year (2025) or some of its quarters (2025Q1-Q2), what share"
            " was diverted."
        ),
        equation=(
            "diverted / (legal + diverted + domestic + proxy), arrivals F(q) summed over the quarters, in each draw"
        ),
        compute=_diverted_share,
    ),
    "supply.ratio": Quantity(
        title="American over Chinese accelerators",
        unit="ratio",
        needs=("quarter", "measure?"),
        method="supply",
        sentence=(
            "Accelerators of the US over those of China at home, in H100-equivalents; chips of others are left out."
        ),
        equation=(
            "US / (legal + diverted + domestic + proxy), of stocks K(q) = K(q-1)(1 - 1/(4 life)) + F(q), in each draw"
        ),
        compute=_ratio,
    ),
    "row.value": Quantity(
        title="a published figure",
        unit="as the row",
        needs=("row", "per?"),
        method="resources",
        sentence=(
            "The figure of a row of the tables of talent, military, leaks, industry, access or investment, or of"
            " several joined by +. Where it says “at least” or “at most”, its other end is open."
        ),
        equation=(
            "the row's central value x e^(z s), s from its ends, or from published-figure-CONFIDENCE where it has none"
        ),
        compute=reading.value,
    ),
    "row.ratio": Quantity(
        title="a published figure over another",
        unit="ratio",
        needs=("row", "over", "per?"),
        method="resources",
        sentence=(
            "One figure over another of the same unit, both by the ids of their rows; per year where `per` says so."
        ),
        equation="row / over, draw by draw; with open ends, the least and the most that it can be",
        compute=reading.ratio,
    ),
    "row.change": Quantity(
        title="a published figure less another",
        unit="as the row",
        needs=("row", "less", "per?"),
        method="resources",
        sentence="One figure less another of the same unit, both by the ids of their rows.",
        equation="row - less, draw by draw; with open ends, the least and the most that it can be",
        compute=reading.change,
    ),
    "scenario": Quantity(
        title="a simulated quantity",
        unit="as the variable",
        needs=("scenario", "quarter", "variable?", "against?"),
        method="scenario",
        sentence="What the simulation gives in a quarter; with `against`, the difference in the same draws.",
        equation=(
            "E(US) - E(China) = E(t) - E(t - L) + follower gain (1 - e^(-L/tau)), solved for L each quarter and draw"
        ),
        compute=_scenario,
    ),
}
