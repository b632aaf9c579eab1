"""Models that the evidence does not know, made of what their rows tell: provisional, and never one with a known model
by a guess.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leadtime.evidence import Evidence
from leadtime.importers.names import Names, fold
from leadtime.importers.rows import Candidates
from leadtime.update.connector import PROVISIONAL, File, Mention, rows_for

#: Two known models whose maker agrees teach what a publisher calls that maker, where nine in ten do.
_TEACHERS, _AGREE = 2, 0.9
#: Versions of one model come out within a month.
_APART_DAYS = 31
#: What the name of a base, and of a post-trained version, tells.
_BASE, _POST = r"[-\s]base\b", r"[-\s](instruct|chat|it|sft|rlhf|dpo)\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """One model that enters provisionally.

    Args:
        id: Its id.
        row: Its row of `models`, as text.
        new_organization: Row of `organizations` that comes with it, or None if the maker is known.
        mention: What told of it first.
        unstated: What its rows do not tell, and how it was filled.
    """

    id: str
    row: dict[str, str | None]
    new_organization: dict[str, str | None] | None
    mention: Mention
    unstated: tuple[str, ...]


@dataclass(slots=True)
class Newcomers:
    """What mentions come to.

    Args:
        models: Those that can enter.
        renamed: Names in files to ids, known ones among them where the publisher says which model a version is of.
        grouped: Of those, versions of known models: name to id.
        lacking: Names that cannot enter, with what their rows do not tell.
    """

    models: list[Newcomer] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    grouped: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)


def newcomers(mentions: Iterable[Mention], evidence: Evidence, names: Names, day: dt.date) -> Newcomers:
    """Return the models that mentions tell of and the evidence does not know.

    Args:
        mentions: What files tell of models.
        evidence: What is there.
        names: What is called how in it.
        day: No model is released later.
    """
    told = [m for m in mentions if m.name.strip() or m.group.strip()]
    group = _groups(told, evidence, names)
    makers = _makers(told, evidence, names)
    countries = _countries(evidence)
    found = Newcomers()
    unknown: dict[str, list[Mention]] = defaultdict(list)
    for m in told:
        if names.model(m.name)[0]:
            continue
        of = group.get(fold(_base(m.name, names)), "") if m.name else m.group
        known = names.model(of)[0] if of else None
        if known and m.name:
            found.renamed[m.name] = found.grouped[m.name] = known
        elif not known:
            unknown[fold(of or _base(m.name, names))].append(m)
    context = _Context(group=group, names=names, makers=makers, countries=countries)
    ids = set(evidence["models"]["id"])
    begins: Any = evidence["models"]["released_on"].min()
    for same in unknown.values():
        made = _made(same, context, (begins, day), ids)
        if isinstance(made, str):
            found.lacking |= {m.name or m.group: made for m in same}
            continue
        ids.add(made.id)
        found.models.append(made)
        found.renamed |= {n: made.id for m in same for n in (m.name, _base(m.name, names)) if n}
    return found


def _groups(told: list[Mention], evidence: Evidence, names: Names) -> dict[str, str]:
    """Return the model of which each version is one, as the publisher says: folded name without effort to the model's
    name.

    A publisher's model may be wider than ours: a version of another stage (base or post-trained), or released more than
    a month apart, is not the known model of that name.
    """
    known = {i: (stage, on) for i, stage, on in evidence["models"].select("id", "stage", "released_on").iter_rows()}
    said = {fold(_base(m.name, names)): m.group for m in told if m.name and m.group}
    model_of = {own: names.model(of)[0] for own, of in said.items()}
    wider = set()
    for m in told:
        own = fold(_base(m.name, names)) if m.name else ""
        model = model_of.get(own)
        if model is None:
            continue
        stage, on = known[model]
        day = None if m.group else _day(m.released_on)  # beside a group stands the group's own day
        is_apart = day is not None and abs((day - on).days) > _APART_DAYS
        is_base, is_post = (re.search(p, m.name, re.IGNORECASE) for p in (_BASE, _POST))
        if is_apart or (is_base and stage != "base") or (is_post and stage == "base"):
            wider.add(own)
    return {own: of for own, of in said.items() if own not in wider}


def extended(evidence: Evidence, found: Newcomers) -> Evidence:
    """Return the evidence with the newcomers in it, so that rows can name them."""
    tables = dict(evidence.tables)
    makers = {n.new_organization["id"]: n.new_organization for n in found.models if n.new_organization}
    for name, rows in (("organizations", list(makers.values())), ("models", [n.row for n in found.models])):
        if rows:
            schema = dict.fromkeys(tables[name].columns, pl.String)
            more = pl.DataFrame([{c: r.get(c) for c in schema} for r in rows], schema=schema)
            tables[name] = pl.concat([tables[name], more.select(_typed(c, t) for c, t in tables[name].schema.items())])
    return Evidence(tables, evidence.as_of)


def _typed(column: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(column)
    if kind == pl.Date:
        return text.str.to_date(strict=False)
    return text.eq("true") if kind == pl.Boolean else text.cast(kind, strict=False)


def placed(found: Newcomers, used: set[str]) -> list[tuple[str, Mention, dict[str, str | None]]]:
    """Return table, mention and row of the newcomers that rows name, each maker once."""
    out, makers = [], set()
    for n in found.models:
        if n.id not in used:
            continue
        maker = n.new_organization
        if maker and maker["id"] not in makers:
            makers.add(maker["id"])
            out.append(("organizations", n.mention, maker))
        out.append(("models", n.mention, n.row))
    return out


def as_candidates(found: Newcomers, used: set[str], day: dt.date) -> list[Candidates]:
    """Return the newcomers that rows name, as rows for the tables."""
    out: list[Candidates] = []
    for table, m, row in placed(found, used):
        file = File(name=m.file, content=b"", day=day)
        number = re.fullmatch(r"row (\d{1,9})", m.row)
        out += rows_for(table, file, [{**row, "_row": int(number[1]) if number else 1}], m.source, dated_by="page")
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What is called how: versions by their model, names of the evidence, makers and countries."""

    group: Mapping[str, str]
    names: Names
    makers: Mapping[str, str]
    countries: Mapping[str, str]


