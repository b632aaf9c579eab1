"""What can be known of the packages that leadtime stands on: `make audit`.

Five questions, each answered apart, so that what could not be asked is never taken for an answer:

    lock        every line of both locks pinned and hashed, the run-time lock within the other, no address in them
    installed   nothing in the environment beyond the development lock, nothing in another version
    licenses    every run-time package under a license that fits Apache-2.0
    index       no locked version withdrawn (yanked) or gone, each with a file of a locked hash for every supported
    Python, asked of pip's own index
    advisories  no known vulnerability (pip-audit), but those that audit.toml sets aside with a reason and a day

It ends with 0 when all is well, 1 when something is wrong, 3 when nothing is but a question could not be asked.
`--if-reachable` makes 0 of the 3, and still says what was not asked.
"""

import argparse
import datetime as dt
import functools
import importlib.metadata
import json
import logging
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
#: Licenses that let Apache-2.0 stand; MPL-2.0 binds the files under it alone, which we do not change.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
#: What classifiers call them.
_CLASSIFIED = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
PYTHONS = ((3, 11), (3, 12), (3, 13))
#: What every environment has, and leadtime itself, which is installed from here.
_BESIDE = {"leadtime", "pip", "setuptools", "wheel"}
_MOST_DAYS = 180
_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.!+]+)(?: ;"
    r" (?P<marker>[^\\]+?))?(?P<hashes>(?:\s*\\\s*--hash=sha256:[0-9a-f]{64})+)\s*"
)


class NotAsked(Exception):
    """A question could not be asked."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of a lock."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    @property
    def applies(self) -> bool:
        """Whether it is for this Python and system."""
        return not self.marker or Marker(self.marker).evaluate()

    def applies_to(self, python: tuple[int, int]) -> bool:
        """Whether it is for a Python, on this system."""
        name = "{}.{}".format(*python)
        asked = {"python_version": name, "python_full_version": f"{name}.0"}
        return not self.marker or Marker(self.marker).evaluate(asked)


def pins(path: Path) -> tuple[list[Pin], list[str]]:
    """Return the packages of a lock, and what is wrong with its other lines."""
    found, wrong = [], []
    for entry in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip()):
        match = _LINE.fullmatch(entry + "\n")
        if match is None:
            wrong.append(f"{path.name}: {entry.splitlines()[0][:80]!r} is not NAME==VERSION with hashes")
            continue
        hashes = frozenset(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))
        found.append(Pin(canonicalize_name(match["name"]), match["version"], (match["marker"] or "").strip(), hashes))
    return found, wrong


def lock(root: Path) -> list[str]:
    """Return what is wrong with the locks."""
    run, wrong = pins(root / LOCKS[0])
    every, more = pins(root / LOCKS[1])
    beyond = {(p.name, p.version) for p in run} - {(p.name, p.version) for p in every}
    wrong += [*more, *(f"{n} {v} of {LOCKS[0]} is not in {LOCKS[1]}" for n, v in sorted(beyond))]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {canonicalize_name(re.split(r"[\[<>=!~; ]", d)[0]) for d in project["dependencies"]}
    return wrong + [f"{n} of pyproject.toml is not in {LOCKS[0]}" for n in sorted(wanted - {p.name for p in run})]


def installed(root: Path) -> list[str]:
    """Return what the environment has beyond the lock, or in another version."""
    locked = {p.name: p.version for p in pins(root / LOCKS[1])[0] if p.applies}
    wrong = []
    for each in importlib.metadata.distributions():
        name = canonicalize_name(each.metadata["Name"])
        if name in _BESIDE:
            continue
        if name not in locked:
            wrong.append(f"{name} {each.version} is installed, and no lock names it")
        elif each.version != locked[name]:
            wrong.append(f"{name} is installed as {each.version}, locked as {locked[name]}")
    return sorted(wrong)


def licenses(root: Path) -> list[str]:
    """Return the run-time packages whose license does not fit, or is not said."""
    wrong = []
    for pin in pins(root / LOCKS[0])[0]:
        if not pin.applies:
            continue
        try:
            said = importlib.metadata.metadata(pin.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{pin.name} is not installed, so its license is not known")
            continue
        classified = [c.rsplit(" :: ", 1)[1] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
        free = (said.get("License") or "").strip().splitlines() or [""]
        text = said.get("License-Expression") or " OR ".join(_CLASSIFIED.get(c, c) for c in classified) or free[0]
        if not allowed(text):
            wrong.append(f"{pin.name} {pin.version}: license {text[:60] or 'not said'}")
    return wrong


def allowed(expression: str) -> bool:
    """Return whether a license fits: every part of an AND, one of an OR."""
    plain = re.sub(r"\s+WITH\s+[\w.-]+", "", expression.strip().strip("()"))
    return bool(plain) and all(
        any(choice.strip(" ()") in ALLOWED for choice in re.split(r"\s+OR\s+", part))
        for part in re.split(r"\s+AND\s+", plain)
    )


def index(root: Path) -> list[str]:
    """Return the locked versions that pip's own index has withdrawn, no longer has, or has for a supported Python under
    no hash of the lock.

    Raises:
        NotAsked: It does not answer, has nothing of some package, or this pip is asked otherwise.
    """
    files_of = _finder()
    every = {(p.name, p.version, p.hashes): p for name in LOCKS for p in pins(root / name)[0]}
    wrong, unknown = [], []
    for pin in every.values():
        for python in filter(pin.applies_to, PYTHONS):
            files = [(v, link) for v, link in files_of(pin.name) if serves(link.filename, python)]
            if not files:
                unknown.append(pin.name)
                break
            if why := withdrawn(pin, [f for v, f in files if v == pin.version]):
                wrong += [f"{pin.name} {pin.version}, Python {'{}.{}'.format(*python)}: {w}" for w in why]
                break
    if unknown and not wrong:
        raise NotAsked(f"it does not answer about {len(unknown)} of {len(every)} packages, such as {unknown[0]}")
    return wrong


def withdrawn(pin: Pin, files: list[Any]) -> list[str]:
    """Return why a locked version can no longer be had as it was locked; `files` as pip's index gives them."""
    if not files:
        return ["no longer in the index"]
    found = []
    if all(f.yanked_reason is not None for f in files):
        found.append(f"withdrawn by its maintainers ({files[0].yanked_reason or 'without a reason'})")
    digests = {f.hash for f in files if f.hash_name == "sha256"}
    if digests and not digests & pin.hashes:
        found.append("no file in the index has a hash of the lock")
    return found


