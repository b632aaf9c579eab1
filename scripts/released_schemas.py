"""Write down how the schemas of outputs look at a release: `python scripts/released_schemas.py [COMMIT]`, by default as
they are now.

A test holds the schemas against that file, `tests/released_schemas.json`: what differs from the release needs the next
version.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RELEASED = ROOT / "tests" / "released_schemas.json"
_FOLDER = "src/leadtime/schemas"
#: What says nothing of keys and values.
_WORDS = {"$schema", "$id", "title", "description", "x-given-by", "examples"}


def shape(schema: Any) -> str:
    """Return the fingerprint of all keys, kinds and allowed values of a schema, 16 hexadecimal digits.

    Its words, and the versions of the parts that it refers to, do not count: a part has a version of its own.
    """
    text = re.sub(r"(leadtime\.[a-z-]+)/\d+", r"\1", json.dumps(_bare(schema), sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def version(schema: dict[str, Any]) -> int:
    """Return the version in the id of a schema."""
    return int(schema["$id"].rpartition("/")[2])


def _bare(value: Any, *, of_names: bool = False) -> Any:
    """Return a schema without its words; below `properties` and `$defs` every name is data, whatever it is called."""
    if isinstance(value, list):
        return [_bare(v) for v in value]
    if not isinstance(value, dict):
        return value
    found = {
        k: _bare(v, of_names=k in ("properties", "$defs") and not of_names)
        for k, v in value.items()
        if of_names or k not in _WORDS
    }
    if "required" in found and not of_names:
        found["required"] = sorted(found["required"])
    return found


def _schemas(commit: str) -> dict[str, dict[str, Any]]:
    if not commit:
        return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted((ROOT / _FOLDER).glob("*.json"))}
    names = _git("ls-tree", "--name-only", commit, f"{_FOLDER}/").split()
    return {Path(n).stem: json.loads(_git("show", f"{commit}:{n}")) for n in names if n.endswith(".json")}


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(commit: str = "") -> None:
    """Write the versions and fingerprints of the schemas of a commit."""
    about = re.search(
        r'__version__ = "([^"]+)"',
        (
            _git("show", f"{commit}:src/leadtime/__init__.py")
            if commit
            else (ROOT / "src/leadtime/__init__.py").read_text(encoding="utf-8")
        ),
    )
    assert about
    rows = {name: {"version": version(s), "shape": shape(s)} for name, s in _schemas(commit).items()}
    content = {"release": about[1], "schemas": rows}
    RELEASED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
