"""A made-up answer with its figure, for tests of files and memos."""

import datetime as dt
import functools
from pathlib import Path

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.drawn import of_table, told
from leadtime.answers.sourced import Source

ROOT = Path(__file__).parents[1]
TODAY = "2026-11-24"
STAMP = {"version": "9.9", "as_of": TODAY, "evidence_hash": "0123456789abcdef"}
#: What a study folder's names may hold: code of Typst, Markdown, HTML and TeX, characters that turn a line or end it,
#: and plain strange names.
HOSTILE = (
    '#read("/etc/passwd")',
    '#image("/etc/hostname")',
    "$ sum_(i=0) $",
    "*bold* _it_ `code` ~~no~~",
    "[a](javascript:alert(1))",
    "![b](http://example.com/x.png)",
    "<script>alert(1)</script> &amp; <b>",
    "a | b || c",
    "line\n# heading\n\n- item",
    "```\nfence",
    "\\input{/etc/passwd} {{} % # $ & ~ ^ _",
    "}\n@misc{x, title={y}}",
    "ab\u202edc\u200b\x00\x1b[31m",
    "DeepSeek 深度求索 – naïve",
    "1. one",
    "--- ***",
)


def answer(name="Alpha", *, sentence="Alpha was 3.4 months behind (3.0 to 4.1).", n=3, **more):
    rows = [
        {
            "name": name if i == 0 else f"Row {i}",
            "months": Spread(i + 1.0, i + 2.0, i + 3.0),
            "n": i,
            "note": f"Of {name}." if i == 0 else "",
        }
        for i in range(n)
    ]
    columns = (
        Column(key="name", title="Model"),
        Column(key="months", title="Lag", kind="spread", unit="months"),
        Column(key="n", title="Tests", kind="number", digits=0),
        Column(key="nothing", title="Never filled"),
    )
    table = Table(rows=rows, columns=columns)
    about = About(
        definition=f"How late {name} is.",
        rests_on="Made-up rows.",
        limits=(f"Nothing is said of {name}'s cost.",),
        docs="methods/lag",
    )
    sources = [
        Source(
            id=name,
            title=name,
            publisher=name,
            url="https://example.com/a",
            published_on=dt.date(2025, 1, 2),
            license="CC BY 4.0",
            n_rows=3,
        ),
        Source(id="second", title="Second", publisher="", url="", published_on=None, license="", n_rows=1),
    ]
    found = Answer(
        sentence=sentence,
        rows=table,
        tag="measured",
        about=about,
        notes=(f"Mind {name}.",),
        stamp=STAMP,
        question="toy",
        sources=lambda: sources,
        **more,
    )
    made = functools.partial(
        of_table, table, "months", name="toy", title="Lags of made-up models", axis="months behind", stamp=STAMP
    )
    return Answer(**{f: getattr(found, f) for f in found.__slots__} | {"figure": functools.partial(told, made, found)})


def words_of(pdf: bytes) -> str:
    import io

    from pypdf import PdfReader

    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).split())
