"""Marks at places that are known in pixels: many rows to a mark, so that a chart of many small parts stays light."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from leadtime.figures.chart import Row, inline
from leadtime.figures.frame import Frame


def canvas(width: int, height: int, **margins: int) -> Frame:
    """Return a frame whose plot is measured in pixels from its upper left corner."""
    left, right, top, bottom = (margins.get(k, 0) for k in ("left", "right", "top", "bottom"))
    wide, high = width - left - right, height - top - bottom
    return Frame(
        width=width,
        height=height,
        x=(0.0, float(wide)),
        y=(float(high), 0.0),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
    )


def _place(of: float, size: int) -> alt.Scale:
    return alt.Scale(domain=[0, size] if of == 0 else [size, 0], nice=False, zero=False)


def _x(f: Frame, field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=_place(0, f.plot[0]), axis=None)


def _y(f: Frame, field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=_place(1, f.plot[1]), axis=None)


def lines(f: Frame, rows: Sequence[Row], **mark: Any) -> alt.Chart | None:
    """Return straight lines, all alike but for their color.

    Args:
        f: The frame.
        rows: x, y, x2, y2, color; pixels from the upper left corner of the plot.
        mark: Properties of the mark, such as strokeWidth.
    """
    if not rows:
        return None
    return (
        alt.Chart(inline(rows))
        .mark_rule(**mark)
        .encode(x=_x(f, "x"), y=_y(f, "y"), x2=alt.X2("x2"), y2=alt.Y2("y2"), color=alt.Color("color:N", scale=None))
    )


def dots(f: Frame, rows: Sequence[Row], *, hollow: bool = False, size: int = 80) -> alt.Chart | None:
    """Return dots, filled or hollow.

    Args:
        f: The frame.
        rows: x, y, color; pixels.
        hollow: Their outline alone.
        size: Area, square pixels.
    """
    if not rows:
        return None
    return (
        alt.Chart(inline(rows))
        .mark_point(filled=not hollow, size=size, opacity=1, strokeWidth=2)
        .encode(x=_x(f, "x"), y=_y(f, "y"), color=alt.Color("color:N", scale=None))
    )


def words(f: Frame, rows: Sequence[Row], **mark: Any) -> alt.Chart | None:
    """Return texts, all alike but for their color.

    Args:
        f: The frame.
        rows: x, y (of the middle of the line), words, color; pixels.
        mark: Properties of the text mark, such as align and fontWeight.
    """
    if not rows:
        return None
    own = {"align": "left", "baseline": "middle", "fontSize": f.size, **mark}
    return (
        alt.Chart(inline(rows))
        .mark_text(**own)
        .encode(x=_x(f, "x"), y=_y(f, "y"), text=alt.Text("words:N"), color=alt.Color("color:N", scale=None))
    )
