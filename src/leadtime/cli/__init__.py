"""The command line: it parses, calls and shows; the analysis is elsewhere."""

import contextlib
import io
import os
import sys
from typing import Annotated

import typer

from leadtime.cli import (
    backtest,
    claims,
    cost,
    curve,
    doctor,
    evidence,
    explain,
    extract,
    folder,
    importing,
    measured,
    report,
    reproduce,
    rules,
    scenario,
    schema,
    serve,
    supply,
    updating,
)
from leadtime.cli.terminal import plain, put
from leadtime.errors import LeadtimeError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="How far do Chinese AI models lag American ones? Numbers, intervals and sources.",
)

app.command()(measured.lag)
app.command()(measured.capability)
app.command()(evidence.evidence)
app.command()(report.report)
app.add_typer(rules.app, name="rules")
app.command()(cost.cost)
app.command()(curve.curve)
app.command()(supply.supply)
app.add_typer(scenario.app, name="scenario")
app.command()(scenario.calibrate)
app.add_typer(claims.app, name="claims")
app.command()(backtest.backtest)
app.command()(explain.explain)
app.command()(folder.new)
app.command()(folder.check)
app.command()(folder.lock)
app.command()(folder.diff)
app.add_typer(importing.app, name="import")
app.add_typer(importing.fetching, name="fetch")
app.command()(updating.update)
app.command()(extract.sql)
app.command()(extract.export)
app.command()(serve.serve)
app.command()(reproduce.reproduce)
app.command()(doctor.doctor)
app.command()(schema.schema)


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


def _silence() -> None:
    """Write no more to an output that takes nothing, so that nothing is said of it on the way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_trouble() -> None:
    """Say, once, that results could not be kept."""
    cache = sys.modules.get("leadtime.capability.cache")
    for place, why in cache.trouble.items() if cache else ():
        print(f"note: {place} {why}; nothing is kept there, and each run computes all again", file=sys.stderr)


def main() -> None:
    """Run the command line; a user's mistake is told in words, never as a traceback."""
    _legible()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
            _tell_trouble()
    except LeadtimeError as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        sys.exit(1)
    except UnicodeEncodeError as error:
        print(f"error: {plain(ascii(error.object))[:200]} is not text in UTF-8\n  Write it again.", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        _silence()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if os.environ.get("LEADTIME_DEBUG"):
            raise
        _silence()
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("LEADTIME_DEBUG"):
            raise
        print(
            f"error: this should not have happened ({type(error).__name__}: {error})\n"
            "  Run again with LEADTIME_DEBUG=1 for the details, and please report it.",
            file=sys.stderr,
        )
        sys.exit(1)
