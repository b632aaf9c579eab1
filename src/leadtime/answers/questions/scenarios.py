"""Which scenarios there are, what they set, and whose priors there are."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Name
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.simulated import one_line, setting
from leadtime.answers.words import count, listed, significant
from leadtime.errors import unknown_name

if TYPE_CHECKING:
    from leadtime.scenario.levers import Scenario
    from leadtime.study import Study

_ABOUT = About(
    definition="A set of rules and its consequences, as levers by date. It is conditional, not a forecast of policy.",
    docs="methods/scenario",
    see=("scenario levers", "scenario profiles", "scenario show", "scenario run"),
)
_TEXT = (Column(key="title", title="Title"), Column(key="narrative", title="What it says"))
_WORDS = "It is a list in words."


@question(
    "scenario list",
    "Which scenarios are there?",
    of="study",
    path="/scenarios",
    schema="scenarios",
    docs="methods/scenario",
    no_figure=_WORDS,
)
def scenario_list(study: "Study") -> Answer:
    """List the scenarios, those of a study folder among them: narrative, rules, levers by date."""
    from leadtime.scenario.files import available

    found = available(study.folder)
    return Answer(
        sentence=f"There {'is' if len(found) == 1 else 'are'} {count(len(found), 'scenario')} to run.",
        rows=Table(rows=[_scenario(s) for s in found.values()], columns=(Column(key="name", title="Name"), *_TEXT)),
        tag="assumed in part",
        about=_ABOUT,
    )


def _scenario(s: "Scenario") -> dict[str, Any]:
    steps = {k: [setting(x) for x in path] for k, path in s.levers.items()}
    changes = {c: {k: x.chip or x.value for k, x in found.items()} for c, found in s.changes.items()}
    return {
        "name": s.name,
        "title": s.title,
        "narrative": one_line(s.narrative),
        "rules": s.rules,
        "levers": steps,
        "changes": changes,
        "priors": s.priors,
    }


@question(
    "scenario levers",
    "What can a scenario set?",
    of="nothing",
    command="scenario list --levers",
    path="/scenarios/levers",
    schema="levers",
    docs="methods/scenario",
    no_figure=_WORDS,
)
def scenario_levers() -> Answer:
    """List the levers: what each does, its unit and its range."""
    from leadtime.scenario.levers import LEVERS

    rows = [
        {
            "lever": k,
            "help": v.help,
            "unit": v.unit,
            "low": v.low,
            "high": plain(float(v.high)),
            "range": f"{v.low:g} to {significant(v.high, 2)}",
        }
        for k, v in LEVERS.items()
    ]
    columns = (
        Column(key="lever", title="Lever"),
        Column(key="help", title="What it does"),
        Column(key="unit", title="Unit"),
        Column(key="range", title="Range"),
    )
    return Answer(
        sentence=f"A scenario can set {len(rows)} levers, each from a day on.",
        rows=Table(rows=rows, columns=columns),
        tag="assumed in part",
        about=About(definition="One thing that a policy can move.", docs="methods/scenario", see=("scenario sweep",)),
    )


@question(
    "scenario profiles",
    "Whose priors can the simulation use?",
    of="study",
    command="scenario list --profiles",
    path="/scenarios/profiles",
    schema="profiles",
    docs="methods/scenario",
    no_figure=_WORDS,
)
def scenario_profiles(study: "Study") -> Answer:
    """List the profiles of published forecasters: whose priors, and how they follow from what was said."""
    from leadtime.scenario.profiles import available

    rows = [{**plain(asdict(p)), "narrative": one_line(p.narrative)} for p in available(study.folder).values()]
    columns = (Column(key="name", title="Name"), *_TEXT, Column(key="source", title="Source"))
    return Answer(
        sentence=f"The simulation can use the priors of {count(len(rows), 'published forecaster')}.",
        rows=Table(rows=rows, columns=columns),
        tag="assumed in part",
        about=About(definition="What a forecaster said, as priors of the simulation.", docs="methods/scenario"),
    )


@question(
    "scenario show",
    "What does a scenario say?",
    of="study",
    path="/scenarios/show",
    example={"name": "strengthened"},
    schema="scenario-show",
    docs="methods/scenario",
    no_figure="It is a description in words; a run draws what follows from it.",
)
def scenario_show(
    study: "Study",
    *,
    name: Annotated[str, Meaning(kind=Name(of="scenario"), help="A scenario.", positional=True, example="as-is")],
) -> Answer:
    """Say what a scenario is about, and which levers it sets from which day."""
    from leadtime.scenario.files import available
    from leadtime.scenario.levers import LEVERS

    known = available(study.folder)
    if name not in known:
        raise unknown_name("scenario", name, known)
    s = known[name]
    rows = [
        {
            "lever": lever,
            **{"to": None, "value": None, "chip": None},
            **setting(x),
            "unit": LEVERS[lever].unit,
            "help": LEVERS[lever].help,
        }
        for lever, path in s.levers.items()
        for x in path
    ]
    priors = [
        {"parameter": k, **{p: str(v.get(p, "")) for p in ("low", "value", "high", "distribution", "source")}}
        for k, v in s.priors.items()
    ]
    changes = [
        {"change": c, "sets": listed([f"{k} to {x.chip or format(x.value, 'g')}" for k, x in found.items()], 9)}
        for c, found in s.changes.items()
    ]
    rules = "The rules are those on record." if s.rules == "log" else "No rule on chips ever came."
    return Answer(
        sentence=f"{s.title.rstrip('.')}: {one_line(s.narrative).rstrip('.')}. {rules}",
        rows=Table(
            rows=rows,
            columns=(
                Column(key="lever", title="Lever"),
                Column(key="from", title="From"),
                Column(key="to", title="Ramp to"),
                Column(key="value", title="Value", kind="number", significant=True),
                Column(key="chip", title="Best chip sold"),
                Column(key="unit", title="Unit"),
                Column(key="help", title="What it does"),
            ),
        ),
        more=(
            Table(
                name="priors",
                title="Priors of its own",
                rows=priors,
                columns=tuple(
                    Column(key=k, title=k.capitalize()) for k in ("parameter", "low", "value", "high", "distribution")
                ),
            ),
            Table(
                name="changes",
                title="Whenever rules change",
                rows=changes,
                columns=(Column(key="change", title="When rules"), Column(key="sets", title="It sets")),
            ),
        ),
        values={"name": s.name, "title": s.title, "narrative": one_line(s.narrative), "rules": s.rules},
        tag="assumed in part",
        about=About(definition=_ABOUT.definition, docs="methods/scenario", see=("scenario run", "scenario sweep")),
    )
