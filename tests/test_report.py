"""The report's files: complete, valid, closed to the outside; and its page in a browser, at a desk and on a phone,
light and dark.
"""

import base64
import contextlib
import csv
import hashlib
import io
import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from axe_side import violations
from browser_side import in_browser
from conforms import conforms
from leadtime import report
from leadtime.answers.answer import Column, Table
from leadtime.answers.drawn import of_table
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.report import page, record, reproduce, results, results_of, tables
from leadtime.report.site import pages
from leadtime.study.headline import Headline
from report_side import Evidence, FakeStudy
from studies import quick_study

SHOTS = Path(__file__).parent.parent / "test-output"
#: A report written before (by `leadtime report`), to look at in place of the made-up one.
READY = os.environ.get("LEADTIME_REPORT")
EVIL = "Evil </script><script>alert(1)</script> & <!-- source"
EVIL_SOURCE = f"""id,title,kind,url,published_on
evil,"{EVIL}",press,https://example.org/<x>,2026-01-01
"""
EACH_HEIGHT = (  # of those that are shown
    "all => all.filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().height)"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report of a study that brings a source of its own, whose title would be markup."""
    SHOTS.mkdir(exist_ok=True)
    if READY:
        return Path(READY)
    own = tmp_path_factory.mktemp("study")
    (own / "evidence").mkdir()
    (own / "leadtime.toml").write_text("", encoding="utf-8")
    (own / "evidence" / "sources.csv").write_text(EVIL_SOURCE, encoding="utf-8")
    out = tmp_path_factory.mktemp("report") / "out"
    assert report.write(quick_study(None, folder=own), out) == out / "index.html"
    return out


def test_the_policy_of_the_page_names_the_script_that_is_in_it(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    scripts = re.findall(r'<script type="module">(.*?)</script>', html, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.search(r"script-src ([^;]+);", policy).group(1) == " ".join(f"'sha256-{h}'" for h in hashes)
    assert "unsafe-eval" not in policy


def tags(html):
    """Return every start tag with its attributes, as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_writes_every_file_and_leaves_nothing_else(folder):
    assert {p.name for p in folder.iterdir()} == {"index.html", "results.json", "figures"}
    kinds = {}
    for p in (folder / "figures").iterdir():
        kinds.setdefault(p.stem, set()).add(p.suffix)
    assert len(kinds) > 15 and set(map(frozenset, kinds.values())) == {frozenset({".csv", ".svg", ".png"})}
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in (folder / "figures").glob("*.png"))
    assert [p.name for p in folder.parent.iterdir()] == ["out"]


def test_the_file_is_small_enough_to_be_sent(folder):
    assert (folder / "index.html").stat().st_size < 3_000_000


def test_results_are_as_their_schema_says(folder):
    conforms("results", json.loads((folder / "results.json").read_text(encoding="utf-8")))