@functools.cache
def tags_of(python: tuple[int, int]) -> frozenset[Tag]:
    """Return the tags of wheels that a Python takes on this system."""
    return frozenset([*cpython_tags(python), *compatible_tags(python, "cp{}{}".format(*python))])


def serves(filename: str, python: tuple[int, int]) -> bool:
    """Return whether a file of an index can be installed on a Python: a wheel with a tag of it, or any source."""
    if not filename.endswith(".whl"):
        return True
    return not parse_wheel_filename(filename)[3].isdisjoint(tags_of(python))


def _finder() -> Callable[[str], list[tuple[str, Any]]]:
    """Return what lists the files of a package for the supported Pythons, asked as pip is set up to (index, mirrors,
    certificates).
    """
    logging.getLogger("pip").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pip's own, about what it stands on
            from pip._internal.commands.download import DownloadCommand
            from pip._internal.models.target_python import TargetPython
            from pip._vendor.packaging.tags import parse_tag

            tags = [t for python in PYTHONS for tag in tags_of(python) for t in parse_tag(str(tag))]
            every = set(tags)

            class AllOurs(TargetPython):
                """Takes what any supported Python takes, so that each page of the index is asked for once."""

                def get_sorted_tags(self) -> list[Any]:
                    """Return the tags of all, those of one Python after those of another."""
                    return tags

                def get_unsorted_tags(self) -> set[Any]:
                    """Return the same as a set."""
                    return every

            command = DownloadCommand("download", "")
            options, _ = command.parse_args(["--retries", "1", "--timeout", "20"])
            session = command._build_session(options)
            finder = command._build_package_finder(options, session, AllOurs(), ignore_requires_python=True)
    except Exception as error:
        raise NotAsked(f"this version of pip is asked otherwise ({type(error).__name__})") from None
    return functools.cache(lambda name: [(str(c.version), c.link) for c in finder.find_all_candidates(name)])


