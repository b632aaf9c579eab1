"""Count parameters with the reference implementation, to check leadtime's own counts; prints one JSON object.

Needs torch and transformers, which leadtime does not: run it in an environment of its own, with `src` on the path, as
`python scripts/count_with_transformers.py [config.json ...]`; without files it counts the evidence table
`architectures`. Networks are built on the meta device, so no weights are allocated.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers

from leadtime.cost.architecture import Architecture
from leadtime.cost.config import to_config

TABLE = Path(__file__).parent.parent / "src/leadtime/evidence/data/architectures.csv"
#: Types that run the code of another one.
SAME_AS = {"kimi_k2": "deepseek_v3"}


def count(config: dict[str, Any]) -> int:
    """Return the trained parameters of the network that a configuration describes, without MTP modules."""
    kind = SAME_AS.get(config["model_type"], config["model_type"])
    settings = {k: v for k, v in config.items() if k not in ("model_type", "quantization_config", "auto_map")}
    with torch.device("meta"):
        network = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.for_model(kind, **settings))
    return sum(p.numel() for p in network.parameters())


def table() -> dict[str, dict[str, Any]]:
    """Return the evidence table as configurations, by id."""
    with TABLE.open(encoding="utf-8") as file:
        rows = {row["id"]: {k: _cell(v) for k, v in row.items()} for row in csv.DictReader(file)}
    return {name: to_config(Architecture.from_row(row)) for name, row in rows.items()}


def _cell(text: str) -> Any:
    if text in ("", "true", "false"):
        return None if text == "" else text == "true"
    return int(text) if text.isdigit() else text


def main() -> None:
    """Print the counts and the version that made them."""
    configs = {name: json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]} or table()
    counts = {name: count(config) for name, config in configs.items()}
    print(json.dumps({"transformers": transformers.__version__, "parameters": counts}, indent=2))


if __name__ == "__main__":
    main()
