"""What axe finds on a page that is open in a browser."""

import pytest

#: What is closed is not shown, and axe leaves it out; the rows of a table after the first ten are like them. It counts
#: each cell.
TRIM = """() => {
  document.querySelectorAll('details:not([open]) > :not(summary)').forEach(e => e.remove());
  document.querySelectorAll('tbody').forEach(b => [...b.rows].slice(10).forEach(r => r.remove()));
}"""


def violations(page):
    """Return the id, the place and the words of each rule of axe that a page breaks; of the page, only what is looked
    at is left.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(TRIM)
    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"]) for v in found]
