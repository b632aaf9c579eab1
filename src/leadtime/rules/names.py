"""Names of chips as people type them: chips, boards and cards by their marketing names.

A name is cut into makers, the designation, memory and form (SXM, PCIe, OAM ...). Memory and form that are stated must
be those of the chip; where several chips remain, none is taken unless the tables say which one the short name stands
for.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leadtime.errors import LeadtimeError, nearest
from leadtime.rules.log import Log

#: Gives the id that a name stands for; an error names the nearest names where the second argument says so.
Find = Callable[[str, bool], str]

#: No name of a chip or place is longer.
MOST_LETTERS = 120
_SHOWN, _SHORT = 6, 3
#: The same letters are read in at most so many ways.
_MOST_WAYS = 4
_MAKERS = (
    "nvidia",
    "amd",
    "intel",
    "huawei",
    "hisilicon",
    "habana",
    "google",
    "amazon",
    "aws",
    "microsoft",
    "meta",
    "baidu",
    "kunlunxin",
    "alibaba",
    "thead",
    "cambricon",
    "cerebras",
    "biren",
    "moorethreads",
    "metax",
    "iluvatar",
    "hygon",
    "groq",
    "enflame",
    "tesla",
    "geforce",
    "radeon",
    "instinct",
)
_FILLERS = (
    "tensorcore",
    "datacenter",
    "enterprise",
    "professional",
    "graphicscard",
    "graphics",
    "accelerators",
    "accelerator",
    "generation",
    "gracehopper",
    "graceblackwell",
    "superchip",
    "module",
    "chips",
    "chip",
    "cards",
    "card",
    "gpus",
    "gpu",
    "dcu",
    "npu",
    "board",
    "hbm3e",
    "hbm2e",
    "hbm3",
    "hbm2",
    "hbm",
    "gddr7",
    "gddr6x",
    "gddr6",
    "gddr5",
)
_FORMS = (
    "sxm5",
    "sxm4",
    "sxm3",
    "sxm2",
    "sxm",
    "pcie50x16",
    "pcie50",
    "pcie5",
    "pcie40x16",
    "pcie40",
    "pcie4",
    "pcie",
    "pcle",
    "oam",
    "nvl",
)
_WORDS = {w: "" for w in (*_MAKERS, *_FILLERS)} | {f: "pcie" if f.startswith("pc") else f for f in _FORMS}
_LENGTHS = sorted({len(w) for w in _WORDS} | {3, 4, 5})
#: Letters with which a word, or an amount of memory such as 80gb, begins and ends.
_FIRST, _LAST = frozenset("123456789").union(w[0] for w in _WORDS), frozenset("b").union(w[-1] for w in _WORDS)


def squeezed(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation; a plus sign stays, as it names another product."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name.replace("+", " plus ")) if not unicodedata.combining(c)
    )
    return re.sub(r"[^\w]|_", "", plain.casefold())


@dataclass(frozen=True, slots=True)
class _Extras:
    """What a name says beside the designation."""

    memory_gb: frozenset[int]
    forms: frozenset[str]


def _cuts(text: str) -> list[tuple[str, _Extras]]:
    """Return every way to read a squeezed name as extras, a designation, extras."""
    before, after = _reach(text), {len(text) - end: extras for end, extras in _reach(text, backward=True).items()}
    return [
        (text[i:j], _Extras(a.memory_gb | b.memory_gb, a.forms | b.forms))
        for i, ways in before.items()
        for j, other_ways in after.items()
        if i < j
        for a in ways
        for b in other_ways
    ]


def _reach(text: str, *, backward: bool = False) -> dict[int, set[_Extras]]:
    """Return how many letters at the start (or the end) can be read as extras, and what these say.

    The same letters may be read in several ways: `sxm480gb` is SXM4 with 80 GB, or SXM with 480 GB.
    """
    found = {0: {_Extras(frozenset(), frozenset())}}
    open_ends = [(0, next(iter(found[0])))]
    while open_ends:
        done, old = open_ends.pop()
        if done == len(text) or text[-1 - done if backward else done] not in (_LAST if backward else _FIRST):
            continue
        for n in _LENGTHS:
            part = text[len(text) - done - n : len(text) - done] if backward else text[done : done + n]
            if done + n > len(text):
                continue
            if part in _WORDS:
                said = _Extras(old.memory_gb, old.forms | ({_WORDS[part]} - {""}))
            elif part.endswith("gb") and part[0] in "123456789" and part[:-2].isdecimal():
                said = _Extras(old.memory_gb | {int(part[:-2])}, old.forms)
            else:
                continue
            ways = found.setdefault(done + n, set())
            if said not in ways and len(ways) < _MOST_WAYS:
                ways.add(said)
                open_ends.append((done + n, said))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chip:
    """What the tables say of one chip beside its designations."""

    id: str
    memory_gb: frozenset[int]
    forms: frozenset[str]

    def fits(self, said: _Extras) -> bool:
        """Return whether this chip may be meant by a name that says so; what the tables do not know never fits."""
        return said.memory_gb <= self.memory_gb and all(self._has(form) for form in said.forms)

    def _has(self, form: str) -> bool:
        if form == "sxm":
            return any(f.startswith("sxm") for f in self.forms)
        return form in self.forms


class ChipNames:
    """Every name of every chip in the tables, and what each may stand for."""

    def __init__(self, chips: Mapping[str, Mapping[str, Any]], systems: Mapping[str, Mapping[str, Any]]) -> None:
        self.chips, self.systems = chips, systems
        self._whole: dict[str, str] = {}  # a name that the tables give, squeezed, to the chip
        self._designations: dict[str, list[_Chip]] = {}
        given = {
            key: (key, row["name"], *(a for a in (row["aliases"] or "").split("|") if a)) for key, row in chips.items()
        }
        for rank in range(max(map(len, given.values()), default=0)):  # ids before names, names before aliases
            for key, names in given.items():
                for name in names[rank : rank + 1]:
                    self._whole.setdefault(squeezed(name), key)
        for key, row in systems.items():
            for name in (key, row["name"], *(a for a in (row["aliases"] or "").split("|") if a)):
                self._whole.setdefault(squeezed(name), key)
        for key, names in given.items():
            read = [_cuts(squeezed(name)) for name in names]
            cuts = [cut for every in read for cut in every if len(cut[0]) == min(len(d) for d, _ in every)]
            memory = {round(chips[key]["memory_gb"])} if chips[key]["memory_gb"] else set()
            chip = _Chip(
                id=key,
                memory_gb=frozenset(memory or {gb for _, said in cuts for gb in said.memory_gb}),
                forms=frozenset(form for _, said in cuts for form in said.forms),
            )
            for designation in {d for every in read for d, _ in every}:
                self._designations.setdefault(designation, []).append(chip)

    def candidates(self, name: str) -> tuple[str, ...]:
        """Return the chips that a name may stand for: one that the tables give this very name, else all that fit."""
        text = squeezed(name[:MOST_LETTERS])
        if text in self._whole:
            return (self._whole[text],)
        cuts = _cuts(text)
        exact = [self._whole[d] for d, said in cuts if d in self._whole and said == _Extras(frozenset(), frozenset())]
        if exact:  # only makers and fillers beside a name of the tables
            return tuple(dict.fromkeys(exact))
        return tuple(dict.fromkeys(c.id for d, said in cuts for c in self._designations.get(d, ()) if c.fits(said)))

    def others(self, name: str) -> tuple[str, ...]:
        """Return the chips besides the one found whose designation, without form and memory, is all that a
        name says.
        """
        (found,) = self.candidates(name)
        return tuple(
            dict.fromkeys(c.id for c in self._designations.get(squeezed(self._bare(name)), ()) if c.id != found)
        )

    def _bare(self, name: str) -> str:
        cuts = [d for d, said in _cuts(squeezed(name[:MOST_LETTERS])) if not said.memory_gb and not said.forms]
        return min(cuts, key=len, default="")

    def find(self, name: str, near: bool) -> str:
        """Return the id of the chip, or of the system of chips, that a name stands for.

        Raises:
            LeadtimeError: There is no such chip, or several could be meant. The message lists them.
        """
        found = self.candidates(name)
        if len(found) == 1:
            return found[0]
        shown = repr(name if len(name) <= MOST_LETTERS else name[:MOST_LETTERS] + "...")
        if found:
            raise LeadtimeError(f"{shown} could be one of several chips", fix=f"Name one: {self._listed(found)}.")
        numbers = "Give its numbers: --tpp, --die-area, --dram-gb-s."
        if re.match(r"(?:gddr|lp?ddr|hbm)\d*[a-z]*(?!\w)", name.strip().casefold()):
            fix = "Memory goes by its numbers: --item=hbm and --hbm-density, GB/s per mm2 of a stack."
            raise LeadtimeError(f"{shown} is memory, no chip", fix=fix)
        if not near:
            raise LeadtimeError(f"there is no chip called {shown}", fix=numbers)
        if family := self._family(name):
            raise LeadtimeError(
                f"{shown} is not the name of a single chip here",
                fix=f"Known: {self._listed(family)}. Or: {numbers.lower()}",
            )
        close = tuple(dict.fromkeys(self._whole[n] for n in nearest(squeezed(name[:MOST_LETTERS]), self._whole)))
        raise LeadtimeError(
            f"there is no chip called {shown}",
            fix=f"Did you mean {self._listed(close)}? Or give its numbers." if close else numbers,
        )

    def _family(self, name: str) -> tuple[str, ...]:
        """Return the chips of the same designation, of one that begins with it, or of the maker when only that is
        named.
        """
        text = squeezed(name[:MOST_LETTERS])
        said = [d for d, _ in _cuts(text)]
        found = [c.id for d in said for c in self._designations.get(d, ())]
        shortest = min(said, key=len, default="")
        if not found and len(shortest) > _SHORT:
            found = [c.id for d, chips in self._designations.items() if d.startswith(shortest) for c in chips]
        if not found and _reach(text).get(len(text)):
            found = [key for key, row in self.chips.items() if (maker := squeezed(row["maker"])) and maker in text]
        return tuple(dict.fromkeys(found))

    def _listed(self, ids: tuple[str, ...]) -> str:
        def one(key: str) -> str:
            memory = self.chips[key]["memory_gb"] if key in self.chips else None
            return f"{key} ({memory:g} GB)" if memory else key

        return ", ".join(one(key) for key in ids[:_SHOWN]) + (
            f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        )


@functools.lru_cache(maxsize=8)
def _chip_names(holder: "Identity") -> ChipNames:
    return ChipNames(holder.log.chips, holder.log.systems)


class Identity:
    """A log as a cache key, by identity."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __hash__(self) -> int:
        return id(self.log)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.log is self.log


