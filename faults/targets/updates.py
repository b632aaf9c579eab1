"""What an update brings: answers of publishers, each read by its connector as if the network had brought it."""

import datetime as dt
import functools
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from faults.targets import Target
from faults.targets.imports import HUB_ROWS, INDEX
from faults.targets.numbers import _LLAMA
from faults.targets.oracle import require_seen
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers import epoch
from leadtime.importers.names import Names
from leadtime.rules import brought_lists
from leadtime.update import gather, markdown, run
from leadtime.update.connector import Connector, File, Known
from leadtime.update.registry import CONNECTORS

_DAY = dt.date(2026, 11, 20)
_BY_NAME: dict[str, Connector] = {c.name: c for c in CONNECTORS}


@functools.cache
def _known() -> Known:
    evidence = Evidence.load(as_of=dt.date.max)
    return Known(evidence=evidence, names=Names.of(evidence, epoch.rules()["efforts"]))


def _read(connector: Connector, files: list[File]) -> None:
    """Put files to a connector; now and then to all that follows it, which takes longer."""
    if not all(connector.recognizes(f) for f in files):
        raise LeadtimeError("is not recognized")
    mentions = connector.mentions(files)
    found = connector.read(files, _known())
    for refused in found.refused:
        assert "please report it" not in refused.reason, refused.reason[:90]
        require_seen(refused.reason, refused.row)
    for lead in found.leads:
        require_seen(lead.number, lead.title, lead.kind, lead.published_on, lead.effective_on, lead.citation, lead.url)
    for candidates in found.found:
        sound = candidates.rows
        sound = sound.filter(pl.col("_aside").is_null()) if "_aside" in sound.columns else sound
        for column in sound.columns:
            if sound[column].dtype == pl.String:
                require_seen(*sound[column].drop_nulls())
    of_another = any(f.name.endswith("_metadata.csv") for f in files)  # it tells of files that are not there
    if not (found.found or found.refused or found.leads or found.notes or found.lists or mentions or of_another):
        raise AssertionError("nothing taken and nothing said")
    if sum(len(f.content) for f in files) % 16 == 0:
        _whole(connector, files)
    if not (found.found or found.leads or found.lists) and any(not r.row for r in found.refused):
        raise LeadtimeError("refused whole")


def _whole(connector: Connector, files: list[File]) -> None:
    found = gather.gather({connector.name: files}, _known().evidence, [connector], _DAY)
    for refused in (*found.rows.refused, *(r for a in found.asked for r in a.failed)):
        assert "please report it" not in refused.reason, refused.reason[:90]
    text = markdown.text(found, None, [], _known().evidence, str(_DAY))
    text.encode()
    for rows in found.rows.accepted.values():
        rows.write_csv().encode()


def _one(connector: str, name: str) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        _read(_BY_NAME[connector], [File(name=name, content=data, day=_DAY)])

    return check


def _named(connector: str, *names: str) -> Callable[[bytes], None]:
    """Put one of several files, by the first letter of an input."""

    def check(data: bytes) -> None:
        name = names[(data[0] if data else 0) % 65 % len(names)]
        _read(_BY_NAME[connector], [File(name=name, content=data[1:], day=_DAY)])

    return check


_METADATA = (
    b"benchmark,in_eci,source_file,score_column,scale,random_baseline,score_ceiling,release_date,superseded_by\n"
    b"GPQA diamond,True,gpqa_diamond.csv,Best score (across scorers),1.0,0.25,1.0,2023-11-20,\n"
    b"Lantern Bench,True,lantern_external.csv,Solved,0.01,0.2,0.9,2026-09-30,\n"
)
_VERSIONS = (
    b"model_version,model_group,date,display_name,organization,country,accessibility,training_compute_flop\n"
    b"zhuque-9_high,Zhuque 9,2026-10-20,Zhuque 9 (high),Pangolin AI,China,Open weights (unrestricted),\n"
)
_EPOCH = ("gpqa_diamond.csv", "eci_benchmarks.csv", "benchmark_metadata.csv", "model_metadata.csv")


def _epoch_seeds() -> Iterator[bytes]:
    for i, content in enumerate((HUB_ROWS, INDEX, _METADATA, _VERSIONS)):
        yield bytes((65 + i,)) + content


def _livebench_seeds() -> Iterator[bytes]:
    tasks = json.dumps({"Reasoning": ["spatial", "zebra_puzzle"], "Language": ["typos"]}).encode()
    yield b"model,spatial,typos,zebra_puzzle\ngpt-5.2-2025-12-11-high,90,80,70\nsomeone-9-high,1,2,3\n\x1e" + tasks


def _livebench(data: bytes) -> None:
    table, _, tasks = data.partition(b"\x1e")
    names = ("table_2026_09_30.csv", "categories_2026_09_30.json")
    files = [File(name=n, content=c, day=_DAY) for n, c in zip(names, (table, tasks), strict=True)]
    _read(_BY_NAME["livebench"], files)


def _metr_seeds() -> Iterator[bytes]:
    yield (
        b"benchmark_name: METR-Horizon-v1.1\nresults:\n  gpt_5_2:\n    benchmark_name: METR-Horizon-v1.1\n   "
        b" metrics:\n      average_score:\n        estimate: 0.76\n      p50_horizon_length:\n        ci_high: 900.5\n "
        b"       ci_low: 201.25\n        estimate: 777.5\n    release_date: 2025-12-11\n"
    )


