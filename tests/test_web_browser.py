"""The journeys of those who use the pages, in a real browser; screenshots are kept in test-output."""

import csv
import json
import os
import re
from pathlib import Path

import pytest
from leadtime.web.parts import PAGES

from axe_side import violations
from web_client import listening

sync = pytest.importorskip("playwright.sync_api")
BROWSER = os.environ.get("LEADTIME_CHROMIUM")
SHOTS = Path(__file__).parents[1] / "test-output"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not BROWSER, reason="no Chromium: `make test` installs one, or name it with LEADTIME_CHROMIUM"),
]


@pytest.fixture
def base(web):
    """The address of the server that other files ask too: what they asked for is there."""
    for path in ("/", "/?as_of=2025-01-29", *(f"/{name}" for name in PAGES)):
        assert web.get(path).status_code == 200  # it is kept: no browser waits for what is computed
    with listening(web) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync.sync_playwright() as p:
        opened = p.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, base, request):
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True, base_url=base)
    opened = context.new_page()
    opened.problems = []
    opened.on("console", lambda m: opened.problems.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: opened.problems.append(str(e)))
    yield opened
    SHOTS.mkdir(exist_ok=True)
    opened.screenshot(path=SHOTS / f"web-{request.node.name.removeprefix('test_')[:60]}.png", full_page=False)
    assert opened.problems == []
    context.close()


def test_how_far_behind_was_v3_and_on_what_definition(page):
    page.goto("/")
    page.get_by_role("link", name="Capability and lag").click()
    page.select_option("select[name=model]", "deepseek-v3")
    page.get_by_role("button", name="How far behind?").click()
    assert (
        page.locator("#found")
        .text_content()
        .startswith("DeepSeek-V3 was most likely 3.4 months behind America's best models")
    )
    assert page.locator("#found ~ .scroll tbody tr").count() == 5
    first = page.locator("#found ~ .scroll tbody td.number").all_text_contents()
    assert "model=deepseek-v3" in page.url
    page.reload()
    assert page.locator("#found ~ .scroll tbody td.number").all_text_contents() == first


def test_what_did_a_run_of_my_own_cost_and_a_slip_is_told(page):
    page.goto("/cost?chip=h100-sxm&gpu_hours=a+million")
    assert "is not a number" in page.get_by_role("alert").text_content()
    page.fill("form.ask input[name=gpu_hours]", "1000000")
    page.get_by_role("button", name="What did it cost?").click()
    assert "Rental" in page.locator("#found ~ .scroll").first.text_content()


def test_may_this_chip_be_shipped_and_why(page):
    page.goto("/rules")
    page.select_option("select[name=chip]", "h20")
    assert page.locator("#found").count() == 1  # it opens on an answer
    page.select_option("select[name=to]", "CHN")
    page.fill("input[name=on]", "2025-05-01")
    page.get_by_role("button", name="Is a license needed?").click()
    assert page.locator("#found").text_content() == "No, not without a license."
    page.get_by_text("How we got there").click()
    assert page.locator("details[open] tbody tr").count() > 10


def test_a_claim_opens_to_its_verdict_and_that_to_its_evidence(page):
    page.goto("/claims")
    page.select_option("#filter select[name=verdict]", "refuted")
    assert "of" in page.locator("#filter output").text_content()
    page.goto("/claims#claim-v3-7-10-months")
    page.locator("#claim-v3-7-10-months td a").first.click()
    page.wait_for_url("**/numbers#number-*")
    opened = page.locator("details.number-from[open]")
    assert "scores of deepseek-v3" in opened.text_content()
    opened.locator("a[href*='#source-']").first.click()
    assert "/methods#source-" in page.url


def test_rows_are_searched_and_downloaded(page):
    page.goto("/evidence")
    page.select_option("select[name=table]", "scores")
    page.fill("input[name=where]", "deepseek-v3")
    page.get_by_role("button", name="Look").click()
    said = page.locator("main p", has_text="rows that contain").first.text_content()
    n = int(re.search(r"has (\d+) rows", said).group(1))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="All of them as CSV").click()
    assert len(Path(waiting.value.path()).read_text().splitlines()) == n + 1


def test_the_same_question_as_it_stood_that_day(page):
    page.goto("/")
    page.fill("input[name=as_of]", "2025-01-29")
    page.get_by_role("button", name="Show").click()
    for _ in range(30):
        if "counted yet" in page.locator("h1").text_content():
            break
        page.wait_for_timeout(2000)
        page.reload()
    page.problems[:] = [p for p in page.problems if "503" not in p]
    assert "was not counted yet" in page.locator("h1").text_content()
    assert "as_of=2025-01-29" in page.url
    assert page.get_by_role("link", name="Cost").get_attribute("href") == "/cost?as_of=2025-01-29"


