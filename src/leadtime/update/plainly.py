"""JSON and YAML that others wrote, read plainly: what is no such text, or too much of it, is told."""

import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from leadtime.errors import LeadtimeError
from leadtime.update.connector import File

_MOST_YAML = 5_000_000


def json_of(file: File) -> Any:
    """Return what a JSON file holds.

    Raises:
        LeadtimeError: It is a web page, cut off, not UTF-8, or not JSON.
    """
    text = _text(file)
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        cut = ": it may have been cut off" if error.pos >= len(text.rstrip()) - 1 else ""
        raise LeadtimeError(f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg}){cut}") from None
    except (ValueError, RecursionError):
        raise LeadtimeError("is not JSON that can be read: a number is too long, or it is nested too deeply") from None


def yaml_of(file: File) -> Any:
    """Return what a YAML file holds, without tags or aliases.

    Raises:
        LeadtimeError: It is a web page, too large, not UTF-8, or not YAML.
    """
    text = _text(file)
    if len(text) > _MOST_YAML:
        raise LeadtimeError(f"has more than {_MOST_YAML:,} characters")
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise LeadtimeError(f"is not YAML{f' (line {mark.line + 1})' if mark else ''}") from None


def _text(file: File) -> str:
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LeadtimeError(f"is not UTF-8 text (byte {error.start})") from None
    require_no_page(text)
    if not text.strip():
        raise LeadtimeError("is empty")
    return text


def require_no_page(text: str) -> None:
    """Refuse a web page that came in place of data.

    Raises:
        LeadtimeError: The text begins as HTML does.
    """
    if text.lstrip()[:15].casefold().startswith(("<!doctype html", "<html")):
        raise LeadtimeError("is a web page, not data", fix="The address may have moved, or asks who is there.")


def _no_number(name: str) -> Any:
    raise ValueError(name)
