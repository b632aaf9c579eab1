"""The answer on one page of paper: the headline, its two charts, what is known of the cause, and what is not known."""

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leadtime.days import day_words
from leadtime.figures.chart import SANS, SERIF
from leadtime.figures.figure import wrapped
from leadtime.figures.files import picture, svg
from leadtime.figures.tokens import color

if TYPE_CHECKING:
    from leadtime.study import Study

#: US letter at 96 pixels an inch, and its margin.
WIDTH, HEIGHT, MARGIN = 816, 1056, 48
_CHART = 348


@dataclass(frozen=True, slots=True, kw_only=True)
class _Face:
    """How words are set; a letter is so wide, in sizes."""

    size: int
    weight: int = 400
    family: str = SANS
    hue: str = "ink"
    letter: float = 0.46


_TITLE = _Face(size=27, weight=600, family=SERIF, letter=0.5)
_HEADING = _Face(size=17, weight=600, family=SERIF)
#: So many bullets of what is not known have room.
_MOST = 4


def pdf(study: "Study") -> bytes:
    """Return the page as PDF."""
    return picture(drawn(study), ".pdf")


def drawn(study: "Study") -> str:
    """Return the page as SVG."""
    from leadtime.report.pages.answer import PAGE
    from leadtime.report.site import View

    found = PAGE.content(View(study=study))
    sheet = _Sheet()
    sheet.write(PAGE.asks, _Face(size=14, weight=600, hue="china"))
    sheet.write(found["headline"], _TITLE)
    sheet.write(found["deck"], _Face(size=15))
    sheet.down(10)
    top = sheet.y
    lowest = top
    for i, c in enumerate(found["clauses"]):
        x = MARGIN + i * (_CHART + 24)
        sheet.y = top
        sheet.write(f"{c.pill}. {c.chance}" if c.pill else c.chance, _Face(size=11, weight=600), x=x, width=_CHART)
        sheet.write(c.heading, replace(_HEADING, letter=0.5), x=x, width=_CHART)
        sheet.write(c.figure.title, _Face(size=11, hue="soft"), x=x, width=_CHART)
        sheet.place(svg(c.figure.spec(_CHART)), x)
        lowest = max(lowest, sheet.y)
    sheet.y = lowest
    sheet.write("Did the rules cause it?", _HEADING)
    sheet.write(found["cause"], _Face(size=13))
    sheet.down(8)
    sheet.write("What we do not know", _HEADING)
    for line in found["unknown"][:_MOST]:
        sheet.write(f"•  {line}", _Face(size=12))
    stamp = study.stamp
    sheet.y = max(sheet.y, HEIGHT - MARGIN - 30)
    sheet.write(
        f"leadtime {stamp['version']}: what was known on {day_words(study.as_of)}. Ranges"
        f" hold 9 in 10 draws. Evidence {stamp['evidence_hash']}. Sources, methods and all numbers: the page and its"
        " report.",
        _Face(size=10, hue="soft"),
    )
    return sheet.whole()


class _Sheet:
    """A page that is filled from above."""

    def __init__(self) -> None:
        self.y = float(MARGIN)
        self._parts: list[str] = []

    def down(self, pixels: float) -> None:
        self.y += pixels

    def write(self, words: str, face: _Face, *, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN) -> None:
        for line in wrapped(words, int(width / (face.size * face.letter))) if words else ():
            self.y += face.size * 1.3
            self._parts.append(
                f'<text x="{x:.0f}" y="{self.y:.1f}" font-family="{face.family}" font-size="{face.size}px"'
                f' font-weight="{face.weight}" fill="{color(face.hue)}">{html.escape(line)}</text>'
            )
        self.y += face.size * 0.45

    def place(self, chart: str, x: float) -> None:
        size = re.search(r'height="([\d.]+)"', chart)
        self._parts.append(f'<g transform="translate({x:.0f},{self.y:.0f})">{chart}</g>')
        self.y += float(size[1]) if size else 0.0

    def whole(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{color("paper")}"/>{"".join(self._parts)}</svg>'
        )
