"""How fast cached pages and answers are sent to 50 clients at once, and whether mixed requests ever end in a 500.

python benchmarks/bench_serve.py [URL]     (default: starts a server of its own)

Clients speak HTTP over plain sockets, so that it is the server that is measured.
"""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

CLIENTS, EACH = 50, 40
PAGES = ["/", "/claims", "/record", "/evidence", "/supply", "/methods", "/cost", "/api/v1/claims", "/api/v1/lag?model=deepseek-v3",
         "/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01"]  # fmt: skip
BAD = [
    "/api/v1/lag?model=nobody",
    "/api/v1/cost?mfu=7",
    "/nothing",
    "/rules?chip=h20&to=Mars",
    "/api/v1/evidence/%00",
    "/lag?as_of=soon",
]


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


async def warm(host, port):
    client = Client(host, port)
    for path in PAGES:
        for _ in range(60):
            try:
                status, _ = await client.get(path)
            except (OSError, asyncio.IncompleteReadError):
                client, status = Client(host, port), 0
            if status == 200:
                break
            await asyncio.sleep(2)


async def load(host, port, paths, each):
    times, statuses = [], []

    async def one(k):
        client, rng = Client(host, port), random.Random(k)
        for _ in range(each):
            begun = time.perf_counter()
            status, _ = await client.get(rng.choice(paths))
            times.append(time.perf_counter() - begun)
            statuses.append(status)

    begun = time.perf_counter()
    await asyncio.gather(*(one(k) for k in range(CLIENTS)))
    return sorted(times), statuses, time.perf_counter() - begun


async def main(url):
    where = urlsplit(url)
    await warm(where.hostname, where.port)
    times, statuses, seconds = await load(where.hostname, where.port, PAGES, EACH)
    n = len(times)
    print(f"{n} cached pages and answers, {CLIENTS} clients: p50 {1e3 * times[n // 2]:.0f} ms, p99 {1e3 * times[int(n * 0.99)]:.0f} ms, "
          f"{n / seconds:.0f} a second; statuses {sorted(set(statuses))}")  # fmt: skip
    mixed = PAGES * 5 + BAD
    _, statuses, _ = await load(where.hostname, where.port, mixed, 20)
    print(
        f"{len(statuses)} mixed requests, a tenth malformed: statuses { ({s: statuses.count(s) for s in sorted(set(statuses))}) }"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(sys.argv[1]))
    else:
        command = [Path(sys.executable).with_name("leadtime"), "serve", "--port", "8399", "--per-minute", "10000000"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                time.sleep(3)
                asyncio.run(main("http://127.0.0.1:8399"))
            finally:
                server.terminate()
