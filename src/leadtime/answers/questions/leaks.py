"""What was taken, by which channel, as far as anyone has said; and what of China's following it could explain at most."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import question
from leadtime.answers.resourced import DOCS, WIDTHS, cells, row_of, stated, value_column
from leadtime.answers.words import count, number, share

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

#: Channels that bear on models; the others bear on chips, which the simulation counts apart.
_OF_MODELS = "distillation"
_FIRST_YEAR = 2023
_ORDER = ("distillation", "trade secrets", "people", "front firms", "all channels", "answer")
_CASES = (
    Column(key="year", title="Year"),
    Column(key="quantity", title="What"),
    Column(key="who", title="Whose gain"),
    value_column("value", "How much"),
    Column(key="grade", title="Standing"),
)
_EXPLAINS = (
    Column(key="year", title="Year"),
    Column(key="gain_months", title="Gain from following", kind="spread", unit="months"),
    Column(key="share_at_most", title="From accused laboratories, at most", kind="share"),
    Column(key="months_at_most", title="That is, at most", kind="spread", unit="months"),
)


@question(
    "leaks",
    "What was taken, and how much of China's catching up could it explain?",
    of="study",
    schema="leaks",
    docs=DOCS,
)
def leaks(study: "Study") -> Answer:
    """List cases and published estimates by channel and year, and say what of the gain from following they could explain at most."""
    from leadtime.resources import figures
    from leadtime.resources.holders import named_in

    given, found = stated(study), figures(study.evidence, "leaks")
    rows = sorted((row_of(f, given) for f in found), key=lambda r: (_ORDER.index(r["kind"]), r["year"], r["quantity"]))
    alleged = [f for f in found if f.kind == _OF_MODELS and f.grade == "alleged" and f.bloc == "CHN"]
    accused = named_in(study.evidence["organizations"], [f.who for f in alleged])
    explained = _explained(study, frozenset(accused)) if accused else []
    held = _held(study)
    return Answer(
        sentence=sentence(rows, explained),
        rows=Table(rows=rows, columns=_CASES, by="kind"),
        more=(
            Table(
                name="explains",
                title=f"What laboratories accused of it could account for at most: {', '.join(sorted(accused.values())) or 'none'}",
                rows=explained,
                columns=_EXPLAINS,
            ),
        ),
        values={"accused": sorted(accused), "assumed_share": held},
        tag="estimated from few sources",
        about=About(
            definition="Cases in which ideas or outputs of one side were taken, as found by a court, reported or alleged, and estimates of their cost.",
            rests_on="The table of leaks, each row with its source; scores of models; and our simulation for the gain from following.",
            limits=(
                "Nobody has published how many months a leak was worth, so the share is a bound, and not an estimate.",
                "The bound takes all that a laboratory gained in a year, lawful or not, if it was accused at any time.",
                "It knows nothing of what one Chinese laboratory learns from the open weights of another.",
                "A leak that nobody noticed is in no table.",
            ),
            docs=DOCS,
            see=("resources", "scenario run"),
        ),
        notes=(
            "The share is that of the days of a year on which China's best model was of a laboratory that is accused of distillation.",
            "The gain from following is what the simulation ascribes to papers, open weights, distillation and theft together, with chips apart.",
            *(
                (f"The simulation takes {share(held['median'])} of that gain for distillation and theft ({share(held['low'])} to {share(held['high'])}): judged, by no figure.",)
                if held
                else ("The simulation was not asked: its draws rest on other evidence.",)
            ),
            *WIDTHS,
        ),
        figure=functools.partial(_figure, rows, dict(study.stamp)),
    )  # fmt: skip


def _fork(study: "Study") -> Any:
    """Return the simulation where its shipped draws rest on the study's evidence; else None, as a calibration takes minutes."""
    from leadtime.errors import LeadtimeError
    from leadtime.scenario import ensemble

    try:
        fork, shipped = study.fork, ensemble.load()
        fits = shipped is not None and not study.evidence.overlays and shipped.key == ensemble.key_of(fork.world)
        return fork if fits else None
    except LeadtimeError:  # counts of chips were not public by that day
        return None


