"""How configurations are read: heads and drafts told apart, parts read in place, what says nothing new passed over, the
extra.
"""

import itertools
import json
import math
import random
import sys
import types
from contextlib import nullcontext
from dataclasses import replace

import pytest

from leadtime.answers import ask
from leadtime.cost.counts import (
    parameters,
)
from leadtime.cost.describe import describe
from leadtime.cost.fields import parse_config
from leadtime.cost.reading import counted_types, read_architecture, read_network
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.names import Names
from leadtime.update.configs import Configs
from leadtime.update.connector import File, Known
from small_networks import small
from test_architecture import LLAMA, OSS, V3, refusal


def drawn(kind, n):
    rng = random.Random(kind)
    return [small(kind, rng) for _ in range(n)]


# --- heads, drafts, encoders ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes", "head", "gives"),
    [("LlamaForCausalLM", {}, 128256 * 4096, "the next token"),
     ("LlamaForSequenceClassification", {"num_labels": 1}, 4096, "a score"),
     ("LlamaForSequenceClassification", {"id2label": {"0": "a", "1": "b", "2": "c"}}, 3 * 4096, "one of 3 classes"),
     ("LlamaForTokenClassification", {"num_labels": 9}, 9 * 4096 + 9, "one of 9 classes"),
     ("LlamaForQuestionAnswering", {}, 2 * 4096 + 2, "where an answer"),
     ("LlamaModel", {}, 0, "vectors"), ("LlamaBidirectionalModel", {}, 0, "vectors"),
     ("Qwen2ForRewardModel", {}, 4096 * 4096 + 4096 + 4097, "a reward"),
     ("Qwen2ForProcessRewardModel", {}, 4096 * 4096 + 4096 + 2 * 4097, "a reward")],
)  # fmt: skip
def test_the_class_tells_which_head_is_counted(name, changes, head, gives):
    network = read_network(LLAMA | {"architectures": [name]} | changes)
    n = parameters(network)
    assert n.of("head") == head
    assert network.answers.startswith(gives)
    assert n.total - head == parameters(read_network(LLAMA)).total - 128256 * 4096


def test_a_class_without_the_usual_head_is_not_tied_to_the_embedding_and_has_no_modules_that_guess_ahead():
    tied = parameters(read_network(LLAMA | {"tie_word_embeddings": True, "architectures": ["LlamaModel"]}))
    assert tied == parameters(read_network(LLAMA | {"architectures": ["LlamaModel"]}))
    assert parameters(read_network(V3 | {"architectures": ["DeepseekV3Model"]})).mtp == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"architectures": ["LlamaForCausalLMEagle3"]}, "is a draft"),
        ({"architectures": ["DeepseekV3ForCausalLMNextN"]}, "is a draft"),
        ({"architectures": ["LlamaForCausalLM"], "draft_vocab_size": 32000}, "is a draft"),
        ({"architectures": ["MedusaModel"]}, "is a draft"),
        ({"architectures": ["LlamaForCausalLM"], "is_encoder_decoder": True}, "an encoder with a decoder"),
        ({"architectures": ["LlamaForRewardModelWithGating"]}, "does not count its head"),
        ({"architectures": ["InternLM2ForRewardModel"]}, "does not count the head of InternLM2ForRewardModel"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "num_labels is missing"),
        ({"architectures": "Llama"}, "not a list of names"),
    ],
)
def test_what_is_no_network_by_itself_or_has_another_head_is_refused_with_the_reason(changes, told):
    assert told in refusal(LLAMA | changes)


# --- how files are written --------------------------------------------------------------------------------------


def test_the_part_for_text_is_read_in_place():
    whole = {"model_type": "kimi_k25", "architectures": ["KimiK25ForConditionalGeneration"], "text_config": V3}
    n = parameters(read_network(whole))
    assert n == parameters(read_network(V3))
    assert "does not describe its encoder" in read_network(whole).notes[0]
    assert "text_config: the field hidden_size is missing" in refusal(whole | {"text_config": {"model_type": "llama"}})
    assert "text_config: the field model_type is missing" in refusal(whole | {"text_config": {}})
    assert "not fields in braces" in refusal(whole | {"text_config": 3})


