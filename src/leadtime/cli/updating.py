"""`leadtime update`: what publishers published since, as a proposal for a person to confirm."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.kinds import File, Flag, Many, Text
from leadtime.answers.plain import plain as as_plain
from leadtime.answers.plain import program
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, StudyDir, declared
from leadtime.cli.taking import DryRun, Into, KnownOn, Strict, today
from leadtime.cli.terminal import plain, progress, put, put_json, put_stamp, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.update.run import Update

_SHOWN = 10


@declared
def update(
    *,
    from_: Annotated[
        Path,
        Meaning(
            kind=File(word="DIR"),
            option="--from",
            help="Use these files instead of the network.",
            example="files",
        ),
    ]
    | None = None,
    into: Annotated[
        Into, Meaning(help="The folder of the proposal. The default is proposal-DAY here.", example="proposal")
    ]
    | None = None,
    only: Annotated[
        tuple[str, ...],
        Meaning(
            kind=Many(each=Text(), at_most=100),
            help="One connector, by its name. Repeat it for several.",
            example="lists",
        ),
    ] = (),
    known_on: KnownOn | None = None,
    downloads: Annotated[
        Path, Meaning(kind=File(word="DIR"), help="Where downloads are kept. The default is your cache.")
    ]
    | None = None,
    contact: Annotated[
        str,
        Meaning(
            kind=Text(),
            help="An address at which servers can reach you. The SEC asks for it.",
            example="us@example.org",
        ),
    ] = "",
    study: Annotated[StudyDir, Meaning(help="A study folder whose lists/ of parties are compared with the new ones.")]
    | None = None,
    headlines: Annotated[
        bool,
        Meaning(kind=Flag(), negated="--no-headlines", help="Tell which headlines move. This takes most of the time."),
    ] = True,
    list_: Annotated[
        bool, Meaning(kind=Flag(), option="--list", help="List the connectors with their addresses, and stop.")
    ] = False,
    strict: Annotated[Strict, Meaning(help="Write nothing if a row is refused or a connector fails.")] = False,
    dry_run: Annotated[DryRun, Meaning(help="Show what would be proposed, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read what publishers published, and write a proposal. Nothing enters the tables by itself."""
    from leadtime.capability import cache
    from leadtime.update import proposal, run

    day = today(known_on)
    if day > today(None):
        raise LeadtimeError(
            f"{day} is in the future", where="--known-on", fix="Nobody can have a copy that is newer than today."
        )
    connectors = run.chosen(only)
    if list_:
        return _listed(connectors, day, as_json=as_json)
    place = into or Path(f"proposal-{day}")
    proposal.require_free(place)
    if study is not None and not study.is_dir():
        raise LeadtimeError("is not a folder", where=str(study), fix="Name a study folder.")
    found = run.update(
        connectors,
        day,
        run.Origin(place=downloads or cache.folder() / "update", given=from_, contact=contact),
        with_headlines=headlines,
        against=study or (place if place.is_dir() else None),
        progress=progress(),
    )
    failed = [r for a in found.found.asked for r in a.failed]
    if strict and (found.found.rows.refused or failed):
        first = (found.found.rows.refused + failed)[0]
        n = len(found.found.rows.refused)
        raise LeadtimeError(
            f"{n} rows refused, {len(failed)} files failed. With --strict nothing is written then", where=str(first)
        )
    written = [] if dry_run or found.is_empty else proposal.write(found.found, found.text, place)
    if as_json:
        return put_json(_json(found, place, written))
    return _tell(found, place, written, dry_run=dry_run)


def _listed(connectors: list[Any], day: dt.date, *, as_json: bool) -> None:
    from leadtime.evidence import Evidence

    evidence = Evidence.load(as_of=dt.date.max)
    found = [
        {
            "name": c.name,
            "title": c.title,
            "tables": list(c.gives),
            "addresses": [a.url for a in c.addresses(evidence, day)],
        }
        for c in connectors
    ]
    if as_json:
        return put_json({**program(), "connectors": found})
    for c in found:
        put(f"{c['name']}: {c['title']}")
        for url in c["addresses"] or ["no address: its files come by hand (--from)"]:
            put(f"    {url}")
    return None


