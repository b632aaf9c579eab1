"""What a command does to the files below a folder, call by call, as strace sees it: names, bytes,
and what was forced.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CALLS = (
    "openat,open,creat,write,pwrite64,writev,lseek,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,"
    "rmdir,mkdir,mkdirat,link,linkat,clone,clone3,fork,vfork,copy_file_range,sendfile,sync_file_range,dup,dup2,dup3"
)
_LINE = re.compile(rb"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN, _RESUMED = re.compile(rb"(\d+) +(.*?) *<unfinished \.\.\.>$"), re.compile(rb"(\d+) +<\.\.\. \w+ resumed>(.*)$")
_FILE = re.compile(rb"(\d+)<([^>]*)>")
_TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `open` (made or cut to nothing), `folder`, `write`, `cut`, `sync`, `move`, `remove`, `said`.

    Args:
        kind: Which of those.
        path: The file or folder; of `said` nothing.
        to: Where it is moved.
        at: Where bytes are written, or the length it is cut to.
        data: The bytes; of `said` what the command printed.
        empty: Whether a file that was there is cut to nothing when it is opened.
    """

    kind: str
    path: str = ""
    to: str = ""
    at: int = 0
    data: bytes = b""
    empty: bool = False


def can() -> bool:
    """Return whether there is what sees the calls."""
    return shutil.which("strace") is not None


def record(command: Sequence[str], root: Path, environment: dict[str, str], log: Path, cwd: Path) -> list[Step]:
    """Run a command to its good end, and return its steps below a folder.

    Args:
        command: The command and its arguments.
        root: Only what lies below is told.
        environment: Of the process.
        log: A file for what strace writes, outside of the folder.
        cwd: Where the command runs.
    """
    watch = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}", "-o", str(log)]
    done = subprocess.run([*watch, *command], env=environment, cwd=cwd, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"the command ends with {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
    return [*_steps(log, os.path.realpath(root))]


def _whole_lines(log: Path) -> Iterator[bytes]:
    """Yield the lines of a log, those that another thread interrupted put together."""
    begun: dict[bytes, bytes] = {}
    with log.open("rb") as file:
        for line in file:
            line = line.rstrip(b"\n")
            if found := _BEGUN.match(line):
                begun[found[1]] = found[2]
            elif found := _RESUMED.match(line):
                yield found[1] + b" " + begun.pop(found[1], b"") + found[2]
            else:
                yield line


def _steps(log: Path, root: str) -> Iterator[Step]:
    positions: dict[tuple[bytes, int], int] = {}
    process: dict[bytes, bytes] = {}  # threads share the files of their process
    for line in _whole_lines(log):
        found = _LINE.match(line)
        if not found or int(found[4]) < 0:
            continue
        task, call, arguments, result = found[1], found[2].decode(), found[3], int(found[4])
        own = process.get(task, task)
        if call.startswith(("clone", "fork", "vfork")):
            process[str(result).encode()] = own if b"CLONE_THREAD" in arguments else str(result).encode()
            continue
        if call in ("copy_file_range", "sendfile", "link", "linkat", "dup", "dup2", "dup3") and root in _plain(line):
            raise SystemExit(f"{call} on files is not followed here")
        for step in _of(call, arguments, result, own, positions):
            if step.kind == "said" or step.path.startswith(root + "/") or step.path == root:
                yield step


def _of(
    call: str, arguments: bytes, result: int, own: bytes, positions: dict[tuple[bytes, int], int]
) -> Iterator[Step]:
    """Yield what a call does; keep where each open file is written next."""
    texts = [_bytes(t) for t in _TEXT.findall(arguments)]
    file = _FILE.match(arguments)
    number, path = (int(file[1]), _plain(file[2])) if file else (-1, "")
    if call in ("openat", "open", "creat"):
        positions[own, result] = -1 if b"O_APPEND" in arguments else 0
        if call == "creat" or b"O_CREAT" in arguments or b"O_TRUNC" in arguments:
            yield Step(kind="open", path=_joined(arguments, texts[0]), empty=b"O_TRUNC" in arguments or call == "creat")
    elif call in ("write", "writev"):
        data = b"".join(texts)[:result]
        if number == 1:
            yield Step(kind="said", data=data)
        at = positions.get((own, number), 0)
        yield Step(kind="write", path=path, at=at, data=data)
        positions[own, number] = -1 if at < 0 else at + result
    elif call == "pwrite64":
        yield Step(kind="write", path=path, at=int(arguments.rsplit(b",", 1)[1]), data=texts[0][:result])
    elif call == "lseek":
        if positions.get((own, number), 0) >= 0:
            positions[own, number] = result
    elif call == "ftruncate":
        yield Step(kind="cut", path=path, at=int(arguments.rsplit(b",", 1)[1]))
    elif call in ("fsync", "fdatasync"):
        yield Step(kind="sync", path=path)
    else:
        yield from _of_names(call, arguments, texts)


def _of_names(call: str, arguments: bytes, texts: list[bytes]) -> Iterator[Step]:
    if call.startswith("rename"):
        folders = _FOLDERS.findall(arguments)
        one, two = (_absolute(t, folders[i] if i < len(folders) else b"") for i, t in enumerate(texts[:2]))
        yield Step(kind="move", path=one, to=two)
    elif call in ("unlink", "unlinkat", "rmdir"):
        yield Step(kind="remove", path=_joined(arguments, texts[0]))
    elif call in ("mkdir", "mkdirat"):
        yield Step(kind="folder", path=_joined(arguments, texts[0]))


_FOLDERS = re.compile(rb"(?:AT_FDCWD|\d+)<([^>]*)>, ")


def _joined(arguments: bytes, text: bytes) -> str:
    folder = _FOLDERS.match(arguments)
    return _absolute(text, folder[1] if folder else b"")


def _absolute(text: bytes, folder: bytes) -> str:
    return os.path.normpath(Path(_plain(folder)) / text.decode())


def _bytes(text: bytes) -> bytes:
    return bytes.fromhex(text.replace(b"\\x", b"").decode())


def _plain(text: bytes) -> str:
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text).decode(errors="replace")
