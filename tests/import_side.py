"""The command `leadtime import`, as tests type it."""

import json

from typer.testing import CliRunner

from conforms import conforms
from leadtime.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def said(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    if "problems" in found:
        return conforms("check", found)
    return conforms("responses", found) if "became" in found else conforms("import", found)
