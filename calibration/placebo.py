"""Does the method find nothing where there is nothing? Countries permuted, and rules on days when there was none.

    python calibration/placebo.py [--simulations N]

Abilities do not depend on countries, so the built-in fit serves all permutations: labels of the models of the US and
China are dealt again, model by model or developer by developer. A group's lag is measured by each definition, and so is
that of the US behind China under the same deal: where labels mean nothing, both come from one distribution, and half
their difference is 0 but for the sizes of the groups. Rules: every quarter that has a year of data before and after.
"""

import datetime as dt
import functools

import altair as alt
import numpy as np
import polars as pl
from record import Check, Run, Table, evidence_of, run_of

from leadtime.effect.before_after import RULE_DAYS, changes
from leadtime.lag.frontier import LagDraws
from leadtime.lag.measure import measure
from leadtime.study import START, Study

QUESTION = "Do permuted countries show no lag, and permuted rule dates no effect?"
#: Declared before any run. Gaps of trends, which know a sign, have a median within half a month of none over
#: permutations of models; the real lag is beyond 95 % of permutations by each definition; around quarters without a
#: rule the share of China and the lag are found to change in at most 10 %.
NO_GAP_MONTHS, BEYOND, MOST_FALSE = 0.5, 0.95, 0.10
DEFINITIONS = ("daily_mean", "daily_mean_matched", "catch_up", "trend_gap_linear", "trend_gap_latent")
_AMONG, _DRAWS = ("models", "developers"), 150
_START = float(START.toordinal())


def medians(study: Study, worlds, china: np.ndarray, usa: np.ndarray) -> list[float]:
    """Return the median lag of China behind the US by each definition."""
    return [_median(_lag(name, study, worlds, china, usa)) for name in DEFINITIONS]


def _lag(name: str, study: Study, worlds, subject: np.ndarray, reference: np.ndarray) -> LagDraws:
    from leadtime.lag.latent import latent_frontier

    def latent(mask):
        return latent_frontier(worlds, mask, rng=np.random.default_rng([study.seed, 11]), start=_START)

    return measure(
        name, worlds, subject, reference, start=_START, rng=np.random.default_rng([study.seed, 11]), latent=latent
    )


def _median(found: LagDraws) -> float:
    defined = found.months[np.isfinite(found.months)]
    return float(np.median(defined)) if defined.size else float("nan")


def dealt(labels: np.ndarray, organizations: np.ndarray, how: str, rng: np.random.Generator) -> np.ndarray:
    """Return which models are called Chinese: labels shuffled over models, or over developers."""
    if how == "models":
        return rng.permutation(labels)
    names = np.unique(organizations)
    own = np.array([labels[organizations == n].mean() > 0.5 for n in names])
    return np.isin(organizations, names[rng.permutation(own)])


@functools.cache
def _study(quick: bool) -> Study:
    return Study(method="map", draws=60 if quick else 500, evidence=evidence_of(quick=quick))


def deal(task: tuple[int, int, str, bool]) -> list[float]:
    """Return the median lag by each definition under one deal: seed, its number, among whom; or `real`."""
    seed, i, how, quick = task
    study = _study(quick)
    worlds = study.worlds().rows(slice(0, 40 if quick else _DRAWS))
    china, usa = study.mask("CHN"), study.mask("USA")
    if how == "real":
        return medians(study, worlds, china, usa)
    members = np.flatnonzero(china | usa)
    organizations = study._info(worlds.models)["organization"].to_numpy()[members]
    mine = dealt(china[members], organizations, how, np.random.default_rng([seed, i, len(how)]))
    return medians(study, worlds, *(np.isin(np.arange(china.size), members[m]) for m in (mine, ~mine)))


