"""How often a party on a list is missed, and another taken for it: made-up names, spelled as people spell them.

Run: python calibration/screening.py docs/trust/results/screening.json

Parties are made up from places, brands of Chinese, Russian and Arabic syllables, fields and legal forms. Each is asked
for as listed and in eight other spellings; beside them, as many parties that are on no list but share place and field,
or all but the brand, or have a brand that differs in one syllable.
"""

import datetime as dt
import json
import random
import sys
from pathlib import Path

from leadtime.rules.screening import MATCH, MAYBE, Screener
from leadtime.rules.screening_lists import Entry, Lists

N_LISTED = 600
PLACES = (
    "Beijing",
    "Shanghai",
    "Shenzhen",
    "Nanjing",
    "Wuhan",
    "Chengdu",
    "Hefei",
    "Tianjin",
    "Suzhou",
    "Xi'an",
    "Hong Kong",
    "Moscow",
    "Saint Petersburg",
    "Dubai",
    "Istanbul",
    "Kuala Lumpur",
    "Singapore",
)
FIELDS = (
    "Technology",
    "Electronics Technology",
    "Semiconductor Technology",
    "Information Technology",
    "Optoelectronics",
    "Intelligent Technology",
    "Institute of Microelectronics",
    "Precision Instruments",
    "Aviation Industry",
    "Supercomputing Center",
    "Trading",
    "Import and Export",
    "Microelectronics",
    "Integrated Circuit Design",
    "Research Institute of Computing Technology",
    "Big Data",
    "Cloud Computing",
)
FORMS = (
    "Co., Ltd.",
    "Co. Ltd",
    "Corporation",
    "Limited",
    "LLC",
    "Group Co., Ltd.",
    "(HK) Limited",
    "JSC",
    "FZE",
    "Sdn. Bhd.",
    "",
)
SYLLABLES = (
    "hua",
    "xin",
    "zhong",
    "ke",
    "lian",
    "tai",
    "yuan",
    "chuang",
    "bo",
    "rui",
    "jing",
    "wei",
    "long",
    "sheng",
    "tong",
    "feng",
    "hai",
    "guang",
    "ming",
    "an",
    "da",
    "qi",
    "shu",
    "xiang",
    "vek",
    "tor",
    "mik",
    "ron",
    "sta",
    "lin",
    "gra",
    "nov",
    "al",
    "sa",
    "deh",
    "mar",
    "kab",
    "zar",
    "far",
    "nur",
)
SHORT = {
    "Technology": "Tech",
    "Institute": "Inst.",
    "Electronics": "Elec.",
    "International": "Intl",
    "Research": "Res.",
    "Information": "Info",
    "Semiconductor": "Semi",
    "Industry": "Ind.",
}


def brand(rng: random.Random) -> str:
    """Return a made-up brand of two or three syllables."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 2, 3)))).capitalize()


def typo(rng: random.Random, word: str) -> str:
    """Return a word with one letter left out, doubled, changed, or two changed about."""
    if len(word) < 4:
        return word
    i = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + rng.choice("aeioustrn") + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        )
    )


def spellings(rng: random.Random, place: str, name: str, field: str, form: str) -> dict[str, str]:
    """Return how people may write one party, by kind of spelling."""
    full = " ".join(p for p in (place, name, field, form) if p)
    halves = len(name) // 2
    short = " ".join(SHORT.get(w, w) for w in field.split())
    return {
        "as listed": full,
        "capitals, no punctuation": "".join(c for c in full.upper() if c.isalnum() or c == " "),
        "another legal form": f"{place} {name} {field} {rng.choice(FORMS)}",
        "no legal form": f"{place} {name} {field}",
        "short forms": f"{place} {name} {short} {form}",
        "words in another order": f"{name} {field} ({place}) {form}",
        "brand in two words": f"{place} {name[:halves]} {name[halves:]} {field} {form}",
        "one typing error in the brand": f"{place} {typo(rng, name)} {field} {form}",
        "without the place": f"{name} {field} {form}",
    }


def main() -> None:
    """Measure, and write the result."""
    rng = random.Random(22)  # noqa: S311 - names to try, no secret
    parts = [(rng.choice(PLACES), brand(rng), rng.choice(FIELDS), rng.choice(FORMS)) for _ in range(N_LISTED)]
    brands = {p[1].casefold() for p in parts}
    entries = tuple(
        Entry(
            name=" ".join(p for p in ps if p),
            others=(),
            source="Entity List (EL) - made up",
            start=None,
            end=None,
            notice="",
            requirement="",
            policy="",
        )
        for ps in parts
    )
    screener = Screener(Lists(entries=entries, files=(), newest=None))
    rows: dict[str, list[float]] = {}
    for entry, ps in zip(entries, parts, strict=True):
        for kind, asked in spellings(rng, *ps).items():
            found = screener.matches(asked)
            rows.setdefault(kind, []).append(next((m.score for m in found if m.name == entry.name), 0.0))
    apart: dict[str, list[float]] = {}
    for place, name, field, form in parts:
        other = brand(rng)
        while other.casefold() in brands:
            other = brand(rng)
        near = name
        while near.casefold() in brands:
            near = name[: len(name) // 2] + rng.choice(SYLLABLES)
        asked = {
            "another brand, same place and field": f"{place} {other} {field} {form}",
            "another brand, place and field": f"{rng.choice(PLACES)} {other} {rng.choice(FIELDS)} {form}",
            "a brand half the same, same place and field": f"{place} {near} {field} {form}",
        }
        for kind, text in asked.items():
            apart.setdefault(kind, []).append(max((m.score for m in screener.matches(text)), default=0.0))
    result = {
        "made_on": dt.date.today().isoformat(),  # noqa: DTZ011
        "n_listed": N_LISTED,
        "match": MATCH,
        "maybe": MAYBE,
        "missed": [_missed(kind, scores) for kind, scores in rows.items()],
        "false": [_false(kind, scores) for kind, scores in apart.items()],
    }
    text = json.dumps(result, indent=1) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    print(text)


def _missed(kind: str, scores: list[float]) -> dict[str, object]:
    return {
        "kind": kind,
        "n": len(scores),
        "match": sum(s >= MATCH for s in scores) / len(scores),
        "maybe": sum(MAYBE <= s < MATCH for s in scores) / len(scores),
        "missed": sum(s < MAYBE for s in scores) / len(scores),
    }


def _false(kind: str, scores: list[float]) -> dict[str, object]:
    return {
        "kind": kind,
        "n": len(scores),
        "match": sum(s >= MATCH for s in scores) / len(scores),
        "maybe": sum(MAYBE <= s < MATCH for s in scores) / len(scores),
    }


if __name__ == "__main__":
    main()
