"""What a checkpoint gives, from the class that its configuration names: the next token, a class, a reward, vectors."""

from collections.abc import Callable
from dataclasses import dataclass

from leadtime.cost.fields import Fields, short
from leadtime.cost.parts import Part, head

#: In the name of a class, or as a field: it drafts tokens for another network and cannot run by itself.
_DRAFTS = ("Eagle", "Medusa", "Hydra", "NextN", "MTP", "Draft", "Assistant", "Speculator")
_DRAFT_FIELDS = ("draft_vocab_size", "eagle_config", "speculators_config", "speculators_model_type", "medusa_num_heads")
_NEXT_TOKEN = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands at the end of a network.

    Args:
        gives: What it gives, in words.
        parts: Its parts; none if it has no head.
        language: Whether it is the usual head over all tokens, which the network's own fields describe.
    """

    gives: str
    parts: tuple[Part, ...] = ()
    language: bool = False


def head_of(fields: Fields, text: Fields, hidden: int) -> Head:
    """Return the head that a configuration names in `architectures`; without the field, the usual one.

    Args:
        fields: The configuration.
        text: Its part for text, which may name the class of that part.
        hidden: Width of the network.

    Raises:
        LeadtimeError: It is a draft for another network, has an encoder with a decoder, or a head that is not counted.
    """
    name = _named(fields)
    if not name.endswith(_NEXT_TOKEN) and text is not fields:
        name = _named(text) or name
    drafts = [n for n in _DRAFT_FIELDS if fields.get(n) is not None]
    named = any(d.lower() in name.lower() for d in _DRAFTS) and fields.get("vision_config") is None
    if drafts or named:
        raise fields.wrong(
            f"{name or drafts[0]} is a draft: a small network that guesses tokens for a larger one",
            "Give the config.json of the network that it drafts for.",
        )
    if fields.flag("is_encoder_decoder", default=False):
        raise fields.wrong(
            "leadtime does not count an encoder with a decoder", "leadtime counts networks that continue a text."
        )
    if not name or name.endswith(_NEXT_TOKEN):
        return Head(gives="the next token", language=True)
    for ending, build in _OTHERS.items():
        if name.endswith(ending):
            return build(fields, hidden, name)
    raise fields.wrong(
        f"architectures names {short(name)}, and leadtime does not count its head",
        f"leadtime counts names that end in {', '.join((*_NEXT_TOKEN, *_OTHERS))}.",
    )


def _named(fields: Fields) -> str:
    value = fields.get("architectures")
    if value is None or value == []:
        return ""
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise fields.wrong(
            f"architectures is {short(value)}, not a list of names", "Write it as the model's own file does."
        )
    return str(value[0])


def _labels(fields: Fields) -> int:
    named = fields.get("id2label")
    if fields.get("num_labels") is None and isinstance(named, dict) and named:
        return len(named)
    return fields.size("num_labels")


def _classes(fields: Fields, hidden: int, name: str) -> Head:
    n = _labels(fields)
    gives = "a score, as reward models do" if n == 1 else f"one of {n:,} classes"
    return Head(gives=gives, parts=(head(n, hidden, bias=name.endswith("ForTokenClassification")),))


def _span(fields: Fields, hidden: int, name: str) -> Head:
    del fields, name
    return Head(gives="where an answer begins and ends", parts=(head(2, hidden, bias=True),))


def _reward(fields: Fields, hidden: int, name: str) -> Head:
    if not name.startswith(("Qwen2", "Qwen3")):
        raise fields.wrong(
            f"leadtime does not count the head of {name}", "leadtime counts the head of Qwen's reward models."
        )
    n = 2 if name.endswith("ForProcessRewardModel") else fields.size("num_labels", 1)
    return Head(gives="a reward", parts=(head(hidden, hidden, bias=True), head(n, hidden, bias=True)))


def _vectors(fields: Fields, hidden: int, name: str) -> Head:
    del fields, hidden, name
    return Head(gives="vectors, without an output head")


_OTHERS: dict[str, Callable[[Fields, int, str], Head]] = {
    "ForSequenceClassification": _classes,
    "ForTokenClassification": _classes,
    "ForQuestionAnswering": _span,
    "ForProcessRewardModel": _reward,
    "ForRewardModel": _reward,
    "Model": _vectors,
}
