"""Whether a party is on a list: names compared word by word, rare words counting most.

A word is worth its inverse document frequency in the lists read (log of entries over entries that hold it), so that
Shenzhen and Technology say little and a brand says much. Two words are alike by their normalized edit similarity
(Indel, as RapidFuzz computes it). A score is the weight of the alike words, both ways, over the weight of all, 0 to
100.
"""

import datetime as dt
import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from leadtime.errors import LeadtimeError
from leadtime.rules.screening_lists import MOST_NAME, Entry, ListFile, Lists

#: From this score on a name is a match; from the lower one on it may be. Measured in `calibration/screening.py`.
MATCH, MAYBE = 90.0, 75.0
#: Words less alike than this are two words.
_ALIKE = 80.0
_SHOWN, _SHORT = 5, 7
#: A word that so many entries hold is taken as it is spelled: places and fields.
_COMMON = 5
#: Of a name so many words count, and so many pairs of neighbors are tried as one word.
_MOST_WORDS, _MOST_PAIRS = 24, 8
#: So many listed names that share rare words are compared in full.
_MOST_COMPARED = 200
_SHORT_FORMS = {
    "tech": "technology",
    "technologies": "technology",
    "inst": "institute",
    "univ": "university",
    "intl": "international",
    "sci": "science",
    "elec": "electronics",
    "electronic": "electronics",
    "dev": "development",
    "mfg": "manufacturing",
    "res": "research",
    "ind": "industry",
    "industries": "industry",
    "industrial": "industry",
    "info": "information",
    "semi": "semiconductor",
    "semiconductors": "semiconductor",
    "corp": "",
    "corporation": "",
    "co": "",
    "company": "",
    "ltd": "",
    "limited": "",
    "inc": "",
    "the": "",
    "of": "",
    "and": "",
    "for": "",
    "group": "",
    "llc": "",
    "jsc": "",
    "ojsc": "",
    "pjsc": "",
    "oao": "",
    "ooo": "",
    "zao": "",
    "pao": "",
    "ao": "",
    "fze": "",
    "fzco": "",
    "holdings": "holding",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A party on a list that a name is, or may be.

    Args:
        asked: The name asked about.
        name: The name on the list that is nearest.
        source: The list.
        start: First day on the list, where given.
        end: Last day, where given.
        notice: Federal Register notice.
        policy: How applications are reviewed, in the list's words.
        score: 0 to 100.
        is_sure: Whether the score is that of a match, not only of a possible one.
        is_entity_list: Whether the list is the Entity List.
    """

    asked: str
    name: str
    source: str
    start: dt.date | None
    end: dt.date | None
    notice: str
    policy: str
    score: float
    is_sure: bool
    is_entity_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What the lists say of a party and its owners on a day.

    Args:
        matches: Best first; those not in force on the day stand in `later`.
        later: Matches that the day is before or after.
        listed: Whether the party is on the Entity List: yes, no, or None for not known.
        owned_by_listed: The same of owners that hold half of it or more, together.
        on_other_list: The same of the other lists.
        said: What was read and what is open, in sentences.
        lists: The files that were read; none: nothing is known of the party.
    """

    matches: tuple[Match, ...]
    later: tuple[Match, ...]
    listed: bool | None
    owned_by_listed: bool | None
    on_other_list: bool | None
    said: tuple[str, ...]
    lists: tuple[ListFile, ...] = ()

    @property
    def flags(self) -> dict[str, bool | None]:
        """What follows for a transaction, by the names of its statements; without a list it turns on `listed` alone."""
        other = self.on_other_list if self.matches else False
        return {"listed": self.listed, "owned_by_listed": self.owned_by_listed, "on_other_list": other}


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name that count: no accents, no legal form, usual short forms written out."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    plain = re.sub(
        r"\b(?:[a-z]\.){2,}",
        lambda m: m.group().replace(".", ""),
        plain.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", ""),
    )
    found = _without_forms(re.findall(r"[^\W_]+", plain))
    kept = tuple(w for w in (_SHORT_FORMS.get(w, w) for w in found) if w)
    return (kept or tuple(found))[:_MOST_WORDS]


