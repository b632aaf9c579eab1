"""What several files of tests share."""

import os

import pytest

#: Files that take longest go first, so that at the end neither worker waits for the other.
LONGEST = (
    "test_web.py", "test_web_browser.py", "test_capability.py", "test_browser.py", "test_curve.py", "test_web_own.py", "test_web_jobs.py", "test_web_bounds.py",
    "test_security.py", "test_security_brought.py", "test_report.py", "test_docs.py", "test_docs_whole.py", "test_faults.py", "test_scenario.py", "test_schemas.py", "test_backtest.py",
)  # fmt: skip


def pytest_configure(config):
    """Have JAX compile each function once for all processes of the tests: servers, their workers, commands, and the next run."""
    kept = getattr(config, "cache", None)
    if kept is not None:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(kept.mkdir("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def pytest_collection_modifyitems(items):
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="module")
def web():
    """A server whose answers are quick, asked in this process."""
    from web_client import client

    with client(wait_seconds=300.0) as c:
        yield c


@pytest.fixture(scope="module")
def known(web):
    """A row of the built-in scores as a reader would bring it."""
    from web_client import API, own, row

    return own(row(web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()[0]))


@pytest.fixture
def light_pages(request, monkeypatch):
    """Pages without the sections of the report, which take half a minute a study: the slow tests attack the whole."""
    if "slow" not in request.keywords:
        from worker_side import light_page

        monkeypatch.setattr("leadtime.web.pages.filled", light_page)
