"""A proposal of new evidence: every connector against files in the real shapes, and against odd answers; nothing is lost, nothing half taken."""

import csv
import datetime as dt
import io
import json
import random
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, Evidence
from leadtime.update import addresses, bring, configs, filings, run
from leadtime.update.connector import File
from leadtime.update.registry import CONNECTORS

DAY = dt.date(2026, 11, 20)
HUB = "Model version,mean_score,Best score (across scorers),Release date,Organization,Country,Training compute (FLOP),Training compute notes,stderr,Log viewer,Logs,Started at,id"
NEW = "zhuque-9_high", "2026-10-20", "Pangolin AI", "China"


def hub_row(
    version, score, day="2025-08-07", maker="OpenAI", country="United States of America", on="2026-11-15T10:00:00.000Z"
):
    return f"{version},{score},{score},{day},{maker},{country},,,0.01,https://logs.example/{version},,{on},x"


def hub_csv(*rows):
    return "\n".join([HUB, *rows]) + "\n"


METADATA = (
    "benchmark,in_eci,source_file,score_column,scale,random_baseline,score_ceiling,release_date,superseded_by\n"
    "GPQA diamond,True,gpqa_diamond.csv,Best score (across scorers),1.0,0.25,1.0,2023-11-20,\n"
    "Lantern Bench,True,lantern_external.csv,Solved,0.01,0.2,0.9,2026-09-30,\n"
)
VERSIONS = (
    "model_version,model_group,date,display_name,organization,country,accessibility,training_compute_flop\n,,,,,,,\n"
    "zhuque-9_high,Zhuque 9,2026-10-20,Zhuque 9 (high),Pangolin AI,China,Open weights (unrestricted),\n"
    "gpt-5-quiet-release_high,GPT-5,2025-08-07,GPT-5 (high),OpenAI,United States of America,API access,\n"
)
LANTERN = (
    "Model version,Solved,Release date,Organization,Country,Training compute (FLOP),Training compute notes,Name,id\n"
    "zhuque-9_high,61,2026-10-20,Pangolin AI,China,,,Zhuque 9,r1\ngpt-5-2025-08-07_high,44,2025-08-07,OpenAI,United States of America,,,GPT-5,r2\n"
)
TASKS = {"Reasoning": ["spatial", "zebra_puzzle"], "Language": ["typos"]}
METR = (
    "benchmark_name: METR-Horizon-v1.1\nresults:\n  gpt_5_2:\n    benchmark_name: METR-Horizon-v1.1\n    metrics:\n      average_score:\n"
    "        estimate: 0.76\n      p50_horizon_length:\n        ci_high: 900.5\n        ci_low: 201.25\n        estimate: 777.5\n    release_date: 2025-12-11\n"
    "  nobody_at_all:\n    benchmark_name: METR-Horizon-v1.1\n    metrics:\n      p50_horizon_length:\n        estimate: 5.5\n    release_date: 2026-10-01\n"
)
REGISTER = {
    "count": 3, "results": [
        {"document_number": "2026-19999", "title": "Controls on <b>lanterns</b> | `and` @all", "type": "Rule", "publication_date": "2026-10-30", "effective_on": "2026-11-15",
         "citation": "91 FR 60001", "html_url": "https://www.federalregister.gov/d/2026-19999", "cfr_references": [{"title": 15, "part": 744}]},
        {"document_number": "2026-11111", "title": "Salmon", "type": "Rule", "publication_date": "2026-06-01", "cfr_references": [{"title": 50, "part": 660}]},
        {"document_number": "2023-23055", "title": "Known", "type": "Rule", "publication_date": "2023-10-25", "citation": "88 FR 73458", "cfr_references": [{"title": 15, "part": 740}]},
    ],
}  # fmt: skip


def fact(start, end, value, filed, fp="Q1"):
    return {"start": start, "end": end, "val": value, "accn": "0", "fy": 2026, "fp": fp, "form": "10-Q", "filed": filed}