@functools.cache
def _forms() -> tuple[frozenset[tuple[str, ...]], int]:
    """Return the legal forms of many countries that cleanco knows, as words, and how many words the longest has."""
    from cleanco.clean import prepare_default_terms

    forms = {tuple(re.findall(r"[^\W_]+", "".join(words).casefold())) for _, words in prepare_default_terms()}
    forms |= {tuple(re.findall(r"[^\W_]+", " ".join(words).casefold())) for _, words in prepare_default_terms()}
    forms |= {("limited", "liability", "company"), ("joint", "stock", "company"), ("open", "joint", "stock", "company")}
    return frozenset(f for f in forms if f), max(map(len, forms), default=0)


def _without_forms(found: list[str]) -> list[str]:
    """Return the words without legal forms at either end; a name that is a form alone stays."""
    forms, longest = _forms()
    shorter = True
    while shorter:
        shorter = False
        for n in range(min(longest, len(found) - 1), 0, -1):
            for rest, end in ((found[:-n], found[-n:]), (found[n:], found[:n])):
                if tuple(end) in forms:
                    found, shorter = rest, True
                    break
            if shorter:
                break
    return found


def _joined(said: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the words, and the words with one pair of short neighbors joined: Chinese names are written both ways."""
    pairs = [i for i in range(len(said) - 1) if max(len(said[i]), len(said[i + 1])) <= _SHORT][:_MOST_PAIRS]
    return [said, *((*said[:i], said[i] + said[i + 1], *said[i + 2 :]) for i in pairs)]


class Screener:
    """The lists, ready to be asked about many names."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self._names: list[tuple[Entry, str, tuple[str, ...]]] = []
        held: Counter[str] = Counter()
        self._of: dict[str, list[int]] = {}
        for entry in lists.entries:
            own: set[str] = set()
            for name in (entry.name, *entry.others):
                for said in _joined(words(name)):
                    for word in dict.fromkeys(said):
                        self._of.setdefault(word, []).append(len(self._names))
                    own |= set(said)
                    self._names.append((entry, name, said))
            held.update(own)
        self._held = held
        n = len(lists.entries)
        self._weight = {w: math.log((n + 1) / count) for w, count in held.items()}
        self._unseen = math.log(n + 1)
        self._known = list(self._weight)
        self._ask = functools.lru_cache(maxsize=20_000)(self._scores)

    def matches(self, name: str) -> tuple[Match, ...]:
        """Return the entries that a name is or may be, best first, one for each entry."""
        return self._ask(name)

    def _scores(self, name: str) -> tuple[Match, ...]:
        from rapidfuzz import fuzz, process

        spelled = _joined(words(name[:MOST_NAME]))
        alike: dict[str, dict[str, float]] = {}
        for word in dict.fromkeys(w for asked in spelled for w in asked):
            if self._held[word] >= _COMMON:
                alike[word] = {word: 1.0}
                continue
            near = process.extract(word, self._known, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=40)
            alike[word] = {known: score / 100 for known, score, _ in near}
        reached: Counter[int] = Counter()
        for found in alike.values():
            for known in found:
                for i in self._of[known]:
                    reached[i] += self._weight[known]  # type: ignore[assignment]
        best: dict[int, tuple[float, int]] = {}
        for i, _ in reached.most_common(_MOST_COMPARED):
            entry, _, listed = self._names[i]
            score = max(self._score(asked, listed, alike) for asked in spelled)
            if score >= MAYBE and score > best.get(id(entry), (0.0, 0))[0]:
                best[id(entry)] = (score, i)
        ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1]))
        return tuple(self._match(name, score, i) for score, i in ranked[:_SHOWN])

    def _score(self, asked: tuple[str, ...], listed: tuple[str, ...], alike: dict[str, dict[str, float]]) -> float:
        """Return the weight of the alike words over the weight of all, each word of the list taken once."""
        free = list(listed)
        common = 0.0
        total = sum(self._weight[w] for w in listed)
        for word in sorted(asked, key=lambda w: -max((self._weight[k] for k in alike[w]), default=self._unseen)):
            near = max(free, key=lambda k: alike[word].get(k, 0.0), default="")
            likeness = alike[word].get(near, 0.0)
            if likeness:
                free.remove(near)
                weight = self._weight[near]
                common += 2 * weight * likeness
            else:
                weight = self._weight.get(word, self._unseen)
            total += weight
        return 100 * common / total if total else 0.0

    def _match(self, asked: str, score: float, i: int) -> Match:
        entry, name, _ = self._names[i]
        return Match(
            asked=asked,
            name=name,
            source=entry.source,
            start=entry.start,
            end=entry.end,
            notice=entry.notice,
            policy=entry.policy,
            score=round(score, 1),
            is_sure=score >= MATCH,
            is_entity_list=entry.is_entity_list,
        )


