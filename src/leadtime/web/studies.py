"""Studies that readers bring: a few files over the evidence that is served, kept by a keyed hash of their content."""

import asyncio
import contextlib
import functools
import hashlib
import hmac
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadtime import stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import TABLES, imports, lock, parts
from leadtime.folder.check import check
from leadtime.rules import brought_lists, screening_lists
from leadtime.web.lanes import Ask, Busy, Lane, Question
from leadtime.web.places import own_folder
from leadtime.web.settings import Settings
from leadtime.web.store import Store
from leadtime.web.workers import Died, Ended, Tell, Unstarted

#: Studies that one server keeps, and their letters together.
MOST, _MOST_KEPT = 1000, 500_000_000
_FILE = re.compile(
    r"(?:evidence/[a-z_]{1,40}(?:\.[a-z0-9-]{1,40})?\.csv|(?:scenarios|claims|rules)/[a-z0-9][a-z0-9-]{0,60}\.yaml)"
)
_MOST_FILES = 40
#: A YAML file of a study may have this many characters, all its YAML and all its files together so many; YAML takes
#: seconds a megabyte.
_MOST_YAML, _MOST_ALL_YAML, _MOST_CHARACTERS = 100_000, 400_000, 4_000_000
#: A check that uses more of the processor is ended; so is one whose asker was told to come back, and did not so long.
_CHECK_SECONDS, _RETURN_SECONDS = 10.0, 60.0
#: Folders of saved studies that stay on disk; another is made again when it is wanted.
_MOST_FOLDERS = 30


@dataclass(slots=True)
class _Check:
    """A check of files, how many wait for it, and until when one may come back for it."""

    question: Question
    waiting: int = 0
    returns_until: float = 0.0


