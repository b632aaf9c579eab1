"""A figure: a chart with its words and its data."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from leadtime.figures import chart


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
    """

    name: str
    title: str
    description: str
    method: str
    n: str
    chart: Any
    data: pl.DataFrame
    caption: str = ""

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite spec without title and theme, in the width of its container.

        Each of its parts was held against the schema when it was made; the tests hold the whole against it.
        """
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        spec.pop("config", None)
        return spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}

    def file_spec(self) -> dict[str, Any]:
        """Return the spec for a file of its own: fixed width, light, titled."""
        title = {"text": self.title, "subtitle": wrapped(self.caption, 118)}
        return self.spec() | {"width": chart.WIDTH, "autosize": "pad", "padding": 16, "title": title,
                              "config": chart.theme()}  # fmt: skip


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` characters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