def _register_seeds() -> Iterator[bytes]:
    rule = {
        "document_number": "2026-19999",
        "title": "Controls on lanterns",
        "type": "Rule",
        "publication_date": "2026-10-30",
        "effective_on": "2026-11-15",
        "citation": "91 FR 60001",
        "html_url": "https://www.federalregister.gov/d/2026-19999",
        "cfr_references": [{"title": 15, "part": 744}],
    }
    yield json.dumps({"count": 2, "results": [rule, rule | {"document_number": "2023-23055"}]}, indent=1).encode()


def _register(data: bytes) -> None:
    file = File(name="federal_register_rules.json", content=data, day=_DAY)
    connector = _BY_NAME["register"]
    _read(connector, [file])
    found = connector.read([file], _known())
    whole = json.loads(data.decode("utf-8-sig"))
    n_left = sum(n.n_rows for n in found.notes)
    n_said = len(whole.get("results") or [])
    n_told = len(found.leads) + len(found.refused) + n_left
    same = n_said - len(
        {str(r.get("document_number")).strip() for r in whole.get("results") or [] if isinstance(r, dict)}
    )
    assert n_told >= n_said - same - sum(not isinstance(r, dict) for r in whole.get("results") or []), (
        f"{n_said} documents in the file, {n_told} told"
    )


def _filings_seeds() -> Iterator[bytes]:
    def fact(start: str, end: str, value: float, filed: str) -> dict[str, Any]:
        return {"start": start, "end": end, "val": value, "accn": "0", "fy": 2026, "fp": "Q1", "filed": filed}

    facts = [
        fact("2025-07-01", "2025-09-30", 77e9, "2025-10-29"),
        fact("2025-10-01", "2025-12-31", 81e9, "2026-01-28"),
        fact("2025-07-01", "2026-06-30", 330e9, "2026-07-29"),
    ]
    gaap = {
        "Revenues": {"units": {"USD": facts}},
        "PaymentsToAcquirePropertyPlantAndEquipment": {"units": {"USD": facts[:2]}},
    }
    yield json.dumps({"cik": 789019, "entityName": "MICROSOFT CORP", "facts": {"us-gaap": gaap}}, indent=1).encode()


def _config_seeds() -> Iterator[bytes]:
    yield json.dumps(_LLAMA, indent=1).encode()


def _table_seeds() -> Iterator[bytes]:
    evidence = _known().evidence
    for i, name in enumerate(_TABLES):
        yield bytes((65 + i,)) + evidence[name].head(2).write_csv().encode()


_TABLES = ("scores", "models", "published", "shipments")


def _zip_seeds() -> Iterator[bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in zip(_EPOCH, (HUB_ROWS, INDEX, _METADATA, _VERSIONS), strict=True):
            out.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    yield buffer.getvalue()


def _zip(data: bytes) -> None:
    from faults.targets.oracle import file
    from leadtime.update import files

    every, _ = files.given(file("brought.zip", data), _DAY)
    mine, unread = gather.sorted_by_connector(every, run.chosen(()))
    assert sum(map(len, mine.values())) + len(unread) == len(every)
    for f in every:
        require_seen(f.name)
    for name, ours in mine.items():
        _read(_BY_NAME[name], ours)


def _record_seeds() -> Iterator[bytes]:
    one = brought_lists.Brought(file="sdn.csv", day=_DAY, sha256="0" * 64, url="https://example.org/sdn.csv")
    yield brought_lists.written([one, one]).encode()


def _record(data: bytes) -> None:
    from faults.targets.oracle import file, folder

    file(brought_lists.NAME, data)
    for one in brought_lists.read(folder()):
        assert type(one.day) is dt.date and all(isinstance(t, str) for t in (one.file, one.sha256, one.url))


_JSON = ("results", "estimate", "NaN", "1e999", "null", "\\ud83d", "\\u202e", "[]", "{}", "²")
TARGETS = (
    Target(
        name="update-epoch",
        what="`leadtime update`: Epoch AI's tables",
        seeds=_epoch_seeds,
        check=_named("epoch", *_EPOCH),
        words=("Model version", "mean_score", "benchmark", "scale", "zhuque-9", "\u202e"),
    ),
    Target(name="update-livebench", what="`leadtime update`: LiveBench", seeds=_livebench_seeds, check=_livebench),
    Target(
        name="update-metr",
        what="`leadtime update`: METR's results",
        seeds=_metr_seeds,
        check=_one("metr", "benchmark_results_1_1.yaml"),
        words=("p50_horizon_length", "estimate", "ci_low", ".nan", "&a", "*a", "METR-Horizon-v1.1"),
    ),
    Target(
        name="update-register",
        what="`leadtime update`: the Federal Register",
        seeds=_register_seeds,
        check=_register,
        words=("document_number", "cfr_references", "title", "part", *_JSON),
    ),
    Target(
        name="update-filings",
        what="`leadtime update`: company facts of the SEC",
        seeds=_filings_seeds,
        check=_one("filings", "CIK0000789019.json"),
        words=("us-gaap", "USD", "val", "filed", "start", "end", *_JSON),
    ),
    Target(
        name="update-configs",
        what="`leadtime update`: configurations of a hub",
        seeds=_config_seeds,
        check=_one("configs", "zai-org/GLM-5.2/config.json"),
        words=("model_type", *_LLAMA, *_JSON),
    ),
    Target(
        name="update-tables",
        what="`leadtime update`: tables by hand, CAISI's among them",
        seeds=_table_seeds,
        check=_named("tables", *(f"{t}.caisi.csv" for t in _TABLES)),
    ),
    Target(name="update-zip", what="`leadtime update --from`: a zip", seeds=_zip_seeds, check=_zip),
    Target(
        name="lists-record",
        what="`lists/brought.toml`",
        seeds=_record_seeds,
        check=_record,
        words=("file", "day", "sha256", "url", "[[list]]"),
    ),
)
