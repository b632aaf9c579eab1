"""The picture that a shared link shows: 1200 by 630 pixels, a page's question, its answer and its day."""

import datetime as dt
import html

from leadtime.days import day_words
from leadtime.figures.chart import SANS, SERIF
from leadtime.figures.figure import wrapped
from leadtime.figures.files import picture
from leadtime.figures.tokens import color

WIDTH, HEIGHT = 1200, 630


def png(asks: str, answer: str, day: dt.date) -> bytes:
    """Return the picture.

    Args:
        asks: The question.
        answer: The answer, a sentence or two.
        day: What was known by this day.
    """
    size = next((s for s in (60, 52, 44, 36, 30) if len(wrapped(answer, int(1040 / (s * 0.5)))) * s * 1.2 < 370), 26)
    lines = wrapped(answer, int(1040 / (size * 0.5)))[: int(380 / (size * 1.2))]
    parts = [_line(asks, 120, 30, 600, SANS, "china")]
    y = 170.0
    for line in lines:
        y += size * 1.2
        parts.append(_line(line, y, size, 600, SERIF, "ink"))
    parts.append(_line(f"leadtime · what was known on {day_words(day)}", 570, 26, 400, SANS, "soft"))
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH // 2}" height="{HEIGHT // 2}" viewBox="0 0 {WIDTH}'
        f' {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{color("paper")}"/><rect width="{WIDTH}" height="14"'
        f' fill="{color("china")}"/>'
        f"{''.join(parts)}</svg>"
    )
    return picture(drawn, ".png")


def _line(words: str, y: float, size: int, weight: int, family: str, token: str) -> str:
    return (
        f'<text x="80" y="{y:.0f}" font-family="{family}" font-size="{size}px" font-weight="{weight}"'
        f' fill="{color(token)}">{html.escape(words)}</text>'
    )
