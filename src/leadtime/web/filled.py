"""A page as a process of the server fills it: the content of a study, and what stands around it."""

import contextlib
import datetime as dt
import functools
import gzip
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from leadtime.days import day_words
from leadtime.errors import LeadtimeError
from leadtime.figures.files import FONTS, ready
from leadtime.report import html, site
from leadtime.report.front import front
from leadtime.report.site import View
from leadtime.study import Study
from leadtime.web.asked import Told, Which, at_desk

#: Days that the header offers, apart from today.
PAST_DAYS = (dt.date(2025, 1, 29), dt.date(2025, 6, 30), dt.date(2026, 3, 31))


@dataclass(frozen=True, slots=True)
class Shared:
    """What every page's address may hold: the day, a saved study, and whether all is fitted anew with its scores."""

    as_of: dt.date | None
    study: str
    refit: bool = False

    @property
    def kept(self) -> dict[str, str]:
        """What every link carries on."""
        return {k: str(v) for k, v in (("as_of", self.as_of), ("study", self.study), ("refit", int(self.refit))) if v}

    @property
    def query(self) -> str:
        """As the whole of a link's query, with its question mark; empty when there is nothing."""
        return f"?{urlencode(self.kept)}" if self.kept else ""


@functools.cache
def assets() -> dict[str, tuple[bytes, bytes, str]]:
    """Return what pages load, by name with the hash of its content: bytes, the same packed, media type."""
    letters = {p.name: (p.read_bytes(), "font/woff2") for p in sorted(FONTS.glob("*.woff2"))}
    named = {n: f"{hashlib.sha256(body).hexdigest()[:16]}-{n}" for n, (body, _) in letters.items()}
    style = functools.reduce(lambda text, n: text.replace(f'"{n}"', f'"/static/{named[n]}"'), named, html.style())
    found = letters | {
        "style.css": (style.encode(), "text/css; charset=utf-8"),
        "page.js": (html.script().encode(), "text/javascript; charset=utf-8"),
    }
    return {
        f"{hashlib.sha256(body).hexdigest()[:16]}-{name}": (body, gzip.compress(body, mtime=0), media)
        for name, (body, media) in found.items()
    }


def address(name: str) -> str:
    """Return where an asset is."""
    return "/static/" + next(k for k in assets() if k.endswith(f"-{name}"))


def filled(path: str, at: Shared, asked: dict[str, Any], public: str, study: Study) -> Told:
    """Return a page of a study; `public` is the name under which everybody may read it.

    A page that says what is wrong with its address is sent with that status, as the API would.
    """
    page = site.pages()[path]
    view = View(study=study, asked=asked, live=True, kept=at.kept, public=public)
    own = (study.evidence.overlays, study.own_scores) if at.study else ((), "")
    text, wrong = html.told(page, view, "base.html", **around(path, at, asked, own, public))
    return Told(text.encode(), 422 if wrong else 200)


def around(
    path: str, at: Shared, asked: dict[str, Any], own: tuple[Any, str] = ((), ""), public: str = ""
) -> dict[str, Any]:
    """Return what stands around the content of a page: the header, the days, what a form carries on.

    Args:
        path: Of the page.
        at: The day and the study.
        asked: What its fields hold.
        own: What a reader's study adds, and what was done with its scores (see `Study.own_scores`).
        public: The name under which everybody may read it.
    """
    flat = [(k, v) for k, vs in asked.items() for v in (vs if isinstance(vs, tuple) else (vs,))]

    def to(other: str) -> str:
        return f"/{other}{at.query}"

    def here(day: dt.date | None, *, refit: bool = False) -> str:
        return f"/{path}?{urlencode([*flat, *Shared(day, at.study, refit).kept.items()])}".rstrip("?")

    links = [
        {"name": p.name, "link": to(p.path), "here": p.path == path, "at": site.where(p.path)}
        for p in site.pages().values()
    ]
    links.append({"name": "Your own data", "link": to("own"), "here": path == "own", "at": "about"})
    return {
        "navigation": {
            "main": [n for n in links if n["at"] == "main"],
            "about": [n for n in links if n["at"] == "about"],
            "below": any(n["here"] for n in links if n["at"] == "about"),
        },
        "to": to,
        "style": address("style.css"),
        "script": address("page.js"),
        "index": f"/search.json{at.query}",
        "carried": (
            Markup("").join(
                Markup('<input type="hidden" name="{}" value="{}">').format(k, v) for k, v in at.kept.items()
            )
        ),
        "kept": [*flat, *([("study", at.study)] if at.study else [])],
        "as_of": at.as_of,
        "day_words": day_words(at.as_of) if at.as_of else "today",
        "days": [("Today", here(None)), *((day_words(d), here(d)) for d in PAST_DAYS)],
        "today": here(None),
        "study": at.study,
        "leave": f"/{path}{Shared(at.as_of, '').query}",
        "own": own[0],
        "own_scores": own[1],
        "refitted": at.refit,
        "refit": here(at.as_of, refit=not at.refit),
        "card": (
            f"https://{public}/card/{path or 'answer'}.png?{urlencode([*flat, *at.kept.items()])}".rstrip("?")
            if public
            else ""
        ),
    }


def render(template: str, path: str, at: Shared, **context: Any) -> bytes:
    """Return a page that no study is asked for.

    Args:
        template: File of the template, below `pages`.
        path: The page of the header that it belongs to.
        at: The day and the study.
        context: What the template reads; `headline` always.
    """
    own = {
        "deck": "",
        "age": "",
        "asks": "",
        "brief": "",
        "stamp": None,
        "day_long": "",
        "layout": "base.html",
        "view": None,
        "path": path,
    }
    made = html.environment().get_template(f"pages/{template}")
    return made.render(**{**own, **around(path, at, {}), **context}).encode()


def warm(draws: int, method: str) -> None:
    """Compute what the first page of today rests on, in a process that waits for its first question."""
    with contextlib.suppress(LeadtimeError):
        which = Which(draws=draws, method=method)
        at_desk(which, None, dt.date.today(), True, gathered, lambda *_: None)  # noqa: DTZ011 - today is the reader's


def counted(study: Study) -> bytes:
    """Return what names the evidence and the rules; they are read for it."""
    return f"{study.evidence.hash} {study.rules.hash}".encode()


def gathered(study: Study) -> str:
    """Return the answer of the first page; what it rests on is computed for it, and what draws it is made ready."""
    ready()
    return front(study).answer
