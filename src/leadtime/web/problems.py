"""What went wrong, in one shape (RFC 9457): the fields of an error on the command line."""

import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
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
    return error.problem(status)


def problem_bytes(status: int, title: str, fix: str = "") -> bytes:
    """Return a plain problem as it is sent."""
    return json.dumps(problem(status, title, fix=fix)).encode()


def sent_as(request: Request, media: str) -> None:
    """Go on if a body is of the type that an address takes.

    Raises:
        HTTPException: It is of another, of none, or packed.
    """
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != media:
        came = f"came as {found[:80]}" if found else "names no type"
        raise HTTPException(415, f"the body {came}: send it as {media}, with Content-Type: {media}")
    packing = request.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity"):
        raise HTTPException(415, f"the body is packed ({packing[:80]}): send it as it is, without Content-Encoding")


class JsonRoute(APIRoute):
    """A route that reads its body as JSON, and says in words what is not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, before which the body is read."""
        handle = super().get_route_handler()

        async def read(request: Request) -> Response:
            if self.body_field is not None:
                sent_as(request, "application/json")
                try:
                    await request.json()
                except (ValueError, RecursionError) as error:  # UnicodeDecodeError among them
                    why = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
                    raise RequestValidationError(
                        [{"loc": ("body",), "msg": f"is not JSON that can be read{why}"}]
                    ) from None
            return await handle(request)

        return read