def countries(run: Run) -> tuple[list[Check], list[Table], pl.DataFrame]:
    """Return what permuted countries show."""
    real = deal((run.seed, 0, "real", run.quick))
    tasks = [(run.seed, i, how, run.quick) for i in range(run.simulations) for how in _AMONG]
    done = run.each(deal, tasks, label="deal")
    checks, rows, shown = [], [], []
    for k, how in enumerate(_AMONG):
        found = done[k :: len(_AMONG)]
        x = np.array(found)
        for j, name in enumerate(DEFINITIONS):
            column = x[np.isfinite(x[:, j]), j]
            place = float(np.mean(column < real[j]))
            low, middle, high = np.quantile(column, [0.05, 0.5, 0.95])
            rows.append((how, name.replace("_", " "), real[j], middle, low, high, place))
            shown += [{"definition": name.replace("_", " "), "months": float(v), "dealt": how} for v in column]
            if how == "models":
                checks.append(
                    Check(
                        what=f"{name}: share of deals of models with a lag below the real one", value=place, low=BEYOND
                    )
                )
                if name.startswith("trend"):
                    checks.append(
                        Check(
                            what=f"{name}: median over deals of models, months",
                            value=float(middle),
                            low=-NO_GAP_MONTHS,
                            high=NO_GAP_MONTHS,
                        )
                    )
    table = Table(
        title="Lag under permuted countries, months",
        columns=("dealt among", "definition", "real", "permuted: median", "5 %", "95 %", "share below the real one"),
        rows=rows,
    )
    data = pl.DataFrame(shown).with_columns(
        real=pl.col("definition").replace_strict(
            {n.replace("_", " "): r for n, r in zip(DEFINITIONS, real, strict=True)}
        )
    )
    return checks, [table], data


def rules(study: Study) -> tuple[list[Check], list[Table], list[str]]:
    """Return what quarters without a rule show, and where the real ones stand among them."""
    middle = [(dt.date(y, m, 15), f"{y}Q{m // 3 + 1}") for y in range(2022, 2027) for m in (2, 5, 8, 11)]
    ruled = {f"{d.year}Q{(d.month + 2) // 3}" for d, _ in RULE_DAYS}
    placebo, real = changes(study, [d for d in middle if d[1] not in ruled]), changes(study)
    checks, rows, notes = [], [], []
    for label, unit in (("share", 100.0), ("legal_share", 100.0), ("lag", 1.0)):
        x = np.array([c.change for c in placebo if c.measure == label and c.change is not None]) * unit
        if not len(x):
            continue
        found = (x[:, 0] > 0) | (x[:, 2] < 0)
        words = {
            "share": "China's share of arrivals (points)",
            "legal_share": "share shipped under the rules (points)",
            "lag": "measured lag (months)",
        }[label]
        checks.append(
            Check(
                what=f"{words}: share of {len(x)} quarters without a rule that are found to change",
                value=float(found.mean()),
                high=MOST_FALSE,
            )
        )
        if label == "lag":
            checks.append(
                Check(
                    what=f"{words}: share of {len(x)} quarters without a rule after which it is said to have grown",
                    value=float(np.mean(x[:, 0] > 0)),
                    high=MOST_FALSE,
                )
            )
        for c in real:
            if c.measure == label and c.change is not None:
                low, value, high = c.change
                place = float(np.mean(x[:, 1] < value * unit))
                rows.append(
                    (words, c.rule, low * unit, value * unit, high * unit, float(np.median(x[:, 1])), place, len(x))
                )
        notes.append(
            f"{words}: changes around quarters without a rule run from {x[:, 1].min():.2g} to {x[:, 1].max():.2g}."
        )
    table = Table(
        title="Breaks around real rules among those around quarters without one",
        columns=("measure", "rule", "low", "change", "high", "median elsewhere", "share of them below it", "quarters"),
        rows=rows,
    )
    return checks, [table], notes


def main(arguments: list[str] | None = None) -> None:
    """Run the permutations and publish."""
    run = run_of("placebo", QUESTION, simulations=200, quick=2, arguments=arguments)
    run.settings |= {"method": "map", "draws": 40 if run.quick else _DRAWS}
    checks, tables, data = countries(run)
    more, others, notes = rules(_study(run.quick))
    run.publish(
        checks=checks + more,
        tables=tables + others,
        notes=[
            (
                "Only the trends know a sign: the other definitions stop at 0 when the follower leads, so their lag is"
                " positive by construction, the more so the fewer models the follower has."
            ),
            "The years around neighboring quarters overlap, so they are not independent trials.",
            *notes,
        ],
        chart=chart(data),
    )


def chart(data: pl.DataFrame) -> alt.TopLevelMixin:
    """Return the distribution of lags over deals, with the real lag as a line."""
    base = alt.Chart(alt.Data(values=data.to_dicts()))
    bars = base.mark_bar(color="#9db8cc").encode(
        x=alt.X("months:Q", bin=alt.Bin(maxbins=40), title="months"),
        y=alt.Y("count()", title=None),
    )
    line = base.mark_rule(color="#c2703d", strokeWidth=2).encode(x="mean(real):Q")
    return (
        alt.layer(bars, line)
        .properties(width=170, height=90)
        .facet(row=alt.Row("dealt:N", title=None), column=alt.Column("definition:N", title=None))
        .resolve_scale(y="independent")
    )


if __name__ == "__main__":
    main()
