"""A proposal of new evidence: every connector against files in the real shapes, and models that nobody knew."""

import datetime as dt
import json

import polars as pl
import pytest

from leadtime.evidence import TABLES, Evidence
from leadtime.update import filings
from leadtime.update.registry import CONNECTORS
from update_files import DAY, METR, NEW, REGISTER, VERSIONS, given, hub_csv, hub_row, rows, samples, updated

# -- each connector
# -----------------------------------------------------------------------------------------------------------


def test_all_connectors_bring_their_rows_over_the_network(publishers, tmp_path):
    found = updated(tmp_path)
    assert [r for a in found.found.asked for r in a.failed] == []
    scores = {(r["model"], r["benchmark"]): r for r in rows(found, "scores")}
    assert scores["zhuque-9", "gpqa-diamond"]["score"] == 0.9 and scores["zhuque-9", "lantern-bench"]["score"] == 0.61
    assert scores["gpt-5-2", "livebench-2026-09-30"]["score"] == pytest.approx((0.8 + 0.8) / 2)
    assert scores["gpt-5-2", "livebench-2026-09-30"]["effort"] == "high"
    assert scores["gpt-5-2", "metr-suite-1-1"]["report_type"] == "independent"
    assert {str(r["known_on"]) for r in scores.values()} == {"2026-11-15", "2026-11-18"}
    [benchmark] = [r for r in rows(found, "benchmarks") if r["id"] == "lantern-bench"]
    assert (benchmark["floor"], benchmark["ceiling"], str(benchmark["released_on"])) == (0.2, 0.9, "2026-09-30")
    assert {r["id"] for r in rows(found, "organizations")} == {"pangolin-ai", "lantern-bench"}
    assert [lead.number for lead in found.found.leads] == ["2026-19999"]
    assert rows(found, "architectures")[0]["model"] == "glm-5-2"


def test_the_mean_of_category_means_is_what_the_evidence_has_of_livebench(tmp_path):
    """Two rows of LiveBench's public table of 2026-01-08, with its categories."""
    categories = {
        "Coding": ["code_completion", "code_generation"],
        "Agentic Coding": ["javascript", "typescript", "python"],
        "Reasoning": ["theory_of_mind", "zebra_puzzle", "spatial", "logic_with_navigation"],
        "Mathematics": ["AMPS_Hard", "integrals_with_game", "math_comp", "olympiad"],
        "Data Analysis": ["consecutive_events", "tablejoin", "tablereformat"],
        "Language": ["connections", "plot_unscrambling", "typos"],
        "IF": ["paraphrase", "simplify", "story_generation", "summarize"],
    }
    table = (
        "model,AMPS_Hard,code_completion,code_generation,connections,consecutive_events,integrals_with_game,javascript,logic_with_navigation,math_comp,olympiad,paraphrase,"
        "plot_unscrambling,python,simplify,spatial,story_generation,summarize,tablejoin,tablereformat,theory_of_mind,typescript,typos,zebra_puzzle\n"
        "claude-4-1-opus-20250805-base,89.0,76.087,76.056,86.0,2.223,10.0,45.0,42.0,65.686,86.619,19.15,60.257,75.0,25.583,62.0,31.017,27.917,37.827,96.078,48.077,40.0,84.0,11.5\n"
        "gpt-5.2-2025-12-11-high,97.0,76.087,76.056,99.0,88.913,92.0,50.0,74.0,95.098,88.566,64.1,58.427,70.0,54.083,96.0,65.7,63.2,45.577,100.0,78.846,35.0,82.0,84.0\n"
    )
    folder = given(
        tmp_path / "in", {"table_2026_01_08.csv": table, "categories_2026_01_08.json": json.dumps(categories)}
    )
    found = updated(tmp_path, given=folder)
    assert found.is_empty and found.found.rows.n_known == 2 and found.found.rows.aside == []


def test_quarters_of_a_filer_are_as_first_filed_and_the_fourth_is_what_the_year_has_beyond_three(publishers, tmp_path):
    found = updated(tmp_path, only=("filings",))
    revenue = {r["fiscal_period"]: r for r in rows(found, "revenue")}
    assert list(revenue) == ["FY2026Q1", "FY2026Q2", "FY2026Q3", "FY2026Q4"]
    assert (revenue["FY2026Q1"]["value_usd"], revenue["FY2026Q4"]["value_usd"], revenue["FY2026Q4"]["grade"]) == (
        77e9,
        90e9,
        "derived",
    )
    assert str(revenue["FY2026Q1"]["known_on"]) == "2025-10-29"
    capex = {str(r["period_end"]): r["value_usd"] for r in rows(found, "investment")}
    assert capex == {"2025-09-30": 19e9, "2025-12-31": 30e9}


