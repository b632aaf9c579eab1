"""Is the path of the lag where its intervals say, in worlds as its model assumes and in worlds of other kinds?

    python calibration/sbc_path.py [--simulations N] [--jobs N]

Abilities are simulated for the models, days, laboratories and errors of measurement of the built-in evidence, so that
one compiled sampler (the shipped one, with one chain) serves all worlds. No world is left out, however its chain mixed.
In worlds `as assumed` every parameter comes from its prior, and the rank of the truth among thinned draws is uniform if
the sampler is right. The other kinds break one assumption each.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import uniform
from record import Check, Run, Table, run_of

from leadtime.evidence import Evidence
from leadtime.lag import path_model
from leadtime.lag.path_design import Design, Floats, Seen, design_of
from leadtime.lag.path_fit import Sampler, parameters
from leadtime.study import Study

QUESTION = (
    "Are the lag now, its change and its mean where the path's intervals say, in worlds as assumed and in worlds of"
    " other kinds?"
)
#: Declared before any run: in worlds of other kinds together, 90 % intervals of the lag now and of its change hold the
#: truth in 85 to 95 % of cases; in worlds as assumed, corrected for all, no rank may be found not uniform at 5 %.
BOUNDS_90, LEAST_P = (0.85, 0.95), 0.05
#: How a world is made otherwise: shortfalls that last as long as the laboratory, or are three times as large in one
#: half-year in four; heavy tails; a lag that steps down, walks and grows, or ends in a lead of the follower; a frontier
#: of sudden jumps, one whose pace drifts, or one whose pace changes at once, and with it how far the follower's models
#: fall short.
KINDS = ("laboratories", "sizes", "tails", "step", "lead", "growing", "jumps", "pace", "regime")
#: The ranks are of so many draws, thinned from a chain that runs on until each ranked quantity has so many effective
#: draws, or until it is so many times as long.
DRAWS, LEAST_ESS, LONGEST = 19, 100.0, 4
WARMUP, LENGTH = 100, 500
#: Lower than for what ships, whose draws must not diverge; here diverged draws are counted and told.
ACCEPTANCE = 0.85
QUANTITIES = ("now", "past year", "growth", "change", "mean")
RANKED = (
    *QUANTITIES,
    "level of the process",
    "spread of the process",
    "persistence",
    "own shortfall, leader",
    "own shortfall, follower",
    "shared shortfall, leader",
    "shared shortfall, follower",
    "noise, leader",
    "noise, follower",
    "log likelihood",
)
_OWN, _SHARED, _NOISE, _RATE = 5.5, 5.0, 1.4, 1.3


@functools.cache
def pattern(*, quick: bool) -> tuple[Design, Seen, tuple[str, ...]]:
    """Return the design of the built-in evidence, its errors of measurement, and the laboratory of each model."""
    study = Study(evidence=Evidence.load(), method="map", draws=50 if quick else 500)
    worlds, masks = study.worlds(), [study.mask(g) for g in ("CHN", "USA")]
    if quick:
        some = np.arange(len(worlds.models)) % 12 == 0
        masks = [m & some for m in masks]
    labs = [str(o) for o in study._info(worlds.models)["organization"]]
    design, seen = design_of(worlds, *masks, labs)
    chosen = np.concatenate([np.flatnonzero(m & (worlds.day[0] <= worlds.as_of)) for m in reversed(masks)])
    return design, seen, tuple(labs[i] for i in chosen)


@functools.cache
def sampler(*, quick: bool) -> Sampler:
    """Return the compiled sampler, one a process."""
    design, seen, _ = pattern(quick=quick)
    warmup, draws = (10, 20) if quick else (WARMUP, LENGTH)
    return Sampler(design, seen.factors.shape[1], chains=1, warmup=warmup, draws=draws, acceptance=ACCEPTANCE)


def simulate(task: tuple[int, int, str, bool]) -> dict[str, object]:
    """Return the truth, the ranks and the quantiles of one world."""
    seed, i, kind, quick = task
    design, seen, labs = pattern(quick=quick)
    rng = np.random.default_rng([seed, i, ("as assumed", *KINDS).index(kind)])
    mean, truth = (
        assumed(design, seen, rng, quick=quick) if kind == "as assumed" else otherwise(design, seen, labs, kind, rng)
    )
    made, known = sampler(quick=quick), Seen(mean=mean, factors=seen.factors, variance=seen.variance)
    x, diverged, stand = made.run(known, seed=i)
    drawn = ranked(known, x[0], quick=quick)
    for _ in range(0 if quick else LONGEST - 1):
        if effective(drawn) >= LEAST_ESS:
            break
        more, also, stand = made.on(known, stand)
        drawn, diverged = np.concatenate([drawn, ranked(known, more[0], quick=quick)]), diverged + also
    thinned = drawn[np.linspace(0, len(drawn) - 1, DRAWS).astype(int)]
    return {
        "kind": kind,
        "truth": truth,
        "quantiles": np.quantile(drawn[:, : len(QUANTITIES)], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0),
        "ranks": uniform.ranks_of(truth, thinned[:, : len(truth)]),
        "diverged": diverged,
        "draws": len(drawn),
        "ess": effective(drawn),
    }


def effective(drawn: Floats) -> float:
    """Return the effective draws of the worst quantity of one chain, shape (draw, quantity)."""
    from arviz_stats.base import array_stats

    return float(np.min(array_stats.ess(drawn[None], chain_axis=0, draw_axis=1, method="bulk")))


def summary(design: Design, lag: Floats) -> Floats:
    """Return the quantities of the page, shape (draw, 5), of paths (draw, knot), months.

    They are the lag now, its mean over the past year, its growth in twelve months, its change from year to year and its
    mean.
    """
    days = np.linspace(max(design.lag_knots[0], float(design.month[design.n_reference :].min())), design.end, 400)
    at = np.stack([np.interp(days, design.lag_knots, path) for path in lag])
    last = days > design.end - 12
    before = (days > design.end - 24) & ~last
    year_ago = np.array([np.interp(design.end - 12, design.lag_knots, path) for path in lag])
    year = at[:, last].mean(axis=1)
    return np.column_stack(
        [lag[:, -1], year, lag[:, -1] - year_ago, year - at[:, before].mean(axis=1), at.mean(axis=1)]
    )


def ranked(seen: Seen, x: Floats, *, quick: bool) -> Floats:
    """Return what is ranked of vectors (draw, parameter), shape (draw, quantity).

    The last is the log likelihood, which sees errors that cancel in every parameter alone.
    """
    design, _, _ = pattern(quick=quick)
    p = parameters(design, x)
    process = [p["mean_months"], p["spread_months"], p["persistence"]]
    likelihood = _likelihood(quick=quick)(x, (seen.mean, seen.factors, seen.variance))
    return np.column_stack(
        [summary(design, p["lag"]), *process, p["own_mean"], p["shared_mean"], p["noise"], likelihood]
    )


@functools.cache
def _likelihood(*, quick: bool) -> Callable[..., Floats]:
    import jax

    design, _, _ = pattern(quick=quick)

    def one(x: Any, seen: Any) -> Any:
        return 0.5 * x @ x - path_model.potential(x, design, seen)

    return jax.jit(jax.vmap(one, in_axes=(0, None)))  # type: ignore[no-any-return]


def assumed(design: Design, seen: Seen, rng: np.random.Generator, *, quick: bool) -> tuple[Floats, Floats]:
    """Return measured abilities and the truth of a world as the model assumes: every parameter from its prior."""
    x = rng.normal(size=path_model.size(design, seen.factors.shape[1]))
    p = path_model.named(x, design)
    expected = (
        np.asarray(path_model.expected(p, design))
        - np.asarray(p.shared)[design.group]
        + seen.factors @ x[-seen.factors.shape[1] :]
    )
    side, n = design.side, len(design.month)
    noise = np.sqrt(np.asarray(p.noise)[side] ** 2 + seen.variance)
    usual = noise * rng.normal(size=n) - rng.exponential(np.asarray(p.own_mean)[side])
    odd = np.sqrt(path_model.OUTLIER_POINTS**2 + seen.variance) * rng.normal(size=n)
    y = expected + np.where(rng.random(n) < path_model.OUTLIERS, odd, usual)
    return y, ranked(Seen(mean=y, factors=seen.factors, variance=seen.variance), x[None], quick=quick)[0]


def otherwise(
    design: Design, seen: Seen, labs: tuple[str, ...], kind: str, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return measured abilities and the truth of a world that breaks one assumption; the truth is of the quantities of
    the page.
    """
    lag = _lag(design, kind, rng)
    behind = np.where(design.side == 1, np.interp(design.month, design.lag_knots, lag), 0.0)
    fine = np.arange(design.knots[0] - 12, design.knots[-1] + 13, 0.05)
    level = _frontier(fine, kind, rng)
    expected = design.level + np.interp(design.month - behind, fine, level)
    y = expected - _shortfall(design, labs, kind, rng) + seen.factors @ rng.normal(size=seen.factors.shape[1])
    noise = rng.standard_t(3, len(y)) if kind == "tails" else rng.normal(size=len(y))
    return y + np.sqrt(_NOISE**2 + seen.variance) * noise, summary(design, lag[None])[0]


