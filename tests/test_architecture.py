"""Counting a network: against the reference implementation, against its makers' figures, and what is refused."""

import contextlib
import json
import random
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.cost.architecture import Architecture
from leadtime.cost.config import to_config
from leadtime.cost.counts import (
    index_bytes_per_token,
    kv_bytes_per_token,
    kv_cache_bytes,
    mean_keys,
    parameters,
    training_flop_per_token,
)
from leadtime.cost.describe import describe
from leadtime.cost.families import FAMILIES
from leadtime.cost.reading import counted_types, read_architecture, read_network
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from small_networks import small

#: Trained parameters counted by transformers 5.23.0 (torch 2.13.0), by scripts/count_with_transformers.py. It keeps
#: the load-balancing biases as buffers, and builds no multi-token prediction.
COUNTED = {
    "deepseek-llm-67b": 67425001472, "deepseek-v2": 235741434880, "deepseek-v2-lite": 15706484224,
    "deepseek-v3": 671026404352, "deepseek-v3-2": 671877929216, "glm-4-5": 352797814784,
    "glm-4-5-air": 106852245504, "glm-4-7": 352797814784, "glm-5": 743911199232, "gpt-oss-120b": 116829156672,
    "gpt-oss-20b": 20914757184, "kimi-k2": 1026408209408, "kimi-k2-thinking": 1026408209408,
    "llama-3-1-405b": 405853388800, "llama-3-1-70b": 70553706496, "llama-3-1-8b": 8030261248,
    "llama-3-3-70b": 70553706496, "mixtral-8x22b": 140620634112, "mixtral-8x7b": 46702792704,
    "qwen2-5-72b": 72706203648, "qwen3-235b-a22b": 235093634560, "qwen3-32b": 32762123264,
    "qwen3-coder-480b": 480154875392,
}  # fmt: skip

