"""Simulation-based calibration of the cost curve's model, in both directions.

    python calibration/sbc_curve.py [--simulations N] [--jobs N]

Coefficients, scales, organizations and true regressors come from the priors, the data from the likelihood, for the
models of the built-in evidence with their dates, countries, organizations and errors of compute. The sampler is the one
that ships. It draws each chain on data of its own; here 99 chains share the data of one simulation. The shipped curve
takes abilities as draws and does not revise them; here they are exact, as the model assumes.
"""

import numpy as np
import uniform
from record import Check, Run, Table, run_of

from leadtime.capability.result import Floats
from leadtime.cost import curve_model
from leadtime.cost.assumptions import Assumptions
from leadtime.cost.curve_data import curve_data
from leadtime.cost.curve_model import NAMES, PRIOR, Regression
from leadtime.evidence import Evidence

QUESTION = "Are posterior draws of the curve's model where they say, when the world is as the model assumes?"
#: Declared before any run: corrected for all parameters, none may be found not uniform at 5 %.
LEAST_P = 0.05
DRAWS, TOGETHER = 99, 20
DIRECTIONS = ("compute_equivalent", "average_practice")
DERIVED = ("scatter", "between organizations", "year, all countries", "year / slope")


def pattern(evidence: Evidence) -> Regression:
    """Return who is regressed: dates, countries, flags, organizations and errors of compute of the built-in
    evidence.
    """
    ids = tuple(evidence["models"]["id"])
    stated = Assumptions(evidence["assumptions"], seed=0, draws=0)
    tables = (evidence[t] for t in ("training_runs", "models", "organizations"))
    data = curve_data(*tables, stated, ids, np.zeros((1, len(ids))))
    zero = np.zeros((1, data.n))
    return Regression(
        y=zero,
        y_sd=zero[0],
        x=zero,
        x_sd=data.oom_sd,
        years=data.years,
        country=data.country_index,
        use=np.ones(data.n),
        flags=np.column_stack([data.reasoning, data.distilled, data.coding]).astype(float),
        organization=np.unique(data.organizations, return_inverse=True)[1],
    )


def truth_of(rng: np.random.Generator) -> tuple[Floats, float, float, Floats]:
    """Return coefficients, scatter, spread of organizations, and the trend and spread of the regressor, from the
    priors.
    """
    beta = np.array([rng.normal(*PRIOR[name]) for name in NAMES])
    scatter, between, spread = (np.sqrt(scale / rng.gamma(shape)) for shape, scale in curve_model.VARIANCES)
    return beta, scatter, between, np.array([*rng.normal(0, curve_model.TREND_SD, 2), spread])


def data_of(
    p: Regression, truth: tuple[Floats, float, float, Floats], rng: np.random.Generator, direction: str
) -> tuple[Floats, Floats]:
    """Return response and regressor as measured, shape (model,)."""
    beta, scatter, between, (m0, m1, spread) = truth
    named = dict(zip(NAMES, beta, strict=True))
    x = rng.normal(m0 + m1 * p.years, spread)
    chn, other = p.country == 1, p.country == 2
    y = named["level"] + named["level_chn"] * chn + named["level_other"] * other + named["slope"] * x
    y = y + named["bend"] * x * x / 2 + p.flags @ beta[-3:]
    y = y + (named["year"] + named["year_chn"] * chn + named["year_other"] * other) * p.years
    y = y + rng.normal(0, between, p.organization.max() + 1)[p.organization]
    y = y + scatter * rng.standard_t(5, p.years.size)
    error = rng.normal(0, p.x_sd)
    return (y, x + error) if direction == "compute_equivalent" else (y + error, x)


def flat(beta: Floats, scatter: Floats, between: Floats, weight: Floats) -> Floats:
    """Return what is ranked, the last axis: coefficients, scales and the rates they come to."""
    year = beta[..., NAMES.index("year") :][..., :3] @ weight
    derived = (scatter, between, year, year / beta[..., NAMES.index("slope")])
    return np.concatenate([beta, np.stack(derived, axis=-1)], axis=-1)


