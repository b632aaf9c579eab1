"""What was taken, by which channel, as far as anyone has said; and what of China's following it could explain
at most.
"""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.question import question
from leadtime.answers.resourced import DOCS, WIDTHS, cells, row_of, stated, told, value_column
from leadtime.answers.words import count, number, share
from leadtime.days import day_words

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
    """List cases and published estimates by channel and year, and say what of the gain from following they could
    explain at most.
    """
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
                title=(
                    "What laboratories accused of it could account for at most:"
                    f" {', '.join(sorted(accused.values())) or 'none'}"
                ),
                rows=explained,
                columns=_EXPLAINS,
            ),
        ),
        values={"accused": sorted(accused), "assumed_share": held},
        tag="estimated from few sources",
        about=About(
            definition=(
                "Cases in which ideas or outputs of one side were taken, as found by a court, reported or alleged, and"
                " estimates of their cost."
            ),
            rests_on=(
                "The table of leaks, each row with its source; scores of models; and our simulation for the gain from"
                " following."
            ),
            limits=(
                "Nobody has published how many months a leak was worth. So the share is a bound, not an estimate.",
                "The bound includes all that a laboratory gained in a year, lawful or not, if it was ever accused.",
                "It leaves out what one Chinese laboratory learns from the open weights of another.",
                "A leak that nobody noticed is in no table.",
            ),
            docs=DOCS,
            see=("resources", "scenario run"),
        ),
        notes=(
            (
                "The share is that of the days of a year on which China's best model was of a laboratory that is"
                " accused of distillation."
            ),
            (
                "The gain from following is what the simulation ascribes to papers, open weights, distillation and"
                " theft together, with chips apart."
            ),
            *(
                (
                    (
                        f"The simulation assigns {share(held['median'])} of that gain for distillation and theft"
                        f" ({share(held['low'])} to {share(held['high'])}): a judgment, not a figure."
                    ),
                )
                if held
                else ("The simulation was not asked: its draws rest on other evidence.",)
            ),
            *WIDTHS,
        ),
        figure=functools.partial(_figure, study, rows),
    )


def _fork(study: "Study") -> Any:
    """Return the simulation where its shipped draws rest on the study's evidence; else None, as a calibration takes
    minutes.
    """
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
    found = cases(rows)
    if not found:
        return "No case was public on that day."
    alleged = sum(r["grade"] == "alleged" for r in found)
    said = (
        f"{count(len(found), 'figure')} on cases {'is' if len(found) == 1 else 'are'} public; {alleged or 'none'} of"
        f" them {'is' if alleged == 1 else 'are'} alleged and not shown."
    )
    if not explained:
        return f"{said} Nobody has published how many months they were worth."
    last = explained[-1]
    at_most = Spread(last["share_at_most_low"], last["share_at_most"], last["share_at_most_high"])
    tail = (
        f"Accused laboratories held China's best model on {share(at_most.median)} of the days of {last['year']}"
        f" ({share(at_most.low)} to {share(at_most.high)})"
    )
    if last["months_at_most"] is None:
        return f"{said} Nobody has published how many months they were worth. {tail}, which bounds it from above."
    months = (
        f"{number(last['months_at_most'])} months of catching up ({number(last['months_at_most_low'])} to"
        f" {number(last['months_at_most_high'])})"
    )
    return (
        f"{said} Nobody has published how many months they were worth. {tail}. So they could directly explain {months}"
        " at most, in our simulation."
    )


def cases(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows that are cases: no answers to them, no sums over all, nothing that nobody published."""
    left_out = ("answer", "all channels")
    return [r for r in rows if r["kind"] not in left_out and r["grade"] not in ("unpublished", "forecast")]


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the figures on cases were found and how many are alleged, a sentence."""
    n, alleged = len(rows), sum(r["grade"] == "alleged" for r in rows)
    if not n:
        return "No case was public on that day."
    if alleged in (0, n):
        known = "is alleged, and none is shown" if alleged else "was found by a court, counted, reported or estimated"
        return f"Each figure on taken ideas {known}."
    which = "Most" if alleged > n / 2 else "Half" if alleged == n / 2 else "Fewer than half"
    return (
        f"{which} of the figures on taken ideas are alleged: {alleged} of {n}. The other {n - alleged}"
        f" {'was' if n - alleged == 1 else 'were'} found by a court, counted, reported or estimated."
    )


def at_most(explained: Sequence[Mapping[str, Any]]) -> str:
    """Return how much of the newest year's catching up the accused laboratories could account for at most, a
    sentence.
    """
    if not explained:
        return "What taken ideas explain cannot be bounded on this day."
    last = explained[-1]
    if last["months_at_most"] is None:
        held = " to ".join(share(last[f"share_at_most_{end}"]) for end in ("low", "high"))
        return (
            f"Accused laboratories held China's best model on {share(last['share_at_most'])} of the days of"
            f" {last['year']} ({held})."
        )
    size, low, high = (number(last[f"months_at_most{end}"]) for end in ("", "_low", "_high"))
    return (
        f"In our simulation, taken ideas could explain at most {size} months of China's catching up in {last['year']}"
        f" ({low} to {high})."
    )


def _figure(study: "Study", rows: list[dict[str, Any]]) -> "Figure":
    from leadtime.figures.events import events_of
    from leadtime.figures.leaks import timeline

    found = cases(rows)
    events = events_of(study.rules.log.tables["rule_events"], study.as_of)
    drawn = sorted((_drawn(r) for r in found), key=lambda r: (r["alleged_by"] and _first(r, found), r["end"]))
    made = figure(
        name="leaks",
        title="Cases and accusations by the end of their period. A line is the period, where it was published",
        chart=lambda width: timeline(width, drawn, events, study.as_of),
        rows=[
            {
                k: r[k]
                for k in (
                    "row",
                    "kind",
                    "from",
                    "to",
                    "who",
                    "quantity",
                    "unit",
                    "value",
                    "value_low",
                    "value_high",
                    "grade",
                    "alleged_by",
                    "sources",
                )
            }
            for r in ({**r, "sources": r["source"]} for r in found)
        ]
        or [{"row": None}],
        n=f"{len(drawn)} figures",
        method=(
            "Hollow dots are alleged, below who says so; filled ones were found by a court, counted, reported or"
            " estimated."
        ),
        stamp=dict(study.stamp),
    )
    return replace(made, finding=finding(found))


def _first(r: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> str:
    """Return the day of a speaker's first accusation, then the speaker: speakers in the order in which they spoke."""
    return str(min(o["to"] for o in found if o["alleged_by"] == r["alleged_by"])) + str(r["alleged_by"])


def _drawn(r: Mapping[str, Any]) -> dict[str, Any]:
    whose, end = r["who"], dt.date.fromisoformat(r["to"])
    what = (
        r["quantity"]
        .removesuffix(" attributed to a laboratory")
        .removesuffix(" attributed to three laboratories together")
    )
    if r["quantity"].startswith("accusations without"):
        said = "taking answers, without a count"
    elif r["unit"] in ("USD", "KRW") or r["value"] == 1:
        said = f"{what}: {told('value', r) if r['value'] != 1 else 1}"
    else:
        said = f"{told('value', {**r, 'unit': ''})} {what}"
    label = f"{whose[0].upper()}{whose[1:]}: {said}"
    by = f" Alleged by {r['alleged_by']}." if r["alleged_by"] else f" {r['grade'].capitalize()}."
    return {
        "label": label,
        "words": f"{day_words(end)}\n{label}.{by}",
        "begin": dt.date.fromisoformat(r["from"]) if r["from"] else None,
        "end": end,
        "alleged_by": r["alleged_by"],
    }
