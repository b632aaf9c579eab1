"""Which sources an answer rests on: those of the rows behind it, and those that it names itself."""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain
from leadtime.answers.words import listed
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from leadtime.answers.answer import Answer
    from leadtime.evidence import Evidence

#: Which tables hold the rows behind an answer, by the page of the documentation that says how it is made.
_TABLES = {
    "methods/lag": ("scores", "models"),
    "methods/capability": ("scores", "benchmarks"),
    "methods/curve": ("scores", "training_runs"),
    "methods/cost-serve": ("chips", "chip_peaks", "chip_prices", "architectures"),
    "methods/cost": ("training_runs", "chip_prices", "assumptions"),
    "methods/supply": ("shipments", "supply_estimates", "assumptions"),
    "methods/scenario": ("assumptions", "shipments"),
    "methods/effect": ("shipments", "supply_estimates", "training_runs", "assumptions"),
    "methods/backtest": ("forecasts", "resolutions", "scores"),
    "methods/resources": (),
    "methods/parties": (),
}
#: Values that name nothing: most of a table.
_PLAIN = (float, int, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document, page or data set that an answer rests on: a row of the table `sources`.

    Args:
        id: Its id.
        title: Its title.
        publisher: Who published it, empty if nobody is named.
        url: Its address, empty if there is none.
        published_on: The day, or None if it is not known.
        license: Its license, where it states one.
        n_rows: So many rows behind the answer were read there, 0 if the answer alone names it.
    """

    id: str
    title: str
    publisher: str
    url: str
    published_on: "dt.date | None"
    license: str
    n_rows: int


def rests_on_scores(answer: "Answer") -> bool:
    """Return whether scores are among the rows behind an answer."""
    return "scores" in _TABLES.get(answer.about.docs, ())


def sources(subject: Any, answer: "Answer") -> list[Source]:
    """Return the sources of an answer, those of the most rows behind it first, then those that it alone names.

    Args:
        subject: The study, evidence or rules that the question was put to, or None if it rests on nothing.
        answer: The answer.
    """
    if subject is None:
        return []
    evidence = subject if hasattr(subject, "tables") else subject.evidence
    known = {r["id"]: r for r in evidence["sources"].iter_rows(named=True)}
    named = [t for t in dict.fromkeys(_told(answer)) if t in known]
    behind = Counter(s for rows in _behind(subject, evidence, answer) for s in rows if s in known)
    order = [*named, *sorted(behind.keys() - set(named))]
    return [_source(known[name], behind[name]) for name in sorted(order, key=lambda s: -behind[s])]


def credited(found: Sequence[Source], most: int = 4) -> str:
    """Return who is to be credited, a sentence with a space after it: publishers of the most rows, with licenses that
    ask for it; empty for none.
    """
    names: dict[str, str] = {}
    for s in found:
        name = s.publisher or s.title
        if not names.get(name):
            names[name] = s.license if s.license.startswith("CC BY") else ""
    shown = [f"{n} ({names[n]})" if names[n] else n for n in names]
    return f"Source{'s' if len(shown) > 1 else ''}: {listed(shown, most)}. " if shown else ""


def _source(row: Mapping[str, Any], n_rows: int) -> Source:
    texts = {k: str(row[k] or "") for k in ("id", "title", "publisher", "url", "license")}
    return Source(**texts, published_on=row["published_on"], n_rows=n_rows)


def _told(answer: "Answer") -> Iterator[str]:
    """Yield every text under a key for sources: in what was asked, in the rows of an answer, in its values."""
    yield from _named(answer.asked)
    for table in answer.tables:
        for row in table.rows:
            yield from _named(row)
    for value in answer.values.values():
        yield from _named(value.to_json() if hasattr(value, "to_json") else plain(value))


def _named(value: Any, key: str = "") -> Iterator[str]:
    """Yield every text that stands under a key for sources; several in one are parted by bars. Ids of models are not
    taken for any.
    """
    if isinstance(value, str):
        if _is_for_sources(key):
            yield from value.split("|")
    elif isinstance(value, Mapping):
        for name, v in value.items():
            if not isinstance(v, _PLAIN) and not (isinstance(v, str) and not _is_for_sources(name)):
                yield from _named(v, name)
    elif isinstance(value, list | tuple):
        for v in value:
            if not isinstance(v, _PLAIN):
                yield from _named(v, key)


@functools.lru_cache(4096)
def _is_for_sources(key: str) -> bool:
    return key.rpartition("_")[2] in ("source", "sources", "because")


def _behind(subject: Any, evidence: "Evidence", answer: "Answer") -> "Iterator[list[str]]":
    """Yield the sources of the rows behind an answer, as often as a row names them."""
    found = _derived(subject, answer)
    if found is not None:
        yield from found
        return
    for name in _TABLES.get(answer.about.docs, ()):
        rows = evidence[name]
        yield _of(rows, answer.asked)["source"].to_list()


def _of(rows: "pl.DataFrame", asked: Mapping[str, Any]) -> "pl.DataFrame":
    """Return the rows of the model that is asked about, where one is; all where none is, or nothing is known of it
    there.
    """
    import polars as pl

    if "model" not in rows.columns or not isinstance(asked.get("model"), str):
        return rows
    own = rows.filter(pl.col("model") == asked["model"])
    return rows if own.is_empty() else own


def _derived(subject: Any, answer: "Answer") -> "list[list[str]] | None":
    """Return the sources by the steps that derive the answer's number, as `explain` has them, or None if there are
    none.
    """
    quantity, parameters = _quantity(answer.question, answer.asked)
    if not quantity or not hasattr(subject, "records"):
        return None
    from leadtime.explain.derivation import steps

    try:
        found = steps(subject, quantity, parameters)
    except LeadtimeError:  # what cannot be derived has its tables
        return None
    return [s.rows["source"].to_list() for s in found if "source" in s.rows.columns]


def _quantity(question: str, asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the quantity whose derivation is that of an answer, with its parameters; no name where none is."""
    family, model = question.partition(" ")[0], asked.get("model")
    if family == "lag" and "of" in asked:
        sides = {k: asked[k] for k in ("of", "behind") if k in asked}
        return ("lag.model", {"model": model, "behind": asked.get("behind", "USA")}) if model else ("lag.group", sides)
    if family == "cost" and isinstance(model, str):
        return "cost", {"model": model}
    return ("supply.share", {}) if family == "supply" else ("", {})
