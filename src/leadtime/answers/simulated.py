"""What arrived, and what may follow under which policy."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain, program, records, stamped
from leadtime.errors import LeadtimeError, unknown_name

if TYPE_CHECKING:
    import polars as pl

    from leadtime.scenario.fork import Fork
    from leadtime.scenario.levers import Scenario, Setting
    from leadtime.scenario.profiles import Profile
    from leadtime.study import Study

BLOCS = ("CHN", "USA", "ROW")


def supply(
    study: "Study", *, country: str = "CHN", compare: bool = False, chips: bool = False, share: bool = False
) -> dict[str, Any]:
    """Say which chips arrived in a bloc by year and channel, what stock they add up to, or how China's share moved."""
    return {**study.stamp, "rows": records(arrivals(study, country, compare=compare, chips=chips, share=share))}


def arrivals(study: "Study", country: str, *, compare: bool, chips: bool, share: bool) -> "pl.DataFrame":
    """Return arrivals and stocks of a bloc, counted chips, published estimates beside ours, or China's share before and now.

    Raises:
        LeadtimeError: Unknown bloc, or nothing counted by the study's day.
    """
    import polars as pl

    if country not in BLOCS:
        raise unknown_name("bloc", country, BLOCS)
    found: Any = study.supply
    if compare:
        table: pl.DataFrame = found.compared()
        return table
    if share:
        from leadtime.supply import like

        return like.table(found)
    if chips:
        return pl.DataFrame(
            found.chips().filter(pl.col("bloc").is_in(["CHN"] if country == "CHN" else ["WORLD", "XCHN"]))
        )
    return pl.DataFrame(found.table().filter(pl.col("bloc") == country))


def scenarios(study: "Study") -> list[dict[str, Any]]:
    """List the scenarios: narrative, rules, levers by date."""
    from leadtime.scenario.files import available

    return scenarios_json(available(study.folder).values())


def scenarios_json(found: "Iterable[Scenario]") -> list[dict[str, Any]]:
    """Return scenarios as JSON can hold them."""
    return stamped([_scenario(s) for s in found], program())


def _scenario(s: "Scenario") -> dict[str, Any]:
    steps = {k: [_setting(x) for x in path] for k, path in s.levers.items()}
    changes = {c: {k: x.chip or x.value for k, x in found.items()} for c, found in s.changes.items()}
    return {
        "name": s.name,
        "title": s.title,
        "narrative": s.narrative,
        "rules": s.rules,
        "levers": steps,
        "changes": changes,
        "priors": s.priors,
    }


def _setting(s: "Setting") -> dict[str, Any]:
    from leadtime.scenario.files import NEXT_WORDS
    from leadtime.scenario.levers import NEXT

    begin = NEXT_WORDS if s.begin == NEXT else str(s.begin)
    return {
        "from": begin,
        **({"to": str(s.to)} if s.to else {}),
        **({"chip": s.chip} if s.chip else {"value": s.value}),
    }


def levers() -> list[dict[str, Any]]:
    """List the levers: what each does, its unit and its range."""
    from leadtime.scenario.levers import LEVERS

    rows = [
        {"lever": k, "help": v.help, "unit": v.unit, "low": v.low, "high": plain(float(v.high))}
        for k, v in LEVERS.items()
    ]
    return stamped(rows, program())


def profiles(study: "Study") -> list[dict[str, Any]]:
    """List the profiles of published forecasters: whose priors, and how they come from what was said."""
    from leadtime.scenario.profiles import available

    return profiles_json(available(study.folder).values())


def profiles_json(found: "Iterable[Profile]") -> list[dict[str, Any]]:
    """Return profiles as JSON can hold them."""
    return stamped([asdict(p) for p in found], program())


def scenario_run(
    study: "Study", *, names: Sequence[str] = (), sets: Sequence[str] = (), base: str = "as-is", by: str = "2028Q4", profile: str = ""
) -> dict[str, Any]:  # fmt: skip
    """Run scenarios on the constrained ensemble: lag, its change, its chances, the compute behind it, by quarter."""
    from leadtime.scenario.fork import Fork

    fork = Fork(study, profile=profile) if profile else study.fork
    own = yours(fork, base, sets)
    try:
        return run_json(fork, [*names, *own], by)
    finally:
        for name in own:  # a fork that lives long must not remember one reader's levers for the next
            fork.forget(name)


def yours(fork: "Fork", base: str, sets: Sequence[str]) -> list[str]:
    """Add the scenario that differs from `base` by levers, and return its name, or nothing when no lever is set."""
    from leadtime.scenario.own import with_levers

    if not sets:
        return []
    made = with_levers(fork.scenario(base), sets)
    fork.scenarios[made.name] = made
    return [made.name]


def run_json(fork: "Fork", names: list[str], by: str) -> dict[str, Any]:
    """Return what a run of scenarios comes to.

    Raises:
        LeadtimeError: No scenario is named, or an unknown one, or a quarter that is not simulated.
    """
    if not names:
        raise LeadtimeError("no scenario is named", fix=f"Scenarios: {', '.join(fork.scenarios)}; or --file FILE.")
    quarter(by)
    rows = fork.summary(names, by)
    from leadtime.backtest.standing import standing

    stands = {} if fork.prior else {"standing": plain(standing(fork))}
    return {
        **fork.study.stamp,
        **where_from(fork),
        "layer": "conditional",
        "by": by,
        **stands,
        "scenarios": plain(rows),
        "quarters": records(fork.table(names)),
    }


