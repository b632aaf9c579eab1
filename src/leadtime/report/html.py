"""Pages from templates, and what their scripts and styles are."""

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from leadtime.answers.words import footnotes, shown
from leadtime.days import day_words
from leadtime.figures.files import FONTS
from leadtime.figures.tokens import css
from leadtime.report.drawn import shown as shown_figure
from leadtime.report.site import Page, View, pages

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment() -> jinja2.Environment:
    """Return the templates, which escape what they are given."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"shown": shown, "footnotes": footnotes, "shown_figure": shown_figure}
    made.filters["query"] = lambda asked: urlencode(
        {k: v for k, v in asked.items() if v not in (None, "", False)}, doseq=True
    )
    return made


def rendered(template: str, context: dict[str, Any]) -> Markup:
    """Return what a template makes: it has escaped what it was given."""
    return Markup(environment().get_template(template).render(context))  # noqa: S704 - every environment escapes: tests/test_promises.py


def ours(text: str) -> Markup:
    """Return a style or script of ours as it is."""
    return Markup(text)  # noqa: S704 - never a reader's text: tests/test_promises.py lists who calls this


def body(page: Page, view: View, layout: str = "bare.html", **around: Any) -> str:
    """Return a page of a study.

    Args:
        page: The page.
        view: What it is made for.
        layout: What stands around it.
        around: What the layout reads.
    """
    return told(page, view, layout, **around)[0]


def told(page: Page, view: View, layout: str, **around: Any) -> tuple[str, bool]:
    """Return a page of a study, and whether it says that something is wrong with what was asked; see `body`."""
    as_of = view.study.as_of
    always = {"deck": "", "age": "", "brief": "", "stamp": None, "day_long": day_words(as_of)}
    content = {**always, **page.content(view)}
    template = environment().get_template(f"pages/{page.template}")
    text = template.render(layout=layout, view=view, asks=page.asks, path=page.path, **{**content, **around})
    return text, bool(view.asked) and bool(content.get("wrong") or content.get("slip"))


@functools.cache
def style(*, embedded: bool = False) -> str:
    """Return the style sheet; with `embedded`, the letters are in it."""
    sheets = "\n".join(p.read_text(encoding="utf-8") for p in sorted((TEMPLATES / "css").glob("*.css")))
    whole = css() + sheets
    if not embedded:
        return whole

    def inside(match: re.Match[str]) -> str:
        return f'url("data:font/woff2;base64,{base64.b64encode((FONTS / match[1]).read_bytes()).decode()}")'

    return re.sub(r'url\("([A-Za-z0-9-]+\.woff2)"\)', inside, whole)


@functools.cache
def script() -> str:
    """Return what the pages run, in one file."""
    parts = (p.read_text(encoding="utf-8").strip() for p in sorted((TEMPLATES / "js").glob("*.js")))
    return "\n".join(parts)


def policy() -> str:
    """Return the content security policy of the report file: its own script runs, by its hash, and nothing is
    loaded.
    """
    own = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{own}'; style-src 'unsafe-inline'; font-src data:; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def whole(study: Any) -> str:
    """Return the report file of a study: its pages one after the other, complete in itself."""
    offline = [p for p in pages().values() if p.offline]
    views = [(p, View(study=study)) for p in offline]
    made = [{"path": p.path, "name": p.name, "body": ours(body(p, v))} for p, v in views]
    front = offline[0].content(View(study=study))
    return (
        environment()
        .get_template("index.html")
        .render(
            pages=made,
            headline=front["headline"],
            stamp=dict(study.stamp),
            overlays=tuple(getattr(study.evidence, "overlays", ())),
            style=ours(style(embedded=True)),
            script=ours(script()),
            policy=ours(policy()),
        )
    )
