"""What can be taken away from a chart: its lines of Python draw the same, its address and citation are whole."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

import leadtime
from leadtime.figures.figure import Figure
from leadtime.figures.files import slim, svg
from leadtime.report import html, site, taken
from leadtime.report.site import View
from studies import quick_study

ASKED = {
    "chips": {"names": ("CHN", "USA"), "scale": "log", "since": "2023-01-01"},
    "models": {"names": ("deepseek-v3", "CHN"), "definition": "record"},
    "effect": {},
    "rules": {"chip": "h20", "to": "CHN", "on": "2025-05-01"},
    "resources": {},
}


@pytest.fixture(scope="module")
def study():
    return quick_study("2026-11-30")


@pytest.mark.parametrize("path", ASKED)
def test_the_lines_of_python_draw_the_same_chart(study, path, monkeypatch):
    seen = []

    def kept(view, figure, csv):
        found = taken.taken(view, figure, csv)
        seen.append((figure, found))
        return found

    monkeypatch.setattr("leadtime.report.drawn.taken", kept)
    view = View(study=study, asked={k: v for k, v in ASKED[path].items() if v}, live=True)
    page = html.body(site.pages()[path], view, carried="")
    assert seen and page.count("The same in Python:") == len(seen)
    monkeypatch.setattr(leadtime, "Study", lambda day: study if day == "2026-11-30" else None)
    for figure, found in seen:
        scope: dict[str, object] = {}
        exec(found.python, scope)
        drawn = scope["figure"]
        assert drawn.name == figure.name and drawn.data.equals(figure.data), found.python
        assert drawn.spec() == figure.spec()


def figure(address):
    return Figure(
        name="x",
        title="What is shown.",
        description="",
        method="",
        n="",
        chart=None,
        data=pl.DataFrame({"a": [1]}),
        finding="It fell",
        address=address,
    )


def view(**more):
    stamp = {"version": "0.2.0"}
    return View(study=SimpleNamespace(stamp=stamp, as_of=dt.date(2026, 11, 30)), live=True, **more)


def test_an_address_and_code_to_embed_are_whole_where_everybody_may_read_and_left_out_elsewhere():
    at = "supply_arrivals?countries=CHN&scale=log"
    public = taken.taken(view(public="leadtime.example.org"), figure(at), "data:,")
    assert public.address == f"https://leadtime.example.org/chart/supply_arrivals.svg?{at.partition('?')[2]}"
    assert f'src="https://leadtime.example.org/embed/{at}"' in public.embed
    assert (
        public.citation.endswith(public.address)
        and "“It fell.” What was known on November 30, 2026." in public.citation
    )
    own = taken.taken(view(kept={"as_of": "2025-01-29"}), figure(at), "data:,")
    assert own.embed == "" and "http" not in own.citation and own.address.endswith("&as_of=2025-01-29")
    assert [x.words for x in own.pictures] == ["SVG", "PNG", "PDF"]
    assert [x.words for x in own.data] == ["CSV", "JSON", "Vega-Lite"]
    assert own.data[1].address == "/api/v1/supply/arrivals?countries=CHN&scale=log&as_of=2025-01-29"


def test_a_chart_that_no_question_draws_has_its_numbers_and_a_citation():
    found = taken.taken(view(), figure(""), "data:text/csv,a")
    assert (found.pictures, found.address, found.python) == ((), "", "")
    assert found.data[0].address == "data:text/csv,a" and found.citation


def test_lines_leave_out_what_is_usual_and_name_the_folder_of_a_study_of_ones_own():
    at = "supply_arrivals?countries=CHN&countries=USA&measure=arrived&bands=off&events=main"
    said = taken.python(view(kept={"study": "0" * 32}), at)
    assert 'Study("2026-11-30", "FOLDER")' in said
    assert "study.figure(\"supply arrivals\", countries=['CHN', 'USA'], bands='off')" in said


def test_a_slim_picture_looks_the_same(study):
    from leadtime.figures.files import _library

    drawn = svg(study.figure("supply arrivals", scale="log").spec())
    fewer = slim(drawn)
    assert len(fewer) < 0.85 * len(drawn)
    assert _library().svg_to_png(fewer) == _library().svg_to_png(drawn)


@pytest.mark.parametrize(
    ("asked", "found", "wrong"),
    [
        ({"claim": "x"}, {"slip": "x"}, True),
        ({"from": "never"}, {"wrong": ValueError("no day")}, True),
        ({}, {"wrong": ValueError("a day before anything was counted")}, False),
        ({"claim": "x"}, {}, False),
    ],
)
def test_a_page_says_whether_something_is_wrong_with_what_was_asked(asked, found, wrong):
    glossary = site.pages()["glossary"]
    page = replace(glossary, content=lambda v: {**glossary.content(v), **found})
    text, told = html.told(page, view(asked=asked), "bare.html")
    assert told is wrong and "<h1>" in text
