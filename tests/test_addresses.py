"""Every chart of every page has addresses where it stays, as numbers and as a picture, with what was chosen."""

import csv
import html
import io
import json
import re
import time

import pytest

from leadtime.report.site import pages

#: Pages as a reader finds them, and with a choice that their charts have to honor.
CHOSEN = (
    "chips?names=CHN&names=USA&scale=log&since=2023-01-01",
    "models?names=deepseek-v3&names=CHN&definition=age_of_matched&bands=off",
    "models?tab=about",
    "cost?models=deepseek-v3&models=gpt-4&models=grok-4&scale=linear",
    "rules?chip=h20&to=CHN&on=2025-05-01",
    "what-if?uptake=60&diversion_cut=50&by=2027Q4&rules=strengthened",
    "claims?claim=controls-slow-china",
)
#: Pages that have no chart.
BARE = {"how", "moved", "data", "glossary", "own", "methods"}


def words(text):
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", text)))


def found(text, pattern):
    return html.unescape(re.search(pattern, text, re.DOTALL)[1])


def asked(web, path):
    """What the server has of an address, once it is computed."""
    for _ in range(600):
        answer = web.get(path, headers={"accept": "text/html"})
        if answer.status_code not in (202, 503):
            break
        time.sleep(1)
    assert answer.status_code == 200, path
    return answer


#: Pages whose addresses are followed at once; those of the others are, where there is time.
QUICK = ("rules", "record", "what-if", *BARE)


@pytest.mark.parametrize(
    "path", [pytest.param(p, marks=() if p in QUICK else pytest.mark.slow) for p in (*pages(), *CHOSEN)]
)
def test_every_chart_of_a_page_has_addresses_that_hold_it(web, path):
    page = asked(web, f"/{path}").text
    figures = re.findall(r'<figure class="fig.*?</figure>', page, re.DOTALL)
    drawn = [f for f in figures if 'class="pic ' in f and "<svg" in f]
    assert bool(drawn) == (path not in BARE)
    for figure in drawn:
        name = found(figure, r'id="([^"]*)"')
        links = {
            html.unescape(w): html.unescape(a) for a, w in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', figure)
        }
        assert {"CSV", "JSON", "Vega-Lite", "SVG", "PNG", "PDF"} <= set(links), name
        caption = found(figure, r"<summary>About this chart</summary><p>(.*?)</p>")
        rows = list(csv.DictReader(io.StringIO(asked(web, links["CSV"]).text)))
        assert {r["source"] for r in rows} == {caption}, name
        told = asked(web, links["JSON"]).json()
        assert told["sentence"] and told["question"], name
        spec = json.loads(asked(web, links["Vega-Lite"]).content)
        assert caption in spec["description"], name
        svg = asked(web, links["SVG"])
        assert words(caption) in words(svg.text), name
        assert words(rows[0]["shows"]) in words(svg.text), name
        picture = asked(web, links["PNG"])
        assert picture.content.startswith(b"\x89PNG"), name
        assert "The same in Python:" in figure and links["SVG"] in html.unescape(figure), name


@pytest.mark.parametrize("path", [p for p in pages() if p not in QUICK])
def test_no_chart_of_a_page_is_without_addresses(web, path):
    page = asked(web, f"/{path}").text
    figures = [f for f in re.findall(r'<figure class="fig.*?</figure>', page, re.DOTALL) if "<svg" in f]
    assert figures
    for figure in figures:
        assert {"csv", "json", "svg", "png", "pdf"} <= set(re.findall(r'href="/chart/[a-z_]+\.([a-z]+)', figure))
        assert 'href="/api/v1/' in figure and "The same in Python:" in figure


def test_the_charts_of_changed_rules_are_of_those_rules(web):
    page = asked(web, "/what-if?uptake=60&diversion_cut=50&by=2027Q4").text
    for name in ("gap", "chips", "alone"):
        figure = found(page, rf'(<figure class="fig[^>]*id="what-if-{name}".*?</figure>)')
        rows = list(csv.DictReader(io.StringIO(asked(web, found(figure, r'href="(/chart/[^"]*\.csv[^"]*)"')).text)))
        if name == "alone":
            assert len(rows) == 3 and rows[-1]["change"] == "All together"
        else:
            assert {"Today's rules", "Your rules"} <= {r.get("title", r.get("rules")) for r in rows}
