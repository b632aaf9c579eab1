"""Counting with the reference implementation, for types that have no formula here: an optional extra."""

import difflib
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from leadtime.cost.fields import Fields, short
from leadtime.cost.network import Network
from leadtime.cost.parts import Part, head
from leadtime.errors import LeadtimeError

NOTE = (
    "Counted by building it with the reference implementation (transformers), not by a formula of ours. Fields that the"
    " configuration lacks are that program's own. Its operations, its cache and what a token uses of it are not known."
)
#: What is built is a module for each layer and each expert: more than these would take minutes.
_MOST = {"layer": 512, "depth": 512, "expert": 1024, "block": 512}
_LONGEST = 1024


def network(whole: Fields, kind: str, types: Sequence[str]) -> Network:
    """Return the network that the reference implementation builds from a configuration, on a device without memory.

    Only its size is known so: by embedding, head and all the rest.

    Args:
        whole: The configuration.
        kind: Its type.
        types: Those that have a formula, to be told of where it cannot be built.

    Raises:
        LeadtimeError: The extra is not installed, or the reference implementation does not know the type either.
    """
    _refuse_the_huge(whole, whole.config)
    config = {k: v for k, v in whole.config.items() if k not in ("auto_map", "quantization_config")}
    model_type = config.pop("model_type")
    try:
        torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    except ImportError:
        raise LeadtimeError(
            f"leadtime has no verified formula for networks of type {kind!r}, and a wrong count is worse than none",
            where=whole.where,
            fix=(
                "The extra `networks` lets the reference implementation try it. `leadtime doctor` shows the command"
                f" that adds it. {_near(kind, types)}"
            ),
        ) from None
    try:
        with torch.device("meta"):
            built = _class(transformers, config).from_config(transformers.AutoConfig.for_model(model_type, **config))
    except Exception as error:  # whatever another program raises on a configuration that it does not know
        raise LeadtimeError(
            f"neither a formula here nor the reference implementation can count networks of type {kind!r}"
            f" ({type(error).__name__})",
            where=whole.where,
            fix=f"A newer version of transformers may know it. {_near(kind, types)}",
        ) from None
    return _of(built, kind)


def _refuse_the_huge(whole: Fields, config: Mapping[str, Any]) -> None:
    """Refuse what would take another program minutes, or make it ask a hub for weights."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            _refuse_the_huge(whole, value)
        elif isinstance(value, list | str) and len(value) > _LONGEST:
            raise whole.wrong(f"{name} is longer than {_LONGEST:,}, too long to be built", "Give a smaller network.")
        elif isinstance(value, int | float) and value > min((m for k, m in _MOST.items() if k in name), default=10**8):
            raise whole.wrong(f"{name} is {short(value)}, too much to be built", "Give a smaller network.")
        elif value and "backbone" in name:
            raise whole.wrong(
                f"{name} names a network outside this file", "leadtime counts only what the file describes."
            )


def _class(transformers: Any, config: dict[str, Any]) -> Any:
    """Return what builds the class that a configuration names: of images with text, of text, or without a head."""
    name = (config.get("architectures") or [""])[0]
    if name.endswith("ForConditionalGeneration"):
        return transformers.AutoModelForImageTextToText
    return (
        transformers.AutoModelForCausalLM
        if not name or name.endswith(("ForCausalLM", "LMHeadModel"))
        else transformers.AutoModel
    )


def _of(built: Any, kind: str) -> Network:
    total = sum(int(p.numel()) for p in built.parameters())
    table = built.get_input_embeddings()
    rows, width = (int(n) for n in table.weight.shape)
    output = built.get_output_embeddings() if hasattr(built, "get_output_embeddings") else None
    tied = output is not None and output.weight is table.weight
    size = rows * width
    parts = [Part(kind="embedding", parameters=size, lookup=0 if tied else size)]
    if output is not None and not tied:
        parts.append(head(int(output.weight.shape[0]), width, bias=getattr(output, "bias", None) is not None))
    rest = total - sum(p.parameters for p in parts)
    return Network(
        family=kind,
        hidden=width,
        vocabulary=rows,
        tied=tied,
        parts=(*parts, Part(kind="other", parameters=rest)),
        counted_by="reference",
        notes=(NOTE,),
    )


def _near(kind: str, types: Sequence[str]) -> str:
    near = difflib.get_close_matches(kind, types, n=4, cutoff=0.5)
    return f"{len(types)} types have a formula{', such as ' + ', '.join(near) if near else ''}."
