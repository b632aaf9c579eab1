"""PROPOSAL.md: what is new, what conflicts, which headline moves and by which rows, and what a person has to
confirm.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable

import leadtime
from leadtime.errors import nearest
from leadtime.evidence import Evidence
from leadtime.importers.outcome import Refused
from leadtime.update.connector import PROVISIONAL
from leadtime.update.gather import Gathering
from leadtime.update.headlines import DRAWS, Headline, Moved
from leadtime.update.proposal import ASIDE, LEADS
from leadtime.update.relisted import Relisted

#: What an import says of an option that an update has not.
_REPLACE = ". --replace would take it"
_SHOWN, _FEW, _WIDE = 25, 25, 100


def text(found: Gathering, moved: Moved | None, lists: list[Relisted], evidence: Evidence, day: str) -> str:
    """Return the note of a proposal, fit for a pull request; what strangers wrote stands in it as code."""
    parts = [
        [
            f"# New evidence, {day}",
            "",
            (
                f"A proposal by `leadtime update` {leadtime.__version__}. Nothing of it is in the built-in tables: a"
                " person reads it, confirms or corrects its rows, and takes them over."
            ),
        ],
        _new(found),
        _headlines(moved),
        _conflicts(found),
        _confirm(found, evidence),
        _lists(lists, day),
        _leads(found),
        _not_taken(found),
        _asked(found),
    ]
    return "\n\n".join("\n".join(p) for p in parts if p) + "\n"


def _new(found: Gathering) -> list[str]:
    rows = found.rows
    taken = [f"| {t} | {r.height:,} |" for t, r in rows.accepted.items()]
    if not taken:
        return ["## What is new", "", f"No row: {rows.n_known:,} rows are known already."]
    out = [
        "## What is new",
        "",
        "| table | new rows |",
        "| --- | ---: |",
        *taken,
        "",
        f"{rows.n_known:,} more rows are known already.",
    ]
    if "scores" in rows.accepted:
        by = Counter(rows.accepted["scores"]["model"].to_list()).most_common(_SHOWN)
        fresh = {n.id for n in found.new.models}
        out += [
            "",
            "Scores by model (new models marked *): "
            + ", ".join(f"{code(m)}{'*' * (m in fresh)} {n}" for m, n in by)
            + _more(rows.accepted["scores"]["model"].n_unique() - len(by)),
        ]
    for table, r in rows.accepted.items():
        if "id" in r.columns and r.height <= _FEW and table not in ("sources", "models", "organizations", "benchmarks"):
            out += ["", f"New in {table}: {_list(r['id'])}."]
    return out


def _headlines(moved: Moved | None) -> list[str]:
    if moved is None:
        return ["## Which headline moves", "", "Not computed."]
    if not moved.headlines:
        return ["## Which headline moves", "", "None: no row of the tables that they rest on is new."]
    out = [
        "## Which headline moves",
        "",
        (
            f"By the quick fit (method map, {DRAWS} draws, the same seed before and after); the published numbers are"
            " by NUTS and differ somewhat. Medians with 90% intervals."
        ),
        "",
        "| headline | unit | before | with this | moved | new scores of known models alone |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    out += [
        f"| {h.words} | {h.unit} | {_band(h.before)} | {_band(h.after)} | {_signed(h.moved)} | {_alone(h)} |"
        for h in moved.headlines
    ]
    if moved.answer_after:
        same = moved.answer_before == moved.answer_after
        out += ["", f"The answer in a sentence {'stays' if same else 'changes'}: {moved.answer_after}"]
        out += [] if same else [f"Before: {moved.answer_before}"]
    by_model = [h for h in moved.headlines if h.without and h.after]
    if by_model:
        out += [
            "",
            (
                "By which model: what each headline would be without the rows of one (a new model taken off the"
                " frontier, abilities as fitted; a known one without its new scores, fitted again)."
            ),
            "",
            "| model | " + " | ".join(f"{h.words}: without it | its rows move it by" for h in by_model) + " |",
            "| --- |" + " ---: | ---: |" * len(by_model),
        ]
        out += _by_model(by_model)
    if moved.not_left_out:
        out += ["", f"On the frontier too, and not left out one at a time, for time: {_list(moved.not_left_out)}."]
    return out


def _by_model(headlines: list[Headline]) -> list[str]:
    """Return a line for each model, those that move most first."""
    after = {h.name: h.after[0] for h in headlines if h.after}
    models = {m for h in headlines for m in h.without}
    by = {m: {h.name: h.without.get(m) for h in headlines} for m in models}

    def most(model: str) -> float:
        return max(abs(after[n] - v) for n, v in by[model].items() if v is not None)

    lines = []
    for model in sorted(models, key=lambda m: (-most(m), m)):
        cells = [f"{v:.2f} | {after[n] - v:+.2f}" if v is not None else " | " for n, v in by[model].items()]
        lines.append(f"| {code(model)} | {' | '.join(cells)} |")
    return lines


def _conflicts(found: Gathering) -> list[str]:
    differs = [r for r in found.rows.aside if r.reason.startswith("differs from the evidence")]
    if not differs and not found.conflicts:
        return ["## What conflicts with the evidence", "", "Nothing."]
    out = ["## What conflicts with the evidence", "", *(f"- {_plain(c)}" for c in found.conflicts)]
    return (
        out
        + [f"- {code(r.file)}, {r.row}: {_plain(r.reason.replace(_REPLACE, ''))}" for r in differs[:_SHOWN]]
        + _rest(len(differs))
    )


def _confirm(found: Gathering, evidence: Evidence) -> list[str]:
    out = ["## To be confirmed by a person", ""]
    known = evidence["models"]["id"].to_list()
    models = sorted(found.new.models, key=lambda n: n.row["released_on"] or "", reverse=True)
    if models:
        out += [
            (
                f"{len(models)} models that the evidence does not know enter provisionally, from the columns of their"
                " own rows. None was taken for a known one: where a name below is one, add it to that model's aliases"
                " instead."
            ),
            "",
            "| model | by | released | weights | row | known names near it | not told |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for n in models[:_SHOWN]:
            near = ", ".join(code(k) for k in nearest(n.id, known, 3)) or "none"
            maker = f"{code(n.row['organization'])}{' (new)' if n.new_organization else ''}"
            out.append(
                f"| {code(n.id)} ({code(n.row['name'])}) | {maker} | {n.row['released_on']} | {n.row['weights']} |"
                f" {code(n.mention.file)}, {_plain(n.mention.row)} | {near} | {_plain('; '.join(n.unstated))} |"
            )
        out += _rest(len(models))
    for table in ("organizations", "benchmarks"):
        rows = found.rows.accepted.get(table)
        ours = [] if rows is None else [r for r in rows.to_dicts() if (r["note"] or "").startswith(PROVISIONAL)]
        if ours:
            out += [
                "",
                f"New {table}: "
                + "; ".join(f"{code(r['id'])} ({code(r['name'])})" for r in ours[:_SHOWN])
                + _more(len(ours) - _SHOWN),
            ]
    if found.new.grouped:
        pairs = [f"{code(n)} as {code(m)}" for n, m in sorted(found.new.grouped.items())]
        out += [
            "",
            "Versions that the publisher itself counts to a known model: "
            + ", ".join(pairs[:_SHOWN])
            + _more(len(pairs) - _SHOWN),
        ]
    if lacking := _named_aside(found):
        out += ["", "Models in the files that could not enter:", ""]
        out += [
            f"- {code(n)} ({k} rows): {_plain(why)}; near: {', '.join(code(x) for x in nearest(n, known, 3)) or 'none'}"
            for n, k, why in lacking[:_SHOWN]
        ]
        out += _rest(len(lacking))
    return out if len(out) > 2 else [*out, "Nothing is provisional."]


def _named_aside(found: Gathering) -> list[tuple[str, int, str]]:
    """Return the names of unknown models whose rows wait, with how many and why they could not enter, most
    rows first.
    """
    counted: Counter[str] = Counter()
    for r in found.rows.aside:
        if (said := re.fullmatch(r"no model of the evidence is called '(.*)'", r.reason)) is not None:
            counted[said[1]] += 1
    return [(n, k, found.new.lacking.get(n, "its rows tell neither maker nor day")) for n, k in counted.most_common()]


def _lists(lists: list[Relisted], day: str) -> list[str]:
    if not lists:
        return []
    out = ["## Lists of parties", "", "They are in `lists/` as published, and enter no table."]
    for x in lists:
        age = (dt.date.fromisoformat(day) - x.day).days
        newest = f", newest entry of {x.newest}" if x.newest else ", no entry has a day"
        out += ["", f"### {code(x.file)}", "", f"{x.n_entries:,} parties, of {x.day} ({age} days old){newest}."]
        out += [f"**{_plain(x.warning[0].upper() + x.warning[1:])}.**"] if x.warning else []
        out += ["", *(f"- {n:,} of {code(source)}" for source, n in x.by_list[:_SHOWN])]
        if not x.compared:
            out += ["", "There was no list of that name to compare with."]
            continue
        out += [
            "",
            f"Against {x.compared}: {len(x.added):,} added, {len(x.removed):,} removed, {x.n_changed:,} changed.",
        ]
        for words, names in (("Added", x.added), ("Removed", x.removed)):
            out += ["", f"{words}: {_list(names)}."] if names else []
    return out


def _leads(found: Gathering) -> list[str]:
    if not found.leads:
        return []
    newest = sorted(found.leads, key=lambda lead: (lead.published_on, lead.number), reverse=True)
    out = [
        "## Documents to read",
        "",
        (
            f"{len(newest)} documents on 15 CFR 730-774 that no row of the log of rules cites; all are in `{LEADS}`."
            " A person decides whether one belongs in this log."
        ),
        "",
        "| document | kind | published | effective | title |",
        "| --- | --- | --- | --- | --- |",
    ]
    out += [
        f"| {_linked(lead.number, lead.url)} | {_plain(lead.kind)} | {lead.published_on} | {_plain(lead.effective_on)}"
        f" | {code(lead.title)} |"
        for lead in newest[:_SHOWN]
    ]
    return out + _rest(len(newest))


def _not_taken(found: Gathering) -> list[str]:
    rows = found.rows
    out = [
        "## What was not taken",
        "",
        (
            f"{len(rows.refused):,} rows refused, {len(rows.aside):,} set aside for someone to decide: all in"
            f" `{ASIDE}`, with their cells."
        ),
    ]
    for title, told in (("Refused", rows.refused), ("Set aside", rows.aside)):
        if told:
            why = Counter(_plain(r.reason) for r in told).most_common(12)
            out += ["", f"{title}:", "", *(f"- {n:,} x {w}" for w, n in why)]
    if found.unread:
        out += ["", "Files that no connector reads:", "", *_told(found.unread)]
    return out


def _asked(found: Gathering) -> list[str]:
    out = ["## Who was asked", "", "| connector | files | rows read | failed |", "| --- | ---: | ---: | ---: |"]
    out += [f"| {a.name} ({a.title}) | {a.n_files} | {a.n_rows:,} | {len(a.failed)} |" for a in found.asked]
    if failed := [r for a in found.asked for r in a.failed]:
        out += ["", "What failed (the others went on):", "", *_told(failed)]
    notes = Counter(f"{_plain(n.text)}" for n in found.rows.notes)
    if notes:
        out += ["", "What no rule covers:", "", *(f"- {w} ({n} file{'s' * (n > 1)})" for w, n in notes.most_common(15))]
    return out


def _told(rows: list[Refused]) -> list[str]:
    return [f"- {code(r.file)}{f', {r.row}' if r.row else ''}: {_plain(r.reason)}" for r in rows[:_SHOWN]] + _rest(
        len(rows)
    )


def code(words: object) -> str:
    """Return what a stranger wrote as a span of code on one line: no markup, mention or link of it takes effect."""
    one = " ".join(str(words).replace("`", "'").split()).replace("|", "\\|")
    return f"`{one[: _WIDE - 3] + '...' if len(one) > _WIDE else one or ' '}`"


def _plain(words: str) -> str:
    """Return words, a file's among them, so that no markup of them takes effect."""
    one = " ".join(words.split())[:300]
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", one).replace("@", "@\u200b")


def _linked(number: str, url: str) -> str:
    safe = re.fullmatch(r"https://www\.federalregister\.gov/[\w./%-]+", url)
    return f"[{_plain(number)}]({url})" if safe else code(number)


def _band(b: tuple[float, float, float] | None) -> str:
    return "not measurable" if b is None else f"{b[0]:.2f} ({b[1]:.2f} to {b[2]:.2f})"


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"


def _alone(h: Headline) -> str:
    return "" if h.known_only is None or h.before is None else f"{h.known_only - h.before[0]:+.2f}"


def _list(names: Iterable[str]) -> str:
    every = [code(n) for n in names]
    return ", ".join(every[:_SHOWN]) + _more(len(every) - _SHOWN)


def _more(n: int) -> str:
    return f" and {n:,} more" if n > 0 else ""


def _rest(n: int) -> list[str]:
    return [f"- and {n - _SHOWN:,} more"] if n > _SHOWN else []
