"""A figure as a file: the ending of its name says which kind."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

KINDS = (".svg", ".png", ".pdf", ".csv", ".json")


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


def content(figure: "Figure", kind: str) -> bytes:
    """Return a figure as a file of a kind holds it: a picture, its data as CSV, or its Vega-Lite spec as JSON."""
    if kind == ".csv":
        return figure.data.write_csv().encode()
    spec = figure.file_spec()
    if kind == ".json":
        return json.dumps(spec, default=str).encode()
    import vl_convert

    if kind == ".pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec))
    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg.encode() if kind == ".svg" else bytes(vl_convert.svg_to_png(svg, scale=2))
