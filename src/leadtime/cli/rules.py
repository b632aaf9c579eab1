"""`leadtime rules`: it parses, calls and shows; the analysis is in `leadtime.rules`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime import answers
from leadtime.answers.parties import party_json, party_of, screened
from leadtime.answers.plain import plain, program
from leadtime.answers.regulated import SPECS, certifications, interval, percent, status_json, status_of
from leadtime.cli.duty_shown import show_duty
from leadtime.cli.instrument_shown import happened, show_events, show_provisions
from leadtime.cli.screening_shown import ListFiles, Owners, Party, show_party, show_screening
from leadtime.cli.status_shown import show_status
from leadtime.cli.terminal import AsJson, StudyDir, open_evidence, put, put_csv, put_json, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.rules.rulebook import Rulebook

app = typer.Typer(no_args_is_help=True, help="Who may ship what to whom, on any day, as known on any day.")

#: So many rows that were refused are told.
_TOLD = 8
Known = Annotated[str | None, typer.Option("--as-known", metavar="DATE", help="Use only what was public on this day.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked about; default today.")]


def _number(option: str, words: str) -> Any:
    """Return the option of a number that may be an interval; parameters have the names that answers give them."""
    return typer.Option(option, metavar="N|LOW..HIGH", help=words)


def _rules(study: Path | None, as_known: str | None) -> "Rulebook":
    from leadtime.rules.rulebook import Rulebook

    if study is not None:
        from leadtime.evidence import lock

        if lock.read(study) is not None:
            open_evidence(None, study)  # says, or refuses, what is not as the lock pins it
    return Rulebook.open(study, as_known)


@app.command()
def status(
    chip: Annotated[str | None, typer.Argument(help="A chip, such as h100-sxm; or give its numbers.")] = None,
    to: Annotated[str, typer.Option("--to", metavar="COUNTRY", help="Destination.")] = "",
    on: On = None,
    as_known: Known = None,
    hq: Annotated[str | None, typer.Option("--hq", metavar="COUNTRY", help="Headquarters of the end user.")] = None,
    parent: Annotated[
        str | None, typer.Option("--parent", metavar="COUNTRY", help="Headquarters of its ultimate parent.")
    ] = None,
    origin: Annotated[str, typer.Option("--origin", help="us, reexport or in-country.")] = "us",
    item: Annotated[str, typer.Option("--item", help="chip, system, hbm, weights or foundry-die.")] = "chip",
    exporter: Annotated[str | None, typer.Option("--exporter", help="Who ships; default the maker.")] = None,
    designer: Annotated[
        str | None, typer.Option("--designer", metavar="COUNTRY", help="Headquarters of the chip's designer.")
    ] = None,
    not_datacenter: Annotated[
        bool, typer.Option("--not-datacenter", help="Neither designed nor marketed for data centers.")
    ] = False,
    datacenter: Annotated[bool, typer.Option("--datacenter", help="Designed or marketed for data centers.")] = False,
    tpp: Annotated[
        str | None, _number(SPECS["tpp"], "Performance: dense TOPS times bits, of the format where that is most.")
    ] = None,
    die_area_mm2: Annotated[str | None, _number(SPECS["die_area_mm2"], "Area of all dies of logic, mm2.")] = None,
    dram_gb_s: Annotated[str | None, _number(SPECS["dram_gb_s"], "Bandwidth of the memory, GB/s.")] = None,
    io_gb_s: Annotated[
        str | None, _number(SPECS["io_gb_s"], "Bandwidth to other chips, both directions and all links, GB/s.")
    ] = None,
    hbm_gb_s_mm2: Annotated[str | None, _number(SPECS["hbm_gb_s_mm2"], "Memory stack: GB/s per mm2.")] = None,
    training_operations: Annotated[
        str | None, _number(SPECS["training_operations"], "Weights: operations of training.")
    ] = None,
    node_nm: Annotated[str | None, _number(SPECS["node_nm"], "Process node, nm.")] = None,
    transistors_bn: Annotated[
        str | None, _number(SPECS["transistors_bn"], "Foundry: transistors of the package, billions.")
    ] = None,
    weights_published: Annotated[bool, typer.Option("--published", help="Weights: published.")] = False,
    copackaged: Annotated[bool, typer.Option("--copackaged", help="Memory packaged with logic.")] = False,
    attested: Annotated[bool, typer.Option("--attested", help="Foundry: an approved designer attests.")] = False,
    count_confirmed: Annotated[
        bool | None,
        typer.Option("--count-confirmed/--count-open", help="Foundry: the transistors are confirmed by who packages."),
    ] = None,
    has_hbm: Annotated[bool | None, typer.Option("--hbm/--no-hbm", help="Foundry: the package holds HBM.")] = None,
    listed: Annotated[bool, typer.Option("--listed", help="The end user is on the Entity List.")] = False,
    owned_by_listed: Annotated[
        bool, typer.Option("--owned-by-listed", help="Listed parties own half of it or more.")
    ] = False,
    validated_end_user: Annotated[bool, typer.Option("--veu", help="The end user is a validated one.")] = False,
    certified: Annotated[
        bool | None,
        typer.Option("--certified/--uncertified", help="The certifications that a policy asks for are made."),
    ] = None,
    available_in_us: Annotated[
        bool | None, typer.Option("--sold-in-us/--not-sold-in-us", help="Commercially available in the US.")
    ] = None,
    party: Party = None,
    lists: ListFiles = None,
    owner: Owners = None,
    uncertified_for: Annotated[
        list[str] | None,
        typer.Option(
            "--uncertified-for",
            metavar="WHAT",
            help="One certification of 2026 that is not made: supply, foundry, volume, security or test.",
        ),
    ] = None,
    made_with: Annotated[
        str | None,
        typer.Option(
            "--made-with",
            metavar="HOW",
            help="Made abroad: a direct product of us-technology, of a us-plant, or neither.",
        ),
    ] = None,
    us_content: Annotated[
        str | None,
        typer.Option("--us-content", metavar="PERCENT", help="Made abroad: controlled US content over the value."),
    ] = None,
    not_subject: Annotated[
        bool,
        typer.Option(
            "--not-subject",
            help="Made abroad and not subject to the US rules (no foreign direct product, under de minimis).",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", help="All of it: what is assumed, what is not confirmed, every provision and test."),
    ] = False,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Answer whether a license is needed, under which paragraph, with which prospects, and why."""
    if not to:
        raise LeadtimeError(
            "no destination was given", where="--to", fix="Example: leadtime rules status h20 --to CHN."
        )
    rules = _rules(study, as_known)
    written = (tpp, die_area_mm2, dram_gb_s, io_gb_s, hbm_gb_s_mm2, training_operations, node_nm, transistors_bn)
    numbers = {name: interval(text, name) for name, text in zip(SPECS, written, strict=True) if text is not None}
    stated: dict[str, bool | None] = {
        "datacenter": False if not_datacenter else True if datacenter else None,
        "weights_published": weights_published or None,
        "copackaged": copackaged or None,
        "attested": attested or None,
        "count_confirmed": count_confirmed,
        "has_hbm": has_hbm,
        "listed": listed or None,
        "owned_by_listed": owned_by_listed or None,
        "validated_end_user": validated_end_user or None,
        "certified": certified,
        "available_in_us": available_in_us,
        "subject": False if not_subject else None,
        **dict.fromkeys(certifications(uncertified_for or []), False),
    }
    parties = screened(rules, party, owner or [], on, lists or ())
    known: dict[str, bool | None] = {k: v for k, v in stated.items() if v is not None}
    found, chance = status_of(
        rules, chip, to, on, numbers, known if parties is None else {**parties.flags, **known}, hq=hq, parent=parent, origin=origin, item=item,
        exporter=exporter, designer=designer, made_with=made_with, us_content_percent=percent(us_content),
    )  # fmt: skip
    if as_json:
        return put_json(status_json(rules, found, chance, parties))
    show_status(found, chance, rules.changes(found), verbose=verbose)
    if parties is not None:
        show_screening(parties)
    return _stamp(rules)


