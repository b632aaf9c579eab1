"""The pages: their names, questions and order, and what each is given. The server and the report file are made of the
same ones.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

if TYPE_CHECKING:
    from leadtime.study import Study

#: The pages in the order of the header, then those below "About".
ORDER = ("", "chips", "models", "cost", "rules", "effect", "resources", "what-if", "claims")
ABOUT = ("how", "record", "moved", "data", "glossary", "own", "methods")
#: Addresses of before, and where they lead.
REDIRECTS: Mapping[str, str] = {
    "supply": "chips",
    "lag": "models",
    "scenarios": "what-if",
    "numbers": "how",
    "evidence": "data",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page is made for.

    Args:
        study: The study.
        asked: What the address holds for the page's fields: text, or texts where several are taken; only what was
            given.
        live: A server answers it; in the report file there is none, so no control may be shown that cannot work.
        kept: What every link carries on: the day and the saved study, by the name of their field.
        public: Name under which everybody may read the server, and other sites may show its charts; empty: nobody.
        begun: Pictures that are being drawn meanwhile (see `drawn.begin`).
    """

    study: "Study"
    asked: Mapping[str, Any] = field(default_factory=dict)
    live: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)
    public: str = ""
    begun: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def origin(self) -> str:
        """What stands before an address that is read elsewhere; empty where it means this server."""
        return f"https://{self.public}" if self.public else ""

    def api(self, path: str, asked: Mapping[str, Any]) -> str:
        """Return where the server has an answer as JSON, with the day carried on."""
        query = urlencode({**asked, **self.kept}, doseq=True)
        return f"/api/v1{path}{'?' if query else ''}{query}"

    def link(self, page: str, /, anchor: str = "", **asked: Any) -> str:
        """Return the address of a page: of the server with the day carried on, or a place in the report file."""
        if not self.live:
            return f"#{anchor or page or 'answer'}"
        query = urlencode({**self.kept, **{k: v for k, v in asked.items() if v}}, doseq=True)
        return f"/{page}{'?' if query else ''}{query}{'#' if anchor else ''}{anchor}"

    def chart(self, address: str, ending: str) -> str:
        """Return where the server has a chart as a file, with the day carried on."""
        path, _, asked = address.partition("?")
        query = "&".join(q for q in (asked, urlencode(self.kept)) if q)
        return f"/chart/{path}{ending}{'?' if query else ''}{query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page.

    Args:
        path: Its address without the slash, empty for the first; its anchor in the report file.
        name: Its word in the header.
        asks: The question it answers.
        content: From a view to what its template reads: `headline` (plain text, quotable) always, `deck` and `stamp`
            where there are any.
        template: File below `templates/pages`.
        fields: What its address may hold, apart from the day and the study.
        several: Which of these may be given more than once.
        slow: It wants a fit.
        offline: The report file has it.
    """

    path: str
    name: str
    asks: str
    content: Callable[[View], dict[str, Any]]
    template: str
    fields: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    slow: bool = True
    offline: bool = True


@functools.cache
def pages() -> Mapping[str, Page]:
    """Return the pages by path, in their order: each is one file of `report.pages` that says `PAGE`."""
    package = importlib.import_module("leadtime.report.pages")
    modules = (importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__))
    found = {m.PAGE.path: m.PAGE for m in modules if hasattr(m, "PAGE")}
    return {p: found[p] for p in (*ORDER, *ABOUT) if p in found}


def where(path: str) -> Literal["main", "about"]:
    """Return in which part of the header a page stands."""
    return "main" if path in ORDER else "about"
