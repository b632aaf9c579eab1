"""The page on the sourced cases of the rules, written by asking them all again, and what was measured of names of
parties.
"""

import csv
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from mdtable import list_table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))


def describe(what: str) -> str:
    """Return a table: `kinds` and `sources` of the cases with how they were answered, or `parties`."""
    return _parties() if what == "parties" else _cases(what)


def _cases(what: str) -> str:
    from rules_sourced import many, outcome, read

    cases = read()
    with tempfile.TemporaryDirectory() as folder:
        rows = many(cases, Path(folder))
    told = [outcome(case, row["verdict"]) for case, row in zip(cases, rows, strict=True)]
    if what == "open":
        still = [(c, r) for c, r, t in zip(cases, rows, told, strict=True) if t == "open"]
        if not still:
            return "No case is left open where its source answers.\n"
        return list_table(
            ("Case", "Answer", "Why it stays open"), [(_asked(c), r["verdict"], c["note"]) for c, r in still]
        )
    groups: dict[str, Counter[str]] = {}
    for case, how in zip(cases, told, strict=True):
        groups.setdefault(case["kind"] if what == "kinds" else case["source"], Counter())[how] += 1
    lines = [(_named(name) if what == "sources" else name, *_counts(found)) for name, found in sorted(groups.items())]
    lines.append(("**together**", *_counts(Counter(told))))
    return list_table(
        ("Source" if what == "sources" else "Kind of source", "Cases", "Right", "Open", "Confidently wrong"), lines
    )


def _counts(found: Counter[str]) -> tuple[str, ...]:
    return tuple(str(n) for n in (found.total(), found["right"], found["open"], found["wrong"]))


def _asked(case: dict[str, str]) -> str:
    return f"{case['id']}: {case['chip'] or case['item']} to {case['to']}, {case['on']}"


def _named(source: str) -> str:
    if source.startswith(("https://", "http://")):
        return f"<{source}>"
    with (ROOT / "src" / "leadtime" / "evidence" / "data" / "sources.csv").open(encoding="utf-8", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["id"] == source)
    return f"[{row['title']}]({row['url']}), {row['publisher']}"


def _parties() -> str:
    found = json.loads((ROOT / "docs" / "trust" / "results" / "screening.json").read_text(encoding="utf-8"))
    spelled = [
        (r["kind"], str(r["n"]), _share(r["match"]), _share(r["maybe"]), _share(r["missed"])) for r in found["missed"]
    ]
    others = [(r["kind"], str(r["n"]), _share(r["match"]), _share(r["maybe"])) for r in found["false"]]
    return "\n".join(
        [
            f"{found['n_listed']:,} made-up parties on a list, {found['made_on']}.\n",
            list_table(("A listed party, spelled", "Asked", "Match", "Possible match", "Missed"), spelled),
            list_table(("A party on no list, with", "Asked", "Taken for a match", "Called possible"), others),
        ]
    )


def _share(value: float) -> str:
    return f"{value:.1%}"
