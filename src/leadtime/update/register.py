"""The Federal Register: documents on 15 CFR 730-774 that no row of the log of rules cites, as leads for a person to
read.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from leadtime import json_text
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.outcome import Note, Refused
from leadtime.update import addresses
from leadtime.update.connector import Address, File, Gathered, Known, Lead, Mention, each
from leadtime.update.plainly import json_of

#: How far back is asked: a rule that was missed in a season is still found in the next.
_BACK_DAYS = 400
_FIRST_PART, _LAST_PART = 730, 774
#: A title may have so many letters.
_MOST = 4000
_KINDS = {"Rule", "Proposed Rule", "Notice", "Presidential Document"}


class Register:
    """The document API of the Federal Register."""

    name = "register"
    title = "Federal Register: documents on 15 CFR 730-774"
    gives = ()

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return the question for the documents of the last thirteen months."""
        return addresses.of(self.name, since=str(day - dt.timedelta(days=_BACK_DAYS)))

    def recognizes(self, file: File) -> bool:
        """Return whether a file is an answer of the document API."""
        return file.name.endswith(".json") and (
            b'"document_number"' in file.content[:100_000] or "federal_register" in file.name
        )

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: no model is in them."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return the documents that no rule cites."""
        got = each(files, lambda f: _read(f, known))
        got.leads = list({lead.number: lead for lead in got.leads}.values())
        return got


def _read(file: File, known: Known) -> Gathered:
    whole = json_of(file)
    results = whole.get("results") if isinstance(whole, dict) else None
    if results is None and isinstance(whole, dict) and whole.get("count") == 0:
        results = []
    if not isinstance(results, list):
        raise LeadtimeError("holds no `results`: it is not an answer of the document API")
    cited = _cited(known.evidence)
    got = Gathered()
    n_cited = n_other = 0
    for n, found in enumerate(results, 1):
        lead = _lead(found) if isinstance(found, dict) else None
        if lead is None:
            got.refused.append(
                Refused(
                    file=file.name, row=f"row {n}", reason="is not a document with a number, a title, a kind and a day"
                )
            )
        elif not _is_ours(found):
            n_other += 1
        elif lead.number.casefold() in cited or (lead.citation and _bare(lead.citation) in cited):
            n_cited += 1
        else:
            got.leads.append(lead)
    if n_cited:
        got.notes.append(Note(file.name, "cited by a rule already", n_cited))
    if n_other:
        got.notes.append(Note(file.name, "left out: of other parts of the regulations", n_other))
    if isinstance(whole, dict) and isinstance(whole.get("count"), int) and whole["count"] > len(results):
        got.notes.append(
            Note(
                file.name,
                f"{whole['count'] - len(results):,} of {whole['count']:,} documents are on later pages, which were not"
                " asked",
            )
        )
    return got


def _lead(found: Mapping[str, Any]) -> Lead | None:
    number, title, kind, day = (found.get(k) for k in ("document_number", "title", "type", "publication_date"))
    beside = {k: found.get(k) or "" for k in ("html_url", "effective_on", "citation")}
    if not all(json_text.is_text(v, _MOST) and str(v).strip() for v in (number, title, kind, day)) or not all(
        v == "" or json_text.is_text(v, _MOST) for v in beside.values()
    ):
        return None
    if not re.fullmatch(r"[12]\d{3}-\d\d-\d\d", str(day), re.ASCII):
        return None
    url = beside["html_url"]
    return Lead(
        number=str(number).strip(),
        title=" ".join(str(title).split()),
        kind=str(kind) if kind in _KINDS else str(kind)[:40],
        published_on=str(day),
        effective_on=beside["effective_on"],
        citation=beside["citation"],
        url=url if url.startswith("https://") else "",
    )


def _is_ours(found: Mapping[str, Any]) -> bool:
    """Return whether a document touches 15 CFR 730-774; one that names no part is kept, for it was asked for."""
    parts = found.get("cfr_references")
    if not isinstance(parts, list) or not parts:
        return True
    return any(
        isinstance(p, dict) and str(p.get("title")) == "15" and _FIRST_PART <= _whole(p.get("part")) <= _LAST_PART
        for p in parts
    )


def _whole(number: object) -> int:
    text = str(number)
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _cited(evidence: Evidence) -> set[str]:
    """Return numbers and citations of documents that the evidence names: in the log of rules and in its sources."""
    texts = [t for c in ("citation", "title", "note") for t in evidence["rule_instruments"][c].drop_nulls()]
    texts += [t for c in ("url", "title") for t in evidence["sources"][c].drop_nulls()]
    found: set[str] = set()
    for text in texts:
        found |= {n.casefold() for n in re.findall(r"\b(?:C\d-|E\d-)?\d{4}-\d{5}\b", text)}
        found |= {_bare(c) for c in re.findall(r"\b\d{2}\s+(?:FR|Fed\.? ?Reg\.?)\s+\d[\d,]*", text)}
    return found


def _bare(citation: str) -> str:
    volume, page = [*re.findall(r"[\d,]+", citation), "", ""][:2]
    return f"{volume} fr {page.replace(',', '')}"
