"""What answers of the simulation share: their parameters, which draws they rest on, and how they are told."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Spread
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Flag, Many, Name, Text
from leadtime.answers.measures import Quarter, Whole
from leadtime.answers.question import Meaning
from leadtime.answers.words import chance, months_apart
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import polars as pl

    from leadtime.figures.figure import Figure
    from leadtime.scenario.fork import Fork
    from leadtime.scenario.levers import Scenario, Setting
    from leadtime.study import Study

Names = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Name(of="scenario"), at_most=10), help="Scenarios, such as as-is no-controls.", positional=True
    ),
]
Sets = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Text(), at_most=20),
        option="--set",
        example="uptake=0@2027-01-01",
        help="A lever of a scenario of your own, as LEVER=VALUE or LEVER=VALUE@DAY; may be repeated.",
    ),
]
Base = Annotated[
    str, Meaning(kind=Name(of="scenario"), help="The scenario that one of your own starts from.", example="as-is")
]
By = Annotated[str, Meaning(kind=Quarter(), help="The quarter that is shown, 2022Q1 to 2032Q4.", example="2028Q4")]
Prior = Annotated[bool, Meaning(kind=Flag(), help="Draw from the priors alone, without what was observed.")]
PriorDraws = Annotated[
    int,
    Meaning(
        kind=Whole(low=100, high=10_000_000),
        help="How many draws of the priors, up to 50,000.",
        example="2000",
        at_once=50_000,
    ),
]
Profile = Annotated[
    str, Meaning(kind=Name(of="profile"), help="Use the priors of a published forecaster.", example="ifp")
]
#: More draws than this are kept as histograms only (see `scenario.stream`).
_MOST_KEPT = 50_000
ABOUT = About(
    definition="How far China's best models would be behind America's under a set of rules, if the simulation holds.",
    rests_on=(
        "Chips counted, lags measured, and priors that are written down; the draws are those that agree with what was"
        " observed."
    ),
    limits=(
        "It says what would follow from each set of rules, and does not predict which will come.",
        "It is one model's answer.",
    ),
    docs="methods/scenario",
)


def fork_of(study: "Study", *, prior: bool = False, draws: int | None = None, profile: str | None = None) -> "Fork":
    """Return the scenarios of a study on the draws that are asked for.

    Raises:
        LeadtimeError: So many draws that they cannot all be kept, or an unknown profile.
    """
    if not (prior or draws or profile):
        return study.fork  # type: ignore[no-any-return]
    if (draws or 0) > _MOST_KEPT:
        raise LeadtimeError(
            f"{draws:,} draws are too many to keep",
            where="--draws",
            fix="Ask the question `scenario draws`, which keeps bands only.",
        )
    from leadtime.scenario.fork import Fork

    return Fork(study, prior=prior or draws is not None, draws=draws, profile=profile or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which scenarios are asked for.

    Args:
        names: Those that are known.
        sets: Levers set on the spot, each `LEVER=VALUE`: one scenario more.
        base: Where that one begins.
        files: Files with scenarios of your own.
    """

    names: Sequence[str] = ()
    sets: Sequence[str] = ()
    base: str = "as-is"
    files: Sequence[Path] = ()


@contextmanager
def wanted(fork: "Fork", chosen: Chosen) -> Iterator[list[str]]:
    """Yield the names of the scenarios that are asked for, those of files and of levers set on the spot among them.

    A fork lives long: it must not remember one reader's scenarios for the next.

    Raises:
        LeadtimeError: No scenario was named, one is unknown, or one of your own is malformed.
    """
    from leadtime.scenario.files import load_file
    from leadtime.scenario.own import with_levers

    before, own = dict(fork.scenarios), list["Scenario"]()

    def add(s: "Scenario") -> None:
        fork.forget(s.name)  # what ran under that name was another one
        fork.scenarios[s.name] = s
        own.append(s)

    try:
        for path in chosen.files:
            add(load_file(path, fork.scenarios))
        if chosen.sets:
            add(with_levers(fork.scenario(chosen.base), chosen.sets))
        every = list(dict.fromkeys([*chosen.names, *(s.name for s in own)]))
        if not every:
            raise LeadtimeError("no scenario was named", where="names", fix=f"Scenarios: {', '.join(fork.scenarios)}.")
        yield [fork.scenario(n).name for n in every]
    finally:
        for s in own:
            fork.forget(s.name)
        fork.scenarios.update(before)


def simulated(by: str) -> str:
    """Return a quarter that is simulated.

    Raises:
        LeadtimeError: It is not.
    """
    from leadtime.scenario.inputs import QUARTERS

    if by not in QUARTERS:
        raise LeadtimeError(
            f"{by!r} is not a quarter of the simulation",
            where="--by",
            fix=f"Expected {QUARTERS[0]} to {QUARTERS[-1]}, such as 2028Q4.",
        )
    return by


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