def _made(same: list[Mention], context: _Context, between: tuple[dt.date, dt.date], ids: set[str]) -> Newcomer | str:
    """Return the newcomer of mentions that are of one model, or what they do not tell."""
    (begins, day), names, makers = between, context.names, context.makers
    first = min(same, key=lambda m: (not m.organization, not m.released_on))
    written = _first(m.organization for m in same)
    days = sorted({d for m in same if (d := _day(m.released_on))})
    if not written or not days:
        lack = [w for w, there in (("who made it", written), ("its day of release", days)) if not there]
        return f"its rows do not tell {' and '.join(lack)}"
    if days[0] > day:
        return f"its rows have it released on {days[0]}, after this copy was made"
    if days[0] < begins:
        return (
            f"its rows have it released on {days[0]}, before the evidence begins ({begins}): it would lengthen the"
            " past, not add to it"
        )
    base = _base(same[0].name, names)
    name = (context.group.get(fold(base), "") if base else same[0].group) or base.rsplit("/", 1)[-1]
    maker = makers.get(fold(written)) or names.other("organizations", written) or _any_part(written, makers, names)
    new_maker = None
    if maker is None:
        called = written.split(",")[0].strip()
        maker = identifier(called)
        if not maker:
            return "the name of its maker cannot be made an id"
        place = _first(m.country for m in same)
        new_maker = {
            "id": maker,
            "name": called,
            "country": context.countries.get(fold(place.split(",")[0])) if place else None,
            "source": first.source["id"],
            "known_on": str(days[0]),
            "note": f"{PROVISIONAL}: name and country as the rows of {first.file} have them",
        }
    access = _first(m.access for m in same)
    efforts = {names.model(m.name)[1] for m in same if m.name} - {""}
    unstated = [f"several days of release: {', '.join(map(str, days))}; the first is taken"] * (len(days) > 1)
    unstated += [] if access else ["whether its weights are open: taken as closed"]
    unstated.append(f"whether it reasons: {'yes, for a version names an effort' if efforts else 'taken as no'}")
    own = identifier(name)
    if not own or own in ids:
        return "its name makes no id of its own"
    versions = dict.fromkeys(b for m in same if m.name and (b := _base(m.name, names)) != name and "|" not in b)
    row = {
        "id": own,
        "name": name,
        "organization": maker,
        "released_on": str(days[0]),
        "weights": "open" if access.casefold().startswith("open") else "closed",
        "reasoning": str(bool(efforts)).lower(),
        "stage": "base" if re.search(_BASE, name, re.IGNORECASE) else "instruct",
        "aliases": "|".join(versions) or None,
        "source": first.source["id"],
        "known_on": str(days[0]),
        "confidence": "low",
        "note": f"{PROVISIONAL}: as the rows of {first.file} have it; not told there: {'; '.join(unstated)}",
    }
    return Newcomer(id=own, row=row, new_organization=new_maker, mention=first, unstated=tuple(unstated))


def identifier(name: str) -> str:
    """Return an id for a name: lower case, digits and dashes, empty if nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60].strip("-")


def _makers(told: list[Mention], evidence: Evidence, names: Names) -> dict[str, str]:
    """Return what a publisher calls makers, as the rows of known models teach it: folded name to id."""
    developer = dict(evidence["models"].select("id", "organization").iter_rows())
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    for m in told:
        model = names.model(m.name, m.group)[0] if m.organization else None
        if model:
            seen[fold(m.organization)][model] = developer[model]
    learned = {}
    for called, by_model in seen.items():
        maker, n = Counter(by_model.values()).most_common(1)[0]
        if len(by_model) >= _TEACHERS and n >= _AGREE * len(by_model):
            learned[called] = maker
    return learned


def _any_part(written: str, makers: Mapping[str, str], names: Names) -> str | None:
    """Return the first known among several makers that a cell names."""
    parts = [p.strip() for p in written.split(",")]
    return next((i for p in parts if (i := makers.get(fold(p)) or names.other("organizations", p))), None)


def _countries(evidence: Evidence) -> dict[str, str]:
    known: dict[str, str] = {"united-states-of-america": "USA"}
    for i, name, aliases in evidence["countries"].select("id", "name", "aliases").iter_rows():
        known |= {fold(n): i for n in (i, name, *(aliases or "").split("|")) if n}
    return known


def _base(name: str, names: Names) -> str:
    """Return a name without the effort that it ends in."""
    base, mark, last = name.strip().rpartition("_")
    return base if mark and (last.casefold() in names.efforts or re.fullmatch(r"\d+[kK]", last)) else name.strip()


def _first(values: Iterable[str]) -> str:
    return next((v.strip() for v in values if v and v.strip()), "")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
