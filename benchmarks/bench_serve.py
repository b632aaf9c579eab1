"""How fast cached pages and answers are sent to 50 clients at once, and whether mixed requests ever end in a 500.

python benchmarks/bench_serve.py [URL] [--quick]     (default: starts a server of its own)

Clients speak HTTP over plain sockets, so that it is the server that is measured.
"""

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

CLIENTS, EACH = 50, 40
PAGES = [
    "/",
    "/claims",
    "/record",
    "/data",
    "/chips",
    "/methods",
    "/cost",
    "/api/v1/claims",
    "/api/v1/lag?model=deepseek-v3",
    "/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01",
]
#: Pages and answers that need no fit.
QUICK = ["/data", "/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01"]
BAD = [
    "/api/v1/lag?model=nobody",
    "/api/v1/cost?mfu=7",
    "/nothing",
    "/rules?chip=h20&to=Mars",
    "/api/v1/evidence/%00",
    "/models?as_of=soon",
]
BAD_QUICK = [b for b in BAD if "lag" not in b]


class Client:
    def __init__(self, host, port):
        self.host, self.port, self.pipe = host, port, None

    async def get(self, path):
        if self.pipe is None:
            self.pipe = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.pipe
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(x.split(":")[1]) for x in lines if x.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        if "connection: close" in lines:
            writer.close()
            self.pipe = None
        return int(lines[0].split()[1]), len(body)


async def warm(host, port, pages):
    client = Client(host, port)
    for path in pages:
        for _ in range(60):
            try:
                status, _ = await client.get(path)
            except (OSError, asyncio.IncompleteReadError):
                client, status = Client(host, port), 0
            if status == 200:
                break
            await asyncio.sleep(0.5 if status == 0 else 2)


async def load(host, port, paths, each, clients=CLIENTS):
    times, statuses = [], []

    async def one(k):
        client, rng = Client(host, port), random.Random(k)
        for _ in range(each):
            begun = time.perf_counter()
            status, _ = await client.get(rng.choice(paths))
            times.append(time.perf_counter() - begun)
            statuses.append(status)

    begun = time.perf_counter()
    await asyncio.gather(*(one(k) for k in range(clients)))
    return sorted(times), statuses, time.perf_counter() - begun


async def measure(url, pages, clients, each):
    where = urlsplit(url)
    await warm(where.hostname, where.port, pages)
    times, statuses, seconds = await load(where.hostname, where.port, pages, each, clients)
    n = len(times)
    print(
        f"{n} cached pages and answers, {clients} clients: p50 {1e3 * times[n // 2]:.0f} ms, p99"
        f" {1e3 * times[int(n * 0.99)]:.0f} ms, {n / seconds:.0f} a second; statuses {sorted(set(statuses))}"
    )
    mixed = pages * 5 + (BAD if pages is PAGES else BAD_QUICK)
    _, statuses, _ = await load(where.hostname, where.port, mixed, each // 2, clients)
    print(
        f"{len(statuses)} mixed requests, a tenth malformed: statuses"
        f" { ({s: statuses.count(s) for s in sorted(set(statuses))}) }"
    )


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--quick", action="store_true", help="Only that it runs: four clients, pages that need no fit.")
    given = parser.parse_args(argv)
    size = (QUICK, 4, 4) if given.quick else (PAGES, CLIENTS, EACH)
    if given.url:
        asyncio.run(measure(given.url, *size))
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "leadtime", "serve", "--port", str(port), "--per-minute", "10000000"]
    if given.quick:  # without computing the first page before anyone asks
        start = f"run(Settings(port={port}, per_minute=10_000_000))"
        imports = "from leadtime.web.app import run; from leadtime.web.settings import Settings"
        command = [sys.executable, "-c", f"{imports}; {start}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            asyncio.run(measure(f"http://127.0.0.1:{port}", *size))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
