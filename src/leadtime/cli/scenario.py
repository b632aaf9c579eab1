"""`leadtime scenario` and `leadtime calibrate`: what happens next under which policy, and what history taught."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.answers.simulated import (
    profiles_json,
    quarter,
    run_json,
    scenarios_json,
    sensitive,
    swept,
    where_from,
    yours,
)
from leadtime.cli.standing_shown import show_first, show_rest
from leadtime.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Seed,
    StudyDir,
    columns,
    open_study,
    put,
    put_json,
    records,
    stamp,
    wrap,
)
from leadtime.errors import LeadtimeError
from leadtime.whole import whole

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

app = typer.Typer(no_args_is_help=True, help="What happens next, under which policy: conditional, not a forecast.")

By = Annotated[str, typer.Option("--by", metavar="QUARTER", help="Quarter that is shown, 2022Q1 to 2032Q4.")]
Prior = Annotated[bool, typer.Option("--prior", help="Draws of the priors, not constrained by what was observed.")]
Files = Annotated[list[Path] | None, typer.Option("--file", metavar="FILE", help="A scenario of your own (YAML).")]


def _study(as_of: str | None, study: Path | None, seed: int | None) -> "Study":
    return open_study(as_of, study, seed, 2000, "nuts")


def _fork(
    s: "Study", *, prior: bool = False, draws: int | None = None, files: list[Path] | None = None, profile: str = ""
) -> "tuple[Fork, list[str]]":
    from leadtime.scenario.files import load_file
    from leadtime.scenario.fork import Fork

    fork = Fork(s, prior=prior, draws=draws, profile=profile)
    own = []
    for path in files or []:
        scenario = load_file(path, fork.scenarios)
        fork.scenarios[scenario.name] = scenario
        own.append(scenario.name)
    return fork, own


@app.command("list")
def list_(
    study: StudyDir = None,
    as_json: AsJson = False,
    levers: Annotated[bool, typer.Option("--levers", help="The levers instead.")] = False,
    profiles: Annotated[bool, typer.Option("--profiles", help="The profiles of forecasters instead.")] = False,
) -> None:
    """List the scenarios, the levers that they set, or the profiles of forecasters."""
    from leadtime import answers
    from leadtime.scenario.files import available
    from leadtime.scenario.levers import LEVERS
    from leadtime.scenario.profiles import available as available_profiles

    if profiles:
        known = available_profiles(study)
        if as_json:
            return put_json(profiles_json(known.values()))
        for p in known.values():
            put(f"{p.name}: {p.title} ({p.source})")
            wrap(p.narrative, "    ")
        return None

    if levers:
        if as_json:
            return put_json(answers.levers())
        for name, lever in LEVERS.items():
            put(f"{name} ({lever.unit}, {lever.low:g} to {lever.high:g})")
            wrap(lever.help, "    ")
        return None
    found = available(study)
    if as_json:
        return put_json(scenarios_json(found.values()))
    for s in found.values():
        put(f"{s.name}: {s.title}")
        wrap(s.narrative, "    ")
    return None


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(help="Scenarios, such as as-is no-controls.")] = None,
    file: Files = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="LEVER=VALUE[@DAY]", help="A lever of a scenario of your own; may be repeated."),
    ] = None,
    base: Annotated[str, typer.Option("--base", help="With --set: the scenario that yours starts from.")] = "as-is",
    by: By = "2028Q4",
    prior: Prior = False,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="Priors of a published forecaster; `list --profiles`.")
    ] = "",
    draws: Annotated[
        int | None,
        typer.Option("--draws", min=100, help="With --prior or --cluster: how many; any number, in flat memory."),
    ] = None,
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler; implies --prior.")
    ] = "",
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Run scenarios on the constrained ensemble: lag, its change, its chances, the compute behind it."""
    s = _study(as_of, study, seed)
    big = cluster or (draws or 0) > 50_000
    fork, own = _fork(
        s, prior=bool(prior or cluster or draws), draws=None if big else draws, files=file, profile=profile
    )
    wanted = [*(names or []), *own, *yours(fork, base, sets or [])]
    if not wanted:
        raise LeadtimeError(
            "no scenario is named", fix=f"Scenarios: {', '.join(fork.scenarios)}; or --file FILE, or --set LEVER=VALUE."
        )
    quarter(by)
    if big:
        return _stream(fork, wanted, draws or 1_000_000, cluster, by, as_json=as_json, as_csv=as_csv)
    if as_csv:
        return put(fork.table(wanted).write_csv().rstrip())
    return put_json(run_json(fork, wanted, by)) if as_json else _show(fork, fork.summary(wanted, by), by)


def _band(r: dict[str, Any], name: str, form: str = "{:.1f}") -> str:
    low, median, high = (form.format(r[f"{name}_{k}"]) for k in ("low", "median", "high"))
    return f"{median} [{low}, {high}]"


