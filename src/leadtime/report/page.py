"""The page and the files beside it, written as one folder or not at all."""

import functools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from leadtime.environment import one_thread
from leadtime.errors import LeadtimeError
from leadtime.figures import spreadsheet
from leadtime.figures.chart import WIDTH
from leadtime.figures.figure import Figure
from leadtime.figures.files import picture, with_words
from leadtime.report import record
from leadtime.report.html import whole
from leadtime.report.results_of import results
from leadtime.whole import whole_folder

if TYPE_CHECKING:
    from leadtime.study import Study

WRITTEN = {"index.html", "results.json", "figures"}


def write(study: "Study", out: Path | str) -> Path:
    """Write `index.html`, `results.json` and `figures/` into a folder, all or nothing, and return the page's path.

    Args:
        study: The study to report.
        out: New or empty folder, or one that an earlier report wrote, which is replaced.

    Raises:
        LeadtimeError: `out` is a file, holds files that are not a report's, or cannot be written.
    """
    out = Path(out).absolute()
    _refuse_foreign(out)
    with whole_folder(out) as partial:  # first of all: a place that cannot be written is told before the work
        with one_thread():
            found, drawn = results(study)
        study.progress("drawing the figures", 0.88)
        (partial / "figures").mkdir()
        figures = [*drawn, *(f for c in found.chapters for f in c.figures)]
        with ThreadPoolExecutor(1) as painter:  # while the page is made
            written = painter.map(functools.partial(_write_figure, partial / "figures"), figures)
            (partial / "results.json").write_text(record.text(record.of(found)), encoding="utf-8")
            (partial / "index.html").write_text(whole(study), encoding="utf-8")
            list(written)
    study.progress("done", 1.0)
    return out / "index.html"


def _write_figure(folder: Path, figure: Figure) -> None:
    drawn = with_words(figure, WIDTH)
    (folder / f"{figure.name}.csv").write_text(spreadsheet.csv(figure.data), encoding="utf-8")
    (folder / f"{figure.name}.svg").write_text(drawn, encoding="utf-8")
    (folder / f"{figure.name}.png").write_bytes(picture(drawn, ".png"))


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise LeadtimeError("is a file, not a folder", where=str(out), fix="Name a folder for the report.")
    foreign = sorted(p.name for p in out.iterdir() if p.name not in WRITTEN) if out.is_dir() else []
    if foreign:
        raise LeadtimeError(
            f"contains files that are not from a report, such as {foreign[0]!r}",
            where=str(out),
            fix="Name a new or empty folder. A report replaces everything in its folder.",
        )
