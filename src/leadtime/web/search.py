"""Search: one index of models, chips, rules, claims, words and pages, made once of a study's evidence."""

import functools
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from leadtime.report import index
from leadtime.study import Study
from leadtime.web import pages
from leadtime.web.api import client_of, respond
from leadtime.web.desk import Desk
from leadtime.web.pages import At, Shared

router = APIRouter(include_in_schema=False)


@router.get("/search.json")
async def all_of_it(request: Request, at: At) -> Response:
    """The index: title, kind, address and other words of each entry."""
    desk: Desk = request.app.state.desk
    compute = functools.partial(indexed, at)
    found = await desk.ask(client_of(request), "search index", pages.which(request, at), {}, compute, slow=False)
    return respond(request, found)


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
    found = await desk.ask(
        client_of(request), "search", pages.which(request, at), {"q": q.strip()}, compute, slow=False
    )
    return respond(request, found, "text/html; charset=utf-8")


def found_page(at: Shared, q: str, study: Study) -> bytes:
    """Return the page of what is found."""
    found: list[Any] = index.matching(index.entries(study, at.kept), q)
    words = (
        f"{len(found):,} found for “{q}”" if found else f"Nothing found for “{q}”" if q else "What are you looking for?"
    )
    return pages.render("search.html", "", at, headline=words, q=q, found=found)
