"""What others published taken in: by declared rules, each row accepted, known, set aside or refused; the second time
nothing changes.
"""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from import_side import run, said
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import archive, epoch

EPOCH = Path(__file__).parents[2] / "shared" / "reference" / "epoch"
needs_reference = pytest.mark.skipif(not EPOCH.is_dir(), reason="the reference files are not here")
HUB = (
    "Model version,mean_score,Best score (across scorers),Release date,Organization,Country,stderr,Log viewer,Started"
    " at,id"
)


def hub(folder, *rows, name="gpqa_diamond", header=HUB):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def row(model, score, se="0.01", day="2026-11-01T10:00:00.000Z"):
    return f"{model},{score},{score},2026-01-01,A lab,Somewhere,{se},https://logs.example/{model},{day},x"


def test_a_file_of_the_hub_comes_in_by_its_rule(tmp_path):
    hub(
        tmp_path / "hub",
        row("gpt-5-2025-08-07_high", 0.123),
        row("nobody-9", 0.5),
        row("claude-2.1", 87),
        row("gpt-4o-2024-11-20", 0.4, day="2025-13-01"),
    )
    found = said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study")
    assert (found["accepted"]["scores"], found["set_aside"], found["refused"]) == (1, 1, 2)
    assert "nobody-9" in found["set_aside_because"][0]["reason"]
    why = {r["row"]: r["reason"] for r in found["refused_because"]}
    assert "87 percent is 0.87" in why["row 4"] and "2025-13-01" in why["row 5"]
    [taken] = pl.read_csv(tmp_path / "study" / "imports" / "epoch-hub.1" / "scores.csv").to_dicts()
    assert (taken["model"], taken["effort"], taken["score"], taken["se"]) == ("gpt-5", "high", 0.123, 0.01)
    assert (taken["evaluator"], taken["report_type"], taken["known_on"]) == ("epoch-ai", "independent", "2026-11-01")
    assert (tmp_path / "study" / "imports" / "epoch-hub.1" / "quarantine.csv").read_text().count("\n") == 4
    assert Evidence.load(tmp_path / "study").overlays


def test_the_second_import_changes_nothing_and_a_new_copy_is_compared(tmp_path):
    hub(tmp_path / "hub", row("gpt-5-2025-08-07_high", 0.123), row("gpt-5-2025-08-07_low", 0.1, day=""))
    said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study", "--known-on", "2026-11-02")
    files = {p: p.read_bytes() for p in (tmp_path / "study").rglob("*.csv")}
    again = said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study", "--known-on", "2026-11-20")
    assert {w["became"] for w in again["written"]} == {"unchanged"}
    assert {p: p.read_bytes() for p in (tmp_path / "study").rglob("*.csv")} == files
    hub(tmp_path / "hub", row("gpt-5-2025-08-07_high", 0.2), row("claude-2.1", 0.11))
    moved = next(
        w
        for w in said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study")["written"]
        if "scores" in w["file"]
    )
    assert (moved["n_added"], moved["n_changed"], moved["n_gone"]) == (1, 1, 1)


def test_a_zip_is_as_its_folder_and_names_of_the_user_are_taken(tmp_path):
    hub(tmp_path / "hub", row("our-own_high", 0.3))
    with zipfile.ZipFile(tmp_path / "hub.zip", "w") as out:
        out.write(tmp_path / "hub" / "gpqa_diamond.csv", "data/gpqa_diamond.csv")
    for path in ("hub", "hub.zip"):
        found = said(
            "import", "epoch", tmp_path / path, "--into", tmp_path / path.replace(".", "-"), "--model", "our-own=gpt-5"
        )
        assert found["accepted"]["scores"] == 1, path
    one, two = ((tmp_path / d / "imports" / "epoch-hub.1" / "scores.csv").read_text() for d in ("hub", "hub-zip"))
    assert one.splitlines()[0] == two.splitlines()[0] and "gpt-5,gpqa-diamond,0.3" in two
    wrong = run("import", "epoch", tmp_path / "hub", "--into", tmp_path / "s", "--model", "our-own=nobody")
    assert wrong.exit_code != 0 and "nobody" in str(wrong.exception or wrong.output)


def test_what_no_rule_covers_is_told(tmp_path):
    hub(tmp_path / "hub", row("claude-2.1", 0.2) + ",new", header=HUB + ",Surprise")
    hub(tmp_path / "hub", "claude-2.1,0.3", name="math_level_5", header="Model version,score_renamed")
    hub(tmp_path / "hub", "a,1", name="brand_new_external", header="Model version,Score")
    notes = said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study")["notes"]
    assert any("gpqa_diamond.csv: no rule for column 'Surprise'" in n for n in notes)
    assert any("math_level_5.csv: 1 row is left out: there is no column 'mean_score'" in n for n in notes)
    assert any(
        "brand_new_external.csv: 1 row is left out: leadtime has no rule for a file with these columns" in n
        for n in notes
    )


