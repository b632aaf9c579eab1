"""A memo as files: the document, the pictures that Markdown needs beside it, and its sources."""

from collections.abc import Callable, Sequence
from pathlib import Path

from leadtime.answers.answer import Answer
from leadtime.errors import LeadtimeError
from leadtime.extras import missing
from leadtime.memo.document import Memo, memo_of
from leadtime.whole import whole

#: Endings, and the module beside the standard library that each needs.
KINDS = {".md": "", ".docx": "docx", ".pdf": "typst"}
Files = dict[str, bytes]


def kind_of(path: Path) -> str:
    """Return the kind of memo that a path names.

    Raises:
        LeadtimeError: It is not one of `KINDS`, or the program that writes it is not installed.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise LeadtimeError(
            "is not a kind of memo", where=str(path), fix=f"Name a file that ends in {', '.join(KINDS)}."
        )
    if KINDS[kind]:
        import importlib.util

        if importlib.util.find_spec(KINDS[kind]) is None:
            what = f"{KINDS[kind]}, which writes {kind} files, is not installed"
            raise missing("memo", what, where=str(path), instead="A memo that ends in .md does not need it.")
    return kind


def write(answers: Sequence[Answer], path: Path | str, *, title: str = "") -> list[Path]:
    """Write a memo, and its sources as BibTeX beside it; Markdown has its pictures beside it too.

    Args:
        answers: One or more, in their order; `leadtime.answers.ask` gives them.
        path: A file that ends in .md, .docx or .pdf; what is there is replaced.
        title: Its title; by default what is asked.

    Returns:
        The files, the memo first.

    Raises:
        LeadtimeError: There is no answer, the ending is another one, what writes it is not installed, or a file cannot
            be written.
    """
    out = Path(path)
    make = _maker(kind_of(out))
    if not answers:
        raise LeadtimeError("a memo needs at least one answer", fix="Name one question or more.")
    memo = memo_of(answers, title=title, stem=out.stem)
    files = {out.name: b""} | make(memo, out.name) | {memo.bibliography: memo.bibtex.encode()}
    for name, content in files.items():
        with whole(out.with_name(name)) as partial:
            partial.write_bytes(content)
    return [out.with_name(name) for name in files]


def _maker(kind: str) -> Callable[[Memo, str], Files]:
    if kind == ".md":
        from leadtime.memo.markdown import files
    elif kind == ".docx":
        from leadtime.memo.word import files
    else:
        from leadtime.memo.pdf import files
    return files
