"""The fields of a config.json, read one by one, each with its own complaint."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadtime import json_text
from leadtime.errors import LeadtimeError

_MOST_LAYERS, _MOST = 10_000, 1_000_000_000
_SHORT = reprlib.Repr()

#: Other names of a field, in the forms in which files have been saved.
ALIASES: dict[str, tuple[str, ...]] = {
    "head_dim": ("attention_head_dim",),
    "num_experts": ("num_local_experts", "n_routed_experts", "moe_num_experts"),
    "num_experts_per_tok": ("num_experts_per_token", "top_k_experts", "moe_top_k"),
    "num_key_value_heads": ("num_attention_groups",),
    "num_local_experts": ("num_experts",),
    "n_routed_experts": ("num_local_experts", "num_experts"),
    "n_shared_experts": ("num_shared_experts",),
    "share_expert_dim": ("share_expert_dims",),
}


def parse_config(text: str, where: str = "config") -> Mapping[str, Any]:
    """Return the fields in the text of a config.json; NaN and Infinity, which some programs write, are let through.

    Raises:
        LeadtimeError: It is not JSON (with its line), names a field twice, or holds no fields.
    """
    fix = "A config.json is JSON: names in double quotes, no comma after the last entry."
    found = json_text.parsed(text, where=where, numbers_alone=False, fix=fix)
    if not isinstance(found, dict):
        raise LeadtimeError(
            f"contains a {type(found).__name__}, not a configuration",
            where=where,
            fix="Give the config.json of a model.",
        )
    return found


def short(value: Any) -> str:
    """Return a value as it is written, cut where it is long."""
    return (_SHORT.repr(value) if isinstance(value, list | dict | str) else str(value))[:80]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A configuration, or one of its parts.

    Args:
        config: Its fields.
        where: What to name in an error.
        inside: The field that holds it, such as `text_config`; empty for the whole.
    """

    config: Mapping[str, Any]
    where: str
    inside: str = ""

    def get(self, name: str) -> Any:
        """Return a value, under the name or one of its other names, or None.

        Raises:
            LeadtimeError: It stands under two names, with two values.
        """
        found = {n: self.config[n] for n in (name, *ALIASES.get(name, ())) if self.config.get(n) is not None}
        values = list(found.values())
        if any(type(v) is not type(values[0]) or v != values[0] for v in values):
            what = " and ".join(f"{n} is {short(v)}" for n, v in found.items())
            raise self.wrong(f"{what}, but both names stand for the same thing", "Remove the wrong one.")
        return values[0] if values else None

    def has(self, name: str) -> bool:
        """Return whether a field is there, be it null."""
        return any(n in self.config for n in (name, *ALIASES.get(name, ())))

    def wrong(self, what: str, fix: str) -> LeadtimeError:
        """Return the complaint about a field."""
        return LeadtimeError(f"{self.inside}: {what}" if self.inside else what, where=self.where, fix=fix)

    def missing(self, name: str) -> LeadtimeError:
        """Return the complaint that a field is not there."""
        return self.wrong(
            f"the field {name} is missing",
            f"Add {name} as the model's own config.json has it. leadtime does not guess.",
        )

    def part(self, name: str) -> "Fields | None":
        """Return the fields inside a field, or None if it is not there."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.wrong(
                f"{name} is {short(value)}, not fields in braces", "Write it as the model's own file does."
            )
        return Fields(config=value, where=self.where, inside=f"{self.inside}.{name}" if self.inside else name)

    def whole(self, name: str, default: int | None = None, *, null: int | None = None) -> int:
        """Return a whole number; `default` where the field is missing, `null` where it is null."""
        value = self.get(name)
        if value is None:
            value = null if self.has(name) and null is not None else default
        if value is None:
            raise self.missing(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(f"{name} is {short(value)}, not a whole number", "Write it as 128, without quotes.")
        if value < 0:
            raise self.wrong(f"{name} is {short(value)}, and cannot be negative", "Write it as 128, without quotes.")
        if value > _MOST:
            raise self.wrong(f"{name} is above {_MOST:,}", "Write it as 128, without quotes.")
        return value

    def factor(self, name: str, default: float | None = None) -> float:
        """Return a number above 0 and below 1,000."""
        value = self.get(name) if self.get(name) is not None else default
        if value is None:
            raise self.missing(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1000:
            raise self.wrong(f"{name} is {short(value)}, not a number above 0 and below 1,000", "Write it as 2.625.")
        return float(value)

    def size(self, name: str, default: int | None = None) -> int:
        """Return a whole number of 1 or more."""
        value = self.whole(name, default)
        if value < 1:
            raise self.wrong(f"{name} is 0, and must be at least 1", "Write it as 128, without quotes.")
        return value

    def layers(self) -> int:
        """Return the number of layers: its field, or as many as a list has that names the kind of each."""
        listed = [self.get(n) for n in ("layers_block_type", "hybrid_override_pattern")]
        told = [len(v) for v in listed if isinstance(v, list | str)]
        n = self.size("num_hidden_layers", told[0] if told else None)
        if n > _MOST_LAYERS:
            raise self.wrong(f"num_hidden_layers is above {_MOST_LAYERS}", "Write it as 61.")
        return n

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false; `default` where the field is missing or null."""
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(f"{name} is {short(value)}, not true or false", "Write true or false.")
        return value

    def words(self, name: str, n_layers: int, *, more: bool = False) -> list[str] | None:
        """Return a list with one word per layer, or None if the field is missing; with `more`, a longer
        one is cut.
        """
        value = self.get(name)
        if value is None:
            return None
        fits = isinstance(value, list) and (len(value) == n_layers or (more and len(value) > n_layers))
        if not fits or not all(isinstance(w, str) for w in value):
            raise self.wrong(f"{name} is not a list of {n_layers} words", "It names the kind of every layer.")
        return list(value[:n_layers])

    def numbers(self, name: str, least: int = 0) -> list[int] | None:
        """Return a list of whole numbers, or None if the field is missing."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) < least or not all(type(i) is int for i in value):
            what = f"{name} is {short(value)}, not a list of {least or 'whole'} numbers"
            raise self.wrong(what, "Write it as the model's own file does.")
        return value

    def only(self, name: str, *allowed: Any) -> None:
        """Refuse a setting that changes the network in a way that leadtime does not count."""
        value = self.get(name)
        if value is not None and value not in allowed:
            raise self.wrong(
                f"{name} = {short(value)} changes the network in a way that leadtime does not count",
                f"leadtime counts only {name} = {allowed[0]!r}." if allowed else f"Remove {name}.",
            )
