"""What all charts share: sizes, colors, the theme, and how rows become data.

A color means the same everywhere: teal the United States, orange China, gray anyone else.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

WIDTH = 760  # pixels in a file or a notebook; the page follows its column
PHONE = 330
DARK = "#14171b"  # the ground of a dark file, as of the page

COUNTRIES = ("United States", "China", "other")
COUNTRY_COLORS = ("#0b8a80", "#d9720f", "#7d8590")
SERIES_COLORS = ("#3c78c3", "#8d63b8", "#c2528b", "#7d8590", "#8c6d1f", "#4aa3c7")

Row = dict[str, Any]


def country(code: str | None) -> str:
    """Return the country as the charts call it, from its ISO code."""
    return {"USA": "United States", "CHN": "China"}.get(code or "", "other")


def theme(*, dark: bool = False) -> Row:
    """Return the Vega-Lite config: colors of text, lines and ground; nothing that carries data."""
    ink, soft, line = ("#e8eaed", "#b4bac2", "#3a4048") if dark else ("#1b1f24", "#4d5560", "#dfe3e8")
    return {
        "background": "transparent" if dark else "white",
        "font": "Liberation Sans, Arial, sans-serif",
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "color": ink,
            "fontSize": 16,
            "subtitleColor": soft,
            "subtitleFontSize": 12,
            "offset": 12,
        },
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "legend": {
            "labelColor": ink,
            "titleColor": soft,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "orient": "top",
            "layout": {"top": {"direction": "vertical", "anchor": "start"}},
            "titleFontWeight": "normal",
            "symbolOpacity": 1,
            "labelLimit": 300,
        },
        "style": {
            "label": {"color": ink, "fontSize": 11},
            "heading": {"color": ink, "fontSize": 12, "fontWeight": "bold"},
            "note": {"color": soft, "fontSize": 11},
            "ink": {"color": ink},
            "mark": {"color": ink},
            "claim": {"color": "#b08d1a", "opacity": 0.34 if dark else 0.24},
            "zero": {"color": soft, "strokeDash": [2, 3]},
        },
    }


def where_room() -> Row:
    """Return an opacity that hides labels without room, judged by the width the chart has now."""
    test = "width < 520 ? datum.narrow : datum.wide"
    return {"condition": {"test": test, "value": 1}, "value": 0}


def color_of(
    field: str, domain: Sequence[str], colors: Sequence[str], *, title: str | None = None, columns: int = 0
) -> alt.Color:
    """Return the encoding of a color with fixed colors for fixed words."""
    legend = alt.Legend(title=title, columns=columns) if columns else alt.Legend(title=title)
    scale = alt.Scale(domain=list(domain), range=list(colors[: len(domain)]))
    return alt.Color(f"{field}:N", scale=scale, legend=legend)


def tips(*fields: str) -> list[alt.Tooltip]:
    """Return tooltips from `name:type:format`, titled by the name."""
    found = []
    for field in fields:
        name, kind, form = ([*field.split(":"), "N", ""])[:3] if ":" in field else (field, "N", "")
        title = name.replace("_", " ")
        found.append(
            alt.Tooltip(f"{name}:{kind}", title=title, format=form)
            if form
            else alt.Tooltip(f"{name}:{kind}", title=title)
        )
    return found


def inline(rows: Iterable[Row]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=[{k: plain(v) for k, v in row.items()} for row in rows])


def plain(value: Any) -> Any:
    """Return a value as the data of a chart hold it: dates as local midnight, numbers rounded, None where not finite."""
    if isinstance(value, dt.date):
        return f"{value.isoformat()[:10]}T00:00:00"  # local midnight: a bare date would be read as UTC
    if isinstance(value, float):
        return round(value, 6) if is_finite(value) else None
    return value


def is_finite(value: Any) -> bool:
    """Return whether a value is a number that can be drawn."""
    return isinstance(value, (int, float)) and value == value and abs(value) != float("inf")
