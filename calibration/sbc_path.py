"""Is the path of the lag where its intervals say, in worlds as its model assumes and in worlds of other kinds?

    python calibration/sbc_path.py [--simulations N] [--jobs N]

Abilities are simulated for the models, days, laboratories and errors of measurement of the built-in evidence, so that one
compiled sampler (the shipped one, with one chain) serves all worlds. In worlds `as assumed` every parameter comes from its
prior, and the rank of the truth among thinned draws is uniform if the sampler is right. The other kinds break one assumption each.
"""

import functools

import numpy as np
import uniform
from record import Check, Run, Table, run_of

from leadtime.evidence import Evidence
from leadtime.lag import path_model
from leadtime.lag.path_design import Design, Floats, Seen, design_of
from leadtime.lag.path_fit import Sampler, parameters
from leadtime.study import Study

QUESTION = "Are the lag now, its change and its mean where the path's intervals say, in worlds as assumed and in worlds of other kinds?"
#: Declared before any run: in worlds of other kinds together, 90 % intervals of the lag now and of its change hold the truth in
#: 85 to 95 % of cases; in worlds as assumed, corrected for all, no rank may be found not uniform at 5 %.
BOUNDS_90, LEAST_P = (0.85, 0.95), 0.05
#: How a world is made otherwise: shortfalls that last as long as the laboratory, heavy tails, a lag that steps down, a lead of
#: the follower, a frontier of sudden jumps, a lag that walks and grows.
KINDS = ("laboratories", "tails", "step", "lead", "jumps", "growing")
DRAWS, THIN, WARMUP = 39, 10, 250
#: Lower than for what ships, whose draws must not diverge; here diverged draws are counted and told.
ACCEPTANCE = 0.85
QUANTITIES = ("now", "growth", "change", "mean")
RANKED = (*QUANTITIES, "level of the process", "spread of the process", "persistence", "own shortfall, leader", "own shortfall, follower",
          "shared shortfall, leader", "shared shortfall, follower", "noise, leader", "noise, follower")  # fmt: skip
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
    warmup, draws = (10, DRAWS) if quick else (WARMUP, DRAWS * THIN)
    return Sampler(design, seen.factors.shape[1], chains=1, warmup=warmup, draws=draws, acceptance=ACCEPTANCE)


def simulate(task: tuple[int, int, str, bool]) -> dict[str, object]:
    """Return the truth, the ranks and the quantiles of one world."""
    seed, i, kind, quick = task
    design, seen, labs = pattern(quick=quick)
    rng = np.random.default_rng([seed, i, ("as assumed", *KINDS).index(kind)])
    mean, truth = assumed(design, seen, rng) if kind == "as assumed" else otherwise(design, seen, labs, kind, rng)
    made = sampler(quick=quick)
    x, diverged, _ = made.run(Seen(mean=mean, factors=seen.factors, variance=seen.variance), seed=i)
    drawn = ranked(design, parameters(design, x[0]))
    thinned = drawn[:: max(1, len(drawn) // DRAWS)][:DRAWS]
    return {
        "kind": kind, "truth": truth, "quantiles": np.quantile(drawn[:, :4], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0),
        "ranks": uniform.ranks_of(truth, thinned[:, : len(truth)]), "diverged": diverged / len(drawn),
    }  # fmt: skip


def summary(design: Design, lag: Floats) -> Floats:
    """Return the lag now, its growth in a year, its change from year to year and its mean, of paths (draw, knot), shape (draw, 4)."""
    days = np.linspace(max(design.lag_knots[0], float(design.month[design.n_reference :].min())), design.end, 400)
    at = np.stack([np.interp(days, design.lag_knots, path) for path in lag])
    last = days > design.end - 12
    before = (days > design.end - 24) & ~last
    year_ago = np.array([np.interp(design.end - 12, design.lag_knots, path) for path in lag])
    change = at[:, last].mean(axis=1) - at[:, before].mean(axis=1)
    return np.column_stack([lag[:, -1], lag[:, -1] - year_ago, change, at.mean(axis=1)])


def ranked(design: Design, p: dict[str, Floats]) -> Floats:
    """Return what is ranked, shape (draw, quantity)."""
    process = [p["mean_months"], p["spread_months"], p["persistence"]]
    return np.column_stack([summary(design, p["lag"]), *process, p["own_mean"], p["shared_mean"], p["noise"]])


def assumed(design: Design, seen: Seen, rng: np.random.Generator) -> tuple[Floats, Floats]:
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
    return y, ranked(design, {k: v[None] for k, v in _named(p).items()})[0]


def _named(p: path_model.Named) -> dict[str, Floats]:
    wanted = ("lag", "mean_months", "spread_months", "persistence", "own_mean", "shared_mean", "noise")
    return {n: np.asarray(getattr(p, n), dtype=float) for n in wanted}


def otherwise(
    design: Design, seen: Seen, labs: tuple[str, ...], kind: str, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return measured abilities and the truth of a world that breaks one assumption; the truth is of the first four quantities."""
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
    else:
        step = fine[1] - fine[0]
        quarter = np.floor((fine - fine[0]) / 3).astype(int)
        level = np.cumsum(rng.gamma(8.0, _RATE / 8, quarter.max() + 1)[quarter] * step)
    return level - np.interp(20.0, fine, level)


def _shortfall(design: Design, labs: tuple[str, ...], kind: str, rng: np.random.Generator) -> Floats:
    own = rng.exponential(_OWN, len(design.month))
    if kind == "tails":
        own *= np.where(rng.random(len(own)) < 0.15, 4.0, 1.0)
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
        Check(what=f"90 % intervals of {words} hold the truth, worlds of other kinds", value=float(together[:, 1, j].mean()), low=BOUNDS_90[0], high=BOUNDS_90[1])
        for j, words in ((0, "the lag now"), (1, "its growth in twelve months"), (2, "its change from year to year"))
    ]  # fmt: skip
    checks.append(Check(what="least corrected p-value of the ranks, band", value=float(tests.min()), low=LEAST_P))
    table = [(name, r.mean() / DRAWS, p) for name, r, p in zip(RANKED, ranks.T, tests, strict=True)]
    run.publish(
        checks=checks,
        tables=[
            Table(title="Coverage by kind of world", columns=("kind", "worlds", "quantity", "50 % holds", "90 % holds", "median minus truth, months"), rows=rows),
            Table(title="Ranks of the truth in worlds as assumed", columns=("quantity", "mean rank", "p, band, corrected"), rows=table),
        ],
        notes=[f"{100 * np.mean([float(f['diverged']) for f in found]):.2g} % of the draws followed a diverged step."],  # type: ignore[arg-type]
        chart=uniform.chart({n: r for n, r in zip(RANKED, ranks.T, strict=True)}, {n: n for n in RANKED}, DRAWS),
    )  # fmt: skip


def _held(f: dict[str, object]) -> Floats:
    """Return whether the 50 % and the 90 % interval hold the truth, and the median less the truth, shape (3, quantity)."""
    truth, q = np.asarray(f["truth"])[:4], np.asarray(f["quantiles"])
    return np.stack([(q[1] <= truth) & (truth <= q[3]), (q[0] <= truth) & (truth <= q[4]), q[2] - truth]).astype(float)


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish; `--simulations` is how many worlds as assumed, and a quarter as many of each other kind, at most 10."""
    run = run_of("sbc_path", QUESTION, simulations=40, quick=1, arguments=arguments)
    each = max(1, min(run.simulations // 4, 10))
    run.settings |= {
        "draws": DRAWS * THIN,
        "warmup": WARMUP,
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
