"""One run of lm-evaluation-harness, as its file of results tells it: which model, set how, on which day."""

import datetime as dt
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leadtime import json_text
from leadtime.errors import LeadtimeError

#: A file of results may have so many bytes and tasks.
MOST_RESULTS, MOST_TASKS = 50_000_000, 10_000
_BESIDE = frozenset(
    {"config", "configs", "versions", "config_general", "model_name", "model_source", "n-shot", "higher_is_better"}
)
_FALSE = ("", "none", "null", "false", "0")
_MOST_ARGUMENT = 10_000
_STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT[\d.:-]+)$")


@functools.cache
def rules() -> Mapping[str, Any]:
    """Return which tasks are which benchmarks, which metric is the score, and what the arguments of a model mean."""
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("lm_eval.yaml").read_text(encoding="utf-8")
    )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one file of results says.

    Args:
        given: The file.
        name: What the model is called, without its arguments, empty if the file does not say.
        also: What the harness itself called it, where that is another name: adapters are called by their own.
        altered: The arguments that make it another model, or another setting, as `load_in_4bit=True`.
        backend: How it was run, as `hf` or `openai-chat-completions`, empty if the file does not say.
        day: The day of the run, or None.
        stamp: The moment in the name of the file, or nothing.
    """

    given: Mapping[str, Any]
    name: str
    also: str
    altered: tuple[str, ...]
    backend: str
    day: str | None
    stamp: str

    @property
    def label(self) -> str:
        """What tells the model from all others, set otherwise too."""
        return ",".join((self.name, *self.altered))

    @property
    def has_weights(self) -> bool:
        """Whether it was run from weights, and not asked of a provider."""
        return self.backend in rules()["weights"]

    def how(self) -> list[str]:
        """Return how it was asked, in words: template, system prompt, sampling."""
        g = self.given
        config = g["config"] if isinstance(g.get("config"), dict) else {}
        asked = str(config.get("gen_kwargs") or "")[:80]
        return [
            *(["with its chat template"] if g.get("chat_template") else []),
            *(["few-shot as turns"] if g.get("fewshot_as_multiturn") and g.get("chat_template") else []),
            *(["with a system prompt"] if g.get("system_instruction") else []),
            *([f"sampled with {asked}"] if json_text.is_text(asked) else []),
        ]


def stamp_of(stem: str) -> str:
    """Return the moment that the name of a file ends in, or nothing."""
    found = _STAMP.search(stem)
    return found[1] if found else ""


def parsed(content: bytes) -> Any:
    """Return what a file of JSON says.

    Raises:
        LeadtimeError: It is not JSON, or it is too large.
    """
    if len(content) > MOST_RESULTS:
        raise LeadtimeError(f"has more than {MOST_RESULTS:,} bytes")
    return json_text.parsed(content, numbers_alone=False)


def is_results(given: Any) -> bool:
    """Return whether something looks like a file of results, whatever it is called."""
    return isinstance(given, dict) and isinstance(given.get("results"), dict) and not _BESIDE.isdisjoint(given)


def run_of(given: Any, stem: str) -> Run:
    """Return the run that a file tells.

    Args:
        given: What stands in it.
        stem: Its name without the ending.

    Raises:
        LeadtimeError: It has no results by task, names no model that is a text, or two.
    """
    found = given.get("results") if isinstance(given, dict) else None
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise LeadtimeError("has no results by task")
    if len(found) > MOST_TASKS:
        raise LeadtimeError(f"has more than {MOST_TASKS:,} tasks")
    if isinstance(given.get("config_general"), dict):
        raise LeadtimeError("is in the form of lighteval and the first Open LLM Leaderboard, not of lm_eval")
    config = given["config"] if isinstance(given.get("config"), dict) else {}
    backend = config["model"] if isinstance(config.get("model"), str) else ""
    if backend in rules()["no_model"]:
        raise LeadtimeError(f"is of {backend!r}, which answers at random and is not a model")
    told = _text(given.get("model_name")).rstrip("/")
    arguments = arguments_of(config.get("model_args"))
    if not all(json_text.is_text(f"{k}={v}", most=_MOST_ARGUMENT) for k, v in arguments.items()):
        raise LeadtimeError("has model arguments that are not text")
    name = next((a for n in rules()["names"] if (a := arguments.get(n))), "").rstrip("/") or told
    if not name and "/" in backend:  # a model that a program handed over, called by where it was loaded from
        name, backend = backend, ""
    altered = _altered(arguments, config, name, weights=backend in rules()["weights"])
    if told and told != name and not _is_one(told, {name, *arguments.values()}):
        raise LeadtimeError(f"names two models: {told[:80]!r}, and {name[:80]!r} in its arguments")
    stamp = stamp_of(stem)
    return Run(
        given={**given, "results": found},
        name=_text(name),
        also=told if told != name else "",
        altered=altered,
        backend=backend,
        day=_day(given.get("date")) or _day(stamp),
        stamp=stamp,
    )


def arguments_of(given: Any) -> dict[str, str]:
    """Return the arguments of a model as texts, from a text `a=1,b=2`, from JSON in a text, or from an object."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json_text.parsed(given)
        except LeadtimeError:
            raise LeadtimeError("has model arguments that are not JSON") from None
    if isinstance(given, dict):
        return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
    pairs = (p.partition("=") for p in _parts(given if isinstance(given, str) else ""))
    return {k.strip(): v.strip().strip("\"'") for k, _, v in pairs if k.strip()}


