"""The answer on one page of paper: the headline, its two charts, what is known of the cause, and what is not known."""

import html
import re
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
    sheet.write(PAGE.asks, 14, weight=600, hue="china")
    sheet.write(found["headline"], 27, weight=600, family=SERIF, letter=0.5)
    sheet.write(found["deck"], 15)
    sheet.down(10)
    top = sheet.y
    lowest = top
    for i, c in enumerate(found["clauses"]):
        x = MARGIN + i * (_CHART + 24)
        sheet.y = top
        sheet.write(f"{c.pill}. {c.chance}" if c.pill else c.chance, 11, x=x, width=_CHART, weight=600)
        sheet.write(c.heading, 17, x=x, width=_CHART, weight=600, family=SERIF, letter=0.5)
        sheet.write(c.figure.title, 11, x=x, width=_CHART, hue="soft")
        sheet.place(svg(c.figure.spec(_CHART)), x)
        lowest = max(lowest, sheet.y)
    sheet.y = lowest
    sheet.write("Did the rules cause it?", 17, weight=600, family=SERIF)
    sheet.write(found["cause"], 13)
    sheet.down(8)
    sheet.write("What we do not know", 17, weight=600, family=SERIF)
    for line in found["unknown"][:_MOST]:
        sheet.write(f"•  {line}", 12)
    stamp = study.stamp
    sheet.y = max(sheet.y, HEIGHT - MARGIN - 30)
    sheet.write(
        f"leadtime {stamp['version']}: what was known on {day_words(study.as_of)}. Ranges"
        f" hold 9 in 10 draws. Evidence {stamp['evidence_hash']}. Sources, methods and all numbers: the page and its"
        " report.",
        10,
        hue="soft",
    )
    return sheet.whole()


class _Sheet:
    """A page that is filled from above."""

    def __init__(self) -> None:
        self.y = float(MARGIN)
        self._parts: list[str] = []

    def down(self, pixels: float) -> None:
        self.y += pixels

    def write(
        self,
        words: str,
        size: int,
        *,
        x: float = MARGIN,
        width: float = WIDTH - 2 * MARGIN,
        weight: int = 400,
        family: str = SANS,
        hue: str = "ink",
        letter: float = 0.46,
    ) -> None:
        for line in wrapped(words, int(width / (size * letter))) if words else ():
            self.y += size * 1.3
            self._parts.append(
                f'<text x="{x:.0f}" y="{self.y:.1f}" font-family="{family}" font-size="{size}px" font-weight="{weight}"'
                f' fill="{color(hue)}">{html.escape(line)}</text>'
            )
        self.y += size * 0.45

    def place(self, chart: str, x: float) -> None:
        size = re.search(r'height="([\d.]+)"', chart)
        self._parts.append(f'<g transform="translate({x:.0f},{self.y:.0f})">{chart}</g>')
        self.y += float(size[1]) if size else 0.0

    def whole(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{color("paper")}"/>{"".join(self._parts)}</svg>'
        )
