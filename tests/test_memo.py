"""Memos as files: what a reader needs is in them, and what strangers wrote stays text."""

import datetime as dt
import html
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime import memo
from leadtime.answers import ask
from leadtime.answers.answer import Answer, Column, Table
from leadtime.answers.question import question
from leadtime.answers.registry import find, forget
from leadtime.answers.sourced import Source
from leadtime.errors import LeadtimeError
from leadtime.memo.bibtex import AUTHOR, TITLE, bibtex
from leadtime.memo.document import memo_of
from leadtime.memo.markdown import text
from leadtime.memo.text import line
from memo_side import HOSTILE, ROOT, STAMP, TODAY, answer, words_of
from studies import quick_study

# -- memos
# -------------------------------------------------------------------------------------------------------------------


def test_a_memo_says_what_a_reader_needs():
    made = memo_of([answer(), answer("Beta", sentence="Beta was level.", n=12)], stem="note")
    first, second = made.sections
    assert made.day == "As of November 24, 2026" and made.title == "US export rules on AI chips: answers to 2 questions"
    assert first.table.heads == ("Model", "Lag (months)", "Tests") and first.table.is_number == (False, False, True)
    assert (
        first.table.rows[0] == ("Alpha [1]", "2.0 (1.0 to 3.0)", "0")
        and first.table.notes == ("Of Alpha.",)
        and not first.table.more
    )
    assert len(second.table.rows) == 6 and second.table.more == "6 more rows: the command below has all."
    assert first.caption.startswith("Figure 1. Lags") and second.caption.startswith("Figure 2. Lags")
    assert first.known == (
        "Measured: computed from published records.",
        "How late Alpha is.",
        "Made-up rows.",
        "Mind Alpha.",
    )
    assert made.limits == ("Nothing is said of Alpha's cost.", "Nothing is said of Beta's cost.")
    assert made.rests_on == ("leadtime 9.9, evidence 0123456789abcdef",)
    assert [s.partition(".")[0] for s in made.sources] == ["Alpha", "Beta", "Second"] and made.more_sources.startswith(
        "3 sources in all: note.bib"
    )


def test_what_heads_some_rows_stands_above_them():
    rows = [{"name": f"Row {i}", "of": f"Claim {i // 4}"} for i in range(10)]
    parted = Table(rows=rows, columns=(Column(key="name", title="Reading"), Column(key="of", title="Of")), by="of")
    made = memo_of([replace(answer(), rows=parted)]).sections[0]
    names = [cells[0] for cells in made.table.rows]
    assert names == ["Claim 0", *(f"Row {i}" for i in range(4)), "Claim 1", "Row 4", "Row 5"]
    assert {len(cells) for cells in made.table.rows} == {2} and made.table.more.startswith("4 more rows")


def test_a_caption_has_one_stop_after_its_title():
    told = answer(sentence="Alpha was late.")
    ended = replace(told, figure=lambda: replace(told.figure(), title="Alpha was late."))
    assert "late.." not in memo_of([ended]).sections[0].caption


def test_tables_and_figures_that_are_not_there_are_left_out():
    bare = replace(answer(n=0), figure=None, sources=None, stamp={"version": "9.9"})
    made = memo_of([bare])
    assert made.day == "" and made.sections[0].table is None and made.sections[0].caption == "" and made.sources == ()
    for kind in memo.KINDS:
        assert memo_files(bare, kind)


def memo_files(one, kind, **more):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        paths = memo.write([one] if isinstance(one, Answer) else one, f"{folder}/note{kind}", **more)
        assert sorted(p.name for p in Path(folder).iterdir()) == sorted(p.name for p in paths)
        return {p.name: p.read_bytes() for p in paths}


@pytest.fixture(scope="module")
def hostile():
    """One memo in which every text is hostile, in all three forms."""
    answers = [
        answer("\n".join(HOSTILE), sentence=f"It was {HOSTILE[0]} and {HOSTILE[4]}."),
        replace(answer(), figure=None),
    ]
    return {kind: memo_files(answers, kind, title=" ".join(HOSTILE[:3])) for kind in memo.KINDS}


