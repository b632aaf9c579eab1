"""A figure as a file: the ending of its name says which kind."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime.errors import LeadtimeError
from leadtime.figures.chart import PHONE, WIDTH, theme

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

KINDS = (".svg", ".png", ".pdf", ".csv", ".json")
#: A picture for a phone is so wide, the words beside its axis included; its chart is no narrower than the second.
PHONE_WIDTH, _LEAST_WIDTH = 390, 150
#: Pixels of the words beside the axis of a chart for a desk, and of the margins of a picture.
_BESIDE, _MARGINS = 60, 32


def kind_of(path: Path) -> str:
    """Return the kind of file that a path names.

    Raises:
        LeadtimeError: It is none of `KINDS`.
    """
    if path.suffix.lower() not in KINDS:
        raise LeadtimeError(
            "is no kind of figure", where=str(path), fix=f"Name a file that ends in {', '.join(KINDS)}."
        )
    return path.suffix.lower()


def content(figure: "Figure", kind: str, *, phone: bool = False, dark: bool = False) -> bytes:
    """Return a figure as a file of a kind holds it: a picture, its data as CSV, or its Vega-Lite spec as JSON.

    Args:
        figure: The figure.
        kind: One of `KINDS`. A picture and a spec say what was found, what is drawn, the as-of day, and the evidence with its hash;
            each row of CSV says so too, so that no reader of CSV stumbles over lines that are none.
        phone: As narrow as a phone.
        dark: Light text on a dark ground.
    """
    if kind == ".csv":
        return _with_words(figure).encode()
    width, room = (_chart_width(figure), PHONE_WIDTH - _MARGINS) if phone else (WIDTH, WIDTH + _BESIDE)
    spec = figure.file_spec(width=width, room=room, dark=dark)
    if kind == ".json":
        return json.dumps(spec, default=str).encode()
    return picture(spec, kind)


def picture(spec: dict[str, Any], kind: str) -> bytes:
    """Return a Vega-Lite spec drawn: `.svg`, `.png` or `.pdf`."""
    import vl_convert

    if kind == ".pdf":
        return bytes(vl_convert.vegalite_to_pdf(_legible(spec)))
    drawn = svg(spec)
    return drawn.encode() if kind == ".svg" else png(drawn)


def svg(spec: dict[str, Any]) -> str:
    """Return a Vega-Lite spec drawn as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_legible(spec)))


def png(drawn: str) -> bytes:
    """Return a picture in SVG as PNG, two pixels to each of its own."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(drawn, scale=2))


#: What no XML can hold. A name with such a character would end the process that draws it: the library for it aborts.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _legible(value: Any) -> Any:
    """Return a spec whose texts a picture can hold, whoever wrote them."""
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_legible(k): _legible(v) for k, v in value.items()}
    return [_legible(v) for v in value] if isinstance(value, list | tuple) else value


def _chart_width(figure: "Figure") -> int:
    """Return how wide the chart itself may be on a phone: what its axis takes is known once it is drawn."""
    fitted = figure.spec() | {"width": PHONE_WIDTH - _MARGINS, "config": theme(), "padding": 0}
    ground = re.search(r'class="background"[^>]* d="M[\d.,]+h([\d.]+)v', picture(fitted, ".svg").decode())
    return max(_LEAST_WIDTH, int(float(ground[1]))) if ground else PHONE


def _with_words(figure: "Figure") -> str:
    """Return the data as CSV, with what a number must not be without as columns after its own."""
    import polars as pl

    from leadtime.figures import spreadsheet

    words = {"finding": figure.finding, "shows": figure.title, "source": figure.caption}
    return spreadsheet.csv(figure.data.with_columns(pl.lit(v).alias(k) for k, v in words.items() if v))
