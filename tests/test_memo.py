"""Figures and memos as files: what they must say is in them, and what strangers wrote stays text."""

import datetime as dt
import functools
import html
import importlib.util
import json
import re
import shlex
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime import memo
from leadtime.answers import ask
from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import of_table, told
from leadtime.answers.kinds import Contents
from leadtime.answers.question import question
from leadtime.answers.registry import find, forget, questions
from leadtime.answers.sourced import Source, credited
from leadtime.cli import figure, held
from leadtime.cli import memo as memo_command
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.figures.chart import PHONE
from leadtime.figures.files import content
from leadtime.figures.tokens import color
from leadtime.memo.bibtex import AUTHOR, TITLE, bibtex
from leadtime.memo.document import memo_of
from leadtime.memo.markdown import text
from leadtime.memo.repeat import command
from leadtime.memo.text import line
from leadtime.study import Study
from terminal_side import typed

ROOT = Path(__file__).parents[1]
TODAY = "2026-11-24"
STAMP = {"version": "9.9", "as_of": TODAY, "evidence_hash": "0123456789abcdef"}
#: What a study folder's names may hold: code of Typst, Markdown, HTML and TeX, characters that turn a line or end it, and plain strange names.
HOSTILE = (
    '#read("/etc/passwd")', '#image("/etc/hostname")', "$ sum_(i=0) $", "*bold* _it_ `code` ~~no~~", "[a](javascript:alert(1))", "![b](http://example.com/x.png)",
    "<script>alert(1)</script> &amp; <b>", "a | b || c", "line\n# heading\n\n- item", "```\nfence", "\\input{/etc/passwd} {{} % # $ & ~ ^ _", "}\n@misc{x, title={y}}",
    "ab\u202edc\u200b\x00\x1b[31m", "DeepSeek 深度求索 – naïve", "1. one", "--- ***",
)  # fmt: skip


def answer(name="Alpha", *, sentence="Alpha was 3.4 months behind (3.0 to 4.1).", n=3, **more):
    rows = [
        {"name": name if i == 0 else f"Row {i}", "months": Spread(i + 1.0, i + 2.0, i + 3.0), "n": i, "note": f"Of {name}." if i == 0 else ""}
        for i in range(n)
    ]  # fmt: skip
    columns = (
        Column(key="name", title="Model"),
        Column(key="months", title="Lag", kind="spread", unit="months"),
        Column(key="n", title="Tests", kind="number", digits=0),
        Column(key="nothing", title="Never filled"),
    )
    table = Table(rows=rows, columns=columns)
    about = About(
        definition=f"How late {name} is.",
        rests_on="Made-up rows.",
        limits=(f"Nothing is said of {name}'s cost.",),
        docs="methods/lag",
    )
    sources = [
        Source(id=name, title=name, publisher=name, url="https://example.com/a", published_on=dt.date(2025, 1, 2), license="CC BY 4.0", n_rows=3),
        Source(id="second", title="Second", publisher="", url="", published_on=None, license="", n_rows=1),
    ]  # fmt: skip
    found = Answer(
        sentence=sentence, rows=table, tag="measured", about=about, notes=(f"Mind {name}.",), stamp=STAMP, question="toy",
        sources=lambda: sources, **more,
    )  # fmt: skip
    made = functools.partial(
        of_table, table, "months", name="toy", title="Lags of made-up models", axis="months behind", stamp=STAMP
    )
    return Answer(**{f: getattr(found, f) for f in found.__slots__} | {"figure": functools.partial(told, made, found)})


def words_of(pdf: bytes) -> str:
    import io

    from pypdf import PdfReader

    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).split())


# -- figures -----------------------------------------------------------------------------------------------------------------

FINDING, SHOWS = "Alpha was 3.4 months behind (3.0 to 4.1).", "Lags of made-up models"
SOURCE = f"As of {TODAY}. 3 rows."
CREDIT = "Sources: Alpha (CC BY 4.0) and Second. leadtime 9.9, evidence 0123456789abcdef."


@pytest.fixture(scope="module")
def drawn():
    return answer().figure()


@pytest.mark.parametrize("phone", [False, True])
def test_a_picture_says_finding_subject_day_and_evidence(drawn, phone):
    svg = content(drawn, ".svg", phone=phone).decode()
    said = " ".join(" ".join(html.unescape(t) for t in re.findall(r">([^<>]+)<", svg)).split())
    pdf = content(drawn, ".pdf", phone=phone)
    assert pdf.startswith(b"%PDF-")
    for words in (said, words_of(pdf)):
        assert all(w in words for w in (FINDING, SHOWS, SOURCE, CREDIT)), words


