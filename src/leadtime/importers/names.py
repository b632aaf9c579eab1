"""What others call models, organizations, chips and sources: from their names to our ids."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from leadtime.evidence import Evidence


def fold(name: str) -> str:
    """Return a name without case, blanks and punctuation, so that spellings of one name agree."""
    return re.sub(r"[\s._/()-]+", "-", name.strip().casefold()).strip("-")


@dataclass(frozen=True, slots=True)
class Names:
    """Ids by the names that the evidence, or the user, gives.

    Args:
        models: Folded name to id, those of the user among them.
        efforts: Words that a model version may end in, after an underscore.
        others: Table name to folded name to id.
    """

    models: dict[str, str]
    efforts: frozenset[str]
    others: dict[str, dict[str, str]] = field(default_factory=dict)

    @staticmethod
    def of(evidence: Evidence, efforts: Iterable[str] = (), renamed: Mapping[str, str] | None = None) -> "Names":
        """Return the names of all that the evidence has; `renamed` are the user's own for models.

        Raises:
            LeadtimeError: The user's own name points at no model.
        """
        known = frozenset(efforts)
        models = _by_name(evidence["models"])
        models = {**{fold(_split(n, known)[0]): i for n, i in _raw_names(evidence["models"])}, **models}
        mine = {fold(name): evidence.resolve_model(model) for name, model in (renamed or {}).items()}
        others = {t: _by_name(evidence[t]) for t in ("organizations", "chips", "benchmarks")}
        return Names({**models, **mine}, known, others)

    def model(self, *names: str | None) -> tuple[str | None, str]:
        """Return the id of the first name that is known, or None, and the effort that a name ends in."""
        effort = ""
        for name in names:
            if not name:
                continue
            base, said = _split(name.strip(), self.efforts)
            effort = effort or said
            for form in (name, base, name.rsplit("/", 1)[-1], base.rsplit("/", 1)[-1]):
                found = self.models.get(fold(form))
                if found:
                    return found, effort
        return None, effort

    def other(self, table: str, name: str | None) -> str | None:
        """Return the id of an organization, chip or benchmark, or None."""
        return self.others[table].get(fold(name)) if name else None


def _split(name: str, efforts: frozenset[str]) -> tuple[str, str]:
    base, mark, last = name.rpartition("_")
    word = last.casefold()
    if not mark or not (word in efforts or re.fullmatch(r"\d+k", word)):
        return name, ""
    return base, "" if word == "unknown" else word


def _raw_names(table: pl.DataFrame) -> list[tuple[str, str]]:
    columns = table.select("id", "name", "aliases" if "aliases" in table.columns else pl.lit("").alias("aliases"))
    return [(n, i) for i, name, aliases in columns.iter_rows() for n in (*(aliases or "").split("|"), name, i) if n]


def _by_name(table: pl.DataFrame) -> dict[str, str]:
    return {fold(name): i for name, i in _raw_names(table)}
