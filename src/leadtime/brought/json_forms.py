"""Results in JSON and JSON lines: which form they have, and their rows."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from leadtime import json_text, unseen
from leadtime.brought import every_eval, helm
from leadtime.brought.columns import Want
from leadtime.brought.found import Found
from leadtime.errors import LeadtimeError
from leadtime.evidence.csv_rows import is_barred

#: A file of one JSON value may have so many bytes; of JSON lines each line so many, and so many fields.
MOST_BYTES, MOST_LINE, MOST_FIELDS = 200_000_000, 50_000_000, 20_000
_LISTS = ("rows", "data", "records", "results")

Table = pl.DataFrame | None


def read(
    content: bytes, want: Want, found: Found, *, lines: bool, beside: Callable[[str], bytes | None], metric: str
) -> Table:
    """Add the rows of a file, or return the table that it holds, to be read by its columns.

    Args:
        content: The file.
        want: Scores of benchmarks, or responses to items.
        found: Where rows and problems go.
        lines: Whether its name says JSON lines.
        beside: Returns the content of another file of its folder, or None.
        metric: Which of several metrics counts, empty if that is not told.

    Raises:
        LeadtimeError: It is not JSON, or has a form that leadtime cannot read.
    """
    if lines or _is_lines(content):
        return _lines(content, want, found, metric)
    if len(content) > MOST_BYTES:
        raise LeadtimeError(
            f"has a JSON value of more than {MOST_BYTES:,} bytes",
            where=found.file,
            fix="Save it as JSON lines, one record a line.",
        )
    given = json_text.parsed(content, where=found.file, numbers_alone=False)
    if helm.is_instances(given):
        _require(want, "responses", found.file)
        helm.answers(given, beside(helm.SPEC), found, metric)
        return None
    if every_eval.is_scores(given) or (isinstance(given, list) and given and all(map(every_eval.is_scores, given))):
        _require(want, "scores", found.file)
        for one in given if isinstance(given, list) else [given]:
            every_eval.scores(one, found)
        return None
    return _records(_list(given, found.file), found, n_first=1)


def _is_lines(content: bytes) -> bool:
    """Return whether a file holds several values, one a line."""
    start = content[:MOST_LINE].lstrip(b"\xef\xbb\xbf \t\r\n")
    first, _, rest = start.partition(b"\n")
    return start[:1] == b"{" and first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"


def _parsed(content: bytes, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for n, line in enumerate(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), 1):
        if not line.strip():
            continue
        if len(line) > MOST_LINE:
            raise LeadtimeError(f"has a line of more than {MOST_LINE:,} bytes", where=f"{file}, row {n}")
        given = json_text.parsed(line, where=f"{file}, row {n}", numbers_alone=False)
        if not isinstance(given, dict):
            raise LeadtimeError("this line is not a JSON record", where=f"{file}, row {n}")
        yield n, given


def _lines(content: bytes, want: Want, found: Found, metric: str) -> Table:
    rest: list[dict[str, Any]] = []
    for n, given in _parsed(content, found.file):
        if isinstance(given.get("responses"), dict):
            _require(want, "responses", found.file)
            _subject(given, n, found)
        elif every_eval.is_answer(given):
            _require(want, "responses", found.file)
            every_eval.answer(given, n, found, metric)
        elif every_eval.is_scores(given):
            _require(want, "scores", found.file)
            every_eval.scores(given, found)
        else:
            rest.append({**given, "_row": n})
    if rest and found.rows:
        raise LeadtimeError("this line has another form than the first", where=f"{found.file}, row {rest[0]['_row']}")
    if rest:
        return _records(rest, found, n_first=None)
    every_eval.require_one_metric(found)
    for row in found.rows:
        row["setting"] = None  # type: ignore[index]
    return None


def _subject(given: Mapping[str, Any], n: int, found: Found) -> None:
    """Add the answers of one subject in py-irt's form."""
    model = given.get("subject_id", given.get("model"))
    if not isinstance(model, str) or not model.strip():
        return found.refuse(n, "subject_id", model, "a name")
    for item, response in given["responses"].items():
        if isinstance(response, list | dict):
            found.refuse(n, f"responses, {item}"[:60], response, "one number")
        else:
            found.add(n, f"responses, {item}"[:60], model, item, response)
    return None


