"""Optional parts: what each is for, whether it is here, and the command that adds it to this installation."""

import importlib.util
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from leadtime.errors import LeadtimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """An optional part: the modules that it brings, and what wants them."""

    modules: tuple[str, ...]
    purpose: str

    @property
    def there(self) -> bool:
        """Whether all its modules are installed."""
        return all(importlib.util.find_spec(m) is not None for m in self.modules)


EXTRAS = {
    "cluster": Extra(modules=("distributed",), purpose="--cluster, to compute on other machines"),
    "inspect": Extra(modules=("inspect_ai",), purpose="leadtime import inspect"),
    "mcp": Extra(modules=("mcp",), purpose="leadtime mcp, which assistants ask"),
    "memo": Extra(modules=("docx", "typst"), purpose="leadtime memo to .docx and .pdf"),
    "networks": Extra(
        modules=("torch", "transformers"), purpose="leadtime cost --config of types without a formula here"
    ),
    "postgresql": Extra(modules=("psycopg",), purpose="leadtime serve on PostgreSQL"),
    "sql": Extra(modules=("duckdb",), purpose="leadtime sql"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """How leadtime got here.

    Args:
        by: The program that keeps the environment: `pip`, `uv` (an environment without pip), `uv tool` or `pipx`.
        clone: Folder of the source that is run, or None if leadtime is a package of the environment.
        url: Where the package was installed from, when that was a file or a repository; empty: from an index.
        python: The interpreter of the environment.
    """

    by: str
    clone: Path | None
    url: str
    python: str

    @property
    def words(self) -> str:
        """How it got here, in words."""
        what = f"the clone {self.clone}" if self.clone else "a package"
        return f"{what}, in {Path(self.python).parent.parent} ({self.by})"

    def command(self, extra: str) -> str:
        """Return the command that adds an extra; `all` adds every one.

        `pipx` and `uv tool` reinstall, so the extras that are here are named again. Options are short: long ones are
        told as parameters to who writes Python.
        """
        anew = self.by in ("pipx", "uv tool")
        kept = {n for n, e in EXTRAS.items() if anew and extra != "all" and e.there}
        names = ",".join(sorted({*kept, extra}))
        if self.clone:
            what = ["-e", f"{self.clone}[{names}]"]
        else:
            what = [f"leadtime[{names}]" + (f" @ {self.url}" if self.url else "")]
        start = {
            "pip": [self.python, "-m", "pip", "install"],
            "uv": ["uv", "pip", "install", "-p", self.python],
            "uv tool": ["uv", "tool", "install"],
            "pipx": ["pipx", "install", "-f"],
        }[self.by]
        return _line([*start, *what])


def installed(package: Path | None = None) -> Installed:
    """Return how leadtime got here.

    Args:
        package: Folder of its code; by default that which runs.
    """
    said, pip = _recorded()
    clone = _source(package or Path(__file__).parent)
    if Path(sys.prefix, "uv-receipt.toml").is_file():
        by = "uv tool"
    elif Path(sys.prefix, "pipx_metadata.json").is_file():
        by = "pipx"
    else:
        by = "pip" if pip else "uv"
    return Installed(by=by, clone=clone, url="" if clone else said, python=sys.executable)


def missing(extra: str, what: str, *, where: str, instead: str = "") -> LeadtimeError:
    """Return the error of a part that is not installed, which says how to add it.

    Args:
        extra: Its name.
        what: What is wrong, such as "DuckDB is not installed".
        where: Command or option that needs it.
        instead: What does without it, as a sentence.
    """
    return LeadtimeError(what, where=where, fix=f"{instead} Add it: {installed().command(extra)}".lstrip())


def _recorded() -> tuple[str, bool]:
    """Return the address that leadtime was installed from (PEP 610), empty for an index; and whether pip is here."""
    from importlib.metadata import PackageNotFoundError, distribution

    pip = importlib.util.find_spec("pip") is not None
    try:
        text = distribution("leadtime").read_text("direct_url.json")
        said = json.loads(text or "{}")
    except (PackageNotFoundError, ValueError):
        return "", pip
    vcs = said.get("vcs_info")
    if vcs:
        return f"{vcs['vcs']}+{said['url']}@{vcs['commit_id']}", pip
    url = said.get("url", "")
    gone = url.startswith("file:") and not Path(unquote(urlsplit(url).path)).exists()
    return "" if gone else url, pip


def _source(package: Path) -> Path | None:
    """Return the clone that a package is run from, when it is no installed copy."""
    root = package.resolve().parents[1]
    is_source = (root / "pyproject.toml").is_file() and package.parent.name == "src"
    return root if is_source else None


def _line(words: list[str]) -> str:
    """Return words as one line for a shell."""
    return shlex.join(words)