def _lag(design: Design, kind: str, rng: np.random.Generator) -> Floats:
    t, n = design.lag_knots, len(design.lag_knots)
    share = (t - t[0]) / (t[-1] - t[0])
    if kind == "step":
        return np.where(share < rng.uniform(0.4, 0.7), rng.uniform(7, 12), rng.uniform(1, 5))
    if kind == "lead":
        return rng.uniform(6, 10) + share * rng.uniform(-14, -9)
    if kind == "growing":
        return rng.uniform(1, 5) + np.cumsum(rng.normal(rng.uniform(0.2, 0.8), 1.0, n))
    z = np.empty(n)
    z[0] = rng.normal()
    for k in range(1, n):
        z[k] = 0.75 * z[k - 1] + np.sqrt(1 - 0.75**2) * rng.normal()
    return rng.uniform(3, 9) + 2.5 * z


def _frontier(fine: Floats, kind: str, rng: np.random.Generator) -> Floats:
    """Return a rising frontier on a fine grid of months, about zero in the middle."""
    if kind == "jumps":
        when = np.sort(rng.uniform(fine[0], fine[-1], rng.poisson((fine[-1] - fine[0]) / 4)))
        rise = rng.gamma(1.0, 4 * _RATE, len(when))
        level = np.concatenate([[0.0], np.cumsum(rise)])[np.searchsorted(when, fine)]
    elif kind in ("pace", "regime"):
        share = (fine - fine[0]) / (fine[-1] - fine[0])
        if kind == "pace":  # the pace doubles or triples over the years, or falls to a half or a third
            log_pace = rng.choice([-1, 1]) * rng.uniform(np.log(2), np.log(3)) * (share - 0.5)
        else:
            log_pace = np.log(2.5) * ((share > rng.uniform(0.4, 0.75)) - 0.5)
        level = np.cumsum(_RATE * np.exp(log_pace) * (fine[1] - fine[0]))
    else:
        step = fine[1] - fine[0]
        quarter = np.floor((fine - fine[0]) / 3).astype(int)
        level = np.cumsum(rng.gamma(8.0, _RATE / 8, quarter.max() + 1)[quarter] * step)
    return level - np.interp(20.0, fine, level)


