"""What scenarios come to on any number of draws of the priors."""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import Answer, Column, Spread, Table
from leadtime.answers.kinds import Text
from leadtime.answers.measures import Whole
from leadtime.answers.plain import records
from leadtime.answers.question import Meaning, question
from leadtime.answers.simulated import ABOUT, Base, By, Chosen, Names, Sets, fans, lags_told, simulated, wanted
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.study import Study

Number = Annotated[
    int,
    Meaning(
        kind=Whole(low=1000, high=10_000_000),
        option="--draws",
        help="How many draws of the priors.",
        example="100000",
        at_once=20_000,
    ),
]
_COLUMNS = (
    Column(key="title", title="Scenario"),
    Column(key="lag_months", title="Months behind", kind="spread", unit="months"),
    Column(key="chips_months", title="By chips alone", kind="spread", unit="months"),
    Column(key="ratio_used", title="American computing power over Chinese", kind="spread", unit="ratio"),
)


@question(
    "scenario draws",
    "What would follow under a set of rules, by our assumptions alone?",
    of="study",
    path="/scenarios/draws",
    example={"names": ("as-is",), "n": 1000},
    schema="scenario-draws",
    docs="methods/scenario",
)
def scenario_draws(
    study: "Study", *, names: Names = (), sets: Sets = (), base: Base = "as-is", by: By = "2028Q4", n: Number = 20_000
) -> Answer:
    """Run scenarios on any number of draws of the priors, in flat memory: bands by quarter."""
    return _streamed(study, Chosen(names=names, sets=sets, base=base), by, n, "")


@question(
    "scenario draws on a cluster",
    "The same, computed by many machines?",
    of="study",
    command="scenario draws --cluster CLUSTER",
    local=True,
    path="/scenarios/draws/cluster",
    example={"cluster": "tcp://127.0.0.1:8786", "names": ("as-is",)},
    schema="scenario-draws",
    docs="methods/scenario",
)
def scenario_draws_cluster(
    study: "Study",
    *,
    cluster: Annotated[str, Meaning(kind=Text(), help="The address of a Dask scheduler.")],
    names: Names = (),
    sets: Sets = (),
    base: Base = "as-is",
    by: By = "2028Q4",
    n: Number = 1_000_000,
) -> Answer:
    """Run scenarios on draws of the priors on a Dask cluster; the same numbers as on one machine."""
    return _streamed(study, Chosen(names=names, sets=sets, base=base), by, n, cluster)


def _streamed(study: "Study", chosen: Chosen, by: str, n: int, cluster: str) -> Answer:
    """Return bands by quarter.

    Raises:
        LeadtimeError: No scenario is named, or one that cannot be streamed, or a quarter that is not simulated.
    """
    from leadtime.scenario import stream

    fork = study.fork
    with wanted(fork, chosen) as every:
        found = {x: fork.scenario(x) for x in every}
    if fixed := [x for x, s in found.items() if s.priors or s.changes]:
        raise LeadtimeError(
            f"{fixed[0]} has its own priors or rule changes, so it cannot run on this many draws",
            where="names",
            fix="Ask the question `scenario run`.",
        )
    simulated(by)
    inputs = {x: fork.world.inputs(s) for x, s in found.items()}
    bands = stream.run(fork.priors(), inputs, draws=n, seed=study.seed, cluster=cluster, progress=study.progress)
    titles = {x: s.title for x, s in found.items()}
    at = _at(bands, titles, by)
    begin = "By the priors of our simulation alone, without what was observed,"
    return Answer(
        sentence=lags_told(begin, [(f"under “{r['title']}”", r["lag_months"]) for r in at], by),
        rows=Table(rows=records(bands), columns=()),
        more=(Table(name="", rows=at, columns=_COLUMNS, title=f"In {by}, by {n:,} draws of the priors"),),
        values={"layer": "conditional", "draws_from": "priors", "n": n, "by": by, "titles": titles},
        tag="simulated",
        about=ABOUT,
        figure=functools.partial(fans, study, bands, titles, f"{n:,} draws of the priors"),
    )


def _at(bands: "pl.DataFrame", titles: dict[str, str], by: str) -> list[dict[str, Any]]:
    """Return a row for each scenario: its variables in a quarter."""
    found = {
        (r["scenario"], r["variable"]): Spread(r["low"], r["median"], r["high"])
        for r in records(bands)
        if r["quarter"] == by
    }
    return [{"title": title, **{c.key: found[x, c.key] for c in _COLUMNS[1:]}} for x, title in titles.items()]
