"""Search: one index of models, chips, rules, claims, words and pages, made once of a study's evidence."""

import functools
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from leadtime.report import index
from leadtime.study import Study
from leadtime.web import filled, pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Asking, Desk
from leadtime.web.filled import Shared
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)


@router.get("/search.json")
async def all_of_it(request: Request, at: At) -> Response:
    """The index: title, kind, address and other words of each entry."""
    desk: Desk = request.app.state.desk
    compute = functools.partial(indexed, at)
    which = pages.which(request, at)
    if (ready := pages.prepared(request, at)) is not None:
        return respond(request, ready, which=which)
    found = await desk.ask(Asking(client_of(request), "search index", which, {}), compute, slow=False)
    return respond(request, found, which=which)


def indexed(at: Shared, study: Study) -> bytes:
    """Return the index as JSON."""
    return json.dumps(
        [[e.title, e.kind, e.link, e.also] for e in index.entries(study, at.kept)], ensure_ascii=False
    ).encode()


@router.get("/search")
async def search(request: Request, at: At, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """What is found, for a browser without scripts."""
    desk: Desk = request.app.state.desk
    compute = functools.partial(found_page, at, q.strip())
    which = pages.which(request, at)
    found = await desk.ask(Asking(client_of(request), "search", which, {"q": q.strip()}), compute, slow=False)
    return respond(request, found, "text/html; charset=utf-8", which=which)


def found_page(at: Shared, q: str, study: Study) -> bytes:
    """Return the page of what is found."""
    found: list[Any] = index.matching(index.entries(study, at.kept), q)
    words = (
        f"{len(found):,} found for “{q}”" if found else f"Nothing found for “{q}”" if q else "What are you looking for?"
    )
    return filled.render("search.html", "", at, headline=words, q=q, found=found)
