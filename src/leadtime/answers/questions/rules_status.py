"""Whether a license is needed for a transaction, and why."""

import datetime as dt
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers import parties as lists_of
from leadtime.answers.answer import About, Answer, Column, Table
from leadtime.answers.kinds import Choice, Flag, Many, Name, Text
from leadtime.answers.lagging import capital
from leadtime.answers.measures import Interval, Number
from leadtime.answers.parameters import Country, Lists, OnDay, Owner
from leadtime.answers.plain import fields_of
from leadtime.answers.question import Meaning, question
from leadtime.answers.regulated import LIMITS, NOT_ADVICE, RESTS_ON, place
from leadtime.answers.status_tables import tables_of
from leadtime.answers.words import chance, day
from leadtime.rules.terms import CERTIFICATIONS, ITEMS, MADE_WITH, ORIGINS

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.rules.log import Log
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.spells import Spell
    from leadtime.rules.status import Status
    from leadtime.rules.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent(Number):
    """A percentage, `12` or `12%`."""

    def parse(self, value: Any) -> float:
        """Return the percentage.

        Raises:
            LeadtimeError: It is not a number, or is out of range.
        """
        return Number.parse(self, value.strip().removesuffix("%") if isinstance(value, str) else value)


def _number(help: str, unit: str = "", option: str | None = None) -> Meaning:
    return Meaning(kind=Interval(low=0, high=1e40, unit=unit), help=help, option=option)


def _said(help: str, option: str | None = None, negated: str | None = None) -> Meaning:
    return Meaning(kind=Flag(), help=help, option=option, negated=negated)


_NUMBERS = [
    "tpp",
    "die_area_mm2",
    "dram_gb_s",
    "io_gb_s",
    "hbm_gb_s_mm2",
    "training_operations",
    "node_nm",
    "transistors_bn",
]
_STATED = [
    "datacenter",
    "weights_published",
    "copackaged",
    "attested",
    "count_confirmed",
    "has_hbm",
    "listed",
    "owned_by_listed",
    "validated_end_user",
    "certified",
    "available_in_us",
    "subject",
]
#: By which words a sentence tells of a day before the day of knowing, of that day, and of a later one.
_TENSES = (("needed", "asked", "were"), ("needs", "asks", "are"), ("will need", "asks", "are"))
#: How an item moves, as a sentence begins.
_MOVES = {"us": "exporting {} to {}", "reexport": "re-exporting {} to {}", "in-country": "handing over {} inside {}"}
_NAMELESS = {
    "chip": "a chip",
    "system": "a system",
    "hbm": "a memory stack",
    "weights": "model weights",
    "foundry-die": "a die from a foundry",
}


