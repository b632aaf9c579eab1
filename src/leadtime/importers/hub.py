"""Which model of the evidence a hub's name is: weights are published under exact names, and a base model is not its
chat version.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leadtime.evidence import Evidence
from leadtime.importers.names import fold

_CACHED = re.compile(r"(?:^|/)models--([\w.-]+?)--([\w.-]+)(?:/|$)")
_NAME = re.compile(r"[\w.-]+")


@functools.cache
def rules() -> Mapping[str, Any]:
    """Return who owns which names, and the repositories whose names say too little."""
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("hub.yaml").read_text(encoding="utf-8")
    )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Models of the evidence by what hubs and providers call them.

    Args:
        closed: Folded name to id, of models that have no published weights.
        own: Organization and folded name to id and stage, by the developer's own full name.
        alias: The same by another name that the evidence gives, where the name says the stage that the model has.
        whole: Names with an owner that the evidence gives, in lower case, to id.
        organizations: Id of a model to that of its organization.
    """

    closed: Mapping[str, str]
    own: Mapping[tuple[str, str], str]
    alias: Mapping[tuple[str, str], str]
    whole: Mapping[str, str]
    organizations: Mapping[str, str]

    @staticmethod
    def of(evidence: Evidence) -> "Hub":
        """Return the names of all models of some evidence."""
        closed: dict[str, str] = {}
        own: dict[tuple[str, str], str] = {}
        plain: dict[tuple[str, str], str] = {}
        alias: dict[tuple[str, str], str] = {}
        whole: dict[str, str] = {}
        columns = ("id", "name", "organization", "weights", "stage", "aliases")
        organizations = dict(evidence["models"].select("id", "organization").iter_rows())
        for i, name, who, weights, stage, others in evidence["models"].select(columns).iter_rows():
            given = [a for a in (others or "").split("|") if a]
            whole |= {a.casefold(): i for a in given if "/" in a}
            if weights == "closed":
                closed |= {fold(n): i for n in (*given, name, i)}
                continue
            own[who, fold(name)] = i
            if stage == "base":
                plain[who, fold(re.sub(r"\s*\(base\)$", "", name))] = i
            alias |= {(who, fold(a)): i for a in given if "/" not in a and _says(a) in (stage, _says_nothing(stage))}
        return Hub(closed=closed, own=plain | own, alias=alias, whole=whole, organizations=organizations)

    def repository(self, owner: str, name: str) -> str | None:
        """Return the id of the model whose weights a hub has under OWNER/NAME, or None."""
        full = f"{owner}/{name}".casefold()
        if full in rules()["repositories"]:
            found = rules()["repositories"][full]
            return found if found in self.organizations else None
        if full in self.whole:
            return self.whole[full]
        who = rules()["owners"].get(owner.casefold(), fold(owner))
        return self._of(who, name)

    def served(self, name: str) -> str | None:
        """Return the id of the model that a provider answers with under a name, or None if that moves from model to
        model.
        """
        last = name.rsplit("/", 1)[-1]
        if moves(last):
            return None
        if name.casefold() in self.whole:
            return self.whole[name.casefold()]
        closed = self.closed.get(fold(name)) or self.closed.get(fold(last))
        if closed or "/" in name:
            return closed
        found = {i for who in set(self.organizations.values()) if (i := self._of(who, last))}
        return found.pop() if len(found) == 1 else None

    def _of(self, organization: str, name: str) -> str | None:
        forms = [fold(name), fold(re.sub(r"^meta-(?=llama)|-hf$", "", name, flags=re.IGNORECASE))]
        forms.append(fold(re.sub(r"^meta-(?=llama)", "", forms[-1])))
        for names in (self.own, self.alias):
            for form in forms:
                if (organization, form) in names:
                    return names[organization, form]
        return None


def moves(name: str) -> bool:
    """Return whether a provider moves a name from model to model."""
    last = name.rsplit("/", 1)[-1].casefold()
    return last in rules()["moving"] or last.endswith("-latest")


def repository(name: str) -> tuple[str, str] | None:
    """Return owner and name of the repository that a name, a prefix of a program before it, or a place in a hub's cache
    says; else None.
    """
    cached = _CACHED.search(name.replace("\\", "/"))
    if cached:
        return cached[1], cached[2]
    parts = name.split("/")
    if len(parts) > 2 and parts[-2].casefold() in rules()["owners"] and not name.startswith((".", "/", "~")):
        parts = parts[-2:]
    if len(parts) == 2 and all(_NAME.fullmatch(p) for p in parts) and not parts[0].startswith("."):
        return parts[0], parts[1]
    return None


def _says(name: str) -> str:
    """Return the stage that a name says, or nothing."""
    words = set(fold(name).split("-"))
    if words & set(rules()["instruct"]):
        return "instruct"
    return "base" if words & set(rules()["base"]) else ""


def _says_nothing(stage: str) -> str | None:
    """Return what a name of a stage may say beside its own word: nothing, of a base model; a chat model is
    called so.
    """
    return "" if stage == "base" else None
