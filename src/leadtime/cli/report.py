"""`leadtime report`: everything, as a page with its files."""

from pathlib import Path
from typing import Annotated

import typer

from leadtime.cli.lags import lag_table
from leadtime.cli.terminal import AsJson, AsOf, Draws, Method, Seed, StudyDir, open_study, put, stamp, wrap
from leadtime.errors import LeadtimeError


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.")] = Path("out"),
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Measure everything and write the page, the figures, the tables and results.json."""
    from leadtime import report as reporting
    from leadtime.report.results import headline

    s = open_study(as_of, study, seed, draws, method)
    page = reporting.write(s, out)
    if as_json:
        return put((out / "results.json").read_text(encoding="utf-8"))
    put()
    wrap(headline(s.lag_headline()), "")
    put("\nChinese models behind the US frontier, by every definition, since July 2023:\n")
    lag_table(s.lag_grid(), whole=False)
    try:
        grid = s.lag_grid("deepseek-v3")
    except LeadtimeError as error:
        put(f"\nDeepSeek-V3: {error.what}")
    else:
        put("\nDeepSeek-V3, said to be close to US models 7-10 months older:\n")
        lag_table(grid, whole=False)
    d = s.diagnostics()
    if d:
        put(f"\nNUTS: R-hat {d['r_hat_max']:.3f}, ESS {d['ess_min']:.0f}, {d['divergences']} divergences")
    stamp(s)
    return put(f"\nThe page: {page}")
