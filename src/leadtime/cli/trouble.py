"""What goes wrong in a command, in words."""

import errno
import re
from typing import Any

from leadtime import stranger
from leadtime.errors import LeadtimeError

#: What libraries say, each in its way, when the system gives no more memory or threads.
_SHORT = (
    "out of memory",
    "cannot allocate memory",
    "memory allocation",
    "unable to allocate",
    "resource_exhausted",
    "failed to map segment",
    "can't start new thread",
    "can't allocate",
    "resource temporarily unavailable",
    "thread pool",
    "could not spawn",
    "bad_alloc",
)


#: Libraries that hang or abort where the system allows less memory than this, in bytes of addresses.
ROOM_BYTES = {"polars": 2_000_000_000, "jax": 4_000_000_000}


class Room:
    """Looks, before a large library is loaded, whether the system allows it the memory (`ulimit -v`)."""

    def find_spec(self, name: str, *_: object) -> None:
        """Find nothing.

        Raises:
            MemoryError: There is too little for the library.
        """
        if name in ROOM_BYTES and 0 <= _allowed() < ROOM_BYTES[name]:
            raise MemoryError


def _allowed() -> int:
    """Return how many bytes of addresses this process may have, negative if there is no bound."""
    try:
        import resource
    except ImportError:  # Windows has none
        return -1
    return resource.getrlimit(resource.RLIMIT_AS)[0]


def told(error: BaseException) -> str:
    """Return what an error means to who gave the command."""
    if isinstance(error, LeadtimeError):
        return error.text("command")
    if is_shortage(error):
        return (
            "this computer has no more memory or threads to give\n"
            "  Close other programs, or ask for less: fewer --draws, or --method=map."
        )
    if isinstance(error, UnicodeEncodeError):
        return f"{ascii(error.object)[:200]} is not text in UTF-8\n  Type it again."
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC and not error.filename:  # what is written by its number is what is printed
            return f"the output: {stranger.reason(error)}\n  Free some space, or send the output elsewhere."
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{stranger.reason(error)}"
    return (
        f"this should not have happened ({type(error).__name__}: {error})\n"
        "  Run again with LEADTIME_DEBUG=1 for the details, and please report it."
    )


#: What the parser of commands says, and how we say it.
_SAID = (
    (re.compile(r"No such option: (\S+?)[.,]?(?: .*)?"), "there is no option {}"),
    (re.compile(r"No such command '(.*?)'.*"), "there is no command '{}'"),
    (re.compile(r"Got unexpected extra arguments? \((.*)\)"), "'{}' is not expected here"),
    (re.compile(r"Got unexpected extra argument\(s\) \((.*)\)"), "'{}' is not expected here"),
    (re.compile(r"Option '(\S+)' requires an argument"), "{} needs a value"),
    (re.compile(r"Missing (?:argument|option) '(.+?)'.*"), "{} is missing"),
)
_WRONG_VALUE = re.compile(r"Invalid value for '(\S+?)(?: / .*)?': (.*)")
_KINDS = (
    (re.compile(r"input should be a valid integer.*", re.IGNORECASE), "expected a whole number"),
    (re.compile(r"input should be a valid number.*", re.IGNORECASE), "expected a number"),
    (re.compile(r"a valid integer"), "a whole number"),
    (re.compile(r"a valid float"), "a number"),
)


def mistyped(error: Any, words: list[str]) -> LeadtimeError | None:
    """Return what was mistyped, with the command that lists what can be typed, or None if a list of commands is
    what is missing.

    Args:
        error: As typer raised it.
        words: The command line.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return None
    said = " ".join(str(error.format_message()).split())
    here = [w for w in words[:1] if not w.startswith("-")]
    path = error.ctx.command_path if getattr(error, "ctx", None) else " ".join(["leadtime", *here])
    near = getattr(error, "possibilities", None) or re.findall(r"'([^']+)'", said.partition("Did you mean")[2])
    meant = f"Did you mean {', '.join(near)}? " if near else ""
    what, where = _in_words(said)
    return LeadtimeError(what, where=where, fix=f"{meant}`{path} --help` lists what you can type.")


def _in_words(said: str) -> tuple[str, str]:
    """Return what the parser of commands says in our words, and its place."""
    if found := _WRONG_VALUE.fullmatch(said):
        what = found[2].rstrip(".")
        for theirs, ours in _KINDS:
            what = theirs.sub(ours, what)
        return f"{what[0].lower()}{what[1:]}", found[1]
    for pattern, words in _SAID:
        if found := pattern.fullmatch(said.rstrip(".")):
            return words.format(found[1]), ""
    return f"{said[0].lower()}{said[1:]}".rstrip("."), ""


def is_shortage(error: BaseException) -> bool:
    """Return whether an error, or one that led to it, says that memory or threads were not to be had."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or any(words in str(seen).lower() for words in _SHORT):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
