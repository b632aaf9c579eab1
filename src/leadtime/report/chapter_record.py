"""The report's chapter on our own record: what we would have said on earlier days, and how that came out."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.backtest import ORIGINS, Backtest, backtest
from leadtime.backtest.run import OURS
from leadtime.errors import LeadtimeError
from leadtime.report import figures_record
from leadtime.report.chapter import Chapter, Figure, json_rows, spread
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study

_NOT_A_TEST = (
    "Questions were chosen in 2026, knowing what came, and methods were made then too, so this is no proof of foresight; only the "
    "evidence is that of the day. The simulation cannot be run as of an earlier day, as counts of chips became public in April 2026, "
    "and counterfactual effects never resolve: neither is scored."
)


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None on a day before the first origin."""
    origins = [d for d in ORIGINS if d < study.as_of]
    try:
        study.progress("forecasts of earlier days", 0.94)
        found = backtest(study, origins)
    except LeadtimeError:
        return None
    rows = found.rows()
    if not any(r["scores"] for r in rows):
        return None
    return Chapter(
        name="record",
        title="Our own record",
        lead=lead(found),
        figures=_figures(rows),
        tables=(_scores(found), _forecasts(rows)),
        json={"origins": [str(d) for d in origins], "summary": found.summary(), "coverage": found.coverage(), "events": found.events(),
              "forecasts": json_rows(pl.DataFrame([{k: v for k, v in r.items() if k != "scores"} for r in rows], infer_schema_length=None)),
              "scores": [r["scores"] for r in rows]},
    )  # fmt: skip


def lead(found: Backtest) -> str:
    """Return how the forecasts did, in a few sentences."""
    scored = [f for f in found.forecasts if f.scored]
    said = (
        f"Had it been asked, this system would have made {len(scored)} forecasts that have been resolved since, on "
        f"{len({f.question.id for f in scored})} questions, from what was public on {len({f.origin for f in scored})} earlier days. "
    )
    covered = found.coverage()
    if covered["n"]:
        said += f"Its 90 % intervals held the outcome in {covered['inside_90%']['share']:.0%} of {covered['n']} cases. "
    lines = {(r["group"], r["forecaster"]): r for r in found.summary()}
    words = {"lag": "On the lag", "revenue": "On revenue", "events": "On rule changes"}
    for group, start in words.items():
        compared = {who: r["skill"] for (g, who), r in lines.items() if g == group and who != OURS and r["skill"] is not None and r["n"] >= 5}  # fmt: skip
        if compared:
            better = [who for who, skill in compared.items() if skill > 0]
            worse = [who for who, skill in compared.items() if skill <= 0]
            parts = [f"it beats {_and(better)}"] if better else []
            parts += [f"it does not beat {_and(worse)}"] if worse else []
            said += f"{start} {', but '.join(parts)}. "
    return said + _NOT_A_TEST


def _and(names: list[str]) -> str:
    named = [f"“{n}”" for n in names]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _figures(rows: list[dict[str, Any]]) -> tuple[Figure, ...]:
    lags = [
        {"origin": str(r["origin"]), "closes_on": r["closes_on"], "low": r["low"], "median": r["median"], "high": r["high"],
         "outcome": r["outcome"], "outcome_low": r["outcome_low"], "outcome_high": r["outcome_high"]}
        for r in rows if r["question"].startswith("lag-daily-mean") and r["median"] is not None
    ]  # fmt: skip
    if not lags:
        return ()
    data = pl.DataFrame(lags, infer_schema_length=None)
    n = data.filter(pl.col("outcome").is_not_null()).height
    return (
        Figure(
            name="record-lag", title="The lag, as it would have been forecast, and as it came",
            description="For each of four earlier days, the forecast of the lag of later quarters with its 90 % interval; diamonds are what was "
            "measured since, by today's evidence.",
            method="a series that comes back to a mean of its own, fitted to the lags measurable on that day", n=f"{n} resolved forecasts",
            chart=figures_record.forecasts(data), data=data,
            caption=f"Daily mean of the quarter, months; {n} resolved forecasts; evidence of the day only, abilities by map.",
        ),
    )  # fmt: skip


def _scores(found: Backtest) -> Table:
    return Table(
        name="record-scores", title="Scores beside plain baselines",
        caption="Less is better: CRPS (months; of logarithms for money) for numbers, Brier for events. Skill is 1 less our score over theirs on the "
        "same questions, with the interval when whole series are drawn anew.",
        columns=(("About", False), ("Against", False), ("Questions", True), ("Ours", True), ("Theirs", True), ("Skill", True)),
        rows=tuple(
            (r["group"], r["forecaster"], str(r["n"]), f"{r['ours']:.2f}", f"{r['score']:.2f}",
             "–" if r["skill"] is None else f"{r['skill']:+.2f}".replace("-", "−")
             + ("" if r["skill_low"] is None else f" [{r['skill_low']:+.2f}, {r['skill_high']:+.2f}]".replace("-", "−")))
            for r in found.summary() if r["ours"] is not None
        ),
    )  # fmt: skip


def _forecasts(rows: list[dict[str, Any]]) -> Table:
    return Table(
        name="record-forecasts", title="Every forecast",
        caption="By the day whose evidence it rests on. An event has a probability; its outcome is 1 if it came.",
        columns=(("Question", False), ("As known on", False), ("Said", True), ("Came", True), ("Score", True), ("Rests on", False)),
        rows=tuple(
            (r["words"], str(r["origin"]), f"P = {r['p']:.2f}" if r["p"] is not None else spread(r["low"], r["median"], r["high"]),
             "open" if r["outcome"] is None else spread(r["outcome_low"], r["outcome"], r["outcome_high"]),
             f"{r['scores'][OURS]:.2f}" if r["scores"] else "–", r["why"])
            for r in rows
        ),
    )  # fmt: skip