def test_an_encoder_that_is_not_counted_is_told():
    config = {
        "model_type": "llava",
        "text_config": LLAMA,
        "vision_config": {"model_type": "clip"},
        "audio_config": {"x": 1},
    }
    assert read_network(config).notes == (
        "Its encoder of sound is not counted.",
        "Its encoder of images is not counted.",
    )


def test_the_class_of_the_part_for_text_stands_in_where_that_of_the_whole_says_nothing():
    chat = {
        "model_type": "internvl_chat",
        "architectures": ["InternVLChatModel"],
        "llm_config": LLAMA | {"architectures": ["LlamaForCausalLM"]},
    }
    assert read_network(chat).answers == "the next token"
    assert read_network(chat | {"llm_config": LLAMA}).answers.startswith("vectors")
    seen = {
        "model_type": "eagle_2_5_vl",
        "architectures": ["Eagle2_5_VLForConditionalGeneration"],
        "text_config": LLAMA,
        "vision_config": {"x": 1},
    }
    assert read_network(seen).answers == "the next token"


def test_what_makers_leave_out_is_taken_from_their_code_and_told():
    text = {
        "model_type": "gemma3_text",
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 34,
        "sliding_window": 1024,
    }
    network = read_network({"model_type": "gemma3", "text_config": text})
    assert (
        parameters(network).total == 3_880_263_168
    )  # the language part of Gemma 3 4B, whose maker says 4 billion in all
    assert "vocab_size 262208" in network.notes[0]
    assert "the field hidden_size is missing" in refusal(
        {"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "num_hidden_layers": 2}}
    )


def test_step_3_5_names_its_fields_in_its_own_way():
    config = drawn("step3p5", 1)[0]
    layers = config["num_hidden_layers"]
    names = {
        "num_experts": "moe_num_experts",
        "num_experts_per_tok": "moe_top_k",
        "num_key_value_heads": "num_attention_groups",
        "share_expert_dim": "share_expert_dims",
    }
    own = {names.get(k, k): v for k, v in config.items() if k != "first_k_dense_replace"}
    own |= {
        "moe_layers_enum": ",".join(str(i) for i in range(1, layers)),
        "layer_types": [*config["layer_types"], "sliding_attention"],
    }
    assert read_network(own) == read_network(config)
    wider = read_network(own | {"attention_other_setting": {"num_attention_heads": 6}})
    sliding = config["layer_types"].count("sliding_attention")
    assert parameters(wider).total - parameters(read_network(own)).total == sliding * (2 * 128 * 2 * 16 + 2 * 128)
    assert "It names layers" in refusal(own | {"moe_layers_enum": "a"})


def test_the_whole_configuration_says_whether_the_head_of_its_part_is_the_embedding():
    config = {"model_type": "x", "text_config": LLAMA, "tie_word_embeddings": True}
    assert read_network(config).tied


def test_numbers_that_json_has_not_hide_nothing_and_count_nowhere():
    text = json.dumps(LLAMA | {"time_step_limit": [0.0, math.inf], "rope_theta": math.nan})
    assert "Infinity" in text
    assert read_network(parse_config(text)) == read_network(LLAMA)
    assert "hidden_size is inf, not a whole number" in refusal(LLAMA | {"hidden_size": math.inf})


@pytest.mark.parametrize(
    ("config", "changes"),
    [
        (V3, {"n_routed_experts": None, "num_local_experts": 256}),
        (V3, {"moe_layer_freq": 1, "mlp_bias": False}),
        (V3, {"moe_layer_freq": [0] * 3 + [1] * 58}),
        (V3, {"mlp_layer_types": ["dense"] * 3 + ["sparse"] * 58}),
        (
            LLAMA,
            {"mlp_layer_types": ["dense"] * 32, "index_topk_freq": 4, "mlp_only_layers": [], "decoder_sparse_step": 1},
        ),
        (OSS, {"num_experts": 32, "shared_expert_intermediate_size": 0}),
    ],
)
def test_fields_that_say_nothing_new_are_no_reason_to_refuse(config, changes):
    assert read_network(config | changes) == read_network(config)


def test_two_names_of_one_thing_with_two_values_are_refused():
    assert "both names stand for the same thing" in refusal(OSS | {"num_experts": 64})


def test_gemma_4_saved_anew_tells_its_wider_layers_one_by_one():
    config = drawn("gemma4_text", 1)[0] | {"attention_k_eq_v": True, "num_global_key_value_heads": 1}
    anew = {k: v for k, v in config.items() if k not in ("global_head_dim", "num_global_key_value_heads")}
    full = [i for i, kind in enumerate(config["layer_types"]) if kind == "full_attention"]
    anew["per_layer_config"] = {f"{i:02}": {"head_dim": 32, "num_key_value_heads": 1} for i in full}
    assert read_network(anew) == read_network(config)
    assert "changes single layers" in refusal(anew | {"per_layer_config": {"00": {"head_dim": 99}}})


def test_the_letters_and_the_words_of_nemotron_say_the_same():
    config = next(c for c in drawn("nemotron_h", 20) if c["hybrid_override_pattern"] == "MEM*-")
    words = {k: v for k, v in config.items() if k not in ("hybrid_override_pattern", "num_hidden_layers")}
    words["layers_block_type"] = ["mamba", "moe", "mamba", "attention", "mlp"]
    assert read_network(words) == read_network(config)
    assert "Its letters are" in refusal(config | {"hybrid_override_pattern": "MXM*-"})


def test_a_window_never_shows_a_cache_of_nothing():
    mistral = LLAMA | {"model_type": "mistral", "sliding_window": 4096}
    told = {c.key: c for c in describe(read_network(mistral), 8192)}
    assert told["cache_bytes_per_token"].value == 2 * 2 * 8 * 128 * 32
    assert told["cache_bytes_per_token_past_window"].value == 0
    assert "4,096" in told["cache_bytes_per_token_past_window"].words
    assert told["cache_bytes"].value == 4096 * told["cache_bytes_per_token"].value


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("llama4_text", {"num_experts_per_tok": 9}, "9 experts are used per token, of only 4"),
        (
            "olmo3",
            {"layer_types": ["linear_attention"] * 5, "num_hidden_layers": 5},
            "does not count layers of type 'linear_attention'",
        ),
        ("deepseek_v4", {"compress_ratios": [7] * 9}, "compress_ratios holds [7]"),
        ("deepseek_v4", {"o_groups": 3}, "o_groups 3 do not divide"),
        ("gemma2", {"num_key_value_heads": 3}, "4 query heads do not divide among 3"),
        ("phi3", {"hidden_size": 130}, "130 does not divide"),
        ("minimax_m2", {"qk_norm_type": "per_head"}, "qk_norm_type"),
        ("nemotron-nas", {"block_configs": [1, 2]}, "not a list of 2 blocks"),
        ("kimi_linear", {"linear_attn_config": None}, "linear_attn_config is missing"),
        ("mimo_v2_flash", {"hybrid_layer_pattern": [1]}, "hybrid_layer_pattern"),
    ],
)
def test_what_does_not_fit_together_is_refused(kind, changes, told):
    assert told in refusal(drawn(kind, 1)[0] | changes)


