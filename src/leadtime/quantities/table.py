"""The registry: every quantity a claim or an explanation can name."""

from leadtime.quantities import computed
from leadtime.quantities.quantity import Quantity
from leadtime.resources import reading

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
        compute=computed.lag_model,
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
        compute=computed.lag_group,
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
        compute=computed.lag_year,
    ),
    "lag.now": Quantity(
        title="lag of a group now",
        unit="months",
        needs=("of?", "behind?"),
        method="lag",
        sentence="The lag on the last known day, of a path that all models of both sides inform.",
        equation="F_follower(t) = F_leader(t - L(t)); L on the last known day, in each draw of the path",
        compute=computed.lag_now,
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
        compute=computed.lag_level,
    ),
    "lag.change": Quantity(
        title="change of a group's lag against a year before",
        unit="months",
        needs=("of?", "behind?", "days?"),
        method="lag",
        sentence="Daily mean of the lag over the last year (or so many days) less that over the year before.",
        equation="mean of L(d) over the last 365 days - mean of L(d) over the 365 days before, in each draw",
        compute=computed.lag_change,
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
        compute=computed.cost,
    ),
    "cost.ratio": Quantity(
        title="ratio of two costs",
        unit="ratio",
        needs=("model", "against", "definition?", "price_of?"),
        method="cost",
        sentence="One run's cost over another's, by one meaning of cost.",
        equation="cost(model) / cost(against), draw by draw, with shared assumptions drawn once",
        compute=computed.cost_ratio,
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
        compute=computed.rate,
    ),
    "curve.percentile": Quantity(
        title="percentile of a model's ability for its compute",
        unit="percentile",
        needs=("model", "view?"),
        method="curve",
        sentence="Where a model's ability falls in what others led one to expect of its compute and date.",
        equation="100 x Normal CDF of (ability - expected | log C, t) / scatter, over draws of both",
        compute=computed.percentile,
    ),
    "ability.ahead": Quantity(
        title="how much abler one model is than another",
        unit="points",
        needs=("first", "second", "domain?"),
        method="capability",
        sentence="Ability of the first less that of the second, overall or on the benchmarks of a domain.",
        equation="ability(first) - ability(second), in each joint draw",
        compute=computed.ahead,
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
        compute=computed.first,
        numbers=("level_points", "budget_flop"),
    ),
    "adoption.months": Quantity(
        title="months until others shipped an innovation",
        unit="months",
        needs=("innovation", "country"),
        method="curve",
        sentence="From the first release to the first recorded adopter in a country.",
        equation="t(first adopter in the country) - t(first release)",
        compute=computed.adopted,
    ),
    "trained.months_before": Quantity(
        title="months between the end of training and a day",
        unit="months",
        needs=("model", "day"),
        method="lag",
        sentence="How long before a day a model's training had ended; drawn from known delays where unpublished.",
        equation="day - end of training; unpublished: release - delay, delay drawn from the published ones",
        compute=computed.trained_before,
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
        compute=computed.share,
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
        compute=computed.share_change,
    ),
    "supply.diverted": Quantity(
        title="chips diverted to China",
        unit="H100e",
        needs=("quarter?",),
        method="supply",
        sentence="All that was diverted until the end of a quarter.",
        equation="sum of diverted arrivals F(q) to the quarter; F = median of the estimates x one factor per draw",
        compute=computed.diverted,
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
        compute=computed.diverted_share,
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
        compute=computed.ratio,
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
        compute=computed.scenario,
    ),
}