def _list(given: Any, file: str) -> list[dict[str, Any]]:
    """Return the records that a value holds.

    Raises:
        LeadtimeError: It holds none, or is what another command reads.
    """
    if isinstance(given, dict):
        _refuse_logs(given, file)
        lists = [given[k] for k in _LISTS if isinstance(given.get(k), list)]
        given = lists[0] if len(lists) == 1 else given
    if isinstance(given, list) and given and all(isinstance(r, dict) for r in given):
        if isinstance(given[0].get("name"), dict) and "count" in given[0]:
            raise LeadtimeError(
                "contains only HELM's averages of a run",
                where=file,
                fix=f"Give {helm.INSTANCES} instead. It is in the same folder.",
            )
        return given
    fix = "Expected a list of records, each with model, test and score; or Every Eval Ever's, HELM's or py-irt's form."
    what = (
        "nests its numbers by name, and which name is the model is not told"
        if isinstance(given, dict)
        else "does not contain any records"
    )
    raise LeadtimeError(what, where=file, fix=fix)


def _refuse_logs(given: Mapping[str, Any], file: str) -> None:
    """Refuse logs that other commands read, and name those."""
    if isinstance(given.get("results"), dict) and "config_general" in given:
        raise LeadtimeError(
            "is a results file of lighteval, which leadtime does not read",
            where=file,
            fix="Turn it into a table with columns model, benchmark and score.",
        )
    if isinstance(given.get("results"), dict) and {"config", "versions", "configs", "n-shot"} & set(given):
        fix = "`leadtime import lm-eval` adds it to a study."
        raise LeadtimeError("is a results file of lm-evaluation-harness", where=file, fix=fix)
    if isinstance(given.get("eval"), dict) and "status" in given:
        raise LeadtimeError(
            "is a log of Inspect AI", where=file, fix="`leadtime import inspect` turns it into a table of responses."
        )


def _records(records: list[dict[str, Any]], found: Found, n_first: int | None) -> pl.DataFrame:
    """Return records as a table of text: what is nested is left, and told."""
    if "doc_id" in records[0] and {"resps", "filtered_resps", "arguments"} & set(records[0]):
        fix = "`leadtime import lm-eval` turns it into a table of responses."
        raise LeadtimeError("contains samples of lm-evaluation-harness", where=found.file, fix=fix)
    names = dict.fromkeys(k for r in records for k in r if k != "_row")
    if len(names) > MOST_FIELDS:
        raise LeadtimeError(f"has more than {MOST_FIELDS:,} fields", where=found.file)
    nested = [k for k in names if any(isinstance(r.get(k), list | dict) for r in records)]
    if nested:
        found.notes.append(f"Left, as they are nested: {', '.join(nested[:6])}.")
    kept = [k for k in names if k not in nested]
    rows = [r["_row"] if n_first is None else n_first + i for i, r in enumerate(records)]
    if barred := [k for k in kept if is_barred(k)]:
        raise LeadtimeError(f"a field may not be called {barred[0]!r}", where=found.file, fix="Rename it.")
    cells = {k: [_text(r.get(k)) for r in records] for k in kept}
    cells |= {k: _shown(k, texts, found) for k, texts in cells.items() if any(t and unseen.holds_any(t) for t in texts)}
    table = pl.DataFrame(cells, schema=dict.fromkeys(kept, pl.String))
    return table.with_columns(pl.Series("_row", rows, dtype=pl.Int64))


def _text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _shown(name: str, texts: list[str | None], found: Found) -> list[str | None]:
    """Return the cells of a field with what nobody sees by its number, and say so."""
    found.notes.append(f"{name} holds control characters, or others that nobody sees; each stands by its number.")
    return [t and unseen.shown(t) for t in texts]


def _require(want: Want, given: Want, file: str) -> None:
    if want == given:
        return
    if want == "scores":
        what, fix = (
            "contains answers to single questions, not scores",
            "Give it with --items, or to `leadtime import results` into a .parquet.",
        )
    else:
        what, fix = (
            "contains scores, not answers to single questions",
            "Give it with --scores, or to `leadtime import results` into a study folder.",
        )
    raise LeadtimeError(what, where=file, fix=fix)
