"""The pictures of the documentation: they are of questions that have figures, and those of the README are of today's
evidence.
"""

import datetime as dt
import re
import shlex
from pathlib import Path

import pytest

from leadtime.cli.held import asked
from leadtime.evidence import Evidence

ROOT = Path(__file__).parents[1]
DOCS = {p.relative_to(ROOT / "docs").as_posix(): p.read_text(encoding="utf-8") for p in (ROOT / "docs").rglob("*.md")}
PICTURES = {
    (name, typed) for name, text in DOCS.items() for typed in re.findall(r"^```\{picture\} (.+)$", text, re.MULTILINE)
}
SENTENCES = {
    (name, typed) for name, text in DOCS.items() for typed in re.findall(r"^<!-- answer: (.+) -->$", text, re.MULTILINE)
}
WITH_PICTURES = ("lag", "cost", "curve", "rules", "supply", "effect", "scenario", "claims", "backtest")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "typed"), sorted(PICTURES | SENTENCES))
def test_what_a_page_asks_when_it_is_built_can_be_asked(page, typed):
    (question,) = asked(shlex.split(typed))
    if (page, typed) in PICTURES:
        question.question.require_figure()


def test_the_pages_of_the_chain_have_pictures():
    drawn = {page for page, _ in PICTURES}
    assert {f"methods/{n}.md" for n in WITH_PICTURES} | {"index.md"} <= drawn
    assert sum(page.startswith("tutorials/") for page in drawn) >= 6


def readme_pictures():
    return re.findall(r"!\[([^\]]+)\]\((docs/static/[\w-]+\.svg)\)", README)


def test_the_pictures_of_the_readme_are_of_this_evidence():
    """`make ship` draws them anew."""
    assert len(readme_pictures()) == 2
    for _, path in readme_pictures():
        words = re.sub(r"<[^>]+>", " ", (ROOT / path).read_text(encoding="utf-8"))
        told = re.search(r"As of (\w+ \d+, \d{4})", words)[1]
        day = dt.datetime.strptime(f"{told} +0000", "%B %d, %Y %z").date()
        assert f"evidence {Evidence.load(as_of=day).hash}" in words, path


def test_the_numbers_of_the_readme_are_those_of_its_pictures():
    share, gap = (re.sub(r"<[^>]+>", " ", (ROOT / p).read_text(encoding="utf-8")) for _, p in readme_pictures())
    fell = re.search(r"fell from (\d+%) \([\d to]+\) to (\d+%) \([\d to]+\)", README)
    assert fell and f"fell from {fell[1]} to {fell[2]}" in share
    behind = re.search(r"were ([\d.]+ months) behind America's over the past year \(([\d.]+ to [\d.]+)\)", README)
    assert behind and f"{behind[1]} behind" in gap and f"({behind[2]})" in " ".join(gap.split())
    chances = re.search(r"gap grew is (\d+ in 100). It is (\d+ in 100)", README)
    assert chances and all(c in " ".join(gap.split()) for c in chances.groups())
