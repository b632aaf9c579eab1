"""What can be taken away from a figure: pictures, data, addresses, a citation, and the lines of Python that ask the
same.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from leadtime.answers.kinds import Many
from leadtime.answers.plain import plain
from leadtime.answers.question import Question
from leadtime.answers.registry import find
from leadtime.days import day_words
from leadtime.figures.figure import Figure
from leadtime.report.site import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One file: its words, its address, and the name it is saved under; empty where it opens."""

    words: str
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What can be taken away from a figure.

    Args:
        pictures: Files of its picture; none in the report file, whose script makes one.
        data: Files of its numbers.
        address: Where its picture stays, honoring what was chosen; empty where no server draws it.
        embed: HTML for a page of another site; empty where other sites may not show it.
        citation: One line that names the finding, the day and the version.
        python: Lines that ask the same with the same choice and draw the same; empty where no question draws it.
    """

    pictures: tuple[Link, ...]
    data: tuple[Link, ...]
    address: str
    embed: str
    citation: str
    python: str


def taken(view: View, figure: Figure, csv: str) -> Taken:
    """Return what can be taken away from a figure.

    Args:
        view: What the page is made for.
        figure: The figure.
        csv: Its numbers as an address that holds them, for a page without a server.
    """
    served, name = view.live and bool(figure.address), figure.name
    address = f"{view.origin}{view.chart(figure.address, '.svg')}" if served else ""
    pictures: tuple[Link, ...] = ()
    data: tuple[Link, ...] = (Link(words="CSV", address=csv, name=f"{name}.csv"),)
    if served:
        at = {kind: view.chart(figure.address, f".{kind}") for kind in ("svg", "png", "pdf", "csv", "json")}
        pictures = tuple(Link(words=k.upper(), address=at[k], name=f"{name}.{k}") for k in ("svg", "png", "pdf"))
        data = (
            Link(words="CSV", address=at["csv"], name=f"{name}.csv"),
            Link(words="JSON", address=api(view, figure.address)),
            Link(words="Vega-Lite", address=at["json"], name=f"{name}.json"),
        )
    shown = f"{view.origin}{view.chart(figure.address, '')}".replace("/chart/", "/embed/", 1)
    embed = f'<iframe src="{shown}" width="100%" height="520" style="border:0" title="leadtime"></iframe>'
    return Taken(
        pictures=pictures,
        data=data,
        address=address,
        embed=embed if served and view.public else "",
        citation=citation(view, figure, address if view.public else ""),
        python=python(view, figure.address) if figure.address else "",
    )


def citation(view: View, figure: Figure, address: str) -> str:
    """Return one line to cite a figure by; an address of one machine is no citation, so it may be empty."""
    stamp, day = view.study.stamp, view.study.as_of
    words = (figure.finding or figure.title).rstrip(".")
    said = f"leadtime {stamp['version']}, “{words}.” What was known on {day_words(day)}."
    return f"{said} {address}".strip()


def api(view: View, address: str) -> str:
    """Return where a server has the answer of a figure as JSON, with what was chosen."""
    q, given = asked(address)
    path = q.path.format(**{k: quote(v[-1], safe="") for k, v in given.items()})
    rest = {k: v for k, v in given.items() if f"{{{k}}}" not in q.path}
    return view.api(path, rest)


def python(view: View, address: str) -> str:
    """Return the lines of a notebook that draw a figure: the question, with what was chosen and is not its default."""
    q, given = asked(address)
    known = {p.name: p for p in q.parameters}
    said = []
    for name, texts in given.items():
        p = known[name]
        value = plain(p.read(tuple(texts) if isinstance(p.kind, Many) else texts[-1], resolve=False))
        if value != plain(p.default):
            said.append(f"{name}={value!r}")
    own = ', "FOLDER"' if view.kept.get("study") else ""
    call = f"study.figure({', '.join([_quoted(q.name), *said])})"
    if len(call) > 72:
        call = "\n    ".join(["study.figure(", *(f"{x}," for x in (_quoted(q.name), *said))]) + "\n)"
    lines = ("import leadtime", "", f'study = leadtime.Study("{view.study.as_of}"{own})', f"figure = {call}")
    return "\n".join([*lines, "figure  # its numbers: figure.data"])


def asked(address: str) -> tuple[Question, dict[str, list[str]]]:
    """Return the question of a chart's address, and the texts of what is asked by name."""
    name, _, query = address.partition("?")
    return find(name), parse_qs(query)


def _quoted(text: Any) -> str:
    return f'"{text}"'
