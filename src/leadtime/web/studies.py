"""Studies that readers bring: a few files over the evidence that is served, kept by a keyed hash of their content."""

import hashlib
import hmac
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, imports, lock, parts
from leadtime.folder.check import Checked, check
from leadtime.web.store import Store, kept_in

#: Studies that one server keeps.
MOST = 1000
_FILE = re.compile(
    r"(?:evidence/[a-z_]{1,40}(?:\.[a-z0-9-]{1,40})?\.csv|(?:scenarios|claims|rules)/[a-z0-9][a-z0-9-]{0,60}\.yaml)"
)
_MOST_FILES = 40
#: A YAML file of a study may have this many characters, all its files together this many; YAML takes seconds a megabyte.
_MOST_YAML, _MOST_CHARACTERS = 100_000, 4_000_000


class Studies:
    """The saved studies of one server.

    Args:
        store: Where they are kept.
        base: Study folder that is served, which they add to; None for the built-in evidence.
    """

    def __init__(self, store: Store, base: Path | None) -> None:
        self.store, self.base = store, base

    def save(self, files: dict[str, str], onto: str = "") -> tuple[str, Checked]:
        """Check the files of a study, keep them, and return the id by which it is opened, and what they change.

        Args:
            files: Text by name, such as `evidence/scores.csv` or `scenarios/mine.yaml`.
            onto: Id of a saved study whose files stay, unless they are given again.

        Raises:
            LeadtimeError: A name that is not one of a study's files, a malformed file (row, column, reason), or too many studies.
        """
        files = {**(self.files(onto) if onto else {}), **files}
        _check_names(files)
        id_ = self._id(files)
        with tempfile.TemporaryDirectory(prefix="leadtime-") as folder:
            self._write(Path(folder), files)
            found = _checked(Path(folder))
        if self.store.study(id_) is None and self.store.n_studies() >= MOST:
            raise LeadtimeError(f"{MOST} studies are kept, and no more", fix="Delete one, or run a server of your own.")
        self.store.save_study(id_, files)
        return id_, found

    def _id(self, files: dict[str, str]) -> str:
        """Return the id of files: the same for the same, and no guess at them leads to it, for its key is the server's own."""
        content = json.dumps([str(self.base or ""), files], sort_keys=True).encode()
        return hmac.new(self.store.secret("studies"), content, hashlib.sha256).hexdigest()[:32]

    def files(self, id_: str) -> dict[str, str]:
        """Return the files of a saved study.

        Raises:
            LeadtimeError: There is none of that id.
        """
        files = self.store.study(id_)
        if files is None:
            raise LeadtimeError(
                f"there is no study {id_!r} here", where="study", fix="It may have been deleted: bring its files again."
            )
        return files

    def folder(self, id_: str) -> Path | None:
        """Return the folder of a saved study, made when it is first wanted; of no study that which is served."""
        if not id_:
            return self.base
        files = self.files(id_)
        made = kept_in() / "studies" / id_
        if not made.is_dir():
            made.parent.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(dir=made.parent))
            self._write(partial, files)
            try:
                os.rename(partial, made)  # noqa: PTH104 - as a whole or not at all
            except OSError:  # another thread was quicker
                shutil.rmtree(partial, ignore_errors=True)
        return made

    def delete(self, id_: str) -> bool:
        """Delete a saved study; False when there is none."""
        shutil.rmtree(kept_in() / "studies" / id_, ignore_errors=True)
        return self.store.drop_study(id_)

    def _write(self, folder: Path, files: dict[str, str]) -> None:
        if self.base is not None:
            imports.steady(self.base, lambda: _copied(Path(self.base or ""), folder))
        served = {p.name.split(".")[0] for p in (folder / "evidence").glob("*.csv")}
        for name, text in files.items():
            path = folder / name
            table, *more = path.name.removesuffix(".csv").split(".")
            if path.suffix == ".csv" and table in served:  # over the rows that are served, not instead of them
                path = path.with_name(".".join([table, "session", *(more or ["own"]), "csv"]))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")


def _copied(base: Path, folder: Path) -> None:
    """Copy what is read of the study that is served; the rows of its imports become files of evidence that come after its own."""
    shutil.rmtree(folder / "evidence", ignore_errors=True)
    day = base / lock.NAME  # the day that is served is the day of what is brought to it
    for path in [*parts.every(base), *([day] if stranger.is_there(day) else [])]:
        to = folder / path.relative_to(base)
        if path.parent.parent.name == imports.FOLDER:
            label = path.parent.name.split(".")[0]
            to = folder / "evidence" / f"{path.stem}.import.{label}.csv"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(stranger.read(path, within=base))


def _check_names(files: dict[str, str]) -> None:
    if not files or len(files) > _MOST_FILES:
        raise LeadtimeError(f"a study of {len(files)} files", where="files", fix=f"Give 1 to {_MOST_FILES}.")
    for name in files:
        table = name.removeprefix("evidence/").split(".")[0]
        if not _FILE.fullmatch(name) or (name.startswith("evidence/") and table not in TABLES):
            raise LeadtimeError(
                f"{name[:80]!r} is not a file of a study", where="files",
                fix=f"Expected scenarios/NAME.yaml, claims/NAME.yaml, rules/NAME.yaml, or evidence/TABLE.csv with TABLE one of {', '.join(TABLES)}.",
            )  # fmt: skip
        if name.endswith(".yaml") and len(files[name]) > _MOST_YAML:
            fix = "Make several files of it, or run a server of your own on the folder."
            raise LeadtimeError(f"has more than {_MOST_YAML:,} characters", where=name, fix=fix)
    if sum(map(len, files.values())) > _MOST_CHARACTERS:
        fix = "Run a server of your own on the folder."
        raise LeadtimeError(f"the files have more than {_MOST_CHARACTERS:,} characters", where="files", fix=fix)


def _checked(folder: Path) -> Checked:
    """Return what a sound folder changes.

    Raises:
        LeadtimeError: The first problem, with how many more there are; where the files lie for the moment is nobody's business.
    """
    found = check(folder)
    if not found.problems:
        return found
    error = found.problems[0]
    plain = [
        t.replace(f"{folder}{os.sep}", "").replace(str(folder), "the study")
        for t in (error.what, error.where, error.fix)
    ]
    others = [str(e).splitlines()[0].replace(f"{folder}{os.sep}", "") for e in found.problems[1:]]
    raise LeadtimeError(plain[0], where=plain[1], fix="\n".join([plain[2], *others]))
