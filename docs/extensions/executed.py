"""Commands and scripts of a page, run when the page is built: what is shown is what came out.

A page is a session: its commands run one after the other in a folder of its own. One that fails stops the build.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

logger = logging.getLogger(__name__)
SECONDS = 300
_folders: dict[str, Path] = {}


class Run(SphinxDirective):
    """Run shell commands, one a line, or a Python script, and show them with their output.

    Options:
        fails: The command is meant to fail; show what it says.
        lines: Show so many lines of the output, and that there are more.
    """

    has_content = True
    optional_arguments = 1
    option_spec: ClassVar = {"fails": directives.flag, "lines": directives.nonnegative_int}

    def run(self) -> list[nodes.Node]:
        """Run what the directive holds."""
        folder = _folders.setdefault(self.env.docname, Path(tempfile.mkdtemp(prefix="leadtime-docs-")))
        if self.arguments and self.arguments[0] == "python":
            script = "\n".join(self.content)
            shown = [self._block(script, "python")]
            output = self._output([sys.executable, "-"], folder, script)
            return shown + ([self._block(output, "text")] if output else [])
        parts = []
        for line in self.content:
            parts.append(f"$ {line}")
            output = self._output(["bash", "-c", line], folder, "")
            parts += [output] if output else []
        return [self._block("\n".join(parts), "console")]

    def _output(self, command: list[str], folder: Path, given: str) -> str:
        here = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                input=given,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                env={**os.environ, **here},
                check=False,
            )
        except subprocess.TimeoutExpired:
            logger.warning("took more than %d s: %s", SECONDS, " ".join(self.content), location=self.get_location())
            return ""
        if (done.returncode != 0) != ("fails" in self.options):
            logger.warning(
                "ended with %d: %s\n%s",
                done.returncode,
                " ".join(self.content),
                done.stderr[-1500:],
                location=self.get_location(),
            )
        lines = (done.stdout + (done.stderr if "fails" in self.options else "")).rstrip().splitlines()
        most = self.options.get("lines", len(lines))
        return "\n".join(lines[:most] + ([f"... {len(lines) - most} more lines"] if len(lines) > most else []))

    def _block(self, text: str, language: str) -> nodes.literal_block:
        block = nodes.literal_block(text, text)
        block["language"] = language
        return block


class Put(SphinxDirective):
    """Show a file, and write it into the folder of the page."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write and show the file."""
        folder = _folders.setdefault(self.env.docname, Path(tempfile.mkdtemp(prefix="leadtime-docs-")))
        path = folder / self.arguments[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(self.content) + "\n"
        path.write_text(text, encoding="utf-8")
        block = nodes.literal_block(text, text)
        block["language"] = {".yaml": "yaml", ".toml": "toml", ".json": "json"}.get(path.suffix, "text")
        return [nodes.paragraph("", "", nodes.literal("", self.arguments[0])), block]


def _clean(app: Sphinx, error: Exception | None) -> None:
    for folder in _folders.values():
        shutil.rmtree(folder, ignore_errors=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directives."""
    app.add_directive("run", Run)
    app.add_directive("put", Put)
    app.connect("build-finished", _clean)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
