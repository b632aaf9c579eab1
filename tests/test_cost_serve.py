"""What running a network takes: memory, speed and money by roofline, held against what was measured, and told by every
door.
"""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadtime.answers import ask
from leadtime.answers.questions import cost_serve
from leadtime.cli import app
from leadtime.cost.bill import Bill
from leadtime.cost.counts import cache_read_bytes, kv_cache_bytes, parameters, weights_read, writing_flop
from leadtime.cost.network import Network
from leadtime.cost.parts import Part
from leadtime.cost.prices import purchase_usd
from leadtime.cost.reading import read_network
from leadtime.cost.run import Run
from leadtime.cost.serve import BYTES, Chip, Use, chip_of, load_of, wear_usd_per_hour
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from small_networks import small
from test_architecture import LLAMA, V3

CHIP = Chip(id="x", memory_bytes=80e9, bytes_s=3e12, flop_s=1e15, computes_in="bf16")


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load()


def asked(evidence, **given):
    return ask(
        evidence, "cost serve", **({"model": "deepseek-v3", "chip": "h20", "weights": "fp8", "draws": 200} | given)
    )


def use(**changes):
    return Use(**({"context": 4096, "batch": 8, "weights": "bf16"} | changes))


# --- the roofline -----------------------------------------------------------------------------------------------


def test_memory_chips_and_times_of_a_dense_network_by_hand():
    load = load_of(read_network(LLAMA), CHIP, use())
    n, cache = 8_030_261_248, 4096 * 131072
    assert load.weights_bytes == 2 * n
    assert load.cache_bytes == 8 * cache
    assert load.chips == 1
    assert load.read_bytes == 2 * (n - 128256 * 4096) + 8 * cache  # of the embedding a token reads one row
    products = 2 * (128256 * 4096 + 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336))
    assert load.flop == 8 * (products + 32 * 2 * 32 * 256 * 4096)
    assert load.memory_s == load.read_bytes / 3e12
    assert load.compute_s == load.flop / 1e15
    assert load.bound_by == "memory"


def test_a_batch_reads_the_experts_that_any_of_its_texts_uses():
    network = read_network(V3)
    n = parameters(network)
    one, all_of_them = weights_read(network, 1), weights_read(network, 10**6)
    assert one == pytest.approx(n.active_without_input_embedding)
    assert all_of_them == pytest.approx(n.total - n.lookup)
    two = weights_read(network, 2)
    assert two - one == pytest.approx(n.of("routed_experts") * (8 / 256) * (1 - 8 / 256))


def test_compressed_keys_are_met_as_they_are_kept():
    network = read_network(V3)
    more = writing_flop(network, 4097) - writing_flop(network, 4096)
    assert more == 61 * 2 * 128 * (2 * 512 + 64)
    assert cache_read_bytes(network, 100) == kv_cache_bytes(network, 100) == 61 * 100 * 576 * 2


def test_sparse_attention_and_windows_read_no_more_than_they_look_at():
    v32 = read_network(
        V3 | {"model_type": "deepseek_v32", "index_n_heads": 64, "index_head_dim": 128, "index_topk": 2048}
    )
    assert cache_read_bytes(v32, 100_000) == 61 * (2048 * 576 * 2 + 100_000 * 128)
    mistral = read_network(LLAMA | {"model_type": "mistral", "sliding_window": 4096})
    assert cache_read_bytes(mistral, 100_000) == cache_read_bytes(mistral, 4096) == 4096 * 131072


def test_layers_without_keys_of_their_own_read_those_of_others():
    import random

    config = small("gemma4_text", random.Random(0)) | {"attention_k_eq_v": False, "num_kv_shared_layers": 0}
    own, shared = read_network(config), read_network(config | {"num_kv_shared_layers": 2})
    assert cache_read_bytes(own, 500) == cache_read_bytes(shared, 500)
    assert kv_cache_bytes(own, 500) > kv_cache_bytes(shared, 500)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 200_000), st.sampled_from(sorted(BYTES)))