def _shortfall(design: Design, labs: tuple[str, ...], kind: str, rng: np.random.Generator) -> Floats:
    own = rng.exponential(_OWN, len(design.month))
    if kind == "tails":
        own *= np.where(rng.random(len(own)) < 0.15, 4.0, 1.0)
    if kind == "regime":  # in its second half the follower's models fall short by twice as much
        late = (design.side == 1) & (design.month > np.median(design.month[design.n_reference :]))
        own *= np.where(late, 2.0, 1.0)
    if kind == "sizes":
        large = np.where(rng.random(len(design.group_side)) < 0.25, 3.0, 1.0)
        return own + (large * rng.exponential(_SHARED, len(large)))[design.group]
    if kind != "laboratories":
        return own + rng.exponential(_SHARED, len(design.group_side))[design.group]
    keys = [(s, lab) for s, lab in zip(design.side, labs, strict=True)]
    found = sorted(set(keys))
    size = dict(zip(found, rng.exponential(_SHARED, len(found)), strict=True))
    least = {
        s: min(v for (side, _), v in size.items() if side == s) for s in (0, 1)
    }  # the best laboratory is at the frontier
    return own + np.array([size[k] - least[k[0]] for k in keys])


def summarize(run: Run, found: list[dict[str, object]]) -> None:
    """Publish coverage by kind, ranks, and what diverged."""
    kinds = list(dict.fromkeys(str(f["kind"]) for f in found))
    rows, other = [], []
    for kind in kinds:
        held = np.stack([_held(f) for f in found if f["kind"] == kind])
        rows += [
            (kind, len(held), name, *(held[:, i, j].mean() for i in range(3))) for j, name in enumerate(QUANTITIES)
        ]
        if kind != "as assumed":
            other.append(held)
    together = np.concatenate(other)
    rows += [
        ("all other kinds", len(together), name, *(together[:, i, j].mean() for i in range(3)))
        for j, name in enumerate(QUANTITIES)
    ]
    ranks = np.stack([np.asarray(f["ranks"]) for f in found if f["kind"] == "as assumed"])
    tests = uniform.holm(np.array([uniform.band(r, DRAWS) for r in ranks.T]))
    checks = [
        Check(
            what=f"90 % intervals of {words} hold the truth, worlds of other kinds",
            value=float(together[:, 1, j].mean()),
            low=BOUNDS_90[0],
            high=BOUNDS_90[1],
        )
        for j, words in enumerate(
            (
                "the lag now",
                "its mean over the past year",
                "its growth in twelve months",
                "its change from year to year",
            )
        )
    ]
    checks.append(Check(what="least corrected p-value of the ranks, band", value=float(tests.min()), low=LEAST_P))
    table = [(name, r.mean() / DRAWS, p) for name, r, p in zip(RANKED, ranks.T, tests, strict=True)]
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="Coverage by kind of world",
                columns=("kind", "worlds", "quantity", "50 % holds", "90 % holds", "median minus truth, months"),
                rows=rows,
            ),
            Table(
                title="Ranks of the truth in worlds as assumed",
                columns=("quantity", "mean rank", "p, band, corrected"),
                rows=table,
            ),
        ],
        notes=[_chains(found)],
        chart=uniform.chart({n: r for n, r in zip(RANKED, ranks.T, strict=True)}, {n: n for n in RANKED}, DRAWS),
    )


