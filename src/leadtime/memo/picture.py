"""The pictures of a memo: charts alone, since their words stand in the text, in a size that leaves room for it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadtime.figures.files import picture, svg

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

#: A chart is drawn so wide and no higher, pixels, unless its rows need more; on the page it is at most so wide and so
#: high, centimeters: higher where it is of many rows, which must be read.
_WIDTH, _HIGH, _PAGE_CM, _HIGH_CM, _ROWS_CM = 620, 190, 16.5, 5.0, 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart as it stands on a page.

    Args:
        content: The file.
        width_cm: Its width there.
        description: What a reader who cannot see it should know.
    """

    content: bytes
    width_cm: float
    description: str


def drawn(figure: "Figure", kind: str) -> Picture:
    """Return a figure's chart as `.png` or `.pdf`."""
    spec = figure.spec(_WIDTH)
    if isinstance(spec.get("height"), int | float) and figure.at(_WIDTH).frame is None:
        spec["height"] = min(spec["height"], _HIGH)
    made = svg(spec)
    width, height = _size(made)
    most = _HIGH_CM if height < width else _ROWS_CM
    return Picture(
        content=picture(made, kind), width_cm=min(_PAGE_CM, most * width / height), description=figure.description
    )


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', svg)
    return (float(found[1]), float(found[2])) if found else (1.0, 1.0)
