"""A memo as a Word document."""

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from leadtime.memo.document import Memo, Section
from leadtime.memo.grid import Grid
from leadtime.memo.picture import drawn

if TYPE_CHECKING:
    from docx.document import Document

_SMALL_PT, _MARGIN_CM = 8.5, 2.2


def files(memo: Memo, name: str) -> dict[str, bytes]:
    """Return the file of a memo by its name."""
    import docx
    from docx.shared import Cm, Pt

    made = docx.Document()
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Calibri", Pt(10)
    for part in made.sections:
        part.left_margin = part.right_margin = part.top_margin = part.bottom_margin = Cm(_MARGIN_CM)
    about = made.core_properties
    about.title, about.author, about.comments = memo.title, "leadtime", ""
    about.created = about.modified = dt.datetime.combine(memo.dated or dt.date(2000, 1, 1), dt.time())
    made.add_heading(memo.title, 0)
    if memo.day:
        made.add_paragraph(f"{memo.day}.")
    for s in memo.sections:
        _add_section(made, s)
    _add_end(made, memo)
    out = io.BytesIO()
    made.save(out)
    return {name: out.getvalue()}


def _add_section(made: "Document", s: Section) -> None:
    from docx.shared import Cm

    made.add_heading(s.asks, 2)
    made.add_paragraph().add_run(s.sentence).bold = True
    if s.figure:
        picture = drawn(s.figure, ".png")
        made.add_picture(io.BytesIO(picture.content), width=Cm(picture.width_cm))
        made.inline_shapes[-1]._inline.docPr.set("descr", picture.description)
        _small(made, s.caption)
    if s.table:
        _add_table(made, s.table)
    _small(made, " ".join(s.known))


def _add_table(made: "Document", g: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Pt

    table = made.add_table(rows=0, cols=len(g.heads), style="Light List Accent 1")
    for cells in (g.heads, *g.rows):
        for cell, words, is_number in zip(table.add_row().cells, cells, g.is_number, strict=True):
            cell.paragraphs[0].add_run(words).font.size = Pt(9)
            if is_number:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    head: Any = OxmlElement(
        "w:tblHeader"
    )  # repeats on the next page, and tells a reader who listens what the cells are
    head.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    for i, words in enumerate(g.notes, 1):
        _small(made, f"[{i}] {words}")
    if g.more:
        _small(made, g.more)


def _add_end(made: "Document", memo: Memo) -> None:
    if memo.limits:
        made.add_heading("What this cannot say", 2)
        for words in memo.limits:
            made.add_paragraph(words, style="List Bullet")
    if memo.commands:
        made.add_heading("How to repeat this", 2)
        for words in memo.commands:
            made.add_paragraph().add_run(words).font.name = "Consolas"
        for words in memo.rests_on:
            _small(made, f"{words}.")
    made.add_heading("Sources", 2)
    for words in memo.sources:
        made.add_paragraph(words, style="List Bullet")
    _small(made, memo.more_sources)


def _small(made: "Document", words: str) -> None:
    from docx.shared import Pt

    made.add_paragraph().add_run(words).font.size = Pt(_SMALL_PT)
