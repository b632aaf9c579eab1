"""The pages: those of the report with their forms, each at an address that holds its state."""

import datetime as dt
import functools
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from leadtime.answers.questions.evidence_table import rows_of
from leadtime.days import day_words
from leadtime.errors import LeadtimeError
from leadtime.figures import spreadsheet
from leadtime.report import editions, html, site
from leadtime.report.pages.data import chosen_columns
from leadtime.study import Study
from leadtime.web.api import client_of, respond
from leadtime.web.asked import Answer, Which
from leadtime.web.desk import Asking, Desk
from leadtime.web.filled import Shared, assets, counted, filled, gathered, render
from leadtime.web.headers import chosen
from leadtime.web.lanes import Busy
from leadtime.web.settings import Settings

#: A field of an address has so many characters, and may be given so often.
_LONGEST, _MOST, _MOST_COLUMNS = 200, 20, 100
#: Fields that hold a file's text.
_LONG = {"config": 20_000}


def shared(
    as_of: Annotated[dt.date | None, Query()] = None,
    study: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
    refit: Annotated[bool, Query()] = False,
) -> Shared:
    """Read what is shared from an address; without a study there is nothing to fit again."""
    return Shared(as_of, study, refit and bool(study))


At = Annotated[Shared, Depends(shared)]


router = APIRouter(include_in_schema=False)


def which(request: Request, at: Shared) -> Which:
    """Return the study of a page. Models of one that a reader brings are placed on the built-in fit, unless a refit is
    asked for; on a past day, for which no fit ships, all is fitted by the posterior's mode, in seconds.
    """
    settings: Settings = request.app.state.settings
    method = "map" if at.study and at.as_of and not at.refit else settings.method
    return Which(study=at.study, as_of=at.as_of, draws=settings.draws, method=method, refit=at.refit)


def asked_of(page: site.Page, request: Request) -> dict[str, Any]:
    """Return what an address holds for the fields of a page, without what is empty; the questions say what is wrong
    with it.
    """
    query, found = request.query_params, dict[str, Any]()
    for name in page.fields:
        if name in page.several:
            most = _MOST_COLUMNS if name == "columns" else _MOST
            found[name] = tuple(v.strip()[:_LONGEST] for v in query.getlist(name)[:most] if v.strip())
        else:
            found[name] = query.get(name, "").strip()[: _LONG.get(name, _LONGEST)]
    return {k: v for k, v in found.items() if v}


async def warm(desk: Desk, settings: Settings) -> None:
    """Load the evidence, and compute what every page of today's study shows, before anyone asks."""
    today = Which(draws=settings.draws, method=settings.method)
    await desk.own("gathered", today, gathered, slow=True)
    await desk.own("counted", today, counted, slow=False)  # after it: with two processors, both at once would be later


def _add(page: site.Page) -> None:
    async def shown(request: Request, at: At) -> Response:
        asked = asked_of(page, request)
        compute = functools.partial(filled, page.path, at, asked, request.app.state.settings.public)
        desk: Desk = request.app.state.desk
        name, study, wait = f"page {page.path}", which(request, at), request.app.state.settings.page_seconds
        if (ready := prepared(request, at)) is not None:
            return respond(request, ready, "text/html; charset=utf-8", which=study)
        try:
            answer = await desk.ask(Asking(client_of(request), name, study, asked), compute, slow=page.slow, wait=wait)
        except Busy as busy:
            if not busy.key:
                raise
            last = desk.last_good(name, study, asked)
            return unfinished(page, at, asked, busy.key, *(last or (None, study)))
        return respond(request, answer, "text/html; charset=utf-8", which=study)

    router.add_api_route(f"/{page.path}", shown, methods=["GET"], name=f"page {page.path}")


def prepared(request: Request, at: Shared) -> Answer | None:
    """Return what an edition has at an address with a day and nothing else; None where there is none."""
    if at.study or set(request.query_params) != {"as_of"}:
        return None
    found: Answer | None = request.app.state.editions.get(at.as_of, request.url.path)
    return found


