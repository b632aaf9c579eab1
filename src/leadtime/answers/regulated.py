"""What the questions on rules share: how places and movements are called, what the log cannot say, and how events stand
in a row.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leadtime.answers.answer import Column, Row
from leadtime.answers.drawn import figure
from leadtime.answers.lagging import capital

if TYPE_CHECKING:
    from leadtime.figures.figure import Figure
    from leadtime.rules.log import Log
    from leadtime.rules.rulebook import Rulebook
    from leadtime.rules.timeline import Entry

NOT_ADVICE = "This is our reading of the record, not legal advice."
RESTS_ON = "The log of rules, letters, notices and reports, each with its source and the day on which it became public."
LIMITS = (
    "Other reasons for control, end uses and lists of parties are not read, unless they are named.",
    "What nobody published is not in it.",
)
#: Places that take an article.
_WITH_ARTICLE = [
    "USA",
    "ARE",
    "NLD",
    "PHL",
    "GBR",
    "BHS",
    "GMB",
    "DOM",
    "MDV",
    "MHL",
    "SLB",
    "COM",
    "CAF",
    "UKR_DNR",
    "UKR_LNR",
]
#: Events that need other words than their kind.
_HAPPENED = {
    "effective": "takes effect",
    "compliance_due": "must be complied with",
    "scheduled_return": "returns by itself unless extended",
    "scheduled_end": "ends unless extended",
    "enforcement_unclear": "enforcement unclear",
}


def place(log: "Log", code: str) -> str:
    """Return what a sentence calls a place: `China`, `the United States`."""
    name = log.countries.get(code, code)
    return f"the {name}" if code in _WITH_ARTICLE else name


def whose(log: "Log", row: Row) -> str:
    """Return a destination, with the end user's headquarters where they are elsewhere, and how the item moves there."""
    home = "" if row["hq"] == row["to"] else f", buyer with headquarters in {place(log, row['hq'])}"
    how = {"us": "", "reexport": ", from another country", "in-country": ", inside the country"}[row["origin"]]
    return f"{capital(place(log, row['to']))}{home}{how}"


def happened(kind: str) -> str:
    """Return what happened, in words."""
    return _HAPPENED.get(kind, kind.replace("_", " "))


def _what(row: Row) -> str:
    until = f" until {row['until']}" if row["until"] else ""
    return f"{capital(happened(row['kind']))}{until}"


def _which(row: Row) -> str:
    where = f" ({row['provision']})" if row["provision"] else ""
    open_ = f". Not confirmed: {row['unconfirmed']}" if row["unconfirmed"] else ""
    return f"{row['title']} [{row['instrument']}{where}]{open_}"


#: How events stand in a table.
EVENT_COLUMNS = (
    Column(key="effective_on", title="Day", kind="day"),
    Column(key="kind", title="What happened", say=_what),
    Column(key="title", title="To which rule", say=_which),
)


def events_figure(
    rules: "Rulebook", found: "Sequence[Entry]", *, name: str, title: str, at: Iterable[dt.date] = ()
) -> "Figure":
    """Return events on an axis of time, one line for each government.

    Args:
        rules: The rules.
        found: The events.
        name: File name without ending.
        title: What it shows.
        at: Days that are marked.
    """
    from leadtime.figures.rules import events

    rows = [
        {
            "day": e.effective_on,
            "by": rules.log.countries[rules.log.instruments[e.instrument]["jurisdiction"]],
            "kind": e.kind,
            "what": happened(e.kind),
            "title": e.title,
            "instrument": e.instrument,
        }
        for e in found
    ]
    return figure(
        name=name,
        title=title,
        chart=events(rows, tuple(at)),
        rows=rows,
        n=f"{len(rows)} events",
        stamp=rules.stamp,
        method="Each dot is an event on the day from which it holds, by the government whose rule it is.",
    )
