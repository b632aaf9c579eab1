"""The pages: forms over the same answers as the API, and the sections of the report, each at an address that holds its state."""

import contextlib
import datetime as dt
import functools
import gzip
import hashlib
from typing import Annotated, Any
from urllib.parse import urlencode

import jinja2
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from leadtime import answers
from leadtime.answers.looked_up import rows_of
from leadtime.errors import LeadtimeError
from leadtime.report import page as report
from leadtime.study import Study
from leadtime.web import parts
from leadtime.web.api import respond
from leadtime.web.desk import Busy, Desk, Which
from leadtime.web.settings import Settings

AsOf = Annotated[dt.date | None, Query()]
Text = Annotated[str, Query(max_length=200)]
_ROWS = 100


@functools.cache
def templates() -> jinja2.Environment:
    """Return the templates of the pages."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("leadtime.web"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


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


def _which(request: Request, as_of: dt.date | None) -> Which:
    settings: Settings = request.app.state.settings
    return Which(as_of=as_of, draws=settings.draws, method=settings.method)


async def _shown(
    request: Request, name: str, as_of: dt.date | None, state: dict[str, Any], form: Any = None
) -> Response:
    """Answer with a page; its state is the whole of its address."""
    query = f"?as_of={as_of}" if as_of else ""
    asked = {k: v for k, v in state.items() if v not in (None, "", [], ())}

    def compute(study: Study) -> bytes:
        found = parts.content(study, name, query)
        filled = form(study, asked) if form is not None else {}
        return _render(name, as_of=as_of, query=query, state=state, **found, **filled)

    answer = await request.app.state.desk.ask(f"page {name}", _which(request, as_of), asked, compute)
    return respond(request, answer, "text/html; charset=utf-8")


async def warm(desk: Desk, settings: Settings) -> None:
    """Compute what every page of today's study shows, before anyone asks."""
    which = Which(draws=settings.draws, method=settings.method)
    with contextlib.suppress(Busy, LeadtimeError):
        await desk.ask("warm", which, {}, lambda study: parts.results(study)[0].front.answer)


@router.get("/")
async def answer(request: Request, as_of: AsOf = None) -> Response:
    """Are the rules working?"""
    return await _shown(request, "", as_of, {})


@router.get("/lag")
async def lag(
    request: Request,
    model: Text = "",
    of: Text = "",
    behind: Text = "USA",
    clock: Text = "released",
    as_of: AsOf = None,
) -> Response:
    """How far behind, by every definition."""
    return await _shown(
        request, "lag", as_of, {"model": model, "of": of, "behind": behind or "USA", "clock": clock or "released"}, _lag
    )


@router.get("/cost")
async def cost(request: Request, model: Text = "", chip: Text = "", gpu_hours: Text = "", flop: Text = "", mfu: Text = "", chips: Text = "",
               days: Text = "", as_of: AsOf = None) -> Response:  # fmt: skip
    """What a run cost."""
    state = {
        "model": model,
        "chip": chip,
        "gpu_hours": gpu_hours,
        "flop": flop,
        "mfu": mfu,
        "chips": chips,
        "days": days,
    }
    return await _shown(request, "cost", as_of, state, _cost)


@router.get("/rules")
async def rules(request: Request, chip: Text = "", to: Text = "", on: Text = "", hq: Text = "", tpp: Text = "", die_area_mm2: Text = "",
                dram_gb_s: Text = "", as_of: AsOf = None) -> Response:  # fmt: skip
    """Whether a license is needed, and why."""
    state = {
        "chip": chip,
        "to": to,
        "on": on,
        "hq": hq,
        "tpp": tpp,
        "die_area_mm2": die_area_mm2,
        "dram_gb_s": dram_gb_s,
    }
    return await _shown(request, "rules", as_of, state, _rules)


@router.get("/supply")
async def supply(request: Request, country: Text = "CHN", as_of: AsOf = None) -> Response:
    """Which chips arrived."""
    return await _shown(request, "supply", as_of, {"country": country or "CHN"}, _supply)


@router.get("/scenarios")
async def scenarios(request: Request, name: Annotated[list[Text] | None, Query(max_length=4)] = None, by: Text = "2028Q4", profile: Text = "",
                    as_of: AsOf = None) -> Response:  # fmt: skip
    """What may follow, up to four policies side by side."""
    return await _shown(
        request, "scenarios", as_of, {"name": tuple(name or ()), "by": by or "2028Q4", "profile": profile}, _scenarios
    )


@router.get("/claims")
async def claims(request: Request, as_of: AsOf = None) -> Response:
    """What was said, and whether it is so."""
    return await _shown(request, "claims", as_of, {})


@router.get("/record")
async def record(request: Request, as_of: AsOf = None) -> Response:
    """What we would have said on earlier days."""
    return await _shown(request, "record", as_of, {})


@router.get("/numbers")
async def numbers(request: Request, as_of: AsOf = None) -> Response:
    """Where the numbers come from."""
    return await _shown(request, "numbers", as_of, {})


@router.get("/methods")
async def methods(request: Request, as_of: AsOf = None) -> Response:
    """How it is done, and by whose data."""
    return await _shown(request, "methods", as_of, {})


@router.get("/evidence")
async def evidence(
    request: Request,
    table: Text = "",
    where: Text = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    as_of: AsOf = None,
) -> Response:
    """The tables, row by row."""
    return await _shown(request, "evidence", as_of, {"table": table, "where": where, "page": page}, _evidence)


