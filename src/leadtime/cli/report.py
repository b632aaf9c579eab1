"""`leadtime report`: everything, as a page with its files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadtime.answers.registry import ask
from leadtime.cli.terminal import AsJson, AsOf, Draws, Method, Refit, Seed, StudyDir, open_study, put, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study


def _edition(study: "Study", out: Path, name: str, as_json: bool) -> None:
    from leadtime.web import editions

    folder = editions.write(study, out, name)
    if as_json:
        return put((folder / editions.STAMP).read_text(encoding="utf-8"))
    n = sum(path.is_file() for path in folder.rglob("*"))
    return put(f"The edition of {study.as_of}: {n} files in {folder}")


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.")] = Path("out"),
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    refit: Refit = False,
    site: Annotated[
        str,
        typer.Option(
            "--site",
            metavar="NAME",
            help="Write an edition for the server of this name instead: each page as a file, at its address.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Measure everything and write the page, the figures, the tables and results.json."""
    if site:
        return _edition(open_study(as_of, study, seed, draws, method), out, site, as_json)
    from leadtime import report as reporting
    from leadtime.answers.words import rests_on
    from leadtime.cli.shown import show
    from leadtime.report.results import headline

    s = open_study(as_of, study, seed, draws, method, refit)
    page = reporting.write(s, out)
    if as_json:
        return put((out / "results.json").read_text(encoding="utf-8"))
    put()
    wrap(headline(s.lag_headline()), "")
    put()
    sides = ask(s, "lag")
    show(sides, stamped=False)
    put("\nDeepSeek-V3, said to be close to US models 7-10 months older:")
    try:
        show(ask(s, "lag", model="deepseek-v3"), stamped=False)
    except LeadtimeError as error:
        put(error.what)
    d = s.diagnostics()
    if d:
        put(f"\nNUTS: R-hat {d['r_hat_max']:.3f}, ESS {d['ess_min']:.0f}, {d['divergences']} divergences")
    put()
    wrap(rests_on(sides), "")
    return put(f"\nThe page: {page}")
