"""The command line: it parses, calls and shows; the analysis is elsewhere."""

import contextlib
import io
import os
import sys
from typing import Annotated, TextIO, cast

import typer

from leadtime.cli import (
    assistants,
    calibrate,
    doctor,
    extract,
    fetching,
    figure,
    folder,
    importing,
    light,
    locked,
    memo,
    report,
    reproduce,
    serve,
    updating,
)
from leadtime.cli.asked import add_questions
from leadtime.cli.grouped import Group
from leadtime.cli.held import Holding
from leadtime.cli.terminal import plain, put, put_json
from leadtime.cli.trouble import Room, mistyped, told
from leadtime.errors import LeadtimeError

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,  # its columns cut long options off at 80 letters
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Are the US export rules on AI chips working? Numbers, ranges and sources.",
)

app.command()(report.report)
app.command()(calibrate.calibrate)
app.command()(locked.predict)
app.command()(folder.new)
app.command()(folder.check)
app.command()(folder.lock)
app.command()(folder.diff)
app.add_typer(importing.app, name="import")
app.add_typer(fetching.app, name="fetch")
app.command()(updating.update)
app.command()(extract.sql)
app.command()(extract.export)
app.command()(serve.serve)
app.command()(assistants.mcp)
app.command()(reproduce.reproduce)
app.command()(doctor.doctor)
app.command(cls=Holding)(figure.figure)
app.command(cls=Holding)(memo.memo)
add_questions(
    app,
    {
        "import": importing.app,
        "fetch": fetching.app,
    },
)


def _version(value: bool) -> None:
    if value:
        import leadtime

        put(f"leadtime {leadtime.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """leadtime: are the US export rules on AI chips working?"""


def _legible() -> None:
    """Let a terminal that has not our letters show others in their stead: an answer is not lost over a dash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")


def _open_standard() -> None:
    """Put nothing in the place of a closed input or error stream: else the next file that is opened would be taken for
    it.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free: this one
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
    if sys.stdout is None:
        raise LeadtimeError(
            "nothing reads the output of this command", fix="Send the output to a file, or to /dev/null."
        )


def _silence(stream: TextIO | None) -> None:
    """Write no more to what takes nothing, so that nothing is said of it on the way out."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), cast("TextIO", stream).fileno())


def _tell_trouble() -> None:
    """Say, once, that results could not be kept."""
    cache = sys.modules.get("leadtime.capability.cache")
    for place, why in cache.trouble.items() if cache else ():
        print(f"note: {place} {why}. Nothing is kept there, so each run computes everything again", file=sys.stderr)


def _decoded(word: str) -> str:
    """Return an argument as UTF-8, whatever the language of the system; as it is, where it is none."""
    try:
        return word.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return word


def main() -> None:
    """Run the command line; what goes wrong is told in words, never as a traceback."""
    try:
        _open_standard()
        _legible()
        sys.argv[1:] = map(_decoded, sys.argv[1:])
        sys.meta_path.insert(0, Room())
        try:
            light.run(app)
        finally:
            sys.stdout.flush()
            _tell_trouble()
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        _silence(sys.stdout)  # what prints help ends itself, with 1, where nobody reads on
        sys.exit(0)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except light.Mistyped as error:
        if (wrong := mistyped(error, sys.argv[1:])) is not None:
            _tell(wrong)
        else:
            put(error.format_message())
        sys.exit(2)
    except BrokenPipeError:
        _silence(sys.stdout)
        sys.exit(0)
    except BaseException as error:  # a panic of the table library is no Exception
        if os.environ.get("LEADTIME_DEBUG") and not isinstance(error, LeadtimeError):
            raise
        _tell(error)
        sys.exit(1)


def _tell(error: BaseException) -> None:
    """Say what went wrong: in words, and with `--json` as JSON too."""
    if isinstance(error, LeadtimeError) and "--json" in sys.argv:
        with contextlib.suppress(OSError, ValueError):
            put_json(error.problem(door="command"))
            sys.stdout.flush()
    _silence(sys.stdout)
    try:
        print(f"error: {plain(told(error))}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _silence(sys.stderr)
