"""`leadtime import` and `leadtime fetch`: what others wrote, as files that leadtime reads."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.answers.plain import program
from leadtime.cli.terminal import AsJson, plain, put, put_json, wrap
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.evidence import Evidence
    from leadtime.importers.outcome import Note, Outcome, Refused
    from leadtime.importers.rows import Sorted

app = typer.Typer(no_args_is_help=True, help="Take in what other programs wrote: evaluation logs, tables, public data.")
fetching = typer.Typer(no_args_is_help=True, help="Bring public data into a study folder.")
_SHOWN = 10

Into = Annotated[
    Path, typer.Option("--into", metavar="DIR", help="The study folder that takes the rows; made if it is not there.")
]
Label = Annotated[
    str | None, typer.Option("--label", help="Names this import: a second of the same label replaces the first.")
]
Rename = Annotated[
    list[str] | None,
    typer.Option("--model", metavar="NAME=ID", help="Call the model NAME of the files ID; may be repeated."),
]
Replace = Annotated[bool, typer.Option("--replace", help="Rows that say otherwise than the evidence replace it.")]
KnownOn = Annotated[str | None, typer.Option("--known-on", metavar="DATE", help="The day of the copy; default today.")]
Percent = Annotated[bool, typer.Option("--percent", help="Numbers are in percent, where a file does not say.")]
Strict = Annotated[bool, typer.Option("--strict", help="Write nothing if anything is refused.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and write nothing.")]


@app.command("inspect")
def inspect_(
    paths: Annotated[list[Path], typer.Argument(help="Logs (.eval, .json), or folders of them.")],
    into: Annotated[Path, typer.Option("--into", metavar="FILE", help="The Parquet file of responses to write.")],
    scorer: Annotated[
        str,
        typer.Option(
            "--scorer",
            metavar="NAME or NAME/PART",
            help=(
                "Whose scores, where a task has several; default the first. PART picks one of a score of several parts."
            ),
        ),
    ] = "",
    rename: Rename = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take the responses of Inspect AI logs: for `leadtime capability --items` and `leadtime lag --items`."""
    from leadtime.importers import inspect as logs

    _responses(logs.read(paths, scorer=scorer), into, _renames(rename), strict=strict, dry_run=dry_run, as_json=as_json)


@app.command("lm-eval")
def lm_eval_(
    paths: Annotated[list[Path], typer.Argument(help="Results and samples of lm_eval, or folders or zips of them.")],
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            metavar="FILE or DIR",
            help="A .parquet takes the samples as responses; a study folder takes the results as scores.",
        ),
    ],
    evaluator: Annotated[
        str, typer.Option("--evaluator", help="Who ran it: an id of organizations (for results).")
    ] = "",
    which_filter: Annotated[
        str, typer.Option("--filter", help="Which reading of the answers counts, where a task has several.")
    ] = "",
    label: Label = None,
    rename: Rename = None,
    known_on: KnownOn = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take the results or the samples of lm-evaluation-harness."""
    from leadtime.importers import lm_eval, lm_eval_samples
    from leadtime.importers.place import label as fit

    if into.suffix == ".parquet":
        read = lm_eval_samples.responses(paths, which_filter=which_filter)
        _responses(read, into, _renames(rename), strict=strict, dry_run=dry_run, as_json=as_json)
        return
    if not evaluator:
        raise LeadtimeError(
            "it is not known who ran the evaluations",
            where="--evaluator",
            fix="An id of `leadtime evidence organizations`, or one of your evidence/organizations.csv.",
        )
    name = fit(label or f"lm-eval-{paths[0].resolve().stem}")
    source = {
        "id": name,
        "title": f"lm-evaluation-harness results ({name})",
        "publisher": evaluator,
        "published_on": str(_day(known_on)),
        "kind": "primary",
    }
    evidence = _evidence(into, name)
    found = lm_eval.scores(
        paths, evidence, evaluator=evaluator, source=source, renamed=_renames(rename), which_filter=which_filter
    )
    _rows(found, into, name, strict=strict, dry_run=dry_run, as_json=as_json)


@app.command("epoch")
def epoch_(
    path: Annotated[
        Path,
        typer.Argument(
            help=(
                "The Benchmarking Hub's folder or zip, eci_benchmarks.csv, or a table of models, hardware or chip"
                " counts."
            )
        ),
    ],
    into: Into,
    label: Label = None,
    rename: Rename = None,
    known_on: KnownOn = None,
    replace: Replace = False,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take Epoch AI's published files: scores, training runs, peaks of chips, arrivals of chips."""
    from leadtime.importers import epoch
    from leadtime.importers.place import label as fit

    name = fit(label or f"epoch-{path.resolve().stem}")
    found = epoch.read(path, _evidence(into, name), known_on=_day(known_on), renamed=_renames(rename), replace=replace)
    _rows(found, into, name, strict=strict, dry_run=dry_run, as_json=as_json)