@question(
    "rules status",
    "Does a chip need a license to go somewhere, and why?",
    of="rules",
    example={"chip": "h20", "to": "CHN", "on": "2025-05-01"},
    schema="rules-status",
    docs="methods/rules",
)
def rules_status(
    rules: "Rulebook",
    *,
    chip: (
        Annotated[
            str,
            Meaning(
                kind=Name(of="item"),
                help="A chip or system, such as h100-sxm, or a model's weights. Or leave it out and give its numbers.",
                positional=True,
                example="h20",
            ),
        ]
        | None
    ) = None,
    to: Annotated[Country, Meaning(help="Where it goes, by name or ISO 3166 code.")],
    on: Annotated[OnDay, Meaning(help="The day you ask about. The default is today.")] | None = None,
    hq: Annotated[Country, Meaning(help="Headquarters of the end user. The default is the destination.")] | None = None,
    parent: Annotated[Country, Meaning(help="Headquarters of its ultimate parent.")] | None = None,
    origin: Annotated[
        str,
        Meaning(kind=Choice(of=ORIGINS), help="How it moves: out of the US, on from another country, or inside one."),
    ] = "us",
    item: Annotated[str, Meaning(kind=Choice(of=ITEMS), help="What is shipped.")] = "chip",
    exporter: (
        Annotated[
            str,
            Meaning(
                kind=Text(),
                help="Who ships. The default is the maker. `other` is a firm that got no letter.",
                example="NVIDIA",
            ),
        ]
        | None
    ) = None,
    designer: Annotated[Country, Meaning(help="Headquarters of the chip's designer.")] | None = None,
    tpp: Annotated[str, _number("Performance: dense TOPS times bits, in the format that gives most.")] | None = None,
    die_area_mm2: Annotated[str, _number("Area of all logic dies, mm2.", "mm2", "--die-area")] | None = None,
    dram_gb_s: Annotated[str, _number("Bandwidth of the memory, GB/s.", "GB/s")] | None = None,
    io_gb_s: (
        Annotated[
            str,
            _number("Bandwidth to other chips, both directions and all links, GB/s.", "GB/s", "--bidirectional-gb-s"),
        ]
        | None
    ) = None,
    hbm_gb_s_mm2: Annotated[str, _number("Memory stack: GB/s per mm2.", "GB/s per mm2", "--hbm-density")] | None = None,
    training_operations: Annotated[str, _number("Weights: operations of training.")] | None = None,
    node_nm: Annotated[str, _number("Process node, nm.", "nm")] | None = None,
    transistors_bn: Annotated[str, _number("Foundry: transistors of the package, billions.", "billions")] | None = None,
    datacenter: (
        Annotated[bool, _said("Designed or marketed for data centers.", negated="--not-datacenter")] | None
    ) = None,
    weights_published: Annotated[bool, _said("Weights: published.", "--published")] | None = None,
    copackaged: Annotated[bool, _said("Memory packaged with logic.")] | None = None,
    attested: Annotated[bool, _said("Foundry: an approved designer attests.")] | None = None,
    count_confirmed: (
        Annotated[bool, _said("Foundry: the packager confirms the number of transistors.", negated="--count-open")]
        | None
    ) = None,
    has_hbm: Annotated[bool, _said("Foundry: the package holds HBM.", "--hbm", "--no-hbm")] | None = None,
    listed: Annotated[bool, _said("The end user is on the Entity List.")] | None = None,
    owned_by_listed: Annotated[bool, _said("Listed parties own half or more of it.")] | None = None,
    validated_end_user: Annotated[bool, _said("The end user is a validated one.", "--veu")] | None = None,
    certified: (
        Annotated[bool, _said("The certifications that a policy asks for were made.", negated="--uncertified")] | None
    ) = None,
    available_in_us: (
        Annotated[bool, _said("Commercially available in the US.", "--sold-in-us", "--not-sold-in-us")] | None
    ) = None,
    subject: (
        Annotated[bool, _said("Made abroad, and subject to the US rules or not.", negated="--not-subject")] | None
    ) = None,
    uncertified_for: Annotated[
        tuple[str, ...],
        Meaning(
            kind=Many(each=Choice(of=tuple(c.removeprefix("certified_") for c in CERTIFICATIONS))),
            help="One certification of 2026 that was not made.",
        ),
    ] = (),
    party: (
        Annotated[str, Meaning(kind=Text(), help="The end user by name, looked up on lists.", example="Acme GmbH")]
        | None
    ) = None,
    owner: Owner = (),
    lists: Lists = (),
    made_with: (
        Annotated[
            str, Meaning(kind=Choice(of=MADE_WITH), help="For an item made abroad: what it is a direct product of.")
        ]
        | None
    ) = None,
    us_content: (
        Annotated[
            float,
            Meaning(
                kind=Percent(low=0, high=100, unit="percent"),
                help="For an item made abroad: its controlled US content, in percent of its value.",
            ),
        ]
        | None
    ) = None,
) -> Answer:
    """Say whether a license is needed, under which paragraph, with which prospects, and why."""
    given = locals()
    numbers = {n: given[n] for n in _NUMBERS if given[n] is not None}
    stated = {n: given[n] for n in _STATED if given[n] is not None} | {f"certified_{c}": False for c in uncertified_for}
    parties = lists_of.screened(rules, party, owner, _day(on), lists)
    what = rules.transaction(
        chip,
        to=to,
        hq=hq,
        parent=parent,
        origin=origin,
        item=item,
        exporter=exporter,
        designer=designer,
        made_with=made_with,
        us_content_percent=us_content,
        numbers=numbers,
        flags={**(parties.flags if parties else {}), **stated},
    )
    return _answer(rules, rules.status(what, _day(on)), parties, numbers)


def _day(on: dt.date | None) -> dt.date:
    return on or dt.date.today()  # noqa: DTZ011 - the user's own calendar day


def _answer(rules: "Rulebook", s: "Status", parties: Any, numbers: dict[str, Any]) -> Answer:
    from leadtime.rules.spells import spells
    from leadtime.rules.told import told

    words, p, over = told(s), _chance(rules, s, numbers), spells(rules.log, s)
    return Answer(
        sentence=sentence(rules.log, s),
        rows=Table(
            rows=[
                {"standing": "written", "says": words.written},
                {"standing": "enforced", "says": words.enforced},
                *({"standing": "in practice", "says": line} for line in words.practice),
            ],
            columns=(Column(key="standing", title="How"), Column(key="says", title="What holds")),
        ),
        more=(*tables_of(rules, s, over), lists_of.matches(parties, "matches"), *lists_of.more(parties)),
        values={
            "headline": words.headline,
            "how": words.how,
            "written": words.written,
            "enforced": words.enforced,
            **_values(s),
            "p_controlled": p,
            "parties": lists_of.whether(parties) if parties else None,
        },
        tag="the rules as written",
        notes=(*_notes(s, p), *(lists_of.said(parties) if parties else ()), NOT_ADVICE),
        about=About(
            definition=(
                "Whether a license of the US Commerce Department is needed, by the text, as it is enforced, and in"
                " practice."
            ),
            rests_on=RESTS_ON,
            limits=LIMITS,
            docs="methods/rules",
            see=("rules coverage",),
        ),
        figure=functools.partial(_figure, rules, s, over),
    )


