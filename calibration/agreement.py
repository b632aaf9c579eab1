"""Do the three fits agree on the built-in evidence: `map`, `bootstrap` and `nuts`?

    python calibration/agreement.py

The same lags and abilities by each, against `nuts`: how far medians are apart, in half-widths of its 90 % interval, and
how wide intervals are, as a share of its own.
"""

import numpy as np
import polars as pl
from record import Check, Run, Table, run_of

from leadtime.errors import LeadtimeError
from leadtime.study import Study, lag_definitions

QUESTION = "Do `map`, `bootstrap` and `nuts` give the same lags and abilities?"
#: Declared before any run: over lags and over abilities, medians are less than half a half-width apart on average, and
#: intervals 75 to 125 % as wide.
MOST_APART, WIDTHS = 0.5, (0.75, 1.25)
MODELS = ("deepseek-v3", "deepseek-r1", "kimi-k2", "qwen2-5-max")
DRAWS = {"map": 2000, "bootstrap": 200, "nuts": 2000}


def lags(study: Study) -> dict[str, tuple[float, float, float]]:
    """Return low, median and high of every group lag and of the lags of some models, months."""
    found = {}
    for d in lag_definitions("group"):
        e = study.lag(definition=d.name)
        found[f"China, {d.name}"] = (e.low, e.median, e.high)
    for model in MODELS:
        for d in lag_definitions("model"):
            try:
                e = study.lag(model=model, definition=d.name)
            except LeadtimeError:
                continue
            found[f"{model}, {d.name}"] = (e.low, e.median, e.high)
    return found


def summarize(run: Run, studies: dict[str, Study]) -> None:
    """Publish differences of medians and ratios of widths."""
    measured = {m: lags(s) for m, s in studies.items()}
    abilities = {m: s.abilities().filter(pl.col("headline")).sort("model") for m, s in studies.items()}
    names = [n for n in measured["nuts"] if all(n in found for found in measured.values())]
    checks, summary = [], []
    for method in studies:
        if method == "nuts":
            continue
        a, b = (np.array([measured[m][n] for n in names]) for m in (method, "nuts"))
        p, q = (abilities[m].select("points_low", "points", "points_high").to_numpy() for m in (method, "nuts"))
        for what, mine, theirs in (("lags", a, b), ("abilities", p, q)):
            width, own = theirs[:, 2] - theirs[:, 0], mine[:, 2] - mine[:, 0]
            wide = width > 1e-9
            apart = np.abs(mine[:, 1] - theirs[:, 1])[wide] / (width[wide] / 2)
            ratio = float(np.sum(own[wide]) / np.sum(width[wide]))
            checks += [
                Check(
                    what=f"{method}, {what}: mean distance of medians, half-widths",
                    value=float(apart.mean()),
                    high=MOST_APART,
                ),
                Check(
                    what=f"{method}, {what}: width of intervals over those of nuts",
                    value=ratio,
                    low=WIDTHS[0],
                    high=WIDTHS[1],
                ),
            ]
            unit = np.abs(mine[:, 1] - theirs[:, 1])[wide]
            summary.append(
                (method, what, int(wide.sum()), float(apart.mean()), float(apart.max()), float(unit.mean()), ratio)
            )
    rows = [
        (n.replace("_", " "), *(f"{m[1]:.1f} [{m[0]:.1f}, {m[2]:.1f}]" for m in (measured[k][n] for k in studies)))
        for n in names
    ]
    run.publish(
        checks=checks,
        tables=[
            Table(
                title="Against nuts",
                columns=(
                    "fit",
                    "of",
                    "n",
                    "medians apart, half-widths: mean",
                    "most",
                    "medians apart, months or points: mean",
                    "width over that of nuts",
                ),
                rows=summary,
            ),
            Table(title="Lags in months by each fit", columns=("lag", *studies), rows=rows),
        ],
    )


def main(arguments: list[str] | None = None) -> None:
    """Fit and publish."""
    run = run_of("agreement", QUESTION, simulations=1, quick=1, arguments=arguments)
    if run.quick:  # no sampling in a test: `map` stands in for `nuts`
        studies = dict.fromkeys(("map", "nuts"), Study(method="map", draws=60, evidence=run.evidence))
    else:
        studies = {m: Study(method=m, draws=n, evidence=run.evidence) for m, n in DRAWS.items()}
    run.settings |= {"draws": DRAWS, "models": list(MODELS)}
    summarize(run, studies)


if __name__ == "__main__":
    main()