FACTS = {"cik": 789019, "entityName": "MICROSOFT CORP", "facts": {"us-gaap": {
    "RevenueFromContractWithCustomerExcludingAssessedTax": {"units": {"USD": [
        fact("2025-07-01", "2025-09-30", 77e9, "2025-10-29"), fact("2025-10-01", "2025-12-31", 81e9, "2026-01-28"), fact("2026-01-01", "2026-03-31", 82e9, "2026-04-29"),
        fact("2025-07-01", "2026-06-30", 330e9, "2026-07-29", "FY"), fact("2025-07-01", "2025-09-30", 78e9, "2026-10-28")]}},
    "PaymentsToAcquirePropertyPlantAndEquipment": {"units": {"USD": [
        fact("2025-07-01", "2025-09-30", 19e9, "2025-10-29"), fact("2025-07-01", "2025-12-31", 49e9, "2026-01-28")]}},
}}}  # fmt: skip
CONFIG = {"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "vocab_size": 1000}  # fmt: skip


def zipped(files, folder):
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path.read_bytes()


def samples(folder):
    """The files of each connector, by connector and name, in the real shapes."""
    gpqa = hub_csv(hub_row("gpt-5-2025-08-07_high", 0.8111), hub_row(NEW[0], 0.9, *NEW[1:]))
    return {
        "epoch": {"benchmark_data.zip": zipped({"gpqa_diamond.csv": gpqa, "benchmark_metadata.csv": METADATA, "model_metadata.csv": VERSIONS, "lantern_external.csv": LANTERN}, folder)},
        "livebench": {"table_2026_09_30.csv": b"model,spatial,typos,zebra_puzzle\ngpt-5.2-2025-12-11-high,90,80,70\nsomeone-9-high,1,2,3\n",
                      "categories_2026_09_30.json": json.dumps(TASKS).encode()},
        "metr": {"benchmark_results_1_1.yaml": METR.encode()},
        "register": {"federal_register_rules.json": json.dumps(REGISTER).encode()},
        "filings": {"CIK0000789019.json": json.dumps(FACTS).encode()},
        "configs": {"zai-org/GLM-5.2/config.json": json.dumps(CONFIG).encode()},
    }  # fmt: skip


class Server:
    """Answers with the files it is given; odd ones by address."""

    def __init__(self):
        self.files, self.odd, self.asked, outer = {}, {}, [], self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                body = outer.files.get(self.path)
                odd = outer.odd.get(self.path)
                if odd == "moved":
                    self.send_response(302)
                    self.send_header("Location", f"{self.path}?again")
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                if isinstance(odd, int) or (
                    body is None and (body := outer.files.get(self.path.removesuffix("?again"))) is None
                ):
                    self.send_response(odd or 404)
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                body = odd if isinstance(odd, bytes) else body
                if self.headers.get("If-None-Match") == f'"{hash(body)}"':
                    self.send_response(304)
                    return self.end_headers()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", f'"{hash(body)}"')
                self.send_header("Last-Modified", "Wed, 18 Nov 2026 08:00:00 GMT")
                self.end_headers()
                if odd == "cut":
                    self.wfile.write(body[: len(body) // 2])
                    return self.connection.close()
                return self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True, args=(0.02,)).start()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server with the files of every connector, whose addresses lead to it."""
    made = Server()
    declared = {}
    for name, files in samples(tmp_path).items():
        declared[name] = {f: f"{made.address}/{name}/{f}" for f in files}
        made.files |= {f"/{name}/{f}": content for f, content in files.items()}
    monkeypatch.setattr(addresses, "declared", lambda: declared)
    monkeypatch.setattr(configs, "repositories", lambda: ("zai-org/GLM-5.2",))
    monkeypatch.setattr(filings, "FILERS", {789019: filings.FILERS[789019]})
    yield made
    made.server.shutdown()
    made.server.server_close()


def updated(tmp_path, **more):
    names = more.pop("only", ())
    return run.update(run.chosen(names), DAY, place=tmp_path / "downloads", with_headlines=False, wait_s=0.001, **more)


def given(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def rows(found, table):
    return found.found.rows.accepted[table].to_dicts()


# -- each connector -----------------------------------------------------------------------------------------------------------


def test_all_connectors_bring_their_rows_over_the_network(server, tmp_path):
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
        "Coding": ["code_completion", "code_generation"], "Agentic Coding": ["javascript", "typescript", "python"],
        "Reasoning": ["theory_of_mind", "zebra_puzzle", "spatial", "logic_with_navigation"], "Mathematics": ["AMPS_Hard", "integrals_with_game", "math_comp", "olympiad"],
        "Data Analysis": ["consecutive_events", "tablejoin", "tablereformat"], "Language": ["connections", "plot_unscrambling", "typos"],
        "IF": ["paraphrase", "simplify", "story_generation", "summarize"],
    }  # fmt: skip
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


def test_quarters_of_a_filer_are_as_first_filed_and_the_fourth_is_what_the_year_has_beyond_three(server, tmp_path):
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


@pytest.mark.parametrize(("end", "ends", "name"), [("2026-07-26", 1, "FY2027Q2"), ("2022-05-01", 1, "FY2023Q1"), ("2026-01-25", 1, "FY2026Q4"),
                                                   ("2026-09-30", 6, "FY2027Q1"), ("2026-08-31", 5, "FY2027Q1"), ("2026-09-26", 12, "FY2026Q3"), ("2026-12-31", 12, "FY2026Q4")])  # fmt: skip
def test_a_fiscal_quarter_is_named_by_the_year_in_which_its_year_ends(end, ends, name):
    assert filings.fiscal_period(dt.date.fromisoformat(end), ends) == name


def test_a_horizon_that_says_otherwise_than_the_evidence_is_a_conflict_and_not_taken(tmp_path):
    folder = given(tmp_path / "in", {"benchmark_results_1_1.yaml": METR})
    found = updated(tmp_path, given=folder, only=("metr",))
    assert "published" not in found.found.rows.accepted
    assert "says otherwise than the evidence" in found.text.split("## What conflicts")[1].split("##")[0]
    assert "nobody" in found.text and "`nobody_at_all`" in found.text


def test_a_document_that_a_rule_cites_is_no_lead_and_a_title_cannot_mark_up_the_note(tmp_path):
    folder = given(tmp_path / "in", {"federal_register_rules.json": json.dumps(REGISTER)})
    found = updated(tmp_path, given=folder)
    assert "`Controls on <b>lanterns</b> \\| 'and' @all`" in found.text
    assert any("cited by a rule already" in n.text for n in found.found.rows.notes)


def test_a_table_of_ours_comes_by_csv(tmp_path):
    caisi = "model,benchmark,score,evaluator,report_type,source,known_on\nkimi-k3,gpqa-diamond,0.876,nist-caisi,independent,caisi-note,2026-11-01\nkimi-k3,hle,1.5,nist-caisi,independent,caisi-note,2026-11-01\n"
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


# -- models that nobody knows -------------------------------------------------------------------------------------------------


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
    table = "Model,Organization,Publication date,Training compute (FLOP),Country (of organization),Model accessibility\nFoldNet 9,A lab,2026-10-01,1e24,France,Open weights\n"
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


@pytest.mark.parametrize(("row", "why"), [
    (hub_row("ghost-1", 0.5, "", "A lab", "France"), "its day of release"), (hub_row("ghost-1", 0.5, "2026-11-01", "", ""), "who made it"),
    (hub_row("ghost-1", 0.5, "2027-01-01", "A lab", "France"), "after this copy"), (hub_row("ghost-1", 0.5, "2019-01-01", "A lab", "France"), "before the evidence begins"),
    (hub_row("\u6a21\u578b", 0.5, "2026-11-01", "A lab", "France"), "no id"),
])  # fmt: skip
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
    index = "model_id,benchmark_id,performance,benchmark,benchmark_release_date,model,model_version,Model,date,source\nm1,b1,0.5,GPQA diamond,2023-11-20,GPT-5,gpt-5-2025-08-07_high,GPT-5,2025-08-07,Epoch evaluations\n"
    folder = given(
        tmp_path / "in",
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-2025-08-07_high", 0.123)), "eci_benchmarks.csv": index},
    )
    found = updated(tmp_path, given=folder)
    assert [r["score"] for r in rows(found, "scores")] == [0.123]
    assert any("a file of the hub has the same" in n.text for n in found.found.rows.notes)


# -- odd answers --------------------------------------------------------------------------------------------------------------

ODD = {
    "cut off": "cut", "a web page": b"<!DOCTYPE html><html><body>Just a moment</body></html>", "an empty file": b"", "another encoding": "x\u00e9,y\n".encode("utf-16"),
    "json of another shape": b'{"message": "moved", "results": {"model_type": 1}}', "a list": b"[1, 2]", "too many requests": 429, "gone": 404, "not there": 500,
}  # fmt: skip


@pytest.mark.parametrize("odd", list(ODD))
@pytest.mark.parametrize("name", [c.name for c in CONNECTORS if c.name != "tables"])
def test_an_odd_answer_is_told_by_connector_and_file_and_stops_no_other(server, tmp_path, name, odd):
    mine = [p for p in server.files if p.startswith(f"/{name}/")]
    server.odd = dict.fromkeys(mine, ODD[odd])
    other = "register" if name != "register" else "metr"
    found = updated(tmp_path, only=(name, other))
    asked = {a.name: a for a in found.found.asked}
    told = asked[name].failed + [
        r for r in found.found.rows.refused if r.file in {p.removeprefix(f"/{name}/") for p in mine}
    ]
    assert told and all(r.reason for r in told)
    assert asked[other].failed == [] and asked[other].n_files == 1
    assert (name in found.text and "What failed" in found.text) or "refused" in found.text
    assert not {"scores", "revenue", "architectures"} & set(found.found.rows.accepted) or name == "register"
    kept = [p for p in (tmp_path / "downloads" / name).rglob("*") if p.is_file() and ".part" in p.name]
    assert kept == []


def test_no_damage_to_a_file_stops_an_update_or_loses_the_sound_file_beside_it(tmp_path):
    rng = random.Random(7)
    folder = tmp_path / "in"
    for name, files in samples(tmp_path).items():
        for f, content in files.items():
            for i in range(12):
                bad = bytearray(content)
                for _ in range(rng.randint(1, 30)):
                    at = rng.randrange(len(bad))
                    bad[at : at + rng.randint(0, 3)] = rng.choice(
                        [b"", b"\x00", b"\xff", b"null", b"1e999", b"[", b'"', b",,", b"\n", b"-", b"{}"]
                    )
                given(folder, {f"{name}-{i}/{f}": bytes(bad)})
    given(
        folder,
        {
            "sound/federal_register_rules.json": json.dumps(REGISTER),
            "sound/gpqa_diamond.csv": hub_csv(hub_row(NEW[0], 0.9, *NEW[1:])),
        },
    )
    found = updated(tmp_path, given=folder)
    assert "2026-19999" in [lead.number for lead in found.found.leads]
    assert 0.9 in [r["score"] for r in rows(found, "scores") if r["model"] == "zhuque-9"]
    assert not [r for a in found.found.asked for r in a.failed if "please report it" in r.reason]
    assert not [r for r in found.found.rows.refused if "please report it" in r.reason]


def test_renamed_columns_and_a_table_of_which_half_is_malformed(server, tmp_path):
    server.files["/livebench/table_2026_09_30.csv"] = (
        b"model,spatial,typos,zebra_puzzle\ngpt-5.2-2025-12-11-high,90,80,70\ngpt-5-mini-2025-08-07-high,a,80,70\ngpt-5.1-2025-11-13-high,1,2\n"
    )
    found = updated(tmp_path, only=("livebench",))
    assert [r["model"] for r in rows(found, "scores")] == ["gpt-5-2"]
    assert [r.row for r in found.found.rows.refused] == ["row 4"] and "no number" in found.found.rows.aside[0].reason
    server.files["/livebench/table_2026_09_30.csv"] = b"name,spatial,typos,zebra_puzzle\ngpt-5.2,1,2,3\n"
    again = updated(tmp_path / "again", only=("livebench",))
    assert again.is_empty and "has no column 'model'" in again.text
    server.files["/epoch/benchmark_data.zip"] = zipped(
        {"gpqa_diamond.csv": hub_csv(hub_row("gpt-5-2025-08-07_high", 0.1)).replace("mean_score", "mean")}, tmp_path
    )
    renamed = updated(tmp_path / "third", only=("epoch",))
    assert renamed.is_empty and any("there is no column 'mean_score'" in n.text for n in renamed.found.rows.notes)


def test_what_is_here_whole_and_recent_is_not_asked_for_again_and_what_is_older_only_if_it_changed(
    server, tmp_path, monkeypatch
):
    updated(tmp_path, only=("metr", "register"))
    n = len(server.asked)
    server.odd = {"/metr/benchmark_results_1_1.yaml": 500}
    again = updated(tmp_path, only=("metr", "register"))
    assert len(server.asked) == n and [a.failed for a in again.found.asked] == [[], []]
    server.odd = {}
    monkeypatch.setattr(bring, "FRESH_HOURS", 0.0)
    assert [a.n_files for a in updated(tmp_path, only=("metr", "register")).found.asked] == [1, 1]
    assert len(server.asked) == n + 2


def test_a_redirect_is_followed(server, tmp_path):
    server.odd = {"/metr/benchmark_results_1_1.yaml": "moved"}
    assert updated(tmp_path, only=("metr",)).found.asked[0].n_files == 1


def test_offline_is_said_once_with_what_to_do(server, tmp_path):
    server.server.shutdown()
    server.server.server_close()
    with pytest.raises(LeadtimeError) as told:
        updated(tmp_path)
    assert "nothing could be brought" in told.value.what and "--from DIR" in told.value.fix


def test_a_server_that_wants_to_know_who_asks_is_not_asked_without(server, tmp_path, monkeypatch):
    monkeypatch.setattr(bring, "_WANTS_CONTACT", ("127.0.0.1",))
    with pytest.raises(LeadtimeError, match="--contact"):
        updated(tmp_path, only=("filings",))
    assert server.asked == []
    assert updated(tmp_path, only=("filings",), contact="us@example.org").found.asked[0].n_files == 1


def test_a_connector_that_breaks_is_told_and_stops_no_other(server, tmp_path, monkeypatch):
    broken = next(c for c in CONNECTORS if c.name == "metr")
    monkeypatch.setattr(type(broken), "read", lambda self, files, known: 1 / 0)
    found = updated(tmp_path, only=("metr", "register"))
    assert "ZeroDivisionError" in found.found.asked[0].failed[0].reason
    assert found.found.leads


def test_the_weekly_workflow_is_pinned_and_may_write_only_where_nothing_that_was_brought_runs():
    text = (Path(__file__).parents[1] / ".github" / "workflows" / "update.yml").read_text()
    used = re.findall(r"uses: (\S+)", text)
    assert used and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", u) for u in used)
    found = YAML(typ="safe", pure=True).load(text)
    assert found["permissions"] == {}
    assert found["jobs"]["propose"]["permissions"] == {"contents": "read"}
    assert "leadtime update" not in json.dumps(found["jobs"]["open"]) and "pip" not in json.dumps(found["jobs"]["open"])


# -- the command --------------------------------------------------------------------------------------------------------------


def command(*arguments):
    return CliRunner().invoke(app, ["update", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    bad = hub_row("claude-2.1", 87)
    return given(
        tmp_path / "in", {"gpqa_diamond.csv": hub_csv(hub_row(NEW[0], 0.9, *NEW[1:]), bad), "notes.csv": "a,b\n1,2\n"}
    )


def test_a_proposal_is_a_sound_study_with_the_refused_rows_whole_and_its_provisional_rows_listed(folder, tmp_path):
    into = tmp_path / "proposal"
    done = command("--from", folder, "--into", into, "--no-headlines")
    assert done.exit_code == 0, done.output
    assert "evidence" in done.output.splitlines()[-2] or "evidence" in done.output
    assert max(len(line) for line in done.stdout.splitlines() if str(tmp_path) not in line) <= 80
    assert (into / "PROPOSAL.md").read_text().startswith("# New evidence")
    told = list(csv.DictReader(io.StringIO((into / "quarantine" / "update.csv").read_text())))
    [refused] = [r for r in told if r["what"] == "refused"]
    assert json.loads(refused["cells"])["Model version"] == "claude-2.1" and refused["row"] == "3"
    assert [r["file"] for r in told if r["what"] == "not read"] == ["notes.csv"]
    checked = CliRunner().invoke(app, ["check", str(into), "--json"])
    assert checked.exit_code == 0, checked.output
    found = conforms("check", json.loads(checked.stdout))
    assert found["problems"] == [] and found["provisional"] == ["organizations: pangolin-ai", "models: zhuque-9"]
    asked = CliRunner().invoke(app, ["evidence", "models", "--study", str(into), "--where", "zhuque-9", "--json"])
    assert json.loads(asked.stdout)


def test_the_json_is_as_its_schema_says(folder, tmp_path):
    done = command("--from", folder, "--into", tmp_path / "p", "--no-headlines", "--json")
    found = conforms("update", json.loads(done.stdout))
    assert (found["new"], found["refused"], found["provisional"][0]["model"]) == (
        {"sources": 1, "organizations": 1, "models": 1, "scores": 1},
        1,
        "zhuque-9",
    )


def test_dry_run_and_strict_write_nothing(folder, tmp_path):
    into = tmp_path / "p"
    assert command("--from", folder, "--into", into, "--no-headlines", "--dry-run").exit_code == 0
    strict = command("--from", folder, "--into", into, "--no-headlines", "--strict")
    assert strict.exit_code == 1 and not into.exists()


def test_a_folder_that_holds_something_else_is_left_alone_and_an_earlier_proposal_is_replaced(folder, tmp_path):
    other = given(tmp_path / "other", {"mine.txt": "x"})
    refused = command("--from", folder, "--into", other, "--no-headlines")
    assert refused.exit_code == 1 and (other / "mine.txt").exists()
    for _ in range(2):
        assert command("--from", folder, "--into", tmp_path / "p", "--no-headlines").exit_code == 0


def test_nothing_new_writes_nothing(tmp_path):
    row = Evidence.load(as_of=DAY)["scores"].filter(pl.col("model") == "gpt-5").head(1).write_csv()
    done = command("--from", given(tmp_path / "in", {"scores.csv": row}), "--into", tmp_path / "p")
    assert done.exit_code == 0 and "nothing new" in done.output and not (tmp_path / "p").exists()


def test_the_headlines_say_what_three_new_models_move_and_by_which(tmp_path):
    files = {}
    for test, best in (
        ("gpqa_diamond", 0.97),
        ("otis_mock_aime_2024_2025", 0.99),
        ("chess_puzzles", 0.8),
        ("simpleqa_verified", 0.95),
        ("frontiermath", 0.5),
    ):
        files[f"{test}.csv"] = hub_csv(
            hub_row("zhuque-9_high", best, *NEW[1:]), hub_row("saga-9_max", best, "2026-11-02", "Anthropic", "United States of America"),
            hub_row("nova-lite-9", best / 4, "2026-11-01", "Some lab", "France"),
        )  # fmt: skip
    found = run.update(run.chosen(()), DAY, given=given(tmp_path / "in", files), place=tmp_path)
    lag = next(h for h in found.moved.headlines if h.name == "daily_mean")
    assert abs(lag.moved) > 0.01 and lag.known_only is not None
    assert {"zhuque-9", "saga-9"} <= set(lag.without) and "nova-lite-9" not in lag.without
    assert "| `zhuque-9` |" in found.text and "quick fit" in found.text


def test_a_file_is_read_by_the_first_connector_that_knows_it(tmp_path):
    taken = {}
    for name, files in samples(tmp_path).items():
        for f, content in files.items():
            file = File(name=f, content=content, day=DAY)
            taken[name] = next((c.name for c in CONNECTORS if c.recognizes(file)), None)
    assert all(taken[n] == n for n in taken if n != "epoch")  # a zip is opened first
