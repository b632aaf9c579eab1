"""The answer as a PDF of one page, to hand on."""

from fastapi import APIRouter, Request, Response

from leadtime.report import brief
from leadtime.web import pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Desk
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)


@router.get("/brief.pdf")
async def pdf(request: Request, at: At) -> Response:
    """The answer of a day as a PDF of one page."""
    desk: Desk = request.app.state.desk
    found = await desk.ask(client_of(request), "brief", pages.which(request, at), {}, brief.pdf, slow=True)
    return respond(request, found, "application/pdf")