class Studies:
    """The saved studies of one server.

    Args:
        store: Where they are kept.
        settings: The server's; they add to the study folder that is served, or to the built-in evidence.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.base, self.settings = store, settings.study, settings
        self._checks = Lane("check", 1, settings.most_memory, most_waiting=16, most_of_a_client=4)
        self._checking: dict[str, _Check] = {}
        self._lent: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._place = own_folder()

    async def save(self, client: str, files: dict[str, str], onto: str = "") -> tuple[str, dict[str, Any]]:
        """Check the files of a study, keep them, and return the id by which it is opened, and what they change.

        Args:
            client: Who brings them.
            files: Text by name, such as `evidence/scores.csv` or `scenarios/mine.yaml`.
            onto: Id of a saved study whose files stay, unless they are given again.

        Raises:
            LeadtimeError: A name that is not one of a study's files, a malformed file (row, column, reason), or too
                many studies.
            Busy: They are being checked, or too many wait to be: who comes back with the same finds the same check.
        """
        files = {**(await asyncio.to_thread(self.files, onto) if onto else {}), **files}
        _check_names(files)
        id_ = await asyncio.to_thread(self._id, files)
        found = await self._check(client, id_, files)
        await asyncio.to_thread(self._keep, id_, files)
        return id_, found

    async def _check(self, client: str, id_: str, files: dict[str, str]) -> dict[str, Any]:
        """Return what sound files change, found by a process that is ended when they take too long."""
        check = self._checking.get(id_)
        if check is None:
            work = functools.partial(self._ask_check, files)
            check = _Check(Question(client=client, work=work, seconds=_CHECK_SECONDS))
            self._checks.put(check.question)
            self._checking[id_] = check
        future = check.question.future
        waited = asyncio.wrap_future(future)
        waited.add_done_callback(lambda f: f.cancelled() or f.exception())  # it is seen, though all have gone
        check.waiting += 1
        try:
            await asyncio.wait({waited}, timeout=self.settings.wait_seconds)
        finally:
            check.waiting -= 1
            check.returns_until = time.monotonic() + _RETURN_SECONDS
            asyncio.get_running_loop().call_later(_RETURN_SECONDS + 0.01, self._left, id_, check)
        if not future.done():
            raise Busy("the files are being checked")
        if future.exception() is not None:
            self._checking.pop(id_, None)
        try:
            return dict(json.loads(future.result()))
        except Unstarted as error:
            raise Busy(f"the process that checks {error}") from None
        except Ended as error:
            fix = "Bring less, or run a server of your own on the folder."
            raise LeadtimeError(f"the check of the files {error}", where="files", fix=fix) from None

    def _ask_check(self, files: dict[str, str], ask: Ask) -> bytes:
        folder = self._written("check-", files)
        call = functools.partial(_checked, folder)
        try:
            try:
                return ask(call)
            except Died:  # killed from elsewhere: it may go well another time
                return ask(call)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _left(self, id_: str, check: _Check) -> None:
        """Forget a check, and end it, when its askers have gone and none has come back."""
        if not check.waiting and time.monotonic() > check.returns_until:
            check.question.ended = "is not waited for"
            if self._checking.get(id_) is check:
                del self._checking[id_]

    def _keep(self, id_: str, files: dict[str, str]) -> None:
        if not self.store.has_study(id_):
            n, letters = self.store.kept_studies()
            if n >= MOST or letters + sum(map(len, files.values())) > _MOST_KEPT:
                fix = "Delete one, or run a server of your own."
                raise LeadtimeError(f"{n:,} studies are kept, and no more have room", fix=fix)
        self.store.save_study(id_, files)

    def _id(self, files: dict[str, str]) -> str:
        """Return the id of files: the same for the same, and no guess at them leads to it, for its key is the server's
        own.
        """
        content = json.dumps([str(self.base or ""), files], sort_keys=True).encode()
        return hmac.new(self.store.secret("studies"), content, hashlib.sha256).hexdigest()[:32]

    def files(self, id_: str) -> dict[str, str]:
        """Return the files of a saved study.

        Raises:
            LeadtimeError: There is no study with that id.
        """
        files = self.store.study(id_)
        if files is None:
            raise LeadtimeError(
                f"there is no study {id_!r} here", where="study", fix="It may have been deleted: bring its files again."
            )
        return files

    @contextlib.contextmanager
    def lent(self, id_: str) -> Iterator[Path | None]:
        """Lend the folder of a saved study, made when it is first wanted; of no study that which is served."""
        if not id_:
            yield self.base
            return
        with self._lock:
            made = self._made(id_)
            self._lent[id_] = self._lent.get(id_, 0) + 1
            self._lent.move_to_end(id_)
            self._clear()
        try:
            yield made
        finally:
            with self._lock:
                self._lent[id_] -= 1

    def _made(self, id_: str) -> Path:
        files = self.files(id_)
        made = self._place / id_
        if not made.is_dir():
            self._written("partial-", files).rename(made)
        return made

    def _written(self, prefix: str, files: dict[str, str]) -> Path:
        """Return a new folder with the files of a study.

        Raises:
            Busy: It cannot be made.
        """
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self._place, prefix=prefix))
            try:
                self._write(folder, files)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        except OSError as error:
            raise Busy(f"the folder of the study cannot be made ({error.strerror})") from None
        return folder

    def _clear(self) -> None:
        """Remove the folders that were not wanted for longest, but none that is lent."""
        for id_ in [i for i, n in self._lent.items() if n == 0][: max(len(self._lent) - _MOST_FOLDERS, 0)]:
            shutil.rmtree(self._place / id_, ignore_errors=True)
            del self._lent[id_]

    def delete(self, id_: str) -> bool:
        """Delete a saved study; False when there is none."""
        with self._lock:  # so that none is made of files that were read before
            found = self.store.drop_study(id_)
            shutil.rmtree(self._place / id_, ignore_errors=True)
        return found

    def close(self) -> None:
        """End every check, and leave no folder."""
        self._checks.close()
        shutil.rmtree(self._place, ignore_errors=True)

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
    """Copy what is read of the study that is served; the rows of its imports become files of evidence that come after
    its own.
    """
    shutil.rmtree(folder / "evidence", ignore_errors=True)
    day = base / lock.NAME  # the day that is served is the day of what is brought to it
    record = base / brought_lists.NAME
    beside = [path for path in (day, record) if stranger.is_there(path)]
    for path in [*parts.every(base), *screening_lists.in_study(base), *beside]:
        to = folder / path.relative_to(base)
        if path.parent.parent.name == imports.FOLDER:
            label = path.parent.name.split(".")[0]
            to = folder / "evidence" / f"{path.stem}.import.{label}.csv"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(stranger.read(path, within=base))


def _check_names(files: dict[str, str]) -> None:
    if not files or len(files) > _MOST_FILES:
        raise LeadtimeError(f"a study cannot have {len(files)} files", where="files", fix=f"Give 1 to {_MOST_FILES}.")
    for name in files:
        table = name.removeprefix("evidence/").split(".")[0]
        if not _FILE.fullmatch(name) or (name.startswith("evidence/") and table not in TABLES):
            raise LeadtimeError(
                f"{name[:80]!r} is not a file of a study",
                where="files",
                fix=(
                    "Expected scenarios/NAME.yaml, claims/NAME.yaml, rules/NAME.yaml, or evidence/TABLE.csv with TABLE"
                    f" one of {', '.join(TABLES)}."
                ),
            )
        if name.endswith(".yaml") and len(files[name]) > _MOST_YAML:
            fix = "Make several files of it, or run a server of your own on the folder."
            raise LeadtimeError(f"has more than {_MOST_YAML:,} characters", where=name, fix=fix)
    if sum(len(text) for name, text in files.items() if name.endswith(".yaml")) > _MOST_ALL_YAML:
        fix = "Bring several studies, or run a server of your own on the folder."
        raise LeadtimeError(f"the YAML files have more than {_MOST_ALL_YAML:,} characters", where="files", fix=fix)
    if sum(map(len, files.values())) > _MOST_CHARACTERS:
        fix = "Run a server of your own on the folder."
        raise LeadtimeError(f"the files have more than {_MOST_CHARACTERS:,} characters", where="files", fix=fix)


def _checked(folder: Path, tell: Tell) -> bytes:
    """Return what a sound folder changes.

    Raises:
        LeadtimeError: The first problem, with how many more there are; where the files lie for the moment is nobody's
            business.
    """
    found = check(folder)
    if not found.problems:
        overlays = [
            {"table": o.table, "file": o.file, "n_added": o.n_added, "n_replaced": o.n_replaced} for o in found.overlays
        ]
        return json.dumps({"evidence_hash": found.evidence_hash, "overlays": overlays}).encode()
    error = found.problems[0]
    plain = [
        t.replace(f"{folder}{os.sep}", "").replace(str(folder), "the study")
        for t in (error.what, error.where, error.fix)
    ]
    others = [str(e).splitlines()[0].replace(f"{folder}{os.sep}", "") for e in found.problems[1:]]
    raise LeadtimeError(plain[0], where=plain[1], fix="\n".join([plain[2], *others]))