# --- the reference implementation as an extra -------------------------------------------------------------------


class Weight:
    def __init__(self, *shape):
        self.shape = shape

    def numel(self):
        return math.prod(self.shape)


class Built:
    """A network that another program built: a table of 100 rows, a head, and 5,000 parameters more."""

    def __init__(self, tied):
        self.table = types.SimpleNamespace(weight=Weight(100, 8))
        self.output = self.table if tied else types.SimpleNamespace(weight=Weight(100, 8), bias=None)

    def parameters(self):
        return list(dict.fromkeys([self.table.weight, self.output.weight, Weight(5000)]))

    def get_input_embeddings(self):
        return self.table

    def get_output_embeddings(self):
        return self.output


@pytest.fixture
def transformers(monkeypatch):
    """The two programs of the extra, as far as they are used; they know the type `novel` alone."""
    asked = []

    def for_model(kind, **fields):
        asked.append((kind, fields))
        if kind != "novel":
            raise ValueError("Unrecognized model")
        return fields

    def auto(name):
        def from_config(config):
            asked.append(name)
            return Built(config.get("tie_word_embeddings", False))

        return types.SimpleNamespace(from_config=from_config)

    names = ("AutoModelForCausalLM", "AutoModelForImageTextToText", "AutoModel")
    program = types.SimpleNamespace(
        AutoConfig=types.SimpleNamespace(for_model=for_model), **{n: auto(n) for n in names}
    )
    monkeypatch.setitem(sys.modules, "transformers", program)
    monkeypatch.setitem(
        sys.modules, "torch", types.SimpleNamespace(device=lambda name: nullcontext() if name == "meta" else None)
    )
    return asked