def test_more_texts_and_longer_ones_never_take_less(batch, context, weights):
    network = read_network(V3)
    load = load_of(network, CHIP, use(batch=batch, context=context, weights=weights))
    more = load_of(network, CHIP, use(batch=batch + 1, context=context, weights=weights, chips=load.chips + 10**6))
    longer = load_of(network, CHIP, use(batch=batch, context=context + 1, weights=weights, chips=load.chips + 10**6))
    assert load.flop < min(more.flop, longer.flop)
    assert load.read_bytes <= min(more.read_bytes, longer.read_bytes)
    assert load.weights_bytes + load.cache_bytes <= load.chips * 80e9 * 0.9
    assert all(math.isfinite(v) and v > 0 for v in (load.step_s, load.reading_s))


#: Chip, format, texts and chips, tokens of each, tokens a second and chip that were published: of DeepSeek's own
#: service (February 2025; texts from its speed of 20 to 22 tokens a second), of Huawei's CloudMatrix384
#: (arXiv:2506.12708) and of Ant Group's service on H20 (September 2025).
MEASURED = [
    ("h800-sxm", "fp8", 88 * 144, 144, 4989, 1850), ("ascend-910c", "int8", 96 * 160, 160, 4096, 1943),
    ("h20", "fp8", 48 * 16, 16, 4864, 714), ("h20", "fp8", 32 * 16, 16, 4864, 675),
]  # fmt: skip


@pytest.mark.parametrize(("chip", "weights", "batch", "chips", "context", "measured"), MEASURED)
def test_what_was_measured_lies_within_the_default_utilization(
    evidence, chip, weights, batch, chips, context, measured
):
    found = asked(
        evidence, model="deepseek-v3", chip=chip, weights=weights, batch=batch, chips=chips, context_tokens=context
    )
    told = next(r["value"] for r in found.rows.rows if r["quantity"] == "written_per_second_and_chip")
    assert told.low < measured < told.high
    assert (
        0.2
        < measured
        / (batch / chips)
        * load_of(
            read_network(V3),
            chip_of(evidence, chip, weights),
            use(context=context, batch=batch, chips=chips, weights=weights),
        ).step_s
        < 0.4
    )


# --- chips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "weights", "computes"),
    [
        ("h20", "fp8", "fp8"),
        ("h20", "fp4", "fp8"),
        ("h20", "int4", "int8"),
        ("ascend-910c", "fp8", "fp16"),
        ("h20", "bf16", "bf16"),
    ],
)
def test_weights_are_computed_in_the_narrowest_format_that_holds_them(evidence, chip, weights, computes):
    assert chip_of(evidence, chip, weights).computes_in == computes


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chip": "ascend-910b"}, "nobody has published the memory bandwidth of Ascend 910B"),
        ({"chip": "gh200"}, "the memory of GH200"),
        ({"chip": "ascend-910", "weights": "fp32"}, "no known peak for weights in fp32"),
        ({"chips": 2}, "GB do not fit in 2 x 86 GB"),
        ({"model": None}, "no network was named"),
        ({"config": json.dumps(LLAMA)}, "no network was named"),
        ({"model": "gpt-4-0314"}, "the network of GPT-4"),
        ({"chip": "h2000"}, "chip"),
        ({"utilization": "0"}, "too small"),
        ({"utilization": "0.9..0.2"}, "ends before it begins"),
    ],
)
def test_what_is_not_known_or_does_not_fit_is_refused_in_words(evidence, given, told):
    with pytest.raises(LeadtimeError) as caught:
        asked(evidence, **given)
    assert told in str(caught.value)
    assert caught.value.fix


def test_a_relative_with_a_known_bandwidth_is_named_and_one_may_give_it(evidence):
    with pytest.raises(LeadtimeError, match="ascend-910b2"):
        asked(evidence, chip="ascend-910b")
    assert asked(evidence, chip="ascend-910b", memory_gb_s=1600).values["chips"] > 10


def test_a_network_of_which_only_parameters_are_known_is_not_run():
    network = Network(
        family="novel",
        hidden=8,
        vocabulary=9,
        tied=False,
        parts=(Part(kind="other", parameters=5),),
        counted_by="reference",
    )
    with pytest.raises(LeadtimeError, match="cannot tell what a token takes in networks of type 'novel'"):
        load_of(network, CHIP, use())


# --- the answer -------------------------------------------------------------------------------------------------


