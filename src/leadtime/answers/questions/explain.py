"""Where a number comes from: what it is, the rows behind it, its sources, and what each part of the evidence does to
it.
"""

import functools
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table, Tag
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Choice, Many, Name, Text
from leadtime.answers.measures import Whole
from leadtime.answers.plain import plain, records
from leadtime.answers.question import Meaning, question
from leadtime.answers.words import chance, count, significant
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.explain import Explanation, Moved, Without
    from leadtime.figures.figure import Figure
    from leadtime.study import Study

PARTS = ("row", "model", "benchmark", "source")
#: So many sources are left out in turn where nobody says how many, of a number whose recomputation fits no abilities.
_LEFT_OUT = 8
_QUICK = frozenset(("cost", "supply", "adoption", "trained"))
_SOURCES_SHOWN = 10
#: A number that is undefined in more than this share of draws says so.
_UNDEFINED = 0.005
_SUPPORT: dict[str, Tag] = {
    "measured": "measured",
    "estimated from few sources": "estimated from few sources",
    "simulated": "simulated",
}

Number = Annotated[
    str,
    Meaning(
        kind=Name(of="number"),
        help="A number, such as lag.deepseek-v3 or cost.deepseek-v3.rental.",
        example="lag.deepseek-v3",
        positional=True,
    ),
]
Given = Annotated[
    tuple[str, ...],
    Meaning(
        kind=Many(each=Text(), at_most=10),
        help="A parameter as NAME=VALUE. Repeat it for several.",
        option="--with",
        example="model=deepseek-v3",
    ),
]
LeftOut = Annotated[
    int,
    Meaning(
        kind=Whole(low=0, high=200),
        help="How many of its main sources to leave out in turn. The default is 8, or none if that takes a new fit.",
        example="3",
        at_once=20,
    ),
]
By = Annotated[
    str,
    Meaning(
        kind=Choice(of=PARTS),
        help="Leave out parts of the scores in turn, to see which part moves the number most.",
        example="model",
    ),
]
Most = Annotated[int, Meaning(kind=Whole(low=1, high=50), help="With --by: how many parts to show.", example="4")]
Refits = Annotated[
    int,
    Meaning(
        kind=Whole(low=0, high=50),
        help="With --by: how often abilities may be fitted again if weights are not enough.",
        example="2",
        at_once=4,
    ),
]
RowsShown = Annotated[int, Meaning(kind=Whole(low=0, high=100_000), help="Rows to show for each step.", example="20")]


@question(
    "explain",
    "Where does a number come from?",
    of="study",
    command="explain NAME",
    path="/explain/{name}",
    example={"name": "cost.deepseek-v3"},
    schema="explanation",
    docs="methods/explain",
)
def explain(
    study: "Study",
    *,
    name: Number,
    given: Given = (),
    without: LeftOut | None = None,
    by: By | None = None,
    most: Most = 8,
    refits: Refits = 4,
    rows: RowsShown = 6,
) -> Answer:
    """Give a number's definition, equation, derivation, assumptions and sources, and which evidence moves it most."""
    from leadtime.explain import explain as explained
    from leadtime.explain import influence, parse

    quantity, parameters = parse(name, given)
    e = explained(study, quantity, parameters)
    moved = influence(study, quantity, parameters, by, most=most, refits=refits) if by else []  # type: ignore[arg-type]
    less, why_not = _without(study, e, without, by)
    return Answer(
        sentence=f"{sentence(e)}{_moves(moved, by, e.unit, _names(study, by))}",
        rows=Table(
            rows=[
                {
                    "quantity": quantity,
                    "title": e.title,
                    "median": Spread(*map(plain, (e.low, e.median, e.high))),
                    "unit": e.unit,
                    "undefined": e.undefined,
                }
            ],
            columns=(
                Column(key="title", title="Number"),
                _value(e.unit),
            ),
        ),
        more=(
            _moved_table(moved, by, _names(study, by)),
            _derivation(e, rows),
            _sources(e),
            _without_table(less, e.unit),
        ),
        values={
            "quantity": quantity,
            "parameters": parameters,
            "definition": e.sentence,
            "equation": e.equation,
            "page": f"docs/methods/{e.method}.md",
            "sources": records(e.sources),
            "steps": [{"words": s.words, "table": s.table, "rows": records(s.rows)} for s in e.steps],
        },
        tag=_tag(study, e),
        notes=tuple(_notes(e, moved, why_not)),
        about=About(
            definition=e.sentence,
            rests_on=f"{count(e.sources.height, 'source')}, row by row.",
            docs=f"methods/{e.method}",
        ),
        figure=functools.partial(_figure, e, moved, less, by, _names(study, by), dict(study.stamp)),
    )