V3 = {
    "model_type": "deepseek_v3", "vocab_size": 129280, "hidden_size": 7168, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128,
    "n_shared_experts": 1, "n_routed_experts": 256, "num_experts_per_tok": 8, "first_k_dense_replace": 3,
    "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
    "num_nextn_predict_layers": 1, "tie_word_embeddings": False, "attention_bias": False,
    "quantization_config": {"quant_method": "fp8"},
}  # fmt: skip
LLAMA = {
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
OSS = {
    "model_type": "gpt_oss", "vocab_size": 201088, "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
    "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8, "num_local_experts": 32,
    "num_experts_per_tok": 4, "sliding_window": 128, "tie_word_embeddings": False, "attention_bias": True,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    return {r["id"]: r for r in Evidence.load()["architectures"].iter_rows(named=True)}


@pytest.fixture(scope="module")
def networks(rows):
    return {name: Architecture.from_row(row) for name, row in rows.items()}


def refusal(config):
    with pytest.raises(LeadtimeError) as caught:
        read_network(config)
    assert caught.value.fix
    return str(caught.value)


# --- counts -----------------------------------------------------------------------------------------------------


def test_the_table_and_the_reference_counts_name_the_same_networks(rows):
    assert set(rows) == set(COUNTED)


@pytest.mark.parametrize("name", COUNTED)
def test_trained_parameters_are_those_of_the_reference_implementation(networks, name):
    n = parameters(networks[name])
    assert n.trained == COUNTED[name]


@pytest.mark.parametrize("name", COUNTED)
def test_the_total_is_the_published_one_within_one_and_a_half_percent(rows, networks, name):
    assert parameters(networks[name]).total == pytest.approx(rows[name]["published_parameters"], rel=0.015)


@pytest.mark.parametrize(
    ("name", "billions"),
    [("deepseek-v3", 671.03), ("deepseek-v2", 235.7), ("llama-3-1-405b", 405.85), ("qwen2-5-72b", 72.71),
     ("mixtral-8x7b", 46.70), ("gpt-oss-120b", 116.829), ("qwen3-235b-a22b", 235.09), ("glm-4-5", 352.8),
     ("kimi-k2", 1026.4), ("glm-5", 743.9)],
)  # fmt: skip
def test_totals_in_billions(networks, name, billions):
    assert parameters(networks[name]).total / 1e9 == pytest.approx(billions, abs=0.06)


def test_active_parameters_of_v3_with_and_without_the_embedding(networks):
    n = parameters(networks["deepseek-v3"])
    assert (n.active, n.active_without_input_embedding) == (37552297472, 36625618432)
    assert n.mtp == 11610068224


def test_the_published_active_parameters_of_gpt_oss_leave_the_embedding_out(rows, networks):
    for name in ("gpt-oss-120b", "gpt-oss-20b"):
        active = parameters(networks[name]).active_without_input_embedding
        assert active == pytest.approx(rows[name]["published_active"], rel=0.001)


@pytest.mark.parametrize(
    ("name", "published_gflop", "tolerance"),
    [("deepseek-v3", 250, 0.005), ("deepseek-v2", 155, 0.005), ("llama-3-1-405b", 2448, 0.015)],
)
def test_training_flop_per_token_at_4096_is_what_deepseek_published(networks, name, published_gflop, tolerance):
    gflop = training_flop_per_token(networks[name], 4096) / 1e9
    assert gflop == pytest.approx(published_gflop, rel=tolerance)


def test_training_flop_per_token_to_the_digit(networks):
    assert training_flop_per_token(networks["deepseek-v3"], 4096) == 250449887232
    assert training_flop_per_token(networks["deepseek-v3"], 4096, mtp=True) == 260641652736
    assert training_flop_per_token(networks["llama-3-1-405b"], 4096) == 2473221685248


@pytest.mark.parametrize(
    ("name", "size"), [("deepseek-v3", 70272), ("llama-3-1-405b", 516096), ("gpt-oss-120b", 36864)]
)
def test_cache_bytes_per_token(networks, name, size):
    assert kv_bytes_per_token(networks[name]) == size


def test_a_window_stops_the_cache_of_its_layers(networks):
    a = networks["gpt-oss-20b"]
    assert kv_cache_bytes(a, 128) == 2 * 128 * kv_bytes_per_token(a)
    assert kv_cache_bytes(a, 10128) - kv_cache_bytes(a, 128) == 10000 * kv_bytes_per_token(a)


def test_sparse_attention_adds_keys_of_the_indexer_and_saves_operations_on_long_sequences(networks):
    dense, sparse = networks["deepseek-v3"], networks["deepseek-v3-2"]
    assert index_bytes_per_token(sparse) == 61 * 128
    assert training_flop_per_token(sparse, 1024) > training_flop_per_token(dense, 1024)
    assert training_flop_per_token(sparse, 131072) < 0.5 * training_flop_per_token(dense, 131072)


@pytest.mark.parametrize("limit", [0, 1, 7, 64, 200])
def test_mean_keys_is_the_mean_over_the_positions_of_a_sequence(limit):
    sequence = 64
    brute = sum(min(t, limit or sequence) for t in range(1, sequence + 1)) / sequence
    assert mean_keys(sequence, limit) == pytest.approx(brute, abs=0.5)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(COUNTED)), st.integers(1, 10**6), st.integers(1, 10**6))
def test_operations_grow_with_the_sequence_and_exceed_those_of_the_weights(networks, name, short, more):
    a = networks[name]
    n = parameters(a)
    products = training_flop_per_token(a, 1)
    assert training_flop_per_token(a, short) <= training_flop_per_token(a, short + more)
    assert products == pytest.approx(6 * n.active_without_input_embedding, rel=0.01)
    assert sum(n.parts.values()) == n.total >= n.active >= n.active_without_input_embedding > 0


def test_each_part_grows_the_total_by_itself(networks):
    a = networks["deepseek-v3"]
    more = replace(a, n_experts=a.n_experts + 1)
    assert parameters(more).total - parameters(a).total == 58 * (3 * 7168 * 2048 + 7168 + 1)
    assert parameters(more).active - parameters(a).active == 58 * (7168 + 1)


def test_a_tied_head_is_counted_once_and_used(networks):
    a = networks["llama-3-1-8b"]
    tied = parameters(replace(a, tied=True))
    assert parameters(a).total - tied.total == a.vocabulary * a.hidden
    assert tied.active_without_input_embedding == parameters(a).active_without_input_embedding


