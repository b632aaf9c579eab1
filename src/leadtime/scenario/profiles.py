"""Profiles: the priors that a published forecaster would have, instead of one consensus."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.evidence import parts
from leadtime.scenario.files import DATA, read_priors, read_yaml

_KEYS = ("title", "source", "narrative", "priors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One forecaster's priors.

    Args:
        name: Its id.
        title: Who, on what.
        source: Id in `sources`, or an address.
        narrative: What was said, and how it becomes priors.
        priors: Parameters drawn by it, by name.
    """

    name: str
    title: str
    source: str
    narrative: str
    priors: dict[str, dict[str, Any]]


def available(study: Path | None = None) -> dict[str, Profile]:
    """Return the profiles that ship, and those in `scenarios/profiles/` of a study folder, which may replace them."""
    found = {p.stem: load(p) for p in sorted((DATA / "profiles").glob("*.yaml"))}
    own = parts.files(study, "scenarios/profiles") if study is not None else []
    return found | {p.stem: load(p, within=study) for p in own}


def load(path: Path, *, within: Path | None = None) -> Profile:
    """Return the profile of a YAML file, which must lie within a folder.

    Raises:
        LeadtimeError: A malformed file (file, key, reason).
    """
    content = read_yaml(path, within=within)

    def wrong(key: str, what: str, fix: str) -> LeadtimeError:
        return LeadtimeError(what, where=f"{path}, key {key}", fix=fix)

    for key in content:
        if key not in _KEYS:
            raise wrong(str(key), f"{key!r} is not a key of a profile", f"Keys: {', '.join(_KEYS)}.")
    for key in ("title", "source", "narrative"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise wrong(key, "is missing, or is not text", "Write it as text.")
    priors = read_priors(content.get("priors") or {}, wrong)
    if not priors:
        raise wrong("priors", "sets none", "Expected parameter: {low, value, high, distribution, source}.")
    return Profile(
        name=path.stem,
        title=content["title"].strip(),
        source=content["source"].strip(),
        narrative=" ".join(content["narrative"].split()),
        priors=priors,
    )
