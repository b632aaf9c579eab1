"""The browser that tests look at pages with."""

import os
import shutil

import pytest

CHROMIUM = os.environ.get("LEADTIME_CHROMIUM", shutil.which("chromium", path="/usr/bin"))
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
#: Marks of what looks at pages in a browser.
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium: LEADTIME_CHROMIUM is empty, or not set and /usr/bin/chromium is missing"
    ),
    pytest.mark.filterwarnings("default"),
]
