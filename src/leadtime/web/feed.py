"""The feed: what moved, and what happened to the rules."""

import functools

from fastapi import APIRouter, Request, Response

from leadtime.report import feed
from leadtime.web import pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Asking, Desk
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)


@router.get("/feed.xml")
async def atom(request: Request, at: At) -> Response:
    """The feed as programs read it."""
    public = request.app.state.settings.public
    origin = f"https://{public}" if public else str(request.base_url).rstrip("/")
    compute, asked = functools.partial(feed.atom, origin=origin), {"origin": origin}
    desk: Desk = request.app.state.desk
    which = pages.which(request, at)
    found = await desk.ask(Asking(client_of(request), "feed", which, asked), compute, slow=False)
    return respond(request, found, "application/atom+xml; charset=utf-8", which=which, keep=False)