def _held(study: "Study") -> dict[str, float] | None:
    """Return the share of the gain that the simulation takes for distillation and theft: assumed."""
    import numpy as np

    fork = _fork(study)
    if fork is None:
        return None
    both = np.minimum(fork.draws["distillation-part"] + fork.draws["theft-part"], 1.0)
    return dict(zip(("low", "median", "high"), map(float, np.quantile(both, [0.05, 0.5, 0.95])), strict=True))


def _explained(study: "Study", accused: frozenset[str]) -> list[dict[str, Any]]:
    """Return by year the gain from following, the most that the accused could account for, and their product."""
    import numpy as np

    from leadtime.resources.figures import Range
    from leadtime.resources.holders import share_of_days
    from leadtime.scenario.inputs import QUARTERS

    fork, rows = _fork(study), []
    for year in range(_FIRST_YEAR, study.evidence.as_of.year + 1):
        part = share_of_days(study, accused, year)
        if part is None:
            continue
        gain = None
        if fork is not None:
            at = [i for i, q in enumerate(QUARTERS) if q.startswith(str(year))]
            gain = -fork.run("as-is")["follower_months"][at].mean(axis=0)
        # the two come from draws of their own, and are taken as independent
        both = None if gain is None else np.resize(part, len(gain)) * gain
        rows.append(
            {
                "year": year,
                **cells("gain_months", None if gain is None else Range(gain, gain)),
                **cells("share_at_most", Range(part, part)),
                **cells("months_at_most", None if both is None else Range(both, both)),
            }
        )
    return rows


def sentence(rows: Sequence[Mapping[str, Any]], explained: Sequence[Mapping[str, Any]]) -> str:
    """Return how many cases there are, how they stand, and what they could explain at most."""
    cases = [r for r in rows if r["kind"] not in ("answer", "all channels") and r["grade"] not in ("unpublished", "forecast")]  # fmt: skip
    if not cases:
        return "No case was public on that day."
    alleged = sum(r["grade"] == "alleged" for r in cases)
    said = f"{count(len(cases), 'figure')} on cases {'is' if len(cases) == 1 else 'are'} public; {alleged or 'none'} of them {'is' if alleged == 1 else 'are'} alleged and not shown."
    if not explained:
        return f"{said} Nobody has published how many months they were worth."
    last = explained[-1]
    at_most = Spread(last["share_at_most_low"], last["share_at_most"], last["share_at_most_high"])
    tail = f"Accused laboratories held China's best model on {share(at_most.median)} of the days of {last['year']} ({share(at_most.low)} to {share(at_most.high)})"
    if last["months_at_most"] is None:
        return f"{said} Nobody has published how many months they were worth. {tail}, which bounds it from above."
    months = f"{number(last['months_at_most'])} months of catching up ({number(last['months_at_most_low'])} to {number(last['months_at_most_high'])})"
    return f"{said} Nobody has published how many months they were worth. {tail}. So they could directly explain {months} at most, in our simulation."


def _figure(rows: list[dict[str, Any]], stamp: dict[str, Any]) -> "Figure":
    from leadtime.figures.leaks import timeline

    drawn = [r for r in rows if r["grade"] != "unpublished" and r["kind"] not in ("answer", "all channels")]
    return figure(
        name="leaks",
        title="Cases and accusations, by channel and the end of their period",
        chart=timeline(drawn),
        rows=[{k: r[k] for k in ("row", "kind", "to", "who", "quantity", "grade", "alleged_by")} for r in drawn],
        n=f"{len(drawn)} figures",
        method="Hollow dots are alleged; what is filled was counted, reported or found by a court.",
        stamp=stamp,
    )