def _chance(rules: "Rulebook", s: "Status", numbers: dict[str, tuple[float, float]]) -> float | None:
    """Return the probability that a license is needed, where numbers are uncertain."""
    if not any(low < high for low, high in numbers.values()):
        return None
    from leadtime.rules.batch import probability

    return probability(rules.log, s.transaction, s.on, s.as_known)


def _values(s: "Status") -> dict[str, Any]:
    """Return a status as JSON has it, without what stands in tables; numbers by name."""
    t = s.transaction
    shown, what = fields_of(s), fields_of(t)
    low, high = t.number("pd")
    what["numbers"] = {n: {"low": a, "high": b} for n, (a, b) in t.numbers} | {"pd": {"low": low, "high": high}}
    what["flags"] = dict(t.flags)
    tabled = ("because", "assumptions", "unconfirmed", "trace", "sources")
    return {k: v for k, v in (shown | {"transaction": what}).items() if k not in tabled}


def _notes(s: "Status", p: float | None) -> tuple[str, ...]:
    from leadtime.rules.verdict import DEPENDS

    paragraph = "none of those read here; another may apply" if s.eccn == "none" else s.eccn
    likely = (
        ""
        if p is None
        else f"The chance that a license is needed is {chance(p)}, if the numbers lie as they are said to."
    )
    said = (
        s.transaction.read_as and f"{capital(s.transaction.read_as)}.",
        "" if s.verdict == DEPENDS else s.turns_on,
        likely,
        f"Confidence: {s.confidence}. Paragraph: {paragraph}.",
        s.not_modelled and f"Not modeled here: {', '.join(s.not_modelled)}.",
    )
    return tuple(line for line in said if line)


def called(log: "Log", t: "Transaction") -> str:
    """Return what is shipped, as a sentence calls it."""
    if t.item == "weights" and t.chip:
        return f"the weights of {t.chip}"
    row = log.systems.get(t.system) or log.chips.get(t.chip)
    return f"the {row['name']}" if row else f"{_NAMELESS[t.item]} with these numbers"


def sentence(log: "Log", s: "Status") -> str:
    """Return whether a license is needed, a sentence or a few: yes, no, as enforced, in some cases, elsewhere, not
    known.
    """
    from leadtime.rules import verdict as v
    from leadtime.rules.told import told

    t, words, when = s.transaction, told(s), f"on {day(s.on)}"
    if s.on > s.as_known:
        when += f", by what was public on {day(s.as_known)}"
    need, asks, are = _TENSES[1 + (s.on > s.as_known) - (s.on < s.as_known)]
    doing = _MOVES[t.origin].format(called(log, t), place(log, t.to)) + _buyer(log, t)
    or_else = [e for e in s.exceptions if not e.endswith("(may)")]
    first = {
        v.LICENSE_REQUIRED: (
            f"{doing} {need} a license{', or the license exception ' + ' or '.join(or_else) + ',' if or_else else ''}"
            f" {when}"
        ),
        v.NOT_ENFORCED: (
            f"{doing} {need} no license {when} as the rules {are} enforced, though their text {asks} for one"
        ),
        v.NO_LICENSE: f"{doing} {need} no license {when}, by the rules that are read here",
        v.NOT_COVERED: (
            f"whether {doing} {need} a license {when} is not covered here:"
            f" {s.elsewhere[0] if s.elsewhere else 'another regime governs it'}"
        ),
        v.DEPENDS: f"whether {doing} {need} a license {when} depends: some cases need one, others do not",
        v.UNKNOWN_VERDICT: (
            f"whether {doing} {need} a license {when} is not known:"
            f" {words.headline.removeprefix('Unknown: ').rstrip('.')}"
        ),
    }[s.verdict]
    turns_on = s.turns_on if s.verdict == v.DEPENDS else ""
    return " ".join(x for x in (f"{capital(first)}.", turns_on, words.how) if x)


def _buyer(log: "Log", t: "Transaction") -> str:
    if t.hq == t.to == t.parent:
        return ""
    parent = f", parent in {place(log, t.parent)}," if t.parent != t.hq else ""
    home = f" with headquarters in {place(log, t.hq)}" if t.hq != t.to else ""
    return f" for a buyer{home}{parent}"


def _figure(rules: "Rulebook", s: "Status", over: "tuple[Spell, ...]") -> "Figure":
    """Return the answer over time, with what both governments did."""
    from leadtime.answers.over_time import drawn, finding

    name = called(rules.log, s.transaction)
    return replace(drawn(rules, s, over, name), finding=finding(name, over))
