"""`leadtime report`: everything, as a page with its files."""

from pathlib import Path
from typing import Annotated

import typer

from leadtime.answers.registry import ask
from leadtime.cli.terminal import AsJson, AsOf, Draws, Method, Refit, Seed, StudyDir, open_study, put, wrap
from leadtime.errors import LeadtimeError


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.")] = Path("out"),
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    refit: Refit = False,
    as_json: AsJson = False,
) -> None:
    """Measure everything and write the page, the figures, the tables and results.json."""
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