@app.command()
def party(
    name: Annotated[str, typer.Argument(help="The party, as it calls itself.")],
    lists: ListFiles = None,
    owner: Owners = None,
    on: On = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Look a party and its owners up on lists; no list at hand is said, never taken for "not listed"."""
    rules = _rules(study, None)
    found = party_of(rules, name, owner or [], on, lists or ())
    if as_json:
        return put_json(party_json(rules, found))
    show_party(name, found)
    return _stamp(rules)


def _stamp(rules: "Rulebook") -> None:
    put()
    wrap("A reading of the record, not legal advice.", "")
    put(f"as known on {rules.as_known}, rules {rules.hash}, leadtime {program()['version']}")


def _day(text: str | None) -> Any:
    from leadtime.rules.transaction import day

    return day(text)


@app.command()
def timeline(
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day on.")] = None,
    of: Annotated[str, typer.Option("--of", metavar="COUNTRY", help="Only the rules of one country.")] = "",
    as_known: Known = None,
    study: StudyDir = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what happened, in the order in which it took effect."""
    from leadtime.rules.destinations import country_code
    from leadtime.rules.timeline import timeline as entries

    rules = _rules(study, as_known)
    if as_json:
        return put_json(answers.rules_timeline(rules, since=since, of=of))
    place = country_code(rules.log, of) if of else ""
    found = entries(rules.log, rules.as_known, jurisdiction=place, since=_day(since) if since else None)
    if as_csv:
        return put_csv([plain(e) for e in found])
    for e in found:
        until = f" until {e.until}" if e.until else ""
        where = f" ({e.provision})" if e.provision else ""
        mark = " ?" if e.unconfirmed else ""
        wrap(f"{e.effective_on}  {happened(e.kind)}{until}: {e.title}{mark} [{e.instrument}{where}]", "", hang=12)
    _stamp(rules)
    return print("? something about it is not confirmed; `leadtime rules show ID` says what", file=sys.stderr)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="An instrument or a provision, such as bis-2025-01-ai-diffusion.")],
    on: On = None,
    as_known: Known = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Show one instrument: what it says, what happened to it, how it stands, what is not confirmed."""
    from leadtime.rules.timeline import show as details

    rules = _rules(study, as_known)
    if as_json:
        return put_json(answers.rules_show(rules, name=name, on=on))
    day = _day(on)
    found = details(rules.log, name, day, rules.as_known)
    wrap(f"{found['id']}: {found['title']}", "")
    wrap(f"{found['citation'] or ''} ({found['kind']}, {found['jurisdiction']})", "")
    put()
    wrap(found["summary"], "")
    for label in ("note", "unconfirmed"):
        if found[label]:
            wrap(f"{label}: {found[label]}", "")
    show_events(found["events"])
    put(f"\nprovisions, on {day}, as known on {rules.as_known}:")
    show_provisions(found)
    put(f"\nsource: {found['source']}, known {found['known_on']}, confidence {found['confidence']}")
    return _stamp(rules)


@app.command()
def coverage(study: StudyDir = None, as_json: AsJson = False) -> None:
    """Say what the engine reads, what it only points to, and what it does not model."""
    from leadtime.rules.coverage import AREAS

    if as_json:
        return put_json(answers.rules_coverage(_rules(study, None)))
    for how in ("modelled", "pointer only", "not modelled"):
        put(how)
        for area in AREAS:
            if area.how == how:
                wrap(f"{area.title[0].upper()}{area.title[1:]}{f' ({area.pinpoint})' if area.pinpoint else ''}", "  ")
                wrap(area.words, "      ")
        put()
    return wrap("A reading of the record, not legal advice.", "")


@app.command()
def diff(
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The earlier day.")],
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The later day; default today.")] = None,
    chip: Annotated[list[str] | None, typer.Option("--chip", help="Only these chips.")] = None,
    as_known: Known = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed for whom between two days."""
    from leadtime.rules import timeline as lines
    from leadtime.rules.names import chip_id

    rules = _rules(study, as_known)
    if as_json:
        return put_json(answers.rules_diff(rules, since=since, to=to, chip=chip))
    begin, end = _day(since), _day(to)
    chips = tuple(chip_id(rules.log, c) for c in chip) if chip else lines.WATCHED
    found = lines.diff(rules.log, begin, end, rules.as_known, chips)
    events = [e for e in lines.timeline(rules.log, rules.as_known) if begin < e.effective_on <= end]
    put(f"events after {begin}, to {end}:")
    for e in events:
        wrap(f"{e.effective_on}  {happened(e.kind)}: {e.title}", "  ", hang=12)
    put("\nwhat changed for whom:")
    for c in found:
        people = c.to if c.to == c.hq else f"{c.to}, end user of {c.hq}"
        wrap(f"{c.chip} to {people} ({c.origin})", "  ")
        wrap(c.before, "      ")
        wrap(f"-> {c.after}", "   ")
    if not found:
        put("  nothing that is watched")
    return _stamp(rules)


