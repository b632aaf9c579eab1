"""The equations of one quarter, written once for JAX and for NumPy (docs/methods/scenario.md).

`xp` is `jax.numpy` or `numpy`. Parameters and state are arrays over draws, or scalars under vmap. `x` holds what is the
same for all draws in the quarter: medians of counted arrivals, the state of the rules, and the levers.
"""

import functools
from collections.abc import Callable
from typing import Any

#: How far back a lag is looked for, quarters; a longer one is cut here.
LOOKBACK = 36
#: Dense 16-bit rate of an H100, FLOP/s.
_H100_FLOP_S = 989.5e12

#: What adds up over quarters and is retired; `unmet` is what China would have bought and did not get.
_STOCKS = ("usa", "usa_as_is", "rest", "legal", "diverted", "domestic", "unmet")
#: What is diverted lowers the demand it is diverted from: after so many passes the lag is settled to a hundredth of a
#: month in 999 draws of 1,000.
_PASSES = 5
#: Quarters over which Chinese efficiency answers to denial, where a scenario lets it.
_ANSWER_QUARTERS = 4.0

Values = dict[str, Any]


def start(xp: Any, p: Values) -> Values:
    """Return the state at the end of 2021."""
    china = p["stock-2021"] * p["china-share-2021"]
    others = p["stock-2021"] - china
    usa = others * p["us-share"]
    quarters_back = xp.arange(LOOKBACK + 1).reshape((-1,) + (1,) * getattr(p["stock-2021"], "ndim", 0))
    growth = (xp.log(p["growth-before-2022"]) + xp.log(p["algorithmic-growth"])) / 4
    zero = china * 0.0
    return {
        "usa": usa,
        "usa_as_is": usa,
        "rest": others - usa,
        "legal": china,
        "diverted": zero,
        "domestic": zero,
        "unmet": zero,
        "outside": p["world-scale"] * 50_000.0,
        "logic": p["logic-2026"] / 4,
        "hbm": p["hbm-2026"] / 4,
        "denied": zero,
        "first": xp.log(usa / china),
        "back": xp.log(usa) - quarters_back * growth,
        "year": zero,
        **{f"flow_{name}": zero for name in _STOCKS},
    }


