"""Turkish and German, made in a folder of their own: a machine need not have them installed, only what they are made
of.
"""

import shutil
import subprocess
from pathlib import Path

#: Languages in which i without its dot, or decimals with a comma, are usual.
LANGUAGES = ("tr_TR", "de_DE")
_SOURCES = Path("/usr/share/i18n/locales")
#: A program that has set the C library's language, as some that Python runs in do, and has it from the environment.
SET = "import locale\nlocale.setlocale(locale.LC_ALL, '')\n"


def can() -> bool:
    """Return whether the languages can be made: Debian's package `locales` has what they are made of."""
    return shutil.which("localedef") is not None and all((_SOURCES / name).exists() for name in LANGUAGES)


def make(folder: Path) -> dict[str, dict[str, str]]:
    """Make the languages in a folder, and return the environment of each by its name."""
    for name in LANGUAGES:
        subprocess.run(["localedef", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")], check=True)
    return {
        f"{name}.UTF-8": {"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8", "LANG": f"{name}.UTF-8"}
        for name in LANGUAGES
    }