# --- reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "name"), [(V3, "deepseek-v3"), (LLAMA, "llama-3-1-8b"), (OSS, "gpt-oss-20b")])
def test_a_config_is_read_as_the_row_of_the_table(networks, tmp_path, config, name):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    assert read_network(path) == read_network(config)
    assert read_architecture(config) == networks[name]


@pytest.mark.parametrize("name", COUNTED)
def test_a_network_survives_the_way_to_a_config_and_back(networks, name):
    assert read_architecture(json.loads(json.dumps(to_config(networks[name])))) == networks[name]


def test_without_query_compression_one_matrix_makes_the_queries():
    a = read_architecture(V3 | {"q_lora_rank": None})
    assert a.q_rank == 0
    before, after = parameters(read_network(V3)).of("attention"), parameters(a).of("attention")
    assert after - before == 61 * (7168 * 128 * 192 - (7168 * 1536 + 1536 * 128 * 192 + 1536))


@pytest.mark.parametrize(("kind", "field"), [(k, name) for k, f in FAMILIES.items() for name in f.explicit])
def test_a_field_that_other_programs_would_guess_is_asked_for(kind, field):
    config = small(kind, random.Random(0))
    assert f"the field {field} is missing" in refusal({k: v for k, v in config.items() if k != field})


@pytest.mark.parametrize(
    ("changes", "window", "n_layers"),
    [({"model_type": "mistral", "sliding_window": 4096}, 4096, 32),
     ({"model_type": "mistral", "sliding_window": None}, 0, 0),
     ({"model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": False}, 0, 0),
     ({"model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": True, "max_window_layers": 30}, 4096, 2),
     ({"model_type": "llama", "sliding_window": 4096}, 4096, 0)],
)  # fmt: skip
def test_sliding_windows_by_the_rule_of_the_family(changes, window, n_layers):
    a = read_architecture(LLAMA | changes)
    assert a.n_window_layers == n_layers
    assert a.window == (window if n_layers else 0)


def test_gpt_oss_alternates_without_being_told():
    assert read_network({k: v for k, v in OSS.items() if k != "layer_types"}) == read_network(OSS)


@pytest.mark.parametrize("kind", ["gpt2", "hy_v4", ""])
def test_other_types_are_refused_by_name_with_the_known_ones_and_what_would_count_them(monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "torch", None)
    text = refusal(V3 | {"model_type": kind})
    assert repr(kind) in text
    assert "extra `networks`" in text and "leadtime doctor" in text
    assert f"{len(counted_types())} types have a formula" in text


OPTIONAL = {
    "num_key_value_heads",
    "num_nextn_predict_layers",
    "tie_word_embeddings",
    "attention_bias",
    "quantization_config",
}


@pytest.mark.parametrize("field", sorted(set(V3) - OPTIONAL))
def test_a_missing_field_is_named(field):
    text = refusal({k: v for k, v in V3.items() if k != field})
    assert f"the field {field} is missing" in text


@pytest.mark.parametrize(
    ("config", "told"),
    [(V3 | {"num_experts_per_tok": 300}, "300 experts are used per token, of only 256"),
     (V3 | {"hidden_size": -1}, "hidden_size is -1"), (V3 | {"hidden_size": 0}, "hidden_size is 0"),
     (V3 | {"hidden_size": 7168.5}, "not a whole number"), (V3 | {"hidden_size": True}, "not a whole number"),
     (V3 | {"n_routed_experts": 0}, "n_routed_experts is 0"), (V3 | {"attention_bias": True}, "attention_bias"),
     (V3 | {"tie_word_embeddings": "no"}, "not true or false"), (V3 | {"kv_lora_rank": 0}, "kv_rank"),
     (V3 | {"num_hidden_layers": 10**9}, "num_hidden_layers"), (V3 | {"moe_layer_freq": 2}, "moe_layer_freq"),
     (LLAMA | {"num_hidden_layers": 10**9}, "num_hidden_layers"),
     (LLAMA | {"num_key_value_heads": 5}, "32 query heads do not divide among 5"),
     (LLAMA | {"num_attention_heads": 33}, "4096 does not divide among num_attention_heads 33"),
     (LLAMA | {"num_attention_heads": 0}, "num_attention_heads 0"), (LLAMA | {"mlp_bias": True}, "mlp_bias"),
     (OSS | {"layer_types": ["linear_attention"] * 24}, "layers of type linear_attention"),
     (OSS | {"layer_types": ["full_attention"]}, "not a list of 24"),
     (V3 | {"model_type": 3}, "model_type is missing")],
)  # fmt: skip
def test_what_cannot_be_is_refused(config, told):
    assert told in refusal(config)