def _json(found: "Update", place: Path, written: list[str]) -> dict[str, Any]:
    g, moved = found.found, found.moved
    named = [{"file": r.file, "row": r.row, "reason": r.reason} for r in g.rows.refused]
    return {
        **program(),
        "day": str(found.day),
        "evidence_hash": found.stamp["evidence_hash"],
        "proposal": str(place) if written else None,
        "written": written,
        "new": {t: r.height for t, r in g.rows.accepted.items()},
        "known": g.rows.n_known,
        "set_aside": len(g.rows.aside),
        "refused": len(g.rows.refused),
        "refused_because": named,
        "provisional": [
            {
                "model": n.id,
                "name": n.row["name"],
                "organization": n.row["organization"],
                "released_on": n.row["released_on"],
                "file": n.mention.file,
                "row": n.mention.row,
                "not_told": list(n.unstated),
            }
            for n in g.new.models
        ],
        "conflicts": [
            *g.conflicts,
            *(str(r) for r in g.rows.aside if r.reason.startswith("differs from the evidence")),
        ],
        "leads": [as_plain(lead) for lead in g.leads],
        "lists": [{**as_plain(x), "by_list": [{"list": s, "n": n} for s, n in x.by_list]} for x in found.lists],
        "headlines": (
            []
            if moved is None
            else [
                {
                    "headline": h.name,
                    "words": h.words,
                    "unit": h.unit,
                    "before": _band(h.before),
                    "after": _band(h.after),
                    "moved": as_plain(h.moved),
                    "known_models_alone": as_plain(h.known_only),
                    "without": as_plain(h.without),
                }
                for h in moved.headlines
            ]
        ),
        "connectors": [
            {
                "name": a.name,
                "files": a.n_files,
                "rows": a.n_rows,
                "failed": [{"file": r.file, "row": r.row, "reason": r.reason} for r in a.failed],
            }
            for a in g.asked
        ],
        "unread": [{"file": r.file, "row": r.row, "reason": r.reason} for r in g.unread],
    }


def _band(b: tuple[float, float, float] | None) -> dict[str, Any] | None:
    return None if b is None else {k: as_plain(v) for k, v in zip(("median", "low", "high"), b, strict=True)}


def _tell(found: "Update", place: Path, written: list[str], *, dry_run: bool) -> None:
    g = found.found
    for a in g.asked:
        if a.n_files or a.failed:
            wrap(f"{a.name}: {a.n_files} files, {a.n_rows:,} rows{f', {len(a.failed)} failed' if a.failed else ''}", "")
        for r in a.failed[:_SHOWN]:
            print(f"failed: {plain(str(r))}", file=sys.stderr)
    for r in g.unread[:_SHOWN]:
        print(f"not read: {plain(str(r))}", file=sys.stderr)
    taken = ", ".join(f"{r.height:,} {t}" for t, r in g.rows.accepted.items()) or "nothing"
    wrap(
        f"new: {taken}; {g.rows.n_known:,} rows known already; {len(g.rows.aside):,} set aside; {len(g.rows.refused):,}"
        " refused",
        "",
    )
    if g.new.models:
        newest = sorted(g.new.models, key=lambda n: n.row["released_on"] or "", reverse=True)
        more = f" and {len(newest) - _SHOWN} more" if len(newest) > _SHOWN else ""
        wrap(f"provisional models, newest first: {', '.join(n.id for n in newest[:_SHOWN])}{more}", "")
    if g.leads:
        put(f"documents to read: {len(g.leads)}")
    _tell_lists(found)
    for words in g.conflicts[:_SHOWN]:
        wrap(f"conflict: {words}", "")
    if found.moved is not None:
        _tell_moved(found.moved)
    if written:
        put(f"written: {place} ({len(written)} files); read {place / 'PROPOSAL.md'}")
        put(f"next: leadtime check {place}")
    else:
        put("--dry-run: nothing was written" if dry_run else "nothing new: nothing was written")
    put_stamp(found.stamp)


def _tell_lists(found: "Update") -> None:
    for x in found.lists:
        against = (
            f"; against {x.compared}: {len(x.added):,} added, {len(x.removed):,} removed, {x.n_changed:,} changed"
            if x.compared
            else ""
        )
        wrap(f"lists/{x.file}: {x.n_entries:,} parties of {x.day}{against}{f'. {x.warning}' if x.warning else ''}", "")


def _tell_moved(moved: Any) -> None:
    put("headlines by the quick fit (map), without and with these rows:")
    for h in moved.headlines:
        bands = [f"{b[0]:.2f} ({b[1]:.2f} to {b[2]:.2f})" if b else "not measurable" for b in (h.before, h.after)]
        wrap(f"{h.words}: {bands[0]}, then {bands[1]} {h.unit}{'' if h.moved is None else f' ({h.moved:+.2f})'}")
        by = sorted(h.without.items(), key=lambda kv: -abs(h.after[0] - kv[1]))[:3] if h.after else []
        if by:
            wrap("by the rows of " + ", ".join(f"{m} {h.after[0] - v:+.2f}" for m, v in by), "    ")
    if not moved.headlines:
        put("  none can move, since the tables behind them have no new row")
