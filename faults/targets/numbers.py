"""Files of numbers: configurations of networks, tables of scores, responses to items, results kept on disk."""

import gzip
import io
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from faults.targets import Target
from faults.targets.oracle import file, folder, records, value
from leadtime.brought.cells import MISSING
from leadtime.capability import cache
from leadtime.capability.items import read as items
from leadtime.capability.items.tables import read_items
from leadtime.capability.scores_file import read_scores
from leadtime.cost.config import to_config
from leadtime.cost.counts import kv_bytes_per_token, parameters, training_flop_per_token
from leadtime.cost.families import FAMILIES
from leadtime.cost.fields import parse_config
from leadtime.cost.reading import read_architecture, read_network
from leadtime.errors import LeadtimeError
from leadtime.scenario import ensemble as ensembles

_LLAMA = {
    "model_type": "llama",
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": False,
}
_V3 = {
    "model_type": "deepseek_v3",
    "vocab_size": 129280,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "n_shared_experts": 1,
    "n_routed_experts": 256,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "num_nextn_predict_layers": 1,
    "tie_word_embeddings": False,
    "attention_bias": False,
    "quantization_config": {"quant_method": "fp8"},
}
_OSS = {
    "model_type": "gpt_oss",
    "vocab_size": 201088,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "head_dim": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "sliding_window": 128,
    "tie_word_embeddings": False,
    "attention_bias": True,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
}


def _config_seeds() -> Iterator[bytes]:
    for config in (
        _LLAMA,
        _V3,
        _OSS,
        _LLAMA | {"model_type": "qwen2", "use_sliding_window": False, "max_window_layers": 28},
    ):
        yield json.dumps(config, indent=1).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({k for k, _ in pairs}) == len(pairs), "a key is there twice"
    return dict(pairs)


def _config(data: bytes) -> None:
    path = file("config.json", data)
    found = read_network(path)
    said = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    if found.family in FAMILIES and found.answers == "the next token":
        row = read_architecture(said)
        assert row.n_layers == said["num_hidden_layers"] and row.hidden == said["hidden_size"]
        assert read_architecture(to_config(row)) == row, "another network when it is written and read again"
    counted = parameters(found)
    assert counted.total == sum(counted.parts.values()) >= 0 and all(v >= 0 for v in counted.parts.values())
    numbers = (training_flop_per_token(found, 4096), kv_bytes_per_token(found))
    assert all(math.isfinite(float(n)) and n >= 0 for n in _flat(numbers))
    assert repr(parse_config(data.decode("utf-8-sig"))) == repr(said)


def _flat(found: Any) -> list[Any]:
    return [x for f in found for x in (_flat(f) if isinstance(f, tuple) else [f])]


def _at(header: list[str], *names: str) -> int | None:
    """Return the place of a column by the first of some names, as written or else in other case."""
    plain = [re.sub(r"[\W_]+", "", h.casefold()) for h in header]
    for name in names:
        if name in header:
            return header.index(name)
        if name.replace("_", "") in plain:
            return plain.index(name.replace("_", ""))
    return None


def _scores_seeds() -> Iterator[bytes]:
    rows = 'gpt-5,gpqa-diamond,0.87\ndeepseek-v3,gpqa-diamond,0.59\n"a, b",mmlu,1\n'
    yield f"model,benchmark,performance\n{rows}".encode()
    yield f"model_version,benchmark_id,score,note\n{rows.replace(chr(10), ',x' + chr(10))}".encode()
    buffer = io.BytesIO()
    pl.DataFrame({"model": ["a", "b"], "benchmark": ["x", "x"], "performance": [0.5, 0.25]}).write_parquet(buffer)
    yield buffer.getvalue()


def _scores(data: bytes) -> None:
    found = read_scores(file("scores.csv", data))
    assert found["performance"].is_between(0, 1).all() and not found.null_count().sum_horizontal().item()
    if data[:4] != b"PAR1":
        header, rows = records(data)
        at = [
            _at(header, *names)
            for names in (
                ("model", "model_version", "model_id"),
                ("benchmark", "benchmark_id"),
                ("performance", "score"),
            )
        ]
        if None in at:
            return  # read as another shape, or by other names
        said = [[r[i] for i in at] for r in rows if r[at[2]].casefold() not in MISSING]
        assert found.height == len(said), f"{len(said)} rows in the file, {found.height} accepted"
        for row, text in zip(found.rows(), said, strict=True):
            number = text[2].replace(",", ".") if text[2].count(",") == 1 and "." not in text[2] else text[2]
            share = value(number.rstrip("%％ "), pl.Float64()) / (100 if number[-1] in "%％" else 1)
            assert (row[0].strip(), row[1].strip()) == tuple(text[:2]) and abs(row[2] - share) < 1e-9, (row, text)


