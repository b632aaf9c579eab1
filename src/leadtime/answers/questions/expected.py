"""Was a model an expected point on the falling curve of cost?"""

import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import figure
from leadtime.answers.lagging import model_name
from leadtime.answers.measures import Number
from leadtime.answers.parameters import Model
from leadtime.answers.plain import plain
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import count, share

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

_COLUMNS = (
    Column(key="compared_with", title="Compared with"),
    Column(key="n", title="n", kind="number", digits=0),
    Column(key="ability_percentile", title="Ability, percentile", kind="spread", digits=0),
    Column(key="predicted_points", title="Points expected", kind="spread", unit="points"),
    Column(key="compute_ratio", title="Compute others would need, times", kind="spread"),
)


@question(
    "curve expected",
    "Was a model an expected point on the falling curve of cost?",
    of="study",
    command="curve --test MODEL",
    example={"model": "deepseek-v3"},
    schema="expected",
    docs="methods/curve",
)
def expected(
    study: "Study",
    *,
    model: Annotated[Model, Meaning(positional=False, formerly=())],
    quality: (
        Annotated[
            float,
            Meaning(
                kind=Number(low=0, high=1e6, above=True),
                help="How many times worse DeepSeek-V3 is assumed to be; the essay says 2.",
                example="2",
            ),
        ]
        | None
    ) = None,
) -> Answer:
    """Say whether a model was an expected point on the curve, before the fact and in hindsight."""
    found = plain(study.curve.expected(model, quality=quality))
    name = model_name(model, study.evidence)
    return Answer(
        sentence=_sentence(name, found),
        rows=Table(rows=[_row(v) for v in found["views"]], columns=_COLUMNS),
        more=_essay(found["essay"]),
        values={"model": model, "base_rate": found["base_rate"]},
        tag="estimated from few sources",
        about=About(
            definition=(
                "Where its ability stands among what other models led one to expect for its compute and date, in"
                " percent from below."
            ),
            rests_on="Models with a measured ability and a known training compute.",
            limits=("Computing is compared, not money, except in the essay's own arithmetic.",),
            docs="methods/curve",
        ),
        notes=_base_rate(found["base_rate"]),
        figure=functools.partial(_figure, study, model, name, found),
    )


def _row(view: dict[str, Any]) -> dict[str, Any]:
    """Return one view as a row: percentiles and quantiles as cells."""
    from leadtime.cost.expected import VIEWS

    known = view["ability_percentile"] is not None
    low, high = view["ability_interval"] if known else (None, None)
    return {
        "view": view["view"],
        "compared_with": VIEWS[view["view"]],
        "n": view["n"],
        "ability_percentile": Spread(low, view["ability_percentile"], high),
        "compute_percentile": view.get("compute_percentile"),
        "points": view.get("points"),
        "predicted_points": Spread(*(view["predicted_points"] if known else (None, None, None))),
        "compute_ratio": Spread(*(view["compute_ratio"] if known else (None, None, None))),
        "note": view.get("note", ""),
    }


def _sentence(name: str, found: dict[str, Any]) -> str:
    """Return where a model stood before the fact, or in hindsight where too few came before: above, below or within."""
    views = {v["view"]: v for v in found["views"] if v["ability_percentile"] is not None}
    view = views.get("ex_ante") or views.get("hindsight")
    if view is None:
        return f"Whether {name} was an expected point on the curve is not known."
    when = "models before it" if "ex_ante" in views else "other models"
    low, high = view["ability_interval"]
    p = view["ability_percentile"]
    where = "above" if p >= 95 else "below" if p <= 5 else "within"
    said = {
        "above": "was better than expected",
        "below": "was worse than expected",
        "within": "was within expectations",
    }[where]
    return (
        f"{name} {said}: for its compute it was abler than {p:.0f} in 100 of what {when} led one to expect ({low:.0f}"
        f" to {high:.0f})."
    )


def _base_rate(b: dict[str, Any]) -> tuple[str, ...]:
    if not b["n"]:
        return ()
    rank = f"It ranks {b['rank']} of {b['n']}." if b["rank"] else "This one is not among them."
    return (
        (
            f"How often that happens: of {count(b['n'], 'model')} tested the same way before the fact,"
            f" {share(b['at_least_95'])} landed at the 95th percentile or above, {share(b['at_least_90'])} at the 90th,"
            f" {share(b['above_50'])} above the middle. {rank}"
        ),
    )


def _essay(essay: list[dict[str, Any]]) -> tuple[Table, ...]:
    """Return the essay's own arithmetic as a table; none for models that it is not about."""
    rows = [
        {
            "quality": e["quality"],
            "expected_usd": Spread(*e["expected_usd"]),
            "against": against,
            "against_usd": Spread(v["usd_low"], v["usd"], v["usd_high"]),
            "p": v["p"],
        }
        for e in essay
        for against, v in e["against"].items()
    ]
    columns = (
        Column(key="quality", title="Times worse", kind="number", significant=True),
        Column(
            key="expected_usd", title="Expected, dollars", kind="spread", unit="US dollars", significant=True, digits=3
        ),
        Column(key="against", title="Against"),
        Column(key="against_usd", title="Cost, dollars", kind="spread", significant=True, digits=3, unit="US dollars"),
        Column(key="p", title="Expected no more", kind="chance"),
    )
    return (Table(name="essay", title="The essay's own arithmetic", rows=rows, columns=columns),)


def finding(name: str, found: dict[str, Any]) -> str:
    """Return how able a model was against what its compute led one to expect, a headline in every direction."""
    v = next((v for v in found["views"] if v["view"] == "ex_ante" and v["ability_percentile"] is not None), None)
    if v is None:
        return f"What was to be expected of {name} is not known for this day"
    p = v["ability_percentile"]
    if 40 <= p <= 60:
        return f"For its compute {name} was about as able as was to be expected"
    return (
        f"For its compute {name} was {'abler' if p > 50 else 'less able'} than {p if p > 50 else 100 - p:.0f}% of what"
        " was to be expected"
    )


def _figure(study: "Study", model: str, name: str, found: dict[str, Any]) -> "Figure":
    import numpy as np

    from leadtime.cost.expected import others, points_of, predicted_line
    from leadtime.figures.curve import curve

    d = study.curve.data
    models = points_of(d)
    line = predicted_line(d, model, np.arange(np.floor(d.oom.min() * 4) / 4, d.oom.max() + 0.01, 0.25))
    before = int((others(d, model, "ex_ante") & ~d.distilled & ~d.coding).sum())
    return figure(
        name="curve-expected",
        title=(
            "Ability by training compute, in operations. Shaded: where 9 in 10 were expected, from models out before"
            " it."
        ),
        chart=curve(models, line, model),
        rows=models,
        n=f"{d.n} models with a measured ability and a known compute",
        method=(
            f"The band is the 90% prediction from the {before} models released before {name}, without distilled and"
            " coding ones."
        ),
        stamp=study.stamp,
    ).named(finding(name, found))
