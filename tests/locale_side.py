"""Asks the doors in one process, in whatever language it is started in, and prints a checksum of each answer."""

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile

QUESTIONS = (
    ("rules", "status", "h20", "--to", "CHN", "--on", "2025-05-01", "--as-of", "2026-10-01"),
    ("rules", "timeline", "--since", "2026-01-01", "--as-of", "2026-10-01", "--json"),
    ("evidence", "models", "--as-of", "2024-09-01", "--csv"),
    ("rules", "status", "INSTINCT MI308X", "--to", "TÜRKIYE", "--on", "2025-05-01", "--as-of", "2026-10-01"),
)
ADDRESSES = (
    "/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01&as_of=2026-10-01",
    "/api/v1/evidence/chips?as_of=2024-09-01",
    "/chart/rules_timeline.svg?as_of=2026-10-01",
    "/glossary?as_of=2026-10-01",
)


def main() -> None:
    """Ask, and print."""
    if os.environ.get("ASK_AS_A_HOST"):  # a program that Python runs in may have set the language of the C library
        import locale

        locale.setlocale(locale.LC_ALL, "")
    from starlette.testclient import TestClient

    from leadtime.cli import app
    from leadtime.web.app import create
    from leadtime.web.settings import Settings

    found = {}
    for question in QUESTIONS:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            app([*question], standalone_mode=True)
        out.flush()
        found[" ".join(question)] = _sum(out.buffer.getvalue())
    settings = Settings(method="map", draws=50, database=f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite3")
    with TestClient(create(settings), base_url="http://127.0.0.1") as web:
        found |= {a: f"{(r := web.get(a)).status_code} {_sum(r.content)}" for a in ADDRESSES}
    sys.stdout.write(json.dumps(found))


def _sum(content: bytes) -> str:
    return f"{len(content)} {hashlib.sha256(content).hexdigest()[:16]}"


if __name__ == "__main__":
    main()
