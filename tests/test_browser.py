"""The report in a browser: desk and phone, light and dark, no errors, no overflow, axe finds nothing."""

import contextlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from altair.vegalite.v6.schema import core

sys.path.insert(0, str(Path(__file__).parent))
from axe_side import violations
from conforms import conforms
from leadtime import report
from leadtime.study import Study

CHROMIUM = os.environ.get("LEADTIME_CHROMIUM", shutil.which("chromium", path="/usr/bin"))
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update"]  # fmt: skip
SHOTS = Path(__file__).parent.parent / "test-output"
#: A report written before (by `leadtime report`), to look at in place of the made-up one.
READY = os.environ.get("LEADTIME_REPORT")

EACH_HEIGHT = "all => all.filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().height)"  # of those that are shown
#: Each width and each scheme once: what axe looks at takes it twenty seconds.
TWICE = pytest.mark.parametrize(
    "shown", [(1280, "light"), (390, "dark")], ids=["1280-light", "390-dark"], indirect=True
)
ONCE = pytest.mark.parametrize("shown", [(390, "light")], ids=["390-light"], indirect=True)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium: LEADTIME_CHROMIUM is empty, or not set and /usr/bin/chromium is missing"
    ),
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The whole report but the pictures in PNG, which are those in SVG again: `test_report` writes and looks at some."""
    SHOTS.mkdir(exist_ok=True)
    if READY:
        return Path(READY) / "index.html"
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr("vl_convert.svg_to_png", lambda svg, scale: b"")
        return report.write(Study(method="map", draws=200), tmp_path_factory.mktemp("browser") / "out")


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@contextlib.contextmanager
def drawn(browser, page_file, width, scheme):
    """The page, drawn, with its console errors and requests, and the name of its screenshot."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
    page = context.new_page()
    page.problems, page.asked, page.label = [], [], f"{width}-{scheme}"
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.problems.append(str(e)))
    page.on("request", lambda r: page.asked.append(r.url))
    page.goto(page_file.as_uri())
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    yield page
    context.close()


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def shown(request, browser, page_file):
    """The page for one test alone."""
    with drawn(browser, page_file, *request.param) as page:
        yield page


@pytest.fixture(scope="module")
def phone(browser, page_file):
    """The page on a phone, for tests that leave it as it is."""
    with drawn(browser, page_file, 390, "light") as page:
        yield page


def test_results_of_the_whole_report_are_as_their_schema_says(page_file):
    conforms("results", json.loads(page_file.with_name("results.json").read_text(encoding="utf-8")))


def test_draws_without_errors_overflow_or_requests(shown, page_file):
    shown.screenshot(path=SHOTS / f"report-{shown.label}.png", full_page=True)
    assert shown.problems == []
    assert [url for url in shown.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    expected = set(shown.eval_on_selector_all(".chart", "all => all.map(c => c.dataset.figure)"))
    assert expected == {p.stem for p in (page_file.parent / "figures").glob("*.csv")}
    assert {"cost-curve", "fork", "rules-plane", "v3-cost"} <= expected
    for name in expected:
        assert shown.locator(f".chart[data-figure={name}] svg").count() == 1
        right = shown.eval_on_selector(f".chart[data-figure={name}] svg", "e => e.getBoundingClientRect().right")
        assert right <= shown.viewport_size["width"]
    width, room = shown.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


@TWICE
def test_axe_finds_nothing(shown):
    # three of each kind of details: the rest are alike, and axe looks at every cell of their tables
    for kind in ("figure details", "details.claim", "details.number-from", "section > details"):
        shown.eval_on_selector_all(kind, "all => all.slice(0, 3).forEach(d => d.open = true)")
    assert violations(shown) == []


@ONCE
def test_on_a_phone_no_section_is_cut(shown):
    """Everything opened: no table is wider than its frame, and nothing in any section than the screen."""
    shown.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
    sections = shown.eval_on_selector_all("main section", "all => all.map(s => s.getAttribute('aria-labelledby'))")
    assert {"answer", "figures", "tables", "cost", "curve", "rules", "effect", "fork", "claims", "record", "numbers", "method", "sources"} <= set(sections)  # fmt: skip
    cut = shown.eval_on_selector_all(
        ".scroll", "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label'))"
    )
    assert cut == []
    wide = shown.eval_on_selector_all(
        "main section, header, footer",
        "all => all.filter(e => e.scrollWidth > innerWidth).map(e => e.getAttribute('aria-labelledby') || e.tagName)",
    )
    assert wide == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_every_cell_says_what_it_is(phone):
    """Without a head row each value carries the words of its column."""
    assert phone.locator(".stacks thead:visible").count() == 0
    nameless = phone.eval_on_selector_all(".stacks tbody td", "all => all.filter(e => !e.dataset.head).length")
    assert nameless == 0
    shown = phone.eval_on_selector("#china-share ~ .scroll td", "e => getComputedStyle(e, '::before').content")
    assert shown == '"Compared"'


def test_touch_targets_are_large_enough(phone):
    heights = phone.eval_on_selector_all(".tools a, .tools button, nav a, summary", EACH_HEIGHT)
    assert min(heights) >= 44


def test_downloads(phone):
    for selector, ending in (
        ("a[download]", "csv"),
        ("button[data-kind=svg]", "svg"),
        ("button[data-kind=png]", "png"),
    ):
        with phone.expect_download() as waiting:
            phone.locator(f"#frontiers {selector}").click()
        assert waiting.value.suggested_filename == f"frontiers.{ending}"
        assert Path(waiting.value.path()).stat().st_size > 500
    assert phone.problems == []


@ONCE
def test_keyboard_reaches_the_skip_link_first(shown):
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip to the report"


def test_json_in_the_page_is_valid_and_every_figure_is_of_vega_lite(phone):
    held = json.loads(phone.locator("#report").text_content())
    assert set(held) == {"figures", "light", "dark"}
    for figure in held["figures"].values():
        core.Root.validate(figure["page"])  # raises where the schema of Vega-Lite does not hold


@ONCE
def test_claims_are_filtered_and_a_link_brings_the_selection_back(shown, page_file):
    seen = "all => all.filter(e => !e.hidden).length"
    everything = shown.eval_on_selector_all("details.claim", seen)
    assert everything >= 30
    shown.select_option("#filter select[name=verdict]", "refuted")
    refuted = shown.eval_on_selector_all("details.claim", seen)
    assert 0 < refuted < everything
    shown.fill("#filter input[name=text]", "no claim says this")
    assert shown.eval_on_selector_all("details.claim", seen) == 0
    assert shown.locator("#filter output").text_content() == f"0 of {everything} claims"
    shown.goto(f"{page_file.as_uri()}#claims?verdict=refuted")
    shown.reload()
    shown.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    assert shown.eval_on_selector_all("details.claim", seen) == refuted


@ONCE
def test_a_verdict_opens_to_its_evidence_in_two_clicks(shown):
    shown.locator("#claim-v3-7-10-months summary").click()
    shown.locator("#claim-v3-7-10-months td a").first.click()
    opened = shown.locator("details.number-from[open]")
    opened.first.wait_for(timeout=60_000)  # the page hears of its new address when it gets to it
    assert opened.count() == 1
    assert "scores of deepseek-v3" in opened.text_content()
    assert opened.locator("a[href^='#source-']").count() >= 3


def test_every_link_within_the_page_has_a_target(phone):
    missing = phone.eval_on_selector_all(
        "a[href^='#']",
        "all => all.map(a => a.hash.slice(1)).filter(id => !document.getElementById(decodeURIComponent(id)))",
    )
    assert missing == []
