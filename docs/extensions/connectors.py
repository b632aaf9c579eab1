"""The reference of all connectors of `leadtime update`."""

import datetime as dt

from mdtable import list_table

from leadtime.evidence import Evidence
from leadtime.update.registry import CONNECTORS


def describe_connectors() -> str:
    """Return a table of who is asked, what the files give, and where they are."""
    evidence = Evidence.load(as_of=dt.date.max)
    rows = []
    for c in CONNECTORS:
        addresses = c.addresses(evidence, dt.date(2026, 11, 30))
        hosts = sorted({a.url.split("/")[2] for a in addresses})
        gives = (
            "every table"
            if len(c.gives) > 10
            else ", ".join(f"`{t}`" for t in c.gives) or {"lists": "lists of parties"}.get(c.name, "documents to read")
        )
        rows.append((f"`{c.name}`", c.title, gives, ", ".join(f"`{h}`" for h in hosts) or "by hand"))
    return list_table(("Connector", "Reads", "Gives", "Asks"), rows)