def unfinished(
    page: site.Page, at: Shared, asked: dict[str, Any], key: str, last: Answer | None, of: Which
) -> Response:
    """Return what is shown while a page is computed: its last answer if there is one, of that day or of today, else its
    question and how far it is.
    """
    words = f"Working out what was known on {day_words(at.as_of)}." if at.as_of else "Working out today's answer."
    if last is None:
        kept = edition_before(at) if not page.path else None
        more = {"edition": kept, "edition_day": day_words(kept.as_of) if kept else ""}
        body = render("waiting.html", page.path, at, headline=words, asks=page.asks, key=key, wait=True, **more)
    else:
        meanwhile = "the last answer" if of.as_of == at.as_of else "today's answer"
        strip = html.rendered("pages/_waiting.html", {"key": key, "words": words, "old": meanwhile})
        again = b'<noscript><meta http-equiv="refresh" content="5"></noscript></head>'
        body = last.body.replace(b"</head>", again, 1).replace(b'<main id="main"', b'<main class="waits" id="main"', 1)
        body = body.replace(b'tabindex="-1">', f'tabindex="-1">{strip}'.encode(), 1)
    return HTMLResponse(
        body, status_code=200 if last else 202, headers={"Cache-Control": "no-store", "Retry-After": "5"}
    )


def edition_before(at: Shared) -> editions.Edition | None:
    """Return the answer of the last month-end that ships, to be read meanwhile; None of a study of a reader's own."""
    try:
        return None if at.study else editions.last_before(at.as_of or dt.date.max)
    except LeadtimeError:
        return None


def _redirect(old: str, new: str) -> None:
    async def moved(request: Request) -> Response:
        query = request.url.query
        return RedirectResponse(f"/{new}{'?' if query else ''}{query}", status_code=308)

    router.add_api_route(f"/{old}", moved, methods=["GET"], name=f"was {old}")


for _page in site.pages().values():
    _add(_page)
for _old, _new in site.REDIRECTS.items():
    _redirect(_old, _new)


@router.get("/data/{table}.csv")
async def evidence_csv(
    request: Request,
    at: At,
    table: str,
    where: Annotated[str, Query(max_length=_LONGEST)] = "",
    columns: Annotated[tuple[str, ...], Query(max_length=_MOST_COLUMNS)] = (),
) -> Response:
    """A table to download: all its columns, or those that are named."""
    asked = {"table": table, "where": where, "columns": columns}
    compute = functools.partial(downloaded, table, where, columns)
    desk: Desk = request.app.state.desk
    study = which(request, at)
    if (ready := prepared(request, at)) is not None:
        return respond(request, ready, "text/csv; charset=utf-8", which=study)
    found = await desk.ask(Asking(client_of(request), "evidence csv", study, asked), compute, slow=False)
    return respond(request, found, "text/csv; charset=utf-8", which=study)


def downloaded(table: str, where: str, columns: tuple[str, ...], study: Study) -> bytes:
    """Return the rows of a table as CSV."""
    rows = rows_of(study.evidence, table, where or None)
    return spreadsheet.csv(rows.select(chosen_columns(columns, rows.columns))).encode()


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """What pages load; the name holds the hash of the content, so it never changes."""
    if name not in assets():
        raise HTTPException(404, f"there is no {name!r} here")
    body, packed, media = assets()[name]
    status, headers, sent = chosen(
        body, packed, name[:16], request.headers, media, "public, max-age=31536000, immutable"
    )
    return Response(sent, status, headers)


def refused(request: Request, status: int, found: dict[str, Any], headers: dict[str, str] | None) -> Response:
    """Return a page that says what is wrong, where, and what to do."""
    body = render("refused.html", "", Shared(None, ""), headline="Not answered", problem=found, wait=status == 503)
    return HTMLResponse(body, status_code=status, headers=headers)
