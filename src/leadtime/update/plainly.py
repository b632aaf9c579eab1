"""JSON and YAML that others wrote, read plainly: what is no such text, or too much of it, is told."""

from typing import Any

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.evidence import yaml_text
from leadtime.update.connector import File


def json_of(file: File) -> Any:
    """Return what a JSON file holds.

    Raises:
        LeadtimeError: It is a web page, cut off, not UTF-8, or not JSON.
    """
    text = _text(file)
    try:
        return json_text.parsed(text)
    except LeadtimeError as error:
        cut = ": it may have been cut off" if text.rstrip()[-1] not in "]}" else ""
        place = f" ({error.where})" if error.where else ""
        raise LeadtimeError(f"{error.what}{place}{cut}") from None


def yaml_of(file: File) -> Any:
    """Return what a YAML file holds, without tags or aliases, and in bounded time.

    Raises:
        LeadtimeError: It is a web page, not UTF-8, or no YAML that is read (see `yaml_text`).
    """
    return yaml_text.parse(_text(file), "", fix="")


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
        raise LeadtimeError("is a web page, not data", fix="The address may have moved, or may ask for a login.")
