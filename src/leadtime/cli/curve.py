"""`leadtime curve`: how fast the cost of a given ability falls, and whether a model was an expected point on it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Draws,
    Method,
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

if TYPE_CHECKING:
    from leadtime.cost.curve import Curve
    from leadtime.study import Study


def curve(
    country: Annotated[str | None, typer.Option("--country", help="USA or CHN: that country's own rate.")] = None,
    test: Annotated[
        str | None, typer.Option("--test", metavar="MODEL", help="Was this model an expected point?")
    ] = None,
    quality: Annotated[
        float | None,
        typer.Option(
            "--quality", help="With --test deepseek-v3: how many times worse it is taken to be; the essay says 2."
        ),
    ] = None,
    spec: Annotated[bool, typer.Option("--spec", help="Every estimand by every method on every sample.")] = False,
    firsts: Annotated[
        bool, typer.Option("--firsts", help="Who first reached each ability within each compute.")
    ] = False,
    adoption: Annotated[
        bool, typer.Option("--adoption", help="How long until others shipped each innovation.")
    ] = False,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say how fast the compute and the money for a given ability fall, by three meanings of that."""
    from leadtime import answers
    from leadtime.answers.measured import curve_table

    s = open_study(as_of, study, seed, draws, method)
    if test is not None:
        return put_json(answers.expected(s, model=test, quality=quality)) if as_json else _test(s, test, quality)
    if as_json:
        return put_json(answers.curve(s, country=country, spec=spec, firsts=firsts, adoption=adoption))
    table = curve_table(s, country, spec=spec, firsts=firsts, adoption=adoption)
    if as_csv:
        return put(table.write_csv().rstrip())
    rows = records(table)
    if adoption:
        _show_adoption(rows)
    elif firsts:
        _show_firsts(rows)
    elif spec:
        _show_specifications(rows)
    else:
        _show_headline(s.curve, rows, country)
    return stamp(s)


def _factor(row: dict[str, Any], digits: int = 2) -> str:
    if row["median"] is None:
        return "not known"
    return f"{_times(row['median'], digits)} [{_times(row['low'], digits)}, {_times(row['high'], digits)}]"


def _times(value: float, digits: int = 2) -> str:
    return "over 1e4" if value > 1e4 else f"{value:.0f}" if value >= 100 else f"{value:.{digits}g}"


def _show_headline(c: "Curve", rows: list[dict[str, Any]], country: str | None) -> None:
    put(
        f"fall per year of what a given ability takes to train, {c.data.n} models, {c.draws} draws{', ' + country if country else ''}\n"
    )
    columns([("", "compute", "dollars", "P(compute > 4)"), *(
        (r["title"], _factor(r), _factor({k: r[f"usd_{k}"] for k in ("median", "low", "high")}), f"{r['p_above_4']:.0%}")
        for r in rows
    )], (24, 18, 18, 14))  # fmt: skip
    put()
    for r in rows:
        wrap(f"{r['title']}: {r['sentence']}", "")
    if country:
        low, median, high = c.contrast_quantiles()
        wrap(
            f"A Chinese model of equal ability and date had {median:.1f} times less compute [{low:.1f}, {high:.1f}]. That "
            "is no measure of skill: it mixes open weights, sparse networks, learning from US models, the benchmarks "
            "chosen, and guessed US compute.", "",
        )  # fmt: skip
    wrap("These are different questions, and samples move each of them: see --spec.", "")


def _show_specifications(rows: list[dict[str, Any]]) -> None:
    columns([("estimand", "method", "sample", "n", "times a year [90 %]"), *(
        (r["estimand"].replace("_", " "), r["method"].replace("_", " "), r["sample"], str(r["n"]), _factor(r))
        for r in rows
    )], (18, 15, 13, 3, 25))  # fmt: skip
    defined = [r for r in rows if r["median"] is not None]
    holds = sum(r["low"] <= 4 <= r["high"] for r in defined)
    put()
    wrap(
        f"{len(defined)} readings: medians from {_times(defined[0]['median'])} to {_times(defined[-1]['median'])} times a year; "
        f"4 times lies in the interval of {holds} of them.", "",
    )  # fmt: skip


def _show_firsts(rows: list[dict[str, Any]]) -> None:
    columns([("points", "FLOP up to", "by", "first", "released", "FLOP", "share"), *(
        (str(r["level_points"]), "any" if r["budget_flop"] >= 1e27 else f"{r['budget_flop']:.1e}", r["country"] or "all",
         r["name"], str(r["released_on"]), f"{r['flop']:.1e}", f"{r['probability']:.0%}")
        for r in rows
    )], (6, 10, 4, 25, 10, 8, 5))  # fmt: skip
    put()
    wrap("Among models whose compute is known; share: of draws in which it is the first.", "")


def _show_adoption(rows: list[dict[str, Any]]) -> None:
    columns([("innovation", "origin", "shipped", "by", "n", "first", "months", "median"), *(
        (r["innovation"], r["origin"], str(r["shipped_on"]), r["country"], str(r["n"]), r["first"] or "none recorded",
         "" if r["first_months"] is None else f"{r['first_months']:.1f}",
         "" if r["median_months"] is None else f"{r['median_months']:.1f}")
        for r in rows
    )], (17, 8, 10, 5, 2, 12, 6, 6))  # fmt: skip
    put()
    wrap("Recorded adopters only: n is the least there are, and nobody lists who never adopted.", "")


def _test(s: "Study", model: str, quality: float | None) -> None:
    from leadtime.cost.expected import VIEWS

    found = s.evidence.resolve_model(model)
    verdict = s.curve.expected(found, quality=quality)
    put(f"was {found} an expected point on the curve?\n")
    for r in verdict["views"]:
        put(f"  {r['view'].replace('_', ' ')}: {VIEWS[r['view']]} (n = {r['n']})")
        if r["ability_percentile"] is None:
            wrap(r["note"], "      ")
            continue
        wrap(
            f"ability {r['points']:.1f} points against {r['predicted_points'][1]:.1f} [{r['predicted_points'][0]:.1f}, "
            f"{r['predicted_points'][2]:.1f}] expected: percentile {r['ability_percentile']:.0f} "
            f"[{r['ability_interval'][0]:.0f}, {r['ability_interval'][1]:.0f}]", "      ",
        )  # fmt: skip
        wrap(
            f"others would have used {r['compute_ratio'][1]:.1f} times its compute [{r['compute_ratio'][0]:.1f}, "
            f"{r['compute_ratio'][2]:.1f}]: percentile {r['compute_percentile']:.0f}", "      ",
        )  # fmt: skip
    b = verdict["base_rate"]
    if b["n"]:
        wrap(
            f"base rate: of {b['n']} models tested the same way before the fact, {b['at_least_95']:.0%} landed at the 95th "
            f"percentile or above, {b['at_least_90']:.0%} at the 90th, {b['above_50']:.0%} above the middle; it ranks "
            f"{b['rank']} of {b['n']}." if b["rank"] else f"base rate: {b['n']} models tested, this one is not among them.", "",
        )  # fmt: skip
    for e in verdict["essay"]:
        low, median, high = (x / 1e6 for x in e["expected_usd"])
        against = "; ".join(f"P(no more than {k} {v['usd'] / 1e6:.2f}M) {v['p']:.2f}" for k, v in e["against"].items())
        wrap(
            f"the essay's arithmetic, {e['quality']:g} times worse: expected ${median:.1f}M [{low:.1f}, {high:.1f}]; {against}",
            "",
        )
    return stamp(s)