def simulate(task: tuple[int, int, int, str, int]) -> np.ndarray:
    """Return the ranks of some simulations in one direction, shape (simulation, parameter)."""
    seed, first, n, direction, sweeps = task
    p = pattern(Evidence.load())
    rngs = [np.random.default_rng([seed, i, DIRECTIONS.index(direction)]) for i in range(first, first + n)]
    truths = [truth_of(rng) for rng in rngs]
    made = [data_of(p, t, rng, direction) for t, rng in zip(truths, rngs, strict=True)]
    y, x = (np.repeat(np.stack(v), DRAWS, axis=0) for v in zip(*made, strict=True))
    zero, inverse = np.zeros(p.years.size), direction == "average_practice"
    shared = {f: getattr(p, f) for f in ("years", "country", "flags", "organization", "use")}
    r = Regression(y=y, y_sd=p.x_sd if inverse else zero, x=x, x_sd=zero if inverse else p.x_sd, **shared)
    c = curve_model.sample(r, seed=seed + first, sweeps=sweeps)
    weight = np.concatenate([[1.0], np.bincount(p.country, minlength=3)[1:] / p.years.size])
    true = flat(np.stack([t[0] for t in truths]), *(np.array([t[k] for t in truths]) for k in (1, 2)), weight)
    drawn = flat(c.beta, c.scatter, c.between, weight).reshape(n, DRAWS, -1)
    return np.stack([uniform.ranks_of(t, d) for t, d in zip(true, drawn, strict=True)])


def summarize(run: Run, found: dict[str, np.ndarray]) -> None:
    """Publish what the ranks show."""
    names = (*NAMES, *DERIVED)
    tests = {"band": uniform.band, "chi-square": uniform.chi_square}
    corrected = {
        label: uniform.holm(np.array([test(c, DRAWS) for r in found.values() for c in r.T])).reshape(len(found), -1)
        for label, test in tests.items()
    }
    rows = [
        (
            direction.replace("_", " "),
            name,
            np.mean(r[:, j]) / DRAWS,
            *(np.mean(np.abs(r[:, j] - DRAWS / 2) <= share * DRAWS / 2) for share in (0.5, 0.9)),
            *(corrected[t][d, j] for t in tests),
        )
        for d, (direction, r) in enumerate(found.items())
        for j, name in enumerate(names)
    ]
    ranks = {f"{d}: {n}": r[:, j] for d, r in found.items() for j, n in enumerate(names)}
    run.publish(
        checks=[
            Check(what=f"least corrected p-value, {t}", value=float(corrected[t].min()), low=LEAST_P) for t in tests
        ],
        tables=[
            Table(
                title="Ranks by parameter",
                columns=(
                    "direction",
                    "parameter",
                    "mean rank",
                    "in the central 50 %",
                    "in the central 90 %",
                    "p, band",
                    "p, chi-square",
                ),
                rows=rows,
            )
        ],
        chart=uniform.chart(ranks, {n: n.split(":")[0].replace("_", " ") for n in ranks}, DRAWS),
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the simulations and publish."""
    run = run_of("sbc_curve", QUESTION, simulations=400, quick=4, arguments=arguments)
    sweeps = 20 if run.quick else curve_model.SWEEPS
    run.settings |= {"draws": DRAWS, "sweeps": sweeps, "models": pattern(run.evidence).years.size}
    found = {}
    for direction in DIRECTIONS:
        starts = range(0, run.simulations, TOGETHER)
        tasks = [(run.seed, i, min(TOGETHER, run.simulations - i), direction, sweeps) for i in starts]
        found[direction] = np.concatenate(run.each(simulate, tasks, label=direction))
    summarize(run, found)


if __name__ == "__main__":
    main()