def test_a_pdf_shows_what_others_wrote_and_obeys_none_of_it(hostile):
    pdf = hostile[".pdf"]["note.pdf"]
    assert pdf.startswith(b"%PDF-") and b"/JavaScript" not in pdf
    said = words_of(pdf).replace(" ", "")
    for words in (*HOSTILE[:8], HOSTILE[10]):
        assert line(words).replace(" ", "") in said, words
    assert "root:" not in said and Path("/etc/hostname").read_text().strip() not in said.replace("/etc/hostname", "")


def test_a_word_document_holds_what_others_wrote_as_text(hostile):
    import io

    from docx import Document

    made = Document(io.BytesIO(hostile[".docx"]["note.docx"]))
    paragraphs = [p.text for p in made.paragraphs]
    name = line("\n".join(HOSTILE))
    assert made.core_properties.title == line(" ".join(HOSTILE[:3])) == paragraphs[0]
    assert f"Nothing is said of {name}'s cost." in paragraphs
    first, second = made.tables
    assert first.rows[1].cells[0].text == f"{name} [1]" and [c.text for c in second.rows[0].cells] == [
        "Model",
        "Lag (months)",
        "Tests",
    ]
    assert {s._inline.docPr.get("descr").partition(".")[0] for s in made.inline_shapes} == {"Lags of made-up models"}
    assert not [r for r in made.part.rels.values() if r.is_external]


def test_markdown_shows_what_others_wrote_as_text(hostile):
    files = hostile[".md"]
    page = html_of(files["note.md"].decode())
    assert set(re.findall(r"<(\w+)", page)) <= {
        "h1",
        "h2",
        "p",
        "strong",
        "em",
        "img",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
        "a",
        "pre",
        "code",
    }
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) == {"https://example.com/a", "note-1.png"}
    assert (page.count("<h1>"), page.count("<h2>"), page.count("<tr>")) == (1, 4, 8)
    assert f"Nothing is said of {line(chr(10).join(HOSTILE))}'s cost." in html.unescape(page)
    assert files["note-1.png"].startswith(b"\x89PNG")


def html_of(markdown):
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)


@given(st.one_of(st.text(max_size=60), st.text("#*_-+=>`|~[]()<>!&\\.1 \n:$^", max_size=40)))
def test_any_text_is_the_same_text_in_markdown(words):
    seen = line(words)
    page = html_of(f"before\n\n{text(seen)}\n\nafter")
    inner = page.partition("<p>before</p>\n")[2].rpartition("<p>after</p>")[0]
    assert html.unescape(inner.strip()) == (f"<p>{seen}</p>" if seen else "")
    assert html.unescape(html_of(f"- {text(seen)}")) == f"<ul>\n<li>{seen}</li>\n</ul>\n"


@given(st.text(max_size=80))
def test_a_line_is_one_line_that_shows_as_it_is(words):
    seen = line(words)
    assert seen == line(seen) and "\n" not in seen and not set(seen) & set("\x00\x1b\u202e\u200b")
    seen.encode()
    assert line(f"a\ud800{words}").startswith("a\ufffd")


@given(
    st.text(max_size=40),
    st.text('\\{}@%,="#$ \nab', max_size=30),
    st.sampled_from(["https://x.org/{a}", "javascript:1", ""]),
)
def test_any_source_is_one_entry_of_bibtex(name, title, url):
    each = Source(
        id=name, title=title, publisher=title, url=url, published_on=dt.date(2025, 3, 4), license=title, n_rows=1
    )
    entries = bibtex([each, each], STAMP)
    depth, begins = 0, []
    for at, c in enumerate(entries):
        if c == "@" and depth == 0:
            begins.append(entries[at:].partition("{")[0])
        depth += {"{": 1, "}": -1}.get(c, 0)
        assert depth >= 0
    assert depth == 0 and begins == ["@software", "@misc", "@misc"]
    keys = re.findall(r"^@\w+\{([^,]*),$", entries, re.M)
    assert len(keys) == len({k.casefold() for k in keys}) == 3 and all(re.fullmatch(r"[A-Za-z0-9.-]+", k) for k in keys)
    assert "\\input" not in entries and "javascript" not in entries.replace(title, "")


