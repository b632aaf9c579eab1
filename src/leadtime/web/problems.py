"""What went wrong, in one shape (RFC 9457): the fields of an error on the command line."""

import json
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from leadtime.errors import LeadtimeError

MEDIA_TYPE = "application/problem+json"


class Body(BaseModel):
    """What a request sends: the fields that are named, and text that can be written again."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, sent: Any) -> Any:
        try:
            json.dumps(sent, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            raise ValueError("holds half a character (a lone surrogate), or is nested too deep") from None
        return sent


def problem(status: int, title: str, *, where: str = "", fix: str = "", **more: Any) -> dict[str, Any]:
    """Return a problem: what is wrong, where, and what to do."""
    said = {"type": "about:blank", "status": status, "title": title or HTTPStatus(status).phrase}
    return {**said, **{k: v for k, v in (("where", where), ("fix", fix)) if v}, **more}


def of_error(error: LeadtimeError, status: int = 400) -> dict[str, Any]:
    """Return the problem that an error is."""
    return problem(status, error.what, where=error.where, fix=error.fix)


def problem_bytes(status: int, title: str) -> bytes:
    """Return a plain problem as it is sent."""
    return json.dumps(problem(status, title)).encode()
