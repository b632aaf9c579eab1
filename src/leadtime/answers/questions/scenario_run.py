"""What scenarios come to."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Answer, Column, Spread, Table
from leadtime.answers.parameters import Files
from leadtime.answers.plain import plain, records
from leadtime.answers.question import Meaning, question
from leadtime.answers.simulated import (
    ABOUT,
    Base,
    By,
    Chosen,
    Names,
    Prior,
    PriorDraws,
    Profile,
    Sets,
    changes_told,
    draws_told,
    fans,
    fork_of,
    lag_of,
    lags_told,
    lead,
    simulated,
    wanted,
    when,
    where_from,
)
from leadtime.answers.words import chance, number

if TYPE_CHECKING:
    from leadtime.scenario.fork import Fork
    from leadtime.study import Study

_TITLE = Column(key="title", title="Scenario")
OUTCOMES = (
    _TITLE,
    Column(key="lag_median", title="Months behind", kind="spread", unit="months"),
    Column(key="change_median", title="Against as-is", kind="spread", unit="months", signed=True),
    Column(key="ratio_used_median", title="American computing power over Chinese", kind="spread", unit="ratio"),
)
CHANCES = (
    _TITLE,
    *(Column(key=f"p_over_{m}", title=f"Over {m} months", kind="chance") for m in (6, 12, 24)),
    Column(key="p_level_or_ahead", title="Level or ahead", kind="chance"),
)
_EFFECT = (
    Column(key="quarter", title="Quarter"),
    Column(key="median", title="Months added", kind="spread", unit="months", signed=True),
    Column(key="p_nothing_or_less", title="Chance of under half a month, or of the wrong way", kind="chance"),
)


@question(
    "scenario run",
    "What would follow under a set of rules?",
    of="study",
    path="/scenarios/run",
    example={"names": ("as-is", "no-controls")},
    schema="scenario-run",
    docs="methods/scenario",
)
def scenario_run(
    study: "Study",
    *,
    names: Names = (),
    sets: Sets = (),
    base: Base = "as-is",
    by: By = "2028Q4",
    prior: Prior = False,
    profile: Profile | None = None,
    draws: PriorDraws | None = None,
) -> Answer:
    """Say how far China would be behind under scenarios, with what chances, and the computing power behind it."""
    fork = fork_of(study, prior=prior, draws=draws, profile=profile)
    return ran(study, fork, by, Chosen(names=names, sets=sets, base=base))


@question(
    "scenario run of a file",
    "What would follow under rules of my own?",
    of="study",
    command="scenario run --file FILE",
    local=True,
    path="/scenarios/run/file",
    example={"file": "mine.yaml"},
    schema="scenario-run",
    docs="methods/scenario",
)
def scenario_run_file(
    study: "Study",
    *,
    file: Annotated[Files, Meaning(help="A scenario of your own, a YAML file; may be repeated.")],
    names: Names = (),
    sets: Sets = (),
    base: Base = "as-is",
    by: By = "2028Q4",
    prior: Prior = False,
    profile: Profile | None = None,
    draws: PriorDraws | None = None,
) -> Answer:
    """Say the same for scenarios of your own, beside others."""
    fork = fork_of(study, prior=prior, draws=draws, profile=profile)
    return ran(study, fork, by, Chosen(names=names, sets=sets, base=base, files=file))


def ran(study: "Study", fork: "Fork", by: str, chosen: Chosen) -> Answer:
    """Return what scenarios come to.

    Raises:
        LeadtimeError: No scenario is named, or an unknown one, or a quarter that is not simulated.
    """
    from leadtime.backtest.standing import standing

    with wanted(fork, chosen) as every:
        rows, bands = plain(fork.summary(every, simulated(by))), fork.table(every)
        changes = changes_told(fork, every)
    stands: dict[str, Any] = {} if fork.prior else plain(standing(fork))
    price, effect = fork.price_of_a_month("as-is", "no-controls", by), _effect(fork, by)
    titles = {r["scenario"]: r["title"] for r in rows}
    return Answer(
        sentence=sentence(lead(fork), rows, by),
        rows=Table(rows=rows, columns=OUTCOMES, title=f"China behind the US {when(by)}"),
        more=(
            Table(name="", title="Chances that it is behind by", rows=rows, columns=CHANCES),
            Table(
                name="effect",
                title="Effect of the rules on the gap: as-is less no-controls, in the same draws",
                rows=effect,
                columns=_EFFECT,
            ),
            Table(name="quarters", rows=records(bands), columns=()),
        ),
        values={
            **where_from(fork),
            "layer": "conditional",
            "by": by,
            "price_of_a_month_usd": price or None,
            **({"standing": stands} if stands else {}),
        },
        tag="simulated",
        about=ABOUT,
        notes=(*_stands(stands), *_price(price, by), *changes, *draws_told(fork)),
        figure=functools.partial(fans, study, bands, titles, _which(fork), by, _added(effect[0], every)),
    )


def _effect(fork: "Fork", by: str) -> list[dict[str, Any]]:
    from leadtime.supply.arrivals import quarter_of

    quarters = dict.fromkeys((quarter_of(fork.study.evidence.as_of), by))
    return [{"quarter": q, **plain(fork.effect().at(q))} for q in quarters]


def _added(now: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return what the rules add today, where both worlds are drawn."""
    if not {"as-is", "no-controls"} <= set(names):
        return ""
    low, median, high = (number(now[k]) for k in ("low", "median", "high"))
    return f"{median} months ({low} to {high})"


def sentence(begin: str, rows: Sequence[Mapping[str, Any]], by: str) -> str:
    """Return the lags of scenarios, as what they are: simulated."""
    return lags_told(begin, [(f"under “{r['title']}”", lag_of(r)) for r in rows], by)


def _stands(found: dict[str, Any]) -> tuple[str, ...]:
    """Return first whether the simulation reproduces the measured path, then what its effect rests on, and
    its record.
    """
    from leadtime.backtest.standing import budget_words, effect_words, robust_words

    if not found:
        return ()
    worst = min(found["p_values"], key=lambda r: r["p"])
    return (
        found["sentence"],
        effect_words(found),
        robust_words(found),
        budget_words(found),
        (
            "Chances of observations as far off as those made, if the simulation held (posterior-predictive p-values):"
            f" all together {found['p_all']:.2f}, least {worst['p']:.2g} ({worst['constraint']})."
        ),
        f"Hindcasts: {found['hindcasts']['sentence']}",
        "The simulation is fitted to the past, so its past errors say nothing of its skill.",
    )


def _price(price: Mapping[str, float], by: str) -> tuple[str, ...]:
    if not price:
        return ()
    s = Spread(*(price[k] / 1e9 for k in ("low", "median", "high")))
    return (
        (
            f"American sales of chips given up for each month of lead until {by}, in our simulation: ${s.median:,.0f}"
            f" billion ({s.low:,.0f} to {s.high:,.0f}). The chance that no month was won is {chance(price['p_none'])}."
        ),
    )


def _which(fork: "Fork") -> str:
    return (
        f"{fork._n:,} draws of the priors"
        if fork.prior
        else f"{fork.ensemble.n:,} configurations that agree with history"
    )
