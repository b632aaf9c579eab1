"""The page: its sections from templates, and what its script needs."""

import base64
import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from leadtime.estimate import atoms_text
from leadtime.figures import chart, spreadsheet
from leadtime.figures.figure import Figure
from leadtime.report import tables, tables_lag
from leadtime.report.derivations import anchor, of_measure
from leadtime.report.results import Results, headline, model_sentence
from leadtime.study import lag_definitions


def html(r: Results, drawn: list[Figure]) -> str:
    """Return the page, complete in itself."""
    every = [*drawn, *(f for c in r.chapters for f in c.figures)]
    return (
        environment()
        .get_template("index.html")
        .render(
            r=r,
            headline=headline(r.year),
            model_sentence=model_sentence(r),
            chapters=[(c, None) for c in r.chapters],
            sections=sections(r, drawn),
            style=ours(template("style.css")),
            scripts=[ours(s) for s in scripts()],
            policy=ours(policy()),
            payload=ours(inert(payload(every))),
        )
    )


def page_tables(r: Results) -> list[tables.Table]:
    """Return the tables in the order of the page."""
    ours = {
        row["model"]: atoms_text(row["lag"].atoms) or tables.months(row["lag"].median, row["lag"].low, row["lag"].high)
        for row in r.organization
    }
    ours["CHN"] = tables.months(r.group.median, r.group.low, r.group.high)
    found = [
        tables.abilities(r.named(r.abilities, "organization")),
        tables.grid(r.group_grid, "group-grid", "China behind the United States, by definition",
                    "Months, median and 90 % interval; negative means ahead. “Only a bound”: share of draws in which the true value lies beyond."),
    ]  # fmt: skip
    if not r.choices.is_empty():
        found.append(tables_lag.choices(r.choices))
    if not r.bounding.is_empty():
        found.append(tables_lag.bounding(r.bounding))
    if r.model_grid is not None:
        found.append(
            tables.grid(r.model_grid, "model-grid", "DeepSeek-V3, by definition and setting",
                        "Months behind when released, and the probability that the lag is within 7 to 10.", claim=True)
        )  # fmt: skip
    if r.organization:
        found.append(tables.model_lags(r.organization, "DeepSeek"))
    return [
        *found,
        tables.published(r.named(r.published, "published_by"), ours),
        tables.vendor_effect(r.named(r.effects, "name")),
    ]


def environment() -> jinja2.Environment:
    """Return the templates of the report, which escape what they are given."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("leadtime.report"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def rendered(made_by: jinja2.Template, context: dict[str, Any]) -> Markup:
    """Return what a template of ours makes: it has escaped what it was given."""
    return Markup(made_by.render(context))  # noqa: S704 - every environment escapes: tests/test_promises.py


def ours(text: str) -> Markup:
    """Return a style or script of ours, or JSON without any `<` (see `inert`), as it is."""
    return Markup(text)  # noqa: S704 - never a reader's text: tests/test_promises.py lists who calls this


def sections(r: Results, drawn: list[Figure]) -> dict[str, Markup]:
    """Return the sections of the page by name: answer, figures, tables, each chapter, numbers, method, sources."""
    templates = environment()
    shared = {
        "r": r, "definition": _plainly(r.year.past_year.definition), "model_definition": _plainly(r.model.definition) if r.model else "",
        "front": [(m, anchor(*of_measure(m.explain)) if m.explain else "") for m in r.front.measures],
        "figures": [_shown(f) for f in drawn], "tables": page_tables(r), "definitions": lag_definitions(),
    }  # fmt: skip
    found = {n: rendered(templates.get_template(f"section_{n}.html"), shared) for n in ("answer", "figures", "tables", "numbers", "method", "sources")}  # fmt: skip
    chapter = templates.get_template("section_chapter.html")
    for c in r.chapters:
        body = rendered(templates.get_template(c.template), c.content) if c.template else ""
        found[c.name] = rendered(chapter, {"chapter": c, "drawn": [_shown(f) for f in c.figures], "body": body})
    return found


def _plainly(definition: str) -> str:
    """Return a definition with names instead of codes, for a page."""
    for code, name in (("CHN", "China"), ("USA", "the United States"), ("deepseek-v3", "DeepSeek-V3")):
        definition = definition.replace(code, name)
    return definition[0].upper() + definition[1:]


def figure_html(f: Figure) -> Markup:
    """Return a figure as the page shows it: place of the chart, caption, downloads, its numbers as a table."""
    shown = environment().from_string('{% from "macros.html" import figure %}{{ figure(f) }}')
    return rendered(shown, {"f": _shown(f)})


def payload(shown: list[Figure]) -> str:
    """Return what the script of a page needs to draw figures, as JSON."""
    return json.dumps(
        {
            "figures": {f.name: {"page": f.spec(), "file": f.file_spec()} for f in shown},
            "light": chart.theme() | {"background": "transparent", "aria": False},
            "dark": chart.theme(dark=True) | {"aria": False},
        },
        ensure_ascii=False, allow_nan=False,
    )  # fmt: skip


def _shown(f: Figure) -> dict[str, Any]:
    return {
        "figure": f,
        "csv": "data:text/csv;charset=utf-8;base64," + base64.b64encode(spreadsheet.csv(f.data).encode()).decode(),
        "table": tables.of_figure(f.data, f.name, f.title),
    }


def vega() -> str:
    """Return the library that draws figures in a browser, one script."""
    bundle: Any = vl_convert.javascript_bundle  # its stub asks for an argument that has a default
    return str(bundle())


def template(name: str) -> str:
    """Return a style or a script as it is."""
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


@functools.cache
def scripts() -> tuple[str, ...]:
    r"""Return what a page runs, the library and our own, unable to end its element: in their strings `<\/` means the same as `</`."""
    plain = (s.replace("<!--", r"<\u0021--") for s in (vega(), template("page.js")))
    return tuple(re.sub("</(?=script)", r"<\\/", s, flags=re.IGNORECASE) for s in plain)


def policy() -> str:
    """Return the content security policy of the page: its own two scripts run, by their hash, and nothing is loaded."""
    digests = (hashlib.sha256(s.encode()).digest() for s in scripts())
    own = " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    return (
        f"default-src 'none'; script-src {own}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def inert(text: str) -> str:
    """Return JSON that cannot end its element, whatever texts it holds: without any `<`."""
    return text.replace("<", r"\u003c")