@router.get("/evidence/{table}.csv")
async def evidence_csv(request: Request, table: str, where: Text = "", as_of: AsOf = None) -> Response:
    """A table to download."""

    def compute(study: Study) -> bytes:
        return rows_of(study.evidence, table, where or None).write_csv().encode()

    found = await request.app.state.desk.ask(
        "evidence csv", _which(request, as_of), {"table": table, "where": where}, compute
    )
    return respond(request, found, "text/csv; charset=utf-8")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """What pages load; the name holds the hash of the content, so it never changes."""
    if name not in assets():
        raise HTTPException(404, f"there is no {name!r} here")
    body, packed, media = assets()[name]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=media, headers={**headers, "Content-Encoding": "gzip"})
    return Response(body, media_type=media, headers=headers)


def _render(name: str, **context: Any) -> bytes:
    title = parts.PAGES[name][0]
    navigation = [(f"/{p}{context['query']}", words, p == name) for p, (words, _) in parts.PAGES.items()]
    template = templates().get_template(
        {"": "answer.html"}.get(name, f"{name}.html" if name in _FORMS else "page.html")
    )
    return template.render(
        title=title, name=name, navigation=navigation, style=address("style.css"), script=address("page.js"), vega=address("vega.js"),
        kept=[(k, v) for k, v in context.get("state", {}).items() if v and k != "page"], **context,
    ).encode()  # fmt: skip


_FORMS = ("lag", "cost", "rules", "supply", "scenarios", "evidence")


def refused(request: Request, status: int, found: dict[str, Any], headers: dict[str, str] | None) -> Response:
    """Return a page that says what is wrong, where, and what to do."""
    navigation = [(f"/{p}", words, False) for p, (words, _) in parts.PAGES.items()]
    body = templates().get_template("refused.html").render(
        title="Not answered", name="", navigation=navigation, style=address("style.css"), script="", vega="", query="", as_of=None, kept=[],
        problem=found, wait=status == 503, payload="", stamp=None,
    )  # fmt: skip
    return HTMLResponse(body, status_code=status, headers=headers)


def _asked(compute: Any) -> dict[str, Any]:
    """Return the answer of a form, or what is wrong with what was typed."""
    try:
        return {"found": compute(), "wrong": None}
    except LeadtimeError as error:
        return {"found": None, "wrong": error}


def _number(state: dict[str, Any], name: str) -> float | None:
    text = str(state.get(name) or "").replace(",", "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise LeadtimeError(
            f"{text!r} is not a number", where=name.replace("_", " "), fix="Expected a number such as 2788000 or 3e24."
        ) from None
    if not 0 < value < 1e40:
        raise LeadtimeError(
            f"{text} is out of range", where=name.replace("_", " "), fix="Expected a number above zero."
        )
    return value


def _lag(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    models = study.evidence["models"].sort("name").select("id", "name").rows()
    if not (state.get("model") or state.get("of")):
        return {"models": models, "found": None, "wrong": None}
    asked = {
        "model": state.get("model"),
        "of": state.get("of") or "CHN",
        "behind": state["behind"],
        "clock": state["clock"],
    }
    return {"models": models, **_asked(lambda: answers.lag(study, **asked))}


def _cost(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    runs = sorted(set(study.evidence["training_runs"]["model"].drop_nulls()))
    chips = study.evidence["chips"].sort("name").select("id", "name").rows()
    if not state:
        return {"runs": runs, "chips": chips, "found": None, "wrong": None}
    return {"runs": runs, "chips": chips, **_asked(lambda: answers.cost(
        study.evidence, model=state.get("model"), chip=state.get("chip"), draws=study.draws, seed=study.seed,
        gpu_hours=_number(state, "gpu_hours"), flop=_number(state, "flop"), mfu=_number(state, "mfu"), chips=_number(state, "chips"),
        days=_number(state, "days"),
    ))}  # fmt: skip


def _rules(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    chips = study.evidence["chips"].sort("name").select("id", "name").rows()
    if not state.get("to"):
        return {"chips": chips, "found": None, "wrong": None}
    return {
        "chips": chips,
        **_asked(
            lambda: answers.rules_status(
                study.rules,
                to=str(state["to"]),
                chip=state.get("chip"),
                on=state.get("on"),
                hq=state.get("hq"),
                tpp=state.get("tpp"),
                die_area_mm2=state.get("die_area_mm2"),
                dram_gb_s=state.get("dram_gb_s"),
            )
        ),
    }


def _supply(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    return _asked(lambda: answers.supply(study, country=str(state["country"]))["rows"])


def _scenarios(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    known = {"every": answers.scenarios(study), "profiles": answers.profiles(study)}
    if not state.get("name"):
        return {**known, "found": None, "wrong": None}
    return {
        **known,
        **_asked(
            lambda: answers.scenario_run(study, names=state["name"], by=state["by"], profile=state.get("profile", ""))
        ),
    }


def _evidence(study: Study, state: dict[str, Any]) -> dict[str, Any]:
    listed = answers.evidence(study.evidence)["tables"]
    if not state.get("table"):
        return {"listed": listed, "found": None, "wrong": None, "columns": (), "n": 0, "pages": 0, "download": ""}

    def look() -> Any:
        return rows_of(study.evidence, str(state["table"]), state.get("where"))

    found = _asked(look)
    table = found["found"]
    if table is None:
        return {"listed": listed, **found, "columns": (), "n": 0, "pages": 0, "download": ""}
    begin = (int(state["page"]) - 1) * _ROWS
    more = {"where": state["where"]} if state.get("where") else {}
    return {
        "listed": listed, "wrong": None, "found": table.slice(begin, _ROWS).rows(), "columns": table.columns, "n": table.height,
        "pages": -(-table.height // _ROWS), "download": f"/evidence/{state['table']}.csv?{urlencode({**more, 'as_of': study.as_of})}",
    }  # fmt: skip
