"""The pages: forms over the same answers as the API, and the sections of the report, each at an address that holds its state."""

import asyncio
import datetime as dt
import functools
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import jinja2
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from leadtime.answers.questions.evidence_table import rows_of
from leadtime.answers.words import footnotes, shown
from leadtime.figures import spreadsheet
from leadtime.figures.figure import Figure
from leadtime.report import html as report
from leadtime.study import Study
from leadtime.web import forms, parts, rules_form
from leadtime.web.api import client_of, respond
from leadtime.web.asked import Which
from leadtime.web.desk import Desk
from leadtime.web.headers import chosen
from leadtime.web.settings import Settings

Text = Annotated[str, Query(max_length=200)]
#: The fields of the form on cost: parameters of its question.
COST_FIELDS = ("model", "chip", "gpu_hours", "flop", "mfu", "chips", "days", "tokens")
Texts = Annotated[list[Text] | None, Query(max_length=4)]


@dataclass(frozen=True, slots=True)
class Shared:
    """What every page's address may hold: the day, and a saved study."""

    as_of: dt.date | None
    study: str

    @property
    def query(self) -> str:
        """As the whole of a link's query, with its question mark; empty when there is nothing."""
        given = {k: str(v) for k, v in (("as_of", self.as_of), ("study", self.study)) if v}
        return f"?{urlencode(given)}" if given else ""


def shared(
    as_of: Annotated[dt.date | None, Query()] = None, study: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = ""
) -> Shared:
    """Read what is shared from an address."""
    return Shared(as_of, study)


At = Annotated[Shared, Depends(shared)]


@functools.cache
def templates() -> jinja2.Environment:
    """Return the templates of the pages."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("leadtime.web"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {"shown": shown, "footnotes": footnotes}
    made.filters["query"] = lambda asked: urlencode(asked, doseq=True)
    return made


@functools.cache
def assets() -> dict[str, tuple[bytes, bytes, str]]:
    """Return what pages load, by name with the hash of its content: bytes, the same packed, media type."""
    own = templates().loader
    assert own is not None
    style = report.template("style.css") + "\n" + str(own.get_source(templates(), "web.css")[0])
    found = {
        "style.css": (style.encode(), "text/css; charset=utf-8"),
        "page.js": (report.template("page.js").encode(), "text/javascript; charset=utf-8"),
        "vega.js": (report.vega().encode(), "text/javascript; charset=utf-8"),
    }
    return {
        f"{hashlib.sha256(body).hexdigest()[:16]}-{name}": (body, gzip.compress(body, mtime=0), media)
        for name, (body, media) in found.items()
    }


def address(name: str) -> str:
    """Return where an asset is."""
    return "/static/" + next(k for k in assets() if k.endswith(f"-{name}"))


router = APIRouter(include_in_schema=False)


def _which(request: Request, at: Shared) -> Which:
    """Return the study of a page; one that a reader brings is fitted in seconds, by the posterior's mode."""
    settings: Settings = request.app.state.settings
    return Which(study=at.study, as_of=at.as_of, draws=settings.draws, method="map" if at.study else settings.method)


async def _shown(request: Request, name: str, at: Shared, state: dict[str, Any], form: Any = None, *, slow: bool = True) -> Response:  # fmt: skip
    """Answer with a page; its state is the whole of its address."""
    asked = {k: v for k, v in state.items() if v not in (None, "", [], ())}
    compute = functools.partial(filled, name, at, state, form, asked)
    desk: Desk = request.app.state.desk
    answer = await desk.ask(client_of(request), f"page {name}", _which(request, at), asked, compute, slow=slow)
    return respond(request, answer, "text/html; charset=utf-8")


def filled(name: str, at: Shared, state: dict[str, Any], form: Any, asked: dict[str, Any], study: Study) -> bytes:
    """Return a page of a study: the sections of the report, and what a form of `forms` comes to."""
    found = parts.content(study, name, at.query)
    more = form(study, asked) if form is not None else {}
    figures = [*more.pop("figures", ()), *found.pop("figures")]
    own = study.evidence.overlays if at.study else ()
    template = {"": "answer.html"}.get(name, f"{name}.html" if name in _FORMS else "page.html")
    return render(name, template, parts.PAGES[name][0], at=at, state=state, own=own, payload=payload(figures), **found, **more)  # fmt: skip


def typed(request: Request, *names: str) -> dict[str, str]:
    """Return what an address holds for the fields of a form, empty where there is nothing; the questions say what is wrong with it."""
    return {n: request.query_params.get(n, "").strip() for n in names}


async def warm(desk: Desk, settings: Settings) -> None:
    """Load the evidence, and compute what every page of today's study shows, before anyone asks."""
    which = Which(draws=settings.draws, method=settings.method)
    await asyncio.gather(desk.warm(which, _counted, slow=False), desk.warm(which, _gathered, slow=True))


def _counted(study: Study) -> bytes:
    return f"{study.evidence.hash} {study.rules.hash}".encode()


def _gathered(study: Study) -> str:
    return parts.results(study)[0].front.answer


@router.get("/")
async def answer(request: Request, at: At) -> Response:
    """Are the rules working?"""
    return await _shown(request, "", at, {})