def _show(fork: "Fork", rows: list[dict[str, Any]], by: str) -> None:
    found = show_first(fork)
    put(f"lag of China behind the US in {by}, months; conditional on each scenario\n")
    columns([("scenario", "lag [90 %]", "against as-is", "P>6", "P>12", "P>24", "US:China"), *(
        (r["scenario"], _band(r, "lag"), _band(r, "change", "{:+.1f}"), f"{r['p_over_6']:.2f}", f"{r['p_over_12']:.2f}",
         f"{r['p_over_24']:.2f}", f"{r['ratio_used_median']:.1f}")
        for r in rows
    )], (20, 17, 18, 4, 4, 4, 8))  # fmt: skip
    put()
    now = _now(fork)
    for when in (now, by):
        e = fork.effect().at(when)
        wrap(
            f"Simulated effect of the rules on the lag in {when} (as-is less no-controls, same draws): {e['median']:+.1f} months "
            f"[{e['low']:+.1f}, {e['high']:+.1f}]; under half a month, or the wrong way, in {e['p_nothing_or_less']:.0%} of draws.", "",
        )  # fmt: skip
    show_rest(found)
    wrap("This is one model's answer: `leadtime effect` sets it beside what follows from less.", "")
    price = fork.price_of_a_month("as-is", "no-controls", by)
    if price:
        wrap(
            f"Sales forgone for each month of lag until {by}: ${price['median'] / 1e9:,.0f}B [{price['low'] / 1e9:,.0f}, {price['high'] / 1e9:,.0f}].",
            "",
        )
    wrap(
        "The simulation is fitted to the past, so its past errors say nothing of its skill; `leadtime backtest` has scored forecasts.",
        "",
    )
    for name in sorted({c for r in rows for c in fork.scenario(r["scenario"]).changes}):
        rate = fork.world.rate(name)
        wrap(
            f"Rule changes, {name}: {len(rate.episodes)} episodes in {rate.years:.1f} years, so one more within a year with "
            f"probability {rate.chance(365.25):.2f}.", "",
        )  # fmt: skip
    if fork.profile:
        wrap(f"Profile {fork.profile.name}: {fork.profile.narrative}", "")
    if not fork.prior:
        e2 = fork.ensemble
        wrap(f"{e2.n} configurations left of {e2.prior_draws:,} prior draws (effective {e2.effective:,.0f}), ensemble {e2.key[:12]} of {e2.as_of}. "
             "Compute in dense 8-bit H100-equivalents; US:China is stock over what China uses.", "")  # fmt: skip
    stamp(fork.study)


def _now(fork: "Fork") -> str:
    from leadtime.supply.arrivals import quarter_of

    return quarter_of(fork.study.evidence.as_of)


def _stream(fork: "Fork", wanted: list[str], draws: int, cluster: str, by: str, *, as_json: bool, as_csv: bool) -> None:
    import polars as pl

    from leadtime.scenario import stream

    if fork.profile or any(fork.scenario(n).priors or fork.scenario(n).changes for n in wanted):
        raise LeadtimeError(
            "a profile, or a scenario with priors or rule changes of its own, cannot be streamed",
            where="--draws",
            fix="Run it with at most 50,000 draws.",
        )
    rows = fork.priors()
    table = stream.run(rows, {n: fork.world.inputs(fork.scenario(n)) for n in wanted}, draws=draws, seed=fork.study.seed,
                       cluster=cluster, progress=fork.study.progress)  # fmt: skip
    if as_csv:
        return put(table.write_csv().rstrip())
    if as_json:
        return put_json(
            {**fork.study.stamp, "layer": "conditional", "draws_from": "priors", "n": draws, "rows": records(table)}
        )
    put(f"{by}, {draws:,} prior draws\n")
    some = table.filter(pl.col("quarter") == by)
    columns([("scenario", "lag, months", "by chips alone", "US:China used"), *(
        (n, *(_cell(some, n, v) for v in ("lag_months", "chips_months", "ratio_used"))) for n in wanted
    )], (20, 19, 19, 18))  # fmt: skip
    return stamp(fork.study)


def _cell(table: Any, scenario: str, variable: str) -> str:
    import polars as pl

    low, median, high = (
        table.filter(pl.col("scenario") == scenario, pl.col("variable") == variable)
        .select("low", "median", "high")
        .row(0)
    )
    return f"{median:.1f} [{low:.1f}, {high:.1f}]"