def step(xp: Any, p: Values, s: Values, x: Values) -> tuple[Values, Callable[[str], Any]]:
    """Return the state after one quarter, and what reports of it by name: only what is asked for is computed.

    Args:
        xp: `jax.numpy` or `numpy`.
        p: Parameters, see the assumptions `sim-*`.
        s: State, see `start`.
        x: Inputs of the quarter, see `simulate.inputs`.
    """
    # arrivals outside China if nothing but today's rules were in force: counted, then growing at a rate that slides
    years = x["year"]
    slide = xp.clip((years - 2026.0) / 4.0, 0.0, 1.0)
    growth = (1 - slide) * xp.log(p["growth-2026"]) + slide * xp.log(p["growth-2030"])
    taken_in = _assumed(xp, p, x, "legal")
    seen = p["world-scale"] * x["outside"] + _assumed(xp, p, x, "outside") - x["inside"] * taken_in
    outside = xp.where(x["counted"] > 0, seen, s["outside"] * xp.exp(growth / 4))

    # what may be shipped of the chips that are sold at all (Google's and Amazon's are not)
    allowed, allowed_as_is = best_allowed(xp, p, x["ratios"]), best_allowed(xp, p, x["ratios_as_is"])
    allowed = xp.where(xp.isnan(x["open_ratio"]), allowed, x["open_ratio"])
    gate = xp.where(x["turned_away"] > 0, p["uptake-after-2025-08"], 1.0)
    uptake = xp.where(xp.isnan(x["uptake"]), xp.where(x["own_rules"] > 0, gate, 1.0), x["uptake"])
    counted = p["legal-scale"] * x["legal"] + taken_in

    # demand shut out of one channel presses on the others, and no more comes that way than was shut out. A diverted
    # chip was sold to a third country and counted there: it is China's, so that others bought that much less
    setup = xp.clip((years - 2022.75) * 4.0 / p["evasion-setup"], 0.0, 1.0)
    open_routes = p["diversion-share"] * outside * setup
    odds_of_china = p["demand-share"] / (1.0 - p["demand-share"])
    diverted_as_is = outside * 0.0
    for _ in range(_PASSES):
        demand = odds_of_china * xp.maximum(x["merchant"] * outside - diverted_as_is, 0.05 * outside)
        legal_as_is = xp.where(x["counted"] > 0, counted, demand * allowed_as_is * gate)
        pressed_as_is = xp.clip(1.0 - legal_as_is / demand, 1e-6, 1.0)
        diverted_as_is = xp.minimum(open_routes * pressed_as_is ** p["pressure"], xp.maximum(demand - legal_as_is, 0.0))
    legal_free = xp.minimum(demand * allowed * uptake, x["quota_h100e"] / 4)
    legal = xp.where(x["departed"] > 0, legal_free, legal_as_is)
    pressed = xp.clip(1.0 - legal / demand, 1e-6, 1.0)
    transit = x["transit_cost"] + p["transit-pass"] * x["tariff_rate"]
    routes = (1.0 - x["diversion_cut"]) * (1.0 + x["diversion_more"]) * (1.0 + transit) ** (-p["transit-elasticity"])
    diverted = xp.minimum(open_routes * pressed ** p["pressure"] * routes, xp.maximum(demand - legal, 0.0))
    unmet = xp.where(setup > 0, xp.maximum(demand - legal - diverted, 0.0), 0.0)

    # chips sold to China are in part taken from others
    building = x["build_cost"] + p["dutiable-share"] * x["tariff_rate"]
    build = (1.0 + building) ** (-p["build-elasticity"]) * x["us_investment"]
    taken = xp.where(xp.isnan(x["displacement"]), p["displacement"], x["displacement"])
    more = (legal - legal_as_is) + (diverted - diverted_as_is)
    sold = xp.maximum(outside * build - taken * more, 0.05 * outside)
    left, left_as_is = xp.maximum(sold - diverted_as_is, 0.0), outside - diverted_as_is
    usa = xp.minimum(sold * p["us-share"], left)
    rest = left - usa

    # what China makes: the lesser of logic and memory, and of what denial brings about
    logic = xp.where(years >= 2027.0, s["logic"] * p["logic-growth"] ** (0.25 * (1.0 - x["tools_cut"])), s["logic"])
    hbm = xp.where(years >= 2027.0, s["hbm"] * p["hbm-growth"] ** 0.25, s["hbm"])
    made = xp.minimum(logic, hbm * (1.0 - x["hbm_cut"]))
    made = xp.where(x["counted"] > 0, p["domestic-scale"] * x["domestic"] + _assumed(xp, p, x, "domestic"), made)
    domestic = made * xp.exp(p["denial-response"] * (pressed - pressed_as_is)) * x["china_investment"]

    # stocks: a quarter's arrivals work half of it
    keep = 1.0 - 0.25 / p["chip-life"]
    flows = {
        "usa": usa,
        "usa_as_is": xp.minimum(outside * p["us-share"], left_as_is),
        "rest": rest,
        "legal": legal,
        "diverted": diverted,
        "domestic": domestic,
        "unmet": unmet,
    }
    out: Values = {}
    for name, flow in flows.items():
        out[name] = s[name] * keep + 0.5 * (flow + s[f"flow_{name}"])
        out[f"flow_{name}"] = flow
    short = xp.clip(out["unmet"] / (out["unmet"] + out["legal"] + out["diverted"]), 1e-6, 1.0)
    offers = p["offshore-share"] * out["rest"] * setup * short ** p["pressure"] * (1.0 - x["offshore_cut"])
    rented = xp.minimum(offers, out["unmet"])
    used = out["legal"] + out["diverted"] + p["domestic-use"] * out["domestic"] + rented

    # effective compute and the lag: what a stock beyond its course does for the largest run is its elasticity
    elasticity = xp.where(xp.isnan(x["run_elasticity"]), p["run-elasticity"], x["run_elasticity"])
    course = xp.log(out["usa_as_is"])
    runs = course + elasticity * (xp.log(out["usa"]) - course)
    effective = runs + xp.log(p["algorithmic-growth"]) * (years - 2022.0 + 0.25)
    back = xp.concatenate([effective[None], s["back"][:-1]], axis=0)
    ratio_of_runs = xp.log(p["concentration"]) + s["first"] + elasticity * (xp.log(out["usa"] / used) - s["first"])
    denied = s["denied"] + (xp.where(setup > 0, pressed, 0.0) - s["denied"]) / _ANSWER_QUARTERS
    gap = ratio_of_runs - x["efficiency_response"] * denied
    follow = p["follower-gain"] * (
        1.0 - p["distillation-part"] * x["distillation_defense"] - p["theft-part"] * x["weight_security"]
    )

    @functools.cache
    def lag() -> Any:
        return months_behind(xp, back, gap, follow, p["follower-time"])

    @functools.cache
    def chips_only() -> Any:
        return months_behind(xp, back, gap, follow * 0.0, p["follower-time"])

    def largest() -> Any:
        run_seconds = p["run-days"] * 86_400.0
        return xp.exp(runs) * p["frontier-run-share"] * _H100_FLOP_S * p["utilization"] * run_seconds

    def odds() -> Any:
        return xp.log(p["capital-odds"]) + p["capital-response"] * (p["capital-lag"] - lag()) + x["capital_shift"]

    per_e = p["points-per-oom"] / 2.302585
    reports: dict[str, Callable[[], Any]] = {
        "lag_months": lag,
        "chips_months": chips_only,
        "follower_months": lambda: lag() - chips_only(),
        "us_h100e": lambda: out["usa"],
        "rest_h100e": lambda: out["rest"],
        "legal_h100e": lambda: out["legal"],
        "diverted_h100e": lambda: out["diverted"],
        "domestic_h100e": lambda: out["domestic"],
        "rented_h100e": lambda: rented,
        "used_h100e": lambda: used,
        "us_added_h100e": lambda: usa,
        "legal_added_h100e": lambda: legal,
        "diverted_added_h100e": lambda: diverted,
        "domestic_added_h100e": lambda: domestic,
        "ratio_used": lambda: out["usa"] / used,
        "ratio_owned": lambda: out["usa"] / (out["legal"] + out["diverted"] + out["domestic"]),
        "largest_run_us_flop": largest,
        "largest_run_china_flop": lambda: largest() / xp.exp(ratio_of_runs),
        "effective_compute_e_folds": lambda: effective,
        "frontier_points": lambda: per_e * effective,
        "china_points": lambda: per_e * (effective - gap_explained(xp, back, lag())),
        "price_usd": lambda: p["price-2025"] * p["price-decline"] ** (-(years - 2025.0)),
        "china_capital_share": lambda: 1.0 / (1.0 + xp.exp(-odds())),
    }
    state = out | {
        "outside": outside,
        "logic": logic,
        "hbm": hbm,
        "denied": denied,
        "first": s["first"],
        "back": back,
        "year": s["year"],
    }
    return state, lambda name: reports[name]()