def test_a_chart_is_downloaded_as_data_and_as_pictures(page):
    page.goto("/cost")
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    name = page.locator(".chart").first.get_attribute("data-figure")
    for selector, ending in (
        ("a[download]", "csv"),
        ("button[data-kind=svg]", "svg"),
        ("button[data-kind=png]", "png"),
    ):
        with page.expect_download() as waiting:
            page.locator(f"#{name} {selector}").first.click()
        assert waiting.value.suggested_filename == f"{name}.{ending}"
    with page.expect_download() as waiting:
        page.locator(f"#{name} button[data-kind=json]").click()
    assert json.loads(Path(waiting.value.path()).read_text())["$schema"].startswith(
        "https://vega.github.io/schema/vega-lite"
    )


def test_a_table_is_sorted_by_its_numbers_up_and_down(page):
    page.goto("/evidence")
    page.get_by_role("button", name="Rows").click()

    def counts():
        return [int(t) for t in page.locator("tbody td.number").all_text_contents()]

    assert counts() == sorted(counts())
    page.get_by_role("button", name="Rows").click()
    assert counts() == sorted(counts(), reverse=True)
    assert page.locator("th[aria-sort=descending]").count() == 1


def test_our_own_record_is_shown_beside_its_baselines(page):
    page.goto("/record")
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    said = page.locator("main").text_content()
    assert "and we" in said  # where simple guesses had the lower score
    assert "No forecast is made of rule changes" in said
    assert page.locator("#record-forecasts + .scroll tbody tr").count() > 80


def test_everything_can_be_read_and_asked_without_scripts(browser, base):
    context = browser.new_context(java_script_enabled=False, base_url=base)
    page = context.new_page()
    page.goto("/rules?chip=h20&to=CHN&on=2025-05-01")
    assert page.locator("#found").text_content() == "No, not without a license."
    page.goto("/claims")
    page.locator("#claim-v3-7-10-months summary").click()
    assert page.locator("#claim-v3-7-10-months tbody tr").count() == 6
    context.close()


def test_rows_of_my_own_are_refused_by_row_then_join_every_page(page):
    page.goto("/evidence/own?table=models")
    page.set_input_files(
        "input[type=file]", {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"id,name\nMine,x\n"}
    )
    page.wait_for_function("document.getElementById('rows').value.length > 0")
    page.get_by_role("button", name="Check and add").click()
    assert "lacks the column" in page.get_by_role("alert").text_content()
    source = page.request.get("/api/v1/evidence/sources").json()["rows"][0]["id"]
    head = "id,name,organization,weights,reasoning,stage,released_on,known_on,source"
    page.fill("#rows", f"{head}\nour-model,Our Model,deepseek,open,maybe,instruct,2026-01-01,2026-01-01,{source}\n")
    page.get_by_role("button", name="Check and add").click()
    assert "column reasoning: found 'maybe'" in page.get_by_role("alert").text_content()
    page.fill("#rows", page.input_value("#rows").replace("maybe", "true"))
    page.get_by_role("button", name="Check and add").click()
    for _ in range(60):
        if page.locator("aside.own").count():
            break
        page.wait_for_timeout(2000)
        page.reload()
    page.problems[:] = [p for p in page.problems if "400" not in p and "503" not in p]
    assert "models: 1 added" in page.locator("aside.own").text_content()
    page.fill("input[name=where]", "our-model")
    page.get_by_role("button", name="Look").click()
    assert page.locator("main p", has_text="has 1 row that contains").count() == 1
    assert "study=" in page.url and "study=" in page.get_by_role("link", name="Cost").get_attribute("href")


def test_a_table_is_taken_as_csv_and_a_chart_to_embed(browser, base):
    context = browser.new_context(
        base_url=base, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
    )
    page = context.new_page()
    page.goto("/lag?model=deepseek-v3")
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Table as CSV: DeepSeek-V3 was most likely")).click()
    lines = list(csv.reader(Path(waiting.value.path()).read_text().splitlines()))
    assert (
        ",".join(lines[0]) == "Measured by,Months behind,Months behind (low),Months behind (high)" and len(lines) == 6
    )
    low, high = (float(lines[2][i]) for i in (2, 3))  # the first has a few values instead
    assert low < high
    page.get_by_role("button", name=re.compile("Copy to embed")).first.click()
    page.wait_for_selector("button:has-text('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("<figure><svg") and "<script" not in copied and "<figcaption><a href=" in copied
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_fit_and_axe_finds_nothing(browser, base, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=base)
    page = context.new_page()
    for name in (*PAGES, "evidence/own") if width == 390 else ("", "rules", "scenarios", "evidence"):
        page.goto(f"/{name}")
        room, wide = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= room, name
        if name not in ("numbers", "methods"):
            assert violations(page) == [], name
        heights = page.eval_on_selector_all(
            "form button, form input:not([type=hidden]):not([type=checkbox]), form select",
            "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)",
        )
        assert min(heights, default=44) >= 43
    context.close()


def test_keys_alone_reach_the_answer(page):
    page.goto("/lag")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "model"


def test_the_api_is_described(page, base):
    found = page.request.get("/api/v1/openapi.json").json()
    assert json.dumps(found).count('"operationId"') >= 20
