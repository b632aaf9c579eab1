"""A figure as a file: the ending of its name says which kind. All pictures are made of one SVG."""

import functools
import html
import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadtime.errors import LeadtimeError
from leadtime.figures.chart import PHONE, SANS, SERIF, WIDTH
from leadtime.figures.figure import wrapped
from leadtime.figures.tokens import TOKENS

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure

FONTS = Path(__file__).parent / "fonts"
KINDS = (".svg", ".png", ".pdf", ".csv", ".json")
_MARGIN = 16
_COLOR = re.compile("#[0-9a-fA-F]{6}")
_TAG = re.compile("<[^>]*>")
_BY_LIGHT = {light.upper(): name for name, (light, _) in TOKENS.items()}


def kind_of(path: Path) -> str:
    """Return the kind of file that a path names.

    Raises:
        LeadtimeError: It is not one of `KINDS`.
    """
    if path.suffix.lower() not in KINDS:
        raise LeadtimeError(
            "is not a kind of figure", where=str(path), fix=f"Name a file that ends in {', '.join(KINDS)}."
        )
    return path.suffix.lower()


def content(figure: "Figure", kind: str, *, phone: bool = False, dark: bool = False) -> bytes:
    """Return a figure as a file of a kind holds it: a picture, its data as CSV, or its Vega-Lite spec as JSON.

    Args:
        figure: The figure.
        kind: One of `KINDS`. A picture and a spec say what was found, what is drawn, the as-of day, and the evidence
            with its hash; each row of CSV says so too, so that no reader of CSV stumbles over lines that are none.
        phone: As narrow as a phone.
        dark: Light text on a dark ground.
    """
    if kind == ".csv":
        return _with_words(figure).encode()
    if kind == ".json":
        text = json.dumps(figure.file_spec(PHONE if phone else WIDTH), default=str)
        ground = f'"background": "{TOKENS["paper"][1]}"'
        return (in_dark(text).replace('"background": "white"', ground, 1) if dark else text).encode()
    return picture(with_words(figure, PHONE if phone else WIDTH, dark=dark), kind)


def picture(drawn: str, kind: str) -> bytes:
    """Return an SVG as `.svg`, as `.png` with two pixels to each of its own, or as `.pdf`."""
    library, drawn = _library(), str(_legible(drawn))
    if kind == ".svg":
        return drawn.encode()
    return bytes(library.svg_to_pdf(drawn) if kind == ".pdf" else library.svg_to_png(drawn, scale=2))


@functools.cache
def _library() -> Any:
    """Return what draws, with the letters of the pages at hand, so that what is measured is what is shown."""
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


@functools.cache
def _pen() -> ThreadPoolExecutor:
    """Return the thread that draws, while others go on."""
    return ThreadPoolExecutor(1, thread_name_prefix="pen")


def ready() -> None:
    """Get what draws ready, in its own thread: the first picture takes half a second more than others."""
    _begun('{"mark": "point", "data": {"values": []}}')


def svg(spec: dict[str, Any]) -> str:
    """Return a Vega-Lite spec drawn as SVG, in light colors."""
    return _begun(json.dumps(_legible(spec), default=str)).result()


@functools.lru_cache(maxsize=128)
def _begun(spec: str) -> Future[str]:
    """Begin to draw a spec; the last ones are kept, for a page that changes in part draws the rest again."""
    return _pen().submit(lambda: str(_library().vegalite_to_svg(spec)))


def inline(figure: "Figure", width: int) -> Callable[[], str]:
    """Begin to draw a figure's chart for a page; what is returned waits for it.

    It gives SVG whose colors are the variables of `tokens.css` and whose ids are its own.

    Args:
        figure: The figure.
        width: Pixels.
    """
    drawing, own = _begun(json.dumps(_legible(figure.spec(width)), default=str)), f"{figure.name}-{width}-"
    return lambda: _in_page(drawing.result(), own)


def _in_page(drawn: str, own: str) -> str:
    """Return an SVG as it stands in a page; `own` begins its ids."""
    colored = _COLOR.sub(lambda m: f"var(--{_BY_LIGHT[m[0].upper()]})" if m[0].upper() in _BY_LIGHT else m[0], drawn)
    named = re.sub(r'(id="|url\(#)', lambda m: m[0] + own, colored)
    # a tenth of a pixel is enough; the words of the chart keep all their digits
    named = _TAG.sub(lambda m: re.sub(r"(\d\.\d)\d+", r"\1", m[0]), named)
    named = named.replace(f' font-family="{SANS}"', "")  # the style sheet says it once
    return re.sub(r"<svg ([^>]*?)class=\"marks\"", r'<svg \1class="marks" aria-hidden="true"', slim(named), count=1)


