"""Published lags beside ours: the steps add up, what has no footing says why, and the shipped comparison is that of the
evidence.
"""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conforms import conforms
from leadtime.answers import ask
from leadtime.evidence import Evidence
from leadtime.published import compared, save, sentence
from leadtime.published import comparison as comparing
from leadtime.published.shipped import SHIPPED, key
from leadtime.study import Study
from studies import quick_study

IDS = ["epoch-china-lag-mean", "kai-fu-lee-lag", "trendforce-kimi-k3-lag", "ai-index-mmlu-2024"]


@pytest.fixture(scope="module")
def few():
    """A study that knows four published figures."""
    e = Evidence.load()
    tables = e.tables | {"published": e["published"].filter(pl.col("id").is_in(IDS))}
    return quick_study(None, evidence=replace(e, tables=tables))


@pytest.fixture(scope="module")
def rows(few):
    return {c.id: c for c in comparing.compare(few)}


def test_what_ships_is_that_of_the_evidence_and_covers_every_published_lag():
    study = Study()
    content = json.loads(SHIPPED.read_text())
    assert content["key"] == key(study), "make ship"
    table = study.evidence["published"].filter(pl.col("quantity").is_in([*comparing.MONTHS, *comparing.GAPS]))
    found = compared(study, only_shipped=True)
    assert sorted(c.id for c in found) == table["id"].sort().to_list()
    assert sum(c.ours is not None for c in found) >= 20
    assert {"Epoch AI", "AI Security Institute"} <= {c.publisher for c in found}


def test_the_steps_and_the_rest_add_up_from_the_headline_to_theirs():
    found = compared(Study(), only_shipped=True)
    starts = []
    for c in (c for c in found if c.ours is not None):
        starts.append(c.ours[0] - sum(s.months for s in c.steps))
        value, low, high = c.theirs
        if value is not None:
            assert c.ours[0] + c.rest == pytest.approx(value, abs=0.02)
        else:
            assert low - 0.02 <= c.ours[0] + c.rest <= high + 0.02
        assert c.ours[1] <= c.ours[0] <= c.ours[2]
    np.testing.assert_allclose(starts, starts[0], atol=0.03)


def test_what_cannot_be_brought_to_one_footing_says_why(rows):
    for name in ("kai-fu-lee-lag", "ai-index-mmlu-2024"):
        c = rows[name]
        assert c.ours is None
        assert c.rest is None
        assert c.agrees is None
        assert len(c.why.split()) > 5
    assert rows["ai-index-mmlu-2024"].unit == "percentage points"


def test_a_lag_is_measured_with_the_evidence_of_its_day(few, rows):
    c = rows["epoch-china-lag-mean"]
    then = few.with_evidence(few.evidence.known_by(dt.date(2026, 1, 2)), method="map", draws=comparing.DRAWS)
    assert c.ours[0] == pytest.approx(np.median(then.lag(definition="daily_mean_matched").draws))
    assert c.steps[-1].value == "through 2026-01-02"
    assert [s.choice for s in c.steps] == ["definition", "benchmarks", "sides", "evidence"]


def test_the_command_and_the_api_say_the_same_and_the_sentence_counts_right(few, rows, tmp_path):
    path = save(few, tmp_path / "compared.json")
    assert json.loads(path.read_text())["key"] == key(few)
    said = sentence(list(rows.values()))
    lags = [c for c in rows.values() if c.unit == "months"]
    on = [c for c in lags if c.ours is not None]
    assert said.startswith(f"{sum(c.agrees for c in on)} of {len(on)} published lags meet")
    assert f"{len(lags) - len(on)} have no common footing" in said
    assert "No published lag" in sentence([])
    whole = conforms("lag-published", ask(Study(), "lag published").to_json())
    assert whole["sentence"] == sentence(compared(Study()))
    assert len(whole["rows"]) == len(compared(Study()))


@given(st.floats(0, 20), st.floats(0, 20), st.floats(-5, 30))
def test_the_rest_of_a_range_is_zero_within_it_and_the_distance_outside(a, b, ours):
    low, high = sorted((a, b))
    rest = comparing._rest((None, low, high), ours)
    assert min(low, ours) - 1e-9 <= ours + rest <= max(high, ours) + 1e-9
    assert (rest == 0.0) == (low <= ours <= high) or rest == pytest.approx(0.0, abs=1e-12)
    assert low - 1e-9 <= ours + rest <= high + 1e-9
