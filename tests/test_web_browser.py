"""The journeys of those who use the pages, in a real browser; screenshots are kept in test-output."""

import json
import re
from pathlib import Path

import pytest

from axe_side import violations
from browser_side import in_browser
from leadtime.report.site import pages
from web_client import listening

PAGES = tuple(pages())

SHOTS = Path(__file__).parents[1] / "test-output"
pytestmark = in_browser


@pytest.fixture
def base(web):
    """The address of the server that other files ask too: what they asked for is there."""
    for path in ("/", "/?as_of=2025-01-29", *(f"/{name}" for name in PAGES)):
        assert web.get(path).status_code == 200  # it is kept: no browser waits for what is computed
    with listening(web) as address:
        yield address


@pytest.fixture
def page(browser, base, request):
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True, base_url=base)
    opened = context.new_page()
    opened.problems, opened.expected = [], ""
    opened.on("console", lambda m: opened.problems.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: opened.problems.append(str(e)))
    yield opened
    SHOTS.mkdir(exist_ok=True)
    opened.screenshot(path=SHOTS / f"web-{request.node.name.removeprefix('test_')[:60]}.png", full_page=False)
    assert [p for p in opened.problems if not (opened.expected and opened.expected in p)] == []
    context.close()


def test_the_first_screen_shows_the_charts_of_the_headline_whole(page):
    for width, height, n in ((1280, 900, 2), (390, 844, 1)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/")
        ends = page.eval_on_selector_all(
            ".half .pic", "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().bottom)"
        )
        assert all(end <= height for end in ends[:n]), (width, ends)


def test_how_far_behind_was_v3(page):
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Models", exact=True).first.click()
    page.goto("/models?model=deepseek-v3")
    said = page.locator("h1").text_content()
    assert said.startswith("DeepSeek-V3 came out 3.4 months after its first US equal")
    page.reload()
    assert page.locator("h1").text_content() == said


def test_what_did_a_run_of_my_own_cost_and_a_slip_is_told(page):
    page.expected = "422"
    page.goto("/cost?chip=h100-sxm&gpu_hours=a+million")
    assert "is not a number" in page.get_by_role("alert").first.text_content()


def test_may_this_chip_be_shipped_and_why(page):
    page.goto("/rules?chip=h20&to=CHN&on=2025-05-01")
    assert page.locator("h1").text_content().startswith("No, not without a license")


def test_a_number_of_a_claim_opens_to_its_evidence(page):
    page.goto("/how")
    opened = page.locator("details.number-from").first
    opened.locator("summary").click()
    opened.locator("a[href*='#source-']").first.click()
    assert "#source-" in page.url and page.locator("li:target").count() == 1


def test_rows_are_searched_and_downloaded(page):
    page.goto("/data")
    page.select_option("select[name=table]", "scores")
    page.fill("input[name=where]", "deepseek-v3")
    page.get_by_role("button", name="Look").click()
    n = int(re.search(r"has (\d+) rows", page.locator("h1").text_content()).group(1))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="All of them as CSV").click()
    assert len(Path(waiting.value.path()).read_text().splitlines()) == n + 1


def test_the_same_question_as_it_stood_that_day(page):
    page.goto("/")
    page.get_by_text("Known to").click()
    page.get_by_role("link", name="January 29, 2025").click()
    assert "was not counted yet" in page.locator("h1").text_content()
    assert "You see what was known on January 29, 2025" in page.locator(".strip.past").text_content()
    assert page.locator(".places").get_by_role("link", name="Cost").get_attribute("href") == "/cost?as_of=2025-01-29"


def test_a_chart_has_an_address_as_data_and_as_pictures_and_can_be_embedded(page):
    page.goto("/")
    figure = page.locator("#supply-share")
    figure.locator("summary", has_text="Data").click()
    links = {a.text_content().split(":")[0]: a.get_attribute("href") for a in figure.locator(".takes a").all()}
    data = page.request.get(links["CSV"])
    assert data.headers["content-type"].startswith("text/csv") and "quarter_middle" in data.text()
    assert 'study.figure("supply share")' in figure.locator("pre.code").text_content()
    assert page.request.get(links["PNG"]).body().startswith(b"\x89PNG")
    assert page.request.get(links["PDF"]).body().startswith(b"%PDF")
    spec = page.request.get(links["Vega-Lite"]).json()
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite")
    assert page.request.get(links["JSON"]).json()["question"] == "supply share"
    page.goto(links["CSV"].replace("/chart/", "/embed/").replace(".csv", ""))
    assert page.locator("figure svg:visible").count() == 1


