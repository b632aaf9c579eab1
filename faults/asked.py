"""A server that is asked over HTTP."""

import json
import time
import urllib.error
import urllib.request
from typing import Any


def ask(url: str, body: Any = None) -> Any:
    """Return what a server answers, sent a body or not."""
    asked = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read())


def answers(url: str, seconds: float = 90) -> bool:
    """Return whether a server answers within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            ask(url)
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
        else:
            return True
    return False
