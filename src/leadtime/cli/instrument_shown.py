"""How one instrument of the log of rules reads in a terminal: its events and its provisions."""

from typing import Any

from leadtime.cli.terminal import put, wrap


def show_events(events: list[Any]) -> None:
    """Print what happened to an instrument, in order."""
    put("\nevents:")
    for e in events:
        about = f" ({e.provision})" if e.provision else ""
        wrap(f"{e.effective_on}  {happened(e.kind)}{about}, known {e.known_on}, {e.source}", "  ", hang=12)
        for extra in (e.note, f"not confirmed: {e.unconfirmed}" if e.unconfirmed else ""):
            if extra:
                wrap(extra, "              ")


def show_provisions(found: dict[str, Any]) -> None:
    """Print the provisions of an instrument, how each stands, and its numbers."""
    for p in found["provisions"]:
        wrap(f"{p['id']} ({p['role']}): {p['title']}", "  ")
        wrap(f"text {p['codified']}, binding {p['binding']}, enforced {p['enforced']}; {p['state']}", "      ")
        for label in ("condition", "destinations", "headquarters", "outcome", "unconfirmed"):
            if p[label]:
                wrap(f"{label}: {p[label]}", "      ")
    for r in found["parameters"]:
        put(f"  {r['parameter']} = {r['value']:g} {r['unit']} from {r['from']}")


def happened(kind: str) -> str:
    """Return what happened, in words."""
    return {"scheduled_return": "returns by itself unless extended", "scheduled_end": "ends unless extended"}.get(
        kind, kind.replace("_", " ")
    )