@pytest.mark.parametrize(
    "content",
    [b"Model version,mean_score\nclaude-2.1,\xff\n", b'Model version,mean_score\n"claude-2.1,0.5\n', b"a,a\n1,2\n"],
)
def test_a_damaged_file_is_refused_and_the_others_are_taken(tmp_path, content):
    hub(tmp_path / "hub", row("gpt-5-2025-08-07_high", 0.123))
    (tmp_path / "hub" / "math_level_5.csv").write_bytes(content)
    found = said("import", "epoch", tmp_path / "hub", "--into", tmp_path / "study")
    assert found["accepted"]["scores"] == 1
    assert found["refused_because"][0]["file"] == "math_level_5.csv"


@pytest.mark.parametrize("kind", ["torn", "bomb", "climbs", "absent", "empty"])
def test_an_archive_that_does_harm_is_refused_whole(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_RATIO", 10)
    path = tmp_path / "hub.zip"
    if kind != "absent":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            if kind != "empty":
                out.writestr(
                    "../x.csv" if kind == "climbs" else "gpqa_diamond.csv",
                    b"0" * (11_000_000 if kind == "bomb" else 99),
                )
    if kind == "torn":
        path.write_bytes(path.read_bytes()[:60])
    result = run("import", "epoch", path, "--into", tmp_path / "study")
    assert result.exit_code != 0 and isinstance(result.exception, LeadtimeError)
    assert not (tmp_path / "study").exists()


@needs_reference
def test_epochs_hub_agrees_with_what_was_curated_from_it(tmp_path):
    found = said("import", "epoch", EPOCH / "benchmark_data", "--into", tmp_path)
    assert found["files"] == 48 and found["refused"] == 0 and found["known"] > 2500
    assert found["accepted"]["scores"] + found["known"] + found["set_aside"] > 3700
    assert found["notes"] == [
        "webdev_arena_external.csv: 39 rows are left out: an Elo rating is not a share of what was asked"
    ]
    index = said("import", "epoch", EPOCH / "eci" / "eci_benchmarks_2026-08.csv", "--into", tmp_path)
    assert index["known"] > 2000 and index["refused"] == 0
    assert said("check", tmp_path)["problems"] == []


@needs_reference
def test_the_floors_that_the_index_takes_off_are_those_declared():
    """The published index is the hub's raw score with guessing taken off: undone, it is the raw score again."""
    raw = epoch.read(EPOCH / "benchmark_data", _nothing(), known_on=Evidence.load().as_of).accepted["scores"]
    undone = epoch.read(
        EPOCH / "eci" / "eci_benchmarks_2026-08.csv", _nothing(), known_on=Evidence.load().as_of
    ).accepted["scores"]
    both = undone.join(
        raw.select("model", "benchmark", "effort", _raw="score"), on=["model", "benchmark", "effort"], nulls_equal=True
    )
    same = both.group_by("benchmark").agg(pl.len(), near=((pl.col("score") - pl.col("_raw")).abs() < 2e-3).mean())
    for name in epoch.rules()["eci"]["chance"]:
        for _, n, near in same.filter(pl.col("benchmark") == name, pl.col("len") >= 10).iter_rows():
            assert near > 0.6, (name, n, near)


def _nothing():
    """The names of the evidence, and no score."""
    found = Evidence.load()
    found.tables["scores"] = found.tables["scores"].clear()
    full = Evidence.load()
    return type(full)({**full.tables, "scores": full["scores"].with_columns(score=pl.lit(-1.0))}, full.as_of)


@needs_reference
def test_chip_counts_find_the_rows_that_are_there_and_set_aside_what_a_newer_copy_counts_otherwise(tmp_path):
    found = said("import", "epoch", EPOCH / "chip_counts", "--into", tmp_path)
    assert found["known"] >= 112 and not found["accepted"].get("shipments")
    aside = pl.read_csv(tmp_path / "imports" / "epoch-chip-counts.1" / "quarantine.csv")
    assert aside.height == found["set_aside"] + found["refused"] > 0
    assert aside.filter(pl.col("reason").str.contains("differs from the evidence")).height >= 10


def test_models_and_hardware_come_in(tmp_path):
    (tmp_path / "m.csv").write_text(
        "Model,Organization,Publication date,Training compute (FLOP),Training hardware,Confidence\nClaude"
        " Instant,Anthropic,2023-03-14,1e23,NVIDIA"
        " A100,Likely\nNobody,X,2024-01-01,1e20,,\nGPT-4,OpenAI,2023-03-15,2.1e25,,Likely\n"
    )
    found = said("import", "epoch", tmp_path / "m.csv", "--into", tmp_path / "s")
    assert found["accepted"]["training_runs"] == 1 and found["set_aside"] == 1
    assert found["notes"] == ["m.csv: 1 row is left out: the evidence has a run of these models already"]
    (tmp_path / "h.csv").write_text(
        "Hardware name,Manufacturer,Release date,Tensor-FP16/BF16 performance (FLOP/s),FP8 performance (FLOP/s)\nNVIDIA"
        " A100 SXM4 80 GB,NVIDIA,2020-11-16,3.12e14,\nNVIDIA H100 SXM5 80GB,NVIDIA,2022-09-20,1.0e15,\nNew"
        " 9,N,2027-01-01,1e16,\n"
    )
    found = said("import", "epoch", tmp_path / "h.csv", "--into", tmp_path / "s")
    assert found["known"] == 2 or found["set_aside"] >= 1
    reasons = " ".join(r["reason"] for r in found["set_aside_because"])
    assert "New 9" in reasons