def test_a_picture_for_a_phone_is_as_wide_as_one_and_a_dark_one_is_dark(drawn):
    png = content(drawn, ".png", phone=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    (across,) = struct.unpack(">I", png[16:20])
    assert abs(across / 2 - PHONE) <= 40
    (desk,) = struct.unpack(">I", content(drawn, ".png")[16:20])
    assert desk / 2 > 700
    light, dark = (content(drawn, ".svg", dark=d).decode() for d in (False, True))
    ground, paper = (f'fill="{color("paper", dark=d)}"' for d in (True, False))
    assert ground in dark and ground not in light and paper in light


def test_a_spec_is_one_that_vega_lite_draws_with_its_words(drawn):
    spec = json.loads(content(drawn, ".json"))
    assert " ".join(spec["title"]["text"]) == FINDING and " ".join(spec["title"]["subtitle"]) == SHOWS
    assert CREDIT in spec["description"]
    assert "vega-lite" in spec["$schema"]


def test_a_file_of_data_is_csv_and_no_more(drawn):
    import io

    import polars as pl

    rows = pl.read_csv(io.BytesIO(content(drawn, ".csv")))
    assert rows.height == 3 and rows["median"].to_list() == [2.0, 3.0, 4.0]
    assert set(rows["finding"]) == {FINDING} and all(CREDIT in s for s in rows["source"])


def test_a_figure_without_a_finding_has_its_own_title(drawn):
    spec = replace(drawn, finding="").file_spec()
    assert " ".join(spec["title"]["text"]) == SHOWS and "subtitle" not in spec["title"]


def test_every_one_is_credited_once():
    def source(publisher, license=""):
        return Source(id="i", title="T", publisher=publisher, url="", published_on=None, license=license, n_rows=1)

    assert credited([]) == ""
    assert credited([source("A", "MIT"), source("A"), source("")]) == "Sources: A and T. "
    many = [source(c) for c in "ABCDEF"]
    assert credited([source("Epoch AI", "CC BY 4.0"), *many]) == "Sources: Epoch AI (CC BY 4.0), A, B and 4 more. "


# -- the command line --------------------------------------------------------------------------------------------------------


def test_options_of_the_two_commands_are_no_options_of_a_question():
    own = {"--out", "--width", "--dark", "--title"}
    for q in questions():
        if q.name == "rules batch":  # it writes files of its own, and is refused here
            continue
        assert own.isdisjoint(
            {q.switch, *(p.option for p in q.parameters), *(f for p in q.parameters for f in p.formerly)}
        ), q.name
    assert figure.figure and memo_command.memo


def test_a_question_is_typed_as_on_its_own():
    (one,) = held.asked(["lag", "deepseek-v3", "--behind", "USA", "--draws", "50"])
    assert (
        one.question.name == "lag"
        and one.values == {"model": "deepseek-v3", "behind": "USA"}
        and one.subject == {"draws": 50}
    )
    named, switched = held.asked(["curve", "adoption", "--", "curve", "--adoption"])
    assert named == switched and named.question.name == "curve adoption"
    (valued,) = (
        held.asked(["expected", "deepseek-v3"])
        if "expected" in {q.name for q in questions()}
        else held.asked(["curve", "--test", "deepseek-v3"])
    )
    assert valued.values == {"model": "deepseek-v3"}
    common = held.asked(
        ["lag", "--as-of", "2025-01-29", "--", "capability", "--", "curve", "--adoption"],
        {"as_of": TODAY, "draws": "60"},
    )
    assert [c.subject.get("as_of") for c in common] == [
        dt.date(2025, 1, 29),
        dt.date.fromisoformat(TODAY),
        dt.date.fromisoformat(TODAY),
    ]
    assert [c.subject.get("draws") for c in common] == [60, 60, 60 if common[2].question.of == "study" else None]


OWN = {"options": {"--out", "--dark", "--as-of"}, "first": {"--as-of"}, "flags": {"--dark"}}


@pytest.mark.parametrize(
    ("typed_", "read"),
    [
        ("lag --of China --out x.md --path", "--out x.md -- lag --of China --path"), ("--as-of D lag --as-of E --dark", "--as-of D --dark -- lag --as-of E"),
        ("--out=x lag -- effect -- curve --out", "--out=x --out"), ("lag -- effect --out x", "--out x -- lag -- effect"), ("", "--"),
        ("lag --out -- x", "--out -- -- lag x"),
    ],
)  # fmt: skip
def test_options_of_the_command_go_first(typed_, read):
    assert held.parted(typed_.split(), **OWN) == read.split()


@given(st.lists(st.sampled_from(["lag", "--out", "x.md", "--out=y", "--dark", "--as-of", "--of", "China"]), max_size=9))
def test_no_word_of_a_line_is_lost(words):
    assert sorted(held.parted([*words, "last"], **OWN)) == sorted([*words, "--", "last"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["figure", "curve", "firsts", "--out", "x.png"], "It is a list of names and days"), (["figure", "lagg", "--out", "x.png"], "Did you mean lag"),
        (["figure", "lag", "--out", "x.doc"], "no kind of figure"), (["figure", "lag"], "which file?"), (["figure", "--out", "x.svg"], "which question?"),
        (["figure", "lag", "--", "capability", "--out", "x.svg"], "too many for a figure"), (["figure", "lag", "--out", "x.svg", "--width", "big"], "desk, phone"),
        (["figure", "lag", "--clock", "tomorrow", "--out", "x.svg"], "one of released, trained"), (["figure", "lag", "--out"], "argument"),
        (["figure", "lag", "--json", "--out", "x.svg"], "no such option: --json"), (["memo", "--out", "x.pdf"], "which question?"),
        (["memo", "lag", "--out", "x.rtf"], "no kind of memo"), (["memo", "lag"], "which file?"), (["memo", "--draws", "few", "lag", "--out", "x.md"], "whole number"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_anything_is_computed(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = typed(*arguments)
    assert done.returncode in (1, 2) and words in " ".join(done.stderr.split()), done.stderr
    assert not [*tmp_path.iterdir()]


def test_help_after_a_question_is_that_of_the_question():
    assert "--clock" in typed("figure", "lag", "--help").stdout
    assert "--clock" not in typed("figure", "--help").stdout


def test_a_figure_and_a_memo_are_written_by_commands(tmp_path):
    settings = ("--as-of", TODAY)
    done = typed(
        "figure",
        "lag",
        "deepseek-v3",
        *settings,
        "--method",
        "map",
        "--draws",
        "50",
        "--out",
        tmp_path / "a.vl.json",
        "--width",
        "phone",
        "--dark",
    )
    assert done.returncode == 0 and done.stdout.endswith("a.vl.json\n"), done.stderr
    spec = json.loads((tmp_path / "a.vl.json").read_text())
    assert spec["title"]["text"] and spec["background"] == color("paper", dark=True)
    assert TODAY in spec["description"]

    done = typed(
        "memo",
        *settings,
        "--method",
        "map",
        "--draws",
        "50",
        "--title",
        "Two *things*",
        "lag",
        "deepseek-v3",
        "--",
        "curve",
        "--firsts",
        "--out",
        tmp_path / "m.md",
    )
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.vl.json", "m-1.png", "m.bib", "m.md"]
    said = (tmp_path / "m.md").read_text()
    assert said.startswith("# Two \\*things\\*\n") and "(m-1.png)" in said
    assert (
        f"leadtime lag deepseek-v3 --as-of {TODAY} --draws 50 --method map" in said
        and f"leadtime curve --firsts --as-of {TODAY}" in said
    )
    assert "--study" not in said


# -- what is asked again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [q for q in questions() if q.name != "rules batch"], ids=lambda q: q.name)
def test_the_command_in_a_memo_asks_the_same(q):
    """With the example, and with each parameter at what its declaration gives as an example."""
    own = {p.name: p.example for p in q.parameters if p.example and p is not q.switched}
    for example in (q.example, {**own, **q.example}):
        values = q.parse(example)
        known = {p.name: p.kind.parse(p.default) for p in q.parameters if p.default is not None} | values
        said = Answer(
            sentence="", rows=Table(rows=[], columns=()), tag="measured", question=q.name, asked=known, stamp=_stamp()
        )
        words = shlex.split(command(said))
        if any(isinstance(p.kind, Contents) and p.name in values for p in q.parameters):
            assert "FILE" in words, "it was the text of a file, whose name is not told"
            continue
        (again,) = held.asked(words[1:])
        assert again.question is q
        assert {k: v for k, v in q.parse(again.values).items() if v != known.get(k)} == {}
        assert {p.name for p in q.parameters if p.required} <= set(again.values)
        assert all(again.question.parse(again.values).get(k, known[k]) == v for k, v in values.items())


@functools.cache
def _stamp():
    return Evidence.load(as_of=dt.date.fromisoformat(TODAY)).stamp | {"seed": 3, "draws": 2000, "method": "map"}


def test_a_study_of_ones_own_is_named_in_the_command_and_its_place_is_not():
    said = Answer(
        sentence="",
        rows=Table(rows=[], columns=()),
        tag="measured",
        question="lag",
        asked={"model": "x y"},
        stamp=_stamp(),
    )
    assert command(said) == f"leadtime lag 'x y' --as-of {TODAY} --seed 3 --method map"
    own = Answer(**{f: getattr(said, f) for f in said.__slots__} | {"stamp": _stamp() | {"evidence_hash": "other"}})
    assert "--study DIR" in command(own)


# -- memos -------------------------------------------------------------------------------------------------------------------


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
    assert html.unescape(html_of(f"- {text(seen)}")) == (f"<ul>\n<li>{seen}</li>\n</ul>\n")


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
        assert "pip install 'leadtime[memo]'" in told_.value.fix and "-e '.[memo]'" in told_.value.fix
    assert memo.write([answer()], tmp_path / "x.md")


def test_wrong_calls_are_told(tmp_path):
    with pytest.raises(LeadtimeError, match="needs an answer"):
        memo.write([], tmp_path / "x.md")
    with pytest.raises(LeadtimeError, match="no kind of memo"):
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


# -- on the evidence ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study():
    return Study(TODAY, method="map", draws=50)


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