@pytest.mark.parametrize("changes", [{"n_dense_layers": 62}, {"n_window_layers": 4}, {"index_heads": 64}, {"ffn": 0}])
def test_a_row_that_does_not_fit_together_is_refused(networks, changes):
    with pytest.raises(LeadtimeError):
        replace(networks["deepseek-v3"], **changes)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [(k, "mlp_layer_types", ["sparse"]) for k, f in FAMILIES.items() if not f.experts]
    + [(k, "mlp_only_layers", [0]) for k in FAMILIES if k != "qwen3_moe"]
    + [(k, "decoder_sparse_step", 2) for k in FAMILIES if k != "qwen3_moe"],
)
def test_a_pattern_of_dense_layers_that_the_type_does_not_read_is_refused(kind, field, value):
    config = small(kind, random.Random(0))
    value = value * config["num_hidden_layers"] if field == "mlp_layer_types" else value
    assert f"{field} = " in refusal(config | {field: value})


@pytest.mark.parametrize("kind", [k for k, f in FAMILIES.items() if f.experts])
def test_two_patterns_of_dense_layers_that_contradict_are_refused(kind):
    config = small(kind, random.Random(0))
    assert "mlp_layer_types has" in refusal(config | {"mlp_layer_types": ["dense"] * config["num_hidden_layers"]})


def test_a_row_of_a_family_that_is_not_counted_is_told_by_its_id(rows):
    with pytest.raises(LeadtimeError, match="'mamba' do not have layers of one kind") as caught:
        Architecture.from_row(rows["deepseek-v3"] | {"family": "mamba"})
    assert caught.value.where == "architectures, deepseek-v3"


def test_a_sequence_of_nothing_is_refused(networks):
    with pytest.raises(LeadtimeError, match="0 tokens"):
        training_flop_per_token(networks["deepseek-v3"], 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b'{\n"model_type": "llama",\n}', "line 3"), (b"", "line 1"), (b"[1]", "contains a list"),
     (b"\xff\xfe", "byte 0 is not UTF-8"), (b"[" * 100_000, "nested too deeply"),
     (b'{"hidden_size": ' + b"9" * 5000 + b"}", "thousands of digits")],
)  # fmt: skip
def test_a_file_that_is_no_configuration_is_told_with_its_line(tmp_path, content, told):
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(LeadtimeError) as caught:
        read_network(path)
    assert told in str(caught.value)
    assert "config.json" in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LeadtimeError, match="there is no such file"):
        read_network(tmp_path / "config.json")


VALUES = st.none() | st.booleans() | st.integers(-3, 10**5) | st.text(max_size=5) | st.lists(st.integers(), max_size=3)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([V3, LLAMA, OSS]), st.dictionaries(st.sampled_from(sorted(V3 | LLAMA | OSS)), VALUES, max_size=3)
)
def test_no_values_whatever_end_in_another_error_than_ours(config, changes):
    with contextlib.suppress(LeadtimeError):
        assert parameters(read_network(config | changes)).total > 0


# --- the report -------------------------------------------------------------------------------------------------


def test_the_counts_tell_both_active_counts_and_what_training_takes():
    told = {c.key: c.value for c in describe(read_network(V3))}
    assert told["parameters"] == 671_026_419_200
    assert round(told["active"] / 1e6) == 37_552
    assert round(told["active_without_input_embedding"] / 1e6) == 36_626
    assert round(told["training_flop_per_token"] / 1e8) == 2504
    assert told["cache_bytes_per_token"] == 70_272


def test_the_counts_leave_out_what_a_network_does_not_have(networks):
    found = describe(networks["llama-3-1-8b"], 8192)
    assert not {c.key for c in found} & {"routed_experts", "shared_experts", "indexer_bytes_per_token", "mtp"}
    assert any("8,192" in c.words for c in found)
