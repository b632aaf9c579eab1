"""Count parameters with the reference implementation, to check leadtime's own counts; prints one JSON object.

Needs torch and transformers (`pip install 'leadtime[networks]'`): run it with `src` and `tests` on the path, as
`python scripts/count_with_transformers.py [--small | config.json ...]`. Without files it counts the evidence table
`architectures`; with `--small` the small networks of the tests, as they are frozen in tests/counted_networks.py.
Networks are built on the meta device, so no weights are allocated.
"""

import csv
import json
import random
import sys
from pathlib import Path
from typing import Any

import torch
import transformers

from leadtime.cost.architecture import Architecture
from leadtime.cost.config import to_config

TABLE = Path(__file__).parent.parent / "src/leadtime/evidence/data/architectures.csv"
#: Types that run the code of another one.
SAME_AS = {"kimi_k2": "deepseek_v3", "deepseek_ref": "deepseek_v4", "mimo": "qwen2", "minimax_m3": "minimax_m3_vl_text"}
#: Types of parts for text that are built within the whole, with the whole's type and class.
WITHIN = {
    "glm4v_text": ("glm4v", "Glm4vForConditionalGeneration"),
    "step3p5": ("step3p7", "Step3p7ForConditionalGeneration"),
    "step3p7": ("step3p7", "Step3p7ForConditionalGeneration"),
}
NOT_OF_TEXT = ("vision", "visual", "multi_modal_projector", "e_score_correction_bias")
DROPPED = ("quantization_config", "auto_map")


def build(config: dict[str, Any]) -> Any:
    """Return the network that a configuration describes, of the class that it names where that is known."""
    kind = SAME_AS.get(config["model_type"], config["model_type"])
    settings = {k: v for k, v in config.items() if k not in ("model_type", *DROPPED)}
    named = getattr(transformers, (config.get("architectures") or [""])[0], None)
    with torch.device("meta"):
        whole = transformers.AutoConfig.for_model(kind, **settings)
        return named._from_config(whole) if named else transformers.AutoModelForCausalLM.from_config(whole)


def count(config: dict[str, Any]) -> int:
    """Return the trained parameters of the network that a configuration describes, without MTP modules."""
    return sum(p.numel() for p in build(config).parameters())


def count_text(config: dict[str, Any]) -> int:
    """Return the trained parameters of a small network of the tests, without parts that are not of text."""
    named = build(_as_the_reference_reads(config)).named_parameters()
    return sum(p.numel() for name, p in named if not any(part in name for part in NOT_OF_TEXT))


def _as_the_reference_reads(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in the names that the reference reads, where its maker's are others."""
    kind, config = config["model_type"], dict(config)
    layers = config["num_hidden_layers"]
    if kind.startswith("step"):
        first = config["first_k_dense_replace"]
        config |= {"model_type": "step3p5", "n_routed_experts": config["num_experts"], "pad_token_id": 1}
        config["mlp_layer_types"] = ["dense"] * first + ["sparse"] * (layers - first)
    if kind in ("mimo_v2_flash", "minimax_m3"):
        config["mlp_layer_types"] = ["sparse" if n else "dense" for n in config["moe_layer_freq"]]
    if kind == "mimo_v2_flash":
        config["layer_types"] = ["sliding_attention" if n else "full_attention" for n in config["hybrid_layer_pattern"]]
        config = {k: v for k, v in config.items() if k not in ("hybrid_layer_pattern", "moe_layer_freq")}
    if kind not in WITHIN:
        return config
    whole, name = WITHIN[kind]
    tied = config["tie_word_embeddings"]
    return {"model_type": whole, "architectures": [name], "text_config": config, "tie_word_embeddings": tied}


def table() -> dict[str, dict[str, Any]]:
    """Return the evidence table as configurations, by id."""
    with TABLE.open(encoding="utf-8") as file:
        rows = {row["id"]: {k: _cell(v) for k, v in row.items()} for row in csv.DictReader(file)}
    return {name: to_config(Architecture.from_row(row)) for name, row in rows.items()}


def _cell(text: str) -> Any:
    if text in ("", "true", "false"):
        return None if text == "" else text == "true"
    return int(text) if text.isdigit() else text


def small() -> dict[str, list[int]]:
    """Return the counts of eight small networks of each type that is known here."""
    from counted_networks import COUNTED
    from small_networks import small as drawn

    found = {}
    for kind in COUNTED:
        rng = random.Random(kind)
        found[kind] = [count_text(drawn(kind, rng)) for _ in range(8)]
    return found


def main() -> None:
    """Print the counts and the version that made them."""
    if sys.argv[1:] == ["--small"]:
        counts: dict[str, Any] = small()
    else:
        configs = {name: json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]} or table()
        counts = {name: count(config) for name, config in configs.items()}
    print(json.dumps({"transformers": transformers.__version__, "parameters": counts}, indent=2))


if __name__ == "__main__":
    main()
