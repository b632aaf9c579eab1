"""The command line as a user meets it, in the process of the test: what it answers, what it tells, how it ends."""

import functools
import io
import os
import sys
from typing import NamedTuple
from unittest import mock

from typer.main import get_command

from leadtime.cli import app, main


@functools.cache
def program():
    """All commands, which take a tenth of a second to build."""
    return get_command(app)


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def typed(*arguments, **environment):
    """Return how `leadtime ARGUMENTS` ends in a terminal of 80 columns; arguments are texts, bytes or paths.

    All of `leadtime.cli.main` is run, and only the process is not new: tests of what a new one loads, of signals and of
    closed streams start one.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    known, code = list(sys.meta_path), 0
    with (
        mock.patch.object(sys, "argv", ["leadtime", *map(os.fsdecode, arguments)]),
        mock.patch.object(sys, "stdout", out),
        mock.patch.object(sys, "stderr", err),
        mock.patch.dict(os.environ, {"NO_COLOR": "1", "COLUMNS": "80", **environment}),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            sys.meta_path[:] = known
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    assert "Traceback" not in said[1], said[1]
    return Done(code, *said)
