"""Mutations that keep the shape of a file: words are swapped for other words, rows moved, so that deep code
is reached.
"""

import random
import re
from collections.abc import Sequence

_PIECE = re.compile(r"[^\s,;:=|@&?/\"'\[\]{}()<>]+|\s+|.", re.DOTALL)
#: What has broken parsers before: numbers that are none, days that are none, marks that mean something to someone.
NASTY = (
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1",
    "1.0000001",
    "1e308",
    "1e309",
    "-1e309",
    "nan",
    "NaN",
    "inf",
    "-inf",
    ".inf",
    ".nan",
    "Infinity",
    "1_000",
    "0x10",
    "1,5",
    "100%",
    "9" * 40,
    "0.1e-400",
    "١٢",
    "½",
    "²",
    "+1",
    "1.",
    ".5",
    "1e5",
    "true",
    "True",
    "null",
    "~",
    "None",
    "yes",
    "2025-02-30",
    "2025-01-29",
    "2025-1-5",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "+2025-01-01",
    "-001-01-01",
    "2025-01-29T00:00:00",
    "20250129",
    "2025-W05-3",
    "2026-11-26 ",
    "é",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\u2028",
    "\r",
    "\r\n",
    "\n\n",
    '"',
    '""',
    "'",
    ",",
    ";",
    "\t",
    "|",
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "../../etc/passwd",
    "<script>",
    "%00",
    "%ff",
    "&a",
    "*a",
    "!!python/name:os.system",
    "!!float 1",
    "!!binary YQ==",
    "<<",
    "? ",
    "- ",
    "---",
    "...",
    "#",
    "{",
    "}",
    "[",
    "]",
    "[[",
    ":",
    "\\",
    "\\u0000",
    "\\ud800",
    "x" * 300,
    "deepseek-v3",
    "gpqa-diamond",
    "h20",
    "CHN",
    "USA",
    "deepseek",
    "select",
    "union",
    "0.5",
    "2.5",
    "12345678901234567890",
    "4E091",
    "1e3",
    "007",
)


def mutate(data: bytes, rng: random.Random, words: Sequence[str] = (), most: int = 100_000) -> bytes:
    """Return a neighbor of an input: one to four changes of words, rows or bytes.

    Args:
        data: The input.
        rng: Where chance comes from.
        words: Words that mean something to the parser, used as often as nasty ones.
        most: No longer than this many bytes.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        kind = rng.random()
        data = _bytes(data, rng) if kind < 0.1 else _lines(data, rng) if kind < 0.3 else _words(data, rng, words)
    return data[:most]


def _words(data: bytes, rng: random.Random, words: Sequence[str]) -> bytes:
    pieces = _PIECE.findall(data.decode("utf-8", "surrogateescape")) or [""]
    i, kind = rng.randrange(len(pieces)), rng.random()
    if kind < 0.6:
        pieces[i] = rng.choice(words) if words and rng.random() < 0.5 else rng.choice(NASTY)
    elif kind < 0.75:
        pieces[i] = rng.choice(pieces)
    elif kind < 0.85:
        del pieces[i]
    elif kind < 0.95:
        pieces.insert(i, rng.choice(NASTY) if rng.random() < 0.5 else rng.choice(pieces))
    else:
        pieces[i] *= rng.choice((2, 3, 50))
    return "".join(pieces).encode("utf-8", "surrogateescape")


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    i, j, kind = rng.randrange(len(lines)), rng.randrange(len(lines)), rng.random()
    if kind < 0.3:
        lines.insert(j, lines[i])
    elif kind < 0.6:
        del lines[i]
    elif kind < 0.8:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind < 0.9:
        lines[i] = rng.choice((b" ", b"  ", b"- ", b"\t", b"#")) + lines[i]
    else:
        lines[i] = lines[i].lstrip()
    return b"\n".join(lines)


def _bytes(data: bytes, rng: random.Random) -> bytes:
    at, kind = rng.randrange(len(data) + 1), rng.random()
    if kind < 0.4 and at < len(data):
        return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
    if kind < 0.6:
        return data[:at] + rng.randbytes(rng.randrange(1, 5)) + data[at:]
    if kind < 0.8:
        return data[:at]
    return data[:at] + data[at + rng.randrange(1, 20) :]