@pytest.mark.parametrize(
    ("architectures", "builder"),
    [(["NovelForCausalLM"], "AutoModelForCausalLM"), (None, "AutoModelForCausalLM"), (["NovelModel"], "AutoModel"),
     (["NovelForConditionalGeneration"], "AutoModelForImageTextToText")],
)  # fmt: skip
@pytest.mark.parametrize("tied", [False, True])
def test_any_other_type_is_built_by_the_reference_implementation_and_marked_so(
    transformers, architectures, builder, tied
):
    config = {
        "model_type": "novel",
        "hidden_size": 8,
        "architectures": architectures,
        "tie_word_embeddings": tied,
        "auto_map": {"x": "y"},
    }
    network = read_network(config)
    n = parameters(network)
    assert (n.total, n.of("embedding"), n.of("head")) == (6600 - 800 * tied, 800, 0 if tied else 800)
    assert network.counted_by == "reference"
    assert transformers[-1] == builder
    assert "auto_map" not in transformers[0][1]
    answer = ask(None, "cost network", config=json.dumps(config))
    assert {r["count"] for r in answer.rows.rows} == {"parameters", "embedding", "other"} | (
        {"head"} if not tied else set()
    )
    assert "What a token uses of them is unknown." in answer.sentence
    assert answer.values["counted_by"] == "reference"
    assert "reference implementation" in answer.notes[0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"num_hidden_layers": 10**6}, "too much to be built"),
        ({"text_config": {"num_experts": 10**5}}, "the field model_type is missing"),
        ({"other": {"depth": 600}}, "too much to be built"),
        ({"layer_types": ["x"] * 2000}, "too long to be built"),
        ({"use_pretrained_backbone": True}, "outside this file"),
        ({"architectures": ["NovelEagle"]}, "is a draft"),
        ({"architectures": ["NovelForMaskedLM"]}, "does not count its head"),
    ],
)
def test_what_would_take_minutes_or_ask_a_hub_is_not_built(transformers, changes, told):
    assert told in refusal({"model_type": "novel", "hidden_size": 8} | changes)
    assert not transformers


def test_a_type_that_no_one_knows_is_refused_with_both_reasons(transformers):
    assert "neither a formula here nor the reference implementation can count networks" in refusal(
        {"model_type": "unheard-of"}
    )


# --- the table of architectures ---------------------------------------------------------------------------------


def test_the_table_of_architectures_takes_what_its_columns_hold_and_says_why_it_does_not_take_the_rest():
    with pytest.raises(LeadtimeError, match="layers of several kinds"):
        read_architecture(drawn("gemma2", 1)[0])
    with pytest.raises(LeadtimeError, match="is missing"):
        read_architecture({k: v for k, v in drawn("gemma2", 1)[0].items() if k != "head_dim"})
    assert read_architecture({"model_type": "kimi_k25", "text_config": V3}).n_layers == 61


def test_the_types_that_are_counted_are_named_once():
    types_ = counted_types()
    assert len(types_) == len(set(types_)) > 60
    assert all(a < b for a, b in itertools.pairwise(types_))


def test_copies_of_a_part_are_counted_as_often_as_they_are_there():
    network = read_network(LLAMA)
    twice = replace(network, parts=tuple(p.times(2) for p in network.parts))
    assert parameters(twice).total == 2 * parameters(network).total


def test_the_updater_sets_aside_what_the_columns_cannot_hold():
    evidence = Evidence.load()
    shared = next(c for c in drawn("glm_moe_dsa", 8) if c["num_hidden_layers"] == 5)
    shared |= {"indexer_types": ["full", "shared", "shared", "full", "full"]}
    configs = {"a": shared, "b": drawn("gemma2", 1)[0], "c": LLAMA}
    files = [
        File(name=f"maker--{k}_config.json", content=json.dumps(c).encode(), day=evidence.as_of)
        for k, c in configs.items()
    ]
    found = Configs().read(files, Known(evidence=evidence, names=Names.of(evidence)))
    assert ["no column for" in r.reason or "has no columns for" in r.reason for r in found.refused] == [True, True]
    assert len(found.found) >= 1