def _assumed(xp: Any, p: Values, x: Values, name: str) -> Any:
    """Return what is assumed of a stream in the quarter: each draw lies somewhere in the rows' own intervals."""
    z = p[f"assumed-{name}"]
    return x[f"{name}_assumed"] * xp.exp(z * xp.where(z > 0, x[f"{name}_up"], x[f"{name}_down"]))


def best_allowed(xp: Any, p: Values, ratios: Any) -> Any:
    """Return the best legal chip over the best on the market, times the chance of its license; best over review
    policies.
    """
    chances = (1.0, p["approval-approval"], p["approval-case"], p["approval-unstated"], p["approval-denial"])
    best = ratios[0] * chances[0] + 0.0 * p["approval-case"]
    for i in range(1, 5):
        best = xp.maximum(best, ratios[i] * chances[i])
    return best


def months_behind(xp: Any, back: Any, gap: Any, follow: Any, time: Any) -> Any:
    """Return the lag L in months that solves gap = E(t) - E(t - L) + follow (1 - exp(-L / time)); negative when ahead.

    Linear between quarters; the right side rises in L, so each quarter contributes the share of it that is passed.
    Quarter by quarter rather than on one array of all, which would go through memory once for each operation.
    """
    decay = xp.exp(-3.0 / time)
    left, below, passed, first = 1.0 + 0.0 * decay, 0.0 * gap, 0.0 * gap, None
    for quarter in range(1, LOOKBACK + 1):
        left = left * decay  # exp(-L / time), three months on
        side = (back[0] - back[quarter]) + follow * (1.0 - left)
        rise = xp.maximum(side - below, 1e-6)
        passed = passed + xp.clip((gap - below) / rise, 0.0, 1.0)
        first = rise if first is None else first
        below = side
    return 3.0 * passed + 3.0 * xp.minimum(gap, 0.0) / first


def gap_explained(xp: Any, back: Any, lag: Any) -> Any:
    """Return E(t) - E(t - lag) in e-folds, linear between quarters."""
    total = xp.minimum(lag, 0.0) / 3.0 * (back[0] - back[1])
    for quarter in range(LOOKBACK):
        total = total + xp.clip(lag / 3.0 - quarter, 0.0, 1.0) * (back[quarter] - back[quarter + 1])
    return total
