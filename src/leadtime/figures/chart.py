"""What all charts share: sizes, the theme, and how rows become data.

A color means the same everywhere: teal the United States, orange China, gray anyone else. Charts name colors by their
light value, from `tokens`; what draws them on dark ground puts the dark one in its place.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import altair as alt

from leadtime.figures.tokens import color

WIDTH = 704  # pixels in a file, a notebook, and the column of text of a page
#: Below this width a chart takes its layout for a phone.
BREAK = 560
PHONE = 358
SANS, SERIF = "'Source Sans 3', Arial, sans-serif", "'Source Serif 4', Georgia, serif"

COUNTRIES = ("United States", "China", "other")
COUNTRY_COLORS = (color("us"), color("china"), color("other"))
SERIES_COLORS = tuple(map(color, ("blue", "yours", "pink", "without", "olive", "sky")))

Row = dict[str, Any]


def country(code: str | None) -> str:
    """Return the country as the charts call it, from its ISO code."""
    return {"USA": "United States", "CHN": "China"}.get(code or "", "other")


def theme(width: int = WIDTH) -> Row:
    """Return the Vega-Lite config: type, text and lines; nothing that carries data.

    Args:
        width: Of the chart, pixels; below `BREAK` its text is a size smaller.
    """
    ink, soft, line, size = color("ink"), color("soft"), color("line"), 13 if width < BREAK else 14
    return {
        "aria": False,
        "background": "transparent",
        "font": SANS,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "color": ink,
            "fontSize": 16,
            "subtitleColor": soft,
            "subtitleFontSize": 13,
            "offset": 12,
        },
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": size - 1,
            "titleFontSize": size - 1,
            "titleFontWeight": "normal",
        },
        "legend": {
            "labelColor": ink,
            "titleColor": soft,
            "labelFontSize": size - 1,
            "titleFontSize": size - 1,
            "orient": "top",
            "layout": {"top": {"direction": "vertical", "anchor": "start"}},
            "titleFontWeight": "normal",
            "symbolOpacity": 1,
            "labelLimit": 300,
        },
        "text": {"fontSize": size, "color": ink},
        "style": {
            "label": {"color": ink, "fontSize": size - 1},
            "heading": {"color": ink, "fontSize": size, "fontWeight": 600},
            "note": {"color": soft, "fontSize": size - 1},
            "ink": {"color": ink},
            "mark": {"color": ink},
            "claim": {"color": color("claim")},
            "zero": {"color": soft, "strokeDash": [2, 3]},
        },
    }


def tips(*fields: str) -> list[alt.Tooltip]:
    """Return tooltips from `name`, `name:type` or `name:type:format`, titled by the name."""
    found = []
    for field in fields:
        name, kind, form = (*field.split(":"), "", "")[:3]
        own = {"format": form} if form else {}
        found.append(alt.Tooltip(f"{name}:{kind or 'N'}", title=name.replace("_", " "), **own))
    return found


def inline(rows: Iterable[Row]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=[{k: plain(v) for k, v in row.items()} for row in rows])


def plain(value: Any) -> Any:
    """Return a value as the data of a chart hold it: dates as local midnight, numbers rounded, None where not
    finite.
    """
    if isinstance(value, dt.date):
        return f"{value.isoformat()[:10]}T00:00:00"  # local midnight: a bare date would be read as UTC
    if isinstance(value, float):
        return round(value, 6) if is_finite(value) else None
    return value


def is_finite(value: Any) -> bool:
    """Return whether a value is a number that can be drawn."""
    return isinstance(value, (int, float)) and value == value and abs(value) != float("inf")
