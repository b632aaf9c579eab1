"""A new study folder, with all you need to begin."""

from pathlib import Path

from leadtime.errors import LeadtimeError
from leadtime.whole import whole_folder

_FILES = {
    "README.md": (
        """# A study with leadtime

| here | what |
| --- | --- |
| `evidence/TABLE.csv` | rows of your own. A row with the key of a built-in row replaces it. `leadtime evidence TABLE \
--schema` tells what a column holds. |
| `scenarios/NAME.yaml` | policies of your own. `leadtime scenario list --levers` says what they can set. |
| `claims/NAME.yaml` | claims to check, in the form of `leadtime claims --help`. |
| `rules/NAME.yaml` | rules that are not in the log, or not yet. |
| `lists/` | lists of parties, CSV or JSON. `leadtime update --only lists` downloads them. |
| `imports/LABEL.N/` | what an import accepted, and in `quarantine.csv` what was refused or set aside. |
| `leadtime.toml` | the day, seed, draws and method of every command in this study. |
| `leadtime.lock` | the day, the evidence and the versions that the numbers rest on; `leadtime lock .` writes it. |

    leadtime check .                     finds mistakes, row by row, and tells what these files change
    leadtime report --study . --out out  computes the answer with them
    leadtime diff built-in .             tells which rows and answers they move, and why
    leadtime lock .                      pins the numbers; commit leadtime.lock with the rest
"""
    ),
    ".gitignore": "out/\n",
    "leadtime.toml": (
        """# Settings of every command in this study, unless an option says otherwise. Remove the # to set one.
# as_of = 2026-11-01
# seed = 0
# draws = 2000
# method = "nuts"
# locked = true    # refuse to answer when something differs from leadtime.lock
"""
    ),
    "scenarios/example.yaml": (
        """title: An example of a scenario of your own
narrative: Beijing lets in none of the allowed chips from 2027 on. All else stays as it is. Change it, or delete it.
base: as-is
levers:
  uptake:
    - {from: 2027-01-01, value: 0}
"""
    ),
    "evidence/README.md": (
        "One CSV for each table that you add to, such as `scores.csv`. Its first line names the columns.\n"
    ),
    "claims/README.md": "One YAML file for each set of claims: see the methods on claims in the documentation.\n",
    "rules/README.md": "One YAML file for each set of rules: see the methods on rules in the documentation.\n",
}


def make(folder: Path) -> list[Path]:
    """Make a study folder that changes no answer yet, and return its files.

    Raises:
        LeadtimeError: It is there and holds something, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LeadtimeError("is not a new or empty folder", where=str(folder), fix="Name another folder.")
    with whole_folder(folder.absolute()) as partial:
        for name, text in _FILES.items():
            path = partial / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return [folder / name for name in _FILES]
