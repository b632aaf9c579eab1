"""`leadtime backtest`: what we would have said on an earlier day, and how that came out."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import AsCsv, AsJson, AsOf, Seed, StudyDir, columns, open_study, put, put_json, stamp, wrap

if TYPE_CHECKING:
    from leadtime.backtest import Backtest


def backtest(
    since: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="DATE", help="Forecast as known on this day; may be repeated. Default: four."),
    ] = None,
    question: Annotated[str | None, typer.Option("--question", metavar="ID", help="One question only.")] = None,
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
    from leadtime.errors import unknown_name
    from leadtime.study import parse_date

    s = open_study(as_of, study, seed, 2000, "nuts")
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
    return stamp(s)


def _origin(found: "Backtest", origin: Any) -> None:
    rows = [r for r in found.rows() if r["origin"] == origin]
    put(
        f"as known on {origin}: {sum(bool(r['scores']) for r in rows)} forecasts scored of {len(rows)} open questions\n"
    )
    made = [r for r in rows if r["p"] is not None or r["median"] is not None]
    columns([("question", "closes", "said [90 %]", "came", "score"), *(
        (r["question"], str(r["closes_on"]), _said(r), _number(r["outcome"]), f"{r['scores']['leadtime']:.2f}" if r["scores"] else "open")
        for r in made
    )], (30, 10, 20, 7, 5))  # fmt: skip
    missing = [r for r in rows if r["p"] is None and r["median"] is None]
    if missing:
        wrap(
            f"No forecast for {', '.join(r['question'] for r in missing)}: nothing that was public then bears on them enough.",
            "",
        )
    put()


def _said(r: dict[str, Any]) -> str:
    if r["p"] is not None:
        return f"P = {r['p']:.2f}"
    return f"{_number(r['median'])} [{_number(r['low'])}, {_number(r['high'])}]"


def _number(x: float | None) -> str:
    if x is None:
        return "-"
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{unit}"
    return f"{x:.1f}" if x != round(x) else f"{x:.0f}"


def _score(found: "Backtest") -> None:
    put("mean score, less is better: CRPS (months; of logs for money), Brier for events\n")
    lines = []
    for r in found.summary():
        if r["ours"] is None:
            continue
        band = "" if r["skill_low"] is None else f" [{r['skill_low']:+.2f}, {r['skill_high']:+.2f}]"
        lines.append((r["group"], r["forecaster"], str(r["n"]), f"{r['ours']:.2f}", f"{r['score']:.2f}",
                      "-" if r["skill"] is None else f"{r['skill']:+.2f}{band}"))  # fmt: skip
    columns([("about", "against", "n", "ours", "theirs", "skill [90 %]"), *lines], (9, 16, 4, 6, 7, 24))
    put()
    covered, events = found.coverage(), found.events()
    if covered["n"]:
        c = covered["inside_90%"]
        band = "" if c["low"] is None else f" [{c['low']:.2f}, {c['high']:.2f}]"
        wrap(
            f"90 % intervals held {c['share']:.2f}{band} of {covered['n']} outcomes in {covered['n_series']} series.",
            "",
        )
    for b in events.get("calibration", ()):
        wrap(
            f"Events given {b['from']:.0%} to {b['to']:.0%} ({b['said']:.0%} on average): {b['came']:.0%} of {b['n']} came.",
            "",
        )
    wrap("Skill is 1 less our score over theirs: above zero is better than they. Questions were chosen in 2026, knowing what came; "
         "methods were made then too. Counterfactuals are never scored.", "")  # fmt: skip