def test_leadtime_is_cited_as_its_citation_file_says():
    from ruamel.yaml import YAML

    said = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert said["title"] == TITLE and [a["name"] for a in said["authors"]] == [AUTHOR]
    entry = bibtex([], STAMP)
    assert (
        "year = {2026}" in entry and "version = {9.9}" in entry and f"As of {TODAY}, evidence 0123456789abcdef" in entry
    )


def test_without_the_extra_it_is_told_how_to_get_it(monkeypatch, tmp_path):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in ("docx", "typst") else real(name, *a)
    )
    for kind in (".docx", ".pdf"):
        with pytest.raises(LeadtimeError) as told_:
            memo.write([answer()], tmp_path / f"x{kind}")
        assert "[memo]'" in told_.value.fix and ".md does not need it" in told_.value.fix
    assert memo.write([answer()], tmp_path / "x.md")


def test_wrong_calls_are_told(tmp_path):
    with pytest.raises(LeadtimeError, match="needs at least one answer"):
        memo.write([], tmp_path / "x.md")
    with pytest.raises(LeadtimeError, match="not a kind of memo"):
        memo.write([answer()], tmp_path / "x.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(LeadtimeError):
        memo.write([answer()], tmp_path / "file" / "x.md")


def test_a_question_that_is_gone_is_still_answered():
    @question("gone toy", "Is it gone?", of="nothing", schema="schema", docs="methods/lag", no_figure="It is a toy.")
    def gone() -> Answer:
        """Say that it is."""
        return Answer(sentence="It is.", rows=Table(rows=[], columns=()), tag="arithmetic")

    one = find("gone toy").ask(None, {})
    assert (
        one.sources() == []
        and memo_of([one]).sections[0].asks == "Is it gone?"
        and memo_of([one]).commands == ("leadtime gone toy",)
    )
    forget("gone toy")
    assert memo_of([one]).sections[0].asks == "gone toy" and memo_of([one]).commands == ()


# -- on the evidence
# ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study():
    return quick_study(TODAY)


def test_an_answer_knows_its_sources(study):
    known = dict(study.evidence["sources"].select("id", "title").iter_rows())
    lag = ask(study, "lag", model="deepseek-v3").sources()
    assert len(lag) > 20 and all(known[s.id] == s.title for s in lag) and len({s.id for s in lag}) == len(lag)
    assert [s.n_rows for s in lag] == sorted((s.n_rows for s in lag), reverse=True)
    own = set(study.evidence["scores"].filter(model="deepseek-v3")["source"])
    assert own <= {s.id for s in lag}, own
    adopted = ask(study if find("curve adoption").of == "study" else study.evidence, "curve adoption").sources()
    assert adopted and {s.id for s in adopted} != {s.id for s in lag}


def test_a_memo_of_the_evidence_is_short(study):
    answers = [ask(study, "lag", model="deepseek-v3"), ask(study, "lag", model="deepseek-v3", clock="trained")]
    pdf = memo_files(answers, ".pdf")
    import io

    from pypdf import PdfReader

    read = PdfReader(io.BytesIO(pdf["note.pdf"]))
    assert len(read.pages) <= 2 and read.metadata.title.startswith("US export rules")
    said = words_of(pdf["note.pdf"])
    assert all(" ".join(a.sentence.split()) in said for a in answers)
    assert "leadtime lag deepseek-v3 --clock trained --as-of 2026-11-24" in said
    entries = re.findall(r"^@misc\{", pdf["note.bib"].decode(), re.M)
    assert len(entries) == len({s.id for a in answers for s in a.sources()})
