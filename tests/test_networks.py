"""Networks of every type: counted as the reference implementation counts them."""

import csv
import math
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counted_networks import COUNTED, WITH_ENCODERS
from leadtime.cost.counts import (
    index_bytes_per_token,
    kv_bytes_per_token,
    kv_cache_bytes,
    parameters,
    state_bytes,
    training_flop_per_token,
    writing_flop,
)
from leadtime.cost.describe import describe
from leadtime.cost.families import FAMILIES
from leadtime.cost.layouts import LAYOUTS
from leadtime.cost.reading import read_network
from leadtime.errors import LeadtimeError
from small_networks import small
from test_architecture import refusal

REAL = Path(os.environ.get("LEADTIME_SHARED", Path(__file__).parents[2] / "shared")) / "reference" / "configs"
#: Its fields stand outside of `text_config`, where the reference implementation does not look: it builds a network of
#: its own default numbers instead (a vocabulary of 128,815, not the 128,896 of the file).
UNREAD = {"stepfun-ai--Step-3.7-Flash"}


def drawn(kind, n):
    rng = random.Random(kind)
    return [small(kind, rng) for _ in range(n)]


# --- counts -----------------------------------------------------------------------------------------------------


def test_all_types_that_have_a_formula_were_compared():
    assert set(COUNTED) | {"nemotron-nas"} == {*FAMILIES, *LAYOUTS}


@pytest.mark.parametrize("kind", COUNTED)
def test_small_networks_have_the_parameters_that_the_reference_implementation_builds(kind):
    assert [parameters(read_network(c)).trained for c in drawn(kind, len(COUNTED[kind]))] == COUNTED[kind]


@pytest.mark.parametrize(
    ("config", "total"), WITH_ENCODERS, ids=lambda v: v["model_type"] if isinstance(v, dict) else ""
)
def test_an_encoder_of_images_is_counted_beside_the_language_part_and_unused_by_text(config, total):
    n = parameters(read_network(config))
    assert n.trained == total
    assert n.of("encoder") > 0
    assert n.active <= n.language == n.total - n.of("encoder")


def compared(network, class_name):
    """Return what the class of the reference holds: some of its classes have no head, some no encoder."""
    n = parameters(network)
    without_head = n.of("head") if class_name.endswith("Model") else 0
    return n.trained - without_head - (n.of("encoder") if class_name.endswith("ForCausalLM") else 0)


@pytest.mark.skipif(not REAL.exists(), reason="the real configurations are not here")
def test_real_configurations_are_counted_to_the_digit():
    with (REAL / "counts.csv").open(encoding="utf-8") as file:
        known = {r["file"]: r for r in csv.DictReader(file) if r["parameters"]}
    counted, wrong, refused = 0, [], []
    for path in sorted(REAL.glob("*.json")):
        try:
            network = read_network(path)
        except LeadtimeError as error:
            refused.append((path.name, error.what))
            continue
        counted += 1
        row = known.get(path.name)
        if row and path.name.removesuffix("_config.json") not in UNREAD:
            got = compared(network, row["class"])
            wrong += [(path.name, got, row["parameters"])] if got != int(row["parameters"]) else []
    assert not wrong
    assert not refused
    assert counted >= 85


@pytest.mark.parametrize("kind", [*FAMILIES, *LAYOUTS])
def test_parts_add_up_and_operations_grow_with_the_sequence(kind):
    for config in drawn(kind, 4):
        network = read_network(config)
        n = parameters(network)
        assert sum(n.parts.values()) == n.total >= n.active >= n.active_without_input_embedding > 0
        assert all(isinstance(v, int) and v > 0 for v in n.parts.values())
        flop = [training_flop_per_token(network, s) for s in (1, 10, 1000, 100_000)]
        assert flop == sorted(flop)
        cache = [kv_cache_bytes(network, s) for s in (0, 1, 100, 10_000)]
        assert cache == sorted(cache)
        assert cache[0] == 0
        assert writing_flop(network, 10_000) >= writing_flop(network, 10) > 0
        assert all(math.isfinite(c.value) and c.value >= 0 for c in describe(network, 5000))


