"""The same question of the rules for many chips, on several days."""

import datetime as dt
import functools
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.drawn import figure
from leadtime.answers.kinds import Many, Name
from leadtime.answers.measures import Day
from leadtime.answers.parameters import Country
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import LIMITS, NOT_ADVICE, RESTS_ON, place
from leadtime.answers.words import count, day

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.rules.rulebook import Rulebook

#: Chips below this are far under every limit, and are left out.
_FROM_TPP = 1000.0
#: So many of the weightiest days of the log are columns, where no days are given.
_DAYS = 3


@question(
    "rules matrix",
    "What do the rules say of every chip, on several days?",
    of="rules",
    example={"to": "CHN", "chip": ["h100-sxm", "h20", "h200-sxm"]},
    schema="rules-matrix",
    docs="methods/rules",
)
def rules_matrix(
    rules: "Rulebook",
    *,
    to: Annotated[Country, Meaning(help="Where the chips go. The default is China.")] = "CHN",
    on: Annotated[
        tuple[dt.date, ...],
        Meaning(
            kind=Many(each=Day(), at_most=12),
            help="Days. The default is the day after each main rule, and today.",
            example="2025-05-01",
        ),
    ] = (),
    chip: Annotated[
        tuple[str, ...], Meaning(kind=Many(each=Name(of="chip"), at_most=200), help="Only these chips.", example="h20")
    ] = (),
) -> Answer:
    """Say for each chip and day whether it may be sold from the United States to a buyer in a country, in one
    letter.
    """
    from leadtime.rules.letters import MEANINGS

    days = sorted(set(on)) or days_of(rules)
    chips = list(chip) or chips_of(rules)
    rows = _rows(rules, chips, days, to)
    last = [r for r in rows if r["on"] == days[-1]]
    return Answer(
        sentence=sentence(last, place(rules.log, to), days[-1]),
        rows=Table(
            rows=rows,
            columns=(
                Column(key="on", title="Day", kind="day"),
                Column(key="words", title="Answer"),
            ),
            most=8,
            by="name",
        ),
        values={"days": days, "to": to},
        tag="the rules as written",
        notes=("Letters: " + "; ".join(f"{k}: {v}" for k, v in MEANINGS.items()) + ".", NOT_ADVICE),
        about=About(
            definition=(
                "Whether a license is needed to sell a chip from the United States to a buyer with headquarters in the"
                " country, as enforced."
            ),
            rests_on=RESTS_ON,
            limits=("Chips not yet on sale are judged as if they were.", *LIMITS),
            docs="methods/rules",
            see=("rules status",),
        ),
        figure=functools.partial(_figure, rules, rows, place(rules.log, to)) if rows else None,
    )


def days_of(rules: "Rulebook") -> list[dt.date]:
    """Return the first day of the month after each of the weightiest US rules and letters, and the day of knowing."""
    log, known = rules.log, rules.as_known
    heavy = sorted(
        (
            (-(r["weight"] or 0), r["effective_on"])
            for r in log.tables["rule_events"]
            if r.get("label")
            and r["known_on"] <= known
            and r["effective_on"] <= known
            and log.instruments[r["instrument"]]["jurisdiction"] == "USA"
            and log.instruments[r["instrument"]]["kind"] in ("rule", "letter")
        ),
    )
    after = {dt.date(d.year + d.month // 12, d.month % 12 + 1, 1) for _, d in heavy[: _DAYS + 1]}
    return sorted({d for d in after if d <= known} | {known})


def chips_of(rules: "Rulebook") -> list[str]:
    """Return the chips of a matrix: those that are watched first, then by name; none of Chinese design, none far under
    every limit.
    """
    from leadtime.rules.timeline import WATCHED
    from leadtime.rules.transaction import chip_numbers

    def near(chip: str) -> bool:
        numbers = chip_numbers(rules.log, chip)
        return "tpp" not in numbers or numbers["tpp"][1] >= _FROM_TPP

    log = rules.log
    kept = [
        c
        for c, row in log.chips.items()
        if row["country"] not in ("CHN", "HKG")
        and row["market"] != "internal"
        and row["known_on"] <= rules.as_known
        and near(c)
    ]
    watched = [c for c in WATCHED if c in kept]
    return [*watched, *sorted((c for c in kept if c not in watched), key=lambda c: str(log.chips[c]["name"]).lower())]


def _rows(rules: "Rulebook", chips: list[str], days: list[dt.date], to: str) -> list[dict[str, Any]]:
    from leadtime.rules.answers import answers
    from leadtime.rules.letters import of_answer
    from leadtime.rules.many import columns_of
    from leadtime.rules.status import require_recorded
    from leadtime.rules.timeline import WATCHED

    for on in days:
        require_recorded(on, rules.as_known)
    asked = [(c, t, on) for c in chips for t in (rules.transaction(c, to=to),) for on in days]
    found = answers(
        rules.log, columns_of([t for _, t, _ in asked], [d for *_, d in asked], [rules.as_known] * len(asked))
    )
    rows = []
    for i, (c, _, on) in enumerate(asked):
        said = of_answer(found.answer[i], found.review[i], found.review_possible[i], found.license_codified[i])
        row = rules.log.chips[c]
        rows.append(
            {
                "chip": c,
                "name": row["name"],
                "maker": row["maker"],
                "on": on,
                "letter": said.letter,
                "words": said.words,
                "main": c in WATCHED,
            }
        )
    return rows


def sentence(last: list[dict[str, Any]], where: str, on: dt.date) -> str:
    """Return how many chips are free, decided case by case, and barred on the last day."""
    if not last:
        return f"No chip is on record that could go to {where} on {day(on)}."
    n = {k: sum(r["letter"] == k for r in last) for k in "FCD"}
    rest = len(last) - sum(n.values())
    return (
        f"Of {count(len(last), 'AI chip')}, {n['F']} could go to {where} without a license on {day(on)}. For {n['D']} a"
        f" license was presumed denied, for {n['C']} decided case by case, and for {rest} the policy is not stated or"
        " open."
    )


def _figure(rules: "Rulebook", rows: list[dict[str, Any]], where: str) -> "Figure":
    from leadtime.figures.rules_matrix import matrix

    return figure(
        name="rules-matrix",
        title=f"May it be sold to {where}? Each chip, by the rules in force on each day",
        chart=functools.partial(matrix, rows=rows),
        rows=rows,
        n=f"{len({r['chip'] for r in rows})} chips",
        method=(
            "A stronger color means stricter; hatched means that the policy is not stated. Chips not yet on sale are"
            " judged as if they were."
        ),
        stamp=rules.stamp,
    )
