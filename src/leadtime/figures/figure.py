"""A figure: a chart with its words and its data."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from leadtime.figures import chart

#: Pixels that a letter takes: of the title, of what stands below it, and of the smallest text.
_TITLE_LETTER, _LETTER, _SMALL_LETTER = 8.7, 6.1, 5.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its words and its data.

    Args:
        name: File name without ending.
        title: What it shows, a heading.
        description: What a reader who cannot see it should know.
        method: How it was made, for the caption.
        n: What it counts, in words.
        chart: The Altair chart.
        data: All numbers drawn.
        caption: As-of day, n, method and sources; empty until known.
        finding: What was found, a sentence: the title of a file of its own, where there is one.
    """

    name: str
    title: str
    description: str
    method: str
    n: str
    chart: Any
    data: pl.DataFrame
    caption: str = ""
    finding: str = ""

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite spec without title and theme, in the width of its container.

        Each of its parts was held against the schema when it was made; the tests hold the whole against it.
        """
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        spec.pop("config", None)
        return spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}

    def file_spec(self, *, width: int = chart.WIDTH, room: int = chart.WIDTH, dark: bool = False) -> dict[str, Any]:
        """Return the spec for a file of its own: what was found over what is drawn, the chart, and below it day, method and sources.

        Args:
            width: Of the chart without its axis, pixels.
            room: Of lines of text, pixels.
            dark: Light text on a dark ground.
        """
        config, place = chart.theme(dark=dark), {"anchor": "start", "frame": "bounds"}
        title: dict[str, Any] = {**place, "text": wrapped(self.finding or self.title, int(room / _TITLE_LETTER))}
        if self.finding:
            title |= {"subtitle": wrapped(self.title, int(room / _LETTER)), "subtitlePadding": 6}
        below = {
            **place,
            "text": wrapped(self.caption, int(room / _SMALL_LETTER)),
            "orient": "bottom",
            "offset": 14,
            "fontSize": 11,
            "fontWeight": "normal",
            "color": config["title"]["subtitleColor"],
        }
        drawn = self.bare_spec(width=width) | {"title": below}
        # what belongs to a whole spec, not to a part of it; labels ask for `width`, which is that of the whole where there are parts
        whole = {k: drawn.pop(k) for k in ("$schema", "datasets") if k in drawn}
        params = [*drawn.pop("params", []), {"name": "width", "value": width}]
        ground = {"background": chart.DARK} if dark else {}
        return {**whole, "params": params, "title": title, "vconcat": [drawn], "padding": 16, "config": config | ground}

    def bare_spec(self, *, width: int = chart.WIDTH) -> dict[str, Any]:
        """Return the spec of the chart alone, for a place that has its own words beside it: fixed width, light."""
        spec = self.spec()
        spec.pop("autosize")
        return spec | {"width": width}

    def _repr_svg_(self) -> str:
        """Return it drawn, for a notebook: the picture of its file."""
        from leadtime.figures.files import content

        return content(self, ".svg").decode()


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` characters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