def _chains(found: list[dict[str, object]]) -> str:
    drawn, diverged, ess = (np.array([float(f[k]) for f in found]) for k in ("draws", "diverged", "ess"))  # type: ignore[arg-type]
    few = int((ess < LEAST_ESS).sum())
    return (
        f"The worst quantity of a world has {np.median(ess):.0f} effective draws in the median world, {ess.min():.0f}"
        f" in the worst; {few} of {len(ess)} worlds have fewer than {LEAST_ESS:.0f}."
        f" {100 * diverged.sum() / drawn.sum():.2g} % of the steps diverged."
    )


def _held(f: dict[str, object]) -> Floats:
    """Return whether the 50 % and the 90 % interval hold the truth, and the median less the truth, shape (3,
    quantity).
    """
    truth, q = np.asarray(f["truth"])[: len(QUANTITIES)], np.asarray(f["quantiles"])
    return np.stack([(q[1] <= truth) & (truth <= q[3]), (q[0] <= truth) & (truth <= q[4]), q[2] - truth]).astype(float)


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish; `--simulations` is how many worlds as assumed, and a quarter as many of each
    other kind, at most 10.
    """
    run = run_of("sbc_path", QUESTION, simulations=60, quick=1, arguments=arguments)
    each = max(1, min(run.simulations // 4, 10))
    run.settings |= {
        "draws": LENGTH,
        "draws_at_most": LENGTH * LONGEST,
        "warmup": 2 * WARMUP,
        "models": len(pattern(quick=run.quick)[0].month),
        "worlds_of_each_other_kind": each,
    }
    tasks = [(run.seed, i, "as assumed", run.quick) for i in range(run.simulations)]
    rest = [(run.seed, i, kind, run.quick) for i in range(each) for kind in KINDS]
    mixed = sorted(
        [*enumerate(tasks), *((i * len(tasks) / len(rest), t) for i, t in enumerate(rest))], key=lambda p: p[0]
    )
    summarize(run, run.each(simulate, [t for _, t in mixed], label="worlds"))


if __name__ == "__main__":
    main()
