"""The built-in tables as they were read and checked once, so that no start reads and checks them again.

They ship with the content key of the files that they were read from and of the code that read them. Where either
differs, as in a clone that is edited, they are not used.
"""

import functools
import hashlib
import io
from pathlib import Path

import polars as pl

SHIPPED = Path(__file__).parent / "ready"
_KEY = "key.txt"
Tables = dict[str, pl.DataFrame]


def load(files: dict[str, Path], shipped: Path = SHIPPED) -> Tables | None:
    """Return the tables that ship, by their names; None where they are not of these files and this code, or damaged.

    Args:
        files: The file of each table.
        shipped: The folder that they ship in.
    """
    try:
        content = {name: (shipped / f"{name}.parquet").read_bytes() for name in files}
        if (shipped / _KEY).read_text(encoding="utf-8").split() != [_key(files), _sum(content)]:
            return None
        return {name: pl.read_parquet(io.BytesIO(body)) for name, body in content.items()}
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None


def save(files: dict[str, Path], tables: Tables, shipped: Path = SHIPPED) -> Path:
    """Write the tables that were read from some files, with their key; what was there before goes."""
    shipped.mkdir(exist_ok=True)
    for before in shipped.iterdir():
        before.unlink()
    content = {}
    for name, rows in tables.items():
        packed = io.BytesIO()
        rows.write_parquet(packed, compression="zstd", compression_level=19, statistics=False)
        content[name] = packed.getvalue()
        (shipped / f"{name}.parquet").write_bytes(content[name])
    (shipped / _KEY).write_text(f"{_key(files)} {_sum(content)}\n", encoding="utf-8")
    return shipped


def _key(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for path in (*files.values(), *_code()):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:24]


@functools.cache
def _code() -> tuple[Path, ...]:
    """Return the code that reads and checks: this folder's."""
    return tuple(sorted(Path(__file__).parent.glob("*.py")))


def _sum(content: dict[str, bytes]) -> str:
    return hashlib.sha256(b"".join(content.values())).hexdigest()