def test_the_utilization_is_the_interval_and_a_fixed_one_leaves_none(evidence):
    fixed = asked(evidence, utilization="0.5", price_usd=2.0).rows.rows
    by = {r["quantity"]: r["value"] for r in fixed}
    speed = by["written_per_second"]
    assert speed.low == speed.median == speed.high
    wide = next(r["value"] for r in asked(evidence, draws=2000).rows.rows if r["quantity"] == "written_per_second")
    assert wide.low == pytest.approx(speed.median * 0.3, rel=0.01)
    assert wide.high == pytest.approx(speed.median * 1.2, rel=0.01)
    chips = asked(evidence, utilization="0.5", price_usd=2.0).values["chips"]
    cost = by["writing_usd_per_million_rental"]
    assert cost.median == pytest.approx(1e6 * chips * 2 / (3600 * speed.median))
    assert not any("cloud_committed" in q for q in by)


def test_the_same_seed_gives_the_same_numbers_and_utilization_never_exceeds_the_bound(evidence):
    assert asked(evidence).to_json() == asked(evidence).to_json()
    best = asked(evidence, utilization="0.99..1", draws=2000).rows.rows[0]["value"]
    bound = asked(evidence, utilization="1").rows.rows[0]["value"].median
    assert best.high <= bound


def test_the_format_of_the_weights_is_what_the_configuration_says(evidence):
    config = json.dumps(V3)  # says that it is quantized to fp8
    assert asked(evidence, model=None, config=config, weights=None).values["weights"] == "fp8"
    assert asked(evidence, weights=None).values["weights"] == "bf16"
    plain = json.dumps(
        {k: v for k, v in V3.items() if k != "quantization_config"} | {"quantization_config": {"quant_algo": "NVFP4"}}
    )
    assert asked(evidence, model=None, config=plain, weights=None).values["weights"] == "fp4"


def test_it_is_told_with_a_price_and_without_one(evidence):
    told = asked(evidence).sentence
    assert told.startswith("DeepSeek-V3 in fp8 with 64 texts of 8,192 tokens fills 708 GB, on 9 HGX H20.")
    assert "A million tokens cost about $" in told
    assert "at the rent of its chips by the hour" in told
    ascend = asked(evidence, chip="ascend-910c")
    assert "Weights in fp8 are computed in fp16" in ascend.notes[0]
    assert any("The power of the chip is not known: electricity is taken as 9%" in n for n in ascend.notes)
    bare = asked(evidence, chip="ascend-910b4")  # no seller of it is known: others stand in, and that is said
    assert any(n.startswith("At the rent of its chips by the hour: ") for n in bare.notes)
    assert {r["definition"] for r in bare.part("not_computed").rows} == {"amortized"}


def test_an_ascend_is_priced_as_itself_not_as_the_oldest_of_its_name(evidence):
    assert purchase_usd(evidence, "ascend-910c")[0] == pytest.approx(28571.4)
    assert purchase_usd(evidence, "ascend-910b")[0] == pytest.approx(38643.8)


def test_wear_without_electricity_is_the_amortized_cost_without_its_energy(evidence):
    bill = Bill(
        Run(
            id="x", organization="", published_on=evidence.as_of, started_on=evidence.as_of, chip="h20", chip_hours=1.0
        ),
        evidence,
        draws=200,
    )
    parts = {c.name: c.draws_usd for c in bill.cost("amortized").components}
    assert wear_usd_per_hour(bill) == pytest.approx(parts["chips"] + parts["servers"] + parts["network"])


def test_words_of_a_single_text_and_chip(evidence):
    load = load_of(read_network(LLAMA), CHIP, use(batch=1))
    found = {"written_per_second": cost_serve.Spread(2.0, 2.0, 2.0)}
    told = cost_serve.sentence("It", "X", load, found, context=1)
    assert "with 1 text of 1 token fills" in told
    assert "about 2 tokens a second" in told


def test_every_door_tells_the_same(evidence):
    done = CliRunner().invoke(
        app, ["cost", "--serve", "deepseek-v3", "--chip", "H20", "--weights", "fp8", "--json", "--draws", "200"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    ours = asked(evidence).to_json()
    assert told["rows"] == ours["rows"]
    assert told["needs"] == ours["needs"]
    assert all(isinstance(r["value"], float | int) for r in told["rows"] + told["needs"])


def test_a_configuration_is_taken_from_a_file(tmp_path, evidence):
    (tmp_path / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["cost", "--serve", "--config", str(tmp_path / "config.json"), "--chip", "h100-sxm", "--price-usd", "2"]
    )
    assert done.exit_code == 0, done.output
    assert "This network in bf16" in done.output