@app.command()
def sweep(
    lever: Annotated[str, typer.Argument(help="A lever; `scenario list --levers` names them.")],
    values: Annotated[str, typer.Option("--values", help="Values, separated by commas.")],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day of the setting; default that of the next quarter."),
    ] = None,
    base: Annotated[str, typer.Option("--base", help="The scenario it changes.")] = "as-is",
    by: By = "2028Q4",
    prior: Prior = False,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Set one lever to one value after another, and say what the lag comes to."""
    from leadtime.scenario.levers import next_quarter
    from leadtime.study import parse_date

    s = _study(as_of, study, seed)
    fork, _ = _fork(s, prior=prior)
    begin = parse_date(start) or next_quarter(s.as_of)
    rows = swept(fork, lever, [_float(t) for t in values.split(",")], begin, base, by)
    if as_json:
        return put_json({**s.stamp, **where_from(fork), "by": by, "rows": rows})
    put(f"lag in {by}, months, {lever} set from {begin}\n")
    columns([("value", "lag [90 %]", f"against {base}", "P>12", "US:China"), *(
        (f"{r['value']:g}", _band(r, "lag"), _band(r, "change", "{:+.1f}"), f"{r['p_over_12']:.2f}", f"{r['ratio_used_median']:.1f}")
        for r in rows
    )], (12, 19, 20, 5, 8))  # fmt: skip
    return stamp(s)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LeadtimeError(
            f"{text!r} is not a number", where="--values", fix="Expected numbers such as 0,0.5,1."
        ) from None


@app.command()
def sensitivity(
    name: Annotated[str, typer.Argument(help="A scenario.")] = "as-is",
    effect: Annotated[bool, typer.Option("--effect", help="Of its excess over no-controls, not of its lag.")] = False,
    by: By = "2028Q4",
    points: Annotated[int, typer.Option("--points", help="Sobol points, a power of two.")] = 1024,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Say which inputs matter, and what would have to be true for the lead to vanish."""
    from leadtime import answers
    from leadtime.scenario import sensitivity as which

    s = _study(as_of, study, seed)
    if as_json:
        return put_json(answers.sensitivity(s, name=name, effect=effect, by=by, points=points))
    fork, _ = _fork(s)
    found = sensitive(fork, name, effect=effect, by=by, points=points, seed=s.seed)
    indices, bars, alone, of = (found[k] for k in ("sobol", "tornado", "what_would_do", "of"))
    what = f"effect of the rules under {name}" if effect else f"lag under {name}"
    put(f"{what}, {by}: Sobol indices over the priors [90 %]\n")
    columns([("parameter", "first order", "total"), *(
        (r["parameter"], f"{r['first']:.2f} [{r['first_low']:.2f}, {r['first_high']:.2f}]", f"{r['total']:.2f} [{r['total_low']:.2f}, {r['total_high']:.2f}]")
        for r in records(indices)[:10]
    )], (24, 22, 22))  # fmt: skip
    put(f"\nmonths with each at its 5 % and 95 % quantile in the ensemble (now {bars['middle'][0]:.1f})\n")
    columns([("parameter", "from", "to", "at low", "at high"), *(
        (r["parameter"], f"{r['from']:.3g}", f"{r['to']:.3g}", f"{r['at_low']:.1f}", f"{r['at_high']:.1f}") for r in records(bars)[:10]
    )], (24, 10, 10, 8, 8))  # fmt: skip
    put("\nwhat alone would bring the median to one month or less\n")
    able = [r for r in records(alone) if r["needed"] is not None]
    for r in able:
        put(
            f"  {r['parameter']}: {r['needed']:.3g} (now {r['now']:.3g}), the {100 * r['in_prior']:.0f} % quantile of its prior"
        )
    if not able:
        nearest = records(alone)[0]
        wrap(f"no parameter within its prior; nearest: {nearest['parameter']}, {nearest['least_median']:.1f} months.")
    months = of(fork.draws)
    gone = which.vanishing(fork.draws, months)
    put(
        f"\n{(months <= 1).mean():.1%} of draws come to one month or less"
        + ("; there, against all" if gone.height else "")
    )
    for r in records(gone)[:4]:
        put(f"  {r['parameter']}: {r['there']:.3g} (all {r['all']:.3g})")
    return stamp(s)


def calibrate(
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Annotated[int, typer.Option("--draws", min=20_000, help="Prior draws to weight.")] = 200_000,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the ensemble there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Constrain the simulation by what was observed, and show what each observation did."""
    from leadtime.scenario import ensemble as ensembles
    from leadtime.scenario.fork import Fork, calibrated

    s = _study(as_of, study, seed)
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
        f"{found.prior_draws:,} prior draws, effective {found.effective:,.0f}; {found.n} configurations kept, key {found.key[:12]}\n"
    )
    columns([("constraint", "observed", "prior", "posterior", "eff. without"), *(
        (r["constraint"], *(_three(r, k) for k in ("observed", "prior", "posterior")), f"{r['effective_without']:,.0f}") for r in rows
    )], (15, 17, 17, 17, 12))  # fmt: skip
    put()
    wrap(
        "eff. without: the effective sample size were this constraint left out; what it grows by is the constraint's pull.",
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
    return f"{median} [{low}, {high}]"
