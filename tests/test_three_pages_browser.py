"""The pages on rules, claims and cost in a real browser: what is seen first, what is cut, what axe finds, what a choice
shows.
"""

import datetime as dt

import pytest

from axe_side import violations
from browser_side import in_browser
from leadtime.report import html
from leadtime.report.claimed import Card, Reading
from leadtime.report.pages import claims, cost
from leadtime.report.site import View, pages
from leadtime.web.filled import Shared, around
from studies import quick_study

pytestmark = in_browser
WIDTHS = (390, 768, 1280, 1920)


def card(i, verdict, shape, support="measured", n=3):
    bars = [
        Reading(
            name=f"Reading {k}",
            chance="55",
            of_100=55.0,
            then="",
            support=support,
            ours="5 (4 to 6) months",
            note="Our middle value would have to rise to 7",
            was=None,
        )
        for k in range(n)
    ]
    return Card(
        id=f"c{i}",
        words=f"“Words of claim {i}”",
        who="Somebody" if i % 2 else "Another",
        when="May 1, 2025",
        said_on=f"2025-05-{i + 1:02}",
        summary=False,
        verdict=verdict,
        shape=shape,
        title=verdict.capitalize(),
        sentence="True on all three readings.",
        topic="Cost",
        rests=support,
        readings=bars,
        link=f"/claims?claim=c{i}",
        source=("A source", ""),
        note="",
        missing="",
    )


CARDS = [
    card(i, v, s, "simulated" if i == 3 else "measured")
    for i, (v, s) in enumerate(
        [
            ("holds", "disk"),
            ("depends", "ways"),
            ("does not hold", "slashed"),
            ("open", "half"),
            *[("holds", "disk")] * 6,
        ]
    )
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The pages as the server makes them, each a file with its style and script inside."""
    folder, patch = tmp_path_factory.mktemp("pages"), pytest.MonkeyPatch()
    patch.setattr(claims, "cards", lambda view: CARDS)
    patch.setattr(claims, "opened", lambda view, one: None)
    patch.setattr(cost, "chapters", lambda *_: [])
    study, files = quick_study(dt.date(2026, 11, 30)), {}
    asked = {"rules": {}, "claims": {}, "cost": {"models": ("deepseek-v3", "llama-3-1-405b")}}
    for path, fields in asked.items():
        view = View(study=study, asked=fields, live=True)
        body = html.body(pages()[path], view, "base.html", **around(path, Shared(None, ""), fields))
        body = body.replace("</head>", f"<style>{html.style()}</style></head>")
        body = body.replace("</body>", f'<script type="module">{html.script()}</script></body>')
        (folder / f"{path}.html").write_text(body, encoding="utf-8")
        files[path] = (folder / f"{path}.html").as_uri()
    whole = "".join(html.body(pages()[path], View(study=study)) for path in asked)
    patch.undo()
    (folder / "offline.html").write_text(whole, encoding="utf-8")
    return files | {"offline": (folder / "offline.html").as_uri()}


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", ["rules", "claims", "cost"])
def test_nothing_is_cut_and_axe_finds_nothing(browser, made, path, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(made[path])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        small = page.evaluate(
            """() => [...document.querySelectorAll('.pic')].filter(p => p.offsetParent).flatMap(p => {
            const svg = p.querySelector('svg'), scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const sizes = [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize) * scale);
            return sizes.filter(s => s < 11.9)})"""
        )
        assert not small, (width, small[:3])
    assert not violations(page)
    page.close()


def test_the_verdict_is_seen_at_once_on_a_phone_and_is_the_largest_type(browser, made):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(made["rules"])
    box = page.locator("h1.verdict").bounding_box()
    assert box["y"] > 0 and box["y"] + box["height"] < 844
    sizes = page.evaluate("[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert max(sizes) == 34
    assert page.locator(".matrix td span").first.bounding_box()["width"] <= 1  # letters only
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("getComputedStyle(document.querySelector('h1.verdict')).fontSize") == "52px"
    page.locator("#rules-all summary").click()
    page.fill("#rules-all input", "h20")
    assert page.locator("#rules-all tbody tr:not([hidden])").count() < page.locator("#rules-all tbody tr").count()
    page.close()


def test_without_a_server_no_control_stands_that_cannot_work_and_each_id_is_there_once(browser, made):
    page = browser.new_page()
    page.goto(made["offline"])
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) and not {"rules", "claims", "cost"} & set(ids)
    assert page.locator("form:not([hidden])").count() == 0
    assert page.locator("a[href^='/']").count() == 0
    page.close()


def test_claims_are_chosen_where_they_stand(browser, made):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(made["claims"])
    seen = page.locator("#claims-cards > .claim:not([hidden], .later)")
    assert seen.count() == 6 and page.locator("#claims-more").inner_text() == "Show 4 more"
    page.locator("#claims-more").click()
    assert seen.count() == 10
    page.locator("[data-verdict='does not hold'].claim, a[data-verdict='does not hold']").first.click()
    assert seen.count() == 1 and "verdict=does" in page.url
    page.locator("a[data-verdict='does not hold']").click()
    page.select_option("select[name=rests]", "simulated")
    assert seen.count() == 1
    page.fill("#claims-filter input[name=q]", "no such words")
    assert seen.count() == 0 and page.locator("#claims-none").is_visible()
    page.locator("#claims-none a").click()
    assert seen.count() == 10
    page.close()


def test_a_pointer_and_the_keys_find_the_costs(browser, made):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(made["cost"])
    chart = page.locator("#cost-compare .pic.desk")
    chart.focus()
    page.keyboard.press("ArrowRight")
    said = chart.locator(".tip").inner_text().split("\n")
    assert "wear and power" in said[0] and " to " in said[1]
    page.close()
