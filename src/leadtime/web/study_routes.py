"""Saved studies over the API: bring files, look, delete."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from leadtime.web.api import RESPONSES, WITH_BODY, client_of, described
from leadtime.web.problems import Body, JsonRoute
from leadtime.web.studies import Studies

router = APIRouter(prefix="/api/v1/studies", responses=RESPONSES, route_class=JsonRoute, tags=["studies"])
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Id of a saved study.")]
_EXAMPLE: dict[str, Any] = {
    "files": {
        "scenarios/no-h200.yaml": "title: No H200s\nnarrative: China lets none in.\nbase: as-is\nlevers: {uptake: 0}\n"
    }
}


class NewStudy(Body):
    """The files of a study, by name, over the evidence that is served."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    files: dict[str, str] = Field(
        max_length=40,
        description="Text by name: evidence/TABLE.csv, scenarios/NAME.yaml, claims/NAME.yaml, rules/NAME.yaml.",
    )
    onto: str = Field(default="", pattern="^([0-9a-f]{32})?$", description="A saved study whose files stay.")


def _studies(request: Request) -> Studies:
    studies: Studies = request.app.state.studies
    return studies


def _shown(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, **more, "links": {"self": f"/api/v1/studies/{id_}", "page": f"/?study={id_}"}}


@router.post(
    "",
    status_code=201,
    summary="Save a study, checked row by row.",
    operation_id="save_study",
    responses={201: described("POST /api/v1/studies"), **WITH_BODY},
)
async def save(request: Request, given: NewStudy) -> Response:
    """Check the files, keep them, and say by which id they are opened; the same files have the same id."""
    id_, found = await _studies(request).save(client_of(request), given.files, given.onto)
    shown = _shown(id_, files=sorted(given.files), **found)
    return JSONResponse(shown, status_code=201, headers={"Location": f"/api/v1/studies/{id_}"})


@router.get(
    "/{id}",
    summary="Give the files of a study.",
    operation_id="get_study",
    responses={200: described("GET /api/v1/studies/{id}"), 404: {"description": "No such study."}},
)
async def look(request: Request, id: Id) -> Response:
    """Return the files, as they were given."""
    files = await asyncio.to_thread(_studies(request).store.study, id)
    if files is None:
        raise HTTPException(404, "there is no such study")
    return JSONResponse(_shown(id, files=files), headers={"Cache-Control": "no-store"})


@router.delete(
    "/{id}",
    status_code=204,
    summary="Delete a study.",
    operation_id="delete_study",
    responses={404: {"description": "No such study."}},
)
async def delete(request: Request, id: Id) -> Response:
    """Delete it; links to it end, and so does what is computed for it."""
    found = await asyncio.to_thread(_studies(request).delete, id)
    request.app.state.desk.drop(id)  # together with the next, before any other request has its turn
    request.app.state.shelf.clear()
    if not found:
        raise HTTPException(404, "there is no such study")
    return Response(status_code=204)
