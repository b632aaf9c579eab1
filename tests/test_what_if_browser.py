"""What if? and Effect in a real browser: without a server, with one, without scripts; nothing is cut, and axe finds
nothing.
"""

import datetime as dt
import re
import time
from pathlib import Path

import pytest

from axe_side import violations
from browser_side import in_browser
from leadtime.report import html, site
from leadtime.report.pages import what_if
from studies import quick_study
from web_client import listening

SHOTS = Path(__file__).parents[1] / "test-output"
pytestmark = in_browser
#: Moves a slider, waits until the sentence below it is new, and returns the milliseconds.
_MOVE = """([lever, value]) => new Promise((done) => {
  const slider = document.querySelector(`[data-lever=${lever}] input[type=range]`), begun = performance.now();
  const seen = new MutationObserver(() => { seen.disconnect(); done(performance.now() - begun); });
  seen.observe(document.querySelector("[data-detail]"), { childList: true, characterData: true, subtree: true });
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""
_SIZES = ((390, 844), (768, 1024), (1280, 900), (1920, 1080))


def asked(web, path):
    """Return what the server has of an address, once it is computed: no browser waits for it."""
    for _ in range(1200):
        found = web.get(path)
        if found.status_code == 200:
            return found.text
        assert found.status_code in (202, 503), found.text[:300]
        time.sleep(0.5)
    raise AssertionError(f"{path} never came")


@pytest.fixture(scope="module")
def study():
    return quick_study("2026-11-30")


@pytest.fixture(scope="module")
def report(study, tmp_path_factory):
    """The page in a file as the report holds it; its tables in numbers are another test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(what_if, "chapters", lambda *a: [])
        body = html.ours(html.body(site.pages()["what-if"], site.View(study=study)))
    made = [{"path": "what-if", "name": "What if?", "body": body}]
    given = {
        "headline": "What if?",
        "stamp": dict(study.stamp),
        "overlays": (),
        "style": html.ours(html.style(embedded=True)),
    }
    text = (
        html.environment()
        .get_template("index.html")
        .render(pages=made, script=html.ours(html.script()), policy=html.ours(html.policy()), **given)
    )
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def tab(browser):
    """Makes a page of a size; what the console says against it fails the test."""
    opened, problems = [], []

    def make(width=1280, height=900, **more):
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: problems.append(str(e)))
        opened.append(context)
        return page

    yield make
    for context in opened:
        context.close()
    assert problems == []


def test_without_a_server_sliders_move_the_sentence_the_chart_and_the_tiles(report, tab):
    page = tab()
    page.goto(report)
    before = page.locator("[data-sentence]").text_content()
    chart = page.locator("#what-if-gap .pic.desk svg").inner_html()
    page.evaluate(_MOVE, ["diversion_cut", 50])
    took = sorted(page.evaluate(_MOVE, ["uptake", value]) for value in range(20, 60, 2))
    after = page.locator("[data-sentence]").text_content()
    assert after != before and "58%" in after and "half of smuggling is stopped" in after
    assert page.locator("#what-if-gap .pic.desk svg").inner_html() != chart
    assert "Today's rules: " in page.locator("[data-tile=lag]").text_content()
    page.wait_for_selector("[data-alone]:not([hidden]) svg")
    assert took[-2] < 5000  # a bound against hanging; the note of the change has what was measured on an idle machine
    page.locator(".panel > .tools [data-back]").click()
    page.wait_for_function("text => document.querySelector('[data-sentence]').textContent === text", arg=before)
    page.get_by_role("button", name="Tougher rules").click()
    page.wait_for_function(
        "() => document.querySelector('[data-sentence]').textContent.includes('next to no AI chips')"
    )
    assert page.locator("[data-lever=offshore_cut] input[name]").input_value() == "70"
    page.locator(".panel > .tools [data-undo]").click()
    page.wait_for_function("text => document.querySelector('[data-sentence]').textContent === text", arg=before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_and_axe_finds_nothing(report, tab, scheme):
    for width, height in _SIZES:
        page = tab(width, height, color_scheme=scheme)
        page.goto(report)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.evaluate(
            "() => [...document.querySelectorAll('.pic svg text')].filter(t => t.closest('.pic').offsetParent).map(t =>"
            " parseFloat(getComputedStyle(t).fontSize) * t.closest('svg').getBoundingClientRect().width /"
            " t.closest('svg').viewBox.baseVal.width).filter(size => size < 11.9)"
        )
        assert small == []
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"lab-{width}-{scheme}.png", full_page=True)
        if width in (390, 1280):
            assert violations(page) == []