def screen(screener: Screener | None, party: str, owners: Iterable[tuple[str, float]], on: dt.date) -> Screening:
    """Return what the lists say of a party on a day.

    Args:
        screener: The lists; None when none was read: then nothing is known of the party.
        party: Its name.
        owners: Names of owners and the share of the party that each holds, 0 to 1.
        on: The day.

    Raises:
        LeadtimeError: A name without letters, or shares of more than the whole.
    """
    holders = [*owners]
    for name in (party, *(o for o, _ in holders)):
        if not words(name) or len(name) > MOST_NAME:
            raise LeadtimeError(
                f"{name[:60]!r} cannot be the name of a party", fix=f"Expected 1 to {MOST_NAME} letters."
            )
    if any(not 0 < share <= 1 for _, share in holders) or sum(share for _, share in holders) > 1 + 1e-9:
        raise LeadtimeError(
            "the owners' shares must add up to more than 0 and at most 100%",
            fix="Give each owner with a share, such as Name=60%.",
        )
    if screener is None:
        return Screening(
            matches=(),
            later=(),
            listed=None,
            owned_by_listed=None if holders else False,
            on_other_list=None,
            said=(f"no list of parties was read: whether {party} is on one is not known",),
        )
    found = {name: screener.matches(name) for name in (party, *(o for o, _ in holders))}
    now = {name: [m for m in ms if _holds(m, on)] for name, ms in found.items()}
    later = tuple(m for ms in found.values() for m in ms if not _holds(m, on))
    sure = sum(share for o, share in holders if any(m.is_sure and m.is_entity_list for m in now[o]))
    possible = sum(share for o, share in holders if any(m.is_entity_list for m in now[o]))
    own = now[party]
    return Screening(
        matches=tuple(m for ms in now.values() for m in ms),
        later=later,
        listed=_whether([m for m in own if m.is_entity_list]),
        owned_by_listed=True if sure >= HALF else None if possible >= HALF else False,
        on_other_list=_whether([m for m in own if not m.is_entity_list]),
        said=_said(screener.lists, party, found, holders, on),
        lists=screener.lists.files,
    )


#: Owners that hold this share or more, together, carry their listing over (90 FR 47201).
HALF = 0.5


def _holds(match: Match, on: dt.date) -> bool:
    return (match.start is None or match.start <= on) and (match.end is None or on <= match.end)


def _whether(matches: list[Match]) -> bool | None:
    return True if any(m.is_sure for m in matches) else None if matches else False


def _said(
    lists: Lists, party: str, found: dict[str, tuple[Match, ...]], holders: list[tuple[str, float]], on: dt.date
) -> tuple[str, ...]:
    said = [f"{len(lists.entries):,} entries of {', '.join(f.name for f in lists.files)} were read"]
    said += [f.told(on) for f in lists.files if f.is_old(on)]
    for name, matches in found.items():
        if not matches:
            said.append(f"no name like {name} is on them")
        if any(ord(c) > 0x24F for c in unicodedata.normalize("NFKD", name) if c.isalpha()):
            said.append(f"{name} has letters that the lists hardly use: ask again in Latin letters")
    if lists.newest and on < lists.newest:
        said.append(f"they are newer than {on}: who was taken off in between is not on them")
    if not holders:
        said.append(f"who owns {party} was not given")
    return tuple(said)
