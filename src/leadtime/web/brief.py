"""The answer as a PDF of one page, to hand on."""

from fastapi import APIRouter, Request, Response

from leadtime.report import brief
from leadtime.web import pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Asking, Desk
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)


@router.get("/brief.pdf")
async def pdf(request: Request, at: At) -> Response:
    """The answer of a day as a PDF of one page."""
    desk: Desk = request.app.state.desk
    which = pages.which(request, at)
    if (ready := pages.prepared(request, at)) is not None:
        return respond(request, ready, "application/pdf", which=which)
    found = await desk.ask(Asking(client_of(request), "brief", which, {}), brief.pdf, slow=True)
    return respond(request, found, "application/pdf", which=which)
