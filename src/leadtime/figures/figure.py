"""A figure: a chart with its words and its data."""

from dataclasses import dataclass, replace
from typing import Any, Self

import polars as pl
from altair.utils.schemapi import debug_mode

from leadtime.figures.chart import WIDTH, theme
from leadtime.figures.frame import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its words and its data.

    Args:
        name: File name without ending.
        title: What it shows, a heading.
        description: What a reader who cannot see it should know.
        method: How it was made, for the caption.
        n: What it counts, in words.
        chart: The Altair chart, or a function from a width in pixels to the `Picture` that is drawn for it.
        data: All numbers drawn.
        caption: As-of day, n, method and sources; empty until known.
        finding: What was found, a sentence: the title of a file of its own, where there is one.
        address: Where a server draws it and has its data, below `/chart/` and without an ending; empty where none does.
        tag: How it is known, as the tag of an answer; empty until known.
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
    address: str = ""
    tag: str = ""

    def named(self, finding: str) -> Self:
        """Return it with what was found, a sentence."""
        return replace(self, finding=finding)

    def at(self, width: int = WIDTH) -> Picture:
        """Return it drawn for a width in pixels: below `chart.BREAK`, in the layout of a phone."""
        with debug_mode(False):  # the tests hold every whole chart against the schema
            return self.chart(width) if callable(self.chart) else Picture(chart=self.chart)

    def spec(self, width: int = WIDTH) -> dict[str, Any]:
        """Return the Vega-Lite spec of its chart without words around it.

        The tests hold it against the schema.

        Args:
            width: Of the picture, pixels; of the plot alone where the chart sizes itself.
        """
        drawn = self.at(width)
        spec: dict[str, Any] = drawn.chart.to_dict(validate=False)
        own: dict[str, Any] = {"config": theme(width)}
        if drawn.frame is None:
            own |= {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}, "padding": 2}
        return spec | own

    def file_spec(self, width: int = WIDTH) -> dict[str, Any]:
        """Return the spec for a file of its own: with what was found and what is drawn as its title, day and sources as
        its description.
        """
        spec, lines = self.spec(width), wrapped(self.finding or self.title, width // 9)
        title: dict[str, Any] = {"text": lines, "anchor": "start", "frame": "bounds", "offset": 12}
        if self.finding:
            title["subtitle"] = wrapped(self.title, width // 7)
        if isinstance(spec.get("padding"), dict):
            spec["padding"] = spec["padding"] | {
                "top": spec["padding"]["top"] + 20 * len(lines) + 18 * len(title.get("subtitle", ())) + 16
            }
        return spec | {
            "title": title,
            "description": f"{self.description} {self.caption}".strip(),
            "background": "white",
        }

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
