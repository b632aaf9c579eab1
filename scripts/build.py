"""Build the sdist and from it the wheel, and look into both: `python scripts/build.py [--out dist]`.

What must hold: the sdist and the working tree give the same wheel, byte for byte; the wheel has every tracked file of
the package, what assistants read of the documentation, and nothing else; every font has its license beside it; the
metadata can be read, and names no path of this machine; the long description is the README.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from packaging.metadata import Metadata

ROOT = Path(__file__).parents[1]
MOST_BYTES = 20_000_000
#: What a font is in, and the text of its license, in the same folder.
_FONTS, _LICENSES = {".ttf", ".otf", ".woff", ".woff2"}, {"OFL.txt", "LICENSE.txt"}
#: What pages, charts and evidence need beside the code: at least one file of each kind.
_KINDS = {".css", ".csv", ".html", ".js", ".json", ".md", ".npz", ".py", ".ttf", ".txt", ".typed", ".woff2", ".yaml"}
#: What an sdist must have so that it can be built, tested and read.
_OF_SOURCE = ("CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile", "README.md", "pyproject.toml", "requirements.lock")


def build(out: Path) -> tuple[Path, Path]:
    """Return the sdist and the wheel that was built from it, in a folder that is made anew.

    Raises:
        SystemExit: The build fails, or the working tree gives another wheel.
    """
    shutil.rmtree(out, ignore_errors=True)
    _run("-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT))
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        _run("-m", "build", "--no-isolation", "--wheel", "--outdir", folder, str(ROOT))
        again = Path(folder, wheel.name)
        if not again.is_file() or _sum(again) != _sum(wheel):
            raise SystemExit("release: the sdist and the working tree give different wheels")
    return sdist, wheel


def wanted() -> set[str]:
    """Return the names that a wheel has beside its metadata: tracked files, and what is brought in by name."""
    tracked = _git("ls-files", "src/leadtime")
    names = {name.removeprefix("src/") for name in tracked}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for source, to in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].items():
        names |= {to + name.removeprefix(source) for name in _git("ls-files", source)}
    return names


def wrong_names(there: set[str], wanted: set[str]) -> list[str]:
    """Return what is wrong with the names of a wheel."""
    found = [f"is missing {n}" for n in sorted(wanted - there)] + [f"has {n} besides" for n in sorted(there - wanted)]
    for font in sorted(n for n in there if Path(n).suffix in _FONTS):
        if not any(str(Path(font).with_name(text)) in there for text in _LICENSES):
            found.append(f"has the font {font} without its license")
    return found + [f"has no file of kind {k}" for k in sorted(_KINDS - {Path(n).suffix for n in there})]


def wrong_wheel(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if not n.partition("/")[0].endswith(".dist-info")}
        own = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(own)
        license_there = any(n.endswith(".dist-info/licenses/LICENSE") for n in archive.namelist())
    found = wrong_names(names, wanted()) + wrong_metadata(metadata)
    if not license_there:
        found.append("has no license")
    if wheel.stat().st_size > MOST_BYTES:
        found.append(f"is larger than {MOST_BYTES / 1e6:.0f} MB")
    return [f"the wheel {f}" for f in found]


def wrong_metadata(text: bytes) -> list[str]:
    """Return what an index, or a reader of its page, would find wrong with the metadata."""
    said: Message = message_from_bytes(text)
    try:
        Metadata.from_email(text, validate=True)
    except Exception as error:  # a group of errors, one for each field
        return [f"has metadata that an index refuses: {error!r}"[:500]]
    found, body = [], str(said.get_payload())
    if body.strip() != (ROOT / "README.md").read_text(encoding="utf-8").strip():
        found.append("has another long description than the README")
    if said["Description-Content-Type"] != "text/markdown":
        found.append("does not say that its long description is Markdown")
    if str(ROOT) in text.decode("utf-8"):
        found.append("names a folder of this machine in its metadata")
    return found


def wrong_sdist(sdist: Path) -> list[str]:
    """Return what is wrong with an sdist."""
    with tarfile.open(sdist) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    found = [f"is missing {n}" for n in _OF_SOURCE if n not in names]
    untracked = names - set(_git("ls-files")) - {"PKG-INFO"}
    return [f"the sdist {f}" for f in [*found, *(f"has {n}, which is not tracked" for n in sorted(untracked))]]


def _run(*words: str) -> None:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Build, look, and say what was built."""
    reader = argparse.ArgumentParser(prog="build", description=__doc__.splitlines()[0] if __doc__ else "")
    reader.add_argument("--out", type=Path, default=ROOT / "dist")
    sdist, wheel = build(reader.parse_args().out)
    if wrong := wrong_wheel(wheel) + wrong_sdist(sdist):
        raise SystemExit("\n".join(f"release: {w}" for w in wrong[:20]))
    for path in (sdist, wheel):
        print(f"release: {path.name}, {path.stat().st_size / 1e6:.1f} MB, sha256 {_sum(path)}", file=sys.stderr)


if __name__ == "__main__":
    main()
