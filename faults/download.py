"""A download that is cut off: `python -m faults.download [--times N] [--write]`.

`leadtime fetch epoch` asks a server of this machine that cuts off after a random number of bytes, stalls, or sends
damage, and is itself killed at random points. What lies in the study then is the old file or the new one, whole, and
the next fetch brings the new one.
"""

import argparse
import hashlib
import json
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faults import results
from faults.program import Place, kill, leftovers, place, read_of, traceback_in
from faults.targets.imports import HUB_ROWS, zipped


class Server:
    """Sends a file, as badly as it is told to."""

    def __init__(self) -> None:
        self.body, self.tag, self.cut_after, self.pause_s = b"", '"0"', -1, 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = outer.body
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", outer.tag)
                self.end_headers()
                cut = outer.cut_after if outer.cut_after >= 0 else len(body)
                try:
                    for at in range(0, cut, 4096):
                        self.wfile.write(body[at : min(at + 4096, cut)])
                        self.wfile.flush()
                        time.sleep(outer.pause_s)
                except OSError:
                    pass
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def _body(rng: random.Random, i: int) -> bytes:
    rows = HUB_ROWS.replace(b"0.123", f"0.{100 + i}".encode())
    return zipped(("gpqa_diamond.csv", rows), ("ballast.txt", rng.randbytes(200_000)))


def _there(p: Place) -> str:
    path = p.study / "downloads" / "benchmark_data.zip"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def disturb(times: int, rng: random.Random) -> dict[str, Any]:
    """Cut off and kill so many times, and return what was found as a row."""
    bad, n_killed, n_cut = [], 0, 0
    server = Server()
    with place() as p:
        fetch = ("fetch", "epoch", "--into", p.study, "--mirror", server.address, "--known-on", "2026-11-01")
        server.body = _body(rng, 0)
        p.run(*fetch)
        for i in range(1, times + 1):
            old, before = _there(p), read_of(p.study)
            server.body, server.tag = _body(rng, i), f'"{i}"'
            new = hashlib.sha256(server.body).hexdigest()
            kind = i % 2
            if kind == 0:  # the server cuts off, each time anew
                server.cut_after, server.pause_s = rng.randrange(len(server.body)), 0.0
                done = p.run(*fetch)
                n_cut += 1
                if done.code != 1 or traceback_in(done) or "cut off" not in done.err:
                    bad.append(f"{i}: cut off, and exit {done.code}: {done.err[-200:]}")
                if _there(p) != old or read_of(p.study) != before:
                    bad.append(f"{i}: something of what was cut off was kept")
            else:  # the process is killed meanwhile
                server.cut_after, server.pause_s = -1, 0.02
                process = p.start(*fetch)
                time.sleep(rng.uniform(0.3, 3.5))
                kill(process)
                n_killed += process.returncode == -9
                if _there(p) not in (old, new):
                    bad.append(f"{i}: a file that is neither old nor new")
            server.cut_after, server.pause_s = -1, 0.0
            done = p.run(*fetch)
            if done.code or _there(p) != new:
                bad.append(f"{i}: the next fetch does not bring it: exit {done.code}: {done.err[-200:]}")
            bad += [f"{i}: left behind: {x.name}" for x in leftovers(p.study)]
    return {"what": "leadtime fetch epoch", "n_cut_off": n_cut, "n_killed": n_killed, "faults": bad}


def main() -> None:
    """Run; exit 1 where there is a fault."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--times", type=int, default=60)
    given.add_argument("--write", action="store_true")
    asked, begun = given.parse_args(), time.monotonic()
    row = disturb(asked.times, random.Random(0))
    print(json.dumps(row))
    if asked.write:
        verdict = f"{row['n_cut_off']} cut off, {row['n_killed']} killed, {len(row['faults']) or 'no'} faults."
        results.write("download", verdict=verdict, seconds=time.monotonic() - begun, rows=[row])
    sys.exit(1 if row["faults"] else 0)


if __name__ == "__main__":
    main()