@router.get("/lag")
async def lag(request: Request, at: At, model: Text = "", of: Text = "", behind: Text = "USA", clock: Text = "released", comparison: Text = "all",
              benchmarks: Text = "all") -> Response:  # fmt: skip
    """How far behind, by every definition."""
    state = {"model": model, "of": of, "behind": behind or "USA", "clock": clock or "released", "comparison": comparison or "all",
             "benchmarks": benchmarks or "all"}  # fmt: skip
    return await _shown(request, "lag", at, state, forms.lag)


@router.get("/cost")
async def cost(request: Request, at: At) -> Response:
    """What a run cost, and what a network's configuration comes to."""
    return await _shown(request, "cost", at, typed(request, *COST_FIELDS, "config"), forms.cost)


@router.get("/rules")
async def rules(request: Request, at: At) -> Response:
    """Whether a license is needed, and why."""
    state = {k: request.query_params.get(k, "")[:200] for k in rules_form.ASKED}
    return await _shown(request, "rules", at, state, rules_form.rules)


@router.get("/supply")
async def supply(request: Request, at: At, country: Text = "CHN") -> Response:
    """Which chips arrived."""
    return await _shown(request, "supply", at, {"country": country or "CHN"}, forms.supply)


@router.get("/scenarios")
async def scenarios(request: Request, at: At, name: Texts = None, sets: Annotated[list[Text] | None, Query(max_length=20)] = None,
                    base: Text = "as-is", by: Text = "2028Q4", profile: Text = "") -> Response:  # fmt: skip
    """What may follow, up to four policies side by side, one of them with levers set by the reader."""
    controls = forms.settings_of(request.query_params)
    state = {
        "name": tuple(name or ()),
        "sets": (*(sets or ()), *controls),
        "base": base or "as-is",
        "by": by or "2028Q4",
        "profile": profile or None,
    }
    return await _shown(request, "scenarios", at, state, forms.scenarios)


@router.get("/claims")
async def claims(request: Request, at: At) -> Response:
    """What was said, and whether it is so."""
    return await _shown(request, "claims", at, {})


@router.get("/record")
async def record(request: Request, at: At) -> Response:
    """What we would have said on earlier days."""
    return await _shown(request, "record", at, {})


@router.get("/numbers")
async def numbers(request: Request, at: At) -> Response:
    """Where the numbers come from."""
    return await _shown(request, "numbers", at, {})


@router.get("/methods")
async def methods(request: Request, at: At) -> Response:
    """How it is done, and by whose data."""
    return await _shown(request, "methods", at, {})


@router.get("/evidence")
async def evidence(
    request: Request, at: At, table: Text = "", where: Text = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    """The tables, row by row."""
    state = {"table": table, "where": where, "page": page}
    return await _shown(request, "evidence", at, state, forms.evidence, slow=False)


@router.get("/evidence/{table}.csv")
async def evidence_csv(request: Request, at: At, table: str, where: Text = "") -> Response:
    """A table to download."""
    compute, asked = functools.partial(downloaded, table, where), {"table": table, "where": where}
    desk: Desk = request.app.state.desk
    found = await desk.ask(client_of(request), "evidence csv", _which(request, at), asked, compute, slow=False)
    return respond(request, found, "text/csv; charset=utf-8")


def downloaded(table: str, where: str, study: Study) -> bytes:
    """Return the rows of a table as CSV."""
    return spreadsheet.csv(rows_of(study.evidence, table, where or None)).encode()


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


def payload(figures: Sequence[Figure]) -> Markup:
    """Return what the script of a page needs to draw figures; nothing when there are none."""
    return report.ours(report.inert(report.payload(list(figures)))) if figures else Markup("")


def render(name: str, template: str, title: str, **context: Any) -> bytes:
    """Return a page.

    Args:
        name: The page of `parts.PAGES` that it belongs to.
        template: File of the template.
        title: Heading.
        context: What the template reads; `at`, `state`, `own`, `payload` and `stamp` always.
    """
    at: Shared = context["at"]
    navigation = [(f"/{p}{at.query}", words, p == name) for p, (words, _) in parts.PAGES.items()]
    return templates().get_template(template).render(
        title=title, name=name, carried=_carried(at), more=at.query.replace("?", "&"), navigation=navigation, style=address("style.css"),
        script=address("page.js"), vega=address("vega.js"), kept=[(k, v) for k, v in context["state"].items() if v and k != "page"], **context,
    ).encode()  # fmt: skip


def _carried(at: Shared) -> Markup:
    """Return what a form carries on: the day and the study."""
    given = (("as_of", at.as_of), ("study", at.study))
    return Markup("").join(Markup('<input type="hidden" name="{}" value="{}">').format(k, v) for k, v in given if v)


_FORMS = ("lag", "cost", "rules", "supply", "scenarios", "evidence")


def refused(request: Request, status: int, found: dict[str, Any], headers: dict[str, str] | None) -> Response:
    """Return a page that says what is wrong, where, and what to do."""
    body = render(
        "",
        "refused.html",
        "Not answered",
        at=Shared(None, ""),
        state={},
        own=(),
        payload="",
        stamp=None,
        problem=found,
        wait=status == 503,
    )
    return HTMLResponse(body, status_code=status, headers=headers)
