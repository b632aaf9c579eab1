"""What a disk may hold after a power cut, by the steps that led to it.

What was forced (fsync of a file for its bytes, of a folder for the names in it) is there. Of the rest anything may be
missing: bytes that were written last or first, a name that was given, moved or taken away. Disks that keep the order of
names, as journals do, and such that do not are both tried.
"""

import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faults.recorded import Step

#: A disk writes sectors: of a write that was under way some may be there.
_SECTOR = 512
_NAMING = ("open", "folder", "move", "remove")


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A step, and the file it is about: a number that stays when the file is moved; -1 for none."""

    step: Step
    file: int
    made: bool = False


@dataclass(slots=True)
class Disk:
    """What a disk holds.

    Args:
        files: Number of a file by its path; None for a folder.
        content: Bytes by number.
    """

    files: dict[str, int | None] = field(default_factory=dict)
    content: dict[int, bytes] = field(default_factory=dict)

    @staticmethod
    def of(root: Path) -> "Disk":
        """Return what lies below a folder now."""
        found = Disk({os.path.realpath(root): None})
        for path in sorted(Path(os.path.realpath(root)).rglob("*")):
            number = None if path.is_dir() else len(found.content)
            found.files[str(path)] = number
            if number is not None:
                found.content[number] = path.read_bytes()
        return found

    def digest(self) -> str:
        """Return what is there in few letters, whatever the numbers."""
        whole = hashlib.sha256()
        for path, number in sorted(self.files.items()):
            data = b"folder" if number is None else b"file" + hashlib.sha256(self.content.get(number, b"")).digest()
            whole.update(path.encode() + b"\0" + data)
        return whole.hexdigest()

    def put(self, root: str, to: Path) -> None:
        """Write it into a folder, in the place of the one it was of."""
        for path, number in sorted(self.files.items()):
            place = to / os.path.relpath(path, root)
            if number is None:
                place.mkdir(parents=True, exist_ok=True)
            elif place.parent.is_dir():
                place.write_bytes(self.content.get(number, b""))


@dataclass(frozen=True, slots=True)
class Cut:
    """A power cut: after so many steps, what is lost in words, and what is left."""

    n_steps: int
    how: str
    disk: Disk
    said: bytes
    is_end: bool


def resolved(before: Disk, steps: Sequence[Step]) -> list[_Resolved]:
    """Return steps with the file that each is about, as they happened."""
    here, out, n = dict(before.files), [], len(before.content)
    for s in steps:
        file = here.get(s.path, -1)
        number = -1 if file is None else file
        made = s.kind == "open" and s.path not in here
        if made:
            number, n = n, n + 1
            here[s.path] = number
        elif s.kind == "folder":
            here[s.path] = None
        elif s.kind == "move":
            _moved(here, s)
        elif s.kind == "remove":
            here.pop(s.path, None)
        out.append(_Resolved(s, number, made))
    return out


def _moved(files: dict[str, int | None], s: Step) -> None:
    """Move a name, and all below it."""
    if s.path not in files:
        return
    if files[s.path] is None and any(p.startswith(s.to + "/") for p in files):
        return  # a folder that is not empty is not replaced
    for path in [p for p in files if p == s.path or p.startswith(s.path + "/")]:
        files[s.to + path[len(s.path) :]] = files.pop(path)


def after(before: Disk, steps: Sequence[_Resolved], kept: set[int], *, zeros: bool = False) -> Disk:
    """Return a disk of which only some steps took place.

    Args:
        before: What it held.
        steps: All steps up to the cut.
        kept: Which of them took place, by place.
        zeros: Whether a file has the length of what was written to it, and zeros where the bytes are missing.
    """
    disk = Disk(dict(before.files), {n: data for n, data in before.content.items()})
    data = {n: bytearray(d) for n, d in before.content.items()}
    for i, r in enumerate(steps):
        s = r.step
        if s.kind in ("write", "cut") or (s.kind == "open" and s.empty and not r.made):
            _written(data, r, there=i in kept, zeros=zeros)
        if i not in kept or s.kind not in _NAMING:
            continue
        if s.kind == "move":
            _moved(disk.files, s)
        elif s.kind == "remove":
            for path in [p for p in disk.files if p == s.path or p.startswith(s.path + "/")]:
                disk.files.pop(path)
        elif _above(s.path) in disk.files and s.path not in disk.files:
            disk.files[s.path] = None if s.kind == "folder" else r.file
    disk.files = {p: n for p, n in disk.files.items() if _has_folders(p, disk.files)}
    disk.content = {n: bytes(d) for n, d in data.items()}
    return disk


def _has_folders(path: str, files: dict[str, int | None]) -> bool:
    """Return whether the folder that a path lies in is there; the first has none above it."""
    return _above(path) in files or path == min(files, key=len)


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _written(data: dict[int, bytearray], r: _Resolved, *, there: bool, zeros: bool) -> None:
    s, of = r.step, data.setdefault(r.file, bytearray())
    if s.kind == "open":
        if there:
            of.clear()
    elif s.kind == "cut":
        if there:
            del of[s.at :]
            of.extend(bytes(s.at - len(of)))
    elif there or zeros:
        at = len(of) if s.at < 0 else s.at
        of.extend(bytes(max(at + len(s.data) - len(of), 0)))
        if there:
            of[at : at + len(s.data)] = s.data


def cuts(
    before: Disk, steps: Sequence[Step], rng: random.Random, *, n_random: int = 2, heed_words: bool = False
) -> Iterator[Cut]:
    """Yield what may be there after a cut at each step: each state once.

    Args:
        before: What the disk held.
        steps: What was done.
        rng: Where chance comes from.
        n_random: So many states by chance at each step.
        heed_words: Whether the same state counts anew once the command has said more.
    """
    every = resolved(before, _sectors(steps))
    seen: set[tuple[str, bytes, bool]] = set()
    for k in range(len(every) + 1):
        past = every[:k]
        forced = _forced(past)
        said = b"".join(r.step.data for r in past if r.step.kind == "said")
        for how, kept, zeros in _ways(past, forced, rng, n_random):
            disk = after(before, past, kept, zeros=zeros)
            key = (disk.digest(), said if heed_words else b"", k == len(every))
            if key not in seen:
                seen.add(key)
                yield Cut(k, how, disk, said, k == len(every))


def _sectors(steps: Sequence[Step]) -> list[Step]:
    """Return steps with long writes in a few parts, which may be there one without the other."""
    out = []
    for s in steps:
        n = len(s.data)
        if s.kind != "write" or n <= 4 * _SECTOR or s.at < 0:
            out.append(s)
            continue
        size = -(-n // (4 * _SECTOR)) * _SECTOR  # four parts at most
        out += [Step(kind="write", path=s.path, at=s.at + i, data=s.data[i : i + size]) for i in range(0, n, size)]
    return out


def _forced(past: Sequence[_Resolved]) -> set[int]:
    """Return the steps that are on the disk for sure: bytes of a file that was forced after them, names whose folders
    were.
    """
    forced: set[int] = set()
    synced_files: set[int] = set()
    synced_folders: set[str] = set()
    for i in range(len(past) - 1, -1, -1):
        r = past[i]
        s = r.step
        if s.kind == "sync":
            synced_files.add(r.file)
            synced_folders.add(s.path)
        elif s.kind in ("write", "cut") and r.file in synced_files:
            forced.add(i)
        elif s.kind in _NAMING:
            folders = {_above(p) for p in (s.path, s.to) if p}
            if folders <= synced_folders:
                forced.add(i)
    return forced


def _ways(
    past: Sequence[_Resolved], forced: set[int], rng: random.Random, n_random: int
) -> Iterator[tuple[str, set[int], bool]]:
    """Yield what may be lost at one moment: in words, the steps that took place, and whether lengths did."""
    names = [i for i, r in enumerate(past) if r.step.kind in _NAMING]
    data = [i for i, r in enumerate(past) if r.step.kind in ("write", "cut")]
    durable = [i for i in data if i in forced]
    yield "nothing", {*names, *data}, False
    yield "bytes not forced", {*names, *durable}, False
    yield "bytes not forced, lengths there", {*names, *durable}, True
    last = max((i for i in names if i in forced), default=-1)
    for n, i in enumerate(names):
        if i > last:
            yield "the last names", {*names[:n], *data}, False
            yield "the last names and bytes not forced", {*names[:n], *durable}, False
    for i in names:
        if i not in forced:
            yield "one name, later ones there", {*names, *data} - {i}, False
    loose = [i for i in (*names, *data) if i not in forced]
    for _ in range(n_random if loose else 0):
        lost = {i for i in loose if rng.random() < 0.5}
        yield "by chance", {*names, *data} - lost, rng.random() < 0.5
