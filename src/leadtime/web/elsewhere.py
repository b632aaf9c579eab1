"""What a page of another site may do: lead a reader here, who then opens the page; no more, and at nobody's expense."""

import html
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>You come from another site · leadtime</title>
<link rel="icon" href="data:,">
<style>
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1b1f24; --soft: #4d5560; --line: #d5dae0; --card: #f5f7f9; --link: #00635b;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --ink: #e8eaed; --soft: #b4bac2; --line: #363c45; --card: #1c2026; --link: #5fd0c5; }
}
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1rem; }
.kicker { color: var(--soft); margin: 0; }
h1 { font-size: clamp(1.6rem, 4.6vw, 2.4rem); line-height: 1.2; margin: .4rem 0 1rem; text-wrap: balance; }
a {
  display: inline-flex; align-items: center; min-height: 44px; padding: .5rem 1.2rem; font-weight: 600;
  color: var(--link); background: var(--card); border: 1px solid var(--line); border-radius: 6px;
}
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
</style>
</head>
<body>
<main>
<p class="kicker">leadtime · are the US export rules on AI chips working?</p>
<h1>You come from another site</h1>
<p>The page you were led to takes this server some work. It starts when you open the page yourself.</p>
<p><a href="THERE">Open this page</a></p>
</main>
</body>
</html>
"""


def whence(method: str, headers: Mapping[str, str]) -> Literal["here", "link", "other"]:
    """Return where a browser says a request comes from: here, a link that a reader follows from another site, or other
    use by one.

    Args:
        method: Of the request.
        headers: Its headers, by name in lower case.
    """
    site = headers.get("sec-fetch-site")
    if site is None:  # an older browser, or none
        said = headers.get("origin") or headers.get("referer")
        host = headers.get("host", "").lower()
        if said is None or (host and said.lower().partition("://")[2].partition("/")[0] == host):
            return "here"
        goes = "text/html" in headers.get("accept", "")
    elif site in ("same-origin", "none"):
        return "here"
    else:
        goes = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
    ahead = any(name in headers for name in ("sec-purpose", "purpose", "x-moz", "x-purpose"))
    return "link" if method == "GET" and goes and not ahead else "other"


def page(address: bytes) -> bytes:
    """Return the page for a reader who is led here.

    Args:
        address: Path and query, as they came; the link never leads to another host.
    """
    there = "/" + quote(address.lstrip(b"/\\"), safe="/?&=%:@!$'()*+,;~")
    return _PAGE.replace("THERE", html.escape(there)).encode()
