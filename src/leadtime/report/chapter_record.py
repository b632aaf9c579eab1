"""The report's chapter on our own record: what we would have said on earlier days, and how that came out."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.words import day
from leadtime.backtest import ORIGINS, Backtest, backtest, monthly
from leadtime.backtest.locked_standing import of_study
from leadtime.backtest.monthly import Monthly
from leadtime.backtest.run import OURS
from leadtime.errors import LeadtimeError
from leadtime.figures import record as figures
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter, json_rows, spread
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study

_NOT_A_TEST = (
    "Questions were chosen in 2026, knowing what came, and methods were made then too, so this is no proof of"
    " foresight; only the evidence is that of the day. Hindcasts of the simulation, from revenue in place of counts of"
    " chips, stand in the chapter on the fork. Counterfactual effects never resolve, and are not scored."
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
    kept, locked = monthly.record(study), of_study(study)
    every = kept.summary(study) if kept else None
    return Chapter(
        name="record",
        title="Our own record",
        lead=lead(found, kept, every, locked["sentence"]),
        figures=_figures(rows, study),
        tables=(*([_monthly(every)] if every else []), _scores(found), _forecasts(rows), _locked(locked)),
        json={
            "origins": [str(d) for d in origins],
            "summary": found.summary(),
            "coverage": found.coverage(),
            "monthly": every,
            "locked": locked,
            "forecasts": json_rows(
                pl.DataFrame([{k: v for k, v in r.items() if k != "scores"} for r in rows], infer_schema_length=None)
            ),
            "scores": [r["scores"] for r in rows],
        },
    )


def lead(found: Backtest, kept: Monthly | None, every: dict[str, Any] | None, locked: str) -> str:
    """Return how the forecasts did, in a few sentences: of earlier days (hindcasts), and those that were locked."""
    scored = [f for f in found.forecasts if f.scored]
    said = (
        f"Had it been asked, this system would have made {len(scored)} forecasts that have been resolved since, on"
        f" {len({f.question.id for f in scored})} questions, from what was public on {len({f.origin for f in scored})}"
        " earlier days. "
    )
    covered = found.coverage()
    if covered["n"]:
        said += (
            f"Its 90% intervals held the outcome in {100 * covered['inside_90%']['share']:.0f}% of {covered['n']}"
            " cases. "
        )
    lines = {(r["group"], r["forecaster"]): r for r in found.summary()}
    words = {"lag": "On the lag", "revenue": "On revenue"}
    for group, start in words.items():
        compared = {
            who: r
            for (g, who), r in lines.items()
            if g == group and who != OURS and r["skill"] is not None and r["n"] >= 5
        }
        said += f"{start} {_compared(compared)}. " if compared else ""
    if kept and every:
        said += f"On the lag, from every month: {_decapitalized(kept.sentence())} "
        if not every["of_this_evidence"]:
            said += f"(That table is of the built-in evidence to {every['as_of']}.) "
    return f"{said}No forecast is made of rule changes: past rates were no better than a coin. {_NOT_A_TEST} {locked}"


def _compared(lines: dict[str, dict[str, Any]]) -> str:
    """Return which forecasters we did better or worse than by the interval of the skill, and from which no difference
    can be told.
    """
    better = [who for who, r in lines.items() if r["skill_low"] is not None and r["skill_low"] > 0]
    worse = [who for who, r in lines.items() if r["skill_high"] is not None and r["skill_high"] < 0]
    rest = [who for who in lines if who not in (*better, *worse)]
    parts = [f"it did better than {_and(better)}"] if better else []
    parts += [f"it did worse than {_and(worse)}"] if worse else []
    parts += [f"no difference from {_and(rest)} can be told"] if rest else []
    return "; ".join(parts)


def _decapitalized(text: str) -> str:
    return text[0].lower() + text[1:]


def _and(names: list[str]) -> str:
    named = [f"“{n}”" for n in names]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _figures(rows: list[dict[str, Any]], study: "Study") -> tuple[Figure, ...]:
    lags = [
        {
            "origin": str(r["origin"]),
            "closes_on": r["closes_on"],
            "low": r["low"],
            "median": r["median"],
            "high": r["high"],
            "outcome": r["outcome"],
            "outcome_low": r["outcome_low"],
            "outcome_high": r["outcome_high"],
        }
        for r in rows
        if r["question"].startswith("lag-daily-mean") and r["median"] is not None
    ]
    if not lags:
        return ()
    data = pl.DataFrame(lags, infer_schema_length=None)
    n = data.filter(pl.col("outcome").is_not_null()).height
    return (
        Figure(
            name="record-lag",
            title="The lag, as it would have been forecast, and as it came",
            description=(
                "For each of four earlier days, the forecast of the lag of later quarters with its 90% interval;"
                " diamonds are what was measured since, by today's evidence."
            ),
            method="the process of releases, fitted to the lags measurable on that day",
            n=f"{n} resolved forecasts",
            chart=figures.forecasts(data),
            data=data,
            caption=(
                f"As of {day(study.as_of)}. Daily mean of the quarter, months; {n} resolved forecasts; evidence of the"
                f" day only, abilities by map. leadtime {study.stamp['version']}, evidence"
                f" {study.stamp['evidence_hash']}."
            ),
        ),
    )


def _scores(found: Backtest) -> Table:
    return Table(
        name="record-scores",
        title="Scores beside plain baselines",
        caption=(
            "Less is better: CRPS, the mean error of a forecast with its interval (months; of logarithms for money)."
            " Skill is 1 less our score over theirs on the same questions, with the interval when whole series are"
            " drawn anew."
        ),
        columns=(
            ("About", False),
            ("Against", False),
            ("Questions", True),
            ("Ours", True),
            ("Theirs", True),
            ("Skill", True),
        ),
        rows=tuple(
            (
                r["group"],
                r["forecaster"],
                str(r["n"]),
                f"{r['ours']:.2f}",
                f"{r['score']:.2f}",
                (
                    "–"
                    if r["skill"] is None
                    else f"{r['skill']:+.2f}".replace("-", "−")
                    + (
                        ""
                        if r["skill_low"] is None
                        else f" ({r['skill_low']:+.2f} to {r['skill_high']:+.2f})".replace("-", "−")
                    )
                ),
            )
            for r in found.summary()
            if r["ours"] is not None
        ),
    )


def _monthly(m: dict[str, Any]) -> Table:
    months = f"{m['first_origin'][:7]} to {m['last_origin'][:7]}"
    return Table(
        name="record-monthly",
        title="The lag, forecast from the first of every month",
        caption=(
            f"Origins {months}, one to six quarters ahead, daily mean and age of equal; CRPS, the mean error of a"
            " forecast with its interval, in months; less is better. Log-AR(1): a guess by which the lag keeps a part"
            " of its last value and returns to its mean. Inside: share of outcomes in 50, 80 and 90% intervals. Ours"
            " less theirs: with the 90% interval when blocks of six months are drawn anew. The forecasts overlap:"
            f" they are some four independent episodes. Abilities by map; evidence {m['evidence_hash']}."
        ),
        columns=(
            ("Forecaster", False),
            ("Forecasts", True),
            ("CRPS", True),
            ("1 quarter", True),
            ("2", True),
            ("4", True),
            ("Inside 50/80/90", True),
            ("Width of 90%", True),
            ("Ours less theirs", True),
            *((f"Origins of {y}", True) for y in _years(m)),
        ),
        rows=tuple(
            (
                r["forecaster"],
                str(r["n"]),
                f"{r['crps_months']:.2f}",
                *(_two(r["crps_by_quarters_ahead"][h - 1]) for h in (1, 2, 4)),
                "/".join(f"{r[k]:.2f}" for k in ("inside_50", "inside_80", "inside_90")),
                f"{r['width_90_months']:.1f}",
                (
                    "–"
                    if r["forecaster"] == OURS
                    else (
                        f"{r['ours_less_theirs_months']:+.2f} ({r['difference_low']:+.2f}"
                        f" to {r['difference_high']:+.2f})"
                    ).replace("-", "−")
                ),
                *(
                    _two(
                        next(
                            (
                                v["crps_months"]
                                for v in m["years"]
                                if v["year"] == y and v["forecaster"] == r["forecaster"]
                            ),
                            None,
                        )
                    )
                    for y in _years(m)
                ),
            )
            for r in m["forecasters"]
        ),
    )


def _years(m: dict[str, Any]) -> list[int]:
    return sorted({r["year"] for r in m["years"]})


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _locked(found: dict[str, Any]) -> Table:
    return Table(
        name="record-locked",
        title="Locked forecasts",
        caption=(
            "Written down before the outcome, each with the hash of the one before it. They are scored when the"
            f" outcome is in the evidence, and are no part of the tables above. Last hash {found['head']}."
        ),
        columns=(
            ("Question", False),
            ("Locked on", False),
            ("Closes", False),
            ("Said", True),
            ("Came", True),
            ("State or score", True),
        ),
        rows=tuple(
            (
                r["words"],
                r["made_on"],
                r["closes_on"],
                spread(r["low"], r["median"], r["high"]),
                "–" if r["outcome"] is None else spread(None, r["outcome"], None),
                _two(r["scores"][OURS]) if OURS in r["scores"] else r["state"],
            )
            for r in found["forecasts"]
        ),
    )


def _forecasts(rows: list[dict[str, Any]]) -> Table:
    return Table(
        name="record-forecasts",
        title="Every forecast",
        caption="By the day whose evidence it rests on. Of events no forecast is made; the outcome is 1 if it came.",
        columns=(
            ("Question", False),
            ("As known on", False),
            ("Said", True),
            ("Came", True),
            ("Score", True),
            ("Rests on", False),
        ),
        rows=tuple(
            (
                r["words"],
                str(r["origin"]),
                spread(r["low"], r["median"], r["high"]),
                "open" if r["outcome"] is None else spread(r["outcome_low"], r["outcome"], r["outcome_high"]),
                f"{r['scores'][OURS]:.2f}" if r["scores"] else "–",
                r["why"],
            )
            for r in rows
        ),
    )
