"""The report's files from a small made-up study: complete, valid, closed to the outside."""

import base64
import csv
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from conforms import conforms
from leadtime import report
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.estimate import Estimate
from leadtime.figures import labels, models
from leadtime.report import (
    page,
    reproduce,
    results,
    tables,
)
from leadtime.study.headline import Headline
from report_side import Evidence, FakeStudy

FIGURES = {"frontiers", "v3-lag", "lag-over-time", "vendor-effect", "benchmark-map"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    assert report.write(FakeStudy(), out) == out / "index.html"
    return out


def test_the_policy_of_the_page_names_the_scripts_that_are_in_it(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    scripts = re.findall(r'<script type="module">(.*?)</script>', html, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.search(r"script-src ([^;]+);", policy).group(1) == " ".join(f"'sha256-{h}'" for h in hashes)
    assert len(hashes) == 2


def tags(html):
    """Return every start tag with its attributes, as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_writes_every_file_and_leaves_nothing_else(folder):
    assert {p.name for p in folder.iterdir()} == {"index.html", "results.json", "figures"}
    assert {p.name for p in (folder / "figures").iterdir()} == {
        f"{f}.{e}" for f in FIGURES for e in ("csv", "svg", "png")
    }
    assert [p.name for p in folder.parent.iterdir()] == ["out"]
    assert (folder / "figures/v3-lag.png").read_bytes().startswith(b"\x89PNG")


def test_results_are_as_their_schema_says(folder):
    conforms("results", json.loads((folder / "results.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (1.0, 1)])
def test_computing_a_report_again_tells_every_value_that_came_out_otherwise(folder, monkeypatch, shift, code):
    gather = results.gather
    monkeypatch.setattr(results, "gather", lambda study: gather(FakeStudy(shift)))
    monkeypatch.setattr(
        reproduce, "_require_same_evidence", lambda *a: None
    )  # the numbers are made up, and so is their hash
    done = CliRunner().invoke(app, ["reproduce", str(folder / "results.json"), "--cached", "--json"])
    assert done.exit_code == code, done.output
    said = conforms("reproduction", json.loads(done.stdout))
    assert said["is_reproduced"] == said["is_same_file"] == (code == 0)
    moved = {
        d["at"]: d["here"] - d["recorded"] for d in said["differences"] if d["at"].startswith("estimates.lag_chn_usa.")
    }
    assert moved == ({k: pytest.approx(1.0) for k in (f"estimates.lag_chn_usa.{n}" for n in ("median", "low", "high"))} if code else {})  # fmt: skip
    shown = CliRunner().invoke(app, ["reproduce", str(folder / "results.json"), "--cached"]).stdout
    assert Evidence.hash in shown.splitlines()[-2] and max(map(len, shown.splitlines())) <= 80


def test_page_loads_nothing_from_outside(folder):
    html = (folder / "index.html").read_text()
    loading = {"script", "img", "iframe", "link", "source", "object", "embed", "video", "audio"}
    assert [tag for tag in tags(html) if tag[0] in loading and {"src", "href", "data"} & set(tag[1])] == []
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_names_from_the_evidence_cannot_become_markup(folder):
    html = (folder / "index.html").read_text()
    assert [tag for tag, _ in tags(html)].count("script") == html.lower().count("</script>") == 3
    assert not [a for _, a in tags(html) if (a.get("href") or "").startswith("javascript:")]
    assert "Evil &lt;/script&gt;" in html


def test_numbers_have_intervals_and_units(folder):
    written = json.loads((folder / "results.json").read_text())
    for name in ("lag_chn_usa", "lag_deepseek_v3"):
        e = written["estimates"][name]
        assert e["low"] < e["median"] < e["high"]
        assert (e["unit"], e["level"]) == ("months", 0.9)
    for row in written["grids"]["chn_usa"]:
        assert row["low_months"] <= row["median_months"] <= row["high_months"]
    assert written["stamp"]["evidence_hash"] == Evidence.hash
    assert len(written["tables"]["abilities"]) == 60


def test_every_figure_has_its_data(folder):
    for name in FIGURES:
        rows = list(csv.DictReader(io.StringIO((folder / f"figures/{name}.csv").read_text())))
        assert len(rows) > 4, name
    assert "'=1+1" in (folder / "figures/lag-over-time.csv").read_text()


def test_figure_files_say_when_how_and_from_whom(folder):
    for name in FIGURES:
        svg = (folder / f"figures/{name}.svg").read_text()
        assert "As of 2026-11-23" in svg
        assert "Epoch AI" in svg


def test_a_second_report_replaces_the_first(tmp_path):
    report.write(FakeStudy(has_model=False), tmp_path / "a/out")
    assert "v3-lag.csv" not in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    report.write(FakeStudy(), tmp_path / "a/out")
    assert "v3-lag.csv" in {p.name for p in (tmp_path / "a/out/figures").iterdir()}
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["out"]


def test_refuses_a_folder_with_other_files(tmp_path):
    (tmp_path / "thesis.docx").write_text("")
    with pytest.raises(LeadtimeError, match=r"thesis\.docx"):
        report.write(FakeStudy(), tmp_path)


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "html", lambda *_: 1 / 0)
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


def test_no_shift_is_drawn_when_the_follower_leads():
    study = FakeStudy()
    lines = pl.concat([study.frontier(g).with_columns(group=pl.lit(g)) for g in ("USA", "CHN")])
    assert models.shift(lines)["months"] > 0
    swapped = lines.with_columns(group=pl.col("group").replace({"USA": "CHN", "CHN": "USA"}))
    assert models.shift(swapped) is None


def test_numbers_in_words():
    assert tables.months(-0.04, -1.26, 3) == "0.0 [−1.3, 3.0]"
    assert tables.months(None, 1, 2) == "–"
    assert tables.months(float("nan"), 1, 2) == "–"


def test_labels_give_way_to_each_other():
    rows = [{"x": 0.0, "y": 0.0, "n": "first"}, {"x": 0.0, "y": 0.1, "n": "same place"}, {"x": 9.0, "y": 9.0, "n": "b"}]
    placed = labels.with_room(rows, "x", "y", "n")
    assert [r["wide"] for r in placed].count(True) < 3