def advisories(root: Path, osv_url: str = "") -> list[str]:
    """Return the known vulnerabilities of the locked packages that audit.toml does not set aside, and what is wrong
    with that file.

    Raises:
        NotAsked: The service of advisories does not answer: nothing is known then, which is not the same as no
            vulnerability.
    """
    aside, wrong = set_aside(root / "audit.toml", dt.datetime.now(tz=dt.UTC).date())
    return wrong + judged(reported(root, osv_url), aside)


def reported(root: Path, osv_url: str) -> list[dict[str, Any]]:
    """Return what pip-audit says of each package.

    Raises:
        NotAsked: It does not get an answer.
    """
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(root / LOCKS[1]),
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "20",
        "--vulnerability-service",
        "osv",
        *(("--osv-url", osv_url) if osv_url else ()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError, TypeError):
        said = [line for line in done.stderr.strip().splitlines() if line.strip()] or ["no answer"]
        raise NotAsked(said[-1][:160]) from None


def judged(packages: list[dict[str, Any]], aside: dict[str, str]) -> list[str]:
    """Return the vulnerabilities that are not set aside, packages that were not looked up, and what is set aside for
    nothing.
    """
    wrong, used = [], set()
    for package in packages:
        if "skip_reason" in package:
            wrong.append(f"{package['name']} was not looked up: {package['skip_reason']}")
        for found in package.get("vulns", ()):
            names = {found["id"], *found.get("aliases", ())} & aside.keys()
            used |= names
            if not names:
                fixed = ", ".join(found.get("fix_versions", ())) or "no version yet"
                wrong.append(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    return wrong + [
        f"audit.toml: {name} is set aside, and nothing has it any more" for name in sorted(aside.keys() - used)
    ]


def set_aside(path: Path, today: dt.date) -> tuple[dict[str, str], list[str]]:
    """Return the advisories that are set aside, with the reason of each, and what is wrong with the list."""
    aside, wrong = {}, []
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("ignore", ()) if path.is_file() else ():
        name, reason, until = entry.get("id", "?"), str(entry.get("reason", "")).strip(), entry.get("until")
        if len(reason) < 20:
            wrong.append(f"audit.toml: {name} has no reason that says why it does not matter here")
        elif not isinstance(until, dt.date):
            wrong.append(f"audit.toml: {name} has no day until which it is set aside")
        elif until < today:
            wrong.append(f"audit.toml: {name} was set aside until {until}: look again")
        elif (until - today).days > _MOST_DAYS:
            wrong.append(f"audit.toml: {name} is set aside for more than {_MOST_DAYS} days")
        else:
            aside[name] = reason
    return aside, wrong


def main(arguments: list[str]) -> int:
    """Ask every question, say each answer, and return the exit code."""
    reader = argparse.ArgumentParser(
        prog="audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--if-reachable", action="store_true", help="what cannot be asked is said, and is no failure")
    reader.add_argument("--osv-url", default="", help="another service of advisories that speaks OSV")
    reader.add_argument(
        "--only",
        action="append",
        choices=["lock", "installed", "licenses", "index", "advisories"],
        help="ask this alone",
    )
    asked = reader.parse_args(arguments)
    questions = {
        "lock": lock,
        "installed": installed,
        "licenses": licenses,
        "index": index,
        "advisories": lambda r: advisories(r, asked.osv_url),
    }
    failed = silent = False
    for name, question in questions.items():
        if asked.only and name not in asked.only:
            continue
        try:
            wrong = question(ROOT)
        except NotAsked as error:
            silent = True
            print(f"{name:<11} NOT ASKED: {error}")
            continue
        print(f"{name:<11} {'fine' if not wrong else f'{len(wrong)} wrong'}")
        for line in wrong:
            print(f"  {line}")
        failed |= bool(wrong)
    if silent:
        print("What was not asked is not known: this is not a finding that all is well.")
    return 1 if failed else 3 if silent and not asked.if_reachable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