def test_kimi_k3_has_a_full_gate_a_latent_space_for_experts_and_weighs_earlier_blocks():
    config = drawn("kimi_linear", 1)[0] | {"q_lora_rank": 24}
    d, h, e, v, layers = 128, 2, 16, 24, 4
    before = parameters(read_network(config))
    gated = config | {"linear_attn_config": config["linear_attn_config"] | {"use_full_rank_gate": True}}
    assert parameters(read_network(gated)).total - before.total == 3 * (d * h * e - (d * e + e * h * e))
    output = parameters(read_network(config | {"mla_use_output_gate": True}))
    assert output.total - before.total == d * 4 * v
    residuals = parameters(read_network(config | {"attn_res_block_size": 2}))
    assert residuals.total - before.total == (2 * layers + 1) * 2 * d == residuals.of("residuals")
    latent = parameters(read_network(config | {"routed_expert_hidden_size": 48, "latent_moe_use_norm": True}))
    assert latent.of("routed_experts") * d == before.of("routed_experts") * 48
    assert latent.of("expert_projections") == 3 * (2 * d * 48 + 48)


def test_a_network_cut_by_a_search_is_counted_block_by_block():
    n = parameters(read_network(drawn("nemotron-nas", 1)[0] | {"tie_word_embeddings": True}))
    assert n.of("attention") == 2 * 128 * 128 + 2 * 128 * 64  # the second block has none
    assert n.of("dense_ffn") == 3 * 128 * (256 + 256)  # 2/3 of 2.625 and 0.5 times 128, rounded up
    assert n.of("norms") == 4 * 128  # and no norm before what is not there


def test_a_shared_indexer_is_counted_once_for_the_layers_that_use_it():
    config = next(c for c in drawn("glm_moe_dsa", 8) if c["num_hidden_layers"] == 5)
    full = read_network(config | {"indexer_types": ["full"] * 5})
    assert full == read_network({k: v for k, v in config.items() if k != "indexer_types"})
    shared = read_network(config | {"indexer_types": ["full", "shared", "full", "shared", "shared"]})
    assert parameters(shared).of("indexer") * 5 == parameters(full).of("indexer") * 2
    assert index_bytes_per_token(shared) * 5 == index_bytes_per_token(full) * 2
    assert kv_bytes_per_token(shared) == kv_bytes_per_token(full)
    assert "indexer_types" in refusal(config | {"indexer_types": ["shared"] * 5})


def test_deepseek_v4_keeps_one_key_for_four_or_for_128_tokens_and_a_window():
    config = drawn("deepseek_v4", 1)[0] | {"num_hidden_layers": 3, "compress_ratios": [0, 4, 128]}
    network = read_network(config)
    assert kv_bytes_per_token(network) == 2 * 32 * (1 / 4 + 1 / 128)
    assert kv_cache_bytes(network, 1024) == 2 * 32 * (3 * 8 + 1024 // 4 + 1024 // 128)
    assert index_bytes_per_token(network) == 16 / 4


def test_layers_with_a_state_keep_as_much_of_a_long_text_as_of_a_short_one():
    config = drawn("qwen3_next", 1)[0] | {"num_hidden_layers": 2, "layer_types": ["linear_attention", "full_attention"]}
    network = read_network(config)
    h, k, v, kernel = (
        4,
        config["linear_key_head_dim"],
        config["linear_value_head_dim"],
        config["linear_conv_kernel_dim"],
    )
    assert state_bytes(network) == 4 * (h * k * v + (kernel - 1) * (2 * 2 * k + h * v))
    assert kv_bytes_per_token(network) == 2 * 2 * 2 * config["head_dim"]


def test_a_layer_of_tokens_that_is_looked_up_is_no_work_for_a_token():
    config = drawn("gemma4_text", 1)[0] | {"tie_word_embeddings": True, "enable_moe_block": False}
    bare = parameters(read_network(config | {"hidden_size_per_layer_input": 0}))
    more = parameters(read_network(config | {"hidden_size_per_layer_input": 8}))
    added = more.of("layer_embedding")
    assert added == 50 * 8 * 6 + 128 * 8 * 6 + 8 + 6 * (2 * 128 * 8 + 128)
    assert more.active_without_input_embedding - bare.active_without_input_embedding == added - 50 * 8 * 6


VALUES = st.none() | st.booleans() | st.integers(-3, 10**5) | st.text(max_size=5) | st.lists(st.integers(), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_values_whatever_end_in_another_error_than_ours(data):
    config = drawn(data.draw(st.sampled_from(sorted(LAYOUTS))), 1)[0]
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(config)), VALUES, max_size=3))
    with suppress(LeadtimeError):
        found = describe(read_network(config | changes | {"model_type": config["model_type"]}))
        assert all(math.isfinite(c.value) and c.value >= 0 for c in found)