@app.command()
def tariffs(
    good: Annotated[
        str, typer.Option("--good", help="Goods: semiconductors, ai-chips, servers, polysilicon, general ...")
    ],
    origin: Annotated[str, typer.Option("--from", metavar="COUNTRY", help="Country of origin.")],
    on: On = None,
    chip: Annotated[str | None, typer.Option("--chip", help="A chip, for duties that turn on its numbers.")] = None,
    end_use: Annotated[
        str,
        typer.Option(
            "--end-use",
            help="us-data-center, us-repair, us-research, us-startup, consumer, industrial, public-sector or other.",
        ),
    ] = "",
    as_known: Known = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the duties on goods entering the United States: each layer with authority, rate and dates."""
    from leadtime.rules.names import chip_id

    rules = _rules(study, as_known)
    if as_json:
        return put_json(answers.rules_tariffs(rules, good=good, origin=origin, on=on, chip=chip, end_use=end_use))
    found = rules.duty(good, origin, _day(on), chip=chip_id(rules.log, chip) if chip else "", end_use=end_use)
    show_duty(good, found)
    return _stamp(rules)


@app.command()
def ledger(
    file: Annotated[Path, typer.Argument(help="CSV of shipments: date, chip, to, quantity [, hq, exporter, buyer].")],
    as_known: Known = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Check shipments against caps and volume shares, which no single transaction can break; bad rows are set aside."""
    rules = _rules(study, as_known)
    found = rules.ledger(file)
    if as_json:
        put_json({**rules.stamp, **plain(found)})
        return _refused(found.refused, "")
    for c in found.checks:
        wrap(f"{c.verdict}: {c.constraint}: {c.who}: {c.used:,.6g} of {c.limit:,.6g} {c.unit} ({c.basis})", "")
        if c.unconfirmed:
            wrap(f"not confirmed: {c.unconfirmed}", "    ")
    if not found.checks:
        put("no shipment is under a cap or a volume share")
    wrap(f"{found.n_read} rows read, {len(found.refused)} set aside", "")
    _stamp(rules)
    return _refused(found.refused, "")


def _refused(rows: Sequence[tuple[int, str]], where: str, n: int | None = None) -> None:
    """Tell the rows that were set aside; the command then ends with 1."""
    for row, reason in rows[:_TOLD]:
        print(f"row {row}: {reason}", file=sys.stderr)
    n = len(rows) if n is None else n
    if n:
        print(f"{n} rows refused{where}", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def batch(
    file: Annotated[Path, typer.Argument(help="CSV of transactions: to, chip or numbers, on [, as_known, hq, ...].")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the statuses.")],
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Where to write bad rows; default OUT.rejects.csv.")
    ] = None,
    lists: ListFiles = None,
    as_known: Known = None,
    study: StudyDir = None,
    as_json: AsJson = False,
) -> None:
    """Read many transactions and write the same with statuses; bad rows are kept aside, and the command ends with 1."""
    from leadtime.rules.batch import run

    rules = _rules(study, as_known)
    aside = rejects or out.with_name(out.name + ".rejects.csv")
    done = run(rules.log, file, out, aside, rules.as_known, rules.parties_with(lists or ()))
    if as_json:
        put_json({**rules.stamp, **plain(done)})
    else:
        put(f"{done.n_answered} answered in {out}")
        _stamp(rules)
    return _refused(done.first_problems, f", kept in {aside}", done.n_refused)
