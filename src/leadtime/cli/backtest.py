"""`leadtime backtest`: what we would have said on an earlier day, and how that came out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import AsCsv, AsJson, AsOf, Seed, StudyDir, columns, open_study, put, put_json, stamp, wrap

if TYPE_CHECKING:
    from leadtime.backtest import Backtest
    from leadtime.backtest.monthly import Monthly
    from leadtime.study import Study


def backtest(
    file: Annotated[Path | None, typer.Argument(help="With --locked: the file; default that of the study.")] = None,
    since: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="DATE", help="Forecast as known on this day; may be repeated. Default: four."),
    ] = None,
    question: Annotated[str | None, typer.Option("--question", metavar="ID", help="One question only.")] = None,
    monthly: Annotated[
        bool, typer.Option("--monthly", help="Forecasts of the lag from every month, on this evidence: two minutes.")
    ] = False,
    locked: Annotated[
        bool, typer.Option("--locked", help="Check and score the forecasts that were locked before the outcome.")
    ] = False,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Forecast by what was known on earlier days only, and score it by what came, beside plain baselines."""
    from leadtime import answers
    from leadtime.backtest import ORIGINS, questions
    from leadtime.backtest import backtest as run
    from leadtime.cli import locked as shown
    from leadtime.errors import LeadtimeError, unknown_name
    from leadtime.study import parse_date

    if file is not None and not locked:
        raise LeadtimeError("a file is read with --locked alone", fix="Example: leadtime backtest --locked mine.jsonl")
    s = open_study(as_of, study, seed, 2000, "nuts")
    if locked:
        return shown.locked(s, file, as_json=as_json)
    if monthly:
        return _monthly_alone(s, as_json=as_json, as_csv=as_csv)
    origins = tuple(d for d in (parse_date(text) for text in since or ()) if d) or tuple(
        d for d in ORIGINS if d <= s.as_of
    )
    if question is not None and question not in (known := [q.id for q in questions(s.evidence)]):
        raise unknown_name("question", question, known)
    if as_json:
        return put_json(answers.backtest(s, since=origins, question=question))
    found = run(s, origins, only=question)
    if as_csv:
        import polars as pl

        rows = [
            {**{k: v for k, v in r.items() if k != "scores"}, **{f"score_{k}": v for k, v in r["scores"].items()}}
            for r in found.rows()
        ]
        return put(pl.DataFrame(rows, infer_schema_length=None).write_csv().rstrip())
    for origin in origins:
        _origin(found, origin)
    _score(found)
    if question is None and not since:
        from leadtime.backtest.monthly import record

        if (kept := record(s)) is not None:
            _monthly(s, kept)
    return stamp(s)


def _monthly_alone(s: "Study", *, as_json: bool, as_csv: bool) -> None:
    from leadtime.backtest.monthly import record

    kept = record(s, anew=True)
    if kept is None:
        return None
    if as_json:
        return put_json({**s.stamp, **kept.summary(s)})
    if as_csv:
        import polars as pl

        return put(pl.DataFrame([{n: getattr(r, n) for n in r.__slots__} for r in kept.rows]).write_csv().rstrip())
    _monthly(s, kept)
    return stamp(s)


def _monthly(s: "Study", m: "Monthly") -> None:
    found = m.summary(s)
    put(
        f"\nlag from the first of every month, {found['first_origin'][:7]} to {found['last_origin'][:7]}; CRPS in months\n"
    )
    lines = [
        (
            r["forecaster"],
            f"{r['crps_months']:.2f}",
            *(f"{r['crps_by_quarters_ahead'][h - 1]:.2f}" for h in (1, 4)),
            "/".join(f"{r[k]:.2f}"[1 if r[k] < 0.995 else 0 :] for k in ("inside_50", "inside_80", "inside_90")),
            f"{r['width_90_months']:.1f}",
            ""
            if r["forecaster"] == "leadtime"
            else f"{r['ours_less_theirs_months']:+.2f} [{r['difference_low']:+.2f}, {r['difference_high']:+.2f}]",
        )
        for r in found["forecasters"]
    ]
    head = ("forecaster", "CRPS", "1 q", "4 q", "50/80/90", "wide", "ours less theirs")
    columns([head, *lines], (21, 4, 4, 4, 11, 4, 20))
    put()
    wrap(m.sentence(), "")
    wrap(
        "1 q, 4 q: quarters ahead. 50/80/90: share of outcomes in those intervals. The last column has the 90 % interval when blocks of "
        "six months are drawn anew: these are some four independent episodes.",
        "",
    )
    if not found["of_this_evidence"]:
        wrap(
            f"Computed on the built-in evidence {found['evidence_hash']} to {found['as_of']}; --monthly computes it on this.",
            "",
        )


def _origin(found: "Backtest", origin: Any) -> None:
    rows = [r for r in found.rows() if r["origin"] == origin]
    put(
        f"as known on {origin}: {sum(bool(r['scores']) for r in rows)} forecasts scored of {len(rows)} open questions\n"
    )
    made = [r for r in rows if r["median"] is not None]
    columns([("question", "closes", "said [90 %]", "came", "score"), *(
        (r["question"], str(r["closes_on"]), _said(r), number(r["outcome"]), f"{r['scores']['leadtime']:.2f}" if r["scores"] else "open")
        for r in made
    )], (30, 10, 20, 7, 5))  # fmt: skip
    missing = [r["question"] for r in rows if r["median"] is None and r["kind"] == "number"]
    if missing:
        wrap(f"No forecast for {', '.join(missing)}: nothing that was public then bears on them enough.", "")
    events = sum(r["kind"] == "event" for r in rows)
    if events:
        wrap(f"No forecast is made of {events} event{'s' * (events > 1)}: past rates were no better than a coin.", "")
    put()


def _said(r: dict[str, Any]) -> str:
    return f"{number(r['median'])} [{number(r['low'])}, {number(r['high'])}]"


def number(x: float | None) -> str:
    """Return a number as the tables of the record have it: 96.2B, 3.4, or a dash."""
    if x is None:
        return "-"
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{unit}"
    return f"{x:.1f}" if x != round(x) else f"{x:.0f}"


def _score(found: "Backtest") -> None:
    put("mean score, less is better: CRPS (months; of logs for money)\n")
    lines = []
    for r in found.summary():
        if r["ours"] is None:
            continue
        band = "" if r["skill_low"] is None else f" [{r['skill_low']:+.2f}, {r['skill_high']:+.2f}]"
        lines.append((r["group"], r["forecaster"], str(r["n"]), f"{r['ours']:.2f}", f"{r['score']:.2f}",
                      "-" if r["skill"] is None else f"{r['skill']:+.2f}{band}"))  # fmt: skip
    columns([("about", "against", "n", "ours", "theirs", "skill [90 %]"), *lines], (9, 21, 4, 6, 7, 24))
    put()
    covered = found.coverage()
    if covered["n"]:
        c = covered["inside_90%"]
        band = "" if c["low"] is None else f" [{c['low']:.2f}, {c['high']:.2f}]"
        wrap(
            f"90 % intervals held {c['share']:.2f}{band} of {covered['n']} outcomes in {covered['n_series']} series.",
            "",
        )
    wrap("Skill is 1 less our score over theirs: above zero is lower than theirs, and tells only where its interval is above zero. Questions were chosen in 2026, knowing what came; "
         "methods were made then too. Counterfactuals are never scored.", "")  # fmt: skip