def _parts(text: str) -> Iterator[str]:
    """Yield what stands between commas that are in no bracket."""
    depth, begin = 0, 0
    for i, c in enumerate(text):
        depth += (c in "{[(") - (c in "}])")
        if c == "," and depth <= 0:
            yield text[begin:i]
            begin = i + 1
    yield text[begin:]


def _altered(arguments: Mapping[str, str], config: Mapping[str, Any], name: str, *, weights: bool) -> tuple[str, ...]:
    """Return the arguments that make of a model another, or ask it otherwise, in the order of their names."""
    found: dict[str, str] = {}
    for key, value in arguments.items():
        if key in rules()["names"] and value.rstrip("/") == name:
            continue
        if key not in rules()["harmless"] and not _is_usual(key, value, name, weights=weights):
            found[key] = value
    for told, key in (("model_revision", "revision"), ("peft_sha", "peft"), ("delta_sha", "delta")):
        sha = config.get(told)
        if isinstance(sha, str) and sha.casefold() not in (*_FALSE, "main") and key not in found:
            found[key] = sha
    return tuple(f"{k}={v}"[:200] for k, v in sorted(found.items()))


def _is_usual(key: str, value: str, name: str, *, weights: bool) -> bool:
    """Return whether an argument has a value that changes nothing."""
    plain = value.strip("\"'").casefold()
    if plain in _FALSE and key not in rules()["spoken"]:
        return True
    if key in rules()["values"]:
        return plain in rules()["values"][key]
    if key in rules()["least"]:
        return plain.isdecimal() and int(plain[:12]) >= rules()["least"][key]
    return key == "tokenizer" and (value == name or not weights)  # of a provider's model it only counts tokens


def _is_one(told: str, names: set[str]) -> bool:
    """Return whether a name is one of others, or the last part of one."""
    return any(told == n or n.rstrip("/").endswith(f"/{told}") or told.endswith(f"/{n}") for n in names if n)


def _text(name: Any) -> str:
    if name and not json_text.is_text(name):
        raise LeadtimeError("names a model that is not text")
    return str(name or "")


def _day(date: Any) -> str | None:
    try:
        if isinstance(date, int | float) and not isinstance(date, bool):
            return str(dt.datetime.fromtimestamp(date, tz=dt.UTC).date())
        return str(dt.date.fromisoformat(str(date)[:10]))
    except (ValueError, OverflowError, OSError):
        return None
