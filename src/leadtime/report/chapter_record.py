"""The report's chapter on our own record: what we would have said on earlier days, and how that came out."""

from typing import TYPE_CHECKING, Any

import polars as pl

from leadtime.answers.lagging import capital
from leadtime.answers.recorded import by_topic
from leadtime.answers.registry import ask
from leadtime.answers.words import share
from leadtime.backtest import ORIGINS, Backtest, backtest, monthly
from leadtime.backtest.locked_standing import of_study
from leadtime.backtest.monthly import Monthly
from leadtime.backtest.scored import OURS
from leadtime.errors import LeadtimeError
from leadtime.figures.figure import Figure
from leadtime.report.chapter import Chapter, json_rows, spread
from leadtime.report.tables import Table

if TYPE_CHECKING:
    from leadtime.study import Study

_NOT_A_TEST = (
    (
        "This is no proof of foresight. Questions and methods were chosen in 2026, by people who knew what came; only"
        " the evidence is that of the day."
    ),
    "What the simulation would have said of earlier years stands in the chapter on the fork.",
    "What would be without the rules is never seen, so it is not scored.",
)


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None on a day before the first origin."""
    origins = [d for d in ORIGINS if d < study.as_of]
    try:
        found = backtest(study, origins)
    except LeadtimeError:
        return None
    rows = found.rows()
    if not any(r["scores"] for r in rows):
        return None
    kept, locked = monthly.record(study), of_study(study)
    every = kept.summary(study) if kept else None
    told = points(found, kept, every, locked["sentence"])
    return Chapter(
        name="record",
        title="Our own record",
        lead=" ".join(told),
        figures=_figures(study),
        tables=(*([_monthly(every)] if every else []), _scores(found), _forecasts(rows), _locked(locked)),
        content={"headline": headline(found.summary()), "deck": covered(found.coverage()), "points": told},
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


def headline(lines: list[dict[str, Any]]) -> str:
    """Return by topic whether simple guesses did better than we did, in every direction."""
    said = "; ".join(by_topic(lines))
    return capital(said) if said else "Our forecasts cannot yet be told from simple guesses"


def covered(coverage: dict[str, Any]) -> str:
    """Return how often our ranges held what came, with its range; empty where nothing came yet."""
    if not coverage["n"]:
        return ""
    held = coverage["inside_90%"]
    ends = "" if held["low"] is None else f" ({share(held['low'])} to {share(held['high'])})"
    return (
        f"Ranges that should hold 90% of outcomes held {share(held['share'])}{ends} of {coverage['n']}. The forecasts"
        " are made today from what was public on earlier days, so they are no proof of foresight."
    )


def points(found: Backtest, kept: Monthly | None, every: dict[str, Any] | None, locked: str) -> list[str]:
    """Return how the forecasts did, point by point: of earlier days (hindcasts), and those that were locked."""
    scored = [f for f in found.forecasts if f.scored]
    said = [
        f"From what was public on {len({f.origin for f in scored})} earlier days we would have made"
        f" {len(scored)} forecasts that can be judged now, on {len({f.question.id for f in scored})} questions."
    ]
    lines = {(r["group"], r["forecaster"]): r for r in found.summary()}
    for group, start in {"lag": "On the gap", "revenue": "On revenue"}.items():
        compared = {
            who: r
            for (g, who), r in lines.items()
            if g == group and who != OURS and r["skill"] is not None and r["n"] >= 5
        }
        said += [f"{start} {_compared(compared)}."] if compared else []
    if kept and every:
        more = "" if every["of_this_evidence"] else f" (That table is of the built-in evidence to {every['as_of']}.)"
        said.append(f"On the gap, from every month: {_decapitalized(kept.sentence())}{more}")
    no_rules = "We make no forecast of rule changes: past rates were no better than a coin."
    return [*said, no_rules, *_NOT_A_TEST, locked]


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


def _figures(study: "Study") -> tuple[Figure, ...]:
    try:
        return (ask(study, "backtest", show="lag").drawn(),)
    except LeadtimeError:
        return ()


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
