"""The feed: what moved, and what happened to the rules."""

import functools

from fastapi import APIRouter, Request, Response

from leadtime.report import feed
from leadtime.web import pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Desk
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)


@router.get("/feed.xml")
async def atom(request: Request, at: At) -> Response:
    """The feed as programs read it."""
    public = request.app.state.settings.public
    origin = f"https://{public}" if public else str(request.base_url).rstrip("/")
    compute, asked = functools.partial(feed.atom, origin=origin), {"origin": origin}
    desk: Desk = request.app.state.desk
    found = await desk.ask(client_of(request), "feed", pages.which(request, at), asked, compute, slow=False)
    return respond(request, found, "application/atom+xml; charset=utf-8", keep=False)
