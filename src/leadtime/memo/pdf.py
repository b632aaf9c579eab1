"""A memo as PDF, set by Typst.

The template is ours and never changes. All that a memo says reaches it as data, so that nothing in a text is taken for
markup or code; and Typst sees one folder, with the template, the data and the pictures in it, and no other file.
"""

import datetime as dt
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leadtime.memo.document import Memo, Section
from leadtime.memo.picture import drawn

_TEMPLATE = Path(__file__).with_name("memo.typ")


def files(memo: Memo, name: str) -> dict[str, bytes]:
    """Return the file of a memo by its name."""
    import typst

    with tempfile.TemporaryDirectory(prefix="leadtime-memo-") as made:
        folder = Path(made)
        sections = [_section(s, folder, f"{i}.pdf") for i, s in enumerate(memo.sections, 1)]
        said: dict[str, Any] = {
            k: getattr(memo, k) for k in ("title", "day", "limits", "commands", "rests_on", "sources", "more_sources")
        }
        said |= {
            "sections": sections,
            "date": [memo.dated.year, memo.dated.month, memo.dated.day] if memo.dated else None,
        }
        (folder / "memo.json").write_text(json.dumps(said), encoding="utf-8")
        (folder / "memo.typ").write_bytes(_TEMPLATE.read_bytes())
        made_on = dt.datetime.combine(memo.dated or dt.date(2000, 1, 1), dt.time(), dt.UTC)
        content = typst.compile(str(folder / "memo.typ"), root=str(folder), format="pdf", timestamp=made_on)
    return {name: bytes(content)}


def _section(s: Section, folder: Path, name: str) -> dict[str, Any]:
    said = {"asks": s.asks, "sentence": s.sentence, "known": s.known, "table": asdict(s.table) if s.table else None}
    if s.figure is None:
        return said | {"figure": None}
    picture = drawn(s.figure, ".pdf")
    (folder / name).write_bytes(picture.content)
    return said | {
        "figure": {"file": name, "width_cm": picture.width_cm, "alt": picture.description, "caption": s.caption}
    }
