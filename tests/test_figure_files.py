"""Figures as files: what was found, what is drawn, day and sources are in each."""

import html
import itertools
import json
import re
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.answers.sourced import Source, credited
from leadtime.figures.chart import PHONE
from leadtime.figures.files import content
from leadtime.figures.frame import pushed_apart
from leadtime.figures.tokens import color
from memo_side import answer, words_of

FINDING, SHOWS = "Alpha was 3.4 months behind (3.0 to 4.1).", "Lags of made-up models"
SOURCE = "As of November 24, 2026. 3 rows."
CREDIT = "Sources: Alpha (CC BY 4.0) and Second. leadtime 9.9, evidence 0123456789abcdef."


@pytest.fixture(scope="module")
def drawn():
    return answer().figure()


@pytest.mark.parametrize("phone", [False, True])
def test_a_picture_says_finding_subject_day_and_evidence(drawn, phone):
    svg = content(drawn, ".svg", phone=phone).decode()
    said = " ".join(" ".join(html.unescape(t) for t in re.findall(r">([^<>]+)<", svg)).split())
    pdf = content(drawn, ".pdf", phone=phone)
    assert pdf.startswith(b"%PDF-")
    for words in (said, words_of(pdf)):
        assert all(w in words for w in (FINDING, SHOWS, SOURCE, CREDIT)), words


def test_a_picture_for_a_phone_is_as_wide_as_one_and_a_dark_one_is_dark(drawn):
    png = content(drawn, ".png", phone=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    (across,) = struct.unpack(">I", png[16:20])
    assert abs(across / 2 - PHONE) <= 40
    (desk,) = struct.unpack(">I", content(drawn, ".png")[16:20])
    assert desk / 2 > 700
    light, dark = (content(drawn, ".svg", dark=d).decode() for d in (False, True))
    ground, paper = (f'fill="{color("paper", dark=d)}"' for d in (True, False))
    assert ground in dark and ground not in light and paper in light


def test_a_spec_is_one_that_vega_lite_draws_with_its_words(drawn):
    spec = json.loads(content(drawn, ".json"))
    assert " ".join(spec["title"]["text"]) == FINDING and " ".join(spec["title"]["subtitle"]) == SHOWS
    assert CREDIT in spec["description"]
    assert "vega-lite" in spec["$schema"]


def test_a_file_of_data_is_csv_and_no_more(drawn):
    import io

    import polars as pl

    rows = pl.read_csv(io.BytesIO(content(drawn, ".csv")))
    assert rows.height == 3 and rows["median"].to_list() == [2.0, 3.0, 4.0]
    assert set(rows["finding"]) == {FINDING} and all(CREDIT in s for s in rows["source"])


def test_a_figure_without_a_finding_has_its_own_title(drawn):
    spec = replace(drawn, finding="").file_spec()
    assert " ".join(spec["title"]["text"]) == SHOWS and "subtitle" not in spec["title"]


def test_every_one_is_credited_once():
    def source(publisher, license=""):
        return Source(id="i", title="T", publisher=publisher, url="", published_on=None, license=license, n_rows=1)

    assert credited([]) == ""
    assert credited([source("A", "MIT"), source("A"), source("")]) == "Sources: A and T. "
    many = [source(c) for c in "ABCDEF"]
    assert credited([source("Epoch AI", "CC BY 4.0"), *many]) == "Sources: Epoch AI (CC BY 4.0), A, B and 4 more. "


@given(st.lists(st.floats(-50, 400), min_size=1, max_size=6), st.floats(5, 40), st.floats(0, 200))
def test_labels_are_pushed_apart_and_stay_within_the_ends_where_they_fit(wanted, gap, room):
    low, high = 8.0, 8.0 + gap * (len(wanted) - 1) + room
    found = sorted(pushed_apart(wanted, gap, low, high))
    assert all(b - a >= gap - 1e-6 for a, b in itertools.pairwise(found))
    assert low - 1e-6 <= found[0] and found[-1] <= high + 1e-6
