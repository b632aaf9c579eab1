"""Names as people type them, and the ids they stand for: the one place where a question's names are looked up.

Reading a name needs the tables of the evidence that is asked, and never a fit. What is offered for completion is read
from the built-in files without a table library, so that a shell waits for nothing.
"""

import csv
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError, nearest, unknown_name

_ROOT = Path(__file__).parents[1]
#: Groups by the weights of models, beside countries and organizations.
WEIGHTS = {"open": "open weights", "closed": "closed weights"}
#: Sets of benchmarks, beside single domains.
SETS = ("all", "held-back", "public", "independent")
#: Blocs whose chips are counted: id, code, name and what else they are called.
BLOCS = {
    "CHN": {"id": "CHN", "alpha_2": "CN", "name": "China", "aliases": "PRC"},
    "USA": {"id": "USA", "alpha_2": "US", "name": "United States", "aliases": "America|American"},
    "ROW": {"id": "ROW", "alpha_2": "", "name": "Rest of the world", "aliases": "rest|others"},
}
_SHOWN = 12
#: What to name where there are too many names to list.
_HOW_NAMED = {
    "side": "Name a country such as USA or CHN, a company such as OpenAI, or the words open or closed.",
}
#: A definition of the lag in months, as it is written down.
_DEFINITION = r'Definition\(\n\s+name="(\w+)"(?![^()]*unit="probability")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How names of one kind are found.

    Args:
        find: From a text and the subject that is asked to the id.
        offer: Gives the built-in names.
        few: There are so few that a form lists them all.
    """

    find: Callable[[str, Any], str]
    offer: Callable[[], Iterable[str]]
    few: bool = False


def resolved(of: str, text: str, subject: Any) -> str:
    """Return the id of what is called `text`.

    Args:
        of: A key of `KINDS`.
        text: Id, name, alias or code; of a model also the beginning of one, if only one begins so.
        subject: The study, evidence or rules that are asked.

    Raises:
        LeadtimeError: Nothing is called so, with the nearest names, or several things are.
    """
    return KINDS[of].find(text.strip(), subject)


def offered(of: str) -> tuple[str, ...]:
    """Return the built-in names of a kind, for completion."""
    return tuple(KINDS[of].offer())


def choices(of: str, subject: Any) -> list[tuple[str, str]]:
    """Return what a form lists: ids and the words for them, of the evidence that is asked."""
    if of == "side":
        return list(_sides(subject).items())
    if of == "model or side":
        return [*choices("side", subject), *choices("model", subject)]
    if of == "run":
        return sorted(choices("model", subject), key=lambda run: run[1].casefold())
    if of in _TABLES:
        rows = sorted(_rows(subject, _TABLES[of]), key=lambda r: str(r.get("name") or r["id"]).casefold())
        return [(r["id"], r.get("name") or r["id"]) for r in rows]
    if of in _TITLED:
        return list(_TITLED[of](subject).items())
    return [(name, name.replace("_", " ")) for name in offered(of)]


def words_of(of: str, name: str, subject: Any) -> str:
    """Return what people call something by its id; the id itself where it has no other name."""
    return dict(choices(of, subject)).get(name, name)


# -- finding ---------------------------------------------------------------------------------------------------------


def _model(text: str, subject: Any) -> str:
    if hasattr(subject, "log"):
        from leadtime.rules.names import model_key

        return model_key(text)
    evidence = _evidence(subject)
    try:
        return str(evidence.resolve_model(text))
    except LeadtimeError as error:
        key = re.sub(r"[\s._]+", "-", text.casefold())
        known = evidence["models"].select("id", "released_on").sort("released_on", "id")["id"].to_list()
        begun = [m for m in known if key and m.startswith(f"{key}-")]
        if len(begun) == 1:
            return str(begun[0])
        if not begun:
            raise error
        more = f" and {len(begun) - _SHOWN} more" if len(begun) > _SHOWN else ""
        raise LeadtimeError(
            f"several models begin with {text!r}", fix=f"Name one: {', '.join(begun[:_SHOWN])}{more}."
        ) from None


def _run(text: str, subject: Any) -> str:
    """Return the id of a training run, or of a model: some models have several runs, and some none that is known."""
    runs = {str(r["id"]) for r in _rows(subject, "training_runs")}
    return text if text in runs else _model(text, subject)


def _chip(text: str, subject: Any) -> str:
    from leadtime.rules.names import chip_id

    return chip_id(_log(subject), text)


def _country(text: str, subject: Any) -> str:
    if hasattr(subject, "log"):
        from leadtime.rules.destinations import country_code

        return country_code(subject.log, text)
    return _called("country", text, _rows(subject, "countries"))


def _side(text: str, subject: Any) -> str:
    known = _sides(subject)
    if text in known or text.casefold() in WEIGHTS:
        return text if text in known else text.casefold()
    rows = [r for r in _rows(subject, "countries") if r["id"] in known]
    return _called("side", text, [*rows, *_rows(subject, "organizations")])


def _model_or_side(text: str, subject: Any) -> str:
    """Return the id of a side, or else of a model: no id is both."""
    try:
        return _side(text, subject)
    except LeadtimeError:
        return _model(text, subject)


def _sides(subject: Any) -> dict[str, str]:
    """Return the sides that have models or could have: countries of developers, developers, and open or
    closed weights.
    """
    organizations = list(_rows(subject, "organizations"))
    home = {r["country"] for r in organizations if r["country"]}
    countries = {r["id"]: r["name"] for r in _rows(subject, "countries") if r["id"] in home}
    names = {r["id"]: r["name"] for r in organizations}
    return (
        dict(sorted(countries.items(), key=lambda kv: kv[1]))
        | dict(sorted(names.items(), key=lambda kv: kv[1].casefold()))
        | WEIGHTS
    )


def _called(kind: str, text: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the id of the row that is called so: by id, code, name or alias, whatever the case and punctuation."""
    from leadtime.rules.names import squeezed

    names: dict[str, str] = {}
    called: dict[str, str] = {}
    for row in rows:
        called.setdefault(row["name"] or row["id"], row["id"])
        for name in (row["id"], row.get("alpha_2"), row["name"], *(row.get("aliases") or "").split("|")):
            if name:
                names.setdefault(squeezed(name), row["id"])
    found = names.get(squeezed(re.sub(r"(?i)^the ", "", text)))
    if found is None:
        ids = {i: n for n, i in called.items()}
        close = dict.fromkeys(called.get(n, n) for n in nearest(text, called) or nearest(text, ids))
        words = ", ".join(f"{i} ({ids[i]})" if ids[i] != i else i for i in close)
        error = unknown_name(kind, text, called)
        raise LeadtimeError(error.what, fix=f"Did you mean {words}?" if close else _HOW_NAMED.get(kind, error.fix))
    return found


