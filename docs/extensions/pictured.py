"""Figures of questions, drawn by the program when a page is built: they cannot fall behind it.

The directive `picture` takes a question as `leadtime figure` does. The picture has its day, range, sources and evidence
in it, as the file of that command has.
"""

import html
import posixpath
import re
import shlex
from pathlib import Path
from typing import Any

from answered import answer
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from leadtime.errors import LeadtimeError
from leadtime.figures.files import content

logger = logging.getLogger(__name__)


class picture(nodes.General, nodes.Element):
    """A figure in a page."""


class Picture(SphinxDirective):
    """Draw the figure of a question, for desk and phone, light and dark.

    The argument is the question, typed as on its own: `lag deepseek-v3`.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Draw what the argument names."""
        words = shlex.split(self.arguments[0])
        try:
            figure = answer(words).drawn()
        except LeadtimeError as error:
            logger.warning("no picture of %s: %s", self.arguments[0], error, location=self.get_location())
            return []
        name = re.sub(r"[^a-z0-9]+", "-", self.arguments[0].lower()).strip("-")
        folder = Path(self.env.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        for phone in (False, True):
            for dark in (False, True):
                (folder / _file(name, phone=phone, dark=dark)).write_bytes(
                    content(figure, ".svg", phone=phone, dark=dark)
                )
        told = [figure.finding or figure.title, figure.description, figure.caption]
        return [picture("", name=name, alt=" ".join(t for t in told if t), command=shlex.join(words))]


def _file(name: str, *, phone: bool, dark: bool) -> str:
    return f"{name}{'-phone' if phone else ''}{'-dark' if dark else ''}.svg"


def _visit(translator: Any, node: picture) -> None:
    """Write a figure: the theme shows the light or the dark one, the browser picks by width."""
    at, alt = translator.builder.imgpath, html.escape(node["alt"], quote=True)
    parts = ['<figure class="picture">']
    for dark in (False, True):
        source, narrow = (posixpath.join(at, _file(node["name"], phone=phone, dark=dark)) for phone in (False, True))
        parts.append(
            f'<picture class="{"only-dark" if dark else "only-light"}"><source media="(max-width: 40em)"'
            f' srcset="{narrow}"><img src="{source}" alt="{alt}" loading="lazy"></picture>'
        )
    command = html.escape(f"leadtime figure {node['command']} --out picture.svg")
    parts.append(f"<figcaption>Drawn by <code>{command}</code></figcaption></figure>")
    translator.body.append("".join(parts))
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directive."""
    app.add_node(picture, html=(_visit, None))
    app.add_directive("picture", Picture)
    app.add_css_file("picture.css")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