def quarter(text: str) -> str:
    """Return a quarter that is simulated.

    Raises:
        LeadtimeError: It is not.
    """
    from leadtime.scenario.inputs import QUARTERS

    if text not in QUARTERS:
        raise LeadtimeError(
            f"{text!r} is not a simulated quarter", where="--by", fix=f"Expected {QUARTERS[0]} to {QUARTERS[-1]}, such as 2028Q4.",
        )  # fmt: skip
    return text


def where_from(fork: "Fork") -> dict[str, Any]:
    """Return where the draws of a simulation come from."""
    profile = {"profile": fork.profile.name} if fork.profile else {}
    if fork.prior:
        return {"draws_from": "priors", **profile}
    e = fork.ensemble
    return {
        **profile,
        "draws_from": "constrained ensemble",
        "ensemble": e.key,
        "configurations": e.n,
        "effective_sample_size": e.effective,
    }


def sweep(
    study: "Study",
    *,
    lever: str,
    values: Sequence[float],
    start: dt.date | None = None,
    base: str = "as-is",
    by: str = "2028Q4",
) -> dict[str, Any]:
    """Set one lever to one value after another from a day on (default the next quarter), and say what the lag comes to."""
    from leadtime.scenario.levers import next_quarter

    return {
        **study.stamp,
        **where_from(study.fork),
        "by": by,
        "rows": plain(swept(study.fork, lever, values, start or next_quarter(study.as_of), base, by)),
    }


def swept(
    fork: "Fork", lever: str, values: Sequence[float], start: dt.date, base: str, by: str
) -> list[dict[str, Any]]:
    """Return a summary for each value of a lever.

    Raises:
        LeadtimeError: Unknown lever, scenario or quarter, or a value out of range.
    """
    from leadtime.scenario.levers import LEVERS, Setting

    if lever not in LEVERS:
        raise unknown_name("lever", lever, LEVERS)
    known, old, found = LEVERS[lever], fork.scenario(base), []
    quarter(by)
    for value in values:
        if not known.low <= value <= known.high:
            raise LeadtimeError(
                f"{value:g} is out of range",
                where=f"--values, lever {lever}",
                fix=f"Expected {known.low:g} to {known.high:g}.",
            )
        steps = (*(x for x in old.levers.get(lever, ()) if x.begin < start), Setting(start, float(value)))
        name = f"{base}, {lever} {value:g} from {start}"
        fork.scenarios[name] = replace(old, name=name, title=name, levers={**old.levers, lever: steps})
        found.append(name)
    try:
        rows = fork.summary(found, by)
    finally:
        for name in found:  # a fork that lives long must not gather every value anyone ever tried
            fork.forget(name)
    return [{"value": float(v), **r} for v, r in zip(values, rows, strict=True)]


def scenario_draws(
    study: "Study", *, names: Sequence[str] = (), sets: Sequence[str] = (), base: str = "as-is", n: int = 20_000
) -> dict[str, Any]:  # fmt: skip
    """Run scenarios on any number of prior draws, in flat memory: bands by quarter."""
    from leadtime.scenario import stream

    fork = study.fork
    own = yours(fork, base, sets)
    try:
        wanted = [*names, *own]
        if not wanted:
            raise LeadtimeError("no scenario is named", fix=f"Scenarios: {', '.join(fork.scenarios)}.")
        found = {x: fork.scenario(x) for x in wanted}
        if fixed := [x for x, s in found.items() if s.priors or s.changes]:
            raise LeadtimeError(
                f"{fixed[0]} draws priors or rule changes of its own and cannot be streamed",
                fix="Ask for scenarios/run.",
            )
        inputs = {x: fork.world.inputs(s) for x, s in found.items()}
        table = stream.run(fork.priors(), inputs, draws=n, seed=study.seed, progress=study.progress)
    finally:
        for name in own:
            fork.forget(name)
    titles = {x: s.title for x, s in found.items()}
    return {
        **study.stamp,
        "layer": "conditional",
        "draws_from": "priors",
        "n": n,
        "titles": titles,
        "rows": records(table),
    }


def sensitivity(
    study: "Study", *, name: str = "as-is", effect: bool = False, by: str = "2028Q4", points: int = 1024
) -> dict[str, Any]:
    """Say which inputs matter, and what would have to be true for the lead to vanish."""
    import polars as pl

    found = sensitive(study.fork, name, effect=effect, by=by, points=points, seed=study.seed)
    return {**study.stamp, **where_from(study.fork), "by": by, "of": "effect" if effect else "lag",
            **{k: records(v) for k, v in found.items() if isinstance(v, pl.DataFrame)}}  # fmt: skip


def sensitive(fork: "Fork", name: str, *, effect: bool, by: str, points: int, seed: int) -> dict[str, Any]:
    """Return Sobol indices, tornado, what alone would do, and the function they are of.

    Raises:
        LeadtimeError: A number of points that is no power of two, or a scenario that draws its own rule changes.
    """
    from leadtime.scenario import sensitivity as which

    if points < 16 or points & (points - 1):
        raise LeadtimeError(f"{points} is not a power of two from 16", where="--points", fix="Try 1024.")
    if fork.scenario(name).changes:
        raise LeadtimeError(
            f"{name} draws when rules change, so no input alone decides it",
            fix="Ask for the scenario it starts from, such as as-is.",
        )
    of = which.outcome(fork.world, fork.scenario(name), quarter(by), fork.scenario("no-controls") if effect else None)
    rows = fork.priors()
    return {
        "sobol": which.sobol(rows, of, n=points, seed=seed), "tornado": which.tornado(fork.draws, of),
        "what_would_do": which.what_would_do(rows, fork.draws, of), "of": of,
    }  # fmt: skip
