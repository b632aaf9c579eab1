"""What the answers about our own record share: how a forecast and a comparison of forecasters stand in a table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.plain import plain
from leadtime.answers.words import count, day, listed

if TYPE_CHECKING:
    from pathlib import Path

    from leadtime.backtest.locked import Entry
    from leadtime.backtest.monthly import Monthly
    from leadtime.study import Study

#: What was said of a question, and how that came out.
SAID = (
    Column(key="median", title="We said", kind="spread", significant=True, digits=2),
    Column(key="outcome", title="Came", kind="number", significant=True, digits=3),
    Column(key="score", title="Score", kind="number", digits=2),
)


#: Forecasts that two share, below which nothing is said of who did better.
_LEAST = 5
_TOPICS = {"lag": "the gap"}


def by_topic(lines: list[dict[str, Any]]) -> list[str]:
    """Return, topic by topic, whether other forecasters did better than we did, clauses of a sentence: those where they
    did come first, those of which nothing can be told last.

    Args:
        lines: Comparisons of `Backtest.summary`: the skill and its ends are above zero where ours is better; the ends
            are None where there are too few series.
    """
    topics: dict[str, list[dict[str, Any]]] = {}
    for r in lines:
        if r["skill"] is not None and r["n"] >= _LEAST:
            topics.setdefault(r["group"], []).append(r)
    found = []
    for topic, some in topics.items():
        settled = [r for r in some if r["skill_low"] is not None]
        lost, won = sum(r["skill_high"] < 0 for r in settled), sum(r["skill_low"] > 0 for r in settled)
        about, of = f"on {_TOPICS.get(topic, topic)}", f"of {count(len(some), 'comparison')}"
        if lost:
            said = f"{about} others were clearly better in {lost} {of}, and we in {won or 'none'}"
        elif won:
            said = f"{about} we clearly beat simple guesses in {won} {of}"
        elif settled:
            said = f"{about} no difference from simple guesses can be told"
        else:
            said = f"{about} there is too little to tell us from simple guesses"
        found.append((-lost, -won, said))
    return [said for *_, said in sorted(found)]


def every_month(kept: "Monthly", *, name: str = "rows", title: str = "") -> Table:
    """Return how forecasts of the lag from every month compare, as a table: ours less ours is left out."""
    rows = []
    for r in plain(kept.forecasters()):
        ahead, ours = r["crps_by_quarters_ahead"], r["forecaster"] == "leadtime"
        less = [None] * 3 if ours else [r[k] for k in ("difference_low", "ours_less_theirs_months", "difference_high")]
        kept_keys = {k: v for k, v in r.items() if not k.startswith("difference_")}
        more = {"crps_1_quarter_ahead_months": ahead[0], "crps_4_quarters_ahead_months": ahead[3]}
        rows.append({**kept_keys, **more, "ours_less_theirs_months": Spread(*less)})
    columns = (
        Column(key="forecaster", title="Forecaster"),
        Column(key="crps_months", title="Mean error", kind="number", digits=2),
        Column(key="crps_1_quarter_ahead_months", title="A quarter ahead", kind="number", digits=2),
        Column(key="crps_4_quarters_ahead_months", title="A year ahead", kind="number", digits=2),
        *(Column(key=f"inside_{n}", title=f"In {n}%", kind="share") for n in (50, 80, 90)),
        Column(key="width_90_months", title="Width", kind="number"),
        Column(key="ours_less_theirs_months", title="Ours less theirs", kind="spread", digits=2, signed=True),
    )
    return Table(name=name, title=title, rows=rows, columns=columns)


def summary(lines: list[dict[str, Any]]) -> Table:
    """Return mean scores by topic and forecaster as a table, beside ours on the same questions."""
    rows = [{**r, "label": f"{r['group']}, {r['forecaster']}"} for r in lines if r["ours"] is not None]
    return Table(
        name="summary",
        title="Mean scores, less is better",
        rows=rows,
        columns=(
            Column(key="group", title="About"),
            Column(key="forecaster", title="Against"),
            Column(key="n", title="Questions", kind="number", digits=0),
            Column(key="ours", title="Ours", kind="number", digits=2),
            Column(key="score", title="Theirs", kind="number", digits=2),
            Column(key="skill", title="Skill", kind="spread", digits=2, signed=True),
        ),
    )


def standing_answer(found: dict[str, Any]) -> Answer:
    """Return how locked forecasts stand.

    Args:
        found: What `backtest.locked_standing` says of them.
    """
    said = plain(found)
    rows = [{**r, "score": r["scores"].get("leadtime")} for r in said["forecasts"]]
    return Answer(
        sentence=said["sentence"],
        rows=Table(
            rows=rows,
            columns=(
                Column(key="question", title="Question"),
                Column(key="closes_on", title="Closes", kind="day"),
                *SAID,
                Column(key="state", title="State"),
            ),
            by="made_on",
            by_title="Locked on",
        ),
        more=(
            Table(
                name="summary",
                title="Mean scores, less is better",
                rows=said["summary"],
                columns=(
                    Column(key="forecaster", title="Forecaster"),
                    Column(key="measure", title="Measure"),
                    Column(key="n", title="Questions", kind="number", digits=0),
                    Column(key="score", title="Score", kind="number", digits=2),
                    Column(key="ours", title="Ours", kind="number", digits=2),
                ),
            ),
        ),
        values={k: said[k] for k in ("file", "n", "head")},
        tag="recorded",
        notes=(f"File: {said['file']}, {said['n']} locked forecasts; the chain holds.", f"Last hash: {said['head']}"),
        about=About(
            definition=(
                "Forecasts that were written down before the outcome, each line chained to the one before by its hash."
            ),
            rests_on="The file, and outcomes that the evidence has.",
            limits=("A forecast that came after its outcome was public does not count.",),
            docs="methods/backtest",
            see=("backtest",),
        ),
    )


def added(study: "Study", path: "Path", new: "list[Entry]", silent: Mapping[str, str]) -> Answer:
    """Return what was locked now, and of what there is no forecast.

    Args:
        study: Whose forecasts they are.
        path: The file that they were added to.
        new: The lines that were added.
        silent: By question, why there is no forecast.
    """
    from leadtime.backtest.locked_standing import band

    rows = [{"question": e.question, "closes_on": e.closes_on, "unit": e.unit, **band(e)} for e in new]
    kept = (
        (f"Last hash: {new[-1].hash}", "Publish this hash, or commit the file: it proves what was said by that day.")
        if new
        else ()
    )
    why = {reason: listed([n for n, r in silent.items() if r == reason], 40) for reason in silent.values()}
    return Answer(
        sentence=(
            f"{count(len(new), 'forecast was', 'forecasts were')} locked on {day(new[0].made_on)}, and added to {path}."
            if new
            else "Nothing is new: each open question has a forecast of this day, evidence and program already."
        ),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="question", title="Question"),
                Column(key="closes_on", title="Closes", kind="day"),
                SAID[0],
                Column(key="unit", title="Unit"),
            ),
        ),
        tag="recorded",
        notes=(*kept, *(f"No forecast of {names}: {reason}." for reason, names in why.items())),
        stamp=study.stamp,
    )
