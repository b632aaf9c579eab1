"""Lists of parties: the consolidated screening list of trade.gov, and the Treasury's list of specially designated
nationals.
"""

import datetime as dt
from pathlib import PurePosixPath

from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.outcome import Note, Refused
from leadtime.rules import screening_lists, sdn_lists
from leadtime.update import addresses
from leadtime.update.connector import Address, File, Gathered, Known, Mention, PartyList
from leadtime.update.epoch import header

#: Columns of the consolidated list that another table has not all of, as data.trade.gov names them (2026).
_COLUMNS = {"source", "name", "alt_names", "federal_register_notice", "start_date", "source_list_url"}
_LOOKED_AT = 100_000


class Lists:
    """Files of parties; they go into `lists/` of the proposal as they came."""

    name = "lists"
    title = "lists of parties: consolidated screening list (trade.gov), SDN (Treasury)"
    gives = ()

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return the consolidated list as CSV, and the two files of the Treasury."""
        return addresses.of(self.name)

    def recognizes(self, file: File) -> bool:
        """Return whether a file has the columns, or the fields, of one of the lists."""
        if file.name.casefold().endswith(".json"):
            begin = file.content[:_LOOKED_AT]
            return all(
                f'"{k}"'.encode() in begin for k in ("results", "source", "name", "alt_names", "source_list_url")
            )
        if not file.name.casefold().endswith(".csv"):
            return False
        first = file.content[:_LOOKED_AT].decode("utf-8-sig", errors="replace")
        if sdn_lists.is_sdn(first) or sdn_lists.is_other_names(first):
            return True
        return {h.strip().casefold() for h in header(file.content)} >= _COLUMNS

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: no model is in them."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return the lists that can be read whole: one with a bad row is refused, for a party that is left out looks
        like one not listed.
        """
        got = Gathered()
        named: dict[str, File] = {}
        for file in files:
            name = PurePosixPath(file.name).name.casefold()
            if name in named:
                got.refused.append(Refused(file=file.name, row="", reason=f"another file is called {name}"))
            else:
                named[name] = file
        content = {name: file.content for name, file in named.items()}
        for name, file in named.items():
            try:
                entries = screening_lists.entries_of(name, content)
            except LeadtimeError as error:
                place = error.where.removeprefix(name).strip(", ")
                fix = f" ({error.fix})" if error.fix else ""
                why = f"{error.what}{fix}; the list is left out whole"
                got.refused.append(Refused(file=file.name, row=place, reason=why))
                continue
            got.lists.append(PartyList(name=name, content=file.content, day=file.day, url=file.url, entries=entries))
        return _each_once(got)


def _each_once(got: Gathered) -> Gathered:
    """Leave out a list in a second shape: the consolidated one as JSON beside the same as CSV."""
    kept: list[PartyList] = []
    for one in sorted(got.lists, key=lambda x: x.name.endswith(".json")):
        same = next(
            (k for k in kept if one.entries and {e.name for e in k.entries} == {e.name for e in one.entries}), None
        )
        if same is None:
            kept.append(one)
        else:
            got.notes.append(Note(one.name, f"left out: the same parties as {same.name}"))
    got.lists = kept
    return got