def test_a_phone_has_a_sheet_and_the_sentence_stays_in_sight(report, tab):
    page = tab(390, 844, has_touch=True)
    page.goto(report)
    sheet = page.locator("form.panel.sheet")
    assert sheet.bounding_box()["height"] < 90
    sheet.get_by_role("button", name="Change the rules").click()
    assert 0.4 * 844 < sheet.bounding_box()["height"] <= 0.57 * 844
    page.evaluate(_MOVE, ["uptake", 80])
    assert page.locator("[data-sentence]").bounding_box()["y"] < 200
    assert "1 changed" in page.locator("[data-count]").text_content()
    sheet.get_by_role("button", name="Done").click()
    assert sheet.bounding_box()["height"] < 90


def test_a_server_answers_and_the_address_holds_what_was_set(web, browser):
    path = "/what-if?uptake=60&from=2027-01-01"
    asked(web, path)
    with listening(web) as base:
        plain = browser.new_context(java_script_enabled=False, base_url=base).new_page()
        plain.set_default_timeout(180_000)  # what is asked without a script is computed while one waits
        plain.goto(path)
        assert "60%" in plain.locator("h1").text_content() and plain.locator("#what-if-gap svg").count() >= 1
        assert plain.locator("input[name=diversion_cut]").input_value() == "0"
        plain.fill("input[name=diversion_cut]", "50")
        plain.get_by_role("button", name="Show what follows").click()
        plain.locator("h1", has_text="half of smuggling").wait_for()
        page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=base).new_page()
        page.goto(path)
        page.evaluate(_MOVE, ["uptake", 70])  # a question of the API: the page itself is not asked again
        assert "70%" in page.locator("h1").text_content()
        assert "uptake=70" in page.url and "hbm_cut" not in page.url
        said = page.locator("h1").text_content()
        assert "uptake%3D0.7" in page.locator("[data-same]").get_attribute("href")
        asked(web, page.url.removeprefix(base))
        page.locator("#what-if-gap .takes summary").first.click()  # what is taken is of the rules that are shown
        page.wait_for_function(
            "() => document.querySelector('#what-if-gap .takes a').href.includes('uptake%3D0.7')", timeout=180_000
        )
        page.reload()
        assert page.locator("h1").text_content() == said
        for opened in (plain, page):
            opened.context.close()


def test_every_day_of_start_is_one_that_can_be_asked(study):
    days = what_if._starts(study.as_of, dt.date(2027, 1, 1))
    assert days[0][0] == "2027-01-01" and len(days) == 8


def test_the_effect_is_read_off_the_grid_and_nothing_is_cut(web, tab):
    asked(web, "/effect")
    with listening(web) as base:
        for width, height in _SIZES:
            page = tab(width, height)
            page.goto(f"{base}/effect")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            SHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SHOTS / f"effect-{width}.png", full_page=True)
        page.locator("table.grid td[data-words]").nth(2).click()
        first = page.locator(".picked").text_content()
        assert "times the computing" in first
        page.keyboard.press("ArrowDown")
        assert page.locator(".picked").text_content() != first
        page.select_option("form.pair select[name=reading]", "accounting")
        assert re.search(r"Together: -?\d", page.locator("form.pair output").text_content())
        assert violations(page) == []


def test_no_sentence_of_the_effect_gives_one_number_without_the_word_simulation(web):
    """A sentence that says months of an effect has a range, a bound, or says that it is simulated."""
    text = asked(web, "/effect")
    text = re.sub(
        r"<details.*?</details>|<table.*?</table>|<(script|style|svg).*?</\1>|data-[a-z]+=\"[^\"]*\"",
        " ",
        text,
        flags=re.S,
    )
    words = re.sub(r"\s+", " ", re.sub(r"<(?:/?(?:p|li|h\d|div|option|section|figcaption))[^>]*>", " . ", text))
    for said in re.split(r"(?<=[.!?]) ", re.sub(r"<[^>]+>", "", words)):
        if re.search(r"\b(effect|added|add|cost|lengthen|widen)", said, re.I) and re.search(
            r"\d[\d.]* months?|(one|two|three|four|five|six) months?", said
        ):
            assert re.search(r" to |between|under|up to|at most|nothing|more than|simulat", said), said
