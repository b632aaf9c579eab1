"""Where publishers' files are, as declared in `addresses.yaml`."""

import functools
from pathlib import Path

from ruamel.yaml import YAML

from leadtime.update.connector import Address


@functools.cache
def declared() -> dict[str, dict[str, str]]:
    """Return the addresses by connector."""
    found: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("addresses.yaml").read_text(encoding="utf-8")
    )
    return found


def of(connector: str, **filled: str) -> list[Address]:
    """Return the addresses of a connector, with what is in braces filled in."""
    out = []
    for name, url in declared().get(connector, {}).items():
        for key, value in filled.items():
            name, url = name.replace(f"{{{key}}}", value), url.replace(f"{{{key}}}", value)
        out.append(Address(name, url))
    return out
