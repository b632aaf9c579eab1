"""A memo: answers with their figures, tables, limits and sources as a document of a page or two, and the sources as
BibTeX beside it.

`write(answers, "memo.docx")` writes it. What is in a memo is made once, as plain data (`document`); `markdown`, `word`
and `pdf` only set it.
"""

from leadtime.memo.files import KINDS, kind_of, write

__all__ = ["KINDS", "kind_of", "write"]
