"""Which model a result of lm-evaluation-harness is of: its repository, its arguments, and what leaves it open."""

import datetime as dt
import json

import pytest

from leadtime.evidence import Evidence
from leadtime.importers import lm_eval_run
from leadtime.importers.hub import Hub, repository
from lm_eval_side import HF, WINO, results, take, taken


@pytest.fixture(scope="module")
def hub(evidence):
    return Hub.of(evidence)


@pytest.fixture(scope="module")
def evidence():
    full = Evidence.load(as_of=dt.date.max)
    # without its scores, so that none of ours is known already
    return Evidence({**full.tables, "scores": full["scores"].clear()}, full.as_of)


REPOSITORIES = {
    "google/gemma-2-27b": "gemma-2-27b-base",
    "google/gemma-2-27b-it": "gemma-2-27b",
    "meta-llama/Llama-3.1-70B": None,
    "meta-llama/Llama-3.1-70B-Instruct": "llama-3-1-70b",
    "meta-llama/Meta-Llama-3-70B": "llama-3-70b-base",
    "meta-llama/Llama-2-7b-hf": "llama-2-7b-base",
    "meta-llama/Llama-2-7b-chat-hf": "llama-2-7b",
    "Qwen/Qwen2.5-32B": "qwen2-5-32b-base",
    "Qwen/Qwen2.5-7B": None,
    "Qwen/Qwen1.5-72B": None,
    "mistralai/Mixtral-8x22B-v0.1": None,
    "mistralai/Mixtral-8x7B-Instruct-v0.1": "mixtral-8x7b",
    "deepseek-ai/DeepSeek-V2": "deepseek-v2-base",
    "deepseek-ai/DeepSeek-V3": "deepseek-v3",
    "deepseek-ai/DeepSeek-V3-Base": "deepseek-v3-base",
    "01-ai/Yi-34B": "yi-34b-base",
    "01-ai/Yi-34B-Chat": "yi-34b",
    "microsoft/phi-4": "phi-4",
    "PrimeIntellect/INTELLECT-1": None,
    "unsloth/gemma-2-27b-it": None,
    "nvidia/Llama-3.1-70B-Instruct-FP8": None,
    "Qwen/Qwen2.5-32B-Instruct-AWQ": None,
    "google/gemma-7b-it": None,
    "vllm/google/gemma-2-27b": "gemma-2-27b-base",
    "/c/hub/models--google--gemma-2-27b-it/snapshots/0a1b": "gemma-2-27b",
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_repository_is_the_model_whose_weights_it_has(hub, name):
    assert hub.repository(*repository(name)) == REPOSITORIES[name]


def test_a_folder_is_no_repository(hub):
    assert [
        repository(n) for n in ("./gemma-2-9b", "/data/gemma-2-9b-it", "gpt2", "C:\\m\\gemma-2-9b", "~/x/gemma")
    ] == [None] * 5


def test_a_name_that_a_provider_moves_is_no_model(hub):
    assert hub.served("gpt-4o-2024-11-20") == "gpt-4o-2024-11" and hub.served("openrouter/openai/gpt-4o-2024-11-20")
    assert [hub.served(n) for n in ("deepseek-chat", "deepseek/deepseek-chat", "claude-3-5-sonnet-latest")] == [
        None
    ] * 3


ALTERED = [
    "peft=./lora",
    "peft=me/lora-7",
    "delta=me/delta",
    "revision=step1000",
    "load_in_4bit=True",
    "load_in_8bit=true",
    "bnb_4bit_quant_type=nf4",
    "autogptq=True",
    "gptqmodel=True",
    "gguf_file=q4_k_m.gguf",
    "quantization=awq",
    "kv_cache_dtype=fp8",
    "lora_local_path=/l",
    "dtype=float8_e4m3fn",
    "max_length=512",
    "max_model_len=1024",
    "max_gen_toks=32",
    "tokenizer=gpt2",
    "subfolder=checkpoint",
    "enable_thinking=False",
    "rope_scaling={'type': 'linear', 'factor': 2}",
    "steer_path=s.pt",
    "never_heard_of=1",
]
HARMLESS = [
    "dtype=float16",
    "dtype=auto",
    "trust_remote_code=True",
    "parallelize=True",
    "device_map=auto",
    "tensor_parallel_size=8",
    "gpu_memory_utilization=0.8",
    "max_model_len=8192",
    "max_length=4096",
    "revision=main",
    f"tokenizer={HF}",
    "load_in_4bit=False",
    "peft=None",
    "add_bos_token=True",
    "batch_size=auto",
    "max_gen_toks=2048",
    "attn_implementation=sdpa",
]


def test_arguments_that_make_another_model_wait_unless_it_is_said(tmp_path, evidence):
    runs = [results(WINO, f"pretrained={HF},dtype=auto,{more}") for more in ALTERED]
    found = take(tmp_path, evidence, *runs)
    assert not taken(found) and len(found.aside) == len(ALTERED)
    for more in ALTERED:
        assert any(f"{more.partition('=')[0]}=" in r.reason and "--model" in r.reason for r in found.aside), more


@pytest.mark.parametrize("more", ["peft=./lora", "load_in_4bit=True", "enable_thinking=False"])
def test_a_run_set_otherwise_is_the_model_that_the_user_says(tmp_path, evidence, more):
    given = results(WINO, f"pretrained={HF},dtype=auto,{more}")
    label = lm_eval_run.run_of(given, "results").label
    for name in (label, HF):  # by the whole, or by the name where all its runs are set alike
        said = take(tmp_path, evidence, given, renamed={name: "qwen2-5-32b"})
        assert taken(said) == {("qwen2-5-32b", "winogrande", "5-shot"): 0.8}
        assert more in said.accepted["scores"]["note"].item()
    both = take(tmp_path, evidence, given, results(WINO), renamed={HF: "qwen2-5-32b-base"})
    assert taken(both) == {("qwen2-5-32b-base", "winogrande", "5-shot"): 0.8} and len(both.aside) == 1


def test_arguments_that_say_where_it_ran_change_nothing(tmp_path, evidence):
    found = take(tmp_path, evidence, *(results(WINO, f"pretrained={HF},{more}") for more in HARMLESS))
    assert taken(found) == {("qwen2-5-32b", "winogrande", "5-shot"): 0.8} and not found.aside


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (results(WINO, {"pretrained": HF, "load_in_4bit": True}), "load_in_4bit=true"),
        (results(WINO, json.dumps({"pretrained": HF, "revision": "v2"})), "revision=v2"),
        (results(WINO, f"pretrained={HF},peft=me/tuned", model_name="me/tuned"), "peft=me/tuned"),
        (
            results(WINO, config={"model": "hf", "model_args": f"pretrained={HF}", "model_revision": "abc123"}),
            "revision=abc123",
        ),
        (results(WINO, "pretrained=/data/Qwen2.5-32B-Instruct"), "'/data/Qwen2.5-32B-Instruct' is a folder"),
        (results(WINO, "pretrained=Qwen2.5-32B-Instruct"), "without its owner"),
        (results(WINO, "pretrained=me/Qwen2.5-32B-Instruct-tuned"), "has its weights at"),
        (results(WINO, "pretrained=openai/gpt-5"), "has its weights at"),
        (
            results(WINO, "model=deepseek-chat", "openai-chat-completions", model_name="deepseek-chat"),
            "moved from model to model",
        ),
        (
            results(WINO, "model=gpt-5", "openai-chat-completions", model_name="gpt-5", date=1704067200.0),
            "was released on",
        ),
        (results(WINO, "base_url=http://localhost:8000", "gguf", model_name="brave-fox-17"), "brave-fox-17"),
        (results(WINO, None, None, model_name=None), "names no model"),
    ],
)
def test_a_model_that_is_not_certain_waits_with_the_reason(tmp_path, evidence, given, why):
    found = take(tmp_path, evidence, given)
    assert not taken(found) and [why in r.reason for r in found.aside] == [True], found.aside
