"""Processes that keep processors busy, as other jobs on a machine do; they end with the one that started them."""

import contextlib
import subprocess
import sys

#: Sums in plain Python, on one processor, until what started it closes the pipe.
WORK = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True:
    sum(range(100_000))
"""


@contextlib.contextmanager
def busy(n):
    """Keep `n` processes busy meanwhile."""
    started = [subprocess.Popen([sys.executable, "-c", WORK], stdin=subprocess.PIPE) for _ in range(n)]
    try:
        yield
    finally:
        for process in started:
            process.stdin.close()
        for process in started:
            process.wait(timeout=10)