@app.command("csv")
def csv_(
    path: Annotated[Path | None, typer.Argument(help="A CSV in the columns of a table.")] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="The study folder that takes the rows; made if it is not there."),
    ] = None,
    table: Annotated[str, typer.Option("--table", help="Which table of the evidence.")] = "scores",
    template: Annotated[
        str | None,
        typer.Option("--template", metavar="TABLE", help="Print a CSV to begin with, and stop; `responses` for items."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="THEIRS=OURS", help="Their column THEIRS is our OURS; may be repeated."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="COLUMN=VALUE", help="A value for a column that is not there, or empty; may be repeated."
        ),
    ] = None,
    percent: Percent = False,
    label: Label = None,
    rename: Rename = None,
    replace: Replace = False,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a plain CSV: sound rows go into the study, the others are told by row."""
    from leadtime.importers import plain
    from leadtime.importers.place import label as fit

    if template is not None:
        return put(plain.template(template, _evidence(None, "")).rstrip("\n"))
    if path is None or into is None:
        raise LeadtimeError(
            "this needs a file and a study folder",
            where="import csv",
            fix="leadtime import csv FILE --into DIR; --template scores prints a file to begin with.",
        )
    name = fit(label or (path.stem if table == "scores" else f"{path.stem}-{table}"))
    found = plain.read(
        path,
        table,
        _evidence(into, name),
        columns=_pairs(column),
        values=_pairs(value),
        renamed=_renames(rename),
        replace=replace,
        percent=percent,
    )
    _rows(found, into, name, strict=strict, dry_run=dry_run, as_json=as_json)


@fetching.command("epoch")
def fetch_epoch(
    into: Into,
    what: Annotated[str, typer.Option("--what", help="benchmarks, index, models, hardware, or all.")] = "benchmarks",
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A copy made elsewhere, without a network.")
    ] = None,
    mirror: Annotated[str, typer.Option("--mirror", metavar="URL", help="Another address that holds the files.")] = "",
    sha256: Annotated[str, typer.Option("--sha256", help="The checksum the file must have.")] = "",
    rename: Rename = None,
    known_on: KnownOn = None,
    replace: Replace = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring Epoch AI's files, if they changed, and take their rows: shows what is new since last time."""
    from leadtime.importers import epoch, fetch
    from leadtime.importers.place import label as fit

    files = epoch.rules()["downloads"]["files"]
    if what != "all" and what not in files:
        raise LeadtimeError(f"there is no {what!r} to fetch", where="--what", fix=f"One of {', '.join(files)}, all.")
    chosen = list(files) if what == "all" else [what]
    if len(chosen) > 1 and (sha256 or from_):
        raise LeadtimeError(
            "one file has one checksum and one copy", where="--sha256, --from", fix="Name one with --what."
        )
    said = []
    for one in chosen:
        if from_ is None:
            brought = fetch.fetch(
                f"{(mirror or epoch.rules()['downloads']['address']).rstrip('/')}/{files[one]}", into, sha256=sha256
            )
            path, day = into / fetch.FOLDER / brought.file, brought.modified_on
            about = {"url": brought.url, "sha256": brought.sha256, "bytes": brought.n_bytes, "became": brought.became}
        else:
            path, day, about = from_, _day(known_on), {"file": str(from_)}
        name = fit(f"epoch-{Path(files[one]).stem}")
        found = epoch.read(
            path,
            _evidence(into, name),
            known_on=_day(known_on) if known_on else day,
            renamed=_renames(rename),
            replace=replace,
        )
        if not as_json and from_ is None:
            put(f"{about['url']}: {about['became']}, {about['bytes']:,} bytes, sha256 {str(about['sha256'])[:16]}")
        said.append({**about, **_rows(found, into, name, strict=False, dry_run=dry_run, as_json=as_json, alone=False)})
    if as_json:
        put_json(said)


def _evidence(study: Path | None, label: str) -> "Evidence":
    """Return all evidence of every day, that of the study among it, without what an earlier import of the label wrote."""
    from leadtime.evidence import Evidence

    there = study if study is not None and study.exists() else None
    return Evidence.load(there, as_of=dt.date.max, without=label)


