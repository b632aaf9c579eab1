"""Every command that the documentation shows is run: a page that promises what is not there fails here (tutorials run
when they are built).
"""

import json
import re
import shlex
import warnings
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from brought_files import helm_run
from leadtime.cli import app
from leadtime.evidence import Evidence, settings
from studies import DRAWS, METHOD, quick_study

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if not {"tutorials", "_build"} & set(p.parts)),
]
#: Not run here, and where they are.
ELSEWHERE = {
    "serve": "it does not end: tests/test_web_store.py, what it starts with",
    "mcp": "it does not end: tests/test_mcp.py, with a client",
    "fetch epoch": "it wants the network: tests/test_fetch.py, against a server of the test",
    "update --contact": "it wants the network: tests/test_update.py, against a server of the test",
    "backtest": "minutes: tests/test_backtest.py asks one question of it",
    "import inspect": "tests/test_import.py, the same three commands",
    "reproduce": "it wants a report: tests/test_reproduce.py, of a made-up one",
}


def commands(page):
    """The commands of a page, without prompt, path and remark."""
    found = []
    for line in page.read_text(encoding="utf-8").splitlines():
        shown = re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?(leadtime .*)", line)
        if not shown or not (line.lstrip().startswith("$") or line.startswith("    ")):
            continue
        text = re.split(r"\s+#\s| {2,}", shown[1])[0]
        found.append(text.strip())
    return found


#: Run by `make calibrate`: each takes half a minute or more.
LONG = ("explain ", "report", "lag --of CHN --behind USA --all", "claims")
SHOWN = [(page, text) for page in PAGES for text in commands(page)]
#: Each is run once, for the page that shows it last.
ONCE = list({text: (page, text) for page, text in SHOWN}.values())


def test_the_pages_show_commands():
    assert len(SHOWN) > 45
    assert {page.name for page, _ in SHOWN} >= {
        "README.md",
        "index.md",
        "import.md",
        "studies.md",
        "extract.md",
        "rules.md",
    }


def test_what_is_not_run_here_is_shown_and_tested_elsewhere():
    for start, why in ELSEWHERE.items():
        assert any(text.removeprefix("leadtime ").startswith(start) for _, text in SHOWN), start
        for name in re.findall(r"tests/test_\w+\.py", why):
            assert start.split()[0] in (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the commands name."""
    folder = tmp_path_factory.mktemp("docs")
    runner = CliRunner()
    scores = Evidence.load()["scores"]
    assert runner.invoke(app, ["new", str(folder / "my-study")]).exit_code == 0
    shape = {
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vocab_size": 100,
        "num_key_value_heads": 4,
        "tie_word_embeddings": False,
    }
    (folder / "config.json").write_text(json.dumps(shape))
    scores.head(400).select("model", "benchmark", performance="score").write_csv(folder / "my.csv")
    known = quick_study(None).abilities().filter(pl.col("n_benchmarks") >= 10).head(20)
    able = [*known.select("model", "points").iter_rows(), ("our-model", 150.0)]
    rows = [(m, f"i{j}", int(points + (j * 37) % 31 > 130 + j % 40)) for m, points in able for j in range(120)]
    pl.DataFrame(rows, schema=["model", "item", "response"], orient="row").write_parquet(folder / "own.parquet")
    (folder / "own.csv").write_text(runner.invoke(app, ["import", "csv", "--template", "scores"]).output)
    (folder / "out").mkdir()
    run = {
        "results": {"winogrande": {"acc,none": 0.7}},
        "config": {"model": "hf", "model_args": "pretrained=Qwen/Qwen2.5-7B-Instruct,load_in_4bit=True"},
    }
    (folder / "out" / "results_2026-01-01T00-00-00.json").write_text(json.dumps(run))
    (folder / "out" / "samples_winogrande_2026-01-01T00-00-00.jsonl").write_text(
        '{"doc_id": 0, "filter": "none", "acc": 1.0}'
    )
    cells = [";".join(str(min(95, 10 * k + 5 * i + 20)) for i in range(5)) for k in range(8)]
    names = [*known["model"].head(6), "our-model", "base"]
    board = "\n".join(
        ["Model;Winogrande;MMLU;GPQA Diamond;b4;b5", *(f"{m};{row}" for m, row in zip(names, cells, strict=True))]
    )
    (folder / "board.csv").write_text(f"{board}\n")
    answered = [(m, f"i{j}", int((j * 7 + k) % 9 < k + 1)) for k, m in enumerate(names) for j in range(40)]
    pl.DataFrame(answered, schema=["model", "item", "response"], orient="row").write_csv(
        folder / "answers.csv", separator=";"
    )
    helm_run(folder / "runs" / "mmlu", "org/ours", [1, 0, 1])
    (folder / "benchmark_data").mkdir()
    (folder / "benchmark_data" / "gpqa_diamond.csv").write_text(
        "Model version,mean_score,stderr,Started at\ngpt-5-2025-08-07_high,0.12,0.01,2026-01-01\n"
    )
    return folder


def case(page, text):
    marks = pytest.mark.slow if text.removeprefix("leadtime ").startswith(LONG) else ()
    return pytest.param(page, text, id=f"{page.name}: {text}", marks=marks)


@pytest.mark.parametrize(("page", "text"), [case(*shown) for shown in ONCE])
def test_every_command_shown_runs(page, text, place, monkeypatch):
    words = shlex.split(text)[1:]
    for start, why in ELSEWHERE.items():
        if " ".join(words).startswith(start):
            pytest.skip(why)
    monkeypatch.chdir(place)
    resolve = settings.resolve
    monkeypatch.setattr(
        settings, "resolve", lambda folder, seed, draws, method: resolve(folder, seed, draws or DRAWS, method or METHOD)
    )
    if words[:2] == ["new", "my-study"]:
        words[1] = "another-study"
    words = ["benchmark_data" if w in ("benchmark_data.zip", "hub.zip") else w for w in words]
    words = ["our-model" if w == "ours" else "benchmark_data" if w == "downloads" else w for w in words]
    if ">" in words:
        words = words[: words.index(">")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, f"{text}\n{result.output}\n{result.exception!r}"
    assert result.stdout.strip() or "report" in words
