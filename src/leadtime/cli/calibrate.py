"""`leadtime calibrate`: what history taught the simulation."""

import sys
from pathlib import Path
from typing import Annotated, Any

from leadtime.answers.kinds import File
from leadtime.answers.measures import Whole
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, AsOf, Seed, StudyDir, declared
from leadtime.cli.terminal import columns, open_study, put, put_json, records, stamp, wrap
from leadtime.whole import whole


@declared
def calibrate(
    *,
    as_of: AsOf | None = None,
    study: StudyDir | None = None,
    seed: Seed | None = None,
    draws: Annotated[
        int, Meaning(kind=Whole(low=20_000, high=100_000_000), help="How many draws of the priors to weight.")
    ] = 200_000,
    out: Annotated[Path, Meaning(kind=File(), help="Write the ensemble to this file.", example="ensemble.npz")]
    | None = None,
    as_json: AsJson = False,
) -> None:
    """Fit the simulation to what was observed, and show what each observation did."""
    from leadtime.scenario import ensemble as ensembles
    from leadtime.scenario.fork import Fork, calibrated

    s = open_study(as_of, study, seed, 2000, "nuts")
    fork = Fork(s)
    found = calibrated(s, fork.world, fork.scenarios, prior_draws=draws)
    if out is not None:
        with whole(out) as partial, partial.open("wb") as file:
            ensembles.save(found, file)
        print(f"written: {out}", file=sys.stderr)
    rows = records(found.checks)
    if as_json:
        return put_json(
            {
                **s.stamp,
                "key": found.key,
                "prior_draws": found.prior_draws,
                "effective_sample_size": found.effective,
                "checks": rows,
            }
        )
    put(
        f"{found.prior_draws:,} prior draws, effective {found.effective:,.0f}; {found.n} configurations kept, key"
        f" {found.key[:12]}\n"
    )
    columns(
        [
            ("constraint", "observed", "prior", "posterior", "eff. without"),
            *(
                (
                    r["constraint"],
                    *(_three(r, k) for k in ("observed", "prior", "posterior")),
                    f"{r['effective_without']:,.0f}",
                )
                for r in rows
            ),
        ],
        (15, 17, 17, 17, 12),
    )
    put()
    wrap(
        "eff. without: the effective sample size were this constraint left out; what it grows by is the constraint's"
        " pull.",
        "",
    )
    return stamp(s)


def _three(r: dict[str, Any], name: str) -> str:
    keys = (
        ("observed_low", "observed", "observed_high")
        if name == "observed"
        else tuple(f"{name}_{k}" for k in ("low", "median", "high"))
    )
    low, median, high = (f"{r[k] / 1e3:,.0f}k" if r[k] > 1e4 else f"{r[k]:.3g}" for k in keys)
    return f"{median} ({low} to {high})"
