"""Charts at their addresses, embeds, cards, search, paper, and pages that are never blank."""

import html
import re

import pytest

from leadtime.report import index
from studies import EARLY, quick_study
from web_client import client

CROSS = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
LINK = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept": "text/html",
}


def test_a_chart_is_a_file_of_each_kind_with_what_was_asked(web):
    kinds = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "csv": b"", "json": b"{"}
    for kind, begins in kinds.items():
        found = web.get(f"/chart/supply.{kind}?country=CHN")
        assert found.status_code == 200 and found.content.startswith(begins), kind
    dark, phone = (web.get(f"/chart/supply.svg?country=CHN&{more}").text for more in ("theme=dark", "width=phone"))
    assert "#12181E" in dark and int(re.search(r'width="(\d+)"', phone)[1]) < 420
    early = web.get("/chart/rules_timeline.csv?as_of=2024-01-01").text
    assert "2024-01-01" in early or "January 1, 2024" in early or "2025" not in early


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/chart/nothing.svg", 404),
        ("/chart/schemas.svg", 404),
        ("/chart/supply.gif", 422),
        ("/chart/supply.svg?country=Mars", 400),
        ("/chart/supply.svg?colour=red", 422),
        ("/embed/nothing", 404),
        ("/card/nothing.png", 404),
        ("/waiting/x/events", 422),
    ],
)
def test_an_address_that_leads_to_no_chart_is_told(web, path, status):
    assert web.get(path).status_code == status


def test_an_embed_may_stand_anywhere_and_runs_nothing_else(web):
    page = web.get("/embed/supply?country=CHN")
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "form-action 'none'" in policy
    assert page.text.count("<figure") == 1 and "<form" not in page.text
    assert "frame-ancestors 'none'" in web.get("/chips").headers["content-security-policy"]


def test_other_sites_show_charts_of_a_public_server_alone(web):
    assert web.get("/chart/supply.svg?country=CHN", headers=CROSS).status_code == 403
    with client(public="leadtime.example.org") as c:
        c.base_url = "http://leadtime.example.org"
        for _ in range(2):  # computed, and kept
            shown = c.get("/chart/supply.svg?country=CHN", headers=CROSS)
            assert (shown.status_code, shown.headers["cross-origin-resource-policy"]) == (200, "cross-origin")
        assert c.get("/api/v1/supply?country=CHN", headers=CROSS).status_code == 403
        assert c.post("/own", data={"text": "x"}, headers=CROSS).status_code == 403
        page = c.get("/glossary", headers=LINK)
        assert page.status_code == 200 and "words, one sentence each" in page.text
        assert 'property="og:image" content="https://leadtime.example.org/card/glossary.png"' in page.text
        assert c.get("/card/glossary.png").content.startswith(b"\x89PNG")


def test_a_page_that_is_not_ready_says_how_far_it_is_and_can_be_given_up():
    with client(page_seconds=0.0) as c:
        page = c.get("/data")
        assert page.status_code == 202 and "Working out" in page.text
        key = re.search(r'data-wait="([0-9a-f]{64})"', page.text)[1]
        with c.stream("GET", f"/waiting/{key}/events") as told:
            said = "".join(told.iter_text())
        assert "event: done" in said
        assert c.get("/data").status_code == 200
        assert c.post(f"/waiting/{key}/cancel").status_code == 204
        assert c.get("/data").status_code == 200  # what is there stays


def test_the_last_good_page_is_shown_while_another_is_computed(monkeypatch):
    import datetime as dt

    from leadtime.web import desk

    class Tomorrow(dt.date):
        @classmethod
        def today(cls):
            return cls(2026, 12, 24)

    with client() as c:
        first = c.get("/glossary").text
        c.app.app.state.settings = c.app.app.state.settings.__class__(**{**_settings(c), "page_seconds": 0.0})
        monkeypatch.setattr(desk.dt, "date", Tomorrow)
        c.app.app.state.shelf.clear()
        page = c.get("/glossary")
        assert (
            page.status_code == 200
            and 'class="waits"' in page.text
            and "You see the last answer meanwhile" in page.text
        )
        assert re.search(r"<h1>.*?</h1>", first)[0] in page.text


