"""What readers send from a page: rows of their own, and runs too long for a page, which they watch and may stop."""

import asyncio
import functools
import hashlib
import json
from typing import Annotated, Any
from urllib.parse import parse_qs

import polars as pl
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from leadtime.answers.simulated import fans
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES
from leadtime.report import tables
from leadtime.report.site import View
from leadtime.study import Study
from leadtime.web import brought, filled, pages
from leadtime.web.api import client_of, computation, question_of
from leadtime.web.asked import Which
from leadtime.web.desk import Asking, Desk
from leadtime.web.filled import Shared
from leadtime.web.headers import chosen, kept
from leadtime.web.job_routes import Id, found_job, put_in_queue
from leadtime.web.pages import At
from leadtime.web.problems import sent_as
from leadtime.web.store import ENDS, Job
from leadtime.web.studies import Studies

router = APIRouter(include_in_schema=False)
_MOST_FIELDS = 60


async def _fields(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form that was sent, in bounded number.

    Raises:
        LeadtimeError: It is not a form, or has too many fields.
        HTTPException: It came as something else.
    """
    sent_as(request, "application/x-www-form-urlencoded")
    try:
        return parse_qs(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:  # UnicodeDecodeError among them
        raise LeadtimeError(
            "did not come from this page", where="request", fix="Send the form from the page."
        ) from None


def _one(fields: dict[str, list[str]], name: str) -> str:
    return (fields.get(name) or [""])[0]


@router.get("/own")
async def own(request: Request, at: At) -> Response:
    """A form for scores of your own: paste or file, nothing else."""
    return _scores_page(at, {}, 200)


@router.post("/own")
async def bring_scores(request: Request, at: At) -> Response:
    """Take scores of your own in any known form; ask of models that nobody knows; then lead to how far behind they
    are.
    """
    fields = await _fields(request)
    text, name, percent = _one(fields, "text"), _one(fields, "name")[:100] or "own.csv", bool(_one(fields, "percent"))
    answers = {k: _one(fields, k)[:40] for k in fields if k.startswith(("day.", "country."))}
    state: dict[str, Any] = {"text": text, "name": name, "percent": percent, "answers": answers}
    if not text.strip():
        wrong = LeadtimeError("there are no scores", fix="Paste lines of model, benchmark and score, or choose a file.")
        return _scores_page(at, {**state, "wrong": wrong}, 400)
    desk: Desk = request.app.state.desk
    before = await asyncio.to_thread(_studies(request).files, at.study) if at.study else {}
    compute = functools.partial(brought.taken, text, name, percent, answers, before)
    digest = hashlib.sha256(repr((text, sorted(before.items()))).encode()).hexdigest()
    asked = {"text": digest, "name": name, "percent": percent, **answers}
    try:
        found = json.loads(
            (
                await desk.ask(
                    Asking(client_of(request), "own scores", pages.which(request, Shared(at.as_of, "")), asked),
                    compute,
                    slow=False,
                )
            ).body
        )
        if found["unknown"]:
            return _scores_page(at, {**state, "unknown": found["unknown"]}, 200)
        id_, _ = await _studies(request).save(client_of(request), brought.joined(before, found["files"]), at.study)
    except LeadtimeError as error:
        return _scores_page(at, {**state, "wrong": error}, 400)
    if found["told"]:
        there = Shared(at.as_of, id_)
        return _scores_page(there, {"done": found, "there": f"/models{there.query}&model={found['models'][0]}"}, 200)
    return RedirectResponse(f"/models{Shared(at.as_of, id_).query}&model={found['models'][0]}", status_code=303)


def _scores_page(at: Shared, state: dict[str, Any], status: int) -> Response:
    empty: dict[str, Any] = {
        "text": "",
        "name": "",
        "percent": False,
        "answers": {},
        "unknown": (),
        "wrong": None,
        "done": None,
        "there": "",
    }
    body = filled.render(
        "own.html",
        "own",
        at,
        headline="How far behind is your model?",
        asks="Your own data",
        carried_query=at.query[1:],
        **{**empty, **state},
    )
    return Response(
        body, status_code=status, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@router.get("/own/table")
async def own_table(request: Request, at: At, table: Annotated[str, Query(max_length=200)] = "scores") -> Response:
    """A form for rows of your own, of any table."""
    files = await asyncio.to_thread(_studies(request).files, at.study) if at.study else {}
    return _own_page(at, table if table in TABLES else "scores", files.get(f"evidence/{table}.csv", ""), None, 200)


@router.get("/own/template.csv")
async def template(request: Request) -> Response:
    """A table to fill in."""
    text = "model,benchmark,score\nyour-model,GPQA Diamond,0.71\nyour-model,MMLU-Pro,0.78\n"
    return Response(
        text, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": "attachment; filename=scores.csv"}
    )


@router.post("/own/table")
async def bring(request: Request, at: At) -> Response:
    """Take rows of your own into a study that this page is then a link to; or say what is wrong with which row."""
    fields = await _fields(request)
    table, text = _one(fields, "table"), _one(fields, "text")
    if not text.strip():
        wrong = LeadtimeError(
            "there are no rows", where="rows", fix="Paste CSV with a line of column names, or choose a file."
        )
        return _own_page(at, table if table in TABLES else "scores", text, wrong, 400)
    try:
        id_, _ = await _studies(request).save(client_of(request), {f"evidence/{table}.csv": text}, at.study)
    except LeadtimeError as error:
        return _own_page(at, table if table in TABLES else "scores", text, error, 400)
    there = Shared(at.as_of, id_)
    return RedirectResponse(f"/data{there.query}&table={table}", status_code=303)


def _own_page(at: Shared, table: str, text: str, wrong: LeadtimeError | None, status: int) -> Response:
    body = filled.render(
        "own-table.html",
        "own",
        at,
        headline="Rows of your own",
        table=TABLES[table],
        tables=list(TABLES),
        text=text,
        wrong=wrong,
        carried_query=at.query[1:],
    )
    return Response(
        body, status_code=status, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@router.post("/what-if/long")
async def start(request: Request, at: At) -> Response:
    """Put a run of many draws in the queue, and lead to where it is watched."""
    fields = await _fields(request)
    asked: dict[str, Any] = {k: fields[k] for k in ("names", "sets") if k in fields} | {
        "base": _one(fields, "base") or "as-is"
    }
    number = _one(fields, "n").replace(",", "").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise LeadtimeError(
            f"{number[:40]!r} is not a number of draws", where="draws", fix="Expected 1000 to 10000000."
        )
    asked |= {"n": int(number), "study": at.study, **({"as_of": at.as_of} if at.as_of else {})}
    if at.study:
        asked["method"] = "map"
    question = question_of("scenario_draws", asked, request.app.state.settings)
    job = await put_in_queue(request, "scenario_draws", question)
    return RedirectResponse(f"/job/{job.id}", status_code=303)


@router.post("/job/{id}/cancel")
async def cancel(request: Request, id: Id) -> Response:
    """Stop a run."""
    await found_job(request, id)
    await asyncio.to_thread(request.app.state.store.cancel, id)
    return RedirectResponse(f"/job/{id}", status_code=303)


@router.get("/job/{id}")
async def watch(request: Request, id: Id) -> Response:
    """How far a run is, and what it came to."""
    job = await found_job(request, id)
    which = _which(job)
    at = Shared(which.as_of, which.study) if which else Shared(None, "")
    if which is None or job.status != "done" or job.answer != "scenario_draws":
        body = filled.render("job.html", "what-if", at, **_watched(job), compared=None, rows=())
        return Response(body, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})
    said = await asyncio.to_thread(request.app.state.store.result, id)
    if said is None:
        raise HTTPException(404, "there is no such job; it may have expired")
    desk: Desk = request.app.state.desk
    compute = functools.partial(_came_to, job, at, said)
    found = await desk.ask(Asking(client_of(request), "job page", which, {"id": id}), compute, slow=True)
    status, headers, body = chosen(
        found.body, found.packed, found.tag, request.headers, "text/html; charset=utf-8", kept("own")
    )  # who has its address may end it
    return Response(body, status, headers)


def _which(job: Job) -> Which | None:
    """Return the study of a job; None for a job of another version, or one that cannot be read."""
    try:
        return None if job.damaged else computation(job.answer, job.question)[0]
    except LeadtimeError:
        return None


def _watched(job: Job) -> dict[str, Any]:
    """Return what the page of a run shows of it, ended or not."""
    return {
        "headline": "A long run",
        "job": job,
        "ended": job.status in ENDS,
        "result": f"/api/v1/jobs/{job.id}/result",
        "months": tables.months,
    }


def _came_to(job: Job, at: Shared, said: bytes, study: Study) -> bytes:
    """Return the page of a run that is done."""
    run = json.loads(said)
    bands = pl.DataFrame(run["rows"], infer_schema_length=None)
    figure = fans(study, bands, run["titles"], f"{run['n']:,} draws of the priors")
    rows = [
        {**r, "title": run["titles"][r["scenario"]]}
        for r in run["rows"]
        if r["quarter"].endswith("Q4") and r["variable"] == "lag_months" and r["quarter"] >= "2024"
    ]
    view = View(study=study, live=True, kept=at.kept)
    return filled.render(
        "job.html", "what-if", at, **_watched(job), view=view, compared=figure, rows=rows, stamp=dict(study.stamp)
    )


def _studies(request: Request) -> Studies:
    studies: Studies = request.app.state.studies
    return studies