def lead(fork: "Fork") -> str:
    """Return how what is simulated begins: what it is, and whether it reproduces the measured path."""
    if fork.prior:
        return "By the priors of our simulation alone, without what was observed,"
    trend = fork.checks.trend
    if trend is None:
        return "In our simulation, which could be held against no measured trend,"
    return (
        "In our simulation," if trend.reproduced else "In our simulation, which does not reproduce the measured path,"
    )


def when(by: str) -> str:
    """Return a quarter in words: `in the fourth quarter of 2028`."""
    return f"in the {('first', 'second', 'third', 'fourth')[int(by[-1]) - 1]} quarter of {by[:4]}"


def lags_told(begin: str, said: Sequence[tuple[str, Spread]], by: str, *, most: int = 3) -> str:
    """Return the lags of scenarios as sentences.

    Args:
        begin: How the first begins (see `lead`).
        said: What holds in each (`under “As it is”`), and its lag in months.
        by: The quarter.
        most: So many are told; of the others it is said that there are more.
    """
    told = []
    for i, (under, lag) in enumerate(said[:most]):
        who = "they" if i else "China's best models"
        apart = months_apart(who, "America's", lag, verb="would be", when="" if i else when(by))
        told.append(f"{under[:1].upper()}{under[1:]}, {apart}." if i else f"{begin} {under}, {apart}.")
    if len(said) > most:
        told.append(f"There are {len(said) - most} more in the table.")
    return " ".join(told)


def lag_of(r: Mapping[str, Any], name: str = "lag") -> Spread:
    """Return a band of a summary's row."""
    return Spread(r[f"{name}_low"], r[f"{name}_median"], r[f"{name}_high"])


def draws_told(fork: "Fork") -> tuple[str, ...]:
    """Return which draws an answer rests on, as notes."""
    profile = (f"Profile {fork.profile.name}: {one_line(fork.profile.narrative)}",) if fork.profile else ()
    if fork.prior:
        return (*profile, "These are draws of the priors: nothing observed constrains them.")
    e = fork.ensemble
    return (
        *profile,
        (
            f"{e.n:,} configurations left of {e.prior_draws:,} draws of the priors (worth {e.effective:,.0f}), ensemble"
            f" {e.key[:12]} of {e.as_of}."
        ),
    )


def changes_told(fork: "Fork", names: Sequence[str]) -> tuple[str, ...]:
    """Return how often rules change, of each class of changes that a scenario draws."""
    found = []
    for name in sorted({c for n in names for c in fork.scenario(n).changes}):
        rate = fork.world.rate(name)
        found.append(
            f"Rule changes, {name}: {len(rate.episodes)} episodes in {rate.years:.1f} years. The chance of one more"
            f" within a year is {chance(rate.chance(365.25))}."
        )
    return tuple(found)


def setting(s: "Setting") -> dict[str, Any]:
    """Return a setting of a lever as JSON can hold it."""
    from leadtime.scenario.files import NEXT_WORDS
    from leadtime.scenario.levers import NEXT

    begin = NEXT_WORDS if s.begin == NEXT else str(s.begin)
    return {
        "from": begin,
        **({"to": str(s.to)} if s.to else {}),
        **({"chip": s.chip} if s.chip else {"value": s.value}),
    }


def one_line(text: str) -> str:
    """Return a text of several lines in one."""
    return " ".join(text.split())


def fans(
    study: "Study", bands: "pl.DataFrame", titles: Mapping[str, str], where: str, by: str = "2028Q4", added: str = ""
) -> "Figure":
    """Return the lags of scenarios by quarter as a figure, beside those measured.

    Args:
        study: The study.
        bands: Rows of scenario, variable, quarter, low, median, high.
        titles: Title of each scenario.
        where: Which draws they are, in words.
        by: The last quarter that is drawn.
        added: What the rules add today, in words, empty if that is not drawn.
    """
    from leadtime.figures.fans import lag_fans

    data, chart = lag_fans(study, bands, titles, by, added)
    return figure(
        name="scenarios",
        title="How far China's best models would be behind America's, in months, under each set of rules.",
        chart=chart,
        rows=data,
        n=f"{len(titles)} scenario{'s' * (len(titles) != 1)}, {where}",
        method=(
            "Lines: middle of the runs. Shaded: 9 in 10 of them under today's rules. Dots: measured, the middle of two"
            " readings, with the range of both. The simulation does not predict which rules will come."
        ),
        stamp=study.stamp,
    )