def _items_seeds() -> Iterator[bytes]:
    text = b"model,item,response,count\na,1,1,1\na,2,0,2\nb,1,0.5,2\nb,2,1,1\n"
    yield text
    yield b"model_id,sample_id,score,task\na,1,true,x\nb,1,false,x\na,1,1,y\nb,1,0,y\n"
    yield gzip.compress(text, mtime=0)
    buffer = io.BytesIO()
    pl.read_csv(text).write_parquet(buffer)
    yield buffer.getvalue()


def _items(data: bytes) -> None:
    found = items.read([file("items.csv", data)])
    assert found.n_responses > 0 and len(found.models) > 0 and len(found.items) > 0
    if data[:4] != b"PAR1" and data[:2] != b"\x1f\x8b":
        header, rows = records(data)
        model, *others = (
            _at(header, *n) for n in (("model", "model_id"), ("item", "sample_id"), ("response", "score"))
        )
        if model is None or None in others:
            return  # read as another shape, or by other names
        assert len(found.models) <= len({r[model] for r in rows}), "another number of models"
        assert found.n_responses <= len(rows)


def _held_seeds() -> Iterator[bytes]:
    yield b"item,a,b,c\nx/1,1.2,-0.5,0.2\nx/2,0.8,1.5,\n"
    yield json.dumps(
        {"items": [{"item": "x/1", "a": 1.2, "b": -0.5, "c": 0.2}, {"item": "x/2", "a": 1, "b": 2}]}
    ).encode()


def _held(data: bytes) -> None:
    found = read_items(file("held.csv", data))
    assert found
    assert all(math.isfinite(x) for values in found.values() for x in values)
    said = records(data)[1] if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else json.loads(data)["items"]
    assert len(said) == len(found), f"{len(said)} rows in the file, {len(found)} accepted"


_KEPT = {"draw_theta": np.arange(12.0).reshape(3, 4), "mode_theta": np.arange(4), "diagnostics": np.array([])}


def _cache_seeds() -> Iterator[bytes]:
    with _cache_here():
        cache.store("key", _KEPT)
    yield (folder() / "cache" / "key.summed.npz").read_bytes()


@contextmanager
def _cache_here() -> Iterator[None]:
    before = os.environ.get("LEADTIME_CACHE")
    os.environ["LEADTIME_CACHE"] = str(folder() / "cache")
    try:
        yield
    finally:
        del os.environ["LEADTIME_CACHE"]
        if before is not None:
            os.environ["LEADTIME_CACHE"] = before


def _cache(data: bytes) -> None:
    file("cache/key.summed.npz", data)
    with _cache_here():
        found = cache.load("key")
    if found is None:
        raise LeadtimeError("damaged: computed again")
    assert found.keys() == _KEPT.keys(), "other names"
    assert all(np.array_equal(found[k], v) and found[k].dtype == v.dtype for k, v in _KEPT.items()), "other numbers"


def _ensemble_seeds() -> Iterator[bytes]:
    whole = ensembles.load()
    assert whole is not None
    few = replace(whole, draws={k: v[:2] for k, v in list(whole.draws.items())[:2]}, checks=whole.checks.head(1))
    buffer = io.BytesIO()
    ensembles.save(few, buffer)
    yield buffer.getvalue()


def _ensemble(data: bytes) -> None:
    if ensembles.load(file("ensemble.npz", data)) is None:
        raise LeadtimeError("damaged: calibrated again")


TARGETS = (
    Target(
        name="config-json",
        what="a network's `config.json`",
        seeds=_config_seeds,
        check=_config,
        words=(
            *FAMILIES,
            *_LLAMA,
            *_V3,
            "null",
            "sliding_window",
            "mlp_only_layers",
            "decoder_sparse_step",
            "layer_types",
            "text_config",
        ),
    ),
    Target(
        name="scores-file",
        what="tables of scores (`--scores`), CSV and Parquet",
        seeds=_scores_seeds,
        check=_scores,
        words=("model", "benchmark", "performance", "score"),
    ),
    Target(
        name="items-file",
        what="responses to items (`--items`), CSV, gzip and Parquet",
        seeds=_items_seeds,
        check=_items,
        words=("model", "item", "response", "count", "task"),
    ),
    Target(
        name="items-held",
        what="items to hold (`--hold`), CSV and JSON",
        seeds=_held_seeds,
        check=_held,
        words=("item", "a", "b", "c", "NaN", "Infinity"),
    ),
    Target(name="cache-npz", what="results kept on disk", seeds=_cache_seeds, check=_cache),
    Target(name="ensemble-npz", what="ensembles kept on disk", seeds=_ensemble_seeds, check=_ensemble),
)