def _without(study: "Study", e: "Explanation", without: int | None, by: str | None) -> "tuple[list[Without], str]":
    """Return the number without each of its main sources, and why there is no such thing."""
    from leadtime.explain import leave_out

    quick = e.quantity.partition(".")[0] in _QUICK and not _by_ability(study, e)
    n = without if without is not None else _LEFT_OUT if quick and not by else 0
    if not n:
        return [], ""
    try:
        return leave_out(study, e.quantity, e.parameters, n), ""
    except LeadtimeError as error:
        return [], f"{error.what}: {error.fix}"


def _by_ability(study: "Study", e: "Explanation") -> bool:
    """Return whether a cost rests on abilities, which without a source have to be fitted again."""
    models = [str(e.parameters[k]) for k in ("model", "against") if e.quantity.startswith("cost") and k in e.parameters]
    return any(f.what == "training compute" for m in models for f in study.costing(m).filled)


def _tag(study: "Study", e: "Explanation") -> Tag:
    from leadtime.claims.support import support_of

    return _SUPPORT[support_of(study, e.quantity, e.parameters)]


def sentence(e: "Explanation") -> str:
    """Return what a number is and in which range it lies: of one that is 0 or 1, which; of one that is defined in no
    draw, that it is not known.
    """
    asked = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in e.parameters.items())
    what = f"{e.title[0].upper()}{e.title[1:]}{f' ({asked})' if asked else ''}"
    if e.median != e.median:
        return f"{what}: not known, as it is defined in no draw."
    if e.unit == "(1 if so)":
        return f"{what}: {'yes' if e.median > 0.5 else 'no'} in most draws."
    ends = "in all draws" if e.low == e.high else f"{significant(e.low, 2)} to {significant(e.high, 2)}"
    simulated = "In our simulation, " if e.quantity == "scenario" else ""
    what = f"{simulated}{what[0].lower() if simulated else what[0]}{what[1:]}"
    return f"{what}: {significant(e.median, 2)}{_unit(e.unit)} ({ends})."


def _unit(unit: str) -> str:
    called = {
        "USD": "US dollars",
        "ratio": "times",
        "fraction": "of 1",
        "points": "points",
        "H100e": "H100-equivalents",
    }
    return f" {called.get(unit, unit)}" if unit else ""


def _names(study: "Study", by: str | None) -> dict[str, str]:
    """Return what people call the parts that are left out, by id; rows are called as they are."""
    table, column = {
        "model": ("models", "name"),
        "benchmark": ("benchmarks", "name"),
        "source": ("sources", "title"),
    }.get(by or "", ("", ""))
    return dict(study.evidence[table].select("id", column).iter_rows()) if table else {}


def _moves(moved: "list[Moved]", by: str | None, unit: str, names: dict[str, str]) -> str:
    """Return which part moves a number most, with a space before, nothing if none is asked for."""
    if not by:
        return ""
    told = next((m for m in moved if m.moves_by is not None), None)
    if told is None:
        return f" Which {by} moves it most is not known."
    if significant(abs(told.moves_by or 0.0), 2) in ("0", "not known"):
        return f" No {by} of those left out moves it."
    up = "up" if (told.moves_by or 0) > 0 else "down"
    untold = sum(m.moves_by is None for m in moved)
    more = f" What {untold} more of them would do is not known." if untold else ""
    return (
        f" Of the {by}s left out in turn, {names.get(told.part, told.part)} moves it most: {up} by"
        f" {significant(abs(told.moves_by or 0), 2)}{_unit(unit)}.{more}"
    )


def _moved_table(moved: "list[Moved]", by: str | None, names: dict[str, str]) -> Table:
    rows = [
        {
            **{k: v for k, v in plain(asdict(m)).items() if k not in ("low", "median", "high")},
            "median": Spread(m.low, m.median, m.high),
            "name": names.get(m.part, m.part),
            "note": f"{m.why[0].upper()}{m.why[1:]}." if m.why else "",
        }
        for m in moved
    ]
    return Table(
        name="moved_by",
        title=f"Which {by} moves it most",
        rows=rows,
        columns=(
            Column(key="name", title=(by or "part").capitalize()),
            Column(key="n_scores", title="Scores", kind="number", digits=0),
            Column(key="median", title="Without it", kind="spread", significant=True, digits=3),
            Column(key="moves_by", title="Moves it by", kind="number", significant=True, digits=2, signed=True),
            Column(key="how", title="How"),
        ),
    )