@pytest.mark.parametrize(
    ("end", "ends", "name"),
    [
        ("2026-07-26", 1, "FY2027Q2"),
        ("2022-05-01", 1, "FY2023Q1"),
        ("2026-01-25", 1, "FY2026Q4"),
        ("2026-09-30", 6, "FY2027Q1"),
        ("2026-08-31", 5, "FY2027Q1"),
        ("2026-09-26", 12, "FY2026Q3"),
        ("2026-12-31", 12, "FY2026Q4"),
    ],
)
def test_a_fiscal_quarter_is_named_by_the_year_in_which_its_year_ends(end, ends, name):
    assert filings.fiscal_period(dt.date.fromisoformat(end), ends) == name


def test_a_horizon_that_says_otherwise_than_the_evidence_is_a_conflict_and_not_taken(tmp_path):
    folder = given(tmp_path / "in", {"benchmark_results_1_1.yaml": METR})
    found = updated(tmp_path, given=folder, only=("metr",))
    assert "published" not in found.found.rows.accepted
    assert "differs from the evidence" in found.text.split("## What conflicts")[1].split("##")[0]
    assert "nobody" in found.text and "`nobody_at_all`" in found.text


def test_a_document_that_a_rule_cites_is_no_lead_and_a_title_cannot_mark_up_the_note(tmp_path):
    folder = given(tmp_path / "in", {"federal_register_rules.json": json.dumps(REGISTER)})
    found = updated(tmp_path, given=folder)
    assert "`Controls on <b>lanterns</b> \\| 'and' @all`" in found.text
    assert any("cited by a rule already" in n.text for n in found.found.rows.notes)


def test_a_table_of_ours_comes_by_csv(tmp_path):
    caisi = (
        "model,benchmark,score,evaluator,report_type,source,known_on\n"
        "kimi-k3,gpqa-diamond,0.876,nist-caisi,independent,caisi-note,2026-11-01\n"
        "kimi-k3,hle,1.5,nist-caisi,independent,caisi-note,2026-11-01\n"
    )
    source = "id,title,publisher,url,kind\ncaisi-note,Evaluation of Kimi K3,NIST,https://www.nist.gov/caisi,official\n"
    folder = given(tmp_path / "in", {"scores.caisi.csv": caisi, "sources.csv": source})
    found = updated(tmp_path, given=folder)
    assert [(r["model"], r["score"]) for r in rows(found, "scores")] == [("kimi-k3", 0.876)]
    assert [r.row for r in found.found.rows.refused] == ["row 3"]


def test_every_connector_has_a_sample_here_and_says_what_it_gives(tmp_path):
    here = samples(tmp_path)
    for c in CONNECTORS:
        assert c.title and set(c.gives) <= set(TABLES)
        assert c.name == "tables" or c.name in here
        assert all(a.url.startswith("https://") for a in c.addresses(Evidence.load(as_of=DAY), DAY))


# -- models that nobody knows
# -------------------------------------------------------------------------------------------------


def test_an_unknown_model_enters_from_its_own_row_flagged_and_with_known_names_near_it(tmp_path):
    folder = given(tmp_path / "in", {"gpqa_diamond.csv": hub_csv(hub_row(NEW[0], 0.9, *NEW[1:]))})
    found = updated(tmp_path, given=folder)
    [model] = rows(found, "models")
    assert (model["id"], model["organization"], str(model["released_on"]), model["weights"], model["reasoning"]) == (
        "zhuque-9",
        "pangolin-ai",
        "2026-10-20",
        "closed",
        True,
    )
    assert model["confidence"] == "low" and model["note"].startswith("provisional") and "weights" in model["note"]
    [maker] = rows(found, "organizations")
    assert (maker["name"], maker["country"], maker["note"][:11]) == ("Pangolin AI", "CHN", "provisional")
    assert "| `zhuque-9`" in found.text and "known names near it" in found.text


def test_a_maker_is_known_by_what_its_known_models_are_filed_under(tmp_path):
    known = [
        hub_row("glm-5.1", 0.7, "2026-04-07", "Z.ai (the lab)", "China"),
        hub_row("glm-5", 0.6, "2026-02-11", "Z.ai (the lab)", "China"),
    ]
    folder = given(
        tmp_path / "in",
        {"gpqa_diamond.csv": hub_csv(*known, hub_row("glm-9", 0.9, "2026-11-01", "Z.ai (the lab)", "China"))},
    )
    found = updated(tmp_path, given=folder)
    assert [(r["id"], r["organization"]) for r in rows(found, "models")] == [("glm-9", "zhipu")]
    assert "organizations" not in found.found.rows.accepted


def test_a_version_that_the_publisher_counts_to_a_known_model_is_that_model(tmp_path):
    folder = given(
        tmp_path / "in",
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-quiet-release_high", 0.123)), "model_metadata.csv": VERSIONS},
    )
    found = updated(tmp_path, given=folder)
    assert [(r["model"], r["effort"]) for r in rows(found, "scores")] == [("gpt-5", "high")]
    assert "models" not in found.found.rows.accepted
    assert "`gpt-5-quiet-release_high` as `gpt-5`" in found.text


def test_a_table_that_only_says_which_model_a_version_is_of_is_enough_for_that(tmp_path):
    versions = "model_version,model_group\ngpt-5-quiet-release_high,GPT-5\n"
    folder = given(
        tmp_path / "in",
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-quiet-release_high", 0.123)), "eci_model_versions.csv": versions},
    )
    found = updated(tmp_path, given=folder)
    assert [(r["model"], r["effort"]) for r in rows(found, "scores")] == [("gpt-5", "high")]