def _of_table(kind: str, table: str) -> Callable[[str, Any], str]:
    return lambda text, subject: _called(kind, text, ({"name": "", **r} for r in _rows(subject, table)))


def _of_list(kind: str, offer: Callable[[], Iterable[str]]) -> Callable[[str, Any], str]:
    def find(text: str, subject: Any) -> str:
        known = list(offer())
        folded = {re.sub(r"[\s_]+", "-", k.casefold()): k for k in known}
        found = folded.get(re.sub(r"[\s_]+", "-", text.casefold()))
        if found is None:
            raise unknown_name(kind, text, known)
        return found

    return find


def _own(kind: str) -> Callable[[str, Any], str]:
    """Return what leaves a name as it is, where a study folder may add others: the answer itself looks it up."""
    return lambda text, subject: text


def _evidence(subject: Any) -> Any:
    return getattr(subject, "evidence", subject)


def _log(subject: Any) -> Any:
    if hasattr(subject, "log"):
        return subject.log
    if hasattr(subject, "rules"):
        return subject.rules.log
    from leadtime.rules import Rulebook

    return Rulebook.of(subject).log


def _rows(subject: Any, table: str) -> Iterable[Mapping[str, Any]]:
    if hasattr(subject, "log"):
        found: Iterable[Mapping[str, Any]] = subject.log.tables[table]
        return found
    rows: Iterable[Mapping[str, Any]] = _evidence(subject)[table].iter_rows(named=True)
    return rows


# -- offering, without a table library -------------------------------------------------------------------------------


def _column(table: str, column: str = "id") -> list[str]:
    """Return a column of a built-in table."""
    from leadtime.evidence import TABLES

    path = _ROOT / "evidence" / "data" / TABLES[table].folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def _ids(table: str) -> Callable[[], list[str]]:
    return lambda: _column(table)


def _offered_sides() -> list[str]:
    countries = sorted({c for c in _column("organizations", "country") if c})
    return [*countries, *WEIGHTS, *_column("organizations")]


def _offered_models_and_sides() -> list[str]:
    return [*_offered_sides(), *_column("models")]


def _offered_runs() -> list[str]:
    return sorted({*_column("training_runs", "id"), *_column("models", "id")})


def _domains() -> list[str]:
    return sorted(set(_column("benchmarks", "domain")))


def _benchmark_sets() -> list[str]:
    return [*SETS, *_domains()]


def _definitions() -> list[str]:
    from leadtime.lag import DEFINITIONS

    return [d.name for d in DEFINITIONS.values() if d.unit == "months"]