def test_a_pointer_a_tap_and_the_arrow_keys_find_the_points_of_a_chart(page):
    page.goto("/")
    chart = page.locator("#lag-headline .pic:visible")
    chart.hover()
    assert "months" in page.locator("#lag-headline .tip").text_content()
    page.mouse.move(0, 0)
    chart.focus()
    page.keyboard.press("ArrowRight")
    assert "months" in page.locator("#lag-headline .tip").text_content()


def test_search_is_reached_by_a_key_and_leads_there(page):
    page.goto("/glossary")
    page.keyboard.press("/")
    page.keyboard.type("deepseek-v3")
    page.wait_for_selector(".found a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models?model=deepseek-v3*")


def test_a_table_is_sorted_by_its_numbers_up_and_down(page):
    page.goto("/data?table=chips")
    head = page.locator("thead th").nth(1).locator("button")
    head.click()
    first = page.locator("tbody tr").first.text_content()
    head.click()
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert page.locator("tbody tr").first.text_content() != first


def test_our_own_record_is_shown_beside_its_baselines(page):
    page.goto("/record")
    said = page.locator("main").text_content()
    assert "We make no forecast of rule changes" in said
    assert page.locator("figure svg:visible").count() > 0


def test_everything_can_be_read_and_asked_without_scripts(browser, base):
    context = browser.new_context(java_script_enabled=False, base_url=base)
    page = context.new_page()
    page.goto("/rules?chip=h20&to=CHN&on=2025-05-01")
    assert page.locator("h1").text_content().startswith("No, not without a license")
    page.goto("/")
    assert page.locator("#supply-share svg:visible").count() == 1
    page.goto("/search?q=h20")
    assert page.locator("main li").count() > 0
    context.close()


def test_scores_of_my_own_in_one_step(page):
    page.goto("/own")
    page.fill(
        "#scores",
        "model;benchmark;score\nOur Next;GPQA diamond;71,2%\nOur Next;MMLU-Pro;78%\nOur Next;SWE-bench"
        " Verified;62%\nOur Next;LiveCodeBench v6;60%\nOur Next;SimpleQA;40%\n",
    )
    page.get_by_role("button", name="How far behind?").click()
    page.locator("input[type=date][name='day.our-next']").fill("2026-10-01")
    page.locator("select[name='country.our-next']").select_option("USA")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/models?study=*", timeout=120_000)
    assert "Our Next" in page.locator("main").text_content()
    assert "models: 1 added" in page.locator("aside.own").text_content()


def test_rows_of_any_table_are_refused_by_row(page):
    page.expected = "400"
    page.goto("/own/table?table=models")
    page.fill("#rows", "id,name\nMine,x\n")
    page.get_by_role("button", name="Check and add").click()
    assert "is missing" in page.get_by_role("alert").text_content()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_fit_and_axe_finds_nothing(browser, base, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=base)
    page = context.new_page()
    for name in (*PAGES, "own", "own/table", "search?q=h"):
        page.goto(f"/{name}")
        room, wide = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= room, name
        if name != "how":  # hundreds of alike parts: one is looked at below
            assert violations(page) == [], name
        heights = page.eval_on_selector_all(
            "form button, form input:not([type=hidden]):not([type=checkbox]):not([type=radio]), form select",
            "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)",
        )
        assert min(heights, default=44) >= 43, name
    context.close()


def test_tables_are_cut_at_no_width(browser, base):
    context = browser.new_context(base_url=base)
    page = context.new_page()
    for name in ("", "models", "effect", "claims", "record"):
        for width in (390, 768, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"/{name}")
            page.evaluate("document.querySelectorAll('details.about').forEach(d => d.open = true)")
            cut = page.eval_on_selector_all(
                ".scroll",
                "all => all.filter(e => e.offsetParent && !e.classList.contains('matrix') && e.scrollWidth >"
                " e.clientWidth + 1).map(e => e.ariaLabel)",
            )
            assert cut == [], (name, width)
    context.close()


def test_keys_alone_reach_the_answer(page):
    page.goto("/data")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_front_page_is_light(page):
    sizes = []
    page.on("response", lambda r: sizes.append(int(r.headers.get("content-length", 0))))
    page.goto("/", wait_until="networkidle")
    assert 20_000 < sum(sizes) < 250_000


def test_the_api_is_described(page, base):
    found = page.request.get("/api/v1/openapi.json").json()
    assert json.dumps(found).count('"operationId"') >= 20
