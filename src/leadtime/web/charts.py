"""The charts of questions at stable addresses: as files, as a page to embed, and as the picture that a shared link
shows.
"""

import functools
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response

from leadtime.answers.question import Question
from leadtime.answers.registry import questions as every_question
from leadtime.errors import LeadtimeError
from leadtime.figures import files
from leadtime.report import card, html, site
from leadtime.report.site import View
from leadtime.study import Study
from leadtime.web import filled, pages, questions
from leadtime.web.api import client_of, respond
from leadtime.web.asked import Which, answer_to
from leadtime.web.desk import Asking, Desk
from leadtime.web.pages import At

router = APIRouter(include_in_schema=False)
MEDIA = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
}
Name = Annotated[str, Path(pattern="^[a-z_]{1,64}$")]
#: A page to embed may stand in any other page; all else may in none.
EMBEDDED = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; font-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors *"
)


def _question(name: str) -> Question:
    found = {q.id: q for q in every_question(local=False)}.get(name)
    if found is None or found.no_figure:
        raise HTTPException(404, f"there is no chart {name!r} here")
    return found


def _asked(request: Request, q: Question) -> tuple[Which, dict[str, Any]]:
    """Return the study that a chart is of, and what is asked; a page's own words in the address are not the
    question's.
    """
    server = request.app.state.settings
    known = {p.name: p for p in questions.offered(q, server)}
    given = {k: v for k, v in questions.query_of(request, known).items() if k not in ("width", "theme")}
    which, rest = questions.split(q, questions.parsed(given, known, ("query",), more=""), server)
    return which, rest


@router.get("/chart/{name}.{kind}")
async def chart(
    request: Request, name: Name, kind: Annotated[str, Path(pattern="^(svg|png|pdf|csv|json)$")]
) -> Response:
    """A chart of a question as a file; the parameters are those of the question."""
    q = _question(name)
    which, rest = _asked(request, q)
    phone, dark = request.query_params.get("width") == "phone", request.query_params.get("theme") == "dark"
    compute = functools.partial(drawn, q.name, rest, f".{kind}", phone, dark)
    desk: Desk = request.app.state.desk
    asked = {**rest, "kind": kind, "phone": phone, "dark": dark}
    found = await desk.ask(Asking(client_of(request), f"chart {name}", which, asked), compute, slow=q.of == "study")
    return _for_all(request, respond(request, found, MEDIA[f".{kind}"], which=which, keep=False))


def _for_all(request: Request, answer: Response) -> Response:
    """Return a picture that a page of another site may show, where everybody may read this server."""
    if request.app.state.settings.public:
        answer.headers["cross-origin-resource-policy"] = "cross-origin"
    return answer


def drawn(name: str, asked: dict[str, Any], kind: str, phone: bool, dark: bool, study: Study) -> bytes:
    """Return the figure of a question as a file."""
    return files.content(answer_to(name, asked, study).drawn(), kind, phone=phone, dark=dark)


@router.get("/embed/{name}")
async def embed(request: Request, name: Name) -> Response:
    """A chart of a question as a page of its own, to stand in another page; it is computed again whenever the evidence
    changes.
    """
    q = _question(name)
    which, rest = _asked(request, q)
    compute = functools.partial(embedded, q.name, rest, {"as_of": str(which.as_of)} if which.as_of else {})
    desk: Desk = request.app.state.desk
    found = await desk.ask(Asking(client_of(request), f"embed {name}", which, rest), compute, slow=q.of == "study")
    answer = respond(request, found, "text/html; charset=utf-8", which=which, keep=False)
    answer.headers["content-security-policy"] = EMBEDDED
    return _for_all(request, answer)


def embedded(name: str, asked: dict[str, Any], kept: dict[str, str], study: Study) -> bytes:
    """Return a page with the figure of a question and nothing else."""
    figure = answer_to(name, asked, study).drawn()
    made = html.environment().get_template("embed.html")
    view = View(study=study, live=True, kept=kept)
    return made.render(
        view=view, figure_=figure, style=filled.address("style.css"), script=filled.address("page.js")
    ).encode()


@router.get("/card/{path}.png")
async def shared_card(request: Request, at: At, path: Annotated[str, Path(pattern="^[a-z-]{1,20}$")]) -> Response:
    """The picture that a shared link to a page shows: its answer, its question and its day."""
    page = site.pages().get("" if path == "answer" else path)
    if page is None:
        raise HTTPException(404, f"there is no page {path!r} here")
    asked = pages.asked_of(page, request)
    compute = functools.partial(card_of, page.path, asked)
    desk: Desk = request.app.state.desk
    which = pages.which(request, at)
    found = await desk.ask(Asking(client_of(request), f"card {path}", which, asked), compute, slow=page.slow)
    return _for_all(request, respond(request, found, "image/png", which=which, keep=False))


def card_of(path: str, asked: dict[str, Any], study: Study) -> bytes:
    """Return the picture of a page."""
    page = site.pages()[path]
    try:
        headline = str(page.content(View(study=study, asked=asked, live=True))["headline"])
    except LeadtimeError:
        headline = page.asks
    return card.png(page.asks, headline, study.as_of)