def _rows(
    found: "Sorted", into: Path, label: str, *, strict: bool, dry_run: bool, as_json: bool, alone: bool = True
) -> dict[str, Any]:
    """Place what was sorted out, tell it, and return it in plain."""
    from leadtime.importers.place import ASIDE, place

    if strict and found.refused:
        _tell("refused", found.refused)
        _tell("set aside", found.aside)
        raise LeadtimeError(
            f"{len(found.refused)} refused, and --strict: nothing was written", where=str(found.refused[0])
        )
    placed = [] if dry_run else place(found, into, label)
    n = {
        "files": found.n_files,
        "accepted": {t: r.height for t, r in found.accepted.items()},
        "known": found.n_known,
        "set_aside": len(found.aside),
        "refused": len(found.refused),
    }
    said = {
        **program(),
        **n,
        "notes": [str(n) for n in found.notes],
        "written": [
            {"file": p.file, "became": p.became, "n_added": p.n_added, "n_changed": p.n_changed, "n_gone": p.n_gone}
            for p in placed
        ],
        "set_aside_because": [_plain(r) for r in found.aside],
        "refused_because": [_plain(r) for r in found.refused],
    }
    if as_json:
        if alone:
            put_json(said)
        return said
    _tell("refused", found.refused)
    _tell("set aside", found.aside)
    _tell_notes(found.notes)
    taken = ", ".join(f"{r.height:,} {t}" for t, r in found.accepted.items() if t != "sources") or "nothing new"
    put(
        f"{found.n_files} file{'s' * (found.n_files != 1)}: {taken}; {found.n_known:,} rows known already;"
        f" {len(found.aside):,} set aside; {len(found.refused):,} refused"
    )
    for p in placed:
        moved = (
            f" ({p.n_added} new, {p.n_changed} changed, {p.n_gone} gone)"
            if p.became == "changed" and not p.file.endswith(f"/{ASIDE}")
            else ""
        )
        put(f"{into / p.file}: {p.became}{moved}")
        for line in p.changes[:_SHOWN] if p.became == "changed" else ():
            wrap(line, "    ")
    if dry_run:
        put("--dry-run: nothing was written")
    return said


def _responses(
    found: "Outcome", into: Path, names: dict[str, str], *, strict: bool, dry_run: bool, as_json: bool
) -> None:
    from leadtime.importers.outcome import write

    if not as_json or found.responses.is_empty() or (strict and found.refused):
        _tell("refused", found.refused)
        _tell_notes(found.notes)
    if strict and found.refused:
        raise LeadtimeError(
            f"{len(found.refused)} refused, and --strict: nothing was written", where=str(found.refused[0])
        )
    called = found.responses["model"].unique().sort()
    strange = [name for name in names if name not in set(called)]
    if strange and not found.responses.is_empty():
        raise LeadtimeError(
            f"the logs have no model {strange[0]!r}",
            where="--model",
            fix=f"Theirs are {', '.join(map(repr, called.head(_SHOWN)))}.",
        )
    rows = found.responses.with_columns(found.responses["model"].replace(names)).sort("model", "item")
    if rows.select("model", "item").is_duplicated().any():
        raise LeadtimeError(
            "two models of the logs have the same name and answered the same items",
            where="--model",
            fix="Give them different names.",
        )
    became = "not written" if dry_run else write(rows, into)
    n = {
        "files": found.n_files,
        "models": rows["model"].n_unique(),
        "items": rows["item"].n_unique(),
        "accepted": int(rows["count"].sum()),
        "refused": len(found.refused),
    }
    if as_json:
        said = {"notes": [str(n) for n in found.notes], "refused_because": [_plain(r) for r in found.refused]}
        return put_json({**program(), **n, "file": str(into), "became": became, **said})
    put(
        f"{n['accepted']:,} responses of {n['models']} models to {n['items']:,} items from {n['files']} files;"
        f" {n['refused']:,} refused"
    )
    return put(f"{into}: {became}")


def _plain(r: "Refused") -> dict[str, str]:
    return {"file": r.file, "row": r.row, "reason": r.reason}


def _tell(what: str, rows: list["Refused"]) -> None:
    """Say the first rows on the error stream, and the rest by reason; the file of the quarantine has all."""
    for r in rows[:_SHOWN]:
        print(f"{what}: {plain(str(r))}", file=sys.stderr)
    if len(rows) > _SHOWN:
        why = Counter(r.reason for r in rows[_SHOWN:])
        most = "; ".join(f"{k} x {w}" for w, k in why.most_common(5))
        print(f"{what}: {len(rows) - _SHOWN:,} more: {most}{'; ...' if len(why) > 5 else ''}", file=sys.stderr)


def _tell_notes(notes: Iterable["Note"]) -> None:
    """Say what no rule covers, once for all files of which the same is true, with their rows summed."""
    alike: dict[str, list[Note]] = {}
    for note in notes:
        alike.setdefault(note.text, []).append(note)
    for same in alike.values():
        more = f" and {len(same) - 1} more" if len(same) > 1 else ""
        whole = same[0]._replace(file=f"{same[0].file}{more}", n_rows=sum(n.n_rows for n in same))
        print(f"note: {whole}", file=sys.stderr)


def _pairs(given: list[str] | None) -> dict[str, str]:
    return dict(_pair(text) for text in given or ())


def _renames(given: list[str] | None) -> dict[str, str]:
    """Return names of models to ids: the last equal sign parts them, for the name of a model that was set in some way
    has its own.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, model = text.rpartition("=")
        found |= {name: model} if name and equals and model else dict((_pair(f"={text}"),))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, other = text.partition("=")
    if not equals or not name or not other:
        raise LeadtimeError(
            f"{text!r} does not name a model",
            where="--model, --column, --set",
            fix="Expected NAME=ID, such as openai/ours=our-model.",
        )
    return name, other


def _day(text: str | None) -> dt.date:
    from leadtime.study import parse_date

    return parse_date(text) or dt.date.today()  # noqa: DTZ011 - the user's own calendar day