def _settings(c):
    settings = c.app.app.state.settings
    return {name: getattr(settings, name) for name in settings.__slots__}


def test_scores_that_come_second_leave_the_first_where_they_are():
    from leadtime.web.brought import joined

    head = "model,benchmark,score,evaluator,report_type,known_on,source\n"
    first, second = (head + f"a,mmlu,{v},me,independent,2026-01-01,x\n" for v in ("0.1", "0.2"))
    both = joined(
        {"evidence/scores.csv": first + "b,mmlu,0.3,me,independent,2026-01-01,x\n", "claims/a.yaml": "x"},
        {"evidence/scores.csv": second},
    )
    rows = both["evidence/scores.csv"].splitlines()
    assert (
        len(rows) == 3
        and "0.2" in rows[2]
        and "0.3" in both["evidence/scores.csv"]
        and "0.1" not in both["evidence/scores.csv"]
    )
    assert joined({}, {"evidence/models.csv": "id\n"}) == {"evidence/models.csv": "id\n"}


def test_search_finds_by_beginnings_and_knows_nothing_of_later_days(web):
    study = quick_study(EARLY)
    found = index.entries(study, {"as_of": "2025-01-29"})
    assert {e.kind for e in found} == {"page", "model", "chip", "rule", "claim", "word"}
    assert next(e.link for e in index.matching(found, "deepseek v3") if e.kind == "model").startswith(
        "/models?as_of=2025-01-29&model=deepseek-v3"
    )
    assert not [e for e in index.matching(found, "kimi k3") if "K3" in e.title] and index.matching(found, "") == []
    for asked in ("h20", "H 20", "h-20", "nvidia h20", "what is the H20?"):
        assert any(e.kind == "chip" and "H20" in e.title for e in index.matching(found, asked)), asked
    assert "chip" in {e.kind for e in index.matching(found, "Huawei")}
    assert index.matching(found, "zzz") == []
    page = web.get("/search", params={"q": "h20"})
    assert page.status_code == 200 and "/rules?chip=h20" in page.text
    assert len(web.get("/search.json").json()) > 500


@pytest.mark.slow
def test_the_answer_fits_on_one_page_of_paper(web):
    import io

    pypdf = pytest.importorskip("pypdf")
    paper = web.get("/brief.pdf")
    read = pypdf.PdfReader(io.BytesIO(paper.content))
    assert len(read.pages) == 1 and "smaller share" in read.pages[0].extract_text()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/rules?chip=h21", "Did you mean"),
        ("/chips?names=XYZ", "Known: China"),
        ("/data?table=modles", "Did you mean"),
        ("/data?table=military&columns=colour", "there is no column called"),
    ],
)
def test_a_page_with_a_choice_that_is_none_says_so_with_its_status(web, path, words):
    page = web.get(path, headers={"accept": "text/html"})
    assert page.status_code == 422 and "<main" in page.text and words in html.unescape(page.text)
    assert web.get(path, headers={"accept": "text/html"}).status_code == 422  # kept, with its status


def test_a_table_has_the_columns_that_were_chosen_in_the_page_and_in_its_file(web):
    page = web.get("/data?table=military&columns=id&columns=unit").text
    assert page.count('<th scope="col">') == 2 and 'value="unit" form="look" data-several checked' in page
    assert "/data/military.csv?columns=id&amp;columns=unit" in page
    rows = web.get("/data/military.csv?columns=unit&columns=id").text.splitlines()
    assert rows[0] == "id,unit" and len(rows) > 20
    assert web.get("/data/military.csv?columns=colour").status_code == 400


def test_a_chart_honors_the_scale_that_is_asked_for(web):
    one, other = (web.get(f"/chart/supply_arrivals.svg?scale={s}").content for s in ("linear", "log"))
    assert one.startswith(b"<svg") and one != other
    assert web.get("/chart/supply_arrivals.svg?scale=cubic").status_code == 422


def test_the_feed_is_announced_and_read_by_programs(web):
    assert 'type="application/atom+xml"' in web.get("/glossary").text
    feed = web.get("/feed.xml")
    assert feed.status_code == 200 and feed.headers["content-type"].startswith("application/atom+xml")