#: What an SVG says anyway, or says for nobody: names for programs, defaults, unseen grounds.
_UNSAID = re.compile(
    r' (?:aria-[a-z]+|role|xmlns:xlink|version)="[^"]*"| class="(?!marks")[^"]*"| (?:opacity|stroke-width)="1"'
    r'| text-anchor="start"| [xy][12]?="0"| font-weight="(?:normal|400)"| transform="translate\(0,0\)"'
)
_UNSEEN = re.compile(r'<path class="(?:background|foreground)"(?![^>]*(?:fill|stroke)="(?!none))[^>]*/>')
_CIRCLE = re.compile(r'<path((?:(?! d=)[^>])*) d="M([\d.]+),0A\2,\2,0,1,1,-\2,0A\2,\2,0,1,1,\2,0"([^>]*)/>')
_PLAIN_GROUP = re.compile(r"<g>((?:(?!</?g[ >]).)*)</g>", re.DOTALL)


def slim(drawn: str) -> str:
    """Return an SVG that looks the same and says nothing twice: without defaults, empty groups and unseen grounds."""
    found = _UNSEEN.sub("", drawn)
    found = _TAG.sub(lambda m: _UNSAID.sub("", m[0]).replace('px"', '"'), found)
    found = _CIRCLE.sub(r'<circle\1 r="\2"\3/>', found)
    while (fewer := _PLAIN_GROUP.sub(r"\1", found)) != found:
        found = fewer
    return found


def with_words(figure: "Figure", width: int, *, dark: bool = False) -> str:
    """Return a figure as one SVG that needs nothing else: what was found, what is drawn, the chart, its day and
    sources.

    Args:
        figure: The figure.
        width: Of the chart, pixels.
        dark: Light text on a dark ground.
    """
    drawn = svg(figure.spec(width))
    size = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', drawn)
    wide, high = (float(size[1]), float(size[2])) if size else (float(width), 300.0)
    wide = max(wide, width)
    y, parts = float(_MARGIN), []
    lines = [(figure.finding or figure.title, 21, 26, 600, SERIF, "ink", 0.47)]
    lines += [(figure.title, 15, 20, 400, SANS, "soft", 0.45)] if figure.finding else []
    for words, pixels, step, weight, family, token, letter in lines:
        for line in wrapped(words, int(wide / (pixels * letter))):
            y += step
            parts.append(_line(line, y - 6, pixels, weight, family, token))
        y += 6
    parts.append(f'<g transform="translate({_MARGIN},{y:.0f})">{drawn}</g>')
    y += high + 4
    for line in wrapped(figure.caption, int(wide / (12 * 0.46))):
        y += 16
        parts.append(_line(line, y, 12, 400, SANS, "soft"))
    ground, total = TOKENS["paper"][0], (wide + 2 * _MARGIN, y + _MARGIN)
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{total[0]:.0f}"'
        f' height="{total[1]:.0f}" viewBox="0 0 {total[0]:.0f} {total[1]:.0f}"><rect width="100%" height="100%"'
        f' fill="{ground}"/>{"".join(parts)}</svg>'
    )
    return in_dark(whole) if dark else whole


def in_dark(drawn: str) -> str:
    """Return an SVG with the dark color of each token in the place of its light one."""
    return _COLOR.sub(lambda m: TOKENS[_BY_LIGHT[m[0].upper()]][1] if m[0].upper() in _BY_LIGHT else m[0], drawn)


def _line(words: str, y: float, pixels: int, weight: int, family: str, token: str) -> str:
    legible = html.escape(words)
    return (
        f'<text x="{_MARGIN}" y="{y:.0f}" font-family="{family}" font-size="{pixels}px" font-weight="{weight}" '
        f'fill="{TOKENS[token][0]}">{legible}</text>'
    )


#: What no XML can hold. A name with such a character would end the process that draws it: the library for it aborts.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _legible(value: Any) -> Any:
    """Return a spec whose texts a picture can hold, whoever wrote them."""
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_legible(k): _legible(v) for k, v in value.items()}
    return [_legible(v) for v in value] if isinstance(value, list | tuple) else value


def _with_words(figure: "Figure") -> str:
    """Return the data as CSV, with what a number must not be without as columns after its own."""
    import polars as pl

    from leadtime.figures import spreadsheet

    words = {"finding": figure.finding, "shows": figure.title, "source": figure.caption}
    return spreadsheet.csv(figure.data.with_columns(pl.lit(v).alias(k) for k, v in words.items() if v))
