"""How long it takes in a browser from moving a slider of "What if?" to the chart that is drawn anew.

python benchmarks/slider.py [URL] [--moves 200] [--chromium PATH]     (default: starts a server of its own)

It needs playwright and Chromium. Each move waits for the redraw of the one before; what is measured ends with the
frame after the new chart stands in the page. With a path to a report's index.html in place of a URL, the page computes
itself.
"""

import argparse
import contextlib
import math
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

LEVERS = ("uptake", "diversion_cut", "offshore_cut", "open_ratio")
TARGET_MS = 300
#: Moves a slider to a part of its range; returns the milliseconds to the new words and to the new chart.
MOVE = """([lever, part]) => new Promise((done) => {
  const slider = document.querySelector(`[data-lever=${lever}] input[type=range]`), begun = performance.now();
  const chart = document.querySelector("#what-if-gap"), words = document.querySelector("[data-detail]");
  const times = {}, seen = new MutationObserver((changes) => {
    for (const { target } of changes) times[chart.contains(target) ? "chart" : "words"] ??= performance.now() - begun;
    if (times.chart === undefined) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done([times.words ?? times.chart, performance.now() - begun])));
  });
  for (const part of [chart, words]) seen.observe(part, { childList: true, characterData: true, subtree: true });
  const to = Number(slider.min) + part * (slider.max - slider.min);
  slider.value = Number(slider.value) === to ? slider.min : to;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


@contextlib.contextmanager
def served():
    """The address of a server of its own, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "leadtime", "serve", "--port", str(port), "--per-minute", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def ready(url, most_s=600):
    """Wait until the page is computed."""
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/what-if") as answer:
            if answer.status == 200 and b"what-if-gap" in answer.read():
                return
        time.sleep(1)
    raise SystemExit(f"{url}/what-if was not ready after {most_s} s")


def measured(address, moves, chromium):
    """Return the milliseconds to new words and to a new chart, a pair for each move."""
    from playwright.sync_api import sync_playwright

    rng = random.Random(0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.wait_for_selector(".slide:not([hidden])", state="attached")
        page.evaluate("() => { for (const group of document.querySelectorAll('details.group')) group.open = true; }")
        known = [x for x in LEVERS if page.locator(f"[data-lever={x}]").count()]
        page.evaluate(MOVE, [known[0], 0.5])  # what is loaded once is not measured
        found = [page.evaluate(MOVE, [rng.choice(known), rng.random()]) for _ in range(moves)]
        browser.close()
    return found


def say(name, values):
    """Print the middle, the 95th percentile and the longest; return the 95th percentile."""
    values = sorted(values)
    p95 = values[math.ceil(0.95 * len(values)) - 1]
    print(f"{name}: median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms, longest {values[-1]:.0f} ms")
    return p95


def main(argv=None):
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="", help="A server that runs, or a report's index.html.")
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    given = parser.parse_args(argv)
    with contextlib.ExitStack() as stack:
        if given.url.endswith(".html"):
            address = f"{Path(given.url).absolute().as_uri()}#what-if"
        else:
            url = given.url.rstrip("/") or stack.enter_context(served())
            ready(url)
            address = f"{url}/what-if"
        found = measured(address, given.moves, given.chromium)
    print(f"{len(found)} moves of a slider")
    say("to new words", [words for words, _ in found])
    p95 = say("to a new chart", [chart for _, chart in found])
    print(f"target: p95 under {TARGET_MS} ms, {'reached' if p95 < TARGET_MS else 'MISSED'}")


if __name__ == "__main__":
    main()
