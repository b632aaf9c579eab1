"""Pages written from the program itself and from what its tests found, so that they cannot fall behind it."""

import re
from collections.abc import Callable

import answered
import asked
import calibrated
import cased
import commands
import connectors
import dictionary
import faulted
import graded
import http_reference
import outputs
import speeded
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from leadtime.errors import LeadtimeError

logger = logging.getLogger(__name__)

#: What writes the text of a placeholder, such as `<!-- tables -->` or `<!-- assumptions: sim- -->`, from its argument.
WRITERS: dict[str, Callable[[str], str]] = {
    "answer": answered.describe_answer,
    "headline": lambda _: answered.describe_headline(),
    "commands": lambda _: commands.describe_commands(),
    "questions": lambda _: asked.describe_questions(),
    "connectors": lambda _: connectors.describe_connectors(),
    "tables": lambda _: dictionary.describe_tables(),
    "assumptions": dictionary.describe_assumptions,
    "outputs": lambda _: outputs.describe(),
    "http": lambda _: http_reference.describe_http(),
    "calibration": calibrated.describe,
    "fault": faulted.describe,
    "cases": cased.describe,
    "speed": speeded.describe,
    "quality": lambda _: graded.describe(),
}
_PLACEHOLDER = re.compile(r"<!-- (\w+)(?:: ([\w -]+?))? -->")


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the placeholders of a page."""

    def written(found: re.Match[str]) -> str:
        name, argument = found[1], found[2] or ""
        if name not in WRITERS:
            logger.warning("there is no placeholder %s", name, location=docname)
            return ""
        try:
            return WRITERS[name](argument)
        except (AttributeError, ImportError, OSError, LeadtimeError) as error:
            logger.warning("%s %s cannot be written: %s", name, argument, error, location=docname)
            return ""

    source[0] = _PLACEHOLDER.sub(written, source[0])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Hook into the reading of pages."""
    app.connect("source-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