def _tables() -> list[str]:
    from leadtime.evidence import TABLES

    return list(TABLES)


def _files(folder: str) -> Callable[[], list[str]]:
    return lambda: sorted(p.stem for p in (_ROOT / folder).glob("*.yaml"))


def _items() -> list[str]:
    return [*_column("chips"), *_column("chip_systems")]


def _rules() -> list[str]:
    return [*_column("rule_instruments"), *_column("rule_provisions")]


def _claims() -> list[str]:
    text = (_ROOT / "claims" / "data" / "ledger.yaml").read_text(encoding="utf-8")
    return re.findall(r"^- id: (\S+)$", text, flags=re.MULTILINE)


def _levers() -> list[str]:
    from leadtime.scenario.levers import LEVERS

    return list(LEVERS)


def _quantities() -> list[str]:
    from leadtime.quantities import QUANTITIES

    return list(QUANTITIES)


def _written(of: Callable[[], list[str]], module: str, pattern: str) -> Callable[[], list[str]]:
    """Return what reads names from the text of the module that declares them; once that is loaded, from what it has
    then.
    """

    def offer() -> list[str]:
        if f"leadtime.{module.replace('/', '.')}" in sys.modules:
            return of()
        return re.findall(pattern, (_ROOT / f"{module}.py").read_text(encoding="utf-8"), flags=re.MULTILINE)

    return offer


def _schemas() -> list[str]:
    from leadtime.schemas import names

    return list(names())


def _blocs(subject: Any) -> dict[str, str]:
    return {b["id"]: b["name"] for b in BLOCS.values()}


def _scenarios(subject: Any) -> dict[str, str]:
    from leadtime.scenario.files import available

    return {s.name: s.title for s in available(getattr(subject, "folder", None)).values()}


def _profiles(subject: Any) -> dict[str, str]:
    from leadtime.scenario.profiles import available

    return {p.name: p.title for p in available(getattr(subject, "folder", None)).values()}


#: Kinds whose names have titles beside, from the subject that is asked.
_TITLED: dict[str, Callable[[Any], dict[str, str]]] = {"bloc": _blocs, "scenario": _scenarios, "profile": _profiles}
_TABLES = {
    "model": "models",
    "chip": "chips",
    "country": "countries",
    "instrument": "rule_instruments",
    "organization": "organizations",
    "item": "chips",
}
#: Every kind of name that a question can take.
KINDS: dict[str, Naming] = {
    "model": Naming(find=_model, offer=_ids("models")),
    "run": Naming(find=_run, offer=_offered_runs),
    "chip": Naming(find=_chip, offer=_ids("chips")),
    "item": Naming(find=_own("item"), offer=_items),
    "country": Naming(find=_country, offer=_ids("countries")),
    "organization": Naming(find=_of_table("organization", "organizations"), offer=_ids("organizations")),
    "side": Naming(find=_side, offer=_offered_sides),
    "model or side": Naming(find=_model_or_side, offer=_offered_models_and_sides),
    "bloc": Naming(
        find=lambda text, subject: _called("part of the world", text, BLOCS.values()), offer=lambda: BLOCS, few=True
    ),
    "instrument": Naming(find=_of_table("rule", "rule_instruments"), offer=_ids("rule_instruments")),
    "rule": Naming(find=_own("rule"), offer=_rules),
    "definition": Naming(
        find=_of_list("definition", _definitions), offer=_written(_definitions, "lag/definition", _DEFINITION), few=True
    ),
    "domain": Naming(find=_of_list("domain", _domains), offer=_domains, few=True),
    "benchmark set": Naming(find=_of_list("benchmark set", _benchmark_sets), offer=_benchmark_sets, few=True),
    "table": Naming(find=_of_list("table", _tables), offer=_tables, few=True),
    "lever": Naming(
        find=_of_list("lever", _levers), offer=_written(_levers, "scenario/levers", r'^    "(\w+)": Lever\('), few=True
    ),
    "quantity": Naming(
        find=_of_list("quantity", _quantities),
        offer=_written(_quantities, "quantities/table", r'^    "([\w.]+)": Quantity\('),
    ),
    "number": Naming(
        find=_own("number"), offer=_written(_quantities, "quantities/table", r'^    "([\w.]+)": Quantity\(')
    ),
    "schema": Naming(find=_of_list("schema", _schemas), offer=_schemas),
    "scenario": Naming(find=_own("scenario"), offer=_files("scenario/data"), few=True),
    "profile": Naming(find=_own("profile"), offer=_files("scenario/data/profiles"), few=True),
    "claim": Naming(find=_own("claim"), offer=_claims, few=True),
}