def _value(unit: str) -> Column:
    """Return the column of the number: months as the sentence has them, so that one number has one face."""
    rough = unit == "months"
    return Column(
        key="median", title="Value", kind="spread", significant=not rough, digits=1 if rough else 3, unit_from="unit"
    )


def _derivation(e: "Explanation", shown: int) -> Table:
    """Return the rows of evidence under the step they belong to, for people: what is filled in, source and day last."""
    rows: list[dict[str, Any]] = []
    for i, s in enumerate(e.steps, 1):
        head = f"{i}. {s.words}{f' (table {s.table})' if s.table else ''}"
        rows += [{"head": head, **_line(r)} for r in records(s.rows)] or [
            {"head": head, "what": "", "source": "", "known_on": ""}
        ]
    columns = (
        Column(key="what", title="What the rows hold"),
        Column(key="source", title="Source"),
        Column(key="known_on", title="Known on", kind="day"),
    )
    return Table(name="", title="How it is derived", rows=rows, columns=columns, most=shown, by="head")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    words = [
        f"{v:g}" if isinstance(v, float) else str(v)
        for k, v in row.items()
        if v is not None and k not in ("source", "known_on", "note")
    ]
    return {"what": " ".join(words), "source": row.get("source") or "", "known_on": row.get("known_on") or ""}


def _sources(e: "Explanation") -> Table:
    """Return the sources for people; the address of each is its footnote."""
    rows = [
        {
            "id": r["id"],
            "title": f"{r['title']} ({r['publisher'] or 'no publisher'})",
            "n_rows": r["n_rows"],
            "note": r["url"] or "No address.",
        }
        for r in records(e.sources)
    ]
    columns = (
        Column(key="id", title="Source"),
        Column(key="title", title="Title"),
        Column(key="n_rows", title="Rows", kind="number", digits=0),
    )
    return Table(name="", title="Sources, those of most rows first", rows=rows, columns=columns, most=_SOURCES_SHOWN)


def _without_table(less: "list[Without]", unit: str) -> Table:
    rows: list[dict[str, Any]] = [
        {
            "source": w.source,
            "label": w.source or "nothing, computed the same way",
            "median": Spread(w.low, w.median, w.high),
            "why": w.why,
        }
        for w in less
    ]
    columns = (
        Column(key="label", title="Left out"),
        Column(key="median", title=f"Value{_unit(unit)}", kind="spread", significant=True, digits=3),
        Column(key="why", title="Why not"),
    )
    return Table(name="without", title="Without each source", rows=rows, columns=columns)


def _notes(e: "Explanation", moved: "list[Moved]", why_not: str) -> list[str]:
    found = [f"Definition. {e.sentence}", f"Equation. {e.equation}."]
    if e.undefined > _UNDEFINED:
        found.append(f"It is not defined in {chance(e.undefined)} draws.")
    if why_not:
        found.append(f"Not recomputed without its sources: {why_not}")
    if moved:
        found.append(
            "Weights: the same draws, weighted as if the scores were not there. Refit: the abilities fitted again, by"
            " their mode, where the weights could not be trusted."
        )
    return found


def _figure(
    e: "Explanation",
    moved: "list[Moved]",
    less: "list[Without]",
    by: str | None,
    names: dict[str, str],
    stamp: dict[str, Any],
) -> "Figure":
    from leadtime.figures.intervals import bars, intervals

    unit = _unit(e.unit).strip()
    if by:
        rows: list[dict[str, Any]] = [
            {"label": names.get(m.part, m.part), "median": m.moves_by, "how": m.how} for m in moved
        ]
        chart = bars(rows, f"moves it by, {unit}")
        title, n = f"Which {by} moves it most: {e.title}", f"{len(rows)} {by}s"
        method = "A bar says by how far the mean moves with a part, against without it."
    else:
        rows = [{"label": "as it stands", "low": e.low, "median": e.median, "high": e.high}]
        rows += [
            {
                "label": f"without {w.source}" if w.source else "computed the quick way",
                "low": w.low,
                "median": w.median,
                "high": w.high,
            }
            for w in less
        ]
        chart = intervals(plain(rows), unit)
        title, n, method = (
            f"{e.title[0].upper()}{e.title[1:]}, with all sources and without each",
            f"{len(rows)} rows",
            "Bars are 90% intervals.",
        )
    return figure(name="explain", title=title, chart=chart, rows=plain(rows), n=n, method=method, stamp=stamp)