def chip_names(log: Log) -> ChipNames:
    """Return the names of the chips of a log, made once."""
    return _chip_names(Identity(log))


def chips_by_name(log: Log) -> Find:
    """Return what finds a chip by its name, for many names; a system of several chips is refused."""
    names = chip_names(log)

    def find(name: str, near: bool) -> str:
        found = names.find(name, near)
        if row := log.systems.get(found):
            raise LeadtimeError(
                f"{row['name']} is a system of {row['n_chips']} chips",
                fix=f"Name the chip {row['chip']}, and count chips.",
            )
        return found

    return find


def chip_id(log: Log, name: str) -> str:
    """Return the id of the chip called `name` (id, display name, alias, or a name as shops and drivers print it).

    Raises:
        LeadtimeError: There is no such chip, it is a system of chips, or several could be meant (with their names).
    """
    return chips_by_name(log)(name, True)


def chip_and_system(log: Log, name: str, *, near: bool = True) -> tuple[str, str]:
    """Return the id of the chip meant, and that of the board, server or rack around it, empty for a chip alone.

    Raises:
        LeadtimeError: There is no such chip or system, or several could be meant. The message lists them.
    """
    found = chip_names(log).find(name, near)
    return (log.systems[found]["chip"], found) if found in log.systems else (found, "")


def model_key(name: str) -> str:
    """Return the id by which a model is known to the rules: models go by the name given, spelled one way."""
    return re.sub(r"[\s._]+", "-", name.casefold().strip())


def same_designation(log: Log, name: str) -> tuple[str, ...]:
    """Return the other chips that share the designation which a name gives without form or memory; empty otherwise."""
    return chip_names(log).others(name)
