"""Figures as a page holds them: drawn for each width that a reader may have, in colors that follow the theme."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from markupsafe import Markup

from leadtime.figures import spreadsheet
from leadtime.figures.figure import Figure
from leadtime.figures.files import inline
from leadtime.report import tables
from leadtime.report.site import View
from leadtime.report.taken import Taken, taken

Size = Literal["half", "text", "wide"]
#: Widths of a figure for a desk, a tablet and a phone, pixels; a style sheet shows the one that fits.
WIDTHS: dict[str, tuple[tuple[str, int], ...]] = {
    "half": (("desk", 540), ("phone", 358)),
    "text": (("desk", 704), ("phone", 358)),
    "wide": (("desk", 1120), ("tablet", 704), ("phone", 358)),
}
#: So many of a figure's numbers are a table beneath it, on a server and in the report file; its file of data has all.
MOST_ROWS, MOST_IN_FILE = 40, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One figure of a page.

    Args:
        figure: The figure.
        pictures: For each width its name, its SVG, and the points that a pointer finds, as JSON.
        taken: What can be taken away.
        table: Its numbers.
    """

    figure: Figure
    pictures: list[tuple[str, Markup, str]]
    taken: Taken
    table: Any


def begin(view: View, figure: Figure, size: Size = "text") -> Figure:
    """Begin to draw a figure of a page, while the rest of the page is made, and return the figure."""
    view.begun[id(figure), size] = (figure, _begun(figure, size))
    return figure


def _begun(figure: Figure, size: Size) -> list[tuple[str, Callable[[], str], str]]:
    """Return for each width its name, what waits for its picture, and the points that a pointer finds, as JSON."""
    begun = []
    for name, width in WIDTHS[size]:
        drawn = figure.at(width)
        same = replace(figure, chart=lambda _, at=drawn: at)  # made once, for the picture and for its points
        points = [[p.x, p.y, p.words] for p in drawn.points]
        begun.append((name, inline(same, width), json.dumps(points, ensure_ascii=False) if points else ""))
    return begun


def shown(view: View, figure: Figure, size: Size = "text") -> Shown:
    """Return a figure for a page.

    Args:
        view: What the page is made for.
        figure: The figure.
        size: How wide it is on a desk.
    """
    _, begun = view.begun.pop((id(figure), size), None) or (figure, _begun(figure, size))
    own = taken(view, figure, "" if view.live and figure.address else _inside(figure))
    table = tables.of_figure(figure.data.head(MOST_ROWS if view.live else MOST_IN_FILE), figure.name, figure.title)
    # every text of a spec is escaped by the library that draws it
    pictures = [(name, Markup(picture()), points) for name, picture, points in begun]  # noqa: S704
    return Shown(figure=figure, pictures=pictures, taken=own, table=table)


def _inside(figure: Figure) -> str:
    """Return the numbers of a figure as an address that holds them."""
    data = base64.b64encode(spreadsheet.csv(figure.data).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{data}"
