"""How good the evidence is, by table: who speaks, what was really read, how the days are known."""

from importlib import import_module

from mdtable import list_table

KIND = ("primary", "official", "vendor", "press", "analysis")
READ = ("first_hand", "second_hand", "not_recorded")
DATED = ("published", "page", "history", "estimated", "copy")


def describe() -> str:
    """Return the quality of the built-in evidence, as `leadtime evidence --quality` counts it."""
    evidence = import_module("leadtime.evidence").Evidence.load()
    found = import_module("leadtime.answers").ask(evidence, "evidence quality").to_json()
    tables = found["rows"]
    copies = sum(t["dated_by"]["copy"] for t in tables)
    scores = next(t for t in tables if t["table"] == "scores")
    bare = [(f"`{s['source']}`", s["why"] or "") for s in found["sources_without_address"]]
    return "\n".join(
        [
            (
                f"As of {found['stamp']['as_of']}, evidence {found['stamp']['evidence_hash']}:"
                f" {sum(t['rows'] for t in tables):,} rows; {found['n_models_scored']} of {found['n_models']} models"
                f" have scores, on {found['n_benchmarks_scored']} benchmarks. Of {scores['rows']:,} scores"
                f" {scores['read']['first_hand']:,} were read in the source itself. The day of"
                f" {scores['dated_by']['copy']:,} scores, and of {copies:,} rows in all, is only an upper bound; that"
                f" of {scores['dated_by']['estimated']:,} scores is estimated.\n"
            ),
            "## Who states the rows\n",
            list_table(
                ("Table", "Rows", *KIND, "Newest row"),
                [
                    (
                        f"`{t['table']}`",
                        f"{t['rows']:,}",
                        *(share(t["kind"][k], t["rows"]) for k in KIND),
                        t["newest"] or "-",
                    )
                    for t in tables
                ],
            ),
            "## Where they were read, and how their days are known\n",
            list_table(
                (
                    "Table",
                    "First hand",
                    "Second hand",
                    "Not recorded",
                    *(d.capitalize() for d in DATED),
                    "Unconfirmed rows",
                ),
                [
                    (
                        f"`{t['table']}`",
                        *(share(t["read"][k], t["rows"]) for k in READ),
                        *(share(t["dated_by"][k], t["rows"]) for k in DATED),
                        f"{t['n_unconfirmed']:,}",
                    )
                    for t in tables
                ],
            ),
            "## Sources without an address\n",
            list_table(("Source", "Why"), bare),
        ]
    )


def share(part: int, whole: int) -> str:
    """Return a part in per cent, a dash where there is none."""
    return f"{100 * part / whole:.0f} %" if part else "-"