def test_a_version_that_is_apart_from_the_known_model_of_its_group_is_a_model_of_its_own(tmp_path):
    versions = "model_version,model_group\ngpt-5-late,GPT-5\ngpt-5-twin,GPT-5\ngpt-5-x-base,GPT-5\n"
    lines = [hub_row("gpt-5-late", 0.2, "2026-01-07"), hub_row("gpt-5-twin", 0.3), hub_row("gpt-5-x-base", 0.4)]
    found = updated(
        tmp_path,
        given=given(tmp_path / "in", {"gpqa_diamond.csv": hub_csv(*lines), "eci_model_versions.csv": versions}),
    )
    assert {(r["model"], r["score"]) for r in rows(found, "scores")} == {
        ("gpt-5-late", 0.2),
        ("gpt-5", 0.3),
        ("gpt-5-x-base", 0.4),
    }
    assert {r["id"]: r["stage"] for r in rows(found, "models")} == {"gpt-5-late": "instruct", "gpt-5-x-base": "base"}


def test_what_training_took_does_not_bring_in_a_model_of_which_there_is_no_score(tmp_path):
    table = (
        "Model,Organization,Publication date,Training compute (FLOP),Country (of organization),Model"
        " accessibility\nFoldNet 9,A lab,2026-10-01,1e24,France,Open weights\n"
    )
    found = updated(tmp_path, given=given(tmp_path / "in", {"all_ai_models.csv": table}))
    assert found.is_empty and len(found.found.rows.aside) == 1
    both = given(
        tmp_path / "both",
        {"all_ai_models.csv": table, "gpqa_diamond.csv": hub_csv(hub_row("FoldNet 9", 0.4, "", "", ""))},
    )
    again = updated(tmp_path, given=both)
    assert [(r["id"], r["weights"], str(r["released_on"])) for r in rows(again, "models")] == [
        ("foldnet-9", "open", "2026-10-01")
    ]
    assert rows(again, "training_runs")[0]["model"] == "foldnet-9"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (hub_row("ghost-1", 0.5, "", "A lab", "France"), "its day of release"),
        (hub_row("ghost-1", 0.5, "2026-11-01", "", ""), "who made it"),
        (hub_row("ghost-1", 0.5, "2027-01-01", "A lab", "France"), "after this copy"),
        (hub_row("ghost-1", 0.5, "2019-01-01", "A lab", "France"), "before the evidence begins"),
        (hub_row("\u6a21\u578b", 0.5, "2026-11-01", "A lab", "France"), "no id"),
    ],
)
def test_a_model_whose_rows_do_not_tell_enough_waits_with_its_rows(tmp_path, row, why):
    folder = given(tmp_path / "in", {"gpqa_diamond.csv": hub_csv(row)})
    found = updated(tmp_path, given=folder)
    assert found.is_empty and len(found.found.rows.aside) == 1
    assert why in found.text


def test_a_known_model_is_never_made_new_and_a_new_one_without_rows_is_left_out(tmp_path):
    folder = given(
        tmp_path / "in",
        {"model_metadata.csv": VERSIONS, "gpqa_diamond.csv": hub_csv(hub_row("gpt-5-2025-08-07_high", 0.123))},
    )
    assert "models" not in updated(tmp_path, given=folder).found.rows.accepted


def test_scores_of_another_edition_of_a_test_are_set_aside_and_said_to_be(tmp_path):
    e = (
        Evidence.load(as_of=DAY)["scores"]
        .filter(pl.col("benchmark") == "gpqa-diamond", pl.col("evaluator") == "epoch-ai", pl.col("effort") == "high")
        .unique("model")
        .head(6)
    )
    lines = [hub_row(f"{m}_high", round(s / 2, 4)) for m, s in e.select("model", "score").iter_rows()]
    found = updated(
        tmp_path, given=given(tmp_path / "in", {"gpqa_diamond.csv": hub_csv(*lines, hub_row(NEW[0], 0.9, *NEW[1:]))})
    )
    assert len(lines) >= 4 and found.is_empty
    assert "another edition?" in found.found.conflicts[0] and "another edition?" in found.text


def test_one_measurement_in_the_hub_and_the_index_is_one_row(tmp_path):
    index = (
        "model_id,benchmark_id,performance,benchmark,benchmark_release_date,model,model_version,Model,date,source\nm1,b1,0.5,GPQA"
        " diamond,2023-11-20,GPT-5,gpt-5-2025-08-07_high,GPT-5,2025-08-07,Epoch evaluations\n"
    )
    folder = given(
        tmp_path / "in",
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-2025-08-07_high", 0.123)), "eci_benchmarks.csv": index},
    )
    found = updated(tmp_path, given=folder)
    assert [r["score"] for r in rows(found, "scores")] == [0.123]
    assert any("a file of the hub has the same" in n.text for n in found.found.rows.notes)