def test_page_loads_nothing_from_outside(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    loading = {"script", "img", "iframe", "link", "source", "object", "embed", "video", "audio"}
    assert [tag for tag in tags(html) if tag[0] in loading and {"src", "href", "data"} & set(tag[1])] == []
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_names_from_the_evidence_cannot_become_markup(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert [tag for tag, _ in tags(html)].count("script") == html.lower().count("</script>") == 2  # one holds data
    assert not [a for _, a in tags(html) if (a.get("href") or "").startswith("javascript:")]
    assert "Evil &lt;/script&gt;" in html


def test_every_figure_has_its_data_and_says_when_how_and_from_whom(folder):
    for place in (folder / "figures").glob("*.csv"):
        assert len(list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8"))))) > 1, place.name
        svg = re.sub(r"<[^>]+>", " ", place.with_suffix(".svg").read_text(encoding="utf-8"))
        assert "As of" in svg and ("Source" in svg or "leadtime" in svg), place.name


def test_every_figure_is_of_vega_lite():
    """The whole spec of a figure is held against the schema, wide and narrow."""
    from altair.vegalite.v6.schema import core

    from leadtime.answers.registry import ask

    study = quick_study("2026-11-23")
    for question in ("supply share", "lag headline", "rules timeline"):
        for width in (358, 1120):
            spec = ask(study, question).drawn().spec(width)
            core.Root.validate(
                {k: v for k, v in spec.items() if k != "config"}
            )  # raises where the schema does not hold


def test_a_second_report_replaces_the_first(tmp_path, monkeypatch):
    def figures(study):
        rows = [{"by": "=1+1", "median": v, "low": v - 1, "high": v + 1, "label": str(v)} for v in (1.0, 2.0)]
        table = Table(rows=rows, columns=(Column(key="median", title="Months", kind="spread"),))
        named = ["path", *(["model"] if study.has_model else [])]
        return [
            replace(
                of_table(table, "median", axis="months", stamp={}, label="label", name=n, title=n),
                data=pl.DataFrame(rows),
            )
            for n in named
        ]

    monkeypatch.setattr(page, "whole", lambda study: "<p>page")
    monkeypatch.setattr(results_of, "_figures", figures)
    report.write(FakeStudy(), tmp_path / "a/out")
    assert "model.csv" in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    report.write(FakeStudy(has_model=False), tmp_path / "a/out")
    assert "model.csv" not in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    assert "'=1+1" in (tmp_path / "a/out/figures/path.csv").read_text(encoding="utf-8")
    report.write(FakeStudy(), tmp_path / "a/out")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["out"]
    written = json.loads((tmp_path / "a/out/results.json").read_text(encoding="utf-8"))
    for name in ("lag_chn_usa", "lag_deepseek_v3"):
        e = written["estimates"][name]
        assert e["low"] < e["median"] < e["high"] and (e["unit"], e["level"]) == ("months", 0.9)
    assert written["stamp"]["evidence_hash"] == Evidence.hash and len(written["tables"]["abilities"]) == 60


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (1.0, 1)])
def test_computing_a_report_again_tells_every_value_that_came_out_otherwise(tmp_path, monkeypatch, shift, code):
    gather = results.gather
    place = tmp_path / "results.json"
    place.write_text(record.text(record.of(gather(FakeStudy()))), encoding="utf-8")
    monkeypatch.setattr(results, "gather", lambda study: gather(FakeStudy(shift)))
    monkeypatch.setattr(
        reproduce, "_require_same_evidence", lambda *a: None
    )  # the numbers are made up, and so is their hash
    done = CliRunner().invoke(app, ["reproduce", str(place), "--cached", "--json"])
    assert done.exit_code == code, done.output
    said = conforms("reproduction", json.loads(done.stdout))
    assert said["is_reproduced"] == said["is_same_file"] == (code == 0)
    moved = {
        d["at"]: d["here"] - d["recorded"] for d in said["differences"] if d["at"].startswith("estimates.lag_chn_usa.")
    }
    assert moved == (
        {k: pytest.approx(1.0) for k in (f"estimates.lag_chn_usa.{n}" for n in ("median", "low", "high"))}
        if code
        else {}
    )
    shown = CliRunner().invoke(app, ["reproduce", str(place), "--cached"]).stdout
    assert Evidence.hash in shown.splitlines()[-2] and max(map(len, shown.splitlines())) <= 80


def test_refuses_a_folder_with_other_files(tmp_path):
    (tmp_path / "thesis.docx").write_text("")
    with pytest.raises(LeadtimeError, match=r"thesis\.docx"):
        report.write(FakeStudy(), tmp_path)


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "results", lambda study: (results.gather(study), []))
    monkeypatch.setattr(page, "whole", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(FakeStudy(), tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("shift", "words"),
    [(0, "trailed the US frontier by"), (-7, "does not show that"), (-30, "were ahead of the US frontier")],
)
def test_headline_says_whichever_way_it_points(shift, words):
    study = FakeStudy(shift)
    said = results.headline(study.lag_headline())
    assert words in said and "against the year before" in said and "Now it is" in said


def test_headline_without_a_number():
    e = Estimate(name="x", unit="months", draws=np.array([np.nan]), definition="", as_of="2024-01-01")
    assert "does not say" in results.headline(
        Headline(past_year=e, change=None, p_grew=None, since=e, path=None, level=None)
    )


def test_readings_are_counted():
    grid = pl.DataFrame(
        {"median": [8.0, 5.0, None, 20.0], "low": [7.0, 3.0, None, 15.0], "high": [9.0, 8.0, None, 30.0]}
    )
    assert results.counts(grid) == (1, 2, 3)


def test_numbers_in_words():
    assert tables.months(-0.04, -1.26, 3) == "0.0 (−1.3 to 3.0)"
    assert tables.months(None, 1, 2) == "–"
    assert tables.months(float("nan"), 1, 2) == "–"


# -- in a browser
# -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(browser, folder, width, scheme):
    """The page, with its console errors and requests, and the name of its screenshot."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
    there = context.new_page()
    there.problems, there.asked, there.label = [], [], f"{width}-{scheme}"
    there.on("console", lambda m: there.problems.append(m.text) if m.type == "error" else None)
    there.on("pageerror", lambda e: there.problems.append(str(e)))
    there.on("request", lambda r: there.asked.append(r.url))
    there.goto((folder / "index.html").as_uri())
    yield there
    context.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def shown(request, browser, folder):
    """The page for one test alone."""
    with opened(browser, folder, *request.param) as there:
        yield there


@pytest.fixture(scope="module")
def phone(browser, folder):
    """The page on a phone, for tests that leave it as it is."""
    with opened(browser, folder, 390, "light") as there:
        yield there


class TestInBrowser:
    """What a reader of the file meets."""

    pytestmark = in_browser

    def test_is_shown_without_errors_overflow_or_requests(self, shown):
        shown.screenshot(path=SHOTS / f"report-{shown.label}.png", full_page=True)
        assert shown.problems == []
        assert [url for url in shown.asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert shown.locator("article.page").count() == len([p for p in pages().values() if p.offline])
        cut = shown.eval_on_selector_all(
            ".pic svg", "all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
        )
        assert cut == 0
        width, room = shown.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room

    def test_axe_finds_nothing(self, shown):
        shown.eval_on_selector_all("figcaption details", "all => all.slice(0, 3).forEach(d => d.open = true)")
        assert violations(shown) == []

    def test_the_first_screen_shows_the_charts_of_the_headline_whole(self, shown):
        ends = shown.eval_on_selector_all(
            "#answer .half .pic", "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().bottom)"
        )
        n = 2 if shown.label.startswith("1280") else 1
        assert all(end <= (900 if n == 2 else 844) for end in ends[:n])

    def test_on_a_phone_nothing_is_cut(self, phone):
        """Everything opened: no table is wider than its frame, and nothing than the screen."""
        phone.eval_on_selector_all("main details", "all => all.forEach(d => d.open = true)")
        cut = phone.eval_on_selector_all(
            ".scroll",
            "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-label'))",
        )
        assert cut == []
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        nameless = phone.eval_on_selector_all(
            ".stacks tbody td", "all => all.filter(e => e.dataset.head === undefined).length"
        )
        assert nameless == 0 and phone.locator(".stacks thead:visible").count() == 0

    def test_touch_targets_are_large_enough(self, phone):
        assert min(phone.eval_on_selector_all(".takes a, .takes button, .bar a, summary", EACH_HEIGHT)) >= 44

    def test_letters_of_charts_are_large_enough(self, phone):
        sizes = phone.eval_on_selector_all(
            ".pic svg",
            "all => all.filter(e => e.getClientRects().length).flatMap(s => { const k = s.getBoundingClientRect().width"
            " / s.viewBox.baseVal.width; return [...s.querySelectorAll('text')].map(t =>"
            " parseFloat(t.getAttribute('font-size')) * k); })",
        )
        assert min(sizes) >= 11.5

    def test_downloads(self, phone):
        with phone.expect_download() as waiting:
            phone.locator("#supply-share .takes summary").first.click()
            phone.locator("#supply-share .takes a[download]").first.click()
        assert waiting.value.suggested_filename == "supply-share.csv"
        with phone.expect_download() as waiting:
            phone.locator("#supply-share button[data-picture]").click()
        picture = Path(waiting.value.path()).read_text(encoding="utf-8")
        assert picture.startswith("<svg") and "var(--" not in picture and "China" in picture
        assert phone.problems == []

    def test_keyboard_reaches_the_skip_link_first_and_walks_the_points_of_a_chart(self, shown):
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.textContent") == "Skip to the report"
        shown.locator("#supply-share .pic:visible").focus()
        shown.keyboard.press("ArrowRight")
        first = shown.locator("#supply-share .tip").text_content()
        shown.keyboard.press("ArrowRight")
        assert "%" in first and shown.locator("#supply-share .tip").text_content() != first
        shown.keyboard.press("Escape")
        assert shown.locator("#supply-share .tip").count() == 0

    def test_every_link_within_the_page_has_a_target(self, phone):
        missing = phone.eval_on_selector_all(
            "a[href^='#']",
            "all => all.map(a => a.hash.slice(1)).filter(id => !document.getElementById(decodeURIComponent(id)))",
        )
        assert missing == []
